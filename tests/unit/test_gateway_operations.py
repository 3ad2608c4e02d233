"""Running it: a reload under traffic, several keys of a provider, keys that expire and rotate, background jobs."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.config.config import read_config
from supercycle.gateway.door import background
from supercycle.gateway.door.reload import reload
from supercycle.gateway.door.server import serve, start
from supercycle.gateway.ledger import keys as keys_module
from supercycle.gateway.ledger.budgets import HOUR_US

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, CHAT, Mock, question, serving = kit.Behaviour, kit.CHAT, kit.Mock, kit.question, kit.serving

FILE = kit.HEAD + kit.ONE


def test_a_reload_takes_models_prices_and_routing_and_keeps_what_runs(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(FILE)

    async def go() -> None:
        hold = asyncio.Event()
        running = await start(read_config(path), mocks={"one": Mock()})
        try:
            _, key = await running.gateway.ledger.keys.issue("k")
            served = kit.Served(running, key, "")
            served.mock.behave(Behaviour(hold=hold))
            under_way = asyncio.create_task(served.ask())
            while not served.mock.calls:
                await asyncio.sleep(0.01)
            assert (await served.ask(CHAT, question(model="new"))).status == 404
            path.write_text(
                FILE + "  new: [{provider: one, model: new-model, price: {input: '7', output: '7'}}]\n"
                "routing: {attempts: 1}\n"
            )
            reply = await served.admin("POST", "/api/reload")
            assert reply.json == {"reloaded": "4 models, 1 providers"}
            new = await served.ask(CHAT, question(model="new"))
            assert (new.status, running.gateway.config.policy.attempts) == (200, 1)
            hold.set()
            assert (await under_way).status == 200
            rows = await served.attempts(2)
            rates = {u["kind"]: u["rate_pico"] for u in rows[1]["usage"]}
            assert rates["input"] == 7_000_000
            from supercycle.gateway.ledger.invariants import check

            assert await check(running.gateway.ledger.store) == []  # the new price's row is in the ledger
            # A file with a mistake changes nothing.
            path.write_text(FILE.replace("kind: mock", "knd: mock"))
            with pytest.raises(InputError, match=r"gateway\.yaml:7"):
                await reload(running.gateway.context)
            assert (await served.ask(CHAT, question(model="new"))).status == 200
        finally:
            await running.stop()

    asyncio.run(go())


def test_sighup_reloads_and_does_not_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "gateway.yaml"
    path.write_text(FILE)

    async def go() -> None:
        until = asyncio.Event()
        ready: list[Any] = []
        task = asyncio.create_task(serve(read_config(path), on_ready=ready.append, until=until))
        while not ready:
            await asyncio.sleep(0.01)
        path.write_text(FILE + "routing: {attempts: 7}\n")
        os.kill(os.getpid(), signal.SIGHUP)
        for _ in range(200):
            if ready[0].gateway.config.policy.attempts == 7:
                break
            await asyncio.sleep(0.01)
        assert ready[0].gateway.config.policy.attempts == 7
        path.write_text("nonsense: [")
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.1)
        assert not task.done()
        until.set()
        await task

    asyncio.run(go())


def test_several_keys_of_a_provider_take_turns_and_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in "ABC":
        monkeypatch.setenv(f"KEY_{n}", f"secret-{n}")
    text = kit.ONE.replace("{kind: mock}", "{kind: mock, auth: bearer, keys: [$KEY_A, $KEY_B, $KEY_C]}")

    async def go() -> None:
        async with serving(tmp_path, text, one=Mock(record=True)) as served:

            def used() -> list[str]:
                found = [seen.headers["authorization"][-1] for seen in served.mock.seen]
                served.mock.seen.clear()
                return found

            for _ in range(4):
                assert (await served.ask()).status == 200
            assert used() == ["A", "B", "C", "A"]
            # B is throttled: the call goes on with C, the target itself is not at rest, and B has a pause.
            served.mock.behave(Behaviour(status=429, headers=((b"retry-after", b"60"),)))
            assert (await served.ask()).status == 200
            for _ in range(3):
                await served.ask()
            assert used() == ["B", "C", "A", "C", "A"]
            health = served.running.gateway.router.states()["one/mock-small"]
            assert not health.resting(served.running.gateway.context.clock())
            # A refused key rests too; none of the keys is ever shown.
            served.mock.behave(Behaviour(status=401, body=b'{"error":{"message":"bad key secret-C"}}'))
            reply = await served.ask()
            assert reply.status == 200
            assert b"secret" not in reply.body

    asyncio.run(go())


def test_a_key_expires_and_a_rotated_one_goes_on_for_its_grace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            ledger = served.ledger
            _, brief = await ledger.keys.issue("brief", days=0.5)
            assert (await served.ask(key=brief)).status == 200
            fresh = await ledger.keys.rotate(served.key_id, grace_hours=2)
            assert fresh != served.key
            assert [(await served.ask(key=key)).status for key in (fresh, served.key)] == [200, 200]
            rows = await served.booked(3)
            assert {r["key_id"] for r in rows[1:]} == {served.key_id}  # the same key, the same accounts
            now = keys_module.now_us()
            monkeypatch.setattr(keys_module, "now_us", lambda: now + 3 * HOUR_US)
            ledger.keys._fresh.clear()
            assert [(await served.ask(key=key)).status for key in (fresh, served.key, brief)] == [
                200,
                401,
                200,
            ]
            monkeypatch.setattr(keys_module, "now_us", lambda: now + 13 * HOUR_US)
            ledger.keys._fresh.clear()
            assert [(await served.ask(key=key)).status for key in (fresh, brief)] == [200, 401]
            rotated = await served.admin("POST", f"/api/keys/{served.key_id}/rotate", {"grace_hours": 0})
            assert (await served.ask(key=fresh)).status == 401
            assert (await served.ask(key=rotated.json["secret"])).status == 200

    asyncio.run(go())


def test_another_master_key_is_refused_at_start(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            assert (await served.ask()).status == 200
        (tmp_path / "ledger" / "master.key").write_text("ab" * 32)
        with pytest.raises(EnvironmentProblem, match="made with another master key"):
            async with serving(tmp_path):
                pass

    asyncio.run(go())


def test_alerts_are_posted_to_the_webhook_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.gateway.door import webhook

    monkeypatch.setattr(webhook, "_PAUSE_S", 0.01)
    got: list[dict[str, Any]] = []
    statuses = [503, 200]

    async def receive(body: Any, writer: asyncio.StreamWriter) -> None:
        got.append(body)
        status = statuses.pop(0) if statuses else 200
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n" % status)

    async def go() -> None:
        async with kit.upstream(receive) as port:
            head = kit.HEAD + f"alerts: {{webhook: 'http://127.0.0.1:{port}/hook'}}\n"
            async with serving(tmp_path, head=head) as served:
                await asyncio.sleep(0.05)
                await served.ledger.set_budget("project:p", 10**9, "total", alert_shares=(0.001,))
                assert (await served.ask(CHAT, question(max_tokens=100))).status == 200
                for _ in range(200):
                    if len(got) == 2:
                        break
                    await asyncio.sleep(0.02)
                assert got[0] == got[1]  # the first was answered with 503
                assert got[0]["account"] == "project:p"
                assert got[0]["text"] == "project:p has spent 0 % of its budget of 0.001 USD (total)"

    asyncio.run(go())
    with pytest.raises(InputError, match=r"gateway\.yaml:2.*https://"):
        kit.config_of(
            kit.read_yaml("alerts:\n  webhook: secret\nproviders: {one: {kind: mock}}\n", "gateway.yaml"),
            tmp_path,
        )


class Jobs:
    """A provider of Responses that works in the background: queued at first, done at the third look."""

    def __init__(self) -> None:
        self.looks = 0
        self.cancelled = False
        self.calls = 0
        self.seen: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        while (await receive()).get("more_body"):
            pass
        answer: dict[str, Any] = {"id": "resp_1", "object": "response", "model": "mock-small", "output": []}
        if scope["path"].endswith("/cancel"):
            self.cancelled = True
        if scope["method"] == "GET":
            self.looks += 1
        over = self.looks >= 3 or self.cancelled
        answer["status"] = "completed" if over else "queued"
        if over:
            answer["usage"] = {"input_tokens": 40, "output_tokens": 60}
        body = json.dumps(answer).encode()
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("how", ["left alone", "cancelled"])
def test_a_background_job_is_booked_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(background, "FIRST_S", 0.05)
    monkeypatch.setattr(background, "LONGEST_S", 0.05)

    async def go() -> None:
        async with serving(tmp_path, one=Jobs()) as served:
            await served.ledger.set_budget("project:p", 10**12, "total")
            body = {"model": "mock-small", "input": "Hello", "background": True, "max_output_tokens": 80}
            queued = await served.ask("/v1/responses", body)
            assert queued.json["status"] == "queued"
            (budget,) = await served.ledger.budgets()
            assert budget["spent"] == 0
            assert budget["reserved"] > 0  # kept while the job runs
            _, stranger = await served.ledger.keys.issue("stranger")
            head = {"authorization": f"Bearer {stranger}"}
            foreign = await kit.raw(served.port, "/v1/responses/resp_1", None, head, method="GET")
            assert foreign.status == 404
            own = {"authorization": f"Bearer {served.key}"}
            if how == "cancelled":
                done = await kit.raw(served.port, "/v1/responses/resp_1/cancel", None, own)
            else:
                done = await kit.raw(served.port, "/v1/responses/resp_1", None, own, method="GET")
            assert done.json["id"] == "resp_1"
            (row,) = await served.attempts()
            # 40 x 0.1 + 60 x 0.4 USD a million.
            assert (row["state"], row["cost_pico"]) == ("settled", 40 * 100_000 + 60 * 400_000)
            (budget,) = await served.ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (row["cost_pico"], 0)

    asyncio.run(go())

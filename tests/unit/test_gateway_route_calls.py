"""Budgets, retries, fallbacks, disconnects, limits and repeated keys, through the whole server."""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from supercycle.gateway.speech.bounds import TEMPLATE_TOKENS

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, CHAT, Mock, raw, serving, question = (
    kit.Behaviour, kit.CHAT, kit.Mock, kit.raw, kit.serving, kit.question
)  # fmt: skip

TWO = """
providers:
  one: {kind: mock}
  two: {kind: mock}
models:
  both:
    - {provider: one, model: mock-small, max_output_tokens: 100}
    - {provider: two, model: mock-large, max_output_tokens: 100}
"""
ROUTES = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 50},
    "/v1/messages": {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 50},
    "/v1/responses": {"input": "Hello", "max_output_tokens": 50},
    "/v1/embeddings": {"input": "Hello"},
}


async def sound(served: Any) -> None:
    """Every reserve released, the books add up."""
    from supercycle.gateway.ledger.invariants import check

    for _ in range(100):  # an answer is sent before its settlement is committed
        open_ = await served.ledger.reads.in_flight()
        if not open_["attempts"]:
            break
        await asyncio.sleep(0.02)
    assert open_ == {"attempts": 0, "reserved": 0}
    assert await check(served.ledger.store) == []


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_sixty_four_at_once_with_a_budget_for_ten_make_ten_calls(tmp_path: Path, stream: bool) -> None:
    async def go() -> None:
        hold = asyncio.Event()
        async with serving(tmp_path, one=Mock(usual=Behaviour(hold=hold))) as served:
            body = question(max_tokens=50, stream=stream)
            # The most a call can cost: every byte of its body a token of input, the template, 50 tokens of output.
            most = (len(kit.json.dumps(body)) + TEMPLATE_TOKENS) * 100_000 + 50 * 400_000
            await served.ledger.set_budget("project:p", 10 * most + most // 2, "month")
            calls = [asyncio.create_task(served.ask(CHAT, body)) for _ in range(64)]
            while sum(task.done() for task in calls) < 54 or served.mock.calls < 10:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)  # an eleventh would show
            assert served.mock.calls == 10
            hold.set()
            replies = await asyncio.gather(*calls)
            assert sorted(r.status for r in replies) == [200] * 10 + [429] * 54
            refused = next(r for r in replies if r.status == 429)
            assert (refused.code, refused.json["error"]["type"]) == ("budget_exceeded", "insufficient_quota")
            assert refused.headers["x-should-retry"] == "false"
            assert served.mock.calls == 10
            rows = await served.attempts(10)
            assert {r["state"] for r in rows} == {"settled"}
            (budget,) = await served.ledger.budgets()
            assert budget["spent"] == sum(r["cost_pico"] for r in rows)
            await sound(served)

    asyncio.run(go())


def test_a_practical_bound_reserves_by_what_was_seen_and_a_strict_one_by_bytes(tmp_path: Path) -> None:
    """A long text reserves 4 times less once fifty calls taught the ratio; it is no proof, and off unless asked for."""

    async def reserve(folder: Path, head: str) -> int:
        async with serving(folder, head=head) as served:
            for n in range(50):
                # The mock counts bytes / 4; the envelope is the same each time.
                assert (await served.ask(CHAT, question("word " * 40 + str(n), max_tokens=5))).status == 200
            await served.ask(CHAT, question("word " * 20_000, max_tokens=5))
            rows = await served.attempts(51)
            return rows[-1]["reserve_pico"]

    async def go() -> None:
        strict = await reserve(tmp_path / "a", kit.HEAD)
        practical = await reserve(tmp_path / "b", kit.HEAD + "bounds: {text: practical}\n")
        text = 5 * 20_000
        assert strict > text * 100_000  # a token a byte
        assert text / 5 * 100_000 < practical < text / 3 * 100_000

    asyncio.run(go())


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_obeys_every_account_of_the_path(tmp_path: Path, path: str) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            model = "mock-embed" if "embed" in path else "mock-small"
            body = {"model": model, **ROUTES[path]}
            for account in (f"key:{served.key_id}", "project:p", "org:o", "provider:one"):
                await served.ledger.set_budget(account, 100, "total")
                refused = await served.ask(path, body)
                assert refused.status == 429
                assert account in refused.json["error"]["message"]
                await served.ledger.remove_budget(account, "total")
            assert served.mock.calls == 0
            assert (await served.ask(path, body)).status == 200
            # An unknown model has no upper bound, so a budgeted path refuses it; without a budget it is unpriced.
            free = await served.ask(path, {**body, "model": "one/unheard-of"})
            assert (free.status, free.headers["x-cost-usd"]) == (200, "unpriced")
            await served.ledger.set_budget("org:o", 10**15, "total")
            unpriced = await served.ask(path, {**body, "model": "one/unheard-of"})
            assert unpriced.status == 400
            assert "not in the price book" in unpriced.json["error"]["message"]
            assert (await served.ask(path, body)).status == 200
            assert [r["cost_pico"] is None for r in await served.attempts(3)] == [False, True, False]
            await sound(served)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("fault", "stream"),
    [
        *((fault, stream) for fault in ("status", "refused", "silent") for stream in (False, True)),
        ("reset", True),
        ("error event", True),
    ],
)
def test_a_failure_before_the_first_byte_goes_to_the_next(tmp_path: Path, fault: str, stream: bool) -> None:
    faults = {
        "status": (Behaviour(status=503), "void"),
        "refused": (Behaviour(status=401), "void"),
        "reset": (Behaviour(reset_after=0, events=()), "estimated"),
        "error event": (Behaviour(events=(b'data: {"error":{"message":"overloaded"}}\n\n',)), "void"),
        "silent": (Behaviour(first_token_s=3), "estimated"),
    }
    how, state = faults[fault]
    text = TWO.replace("{kind: mock}", "{kind: mock, first_byte_s: 0.2}", 1)

    async def go() -> None:
        async with serving(tmp_path, text) as served:
            served.mock.behave(how)
            reply = await served.ask(CHAT, question(model="both", stream=stream))
            assert (reply.status, reply.whole) == (200, True)
            assert reply.headers["x-supercycle-target"] == "two/mock-large"
            rows = await served.attempts()
            assert [(r["n"], r["provider"], r["state"]) for r in rows] == [
                (1, "one", state),
                (2, "two", "settled"),
            ]
            assert (rows[0]["cost_pico"] > 0) == (state == "estimated")
            assert served.running.mocks["two"].seen == []
            await sound(served)

    asyncio.run(go())


def test_a_client_error_is_not_tried_elsewhere(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, TWO) as served:
            served.mock.behave(Behaviour(status=400))
            reply = await served.ask(CHAT, question(model="both"))
            assert reply.json["error"]["message"] == "the mock was told to say 400"
            assert served.running.mocks["two"].calls == 0
            assert served.running.gateway.router.states()["one/mock-small"].bodies == {}

    asyncio.run(go())


def test_a_fallback_beyond_the_budget_is_not_made(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, TWO) as served:
            body = question(model="both", max_tokens=50)
            small = (
                len(kit.json.dumps(body)) + TEMPLATE_TOKENS
            ) * 100_000 + 50 * 400_000  # its bound at the first target; ~25x at the second
            await served.ledger.set_budget("org:o", small * 2, "month")
            served.mock.behave(Behaviour(status=500))
            reply = await served.ask(CHAT, body)
            assert reply.status == 500
            assert served.running.mocks["two"].calls == 0
            assert [r["state"] for r in await served.attempts()] == ["void"]
            again = await served.ask(CHAT, body, idempotency_key="k")
            assert again.status == 200
            await sound(served)

    asyncio.run(go())


def test_a_circuit_opens_and_closes(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, TWO) as served:
            router = served.running.gateway.router
            now = [100.0]
            router._clock = served.running.gateway.context.clock = lambda: now[0]
            served.mock.usual = Behaviour(status=500)
            _, other = await served.ledger.keys.issue("other")
            health = router.health(served.running.gateway.config.models["both"].targets[0])

            def first(n: int) -> dict[str, Any]:
                return question(f"question {n}", model="both", provider={"sort": "price"})

            # One caller, and one body of another, cannot open it: it is only tried later than the others.
            for n in range(10):
                assert (await served.ask(CHAT, first(n))).status == 200
            assert (served.mock.calls, health.state(now[0])) == (10, "closed")
            assert (await served.ask(CHAT, first(10), key=other)).status == 200
            assert health.state(now[0]) == "open"
            await served.ask(CHAT, first(11))
            assert served.mock.calls == 11  # open: others come first
            # The last target is asked all the same, and its own answer is what the caller gets.
            alone = await served.ask(
                CHAT, question("alone", model="both", provider={"only": ["one"]}), key=other
            )
            assert (alone.status, served.mock.calls) == (500, 12)
            served.mock.usual = Behaviour()
            now[0] += 11
            assert (await served.ask(CHAT, first(12))).status == 200
            assert served.mock.calls == 13  # the probe succeeded
            assert health.state(now[0]) == "closed"

    asyncio.run(go())


@pytest.mark.parametrize("policy", ["drain", "cancel-estimate", "cancel-free"])
@pytest.mark.parametrize("when", ["before", "during"])
def test_a_client_that_leaves(tmp_path: Path, policy: str, when: str) -> None:
    text = kit.ONE.replace("{kind: mock}", f"{{kind: mock, disconnect: {policy}}}")

    async def go() -> None:
        slow = Behaviour(tokens=20, tokens_per_s=100, first_token_s=0.2 if when == "before" else 0)
        async with serving(tmp_path, text, one=Mock(usual=slow)) as served:
            body = question(stream=True, max_tokens=20)
            if when == "during":
                left = await raw(
                    served.port, CHAT, body, {"authorization": f"Bearer {served.key}"}, leave_after=300
                )
                assert 0 < left.body.count(b"data:") < 15
            else:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(served.ask(CHAT, body), 0.1)
            (row,) = await served.attempts()
            counts = {u["kind"]: u["count"] for u in row["usage"]}
            if policy == "drain":
                assert row["state"] == "settled"
                assert counts["output"] == 20
            elif policy == "cancel-estimate":
                assert row["state"] == "estimated"
                assert counts.get("output", 0) < 20
                assert row["cost_pico"] > 0
            else:
                assert (row["state"], row["cost_pico"]) == ("void", 0)
            for _ in range(100):
                if not served.mock.open:
                    break
                await asyncio.sleep(0.01)
            if when == "during":
                assert served.mock.cut == (0 if policy == "drain" else 1)
            await sound(served)

    asyncio.run(go())


def test_draining_ends(tmp_path: Path) -> None:
    text = kit.ONE.replace("{kind: mock}", "{kind: mock, drain_s: 0.2}")

    async def go() -> None:
        slow = Behaviour(tokens=1000, tokens_per_s=100)
        async with serving(tmp_path, text, one=Mock(usual=slow)) as served:
            await raw(
                served.port,
                CHAT,
                question(stream=True),
                {"authorization": f"Bearer {served.key}"},
                leave_after=300,
            )
            (row,) = await served.attempts()
            assert row["state"] == "estimated"
            assert 5 < {u["kind"]: u["count"] for u in row["usage"]}["output"] < 200

    asyncio.run(go())


@pytest.mark.parametrize("stream", [False, True], ids=["plain", "stream"])
def test_a_repeated_idempotency_key_is_called_and_charged_once(tmp_path: Path, stream: bool) -> None:
    async def go() -> None:
        hold = asyncio.Event()
        async with serving(tmp_path, one=Mock(usual=Behaviour(hold=hold))) as served:
            body = question(stream=stream)
            first = asyncio.create_task(served.ask(CHAT, body, idempotency_key="order-1"))
            while not served.mock.calls:
                await asyncio.sleep(0.01)
            running = await served.ask(CHAT, body, idempotency_key="order-1")
            assert (running.status, running.code) == (409, "idempotency_key_in_use")
            assert "retry-after" in running.headers
            hold.set()
            done = await first
            await served.booked(1)
            again = await served.ask(CHAT, body, idempotency_key="order-1")
            assert (again.status, again.body) == (200, done.body)
            assert again.headers["content-type"] == done.headers["content-type"]
            assert (again.headers["x-cost-usd"], again.headers["x-supercycle-cache"]) == ("0", "idempotent")
            assert again.headers["x-first-request-id"] == done.headers["x-request-id"]
            other = await served.ask(CHAT, question("Other", stream=stream), idempotency_key="order-1")
            assert (other.status, other.code) == (422, "idempotency_key_reused")
            # The same word of another key is another key.
            _, second = await served.ledger.keys.issue("second")
            assert (await served.ask(CHAT, body, key=second, idempotency_key="order-1")).status == 200
            assert served.mock.calls == 2
            served.running.gateway.replies._held.clear()
            gone = await served.ask(CHAT, body, idempotency_key="order-1")
            assert (gone.status, gone.code) == (409, "idempotency_key_done")
            assert done.headers["x-request-id"] in gone.json["error"]["message"]
            assert len(await served.attempts(2)) == 2
            served.mock.behave(Behaviour(status=400))
            failed = await served.ask(CHAT, body, idempotency_key="order-2")
            told = await served.ask(CHAT, body, idempotency_key="order-2")
            assert (told.status, told.body, served.mock.calls) == (400, failed.body, 3)
            await sound(served)

    asyncio.run(go())


def test_the_exact_cache(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path, kit.ONE + "cache: {ttl_s: 60}\n") as served:
            for body in (question(), question(stream=True)):
                first = await served.ask(CHAT, body)
                second = await served.ask(CHAT, body)
                assert second.body == first.body
                assert (second.headers["x-supercycle-cache"], second.headers["x-cost-usd"]) == ("hit", "0")
            assert served.mock.calls == 2
            await served.ask(CHAT, question(), cache_control="no-cache")
            assert served.mock.calls == 3
            # Another organisation's key does not see it.
            _, stranger = await served.ledger.keys.issue("stranger", org="x")
            await served.ask(CHAT, question(), key=stranger)
            assert served.mock.calls == 4
            served.mock.behave(Behaviour(status=400))
            await served.ask(CHAT, question("Bad"))
            assert (await served.ask(CHAT, question("Bad"))).status == 200  # an error is not kept
            rows = await served.booked(8)
            assert sum(not row["attempts"] for row in rows) == 2

    asyncio.run(go())


def test_limits_of_a_key(tmp_path: Path) -> None:
    async def go() -> None:
        hold = asyncio.Event()
        async with serving(tmp_path) as served:
            issue = served.ledger.keys.issue
            _, rpm = await issue("rpm", rpm=2)
            replies = [await served.ask(CHAT, question(), key=rpm) for _ in range(3)]
            assert [r.status for r in replies] == [200, 200, 429]
            assert replies[2].code == "rate_limit_exceeded"
            assert 1 <= int(replies[2].headers["retry-after"]) <= 31
            _, tpm = await issue("tpm", tpm=400)
            # About 20 tokens in and 300 out are expected of the first; what it used is known when it is over.
            assert [(await served.ask(CHAT, question(), key=tpm)).status for _ in range(3)] == [200, 200, 200]
            assert (await served.ask(CHAT, question("x" * 4000), key=tpm)).status == 429
            _, two = await issue("two", concurrency=2)
            served.mock.usual = Behaviour(hold=hold)
            calls = [asyncio.create_task(served.ask(CHAT, question(), key=two)) for _ in range(4)]
            while sum(task.done() for task in calls) < 2:
                await asyncio.sleep(0.01)
            hold.set()
            assert sorted([(await task).status for task in calls]) == [200, 200, 429, 429]
            _, few = await issue("few", models=["mock-l*"])
            assert (await served.ask(CHAT, question(), key=few)).status == 404
            assert (await served.ask(CHAT, question(model="mock-large"), key=few)).status == 200
            listed = await raw(served.port, "/v1/models", None, {"x-api-key": few}, method="GET")
            assert [m["id"] for m in listed.json["data"]] == ["mock-large"]

    asyncio.run(go())


def test_a_call_under_way_when_the_server_stops_is_booked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.gateway.door import server
    from supercycle.gateway.ledger.ledger import open_ledger

    monkeypatch.setattr(server, "_PATIENCE_S", 0.2)

    async def go() -> None:
        async with serving(tmp_path, one=Mock(usual=Behaviour(tokens_per_s=1))) as served:
            call = asyncio.create_task(served.ask())
            while not served.mock.calls:
                await asyncio.sleep(0.01)
        assert ((await call).status, (await call).code) == (503, "stopping")
        ledger = await open_ledger(tmp_path / "ledger", server=False)
        (row,) = (await ledger.reads.requests(10))[0]["attempts"]
        assert row["state"] == "estimated"
        await ledger.close()

    asyncio.run(go())


def test_tags_and_decisions_are_booked(tmp_path: Path) -> None:
    async def go() -> None:
        from supercycle.gateway.routes.route import order_of

        async with serving(tmp_path, TWO) as served:
            await served.ask(CHAT, question(model="both"), x_supercycle_tags="team=search, job=nightly")
            (row,) = await served.booked(1)
            assert row["tags"] == {"team": "search", "job": "nightly"}
            record = kit.json.loads(row["decision"])
            assert order_of(record) == ["one/mock-small", "two/mock-large"]
            record["candidates"][0]["cost_usd"] = 1.0
            assert order_of(record) == ["two/mock-large", "one/mock-small"]
            metrics = await served.admin("GET", "/metrics")
            assert (
                b'supercycle_attempts_total{provider="one",model="mock-small",outcome="settled"} 1'
                in metrics.body
            )
            assert b'gen_ai_provider_name="one"' in metrics.body

    asyncio.run(go())


def test_two_instances_on_one_database_share_a_budget(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path))
    head = kit.HEAD.replace("store: ledger", f"store: {postgres}")

    async def go() -> None:
        hold = asyncio.Event()
        one, two = (Mock(usual=Behaviour(hold=hold)) for _ in range(2))
        async with (
            serving(tmp_path, head=head, one=one) as first,
            serving(tmp_path, head=head, one=two) as second,
        ):
            body = question(max_tokens=50)
            most = (len(kit.json.dumps(body)) + TEMPLATE_TOKENS) * 100_000 + 50 * 400_000
            await first.ledger.set_budget("org:o", 10 * most, "month")
            calls = [asyncio.create_task((first, second)[n % 2].ask(CHAT, body)) for n in range(64)]
            while sum(task.done() for task in calls) < 54 or first.mock.calls + second.mock.calls < 10:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            hold.set()
            statuses = sorted([(await task).status for task in calls])
            assert statuses == [200] * 10 + [429] * 54
            assert first.mock.calls + second.mock.calls == 10
            await sound(first)

    asyncio.run(go())

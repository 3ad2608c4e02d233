"""What must not get out, what must not get in, and who may ask for what."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import importlib
import logging
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem
from supercycle.gateway.config.config import config_of, read_config
from supercycle.gateway.config.yaml_lines import read_yaml

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, CHAT, Mock, raw, serving, question = (
    kit.Behaviour, kit.CHAT, kit.Mock, kit.raw, kit.serving, kit.question
)  # fmt: skip
SECRET = "sk-upstream-0123456789abcdefghijklmnopqrstuvwxyz"
KEYED = kit.ONE.replace("{kind: mock}", "{kind: mock, auth: bearer, key: $TEST_UPSTREAM_KEY}")


def test_keys_and_secrets_stay_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_UPSTREAM_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    shown: list[str] = []

    async def go() -> str:
        leak = b'{"error":{"message":"Incorrect API key provided: %s"}}' % SECRET.encode()
        async with serving(tmp_path, KEYED, one=Mock(record=True)) as served:
            packed = Behaviour(
                status=400, body=gzip.compress(leak), headers=((b"content-encoding", b"gzip"),)
            )
            refusals = (Behaviour(status=400, body=leak), packed, Behaviour(status=401, body=leak))
            for how in (Behaviour(), *refusals):
                for dialect in (CHAT, "/v1/messages"):
                    served.mock.behave(how)
                    reply = await served.ask(dialect, question(max_tokens=5), accept_encoding="gzip")
                    assert reply.headers.get("content-encoding") is None
                    seen.append(reply.body + repr(reply.headers).encode())
            headers = served.mock.seen[0].headers
            assert headers["authorization"] == f"Bearer {SECRET}"
            assert served.key not in repr(headers) + repr(served.mock.seen)
            for path in ("/metrics", "/api/keys", "/api/providers", "/api/budgets", "/healthz"):
                reply = await served.admin("GET", path)
                assert reply.status == 200, path
                seen.append(reply.body)
            shown.extend(
                [
                    repr(served.running),
                    repr(served.running.gateway.upstream),
                    repr(served.running.gateway.config),
                ]
            )
            assert served.running.admin_token not in repr(served.running)
            return served.key

    key = asyncio.run(go())
    stored = [path.read_bytes() for path in (tmp_path / "ledger").iterdir() if path.is_file()]
    assert len(stored) >= 2
    for secret in (SECRET, key):
        assert secret not in caplog.text
        assert not any(secret.encode() in piece for piece in [*seen, *stored])
        assert not any(secret in piece for piece in shown)
    assert SECRET[:12].encode() not in b"".join(seen)  # nor a part of it
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "ledger").iterdir())


HOSTILE = [
    "'; DROP TABLE request; --",
    '" OR 1=1 --',
    "$1",
    "%s",
    "\\",
    "a\u2028b",
    "x" * 150,
    "../../etc/passwd",
    "{{7*7}}",
]


def test_metacharacters_are_text(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            for text in HOSTILE:
                stranger = await served.ask(CHAT, question(), key=text.encode().decode("latin-1"))
                assert stranger.status == 401
                unknown = await served.ask(CHAT, question(model=text))
                assert unknown.status in (400, 404)
                plain = text.encode("ascii", "replace").decode()
                reply = await served.ask(
                    CHAT, question(text, model="one/" + plain, user=text), idempotency_key=plain,
                    x_supercycle_tags=f"t={plain[:60].replace(',', '.')}",
                )  # fmt: skip
                assert reply.status == 200
                assert (
                    await served.admin("DELETE", f"/api/keys/{plain.replace(' ', '%20')[:40]}")
                ).status in (400, 404)
                refused = await served.admin("PUT", "/api/budgets", {"account": text, "limit_usd": "1"})
                assert refused.status == 400
            rows = await served.booked(len(HOSTILE))
            assert rows[0]["tags"]["t"].startswith("'; DROP TABLE")
            assert b"49" not in (await served.ask(CHAT, question(model="{{7*7}}"))).body

    asyncio.run(go())


@pytest.mark.parametrize(
    "path",
    [
        "//v1/chat/completions", "/v1//chat/completions", "/v1/chat/completions/", "/V1/chat/completions",
        "/v1/./chat/completions", "/v1/x/../chat/completions", "/v1%2Fchat/completions", "/v1/chat/completion%73",
        "/v1/chat/completions;x=1", "/api/keys", "/api/budgets", "/api/providers", "/metrics", "/login", "/",
        "/api/dashboard/overview", "/v1/models/../../api/keys", "http://127.0.0.1/api/keys",
    ],
)  # fmt: skip
def test_the_public_port_knows_its_routes_only(served_once: Any, path: str) -> None:
    loop, served = served_once
    for method in ("POST", "GET"):
        token = served.running.admin_token
        shown = {"authorization": f"Bearer {token}"}
        reply = loop.run_until_complete(raw(served.port, path, question(), shown, method=method))
        assert reply.status == 404, reply.body


def test_what_else_the_public_port_refuses(served_once: Any) -> None:
    loop, served = served_once

    def ask(*given: Any, **more: Any) -> Any:
        return loop.run_until_complete(raw(served.port, *given, **more))

    key = {"authorization": f"Bearer {served.key}"}
    assert ask(CHAT, None, key, method="GET").status == 405
    assert ask(CHAT, question()).status == 401
    assert ask(CHAT, question(), {"authorization": f"Basic {served.key}"}).status == 401
    assert ask(CHAT, question(), {"authorization": f"Bearer {served.key}x"}).status == 401
    assert ask(CHAT, question(), {"authorization": "Bearer " + "x" * 10_000}).status == 401
    assert ask(f"{CHAT}?key={served.key}", question()).status == 401
    assert ask(CHAT, question(), {**key, "content-encoding": "gzip"}).status == 415
    assert ask(CHAT, b"[" * 100_000, key).status == 400
    assert ask(CHAT, b'{"model":"mock-small","messages":[],"max_tokens":1e999}', key).status == 400
    assert ask(CHAT, question(), {**key, "idempotency-key": "x" * 300}).status == 400
    assert ask(CHAT, question(), {**key, "x-supercycle-tags": "novalue"}).status == 400
    assert (
        ask(CHAT, question(), {**key, "x-supercycle-tags": ",".join(f"a{i}=1" for i in range(11))}).status
        == 400
    )
    # The name it is called by, the address it is sent for and what a proxy claims change nothing.
    for host in ("evil.example", "127.0.0.1:1", "metadata.google.internal"):
        assert (
            ask(
                CHAT, question(), {**key, "x-forwarded-host": "x", "x-forwarded-for": "::1"}, host=host
            ).status
            == 200
        )
    # A header may not smuggle another one.
    assert ask(CHAT, question(), {**key, "x-supercycle-tags": "a=b\rX: y"}).status == 400


@pytest.fixture(scope="module")
def served_once(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One gateway for the tests that leave nothing behind."""
    loop = asyncio.new_event_loop()
    manager = serving(tmp_path_factory.mktemp("gateway"))
    yield loop, loop.run_until_complete(manager.__aenter__())
    loop.run_until_complete(manager.__aexit__(None, None, None))
    loop.close()


def test_the_admin_port_wants_its_name_its_origin_and_a_right(served_once: Any) -> None:
    loop, served = served_once
    port, token = served.admin_port, served.running.admin_token
    right = {"authorization": f"Bearer {token}"}

    def ask(path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return loop.run_until_complete(
            raw(port, path, more.pop("body", None), headers, **{"method": "GET", **more})
        )

    for path in (
        "/",
        "/api/keys",
        "/api/budgets",
        "/api/providers",
        "/api/dashboard/overview",
        "/assets/app.js",
    ):
        assert ask(path).status == 401
        assert (
            ask(path, {"authorization": f"Bearer {served.key}"}).status == 401
        )  # a caller's key is not an admin's
        assert ask(path, right).status == 200
        assert ask(path, right, host=f"evil.example:{port}").status == 421
        assert ask(path, {**right, "origin": "http://evil.example"}).status == 403
        assert ask(path, right, host=f"localhost:{port}").status == 200
    assert ask("/login?token=wrong").status == 401
    assert ask("/login").status == 401
    entered = ask(f"/login?token={token}")
    assert entered.status == 303
    cookie = entered.headers["set-cookie"].split(";")[0]
    assert "httponly" in entered.headers["set-cookie"].lower()
    assert "samesite=strict" in entered.headers["set-cookie"].lower()
    assert token not in cookie
    assert ask("/api/keys", {"cookie": cookie}).status == 200
    assert ask("/api/keys", {"cookie": cookie + "x"}).status == 401
    # A page elsewhere cannot use the session even if a browser sent it along.
    forged = {"cookie": cookie, "origin": "http://evil.example"}
    assert ask("/api/keys", forged, method="POST", body={"name": "forged"}).status == 403
    made = ask("/api/keys", right, method="POST", body={"name": "ops", "scopes": ["admin"]})
    assert ask("/api/keys", {"authorization": f"Bearer {made.json['secret']}"}).status == 200
    refused = loop.run_until_complete(served.ask(CHAT, question(), key=made.json["secret"]))
    assert refused.status == 403  # an admin's key is not a caller's
    for bad in (
        {"name": 1},
        {"name": "x", "scope": ["root"]},
        {"name": "x", "scopes": ["root"]},
        {"name": "x", "rpm": -1},
    ):
        assert ask("/api/keys", right, method="POST", body=bad).status == 400
    assert ask("/api/keys", right, method="POST", body=b"x" * 100_000).status == 413


@pytest.mark.parametrize("by", ["admin", "another process"])
def test_a_revoked_key_stops_within_a_second(tmp_path: Path, by: str) -> None:
    async def go() -> None:
        from supercycle.gateway.ledger.ledger import open_ledger

        async with serving(tmp_path) as served:
            assert (await served.ask()).status == 200
            if by == "admin":
                assert (await served.admin("DELETE", f"/api/keys/{served.key_id}")).status == 200
            else:
                other = await open_ledger(tmp_path / "ledger", server=False)
                await other.keys.revoke(served.key_id)
                await other.close()
            begun = asyncio.get_running_loop().time()
            while (await served.ask()).status == 200:
                assert asyncio.get_running_loop().time() - begun < 1.0
                await asyncio.sleep(0.02)

    asyncio.run(go())


def test_nothing_is_called_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_UPSTREAM_KEY", SECRET)
    called: list[Any] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda self, *given: called.append(given))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: called.append(given) or [])
    text = """
providers:
  openai: {key: $TEST_UPSTREAM_KEY}
  anthropic: {key: $TEST_UPSTREAM_KEY}
models:
  gpt: [openai/gpt-5-mini]
"""

    async def go() -> None:
        async with serving(tmp_path, text):
            await asyncio.sleep(0.2)

    asyncio.run(go())
    assert called == []


def test_what_is_sent_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.gateway.door import listener

    async def go() -> None:
        async with serving(tmp_path, kit.ONE + "bounds: {body_bytes: 5000, answer_bytes: 20000}\n") as served:
            large = await served.ask(CHAT, question("x" * 6000))
            assert (large.status, large.code) == (413, "body_too_large")
            key = {
                "authorization": f"Bearer {served.key}",
                "transfer-encoding": "chunked",
                "content-length": "",
            }
            del key["content-length"]
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            lines = [f"POST {CHAT} HTTP/1.1", "host: x", *(f"{k}: {v}" for k, v in key.items()), "", ""]
            writer.write("\r\n".join(lines).encode())
            for _ in range(8):
                writer.write(b"3e8\r\n" + b" " * 1000 + b"\r\n")
            assert b" 413 " in await reader.readline()
            writer.close()
            # A head without end, and a request that never comes.
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(b"GET /v1/models HTTP/1.1\r\n" + b"x: " + b"y" * 200_000)
            with contextlib.suppress(ConnectionError):  # what it did not read makes the closing a reset
                assert b"too large" in await asyncio.wait_for(reader.read(), 2)
            writer.close()
            monkeypatch.setattr(listener, "REQUEST_S", 0.2)
            for said in (
                b"",
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 50\r\n\r\n{",
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
                writer.write(said)
                await asyncio.wait_for(reader.read(), 2)  # closed, or answered and closed
                writer.close()
            # An upstream's answer, as such and unpacked.
            served.mock.behave(Behaviour(body=b'{"x":"' + b"y" * 30_000 + b'"}'))
            big = await served.ask(CHAT, question())
            assert big.status == 200  # the second attempt's
            states = [r["state"] for r in await served.attempts()]
            assert states == ["estimated", "settled"]
            bomb = gzip.compress(b'{"x":"' + b"y" * 3_000_000 + b'"}')
            served.mock.behave(Behaviour(body=bomb, headers=((b"content-encoding", b"gzip"),)))
            assert (await served.ask(CHAT, question(), accept_encoding="gzip")).status == 200
            assert [r["state"] for r in (await served.attempts(2))[-2:]] == ["estimated", "settled"]

    asyncio.run(go())


def test_a_missing_key_or_a_taken_port_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_UPSTREAM_KEY", raising=False)

    async def fails(text: str, message: str) -> None:
        with pytest.raises(EnvironmentProblem, match=message):
            async with serving(tmp_path / message[:4], text):
                pass

    async def go() -> None:
        await fails(KEYED, "key of provider one is not set: expected .TEST_UPSTREAM_KEY")
        await fails(KEYED.replace("$TEST_UPSTREAM_KEY", "stored"), "no key is stored for provider one")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            config = config_of(
                read_yaml(kit.HEAD.replace(":0", f":{taken.getsockname()[1]}") + kit.ONE, "g.yaml"),
                tmp_path / "g.yaml",
            )
            from supercycle.gateway.door.server import start

            with pytest.raises(EnvironmentProblem, match="cannot listen on"):
                await start(config)

    asyncio.run(go())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("providers:\n  openai: {key: sk-secret-in-the-file}\n", r"g.yaml:2: key: expected \$NAME"),
        ("providers:\n  openai:\n    kye: $X\n", "g.yaml:3: unknown setting 'kye': did you mean 'key'"),
        ("providers:\n  mine: {kind: vlm}\n", "g.yaml:2: unknown kind 'vlm': did you mean 'vllm'"),
        ("providers:\n  mine: {}\n", "g.yaml:2: base_url is missing"),
        ("providers:\n  mine: {base_url: 'file:///etc'}\n", "g.yaml:2: base_url: expected https"),
        ("providers:\n  mine: {base_url: 'http://u:p@h/'}\n", "g.yaml:2: base_url: expected https"),
        (
            "providers:\n  openai: {disconnect: drian}\n",
            "g.yaml:2: unknown disconnect 'drian': did you mean 'drain'",
        ),
        ("providers:\n  openai: {idle_s: soon}\n", "g.yaml:2: idle_s: expected a number, got soon"),
        ("providers:\n  openai: {idle_s: -1}\n", "g.yaml:2: idle_s: expected above 0, got -1"),
        ("listen: 127.0.0.1\nproviders:\n  openai:\n", "g.yaml:1: listen: expected host:port"),
        ("listen: a:99999\nproviders:\n  openai:\n", "g.yaml:1: listen: expected host:port"),
        (
            "providers:\n  openai:\nmodels:\n  x:\n    - opnai/gpt\n",
            "g.yaml:5: unknown provider 'opnai': did you mean 'openai'",
        ),
        (
            "providers:\n  openai:\nmodels:\n  x: [gpt]\n",
            "g.yaml:4: target: expected provider/model, got gpt",
        ),
        ("providers:\n  openai:\nmodels:\n  x: []\n", "g.yaml:4: model x has no targets"),
        (
            "providers:\n  openai:\nmodels:\n  x:\n    - {provider: openai, model: m, price: {inptu: 1}}\n",
            "g.yaml:5: .*unknown kind 'inptu': did you mean 'input'",
        ),
        ("providers:\n  openai:\nroutng: {}\n", "g.yaml:3: unknown setting 'routng': did you mean 'routing'"),
        ("providers:\n  openai:\nrouting: {attempts: 99}\n", "attempts: expected 1 to 10, got 99"),
        ("providers:\n  openai:\n  openai:\n", "g.yaml:3: openai is said twice"),
        ("providers: [\n", "g.yaml:2: not YAML"),
        ("providers: !!python/object/apply:os.system ['true']\n", "g.yaml:1: not plain data"),
        ("", "g.yaml:1: no provider"),
    ],
)
def test_mistakes_in_the_configuration_have_a_line(tmp_path: Path, text: str, message: str) -> None:
    from supercycle.core.errors import InputError

    file = tmp_path / "g.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as raised:
        read_config(file)
    assert "sk-secret" not in str(raised.value)


def test_a_configuration_in_full(tmp_path: Path) -> None:
    file = tmp_path / "g.yaml"
    file.write_text(
        """
listen: "[::1]:4000"
admin: 127.0.0.1:4001
store: books
providers:
  openai: {key: $OPENAI_API_KEY, data: [no-training]}
  rack: {kind: vllm, base_url: "http://10.0.0.5:8000/v1", disconnect: cancel-free, headers: {X-Rack: "7"}, warm_s: 60}
models:
  small:
    quality_floor: 60
    targets:
      - openai/gpt-5-mini
      - {provider: rack, model: qwen3-8b, quality: 64.5, context_tokens: 32768, max_output_tokens: 4096,
         capabilities: [tools], price: {input: 0.05, output: 0.15}}
routing: {value_of_second_usd: 0.01, attempts: 2}
bounds: {body_bytes: 1000}
cache: {ttl_s: 10}
telemetry: {gen_ai: "1.28"}
""",
        encoding="utf-8",
    )
    config = read_config(file)
    assert str(config.listen) == "[::1]:4000"
    assert config.store == str(tmp_path / "books")
    rack = config.providers["rack"]
    assert (rack.disconnect, rack.warm_s, rack.headers["x-rack"]) == ("cancel-free", 60.0, "7")
    assert config.models["small"].targets[1].quality == 64.5
    assert config.prices[0][:3] == ("vllm", "qwen3-8b", {"input": "0.05", "output": "0.15"})
    assert (config.policy.attempts, config.bounds.body_bytes, config.cache.entries) == (2, 1000, 1000)
    through = config.entry("rack/anything/at-all")
    assert through is not None
    assert through.targets[0].model == "anything/at-all"
    assert config.entry("nowhere/x") is None

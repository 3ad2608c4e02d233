"""Whatever JSON a client sends, it gets an answer or a 400 that says what is wrong: never a 500, which is repeated."""

from __future__ import annotations

import asyncio
import importlib
import json
import random
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")

from supercycle.gateway.speech.fields import FIELDS  # noqa: E402

ROUTES = {
    "openai.chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello"}]}),
    "anthropic.messages": (
        "/v1/messages",
        {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 9},
    ),
    "openai.responses": ("/v1/responses", {"input": "Hello"}),
    "openai.embeddings": ("/v1/embeddings", {"input": "Hello"}),
}
ODD = (
    5, 1.5, True, "text", [], {}, [[]], [5], [None], [{}], {"a": 1}, [{"type": 5}], [{"type": "image_url"}],
    [{"role": 5, "content": {"x": []}}], [{"role": "user", "content": [{"type": "image", "source": 3}]}],
)  # fmt: skip
# A provider that speaks chat only and one that speaks messages only, so that every field is translated both ways too.
TEXT = """
providers:
  one: {kind: mock}
  chat: {kind: mock, speaks: {openai.chat: /chat/completions}}
  messages: {kind: mock, speaks: {anthropic.messages: /messages}}
models:
  m: [{provider: one, model: mock-small}]
  c: [{provider: chat, model: mock-small}]
  a: [{provider: messages, model: mock-small}]
"""


def test_every_field_of_every_odd_type_is_an_answer_or_a_400(tmp_path: Path) -> None:
    async def go() -> None:
        rng = random.Random(20261201)
        async with kit.serving(tmp_path, TEXT) as served:
            shapes = [
                (path, {"model": model, **usual, name: odd})
                for dialect, (path, usual) in ROUTES.items()
                for model in ("m", "c", "a")
                for name in sorted(FIELDS[dialect] - {"model"})
                for odd in ODD
            ]
            rng.shuffle(shapes)
            for begin in range(0, 2400, 60):
                some = shapes[begin : begin + 60]
                replies = await asyncio.gather(*(served.ask(path, body) for path, body in some))
                for (path, body), reply in zip(some, replies, strict=True):
                    assert reply.status in (200, 400), (path, body, reply.status, reply.body)

    asyncio.run(go())


def test_deep_nesting_is_a_400(tmp_path: Path) -> None:
    async def go() -> None:
        async with kit.serving(tmp_path, TEXT) as served:
            for depth in (200, 300, 900, 1100, 100_000):
                for opens, closes in (("[", "]"), ('{"a":', "}")):
                    deep = opens * depth + "1" + closes * depth
                    for name in ("metadata", "messages", "tools"):
                        body = f'{{"model":"m","messages":[],"{name}":{deep}}}'.encode()
                        reply = await served.ask("/v1/chat/completions", body)
                        assert reply.status in (200, 400), (depth, name, reply.status)
            nested: Any = {"type": "text", "text": "x"}
            for _ in range(200):
                nested = {"type": "tool_result", "content": [nested]}
            body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": [nested]}]}
            assert (await served.ask("/v1/messages", json.dumps(body).encode())).status in (200, 400)

    asyncio.run(go())


def test_half_sent_bodies_hold_at_most_the_stated_memory(tmp_path: Path) -> None:
    """Twenty connections of one key and one of another: the rest is told 503, and what is held comes free again."""
    head = kit.HEAD + "bounds: {body_bytes: 200000, body_memory_bytes: 300000}\n"

    async def go() -> None:
        async with kit.serving(tmp_path, TEXT, head) as served:
            memory = served.running.gateway.context.bodies
            writers = []
            for _ in range(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
                lines = ["POST /v1/chat/completions HTTP/1.1", "host: x", f"authorization: Bearer {served.key}",
                         "content-length: 150000", "", ""]  # fmt: skip
                writer.write("\r\n".join(lines).encode() + b"x" * 120_000)
                writers.append((reader, writer))
            refused = 0
            for reader, _ in writers[2:]:
                line = await asyncio.wait_for(reader.readline(), 5)
                refused += b" 503 " in line
                assert memory.held <= 200_000  # one key may hold one body of the largest size
            assert refused >= 18
            _, other = await served.ledger.keys.issue("other")
            assert (await served.ask(key=other, body=kit.question(model="m"))).status == 200
            for _, writer in writers:
                writer.close()
            for _ in range(100):
                if memory.held == 0:
                    break
                await asyncio.sleep(0.02)
            assert memory.held == 0
            assert (await served.ask(body=kit.question(model="m"))).status == 200
            assert memory.held == 0

    asyncio.run(go())

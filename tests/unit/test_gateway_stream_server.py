"""Streams through the whole server: the client sees the bytes the upstream would have sent for its own request."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
kit = importlib.import_module("gateway_server")
Behaviour, CHAT, raw, serving, question = kit.Behaviour, kit.CHAT, kit.raw, kit.serving, kit.question
MESSAGES, RESPONSES, EMBEDDINGS = "/v1/messages", "/v1/responses", "/v1/embeddings"


def compatible(port: int, **more: str) -> str:
    """A configuration whose provider is a server of the test's own."""
    rest = "".join(f", {k}: {v}" for k, v in more.items())
    price = "{input: 1, output: 2}"
    return f"""
providers:
  one: {{kind: compatible, base_url: "http://127.0.0.1:{port}/v1"{rest}}}
models:
  mock-small: [{{provider: one, model: mock-small, max_output_tokens: 100, price: {price}}}]
"""


def asked(path: str, **more: Any) -> dict[str, Any]:
    if path == RESPONSES:
        return {"model": "mock-small", "input": "Hello", **more}
    if path == EMBEDDINGS:
        return {"model": "mock-embed", "input": ["a", "b"], **more}
    return question(**({"max_tokens": 50} if path == MESSAGES else {}), **more)


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES, EMBEDDINGS])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_the_bytes_are_the_upstreams(tmp_path: Path, path: str, packed: bool) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            direct = int(
                served.running.gateway.upstream._ways["one"].urls["openai.chat"].split(":")[2].split("/")[0]
            )
            headers = {"accept-encoding": "gzip"} if packed else {}
            bodies = [asked(path), asked(path, stream=True)]
            if path == CHAT:
                bodies.append(asked(path, stream=True, stream_options={"include_usage": True}))
                bodies.append(asked(path, stream=True, stream_options={"include_usage": False}))
            for body in bodies:
                # Usage that the gateway must hide can only be hidden in plain bytes: then it takes no compression.
                hides = (
                    path == CHAT
                    and body.get("stream")
                    and not (body.get("stream_options") or {}).get("include_usage")
                )
                served.mock.behave(Behaviour(compress=packed))
                own = await raw(direct, path, body, headers)
                served.mock.behave(Behaviour(compress=packed and not hides))
                through = await served.ask(
                    path, body, **kit.dashed({k.replace("-", "_"): v for k, v in headers.items()})
                )
                want = gzip.decompress(own.body) if packed and hides else own.body
                assert through.status == own.status == 200
                assert through.body == want
                assert through.headers["content-type"] == own.headers["content-type"]
            rows = await served.attempts(len(bodies))
            assert {r["state"] for r in rows} == {"settled"}
            assert len({r["cost_pico"] for r in rows}) == 1  # a stream costs what the whole answer costs
            assert rows[0]["cost_pico"] > 0

    asyncio.run(go())


def test_an_upstream_that_compresses_unasked_is_opened_where_usage_is_hidden(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            plain = await served.ask(CHAT, question(stream=True))
            served.mock.behave(Behaviour(compress=True))
            opened = await served.ask(CHAT, question(stream=True))
            assert opened.body == plain.body
            assert "content-encoding" not in opened.headers

    asyncio.run(go())


PARTS = (
    b": OPENROUTER PROCESSING\r\n\r\n",
    b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"a"}}]%s}\r\n\r\n',
    b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}]%s}\r\n\r\n',
)
LAST = b'data: {"id":"1","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\r\n\r\n'
BOTH = b',"usage":{"prompt_tokens":7,"completion_tokens":%d}'


@pytest.mark.parametrize("at_once", [1, 7, 10_000])
@pytest.mark.parametrize("kind", ["null", "with choices"])
def test_whatever_the_upstream_writes_and_however_it_is_cut(tmp_path: Path, at_once: int, kind: str) -> None:
    async def answer(body: Any, writer: asyncio.StreamWriter) -> None:
        assert body["stream_options"] == {"include_usage": True}
        marks = [b',"usage":null'] * 2 if kind == "null" else [BOTH % 1, BOTH % 2]
        data = PARTS[0] + PARTS[1] % marks[0] + PARTS[2] % marks[1] + (LAST if kind == "null" else b"")
        data += b"data: [DONE]\r\n\r\n"
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for i in range(0, len(data), at_once):
            piece = data[i : i + at_once]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    async def go() -> None:
        async with kit.upstream(answer) as port, serving(tmp_path, compatible(port)) as served:
            got = await served.ask(CHAT, question(stream=True))
            assert got.body == PARTS[0] + PARTS[1] % b"" + PARTS[2] % b"" + b"data: [DONE]\r\n\r\n"
            (row,) = await served.attempts()
            assert (row["state"], row["cost_pico"]) == ("settled", 7 * 10**6 + 2 * 2 * 10**6)

    asyncio.run(go())


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_upstream_that_breaks_off(tmp_path: Path, after: int) -> None:
    """Before the first byte the call is tried again; after it the client's stream breaks off too, and is estimated."""

    async def go() -> None:
        async with serving(tmp_path) as served:
            whole = await served.ask(CHAT, question(stream=True))
            served.mock.behave(Behaviour(reset_after=after))
            cut = await served.ask(CHAT, question(stream=True))
            rows = (await served.attempts(2))[1:]
            if after == 0:
                assert cut.whole
                assert cut.body == whole.body
                assert [r["state"] for r in rows] == ["estimated", "settled"]
            else:
                assert not cut.whole
                assert whole.body.startswith(cut.body)
                assert cut.body.count(b"data:") == after
                (row,) = rows
                assert row["state"] == "estimated"
                # In: by the ratio of tokens to bytes that the first call taught. Out: the words that came, four bytes a
                # token and at least one each (the first event only says who speaks).
                seen = {u["kind"]: u["count"] for u in row["usage"]}
                body = kit.json.dumps(question(stream=True))
                first = {u["kind"]: u["count"] for u in (await served.attempts(2))[0]["usage"]}
                learnt = (2 * 0.25 + first["input"] / len(body)) / 3
                assert abs(seen["input"] - learnt * len(body)) <= 1
                said = [json.loads(e[6:])["choices"][0]["delta"] for e in cut.body.split(b"\n\n") if e]
                words = [d["content"] for d in said if d.get("content")]
                assert seen.get("output", 0) == max(len(words), -(-len("".join(words)) // 4))

    asyncio.run(go())


def test_an_upstream_that_resets_inside_an_event(tmp_path: Path) -> None:
    async def answer(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for piece in (b'data: {"choices":[{}]}\n\n', b'data: {"choi'):
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.transport.abort()

    async def go() -> None:
        async with kit.upstream(answer) as port, serving(tmp_path, compatible(port)) as served:
            got = await served.ask(CHAT, question(stream=True))
            assert (got.whole, got.body) == (False, b'data: {"choices":[{}]}\n\ndata: {"choi')
            assert [r["state"] for r in await served.attempts()] == ["estimated"]

    asyncio.run(go())


def test_a_stream_that_falls_silent_is_ended(tmp_path: Path) -> None:
    async def answer(_: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        writer.write(b'10\r\ndata: {"a":1}\n\n\n\r\n')
        await writer.drain()
        await asyncio.sleep(5)

    async def go() -> None:
        async with kit.upstream(answer) as port:
            text = compatible(port, idle_s="0.2", first_byte_s="30")
            async with serving(tmp_path, text) as served:
                got = await asyncio.wait_for(served.ask(CHAT, question(stream=True)), 3)
                assert not got.whole
                assert [r["state"] for r in await served.attempts()] == ["estimated"]

    asyncio.run(go())


def test_a_stream_without_any_usage_is_estimated(tmp_path: Path) -> None:
    async def go() -> None:
        async with serving(tmp_path) as served:
            said = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'
            events = (*[said] * 9, b"data: [DONE]\n\n")
            served.mock.behave(Behaviour(events=events))
            got = await served.ask(CHAT, question(stream=True))
            assert got.body == b"".join(events)
            (row,) = await served.attempts()
            assert row["state"] == "estimated"
            assert {u["kind"]: u["count"] for u in row["usage"]}["output"] == 9

    asyncio.run(go())


def test_a_messages_stream_that_ends_early_is_estimated_although_it_began_with_usage(tmp_path: Path) -> None:
    start = b'data: {"type":"message_start","message":{"usage":{"input_tokens":70,"output_tokens":1}}}\n\n'
    delta = b'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"abcd efgh ijkl"}}\n\n'

    async def go() -> None:
        async with serving(tmp_path) as served:
            served.mock.behave(Behaviour(events=(start, *[delta] * 9)))
            got = await served.ask(MESSAGES, asked(MESSAGES, stream=True))
            assert got.body == start + delta * 9
            (row,) = await served.attempts()
            counts = {u["kind"]: u["count"] for u in row["usage"]}
            assert (row["state"], counts["input"]) == ("estimated", 70)  # what it said of the input stands
            assert counts["output"] == -(-9 * len("abcd efgh ijkl") // 4)

    asyncio.run(go())

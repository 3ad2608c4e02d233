"""A provider that needs no account: an upstream server with four dialects, any speed, and faults on request.

Started without a config file the gateway talks to it, over loopback like any other upstream. Tests and benchmarks
run the same server: ``Mock.behave`` says how the next answers come, ``Mock.seen`` what arrived.
"""

from __future__ import annotations

import asyncio
import gzip
import random
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from supercycle.gateway.door.mock_answers import CREATED, MODELS, answer_of, body_of, embeddings_of, events_of

__all__ = ["Behaviour", "Mock", "Seen"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

_DIALECTS = {
    "/v1/chat/completions": "openai.chat",
    "/v1/responses": "openai.responses",
    "/v1/messages": "anthropic.messages",
    "/v1/embeddings": "openai.embeddings",
}


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How an answer comes. ``tokens_per_s`` 0 is at once; ``reset_after`` cuts the connection after so many events.

    ``hold`` keeps the answer back until it is set. ``body`` and ``events`` replace what would have been said.
    ``fail_share`` is the share of calls answered with ``fail_status`` instead.
    """

    tokens: int = 16
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = None
    events: tuple[bytes, ...] | None = None
    reset_after: int | None = None
    compress: bool = False
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    hold: asyncio.Event | None = None
    fail_share: float = 0.0
    fail_status: int = 503


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, decoded."""
        decoded_body: dict[str, Any] = orjson.loads(self.body)
        return decoded_body


@dataclass(slots=True)
class Mock:
    """The server, an ASGI application. ``calls`` counts what arrived; ``cut`` what its caller gave up on."""

    usual: Behaviour = field(default_factory=Behaviour)
    record: bool = False
    calls: int = 0
    open: int = 0
    cut: int = 0
    seen: list[Seen] = field(default_factory=list[Seen])
    _next: deque[Behaviour] = field(default_factory=deque[Behaviour])
    _random: random.Random = field(default_factory=lambda: random.Random(1))

    def behave(self, *behaviours: Behaviour) -> None:
        """Answer the next calls so, one each; then as usual again."""
        self._next.extend(behaviours)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = str(scope["path"])
        if path == "/v1/models":
            listed = [{"id": m, "object": "model", "created": CREATED, "owned_by": "mock"} for m in MODELS]
            await _whole(send, 200, orjson.dumps({"object": "list", "data": listed}))
            return
        dialect = _DIALECTS.get(path)
        body = await _read(receive)
        if dialect is None:
            await _whole(send, 404, _error("openai.chat", 404, f"no such path {path}"))
            return
        self.calls += 1
        if self.record:
            headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
            self.seen.append(Seen(path, headers, body))
        self.open += 1
        try:
            await self._answer(dialect, body, receive, send)
        finally:
            self.open -= 1

    async def _answer(self, dialect: str, body: bytes, receive: Receive, send: Send) -> None:
        how = self._next.popleft() if self._next else self.usual
        if how.hold is not None:
            await how.hold.wait()
        if how.first_token_s:
            await asyncio.sleep(how.first_token_s)
        status = how.status
        if how.fail_share and self._random.random() < how.fail_share:
            status = how.fail_status
        if status >= 400:
            payload = (
                how.body
                if how.body is not None
                else _error(dialect, status, f"the mock was told to say {status}")
            )
            await _whole(send, status, payload, how.headers)
            return
        if how.body is not None:
            await _whole(send, status, how.body, how.headers)
            return
        try:
            asked: dict[str, Any] = orjson.loads(body)
        except orjson.JSONDecodeError:
            await _whole(send, 400, _error(dialect, 400, "the body is no JSON"))
            return
        if dialect == "openai.embeddings":
            await _whole(send, 200, orjson.dumps(embeddings_of(asked)), how.headers, compress=how.compress)
            return
        try:
            answer = answer_of(
                dialect,
                asked,
                tokens=how.tokens,
                cached_tokens=how.cached_tokens,
                reasoning_tokens=how.reasoning_tokens,
            )
        except (TypeError, AttributeError, KeyError, ValueError, IndexError):
            await _whole(send, 400, _error(dialect, 400, "a field of another type"))
            return
        if not asked.get("stream"):
            if how.tokens_per_s:
                await asyncio.sleep(answer.output_tokens / how.tokens_per_s)
            payload = orjson.dumps(body_of(dialect, answer))
            await _whole(send, 200, payload, how.headers, compress=how.compress)
            return
        options: dict[str, Any] = asked.get("stream_options") or {}
        wants_usage = options.get("include_usage") is True
        events = how.events if how.events is not None else events_of(dialect, answer, usage=wants_usage)
        await self._stream(events, how, receive, send)

    async def _stream(self, events: Iterable[bytes], how: Behaviour, receive: Receive, send: Send) -> None:
        packer = _Packer() if how.compress else None
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), *how.headers]
        if packer:
            headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        gone = asyncio.ensure_future(receive())
        pause = 1 / how.tokens_per_s if how.tokens_per_s else 0.0
        due = asyncio.get_running_loop().time()
        try:
            for sent, raw in enumerate(events):
                if how.reset_after is not None and sent >= how.reset_after:
                    raise ConnectionResetError("the mock was told to cut the connection")
                if gone.done():
                    self.cut += 1
                    return
                chunk = packer(raw) if packer else raw
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                if pause:
                    due += pause
                    await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            last = packer.end() if packer else b""
            await send({"type": "http.response.body", "body": last, "more_body": False})
        finally:
            gone.cancel()


class _Packer:
    """Compresses event by event, as providers behind a proxy do."""

    def __init__(self) -> None:
        import zlib

        self._one = zlib.compressobj(wbits=31)
        self._flush = zlib.Z_SYNC_FLUSH

    def __call__(self, chunk: bytes) -> bytes:
        return self._one.compress(chunk) + self._one.flush(self._flush)

    def end(self) -> bytes:
        return self._one.flush()


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message["body"])
        if not message.get("more_body"):
            return b"".join(parts)


async def _whole(
    send: Send,
    status: int,
    body: bytes,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    *,
    compress: bool = False,
) -> None:
    payload = gzip.compress(body, mtime=0) if compress else body
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(payload)), *headers]
    if compress:
        head.append((b"content-encoding", b"gzip"))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": payload, "more_body": False})


def _error(dialect: str, status: int, text: str) -> bytes:
    """An error as the dialect writes it."""
    if dialect == "anthropic.messages":
        kind = {429: "rate_limit_error", 529: "overloaded_error", 400: "invalid_request_error"}.get(
            status, "api_error"
        )
        return orjson.dumps({"type": "error", "error": {"type": kind, "message": text}})
    kind = "invalid_request_error" if status < 500 else "server_error"
    return orjson.dumps({"error": {"message": text, "type": kind, "param": None, "code": None}})

"""One request of a client, from its head to its last byte: who asks, what for, and what goes back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import blake2b
from time import perf_counter
from typing import Any, Final

from supercycle.gateway.door.cache import CachedResponse
from supercycle.gateway.door.memory import Held
from supercycle.gateway.door.problem import Headers, Problem
from supercycle.gateway.ledger.entries import Principal, now_us
from supercycle.gateway.speech.dialects import Call

__all__ = ["KEPT_BYTES", "Exchange", "Message", "Receive", "Send", "read_body"]

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

KEPT_BYTES: Final = 2**20  # of a reply that may be asked for again; a longer one is not kept
_LET_GO_BYTES: Final = 64 * 1024  # a smaller body is not worth the trouble
_TAGS: Final = 10
_TAG_CHARS: Final = 64
_KEY_CHARS: Final = 255  # of an Idempotency-Key
_HEADERS: Final = frozenset({
    b"authorization", b"x-api-key", b"content-length", b"content-encoding", b"content-type", b"accept-encoding",
    b"idempotency-key", b"cache-control", b"x-supercycle-tags", b"anthropic-beta", b"anthropic-version", b"openai-beta",
})  # fmt: skip


class Exchange:
    """The state of one request. ``kept`` collects what is sent, when it may be asked for again."""

    __slots__ = (
        "begun", "body", "call", "decision", "dialect", "ended", "fingerprint", "gone", "headers", "id",
        "idempotency_key", "keep", "kept", "kept_bytes", "memory", "model", "principal", "receive", "received_us",
        "route", "send", "sent_headers", "several", "started", "status", "tags", "watch",
    )  # fmt: skip

    def __init__(
        self, request_id: str, route: str, dialect: str, scope: Message, receive: Receive, send: Send
    ) -> None:
        self.id = request_id
        self.route = route
        self.dialect = dialect
        self.receive = receive
        self.send = send
        self.begun = perf_counter()
        self.received_us = now_us()
        self.headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _HEADERS:
                self.headers[name] = value
        self.principal: Principal  # known once the key is
        self.call: Call  # known once the body is
        self.several = False  # more than one target can serve it
        self.decision: Any = None  # of the router, with the targets of the model
        self.model = ""  # the configured name that is asked for
        self.body = b""
        self.memory: Held | None = None  # what the body holds
        self.fingerprint = ""
        self.idempotency_key: str | None = None
        self.tags: dict[str, str] = {}
        self.started = False  # the reply's head is out: nothing can be tried again
        self.ended = False
        self.status = 0
        self.sent_headers: Headers = ()
        self.keep = False
        self.kept: list[bytes] = []
        self.kept_bytes = 0
        self.gone = False  # the client has left
        self.watch: asyncio.Future[Message] | None = None

    @property
    def secret(self) -> str:
        """The key the client shows, in either of the usual ways; empty when it shows none."""
        authorization = self.headers.get(b"authorization")
        if authorization is not None and authorization[:7].lower() == b"bearer ":
            return authorization[7:].decode("latin-1").strip()
        return self.headers.get(b"x-api-key", b"").decode("latin-1")

    def read_head(self) -> None:
        """Tags and Idempotency-Key. Raises Problem."""
        raw = self.headers.get(b"idempotency-key")
        if raw is not None:
            key = raw.decode("latin-1")
            if not 0 < len(key) <= _KEY_CHARS or not key.isascii() or not key.isprintable():
                raise Problem(
                    400, f"Idempotency-Key: expected 1 to {_KEY_CHARS} plain characters", "bad_header"
                )
            self.idempotency_key = key
        raw = self.headers.get(b"x-supercycle-tags")
        if raw is not None:
            for part in raw.decode("latin-1").split(","):
                name, _, value = part.partition("=")
                name, value = name.strip(), value.strip()
                if not name or not value or len(name) > _TAG_CHARS or len(value) > _TAG_CHARS:
                    raise Problem(
                        400,
                        f"x-supercycle-tags: expected name=value,… of {_TAG_CHARS} characters each",
                        "bad_header",
                    )
                self.tags[name] = value
            if len(self.tags) > _TAGS:
                raise Problem(400, f"x-supercycle-tags: expected at most {_TAGS}", "bad_header")

    def fingerprinted(self) -> str:
        """A hash of the body, made when first asked for."""
        if not self.fingerprint:
            self.fingerprint = blake2b(
                self.body, digest_size=16, person=self.route[-16:].encode()
            ).hexdigest()
        return self.fingerprint

    def forwarded(self) -> list[tuple[bytes, bytes]]:
        """Headers that are for the provider."""
        from supercycle.gateway.door.upstream import FORWARDED

        if len(self.headers) < 3:
            return []
        return [(name, value) for name, value in self.headers.items() if name in FORWARDED]

    # --- replies

    async def start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """Send the head."""
        self.started = True
        self.status = status
        self._let_go()
        headers.append((b"x-request-id", self.id.encode()))
        if self.keep:
            self.sent_headers = tuple(headers)
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    def _let_go(self) -> None:
        """The body is not sent again: only its fingerprint and its size are of use from here on."""
        if len(self.body) > _LET_GO_BYTES:
            self.fingerprinted()
            self.body = b""
            self.call.let_go() if hasattr(self, "call") else None
        if self.memory is not None:
            self.memory.release()

    def add(self, body: bytes) -> None:
        """Collect a piece of the reply; a reply that would not be kept is not collected."""
        self.kept_bytes += len(body)
        self.kept.append(body)
        if self.kept_bytes > KEPT_BYTES:
            self.keep = False
            self.kept.clear()

    async def write(self, body: bytes) -> None:
        """Send a piece of the body."""
        if self.keep:
            self.add(body)
        await self.send({"type": "http.response.body", "body": body, "more_body": True})

    async def finish(self, body: bytes = b"") -> None:
        """Send the last piece."""
        self.ended = True
        if self.keep:
            self.add(body)
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """Send a reply that is all there."""
        headers.append((b"content-length", b"%d" % len(body)))
        await self.start(status, headers)
        await self.finish(body)

    async def refuse(self, problem: Problem) -> None:
        """Send an error of the gateway's own."""
        headers = [(b"content-type", b"application/json"), *problem.headers]
        if problem.status in (408, 413):
            headers.append((b"connection", b"close"))  # the rest of the body is not read
        await self.whole(problem.status, headers, problem.body(self.dialect))

    async def again(self, kept: CachedResponse, *, how: bytes) -> None:
        """Send an answer that was kept."""
        shown = (b"x-request-id", b"content-length", b"x-cost-usd", b"x-supercycle-cache")
        headers = [(name, value) for name, value in kept.headers if name not in shown]
        headers += [
            (b"x-supercycle-cache", how),
            (b"x-cost-usd", b"0"),
            (b"x-first-request-id", kept.request_id.encode()),
        ]
        await self.whole(kept.status, headers, kept.body)

    def kept_answer(self) -> CachedResponse:
        """What was sent, to be sent again."""
        return CachedResponse(
            self.status, self.sent_headers, b"".join(self.kept), self.id, self.fingerprinted()
        )

    # --- the client's leaving

    def watch_client(self, on_leaving: Callable[[], None]) -> None:
        """Call ``on_leaving`` once when the client closes its connection before the reply is complete."""
        self.watch = asyncio.ensure_future(self.receive())

        def left(watch: asyncio.Future[Message]) -> None:
            if not self.ended and not watch.cancelled() and self.watch is watch:
                self.gone = True
                on_leaving()

        self.watch.add_done_callback(left)

    def stop_watching(self) -> None:
        """The reply is over."""
        if self.watch is not None and not self.watch.done():
            self.watch.cancel()
        self.watch = None


async def read_body(receive: Receive, most: int, declared: bytes | None, memory: Held) -> bytes:
    """The body of a request, at most ``most`` bytes, counted in ``memory``. Raises Problem: too large, no room.

    How long a client may take is the listener's business: it closes connections whose request does not come.
    """
    too_large = Problem(413, f"the body is larger than {most:,} bytes", "body_too_large")
    if declared is not None and declared.isdigit() and int(declared) > most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Problem(400, "the client left before its body was complete", "client_left")
        size += len(message["body"])
        if size > most:
            raise too_large
        memory.add(len(message["body"]))
        parts.append(message["body"])
        if not message.get("more_body"):
            return parts[0] if len(parts) == 1 else b"".join(parts)

"""One attempt at one target: the request in the target's words, the answer back to the client, the books settled.

Nothing reaches the client before there is something to answer with, so that a failure before the first byte can be
tried elsewhere; after it, a failure is the client's to see.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import logging
import zlib
from datetime import datetime
from time import perf_counter
from typing import Any, Literal, Protocol

import aiohttp
import orjson

from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.prepared import spoken
from supercycle.gateway.door.responses import (
    BREAKS,
    FailedAttempt,
    broken,
    decoded,
    message_of,
    passed_on,
    plain_body,
    read_response,
    set_idle,
)
from supercycle.gateway.door.upstream import Failure, redacted
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.settle import Charge, Unpriced, price_of
from supercycle.gateway.reports.telemetry import OPERATIONS, attributes
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.stream import BYTES_PER_TOKEN, Inflate, Tee
from supercycle.gateway.speech.translate import (
    answer_to_chat,
    answer_to_messages,
    error_body,
)
from supercycle.gateway.speech.translate_stream import ChatToMessages, MessagesToChat
from supercycle.gateway.speech.usage import Usage, UsageTally, estimated

__all__ = ["Relay"]

_LOG = logging.getLogger("supercycle.gateway")
_ERROR_BYTES = 2**20  # of an upstream's error, kept for the client
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_OVERLOADED = frozenset({429, 529})
# The gateway's own key or account is refused: not the caller's fault, and another provider may do.
_OURS = frozenset({401, 402, 403})


class _Translator(Protocol):
    def feed(self, chunk: bytes) -> bytes: ...


class Relay:
    """The state of one attempt."""

    __slots__ = (
        "_at",
        "_attempt",
        "_begun",
        "_context",
        "_dialect",
        "_tally",
        "_target",
        "_tee",
        "_ttft",
        "_x",
        "settled",
    )  # fmt: skip

    def __init__(self, context: Context, x: Exchange, target: Target, attempt: Attempt, at: datetime) -> None:
        self._context = context
        self._x = x
        self._target = target
        self._attempt = attempt
        self._at = at
        self._dialect = spoken(x, target)
        self._tally = UsageTally(self._dialect)
        self._tee: Tee | None = None
        self._begun = perf_counter()
        self._ttft: float | None = None
        self.settled = False

    async def run(self, body: bytes, *, hide: bool) -> FailedAttempt | None:
        """Ask the target and answer the client; a failure when the client has not been answered."""
        x, provider = self._x, self._target.provider
        cancels = provider.disconnect != "drain"
        if cancels:
            self._watch()
        said = x.forwarded() if self._dialect == x.dialect else []
        compressed = (
            not hide and self._dialect == x.dialect and b"gzip" in x.headers.get(b"accept-encoding", b"")
        )
        response: aiohttp.ClientResponse | None = None
        self._context.router.health(self._target).begin(self._context.clock())
        try:
            response = await self._context.upstream.send(
                provider, self._dialect, body, said, compressed=compressed
            )
            if response.status >= 300:
                return await self._refused(response)
            kind = response.headers.get("content-type", "")
            if x.call.stream and kind.startswith("text/event-stream"):
                if x.watch is None:
                    self._watch()
                return await self._stream(response, hide=hide)
            return await self._whole(response)
        except Failure as failure:
            return self._lost(failure.reason, sent=failure.sent)
        except asyncio.CancelledError:
            self._left()
            if not x.gone:
                raise
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            return None
        except BaseException:
            # Whatever went wrong here, bytes may have gone upstream: the attempt is booked.
            if not self.settled:
                self._context.router.health(self._target).ended()
                self.settle("estimated", self._guess())
            raise
        finally:
            x.stop_watching()
            if response is not None:
                response.close() if not response.content.is_eof() else response.release()

    # --- what can come back

    async def _refused(self, response: aiohttp.ClientResponse) -> FailedAttempt:
        """An error status: the upstream's own words, without its secrets, unless they are about our account."""
        status = response.status
        raw = await read_response(response, _ERROR_BYTES) or b""
        provider = self._target.provider
        if status < 400 or status in _OURS:
            what = (
                "answered with a redirect"
                if status < 400
                else f"refused the gateway's own account ({status})"
            )
            return self._failure(f"{provider.name} {what}", 502, retryable=True, blame=True)
        # Opened first: a secret must not pass because it is compressed.
        body = redacted(plain_body(response, raw, _ERROR_BYTES), self._context.upstream.secret(provider))
        headers = [h for h in passed_on(response.headers) if h[0] != b"content-encoding"]
        if self._dialect != self._x.dialect:
            headers = [h for h in headers if h[0] != b"content-type"]
            headers.append((b"content-type", b"application/json"))
            body = orjson.dumps(error_body(self._x.dialect, status, message_of(body)))
        wait = response.headers.get("retry-after", "")
        return FailedAttempt(
            f"{provider.name} answered {status}",
            status,
            headers,
            body,
            retryable=status in _RETRYABLE,
            blame=status in _RETRYABLE,
            sent=False,
            retry_after_s=float(wait) if wait.isdigit() else 0.0,
        )

    async def _whole(self, response: aiohttp.ClientResponse) -> FailedAttempt | None:
        """A whole answer: usage is read, the cost goes into a header."""
        x = self._x
        self._ttft = perf_counter() - self._begun
        body = await read_response(response, self._context.config.bounds.answer_bytes)
        if body is None:
            return self._lost("its answer is larger than bounds.answer_bytes", sent=True)
        plain = plain_body(response, body, self._context.config.bounds.answer_bytes)
        found = decoded(plain, self._dialect)
        if found is not None:
            self._tally.feed(found)
        headers = passed_on(response.headers)
        if self._dialect != x.dialect:
            if found is None:
                return self._lost("its answer is no JSON", sent=True)
            to_chat = x.dialect == "openai.chat"
            body = orjson.dumps(
                answer_to_chat(found, x.received_us // 10**6) if to_chat else answer_to_messages(found)
            )
            headers = [(b"content-type", b"application/json")]
        usage = self._tally.usage()
        use = usage or self._guess(len(plain) // BYTES_PER_TOKEN)
        charge = self._charge(use)
        cost = usd_text(charge.total_pico) if isinstance(charge, Charge) else "unpriced"
        headers.append((b"x-cost-usd", cost.encode()))
        headers.append((b"x-supercycle-target", self._target.id.encode()))
        try:
            await x.whole(response.status, headers, body)
        finally:
            self._book("settled" if usage else "estimated", use, charge, response.status)
        return None

    async def _stream(self, response: aiohttp.ClientResponse, *, hide: bool) -> FailedAttempt | None:
        """A stream: the first read decides whether it is one, the rest is relayed as it comes."""
        x = self._x
        tee = self._tee = Tee(self._tally, hide_usage=hide)
        inflate = Inflate() if response.headers.get("content-encoding", "identity") != "identity" else None
        translator: _Translator | None = None
        if self._dialect != x.dialect:
            to_chat = x.dialect == "openai.chat"
            created = x.received_us // 10**6
            translator = MessagesToChat(created, usage=x.call.wants_usage) if to_chat else ChatToMessages()
        read = response.content.readany
        try:
            chunk = await read()
        except BREAKS as error:
            raise broken(error) from None
        if not chunk:
            return self._lost("an empty stream", sent=True)
        self._ttft = perf_counter() - self._begun
        shown = self._through(chunk, tee, inflate, translator)
        if tee.error is not None and tee.events == 1:
            headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
            return FailedAttempt(
                f"{self._target.provider.name} began with an error",
                200,
                headers,
                shown,
                True,
                True,
                sent=False,
            )
        plain = hide or translator is not None
        headers = [(n, v) for n, v in passed_on(response.headers) if not (plain and n == b"content-encoding")]
        headers += [(b"cache-control", b"no-cache"), (b"x-supercycle-target", self._target.id.encode())]
        await x.start(response.status, headers)
        set_idle(response, self._target.provider.idle_s)
        feed = tee.feed if inflate is None and translator is None else None
        send, keep = x.send, x.keep
        try:
            while chunk:
                if shown:
                    if keep:
                        x.add(shown)
                    await send({"type": "http.response.body", "body": shown, "more_body": True})
                chunk = await read()
                shown = feed(chunk) if feed is not None else self._through(chunk, tee, inflate, translator)
        except BREAKS as error:
            return await self._cut(broken(error).reason, tee)
        except Failure as failure:
            return await self._cut(failure.reason, tee)
        last = tee.end()
        await x.finish(last if translator is None else b"")
        self._over(response.status)
        return None

    def _through(
        self, chunk: bytes, tee: Tee, inflate: Inflate | None, translator: _Translator | None
    ) -> bytes:
        """What the client gets for a read: the same bytes, the bytes without usage, or a translation."""
        if inflate is None and translator is None:
            return tee.feed(chunk)
        shown: list[bytes] = []
        try:
            for piece in inflate(chunk) if inflate else (chunk,):
                seen = tee.feed(piece)
                shown.append(seen if translator is None else translator.feed(piece))
        except zlib.error:
            raise Failure("its compression is broken", sent=True) from None
        return b"".join(shown) if tee.hides or translator is not None else chunk

    # --- how it ends

    async def _cut(self, reason: str, tee: Tee) -> None:
        """The upstream broke off in mid-stream: so does the client's stream, after what had come."""
        x = self._x
        held = tee.held
        if held and not x.gone:
            await x.write(held)
        x.ended = True
        _LOG.warning("request %s: %s after the first byte: %s", x.id, self._target.id, reason)
        if tee.finished:
            self._over(200)  # the last event was there: nothing is missing but the end of the transfer
        else:
            self._context.router.health(self._target).failed(self._context.clock())
            self.settle("estimated", self._guess(), 200)

    def _over(self, status: int) -> None:
        """A stream came to its end: settled by what was said, or estimated."""
        usage = self._tally.usage()
        # A messages stream says what it read at its start and what it wrote at its end: a start alone is not all.
        if usage is not None and (
            self._dialect != "anthropic.messages" or self._tee is None or self._tee.finished
        ):
            self._book("settled", usage, self._charge(usage), status)
        else:
            guess = self._guess()
            self._book("estimated", guess, self._charge(guess), status)

    def _left(self) -> None:
        """The client went away, or the server stops: booked as the provider's policy says."""
        self._x.ended = True
        if self.settled:
            return
        self._context.router.health(self._target).ended()
        if self._target.provider.disconnect == "cancel-free" and self._x.gone:
            self.settle("void", None)
        else:
            self.settle("estimated", self._guess())

    def _lost(self, reason: str, *, sent: bool) -> FailedAttempt:
        return self._failure(
            f"{self._target.provider.name}: {reason}", 502, retryable=True, blame=True, sent=sent
        )

    def _failure(
        self, reason: str, status: int, *, retryable: bool, blame: bool, sent: bool = False
    ) -> FailedAttempt:
        body = orjson.dumps(
            error_body(self._x.dialect, status, reason, kind="upstream_error", code="upstream_error")
        )
        headers = [(b"content-type", b"application/json")]
        return FailedAttempt(reason, status, headers, body, retryable, blame, sent)

    def _guess(self, output_tokens: int | None = None) -> Usage:
        """An estimate from what was sent and seen: bytes / 4 in, events and bytes / 4 out, what the provider said."""
        said = self._tally.usage()
        seen = (
            output_tokens if output_tokens is not None else self._tee.output_tokens_seen if self._tee else 0
        )
        if said is None:
            return estimated(self._x.call.input_expected, seen)
        counts = {**said.counts, "output": max(said.of("output"), seen)}
        return Usage(counts, said.tier, "estimated", said.region, said.unmetered)

    def _charge(self, usage: Usage) -> Charge | Unpriced:
        target = self._target
        return price_of(self._context.book, target.provider.prices, target.model, usage, self._at)

    def _book(
        self, outcome: Literal["settled", "estimated"], usage: Usage, charge: Charge | Unpriced, status: int
    ) -> None:
        """A call that went well: its health, its warmth, its settlement."""
        context, target = self._context, self._target
        seconds = perf_counter() - self._begun
        context.router.health(target).answered(self._ttft or seconds, seconds, usage.of("output"))
        if outcome == "settled" and self._x.several:
            context.router.warmed(self._x.call, target, self._x.principal.key_id, usage.prompt)
        self._write(outcome, usage, charge, status, final=True)

    def settle(
        self,
        outcome: Literal["settled", "estimated", "void"],
        usage: Usage | None,
        status: int | None = None,
        *,
        final: bool = True,
    ) -> None:
        """Book the end of the attempt; a second time is nothing."""
        if not self.settled:
            self._write(outcome, usage, None if usage is None else self._charge(usage), status, final=final)

    def _write(
        self,
        outcome: Literal["settled", "estimated", "void"],
        usage: Usage | None,
        charge: Charge | Unpriced | None,
        status: int | None,
        *,
        final: bool,
    ) -> None:
        self.settled = True
        seconds = perf_counter() - self._begun
        # The first byte of a whole answer is not a first token.
        ttft = None if self._ttft is None or self._tee is None else self._ttft * 1000
        context = self._context
        context.booked(
            context.ledger.settle(
                self._attempt, charge, usage, outcome, status, ttft, seconds * 1000, final=final
            )
        )
        if context.spans is not None:
            told = attributes(
                context.spans.version,
                dialect=self._x.dialect,
                kind=self._target.provider.kind,
                asked=self._x.call.model,
                model=self._target.model,
                counts=usage.counts if usage else {},
                status=status,
            )
            failed = status is None or status >= 400
            context.spans.write(self._x.id, self._attempt.begun_us, seconds, told, failed=failed)
        self._x.call.used_tokens += usage.prompt + usage.of("output") if usage else 0
        context.metrics.attempt(
            self._target.provider.name,
            self._target.model,
            outcome,
            OPERATIONS[self._x.dialect],
            self._ttft,
            seconds,
            usage.counts if usage else {},
            charge.total_pico if isinstance(charge, Charge) else 0,
        )

    def failed(self, failure: FailedAttempt, *, final: bool) -> None:
        """Book an attempt that brought no answer: free when the provider said no, estimated when it may have worked."""
        health = self._context.router.health(self._target)
        if failure.status in _OVERLOADED:
            health.overloaded(self._context.clock(), failure.retry_after_s)
        elif failure.blame:
            health.failed(self._context.clock())
        else:
            health.ended()
        status = failure.status if failure.headers else None
        if failure.sent:
            self.settle("estimated", self._guess(), status, final=final)
        else:
            self.settle("void", None, status, final=final)

    def _watch(self) -> None:
        """Act on the client's leaving: at once where the provider's policy is to stop, else after the longest drain."""
        task = asyncio.current_task()
        provider = self._target.provider

        def leave() -> None:
            if task is None or task.done():
                return
            if provider.disconnect == "drain":
                asyncio.get_running_loop().call_later(provider.drain_s, _cancel_if_running, task, self)
            else:
                task.cancel()

        self._x.watch_client(leave)


def _cancel_if_running(task: asyncio.Task[Any], relay: Relay) -> None:
    if not relay.settled:
        task.cancel()

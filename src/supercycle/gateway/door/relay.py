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
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import aiohttp
import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.canon.frames import Unframe
from supercycle.gateway.canon.gathered import Broken
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.canon.translation import Streamed
from supercycle.gateway.door.background import follow, is_background
from supercycle.gateway.door.booking import Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.door.prepared import Prepared
from supercycle.gateway.door.responses import (
    BREAKS,
    FailedAttempt,
    broken,
    decoded,
    facts_of,
    is_answer,
    message_of,
    passed_on,
    plain_body,
    read_response,
    set_idle,
)
from supercycle.gateway.door.upstream import Failure, redacted
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.settle import Charge
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.estimate import answer_bytes
from supercycle.gateway.speech.stream import BYTES_PER_TOKEN, Inflate, Tee

__all__ = ["Relay"]

_LOG = logging.getLogger("supercycle.gateway")
_ERROR_BYTES = 2**20  # of an upstream's error, kept for the client
_RETRYABLE = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529})
_READABLE = ("identity", "gzip", "deflate")
# The gateway's own key or account is refused: not the caller's fault, and another provider may do.
_OURS = frozenset({401, 402, 403})
_STREAMS: Final = ("text/event-stream", "application/vnd.amazon.eventstream")
_IDS: Final = {"openai.chat": "chatcmpl-", "openai.responses": "resp_", "anthropic.messages": "msg_"}
_NOTE_CHARS: Final = 1000  # of a header


class Relay:
    """The state of one attempt."""

    __slots__ = ("_context", "_dialect", "_sent", "_target", "_x", "booking")

    def __init__(
        self, context: Context, x: Exchange, target: Target, sent: Prepared, attempt: Attempt, at: datetime
    ) -> None:
        self._context = context
        self._x = x
        self._target = target
        self._sent = sent
        self._dialect = sent.dialect
        self.booking = Booking(context, x, target, attempt, at, self._dialect)

    async def run(self) -> FailedAttempt | None:
        """Ask the target and answer the client; a failure when the client has not been answered."""
        x, provider, hide = self._x, self._target.provider, self._sent.hide
        cancels = provider.disconnect != "drain"
        if cancels:
            self._watch()
        passed = x.forwarded() if self._dialect == x.dialect else []
        compressed = (
            not hide and self._dialect == x.dialect and b"gzip" in x.headers.get(b"accept-encoding", b"")
        )
        response: aiohttp.ClientResponse | None = None
        self._context.router.health(self._target).begin(self._context.clock())
        try:
            response = await self._context.upstream.send(
                provider, self._dialect, self._sent.body, passed,
                compressed=compressed, model=self._target.model, stream=x.call.stream,
            )  # fmt: skip
            self.booking.facts = facts_of(response.headers) + self._left_out()
            if response.status >= 300:
                return await self._refused(response)
            kind = response.headers.get("content-type", "")
            if x.call.stream and kind.startswith(_STREAMS):
                if x.watch is None:
                    self._watch()
                return await self._stream(response, hide=hide)
            return await self._whole(response)
        except Failure as failure:
            return self._lost(failure.reason, sent=failure.sent, hung=failure.hung)
        except asyncio.CancelledError:
            x.ended = True
            self.booking.abandoned()
            if not x.gone:
                raise
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
            return None
        except BaseException:
            # Whatever went wrong here, bytes may have gone upstream: the attempt is booked.
            self.booking.abandoned()
            raise
        finally:
            self._context.streams.discard(self.booking)
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
        self.booking.first_byte()
        body = await read_response(response, self._context.config.bounds.answer_bytes)
        if body is None:
            return self._lost("its answer is larger than bounds.answer_bytes", sent=True)
        plain = plain_body(response, body, self._context.config.bounds.answer_bytes)
        answer = decoded(plain, self._dialect)
        readable = response.headers.get("content-encoding", "identity") in _READABLE
        if readable and not is_answer(answer, self._dialect):
            return self._lost(_garbage(plain, answer), sent=True)
        tally = self.booking.tally
        if answer is not None:
            tally.feed(answer)
        headers = passed_on(response.headers)
        written = answer_bytes(answer) if answer is not None else len(plain)
        translation = self._sent.translation
        if translation is not None:
            if answer is None:
                return self._lost("its answer is no JSON", sent=True)
            output = -(-written // BYTES_PER_TOKEN)
            try:
                body = orjson.dumps(translation.whole(answer, self._told(output)))
            except Broken as error:
                return self._lost(str(error), sent=True)
            except (TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
                return self._lost(f"its answer is none of {self._dialect} ({error})"[:200], sent=True)
            headers = [(b"content-type", b"application/json"), *self._headers()]
        if self._dialect == x.dialect and self._dialect == "openai.responses" and answer is not None:
            context = self._context
            context.responses.note(answer.get("id"), x.principal.key_id, self._target.provider)
            if is_background(answer, x.call.fields):
                context.router.health(self._target).ended()
                await x.whole(response.status, headers, body)
                context.start(follow(context, self.booking, self._target.provider, str(answer.get("id"))))
                return None
        usage = tally.usage()
        use = usage or self.booking.estimate(-(-written // BYTES_PER_TOKEN))
        charge = self.booking.charge(use)
        cost = usd_text(charge.total_pico) if isinstance(charge, Charge) else "unpriced"
        headers.append((b"x-cost-usd", cost.encode()))
        headers.append((b"x-supercycle-target", self._target.id.encode()))
        try:
            await x.whole(response.status, headers, body)
        finally:
            self.booking.answered("settled" if usage else "estimated", use, charge, response.status)
        return None

    async def _stream(self, response: aiohttp.ClientResponse, *, hide: bool) -> FailedAttempt | None:
        """A stream: the first read decides whether it is one, the rest is relayed as it comes."""
        x = self._x
        tee = self.booking.tee = Tee(self.booking.tally, hide_usage=hide, dialect=self._dialect)
        self._context.streams.add(self.booking)
        inflate = Inflate() if response.headers.get("content-encoding", "identity") != "identity" else None
        unframe = Unframe() if self._dialect == "bedrock.converse" else None
        translator: Streamed | None = None
        if self._sent.translation is not None:
            translator = self._sent.translation.stream(self._told(), usage=x.call.wants_usage)
        read = response.content.readany
        try:
            chunk = await read()
        except BREAKS as error:
            raise broken(error) from None
        if not chunk:
            return self._lost("an empty stream", sent=True)
        self.booking.first_byte()
        shown = self._through(chunk, tee, inflate, unframe, translator)
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
        if translator is not None:
            headers = [h for h in headers if h[0] != b"content-type"] + self._headers()
            headers.append((b"content-type", b"text/event-stream; charset=utf-8"))
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
                shown = (
                    feed(chunk)
                    if feed is not None
                    else self._through(chunk, tee, inflate, unframe, translator)
                )
        except BREAKS as error:
            return await self._cut(broken(error).reason, tee)
        except Failure as failure:
            return await self._cut(failure.reason, tee)
        last = tee.end()
        if not tee.finished:
            return await self._cut("it ended before its last event", tee, last if translator is None else b"")
        await x.finish(last if translator is None else translator.end())
        self._over(response.status)
        return None

    def _through(
        self,
        chunk: bytes,
        tee: Tee,
        inflate: Inflate | None,
        unframe: Unframe | None,
        translator: Streamed | None,
    ) -> bytes:
        """What the client gets for a read: the same bytes, the bytes without usage, or a translation."""
        if inflate is None and translator is None:
            return tee.feed(chunk)
        shown: list[bytes] = []
        try:
            for piece in inflate(chunk) if inflate else (chunk,):
                plain = piece if unframe is None else unframe(piece)
                seen = tee.feed(plain)
                shown.append(seen if translator is None else translator.feed(plain))
        except zlib.error:
            raise Failure("its compression is broken", sent=True) from None
        except (InputError, TypeError, ValueError, AttributeError, KeyError, IndexError) as error:
            raise Failure(f"its stream is none of {self._dialect} ({error})"[:200], sent=True) from None
        return b"".join(shown) if tee.hides or translator is not None else chunk

    # --- what a translation is told, and tells

    def _told(self, output: int | None = None) -> Told:
        """``output``: tokens of a whole answer, for an estimate where the provider does not say them."""
        x, booking, target = self._x, self.booking, self._target
        return Told(
            _IDS[x.dialect] + x.id,
            target.model,
            x.received_us // 10**6,
            f"{self._dialect}:{target.model}",
            lambda: booking.tally.usage() or booking.estimate(output),
            self._context.router.input_tokens(x.call, target),
            self._sent.translation is None or self._sent.translation.thinks,
        )

    def _headers(self) -> list[tuple[bytes, bytes]]:
        """What was left out, for the client to see."""
        made = self._sent.translation
        told = (
            ()
            if made is None
            else ((b"x-supercycle-dropped", made.dropped), (b"x-supercycle-notes", made.notes))
        )
        return [
            (
                name,
                "; ".join(said)
                .encode("ascii", "replace")[:_NOTE_CHARS]
                .replace(b"\n", b" ")
                .replace(b"\r", b" "),
            )
            for name, said in told
            if said
        ]

    def _left_out(self) -> tuple[tuple[str, str, int | None], ...]:
        """What was left out, for the ledger to keep."""
        made = self._sent.translation
        if made is None or not (made.dropped or made.notes):
            return ()
        return (("left_out", "; ".join((*made.dropped, *made.notes))[:_NOTE_CHARS], None),)

    # --- how it ends

    async def _cut(self, reason: str, tee: Tee, last: bytes = b"") -> None:
        """The upstream broke off in mid-stream: so does the client's stream, after what had come."""
        x = self._x
        held = last or tee.held
        if held and not x.gone:
            await x.write(held)
        x.ended = True
        _LOG.warning("request %s: %s after the first byte: %s", x.id, self._target.id, reason)
        if tee.finished:
            self._over(200)  # the last event was there: nothing is missing but the end of the transfer
        else:
            self.booking.broke_off(200)

    def _over(self, status: int) -> None:
        """A stream came to its end: settled by what the provider said, or estimated."""
        booking = self.booking
        if self._dialect == "openai.responses":
            key_id = self._x.principal.key_id
            self._context.responses.note(booking.tally.response_id, key_id, self._target.provider)
        usage = booking.tally.usage()
        # A messages stream says what it read at its start and what it wrote at its end: a start alone is not all.
        whole = self._dialect != "anthropic.messages" or booking.tee is None or booking.tee.finished
        use = usage if usage is not None and whole else booking.estimate()
        booking.answered("settled" if use is usage else "estimated", use, booking.charge(use), status)

    def _lost(self, reason: str, *, sent: bool, hung: bool = False) -> FailedAttempt:
        failure = self._failure(
            f"{self._target.provider.name}: {reason}", 502, retryable=True, blame=True, sent=sent
        )
        return failure._replace(hung=hung)

    def _failure(
        self, reason: str, status: int, *, retryable: bool, blame: bool, sent: bool = False
    ) -> FailedAttempt:
        body = orjson.dumps(
            error_body(self._x.dialect, status, reason, kind="upstream_error", code="upstream_error")
        )
        headers = [(b"content-type", b"application/json")]
        return FailedAttempt(reason, status, headers, body, retryable, blame, sent)

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


def _garbage(plain: bytes, answer: Mapping[str, Any] | None) -> str:
    """What came with status 200 instead of an answer, in words."""
    if not plain:
        return "an empty answer with status 200"
    if answer is not None and answer.get("error"):
        return f"an error with status 200: {message_of(plain)[:200]}"
    return "an answer with status 200 that is none of its dialect"


def _cancel_if_running(task: asyncio.Task[Any], relay: Relay) -> None:
    if not relay.booking.settled:
        task.cancel()

"""The routes of pictures, speech and transcriptions: one attempt at the first target that takes them.

The order is that of every call: who, what, may it; the bound is reserved and the attempt committed; only then do bytes
go upstream. There is no second attempt and no translation: these answers are not alike at two models.
"""

# pyright: reportUnknownVariableType=false
from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.door.booking import OVERLOADED, Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange, read_body
from supercycle.gateway.door.media.meters import Asked, asked_of, bound_of_media, measured, most_counts
from supercycle.gateway.door.memory import Held
from supercycle.gateway.door.problem import Problem, of_refusal, of_replay
from supercycle.gateway.door.responses import decoded, facts_of, passed_on, plain_body, read_response
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.door.stored.upload import Form, FormReader, boundary_of
from supercycle.gateway.door.upstream import Failure, redacted
from supercycle.gateway.ledger.entries import Ask, Attempt, Begin, Refused
from supercycle.gateway.prices.bounds import Bound
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.settle import Charge
from supercycle.gateway.routes.providers import ModelEntry, Target
from supercycle.gateway.speech.bounds import InputBound
from supercycle.gateway.speech.dialects import Call
from supercycle.gateway.speech.sound import seconds_most

if TYPE_CHECKING:
    import aiohttp

__all__ = ["MEDIA", "answer_media"]

MEDIA: Final = {
    b"/v1/images/generations": "openai.images",
    b"/v1/audio/speech": "openai.speech",
    b"/v1/audio/transcriptions": "openai.transcriptions",
}
_BODY: Final = 2**20  # of a prompt
_SOUND: Final = 25 * 2**20  # of a file: what OpenAI takes
_OURS: Final = frozenset({401, 402, 403})
EntryOf = Callable[[str], ModelEntry | None]


async def answer_media(context: Context, shelf: Shelf, x: Exchange, entry_of: EntryOf) -> None:
    """Answer one of these routes. Raises Problem, InputError."""
    if b"content-encoding" in x.headers:
        raise Problem(415, "a compressed body is not read", "unsupported_encoding")
    x.read_head()
    with ExitStack() as stack:
        form: Form | None = None
        if x.dialect == "openai.transcriptions":
            path = shelf.passing()
            stack.callback(path.unlink, missing_ok=True)
            form = await _form(x, FormReader(boundary_of(x.headers.get(b"content-type", b"")), path, _SOUND))
            fields: dict[str, Any] = form.fields
            if form.size is None:
                raise Problem(400, "the form has no part named file", "invalid_request")
            for name in fields:
                if not name.endswith("[]") and sum(pair[0] == name for pair in form.pairs) > 1:
                    raise Problem(400, f"{name[:60]} stands twice", "invalid_request")
            if x.idempotency_key is not None:
                raise Problem(400, "Idempotency-Key: not offered for uploads", "bad_header")
        else:
            path = None
            fields = await _fields(context, x)
        asked = asked_of(x.dialect, fields, context.config.bounds.known_fields, path)
        target = _target(context, x, asked, entry_of)
        seconds = await asyncio.to_thread(seconds_most, path) if path is not None else None
        await _limited(context, x, target, asked, most_counts(asked, seconds), (fields, form))


async def _fields(context: Context, x: Exchange) -> dict[str, Any]:
    x.memory = Held(context.bodies, x.principal.key_id)
    x.body = await read_body(x.receive, _BODY, x.headers.get(b"content-length"), x.memory)
    try:
        fields: Any = orjson.loads(x.body)
    except orjson.JSONDecodeError as error:
        raise InputError("the body is no JSON", got=str(error)[:120]) from None
    if not isinstance(fields, dict):
        raise InputError("the body", expected="a JSON object", got=type(fields).__name__)
    found: dict[str, Any] = fields
    return found


async def _form(x: Exchange, reader: FormReader) -> Form:
    try:
        more = True
        while more:
            message = await x.receive()
            if message["type"] != "http.request":
                raise Problem(400, "the client left before its body was complete", "client_left")
            reader.feed(message["body"])
            more = bool(message.get("more_body"))
        return reader.close()
    except BaseException:
        reader.abandon()
        raise


def _target(context: Context, x: Exchange, asked: Asked, entry_of: EntryOf) -> Target:
    entry = entry_of(asked.model)
    if entry is None:
        raise Problem(404, f"no model {asked.model!r} for this key; /v1/models lists them", "model_not_found")
    x.model = entry.name if entry.name in context.config.models else ""
    takes = [target for target in entry.targets if asked.dialect in target.provider.paths]
    if not takes:
        raise Problem(400, f"no provider of {asked.model!r} takes {x.route}", "no_provider")
    x.call = Call(
        asked.dialect, b"", {}, asked.model, stream=False, max_output=0, bound=InputBound(asked.prompt_bytes),
        tier="standard", writes_cache=False, wants_usage=False, preference=None, size=asked.prompt_bytes,
    )  # fmt: skip
    return takes[0]


async def _limited(
    context: Context,
    x: Exchange,
    target: Target,
    asked: Asked,
    most: Mapping[str, int],
    body: tuple[Any, Form | None],
) -> None:
    tokens = x.call.input_expected
    over = context.limits.enter(x.principal, tokens)
    if over is not None:
        raise Problem(
            429, f"this key may have {over.limit} {over.what}", "rate_limit_exceeded",
            kind="rate_limit_error", retry_after_s=over.retry_after_s,
        )  # fmt: skip
    try:
        await _attempt(context, x, target, asked, most, body)
    finally:
        context.limits.leave(x.principal, tokens, x.call.used_tokens)


async def _attempt(
    context: Context,
    x: Exchange,
    target: Target,
    asked: Asked,
    most: Mapping[str, int],
    body: tuple[Any, Form | None],
) -> None:
    at = datetime.now(UTC)
    bound = bound_of_media(context.book, target, asked, most, at)
    begin = (
        Begin(target.provider.name, target.model, bound.pico, bound.price_ids)
        if isinstance(bound, Bound)
        else Begin(target.provider.name, target.model, None, unbounded=bound.reason)
    )
    fingerprint = x.fingerprinted() if x.idempotency_key else ""
    got = await context.ledger.admit_and_begin(
        Ask(
            x.id, x.principal, x.route, asked.model, fingerprint, x.idempotency_key, x.tags,
            received_us=x.received_us,
        ),
        begin,
    )  # fmt: skip
    if not isinstance(got, Attempt):
        raise of_refusal(got) if isinstance(got, Refused) else of_replay(got)
    booking = Booking(context, x, target, got, at, asked.dialect)
    health = context.router.health(target)
    health.begin(context.clock())
    response: aiohttp.ClientResponse | None = None
    try:
        response = await _sent(context, target, asked, body)
        booking.facts = facts_of(response.headers)
        raw = await read_response(response, context.config.bounds.answer_bytes)
        if response.status >= 300:
            booking.settle("void", None, response.status)
            if response.status in OVERLOADED or response.status >= 500:
                health.failed(context.clock(), x.principal.key_id, booking.key[0], certain=False)
            else:
                health.ended()
            await _refused(context, x, target, response, raw or b"")
            return
        if not raw:
            raise Failure("an empty answer, or one larger than bounds.answer_bytes", sent=True)
        await _answered(context, x, booking, (target, asked, most), response, raw)
    except Failure as failure:
        health.failed(context.clock(), x.principal.key_id, booking.key[0], certain=not failure.sent)
        _unknown(context, booking, (target, asked, most), sent=failure.sent)
        raise Problem(502, f"{target.provider.name}: {failure.reason}", "upstream_error") from None
    except BaseException:
        health.ended()
        _unknown(context, booking, (target, asked, most), sent=True)
        raise
    finally:
        if response is not None:
            response.release()


async def _sent(
    context: Context, target: Target, asked: Asked, body: tuple[Any, Form | None]
) -> aiohttp.ClientResponse:
    fields, form = body
    if form is None:
        changed = {**fields, "model": target.model}
        return await context.upstream.send(
            target.provider, asked.dialect, orjson.dumps(changed), [], compressed=False, model=target.model
        )
    assert asked.file is not None
    pairs = [(name, target.model if name == "model" else value) for name, value in form.pairs]
    return await context.upstream.post_form(
        target.provider, target.provider.paths[asked.dialect], pairs, asked.file, form.filename
    )


async def _refused(
    context: Context, x: Exchange, target: Target, response: aiohttp.ClientResponse, raw: bytes
) -> None:
    if response.status < 400 or response.status in _OURS:
        raise Problem(502, f"{target.provider.name} refused the gateway's own account", "upstream_error")
    plain = redacted(plain_body(response, raw, _BODY), context.upstream.secret(target.provider))
    if decoded(plain, "") is None:
        plain = orjson.dumps(error_body("openai.chat", response.status, "the provider gave no reason"))
    await x.whole(response.status, [(b"content-type", b"application/json")], plain)


async def _answered(
    context: Context,
    x: Exchange,
    booking: Booking,
    what: tuple[Target, Asked, Mapping[str, int]],
    response: aiohttp.ClientResponse,
    raw: bytes,
) -> None:
    target, asked, most = what
    booking.first_byte()
    said = "json" in response.headers.get("content-type", "")
    answer = decoded(raw, "") if said else None
    if said and (answer is None or (answer.get("error") and "data" not in answer)):
        raise Failure("an answer with status 200 that is none of its dialect", sent=True)
    usage = measured(context.book, target, asked, most, answer, booking.at)
    charge = booking.charge(usage)
    headers = passed_on(response.headers)
    cost = usd_text(charge.total_pico) if isinstance(charge, Charge) else "unpriced"
    headers += [(b"x-cost-usd", cost.encode()), (b"x-supercycle-target", target.id.encode())]
    try:
        await x.whole(response.status, headers, raw)
    finally:
        context.router.health(target).ended()
        booking.settle("settled" if usage.source == "provider" else "estimated", usage, response.status)


def _unknown(
    context: Context, booking: Booking, what: tuple[Target, Asked, Mapping[str, int]], *, sent: bool
) -> None:
    """No answer: free when nothing was sent, else what it can have cost at most is held until an invoice."""
    if booking.settled:
        return
    if sent:
        booking.unknown("the provider was asked, and its answer was not seen")
    else:
        booking.settle("void", None)

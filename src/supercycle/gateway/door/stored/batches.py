"""The routes of batches: every line is bounded and reserved before the provider gets any, and settled on its output.

A batch costs what the book says of its tier ``batch``; a line whose model has no such price is refused on a path with a
budget. The reserve is that of the dearer of that tier and the standard one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from supercycle.gateway.door.booking import Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange, Message, read_body
from supercycle.gateway.door.memory import Held
from supercycle.gateway.door.problem import Problem, of_refusal
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.door.stored.files import found_file
from supercycle.gateway.door.stored.follow import RUNNING, follow_batch, job
from supercycle.gateway.door.stored.lines import ENDPOINTS, LINES, Line, lines_of
from supercycle.gateway.door.upstream import Failure
from supercycle.gateway.ledger.entries import Ask, Attempt, Begin, Refused, new_request_id
from supercycle.gateway.prices.bounds import Bound, Capacity, reserve_of
from supercycle.gateway.routes.providers import ModelEntry, Provider

__all__ = ["answer_batches"]

_PATH: Final = re.compile(r"/v1/batches(?:/([A-Za-z0-9_-]{1,128})(/cancel)?)?")
_JSON: Final = ((b"content-type", b"application/json"),)
_AT_ONCE: Final = 256  # lines booked in one go: they share a commit
_BODY: Final = 64 * 1024
EntryOf = Callable[[str], ModelEntry | None]


async def answer_batches(context: Context, shelf: Shelf, x: Exchange, method: str, entry_of: EntryOf) -> bool:
    """Answer a route of batches; False when the path is none. Raises Problem."""
    match = _PATH.fullmatch(x.route)
    if match is None:
        return False
    batch_id, cancel = match[1], bool(match[2])
    if batch_id is None and method == "POST":
        shown = await _create(context, shelf, x, entry_of)
    elif batch_id is None and method == "GET":
        listed = shelf.of(x.principal.key_id, "batch")
        shown = {"object": "list", "data": listed, "has_more": False}
    elif batch_id is not None and (method, cancel) in (("GET", False), ("POST", True)):
        held = shelf.get(batch_id, x.principal.key_id)
        if held is None or held["object"]["object"] != "batch":
            raise Problem(404, f"no batch {batch_id!r} of this key", "not_found")
        shown = await _cancel(context, shelf, held) if cancel else held["object"]
    else:
        return False
    await x.whole(200, list(_JSON), orjson.dumps(shown))
    return True


async def _create(context: Context, shelf: Shelf, x: Exchange, entry_of: EntryOf) -> dict[str, Any]:
    x.memory = Held(context.bodies, x.principal.key_id)
    raw = await read_body(x.receive, _BODY, x.headers.get(b"content-length"), x.memory)
    try:
        asked: Any = orjson.loads(raw)
        endpoint, file_id = str(asked["endpoint"]), str(asked["input_file_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise Problem(400, "expected an object with input_file_id and endpoint", "invalid_request") from None
    if endpoint not in ENDPOINTS:
        raise Problem(
            400, f"endpoint: expected one of {', '.join(ENDPOINTS)}, got {endpoint[:80]!r}", "bad_endpoint"
        )
    found_file(shelf, file_id, x.principal.key_id)
    batch_id = shelf.new_id("batch")
    rewritten = shelf.path(batch_id)
    bookings: dict[str, Booking] = {}
    certain = True  # that the provider does not work on it
    try:
        provider = await _reserve(context, x, (shelf.path(file_id), endpoint, entry_of), rewritten, bookings)
        uploaded = await context.upstream.upload(provider, provider.paths["openai.files"], rewritten, "batch")
        certain = False
        window = str(asked.get("completion_window") or "24h")
        body = {"input_file_id": str(uploaded["id"]), "endpoint": endpoint, "completion_window": window}
        upstream = await job(context, provider, "POST", provider.paths["openai.batches"], body)
        upstream_id = str(upstream["id"])
    except BaseException as error:
        certain = certain or (isinstance(error, Failure) and not error.sent)
        context.lines -= len(bookings)
        for booking in bookings.values():
            if certain:
                booking.settle("void", None)
            else:
                booking.unknown("a batch of which nobody knows whether it began")
        if isinstance(error, Failure | KeyError):
            reason = error.reason if isinstance(error, Failure) else f"an answer without {error}"
            raise Problem(502, f"the provider did not take the batch: {reason}", "upstream_error") from None
        raise
    finally:
        rewritten.unlink(missing_ok=True)
    shown = {
        "id": batch_id,
        "object": "batch",
        "endpoint": endpoint,
        "errors": None,
        "input_file_id": file_id,
        "completion_window": window,
        "status": str(upstream.get("status") or "validating"),
        "output_file_id": None,
        "error_file_id": None,
        "created_at": x.received_us // 10**6,
        "request_counts": {"total": len(bookings), "completed": 0, "failed": 0},
        "metadata": asked.get("metadata"),
    }
    shelf.put(x.principal.key_id, shown, provider=provider.name, upstream_id=upstream_id)
    context.start(follow_batch(context, shelf, batch_id, x.principal.key_id, bookings))
    return shown


async def _reserve(
    context: Context,
    x: Exchange,
    source: tuple[Path, str, EntryOf],
    rewritten: Path,
    bookings: dict[str, Booking],
) -> Provider:
    """Book every line before any is sent; the lines as the provider gets them go to ``rewritten``.

    ``bookings`` is filled as lines are admitted, so that a refusal of a later one can void them.
    """
    path, endpoint, entry_of = source
    bounds = context.config.bounds
    provider: Provider | None = None
    at = datetime.now(UTC)
    waiting: list[Line] = []
    with rewritten.open("xb") as out:
        for line in lines_of(path, endpoint, bounds.body_bytes, entry_of, bounds.known_fields):
            provider = provider or line.target.provider
            if line.target.provider != provider:
                both = f"{provider.name} and {line.target.provider.name}"
                raise Problem(
                    400, f"line {line.number} of the batch: {both} cannot share one", "invalid_batch"
                )
            out.write(line.sent)
            waiting.append(line)
            if len(waiting) >= _AT_ONCE:
                await _admit(context, x, waiting, at, bookings)
                waiting.clear()
        await _admit(context, x, waiting, at, bookings)
    if provider is None:
        raise Problem(400, "the file of the batch has no lines", "invalid_batch")
    return provider


async def _admit(
    context: Context, x: Exchange, lines: list[Line], at: datetime, bookings: dict[str, Booking]
) -> None:
    if context.lines + len(lines) > LINES:
        raise Problem(
            503,
            f"batches under way have {context.lines:,} lines, and all together may have {LINES:,}",
            "too_many_lines",
            retry_after_s=60.0,
        )
    exchanges = [_exchange(x, line) for line in lines]
    asked = [
        context.ledger.admit_and_begin(
            Ask(one.id, x.principal, x.route, line.call.model, tags=x.tags, received_us=x.received_us),
            _begin(context, line, at),
        )
        for one, line in zip(exchanges, lines, strict=True)
    ]
    refused: tuple[Line, Refused] | None = None
    for one, line, got in zip(exchanges, lines, await asyncio.gather(*asked), strict=True):
        if isinstance(got, Attempt):
            bookings[line.custom_id] = Booking(context, one, line.target, got, at, line.call.dialect)
            context.lines += 1
            line.call.let_go()
        elif refused is None:
            refused = (line, got)
    if refused is not None:
        problem = of_refusal(refused[1])
        problem.message = f"line {refused[0].number} of the batch: {problem.message}"
        raise problem


def _exchange(x: Exchange, line: Line) -> Exchange:
    """The line as a request of its own, which nobody waits for."""

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None:
        return None

    one = Exchange(new_request_id(), x.route, line.call.dialect, {"headers": []}, receive, send)
    one.principal, one.call, one.model = x.principal, line.call, line.call.model
    one.fingerprint = "batch"
    return one


def _begin(context: Context, line: Line, at: datetime) -> Begin:
    target, call = line.target, line.call
    bound = reserve_of(
        context.book, target.provider.prices, target.model, call.bound, call.max_output,
        Capacity(target.context_tokens, target.max_output_tokens), at,
        tier="batch", cache_writes=call.writes_cache,
    )  # fmt: skip
    if not isinstance(bound, Bound):
        return Begin(target.provider.name, target.model, None, unbounded=bound.reason)
    expected = context.router.input_tokens(call, target) * bound.input_pico
    return Begin(target.provider.name, target.model, bound.pico, bound.price_ids, expected_pico=expected)


async def _cancel(context: Context, shelf: Shelf, held: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = held["object"]
    if shown["status"] not in RUNNING:
        raise Problem(409, f"the batch is {shown['status']}", "batch_over")
    provider = context.config.providers.get(held["provider"])
    if provider is None:
        raise Problem(502, f"the provider {held['provider']} is not configured any more", "upstream_error")
    try:
        path = f"{provider.paths['openai.batches']}/{held['upstream_id']}/cancel"
        found = await job(context, provider, "POST", path, {})
    except Failure as failure:
        raise Problem(502, f"{provider.name}: {failure.reason}", "upstream_error") from None
    inside = {name: value for name, value in held.items() if name not in ("key_id", "object")}
    shown = {**shown, "status": str(found.get("status") or "cancelling")}
    shelf.put(held["key_id"], shown, **inside)
    return shown

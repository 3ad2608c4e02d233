"""A batch under way: asked after until it is over, its output fetched to disk, each line settled by what it used."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from supercycle.gateway.door.booking import Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.responses import decoded, read_response
from supercycle.gateway.door.shelf import FILE_BYTES, Shelf
from supercycle.gateway.door.stored.files import file_object
from supercycle.gateway.door.upstream import Failure
from supercycle.gateway.ledger.entries import now_us
from supercycle.gateway.routes.providers import Provider

__all__ = ["RUNNING", "follow_batch", "job", "resume_batches"]

_LOG = logging.getLogger("supercycle.gateway")
RUNNING: Final = frozenset({"validating", "in_progress", "finalizing", "cancelling"})
# How often a batch is asked after: from a second on, half as long again each time, at most every minute; and for how
# long: a batch has a day, and its answer another. Judgements.
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
GIVE_UP_S: Final = 2 * 86_400.0
_ANSWER: Final = 2**20  # of a batch's own object


async def job(
    context: Context, provider: Provider, method: str, path: str, body: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A small question about a batch. Raises Failure: no answer, an error, or what is no object.

    ``sent`` of the failure is False where the provider said no in so many words.
    """
    response = await context.upstream.fetch(
        provider, method, path, None if body is None else orjson.dumps(body)
    )
    raw = await read_response(response, _ANSWER)
    answer = decoded(raw or b"", "openai.batches")
    if response.status >= 300 or answer is None:
        raise Failure(f"status {response.status}", sent=not 400 <= response.status < 500)
    return answer


def resume_batches(context: Context, shelf: Shelf) -> None:
    """Follow what was under way when the last process ended: for its output; its lines were booked by the recovery."""
    for held in shelf.unfinished(RUNNING):
        context.start(follow_batch(context, shelf, held["object"]["id"], held["key_id"], {}))


async def follow_batch(
    context: Context, shelf: Shelf, batch_id: str, key_id: str, bookings: dict[str, Booking]
) -> None:
    """Ask after a batch until it is over; then keep its output and settle its lines."""
    try:
        await _followed(context, shelf, batch_id, key_id, bookings)
    finally:
        context.lines -= len(bookings)


async def _followed(
    context: Context, shelf: Shelf, batch_id: str, key_id: str, bookings: dict[str, Booking]
) -> None:
    pause, waited = FIRST_S, 0.0
    while waited < GIVE_UP_S:
        await asyncio.sleep(pause)
        waited += pause
        pause = min(pause * 1.5, LONGEST_S)
        held = shelf.get(batch_id, key_id)
        provider = context.config.providers.get(held["provider"]) if held is not None else None
        if held is None or provider is None:
            break
        try:
            found = await job(
                context, provider, "GET", f"{provider.paths['openai.batches']}/{held['upstream_id']}"
            )
            if found.get("status") not in RUNNING:
                await _over(context, shelf, held, provider, found, bookings)
                return
        except Failure as failure:
            _LOG.warning("batch %s: %s", batch_id, failure.reason)
            continue
        _shown(shelf, held, found, {})
    for booking in bookings.values():
        booking.unknown("a line of a batch whose end was not seen")


def _shown(
    shelf: Shelf, held: dict[str, Any], found: Mapping[str, Any], files: dict[str, str | None]
) -> None:
    """The batch as its key sees it: the provider's words, and the gateway's own ids."""
    kept = ("status", "request_counts", "errors", "in_progress_at", "completed_at", "failed_at", "expired_at",
            "cancelled_at", "expires_at")  # fmt: skip
    shown = {**held["object"], **{name: found[name] for name in kept if name in found}, **files}
    inside = {name: value for name, value in held.items() if name not in ("key_id", "object")}
    shelf.put(held["key_id"], shown, **inside)


async def _over(
    context: Context,
    shelf: Shelf,
    held: dict[str, Any],
    provider: Provider,
    found: Mapping[str, Any],
    bookings: dict[str, Booking],
) -> None:
    """Fetch what a batch gave and settle its lines; a line it did not answer costs nothing. Raises Failure."""
    files: dict[str, str | None] = {}
    paths: list[Path] = []
    for name in ("output_file_id", "error_file_id"):
        theirs = found.get(name)
        if not isinstance(theirs, str) or not theirs:
            continue
        file_id = shelf.new_id("file")
        path = shelf.path(file_id)
        try:
            size = await context.upstream.download(
                provider, f"{provider.paths['openai.files']}/{theirs}/content", path, FILE_BYTES
            )
        except Failure:
            path.unlink(missing_ok=True)
            raise
        what = f"{held['object']['id']}_{name.removesuffix('_file_id')}.jsonl"
        shelf.put(held["key_id"], file_object(file_id, size, now_us() // 10**6, what, "batch_output"))
        files[name] = file_id
        paths.append(path)
    for path in paths:
        await _settle(path, bookings)
    for booking in bookings.values():
        booking.settle("void", None)  # those that were settled stay so
    _shown(shelf, held, found, files)


async def _settle(path: Path, bookings: dict[str, Booking]) -> None:
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            if number % 64 == 0:
                await asyncio.sleep(0)  # others wait
            line = decoded(raw, "")
            booking = bookings.get(str((line or {}).get("custom_id")))
            if line is None or booking is None or booking.settled:
                continue
            response = line.get("response") or {}
            status, body = response.get("status_code"), response.get("body")
            if status != 200 or not isinstance(body, dict):
                booking.settle("void", None, status if isinstance(status, int) else None)
                continue
            booking.facts += (("upstream_id", str(response.get("request_id") or line.get("id"))[:200], None),)
            booking.tally.feed(body)
            usage = booking.tally.usage()
            if usage is None:
                booking.unknown("a line of a batch whose answer says no usage")
            else:
                booking.settle("settled", replace(usage, tier="batch"), status)

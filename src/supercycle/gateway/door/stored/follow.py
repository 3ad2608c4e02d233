"""A batch under way: asked after until it is over, its output fetched to disk, each line settled by what it used."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import orjson

from supercycle.gateway.door.booking import Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.responses import decoded, read_response
from supercycle.gateway.door.shelf import FILE_BYTES, Shelf
from supercycle.gateway.door.stored.files import file_object
from supercycle.gateway.door.stored.lines import ENDPOINTS
from supercycle.gateway.door.stored.manifest import Row, booking_of, manifest_of, rows_of
from supercycle.gateway.door.upstream import Failure
from supercycle.gateway.ledger.entries import now_us
from supercycle.gateway.routes.providers import Provider

__all__ = ["RUNNING", "follow_batch", "job", "never_began", "resume_batches"]

_LOG = logging.getLogger("supercycle.gateway")
RUNNING: Final = frozenset({"validating", "in_progress", "finalizing", "cancelling"})
# How often a batch is asked after: from a second on, half as long again each time, at most every minute; and for how
# long: a batch has a day, and its answer another. Judgements.
FIRST_S: Final = 1.0
LONGEST_S: Final = 60.0
GIVE_UP_S: Final = 2 * 86_400.0
LOOK_S: Final = 600.0  # for how long a batch is looked for of which nobody saw whether it began
_AT_ONCE: Final = 256  # lines settled in one go: they share a commit
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
    """Go on with what was under way when the last process ended."""
    for held in shelf.unfinished(RUNNING):
        context.start(follow_batch(context, shelf, held["object"]["id"], held["key_id"]))


async def follow_batch(context: Context, shelf: Shelf, batch_id: str, key_id: str) -> None:
    """Ask after a batch until it is over; then keep its output and settle its lines."""
    pause = FIRST_S
    while True:
        held = shelf.get(batch_id, key_id)
        if held is None:
            return
        name = str(held.get("provider", ""))
        provider = context.config.providers.get(name)
        stage = held.get("stage", "running")
        if stage == "reserving":  # the provider never heard of it
            await never_began(context, shelf, batch_id)
            return
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, LONGEST_S)
        old_s = time.time() - held["object"]["created_at"]
        try:
            if provider is None:
                _LOG.warning("batch %s: the provider %s is not configured any more", batch_id, name)
            elif stage == "sending":
                if await _found(context, shelf, held, provider):
                    continue
                if old_s > LOOK_S:
                    await _lost(
                        context, shelf, held, provider, "a batch of which nobody knows whether it began"
                    )
                    return
            else:
                where = f"{provider.paths['openai.batches']}/{held['upstream_id']}"
                found = await job(context, provider, "GET", where)
                if found.get("status") not in RUNNING:
                    await _over(context, shelf, held, provider, found)
                    return
                _shown(shelf, held, found, {})
        except Failure as failure:
            _LOG.warning("batch %s: %s", batch_id, failure.reason)
        except Exception:  # a full disk, a path that a reload took away: the next time may be better
            _LOG.exception("batch %s", batch_id)
        if old_s > GIVE_UP_S:
            await _lost(context, shelf, held, provider, "a line of a batch whose end was not seen")
            return


async def _found(context: Context, shelf: Shelf, held: dict[str, Any], provider: Provider) -> bool:
    """Whether the provider lists the batch whose beginning nobody saw: it is the one of the uploaded file."""
    try:
        listed = await job(context, provider, "GET", f"{provider.paths['openai.batches']}?limit=100")
    except Failure as failure:
        if failure.sent:
            raise
        listed = {}  # it does not list batches
    for one in listed.get("data") or ():
        if isinstance(one, dict) and one.get("input_file_id") == held["uploaded"] and one.get("id"):
            inside = {"stage": "running", "provider": provider.name, "upstream_id": str(one["id"])}
            shelf.put(held["key_id"], held["object"], **inside)
            return True
    return False


async def never_began(context: Context, shelf: Shelf, batch_id: str) -> None:
    """A batch that no provider works on: its lines cost nothing, and nobody has heard of its id."""
    ended: list[asyncio.Future[int]] = []
    for row in rows_of(manifest_of(shelf, batch_id)):
        ended.append(context.ledger.settle(row.attempt, None, None, "void"))
        await _some(ended)
    await asyncio.gather(*ended)
    shelf.remove(batch_id)


async def _lost(
    context: Context, shelf: Shelf, held: dict[str, Any], provider: Provider | None, why: str
) -> None:
    """Nobody will say what it cost: each line is held until an invoice, or closed as an orphan by the next start."""
    batch_id = held["object"]["id"]
    if provider is not None:
        await _each(
            context, held, provider, rows_of(manifest_of(shelf, batch_id)), lambda one: one.unknown(why)
        )
    told = {"status": "failed", "errors": {"object": "list", "data": [{"code": "lost", "message": why}]}}
    _shown(shelf, held, told, {})
    manifest_of(shelf, batch_id).unlink(missing_ok=True)


async def _each(
    context: Context,
    held: Mapping[str, Any],
    provider: Provider,
    rows: Iterable[Row],
    end: Callable[[Booking], None],
) -> None:
    """End the lines, and return when all of them are durable. A line that is over already stays as it is."""
    ended: list[asyncio.Future[int]] = []
    for row in rows:
        booking = booking_of(context, provider, ENDPOINTS[held["object"]["endpoint"]], row)
        end(booking)
        if booking.booked is not None:
            ended.append(booking.booked)
            await _some(ended)
    await asyncio.gather(*ended)


async def _some(ended: list[asyncio.Future[int]]) -> None:
    """Wait where many are under way: they share a commit, and others have their turn."""
    if len(ended) >= _AT_ONCE:
        await asyncio.gather(*ended)
        ended.clear()


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
    context: Context, shelf: Shelf, held: dict[str, Any], provider: Provider, found: Mapping[str, Any]
) -> None:
    """Fetch what a batch gave and settle its lines; a line it did not answer costs nothing. Raises Failure.

    It is told to be over only when every line is: whoever starts after a crash does it all again, to no effect on what
    was booked.
    """
    files: dict[str, str | None] = dict(held.get("files", {}))
    for name in ("output_file_id", "error_file_id"):
        theirs = found.get(name)
        if not isinstance(theirs, str) or not theirs:
            continue
        file_id = files.setdefault(name, shelf.new_id("file"))
        assert file_id is not None
        inside = {key: value for key, value in held.items() if key not in ("key_id", "object")}
        shelf.put(held["key_id"], held["object"], **{**inside, "files": files})
        path = shelf.path(file_id)
        path.unlink(missing_ok=True)
        try:
            size = await context.upstream.download(
                provider, f"{provider.paths['openai.files']}/{theirs}/content", path, FILE_BYTES
            )
        except Failure:
            path.unlink(missing_ok=True)
            raise
        what = f"{held['object']['id']}_{name.removesuffix('_file_id')}.jsonl"
        shelf.put(held["key_id"], file_object(file_id, size, now_us() // 10**6, what, "batch_output"))
    manifest = manifest_of(shelf, held["object"]["id"])
    rows = {row.custom_id: row for row in rows_of(manifest)}
    for file_id in files.values():
        assert file_id is not None
        await _settle(context, held, provider, shelf.path(file_id), rows)
    await _each(context, held, provider, rows.values(), lambda one: one.settle("void", None))
    _shown(shelf, held, found, files)
    manifest.unlink(missing_ok=True)


async def _settle(
    context: Context, held: Mapping[str, Any], provider: Provider, path: Path, rows: dict[str, Row]
) -> None:
    """Settle the lines that a file answers, and take them out of ``rows``."""
    ended: list[asyncio.Future[int]] = []
    with path.open("rb") as file:
        for raw in file:
            line = decoded(raw, "")
            row = rows.pop(str((line or {}).get("custom_id")), None)
            if line is None or row is None:
                continue
            booking = booking_of(context, provider, ENDPOINTS[held["object"]["endpoint"]], row)
            _answered(booking, line)
            if booking.booked is not None:
                ended.append(booking.booked)
                await _some(ended)
    await asyncio.gather(*ended)


def _answered(booking: Booking, line: Mapping[str, Any]) -> None:
    response = line.get("response") or {}
    status, body = response.get("status_code"), response.get("body")
    if status != 200 or not isinstance(body, dict):
        booking.settle("void", None, status if isinstance(status, int) else None)
        return
    booking.facts += (("upstream_id", str(response.get("request_id") or line.get("id"))[:200], None),)
    booking.tally.feed(body)
    usage = booking.tally.usage()
    if usage is None:
        booking.unknown("a line of a batch whose answer says no usage")
    else:
        booking.settle("settled", replace(usage, tier="batch"), status)

"""The lines of a batch under way, on disk: which attempt each line is, so that any process can settle it.

A manifest has a line of JSON per line of the batch, written when the line was reserved and before the provider got any.
A settlement needs nothing else: the ledger books an attempt once, however often it is told.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from supercycle.gateway.door.booking import Booking
from supercycle.gateway.door.context import Context
from supercycle.gateway.door.exchange import Exchange, Message
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.ledger.rows import Key
from supercycle.gateway.routes.providers import Provider, Target
from supercycle.gateway.speech.bounds import InputBound
from supercycle.gateway.speech.dialects import Call

__all__ = ["Row", "append", "booking_of", "manifest_of", "open_keys", "rows_of"]

_ACCOUNTS = Attempt._fields.index("accounts")


class Row(NamedTuple):
    """A line that was reserved: the caller's name for it, the bytes of its body, its attempt."""

    custom_id: str
    size: int
    attempt: Attempt


def manifest_of(shelf: Shelf, batch_id: str) -> Path:
    """Where the manifest of a batch is."""
    return shelf.path(batch_id).with_suffix(".lines")


def append(file: BinaryIO, rows: Iterable[Row]) -> None:
    """Write rows so that a crash of the machine keeps them too."""
    for row in rows:
        attempt = [*row.attempt[:-1], dict(row.attempt.tags)]
        file.write(orjson.dumps([row.custom_id, row.size, attempt]) + b"\n")
    file.flush()
    os.fsync(file.fileno())


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a manifest; a half last line is one whose batch never went out."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                return
            custom_id, size, fields = orjson.loads(raw)
            fields[_ACCOUNTS] = tuple(fields[_ACCOUNTS])
            yield Row(custom_id, size, Attempt._make(fields))


def open_keys(shelf: Shelf, statuses: frozenset[str]) -> frozenset[Key]:
    """The attempts of every batch under way: they are not abandoned when the process that began them is no more."""
    batches = [held["object"]["id"] for held in shelf.unfinished(statuses)]
    return frozenset(
        (row.attempt.request_id, row.attempt.n) for one in batches for row in rows_of(manifest_of(shelf, one))
    )


def booking_of(context: Context, provider: Provider, dialect: str, row: Row) -> Booking:
    """The books of a line, by what the manifest says of it."""
    attempt = row.attempt
    call = Call(
        dialect, b"", {}, attempt.model, stream=False, max_output=None, bound=InputBound(row.size), tier="batch",
        writes_cache=False, wants_usage=False, preference=None, size=row.size,
    )  # fmt: skip
    one = Exchange(attempt.request_id, "/v1/batches", dialect, {"headers": []}, _nobody, _nothing)
    one.call, one.model, one.fingerprint = call, attempt.model, "batch"
    at = datetime.fromtimestamp(attempt.begun_us / 1e6, UTC)
    return Booking(context, one, Target(provider, attempt.upstream_model), attempt, at, dialect)


async def _nobody() -> Message:
    return {"type": "http.disconnect"}


async def _nothing(_: Message) -> None:
    return None

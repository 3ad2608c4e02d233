"""One attempt as the dashboard, the exports and a replay read it: typed, with its arithmetic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import orjson

from supercycle.gateway.ledger.reads import Reads
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.settle import Charge, Line
from supercycle.gateway.speech.usage import KINDS

__all__ = ["AttemptRow", "UsageLine", "attempts_of", "read_attempts"]

Record = Mapping[str, Any]
_ORDER = {kind: place for place, kind in enumerate(KINDS)}


class UsageLine(NamedTuple):
    """What was used of a kind; ``rate_pico``, ``price_id`` and ``pico`` only where it was charged."""

    kind: str
    units: int
    rate_pico: int | None
    price_id: str | None
    pico: int | None


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt with its request, its outcome and its usage.

    ``state`` is open or sent while it runs, and cached (``n`` 0) for an answer that needed no attempt. ``cost_pico`` is
    the charge with its corrections, ``adjusted_pico`` the corrections alone; None while nothing is known to be owed:
    under way, or unpriced.
    """

    request_id: str
    n: int
    begun_us: int
    key_id: str
    project: str
    org: str
    route: str
    model: str
    provider: str
    upstream_model: str
    state: str
    tier: str
    note: str
    http_status: int | None
    ttft_ms: float | None
    duration_ms: float | None
    reserve_pico: int | None
    cost_pico: int | None
    adjusted_pico: int
    tags: Mapping[str, str]
    decision: str
    usage: tuple[UsageLine, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Units by kind."""
        return {line.kind: line.units for line in self.usage}

    @property
    def charged(self) -> tuple[Line, ...] | None:
        """The lines that make the charge; None when it was not made of lines (estimates, orphans, unpriced)."""
        if self.cost_pico is None:
            return None
        lines = tuple(
            Line(line.kind, line.units, line.rate_pico, line.price_id or "", line.pico or 0)
            for line in self.usage
            if line.rate_pico is not None
        )
        return lines if sum(line.pico for line in lines) == self.cost_pico - self.adjusted_pico else None

    def formula(self) -> str:
        """The arithmetic of the cost as a person would write it; the reason when there is none."""
        if self.cost_pico is None:
            return "under way" if self.state in ("open", "sent") else f"no price: {self.note or self.state}"
        charge = self.cost_pico - self.adjusted_pico
        lines = self.charged
        if lines is not None:
            text = Charge(lines, charge).formula()
        else:
            text = f"{self.note or self.state} = {usd_text(charge)} USD"
        if self.adjusted_pico:
            sign = "+" if self.adjusted_pico > 0 else "-"
            by = usd_text(abs(self.adjusted_pico))
            text += f"; {sign} {by} by invoice = {usd_text(self.cost_pico)} USD"
        return text


def attempts_of(request: Record) -> list[AttemptRow]:
    """The attempts of one request as `Reads.requests` gives it; an exact cache's answer is one with n 0."""
    found = cast("list[Record]", request["attempts"])
    return [_row(request, attempt) for attempt in found] or [_cached(request)]


async def read_attempts(reads: Reads, since_us: int, until_us: int) -> AsyncIterator[AttemptRow]:
    """Every attempt begun in a period, oldest first."""
    async for record in reads.attempts(since_us, until_us):
        yield _row(record, record)


def _row(request: Record, attempt: Record) -> AttemptRow:
    tags = request["tags"]
    return AttemptRow(
        request_id=attempt["request_id"],
        n=attempt["n"],
        begun_us=attempt["begun_us"],
        key_id=request["key_id"],
        project=request["project"] or "",
        org=request["org"] or "",
        route=request["route"],
        model=request["model"],
        provider=attempt["provider"],
        upstream_model=attempt["upstream_model"],
        state=attempt["state"],
        tier=attempt["tier"] or "",
        note=attempt["note"] or "",
        http_status=attempt["http_status"],
        ttft_ms=attempt["ttft_ms"],
        duration_ms=attempt["duration_ms"],
        reserve_pico=attempt["reserve_pico"],
        cost_pico=attempt["cost_pico"],
        adjusted_pico=attempt["adjusted_pico"],
        tags=orjson.loads(tags) if isinstance(tags, str) else tags,
        decision=request["decision"] or "{}",
        usage=tuple(
            UsageLine(line["kind"], line["count"], line["rate_pico"], line["price_id"], line["pico"])
            for line in sorted(cast("list[Record]", attempt["usage"]), key=_place)
        ),
    )


def _place(used: Record) -> int:
    return _ORDER.get(used["kind"], len(_ORDER))


def _cached(request: Record) -> AttemptRow:
    at_us = request["received_us"]
    nothing: dict[str, Any] = dict.fromkeys(("http_status", "ttft_ms", "duration_ms", "reserve_pico", "tier"))
    nothing |= {
        "cost_pico": 0,
        "adjusted_pico": 0,
        "usage": [],
        "state": "cached",
        "note": "answered from the exact cache",
    }
    where = {"request_id": request["request_id"], "n": 0, "provider": "cache", "upstream_model": ""}
    return _row(request, {**nothing, **where, "begun_us": at_us})

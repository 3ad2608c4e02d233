"""The metered demand: what the ledger says was asked of each model, hour by hour, as a DemandProfile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.gateway.ledger.ledger import Ledger

__all__ = ["demand_profile"]

_HOUR_US = 3_600_000_000
_WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")
# The database adds up the tokens; only the times of each attempt have to be looked at one by one.
_TOKENS = f"""
    SELECT a.begun_us / {_HOUR_US} AS hour, a.provider, a.upstream_model, u.kind, SUM(u.count) AS units
    FROM attempt a JOIN usage u ON u.request_id = a.request_id AND u.n = a.n
    WHERE a.begun_us >= $1 AND a.begun_us < $2 GROUP BY 1, a.provider, a.upstream_model, u.kind"""
_TIMES = f"""
    SELECT a.begun_us / {_HOUR_US} AS hour, a.begun_us, a.provider, a.upstream_model, o.ttft_ms, o.duration_ms
    FROM attempt a JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
    WHERE a.begun_us >= $1 AND a.begun_us < $2
        AND EXISTS (SELECT 1 FROM usage u WHERE u.request_id = a.request_id AND u.n = a.n)"""
Cell = tuple[int, str, str]  # hour, provider, the provider's name of the model


@dataclass(slots=True)
class _Hour:
    tokens: dict[str, int] = field(default_factory=lambda: {})
    requests: int = 0
    busy_us: float = 0.0
    ttft_ms: list[float] = field(default_factory=lambda: [])


async def demand_profile(
    ledger: Ledger,
    since_us: int,
    until_us: int,
    progress: Callable[[int], None] | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> DemandProfile:
    """Demand of a period by UTC hour, provider and model, from the attempts that said or were estimated to use tokens.

    A request counts in the hour its attempt began; its seconds count in the hours they fell in, so that concurrency is
    their sum / 3600. TTFT is the nearest-rank percentile of the streams. An hour between the last booking of one run
    and the start of the next may have had calls that nobody metered: it is ``missing`` (provider and model "*").
    Answers from the exact cache ask nothing of a model and are not demand. ``names`` gives a provider the name that
    the price book has for it, by which the decision finds its prices.
    """
    cells: dict[Cell, _Hour] = {}
    seen = 0
    async with ledger.store.reading() as read:
        async for row in read(_TOKENS, since_us, until_us):
            cell = cells.setdefault(_cell(row, names), _Hour())
            cell.tokens[row["kind"]] = cell.tokens.get(row["kind"], 0) + int(row["units"])
        async for row in read(_TIMES, since_us, until_us):
            seen += 1
            if progress is not None and seen % 1000 == 0:
                progress(seen)
            _add(cells, row, names)
    rows = [_row(cell, hour) for cell, hour in cells.items()]
    rows += [
        DemandHour(_time(hour), "*", "*", *[None] * 7, missing=True)
        for hour in _missed(await _runs(ledger), {cell[0] for cell in cells})
    ]
    span = f"{_time(since_us):%Y-%m-%d} to {_time(until_us):%Y-%m-%d}" if rows else "no traffic"
    return DemandProfile(tuple(rows), source=f"gateway ledger, {span} UTC")


def _cell(row: Mapping[str, Any], names: Mapping[str, str]) -> Cell:
    return int(row["hour"]) * _HOUR_US, names.get(row["provider"], row["provider"]), row["upstream_model"]


def _add(cells: dict[Cell, _Hour], row: Mapping[str, Any], names: Mapping[str, str]) -> None:
    """Count a request, and spread its seconds over the hours they fell in."""
    hour_us, provider, model = _cell(row, names)
    cell = cells.setdefault((hour_us, provider, model), _Hour())
    cell.requests += 1
    if row["ttft_ms"] is not None:
        cell.ttft_ms.append(row["ttft_ms"])
    start = row["begun_us"]
    end = start + (row["duration_ms"] or 0.0) * 1000
    while hour_us < end:
        share = min(end, hour_us + _HOUR_US) - max(start, hour_us)
        cells.setdefault((hour_us, provider, model), _Hour()).busy_us += share
        hour_us += _HOUR_US


def _row(cell: Cell, hour: _Hour) -> DemandHour:
    streams = sorted(hour.ttft_ms)
    return DemandHour(
        hour=_time(cell[0]),
        provider=cell[1],
        model=cell[2],
        input_tokens=hour.tokens.get("input", 0),
        cached_tokens=hour.tokens.get("cached", 0),
        cache_write_tokens=sum(hour.tokens.get(kind, 0) for kind in _WRITES),
        output_tokens=hour.tokens.get("output", 0),
        reasoning_tokens=hour.tokens.get("reasoning", 0),
        requests=hour.requests,
        concurrency=hour.busy_us / _HOUR_US,
        ttft_p50_ms=_percentile(streams, 50),
        ttft_p95_ms=_percentile(streams, 95),
    )


def _percentile(values: list[float], percent: int) -> float | None:
    """Nearest rank: the smallest value with at least that share of values at or below it.

    >>> _percentile([1.0, 2.0, 3.0, 4.0], 50), _percentile([1.0, 2.0, 3.0, 4.0], 95), _percentile([], 50)
    (2.0, 4.0, None)
    """
    return values[-(-len(values) * percent // 100) - 1] if values else None


async def _runs(ledger: Ledger) -> list[tuple[int, int]]:
    """When a gateway is known to have been up: from the start of each run to its last booking."""
    rows = await ledger.store.fetch(
        "SELECT r.started_us AS start, COALESCE(MAX(b.at_us), r.started_us) AS finish "
        "FROM run r LEFT JOIN block b ON b.run_id = r.run_id GROUP BY r.run_id, r.started_us"
    )
    return [(row["start"], row["finish"]) for row in rows]


def _missed(runs: list[tuple[int, int]], hours: set[int]) -> list[int]:
    """The hours from the first with traffic to the last in which no gateway is known to have been up."""
    if not hours:
        return []
    up = {hour for start, end in runs for hour in range(start - start % _HOUR_US, end + 1, _HOUR_US)}
    return [h for h in range(min(hours), max(hours), _HOUR_US) if h not in up and h not in hours]


def _time(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC)

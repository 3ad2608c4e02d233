"""What the dashboard shows, read from the ledger: money by period, model, key and tag, budgets, and what was saved.

Every number is read when it is asked for, all of them as of one moment; nothing is kept beside the ledger. Money leaves
as exact text in USD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson

from supercycle.gateway.config.config import Config
from supercycle.gateway.ledger.attempts import AttemptRow, attempts_of
from supercycle.gateway.ledger.budget_rows import budget_status
from supercycle.gateway.ledger.budgets import HOUR_US, period_bounds
from supercycle.gateway.ledger.ledger import Ledger, now_us
from supercycle.gateway.ledger.reads import Reads
from supercycle.gateway.ledger.store import Read, Store, Sums
from supercycle.gateway.prices.money import usd_text
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.reports.savings import Saved, saved

__all__ = ["RANGES", "forecast_pico", "overview", "request_rows"]

Json = dict[str, Any]
_DAY_US = 24 * HOUR_US
_PACE_US = 7 * _DAY_US  # the forecast's pace is that of the last seven days
# What the chart spans, and what one of its steps is.
RANGES: Mapping[str, tuple[int, int]] = {
    "day": (_DAY_US, HOUR_US),
    "week": (7 * _DAY_US, HOUR_US),
    "month": (30 * _DAY_US, _DAY_US),
    "quarter": (91 * _DAY_US, _DAY_US),
}
_ATTENTION = ("estimated", "orphaned", "unpriced")


async def overview(
    ledger: Ledger, book: PriceBook, config: Config | None, span: str, at_us: int | None = None
) -> Json:
    """Everything on the first page, as JSON. ``span`` is a name of `RANGES`."""
    now = at_us or now_us()
    async with ledger.store.reading() as read:
        return await _page(_Moment(read, ledger.store.sums), book, config, span, now) | {
            "trouble": ledger.trouble
        }


class _Moment:
    """The part of a store that answers questions, all of them as of one moment."""

    def __init__(self, read: Read, sums: Sums) -> None:
        self._read = read
        self.sums = sums

    async def fetch(self, sql: str, *args: Any) -> list[Json]:
        return [row async for row in self._read(sql, *args)]


async def _page(moment: _Moment, book: PriceBook, config: Config | None, span: str, now: int) -> Json:
    reads = Reads(cast("Store", moment))
    day, month = period_bounds("day", now), period_bounds("month", now)
    length, step = RANGES[span]
    since = now - now % step + step - length
    today = await reads.totals(*day)
    months = await reads.totals(*month)
    cells = await reads.series(since, now + HOUR_US, step, "model", "key_id")
    names = await _key_names(moment)
    tags = await reads.tags(since, now + HOUR_US)
    flying = await reads.in_flight()
    return {
        "now_us": now,
        "span": span,
        "since_us": since,
        "step_us": step,
        "today": _money(today) | {"since_us": day[0]},
        "month": _money(months) | {"since_us": month[0], "until_us": month[1]},
        "forecast": await _forecast(moment, reads, now, int(months["spent"])),
        "market": await _market(moment, now, names),
        "saved": _savings(await saved(reads, book, config, month[0], now + HOUR_US)),
        "in_flight": {"attempts": int(flying["attempts"]), "reserved_usd": usd_text(int(flying["reserved"]))},
        "attention": {name: int(months[name]) for name in _ATTENTION},
        "series": _series(cells, since, now, step),
        "models": _ranked(cells, "model"),
        "keys": [row | {"label": names.get(row["name"], row["name"])} for row in _ranked(cells, "key_id")],
        "tags": [
            {"name": t["tag"], "requests": int(t["requests"]), "usd": usd_text(int(t["spent"]))} for t in tags
        ],
        "budgets": [_budget(row, names) for row in await budget_status(cast("Store", moment))],
    }


async def _market(moment: _Moment, now: int, names: Mapping[str, str]) -> Json:
    """Paid over the cheapest that was good enough, in the last 24 hours: in all, by hour, by key, by reason."""
    since = now - now % HOUR_US - 23 * HOUR_US
    paid = await moment.fetch(
        f"SELECT hour_us, key_id, {moment.sums.over('spent', 'spent')} FROM rollup WHERE hour_us >= $1"
        " GROUP BY hour_us, key_id",
        since,
    )
    above = await moment.fetch(
        f"SELECT hour_us, key_id, reason, SUM(calls) AS calls, {moment.sums.over('excess', 'excess')}"
        " FROM rollup_market WHERE hour_us >= $1 GROUP BY hour_us, key_id, reason",
        since,
    )

    def ratios(column: str) -> list[Json]:
        sums: dict[Any, list[int]] = {}
        for row in paid:
            sums.setdefault(row[column], [0, 0])[0] += int(row["spent"])
        for row in above:
            sums.setdefault(row[column], [0, 0])[1] += int(row["excess"])
        return [{column: name, **_ratio(*both)} for name, both in sorted(sums.items())]

    reasons: dict[str, list[int]] = {}
    for row in above:
        reason = reasons.setdefault(row["reason"], [0, 0])
        reason[0] += int(row["calls"])
        reason[1] += int(row["excess"])
    total = _ratio(sum(int(row["spent"]) for row in paid), sum(int(row["excess"]) for row in above))
    by_key = [row | {"label": names.get(row["key_id"], row["key_id"])} for row in ratios("key_id")]
    ranked = sorted(reasons.items(), key=lambda item: -item[1][1])
    return total | {
        "hours": ratios("hour_us"),
        "keys": by_key,
        "reasons": [
            {"reason": name, "calls": calls, "usd": usd_text(pico)} for name, (calls, pico) in ranked
        ],
    }


def _ratio(paid: int, excess: int) -> Json:
    """Paid over what the cheapest good enough asked; None when that is nothing.

    >>> _ratio(103, 3)["ratio"], _ratio(0, 0)["ratio"]
    (1.03, None)
    """
    cheapest = paid - excess
    return {
        "paid_usd": usd_text(paid),
        "cheapest_usd": usd_text(cheapest),
        "excess_usd": usd_text(excess),
        "ratio": paid / cheapest if cheapest > 0 else None,
    }


async def request_rows(
    ledger: Ledger,
    book: PriceBook,
    *,
    limit: int = 50,
    before: str | None = None,
    key_id: str | None = None,
    model: str | None = None,
    state: str | None = None,
) -> list[Json]:
    """A page of the request ledger, newest first: each request with its attempts, lines, prices and decision."""
    found = await ledger.reads.requests(limit, before, key_id=key_id, model=model, state=state)
    names = await _key_names(ledger.store)
    rows: list[Json] = []
    for request in found:
        attempts = attempts_of(request)
        costs = [attempt.cost_pico for attempt in attempts]
        known = [cost for cost in costs if cost is not None]
        rows.append(
            {
                "request_id": request["request_id"],
                "received_us": request["received_us"],
                "key": names.get(request["key_id"], request["key_id"]),
                "route": request["route"],
                "model": request["model"],
                "tags": request["tags"],
                "usd": usd_text(sum(known)) if known else None,
                "state": attempts[-1].state,
                "attempts": [_attempt(attempt, book) for attempt in attempts],
                "candidates": orjson.loads(request["decision"] or "{}").get("candidates", []),
            }
        )
    return rows


def forecast_pico(spent_pico: int, pace_pico: int, pace_us: int, left_us: int) -> int:
    """What a month will have cost: spent so far + the recent pace x the time left.

    >>> forecast_pico(100, pace_pico=70, pace_us=7, left_us=20)
    300
    """
    return spent_pico + (pace_pico * left_us // pace_us if pace_us > 0 else 0)


async def _forecast(moment: _Moment, reads: Reads, now: int, spent: int) -> Json:
    """The month's end at the pace of the last seven days, or of the time since the first call if that is less."""
    first = await moment.fetch("SELECT MIN(hour_us) AS hour FROM rollup")
    start = max(first[0]["hour"] or now, now - _PACE_US)
    start -= start % HOUR_US
    recent = await reads.totals(start, now + HOUR_US)
    _, end = period_bounds("month", now)
    days = (now - start) / _DAY_US
    if days < 1:
        return {"usd": None, "basis": "after a day of traffic", "days": days}
    usd = usd_text(forecast_pico(spent, int(recent["spent"]), now - start, end - now))
    return {"usd": usd, "basis": f"at the pace of the last {min(days, 7):.0f} days", "days": days}


async def _key_names(store: _Moment | Store) -> dict[str, str]:
    rows = await store.fetch("SELECT key_id, name FROM virtual_key")
    return {row["key_id"]: row["name"] for row in rows}


def _money(totals: Mapping[str, Any]) -> Json:
    return {
        "usd": usd_text(int(totals["spent"])),
        "requests": int(totals["requests"]),
        "tokens": sum(int(totals[kind]) for kind in ("input", "cached", "cache_write", "output")),
    }


def _savings(found: Saved) -> Json:
    return {
        "usd": usd_text(found.cache_pico + found.routing_pico),
        "cache_usd": usd_text(found.cache_pico),
        "routing_usd": usd_text(found.routing_pico),
        "cached_answers": found.cached_answers,
    }


def _series(cells: Sequence[Mapping[str, Any]], since: int, now: int, step: int) -> Json:
    """The steps of the chart and, by model, what each cost, as exact text."""
    steps = list(range(since, now + 1, step))
    models: dict[str, list[int]] = {}
    for cell in cells:
        if cell["place"] < len(steps):
            models.setdefault(cell["model"], [0] * len(steps))[cell["place"]] += int(cell["spent"])
    return {
        "steps_us": steps,
        "models": {name: [usd_text(v) for v in values] for name, values in models.items()},
    }


def _ranked(rows: Sequence[Mapping[str, Any]], column: str) -> list[Json]:
    """Sums by a column, dearest first."""
    sums: dict[str, Json] = {}
    for row in rows:
        into = sums.setdefault(
            row[column], {"spent": 0, "requests": 0, "tokens": 0, "cached": 0, "prompt": 0}
        )
        into["spent"] += int(row["spent"])
        into["requests"] += int(row["requests"])
        prompt = sum(int(row[kind]) for kind in ("input", "cached", "cache_write"))
        into["prompt"] += prompt
        into["cached"] += int(row["cached"])
        into["tokens"] += prompt + int(row["output"])
    ranked = sorted(sums.items(), key=lambda item: (-item[1]["spent"], item[0]))
    return [
        {
            "name": name,
            "usd": usd_text(row["spent"]),
            "requests": row["requests"],
            "tokens": row["tokens"],
            "cached_share": row["cached"] / row["prompt"] if row["prompt"] else None,
        }
        for name, row in ranked
    ]


def _budget(row: Mapping[str, Any], names: Mapping[str, str]) -> Json:
    level, _, name = str(row["account"]).partition(":")
    limit, spent, reserved = int(row["limit_pico"]), int(row["spent"]), int(row["reserved"])
    return {
        "account": row["account"],
        "label": f"{level} {names.get(name, name)}",
        "period": row["period"],
        "limit_usd": usd_text(limit),
        "spent_usd": usd_text(spent),
        "reserved_usd": usd_text(reserved),
        "held_usd": usd_text(int(row["held"])),
        "closed": row["closed_why"],
        "spent_share": spent / limit if limit else 1.0,
        "reserved_share": reserved / limit if limit else 0.0,
    }


def _attempt(attempt: AttemptRow, book: PriceBook) -> Json:
    lines: list[Json] = []
    for line in attempt.usage:
        price = book.price(line.price_id) if line.price_id else None
        lines.append(
            {
                "kind": line.kind,
                "units": line.units,
                "rate_usd": None if line.rate_pico is None else usd_text(line.rate_pico),
                "usd": None if line.pico is None else usd_text(line.pico),
                "price_id": line.price_id,
                "price": None if price is None else f"{price.status}: {price.source}",
            }
        )
    return {
        "n": attempt.n,
        "provider": attempt.provider,
        "model": attempt.upstream_model,
        "state": attempt.state,
        "tier": attempt.tier,
        "note": attempt.note,
        "http_status": attempt.http_status,
        "ttft_ms": attempt.ttft_ms,
        "duration_ms": attempt.duration_ms,
        "usd": None if attempt.cost_pico is None else usd_text(attempt.cost_pico),
        "reserve_usd": None if attempt.reserve_pico is None else usd_text(attempt.reserve_pico),
        "formula": attempt.formula(),
        "lines": lines,
    }

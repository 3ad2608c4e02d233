"""What a call paid above the cheapest target that was good enough for it, and why.

The candidates of the decision that passed every filter (capabilities, context, promises, quality floor) are priced on
the usage the call really had; the least of them is what the market asked. A target that asked for time or whose circuit
was open was good enough, too: what its absence cost is a reason like the others, not an excuse that hides it.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.prices.settle import Charge, price_of
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["Excess", "excess_of"]


class Excess(NamedTuple):
    """Pico-USD above the cheapest that was good enough, and the reason."""

    pico: int
    reason: str


def excess_of(
    book: PriceBook,
    record: Mapping[str, Any],
    targets: tuple[Target, ...],
    served: Target,
    usage: Usage,
    paid_pico: int,
    at: datetime,
    *,
    attempt: int,
) -> Excess | None:
    """The excess of an answered call; None when it was the cheapest or nothing else could serve it."""
    rows = {row["target"]: row for row in record["candidates"]}
    best: tuple[int, str] | None = None
    for target in targets:
        row = rows.get(target.id)
        if row is None or row["out"] or target.id == served.id:
            continue
        charge = price_of(book, target.provider.prices, target.model, _elsewhere(usage, row), at)
        if isinstance(charge, Charge) and (best is None or charge.total_pico < best[0]):
            best = (charge.total_pico, target.id)
    if best is None or best[0] >= paid_pico:
        return None
    return Excess(paid_pico - best[0], _reason(record, rows, served.id, best[1], attempt))


def _elsewhere(usage: Usage, row: Mapping[str, Any]) -> Usage:
    """The same call at another host: what was cached here is cached there only as far as its cache was warm."""
    prompt = usage.prompt
    cached = min(row.get("warm_tokens", 0), prompt)
    counts = {kind: count for kind, count in usage.counts.items() if kind not in INPUT_KINDS}
    counts |= {kind: count for kind, count in (("input", prompt - cached), ("cached", cached)) if count}
    return Usage(counts, "standard", usage.source)


def _reason(
    record: Mapping[str, Any], rows: Mapping[str, Mapping[str, Any]], served: str, cheapest: str, attempt: int
) -> str:
    """Why the cheaper one did not serve, from the record of the decision."""
    if attempt > 1:
        return "fallback after a failure"
    if record.get("explored") == served:
        return "finding out"
    if record.get("sort") or record.get("order"):
        return "the caller's preference"
    strategy = record.get("strategy", "cheapest")
    if strategy != "cheapest":
        return f"strategy {strategy}"
    here, there = rows[served], rows[cheapest]
    if there.get("resting"):
        return "the cheaper one asked for time"
    if (there["cost_usd"] or 0.0) > (here["cost_usd"] or 0.0):
        return "the call was not what was expected"
    if there["failure_share"] > here["failure_share"] and there["seconds"] <= here["seconds"]:
        return "the cheaper one was failing"
    odds = there["failure_share"] / (1 - min(there["failure_share"], 0.99))
    waiting = record["policy"]["value_of_second_usd"] * (there["seconds"] - here["seconds"])
    return "waiting" if waiting >= odds * record["policy"]["retry_usd"] else "the cheaper one was failing"

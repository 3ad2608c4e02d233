"""What was not spent: by prompt caches, against full input prices; by routing, against each model's first target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from supercycle.gateway.config.config import Config
from supercycle.gateway.ledger.reads import Reads
from supercycle.gateway.prices.pricebook import Model, PriceBook
from supercycle.gateway.routes.providers import Target

__all__ = ["Saved", "saved"]


@dataclass(frozen=True, slots=True)
class Saved:
    """Money not spent in a period: by prompt caches, against full input prices; by routing, against first targets.

    ``cached_answers`` came from the exact cache; they are counted, not valued.
    """

    cache_pico: int
    routing_pico: int
    cached_answers: int


async def saved(reads: Reads, book: PriceBook, config: Config | None, since_us: int, until_us: int) -> Saved:
    """What prompt caches and routing saved in a period, from the hourly sums and the prices of those hours.

    Hourly sums know neither tiers nor prompt lengths, so this is at standard prices for short prompts: an estimate, and
    shown as one. Without a configuration there is no first target to compare with.
    """
    cache = routing = answers = 0
    by: tuple[Any, ...] = ("model", "provider")
    targets = [t for entry in config.models.values() for t in entry.targets] if config is not None else []
    known = [book.find(target.provider.prices, target.model) for target in targets]
    # Where no price changes within the period, the hours need not be told apart.
    if not all(model is None or _steady(model, since_us, until_us) for model in known):
        by = ("hour_us", *by)
    for row in await reads.rollup(since_us, until_us, *by):
        if row["provider"] == "cache":
            answers += int(row["requests"])
            continue
        entry = config.entry(row["model"]) if config is not None else None
        choices = list(entry.targets) if entry is not None else []
        mine = next((t for t in choices if t.provider.name == row["provider"]), None)
        counts = {kind: int(row[kind]) for kind in ("input", "cached", "output") if row[kind]}
        if row["cache_write"]:
            counts["cache_write_5m"] = int(row["cache_write"])
        if mine is None or not counts:
            continue
        at = datetime.fromtimestamp(row.get("hour_us", since_us) / 1e6, UTC)
        here = _cost(book, mine, counts, at)
        plain = _cost(
            book, mine, {**counts, "input": counts.get("input", 0) + counts.get("cached", 0), "cached": 0}, at
        )
        if here is None or plain is None:
            continue
        cache += plain - here
        if choices[0] is not mine:
            first = _cost(book, choices[0], counts, at)
            routing += first - here if first is not None else 0
    return Saved(cache, routing, answers)


def _cost(book: PriceBook, target: Target, counts: Mapping[str, int], at: datetime) -> int | None:
    """What tokens cost at a target for short prompts; None without a price."""
    model = book.find(target.provider.prices, target.model)
    rates = model.rates(at) if model is not None else None
    if rates is None:
        return None
    plain = rates.get("input")
    total = 0
    for kind, count in counts.items():
        rate = rates.get(kind, plain if kind != "output" else None)
        if rate is None and count:
            return None
        total += count * rate.at(0) if rate is not None else 0
    return total


def _steady(model: Model, since_us: int, until_us: int) -> bool:
    """Whether a model's standard price is the same at every moment of a period."""
    first = datetime.fromtimestamp(since_us / 1e6, UTC).date()
    last = datetime.fromtimestamp(until_us / 1e6, UTC).date()
    return not any(
        price.minutes is not None
        or (price.starts is not None and first < price.starts <= last)
        or (price.ends is not None and first < price.ends <= last)
        for price in model.prices
        if price.tier == "standard" and not price.region
    )

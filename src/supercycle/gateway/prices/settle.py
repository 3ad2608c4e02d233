"""What a call costs: usage x price, in whole pico-USD, line by line; or that it has no price, and why.

The rules: the moment is when the attempt began; the tier and region are those of the answer; a prompt above a
long-context threshold makes the whole request dearer; reasoning is inside output; a cached token without a price of
its own costs what an input token costs. A kind that was used and has no price makes the call unpriced, never free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from supercycle.gateway.prices.pricebook import Model, PriceBook, Rate
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["WRITES", "Charge", "Line", "Unpriced", "no_price", "price_of", "rate_of"]

_SAID = {
    "web_search": (1000, "/k"),
    "request": (1000, "/k"),
    "picture": (1, ""),
    "audio_second": (3600, "/h"),
}
_WITHIN = "reasoning"  # inside output, never charged a second time
WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")


@dataclass(frozen=True, slots=True)
class Line:
    """``count`` units of a kind at ``rate_pico`` each, by the row ``price_id`` of the book: ``pico`` in all."""

    kind: str
    count: int
    rate_pico: int
    price_id: str
    pico: int


@dataclass(frozen=True, slots=True)
class Charge:
    """The lines of a call and their sum, exactly."""

    lines: tuple[Line, ...]
    total_pico: int

    def formula(self) -> str:
        """The arithmetic as a person would write it, in the units in which prices are said.

        >>> Charge((Line("input", 1000, 2_500_000, "p", 2_500_000_000),), 2_500_000_000).formula()
        '1,000 input x 2.5/M = 0.0025 USD'
        """
        from supercycle.gateway.prices.money import usd_text

        def rate(line: Line) -> str:
            per, unit = _SAID.get(line.kind.partition(" ")[0], (10**6, "/M"))
            return usd_text(line.rate_pico * per) + unit

        parts = [f"{line.count:,} {line.kind} x {rate(line)}" for line in self.lines]
        return f"{' + '.join(parts) or 'nothing used'} = {usd_text(self.total_pico)} USD"


@dataclass(frozen=True, slots=True)
class Unpriced:
    """There is no price, for this reason; it is not 0. ``partial`` is the charge of what does have one."""

    reason: str
    partial: Charge | None = None


def price_of(book: PriceBook, provider: str, model: str, usage: Usage, at: datetime) -> Charge | Unpriced:
    """The charge of a call that began at ``at`` (aware): sum over kinds of count x rate.

    Unpriced when the model is not in the book, when its tier has no price then, when a kind that was used has none,
    or when something was used that is not metered yet.
    """
    priced = _rates(book, provider, model, at, usage.tier, usage.region)
    if isinstance(priced, Unpriced):
        return priced
    _, rates = priced
    prompt = usage.prompt
    lines: list[Line] = []
    missing: list[str] = [f"{count} {name}: not metered yet" for name, count in usage.unmetered.items()]
    for kind, count in usage.counts.items():
        if not count or kind == _WITHIN:
            continue
        rate = rates.get(kind) or rate_of(rates, kind)
        if rate is None:
            if kind != "request":
                missing.append(f"{provider}/{model} has no price for {kind}")
            continue
        each = rate.at(prompt)
        lines.append(Line(kind, count, each, rate.price_id, count * each))
    charge = Charge(tuple(lines), sum(line.pico for line in lines))
    return Unpriced(", ".join(missing), charge) if missing else charge


def no_price(model: Model, at: datetime, tier: str, region: str) -> Unpriced:
    """That a model has no price in a tier or region at a moment, in words."""
    wanted = f"{tier}{' in ' + region if region else ''}"
    when = at.isoformat(timespec="minutes")
    return Unpriced(f"{model.provider}/{model.name} has no {wanted} price at {when}")


def _rates(
    book: PriceBook, provider: str, model: str, at: datetime, tier: str, region: str
) -> tuple[Model, Mapping[str, Rate]] | Unpriced:
    known = book.find(provider, model)
    if known is None:
        return Unpriced(f"{provider}/{model} is not in the price book")
    rates = known.rates(at, tier, region)
    if rates is None:
        return no_price(known, at, tier, region)
    return known, rates


def rate_of(rates: Mapping[str, Rate], kind: str) -> Rate | None:
    """The rate of a kind; a provider that prices no cache charges those tokens as input."""
    rate = rates.get(kind)
    if rate is None and kind in INPUT_KINDS and (kind == "cached" or not any(w in rates for w in WRITES)):
        return rates.get("input")
    return rate

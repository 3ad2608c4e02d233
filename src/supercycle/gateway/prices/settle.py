"""What a call costs: usage x price, in whole pico-USD, line by line; or that it has no price, and why.

The rules: the moment is when the attempt began; the tier and region are those of the answer; a prompt above a
long-context threshold makes the whole request dearer; reasoning is inside output; a cached token without a price of
its own costs what an input token costs. A kind that was used and has no price makes the call unpriced, never free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from supercycle.gateway.prices.pricebook import Model, PriceBook, Rate, Steps
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["Bound", "Charge", "Line", "Unpriced", "price_of", "upper_bound"]

_WITHIN = "reasoning"  # inside output, never charged a second time
_WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")


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
        """The arithmetic as a person would write it, in USD per million tokens (per thousand for calls).

        >>> Charge((Line("input", 1000, 2_500_000, "p", 2_500_000_000),), 2_500_000_000).formula()
        '1,000 input x 2.5/M = 0.0025 USD'
        """
        from supercycle.gateway.prices.money import usd_text

        def rate(line: Line) -> str:
            calls = line.kind in ("web_search", "request")
            return usd_text(line.rate_pico * (1000 if calls else 10**6)) + ("/k" if calls else "/M")

        parts = [f"{line.count:,} {line.kind} x {rate(line)}" for line in self.lines]
        return f"{' + '.join(parts) or 'nothing used'} = {usd_text(self.total_pico)} USD"


class Bound(NamedTuple):
    """The most a call can cost, and the rows of the book that say so."""

    pico: int
    price_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unpriced:
    """There is no price, for this reason; it is not 0."""

    reason: str


def price_of(book: PriceBook, provider: str, model: str, usage: Usage, at: datetime) -> Charge | Unpriced:
    """The charge of a call that began at ``at`` (aware): sum over kinds of count x rate.

    Unpriced when the model is not in the book, when its tier has no price then, when a kind that was used has none,
    or when something was used that is not metered yet.
    """
    found = _rates(book, provider, model, at, usage.tier, usage.region)
    if isinstance(found, Unpriced):
        return found
    if usage.unmetered:
        what = ", ".join(f"{count} {name}" for name, count in usage.unmetered.items())
        return Unpriced(f"{what}: not metered yet")
    _, rates = found
    prompt = usage.prompt
    lines: list[Line] = []
    total = 0
    for kind, count in usage.counts.items():
        if not count or kind == _WITHIN:
            continue
        rate = rates.get(kind) or _rate_of(rates, kind)
        if rate is None:
            if kind == "request":
                continue
            return Unpriced(f"{provider}/{model} has no price for {kind}")
        each = rate.at(prompt)
        total += count * each
        lines.append(Line(kind, count, each, rate.price_id, count * each))
    return Charge(tuple(lines), total)


def upper_bound(
    book: PriceBook,
    provider: str,
    model: str,
    input_upper_tokens: int,
    max_output_tokens: int | None,
    at: datetime,
    *,
    tier: str = "standard",
    web_searches: int = 0,
    cache_writes: bool = True,
) -> Bound | Unpriced:
    """The most a call can cost: the dearest input kind x the most input, plus the dearest output x the most output.

    Without ``max_output_tokens`` the output may fill the model's context; without a known context there is no bound.
    A call in another tier is bounded by the dearer of that tier and the standard one, because a provider may serve it
    so. ``cache_writes=False`` leaves out the price of writing a cache, for a request that cannot ask for it.
    """
    known = book.find(provider, model)
    if known is None:
        return Unpriced(f"{provider}/{model} is not in the price book")
    worst = _worst(known, at, tier, cache_writes)
    if isinstance(worst, Unpriced):
        return worst
    if max_output_tokens is None:
        if known.context is None:
            return Unpriced(f"{provider}/{model} has no known context: say max_tokens")
        max_output_tokens = known.context
    if web_searches and worst.search is None:
        return Unpriced(f"{provider}/{model} has no price for web_search")
    total = input_upper_tokens * _reached(worst.into, input_upper_tokens)
    total += max_output_tokens * _reached(worst.out, input_upper_tokens)
    total += worst.request + web_searches * (worst.search or 0)
    return Bound(total, worst.price_ids)


class _Worst(NamedTuple):
    """The dearest rates a call can meet: steps that only rise, by prompt length, and the price of calls."""

    into: Steps
    out: Steps
    search: int | None
    request: int
    price_ids: tuple[str, ...]


def _worst(model: Model, at: datetime, tier: str, cache_writes: bool) -> _Worst | Unpriced:
    """What bounds a call that began at ``at``; remembered for a minute, because every call asks."""
    minute = int(at.timestamp()) // 60
    key = (tier, cache_writes)
    kept = model.bounds.get(key)
    if kept is not None and kept[0] == minute:
        return kept[1]
    found = _dearest(model, at, tier, cache_writes)
    if len(model.bounds) > 64:  # the tier is a client's word
        model.bounds.clear()
    model.bounds[key] = (minute, found)
    return found


def _dearest(model: Model, at: datetime, tier: str, cache_writes: bool) -> _Worst | Unpriced:
    choices: list[Mapping[str, Rate]] = []
    for wanted in dict.fromkeys(("standard", tier)):
        rates = model.rates(at, wanted)
        if rates is None:
            return _no_price(model, at, wanted, "")
        choices.append(rates)
    # A residency may be the default of the account, so the request does not show it: the dearest counts.
    choices += [rates for region in model.regions if (rates := model.rates(at, tier, region)) is not None]
    kinds = ("input", *_WRITES) if cache_writes else ("input",)
    into = [rate for rates in choices for kind in kinds if (rate := _rate_of(rates, kind)) is not None]
    out = [rates["output"] for rates in choices if "output" in rates]
    calls = {
        kind: [rates[kind].at(0) for rates in choices if kind in rates] for kind in ("web_search", "request")
    }
    if not into:
        return Unpriced(f"{model.provider}/{model.name} has no price for tokens")
    return _Worst(
        _rising(into),
        _rising(out),
        max(calls["web_search"], default=None),
        max(calls["request"], default=0),
        tuple(dict.fromkeys(rate.price_id for rates in choices for rate in rates.values())),
    )


def _rising(rates: list[Rate]) -> Steps:
    """The dearest of several rates from each threshold on."""
    steps = sorted(step for rate in rates for step in rate.steps)
    highest = 0
    found: list[tuple[int, int]] = []
    for threshold, each in steps:
        highest = max(highest, each)
        if found and found[-1][0] == threshold:
            found.pop()
        found.append((threshold, highest))
    return tuple(found)


def _reached(steps: Steps, prompt_upper: int) -> int:
    """The dearest step that a prompt of at most that length can reach; 0 for what a model does not do."""
    rate = 0
    for threshold, each in steps:
        if threshold and threshold >= prompt_upper:
            break
        rate = each
    return rate


def _no_price(model: Model, at: datetime, tier: str, region: str) -> Unpriced:
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
        return _no_price(known, at, tier, region)
    return known, rates


def _rate_of(rates: Mapping[str, Rate], kind: str) -> Rate | None:
    """The rate of a kind; a provider that prices no cache charges those tokens as input."""
    rate = rates.get(kind)
    if rate is None and kind in INPUT_KINDS and (kind == "cached" or not any(w in rates for w in _WRITES)):
        return rates.get("input")
    return rate

"""The most a call can cost, before it is made: what is reserved on every account of its path.

    bound = rounds x (input x dearest input rate + choices x output x dearest output rate) + calls x their rate

The rates are the dearest that can apply: every tier the provider may choose, every region, the step of a long prompt,
cache writes where the request can ask for them, and the hour to come as well as this one. The input is what the body
bounds (`supercycle.gateway.speech.bounds`), and never more than the model's context.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from supercycle.gateway.prices.pricebook import Model, PriceBook, Rate, Steps
from supercycle.gateway.prices.settle import WRITES, Unpriced, no_price, rate_of
from supercycle.gateway.speech.bounds import InputBound

__all__ = ["Bound", "Capacity", "reserve_of", "upper_bound"]

# How far a provider's clock may be from ours, for prices that change with the hour.
_CLOCKS: Final = timedelta(minutes=10)


class Bound(NamedTuple):
    """The most a call can cost, and the rows of the book that say so."""

    pico: int
    price_ids: tuple[str, ...]
    input_pico: int = 0  # what a token of input costs where nothing special applies


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
    rounds: int = 1,
) -> Bound | Unpriced:
    """The most a call can cost: the dearest input kind x the most input, plus the dearest output x the most output.

    Without ``max_output_tokens`` the output is the model's longest, or fills its context; when neither is known there
    is no bound. ``rounds`` is how often the provider may read the input and write.
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
        max_output_tokens = known.max_output or known.context
        if max_output_tokens is None:
            return Unpriced(f"{provider}/{model} has no known context: say max_tokens")
    if web_searches and worst.search is None:
        return Unpriced(f"{provider}/{model} has no price for web_search")
    if max_output_tokens and not worst.out:
        return Unpriced(f"{provider}/{model} has no price for output")
    total = input_upper_tokens * _reached(worst.into, input_upper_tokens)
    total += max_output_tokens * _reached(worst.out, input_upper_tokens)
    total = rounds * total + worst.request + web_searches * (worst.search or 0)
    return Bound(total, worst.price_ids, worst.plain.at(input_upper_tokens) if worst.plain else 0)


class Capacity(NamedTuple):
    """What a model can read and write at most, as configured; None: not said.

    The gateway does not enforce these at the provider, so where the book knows more, the larger counts.
    """

    context: int | None = None
    output: int | None = None


def reserve_of(
    book: PriceBook,
    provider: str,
    model: str,
    bound: InputBound,
    max_output: int | None,
    capacity: Capacity,
    at: datetime,
    *,
    tier: str = "standard",
    cache_writes: bool = True,
    text_tokens: int | None = None,
) -> Bound | Unpriced:
    """The upper bound of a request at a model; Unpriced says which part, tool or field leaves it without one.

    ``max_output`` is the larger of the request's limits on one answer. ``text_tokens`` takes the place of the bytes of
    text where a learnt ratio is allowed to (`practical`, no proof). The model's own capacity is looked up in the book
    where ``capacity`` does not say it.
    """
    if bound.endless:
        return Unpriced(f"the request has no bound: {bound.endless[0]}")
    if bound.unpriced:
        return Unpriced(f"the book has no price for {bound.unpriced[0]}")
    known = book.find(provider, model)
    context = _larger(capacity.context, known.context if known else None)
    reads = bound.tokens(model)
    if reads is not None and text_tokens is not None:
        reads += min(text_tokens, bound.text_bytes) - bound.text_bytes
    if reads is None:
        if context is None:
            what = bound.unbounded[0] if bound.unbounded else "a picture of unknown size"
            return Unpriced(
                f"{what} is not bounded by the request, and the context of {provider}/{model} is not known: "
                "say context_tokens"
            )
        reads = context
    elif context is not None:
        reads = min(reads, context)  # a longer prompt is refused by the provider
    output = max_output
    most = _larger(capacity.output, known.max_output if known else None) or context
    if output is None or (most is not None and most < output):
        output = most
    if output is None:
        return Unpriced(
            f"neither max_tokens nor the longest answer of {provider}/{model} is known: say max_tokens"
        )
    writes = (output + (bound.extra_output if output else 0)) * bound.choices
    return upper_bound(
        book, provider, model, reads, writes, at,
        tier=tier, web_searches=bound.searches, cache_writes=cache_writes, rounds=bound.rounds,
    )  # fmt: skip


def _larger(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)


class _Worst(NamedTuple):
    """The dearest rates a call can meet: steps that only rise, by prompt length, and the price of calls."""

    into: Steps
    out: Steps
    search: int | None
    request: int
    price_ids: tuple[str, ...]
    plain: Rate | None


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
    if tier == "auto":  # the provider chooses
        tiers = ["standard", *(t for t in ("priority",) if model.rates(at, t) is not None)]
        tier = "standard"
    else:
        tiers = list(dict.fromkeys(("standard", tier)))
    for wanted in tiers:
        rates = model.rates(at, wanted)
        if rates is None:
            return no_price(model, at, wanted, "")
        soon = model.rates(at + _CLOCKS, wanted)
        choices += [rates, *([] if soon is None or soon is rates else [soon])]
    # A residency may be the default of the account, so the request does not show it: the dearest counts.
    choices += [rates for region in model.regions if (rates := model.rates(at, tier, region)) is not None]
    kinds = ("input", "cached", *WRITES) if cache_writes else ("input", "cached")
    into = [rate for rates in choices for kind in kinds if (rate := rate_of(rates, kind)) is not None]
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
        choices[0].get("input"),
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

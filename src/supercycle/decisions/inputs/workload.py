"""The load: hours of tokens from a demand profile, what they cost at the API, and how many GPUs they keep busy.

Rules for holes: an hour without a row had no traffic (the meter was up); an hour marked missing, or inside a silence
longer than a holiday, is unknown, is left out of every mean and of the shape, and is counted; more than a fifth
unknown, or fewer than a day known, is refused. Rows that stand for days are refused here: a shape must spread them.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.core.profile import DemandHour, DemandProfile
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.cells import granularity
from supercycle.decisions.inputs.example import SOURCE as EXAMPLE_SOURCE
from supercycle.decisions.inputs.hosts import host_price
from supercycle.decisions.inputs.promise import Shape, Throughput
from supercycle.decisions.inputs.quotes import ApiPrice, api_price, api_rating, context_tiers

__all__ = ["Load", "busy_gpus", "host_usd", "load_of", "moved_shape", "shape_of"]

Floats = NDArray[np.float64]
_MOST_MISSING = 0.2
_FEWEST_HOURS = 24
_A_WEEK = 168
# A meter that shows nothing for longer than this was off: an unknown time, not a quiet one (judgement: longer than
# the holidays between Christmas and New Year with the weekend before).
_LONGEST_SILENCE = 9 * 24


@dataclass(frozen=True, slots=True)
class Load:
    """Known hours in order: tokens by kind [hour], list-price cost [hour], and what was said about them."""

    uncached: Floats
    cached: Floats
    output: Floats
    api_usd: Floats
    requests: float
    missing_hours: int
    models: tuple[tuple[str, str, float], ...]  # provider, model, share of cost
    prices: tuple[ApiPrice, ...]
    rating: float | None
    notes: tuple[str, ...]
    source: str = ""

    @property
    def example(self) -> bool:
        """True for the synthetic example: every output says so."""
        return self.source == EXAMPLE_SOURCE

    @property
    def hours(self) -> int:
        """Hours that are known."""
        return len(self.output)

    @property
    def isl(self) -> float:
        """Mean prompt that no cache holds, tokens."""
        return float(self.uncached.sum()) / self.requests

    @property
    def osl(self) -> float:
        """Mean answer, tokens."""
        return float(self.output.sum()) / self.requests

    @property
    def mtok_per_month(self) -> float:
        """All tokens, prompts with caches and answers, in a month of 730 hours."""
        return float((self.uncached + self.cached + self.output).sum()) / self.hours * HOURS_PER_MONTH / 1e6

    @property
    def requests_per_month(self) -> float:
        """Requests in a month of 730 hours."""
        return self.requests / self.hours * HOURS_PER_MONTH

    @property
    def api_usd_per_month(self) -> float:
        """Cost at the API's prices of today in a month of 730 hours."""
        return float(self.api_usd.sum()) / self.hours * HOURS_PER_MONTH

    def scaled(self, factor: float) -> Load:
        """The same shape and mix, ``factor`` times as much."""
        if factor == 1.0:
            return self
        return replace(
            self,
            uncached=factor * self.uncached,
            cached=factor * self.cached,
            output=factor * self.output,
            api_usd=factor * self.api_usd,
            requests=factor * self.requests,
        )

    @property
    def cached_share(self) -> float:
        """Cached share of prompt tokens."""
        prompt = float((self.uncached + self.cached).sum())
        return float(self.cached.sum()) / prompt if prompt else 0.0


def load_of(profile: DemandProfile, case: Case) -> Load:
    """The load of a profile at today's API prices; the case's own prices win over lists.

    Errors: InputError for a profile with nothing in it, too many unknown hours, or prompts without answers;
    UnknownNameError for a model without a price.
    """
    if not profile.hours:
        raise InputError("the demand profile is empty", expected="a day of hours or more", got="no row")
    if not profile.hours:
        raise InputError("the demand profile is empty", expected="hours with requests")
    if granularity([row.hour for row in profile.hours if not row.missing]) != "hour":
        raise InputError(
            "the demand profile has one row for each day",
            expected="hours, or totals of days with a shape",
            got=f"{len(profile.hours)} rows at the same hour of their days",
            hint="Say how a day looks: --shape '9-18 mon-fri Europe/Zurich'; for a job that really runs in that one "
            "hour, --shape '2-3 UTC'.",
        )
    first, last = profile.hours[0].hour, profile.hours[-1].hour
    count = int((last - first) / timedelta(hours=1)) + 1
    tokens = np.zeros((3, count))
    cost = np.zeros(count)
    unknown, seen = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    requests = 0.0
    prices: dict[tuple[str, str], ApiPrice] = {}
    spent: dict[tuple[str, str], float] = {}
    for row in profile.hours:
        at = int((row.hour - first) / timedelta(hours=1))
        if row.missing:
            unknown[at] = True
            continue
        key = (row.provider, row.model)
        usd = _cost(row, _price(row, case, case.today), case)
        if key not in prices:
            prices[key] = _price(row, case, case.today, plain=True)
        tokens[:, at] += (
            (row.input_tokens or 0) + (row.cache_write_tokens or 0),
            row.cached_tokens or 0,
            row.output_tokens or 0,
        )
        cost[at] += usd
        spent[key] = spent.get(key, 0.0) + usd
        requests += row.requests or 0
        seen[at] = True
    silent = _silences(seen | unknown)
    unknown |= silent
    known = ~unknown
    missing = int(unknown.sum())
    if missing > _MOST_MISSING * count:
        raise InputError(
            "too many hours are missing",
            expected=f"at most {_MOST_MISSING:.0%} of {count}",
            got=missing,
            hint="A shape cannot be read from it; meter a longer period.",
        )
    if int(known.sum()) < _FEWEST_HOURS:
        raise InputError(
            "the demand profile is short",
            expected=f"{_FEWEST_HOURS} known hours or more",
            got=int(known.sum()),
        )
    if requests <= 0 or float(tokens[2].sum()) <= 0:
        raise InputError(
            "the demand profile has no answers",
            expected="requests and output tokens above 0",
            got=f"{requests:g} requests, {tokens[2].sum():g} output tokens",
        )
    notes: list[str] = []
    if silent.any():
        notes.append(
            f"{int(silent.sum())} hours lie in silences longer than {_LONGEST_SILENCE // 24} days: taken as unknown."
        )
    if missing:
        notes.append(
            f"{missing} of {count} hours are missing: left out of the shape and of every mean, not counted as zero."
        )
    notes += _tier_note(profile.hours, case.today)
    if count < _A_WEEK:
        notes.append(f"{count} hours are less than a week: weekends are not in the shape.")
    total = sum(spent.values()) or 1.0
    models = tuple(sorted(((p, m, usd / total) for (p, m), usd in spent.items()), key=lambda one: -one[2]))
    rated = [(api_rating(m), share) for _, m, share in models]
    rating = (
        sum(r * s for r, s in rated if r is not None)
        if rated and all(r is not None for r, _ in rated)
        else None
    )
    moved = case.number("workload.movable_share")
    if not moved * requests >= 1e-9:
        raise InputError(
            "nothing of the load may leave its API", expected="workload.movable_share above 0", got=moved
        )
    return Load(
        moved * tokens[0, known],
        moved * tokens[1, known],
        moved * tokens[2, known],
        moved * cost[known],
        moved * requests,
        missing,
        models,
        tuple(prices.values()),
        rating,
        tuple(notes),
        profile.source,
    )


def _silences(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Hours inside runs without any row that are longer than a holiday.

    >>> int(_silences(np.array([True] + [False] * 300 + [True])).sum())
    300
    """
    found = np.zeros_like(seen)
    at = np.flatnonzero(seen)
    for begin, end in itertools.pairwise(at.tolist()):
        if end - begin - 1 > _LONGEST_SILENCE:
            found[begin + 1 : end] = True
    return found


def _price(row: DemandHour, case: Case, today: date, *, plain: bool = False) -> ApiPrice:
    """The price of an hour: one's own contract, else the list at its hour, weekday and mean prompt length."""
    own = {kind: case.optional(f"api.{kind}_usd_per_mtok") for kind in ("input", "cached", "output")}
    if own["input"] is not None and own["output"] is not None:
        return ApiPrice(
            row.provider, row.model, own["input"], own["output"], own["cached"], None, None, "given", today
        )
    if any(value is not None for value in own.values()):
        raise InputError(
            "api prices",
            expected="both api.input_usd_per_mtok and api.output_usd_per_mtok",
            got="one of them",
        )
    if plain:
        return api_price(row.provider, row.model, today)
    return api_price(row.provider, row.model, today, row.hour.hour, row.hour.weekday(), _tier(row, today))


def _mean_prompt(row: DemandHour) -> float:
    return (row.prompt_tokens or 0) / row.requests if row.requests else 0.0


def _tier(row: DemandHour, today: date) -> int:
    """A length inside the context tier of the hour's mean prompt: few values, so that prices are looked up once."""
    reached = [start for start in context_tiers(row.provider, row.model, today) if _mean_prompt(row) > start]
    return max(reached) + 1 if reached else 0


def _tier_note(rows: Sequence[DemandHour], today: date) -> list[str]:
    """What is said when prompts lie near or above a provider's context tier: means hide the longer ones."""
    found: list[str] = []
    for key in {(row.provider, row.model) for row in rows if not row.missing}:
        tiers = context_tiers(*key, today)
        lengths = [_mean_prompt(row) for row in rows if (row.provider, row.model) == key]
        if tiers and max(lengths, default=0.0) > tiers[0] / 3:
            above = max(lengths) > tiers[0]
            found.append(
                f"{key[1]}: requests above {tiers[0]:,} prompt tokens are repriced as a whole; your longest mean "
                f"prompt has {max(lengths):,.0f}"
                + (
                    ", so such hours are billed at that tier."
                    if above
                    else ": some requests may be above, unseen."
                )
            )
    return sorted(found)


def _cost(row: DemandHour, price: ApiPrice, case: Case) -> float:
    """USD of an hour: each kind of token at its rate; the deferrable part at batch rates, the slow part at flex rates.

    Reasoning is inside output.
    """
    kinds = (
        ("input", row.input_tokens),
        ("cached", row.cached_tokens),
        ("cache_write", row.cache_write_tokens),
        ("output", row.output_tokens),
    )
    listed = sum(price.rate(kind) * (count or 0) for kind, count in kinds) / 1e6
    waits, slow = case.number("workload.deferrable_share"), case.number("api.flex_share")
    if waits + slow > 1:
        raise InputError(
            "workload.deferrable_share and api.flex_share", expected="at most 1 together", got=f"{waits + slow:g}",
            hint="Work goes by batch or by slow processing, not by both.",
        )  # fmt: skip
    return listed * (1 - waits * case.number("api.batch_discount") - slow * case.number("api.flex_discount"))


def busy_gpus(load: Load, rate: Throughput, case: Case) -> Floats:
    """GPUs kept busy in each known hour: prompts and answers at their GPU seconds; what a cache held costs no
    prefill.
    """
    output = load.output * case.number("model.output_ratio")
    seconds = load.uncached * rate.gpu_s_per_input_token + output * rate.gpu_s_per_output_token
    return seconds / 3600.0


def host_usd(load: Load, case: Case) -> tuple[ApiPrice | None, Floats, float, str]:
    """The list of a host of the open model, what each hour costs there, a month of it in USD, and a note.

    Answers are lengthened by ``model.output_ratio``. Nothing (and zeros) when no host lists the model, or ``api.host``
    is none.
    """
    output = load.output * case.number("model.output_ratio")
    price, note = host_price(
        case.model,
        str(case.optional_word("api.host") or ""),
        float(load.uncached.sum()),
        float(load.cached.sum()),
        float(output.sum()),
    )
    if price is None:
        return None, np.zeros(load.hours), 0.0, note
    rates = [price.rate(kind) / 1e6 for kind in ("input", "cached", "output")]
    hourly = rates[0] * load.uncached + rates[1] * load.cached + rates[2] * output
    hourly = hourly * (1 - case.number("workload.deferrable_share") * case.number("api.host_batch_discount"))
    return price, hourly, float(hourly.mean()) * HOURS_PER_MONTH, note


def moved_shape(load: Load, busy: Floats, host: Floats, case: Case) -> Shape:
    """The shape of the load in busy GPUs after the deferrable part has moved, with each hour's part of both bills.

    A bill moves with its work: the part that stays keeps its hour, the deferred part lies where the hours were
    filled.
    """
    share = case.number("workload.deferrable_share")
    moved = shape_of(busy, share)
    filled = moved - (1 - share) * busy / float(busy.mean())

    def bill(hourly: Floats) -> Floats:
        total = float(hourly.sum())
        if not total:
            return np.zeros_like(hourly)
        found = (1 - share) * hourly / total
        return found + (share * filled / float(filled.sum()) if share else 0.0)

    return Shape(moved, bill(load.api_usd), bill(host))


def shape_of(busy: Floats, deferrable: float) -> Floats:
    """The shape [hour] with mean 1 after the deferrable part has been moved into the quiet hours (filled from below).

    Limits: nothing deferrable leaves it; everything deferrable makes it flat.
    Errors: InputError for negative loads, or none at all.

    >>> shape_of(np.array([1.0, 3.0]), 0.0).tolist(), shape_of(np.array([1.0, 3.0]), 1.0).tolist()
    ([0.5, 1.5], [1.0, 1.0])
    """
    if float(busy.min()) < 0:
        raise InputError("a negative load", expected="0 or more", got=float(busy.min()))
    mean = float(busy.mean())
    if mean <= 0:
        raise InputError("no load", expected="more than 0")
    fixed = (1 - deferrable) * busy / mean
    return np.maximum(fixed, _level(fixed, deferrable)) if deferrable > 0 else fixed


def _level(fixed: Floats, amount: float) -> float:
    """The water level that holds ``amount`` (mean per hour) on top of the fixed load."""
    low, high = float(fixed.min()), float(fixed.max()) + amount
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if float(np.maximum(middle - fixed, 0.0).mean()) < amount else (low, middle)
        )
    return high

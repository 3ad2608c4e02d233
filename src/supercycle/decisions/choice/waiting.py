"""Act now or wait: the right to move from the best flexible arrangement to the best plan that buys, once, at a year's
start.

At each date the gain from acting is the flexible arrangement's cost from then on less that of the buying plan from
then on. Nothing is used that is not known on the day: today there is one state (the load that was measured, the
throughput as stated, today's rent); later the load, its throughput and the rent of the month are seen. The rule (act
when the gain expected in the state exceeds the value of waiting) is fitted on one half of the paths and valued on the
other; where it is worth less there than acting now, or than never acting, that is the answer instead.

The upper bound adds to foresight a penalty of mean zero, the part of each gain that the draws after the date decide
(Rogers 2002); with no penalty it is perfect foresight, and the lower of the two is shown.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.choice.evaluate import Evaluated
from supercycle.decisions.choice.exercise import Estimate, Rule, basis, fit_rule, value_rule
from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.search import SEARCHED, cheapest, space
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import Costs

__all__ = ["LEAST_PATHS", "Boundary", "Waiting", "waiting"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_NOISE = 1.0  # standard errors by which a rule must beat acting now and never acting
LEAST_PATHS = 400  # half of them fit ten terms of a basis at each date, with twenty paths for each


@dataclass(frozen=True, slots=True)
class Boundary:
    """At a date: the rent per GPU-hour above which one acts, all else at its median; None when no rent in the
    range decides.
    """

    year: int
    rent_usd_per_gpu_hour: float | None
    rent_median: float
    acting_share: float
    status: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The answer: gain of acting now, value of the best rule, its upper bound, boundary and regret. USD after tax,
    today. ``flexible`` and ``buying`` are the two plans.
    """

    flexible: Plan
    buying: Plan
    act_now: Estimate
    rule: Estimate
    upper: Estimate
    regret: float
    never_share: float
    boundary: tuple[Boundary, ...]
    verdict: str


def waiting(found: Evaluated) -> Waiting:
    """Value the right to wait. Errors: InputError with fewer than 400 paths, or when nothing may be bought."""
    place = found.place
    if place.frame.paths.paths < LEAST_PATHS:
        raise InputError(
            "act or wait needs paths", expected=f"{LEAST_PATHS} or more", got=place.frame.paths.paths,
            hint="Fewer cannot carry a regression of ten terms at each date.",
        )  # fmt: skip
    if place.ready.unhosted:
        raise InputError("act or wait", expected="a machine that keeps the promise", got=place.ready.unhosted)
    if found.gate.reason:
        raise InputError("act or wait", expected="open weights that may be chosen", got=found.gate.reason)
    few = place.take(SEARCHED)
    every = space(place)
    flexible = cheapest(
        few, (p for p in every if p.own == 0 and p.three_years == 0 and p.savings_years == 1)
    )[0]
    buying = found.best_plan if found.best_plan.own > 0 else cheapest(few, (p for p in every if p.own > 0))[0]
    years = place.case.years
    base = plan_costs(place, flexible)
    gains = np.stack(
        [
            _from(place, base, year) - _from(place, plan_costs(place, replace(buying, start=year)), year)
            for year in range(years)
        ]
    )
    return _valued(place, flexible, buying, gains)


def _valued(place: Setting, flexible: Plan, buying: Plan, gains: Floats) -> Waiting:
    years = len(gains)
    states = np.stack([_state(place, year) for year in range(years)])
    half = place.frame.paths.paths // 2
    fit, test = slice(0, half), slice(half, None)
    # The gain is realised later; what one can act on is its expectation in the state.
    seen = np.stack([_expected(states[d], gains[d], fit) for d in range(years)])
    rule = fit_rule(states[:, :, fit], seen[:, fit])
    dates = _fitted_dates(rule, states, seen, gains, fit)
    acted = dates[test]
    # Parts of mean zero are taken off every value alike, so that the bound holds path by path and noise is less.
    features = _innovations(place)
    martingale = _martingale(gains, features, fit)
    plain = gains - _later(gains, features, fit) - martingale
    now = _mean(plain[0, test])
    best, acted = _best_rule(plain[:, test], martingale[-1, test], acted)
    value = _mean(best)
    upper = _upper(plain[:, test], martingale[:, test], gains[:, test], value)
    return Waiting(
        flexible,
        buying,
        now,
        value,
        upper,
        max(float(np.maximum(gains[:, test], 0.0).max(axis=0).mean()) - value.value, 0.0),
        float((acted == years).mean()),
        _boundary(place, rule, states, seen, acted, fit),
        _verdict(acted, years),
    )


def _fitted_dates(rule: Rule, states: Floats, seen: Floats, gains: Floats, fit: slice) -> Ints:
    """The date on which each path acts (the number of dates: never) under the rule that earns most on the fit half.

    Beside the regression's rule stand simple ones, which few paths can fit better: act at the first date with a gain
    expected, or look at one date only. All use what is known on the day.
    """
    years = len(seen)
    _, regressed = value_rule(rule, states, seen)
    gaining = seen > 0
    first = np.where(gaining.any(axis=0), gaining.argmax(axis=0), years)
    rules = [regressed, first, *(np.where(gaining[date], date, years) for date in range(1, years))]

    def earned(dates: Ints) -> float:
        at = np.minimum(dates, years - 1)[None]
        paid = np.where(dates < years, np.take_along_axis(gains, at, 0)[0], 0.0)
        return float(paid[fit].mean())

    return max(rules, key=earned)


def _best_rule(gains: Floats, left: Floats, acted: Ints) -> tuple[Floats, Ints]:
    """What the fitted rule earns on paths that it never saw, unless acting now or never acting earns more there.

    ``left`` is the martingale at the last date: a path that a rule lets pass has earned nothing less that.
    """
    years, paths = gains.shape
    rules = (np.full(paths, years), np.zeros(paths, dtype=acted.dtype), acted)
    earned = [
        np.where(
            dates < years,
            np.take_along_axis(gains, np.minimum(dates, years - 1)[None], 0)[0],
            0.0 if n == 0 else -left,
        )
        for n, dates in enumerate(rules)
    ]
    at = max(range(2), key=lambda n: float(earned[n].mean()))  # of equals the simpler: never before now
    # Only what is more than noise above the simple rules is worth a rule.
    more = earned[2] - earned[at]
    if float(more.mean()) > _NOISE * float(more.std()) / paths**0.5:
        at = 2
    return earned[at], rules[at]


def _martingale(gains: Floats, features: Floats, fit: slice) -> Floats:
    """The part of the best gain in hindsight that is revealed up to each date [date, path], 0 today."""
    target = np.maximum(gains, 0.0).max(axis=0)
    return np.einsum("f,dfp->dp", _fit(features[-1][:, fit], target[fit]), features)


def _later(gains: Floats, features: Floats, fit: slice) -> Floats:
    """The part of each gain that draws after its date decide [date, path]: its mean is zero on that day."""
    total = features[-1]
    return np.stack(
        [_fit(total[:, fit], gain[fit]) @ (total - seen) for gain, seen in zip(gains, features, strict=True)]
    )


def _upper(plain: Floats, martingale: Floats, gains: Floats, rule: Estimate) -> Estimate:
    """``E[max over t of (gain_t - later_t - M_t)]`` with never acting among them; no more than perfect foresight.

    Both hold for every rule in expectation; on a sample neither may come out below the rule it bounds.
    """
    dual = _mean(np.vstack([plain, -martingale[-1:]]).max(axis=0))
    foresight = _mean(np.maximum(gains, 0.0).max(axis=0))
    found = min(dual, foresight, key=lambda one: one.value)
    return Estimate(max(found.value, rule.value), found.standard_error)


def _fit(features: Floats, target: Floats) -> Floats:
    return np.asarray(np.linalg.lstsq(features.T, target - float(target.mean()), rcond=1e-8)[0], np.float64)


def _from(place: Setting, option: Costs, start: int) -> Floats:
    """Present value after tax of what an option costs from a year on."""
    frame = place.frame
    months = frame.month_factors[12 * start :] @ option.monthly[12 * start :]
    capital = frame.year_starts[start:] @ option.capital[start:]
    back = frame.year_factors[start:] @ (option.tax_saved + option.proceeds)[start:]
    return months + capital - back


def _state(place: Setting, year: int) -> Floats:
    """What is known at the start of a year: rent, the load in GPUs as a review sees it, the API's price (logs)."""
    paths, month = place.frame.paths, 12 * year
    return np.stack([paths.rent_log[month], np.log(place.reviewed[year]), np.log(paths.api[month])])


def _expected(state: Floats, gain: Floats, fit: slice) -> Floats:
    scale = np.maximum(state.std(axis=1, keepdims=True), 1e-12)
    terms = basis((state - state.mean(axis=1, keepdims=True)) / scale)
    return np.linalg.lstsq(terms[:, fit].T, gain[fit], rcond=1e-8)[0] @ terms


def _innovations(place: Setting) -> Floats:
    """Zero-mean features [date, feature, path] revealed up to each date: growth, throughput, own scarcity."""
    paths, years = place.frame.paths, place.case.years
    sd = float(place.frame.paths.need_factor.std())
    need = -np.log(paths.need_factor)
    need = need / need.std() if sd > 1e-12 else np.zeros_like(need)
    rows = np.zeros((years, 2 + years, paths.paths))
    # The log of throughput is a centred normal, and growth is one given its known mean.
    last = place.case.horizon_months - 1
    growth = np.log(paths.demand[last]) - last / 12 * math.log1p(
        place.case.number("workload.growth_per_year")
    )
    rows[1:, 0] = need
    rows[1:, 1] = growth
    for date in range(1, years):
        for step in range(1, date + 1):
            rows[date, 1 + step] = paths.shocks[12 * step - 11 : 12 * step + 1].sum(axis=0) / 12**0.5
    return rows


def _mean(values: Floats) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / len(values) ** 0.5))


def _boundary(
    place: Setting, rule: Rule, states: Floats, seen: Floats, acted: NDArray[np.int64], fit: slice
) -> tuple[Boundary, ...]:
    """The rent at which the expected gain meets the value of waiting, the other states at their median."""
    found: list[Boundary] = []
    today = place.case.number("rental.on_demand_usd_per_gpu_hour")
    for date in range(len(states)):
        middle = np.median(states[date], axis=1)
        share = float((acted == date).mean())
        at = float(today * np.exp(middle[0]))
        if date == 0:  # one state only: today's
            found.append(
                Boundary(0, None, at, share, "today is one state: the verdict above says whether to act")
            )
            continue
        low, high = (float(v) for v in np.quantile(states[date][0], [0.01, 0.99]))
        grid = np.linspace(low, high, 200)
        trial = np.repeat(middle[:, None], len(grid), axis=1)
        trial[0] = grid
        gain = _on_grid(states[date], seen[date], trial, fit)
        wait = rule.waiting(date, trial) if date < len(states) - 1 else np.zeros(len(grid))
        act = (gain > 0) & (gain >= wait)
        if act.all() or not act.any():
            said = "acts at any rent seen" if act.all() else "waits at any rent seen"
            found.append(Boundary(date, None, at, share, said))
        else:
            first = int(np.argmax(act))
            edge = float(grid[first] if first else grid[int(np.argmin(act))])
            found.append(
                Boundary(
                    date, float(today * np.exp(edge)), at, share, "acts above" if first else "acts below"
                )
            )
    return tuple(found)


def _on_grid(state: Floats, seen: Floats, trial: Floats, fit: slice) -> Floats:
    mean, scale = state.mean(axis=1, keepdims=True), np.maximum(state.std(axis=1, keepdims=True), 1e-12)
    terms = basis((state - mean) / scale)
    fitted = np.linalg.lstsq(terms[:, fit].T, seen[fit], rcond=1e-8)[0]
    return fitted @ basis((trial - mean) / scale)


def _verdict(acted: Ints, years: int) -> str:
    """By the values: acting now when that is the best rule, never when that is; waiting otherwise."""
    if bool((acted == 0).all()):
        return "act now"
    return "do not buy" if bool((acted == years).all()) else "wait"

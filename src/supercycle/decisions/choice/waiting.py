"""Act now or wait: the right to move from the best flexible arrangement to servers of one's own, once, at a year's
start.

At each date the gain from acting is the flexible arrangement's cost from then on less that of owning from then on.
The rule (act when the gain expected in today's state exceeds the value of waiting) is fitted on one half of the
paths and valued on the other. The upper bound uses a martingale of the draws behind load, throughput and scarcity,
which are known to have mean zero; it allows the decider to see more than is possible, so it is valid and wide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.choice.evaluate import Evaluated
from supercycle.decisions.choice.exercise import Estimate, Rule, basis, dual_bound, fit_rule, value_rule
from supercycle.decisions.choice.real_options import Trigger, mcdonald_siegel
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import Costs
from supercycle.decisions.money.owning import own_from

__all__ = ["Boundary", "Waiting", "waiting"]

Floats = NDArray[np.float64]
FLEXIBLE = ("api", "api_open", "on_demand")


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
    today.
    """

    flexible: str
    act_now: Estimate
    rule: Estimate
    upper: Estimate
    regret: float
    never_share: float
    boundary: tuple[Boundary, ...]
    trigger: Trigger | None
    benefit_over_cost: float | None
    verdict: str


def waiting(found: Evaluated) -> Waiting:
    """Value the right to wait. Errors: InputError with fewer than 200 paths, or when no flexible option was
    evaluated.
    """
    place = found.place
    if place.paths.paths < 200:
        raise InputError("act or wait needs paths", expected="200 or more", got=place.paths.paths)
    flexible = [m for m in found.ranking if m.name in FLEXIBLE]
    if not flexible:
        raise InputError("act or wait needs a flexible option", expected=" or ".join(FLEXIBLE), got="none")
    base = found.options[flexible[0].name]
    starts = np.arange(place.case.years)
    owns = [own_from(place, int(start)) for start in starts]
    gains = np.stack(
        [
            _from(place, base, int(start)) - _from(place, own, int(start))
            for start, own in zip(starts, owns, strict=True)
        ]
    )
    states = np.stack([_state(place, 12 * int(start)) for start in starts])
    half = place.paths.paths // 2
    fit, test = slice(0, half), slice(half, None)
    # The gain is realised later; what one can act on is its expectation in the state.
    seen = np.stack([_expected(states[d], gains[d], fit) for d in range(len(starts))])
    rule = fit_rule(states[:, :, fit], seen[:, fit])
    _, acted = value_rule(rule, states[:, :, test], seen[:, test])
    earned = np.where(
        acted < len(starts),
        np.take_along_axis(gains[:, test], np.minimum(acted, len(starts) - 1)[None], 0)[0],
        0.0,
    )
    features = _innovations(place)
    known = gains[:, fit]
    _, acted_fit = value_rule(rule, states[:, :, fit], seen[:, fit])
    target = np.where(
        acted_fit < len(starts),
        np.take_along_axis(known, np.minimum(acted_fit, len(starts) - 1)[None], 0)[0],
        0.0,
    )
    martingale = _martingale(features, target, fit)[:, test]
    perfect = np.maximum(gains[:, test], 0.0).max(axis=0)
    value, now = _mean(earned), _mean(gains[0, test])
    trigger, ratio = _trigger(place, found, gains, owns)
    return Waiting(
        base.name,
        now,
        value,
        dual_bound(gains[:, test], martingale),
        float((perfect - earned).mean()),
        float((acted == len(starts)).mean()),
        _boundary(place, rule, states, seen, acted, fit),
        trigger,
        ratio,
        _verdict(now, value, acted),
    )


def _from(place: Setting, option: Costs, start: int) -> Floats:
    """Present value after tax of what an option costs from a year on."""
    months = place.month_factors[12 * start :] @ option.monthly[12 * start :]
    begins = np.concatenate([[1.0], place.year_factors[:-1]])
    capital = begins[start:] @ option.capital[start:]
    back = place.year_factors[start:] @ (option.tax_saved + option.proceeds)[start:]
    return months + capital - back


def _state(place: Setting, month: int) -> Floats:
    paths = place.paths
    return np.stack([paths.rent_log[month], np.log(place.busy[month]), np.log(paths.api[month])])


def _expected(state: Floats, gain: Floats, fit: slice) -> Floats:
    scale = np.maximum(state.std(axis=1, keepdims=True), 1e-12)
    terms = basis((state - state.mean(axis=1, keepdims=True)) / scale)
    return np.linalg.lstsq(terms[:, fit].T, gain[fit], rcond=1e-8)[0] @ terms


def _innovations(place: Setting) -> Floats:
    """Zero-mean features [date, feature, path] revealed up to each date: growth, throughput, own scarcity."""
    paths, years = place.paths, place.case.years
    sd = float(place.paths.need_factor.std())
    need = -np.log(paths.need_factor)
    need = need / need.std() if sd > 1e-12 else np.zeros_like(need)
    rows = np.zeros((years, 2 + years, paths.paths))
    # The log of throughput is a centred normal, and growth is one given its known mean.
    last = place.case.horizon_months - 1
    growth = np.log(paths.demand[last]) - last / 12 * place.case.number("workload.growth_per_year")
    rows[1:, 0] = need
    rows[1:, 1] = growth
    for date in range(1, years):
        for step in range(1, date + 1):
            rows[date, 1 + step] = paths.shocks[12 * step - 11 : 12 * step + 1].sum(axis=0) / 12**0.5
    return rows


def _martingale(features: Floats, target: Floats, fit: slice) -> Floats:
    """Fit the value on all features; the part revealed by a date is a martingale from 0."""
    total = features[-1]
    gap = target - float(target.mean())
    fitted = np.asarray(np.linalg.lstsq(total[:, fit].T, gap, rcond=1e-8)[0], np.float64)
    return np.einsum("f,dfp->dp", fitted, features)


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
            found.append(Boundary(0, None, at, share, "today's state is known; see act_now against rule"))
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


def _trigger(
    place: Setting, found: Evaluated, gains: Floats, owns: list[Costs]
) -> tuple[Trigger | None, float | None]:
    """McDonald-Siegel beside the simulation: benefit = gain before capital, payout = its first year, volatility of
    one year.
    """
    capital = float(owns[0].capital[0].mean())
    if capital <= 0 or len(gains) < 2:
        return None, None
    benefit_now = gains[0] + capital
    benefit_next = gains[1] + owns[1].capital[1] * float(place.year_factors[0])
    mean = float(benefit_now.mean())
    if mean <= 0 or float(benefit_next.mean()) <= 0:
        return None, mean / capital
    payout = max((mean - float(benefit_next.mean())) / mean, 0.0)
    positive = benefit_next[benefit_next > 0]
    sd = float(np.log(positive).std()) if len(positive) > 1 else 0.0
    return mcdonald_siegel(
        mean,
        capital,
        discount_rate=place.case.number("finance.discount_rate_per_year"),
        payout=payout,
        sd=sd,
        deflation=max(place.case.number("hardware.price_decline_per_year"), 0.0),
    ), mean / capital


def _verdict(now: Estimate, rule: Estimate, acted: NDArray[np.int64]) -> str:
    if float((acted == 0).mean()) > 0.5:
        return "act now"
    if now.value <= 0 and rule.value <= 2 * rule.standard_error:
        return "do not own for the whole load"
    return "wait"

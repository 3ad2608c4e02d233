"""Scales of the world's shocks, estimated on what was known of each series at an opening.

A series' log follows a local growth model, one step a quarter:

    y = l + e,   l' = l + m + g',   g' = phi g + u        e ~ N(0, s^2), u ~ N(0, w^2)

with g stationary, m ~ N(0, 0.1^2) and a flat l at first. Its likelihood is the Kalman filter's, over a grid of phi, w
and s whose weights are likelihood times priors set before any series was looked at: w half-normal 0.075 (median 0.05 a
quarter), s half-normal 0.1, phi normal 0.85 +/- 0.1 within 0.5 to 0.95. The 5, 50 and 95 % points of the weights are a
parameter's low, central and high. Few quarters move a prior little: at the end of 2022 the scales are mostly priors.

In the world the growth scales of all series are pooled (``pooled``): log w_i is normal (0.5) about the log of W, which
is half-normal 0.075. A short calm history of one series is no proof while others are not calm.

Source: A. C. Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter", 1989, chapters 3 and 4.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.skill.known import FIVE, Known
from supercycle.skill.rivals import seasons
from supercycle.skill.series import history

__all__ = ["Scales", "fitted", "plain", "pooled", "relative", "shocks"]

Floats = NDArray[np.float64]
Three = tuple[float, float, float]
PRIOR_GROWTH, PRIOR_SCATTER, PRIOR_MEMORY, SPREAD_MEMORY, FIRST_GROWTH = 0.075, 0.1, 0.85, 0.1, 0.1
LEVELS = (0.05, 0.5, 0.95)
FEWEST = 3
APART = 0.5  # standard deviation of a series' log growth scale about the pool's, as in discrepancy.py
NEWEST = 24  # six years: what budgets did before says little about them now
_MEMORIES = np.linspace(0.5, 0.95, 10)
_GROWTHS = np.geomspace(0.003, 0.4, 33)
_SCATTERS = np.geomspace(0.005, 0.3, 23)


@dataclass(frozen=True, slots=True)
class Scales:
    """5, 50 and 95 % points: ``growth`` w (log growth a quarter), ``memory`` phi, ``scatter`` s (log)."""

    growth: Three
    memory: Three
    scatter: Three


def fitted(values: Mapping[str, float]) -> Scales:
    """The scales of one series by quarter, gaps allowed; with fewer than three quarters, the priors'.

    >>> calm = fitted({f"{2019 + i // 4}Q{i % 4 + 1}": 1.02**i for i in range(20)})
    >>> calm.growth[1] < 0.02 < fitted({}).growth[1], calm.scatter[1] < 0.02 < fitted({}).scatter[1]
    (True, True)
    """
    return _points(*_logs(values))


def pooled(series: Mapping[str, Mapping[str, float]]) -> dict[str, Three]:
    """5, 50 and 95 % points of each series' growth scale when all share a pool.

    A series without a history has the pool's.

    >>> calm = {f"{2019 + i // 4}Q{i % 4 + 1}": 1.02**i for i in range(20)}
    >>> pooled({"calm": calm, "unknown": {}})["calm"][1] > fitted(calm).growth[1]
    True
    """
    levels = np.array(_GROWTHS)
    found = {name: np.log(_growth_likelihood(*_logs(values))) for name, values in series.items()}
    near = np.exp(-0.5 * (np.log(levels[:, None] / levels[None, :]) / APART) ** 2)  # [own, pool]
    near /= near.sum(axis=0)
    own = {name: np.exp(log - log.max())[:, None] * near for name, log in found.items()}
    each = {name: np.log(of.sum(axis=0)) for name, of in own.items()}  # of a series given W
    pool = np.log(levels) - 0.5 * (levels / PRIOR_GROWTH) ** 2 + sum(each.values())
    others = {name: pool - log for name, log in each.items()}
    return {
        name: _quantiles(levels, of @ np.exp(others[name] - others[name].max())) for name, of in own.items()
    }


@lru_cache(maxsize=256)
def _growth_likelihood(when: tuple[int, ...], logs: tuple[float, ...]) -> Floats:
    """Likelihood of each growth scale, memory and scatter integrated out under their priors."""
    memory, growth, scatter = _grid()
    weight = (
        np.log(scatter)
        - 0.5 * (scatter / PRIOR_SCATTER) ** 2
        - 0.5 * ((memory - PRIOR_MEMORY) / SPREAD_MEMORY) ** 2
    )
    weight = weight + _loglik(when, logs, memory, growth, scatter)
    weight = np.exp(weight - weight.max()).reshape(len(_MEMORIES), len(_GROWTHS), len(_SCATTERS))
    return weight.sum(axis=(0, 2)) + 1e-300


def _grid() -> tuple[Floats, Floats, Floats]:
    memory, growth, scatter = np.meshgrid(_MEMORIES, _GROWTHS, _SCATTERS, indexing="ij")
    return memory.ravel(), growth.ravel(), scatter.ravel()


def _logs(values: Mapping[str, float]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Places and logs of the newest positive quarters; nothing with fewer than three."""
    known = sorted(name for name, value in values.items() if value > 0)
    if len(known) < FEWEST:
        return (), ()
    last = Quarter.parse(known[-1])
    known = [name for name in known if last - Quarter.parse(name) < NEWEST]
    first = Quarter.parse(known[0])
    return (
        tuple(Quarter.parse(name) - first for name in known),
        tuple(float(np.log(values[name])) for name in known),
    )


@lru_cache(maxsize=64)
def _points(when: tuple[int, ...], logs: tuple[float, ...]) -> Scales:
    memory, growth, scatter = _grid()
    prior = (growth / PRIOR_GROWTH) ** 2 + (scatter / PRIOR_SCATTER) ** 2
    prior += ((memory - PRIOR_MEMORY) / SPREAD_MEMORY) ** 2
    weight = np.log(growth) + np.log(scatter) - 0.5 * prior + _loglik(when, logs, memory, growth, scatter)
    weight = np.exp(weight - weight.max())
    return Scales(*(_quantiles(axis, weight) for axis in (growth, memory, scatter)))


def _loglik(
    when: tuple[int, ...], logs: tuple[float, ...], memory: Floats, growth: Floats, scatter: Floats
) -> Floats:
    """Log likelihood [grid] of the model, by the Kalman filter over (level, mean growth, error of growth)."""
    size = len(memory)
    found = np.zeros(size)
    if not logs:
        return found
    step = np.zeros((3, 3, size))
    step[0, 0] = step[0, 1] = step[1, 1] = 1.0
    step[0, 2] = step[2, 2] = memory
    state, spread = np.zeros((3, size)), np.zeros((3, 3, size))
    state[0] = logs[0]  # a flat level: the first reading sets it, with its scatter
    spread[0, 0], spread[1, 1], spread[2, 2] = scatter**2, FIRST_GROWTH**2, growth**2 / (1.0 - memory**2)
    readings = dict(zip(when, logs, strict=True))
    for quarter in range(1, when[-1] + 1):
        state = np.einsum("ijn,jn->in", step, state)
        spread = np.einsum("ijn,jkn,lkn->iln", step, spread, step)
        for i, j in ((0, 0), (0, 2), (2, 0), (2, 2)):
            spread[i, j] += growth**2
        if quarter in readings:
            variance = spread[0, 0] + scatter**2
            surprise = readings[quarter] - state[0]
            found -= 0.5 * (np.log(variance) + surprise**2 / variance)
            gain = spread[:, 0] / variance
            state = state + gain * surprise
            spread = spread - gain[:, None] * spread[0][None]
    return found


def _quantiles(axis: Floats, weight: Floats) -> Three:
    levels = np.unique(axis)
    mass = np.array([weight[axis == level].sum() for level in levels])
    low, middle, high = np.interp(LEVELS, (np.cumsum(mass) - 0.5 * mass) / mass.sum(), levels)
    return float(low), float(middle), float(high)


def plain(values: Mapping[str, float]) -> dict[str, float]:
    """A series without its seasons, positive quarters only."""
    kept = {quarter: value for quarter, value in values.items() if value > 0.0}
    factors = seasons(kept)
    return {q: value * math.exp(-factors[Quarter.parse(q).number - 1]) for q, value in kept.items()}


def relative(labs: Mapping[str, float], part: float, scales: Three | None = None) -> Three:
    """The demand shock over growth: w over the mean log growth known, times labs' ``part`` of AI revenue.

    The rest of AI revenue is taken as on trend; the high end takes the ratio whole, as if it were not. Without three
    quarters of run rates: 0.2 (0.05 to 0.4), the prior's median over a young product's growth of a quarter.

    >>> relative({}, 0.5)
    (0.05, 0.2, 0.4)
    """
    known = sorted(labs)
    if len(known) < FEWEST:
        return 0.05, 0.2, 0.4
    span = Quarter.parse(known[-1]) - Quarter.parse(known[0])
    growth = max(float(np.log(labs[known[-1]] / labs[known[0]])) / span, PRIOR_GROWTH)
    low, middle, high = (scale / growth for scale in scales or fitted(labs).growth)
    return part * low, part * middle, max(high, part * middle)


def shocks(known: Known, lab_share: float) -> dict[str, tuple[Three, str, tuple[str, ...]]]:
    """Low, central and high of each shock's parameter, what they were estimated on, and the rows read.

    ``lab_share`` is labs' part of AI revenue at the opening.
    """
    found: dict[str, tuple[Three, str, tuple[str, ...]]] = {}
    known.rows()
    read: dict[str, tuple[str, ...]] = {}
    series: dict[str, dict[str, float]] = {}

    def take(name: str, values: Mapping[str, float]) -> None:
        series[name], read[name] = dict(values), known.rows()

    take("capex", history("capex", known))
    for firm in FIVE:
        own = known.quarters("capex_cash", firm)
        take(f"part:{firm}", {quarter: own[quarter] / value for quarter, value in series["capex"].items()})
    for firm in FIVE:
        take(f"cash:{firm}", plain(history(f"cash flow:{firm}", known)))
    take("nvidia", history("nvidia", known))
    take("labs", history("labs", known))
    growth = pooled(series)
    told = f"{len(series['capex'])} quarters of the five's cash capex"
    found["capex_shock_sd"] = growth["capex"], told, read["capex"]
    found["capex_shock_memory"] = fitted(series["capex"]).memory, told, read["capex"]
    for firm in FIVE:
        own, rows = series[f"part:{firm}"], read[f"part:{firm}"]
        told = f"{len(own)} quarters of its part of the five's cash capex"
        found[f"firm_budget_sd:{firm}"] = growth[f"part:{firm}"], told, rows
        found[f"core_timing_sd:{firm}"] = fitted(own).scatter, told, rows
    cash = [series[f"cash:{firm}"] for firm in FIVE]
    shared = {q: sum(of[q] for of in cash) for q in cash[0] if all(q in of for of in cash)}
    rows = tuple(dict.fromkeys(row for firm in FIVE for row in read[f"cash:{firm}"]))
    found["core_shock_memory"] = (
        fitted(shared).memory,
        f"{len(shared)} quarters of the five's cash flow",
        rows,
    )
    for firm in FIVE:
        own = series[f"cash:{firm}"]
        told = f"{len(own)} quarters of its cash flow without seasons"
        found[f"core_shock_sd:{firm}"] = growth[f"cash:{firm}"], told, read[f"cash:{firm}"]
    sales = series["nvidia"]
    found["delivery_sd"] = (
        fitted(sales).scatter,
        f"{len(sales)} quarters of NVIDIA's data-centre revenue",
        read["nvidia"],
    )
    told = f"{len(series['labs'])} quarters of two labs' run rates"
    found["demand_shock_sd"] = relative(series["labs"], lab_share, growth["labs"]), told, read["labs"]
    found["demand_shock_memory"] = fitted(series["labs"]).memory, told, read["labs"]
    return found

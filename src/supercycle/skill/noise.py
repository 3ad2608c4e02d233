"""Scales of the world's shocks, estimated on what was known of each series at an opening.

A series' log follows a local growth model, one step a quarter:

    y = l + e,   l' = l + m + g',   g' = phi g + u        e ~ N(0, s^2), u ~ N(0, w^2)

with g stationary, m ~ N(0, 0.1^2) and a flat l at first. Its likelihood is the Kalman filter's, over a grid of phi, w
and s whose weights are likelihood times priors set before any series was looked at: w half-normal 0.075 (median 0.05 a
quarter), s half-normal 0.1, phi normal 0.85 +/- 0.1 within 0.5 to 0.95. The 5, 50 and 95 % points of the weights are a
parameter's low, central and high. Few quarters move a prior little: at the end of 2022 the scales are mostly priors.

Source: A. C. Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter", 1989, chapters 3 and 4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter
from supercycle.skill.known import FIVE, Known
from supercycle.skill.series import history

__all__ = ["Scales", "fitted", "relative", "shocks"]

Floats = NDArray[np.float64]
Three = tuple[float, float, float]
PRIOR_GROWTH, PRIOR_SCATTER, PRIOR_MEMORY, SPREAD_MEMORY, FIRST_GROWTH = 0.075, 0.1, 0.85, 0.1, 0.1
LEVELS = (0.05, 0.5, 0.95)
FEWEST = 3
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
    known = sorted(name for name, value in values.items() if value > 0)
    if len(known) < FEWEST:
        return _points((), ())
    last = Quarter.parse(known[-1])
    known = [name for name in known if last - Quarter.parse(name) < NEWEST]
    first = Quarter.parse(known[0])
    return _points(
        tuple(Quarter.parse(name) - first for name in known),
        tuple(float(np.log(values[name])) for name in known),
    )


@lru_cache(maxsize=64)
def _points(when: tuple[int, ...], logs: tuple[float, ...]) -> Scales:
    memory, growth, scatter = (
        axis.ravel() for axis in np.meshgrid(_MEMORIES, _GROWTHS, _SCATTERS, indexing="ij")
    )
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


def relative(labs: Mapping[str, float], part: float) -> Three:
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
    low, middle, high = (scale / growth for scale in fitted(labs).growth)
    return part * low, part * middle, max(high, part * middle)


def shocks(known: Known, lab_share: float) -> dict[str, tuple[Three, str, tuple[str, ...]]]:
    """Low, central and high of each shock's parameter, what they were estimated on, and the rows read.

    ``lab_share`` is labs' part of AI revenue at the opening.
    """
    found: dict[str, tuple[Three, str, tuple[str, ...]]] = {}
    known.rows()
    capex = history("capex", known)
    scales, rows = fitted(capex), known.rows()
    told = f"{len(capex)} quarters of the five's cash capex"
    found["capex_shock_sd"] = scales.growth, told, rows
    found["capex_shock_memory"] = scales.memory, told, rows
    for firm in FIVE:
        own = known.quarters("capex_cash", firm)
        part = {quarter: own[quarter] / value for quarter, value in capex.items()}
        scales, told = fitted(part), f"{len(part)} quarters of its part of the five's cash capex"
        rows = known.rows()
        found[f"firm_budget_sd:{firm}"] = scales.growth, told, rows
        found[f"core_timing_sd:{firm}"] = scales.scatter, told, rows
    sales = history("nvidia", known)
    rows = known.rows()
    found["delivery_sd"] = (
        fitted(sales).scatter,
        f"{len(sales)} quarters of NVIDIA's data-centre revenue",
        rows,
    )
    labs = history("labs", known)
    rows = known.rows()
    told = f"{len(labs)} quarters of two labs' run rates"
    found["demand_shock_sd"] = relative(labs, lab_share), told, rows
    found["demand_shock_memory"] = fitted(labs).memory, told, rows
    return found

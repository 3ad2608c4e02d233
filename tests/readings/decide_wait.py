"""A second reading of act or wait: cells instead of regressions.

The gain of buying at each date is summed again from the flows of the two plans. The states of a date are cut into
cells (rent by load); in a cell everyone does the same, and backwards from the last date a cell acts when its mean gain
exceeds the mean of what waiting earned. Fitted on the first half of the paths, read on the second.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from supercycle.decisions.choice.plan import plan_costs

CELLS = 4  # a side


def later(place: Any, costs: Any, year: int) -> np.ndarray:
    """What a plan costs from a year on, after tax, today, path by path."""
    rate = place.case.number("finance.discount_rate_per_year")
    total = np.zeros(costs.npv.shape)
    for month in range(12 * year, len(costs.monthly)):
        total += costs.monthly[month] / (1 + rate) ** ((month + 1) / 12)
    for at in range(year, place.case.years):
        total += costs.capital[at] / (1 + rate) ** at
        total -= (costs.tax_saved[at] + costs.proceeds[at]) / (1 + rate) ** (at + 1)
    return total


def gains(place: Any, flexible: Any, buying: Any) -> np.ndarray:
    base = plan_costs(place, flexible)
    return np.stack(
        [
            later(place, base, year) - later(place, plan_costs(place, replace(buying, start=year)), year)
            for year in range(place.case.years)
        ]
    )


def cells(place: Any, year: int, fit: slice) -> np.ndarray:
    """The cell of each path: today there is one."""
    paths = place.frame.paths
    if year == 0:
        return np.zeros(paths.paths, dtype=int)
    found = np.zeros(paths.paths, dtype=int)
    for row in (paths.rent_log[12 * year], place.level[12 * year].astype(float)):
        cuts = np.quantile(row[fit], np.arange(1, CELLS) / CELLS)
        found = found * CELLS + np.searchsorted(cuts, row)
    return found


def value(place: Any, flexible: Any, buying: Any) -> tuple[float, float, float]:
    """The rule's value on the second half of the paths, that of acting now, and the larger standard error."""
    made = gains(place, flexible, buying)
    years, paths = made.shape
    half = paths // 2
    fit, test = slice(0, half), slice(half, None)
    earned = np.zeros(paths)
    for year in range(years - 1, -1, -1):
        where = cells(place, year, fit)
        for cell in np.unique(where):
            here = where == cell
            mine = np.flatnonzero(here[fit])
            if len(mine) and made[year, fit][mine].mean() > max(earned[fit][mine].mean(), 0.0):
                earned[here] = made[year, here]
    now = float(made[0, test].mean())
    spread = max(float(earned[test].std()), float(made[0, test].std())) / (paths - half) ** 0.5
    return max(float(earned[test].mean()), now, 0.0), now, spread

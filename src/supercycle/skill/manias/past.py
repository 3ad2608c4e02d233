"""Past series cut at the fit window, and the naive rivals every mechanism must beat.

A mechanism is given :class:`Window` objects. ``fit`` holds the years it may look at; ``outcome`` is read by the
scoring only. The cut is by the year a reading is about: these tables were compiled decades later, so that no date of
publication can say what was known in 1999, and revisions made since are in the data (a known flattery).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from supercycle.core.errors import FigureError
from supercycle.figures.series import choose, readings

__all__ = ["Window", "annual", "fit_line", "growth_rate", "last_value", "log_linear", "window"]

Years = dict[int, float]


@dataclass(frozen=True, slots=True)
class Window:
    """A series split in what may be fitted and what is to be predicted, in its printed unit."""

    series: str
    entity: str
    unit: str
    fit: Years
    outcome: Years


def annual(series: str, entity: str) -> tuple[Years, str]:
    """The chosen reading of every calendar year of a series, and its unit.

    >>> annual("information_sector_employment", "US, annual mean")[0][2000]
    3629.9
    """
    out: Years = {}
    unit = ""
    for row in readings(series, entity):
        if row.period.kind != "year" or row.period.qualifier or row.period.end is None:
            continue
        best = choose(series, entity, row.period.printed)
        if best.value is not None:
            out[row.period.end.year], unit = best.value, best.unit
    return dict(sorted(out.items())), unit


def window(series: str, entity: str, fit: tuple[int, int], outcome: tuple[int, int]) -> Window:
    """Split a series; FigureError when the fit window has fewer than three years."""
    values, unit = annual(series, entity)
    known = {year: v for year, v in values.items() if fit[0] <= year <= fit[1]}
    if len(known) < 3:
        raise FigureError(f"{series}, {entity}: too short to fit", expected="three years", got=len(known))
    later = {year: v for year, v in values.items() if outcome[0] <= year <= outcome[1]}
    return Window(series, entity, unit, known, later)


def fit_line(x: Mapping[int, float], y: Mapping[int, float]) -> tuple[float, float]:
    """Least squares ``y = a + b x`` over the years both have.

    >>> fit_line({1: 0.0, 2: 1.0, 3: 2.0}, {1: 5.0, 2: 7.0, 3: 9.0})
    (5.0, 2.0)
    """
    years = sorted(set(x) & set(y))
    slope, level = np.polyfit([x[year] for year in years], [y[year] for year in years], 1)
    return round(float(level), 12), round(float(slope), 12)


def log_linear(fit: Mapping[int, float], year: int) -> float:
    """The exponential trend of the fit window, read off at ``year``: the rival that extrapolates.

    >>> round(log_linear({1: 2.0, 2: 4.0, 3: 8.0}, 5), 6)
    32.0
    """
    level, slope = fit_line({y: float(y) for y in fit}, {y: float(np.log(value)) for y, value in fit.items()})
    return float(np.exp(level + slope * year))


def last_value(fit: Mapping[int, float]) -> float:
    """The latest value of the fit window: the rival that expects no change."""
    return fit[max(fit)]


def growth_rate(fit: Mapping[int, float]) -> float:
    """Mean log growth a year over the window.

    >>> round(growth_rate({1990: 1.0, 1992: 4.0}), 4) == round(float(np.log(2.0)), 4)
    True
    """
    first, last = min(fit), max(fit)
    return float(np.log(fit[last] / fit[first])) / (last - first)

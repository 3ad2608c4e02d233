"""The rivals: five simple forecasts, each made a distribution by its own past errors.

A rival gives a point for each quarter ahead from a series' known history. Its distribution is log-normal around that
point; the spread at horizon h is the root mean square log error the same rival made h quarters ahead from earlier
origins of that history. With fewer than three such errors the spread grows with the root of h from the longest
horizon that has them; with no error at all it is 0.15 a quarter (judged, a growing series' yearly change of 0.3).
Bias of the past counts as spread: rivals that always undershot are given room for it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_quantile
from supercycle.core.quarters import Quarter

__all__ = ["RIVALS", "Rival", "forecast", "seasons", "with_seasons"]

Floats = NDArray[np.float64]
Points = Callable[[Floats, int], Floats]
LEAST_ERRORS = 3
FIRST_SPREAD = 0.15
SAMPLE = 1999  # quantiles of the distribution that stand for it
_TREND = 12  # quarters an exponential trend is fitted to


@dataclass(frozen=True, slots=True)
class Rival:
    """A forecast's log points and log spreads by quarter ahead."""

    name: str
    point: Floats
    spread: Floats

    def sample(self, ahead: int) -> Floats:
        """Quantiles of the log of the figure ``ahead`` quarters on (1 is the next)."""
        return self.at((np.arange(SAMPLE) + 0.5) / SAMPLE, ahead)

    def at(self, levels: Floats, ahead: int) -> Floats:
        """Its quantiles at ``levels``, ``ahead`` quarters on."""
        return self.point[ahead - 1] + self.spread[ahead - 1] * normal_quantile(levels)


def _last(logs: Floats, ahead: int) -> Floats:
    return np.full(ahead, logs[-1])


def _drift(logs: Floats, ahead: int) -> Floats:
    """The mean change of the whole history, in money, goes on."""
    level = np.exp(logs)
    step = (level[-1] - level[0]) / max(1, len(level) - 1)
    return np.log(np.maximum(level[-1] + step * np.arange(1, ahead + 1), 0.05 * level[-1]))


def _trend(logs: Floats, ahead: int) -> Floats:
    """A log line through the last three years."""
    recent = logs[-_TREND:]
    if len(recent) < 2:
        return _last(logs, ahead)
    slope, level = np.polyfit(np.arange(len(recent)), recent, 1)
    return level + slope * (len(recent) - 1 + np.arange(1, ahead + 1))


def _half_year(logs: Floats, ahead: int) -> Floats:
    """The growth of the last two quarters goes on."""
    slope = (logs[-1] - logs[-3]) / 2.0 if len(logs) > 2 else 0.0
    return logs[-1] + slope * np.arange(1, ahead + 1)


RIVALS: dict[str, Points] = {
    "last value": _last,
    "drift": _drift,
    "exponential trend": _trend,
    "last six months": _half_year,
}


def forecast(name: str, history: dict[str, float], start: str, ahead: int) -> Rival | None:
    """A rival from a series' known history for ``ahead`` quarters after ``start``; None with nothing known.

    Quarters missing inside a history (yearly balance sheets) are filled on the log line; a history that ends before
    the start is forecast from its own end.
    """
    logs, end = _filled(history)
    if not len(logs):
        return None
    behind = Quarter.parse(start) - end
    far = ahead + max(behind, 0)
    points = RIVALS[name]
    spread = _spreads(points, logs, far)
    return Rival(name, points(logs, far)[far - ahead :], spread[far - ahead :])


def seasons(history: Mapping[str, float]) -> tuple[float, float, float, float]:
    """Log factors of the four quarters: mean deviations from a centred mean of a year, together nothing.

    Nothing for all with fewer than two years of such deviations.

    >>> year = {1: 0.5, 2: 1.0, 3: 1.0, 4: 2.0}
    >>> [round(v, 2) for v in seasons({f"{y}Q{q}": year[q] for y in range(2019, 2024) for q in year})]
    [-0.69, 0.0, 0.0, 0.69]
    """
    logs, end = _filled(dict(history))
    first = end - (len(logs) - 1) if len(logs) else end
    found: list[list[float]] = [[], [], [], []]
    for i in range(2, len(logs) - 2):
        trend = (0.5 * logs[i - 2] + logs[i - 1] + logs[i] + logs[i + 1] + 0.5 * logs[i + 2]) / 4.0
        found[(first + i).number - 1].append(float(logs[i] - trend))
    if min(len(values) for values in found) < 2:
        return 0.0, 0.0, 0.0, 0.0
    means = [sum(values) / len(values) for values in found]
    middle = sum(means) / 4.0
    a, b, c, d = (value - middle for value in means)
    return a, b, c, d


def with_seasons(name: str, history: Mapping[str, float], start: str, ahead: int) -> Rival | None:
    """``forecast`` of a series with seasons: they are taken out of the history and put back into the points."""
    factors = seasons(history)
    plain = {q: value * math.exp(-factors[Quarter.parse(q).number - 1]) for q, value in history.items()}
    made = forecast(name, plain, start, ahead)
    if made is None:
        return None
    back = [factors[(Quarter.parse(start) + h).number - 1] for h in range(1, ahead + 1)]
    return Rival(made.name, made.point + np.array(back), made.spread)


def _filled(history: dict[str, float]) -> tuple[Floats, Quarter]:
    names = sorted(name for name, value in history.items() if value > 0)
    if not names:
        return np.empty(0), Quarter(1, 1)
    at = np.array([Quarter.parse(name).ordinal for name in names], dtype=np.float64)
    every: Floats = np.arange(at[0], at[-1] + 1, dtype=np.float64)
    return np.interp(every, at, np.log([history[name] for name in names])), Quarter.parse(names[-1])


def _spreads(points: Points, logs: Floats, ahead: int) -> Floats:
    """Root mean square log error by horizon from every earlier origin; carried on with the root of the horizon."""
    errors: list[list[float]] = [[] for _ in range(ahead)]
    for origin in range(2, len(logs)):
        room = min(ahead, len(logs) - origin)
        told = points(logs[:origin], room)
        for h in range(room):
            errors[h].append(float(logs[origin + h] - told[h]))
    spread = np.empty(ahead)
    reached, size = 0, FIRST_SPREAD
    for h in range(ahead):
        if len(errors[h]) >= LEAST_ERRORS:
            size, reached = math.sqrt(float(np.mean(np.square(errors[h])))), h + 1
            spread[h] = size
        else:
            spread[h] = size * math.sqrt((h + 1) / reached) if reached else FIRST_SPREAD * math.sqrt(h + 1)
    return np.maximum(spread, 0.01)

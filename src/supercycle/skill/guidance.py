"""Company guidance as it stood at a start, made into a path of the five's capex.

A guided year of a firm is spread over its quarters at constant growth from the firm's last quarter. Firms without
guidance on file grow at the rate of those that have it, together; after the guided year the last quarter's level is
held. Guidance is press and company words (any tier), known when published.
"""

from __future__ import annotations

import math

from supercycle.core.errors import UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.figures.tiers import TIERS
from supercycle.skill.known import FIVE, LAST, Known, day_of

__all__ = ["guidance_path"]

_SERIES = (("capex_guidance_low", "capex_guidance_high"), ("capex_guidance", "capex_guidance"))


def guidance_path(start: str) -> tuple[dict[str, float], tuple[str, ...]] | None:
    """The five's capex by quarter under guidance for the year after the start, and who guided; None when nobody had.

    >>> guidance_path("2022Q4")[1], guidance_path("2024Q4")[1]
    (('Meta',), ('Alphabet', 'Amazon', 'Meta'))
    """
    known = Known(day_of(start))
    year = Quarter.parse(start).year + 1
    growth: dict[str, float] = {}
    last = {firm: known.quarters("capex_cash", firm, [start])[start] for firm in FIVE}
    for firm in FIVE:
        told = _guided(known, firm, year)
        if told is not None:
            growth[firm] = _growth(told / last[firm])
    if not growth:
        return None
    together = sum(growth[firm] * last[firm] for firm in growth) / sum(last[firm] for firm in growth)
    path: dict[str, float] = {}
    for quarter in (Quarter.parse(start) + 1).until(Quarter.parse(LAST)):
        ahead = min(quarter - Quarter.parse(start), 4)
        path[str(quarter)] = sum(last[firm] * math.exp(growth.get(firm, together) * ahead) for firm in FIVE)
    return path, tuple(growth)


def _guided(known: Known, firm: str, year: int) -> float | None:
    """The middle of the newest guidance for a year; None when none was known."""
    for low, high in _SERIES:
        try:
            ends = [known.dated(series, firm, tiers=TIERS) for series in (low, high)]
        except UnknownNameError:
            continue
        days = [day for day in ends[0] if (day.year, day.month) == (year, 12) and day in ends[1]]
        if days:
            return (ends[0][days[-1]] + ends[1][days[-1]]) / 2.0
    return None


def _growth(ratio: float) -> float:
    """The log growth a quarter at which four quarters after one of size 1 add up to ``ratio``, by bisection."""
    low, high = -1.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if sum(math.exp(middle * i) for i in range(1, 5)) < ratio else (low, middle)
        )
    return (low + high) / 2

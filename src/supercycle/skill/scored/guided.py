"""Company guidance times its drift: what a firm guided, corrected by how far such guidance had missed before.

Calendar-year firms of the five that guide capex of a year: Meta, Alphabet, Amazon. With mid the middle of the newest
guidance for the year under way and ``left`` the quarters of it not yet reported,

    year = mid x exp(b left),   b by least squares through zero of log(outturn / mid) on left

over all guided years of the three that were complete on the day; with fewer than ``FEWEST`` such vintages b is 0. What
is left of the year after its reported quarters is spread at constant growth from the last quarter; after the year the
level is held. Everything is as known on the day: an outturn counts from its own publication.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.figures.series import readings
from supercycle.skill.known import Known
from supercycle.skill.rivals import Rival

__all__ = [
    "FEWEST",
    "FIRMS",
    "NAME",
    "Vintage",
    "drift",
    "guided_capex",
    "raised",
    "raised_before",
    "reported_part",
    "stood",
]

Floats = NDArray[np.float64]
NAME = "guidance x drift"
FIRMS = ("Meta", "Alphabet", "Amazon")
FEWEST = 3
_PAIRS = (("capex_guidance_low", "capex_guidance_high"), ("capex_guidance", "capex_guidance"))


@dataclass(frozen=True, slots=True)
class Vintage:
    """One statement: the middle of a firm's guidance for a year, and the day it was known."""

    firm: str
    year: int
    day: str
    middle: float


@lru_cache(maxsize=1)
def _vintages() -> tuple[Vintage, ...]:
    found: dict[tuple[str, int, str], Vintage] = {}
    for firm in FIRMS:
        for low, high in _PAIRS:
            try:
                lows, highs = readings(low, firm), readings(high, firm)
            except UnknownNameError:
                continue
            tops = {(row.period.printed, row.known_from): row.value for row in highs}
            for row in lows:
                top, end = tops.get((row.period.printed, row.known_from)), row.period.end
                if row.value is None or top is None or end is None or end.month != 12:
                    continue
                day = row.known_from.isoformat()
                found[firm, end.year, day] = Vintage(firm, end.year, day, (row.value + top) / 2.0)
    return tuple(sorted(found.values(), key=lambda v: (v.day, v.firm)))


def _quarters(year: int) -> list[str]:
    return [str(Quarter(year, q)) for q in (1, 2, 3, 4)]


def drift(known: Known) -> tuple[float, float, int]:
    """Log drift per quarter left, the root mean square of what it leaves over, and how many vintages speak."""
    left: list[int] = []
    ratio: list[float] = []
    for vintage in _vintages():
        if vintage.day > known.day.isoformat():
            continue
        reported = known.readings("capex_cash", vintage.firm)
        if not all(quarter in reported for quarter in _quarters(vintage.year)):
            continue
        outturn = sum(known.quarters("capex_cash", vintage.firm, _quarters(vintage.year)).values())
        open_then = sum(
            reported[quarter].known_from.isoformat() > vintage.day for quarter in _quarters(vintage.year)
        )
        if open_then:
            left.append(open_then)
            ratio.append(math.log(outturn / vintage.middle))
    if len(left) < FEWEST:
        return 0.0, 0.0, len(left)
    x, y = np.array(left, dtype=np.float64), np.array(ratio)
    b = float((x * y).sum() / (x * x).sum())
    return b, float(np.sqrt(np.mean((y - b * x) ** 2))), len(left)


def year_under_way(start: str) -> int:
    """The calendar year of the quarter after a start.

    >>> year_under_way("2024Q4"), year_under_way("2025Q1")
    (2025, 2025)
    """
    return (Quarter.parse(start) + 1).year


def stood(firm: str, known: Known, start: str) -> Vintage | None:
    """The newest guidance for the year under way; None where none was on file by the day."""
    year, day = year_under_way(start), known.day.isoformat()
    told = [v for v in _vintages() if (v.firm, v.year) == (firm, year) and v.day <= day]
    return told[-1] if told else None


def raised(firm: str, known: Known, start: str) -> bool | None:
    """Whether the year's last word lies above what stood; None where nothing stood or nothing came after it."""
    told = stood(firm, known, start)
    later = [v for v in _vintages() if told and (v.firm, v.year) == (firm, told.year) and v.day > told.day]
    return later[-1].middle > told.middle if told and later else None


def raised_before(known: Known) -> float:
    """The share of guidance raised by the year's end, over vintages of years that were over by the day, (k+1)/(n+2)."""
    day = known.day.isoformat()
    seen = [v for v in _vintages() if v.day <= day and f"{v.year}-12-31" < day]
    answers: list[bool] = []
    for vintage in seen:
        later = [v for v in seen if (v.firm, v.year) == (vintage.firm, vintage.year) and v.day > vintage.day]
        if later:
            answers.append(later[-1].middle > vintage.middle)
    return (sum(answers) + 1) / (len(answers) + 2)


def reported_part(firm: str, known: Known, start: str, year: int) -> tuple[float, list[str]]:
    """What a firm had spent of a year by a start, and the quarters still to come."""
    capex = known.quarters("capex_cash", firm)
    spent = sum(capex[quarter] for quarter in _quarters(year) if quarter <= start)
    return spent, [quarter for quarter in _quarters(year) if quarter > start]


def guided_capex(firm: str, known: Known, start: str, ahead: int, spread: Floats) -> Rival | None:
    """The rival for one firm's capex; None where no guidance of the year under way was on file.

    The spread is borrowed (the last value's), and not below what drift left over. What is left to spend is at least a
    quarter of the last quarter's rate: guidance that was overtaken is no forecast of nothing.
    """
    told = stood(firm, known, start) if firm in FIRMS else None
    if told is None or start not in known.readings("capex_cash", firm):
        return None
    spent, waiting = reported_part(firm, known, start, told.year)
    level = known.quarters("capex_cash", firm, [start])[start]
    b, rest, _ = drift(known)
    left = max(told.middle * math.exp(b * len(waiting)) - spent, 0.25 * level * len(waiting))
    growth = _growth(left / level, len(waiting))
    steps = np.minimum(np.arange(1, ahead + 1), len(waiting))
    return Rival(NAME, math.log(level) + growth * steps, np.maximum(spread, rest))


def _growth(ratio: float, quarters: int) -> float:
    """The log growth a quarter at which so many quarters after one of size 1 add up to ``ratio``, by bisection."""
    low, high = -2.0, 2.0
    for _ in range(60):
        middle = (low + high) / 2
        total = sum(math.exp(middle * i) for i in range(1, quarters + 1))
        low, high = (middle, high) if total < ratio else (low, middle)
    return (low + high) / 2

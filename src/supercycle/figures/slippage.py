"""How long power that is due waits: a hazard fitted to the milestones seen in two campus snapshots, open ones censored.

Each milestone of the May 2026 snapshot is found again in that of late September. Three fates: met (its
September row is an estimate
of something built), open (due by then, still a projection: it has waited at least until the snapshot), not yet
due (no information).
In a quarter a due milestone is met with probability h, so the waiting time is geometric with mean (1 - h) / h
quarters, and

    h = met / (met + quarters waited by the met and the open)

is the maximum-likelihood value. Early milestones waited nothing. Fitting on the met alone (0.64) flatters the builders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from math import sqrt

from supercycle.core.errors import FigureError
from supercycle.figures.load import Figure, figures

__all__ = ["Milestone", "Slippage", "milestones", "slippage"]

SNAPSHOT = date(2026, 9, 25)  # "late Sept 2026" in the source; five days either way move h by 0.01
DAYS_PER_QUARTER = 365.25 / 4.0
Z_90 = 1.645  # of a two-sided 90 % interval

# The milestone of the slip table, in the September snapshot: campus and megawatts (None: the step is a lower
# bound, still open).
# Buildings 12-14 of Prometheus are its steps of 90 MW.
_IN_SEPTEMBER: dict[str, tuple[str, float] | None] = {
    "Microsoft Fairwater Atlanta bldg 3-4 (859 MW)": ("Microsoft Fairwater Atlanta", 859.0),
    "Anthropic-Amazon New Carlisle bldg 17-18 (1,244 MW)": ("Anthropic-Amazon New Carlisle", 1244.0),
    "Meta Prometheus Vantage bldg 12": ("Meta Prometheus", 731.0),
    "Meta Prometheus Vantage bldg 13": ("Meta Prometheus", 1020.0),
    "Meta Prometheus Vantage bldg 14": ("Meta Prometheus", 1110.0),
    "Meta Prometheus Socrates plants + bldg 15-19": ("Meta Prometheus", 931.0),
    "Google Pryor (North) bldg 2": ("Google Pryor (North)", 442.0),
    "Google New Albany bldg 5": ("Google New Albany", 543.0),
    "Colossus 2 >=1.27 GW step (size also cut 1,494->1,276 MW)": ("Colossus 2", 1276.0),
    "OpenAI Stargate Abilene bldg 5-8 (1,180 MW)": ("OpenAI Stargate Abilene", 1180.0),
    "Microsoft Fairwater Wisconsin bldg 2": ("Microsoft Fairwater Wisconsin", 885.0),
    "Google Columbus bldg 5": ("Google Columbus", 464.0),
    "DayOne Nusajaya bldg 7-10 (size raised 558->662 MW)": ("DayOne Nusajaya", 662.0),
    "Google Council Bluffs (East) bldg 3": ("Google Council Bluffs (East)", 284.0),
    "CoreWeave Denton TX full campus": ("CoreWeave Denton TX", 367.0),
    "Amazon Madison Mega Site first building after bldg 5 (lower bound)": None,
}


@dataclass(frozen=True, slots=True)
class Milestone:
    """One milestone: its slip between the snapshots, its fate and the days it waited (or has waited so far)
    after it was due.
    """

    name: str
    slip_days: float
    fate: str  # met, open or not due
    waited_days: float


@dataclass(frozen=True, slots=True)
class Slippage:
    """The fit: ``hazard`` a quarter with its 90 % interval, and what it rests on."""

    hazard: float
    low: float
    high: float
    met: int
    open: int
    not_due: int
    waited_quarters: float


@cache
def milestones() -> tuple[Milestone, ...]:
    """The sixteen milestones seen in both snapshots; FigureError when a row of either is missing."""
    september = {(f.entity, f.value): f for f in figures("macro") if f.series == "campus_milestone_sep26"}
    slips = [f for f in figures("macro") if f.series == "campus_schedule_slip"]
    if {f.entity for f in slips} != set(_IN_SEPTEMBER):
        raise FigureError(
            "campus_schedule_slip",
            expected=f"the {len(_IN_SEPTEMBER)} milestones of both snapshots",
            got=len(slips),
            where="macro.csv",
            hint="Add the new milestone's September row to figures/slippage.py.",
        )  # fmt: skip
    return tuple(_fate(slip, september) for slip in slips)


def _fate(slip: Figure, september: dict[tuple[str, float | None], Figure]) -> Milestone:
    days, where = float(slip.value or 0.0), _IN_SEPTEMBER[slip.entity]
    if where is None:  # a lower bound: it has waited at least so long and is not there
        return Milestone(slip.entity, days, "open", days)
    row = september.get(where)
    if row is None or row.period.start is None:
        raise FigureError(
            "campus_milestone_sep26",
            expected=f"{where[0]} at {where[1]:g} MW",
            got="no such row",
            where=slip.where,
        )
    if row.note.rstrip().endswith("estimate"):
        return Milestone(slip.entity, days, "met", max(days, 0.0))
    waited = (SNAPSHOT - (row.period.start - timedelta(days=days))).days
    return (
        Milestone(slip.entity, days, "open", waited)
        if waited > 0
        else Milestone(slip.entity, days, "not due", 0.0)
    )


def slippage() -> Slippage:
    """The hazard with which due power is met in a quarter, fitted on every milestone.

    >>> fit = slippage()
    >>> fit.met, fit.open, fit.not_due, round(fit.hazard, 2)
    (7, 4, 5, 0.45)
    """
    seen = milestones()
    met = sum(m.fate == "met" for m in seen)
    waited = sum(m.waited_days for m in seen) / DAYS_PER_QUARTER
    hazard = met / (met + waited)
    error = hazard * sqrt((1.0 - hazard) / met)  # from the curvature of the likelihood
    return Slippage(
        hazard, hazard - Z_90 * error, hazard + Z_90 * error, met, sum(m.fate == "open" for m in seen),
        sum(m.fate == "not due" for m in seen), waited,
    )  # fmt: skip

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
from supercycle.figures.load import Figure, read_rows, rows_of, table_text

__all__ = ["Milestone", "Slippage", "milestones", "slippage"]

SNAPSHOT = date(2026, 9, 25)  # "late Sept 2026" in the source; five days either way move h by 0.01
DAYS_PER_QUARTER = 365.25 / 4.0
Z_90 = 1.645  # of a two-sided 90 % interval

# Buildings 12-14 of Prometheus are its steps of 90 MW; a milestone without a campus is a lower bound, still open.
TABLE = "campus_slips"


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
    september = {(f.entity, f.value): f for f in rows_of("campus_milestone_sep26")}
    slips = rows_of("campus_schedule_slip")
    links = {
        row["milestone"]: (f"{TABLE}.csv:{line}", row) for line, row in read_rows(TABLE, table_text(TABLE))
    }
    if {f.entity for f in slips} != set(links):
        raise FigureError(
            "campus_schedule_slip",
            expected=f"the {len(links)} milestones of {TABLE}.csv",
            got=len(slips),
            where="macro.csv",
            hint=f"Give the new milestone a row in {TABLE}.csv.",
        )  # fmt: skip
    return tuple(_fate(slip, *links[slip.entity], september) for slip in slips)


def _fate(
    slip: Figure, where: str, link: dict[str, str], september: dict[tuple[str, float | None], Figure]
) -> Milestone:
    if slip.value is None or link["built"] not in ("yes", "no"):
        raise FigureError(
            "a slip", expected="days, and built yes or no", got=f"{slip.text}, {link['built']}", where=where
        )
    days = slip.value
    if not link["campus"]:  # a lower bound: it has waited at least so long and is not there
        return Milestone(slip.entity, days, "open", days)
    row = september.get((link["campus"], float(link["facility_mw"])))
    if row is None or row.period.start is None:
        raise FigureError(
            "campus_milestone_sep26",
            expected=f"{link['campus']} at {link['facility_mw']} MW",
            got="no such row",
            where=where,
        )
    if link["built"] == "yes":
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

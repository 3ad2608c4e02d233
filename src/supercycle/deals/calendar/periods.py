"""The calendar of a deal: periods between payment dates, with stubs, month ends, business days and payment lags.

A period is [start, end) on the dates as written; interest on the dates as written or as moved; cash moves on the moved
date, later by the lag. Money drawn or spent on a date belongs to the period that begins on it; principal, tests and
values belong to the payment date itself.
"""

from __future__ import annotations

import bisect
import datetime
import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.business import adjusted, later_business_day
from supercycle.deals.calendar.daycounts import add_months, year_fraction

__all__ = ["Periods"]

Date = datetime.date


@dataclass(frozen=True)
class Periods:
    """``count`` periods of ``months`` months from ``start``; ``first`` and ``last`` make stubs at either end.

    ``first`` is the first payment date when it is not a whole period after ``start``; ``last`` the last one when it
    is not a whole period after the one before. ``rule`` and ``centres`` move payment dates, ``lag`` adds business days.
    """

    start: Date
    count: int
    months: int
    first: Date | None = None
    last: Date | None = None
    end_of_month: bool = False
    rule: str = "none"
    centres: tuple[str, ...] = ()
    lag: int = 0

    @functools.cached_property
    def edges(self) -> tuple[Date, ...]:
        """The closing and every payment date as written."""
        return _edges(self)

    @property
    def starts(self) -> tuple[Date, ...]:
        """The first day of each period."""
        return self.edges[:-1]

    @property
    def ends(self) -> tuple[Date, ...]:
        """The payment date of each period, as written."""
        return self.edges[1:]

    @functools.cached_property
    def marks(self) -> NDArray[np.int64]:
        """The closing and every payment date as written, as ordinals."""
        return np.array([d.toordinal() for d in self.edges], np.int64)

    @functools.cached_property
    def moved(self) -> tuple[Date, ...]:
        """The closing and every payment date, moved to business days."""
        return (self.start, *(adjusted(e, self.rule, self.centres) for e in self.ends))

    @functools.cached_property
    def pays(self) -> tuple[Date, ...]:
        """The day on which cash moves for each period: the moved payment date and the lag."""
        if not self.lag:
            return self.moved[1:]
        return tuple(later_business_day(e, self.lag, self.centres) for e in self.moved[1:])

    @functools.cached_property
    def years(self) -> NDArray[np.float64]:
        """Length of each period in years: months / 12, and for a stub its months and days."""
        whole, found = self.months / 12, np.empty(self.count)
        for t, (a, b) in enumerate(itertools.pairwise(self.edges)):
            stub = (t == 0 and self.first is not None) or (t == self.count - 1 and self.last is not None)
            found[t] = _months_and_days(a, b) if stub else whole
        return found

    @functools.cached_property
    def begins(self) -> NDArray[np.float64]:
        """Years from the closing to the first day of each period."""
        return np.concatenate([[0.0], np.cumsum(self.years)[:-1]])

    @functools.cached_property
    def times(self) -> NDArray[np.float64]:
        """Years from the closing to the day on which each period's cash moves."""
        late = np.array([(p - e).days / 365 for p, e in zip(self.pays, self.ends, strict=True)])
        even = np.arange(1, self.count + 1) * self.months / 12
        plain = self.first is None and self.last is None
        return (even if plain else np.cumsum(self.years)) + late

    def when(self, date: Date) -> float:
        """Years from the closing to a date, by days within its period.

        >>> Periods(Date(2026, 1, 1), 4, 3).when(Date(2026, 2, 15))  # 45 of 90 days of a quarter
        0.125
        """
        at = min(max(bisect.bisect_right(self.edges, date) - 1, 0), self.count - 1)
        days = (self.edges[at + 1] - self.edges[at]).days
        return float(self.begins[at] + self.years[at] * (date - self.edges[at]).days / days)

    def day(self, years: float) -> Date:
        """The date so many years after the closing: ``when`` the other way round.

        >>> Periods(Date(2026, 1, 1), 4, 3).day(0.125)
        datetime.date(2026, 2, 15)
        """
        at = min(int(np.searchsorted(self.begins, years + 1e-9, side="right")) - 1, self.count - 1)
        start, end = self.edges[at], self.edges[at + 1]
        share = (years - float(self.begins[at])) / float(self.years[at])
        return start + datetime.timedelta(days=round(share * (end - start).days))

    @property
    def per_year(self) -> int:
        """How many whole periods a year has."""
        return 12 // self.months

    def fractions(self, basis: str, *, moved: bool = False) -> NDArray[np.float64]:
        """Each period's part of a year under a day count, on the dates as written or as moved."""
        return _fractions(self, basis, moved)

    def index(self, date: Date) -> int | None:
        """The period that holds a date, or None outside the calendar.

        >>> Periods(Date(2026, 1, 1), 4, 3).index(Date(2026, 4, 1))
        1
        """
        if not self.starts[0] <= date < self.ends[-1]:
            return None
        return bisect.bisect_right(self.starts, date) - 1

    def ending(self, date: Date) -> int | None:
        """The period whose payment date is the first on or after a date; None when there is none.

        >>> Periods(Date(2026, 1, 1), 4, 3).ending(Date(2026, 4, 1))
        0
        """
        at = bisect.bisect_left(self.ends, date)
        return at if at < self.count else None

    def paying(self, date: Date, what: str, where: str) -> int:
        """The period whose payment date, as written or as moved, is the date; any other is refused.

        >>> Periods(Date(2026, 1, 1), 4, 3).paying(Date(2026, 4, 1), "principal", "deal:1")
        0
        """
        for dates in (self.ends, self.moved[1:]):
            at = bisect.bisect_left(dates, date)
            if at < self.count and dates[at] == date:
                return at
        after = bisect.bisect_left(self.ends, date)
        near = [str(self.ends[t]) for t in (after - 1, after) if 0 <= t < self.count]
        if date > self.ends[-1]:
            raise InputError(
                f"{what} after the calendar ends", expected=f"by {self.ends[-1]}", got=date, where=where,
                hint="Give the calendar more periods.",
            )  # fmt: skip
        raise InputError(
            f"{what} is not on a payment date", expected=" or ".join(near), got=date, where=where,
            hint="Dates are taken exactly as written: move it, or the calendar.",
        )  # fmt: skip

    def to_end_of_period(self, date: Date, basis: str, *, moved: bool = False) -> float:
        """Years from a date to the end of its period; the period's own fraction for its first day."""
        at = self.index(date)
        assert at is not None
        whole = float(self.fractions(basis, moved=moved)[at])
        if date == self.starts[at]:
            return whole
        stop = self.moved[at + 1] if moved else self.ends[at]
        if basis == "ACT/ACT ICMA":
            return whole * (stop - date).days / (stop - self.starts[at]).days
        return year_fraction(date, stop, basis)


def _months_and_days(start: Date, end: Date) -> float:
    """Whole months and the days left, as part of a 365-day year."""
    whole = 0
    while add_months(start, whole + 1) <= end:
        whole += 1
    return whole / 12 + (end - add_months(start, whole)).days / 365


# A deal is laid on its calendar once for every run of a stress or a sizing: dates are reckoned once.
@functools.lru_cache(maxsize=64)
def _edges(periods: Periods) -> tuple[Date, ...]:
    anchor, skipped = (periods.start, 0) if periods.first is None else (periods.first, 1)
    regular = [
        add_months(anchor, periods.months * t, end_of_month=periods.end_of_month)
        for t in range(periods.count + 1 - skipped)
    ]
    edges = [periods.start, *regular] if skipped else regular
    if periods.last is not None:
        edges[-1] = periods.last
    return tuple(edges)


@functools.lru_cache(maxsize=64)
def _fractions(periods: Periods, basis: str, moved: bool) -> NDArray[np.float64]:
    dates = periods.moved if moved else periods.edges
    if basis == "ACT/ACT ICMA":
        found = np.array([_icma(periods, t) for t in range(periods.count)])
    else:
        # Where a calendar runs on month ends, a month's last day is a 30th: coupons of half a year are equal.
        if basis == "30/360" and periods.end_of_month and not moved:
            basis = "30E/360 ISDA"
        found = np.array([year_fraction(a, b, basis) for a, b in itertools.pairwise(dates)])
    found.flags.writeable = False
    return found


def _icma(periods: Periods, t: int) -> float:
    """1 / frequency for a whole period; a stub by its days in the whole periods that it touches (ICMA Rule 251)."""
    start, end = periods.edges[t], periods.edges[t + 1]
    per_year, step, month_ends = periods.per_year, periods.months, periods.end_of_month
    if t == 0 and periods.first is not None:
        edge, way = end, -1
    elif t == periods.count - 1 and periods.last is not None:
        edge, way = start, 1
    else:
        return 1 / per_year
    total, k = 0.0, 0
    while True:
        near = add_months(edge, way * step * k, end_of_month=month_ends)
        far = add_months(edge, way * step * (k + 1), end_of_month=month_ends)
        low, high = min(near, far), max(near, far)
        total += max((min(high, end) - max(low, start)).days, 0) / (high - low).days / per_year
        k += 1
        if (way < 0 and far <= start) or (way > 0 and far >= end):
            return total

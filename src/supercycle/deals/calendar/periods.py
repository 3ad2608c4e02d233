"""The calendar of a deal: periods of equal months, [start, end), with their parts of a year."""

from __future__ import annotations

import bisect
import datetime
import functools
import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.daycounts import add_months, year_fraction

__all__ = ["Periods"]


@dataclass(frozen=True)
class Periods:
    """``count`` periods of ``months`` months from ``start``; payments fall on a period's end."""

    start: datetime.date
    count: int
    months: int

    @property
    def starts(self) -> tuple[datetime.date, ...]:
        """The first day of each period."""
        return _dates(self.start, self.count, self.months)[:-1]

    @property
    def ends(self) -> tuple[datetime.date, ...]:
        """The payment date of each period."""
        return _dates(self.start, self.count, self.months)[1:]

    @functools.cached_property
    def times(self) -> NDArray[np.float64]:
        """Years from the closing to each payment date, in equal periods."""
        return np.arange(1, self.count + 1) * self.months / 12

    @property
    def per_year(self) -> int:
        """How many periods a year has."""
        return 12 // self.months

    def fractions(self, basis: str) -> NDArray[np.float64]:
        """Each period's part of a year under a day count."""
        return _fractions(self.start, self.count, self.months, basis)

    def index(self, date: datetime.date) -> int | None:
        """The period that holds a date, or None outside the calendar.

        >>> Periods(datetime.date(2026, 1, 1), 4, 3).index(datetime.date(2026, 4, 1))
        1
        """
        if not self.starts[0] <= date < self.ends[-1]:
            return None
        return bisect.bisect_right(self.starts, date) - 1

    def ending(self, date: datetime.date) -> int | None:
        """The period whose payment date is the first on or after a date; None when there is none.

        >>> Periods(datetime.date(2026, 1, 1), 4, 3).ending(datetime.date(2026, 4, 1))
        0
        """
        at = bisect.bisect_left(self.ends, date)
        return at if at < self.count else None

    def rest_of_period(self, date: datetime.date, basis: str) -> float:
        """Years from a date to the end of its period; the period's own fraction for its first day."""
        at = self.index(date)
        assert at is not None
        whole = year_fraction(self.starts[at], self.ends[at], basis, periods_per_year=self.per_year)
        if date == self.starts[at]:
            return whole
        part = "ACT/365F" if basis == "ACT/ACT ICMA" else basis
        return year_fraction(date, self.ends[at], part)


# A deal is laid on its calendar once for every run of a stress or a sizing: dates are reckoned once.
@functools.lru_cache(maxsize=64)
def _dates(start: datetime.date, count: int, months: int) -> tuple[datetime.date, ...]:
    return tuple(add_months(start, months * t) for t in range(count + 1))


@functools.lru_cache(maxsize=64)
def _fractions(start: datetime.date, count: int, months: int, basis: str) -> NDArray[np.float64]:
    dates = _dates(start, count, months)
    found = np.array(
        [year_fraction(a, b, basis, periods_per_year=12 // months) for a, b in itertools.pairwise(dates)]
    )
    found.flags.writeable = False
    return found

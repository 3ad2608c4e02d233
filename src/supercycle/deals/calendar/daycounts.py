"""Seven day counts, and months added to dates: what part of a year lies between two dates.

Sources: ISDA 2006 Definitions, section 4.16 (a)-(h); ICMA Rule 251 for ACT/ACT ICMA.
"""

from __future__ import annotations

import calendar
import datetime
import functools
from collections.abc import Callable

from supercycle.core.errors import UnknownNameError

__all__ = ["DAY_COUNTS", "add_months", "is_month_end", "year_fraction"]

Date = datetime.date


@functools.lru_cache(maxsize=65536)  # a pool of leases asks for the same anniversaries again and again
def add_months(date: Date, months: int, *, end_of_month: bool = False) -> Date:
    """The same day some months later, or the last day of a shorter month.

    With ``end_of_month`` the last day of a month leads to the last day of a month.

    >>> add_months(Date(2025, 8, 31), 6), add_months(Date(2026, 1, 15), -2)
    (datetime.date(2026, 2, 28), datetime.date(2025, 11, 15))
    >>> add_months(Date(2026, 2, 28), 6, end_of_month=True)
    datetime.date(2026, 8, 31)
    """
    place = date.year * 12 + date.month - 1 + months
    year, month = divmod(place, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return Date(year, month + 1, last if end_of_month and is_month_end(date) else min(date.day, last))


def is_month_end(date: Date) -> bool:
    """Whether a date is the last day of its month.

    >>> is_month_end(Date(2026, 2, 28)), is_month_end(Date(2028, 2, 28))
    (True, False)
    """
    return date.day == calendar.monthrange(date.year, date.month)[1]


def year_fraction(start: Date, end: Date, basis: str, *, periods_per_year: int = 1) -> float:
    """Years between two dates under a day count; ``periods_per_year`` is read by ACT/ACT ICMA alone.

    ACT/ACT ICMA takes [start, end] as one whole coupon period: 1 / periods_per_year (stubs: ``Periods.fractions``).
    Limit: equal dates give 0.

    >>> year_fraction(Date(2025, 1, 31), Date(2025, 7, 31), "30/360")
    0.5
    >>> round(year_fraction(Date(2025, 1, 1), Date(2025, 7, 1), "ACT/360"), 9)  # 181 / 360
    0.502777778
    """
    if basis not in DAY_COUNTS:
        raise UnknownNameError("day count", basis, tuple(DAY_COUNTS))
    if start == end:
        return 0.0
    return DAY_COUNTS[basis](start, end, periods_per_year)


def _thirty(start: Date, end: Date, first: int, last: int) -> float:
    return ((end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first) / 360


def _bond_basis(start: Date, end: Date, _: int) -> float:
    first = min(start.day, 30)
    return _thirty(start, end, first, 30 if end.day == 31 and first == 30 else end.day)


def _eurobond(start: Date, end: Date, _: int) -> float:
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _thirty_month_ends(start: Date, end: Date, _: int) -> float:
    """Every last day of a month is a 30th, February's too (30E/360 ISDA, before the termination date)."""
    first, last = (30 if is_month_end(d) else min(d.day, 30) for d in (start, end))
    return _thirty(start, end, first, last)


def _act_360(start: Date, end: Date, _: int) -> float:
    return (end - start).days / 360


def _act_365(start: Date, end: Date, _: int) -> float:
    return (end - start).days / 365


def _isda(start: Date, end: Date, _: int) -> float:
    if end < start:
        return -_isda(end, start, _)
    total, at = 0.0, start
    while at < end:
        stop = min(end, Date(at.year + 1, 1, 1))
        total += (stop - at).days / (366 if calendar.isleap(at.year) else 365)
        at = stop
    return total


def _icma(_start: Date, _end: Date, periods_per_year: int) -> float:
    return 1 / periods_per_year


DAY_COUNTS: dict[str, Callable[[Date, Date, int], float]] = {
    "30/360": _bond_basis,
    "30E/360": _eurobond,
    "30E/360 ISDA": _thirty_month_ends,
    "ACT/360": _act_360,
    "ACT/365F": _act_365,
    "ACT/ACT ISDA": _isda,
    "ACT/ACT ICMA": _icma,
}

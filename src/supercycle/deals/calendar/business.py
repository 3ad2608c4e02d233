"""Which days are business days, and where a date that is none moves to.

Four centres: ``new_york`` (the Federal Reserve's holidays), ``sifma`` (the US government securities market, which SOFR
follows), ``london`` and ``target``. Holidays come from the library ``holidays``; what it does not have is the dated
table below. Moved dates follow the ISDA 2006 Definitions, section 4.12.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterable

from supercycle.core.errors import UnknownNameError

__all__ = ["BUSINESS_DAYS", "CENTRES", "adjusted", "is_business_day", "later_business_day"]

Date = datetime.date
DAY = datetime.timedelta(days=1)
SATURDAY, SUNDAY = 5, 6
CENTRES = ("new_york", "sifma", "london", "target")
BUSINESS_DAYS = ("none", "following", "modified_following", "preceding")
# SIFMA recommends an early close, no full one, where Good Friday is the first Friday of its month, on which the
# employment report is published. Source: SIFMA's releases for 2010, 2012, 2015, 2021, 2023 and 2026.
FIRST_FRIDAY = 7
# Days on which the market closed once: a storm and the funeral of a president. Source: SIFMA, as kept by QuantLib.
CLOSED_ONCE = frozenset({Date(2012, 10, 30), Date(2018, 12, 5)})
JANUARY, NOVEMBER = 1, 11


def is_business_day(date: Date, centres: Iterable[str]) -> bool:
    """Whether every centre is open on a date.

    >>> is_business_day(Date(2026, 4, 3), ["new_york"]), is_business_day(Date(2027, 3, 26), ["sifma"])
    (True, False)
    """
    if date.weekday() in (SATURDAY, SUNDAY):
        return False
    return not any(date in _closed(centre, date.year) for centre in centres)


def adjusted(date: Date, rule: str, centres: Iterable[str]) -> Date:
    """The date itself if it is a business day, else the one that the rule gives.

    >>> adjusted(Date(2026, 5, 31), "following", ["new_york"])  # a Sunday
    datetime.date(2026, 6, 1)
    >>> adjusted(Date(2026, 5, 31), "modified_following", ["new_york"])
    datetime.date(2026, 5, 29)
    """
    if rule not in BUSINESS_DAYS:
        raise UnknownNameError("business day rule", rule, BUSINESS_DAYS)
    if rule == "none":
        return date
    names = tuple(centres)
    moved = _step(date, -1 if rule == "preceding" else 1, names)
    if rule == "modified_following" and moved.month != date.month:
        return _step(date, -1, names)
    return moved


def later_business_day(date: Date, days: int, centres: Iterable[str]) -> Date:
    """The date so many business days on.

    >>> later_business_day(Date(2026, 1, 2), 2, ["new_york"])
    datetime.date(2026, 1, 6)
    """
    names = tuple(centres)
    for _ in range(days):
        date = _step(date + DAY, 1, names)
    return date


def _step(date: Date, way: int, centres: tuple[str, ...]) -> Date:
    while not is_business_day(date, centres):
        date += way * DAY
    return date


@functools.lru_cache(maxsize=2048)
def _closed(centre: str, year: int) -> frozenset[Date]:
    import holidays

    if centre not in CENTRES:
        raise UnknownNameError("centre", centre, CENTRES)
    if centre == "london":
        return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
    if centre == "target":
        return frozenset(holidays.financial_holidays("ECB", years=year))
    days = {d for y in (year, year + 1) for d in holidays.country_holidays("US", years=y, observed=False)}
    found = days | {d + DAY for d in days if d.weekday() == SUNDAY}
    if centre == "sifma":
        # Unlike the Federal Reserve it also closes on the Friday before, but not for a New Year's or Veterans Day.
        found |= {d - DAY for d in days if d.weekday() == SATURDAY and d.month not in (JANUARY, NOVEMBER)}
        good_friday = _easter(year) - 2 * DAY
        if good_friday.day > FIRST_FRIDAY:
            found.add(good_friday)
        found |= {d for d in CLOSED_ONCE if d.year == year}
    return frozenset(d for d in found if d.year == year)


def _easter(year: int) -> Date:
    """Easter Sunday by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, 1991, chapter 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    x = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * x) // 451
    month, day = divmod(h + x - 7 * m + 114, 31)
    return Date(year, month, day + 1)

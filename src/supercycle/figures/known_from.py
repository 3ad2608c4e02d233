"""When a figure could have been known: the day a publication date allows, and the day the tables were closed.

``known_from`` itself is a column of every table, written once by the tool ``typed_tables``; a back-test may not
see a row before that day. Nothing here reads titles or notes.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from supercycle.core.errors import FigureError
from supercycle.core.quarters import Quarter
from supercycle.figures.fiscal import FISCAL_YEAR_END_MONTH, fiscal_quarter_end
from supercycle.figures.periods import Period, parse_period

__all__ = ["CLOSED", "latest_day", "published_by", "reported_end"]

CLOSED = date(2026, 12, 1)  # the day the tables were closed: nothing in them became known later


@lru_cache(maxsize=8192)
def published_by(printed: str, where: str = "") -> date:
    """Latest day a printed publication date allows ("2026-08" -> 31 August), never after the tables were
    closed.

    >>> published_by("2026-08"), published_by("")
    (datetime.date(2026, 8, 31), datetime.date(2026, 12, 1))
    """
    if not printed:
        return CLOSED
    return min(latest_day(printed, where), CLOSED)


@lru_cache(maxsize=8192)
def latest_day(printed: str, where: str = "") -> date:
    """Latest day that a printed date allows; FigureError for text without one.

    >>> latest_day("2026-08"), latest_day("2026-05/06"), latest_day("2027-01-15")
    (datetime.date(2026, 8, 31), datetime.date(2026, 6, 30), datetime.date(2027, 1, 15))
    """
    match = re.fullmatch(r"(\d{4}-)\d\d/(\d\d)", printed)  # the later month
    period = parse_period(match[1] + match[2] if match else printed)
    if period.end is None:
        raise FigureError(
            "publication date not readable",
            expected="a day, month, quarter or year",
            got=repr(printed),
            where=where or None,
        )
    return period.end


def reported_end(period: Period, entity: str) -> date | None:
    """The period's last day: for a company with a fiscal year of its own the end of its quarter, else the
    calendar's.

    >>> from supercycle.figures.periods import parse_period
    >>> reported_end(parse_period("2026Q2"), "Oracle")
    datetime.date(2026, 5, 31)
    """
    if period.kind == "quarter" and entity in FISCAL_YEAR_END_MONTH and period.end is not None:
        return fiscal_quarter_end(entity, str(Quarter.of(period.end)))
    return period.end

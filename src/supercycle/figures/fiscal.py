"""Fiscal calendars: which calendar quarter a fiscal quarter belongs to, and how a missing quarter is
differenced.

One rule serves every company: a fiscal quarter belongs to the calendar quarter that contains the month
*before* its last month (its middle month). Oracle's quarter to May is then Q2, NVIDIA's quarter to January
is Q4 of the year before, Microsoft's quarter to June is Q2. No day weighting, so four fiscal quarters
always keep their sum.
"""

from __future__ import annotations

import calendar as _calendar
from collections.abc import Mapping
from datetime import date

from supercycle.core.errors import FigureError
from supercycle.core.quarters import Quarter

__all__ = [
    "FISCAL_YEAR_END_MONTH",
    "calendar_quarter",
    "calendarise",
    "fiscal_quarter_end",
    "fiscal_quarters",
    "fiscal_year_dates",
    "remaining_quarter",
]

# Last month of the fiscal year; a company not named here reports by calendar year (10-K cover pages).
FISCAL_YEAR_END_MONTH: dict[str, int] = {
    "Microsoft": 6,
    "Microsoft (Azure AI Foundry)": 6,
    "Oracle": 5,
    "Oracle cloud and software": 5,
    "NVIDIA": 1,
    "Nvidia": 1,
    "Siemens Energy": 9,
    "Broadcom": 10,
    "Micron": 8,
    "Dell": 1,
    "Super Micro": 6,
    "IREN": 6,
    "Applied Digital": 5,
}


def _month_end(year: int, month: int) -> date:
    return date(year, month, _calendar.monthrange(year, month)[1])


def _add_months(year: int, month: int, months: int) -> tuple[int, int]:
    index = year * 12 + (month - 1) + months
    return index // 12, index % 12 + 1


def fiscal_year_dates(entity: str, year: int) -> tuple[date, date]:
    """First and last day of a company's fiscal year, to the month (52/53-week years end within days of it).

    >>> [str(day) for day in fiscal_year_dates("Microsoft", 2026)]
    ['2025-07-01', '2026-06-30']
    >>> [str(day) for day in fiscal_year_dates("Meta", 2025)]
    ['2025-01-01', '2025-12-31']
    """
    end_month = FISCAL_YEAR_END_MONTH.get(entity, 12)
    start_year, start_month = _add_months(year, end_month, -11)
    return date(start_year, start_month, 1), _month_end(year, end_month)


def calendar_quarter(end: date) -> str:
    """Calendar quarter of a fiscal quarter whose last *month* contains ``end``.

    >>> calendar_quarter(date(2026, 5, 31)), calendar_quarter(date(2026, 2, 28))
    ('2026Q2', '2026Q1')
    """
    return str(Quarter.of(_month_end(*_add_months(end.year, end.month, -1))))


def fiscal_quarters(entity: str, year: int) -> tuple[str, str, str, str]:
    """The four calendar quarters that a company's fiscal year is mapped to, in order.

    >>> fiscal_quarters("Oracle", 2026)
    ('2025Q3', '2025Q4', '2026Q1', '2026Q2')
    >>> fiscal_quarters("NVIDIA", 2026)
    ('2025Q1', '2025Q2', '2025Q3', '2025Q4')
    """
    end_month = FISCAL_YEAR_END_MONTH.get(entity, 12)
    ends = [_month_end(*_add_months(year, end_month, -9 + 3 * step)) for step in range(4)]
    first, second, third, fourth = (calendar_quarter(end) for end in ends)
    return first, second, third, fourth


def fiscal_quarter_end(entity: str, quarter: str) -> date:
    """Last day (to the month) of the fiscal quarter that a company's calendar quarter stands for.

    >>> str(fiscal_quarter_end("Oracle", "2026Q2")), str(fiscal_quarter_end("NVIDIA", "2026Q1"))
    ('2026-05-31', '2026-04-30')
    """
    end = Quarter.parse(quarter).last_day
    shift = {0: 0, 1: 1, 2: -1}[FISCAL_YEAR_END_MONTH.get(entity, 12) % 3]
    return _month_end(*_add_months(end.year, end.month, shift))


def calendarise(entity: str, fiscal: Mapping[tuple[int, int], float]) -> dict[str, float]:
    """Map fiscal quarters ``{(fiscal year, 1..4): amount}`` to calendar quarters; the total is unchanged.

    Raises FigureError for a fiscal quarter outside 1..4.

    >>> calendarise("Oracle", {(2026, 3): 18.635, (2026, 4): 16.493})
    {'2026Q1': 18.635, '2026Q2': 16.493}
    """
    out: dict[str, float] = {}
    for (year, quarter), amount in fiscal.items():
        if not 1 <= quarter <= 4:
            raise FigureError(
                "no such fiscal quarter", expected="1, 2, 3 or 4", got=str(quarter), where=entity
            )
        out[fiscal_quarters(entity, year)[quarter - 1]] = amount
    return out


def remaining_quarter(full_year: float, three_quarters: tuple[float, float, float]) -> float:
    """The quarter a company does not print: ``full_year - sum(three_quarters)`` (Q4 = FY - 9M).

    >>> round(remaining_quarter(55.663, (8.502, 12.033, 18.635)), 3)
    16.493
    """
    return full_year - sum(three_quarters)

"""Periods and fiscal calendars: each spelling once, by hand."""

from __future__ import annotations

from datetime import date

import pytest

from supercycle.core.errors import FigureError
from supercycle.figures.fiscal import calendarise, fiscal_quarter_end, fiscal_quarters, fiscal_year_dates
from supercycle.figures.load import figures
from supercycle.figures.periods import parse_period

SPELLINGS = [
    ("2022-03-31", "", "day", "2022-03-31", "2022-03-31"),
    ("2024-02", "", "month", "2024-02-01", "2024-02-29"),
    ("2025Q3", "", "quarter", "2025-07-01", "2025-09-30"),
    ("2025-Q1", "", "quarter", "2025-01-01", "2025-03-31"),
    ("2025H2", "", "half", "2025-07-01", "2025-12-31"),
    ("2025", "", "year", "2025-01-01", "2025-12-31"),
    ("2026CY", "Microsoft", "year", "2026-01-01", "2026-12-31"),
    ("2026FY", "Microsoft", "fiscal_year", "2025-07-01", "2026-06-30"),
    ("2026FY", "Oracle", "fiscal_year", "2025-06-01", "2026-05-31"),
    ("2026FY", "NVIDIA", "fiscal_year", "2025-02-01", "2026-01-31"),
    ("FY2025", "Siemens Energy", "fiscal_year", "2024-10-01", "2025-09-30"),
    ("FY2025 9M", "Siemens Energy", "range", "2024-10-01", "2025-06-30"),
    ("1890s", "", "decade", "1890-01-01", "1899-12-31"),
    ("2026/27", "PJM", "delivery_year", "2026-06-01", "2027-05-31"),
    ("1845-47", "", "range", "1845-01-01", "1847-12-31"),
    ("2018-2025-05", "", "range", "2018-01-01", "2025-05-31"),
    ("2015-2018Q1", "", "range", "2015-01-01", "2018-03-31"),
    ("2025H2-2026-01", "", "range", "2025-07-01", "2026-01-31"),
    ("2025 Jan-Apr", "", "range", "2025-01-01", "2025-04-30"),
    ("2025 YTD Nov", "", "range", "2025-01-01", "2025-11-30"),
    ("2019 to mid-Aug", "", "range", "2019-01-01", "2019-08-31"),
    ("2025 Q1-Q3", "", "range", "2025-01-01", "2025-09-30"),
    ("2026-Q1/Q2", "", "range", "2026-01-01", "2026-06-30"),
    ("2000 and 2001", "", "range", "2000-01-01", "2001-12-31"),
    ("18 months to 2026", "", "range", "2025-07-01", "2026-12-31"),
    ("2020-03-18 week", "", "week", "2020-03-12", "2020-03-18"),
    ("to 2030", "", "open", None, "2030-12-31"),
    ("before 2023", "", "open", None, "2022-12-31"),
    ("from 2024", "", "open", "2024-01-01", None),
    ("2027+", "", "open", "2027-01-01", None),
    ("2026 YTD", "", "year_to_date", "2026-01-01", None),
    ("about 2024", "", "year", "2024-01-01", "2024-12-31"),
]


@pytest.mark.parametrize(("printed", "entity", "kind", "start", "end"), SPELLINGS)
def test_each_spelling(printed: str, entity: str, kind: str, start: str | None, end: str | None) -> None:
    period = parse_period(printed, entity)
    assert period.kind == kind
    assert (period.start, period.end) == tuple(
        None if day is None else date.fromisoformat(day) for day in (start, end)
    )
    assert period.printed == printed


@pytest.mark.parametrize(
    "printed", ["", "peak", "per year", "undated", "within 4 years", "COD target", "2026-13"]
)
def test_undated_text_is_a_note_and_never_guessed(printed: str) -> None:
    period = parse_period(printed)
    assert (period.kind, period.start, period.end) == ("note", None, None)
    assert not period.dated


def test_qualifiers_keep_points_apart() -> None:
    assert parse_period("2021 low").key != parse_period("2021 high").key != parse_period("2021").key
    assert parse_period("2025-Q4").key == parse_period("2025Q4").key


def test_no_dated_looking_period_of_the_tables_is_lost() -> None:
    notes = {row.period.printed for row in figures() if not row.period.dated}
    assert notes == {
        "",
        "5 years",
        "COD target",
        "historic",
        "model law",
        "peak",
        "per year",
        "standard",
        "undated",
        "undated Q4 (about 2020)",
        "within 4 years",
    }


def test_fiscal_years_of_the_three_odd_companies() -> None:
    assert fiscal_quarters("Microsoft", 2026) == ("2025Q3", "2025Q4", "2026Q1", "2026Q2")
    assert fiscal_quarters("Oracle", 2026) == ("2025Q3", "2025Q4", "2026Q1", "2026Q2")
    assert fiscal_quarters("NVIDIA", 2026) == ("2025Q1", "2025Q2", "2025Q3", "2025Q4")
    assert fiscal_quarters("Meta", 2026) == ("2026Q1", "2026Q2", "2026Q3", "2026Q4")
    assert fiscal_year_dates("NVIDIA", 2026) == (date(2025, 2, 1), date(2026, 1, 31))
    assert fiscal_quarter_end("NVIDIA", "2025Q4") == date(2026, 1, 31)


def test_a_fifth_fiscal_quarter_is_refused() -> None:
    with pytest.raises(FigureError, match="no such fiscal quarter"):
        calendarise("Oracle", {(2026, 5): 1.0})


def test_the_tables_name_quarters_by_the_same_rule() -> None:
    # Rows whose note prints the fiscal quarter's last day must sit in the calendar quarter the rule gives.
    import re

    from supercycle.figures.fiscal import calendar_quarter

    checked = 0
    for row in figures("companies"):
        ended = re.search(
            r"(?:fiscal quarter ended|balance at|period \S+ to|^at) (\d{4}-\d\d-\d\d)", row.note
        )
        if ended and row.period.kind == "quarter" and row.entity in ("NVIDIA", "Oracle", "Microsoft"):
            day = date.fromisoformat(ended[1])
            if day.day <= 7:  # a 52/53-week quarter that ends in the first days of the next month
                day = date(day.year, day.month, 1).replace(day=1)
                day = date.fromordinal(day.toordinal() - 1)
            assert calendar_quarter(day) == row.period.printed, row.where
            checked += 1
    assert checked > 300

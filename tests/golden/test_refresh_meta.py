"""Meta's filings of 2023-2026: a real restatement, real rounding, and the package's own figures.

Amounts are those of Meta's 10-Q and 10-K as company facts give them (SEC, CIK 1326801), USD millions. From April 2024
on Meta printed every period of 2023 again, a little lower.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from supercycle.figures.refresh.decumulate import Fact, Quarterly, decumulate
from supercycle.figures.refresh.decumulate import quarter_label as label
from supercycle.figures.series import quarterly

# (first day, last day, amount, filed)
CAPEX = (
    ("2023-01-01", "2023-03-31", 6842, "2023-04-27"),
    ("2023-01-01", "2023-06-30", 13058, "2023-07-27"),
    ("2023-01-01", "2023-09-30", 19601, "2023-10-26"),
    ("2023-01-01", "2023-12-31", 27266, "2024-02-02"),
    ("2023-01-01", "2023-03-31", 6823, "2024-04-25"),
    ("2024-01-01", "2024-03-31", 6400, "2024-04-25"),
    ("2023-01-01", "2023-06-30", 12957, "2024-08-01"),
    ("2024-01-01", "2024-06-30", 14573, "2024-08-01"),
    ("2023-01-01", "2023-09-30", 19453, "2024-10-31"),
    ("2024-01-01", "2024-09-30", 22831, "2024-10-31"),
    ("2023-01-01", "2023-12-31", 27045, "2025-01-30"),
    ("2024-01-01", "2024-12-31", 37256, "2025-01-30"),
    ("2024-01-01", "2024-03-31", 6400, "2025-05-01"),
    ("2025-01-01", "2025-03-31", 12941, "2025-05-01"),
    ("2024-01-01", "2024-06-30", 14573, "2025-07-31"),
    ("2025-01-01", "2025-06-30", 29479, "2025-07-31"),
    ("2024-01-01", "2024-09-30", 22831, "2025-10-30"),
    ("2025-01-01", "2025-09-30", 48308, "2025-10-30"),
    ("2023-01-01", "2023-12-31", 27045, "2026-01-29"),
    ("2024-01-01", "2024-12-31", 37256, "2026-01-29"),
    ("2025-01-01", "2025-12-31", 69691, "2026-01-29"),
    ("2025-01-01", "2025-03-31", 12941, "2026-04-30"),
    ("2026-01-01", "2026-03-31", 18997, "2026-04-30"),
)
# Operating cash flow of 2025 also prints the three months, rounded on their own.
CASH = (
    ("2025-01-01", "2025-03-31", 17555, "2025-05-01"),
    ("2025-01-01", "2025-06-30", 37997, "2025-07-31"),
    ("2025-04-01", "2025-06-30", 20441, "2025-07-31"),
    ("2025-01-01", "2025-09-30", 58531, "2025-10-30"),
    ("2025-07-01", "2025-09-30", 20535, "2025-10-30"),
    ("2025-01-01", "2025-12-31", 83276, "2026-01-29"),
)


def told(rows: tuple[tuple[str, str, int, str], ...]) -> list[Quarterly]:
    day = date.fromisoformat
    return decumulate(
        Fact(day(a), day(b), value * 1e6, filed, "10-Q", day(filed)) for a, b, value, filed in rows
    )


def test_a_real_restatement_is_told_quarter_by_quarter() -> None:
    found = [(label(q.end), round(q.value / 1e6), q.filed.isoformat()) for q in told(CAPEX)]
    of_2023 = [row for row in found if row[0].startswith("2023")]
    assert of_2023 == [
        ("2023Q1", 6842, "2023-04-27"),
        ("2023Q2", 13058 - 6842, "2023-07-27"),
        ("2023Q3", 19601 - 13058, "2023-10-26"),
        ("2023Q4", 27266 - 19601, "2024-02-02"),
        ("2023Q1", 6823, "2024-04-25"),
        ("2023Q2", 12957 - 6823, "2024-08-01"),
        ("2023Q3", 19453 - 12957, "2024-10-31"),
        ("2023Q4", 27045 - 19453, "2025-01-30"),
    ]
    # What was not restated is told once, although it is printed again.
    assert len(found) == len(of_2023) + 4 + 4 + 1


def test_at_no_time_is_an_old_amount_differenced_with_a_new_one() -> None:
    """Every quarter of 2023 that was ever told is a difference within the first prints or within the second."""
    first, second = (0, 6842, 13058, 19601, 27266), (0, 6823, 12957, 19453, 27045)
    sound = {b - a for prints in (first, second) for a, b in pairwise(prints)}
    assert {round(q.value / 1e6) for q in told(CAPEX) if q.end.year == 2023} == sound


def test_a_quarter_rounded_on_its_own_is_no_disagreement() -> None:
    found = told(CASH)
    assert [(label(q.end), round(q.value / 1e6), q.reason) for q in found] == [
        ("2025Q1", 17555, ""),
        ("2025Q2", 20441, ""),  # 37,997 - 17,555 is 20,442
        ("2025Q3", 20535, ""),
        ("2025Q4", 83276 - 58531, ""),
    ]


def test_the_package_has_the_same_quarters() -> None:
    """companies.csv was made from filings on its own: where both have a quarter, they agree."""
    table = quarterly("capex_cash", "Meta")
    latest = {label(q.end): q.value / 1e9 for q in told(CAPEX)}
    assert set(latest) <= set(table)
    off = {
        name: (value, table[name].value)
        for name, value in latest.items()
        if abs(value - table[name].value) > 0.0015
    }
    assert off == {}

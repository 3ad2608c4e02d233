"""Laws of the decumulation and of fiscal calendars, for any amounts, any year end and any order of the file."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.figures.refresh.decumulate import Fact, decumulate, quarter_label, quarters_long

MONTHS = st.integers(1, 12)
AMOUNTS = st.lists(st.integers(1, 10**12), min_size=8, max_size=8)


def month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def year_of(end_month: int, year: int) -> list[tuple[date, date]]:
    """First and last day of the four quarters of a fiscal year."""
    out = []
    for k in range(4):
        last = year * 12 + end_month - 10 + 3 * k
        first = last - 2
        out.append((date(first // 12, first % 12 + 1, 1), month_end(last // 12, last % 12 + 1)))
    return out


def filed_facts(end_month: int, amounts: list[int], first: int = 2020, shift: int = 0) -> list[Fact]:
    """Year-to-date facts of two fiscal years as filings print them: this year's and last year's together.

    ``shift`` moves every year's end by days, as 52/53-week years do.
    """
    moved = timedelta(days=shift)
    out = []
    for year in range(2):
        spans = year_of(end_month, first + year)
        for k, (_, end) in enumerate(spans):
            filed = end + timedelta(days=30)
            for of in range(year + 1):
                other = year_of(end_month, first + of)
                total = sum(amounts[4 * of : 4 * of + k + 1])
                out.append(
                    Fact(other[0][0] + moved, other[k][1] + moved, float(total), f"{filed}", "10-Q", filed)
                )
    return out


@given(MONTHS, AMOUNTS, st.integers(-5, 6), st.randoms(use_true_random=False))
def test_quarters_come_back_and_sum_to_the_year(
    end_month: int, amounts: list[int], shift: int, order: random.Random
) -> None:
    facts = filed_facts(end_month, amounts, shift=shift)
    order.shuffle(facts)
    rows = sorted(decumulate(facts), key=lambda row: row.end)
    assert [row.value for row in rows] == [float(amount) for amount in amounts]
    assert all(row.reason == "" for row in rows)
    for year in range(2):
        assert sum(row.value for row in rows[4 * year : 4 * year + 4]) == sum(
            amounts[4 * year : 4 * year + 4]
        )


@given(MONTHS, AMOUNTS)
def test_nothing_is_known_before_it_was_filed(end_month: int, amounts: list[int]) -> None:
    facts = filed_facts(end_month, amounts)
    for row in decumulate(facts):
        assert row.filed > row.end
        then = decumulate([fact for fact in facts if fact.filed <= row.filed])
        assert row in then  # what is told for a day rests on what was filed by it
        before = decumulate([fact for fact in facts if fact.filed < row.filed])
        assert row not in before


@given(MONTHS, AMOUNTS, st.integers(0, 3), st.integers(1, 10**9))
def test_a_restatement_is_told_again_and_the_first_print_stays(
    end_month: int, amounts: list[int], quarter: int, by: int
) -> None:
    facts = filed_facts(end_month, amounts)
    spans = year_of(end_month, 2020)
    # The next year's filings print the first year's amounts as restated, from that quarter on.
    restated = [
        Fact(f.start, f.end, f.value + by, f.accession, f.form, f.filed)
        if f.start == spans[0][0]
        and f.end >= spans[quarter][1]
        and f.filed > spans[3][1] + timedelta(days=60)
        else f
        for f in facts
    ]
    rows = [row for row in decumulate(restated) if row.end == spans[quarter][1]]
    assert rows[0].value == float(amounts[quarter])
    assert rows[-1].value == float(amounts[quarter] + by)
    assert rows[-1].filed > rows[0].filed
    after = {row.end: row.value for row in decumulate(restated)}
    assert sum(after[end] for _, end in spans) == sum(amounts[:4]) + by


@given(MONTHS, st.integers(2015, 2030))
def test_four_fiscal_quarters_are_four_calendar_quarters_in_a_row(end_month: int, year: int) -> None:
    labels = [quarter_label(end) for _, end in year_of(end_month, year)]
    numbers = [4 * int(label[:4]) + int(label[-1]) for label in labels]
    assert [n - numbers[0] for n in numbers] == [0, 1, 2, 3]


@given(MONTHS, st.integers(2015, 2030), st.integers(-6, 6))
@settings(max_examples=60)
def test_a_52_53_week_year_has_the_labels_of_its_month(end_month: int, year: int, shift: int) -> None:
    """A year that ends within six days of a month's end is labelled as if it ended with it."""
    for start, end in year_of(end_month, year):
        assert quarter_label(end + timedelta(days=shift)) == quarter_label(end)
        assert quarters_long(start, end + timedelta(days=shift)) == 1


@pytest.mark.parametrize("days", [1, 30, 60, 75, 120, 150, 220, 310, 400, 730])
def test_other_durations_are_no_quarters(days: int) -> None:
    start = date(2025, 1, 1)
    assert quarters_long(start, start + timedelta(days=days - 1)) is None

"""Laws of the data set: idempotent loading, no knowledge before the fact, the best rival, conserved sums."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typed_tables.known_from import is_outlook, is_statement

from supercycle.figures.fiscal import FISCAL_YEAR_END_MONTH, calendarise, fiscal_quarter_end
from supercycle.figures.known_from import CLOSED
from supercycle.figures.load import TABLES, Figure, figures, is_flow, parse_table, table_text
from supercycle.figures.series import choose, entities, quarterly, ranking, readings, rivals, series_names
from supercycle.figures.tiers import CALIBRATABLE, TIERS, rank

COMPANIES = sorted({*FISCAL_YEAR_END_MONTH, "Meta", "Amazon"})
POINTS = sorted({(row.series, row.entity, row.period.printed) for row in figures()})


@pytest.mark.parametrize("table", TABLES)
def test_loading_is_idempotent(table: str) -> None:
    text = table_text(table)
    assert parse_table(table, text) == parse_table(table, text) == figures(table)


def test_reported_flows_are_never_known_before_their_period_ends() -> None:
    checked = 0
    for row in figures():
        if row.table == "companies" and row.tier in CALIBRATABLE and is_flow(row.series) and row.period.end:
            end = row.period.end
            if row.period.kind == "quarter" and row.entity in FISCAL_YEAR_END_MONTH:
                name = f"{end.year}Q{end.month // 3}"
                end = fiscal_quarter_end(row.entity, name)
            assert row.known_from >= min(end, date(end.year, end.month, 24)), (
                row.id
            )  # 52/53-week years end early
            checked += 1
    assert checked > 1500


def test_nothing_is_known_after_the_tables_were_closed() -> None:
    assert all(row.known_from <= CLOSED for row in figures())


def test_statements_and_forecasts_are_known_when_published() -> None:
    for row in figures():
        if row.published and (is_outlook(row.series) or is_statement(row.series)):
            assert row.known_from.isoformat()[:4] >= row.published[:4], row.id


@given(st.sampled_from(POINTS))
def test_choose_is_the_best_ranked_rival(point: tuple[str, str, str]) -> None:
    series, entity, period = point
    found = rivals(series, entity, period)
    best = choose(series, entity, period)
    assert best in found
    for other in found:
        if best.value is not None and other.value is not None:
            assert rank(best.tier) <= rank(other.tier)
        assert ranking(best) <= ranking(other)
    numbers = [row for row in found if row.value is not None]
    assert (best.value is not None) == bool(numbers)


@given(st.sampled_from(POINTS), st.dates(date(2015, 1, 1), CLOSED), st.dates(date(2015, 1, 1), CLOSED))
def test_later_knowledge_only_adds_readings(point: tuple[str, str, str], one: date, two: date) -> None:
    early, late = min(one, two), max(one, two)
    before, after = rivals(*point, as_of=early), rivals(*point, as_of=late)
    assert set(before) <= set(after)
    assert all(row.known_from <= early for row in before)


@given(st.sampled_from(POINTS), st.sets(st.sampled_from(TIERS)))
def test_a_tier_filter_never_lets_another_tier_through(point: tuple[str, str, str], tiers: set[str]) -> None:
    assert {row.tier for row in rivals(*point, tiers=tiers)} <= tiers


@given(
    st.sampled_from(COMPANIES),
    st.integers(2000, 2035),
    st.lists(st.floats(-1e3, 1e3, allow_nan=False), min_size=4, max_size=4),
)
def test_calendarising_four_quarters_keeps_the_sum(company: str, year: int, amounts: list[float]) -> None:
    calendar = calendarise(company, {(year, number + 1): amount for number, amount in enumerate(amounts)})
    assert len(calendar) == 4
    assert math.isclose(sum(calendar.values()), sum(amounts), rel_tol=0, abs_tol=1e-9)
    assert list(calendar) == sorted(calendar)


@given(st.sampled_from(COMPANIES), st.integers(2000, 2035))
def test_consecutive_fiscal_years_share_no_quarter_and_leave_none_out(company: str, year: int) -> None:
    two = calendarise(company, {(y, q): 1.0 for y in (year, year + 1) for q in (1, 2, 3, 4)})
    names = sorted(two)
    numbers = [int(name[:4]) * 4 + int(name[5]) for name in names]
    assert numbers == list(range(numbers[0], numbers[0] + 8))


def test_every_fiscal_year_with_four_quarters_is_their_sum() -> None:
    compared = 0
    for row in figures("companies"):
        if row.period.kind != "fiscal_year" or not is_flow(row.series) or row.value is None:
            continue
        assert row.period.end is not None
        quarters = quarterly(row.series, row.entity)
        names = calendarise(row.entity, {(row.period.end.year, number): 0.0 for number in (1, 2, 3, 4)})
        if all(name in quarters for name in names):
            summed = sum(quarters[name].value for name in names)
            assert summed == pytest.approx(row.value, rel=1e-3, abs=0.02), row.id
            compared += 1
    assert compared > 200


def test_ids_find_their_rows() -> None:
    by_id: dict[str, Figure] = {row.id: row for row in figures()}
    for series in series_names()[::40]:
        for entity in entities(series):
            assert all(by_id[row.id] == row for row in readings(series, entity))

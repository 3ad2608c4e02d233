from __future__ import annotations

from datetime import date

import pytest

from supercycle.core.errors import InputError
from supercycle.core.quarters import Quarter


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("2026-Q3", "2026Q3"),
        ("2026q3", "2026Q3"),
        ("2026 3", "2026Q3"),
        ("Q3 2026", "2026Q3"),
        ("3/2026", "2026Q3"),
    ],
)
def test_another_spelling_is_refused_with_the_right_one(text: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        Quarter.parse(text, where="capex.csv:7")
    assert str(caught.value) == (
        f"capex.csv:7: cannot read a quarter: expected the form 2026Q3, got {text!r}. Did you mean {hint}?"
    )


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "2026Q0", "26Q3", "FY2026", "2026Q33", "2026Q3x"])
def test_what_is_no_quarter_is_refused_without_a_guess(text: str) -> None:
    with pytest.raises(InputError, match=r"expected the form 2026Q3, got '[^']*'$"):
        Quarter.parse(text)


def test_impossible_quarters_cannot_be_made() -> None:
    for year, number in ((2026, 0), (2026, 5), (0, 1)):
        with pytest.raises(InputError, match="no such quarter"):
            Quarter(year, number)
    with pytest.raises(InputError, match="no such quarter"):
        Quarter(1, 1) - 1


def test_the_horizon_of_the_base_case_has_39_quarters() -> None:
    horizon = Quarter.parse("2026Q2").until(Quarter.parse("2035Q4"))
    assert (len(horizon), str(horizon[0]), str(horizon[-1])) == (39, "2026Q2", "2035Q4")
    assert Quarter(2026, 2).until(Quarter(2026, 1)) == []


def test_every_day_of_two_years_falls_in_a_quarter_that_ends_on_its_last_day() -> None:
    day = date(2027, 1, 1)
    while day < date(2029, 1, 1):
        quarter = Quarter.of(day)
        assert day <= quarter.last_day
        assert quarter == Quarter.of(quarter.last_day)
        assert Quarter.of(date.fromordinal(quarter.last_day.toordinal() + 1)) == quarter + 1
        day = date.fromordinal(day.toordinal() + 1)

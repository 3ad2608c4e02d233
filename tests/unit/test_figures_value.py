"""A number with its rows: sums carry the rows of their parts, unlike units are refused, dates hide what came later."""

from __future__ import annotations

from datetime import date

import pytest

from supercycle.core.errors import FigureError, UnitError, UnknownNameError
from supercycle.figures import figure
from supercycle.figures.series import choose, quarterly


def test_a_figure_is_the_chosen_reading_with_its_row() -> None:
    made = figure("capex_cash", "Meta", "2026Q2")
    assert (made.value, made.unit) == (30.116, "USD_bn")
    assert made.rows == (choose("capex_cash", "Meta", "2026Q2"),)
    assert made.ids[0].startswith("companies:capex_cash:Meta:2026Q2:")


def test_sums_and_differences_keep_every_row_and_convert_to_the_left_unit() -> None:
    # Epoch's cumulative chip power of Nvidia: end of 2025 less end of 2024, in GW
    late = figure("ai_chips_cumulative_tdp", "Nvidia", "2025-12-31", unit="GW_tdp")
    early = figure("ai_chips_cumulative_tdp", "Nvidia", "2024-12-31")
    added = late - early
    assert added.value == pytest.approx(late.value - early.value / 1000.0)
    assert added.unit == "GW_tdp"
    assert added.rows == (*late.rows, *early.rows)
    assert added.known_from == max(late.known_from, early.known_from)


def test_a_ratio_of_like_units_is_a_pure_number_and_of_unlike_keeps_both() -> None:
    share = figure("aws_revenue", "Amazon", "2025Q4") / figure("revenue", "Amazon", "2025Q4")
    assert share.unit == "1"
    assert 0.1 < share.value < 0.3
    per = figure("capex_cash", "Meta", "2025Q4") / figure("ai_chips_cumulative_tdp", "Nvidia", "2025-12-31")
    assert per.unit == "(USD_bn)/(MW_tdp)"


def test_a_quarter_that_is_not_printed_rests_on_four_rows() -> None:
    pairs = (
        ("interest_expense", "Alphabet"),
        ("nvidia_data_center_revenue", "NVIDIA"),
        ("revenue", "Microsoft"),
    )
    found = [
        (*pair, name)
        for pair in pairs
        for name, quarter in quarterly(*pair).items()
        if quarter.how == "FY - 9M"
    ]
    assert found
    for series, firm, name in found:
        made = figure(series, firm, name)
        assert len(made.rows) == 4
        assert made.value == quarterly(series, firm)[name].value
        assert made.tier == "derived"


def test_what_was_not_known_is_hidden_and_says_so() -> None:
    with pytest.raises(FigureError, match="known by 2026-06-30"):
        figure("capex_cash", "Meta", "2026Q2", as_of=date(2026, 6, 30))


def test_words_and_unlike_units_are_refused() -> None:
    money, power = (
        figure("capex_cash", "Meta", "2026Q1"),
        figure("ai_chips_cumulative_tdp", "Nvidia", "2025-12-31"),
    )
    with pytest.raises(UnitError):
        _ = money + power
    with pytest.raises(UnitError):
        money.to("GW_it")
    with pytest.raises(UnknownNameError, match="did you mean 'capex_cash'"):
        figure("capex_kash", "Meta", "2026Q1")


def test_the_weakest_row_decides() -> None:
    strong, weak = figure("revenue", "Meta", "2025Q3"), figure("revenue", "xAI", "2025FY")
    both = strong + weak
    assert weak.tier in ("C", "D")
    assert (both.tier, both.evidence) == (weak.tier, "published")

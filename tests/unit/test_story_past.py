"""History and forecasts beside a run: the figures' own numbers, quarters without a hole, only the same quantity."""

from __future__ import annotations

import pytest

from supercycle.figures.load import figures
from supercycle.story.charts import fan
from supercycle.story.past import FORECASTS, PASTS, beside


@pytest.mark.parametrize("key", sorted(PASTS))
def test_history_ends_before_the_run_and_has_no_hole(key: str) -> None:
    past = beside(key, "2026Q3")["past"]
    places = [4 * int(quarter[:4]) + int(quarter[-1]) for quarter in past["quarters"]]
    assert places == list(range(places[0], 4 * 2026 + 3))
    assert len(past["values"]) == len(places)
    assert past["values"][0] is not None


def test_the_five_firms_last_quarter_is_what_they_filed() -> None:
    from supercycle.figures.members import names
    from supercycle.figures.series import quarterly

    filed = sum(quarterly("capex_cash", firm)["2026Q2"].value for firm in names("firm"))
    past = beside("five_firm_capex_usd_bn", "2026Q3")["past"]
    assert past["values"][-1] == pytest.approx(filed, rel=1e-9)


@pytest.mark.parametrize("key", sorted(FORECASTS))
def test_a_dot_is_a_row_of_the_figures(key: str) -> None:
    rows = {row.id: row for row in figures()}
    dots = beside(key, "2026Q3")["dots"]
    assert dots
    for dot in dots:
        row = rows[dot["id"]]
        assert row.value is not None
        assert dot["value"] == pytest.approx(row.value * FORECASTS[key].share)
        assert dot["at"] in row.period.printed
        assert row.unit in ("USD_bn", "USD_bn/year")


def test_a_chart_without_past_says_nothing_of_it() -> None:
    output = {"label": "x", "unit": "1", "block": "b", "entity": None, "quarters": ["2026Q3"], "q50": [1.0]}
    made = fan({"outputs": {"utilisation": output}}, "u", "U", "utilisation")
    assert made is not None
    assert "past" not in made
    assert made["note"] == ""

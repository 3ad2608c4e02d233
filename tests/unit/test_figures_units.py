"""Units: every spelling means something the core grammar reads, or a word that says it does not convert."""

from __future__ import annotations

import pytest

from supercycle.core.errors import FigureError, UnitError
from supercycle.core.units import factor, parse_unit
from supercycle.figures.load import figures
from supercycle.figures.priors import priors
from supercycle.figures.refresh.spellings import ALIASES, canonical
from supercycle.figures.units import WORDS, convert, convertible

# The tables whose spellings a refreshed file may use too; the later ones have a map of their own.
FIRST = ("companies", "demand", "macro", "buyers", "network", "history")


@pytest.mark.parametrize("printed", sorted(ALIASES))
def test_each_alias_is_a_unit_or_a_word(printed: str) -> None:
    unit, _ = ALIASES[printed]
    if unit in WORDS:
        assert not convertible(unit)
    else:
        assert parse_unit(unit).scale > 0


def test_every_alias_is_used_and_every_word_too() -> None:
    from supercycle.figures.claims import claims

    figure_rows = [row for name in FIRST for row in figures(name)]
    rows = [*figure_rows, *priors().values(), *claims().values()]
    assert {row.unit_printed for row in figure_rows} - {row.unit for row in figure_rows} <= set(ALIASES)
    assert {row.unit for row in figures()} | {row.unit for row in rows} >= WORDS


def test_spellings_of_one_unit_agree() -> None:
    assert canonical("USD bn") == canonical("USD_bn") == ("USD_bn", "")
    assert canonical("USD/GPU-h") == canonical("USD per chip-hour") == ("USD/GPU/h", "")
    assert convert(1.0, canonical("bn kWh")[0], canonical("TWh")[0]) == 1.0


def test_conversions_by_hand() -> None:
    assert convert(14_000.0, "USD_m", "USD_bn") == pytest.approx(14.0)
    assert convert(1.0, "60*Btok/h", "Ttok/day") == pytest.approx(60 * 24 / 1000)  # a billion a minute
    assert convert(10.0, "0.01*USD/kWh", "USD/MWh") == pytest.approx(100.0)  # ten cents
    assert convert(50.0, "percent", "share") == pytest.approx(0.5)
    assert factor(parse_unit("3600*tok/h/GPU"), parse_unit("Mtok/h/GPU")) == pytest.approx(0.0036)


def test_plain_gigawatts_are_never_guessed() -> None:
    assert canonical("GW", "dc_capacity_forecast")[0] == "GW_unstated"
    assert canonical("GW", "gas_turbine_orders")[0] == "GW_gen"
    with pytest.raises(UnitError, match="GW_unstated"):
        convert(122.0, "GW_unstated", "GW_it")
    with pytest.raises(UnitError):
        convert(1.0, "GW_it", "GW_facility")


def test_run_rates_are_per_year_in_both_tables() -> None:
    units = {row.unit for row in figures() if row.series in ("run_rate_revenue", "run_rate_revenue_epoch")}
    assert units == {"USD_bn/year"}


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(FigureError, match="USD_million") as refused:
        canonical("USD_milion", where="companies.csv:7")
    assert str(refused.value).startswith("companies.csv:7: unit not known")

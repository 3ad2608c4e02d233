from __future__ import annotations

from fractions import Fraction

import pytest

from supercycle.core.errors import UnitError
from supercycle.core.units import SYMBOLS, Unit, factor, parse_unit, same

CONTRACT = {
    "USD", "USD_k", "USD_m", "USD_bn", "USD_tn", "kW_it", "MW_it", "GW_it", "kW_facility", "MW_facility",
    "GW_facility", "kW_tdp", "MW_tdp", "GW_tdp", "kW_gen", "MW_gen", "GW_gen", "MWh", "H100e", "MH100e",
    "q", "year", "month", "h", "tok", "Mtok", "Btok", "Ttok", "users", "user_m", "user_bn", "GPU",
    "GPU_m", "share", "percent", "pp", "bp", "x", "ratio",
}  # fmt: skip


def test_every_promised_symbol_exists() -> None:
    assert set(SYMBOLS) >= CONTRACT


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("USD_tn", "USD_bn", 1e3),
        ("USD_bn/year", "USD_bn/q", 1 / 4),
        ("1/month", "1/year", 12),
        ("year", "h", 8766),
        ("week", "day", 7),
        ("MWh", "kW_facility*h", 1e3),
        ("GW_facility", "TWh/year", 8.766),
        ("USD/kWh", "USD/MWh", 1e3),
        ("USD/Mtok", "USD/tok", 1e-6),
        ("percent", "bp", 100),
        ("pp/year", "share/q", 0.01 / 4),
        ("user_bn", "user_m", 1e3),
        ("USD/H100e/h", "USD/MH100e/h", 1e6),
        ("MMBtu/MWh", "Btu/kWh", 1e3),
    ],
)
def test_factors_are_what_a_reader_expects(a: str, b: str, expected: float) -> None:
    assert factor(parse_unit(a), parse_unit(b)) == pytest.approx(expected, rel=1e-13)


def test_division_is_read_from_the_left() -> None:
    assert parse_unit("USD/H100e/h") == parse_unit("USD") / (parse_unit("H100e") * parse_unit("h"))
    assert parse_unit("USD/q*year").dims == (("money", 1),)


def test_the_four_powers_do_not_mix() -> None:
    powers = [parse_unit(f"GW_{kind}") for kind in ("it", "facility", "tdp", "gen")]
    for i, a in enumerate(powers):
        for b in powers[:i]:
            assert not same(a, b)
            with pytest.raises(UnitError, match="PUE"):
                factor(a, b)


def test_a_rate_per_year_is_not_a_rate_per_quarter() -> None:
    assert not same(parse_unit("1/year"), parse_unit("1/q"))
    assert same(parse_unit("percent"), parse_unit("pp"))


@pytest.mark.parametrize(
    ("made", "spelled"),
    [
        (parse_unit("USD_bn/q") * parse_unit("q"), "USD_bn"),
        (parse_unit("q") / parse_unit("q"), "1"),
        (parse_unit("1") / parse_unit("year"), "1/year"),
        (parse_unit("USD_m") / parse_unit("MW_it"), "USD_m/MW_it"),
        (parse_unit("share") * parse_unit("percent"), "percent"),
        (parse_unit("GPU") ** 2, "GPU^2"),
    ],
)
def test_a_unit_made_by_arithmetic_is_spelled_with_symbols(made: Unit, spelled: str) -> None:
    text = str(made)
    assert same(parse_unit(text), parse_unit(spelled))
    assert not text[0].isdigit() or text.startswith("1")


def test_a_root_can_be_squared_back() -> None:
    root = parse_unit("USD_m") ** Fraction(1, 2)
    assert root.dims == (("money", Fraction(1, 2)),)
    assert same(root**2, parse_unit("USD_m"))
    assert "money^1/2" in str(root)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("GW", "Say which power: GW_it"),
        ("USD_bln", "USD_bn"),
        ("", "cannot read"),
        ("USD//q", "cannot read"),
        ("USD*", "cannot read"),
        ("USD^x", "cannot read"),
        ("USD^1.5", "cannot read"),
        ("USD q", "cannot read"),
        ("USD/0", "out of range"),
        ("USD_tn^99", "out of range"),
        ("-1*USD", "unknown unit"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, told: str) -> None:
    with pytest.raises(UnitError, match=told.replace("^", r"\^")):
        parse_unit(text)


def test_a_failed_conversion_says_both_dimensions() -> None:
    with pytest.raises(UnitError, match=r"cannot turn USD/q into GPU: expected chip, got money \* time\^-1"):
        factor(parse_unit("USD/q"), parse_unit("GPU"))


def test_units_work_as_keys() -> None:
    assert {parse_unit("pp"): 1}[parse_unit("percent")] == 1

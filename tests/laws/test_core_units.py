from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.units import SYMBOLS, Unit, factor, parse_unit, same

LAWS = settings(max_examples=150, deadline=None)

_factors = st.tuples(st.sampled_from(sorted(SYMBOLS)), st.integers(-2, 2).filter(bool))


@st.composite
def spellings(draw: st.DrawFn) -> str:
    factors = draw(st.lists(_factors, min_size=1, max_size=4))
    text = draw(st.sampled_from(["1", "0.25", "1e3"]))
    for symbol, power in factors:
        text += draw(st.sampled_from("*/")) + (symbol if power == 1 else f"{symbol}^{power}")
    return text


units = spellings().map(parse_unit)


@LAWS
@given(spellings())
def test_parse_and_str_round_trip(text: str) -> None:
    unit = parse_unit(text)
    assert str(unit) == text
    respelled = Unit(unit.dims, unit.scale)  # forgets its spelling, as a unit made by arithmetic has none
    assert same(parse_unit(str(respelled)), unit)


@LAWS
@given(units, units, units)
def test_multiplication_is_associative_and_commutative(a: Unit, b: Unit, c: Unit) -> None:
    assert same((a * b) * c, a * (b * c))
    assert same(a * b, b * a)


@LAWS
@given(units, units)
def test_division_undoes_multiplication(a: Unit, b: Unit) -> None:
    assert same(a * b / b, a)
    assert same(a / a, parse_unit("1"))


@LAWS
@given(units, st.integers(-3, 3), st.integers(-3, 3))
def test_powers_add(a: Unit, m: int, n: int) -> None:
    assert same(a**m * a**n, a ** (m + n))


@LAWS
@given(units, st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_factor_has_its_inverse_and_composes(a: Unit, r: float, s: float) -> None:
    b, c = Unit(a.dims, a.scale * r), Unit(a.dims, a.scale * s)
    assert math.isclose(factor(a, b) * factor(b, a), 1.0, rel_tol=1e-14)
    assert math.isclose(factor(a, b) * factor(b, c), factor(a, c), rel_tol=1e-14)
    assert same(a, b) == math.isclose(r, 1.0, rel_tol=1e-12)

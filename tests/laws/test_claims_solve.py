"""The solver: every answer, substituted, meets the target; a leap over the target is never an answer."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.claims import catalogue, entry, solve
from supercycle.claims.required_revenue import (
    capital_recovery_factor,
    payback_years,
    perpetuity,
    recovery,
    straight_line,
)
from supercycle.claims.what_it_takes import changes
from supercycle.core.errors import InputError

EXAMPLES = settings(max_examples=60, deadline=None)
finite = st.floats(-10, 10, allow_nan=False)


@EXAMPLES
@given(st.lists(finite, min_size=2, max_size=5), st.floats(-50, 50), st.floats(-5, 0), st.floats(0.1, 5))
def test_every_answer_of_a_polynomial_meets_the_target(
    coefficients: list[float], target: float, low: float, width: float
) -> None:
    def f(x: float) -> float:
        return sum(c * x**i for i, c in enumerate(coefficients))

    found = solve(f, target, low, low + width)
    for x in found.answers:
        assert low <= x <= low + width
        assert abs(f(x) - target) <= 1e-9 * max(1, abs(target))
    assert found.nearest is not None
    assert found.nearest_value == f(found.nearest)
    ends = (f(low) - target, f(low + width) - target)
    if ends[0] * ends[1] < 0:
        assert found.answers, "a continuous function that crosses the target has an answer"
    assert found.jumps == ()


@EXAMPLES
@given(st.floats(0.05, 0.95), st.floats(-1, 1), st.floats(0.5, 3), st.floats(0.1, 0.9))
def test_a_planted_leap_over_the_target_is_no_answer(
    place: float, start: float, height: float, part: float
) -> None:
    """A step from start to start + height at ``place``; the target lies strictly between."""
    target = start + part * height
    found = solve(lambda x: start if x < place else start + height, target, 0, 1)
    assert found.answers == ()
    assert found.jumps == pytest.approx((place,), abs=1e-9)
    assert found.nearest_value in (start, start + height)
    assert abs(found.nearest_value - target) == pytest.approx(min(part, 1 - part) * height)


@EXAMPLES
@given(st.floats(0.1, 0.9), st.floats(0.2, 2), st.floats(0.05, 0.95))
def test_the_answer_beside_a_leap_is_found(place: float, height: float, target: float) -> None:
    """The line x, raised by ``height`` after ``place``: answers are where the pieces meet the target."""

    def f(x: float) -> float:
        return x if x < place else x + height

    found = solve(f, target, 0, 1)
    expected = [
        x for x, fits in ((target, target < place), (target - height, target - height >= place)) if fits
    ]
    if abs(target - place) > 0.01 and abs(target - height - place) > 0.01:
        assert found.answers == pytest.approx(expected, abs=1e-8)
    for x in found.answers:
        assert abs(f(x) - target) <= 1e-9


@EXAMPLES
@given(st.floats(10, 1000), st.floats(0.2, 0.9), st.floats(3, 15), st.floats(0.5, 20))
def test_payback_that_never_happens(capex: float, margin: float, life: float, target: float) -> None:
    """Payback in ``target`` years has an answer within the life and none beyond it, where the value is infinite."""
    low, high = capex / (life * margin) / 10, capex / (0.2 * margin)
    found = solve(lambda revenue: payback_years(capex, revenue, margin, life), target, low, high)
    for revenue in found.answers:
        assert payback_years(capex, revenue, margin, life) == pytest.approx(target, rel=1e-8)
        assert revenue * margin * life >= capex
    if target > life * 1.001:
        assert found.answers == ()
        assert found.jumps != ()
        assert found.nearest_value is not None
        assert found.nearest_value <= life * (1 + 1e-9)
    elif target < life * 0.999 and capex / (target * margin) < high:
        assert found.answers != ()


def test_never_a_finite_value() -> None:
    found = solve(lambda x: math.inf, 1, 0, 1)
    assert found == type(found)((), (), None, None)
    assert solve(lambda x: 1 / 0, 1, 0, 1).answers == ()


def test_a_curve_that_only_touches_the_target_is_solved() -> None:
    found = solve(lambda x: (x - 0.31234) ** 2 + 2, 2, 0, 1)
    assert found.answers
    assert found.answers[0] == pytest.approx(0.31234, abs=1e-4)


def test_a_flat_stretch_on_the_target_gives_one_answer() -> None:
    assert solve(lambda x: 3.0, 3, 1, 2).answers == (1.0,)
    assert solve(lambda x: 3.0, 3, 1, 1).answers == (1.0,)


@pytest.mark.parametrize(("low", "high", "target"), [(1, 0, 0), (0, math.inf, 0), (0, 1, math.nan)])
def test_nonsense_is_refused(low: float, high: float, target: float) -> None:
    with pytest.raises(InputError, match="nothing to solve"):
        solve(lambda x: x, target, low, high)


@pytest.mark.parametrize("name", list(catalogue()))
def test_what_it_takes_holds_when_put_back(name: str) -> None:
    item = entry(name)
    for change in changes(item):
        for x in change.solution.answers:
            value = item.value({change.item.name: x})
            assert value == pytest.approx(item.published, rel=1e-9, abs=1e-9)
        if not change.solution.answers:
            assert "no value" in change.sentence
    for reading in item.readings:
        for change in changes(item, None, reading):
            for x in change.solution.answers:
                assert reading.value({change.item.name: x}) == pytest.approx(item.published, rel=1e-9)


@EXAMPLES
@given(st.floats(0.001, 0.3), st.integers(1, 60))
def test_capital_recovery_is_the_reciprocal_of_the_annuity(rate: float, life: int) -> None:
    annuity = sum((1 + rate) ** -year for year in range(1, life + 1))
    assert capital_recovery_factor(rate, life) == pytest.approx(1 / annuity, rel=1e-9)


@EXAMPLES
@given(st.floats(1, 1e4), st.floats(0, 1), st.floats(2, 10), st.floats(5, 40), st.floats(0.01, 0.3))
def test_readings_are_ordered(capex: float, share: float, it: float, facility: float, rate: float) -> None:
    """Recovery costs more than repayment alone, more than interest alone, and less than both added."""
    both = recovery(capex, share, it, facility, rate)
    line, interest = straight_line(capex, share, it, facility), perpetuity(capex, rate)
    assert max(line, interest) * (1 - 1e-9) <= both <= (line + interest) * (1 + 1e-9)
    assert recovery(capex, share, it, facility, 0.0) == pytest.approx(line)


@pytest.mark.parametrize(("rate", "life"), [(0.1, 0), (-1, 5)])
def test_capital_recovery_refuses(rate: float, life: float) -> None:
    with pytest.raises(ValueError, match="capital recovery needs"):
        capital_recovery_factor(rate, life)

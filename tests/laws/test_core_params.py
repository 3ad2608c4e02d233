from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.params import Param, Registry, quantile

LAWS = settings(max_examples=150, deadline=None)
GRID = np.concatenate([[0.0, 1e-300, 1e-16], np.linspace(1e-4, 0.9999, 2001), [1 - 1e-16, 1.0]])

sizes = st.integers(-(10**9), 10**9).map(lambda v: v / 1000)
DRAWN = ("uniform", "triangular", "normal", "lognormal")


@st.composite
def params(draw: st.DrawFn, distributions: tuple[str, ...] = DRAWN) -> Param:
    distribution = draw(st.sampled_from(distributions))
    low, mid, high = sorted(draw(st.tuples(sizes, sizes, sizes)))
    if distribution == "lognormal":
        low, mid, high = sorted(draw(st.tuples(*[st.floats(1e-6, 1e6)] * 3)))
    return Param("p", "", "USD_bn", mid, low, high, distribution, "", "a source", "measured", "block")


@LAWS
@given(params())
def test_quantiles_rise_and_stay_within_the_range(param: Param) -> None:
    drawn = quantile(param, GRID)
    assert (np.diff(drawn) >= -1e-12 * max(abs(param.low), abs(param.high))).all()
    assert drawn.min() >= param.low
    assert drawn.max() <= param.high


@LAWS
@given(params())
def test_quantiles_reach_the_whole_range(param: Param) -> None:
    first, last = quantile(param, np.array([0.0, 1.0]))
    scale = 1e-12 * max(abs(param.low), abs(param.high))
    assert abs(first - param.low) <= scale
    assert abs(last - param.high) <= scale


@LAWS
@given(params(("normal", "lognormal")))
def test_the_median_is_the_default(param: Param) -> None:
    median = quantile(param, np.array([0.5]))[0]
    assert abs(median - param.default) <= 1e-13 * abs(param.default)


@LAWS
@given(params(), st.floats(0.0, 1.0))
def test_every_draw_can_be_set_by_hand(param: Param, u: float) -> None:
    value = float(quantile(param, np.array([u]))[0])
    id, read = Registry([param]).assign(f"p={value!r}")
    assert id == "p"
    assert abs(read - value) <= 1e-12 * abs(value)


@LAWS
@given(params(("uniform", "triangular", "normal")), st.sampled_from(["USD_m", "USD_tn", "USD"]))
def test_the_unit_of_an_assignment_does_not_matter(param: Param, unit: str) -> None:
    scale = {"USD": 1e9, "USD_m": 1e3, "USD_tn": 1e-3}[unit]
    _, read = Registry([param]).assign(f"p={param.default * scale!r} {unit}")
    assert abs(read - param.default) <= 1e-12 * abs(param.default)

"""What goes into a pipeline or a cohort comes out, after the promised time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.equations import emit_numpy
from supercycle.equations.dimensions import check
from supercycle.equations.graph import plan
from supercycle.equations.spec import Axis, Model


def nothing():
    return 0.0


def pulse_response(lead: float, stages: int, quarters: int, hold: float = 0.0) -> dict[str, np.ndarray]:
    """One unit enters in the first quarter."""
    model = Model("pipeline")
    block = model.block("only", "Only", "A block.")
    block.param("lead", "lead", "q", lead, 1.0, 40.0, "uniform", "lead time", reason="toy")
    block.param("hold", "hold", "share", hold, 0.0, 1.0, "uniform", "share held back", reason="toy")
    block.param("size", "size", "GW_it/q", 1.0, 0.0, 2.0, "uniform", "size of the pulse", reason="toy")

    @block.equation("GW_it/q")
    def order(t, one_quarter, size):
        return (t <= one_quarter) * size

    block.pipeline(
        "build",
        inflow="order",
        lead="lead",
        unit="GW_it",
        flow_unit="GW_it/q",
        stages=stages,
        meaning="being built",
        opening=nothing,
        hold="hold" if hold else "",
    )

    @block.equation("GW_it", opening=nothing)
    def built(built_prev, build_due, one_quarter):
        return built_prev + build_due * one_quarter

    check(model)
    ready = plan(model)
    params = np.array([[lead], [hold], [1.0]])
    out, _ = emit_numpy.simulate(ready, params, np.zeros((0, quarters, 1)), np.arange(ready.slot_count))
    return {key: out[i, :, 0] for i, key in enumerate(ready.slot_names)}


@settings(max_examples=15)
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), st.floats(n, 12.0))))
def test_mean_delay_is_the_lead_for_any_fraction(stages_and_lead):
    stages, lead = stages_and_lead
    found = pulse_response(lead, stages, 900)
    out = found["build_due"]
    assert out.sum() == pytest.approx(1.0, abs=1e-9)
    entered = 1  # the quarter of the pulse; a stage passes on what it held at the end of the quarter before
    assert (out * (np.arange(len(out)) - entered)).sum() == pytest.approx(lead, rel=1e-9)


@settings(max_examples=15)
@given(st.integers(1, 4), st.floats(4.0, 12.0), st.floats(0.0, 0.9))
def test_content_is_conserved_and_never_negative(stages, lead, hold):
    found = pulse_response(lead, stages, 60, hold)
    entered = np.cumsum(found["order"])
    assert np.allclose(found["build_total"] + found["built"], entered, atol=1e-12)
    assert all((found[f"build:stage {i + 1}"] >= -1e-15).all() for i in range(stages))


def test_holding_back_delays_in_proportion():
    out = pulse_response(6.0, 3, 900, 0.25)["build_due"]
    assert (out * (np.arange(len(out)) - 1)).sum() == pytest.approx(6.0 / 0.75, rel=1e-9)


@settings(max_examples=10)
@given(st.integers(2, 6), st.lists(st.floats(0.0, 5.0), min_size=12, max_size=12))
def test_a_cohort_with_an_absorbing_last_age_keeps_everything(ages, inflows):
    model = Model("cohort")
    block = model.block("only", "Only", "A block.")
    model.draw("inflow", "uniform", "what enters")
    age = Axis("age", tuple(f"{i} quarters" for i in range(ages)))

    @block.equation("1", axis=age, opening=nothing)
    def fleet(fleet_left_prev, fleet_prev, inflow, is_first, is_last):
        return fleet_left_prev + is_first * inflow + is_last * fleet_prev

    ready = plan(model)
    out, _ = emit_numpy.simulate(ready, np.zeros((0, 1)), np.array(inflows)[None, :, None], np.arange(ages))
    for t in range(1, len(inflows) + 1):
        expected = [inflows[t - 1 - a] if t - 1 - a >= 0 else 0.0 for a in range(ages - 1)]
        assert out[:-1, t, 0].tolist() == expected
        assert out[:, t, 0].sum() == pytest.approx(sum(inflows[:t]), rel=1e-12)

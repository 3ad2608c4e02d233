"""Properties for any inputs: what is dearer costs more, what is larger needs more, and nothing depends on the
order.
"""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.ownership import Ownership, capital_recovery_factor
from supercycle.decisions.capacity.headroom import carried, erlang_c, wait_tail
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.risk import cvar
from supercycle.decisions.inputs.weights import WEIGHTS
from supercycle.decisions.inputs.workload import shape_of
from supercycle.decisions.money.prices import api_index, scarcity
from supercycle.decisions.money.residual import rental_value
from supercycle.decisions.money.tax import RULES, after_tax_npv, tax_schedule

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


@given(st.floats(-0.5, 0.5), st.floats(0.5, 40), st.floats(0.5, 40))
def test_a_longer_life_lowers_the_payment(rate: float, a: float, b: float) -> None:
    short, long = sorted((a, b))
    assert capital_recovery_factor(rate, short) >= capital_recovery_factor(rate, long) * (1 - 1e-12)
    assert capital_recovery_factor(rate, long) >= rate  # never below interest


@given(st.floats(0.05, 1.0), st.floats(0.05, 1.0))
def test_a_used_hour_is_cheaper_when_more_hours_are_used(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert Ownership(used_share=low).hour().used_usd >= Ownership(used_share=high).hour().used_usd * (
        1 - 1e-12
    )


@given(st.integers(1, 150), st.floats(0, 2), st.floats(0.001, 0.5))
def test_the_load_carried_is_the_largest(slots: int, patience: float, share: float) -> None:
    few, more = (float(carried(np.array([float(n)]), patience, share)[0]) for n in (slots, slots + 1))
    assert wait_tail(slots, few, patience) <= share * (1 + 1e-6)
    assert few > slots * (1 - 1e-9) or wait_tail(slots, few * (1 + 1e-6), patience) >= share * (1 - 1e-6)
    assert few <= more + 1e-9 or slots == 150  # the limit takes over there and agrees to 1 %
    assert 0 <= erlang_c(slots, few) <= 1


@given(
    st.sampled_from(RULES),
    st.floats(0, 0.5),
    st.floats(0, 0.3),
    st.lists(st.floats(-50, 100), min_size=1, max_size=8),
)
def test_sooner_deductions_are_worth_more_and_schedules_sum_to_one(
    rule: str, tax: float, rate: float, cash: list[float]
) -> None:
    assert tax_schedule(rule).sum() == pytest.approx(1.0)
    terms = {"tax_rate": tax, "discount_rate": rate}
    flows = np.array(cash)
    assert (
        after_tax_npv(100.0, flows, rule="bonus", **terms)
        >= after_tax_npv(100.0, flows, rule=rule, **terms) - 1e-9
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.floats(0, 0.99), st.floats(0, 0.99))
def test_cvar_grows_with_its_level_and_lies_between_mean_and_worst(
    costs: list[float], a: float, b: float
) -> None:
    values, (low, high) = np.array(costs), sorted((a, b))
    slack = 1e-9 * (1 + np.abs(values).max())
    assert values.mean() - slack <= cvar(values, low) <= cvar(values, high) + slack
    assert cvar(values, high) <= values.max() + slack


@given(st.lists(st.floats(0, 100), min_size=2, max_size=60), st.floats(0, 1))
def test_deferring_keeps_the_work_and_lowers_the_peak(loads: list[float], share: float) -> None:
    busy = np.array(loads) + 1e-3
    shape = shape_of(busy, share)
    assert shape.mean() == pytest.approx(1.0, rel=1e-9)
    assert shape.max() <= shape_of(busy, 0.0).max() * (1 + 1e-9)


@given(st.floats(-20, 3), st.floats(0.001, 50), st.floats(0, 5))
def test_api_prices_stay_above_their_floor(log: float, price: float, floor: float) -> None:
    found = float(api_index(np.array(log), price, floor)) * price
    assert found >= min(floor, price) * (1 - 1e-12)
    assert float(api_index(np.array(0.0), price, floor)) == pytest.approx(1.0)


@given(st.floats(0.1, 200), st.floats(0, 100), st.floats(0, 10), st.floats(0, 1), st.floats(0, 0.5))
def test_a_residual_is_never_negative_nor_above_all_rents(
    rent: float, cost: float, years: float, decay: float, rate: float
) -> None:
    found = float(rental_value(np.array([rent]), cost, years, decay=decay, rate=rate)[0])
    assert -1e-9 <= found <= rent * years * (1 + 1e-9) + 1e-9


@given(st.sampled_from(sorted(WEIGHTS)), st.floats(1, 4096))
def test_more_tokens_touch_more_parameters_up_to_all(name: str, tokens: float) -> None:
    model = WEIGHTS[name]
    assert model.touched_bn(tokens) <= model.touched_bn(2 * tokens) + 1e-9
    assert model.touched_bn(tokens) <= model.total_bn + 1e-9
    if model.experts:
        assert model.touched_bn(1e9) == pytest.approx(model.total_bn)


def test_scarcity_is_a_stationary_process_with_its_variance() -> None:
    """Schwartz and Smith: sd ** 2 / (2 k) in the long run, correlation e^(-k t); the exact step has no bias in the
    month.
    """
    shocks = np.random.default_rng(5).normal(size=(120, 20_000))
    found = scarcity(shocks, reversion=1.2, sd=0.25)
    assert found[0].tolist() == [0.0] * 20_000
    assert found[119].std() == pytest.approx(0.25 / math.sqrt(2.4), rel=0.02)
    both = np.corrcoef(found[107], found[119])[0, 1]
    assert both == pytest.approx(math.exp(-1.2), abs=0.03)
    walk = scarcity(shocks[:13], reversion=0.0, sd=0.25)
    assert walk[12].std() == pytest.approx(0.25, rel=0.02)


def test_jumps_spread_and_do_not_drift() -> None:
    case = cases.certain(prices__jumps_per_year=1.0, prices__jump_log=-0.2, prices__jump_sd=0.1)
    rents = cases.placed(case, paths=4000, background=cases.Background.still(25)).frame.paths.rent
    assert rents[-1].mean() == pytest.approx(rents[0, 0], rel=0.03)
    assert rents[-1].std() > 0.1 * rents[0, 0]


COSTLIER = {
    "hardware.capital_usd_per_gpu": ("own_colo", 30_000.0, 60_000.0),
    "rental.on_demand_usd_per_gpu_hour": ("on_demand", 3.0, 8.0),
    "site.electricity_usd_per_kwh": ("own_colo", 0.05, 0.3),
    "people.usd_per_engineer_year": ("own_colo", 1e5, 4e5),
    "rental.reserved_1y_ratio": ("reserved_1y", 0.5, 0.9),
    "site.own_usd_per_kw": ("own_site", 9e3, 15e3),
    "model.rework_share": ("on_demand", 0.0, 0.5),
    "performance.achieved_share": ("on_demand", 1.0, 0.4),
}


@settings(max_examples=16)
@given(st.sampled_from(sorted(COSTLIER)), st.floats(0, 1), st.floats(0, 1))
def test_what_is_dearer_costs_more_on_every_path(path: str, a: float, b: float) -> None:
    option, start, end = COSTLIER[path]
    low, high = (start + (end - start) * x for x in sorted((a, b)))
    cheap, dear = (
        evaluate(cases.placed(cases.template_case().with_value(path, value), paths=8), ("api", option))
        .options[option]
        .npv
        for value in (low, high)
    )
    assert np.all(dear >= cheap - 1e-6 * np.abs(cheap))

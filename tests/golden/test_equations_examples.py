"""Godley and Lavoie's models SIM and PC (Monetary Economics, 2007) come out as printed and as derived by hand."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.equations import emit_numpy
from supercycle.equations.dimensions import check
from supercycle.equations.examples import pc_model, sim_model
from supercycle.equations.graph import plan
from supercycle.equations.machine import store, targets


def run(make, quarters: int, **changed: float) -> tuple[dict[str, np.ndarray], float]:
    model, _ = make()
    check(model)
    ready = plan(model)
    params = np.array([[changed.get(k, model.registry[k].default)] for k in model.registry])
    out, residual = emit_numpy.simulate(
        ready, params, np.zeros((0, quarters, 1)), np.arange(ready.slot_count)
    )
    return {key: out[i, :, 0] for i, key in enumerate(ready.slot_names)}, residual[0]


# Table 3.4 prints one decimal for periods 1, 2, 3 and the stationary state; period 1, before the government spends, is
# the opening here.
TABLE_3_4 = {
    "income": (0.0, 38.5, 47.9, 100.0),
    "taxes": (0.0, 7.7, 9.6, 20.0),
    "disposable_income": (0.0, 30.8, 38.3, 80.0),
    "consumption": (0.0, 18.5, 27.9, 80.0),
    "money": (0.0, 12.3, 22.7, 80.0),
}


@pytest.mark.parametrize("name", TABLE_3_4)
def test_sim_is_table_3_4(name):
    found, residual = run(sim_model, 200)
    series = found[name]
    assert (*series[:3].round(1), series[-1].round(1)) == TABLE_3_4[name]
    assert residual < 1e-12


def test_sim_by_hand():
    found, _ = run(sim_model, 400)
    assert found["income"][1] == pytest.approx(20 / (1 - 0.6 * 0.8), rel=1e-15)
    assert found["income"][-1] == pytest.approx(20 / 0.2, rel=1e-12)  # G / theta, whatever the propensities
    other, _ = run(sim_model, 400, consumed_income=0.7, consumed_money=0.3)
    assert other["income"][-1] == pytest.approx(20 / 0.2, rel=1e-12)
    assert other["money"][-1] == pytest.approx(80 * (1 - 0.7) / 0.3, rel=1e-12)


def test_pc_stationary_state_by_hand():
    found, residual = run(pc_model, 400)
    # examples/pc.py derives it: wealth equals income after tax, and 0.635 + 5 * 0.025 - 0.01 = 0.75 of it is in bills.
    after_tax = 80 / (1 - 4 * 0.025 * 0.75)
    bills = 0.75 * after_tax
    expected = {
        "disposable_income": after_tax,
        "consumption": after_tax,
        "wealth": after_tax,
        "household_bills": bills,
        "money": after_tax - bills,
        "central_bank_bills": after_tax - bills,
        "taxes": 20 + 0.025 * bills,
        "income": (20 + 0.025 * bills) / 0.2 - 0.025 * bills,
    }
    for name, value in expected.items():
        assert found[name][-1] == pytest.approx(value, rel=1e-10), name
    rounded = {
        name: round(found[name][-1], 2) for name in ("income", "wealth", "household_bills", "money", "taxes")
    }
    assert rounded == {
        "income": 106.49,
        "wealth": 86.49,
        "household_bills": 64.86,
        "money": 21.62,
        "taxes": 21.62,
    }
    assert residual < 1e-12


def test_a_higher_rate_raises_stationary_income_in_pc():
    """The paradox of section 4.5: interest payments are spending."""
    low, _ = run(pc_model, 400)
    high, _ = run(pc_model, 400, interest_rate=0.035)
    assert high["income"][-1] > low["income"][-1]


@pytest.mark.parametrize("kind", list(targets.fitting()))
def test_kernels_give_the_same(kind, tmp_path, monkeypatch):
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path))
    model, _ = pc_model()
    ready = plan(model)
    params = np.array([[model.registry[k].default] * 3 for k in model.registry])
    inputs = params, np.zeros((0, 50, 3)), np.arange(ready.slot_count)
    out, _ = emit_numpy.simulate(ready, *inputs)
    found, residual = store.compiled(ready, target=kind).kernel(*inputs)
    assert np.array_equal(found, out)
    assert residual.max() < 1e-12

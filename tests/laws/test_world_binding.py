# ruff: noqa: E501
"""The label of what binds is the argmin of the rule that set the quantity, on every path and quarter, for every order book."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")


@pytest.fixture(scope="module")
def many() -> runs.Result:
    return runs.sampled_paths(512)


def test_chip_orders(many: runs.Result) -> None:
    """Plan, slots or supply: the rule is min(prev + a (min(plan, slots) x funded - prev), cap)."""
    plan, slots, cap = (many[f"chip_orders_{k}"][1:] for k in ("plan", "slots", "cap"))
    adjustment = runs.sampled(512).params[runs.world().plan.param_slots["order_adjustment"]]
    before, funded = many["chip_orders"][:-1], many["funded_share"][:-1]
    moved = before + adjustment * (np.minimum(plan, slots) * funded - before)
    assert np.allclose(many["chip_orders"][1:], np.minimum(moved, cap), rtol=1e-12)
    supply = cap < moved
    assert np.array_equal(many["orders_bind_supply"][1:] == 1.0, supply)
    assert np.array_equal(many["orders_bind_slots"][1:] == 1.0, ~supply & (slots < plan))
    assert np.array_equal(many["orders_bind_plan"][1:] == 1.0, ~supply & (slots >= plan))


def test_shell_starts(many: runs.Result) -> None:
    power = many["shell_starts_power"][1:] < many["shell_starts_plan"][1:]
    assert np.array_equal(many["starts_bind_power"][1:] == 1.0, power)


def test_energising(many: runs.Result) -> None:
    chips, shells, power = (many[k][1:] for k in ("chips_at_hand", "free_shells", "free_power"))
    least = np.minimum(chips, np.minimum(shells, power))
    assert np.allclose(many["energised_it_gw"][1:], least, rtol=1e-12)
    assert (power[many["binds_power"][1:] == 1.0] == least[many["binds_power"][1:] == 1.0]).all()
    assert (shells[many["binds_shells"][1:] == 1.0] == least[many["binds_shells"][1:] == 1.0]).all()
    rest = (many["binds_power"][1:] == 0.0) & (many["binds_shells"][1:] == 0.0)
    assert (chips[rest] == least[rest]).all()


def test_labels_of_a_quarter_add_up_to_one(many: runs.Result) -> None:
    parts = sum(many[f"binds_{k}"][1:] for k in ("power", "shells", "slots", "chips", "demand"))
    assert (parts == 1.0).all()

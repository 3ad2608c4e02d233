"""Capacity blocks and savings plans by hand, and how a stack with them is called."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.search import free_tiers, heights_of, space, stacked
from supercycle.decisions.choice.sentence import tiers

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")
QUOTED = {"rental__block_usd_per_gpu_hour": 4.0, "rental__savings_1y_ratio": 0.8}


def test_a_block_is_paid_for_whole_days_and_a_start() -> None:
    """Each day's busiest hour in whole servers for all its hours, plus half an hour's start."""
    case = cases.certain(**QUOTED)
    place = cases.placed(case, paths=1)
    machine = place.machines[0]
    hours = machine.shape.load * machine.mean_busy
    days = [hours[k : k + 24] for k in range(0, len(hours), 24)]
    servers = np.repeat([float(machine.lumps(np.array([d.max()]))[0]) for d in days], [len(d) for d in days])
    bill = plan_costs(place, Plan("api", blocks=1.0)).parts["capacity blocks"]
    paths = place.frame.paths
    first_month = servers.mean() * 8 * 4.0 * (1 + 0.5 / 24) * 730 * 1.15
    assert machine.days(1).above(place.level[:1], np.zeros((1, 1)))[0, 0] == pytest.approx(servers.mean())
    assert bill[0, 0] > first_month  # the first year of a growing load
    flat = replace(place, level=np.zeros_like(place.level))
    bill = plan_costs(flat, Plan("api", blocks=1.0)).parts["capacity blocks"]
    rents = paths.rent[:12, 0].sum() / paths.rent[0, 0]
    assert bill[0, 0] == pytest.approx(first_month * rents)


def test_a_savings_plan_is_paid_at_the_price_of_signing_whether_used_or_not() -> None:
    case = cases.certain(**QUOTED)
    place = cases.placed(case, paths=1)
    plan = Plan("on_demand", savings=1.0)
    option = plan_costs(place, plan)
    gpus = option.choice["GPUs under a savings plan"]
    rent = place.frame.paths.rent
    assert option.parts["savings plan"][0, 0] == pytest.approx(gpus * 8760 * rent[0, 0] * 0.8 * 1.15)
    assert plan.way == "savings_1y"


def test_stacks_keep_their_order_and_their_names() -> None:
    place = cases.placed(cases.case(**QUOTED), paths=1)
    free = free_tiers(place.case)
    assert free == ("own", "three_years", "one_year", "blocks", "savings")
    every = space(place)
    assert len(set(every)) == len(every)
    for plan in every:
        assert stacked(plan, heights_of(plan, free), free) == plan
        assert list(heights_of(plan, free)) == sorted(heights_of(plan, free))
    assert {p.way for p in every} >= {"blocks", "savings_1y", "mix"}
    assert tiers(Plan("api", 0.25, 0.25, 0.5, blocks=0.75, savings=1.0)) == (
        "own 25 % of the peak, one year to 50 %, capacity blocks to 75 %, a savings plan to 100 %, "
        "the rest at the API in use"
    )


def test_nobodys_quote_is_no_tier() -> None:
    place = cases.placed(cases.case(), paths=1)
    assert all(p.blocks == p.savings == 0 for p in space(place))

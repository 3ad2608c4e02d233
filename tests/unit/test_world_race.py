"""The contest for the platform prize against its closed forms (Tullock 1980; Stein 2002 for unequal rivals)."""

from __future__ import annotations

import importlib
import itertools
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.equations import emit_numpy
from supercycle.equations.graph import plan
from supercycle.equations.spec import Model
from supercycle.world.frame import FIRM

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

SMALL = 1e-2


@cache
def contest() -> Any:
    """The world's own solve, alone: its bounds and root, with the five prizes as parameters."""
    model, world = Model("contest"), runs.world().model
    block = model.block("race", "Race", "The contest alone.")
    for firm in FIRM.members:
        block.param(f"prize:{firm}", firm, "USD_bn", 1.0, 0.0, 1e9, "fixed", "prize", reason="a test")
    model.family("prize", FIRM)
    block.equation("USD_bn", axis=FIRM)(_prize)
    for name in ("race_effort_bound", "race_effort_asymmetric_low", "race_effort_asymmetric"):
        model.add(world.variables[name])
    return plan(model)


def _named_prize(prize: Any) -> Any:
    """A firm's prize."""
    return prize


_named_prize.__name__ = "firm_prize_usd_bn"
_prize = _named_prize


def effort(*prizes: float) -> float:
    ready = contest()
    out, residual = emit_numpy.simulate(
        ready,
        np.array(prizes, dtype=float)[:, None],
        np.zeros((0, 1, 1)),
        np.array([ready.slot("race_effort_asymmetric")]),
    )
    assert residual[0] <= 1e-9
    return float(out[0, 1, 0])


def test_equal_rivals_spend_what_the_closed_form_says() -> None:
    """Each spends (n - 1) / n^2 of the prize at r = 1: five rivals, 4 / 25 each, 4 / 5 together."""
    assert effort(*[100.0] * 5) == pytest.approx(5 * 100.0 * 4 / 25, rel=1e-9)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_rivals_with_next_to_no_prize_stay_out(n: int) -> None:
    """n equal rivals and 5 - n with a prize of a cent: (n - 1) / n of the prize."""
    assert effort(*[60.0] * n, *[SMALL] * (5 - n)) == pytest.approx(60.0 * (n - 1) / n, rel=1e-9)


def test_two_unequal_rivals() -> None:
    """1 - X / a + 1 - X / b = 1: X = a b / (a + b)."""
    assert effort(30.0, 60.0, SMALL, SMALL, SMALL) == pytest.approx(30.0 * 60.0 / 90.0, rel=1e-9)


def test_a_weak_rival_drops_out() -> None:
    """With prizes 100, 100 and 40 the third's win chance at X = 50 would be negative: X stays 50."""
    assert effort(100.0, 100.0, 40.0, SMALL, SMALL) == pytest.approx(50.0, rel=1e-9)


def test_no_prize_needs_no_effort() -> None:
    assert effort(*[0.0] * 5) == pytest.approx(0.0, abs=1e-12)


def test_a_firm_without_a_prize_stays_out() -> None:
    assert effort(60.0, 60.0, 0.0, 0.0, 0.0) == pytest.approx(30.0, rel=1e-9)


@given(st.lists(st.floats(1.0, 1e3), min_size=5, max_size=5), st.floats(1e-2, 1e2))
def test_effort_scales_grows_and_stays_below_the_two_largest_prizes(
    prizes: list[float], scale: float
) -> None:
    x = effort(*prizes)
    assert effort(*(scale * p for p in prizes)) == pytest.approx(scale * x, rel=1e-7), (
        "homogeneous of degree one"
    )
    second = sorted(prizes)[-2]
    assert x <= max(prizes) * (1 + 1e-9), "effort above the largest prize would lose money for all"
    assert x >= second / 2 * (1 - 1e-9), "two rivals of the second prize alone would spend half of it"
    win = sum(max(0.0, 1.0 - x / p) for p in prizes)
    assert win == pytest.approx(1.0, abs=1e-7), "chances of winning add up to one"


def test_order_of_the_rivals_does_not_matter() -> None:
    prizes = (5.0, 40.0, 80.0, 100.0, 120.0)
    found = [effort(*order) for order in itertools.permutations(prizes)]
    assert np.ptp(found) <= 1e-9 * found[0]


def test_the_world_s_solve_equals_the_symmetric_form_at_equal_weights() -> None:
    """Equal AI capex means equal weights: effort = r (n - 1) / n of the prize over the generation's life."""
    params = runs.defaults()
    same = {f"capex_open:{f}": 40.0 for f in FIRM.members} | {
        f"nonai_capex_open:{f}": 9.0 for f in FIRM.members
    }
    found = runs.run(runs.changed(params, same), quarters=4)
    assert found["race_effort_usd_bn"][1:] == pytest.approx(found["race_effort_symmetric"][1:], rel=1e-9)
    assert (found["race_effort_usd_bn"][1:] > 0.0).all()


def test_which_firm_is_large_does_not_matter_to_total_effort() -> None:
    params, base = runs.defaults(), [27.8, 36.9, 32.2, 26.1, 13.5]
    found = []
    for order in ([0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]):
        capex = {f"capex_open:{f}": base[i] + 9.0 for f, i in zip(FIRM.members, order, strict=True)}
        other = {f"nonai_capex_open:{f}": 9.0 for f in FIRM.members}
        found.append(
            runs.run(runs.changed(params, {**capex, **other}), quarters=1)["race_effort_usd_bn"][1, 0]
        )
    assert np.ptp(found) <= 1e-9 * found[0]


def test_the_race_joins_the_wish_and_no_prize_no_race() -> None:
    """Gigawatts of the race: effort x part that is new capacity over the cost of a gigawatt, never negative."""
    found = runs.sampled_paths(512)
    part = runs.sampled(512).params[runs.world().plan.param_slots["race_new_capacity"]]
    cost = found["it_cost"][:-1] + found["facility_cost"][:-1]
    expected = found["race_effort_usd_bn"][1:] * part / cost
    assert np.allclose(found["race_overinvestment_it_gw"][1:], expected, rtol=1e-12)
    assert (found["race_overinvestment_it_gw"][1:] >= 0.0).all()
    none = runs.run(runs.defaults(winner_takes_share=0.0))
    assert np.abs(none["race_effort_usd_bn"][1:]).max() == 0.0
    assert np.abs(none["race_overinvestment_it_gw"][1:]).max() == 0.0

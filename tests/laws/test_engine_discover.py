"""Scenario discovery: a known box is found, noise gives none, and its shares are those of the paths it counts."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import supercycle
from supercycle.core.errors import InputError
from supercycle.engine.discover import binomial_tail, discover

NAMES = [f"p{i}" for i in range(120)]
PATHS = 3000


def drawn(seed: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng([seed, 7]).random((len(NAMES), PATHS))


@pytest.mark.parametrize("seed", range(4))
def test_a_known_box_is_found_to_a_few_per_cent(seed: int) -> None:
    x = drawn(seed)
    inside = (x[3] > 0.7) & (x[10] < 0.4)
    bad = np.random.default_rng(seed).random(PATHS) < np.where(inside, 0.6, 0.05)
    found = discover(NAMES, x, bad)
    assert {c.parameter for c in found.conditions} == {"p3", "p10"}
    ranges = {c.parameter: (c.low, c.high) for c in found.conditions}
    assert ranges["p3"] == (pytest.approx(0.7, abs=0.05), math.inf)
    assert ranges["p10"] == (-math.inf, pytest.approx(0.4, abs=0.06))
    assert found.is_better_than_chance
    assert found.held_out.density > 0.45
    assert found.held_out.coverage > 0.45


def test_noise_gives_no_box_better_than_chance() -> None:
    """One in a hundred may: of twenty, two would be a fault."""
    x = drawn(1)
    hits = sum(
        discover(NAMES, x, np.random.default_rng([seed, 9]).random(PATHS) < 0.1).is_better_than_chance
        for seed in range(20)
    )
    assert hits <= 1


def test_the_order_of_the_parameters_does_not_matter() -> None:
    x = drawn(2)
    bad = np.random.default_rng(5).random(PATHS) < np.where(x[3] > 0.8, 0.5, 0.1)
    order = np.random.default_rng(6).permutation(len(NAMES))
    one, other = discover(NAMES, x, bad), discover([NAMES[i] for i in order], x[order], bad)
    assert (one.conditions, one.held_out) == (other.conditions, other.held_out)


def test_the_shares_count_paths() -> None:
    x = drawn(3)
    bad = np.random.default_rng(8).random(PATHS) < np.where(x[3] > 0.8, 0.5, 0.1)
    found = discover(NAMES, x, bad)
    (condition,) = found.conditions
    inside = (x[3] >= condition.low) & (x[3] <= condition.high)
    for box, side in ((found.found_on, slice(0, None, 2)), (found.held_out, slice(1, None, 2))):
        assert (box.paths, box.bad) == (PATHS // 2, int(bad[side].sum()))
        assert (box.inside, box.bad_inside) == (int(inside[side].sum()), int((inside & bad)[side].sum()))
        assert box.coverage * box.bad == pytest.approx(box.density * box.inside)


@given(st.integers(1, 60), st.floats(0.01, 0.99))
def test_the_binomial_tail_is_the_sum_of_its_terms(trials: int, share: float) -> None:
    tail = [binomial_tail(k, trials, share) for k in range(trials + 2)]
    for k, (here, after) in enumerate(pairwise(tail)):
        term = math.comb(trials, k) * share**k * (1 - share) ** (trials - k)
        assert here - after == pytest.approx(term, abs=1e-12)
    assert (tail[0], tail[-1]) == (1.0, 0.0)


def test_what_makes_no_sense_is_refused() -> None:
    x = drawn(4)
    with pytest.raises(InputError, match="too few paths on one side"):
        discover(NAMES, x, np.arange(PATHS) < 30)
    with pytest.raises(InputError, match="coverage"):
        discover(NAMES, x, np.arange(PATHS) < 300, coverage=0.0)
    with pytest.raises(InputError, match="worst low or high"):
        supercycle.discover("fleet_it_gw", paths=200, until="2027Q4")
    with pytest.raises(InputError, match="neither worst nor share"):
        supercycle.discover("busted", worst="high", paths=200, until="2027Q4")


def test_the_largest_losses_of_the_world_share_conditions() -> None:
    """The largest credit losses have conditions in common that hold on paths held out."""
    body = supercycle.discover("credit_loss_usd_bn:sum", worst="high", share=0.1, paths=4000, until="2031Q4")
    assert body["better_than_chance"]
    assert body["held_out"]["lift"] > 1.5


def test_what_is_bad_has_its_unit_and_its_quarter() -> None:
    body = supercycle.discover("fleet_it_gw", worst="low", share=0.1, paths=1000, until="2029Q4")
    assert body["bad"].endswith(" GW_it)")
    assert body["output"]["when"] == "2029Q4"

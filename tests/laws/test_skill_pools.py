"""Pools are proper mixtures, independent points are counted, blocks know when they are too few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import InputError
from supercycle.skill.scored.members import MODEL, PUBLISHED, RULES
from supercycle.skill.scored.mixture import Mixture, mix, of_sample
from supercycle.skill.scored.points import HORIZONS, Point
from supercycle.skill.scored.summary import independent, interval, pit_tenths
from supercycle.skill.scores import crps

few = settings(max_examples=30, deadline=None)
samples = st.lists(st.floats(-5, 5), min_size=2, max_size=40).map(np.array)


@few
@given(samples, st.floats(-8, 8))
def test_a_sample_scores_as_it_always_did(sample: np.ndarray, y: float) -> None:
    assert of_sample(sample).crps(y) == pytest.approx(crps(sample, y), abs=1e-9)


@few
@given(samples, samples, st.floats(0, 1), st.floats(-8, 8))
def test_a_pool_never_scores_worse_than_its_members_do_on_average(
    a: np.ndarray, b: np.ndarray, weight: float, y: float
) -> None:
    one, two = of_sample(a), of_sample(b)
    pooled = mix([one, two], [weight, 1.0 - weight])
    assert pooled.crps(y) <= weight * one.crps(y) + (1.0 - weight) * two.crps(y) + 1e-9
    assert pooled.below(y) == pytest.approx(weight * one.below(y) + (1.0 - weight) * two.below(y), abs=1e-9)
    assert pooled.weights.sum() == pytest.approx(1.0)


@few
@given(samples, samples)
def test_quantiles_rise_and_a_pool_of_one_is_that_one(a: np.ndarray, b: np.ndarray) -> None:
    pooled = mix([of_sample(a), of_sample(b)])
    told = [pooled.quantile(level) for level in np.linspace(0.01, 0.99, 25)]
    assert told == sorted(told)
    alone = mix([of_sample(a)])
    assert np.array_equal(alone.values, of_sample(a).values)


@pytest.mark.parametrize("weights", [[0.5, 0.6], [1.0], [-0.5, 1.5]])
def test_weights_that_are_no_weights_are_refused(weights: list[float]) -> None:
    with pytest.raises(InputError, match="sum to one"):
        mix([of_sample(np.array([0.0])), of_sample(np.array([1.0]))], weights)


def test_an_empty_or_infinite_sample_is_refused() -> None:
    for bad in (np.array([]), np.array([0.0, np.inf]), np.array([np.nan])):
        with pytest.raises(InputError, match="no forecast"):
            of_sample(bad)


def test_a_normal_is_covered_as_often_as_it_says() -> None:
    generator = np.random.default_rng(2)
    told: Mixture = of_sample(generator.normal(size=4000))
    outcomes = generator.normal(size=3000)
    assert np.mean([told.inside(y, 0.9) for y in outcomes]) == pytest.approx(0.9, abs=0.02)
    assert np.mean([told.inside(y, 0.5) for y in outcomes]) == pytest.approx(0.5, abs=0.03)


def points(pit: np.ndarray) -> list[Point]:
    """Points at every horizon of [start, series] places."""
    scores = {PUBLISHED: 0.1, MODEL: 0.1, RULES: 0.2}
    return [
        Point(f"s{j}", f"{2000 + i}Q1", h, f"{2000 + i}Q{1 + h % 4}", 1.0, scores, float(p), True, True,
              float(p), True, 1.0, PUBLISHED)
        for i, row in enumerate(pit) for j, p in enumerate(row) for h in HORIZONS
    ]  # fmt: skip


def test_series_that_move_together_are_one_point() -> None:
    generator = np.random.default_rng(4)
    apart = points(generator.random((12, 10)))
    together = points(np.repeat(generator.random((12, 1)), 10, axis=1))
    few_of_them, many = independent(together), independent(apart)
    assert few_of_them is not None
    assert many is not None
    assert many > 4 * few_of_them
    assert many < len(apart)
    assert independent([]) is None


def test_an_interval_needs_two_blocks_and_a_constant_has_none_to_speak_of() -> None:
    pit = np.random.default_rng(5).random((12, 3))
    assert interval(points(pit[:7]), lambda p: p.pit) is None
    found = interval(points(pit), lambda p: p.crps[PUBLISHED] - p.crps[RULES])
    assert found == pytest.approx([-0.1, -0.1])
    assert sum(pit_tenths(points(pit))) == 12 * 3 * len(HORIZONS)

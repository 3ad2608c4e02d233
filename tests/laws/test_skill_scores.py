"""Scores are proper, rivals are what they say, and the dressing only widens."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.quarters import Quarter
from supercycle.skill.predict import scatter
from supercycle.skill.rivals import FIRST_SPREAD, RIVALS, forecast
from supercycle.skill.scores import crps, inside

GENERATOR = np.random.default_rng(5)
few = settings(max_examples=25, deadline=None)


def history(values: list[float], first: str = "2020Q1") -> dict[str, float]:
    return {str(Quarter.parse(first) + i): v for i, v in enumerate(values)}


def test_crps_of_a_normal_is_its_closed_form() -> None:
    # Gneiting and Raftery 2007: sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (y - mu) / sigma
    levels = (np.arange(20000) + 0.5) / 20000
    from supercycle.core.normal import normal_quantile

    sample = 1.0 + 2.0 * normal_quantile(levels)
    for y in (-3.0, 1.0, 4.0):
        z = (y - 1.0) / 2.0
        cdf, pdf = 0.5 * (1 + math.erf(z / math.sqrt(2))), math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        assert crps(sample, y) == pytest.approx(
            2.0 * (z * (2 * cdf - 1) + 2 * pdf - 1 / math.sqrt(math.pi)), abs=1e-3
        )


@few
@given(st.lists(st.floats(-10, 10), min_size=2, max_size=60), st.floats(-20, 20), st.floats(-5, 5))
def test_crps_moves_with_everything_and_is_never_negative(
    sample: list[float], y: float, shift: float
) -> None:
    values = np.array(sample)
    assert crps(values, y) >= -1e-12
    assert crps(values + shift, y + shift) == pytest.approx(crps(values, y), abs=1e-9)
    assert crps(values, y) <= float(np.mean(np.abs(values - y))) + 1e-12


def test_the_honest_spread_scores_best() -> None:
    outcomes = GENERATOR.normal(0.0, 1.0, 600)
    sample = np.quantile(GENERATOR.normal(0.0, 1.0, 100_000), (np.arange(400) + 0.5) / 400)
    scores = {k: np.mean([crps(k * sample, y) for y in outcomes]) for k in (0.2, 1.0, 3.0)}
    assert min(scores, key=lambda k: scores[k]) == 1.0


def test_half_of_outcomes_lie_in_half_of_the_distribution() -> None:
    sample = GENERATOR.normal(0.0, 1.0, 4000)
    assert np.mean([inside(sample, y, 0.5) for y in GENERATOR.normal(0.0, 1.0, 2000)]) == pytest.approx(
        0.5, abs=0.04
    )


@few
@given(st.floats(-0.1, 0.3), st.integers(6, 20), st.integers(1, 12))
def test_rivals_continue_what_they_know(growth: float, known: int, ahead: int) -> None:
    told = history([math.exp(growth * i) for i in range(known)])
    start = max(told)
    last = math.log(told[start])
    points = {name: forecast(name, told, start, ahead) for name in RIVALS}
    assert all(rival is not None for rival in points.values())
    on = last + growth * np.arange(1, ahead + 1)
    assert np.allclose(points["last value"].point, last)  # type: ignore[union-attr]
    assert np.allclose(points["last six months"].point, on)  # type: ignore[union-attr]
    assert np.allclose(points["exponential trend"].point, on)  # type: ignore[union-attr]
    for rival in points.values():
        assert (rival.spread > 0).all()  # type: ignore[union-attr]


def test_drift_adds_the_same_money_every_quarter() -> None:
    rival = forecast("drift", history([10.0, 12.0, 14.0, 16.0]), "2020Q4", 2)
    assert rival is not None
    assert np.allclose(np.exp(rival.point), [18.0, 20.0])


def test_a_rival_that_always_undershot_is_given_room() -> None:
    rival = forecast("last value", history([2.0**i for i in range(10)]), "2022Q2", 3)
    assert rival is not None
    assert np.allclose(rival.spread, math.log(2.0) * np.arange(1, 4))


def test_a_short_history_has_the_first_spread_and_an_empty_one_no_forecast() -> None:
    rival = forecast("last value", history([1.0, 1.1]), "2020Q2", 4)
    assert rival is not None
    assert np.allclose(rival.spread, FIRST_SPREAD * np.sqrt([1, 2, 3, 4]))
    assert forecast("last value", {}, "2020Q2", 4) is None


def test_a_history_that_ends_early_is_forecast_from_its_own_end() -> None:
    told = history([math.exp(0.1 * i) for i in range(9)])
    rival = forecast("last six months", told, str(Quarter.parse(max(told)) + 1), 1)
    assert rival is not None
    assert float(rival.point[0]) == pytest.approx(math.log(told[max(told)]) + 0.2)


def test_scatter_is_what_is_left_around_the_trend() -> None:
    smooth = history([math.exp(0.08 * i) for i in range(12)])
    rough = {q: v * math.exp(0.1 * (-1) ** i) for i, (q, v) in enumerate(smooth.items())}
    assert scatter(smooth) == 0.03
    assert 0.08 < scatter(rough) < 0.2
    assert scatter(history([1.0, 2.0])) == 0.10

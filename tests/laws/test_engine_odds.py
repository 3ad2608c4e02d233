"""What moves the odds of an event: the cause is named with its size, and noise is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.engine.odds import is_event, odds

PATHS, OTHERS = 4000, 60


def run_of(params: Any) -> Any:
    ids = [f"p{i}" for i in range(len(params))]
    subject = SimpleNamespace(model=SimpleNamespace(registry=dict.fromkeys(ids)))
    return SimpleNamespace(params=params, ok=np.ones(params.shape[1], bool), subject=subject)


def drawn(seed: int) -> Any:
    return np.random.default_rng(seed).random((OTHERS + 1, PATHS))


def test_a_cause_is_named_with_its_odds_and_its_share() -> None:
    """P = 0.2 + 0.6 u: fifths at 0.26, ..., 0.74; variance between fifths 0.6^2 * 2/25 / (1/4) = 0.1152."""
    params = drawn(1)
    event = (np.random.default_rng(2).random(PATHS) < 0.2 + 0.6 * params[0]).astype(float)
    found = odds(run_of(params), event)
    assert [row.parameter for row in found.rows] == ["p0"]
    low, high, error = 0.2 + 0.6 * 0.1, 0.2 + 0.6 * 0.9, 4 * np.sqrt(0.25 / (PATHS / 5))
    assert found.rows[0].low == pytest.approx(low, abs=error)
    assert found.rows[0].high == pytest.approx(high, abs=error)
    assert found.rows[0].share == pytest.approx(0.6**2 * (2 / 25) / 0.25, abs=0.03)
    assert found.rows[0].z > found.threshold
    assert found.unexplained == pytest.approx(1 - found.rows[0].share)


def test_a_parameter_that_lowers_the_odds_has_a_negative_spread() -> None:
    params = drawn(3)
    event = (np.random.default_rng(4).random(PATHS) > params[0]).astype(float)
    row = odds(run_of(params), event).rows[0]
    assert row.high < row.low
    assert row.z < 0


def test_noise_is_named_about_as_rarely_as_promised() -> None:
    """Sixty-one idle parameters: at 5 % a run, 100 runs name one in about 5; 15 would be 4 deviations."""
    named = 0
    for seed in range(100):
        event = (np.random.default_rng(10_000 + seed).random(PATHS) < 0.3).astype(float)
        named += bool(odds(run_of(drawn(seed)), event).rows)
    assert named <= 15


def test_the_order_of_paths_and_of_parameters_changes_nothing() -> None:
    params = drawn(5)
    event = (np.random.default_rng(6).random(PATHS) < 0.2 + 0.6 * params[0]).astype(float)
    order = np.random.default_rng(7).permutation(PATHS)
    one, other = odds(run_of(params), event), odds(run_of(params[:, order]), event[order])
    assert one.rows[0].share == pytest.approx(other.rows[0].share, abs=1e-12)
    assert one.rows[0].z == pytest.approx(other.rows[0].z, abs=1e-9)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_event_without_odds_has_no_rows(value: float) -> None:
    found = odds(run_of(drawn(8)), np.full(PATHS, value))
    assert found.rows == ()
    assert found.frequency == value


def test_too_few_paths_are_refused() -> None:
    with pytest.raises(InputError, match="too few paths"):
        odds(run_of(drawn(9)[:, :100]), np.zeros(100))


def test_what_an_event_is() -> None:
    assert is_event(np.array([0.0, 1.0, 1.0]))
    assert not is_event(np.array([np.nan]))
    assert not is_event(np.array([0.0, 0.5]))

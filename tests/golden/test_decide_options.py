"""An American put three ways: by tree, by simulation with a rule that never saw the paths it is valued on, and
from above.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from supercycle.core.random import normal_matrix
from supercycle.decisions.choice.exercise import (
    american_put_tree,
    dual_bound,
    fit_rule,
    martingale_of,
    value_rule,
)

RATE, SD, YEARS, STRIKE, DATES = 0.06, 0.2, 1.0, 40.0, 50
STEP = YEARS / DATES


def european_put(spot: np.ndarray, left: float) -> np.ndarray:
    if left <= 1e-12:
        return np.maximum(STRIKE - spot, 0.0)
    d1 = (np.log(spot / STRIKE) + (RATE + SD**2 / 2) * left) / (SD * math.sqrt(left))
    return STRIKE * math.exp(-RATE * left) * norm.cdf(SD * math.sqrt(left) - d1) - spot * norm.cdf(-d1)


def paths(spot: float, seed: int, count: int) -> np.ndarray:
    """[date, path], the first row today."""
    z = normal_matrix(seed, "put", np.arange(count), range(DATES))
    steps = (RATE - SD**2 / 2) * STEP + SD * math.sqrt(STEP) * z
    return spot * np.exp(np.concatenate([np.zeros((1, count)), np.cumsum(steps, axis=0)]))


def bounds(spot: float) -> tuple[float, float, float, float]:
    count = 20_000
    fit, test = paths(spot, 1, count), paths(spot, 2, count)
    discount = np.exp(-RATE * STEP * np.arange(DATES + 1))[:, None]
    payoffs = [discount * np.maximum(STRIKE - p, 0.0) for p in (fit, test)]
    rule = fit_rule((fit / STRIKE)[:, None, :], payoffs[0])
    low, _ = value_rule(rule, (test / STRIKE)[:, None, :], payoffs[1])
    times = STEP * np.arange(DATES + 1)
    martingale = martingale_of(
        lambda date, row: math.exp(-RATE * times[date]) * european_put(row, YEARS - times[date]), test
    )
    high = dual_bound(payoffs[1], martingale)
    return low.value, low.standard_error, high.value, high.standard_error


@pytest.mark.parametrize(("spot", "printed"), [(36.0, 4.478), (40.0, 2.314), (44.0, 1.110)])
def test_the_puts_of_longstaff_and_schwartz(spot: float, printed: float) -> None:
    """RFS 2001, table 1: K = 40, r = 6 %, sd 20 %, one year, 50 dates; finite differences 4.478, 2.314, 1.110."""
    low, se_low, high, se_high = bounds(spot)
    assert (
        abs(low - printed) <= 4 * se_low + 0.01 * printed
    )  # the rule is a cubic: a hundredth below the best
    assert low - 3 * se_low <= printed <= high + 3 * se_high  # from both sides
    assert high - low < 0.1 * printed + 3 * (se_low + se_high)  # and not far apart
    assert se_low < 0.02 * printed + 0.02


def test_the_tree_is_between_the_dates_and_the_continuum() -> None:
    """More dates are worth more: the tree (1,000 steps) lies a cent above 50 dates; its limit at no rate is
    European.
    """
    assert american_put_tree(36.0, 40.0, rate=RATE, sd=SD, years=1.0) == pytest.approx(4.487, abs=0.002)
    plain = american_put_tree(36.0, 40.0, rate=0.0, sd=SD, years=1.0, steps=2000)
    d1 = (math.log(36 / 40) + 0.02) / 0.2
    assert plain == pytest.approx(40 * norm.cdf(0.2 - d1) - 36 * norm.cdf(-d1), abs=2e-3)
    assert american_put_tree(1.0, 40.0, rate=RATE, sd=SD, years=1.0, steps=50) == pytest.approx(39.0)


def test_a_rule_valued_where_it_was_fitted_flatters_itself() -> None:
    """Trap: payoffs of pure noise are worth their best mean; a rule seen on its own paths claims more."""
    rng = np.random.default_rng(3)
    payoffs, other = rng.normal(1.0, 1.0, (12, 150)), rng.normal(1.0, 1.0, (12, 60_000))
    # The state is the noise of the next date's payoff: useless out of sample, fitted in sample.
    states, others = rng.normal(size=(12, 3, 150)), rng.normal(size=(12, 3, 60_000))
    rule = fit_rule(states, payoffs)
    inside, _ = value_rule(rule, states, payoffs)
    outside, _ = value_rule(rule, others, other)
    assert inside.value > outside.value + 5 * outside.standard_error

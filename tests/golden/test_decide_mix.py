"""The mix against direct minimisation, the newsvendor against its textbook case, CVaR against the normal's closed
form.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.stats import norm

from supercycle.decisions.choice.mix import Tier, cvar, lumpy_stack, newsvendor, screening_stack


def least_cost(loads: np.ndarray, tiers: list[Tier]) -> float:
    """The stack by linear programming: capacity of each tier, what each serves in each hour."""
    n, hours = len(tiers), len(loads)
    cost = np.concatenate([[t.fixed for t in tiers], np.repeat([t.variable / hours for t in tiers], hours)])
    size = n + n * hours
    above = np.zeros((n * hours, size))
    serve = np.zeros((hours, size))
    for k in range(n):
        for h in range(hours):
            above[k * hours + h, n + k * hours + h], above[k * hours + h, k] = 1.0, -1.0
            serve[h, n + k * hours + h] = 1.0
    found = linprog(cost, A_ub=above, b_ub=np.zeros(n * hours), A_eq=serve, b_eq=loads, method="highs")
    assert found.status == 0
    return float(found.fun)


tier = st.builds(
    lambda f, v: Tier(f"{f}/{v}", f, v),
    st.floats(0, 5).map(lambda x: round(x, 2)),
    st.floats(0, 8).map(lambda x: round(x, 2)),
)


@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=12),
    st.lists(tier, min_size=1, max_size=4, unique_by=lambda t: t.name),
)
def test_screening_curves_reach_the_least_cost_of_direct_minimisation(
    loads: list[int], tiers: list[Tier]
) -> None:
    hours = np.array(loads, dtype=float)
    if hours.max() == 0:
        return
    found = screening_stack(hours, tiers)
    assert found.cost_per_hour == pytest.approx(least_cost(hours, tiers), rel=1e-9, abs=1e-9)
    assert len(found.tiers) + len(found.dropped) == len(tiers)


def test_the_shares_of_hours_are_the_textbook_ones() -> None:
    """Three tiers: P(D > q1) = (f1 - f2) / (v2 - v1) = 3/5, P(D > q2) = (f2 - f3) / (v3 - v2) = 2/10."""
    loads = np.arange(1.0, 11.0)
    base, middle, peak = Tier("base", 5.0, 1.0), Tier("middle", 2.0, 6.0), Tier("peak", 0.0, 16.0)
    found = screening_stack(loads, [peak, base, middle])
    assert found.capacities == (4.0, 4.0, 2.0)  # 6 of 10 hours above 4, 2 of 10 above 8
    one = screening_stack(loads, [peak])  # limit: one tier serves all
    assert one.capacities == (10.0,)
    assert one.cost_per_hour == pytest.approx(16 * loads.mean())


def test_the_newsvendor_of_the_normal() -> None:
    """Critical share (p - c) / p of a normal demand: q = mean + sd z. Arrow, Harris and Marschak 1951."""
    loads = 100 + 20 * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    found = newsvendor(loads, fixed=3.0, variable=1.0, overflow=11.0)
    assert found == pytest.approx(100 + 20 * norm.ppf(1 - 3 / 10), abs=0.01)
    assert newsvendor(loads, fixed=10.0, variable=1.0, overflow=11.0) == 0.0  # limit: never worth holding
    assert newsvendor(loads, fixed=0.0, variable=1.0, overflow=11.0) == loads.max()


def test_cvar_of_the_normal() -> None:
    """Rockafellar and Uryasev 2000: mean + sd phi(z) / (1 - level), 2.063 sd at 95 %."""
    costs = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    assert cvar(costs, 0.95) == pytest.approx(norm.pdf(norm.ppf(0.95)) / 0.05, abs=1e-3)
    assert cvar(costs, 0.0) == pytest.approx(0.0, abs=1e-9)


def test_lumps_are_chosen_by_trying_all_and_tend_to_the_newsvendor() -> None:
    rng = np.random.default_rng(1)
    loads = rng.gamma(4.0, 5.0, (6, 400))
    own, rent = Tier("own", 1.0, 0.2), Tier("rent", 0.0, 3.0)

    def direct(capacity: float) -> float:
        return float(
            (capacity + 0.2 * np.minimum(loads, capacity) + 3 * np.maximum(loads - capacity, 0)).mean()
        )

    (held, _), cost = lumpy_stack(loads, (own, rent), 8.0)
    assert cost == pytest.approx(min(direct(8.0 * n) for n in range(20)), rel=1e-12)
    assert held % 8 == 0
    (fine, _), _ = lumpy_stack(loads, (own, rent), 0.05)
    assert fine == pytest.approx(newsvendor(loads.ravel(), 1.0, 0.2, 3.0), abs=0.1)
    (none, _), _ = lumpy_stack(loads, (own, rent), 8.0, setup=1000.0)
    assert none == 0.0
    (safe, _), _ = lumpy_stack(loads, (own, rent), 0.05, risk_weight=1.0)
    assert safe >= fine  # the tail is in the overflow

"""The capacity engine in its textbook limits: newsvendor, screening curves, and CVaR of the normal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import norm

from supercycle.decisions.capacity.hours import hour_tables
from supercycle.decisions.capacity.ladder import Ladder
from supercycle.decisions.choice.risk import cvar
from supercycle.decisions.inputs.promise import Shape


def tables(loads: np.ndarray, units: int):
    """Tables of hourly loads for unit replicas that carry exactly their number."""
    mean = float(loads.mean())
    shape = Shape(loads / mean, loads / loads.sum(), loads / loads.sum())
    return hour_tables(shape, mean, Ladder(np.arange(units + 1), np.arange(units + 1.0), 1), 0, 0)


def test_the_newsvendor_of_the_normal() -> None:
    """A unit held costs 3, one hired 10: hold until P(demand > q) = 3 / 10. Arrow, Harris and Marschak 1951."""
    loads = 100 + 20 * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    made = tables(loads, 200)
    cost = 3.0 * np.arange(201) + 10.0 * made.above[0]
    assert int(np.argmin(cost)) == pytest.approx(100 + 20 * norm.ppf(1 - 3 / 10), abs=1)


def test_screening_curves_of_a_uniform_load() -> None:
    """Base 5 + 1, middle 2 + 6, peak 0 + 16 a unit and hour, loads uniform on 0..1000:
    P(D > q1) = (5 - 2) / (6 - 1) = 3/5 and P(D > q2) = 2 / (16 - 6) = 1/5, so q1 = 400 and q2 = 800.
    """
    loads = (np.arange(2000) + 0.5) / 2
    over = tables(loads, 1000).above[0]  # mean units needed above each capacity
    at = np.arange(1001.0)
    base = 5 * at + 1 * (over[0] - over)  # what lies below q1
    peak = 16 * over
    q1, q2 = np.meshgrid(np.arange(0, 1001, 10), np.arange(0, 1001, 10), indexing="ij")
    middle = 2 * (q2 - q1) + 6 * (over[q1] - over[q2])
    cost = np.where(q2 >= q1, base[q1] + middle + peak[q2], np.inf)
    best = np.unravel_index(int(np.argmin(cost)), cost.shape)
    assert (int(q1[best]), int(q2[best])) == (400, 800)


def test_the_tables_reach_the_least_cost_of_linear_programming() -> None:
    """Twelve hours, own at 2, rent at 5, an API at 7 a unit of work: the best whole capacity by the tables is the
    programme's when capacities are whole.
    """
    loads = np.array([1, 4, 2, 7, 7, 3, 0, 0, 5, 6, 2, 1], dtype=float)
    over = tables(loads, 8).above[0]
    by_tables = min(2.0 * n + 5.0 * over[n] for n in range(9))
    hours = len(loads)
    cost = np.concatenate([[2.0], np.full(hours, 5.0 / hours), np.full(hours, 7.0 / hours)])
    serve = np.hstack([-np.ones((hours, 1)), -np.eye(hours), -np.eye(hours)])
    found = linprog(cost, A_ub=serve, b_ub=-loads, integrality=[1] + [0] * 2 * hours, method="highs")
    assert found.status == 0
    assert by_tables == pytest.approx(found.fun, rel=1e-9)


def test_starts_are_the_rises_of_the_need() -> None:
    """0, 2, 1, 3 replicas in turn start 2, then 2; the step from the last hour to the first starts none."""
    made = tables(np.array([0.0, 2.0, 1.0, 3.0]), 4)
    assert made.started[0, 0] == pytest.approx((2 + 2) / 4)
    assert made.started[0, 2] == pytest.approx(1 / 4)  # only the third replica
    assert made.quiet[0] == pytest.approx(1 / 4)
    assert made.above[0].tolist() == pytest.approx([6 / 4, 3 / 4, 1 / 4, 0, 0])


def test_cvar_of_the_normal() -> None:
    """Rockafellar and Uryasev 2000: mean + sd phi(z) / (1 - level), 2.063 sd at 95 %."""
    costs = norm.ppf((np.arange(200_000) + 0.5) / 200_000)
    assert cvar(costs, 0.95) == pytest.approx(norm.pdf(norm.ppf(0.95)) / 0.05, abs=1e-3)
    assert cvar(costs, 0.0) == pytest.approx(0.0, abs=1e-9)

"""When to act: the binomial tree, least-squares Monte Carlo with a lower bound, and the dual upper bound.

The rule is fitted on one set of paths and valued on another, so that it cannot profit from having seen them: its
value is a lower bound. An upper bound comes from any martingale M that starts at 0: no rule can earn more than
``E[max over t of (payoff_t - M_t)]``; the better M follows the value of the option, the closer the bounds.

Sources: Cox, Ross and Rubinstein, Option pricing: a simplified approach, JFE 7(3), 1979; Longstaff and Schwartz,
Valuing American options by simulation, RFS 14(1), 2001; Rogers, Monte Carlo valuation of American options,
Mathematical Finance 12(3), 2002; Glasserman and Yu, Simulation for American options: regression now or regression
later, 2004.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = [
    "Estimate",
    "Rule",
    "american_put_tree",
    "basis",
    "dual_bound",
    "fit_rule",
    "martingale_of",
    "value_rule",
]

Floats = NDArray[np.float64]
_DEGREE = 3


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over paths with its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of exercise: at each date, regression coefficients of the value of waiting on the basis of the state.

    ``shifts`` and ``scales`` [date, feature] put the state near unit size first. ``offers`` is False where the fit
    has too few paths in the money to say anything: there one waits.
    """

    coefficients: tuple[Floats | None, ...]
    shifts: Floats
    scales: Floats

    def waiting(self, date: int, states: Floats) -> Floats:
        """Estimated value of waiting at a date for states [feature, path]; infinite where nothing was fitted."""
        fitted = self.coefficients[date]
        if fitted is None:
            return np.repeat(np.inf, states.shape[1])
        scaled = (states - self.shifts[date][:, None]) / self.scales[date][:, None]
        value: Floats = fitted @ basis(scaled)
        return value


def basis(states: Floats) -> Floats:
    """Polynomials to the third degree and products of pairs [term, path] of states [feature, path]."""
    terms = [np.ones(states.shape[1])]
    terms += [row**power for row in states for power in range(1, _DEGREE + 1)]
    terms += [states[i] * states[j] for i in range(len(states)) for j in range(i)]
    return np.stack(terms)


def fit_rule(states: Floats, payoffs: Floats) -> Rule:
    """Fit the rule backwards on states [date, feature, path] and discounted payoffs [date, path].

    At the last date the payoff is taken when positive. Only paths in the money are regressed, as Longstaff and
    Schwartz do. Errors: InputError for shapes that do not agree.
    """
    dates, features, paths = states.shape
    if payoffs.shape != (dates, paths):
        raise InputError("payoffs", expected=f"[{dates} dates, {paths} paths]", got=payoffs.shape)
    shifts, scales = states.mean(axis=2), np.maximum(states.std(axis=2), 1e-12)
    found: list[Floats | None] = [None] * dates
    cash: Floats = np.maximum(payoffs[-1], 0.0)
    for date in range(dates - 2, -1, -1):
        paying = payoffs[date] > 0
        if int(paying.sum()) > 4 * (1 + _DEGREE * features):
            scaled = (states[date] - shifts[date][:, None]) / scales[date][:, None]
            terms = basis(scaled)
            fitted = np.asarray(np.linalg.lstsq(terms[:, paying].T, cash[paying], rcond=1e-10)[0], np.float64)
            found[date] = fitted
            act: NDArray[np.bool_] = paying & (payoffs[date] >= fitted @ terms)
            cash = np.where(act, payoffs[date], cash)
    return Rule(tuple(found), shifts, scales)


def value_rule(rule: Rule, states: Floats, payoffs: Floats) -> tuple[Estimate, NDArray[np.int64]]:
    """The rule's value on other paths, and the date each path acts (the number of dates: never): a lower bound."""
    dates, paths = payoffs.shape
    acted = np.full(paths, dates)
    earned = np.zeros(paths)
    for date in range(dates):
        open_ = acted == dates
        worth = payoffs[date]
        waiting = rule.waiting(date, states[date]) if date < dates - 1 else np.zeros(paths)
        act = open_ & (worth > 0) & (worth >= waiting)
        acted[act], earned[act] = date, worth[act]
    return _estimate(earned), acted


def dual_bound(payoffs: Floats, martingale: Floats) -> Estimate:
    """``E[max_t(max(payoff_t, 0) - M_t)]``: above the value under any rule, for any martingale M [date, path] from 0.

    Limit: M of zeros is perfect foresight. Errors: InputError for shapes that do not agree.
    """
    if payoffs.shape != martingale.shape:
        raise InputError("martingale", expected=payoffs.shape, got=martingale.shape)
    return _estimate((np.maximum(payoffs, 0.0) - martingale).max(axis=0))


def american_put_tree(
    spot: float, strike: float, *, rate: float, sd: float, years: float, steps: int = 1000
) -> float:
    """An American put by the binomial tree.

    Limits: a rate of 0 gives the European put; a spot far below the strike gives strike - spot.
    Errors: InputError without uncertainty, time or steps.

    >>> round(american_put_tree(36.0, 40.0, rate=0.06, sd=0.2, years=1.0), 2)
    4.49
    """
    if not (sd > 0 and years > 0 and steps >= 1):
        raise InputError("tree", expected="sd, years above 0 and a step", got=f"{sd:g}, {years:g}, {steps}")
    dt = years / steps
    up = math.exp(sd * math.sqrt(dt))
    discount = math.exp(-rate * dt)
    chance = (math.exp(rate * dt) - 1 / up) / (up - 1 / up)
    prices = spot * up ** np.arange(steps, -steps - 1, -2, dtype=np.float64)
    values = np.maximum(strike - prices, 0.0)
    for _ in range(steps):
        prices = prices[:-1] / up
        values = discount * (chance * values[:-1] + (1 - chance) * values[1:])
        np.maximum(values, strike - prices, out=values)
    return float(values[0])


def martingale_of(values: Callable[[int, Floats], Floats], prices: Floats) -> Floats:
    """M [date, path] from a discounted price process ``values(date, prices[date])`` that is itself a martingale."""
    rows = np.stack([values(date, row) for date, row in enumerate(prices)])
    return rows - rows[0]


def _estimate(values: Floats) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))

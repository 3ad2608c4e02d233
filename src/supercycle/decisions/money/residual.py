"""What a GPU is worth later: the rent it can still earn, net of power, and never more than newer parts allow.

A rental that falls with age and a resale value that does not is a contradiction; here both come from one path of
rental prices, so that an unwind lowers them together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["rental_value", "residual_value"]

Floats = NDArray[np.float64]


def rental_value(
    rent_per_year: Floats, cost_per_year: Floats | float, years_left: float, *, decay: float, rate: float
) -> Floats:
    """PV of ``rent e^(-decay s) - cost`` over the years left, stopped when rent no longer pays for running.

    ``rent (1 - e^(-(r + d) s)) / (r + d) - cost (1 - e^(-r s)) / r`` with ``s = min(ln(rent / cost) / d, years
    left)``.
    Limits: no decay, no cost, no end: rent / rate; rent at or below cost, or no years left: 0.
    Errors: InputError for negative years or rates.

    >>> float(rental_value(np.array([100.0]), 0.0, 1e9, decay=0.0, rate=0.10)[0])
    1000.0
    """
    if not (years_left >= 0 and decay >= 0 and rate >= 0):
        raise InputError("residual value", expected="years, decay and rate of 0 or more")
    rent = np.asarray(rent_per_year, dtype=np.float64)
    cost = np.broadcast_to(np.asarray(cost_per_year, dtype=np.float64), rent.shape)
    pays = rent > cost
    if decay > 0:
        worth_running = pays & (cost > 0)
        margin = np.full(rent.shape, np.inf)
        margin[worth_running] = np.log(rent[worth_running]) - np.log(cost[worth_running])
        with np.errstate(over="ignore"):  # a decay next to nothing: the years left decide
            until = np.minimum(margin / decay, years_left)
    else:
        until = np.full(rent.shape, years_left)
    until = np.where(pays, until, 0.0)
    return rent * _annuity(rate + decay, until) - cost * _annuity(rate, until)


def residual_value(
    rent_per_year: Floats,
    cost_per_year: Floats | float,
    years_left: float,
    newest_cost: Floats | float,
    *,
    decay: float,
    rate: float,
    selling_cost_share: float,
) -> Floats:
    """``min(rental value, newest part's cost for the same work) (1 - selling cost)`` on every path.

    ``newest_cost`` is what the newest part costs for the work of this one: no buyer pays more for the old.
    Limits: those of rental_value; a selling cost of 1 leaves nothing. Errors: InputError for a share outside 0..1.
    """
    if not 0 <= selling_cost_share <= 1:
        raise InputError("selling cost", expected="0 to 1", got=selling_cost_share)
    worth = rental_value(rent_per_year, cost_per_year, years_left, decay=decay, rate=rate)
    return np.minimum(worth, newest_cost) * (1 - selling_cost_share)


def _annuity(rate: float, years: Floats) -> Floats:
    """``(1 - e^(-rate years)) / rate``; years when the rate is 0."""
    return years if rate < 1e-12 else -np.expm1(-rate * years) / rate

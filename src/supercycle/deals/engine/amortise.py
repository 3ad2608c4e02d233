"""How debt is drawn and repaid when all goes well, and how large it may be.

Every rule is brought to one form, read by the waterfall period by period:
scheduled principal = min(balance, max(share_t * balance + amount_t, balance - ceiling_t)), never negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.paths import plus
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Facility
from supercycle.deals.engine.arithmetic import ARRAYS, SCALARS
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.sizing import Sizing, borrowing_base, size_debt

__all__ = ["Plan", "annuity_shares", "plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """One facility over the calendar; arrays are [period] or [period, path]."""

    facility: Facility
    amount: float
    draws: Floats
    draw_years: Floats  # sum of draws times the years from their dates to the period's end
    draw_times: Floats  # years from closing
    rate: Floats
    fraction: Floats
    share: Floats
    paid: Floats
    ceiling: Floats
    pik: Floats  # 1 while interest is added to the balance
    maturity: int  # the period on whose payment date all is due
    ard: int | None
    undrawn: Floats  # undrawn fee due in the period
    schedule: Floats  # balance after each payment date, as planned
    service: Floats  # planned interest and principal
    sizing: Sizing | None
    available: Floats  # 1 while it can be drawn on demand


def annuity_shares(rates: Floats, weights: Floats) -> Floats:
    """Share of the opening balance repaid each period when debt service is proportional to the weights.

    A_t = (w_t + A_t+1) / (1 + r_t); share_t = w_t / A_t - r_t, at least 0. With equal weights it is the level
    payment; with weights CFADS it is sculpting. Limits: the last period with weight repays all; r = 0 gives
    w_t / sum of the weights to come.

    >>> [round(float(s), 6) for s in annuity_shares(np.array([0.0, 0.0]), np.array([1.0, 1.0]))]
    [0.5, 1.0]
    """
    worth = np.zeros(np.broadcast_shapes(rates.shape, weights.shape))
    one = worth.ndim == 1  # plain floats are quicker than arrays of one
    weight, growth = (weights.tolist(), (1 + rates).tolist()) if one else (weights, 1 + rates)
    ahead: Any = 0.0
    for t in range(len(weight) - 1, -1, -1):
        worth[t] = ahead = (weight[t] + ahead) / growth[t]
    share = np.divide(np.broadcast_to(weights, worth.shape), worth, out=np.zeros_like(worth), where=worth > 0)
    return np.clip(share - rates, 0.0, 1.0)


def plan(
    deal: Deal, facility: Facility, periods: Periods, cash: Cash, values: Values, *, shape: Cash, case: Values
) -> Plan:
    """Everything the waterfall needs to know of a facility before the first period.

    ``shape`` and ``case`` are the cash and the values of the case on which sculpted debt is shaped and sized.
    """
    rule, count = facility.amortisation, periods.count
    maturity = periods.ending(facility.maturity)
    if maturity is None:
        raise InputError(
            f"{facility.name!r} matures after the calendar ends",
            expected=f"by {periods.ends[-1]}",
            got=facility.maturity,
            where=facility.where,
            hint="Give the calendar more periods.",
        )
    rate, fraction = facility.rate.level(periods, values), periods.fractions(facility.day_count)
    growth = rate * (fraction[:, None] if rate.ndim == 2 else fraction)
    pik = np.array([float(facility.pik_until is not None and e <= facility.pik_until) for e in periods.ends])
    first = (
        0 if rule.from_ is None else next((t for t, e in enumerate(periods.ends) if e > rule.from_), count)
    )
    if first > maturity:
        raise InputError("repayment starts after maturity", got=rule.from_, where=rule.where)
    share, paid, ceiling = np.zeros_like(growth), np.zeros(count), np.full(count, np.inf)
    weights, span = np.zeros(count), slice(first, maturity + 1)
    if rule.type == "sculpted":
        weights[span] = _sculpted_service(facility, periods, shape, case)[span]
        share[span] = annuity_shares(growth[span], _like(weights[span], growth))
    elif rule.type == "level_payment":
        share[span] = annuity_shares(growth[span], _like(np.ones(maturity + 1 - first), growth))
    elif rule.type == "level_principal":
        share[span] = _like(1 / np.arange(maturity + 1 - first, 0, -1.0), growth)
    elif rule.type == "schedule" and rule.payments is not None:
        paid = rule.payments.flow(periods, values)
    elif rule.type == "target_balance" and rule.target is not None:
        ceiling = rule.target.level(periods, values)
    elif rule.type == "borrowing_base":
        ceiling = borrowing_base(deal, facility, periods, cash, values)
    share[maturity:] = 1.0
    unit, unit_years = _draw_shape(facility, periods, values)
    amount, sizing = facility.amount, None
    if rule.sized:
        sizing = size_debt(
            deal, facility, periods, shape, growth, weights, unit, rate * unit_years, first, pik, share
        )
        amount = float(sizing.limits[sizing.binding])
    draws, draw_years = amount * unit, amount * unit_years
    undrawn = np.zeros(count)
    if facility.undrawn_fee and not facility.on_demand:
        undrawn = facility.undrawn_fee * np.maximum(amount - np.cumsum(draws), 0) * fraction
        undrawn[maturity:] = 0.0
    years = np.divide(draw_years, draws, out=fraction.copy(), where=draws > 0)
    times = periods.times - years / np.where(fraction > 0, fraction, 1.0) * periods.months / 12
    last = facility.available_until or facility.maturity
    available = np.array([float(e <= last and t < maturity) for t, e in enumerate(periods.ends)])
    if facility.kind == "revolver":
        times = periods.times  # drawn on payment dates
    balance, service = _unroll(draws, draw_years, rate, fraction, share, paid, ceiling, pik)
    ard = None if rule.date is None else periods.ending(rule.date)
    return Plan(
        facility, amount, draws, draw_years, times, rate, fraction, share, paid, ceiling, pik, maturity, ard,
        undrawn, balance, service, sizing, available,
    )  # fmt: skip


def _sculpted_service(facility: Facility, periods: Periods, cash: Cash, values: Values) -> Floats:
    """Debt service per period: sum over streams of cash / its cover, at least 0; without a cover, its shape."""
    rule = facility.amortisation
    if rule.cfads is not None:
        service = rule.cfads.level(periods, values) / periods.per_year / (rule.dscr or 1.0)
    elif rule.streams:
        service = np.zeros(periods.count)
        for stream in rule.streams:
            service = plus(service, cash.streams[stream.contract] / stream.dscr)
    else:
        service = cash.sizing / (rule.dscr or 1.0)
    if service.ndim == 2:
        raise InputError(
            "cash that differs by path cannot shape a debt",
            expected="the sizing case as 'cfads', or as values of one path",
            where=rule.where,
        )
    return np.maximum(service, 0.0)


def _like(row: Floats, like: Floats) -> Floats:
    return row[:, None] if like.ndim == 2 else row


def _draw_shape(facility: Facility, periods: Periods, values: Values) -> tuple[Floats, Floats]:
    """Draws and their years as shares of the commitment; draws on dates must not exceed it."""
    if facility.on_demand:
        return np.zeros(periods.count), np.zeros(periods.count)
    if facility.draws is None:
        unit = np.zeros(periods.count)
        unit[0] = 1.0
        return unit, unit * periods.fractions(facility.day_count)
    drawn, years = facility.draws.dated(periods, values, facility.day_count)
    if drawn.ndim == 2 or (drawn < 0).any():
        raise InputError("draws are sums, the same on every path, none negative", where=facility.draws.where)
    total = float(drawn.sum())
    if facility.amount and total > facility.amount * (1 + 1e-9):
        raise InputError(
            "more is drawn than committed",
            expected=f"{facility.amount:g} or less",
            got=f"{total:g}",
            where=facility.where,
        )
    if total <= 0:
        raise InputError("nothing is drawn", got=f"{total:g}", where=facility.draws.where)
    whole = facility.amount or total
    return drawn / whole, years / whole


def _unroll(
    draws: Floats, draw_years: Floats, rate: Floats, fraction: Floats, share: Floats, paid: Floats,
    ceiling: Floats, pik: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The balance after each payment date and the service of each, if everything is paid."""
    count = len(draws)
    wide = np.broadcast_shapes(*(x.shape[1:] for x in (rate, share, paid, ceiling)))
    do = ARRAYS if wide else SCALARS
    rates, shares, pays, most, years, adds = (do.rows(x) for x in (rate, share, paid, ceiling, fraction, pik))
    drawn, weighted = draws.tolist(), draw_years.tolist()
    closing, service = np.empty((count, *wide)), np.empty((count, *wide))
    balance: Any = np.zeros(wide) if wide else 0.0
    for t in range(count):
        interest = rates[t] * (years[t] * balance + weighted[t])
        balance = balance + drawn[t] + adds[t] * interest
        due = do.high(shares[t] * balance + pays[t], balance - most[t])
        due = do.low(do.high(due, 0.0), balance)
        balance = balance - due
        closing[t], service[t] = balance, due + (1 - adds[t]) * interest
    return closing, service

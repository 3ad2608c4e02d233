"""How debt is drawn and repaid when all goes well, and how large it may be.

Every rule is brought to one form, read by the waterfall period by period:
scheduled principal = min(balance, max(share_t * balance + amount_t, balance - ceiling_t)), never negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.cashflow import Cash
from supercycle.deals.numbers import Values
from supercycle.deals.periods import Periods
from supercycle.deals.schema import Deal, Facility

__all__ = ["Plan", "Sizing", "annuity_shares", "plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sizing:
    """What limited a sculpted debt, and by how far the circular sum of cost and debt is off."""

    limits: dict[str, float]
    binding: str
    residual: float


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


def annuity_shares(rates: Floats, weights: Floats) -> Floats:
    """Share of the opening balance repaid each period when debt service is proportional to the weights.

    A_t = (w_t + A_t+1) / (1 + r_t); share_t = w_t / A_t - r_t, at least 0. With equal weights it is the level
    payment; with weights CFADS it is sculpting. Limits: the last period with weight repays all; r = 0 gives
    w_t / sum of the weights to come.

    >>> [round(float(s), 6) for s in annuity_shares(np.array([0.0, 0.0]), np.array([1.0, 1.0]))]
    [0.5, 1.0]
    """
    worth = np.zeros_like(rates + weights)
    ahead = np.zeros_like(worth[0])
    for t in range(len(weights) - 1, -1, -1):
        worth[t] = ahead = (weights[t] + ahead) / (1 + rates[t])
    share = np.divide(np.broadcast_to(weights, worth.shape), worth, out=np.zeros_like(worth), where=worth > 0)
    return np.clip(share - rates, 0.0, 1.0)


def plan(deal: Deal, facility: Facility, periods: Periods, cash: Cash, values: Values) -> Plan:
    """Everything the waterfall needs to know of a facility before the first period."""
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
    shape = cash.sizing if rule.cfads is None else rule.cfads.level(periods, values) / periods.per_year
    if rule.type == "sculpted":
        if shape.ndim == 2:
            raise InputError(
                "cash that differs by path cannot shape a debt",
                expected="the sizing case as 'cfads'",
                where=rule.where,
            )
        weights[span] = np.maximum(shape[span], 0.0)
        share[span] = annuity_shares(growth[span], _like(weights[span], growth))
    elif rule.type == "level_payment":
        share[span] = annuity_shares(growth[span], _like(np.ones(maturity + 1 - first), growth))
    elif rule.type == "level_principal":
        share[span] = _like(1 / np.arange(maturity + 1 - first, 0, -1.0), growth)
    elif rule.type == "schedule" and rule.payments is not None:
        paid = rule.payments.flow(periods, values)
    elif rule.type == "target_balance" and rule.target is not None:
        ceiling = rule.target.level(periods, values)
    elif rule.type == "borrowing_base" and rule.supported is not None and rule.depreciated_cost is not None:
        ceiling = np.minimum(
            rule.supported.level(periods, values), rule.depreciated_cost.level(periods, values)
        )
    share[maturity:] = 1.0
    unit, unit_years = _draw_shape(facility, periods, values)
    amount, sizing = facility.amount, None
    if rule.type == "sculpted" and rule.dscr:
        sizing = _size(deal, facility, cash, growth, weights, unit, first, pik)
        amount = min(sizing.limits.values())
    draws, draw_years = amount * unit, amount * unit_years
    undrawn = facility.undrawn_fee * np.maximum(amount - np.cumsum(draws), 0) * fraction
    undrawn[maturity:] = 0.0
    years = np.divide(draw_years, draws, out=fraction.copy(), where=draws > 0)
    times = periods.times - years / np.where(fraction > 0, fraction, 1.0) * periods.months / 12
    balance, service = _unroll(draws, draw_years, rate, fraction, share, paid, ceiling, pik)
    ard = None if rule.date is None else periods.ending(rule.date)
    return Plan(
        facility, amount, draws, draw_years, times, rate, fraction, share, paid, ceiling, pik, maturity, ard,
        undrawn, balance, service, sizing,
    )  # fmt: skip


def _like(row: Floats, like: Floats) -> Floats:
    return row[:, None] if like.ndim == 2 else row


def _draw_shape(facility: Facility, periods: Periods, values: Values) -> tuple[Floats, Floats]:
    """Draws and their years as shares of the commitment; draws on dates must add up to it."""
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
    whole = facility.amount or total
    return drawn / whole, years / whole


def _size(
    deal: Deal,
    facility: Facility,
    cash: Cash,
    growth: Floats,
    weights: Floats,
    unit: Floats,
    first: int,
    pik: Floats,
) -> Sizing:
    """Debt = min(PV(CFADS / DSCR), gearing x cost, LTV x value), at least 0; linear in the debt, so solved at once."""
    rule = facility.amortisation
    if growth.ndim == 2:
        raise InputError("a rate that differs by path cannot size a debt", where=facility.where)
    balance, interest = 0.0, 0.0  # per unit of commitment, when repayment begins, and paid before it
    worth = 0.0
    for t in range(first):
        balance += unit[t]
        accrued = growth[t] * balance
        balance, interest = balance + pik[t] * accrued, interest + (1 - pik[t]) * accrued
    balance += float(unit[first:].sum())
    for t in range(len(weights) - 1, first - 1, -1):
        worth = (weights[t] / rule.dscr + worth) / (1 + growth[t])
    limits = {"dscr": max(worth, 0.0) / balance if balance else 0.0}
    loading, residual = facility.upfront_fee + interest, 0.0
    if rule.gearing:
        limits["gearing"] = rule.gearing * float(cash.spend.sum()) / max(1 - rule.gearing * loading, 1e-12)
    if rule.ltv:
        limits["ltv"] = (
            max(rule.ltv * float(np.max(cash.value[min(cash.completion, len(unit) - 1)])), 0.0) / balance
        )
    binding = min(limits, key=lambda name: limits[name])
    if binding == "gearing":
        amount = limits["gearing"]
        residual = amount - rule.gearing * (float(cash.spend.sum()) + loading * amount)
    del deal
    return Sizing(limits, binding, residual)


def _unroll(
    draws: Floats, draw_years: Floats, rate: Floats, fraction: Floats, share: Floats, paid: Floats,
    ceiling: Floats, pik: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The balance after each payment date and the service of each, if everything is paid."""
    closing, service = np.zeros_like(share), np.zeros_like(share)
    balance = np.zeros_like(share[0])
    for t in range(len(draws)):
        interest = rate[t] * (fraction[t] * balance + draw_years[t])
        balance = balance + draws[t] + pik[t] * interest
        due = np.maximum(share[t] * balance + paid[t], balance - ceiling[t])
        due = np.minimum(np.maximum(due, 0.0), balance)
        balance = balance - due
        closing[t], service[t] = balance, due + (1 - pik[t]) * interest
    return closing, service

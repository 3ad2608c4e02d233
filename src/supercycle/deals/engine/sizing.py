"""How large a debt may be: cover, gearing and value for a sculpted one, contract and cost for a borrowing base."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.paths import same, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Facility
from supercycle.deals.engine.cashflow import Cash

__all__ = [
    "Sizing",
    "borrowing_base",
    "contract_base",
    "cost_base",
    "size_debt",
    "take_out_limits",
    "value_ahead",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sizing:
    """What limited a sculpted debt, and by how far the circular sum of cost and debt is off."""

    limits: dict[str, float]
    binding: str
    residual: float


def value_ahead(cash: Floats, rates: Floats | float, last: int) -> Floats:
    """PV after each payment date of the cash to come up to ``last``: V_t = (cash_t+1 + V_t+1) / (1 + r_t+1).

    >>> value_ahead(np.array([0.0, 110.0]), 0.1, 1).round(9).tolist()
    [100.0, 0.0]
    """
    rows = np.broadcast_to(np.asarray(rates, np.float64), cash.shape[:1]) if np.ndim(rates) == 0 else rates
    rows = np.asarray(rows, np.float64)
    if cash.ndim != rows.ndim:
        cash, rows = (cash[:, None], rows) if cash.ndim == 1 else (cash, rows[:, None])
    worth = np.zeros(np.broadcast_shapes(cash.shape, rows.shape))
    for t in range(min(last, len(cash) - 1) - 1, -1, -1):
        worth[t] = (cash[t + 1] + worth[t + 1]) / (1 + rows[t + 1])
    return worth


def size_debt(
    deal: Deal, facility: Facility, periods: Periods, cash: Cash, growth: Floats, service: Floats, unit: Floats,
    dated: Floats, first: int, pik: Floats, share: Floats, on: NDArray[np.int64],
) -> Sizing:  # fmt: skip
    """Debt = min(PV(service), gearing x cost, LTV x value), at least 0, and which of them binds.

    A commitment that is written caps it too.
    Cost is spend plus what the debt itself adds to it: fee, interest before repayment and the part of reserves
    funded at closing that stands for its service. All are proportional to the debt, so the sum is solved in one
    linear step, debt = gearing x spend / (1 - gearing x loading), and put back for the residual. ``unit`` are the
    draws per unit of commitment, ``dated`` their interest up to the end of their period, ``on`` the repayment dates.
    """
    rule = facility.amortisation
    if growth.ndim == 2:
        raise InputError("a rate that differs by path cannot size a debt", where=facility.where)
    balance, interest = 0.0, 0.0  # per unit of commitment, when repayment begins, and paid before it
    worth, planned = 0.0, list[float]()
    for t in range(first):
        accrued = float(growth[t] * balance + dated[t])
        balance += float(unit[t] + pik[t] * accrued)
        interest += float((1 - pik[t]) * accrued)
        planned.append(float((1 - pik[t]) * accrued))
    owed = balance
    for t in range(first, len(unit)):
        accrued, owed = float(growth[t] * owed + dated[t]), owed + float(unit[t])
        principal = float(share[t] * owed)
        planned.append(accrued + principal)
        owed -= principal
    balance += float(unit[first:].sum())
    before = [first - 1, *(int(t) for t in on[:-1])]
    for start, t in zip(reversed(before), reversed(on.tolist()), strict=True):
        worth = (service[t] + worth) / (1 + float(growth[start + 1 : t + 1].sum()))
    limits = {"dscr": worth / balance if balance else 0.0}
    if facility.amount:
        limits["commitment"] = facility.amount
    loading, spend, residual = facility.upfront_fee + interest, float(cash.spend.sum()), 0.0
    for reserve in deal.reserves:
        if reserve.funded != "cash" and reserve.months and facility.tested:
            # While building, the target is the service of the first months in operation (see ``reserves``).
            begins = max(cash.completion, 1 if reserve.funded == "closing" else 0)
            loading += sum(planned[begins : begins + reserve.months // periods.months])
    if rule.gearing:
        if rule.gearing * loading >= 1:
            raise InputError(
                "the debt's own cost uses it up", expected="gearing x (fee, interest, reserve) below 1",
                got=f"{rule.gearing * loading:.3g}", where=rule.where,
            )  # fmt: skip
        limits["gearing"] = rule.gearing * spend / (1 - rule.gearing * loading)
    if rule.ltv:
        limits["ltv"] = rule.ltv * _value_at_completion(deal, periods, cash) / balance if balance else 0.0
    limits = {name: max(float(limit), 0.0) for name, limit in limits.items()}
    binding = min(limits, key=lambda name: limits[name])
    if binding == "gearing":
        amount = limits["gearing"]
        residual = amount - rule.gearing * (spend + loading * amount)
    return Sizing(limits, binding, residual)


def _value_at_completion(deal: Deal, periods: Periods, cash: Cash) -> float:
    """What the assets are appraised at on the day on which operations begin."""
    at = min(cash.completion, periods.count - 1)
    if not any(a.value.by_path for a in deal.assets):
        return sum(a.value.at(periods.starts[at]) for a in deal.assets)
    if cash.appraised.ndim == 2:
        raise InputError("a value that differs by path cannot size a debt", where=deal.where)
    return float(cash.appraised[max(at - 1, 0)])


def borrowing_base(deal: Deal, facility: Facility, periods: Periods, cash: Cash, values: Values) -> Floats:
    """The most that may be owed after each payment date: min(what contracts support, depreciated cost).

    Contracts: advance x PV of the contract's net cash still to come in its initial term, take-or-pay at its least.
    Cost: what was spent so far x (1 - age / life), the age counted from completion. Either may be given instead.
    Source: the rule of CoreWeave's DDTL 2.0 as in its filings (balance = min of three).
    """
    supported = contract_base(deal, facility, periods, cash, values)
    return np.minimum(*same(supported, cost_base(deal, facility, periods, cash, values)))


def contract_base(deal: Deal, facility: Facility, periods: Periods, cash: Cash, values: Values) -> Floats:
    """What contracts support after each payment date."""
    rule = facility.amortisation
    if rule.supported is not None:
        return rule.supported.on_dates(periods, values)
    step = (1 + rule.discount) ** periods.years - 1
    return np.maximum(rule.advance * value_ahead(cash.contracted[rule.contract], step, periods.count), 0.0)


def cost_base(deal: Deal, facility: Facility, periods: Periods, cash: Cash, values: Values) -> Floats:
    """Depreciated cost after each payment date."""
    rule = facility.amortisation
    if rule.depreciated_cost is not None:
        return rule.depreciated_cost.on_dates(periods, values)
    asset = next(a for a in deal.assets if a.name == rule.asset)
    spent = np.cumsum(asset.spend.flow(periods, values), axis=0)
    begins = periods.begins[min(cash.completion, periods.count - 1)]
    age = np.maximum(np.cumsum(periods.years) - begins, 0.0)
    return times(np.maximum(1 - age / rule.life_years, 0.0), spent)


def take_out_limits(
    facility: Facility, periods: Periods, cash: Cash, growth: Floats, share: Floats, at: int, maturity: int
) -> dict[str, Floats]:
    """The most that a refinancing may lend on payment date ``at``, by limit: numbers, or one per path.

    Cover: the service of one unit, dated as it will be paid, times the debt may not exceed cash / dscr on any date up
    to maturity, the balloon of a bullet left out. Value and yield are those of the date and the twelve months after it.
    """
    rule = facility.takes_out
    assert rule is not None
    limits: dict[str, Floats] = {"commitment": np.asarray(facility.amount)}
    cfads = cash.cfads
    if rule.dscr:
        owed, least = (
            np.ones(growth.shape[1:]),
            np.full(np.broadcast_shapes(growth.shape[1:], cfads.shape[1:]), np.inf),
        )
        for t in range(at + 1, maturity + 1):
            principal = share[t] * owed * float(t < maturity or facility.amortisation.type != "bullet")
            service = growth[t] * owed + principal
            able = np.maximum(cfads[t], 0.0) / rule.dscr
            least = np.minimum(
                least, np.divide(able, service, out=np.full(least.shape, np.inf), where=service > 0)
            )
            owed = owed - principal
        limits["dscr"] = least
    if rule.ltv:
        limits["ltv"] = rule.ltv * np.maximum(cash.value[at], 0.0)
    if rule.debt_yield:
        limits["debt_yield"] = (
            np.maximum(cfads[at + 1 : at + 1 + periods.per_year].sum(axis=0), 0.0) / rule.debt_yield
        )
    return limits

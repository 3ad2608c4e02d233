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
from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.cases import branches
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Facility
from supercycle.deals.engine.arithmetic import ARRAYS, SCALARS
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.draws import draw_shape, undrawn_years
from supercycle.deals.engine.draws import share_before as _share_before
from supercycle.deals.engine.funding import Funded, fund
from supercycle.deals.engine.sizing import Sizing, borrowing_base, size_debt, take_out_limits
from supercycle.deals.engine.swaps import hedged_rate, scheduled_settlement

__all__ = ["Plan", "annuity_shares", "dates_back", "level_shares", "plan"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plan:
    """One facility over the calendar; arrays are [period] or [period, path]."""

    facility: Facility
    amount: float
    draws: Floats
    draw_years: Floats  # sum of draws times the years from their dates to the period's end
    draw_events: tuple[tuple[float, float, int], ...]  # (years from closing, share of the amount, period)
    rate: Floats
    fraction: Floats
    share: Floats
    paid: Floats
    ceiling: Floats
    pik: Floats  # 1 while interest is added to the balance
    pays_interest: Floats  # 1 on its interest dates
    maturity: int  # the period on whose payment date all is due
    ard: int | None
    undrawn: Floats  # undrawn fee accrued in the period, on dated draws
    schedule: Floats  # balance after each payment date, as planned
    service: Floats  # planned interest and principal
    sizing: Sizing | None
    available: Floats  # share of the period in which it can be drawn on demand
    taken: int | None  # the payment date on which a refinancing is drawn
    limits: dict[str, Floats]  # and what it may lend then
    date_draws: Floats  # draws on payment dates, for interest that a funding rule lends
    funded: Funded | None
    rates: dict[
        tuple[str, ...], Floats
    ]  # by conditions of the run, where they choose it; () where none holds


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
    rule, count, moved = facility.amortisation, periods.count, facility.accrual == "adjusted"
    maturity = periods.paying(
        facility.maturity, f"the maturity of {facility.name!r}", _at(facility, "maturity")
    )
    rate, fraction = facility.rate.mean(periods, values), periods.fractions(facility.day_count, moved=moved)
    growth = times(rate, fraction)
    # Debt is shaped, sized and funded at its rate with the swaps on a share of it.
    hedged = hedged_rate(deal, facility, periods, rate, values)
    all_in = times(hedged, fraction)
    pik = np.array([float(facility.pik_until is not None and e <= facility.pik_until) for e in periods.ends])
    first = (
        0 if rule.from_ is None else next((t for t, e in enumerate(periods.ends) if e > rule.from_), count)
    )
    if first > maturity:
        raise InputError("repayment starts after maturity", got=rule.from_, where=rule.where)
    steps = max(facility.interest_months // periods.months, 1)
    pays = dates_back(count, maturity, steps)
    repays = dates_back(count, maturity, facility.principal_months // periods.months or steps)
    share, paid, ceiling = np.zeros_like(growth), np.zeros(count), np.full(count, np.inf)
    on = np.flatnonzero((repays > 0) & (np.arange(count) >= first) & (np.arange(count) <= maturity))
    weights = np.zeros(count)
    if rule.type == "sculpted":
        weights = _gathered(_sculpted_service(facility, periods, shape, case), on, first)
        share[on] = annuity_shares(_gathered(all_in, on, first)[on], _like(weights[on], growth))
    elif rule.type == "level_payment":
        share[on] = level_shares(hedged, fraction, on, first)
    elif rule.type == "level_principal":
        share[on] = _like(1 / np.arange(len(on), 0, -1.0), growth)
    elif rule.type == "schedule" and rule.payments is not None:
        paid = rule.payments.payments(periods, values, f"principal of {facility.name!r}")
    elif rule.type == "target_balance" and rule.target is not None:
        ceiling = rule.target.on_dates(periods, values)
    elif rule.type == "borrowing_base":
        ceiling = borrowing_base(deal, facility, periods, cash, values)
    taken, limits = None, dict[str, Floats]()
    if facility.takes_out is not None:
        taken = periods.paying(facility.takes_out.on, "the refinancing", facility.takes_out.where)
        on = on[on > taken]
        share[: taken + 1] = 0.0
        if rule.type == "level_payment":
            share[on] = level_shares(rate, fraction, on, taken + 1)
    share[maturity:] = 1.0
    if taken is not None:
        limits = take_out_limits(facility, periods, cash, growth, share, taken, maturity)
    unit, unit_years, events = draw_shape(facility, periods, values)
    amount, sizing = facility.amount, None
    if rule.sized:
        sizing = size_debt(
            deal,
            facility,
            periods,
            shape,
            all_in,
            weights,
            unit,
            times(hedged, unit_years),
            first,
            pik,
            share,
            on,
        )
        amount = float(sizing.limits[sizing.binding])
    draws, draw_years = amount * unit, amount * unit_years
    date_draws, funded = np.zeros(count), None
    if deal.funding is not None and deal.funding.facility == facility.name:
        settled = scheduled_settlement(deal, facility, periods, fraction, values)
        funded = _funded(deal, facility, periods, shape, hedged, fraction, all_in, share, settled)
        amount, draws, draw_years, date_draws = (
            funded.amount,
            funded.draws,
            funded.draw_years,
            funded.date_draws,
        )
        events = tuple((when, money / amount, t) for when, money, t in funded.events)
    _check_payments(facility, paid, amount, maturity)
    undrawn = np.zeros(count)
    if facility.undrawn_fee and not facility.on_demand:
        undrawn = facility.undrawn_fee * amount * undrawn_years(facility, periods, events)
    last = facility.available_until or facility.maturity
    available = np.array(
        [_share_before(s, e, last) for s, e in zip(periods.starts, periods.ends, strict=True)]
    )
    available[maturity:] = 0.0
    if taken is not None:
        available[:] = 0.0  # it is drawn once, to repay what it takes out
    balance, service = _unroll(draws, draw_years, date_draws, rate, fraction, share, paid, ceiling, pik, pays)
    ard = (
        None if rule.date is None else periods.paying(rule.date, "the anticipated repayment date", rule.where)
    )
    return Plan(
        facility, amount, draws, draw_years, events, rate, fraction, share, paid, ceiling, pik, pays, maturity, ard,
        undrawn, balance, service, sizing, available, taken, limits, date_draws, funded,
        _rates_of_run(facility, periods, values),
    )  # fmt: skip


def _rates_of_run(facility: Facility, periods: Periods, values: Values) -> dict[tuple[str, ...], Floats]:
    """By conditions of the run the rate where they hold, and under () that where none does; empty without a list.

    ``rate`` itself is what is planned: that of a deal in which all is well, so that ``not locked`` holds in it.
    """
    base, found = branches(facility.rate)
    return {k: n.mean(periods, values) for k, n in {(): base, **found}.items()} if found else {}


def _funded(
    deal: Deal, facility: Facility, periods: Periods, cash: Cash, rate: Floats, fraction: Floats, growth: Floats,
    share: Floats, settled: Floats,
) -> Funded:  # fmt: skip
    """The draws of a funding rule; a reserve filled at completion is the service of one unit owed then."""
    if growth.ndim == 2:
        raise InputError("a rate that differs by path cannot fund construction", where=facility.where)
    at, reserve = min(cash.completion, periods.count - 1), 0.0
    for one in deal.reserves:
        if one.funded != "cash" and facility.tested:
            owed = 1.0
            for t in range(at, min(at + one.months // periods.months, periods.count)):
                reserve += float(growth[t] * owed + share[t] * owed)
                owed -= float(share[t] * owed)
    return fund(deal, facility, periods, cash.completion, rate, fraction, reserve, settled)


def dates_back(count: int, maturity: int, steps: int) -> Floats:
    """1 on every ``steps``-th payment date, counted back from maturity.

    >>> dates_back(5, 4, 2).tolist()
    [1.0, 0.0, 1.0, 0.0, 1.0]
    """
    return np.array([float(t > maturity or (maturity - t) % steps == 0) for t in range(count)])


def _gathered(rows: Floats, on: NDArray[np.int64], first: int) -> Floats:
    """Rows of the periods since the last repayment date, summed on each repayment date; 0 on the others."""
    total = np.zeros_like(rows)
    before = first - 1
    for t in on:
        total[t] = rows[before + 1 : t + 1].sum(axis=0)
        before = int(t)
    return total


def level_shares(rate: Floats, fraction: Floats, on: NDArray[np.int64], first: int) -> Floats:
    """Share of the balance repaid on each date ``on`` by a level payment, at the rate of that date.

    payment_t = balance / sum_s prod_u<=s 1 / (1 + rate_t f_u): a lender who learns a new rate sets the payment anew,
    and does not know later rates. With one rate it is the level payment of the whole term.
    """
    if not len(on):
        return np.zeros((0, *rate.shape[1:]))
    if bool((rate == rate[:1]).all()):
        growth = _gathered(times(rate, fraction), on, first)[on]
        return annuity_shares(growth, _like(np.ones(len(on)), growth))
    pieces = _gathered(fraction, on, first)[on]
    found = np.zeros((len(on), *rate.shape[1:]))
    own = _gathered(times(rate, fraction), on, first)[on]
    for k, t in enumerate(on):
        ahead = 1 + np.multiply.outer(pieces[k:], rate[t])
        found[k] = 1 / (1 / np.cumprod(ahead, axis=0)).sum(axis=0) - rate[t] * pieces[k]
        # The payment is set on the rate of the date; interest of the period itself is what it is.
        found[k] += rate[t] * pieces[k] - own[k]
    return np.clip(found, 0.0, 1.0)


def _check_payments(facility: Facility, paid: Floats, amount: float, maturity: int) -> None:
    """A schedule must not repay more than was lent, nor after maturity."""
    payments = facility.amortisation.payments
    if payments is None or paid.ndim != 1:
        return
    if (paid < 0).any() or paid[maturity + 1 :].any():
        raise InputError("principal falls due after maturity", got=facility.maturity, where=payments.where)
    if paid.sum() > amount * (1 + 1e-9):
        raise InputError(
            "the schedule repays more than is lent", expected=f"{amount:g} or less", got=f"{paid.sum():g}",
            where=payments.where,
        )  # fmt: skip


def _at(block: Any, name: str) -> str:
    where: Any = block.where
    return where.of(name) if hasattr(where, "of") else str(where)


def _sculpted_service(facility: Facility, periods: Periods, cash: Cash, values: Values) -> Floats:
    """Debt service per period: sum over streams of cash / its cover, at least 0; without a cover, its shape."""
    rule = facility.amortisation
    if rule.cfads is not None:
        service = times(rule.cfads.mean(periods, values), periods.years) / (rule.dscr or 1.0)
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


def _unroll(
    draws: Floats, draw_years: Floats, date_draws: Floats, rate: Floats, fraction: Floats, share: Floats, paid: Floats,
    ceiling: Floats, pik: Floats, pays: Floats,
) -> tuple[Floats, Floats]:  # fmt: skip
    """The balance after each payment date and the service of each, if everything is paid."""
    count = len(draws)
    wide = np.broadcast_shapes(*(x.shape[1:] for x in (rate, share, paid, ceiling)))
    do = ARRAYS if wide else SCALARS
    rates, shares, dues, most, years, adds = (do.rows(x) for x in (rate, share, paid, ceiling, fraction, pik))
    drawn, weighted, dates = draws.tolist(), draw_years.tolist(), pays.tolist()
    closing, service = np.empty((count, *wide)), np.empty((count, *wide))
    balance: Any = np.zeros(wide) if wide else 0.0
    waits: Any = 0.0
    for t in range(count):
        interest = rates[t] * (years[t] * balance + weighted[t])
        waits = waits + interest
        falls, waits = dates[t] * waits, (1 - dates[t]) * waits
        balance = balance + drawn[t] + adds[t] * falls
        due = do.high(shares[t] * balance + dues[t], balance - most[t])
        due = do.low(do.high(due, 0.0), balance)
        balance = balance - due + float(date_draws[t])
        closing[t], service[t] = balance, due + (1 - adds[t]) * falls
    return closing, service

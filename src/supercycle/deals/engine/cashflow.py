"""What the contracts and assets bring, before any debt: revenue, running costs, spend, values, guarantees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.paths import plus, same, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Asset, Contract, Deal
from supercycle.deals.engine.guarantees import backed_rent, residual_calls, service_open
from supercycle.deals.engine.parties import Chances

__all__ = ["Cash", "collect"]

Floats = NDArray[np.float64]
HOURS_A_YEAR = 8766.0  # 365.25 days, as in core.units
MONEY = {"USD": 1.0, "USD_m": 1e6, "USD_bn": 1e9}


@dataclass(frozen=True, slots=True)
class Cash:
    """Arrays [period] or [period, path]; ``lapsed`` is 1 in the period in which a lease was not renewed."""

    revenue: Floats
    opex: Floats
    sizing: Floats  # revenue less opex with every option exercised: what a lender sculpts on
    spend: Floats
    value: Floats
    lapsed: Floats
    guaranteed: Floats  # what residual value guarantees pay if lenders sell in the period, by their terms
    completion: int  # the first period with a contract running
    backed: Floats  # what backstops pay in place of rent
    streams: dict[str, Floats]  # ``sizing`` by contract
    contracted: dict[str, Floats]  # net cash by contract in its initial term, take-or-pay at its least
    appraised: Floats  # the value as written, before anything is drawn
    calls: dict[str, Floats]  # ``guaranteed`` and ``backed`` by guarantee
    service_open: dict[str, Floats]  # share of a backstop of service that can be called
    alive: dict[str, Floats]  # share that a party still pays
    renewed: dict[str, Floats]  # options exercised by path, where they are drawn

    @property
    def cfads(self) -> Floats:
        """Cash flow available for debt service: revenue and backed rent less running costs; no reserves."""
        return plus(plus(self.revenue, self.backed), -self.opex)


def collect(deal: Deal, periods: Periods, values: Values, chances: Chances) -> Cash:
    """The deal's cash before debt, on one path or on as many as the values or the draws have."""
    zero: Floats = np.zeros(periods.count)
    revenue, opex, sizing, spend, value, appraised, lapsed = (zero for _ in range(7))
    worth: dict[str, Floats] = {}
    for asset in deal.assets:
        level = asset.value.level(periods, values)
        worth[asset.name] = _drawn(asset, level, chances)
        spend = plus(spend, asset.spend.flow(periods, values))
        appraised, value = plus(appraised, level), plus(value, worth[asset.name])
    due: dict[str, Floats] = {}
    paid: dict[str, Floats] = {}
    lapses: dict[str, Floats] = {}
    streams: dict[str, Floats] = {}
    contracted: dict[str, Floats] = {}
    starts: list[int] = []
    for contract in deal.contracts:
        name = contract.name
        elapsed = _elapsed(contract, periods)
        starts.append(int(np.argmax(elapsed >= 0)) if (elapsed >= 0).any() else periods.count)
        gross, least = _gross(contract, elapsed, periods, values, deal.money)
        cost = times(
            contract.opex.level(periods, values), _steps(contract.opex_growth, elapsed) / periods.per_year
        )
        first, last = 12 * contract.term_years, 12 * (
            contract.term_years + contract.options * contract.option_years
        )  # fmt: skip
        end = _end(contract, periods, values, chances)
        runs, could = _between(elapsed, end), _between(elapsed, np.array(last))
        due[name] = times(gross, runs)
        paid[name] = _paid(contract, due[name], periods, values, chances)
        revenue, opex = plus(revenue, paid[name]), plus(opex, times(cost, runs))
        streams[name] = times(plus(gross, -cost), could)
        contracted[name] = times(plus(least, -cost), _between(elapsed, np.array(first)))
        sizing = plus(sizing, streams[name])
        lapses[name] = _lapse(elapsed, end, last, periods.months)
        lapsed = np.maximum(*same(lapsed, lapses[name])) if contract.asset else lapsed
    backed = backed_rent(deal, periods, values, chances, due, paid)
    calls = residual_calls(deal, periods, values, chances, worth, lapses)
    guaranteed = total_backed = zero
    for found in calls.values():
        guaranteed = plus(guaranteed, found)
    for found in backed.values():
        total_backed = plus(total_backed, found)
    return Cash(
        revenue, opex, sizing, spend, value, lapsed, guaranteed, min(starts), total_backed, streams, contracted,
        appraised, {**calls, **backed}, service_open(deal, periods, chances), chances.pays,
        chances.renewed,
    )  # fmt: skip


def _drawn(asset: Asset, level: Floats, chances: Chances) -> Floats:
    factor = chances.value.get(asset.name)
    return level if factor is None else times(level, factor)


def _paid(contract: Contract, due: Floats, periods: Periods, values: Values, chances: Chances) -> Floats:
    """What the payer pays of what is due."""
    share = contract.paid_share.level(periods, values)
    if (share < 0).any() or (share > 1).any():
        raise InputError("bad paid_share", expected="0 to 1", where=contract.paid_share.where)
    paid = due if (share == 1).all() else times(due, share)
    alive = chances.pays.get(contract.payer)
    return paid if alive is None else times(paid, alive)


def _elapsed(contract: Contract, periods: Periods) -> Floats:
    """Months from the contract's start to each period's start."""
    first = contract.start
    months = np.array(
        [(s.year - first.year) * 12 + s.month - first.month for s in periods.starts], np.float64
    )
    if first >= periods.starts[0] and first not in (*periods.starts, periods.ends[-1]):
        raise InputError(
            "a contract starts with a period",
            expected="the first day of a period",
            got=first,
            where=contract.where,
        )
    return months


def _end(contract: Contract, periods: Periods, values: Values, chances: Chances) -> Floats:
    """Months after the start at which the contract ends, one or one per path."""
    count = chances.renewed.get(contract.name, np.array(float(contract.options)))
    if contract.renewed is not None:
        count = np.asarray(contract.renewed.level(periods, values)[0])
        if ((count < 0) | (count > contract.options) | (count != np.round(count))).any():
            raise InputError(
                "bad renewed",
                expected=f"a whole number from 0 to {contract.options}",
                where=contract.renewed.where,
            )
    return np.asarray(12 * (contract.term_years + count * contract.option_years), np.float64)


def _between(elapsed: Floats, end: Floats) -> Floats:
    months = elapsed[:, None] if end.ndim else elapsed
    return ((months >= 0) & (months < end - 1e-9)).astype(np.float64)


def _lapse(elapsed: Floats, end: Floats, last: float, months: int) -> Floats:
    """1 in the first period that starts at or after an end that came before the last possible one."""
    at = elapsed[:, None] if end.ndim else elapsed
    return ((at >= end - 1e-9) & (at < end + months - 1e-9) & (end < last - 1e-9)).astype(np.float64)


def _steps(growth: float, elapsed: Floats) -> Floats:
    return (1 + growth) ** np.floor(np.maximum(elapsed, 0) / 12)


def _gross(
    contract: Contract, elapsed: Floats, periods: Periods, values: Values, money: str
) -> tuple[Floats, Floats]:
    """The borrower's revenue while the contract runs, and the least of it that is contracted."""
    grown = _steps(contract.escalator, elapsed) * (contract.received_share / periods.per_year)
    if contract.kind == "lease":
        rent = times(contract.rent.level(periods, values), grown)
        return rent, rent
    used, least = same(
        contract.used_share.level(periods, values), contract.take_or_pay_share.level(periods, values)
    )
    price = contract.usd_per_gpu_hour.level(periods, values)
    whole = times(times(contract.gpus.level(periods, values) * HOURS_A_YEAR, price), grown) / MONEY[money]
    return times(np.maximum(used, least), whole), times(least, whole)

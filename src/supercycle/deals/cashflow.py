"""What the contracts and assets bring, before any debt: revenue, running costs, spend, values, ends of leases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.numbers import Values
from supercycle.deals.periods import Periods
from supercycle.deals.schema import Contract, Deal

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
    guaranteed: Floats  # what guarantees pay if called in the period, by their terms
    completion: int  # the first period with a contract running

    @property
    def cfads(self) -> Floats:
        """Cash flow available for debt service: revenue less running costs; reserves are no part of it."""
        return _plus(self.revenue, -self.opex)


def collect(deal: Deal, periods: Periods, values: Values) -> Cash:
    """The deal's cash before debt, on one path or on as many as the supplied world values have."""
    zero: Floats = np.zeros(periods.count)
    revenue, opex, sizing, spend, value, lapsed, guaranteed = (zero.copy() for _ in range(7))
    asset_value = {a.name: a.value.level(periods, values) for a in deal.assets}
    for asset in deal.assets:
        spend = _plus(spend, asset.spend.flow(periods, values))
        value = _plus(value, asset_value[asset.name])
    ends: dict[str, Floats] = {}
    starts: list[int] = []
    for contract in deal.contracts:
        elapsed = _elapsed(contract, periods)
        starts.append(int(np.argmax(elapsed >= 0)) if (elapsed >= 0).any() else periods.count)
        gross = _gross(contract, elapsed, periods, values, deal.money) * contract.received_share
        cost = _times(
            contract.opex.level(periods, values), _steps(contract.opex_growth, elapsed) / periods.per_year
        )
        last = 12 * (contract.term_years + contract.options * contract.option_years)
        end = _end(contract, periods, values)
        runs, could = _between(elapsed, end), _between(elapsed, np.array(last))
        revenue = _plus(revenue, _times(gross, runs))
        opex = _plus(opex, _times(cost, runs))
        sizing = _plus(sizing, _plus(_times(gross, could), -_times(cost, could)))
        ends[contract.name] = _lapse(elapsed, end, last, periods.months)
        lapsed = np.maximum(*_same(lapsed, ends[contract.name])) if contract.asset else lapsed
    for guarantee in deal.guarantees:
        open_still = np.array([float(s <= guarantee.until) for s in periods.starts])
        gap = _plus(guarantee.threshold.level(periods, values), -asset_value[guarantee.asset])
        call = np.minimum(np.maximum(gap, 0.0), guarantee.cap) * guarantee.received_share
        guaranteed = _plus(guaranteed, _times(_times(call, open_still), ends[guarantee.contract]))
    return Cash(revenue, opex, sizing, spend, value, lapsed, guaranteed, min(starts))


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


def _end(contract: Contract, periods: Periods, values: Values) -> Floats:
    """Months after the start at which the contract ends, one or one per path."""
    count = np.array(float(contract.options))
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


def _gross(contract: Contract, elapsed: Floats, periods: Periods, values: Values, money: str) -> Floats:
    grown = _steps(contract.escalator, elapsed) / periods.per_year
    if contract.kind == "lease":
        return _times(contract.rent.level(periods, values), grown)
    used, paid = _same(
        contract.used_share.level(periods, values), contract.take_or_pay_share.level(periods, values)
    )
    hours = _times(np.maximum(used, paid), contract.gpus.level(periods, values)) * HOURS_A_YEAR
    return _times(_times(hours, contract.usd_per_gpu_hour.level(periods, values)), grown) / MONEY[money]


def _same(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    if a.ndim == b.ndim:
        return a, b
    return (a[:, None], b) if a.ndim == 1 else (a, b[:, None])


def _plus(a: Floats, b: Floats) -> Floats:
    x, y = _same(a, b)
    return x + y


def _times(a: Floats, b: Floats) -> Floats:
    x, y = _same(a, b)
    return x * y

"""What the contracts and assets bring, before any debt: revenue, running costs, spend, values, guarantees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Asset, Deal
from supercycle.deals.engine.contracts import Brought, bring
from supercycle.deals.engine.guarantees import Calls, backed_rent, residual_calls, service_open
from supercycle.deals.engine.parties import Chances

__all__ = ["Cash", "collect"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cash:
    """Arrays [period] or [period, path]; what is paid in a period is paid by its payment date."""

    revenue: Floats
    accrued: Floats  # revenue by the period in which it is earned
    opex: Floats
    sizing: Floats  # revenue less opex with every option exercised: what a lender sculpts on
    spend: Floats
    value: Floats  # on the payment date, of the assets that are not sold before it
    lapsed: Floats  # 1 on the payment date on which the last asset is sold because its lease was not renewed
    sold: dict[str, Floats]  # by asset 1 on the date of its own sale, as its last lease ended early
    released: Floats  # value of assets sold on the payment date because their lease was not renewed
    completion: int  # the first period with a contract running
    backed: Floats  # what backstops pay in place of rent
    streams: dict[str, Floats]  # ``sizing`` by contract
    contracted: dict[str, Floats]  # net cash by contract in its initial term, take-or-pay at its least
    appraised: Floats  # the value as written, before anything is drawn
    calls: dict[str, Calls]  # what each guarantee pays, by name
    service_open: dict[str, Floats]  # share of a backstop of service that can be called
    alive: dict[str, Floats]  # share that a party still pays
    markets: dict[str, Floats]  # 1 where a refinancing can be had, where that is drawn
    renewed: dict[str, Floats]  # options exercised by path, where they are drawn

    @property
    def cfads(self) -> Floats:
        """Cash flow available for debt service: revenue and backed rent less running costs; no reserves."""
        return plus(plus(self.revenue, self.backed), -self.opex)


def collect(deal: Deal, periods: Periods, values: Values, chances: Chances) -> Cash:
    """The deal's cash before debt, on one path or on as many as the values or the draws have."""
    zero: Floats = np.zeros(periods.count)
    revenue = accrued = opex = sizing = spend = value = appraised = zero
    lag = deal.enforcement.months_to_sell if deal.enforcement else 0
    brought: dict[str, Brought] = {
        c.name: bring(c, periods, values, chances, deal.money, lag) for c in deal.contracts
    }
    for found in brought.values():
        revenue, accrued = plus(revenue, found.paid), plus(accrued, found.accrued)
        opex, sizing = plus(opex, found.opex), plus(sizing, found.full)
    worth: dict[str, Floats] = {}
    lapses: dict[str, Floats] = {}
    gone_by: dict[str, Floats] = {}
    released, last, some = zero, np.ones(periods.count), np.zeros(periods.count)
    for asset in deal.assets:
        level = asset.value.on_dates(periods, values)
        worth[asset.name] = _drawn(asset, level, chances)
        spend = plus(spend, asset.spend.flow(periods, values))
        appraised = plus(appraised, level)
        sold, gone = _sold(deal, asset, brought, periods)
        lapses[asset.name], gone_by[asset.name] = sold, gone
        value = plus(value, times(worth[asset.name], 1 - gone))
        released = plus(released, times(worth[asset.name], sold))
        # The deal ends when its last asset is sold.
        last, some = times(last, np.minimum(plus(sold, gone), 1.0)), plus(some, sold)
    lapsed = times(last, np.minimum(some, 1.0)) if deal.assets else zero
    due = {name: found.due for name, found in brought.items()}
    paid = {name: found.paid for name, found in brought.items()}
    backed = backed_rent(deal, periods, values, chances, due, paid)
    calls = residual_calls(deal, periods, values, chances, worth, lapses, gone_by)
    calls |= {name: Calls(zero, zero, zero, rent) for name, rent in backed.items()}
    total_backed = _total(backed, zero)
    return Cash(
        revenue, accrued, opex, sizing, spend, value, lapsed, lapses, released,
        min(f.starts for f in brought.values()), total_backed,
        {name: f.full for name, f in brought.items()}, {name: f.contracted for name, f in brought.items()},
        appraised, calls, service_open(deal, periods, chances), chances.pays,
        chances.markets, chances.renewed,
    )  # fmt: skip


def _total(found: dict[str, Floats], zero: Floats) -> Floats:
    total = zero
    for one in found.values():
        total = plus(total, one)
    return total


def _sold(deal: Deal, asset: Asset, brought: dict[str, Brought], periods: Periods) -> tuple[Floats, Floats]:
    """1 on the date on which an asset is sold as the last of its leases has ended early, and 1 after it.

    An asset with a lease that runs on, or that has none, stays. Without a block ``enforcement`` nothing is sold.
    """
    zero = np.zeros(periods.count)
    leases = [c for c in deal.contracts if c.asset == asset.name]
    if not leases or deal.enforcement is None or any(c.relet for c in leases):
        return zero, zero
    done = np.ones(periods.count)
    for lease in leases:
        found = brought[lease.name]
        done = times(done, np.minimum(plus(found.lapsed, found.gone), 1.0))
    before = np.concatenate([np.zeros_like(done[:1]), done[:-1]])
    return done - before, before


def _drawn(asset: Asset, level: Floats, chances: Chances) -> Floats:
    factor = chances.value.get(asset.name)
    return level if factor is None else times(level, factor)

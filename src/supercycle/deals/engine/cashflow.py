"""What the contracts and assets bring, before any debt: revenue, running costs, spend, values, guarantees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Asset, Contract, Deal
from supercycle.deals.engine.contracts import bring
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
    streams: dict[str, Floats]  # ``sizing`` by contract on which a debt is sculpted
    contracted: dict[
        str, Floats
    ]  # where a base stands on it: net cash of the initial term, take-or-pay at least
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
    lag = deal.enforcement.months_to_sell if deal.enforcement else 0
    rules = [f.amortisation for f in deal.facilities]
    shaping = {s.contract for rule in rules for s in rule.streams}
    based = {rule.contract for rule in rules if rule.contract}
    backed_by = {g.contract for g in deal.guarantees if g.kind == "backstop" and g.covers == "rent"}
    sculpted = any(rule.type == "sculpted" for rule in rules)
    kept: dict[str, dict[str, Floats]] = {"streams": {}, "contracted": {}, "due": {}, "paid": {}}
    ends: dict[str, tuple[Floats, Floats]] = {}  # what follows the end of each lease
    starts: list[int] = []
    revenue, later, opex, sizing, spend, appraised, value, released, some = (_Sum(zero) for _ in range(9))
    for contract in deal.contracts:
        # Of a pool of leases on many paths only what is used is kept.
        name = contract.name
        wants = {"full"} if sculpted or name in shaping else set[str]()
        wants |= {"contracted"} if name in based else set()
        found = bring(contract, periods, values, chances, deal.money, lag, frozenset(wants))
        revenue.add(found.paid)
        if found.accrued is not found.paid:
            later.add(plus(found.accrued, -found.paid))
        opex.add(found.opex)
        if "full" in wants:
            sizing.add(found.full)
        ends[name] = (found.lapsed, found.gone)
        starts.append(found.starts)
        kept["streams"] |= {name: found.full} if name in shaping else {}
        kept["contracted"] |= {name: found.contracted} if name in based else {}
        if name in backed_by:
            kept["due"][name], kept["paid"][name] = found.due, found.paid
    worth: dict[str, Floats] = {}
    lapses: dict[str, Floats] = {}
    gone_by: dict[str, Floats] = {}
    last = np.ones(periods.count)
    leases: dict[str, list[Contract]] = {a.name: [] for a in deal.assets}
    for contract in deal.contracts:
        if contract.asset:
            leases[contract.asset].append(contract)
    followed = {g.asset for g in deal.guarantees} | {
        d.asset for d in (deal.tax.depreciation if deal.tax else ())
    }
    for asset in deal.assets:
        level = asset.value.on_dates(periods, values)
        own = _drawn(asset, level, chances)
        spend.add(asset.spend.flow(periods, values))
        appraised.add(level)
        sold, gone = _sold(deal, leases[asset.name], ends, periods)
        if asset.name in followed:
            worth[asset.name], gone_by[asset.name] = own, gone
        if asset.name in followed or sold.ndim == 1:  # of a pool on many paths only what is used is kept
            lapses[asset.name] = sold
        value.add(times(own, 1 - gone))
        released.add(times(own, sold))
        # The deal ends when its last asset is sold.
        last = times(last, plus(sold, gone))
        some.add(sold)
    lapsed = times(last, np.minimum(some.total, 1.0)) if deal.assets else zero
    backed = backed_rent(deal, periods, values, chances, kept["due"], kept["paid"])
    calls = residual_calls(deal, periods, values, chances, worth, lapses, gone_by)
    calls |= {name: Calls(zero, zero, zero, rent) for name, rent in backed.items()}
    total_backed = _total(backed, zero)
    return Cash(
        revenue.total, plus(revenue.total, later.total), opex.total, sizing.total, spend.total, value.total, lapsed,
        lapses, released.total,
        min(starts), total_backed, kept["streams"], kept["contracted"],
        appraised.total, calls, service_open(deal, periods, chances), chances.pays,
        chances.markets, chances.renewed,
    )  # fmt: skip


class _Sum:
    """A sum by period, or by period and path once a part is: added in place."""

    def __init__(self, zero: Floats) -> None:
        self.total = zero.copy()

    def add(self, part: Floats) -> None:
        if part.ndim > self.total.ndim:
            self.total = plus(self.total, part)
        else:
            self.total += part if part.ndim == self.total.ndim else part[:, None]


def _total(found: dict[str, Floats], zero: Floats) -> Floats:
    total = zero
    for one in found.values():
        total = plus(total, one)
    return total


def _sold(
    deal: Deal, leases: list[Contract], ends: dict[str, tuple[Floats, Floats]], periods: Periods
) -> tuple[Floats, Floats]:
    """1 on the date on which an asset is sold as the last of its leases has ended early, and 1 after it.

    An asset with a lease that runs on, or that has none, stays. Without a block ``enforcement`` nothing is sold.
    """
    zero = np.zeros(periods.count)
    if not leases or deal.enforcement is None or any(c.relet for c in leases):
        return zero, zero
    if len(leases) == 1:
        return ends[leases[0].name]
    done = np.ones(periods.count)
    for lease in leases:
        lapsed, gone = ends[lease.name]
        done = times(done, np.minimum(plus(lapsed, gone), 1.0))
    before = np.concatenate([np.zeros_like(done[:1]), done[:-1]])
    return done - before, before


def _drawn(asset: Asset, level: Floats, chances: Chances) -> Floats:
    factor = chances.value.get(asset.name)
    return level if factor is None else times(level, factor)

"""What others pay: a residual value guarantee once, a backstop of rent or of debt service up to its cap.

residual value: min(cap, max(threshold - value, 0)), if called by ``until``; backstop of rent: each period
min(what is left of the cap, max(floor - paid, 0)). Both times what the giver still pays, and this borrower's share.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Guarantee
from supercycle.deals.engine.parties import Chances

__all__ = ["backed_rent", "residual_calls", "service_open"]

Floats = NDArray[np.float64]
ByName = dict[str, Floats]


def _open(guarantee: Guarantee, periods: Periods, chances: Chances) -> Floats:
    """Share of it that can be called: 0 after ``until``, less when its giver has failed."""
    still = np.array([float(s <= guarantee.until) for s in periods.starts]) * guarantee.received_share
    alive = chances.pays.get(guarantee.giver)
    return still if alive is None else times(still, alive)


def residual_calls(
    deal: Deal, periods: Periods, values: Values, chances: Chances, worth: ByName, lapses: ByName
) -> ByName:
    """What each residual value guarantee pays if lenders sell in the period; trigger lapse: only as the lease ends."""
    found: ByName = {}
    for one in deal.guarantees:
        if one.kind != "residual_value" or one.threshold is None:
            continue
        gap = plus(one.threshold.level(periods, values), -worth[one.asset])
        call = times(np.minimum(np.maximum(gap, 0.0), one.cap), _open(one, periods, chances))
        found[one.name] = times(call, lapses[one.contract]) if one.trigger == "lapse" else call
    return found


def backed_rent(
    deal: Deal, periods: Periods, values: Values, chances: Chances, due: ByName, paid: ByName
) -> ByName:
    """What each backstop of rent pays: the floor, or what is due, less what is paid, up to the cap over time."""
    found: ByName = {}
    for one in deal.guarantees:
        if one.kind != "backstop" or one.covers != "rent":
            continue
        floor = due[one.contract]
        if one.threshold is not None:
            contract = next(c for c in deal.contracts if c.name == one.contract)
            started = np.array([float(s >= contract.start) for s in periods.starts])
            floor = times(one.threshold.level(periods, values), started / periods.per_year)
        missing = np.maximum(plus(floor, -paid[one.contract]), 0.0)
        wanted = times(missing, _open(one, periods, chances))
        left = np.full(wanted.shape[1:], one.cap)
        pays = np.empty_like(wanted)
        for t in range(periods.count):
            pays[t] = np.minimum(wanted[t], left)
            left = left - pays[t]
        found[one.name] = pays
    return found


def service_open(deal: Deal, periods: Periods, chances: Chances) -> ByName:
    """For each backstop of debt service the share of what is left of its cap that can be called in a period."""
    return {
        one.name: _open(one, periods, chances)
        for one in deal.guarantees
        if one.kind == "backstop" and one.covers == "service"
    }

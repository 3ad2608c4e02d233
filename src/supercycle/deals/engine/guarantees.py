"""What others pay: a residual value guarantee once, a backstop of rent or of debt service up to its cap.

residual value: min(cap, max(threshold - value, 0)), if called by ``until``; backstop of rent: each period
min(what is left of the cap, max(floor - paid, 0)). Both times what the giver still pays, and this borrower's share.
A cap that falls bounds the sum of all that was paid by the date of the call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, same, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Guarantee
from supercycle.deals.engine.parties import Chances

__all__ = ["Calls", "backed_rent", "residual_calls", "service_open"]

Floats = NDArray[np.float64]
ByName = dict[str, Floats]


def _open(guarantee: Guarantee, periods: Periods, chances: Chances) -> Floats:
    """Share of it that can be called on a payment date: 0 after ``until``, less when its giver has failed."""
    still = np.array([float(e <= guarantee.until) for e in periods.ends]) * guarantee.received_share
    alive = chances.pays.get(guarantee.giver)
    return still if alive is None else times(still, alive)


@dataclass(frozen=True, slots=True)
class Calls:
    """What a guarantee pays on a date [period] or [period, path], by what happens then."""

    sale: Floats  # lenders sell everything
    lapse: Floats  # the lease that triggers it ended
    part: Floats  # its asset alone is sold
    rent: Floats


def residual_calls(
    deal: Deal,
    periods: Periods,
    values: Values,
    chances: Chances,
    worth: ByName,
    lapses: ByName,
    gone: ByName,
) -> dict[str, Calls]:
    """What each residual value guarantee pays on each date; trigger lapse: only as the lease ends.

    ``lapses`` and ``gone`` are 1 on the date on which an asset is sold after its lease, and after that date.
    """
    found: dict[str, Calls] = {}
    zero = np.zeros(periods.count)
    for one in deal.guarantees:
        if one.kind != "residual_value" or one.threshold is None:
            continue
        gap = plus(one.threshold.on_dates(periods, values), -worth[one.asset])
        bound = np.minimum(*same(np.maximum(gap, 0.0), one.cap.on_dates(periods, values)))
        call = times(bound, _open(one, periods, chances))
        if one.trigger == "lapse":
            found[one.name] = Calls(zero, times(call, lapses[one.asset]), zero, zero)
        else:
            found[one.name] = Calls(
                times(call, 1 - gone[one.asset]), zero, times(call, lapses[one.asset]), zero
            )
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
            floor = times(one.threshold.mean(periods, values), started * periods.years)
        missing = np.maximum(plus(floor, -paid[one.contract]), 0.0)
        wanted = times(missing, _open(one, periods, chances))
        cap = one.cap.on_dates(periods, values)
        wide = np.broadcast_shapes(wanted.shape[1:], cap.shape[1:])
        given, pays = np.zeros(wide), np.zeros((periods.count, *wide))
        for t in range(periods.count):
            pays[t] = np.minimum(wanted[t], np.maximum(cap[t] - given, 0.0))
            given = given + pays[t]
        found[one.name] = pays
    return found


def service_open(deal: Deal, periods: Periods, chances: Chances) -> ByName:
    """For each backstop of debt service the share of what is left of its cap that can be called in a period."""
    return {
        one.name: _open(one, periods, chances)
        for one in deal.guarantees
        if one.kind == "backstop" and one.covers == "service"
    }

"""Interest rate swaps: notional, net settlement, worth after each payment date, and what ending one costs.

    settlement_t = notional_t x fraction_t x (base_t - fixed), gathered to the facility's interest dates
    worth_t = sum_{s>t} settlement_s x discount(t, s), discounted at the base itself (one curve, ACT/360)

The base rates to come are the forwards of its curve. Where the base follows the world nobody knows them, and the rate
of the date stands for all later ones. A swap that ends early is paid at its worth, by whom it is against.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Facility, Swap
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil

if TYPE_CHECKING:
    from supercycle.deals.engine.amortise import Plan

__all__ = ["SWAP_SERIES", "SwapPlan", "SwapRun", "hedged_rate", "plan_swaps", "scheduled_settlement"]

Floats = NDArray[np.float64]
SWAP_SERIES = {"received": "source", "paid": "use", "settled": "info", "ended": "info", "unpaid": "info",
               "worth": "info", "notional": "info"}  # fmt: skip
DISCOUNT_BASIS = "ACT/360"  # the day count in which SOFR compounds


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """A swap on the calendar; arrays are [period] or [period, path], money to the borrower is positive."""

    swap: Swap
    tested: bool  # whether it hedges senior debt, so that cover counts it
    fixed: float
    notional: Floats  # mean of the period, by the facility's day count
    settled: Floats  # due on each payment date
    worth: Floats  # after what is settled on each payment date
    service: Floats  # -settled: what it adds to planned service


def plan_swaps(deal: Deal, periods: Periods, plans: Sequence[Plan], values: Values) -> tuple[SwapPlan, ...]:
    """Every swap of a deal, once its facilities are planned."""
    found: list[SwapPlan] = []
    for swap in deal.swaps:
        plan = next(p for p in plans if p.facility.name == swap.of)
        base, on = _base(swap, plan.facility, periods, values), _in_force(swap, plan.facility, periods)
        years = times(_notional_years(swap, plan, periods), on)
        factors = periods.fractions(DISCOUNT_BASIS)
        fixed = _fixed(swap, base, years, factors)
        accrued = times(plus(base, np.full(periods.count, -fixed)), years)
        settled = _gathered(accrued, plan.pays_interest, plan.maturity)
        worth = _worth(base, fixed, years, settled, plan, factors)
        safe = np.where(plan.fraction > 0, plan.fraction, 1.0)
        notional = years / (safe[:, None] if years.ndim == 2 else safe)
        found.append(SwapPlan(swap, plan.facility.tested, fixed, notional, settled, worth, -settled))
    return tuple(found)


def hedged_rate(deal: Deal, facility: Facility, periods: Periods, rate: Floats, values: Values) -> Floats:
    """The facility's rate with swaps on a share of its balance: rate - share x (base - fixed) while they run."""
    for swap in deal.swaps:
        if swap.of == facility.name and swap.share and swap.fixed is not None:
            base = _base(swap, facility, periods, values)
            gain = swap.share * plus(base, np.full(periods.count, -swap.fixed.value))
            rate = plus(rate, -times(gain, _in_force(swap, facility, periods)))
    return rate


def scheduled_settlement(
    deal: Deal, facility: Facility, periods: Periods, fraction: Floats, values: Values
) -> Floats:
    """What swaps on a schedule of their own settle each period, paid to the borrower, whatever the debt is."""
    total = np.zeros(periods.count)
    for swap in deal.swaps:
        if swap.of == facility.name and swap.notional is not None:
            base = _base(swap, facility, periods, values)
            years = _scheduled(swap, periods) * fraction * _in_force(swap, facility, periods)
            fixed = _fixed(swap, base, years, periods.fractions(DISCOUNT_BASIS))
            total = plus(total, times(plus(base, np.full(periods.count, -fixed)), years))
    return total


def _base(swap: Swap, facility: Facility, periods: Periods, values: Values) -> Floats:
    """The floating leg's rate of each period, without the facility's floor unless the swap has it."""
    floating = facility.rate.floating
    assert floating is not None
    if not swap.floored:
        floating = dataclasses.replace(floating, floor=None)
    return floating.base_rate(periods, values, facility.rate.where)


def _in_force(swap: Swap, facility: Facility, periods: Periods) -> Floats:
    first = swap.from_ or periods.starts[0]
    last = swap.until or facility.maturity
    begin = 0 if first <= periods.starts[0] else periods.paying(first, "the start of a swap", swap.where) + 1
    end = periods.paying(last, "the end of a swap", swap.where)
    return np.array([float(begin <= t <= end) for t in range(periods.count)])


def _scheduled(swap: Swap, periods: Periods) -> Floats:
    assert swap.notional is not None
    return np.array([swap.notional.at(s) for s in periods.starts])


def _notional_years(swap: Swap, plan: Plan, periods: Periods) -> Floats:
    """Notional times the part of a year for which it stands, so that a whole share hedges all interest."""
    if swap.notional is not None:
        return _scheduled(swap, periods) * plan.fraction
    opening = np.concatenate([np.zeros_like(plan.schedule[:1]), plan.schedule[:-1]])
    return swap.share * plus(times(opening, plan.fraction), plan.draw_years)


def _fixed(swap: Swap, base: Floats, years: Floats, factors: Floats) -> float:
    """The fixed rate: as written, or that at which both legs are worth the same at closing, and the charge on it."""
    if swap.fixed is not None:
        return swap.fixed.value
    discount = np.cumprod(1 / (1 + base * factors))
    weights = years * discount
    return float((weights * base).sum() / weights.sum()) + swap.charge


def _gathered(accrued: Floats, pays: Floats, maturity: int) -> Floats:
    """What has run since the last interest date, on each of them."""
    settled, waits = np.zeros_like(accrued), np.zeros_like(accrued[0])
    for t in range(min(maturity + 1, len(accrued))):
        waits = waits + accrued[t]
        if pays[t]:
            settled[t], waits = waits, np.zeros_like(waits)
    return settled


def _worth(base: Floats, fixed: float, years: Floats, settled: Floats, plan: Plan, factors: Floats) -> Floats:
    count = len(settled)
    worth = np.zeros_like(settled)
    if base.ndim == 1:
        ahead: Any = np.zeros_like(settled[0])
        for t in range(count - 1, 0, -1):
            ahead = (settled[t] + ahead) / (1 + base[t] * factors[t])
            worth[t - 1] = ahead
        return worth
    # The base of the date stands for all later ones; what has run since the last interest date is known.
    accrued = times(plus(base, np.full(count, -fixed)), years)
    waits = np.zeros_like(accrued[0])
    for t in range(count):
        waits = np.zeros_like(waits) if plan.pays_interest[t] else waits + accrued[t]
        gain, discount, run = base[t] - fixed, np.ones_like(base[t]), waits
        for s in range(t + 1, min(plan.maturity, count - 1) + 1):
            run = run + gain * years[s]
            discount = discount / (1 + base[t] * factors[s])
            if plan.pays_interest[s]:
                worth[t] = worth[t] + run * discount
                run = np.zeros_like(run)
    return worth


class SwapRun:
    """A swap on every path: what is owed on it and the share of it that still runs.

    It is owed interest and has no balance, so that a waterfall pays it as it pays a tranche's interest.
    """

    __slots__ = ("_do", "_ended", "_notional", "_paid", "_received", "_rows", "_settled", "_worth", "balance", "due",
                 "late_interest", "late_principal", "live", "plan")  # fmt: skip

    def __init__(self, plan: SwapPlan, rows: Mapping[str, int], do: Arithmetic) -> None:
        self.plan, self._do = plan, do
        self._rows = [rows[f"{plan.swap.name}.{name}"] for name in SWAP_SERIES]
        self._settled, self._worth = do.rows(plan.settled), do.rows(plan.worth)
        self._notional = do.rows(plan.notional)
        self.balance = self.late_principal = 0.0
        self.late_interest: Any = 0.0
        self.due: Any = 0.0
        self.live: Any = 1.0
        self._received = self._paid = self._ended = 0.0

    def settle(self, t: int) -> Any:
        """The net of the date: what the borrower receives is returned, what it owes is added to what is late."""
        self._paid = self._ended = 0.0
        net = self._settled[t]
        if is_nil(net) or is_nil(self.live):
            self.due = self._received = 0.0
            return 0.0
        net = net * self.live
        self.due = -net
        self._received = self._do.high(net, 0.0)
        self.late_interest = self.late_interest + self._do.high(-net, 0.0)
        return self._received

    def worth(self, t: int) -> Any:
        """What it is worth to the borrower after what was settled on the date."""
        return self._worth[t] * self.live

    def end(self, t: int, share: Any) -> Any:
        """A share of what still runs ends at its worth; returns what the borrower receives, the rest is owed."""
        worth = self.worth(t) * share
        got = self._do.high(worth, 0.0)
        self.late_interest = self.late_interest + self._do.high(-worth, 0.0)
        self._received = self._received + got
        self._ended = self._ended + worth
        self.live = self.live * (1 - share)
        return got

    def owed(self, what: str) -> Any:
        """What a pay step has to pay."""
        return self.late_interest

    def take(self, what: str, paid: Any) -> None:
        """What the bank receives."""
        self._paid = self._paid + paid
        self.late_interest = self.late_interest - paid

    def close(self, t: int, line: Any) -> None:
        """Record the period."""
        found = (self._received, self._paid, -self.due if not is_nil(self.due) else 0.0, self._ended,
                 self.late_interest, self.worth(t), self._notional[t] * self.live)  # fmt: skip
        for row, value in zip(self._rows, found, strict=True):
            if type(value) is not float or value:
                line[row] = value

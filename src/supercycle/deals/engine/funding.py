"""Who pays for construction: debt and owners pro rata, owners first or debt first, interest and fees among the uses.

    uses = spend + fee x debt + interest until operations, less what swaps settle + reserve at completion x debt
    debt = min(gearing x uses, commitment); interest that owners pay is no part of these uses

Interest depends on when debt is drawn, so uses depend on themselves. For a rule in fixed shares they are affine in
the guess and one linear step solves them; otherwise the step is repeated. What is left over is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, ModelError
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Deal, Facility

__all__ = ["Funded", "fund"]

Floats = NDArray[np.float64]
ROUNDS, CLOSE = 60, 1e-12


@dataclass(frozen=True, slots=True)
class Funded:
    """The draws of the debt that funds construction."""

    amount: float
    events: tuple[tuple[float, float, int], ...]  # (years from closing, money, period)
    draws: Floats  # within each period
    draw_years: Floats
    date_draws: Floats  # on payment dates, for the interest that debt pays
    interest: float
    uses: float
    residual: float


def fund(
    deal: Deal,
    facility: Facility,
    periods: Periods,
    completion: int,
    rate: Floats,
    fraction: Floats,
    reserve: float,
    settled: Floats,
) -> Funded:
    """Solve the uses of the build and lay the draws on their dates; ``reserve`` is what one unit of debt fills.

    ``rate`` is with the swaps on a share of the debt, ``settled`` what swaps on a schedule of their own bring.

    Raises ModelError when the uses do not settle.
    """
    rule = deal.funding
    assert rule is not None

    def total(guess: float) -> tuple[float, Funded]:
        debt = min(rule.gearing * guess, facility.amount or np.inf)
        return _lay(deal, facility, periods, completion, rate, fraction, debt, guess, reserve, settled)

    low, high = 0.0, sum(a for asset in deal.assets for _, a in asset.spend.events(periods))
    before, after = total(low)[0] - low, total(high)[0] - high
    for _ in range(ROUNDS):
        guess = high - after * (high - low) / (after - before) if after != before else high
        low, before, high = high, after, guess
        after = total(high)[0] - high
        if abs(after) <= CLOSE * max(high, 1.0):
            found = total(high)[1]
            if (found.date_draws < 0).any():
                raise InputError(
                    "swaps bring more than interest costs while it is built", expected="a smaller notional",
                    got=f"{-found.date_draws.min():.3g}", where=facility.where,
                )  # fmt: skip
            return found
    raise ModelError("the uses of construction do not settle", got=f"{after:.3g} of {high:g}")


def _lay(
    deal: Deal, facility: Facility, periods: Periods, completion: int, rate: Floats, fraction: Floats, debt: float,
    uses: float, reserve: float, settled: Floats,
) -> tuple[float, Funded]:  # fmt: skip
    """(the uses that follow, the draws) if debt and uses in all are these."""
    rule, moved = deal.funding, facility.accrual == "adjusted"
    assert rule is not None
    share, owners = debt / uses if uses else 0.0, uses - debt
    spent, balance = 0.0, 0.0
    draws, years, on_dates = (np.zeros(periods.count) for _ in range(3))
    events: list[tuple[float, float, int]] = []
    paid = 0.0

    def drawn(use: float) -> float:
        nonlocal spent
        before, spent = spent, spent + use
        if rule.order == "pro_rata":
            return share * use
        if rule.order == "equity_first":
            return max(spent - owners, 0.0) - max(before - owners, 0.0)
        return min(spent, debt) - min(before, debt)

    days: dict[float, tuple[float, float, int]] = {0.0: (facility.upfront_fee * debt, 1.0, 0)}
    for asset in deal.assets:
        for date, amount in asset.spend.events(periods):
            at, when = periods.index(date) or 0, round(periods.when(date), 9)
            rest = periods.to_end_of_period(date, facility.day_count, moved=moved)
            days[when] = (days.get(when, (0.0, 0.0, 0))[0] + amount, rest, at)
    days[0.0] = (days[0.0][0], float(fraction[0]), 0)
    filled = round(float(periods.begins[completion]), 9) if completion < periods.count else None
    if reserve and filled is not None:
        days[filled] = (
            days.get(filled, (0.0, 0.0, 0))[0] + reserve * debt,
            float(fraction[completion]),
            completion,
        )
    last = max([completion - 1, *(at for _, _, at in days.values())])
    for t in range(last + 1):
        opening = balance
        for when in sorted(w for w, (_, _, at) in days.items() if at == t):
            money = drawn(days[when][0])
            if money > 0:
                events.append((when, money, t))
                draws[t] += money
                years[t] += money * days[when][1]
        interest = float(rate[t]) * (float(fraction[t]) * opening + years[t])
        balance = opening + draws[t]
        if t < completion:
            interest -= float(settled[t])
            paid += interest
            on_dates[t] = drawn(interest) if rule.interest == "debt" else 0.0
            balance += on_dates[t]
    followed = sum(x for x, _, _ in days.values()) + (paid if rule.interest == "debt" else 0.0)
    funded = Funded(
        float(debt),
        tuple(events),
        draws,
        years,
        on_dates,
        float(paid),
        float(followed),
        float(followed - uses),
    )
    return float(followed), funded

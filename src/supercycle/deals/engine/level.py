"""The yardstick of a level payment: what debt would cost a year, and leave open, if it were repaid like a mortgage."""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.amortise import Plan, annuity_shares

__all__ = ["level_yardstick"]


def level_yardstick(deal: Deal, periods: Periods, plan: Plan) -> dict[str, Any] | None:
    """Level service a year on the balance at the first repayment, and what it leaves when each guarantee ends.

    payment = B / sum_k prod_{i<=k} (1 + r_i)^-1 over the payments left; with one rate B r / (1 - (1 + r)^-n). None
    where all falls due in one payment. Shown for any amortisation, so that rules can be compared.
    """
    rate = plan.rate if plan.rate.ndim == 1 else np.median(plan.rate, axis=1)
    schedule = plan.schedule if plan.schedule.ndim == 1 else np.median(plan.schedule, axis=1)
    rule = plan.facility.amortisation
    before = np.concatenate([[0.0], schedule[:-1]]) + plan.draws
    repaid = np.flatnonzero(before - schedule > 1e-12 * max(plan.amount, 1e-300))
    if rule.from_ is not None:
        first = next((t for t, e in enumerate(periods.ends) if e > rule.from_), plan.maturity)
    else:
        first = int(repaid[0]) if len(repaid) else plan.maturity
    growth = rate[first : plan.maturity + 1] * plan.fraction[first : plan.maturity + 1]
    if len(growth) < 2:
        return None
    opening = float(before[first])
    payment = opening / float((1 / np.cumprod(1 + growth)).sum())
    balance = opening * np.cumprod(1 - annuity_shares(growth, np.ones(len(growth))))
    left: dict[str, float | None] = {}
    for guarantee in deal.guarantees:
        at = max((t for t, e in enumerate(periods.ends) if e <= guarantee.until), default=-1) - first
        left[guarantee.name] = float(balance[min(at, len(balance) - 1)]) if at >= 0 else None
    return {
        "balance_at_first_repayment": opening,
        "payments": len(growth),
        "payment": payment,
        "service_a_year": payment * periods.per_year,
        "balance_when_guarantee_ends": left,
        "share_when_guarantee_ends": {
            name: (value / opening if value is not None and opening else None) for name, value in left.items()
        },
    }

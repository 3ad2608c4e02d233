"""Agency-style stresses as data: cash and value cut by published amounts, with cover, leverage and yield beside them.

Only the cuts below are published; what agencies assume of vacancy, churn and re-letting is not, and is not here. A row
is a reading of press and presale reports, not a method of an agency, and no rating follows from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from supercycle.deals.run import Run

__all__ = ["CASES", "Stress", "stress_table"]


@dataclass(frozen=True, slots=True)
class Stress:
    """Shares by which cash before debt and value are cut."""

    name: str
    cash: float
    value: float
    source: str
    tier: str


KBRA = "KBRA presales: cash 19 to 20 % below the issuer's, value 27 to 39 % below appraisal"
BALLOONS = ("bullet", "schedule", "ard")
CASES = (
    Stress("as written", 0.0, 0.0, "the deal", ""),
    Stress("KBRA, mild", 0.19, 0.27, KBRA, "B"),
    Stress("KBRA, hard", 0.20, 0.39, KBRA, "B"),
    Stress("DBRS, cash", 0.17, 0.0, "DBRS: cash of a project financing may fall 17 %", "B"),
    Stress("cap rate 8.7 for 6.7", 0.0, 1 - 6.7 / 8.7, "KBRA 2023: implied cap rate 8.7 %, 6.7 % appraised", "B"),
)  # fmt: skip
BELOW = 1e-9


def stress_table(run: Run) -> dict[str, Any]:
    """For each case the least and mean yearly DSCR while senior service is due, LTV and debt yield in the first year.

    Debt is served as on the run's path: only the ratios are stressed. Beside them the cuts at which the least DSCR is 1
    and at which debt is all of the value. The year in which a balloon falls due is left out of the cover.
    """
    ready = run.prepared
    step, count = ready.periods.per_year, ready.periods.count
    cfads, service = run["cfads"][:, 0], run["service"][:, 0]
    debt = sum(
        (run[f"{f.name}.balance"][:, 0] for f in ready.deal.facilities if not f.preferred), np.zeros(count)
    )
    value = ready.cash.value if ready.cash.value.ndim == 1 else ready.cash.value[:, 0]
    balloons = {
        p.maturity
        for p in ready.plans
        if p.facility.tested and p.facility.amortisation.type in ("bullet", "schedule", "ard")
    }
    covers = [
        float(cfads[t : t + step].sum() / service[t : t + step].sum())
        for t in range(ready.cash.completion, count - step + 1, step)
        if service[t : t + step].sum() > BELOW and not balloons & set(range(t, t + step))
    ]  # fmt: skip
    first = min(ready.cash.completion + step - 1, count - 1)
    year = float(cfads[max(first - step + 1, 0) : first + 1].sum())
    rows: list[dict[str, Any]] = []
    for case in CASES:
        worth = float(value[first]) * (1 - case.value)
        rows.append({
            "case": case.name, "cash_cut": case.cash, "value_cut": case.value, "source": case.source, "tier": case.tier,
            "least_dscr": min(covers) * (1 - case.cash) if covers else None,
            "mean_dscr": float(np.mean(covers)) * (1 - case.cash) if covers else None,
            "ltv": float(debt[first]) / worth if worth > 0 else None,
            "debt_yield": year * (1 - case.cash) / float(debt[first]) if debt[first] > 0 else None,
        })  # fmt: skip
    return {
        "first_year_ends": str(ready.periods.ends[first]),
        "rows": rows,
        "cash_cut_at_dscr_1": 1 - 1 / min(covers) if covers and min(covers) > 0 else None,
        "value_cut_at_ltv_1": 1 - float(debt[first] / value[first]) if value[first] > 0 else None,
    }

"""Agency-style stresses as data: cash and value cut by published amounts or judgement, with cover, leverage and losses.

The cases are ``deals/tables/stress_cases.yaml``. What agencies assume of vacancy, churn and re-letting is not public;
cases of that kind are judgement and say so. A row is a reading of press and presale reports, not a method of an
agency, and no rating follows from it.
"""

from __future__ import annotations

import dataclasses
import functools
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import times
from supercycle.deals.engine.sizing import take_out_limits
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.measures.distribution import total_loss
from supercycle.deals.run import Run
from supercycle.deals.run import run as run_deal

__all__ = ["Stress", "stress_cases", "stress_losses", "stress_table"]

Floats = NDArray[np.float64]
LEVELS, ROUNDS = 17, 4  # each round keeps one of 16 cells: 16^-4, about 2e-5 of the cut
NO_LOSS = 1e-9  # of what was lent


@dataclass(frozen=True, slots=True)
class Stress:
    """Shares by which cash before debt and value are cut, and on whose word."""

    name: str
    cash_cut: float
    value_cut: float
    source: str = ""
    tier: str = ""
    judgement: str = ""


@functools.cache
def stress_cases() -> tuple[Stress, ...]:
    """The cases that are shipped; each has a source or is judgement."""
    from ruamel.yaml import YAML

    text = (files("supercycle.deals") / "tables" / "stress_cases.yaml").read_text(encoding="utf-8")
    return tuple(Stress(**one) for one in cast(Any, YAML(typ="safe")).load(text))


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
    for case in stress_cases():
        worth = float(value[first]) * (1 - case.value_cut)
        rows.append({
            "case": case.name, "cash_cut": case.cash_cut, "value_cut": case.value_cut, "source": case.source,
            "tier": case.tier, "judgement": case.judgement,
            "least_dscr": min(covers) * (1 - case.cash_cut) if covers else None,
            "mean_dscr": float(np.mean(covers)) * (1 - case.cash_cut) if covers else None,
            "ltv": float(debt[first]) / worth if worth > 0 else None,
            "debt_yield": year * (1 - case.cash_cut) / float(debt[first]) if debt[first] > 0 else None,
        })  # fmt: skip
    return {
        "first_year_ends": str(ready.periods.ends[first]),
        "rows": rows,
        "cash_cut_at_dscr_1": 1 - 1 / min(covers) if covers and min(covers) > 0 else None,
        "value_cut_at_ltv_1": 1 - float(debt[first] / value[first]) if value[first] > 0 else None,
    }


def stress_losses(run: Run) -> list[dict[str, Any]]:
    """Each case put through the waterfall: what lenders lose, the worst state, and the cut of cash before a loss.

    ``cash_cut_before_loss`` is the largest cut at which no lender loses, at the case's cut of value: solved on the
    waterfall; None where lenders lose without a cut, 1 where they never do. Debt is as it was sized, but what a
    refinancing lends follows the cash and value that are cut.
    """
    lent = sum(
        float(run[f"{p.facility.name}.drawn"].sum()) for p in run.prepared.plans if not p.facility.preferred
    )
    found: list[dict[str, Any]] = []
    for case in stress_cases():
        one = _cut(run, np.array([case.cash_cut]), case.value_cut)
        found.append({
            "case": case.name,
            "lenders_loss": float(total_loss(one)[0]) / lent if lent else None,
            "worst_state": STATES[int(one["state"].max())],
            "cash_cut_before_loss": _largest(run, case.value_cut, lent),
        })  # fmt: skip
    return found


def _largest(run: Run, value_cut: float, lent: float) -> float | None:
    low, high = 0.0, 1.0
    for _ in range(ROUNDS):
        levels = np.linspace(low, high, LEVELS)
        whole = total_loss(_cut(run, levels, value_cut)) <= NO_LOSS * lent
        if not whole[0]:
            return None
        if whole.all():
            return high
        first = int(np.flatnonzero(~whole)[0])
        low, high = float(levels[first - 1]), float(levels[first])
    return low


def _cut(run: Run, cash_cuts: Floats, value_cut: float) -> Run:
    """The run with cash before debt cut, one cut a path, and values cut alike on all."""
    ready, wide = run.prepared, len(cash_cuts)
    cash = ready.cash

    def scaled(rows: Floats, by: Any) -> Floats:
        return (rows[:, None] if rows.ndim == 1 else rows[:, :1]) * by * np.ones(wide)

    keep = 1 - cash_cuts
    changed = dataclasses.replace(
        cash,
        revenue=scaled(cash.revenue, keep), opex=scaled(cash.opex, keep), backed=scaled(cash.backed, keep),
        accrued=scaled(cash.accrued, keep), value=scaled(cash.value, 1 - value_cut),
        released=scaled(cash.released, 1 - value_cut),
    )  # fmt: skip
    plans = tuple(
        p if p.taken is None else dataclasses.replace(p, limits=take_out_limits(
            p.facility, ready.periods, changed, times(p.rate, p.fraction), p.share, p.taken, p.maturity
        ))
        for p in ready.plans
    )  # fmt: skip
    return run_deal(dataclasses.replace(ready, cash=changed, plans=plans, paths=wide))

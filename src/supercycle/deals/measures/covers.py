"""Covers that a term sheet asks for without a test: least and mean DSCR, loan life and project life cover.

dscr_t = cfads_t / senior service_t over twelve months, on payment dates with a full year of operations behind them
llcr = sum_{s>t} cfads_s x discount(t, s) / senior debt_t up to the last senior maturity; plcr up to the calendar's end
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.engine.sizing import value_ahead
from supercycle.deals.run import Run

__all__ = ["covers"]

Floats = NDArray[np.float64]
SMALL = 1e-9  # of the largest service: less is rounding


def covers(run: Run) -> dict[str, Any]:
    """Least and mean yearly DSCR with the date of the least, and LLCR and PLCR as operations begin; None: n/a.

    The twelve months of a balloon are told apart: ``least_without_balloons`` leaves dates on which a last maturity of a
    bullet, a schedule or an ARD falls into the window out. LLCR is measured on the senior debt then owed.
    """
    ready = run.prepared
    step, count = ready.periods.per_year, ready.periods.count
    cash, service = run["cfads"][:, 0], run["service"][:, 0]
    least = SMALL * max(float(np.abs(service).max()), 1e-300)
    tested = [p for p in ready.plans if p.facility.tested]
    balloons = {p.maturity for p in tested if p.facility.amortisation.type in ("bullet", "schedule", "ard")}
    taken = {p.taken for p in ready.plans if p.taken is not None}
    found: list[tuple[float, int]] = []
    last = max(
        (p.maturity for p in tested), default=-1
    )  # a window beyond it would hold less than a year's service
    for t in range(ready.cash.completion + step - 1, min(last + 1, count)):
        due = float(service[t - step + 1 : t + 1].sum())
        if due > least:
            found.append((float(cash[t - step + 1 : t + 1].sum()) / due, t))
    calm = [x for x, t in found if not (balloons | taken) & set(range(t - step + 1, t + 1))]
    worst = min(found, default=None)
    begin = min(max(ready.cash.completion - 1, 0), count - 1)
    debt = sum((float(run[f"{p.facility.name}.balance"][begin, 0]) for p in tested), 0.0)
    lives: dict[str, float | None] = {"llcr": None, "plcr": None}
    if tested and debt > 0:
        first = tested[0]
        rate = first.rate if first.rate.ndim == 1 else first.rate[:, 0]
        growth = rate * first.fraction
        for name, until in (("llcr", last), ("plcr", count)):
            lives[name] = float(np.ravel(value_ahead(cash, growth, until)[begin])[0]) / debt
    return {
        "least_dscr": worst[0] if worst else None,
        "least_on": str(ready.periods.ends[worst[1]]) if worst else None,
        "mean_dscr": float(np.mean([x for x, _ in found])) if found else None,
        "least_without_balloons": min(calm) if calm else None,
        "lives_as_of": str(ready.periods.ends[begin]),
        **lives,
    }

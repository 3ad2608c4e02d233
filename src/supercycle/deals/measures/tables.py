"""Tables of a run: sources and uses of the whole build, and years by date of cash and by date of accrual."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.run import Run

__all__ = ["by_accrual", "by_cash", "fiscal_year", "sources_and_uses"]

Floats = NDArray[np.float64]
SMALL = 1e-12


def sources_and_uses(run: Run) -> dict[str, Any]:
    """Sources and uses of the build, to the later of the last spend or draw and the start of operations.

    Where it is built before operations begin, everything that moved. Where building goes on beside operations, or all
    is bought at closing, what passed through the construction account, so that no revenue or dividend is among it.
    """
    ready = run.prepared
    moved = run["spend"][:, 0] + sum(p.draws + p.date_draws for p in ready.plans)
    last = int(np.flatnonzero(moved)[-1]) + 1 if moved.any() else 1
    completion = min(ready.cash.completion, ready.periods.count)
    if completion > 0 and last <= completion:
        return _everything(run, completion)
    sources = {
        f"{p.facility.name}.drawn": float(run[f"{p.facility.name}.drawn"][:last].sum())
        for p in ready.plans if p.facility.kind != "revolver"
    }  # fmt: skip
    sources["equity_in"] = float(run["equity_in"][:last].sum())
    uses = {"spend": float(run["spend"][:last].sum()), "interest": float(run["built_interest"][:last].sum()),
            "reserves": float(run["reserved"][:last].sum())}  # fmt: skip
    uses |= {
        f"{p.facility.name}.fees": float(run[f"{p.facility.name}.fees"][:last].sum()) for p in ready.plans
    }
    uses["held in construction"] = float(run["construction"][last - 1, 0])
    uses["passed to operations"] = sum(sources.values()) - sum(uses.values())
    return _table(run, last, sources, uses)


def _everything(run: Run, last: int) -> dict[str, Any]:
    found: dict[str, dict[str, float]] = {"source": {}, "use": {}}
    for name, side in run.books.sides.items():
        if side in found:
            found[side][name] = float(run[name][:last].sum())
        elif side == "cash":
            found["use"][f"held in {name}"] = float(run[name][last - 1, 0])
    return _table(run, last, found["source"], found["use"])


def _table(run: Run, last: int, sources: dict[str, float], uses: dict[str, float]) -> dict[str, Any]:
    scale = max(max(map(abs, sources.values()), default=0.0), 1.0)
    sources, uses = ({k: v for k, v in x.items() if abs(v) > SMALL * scale} for x in (sources, uses))
    return {
        "until": str(run.prepared.periods.ends[last - 1]), "sources": sources, "uses": uses,
        "total_sources": sum(sources.values()), "total_uses": sum(uses.values()),
    }  # fmt: skip


def fiscal_year(date: datetime.date, year_ends: int) -> int:
    """The fiscal year of a day, named by the calendar year in which it ends; a payment on its first day is the next's.

    >>> fiscal_year(datetime.date(2026, 7, 1), 6), fiscal_year(datetime.date(2026, 6, 30), 6)
    (2027, 2026)
    """
    return date.year + int(date.month > year_ends)


def by_cash(run: Run) -> list[dict[str, Any]]:
    """By fiscal year of the payment dates: when cash moves. Cover is that of dates in operation, else None."""
    ends = run.prepared.periods.ends
    year_ends = run.prepared.deal.calendar.year_ends
    years = np.array([fiscal_year(e, year_ends) for e in ends])
    cash, service = run["cfads"][:, 0], run["service"][:, 0]
    operating = np.arange(len(ends)) >= run.prepared.cash.completion
    rows: list[dict[str, Any]] = []
    for year in dict.fromkeys(int(y) for y in years):
        inside = years == year
        last = int(np.flatnonzero(inside)[-1])
        due = float(service[inside].sum())
        row: dict[str, Any] = {
            "year": year,
            "cfads": float(cash[inside].sum()),
            "senior_service": due,
            "dscr": _cover(float(cash[inside & operating].sum()), float(service[inside & operating].sum())),
            "equity_in": float(run["equity_in"][inside].sum()),
            "equity_out": float(run["equity_out"][inside].sum()),
            "state": STATES[int(run["state"][last, 0])],
        }
        for facility in run.prepared.deal.facilities:
            row[f"balance {facility.name}"] = float(run[f"{facility.name}.balance"][last, 0])
        for reserve in run.prepared.deal.reserves:
            row[f"account {reserve.name}"] = float(run[f"account.{reserve.name}"][last, 0])
        rows.append(row)
    return rows


def by_accrual(run: Run) -> list[dict[str, Any]]:
    """By fiscal year in which it is earned: each period's revenue, costs and senior service split by its days.

    Revenue is that of the days, whenever it is paid; service is that of the period that it is for. Cover is that of
    periods in operation, None in a year without.
    """
    periods, cash = run.prepared.periods, run.prepared.cash
    planned = cash.cfads if cash.cfads.ndim == 1 else cash.cfads[:, 0]
    # On a path that has ended nothing is earned any more.
    going = np.where(np.abs(planned) > SMALL, np.divide(run["cfads"][:, 0], planned, where=np.abs(planned) > SMALL,
                                                        out=np.ones(periods.count)), 1.0)  # fmt: skip
    earned = _first(cash.accrued) * going
    costs = _first(cash.opex) * going
    backed, service = _first(cash.backed) * going, run["service"][:, 0]
    rows: dict[int, dict[str, float]] = {}
    running: dict[int, tuple[float, float]] = {}  # cash and service of operations
    year_ends = run.prepared.deal.calendar.year_ends
    for t, (start, end) in enumerate(zip(periods.starts, periods.ends, strict=True)):
        for year, share in _days_by_year(start, end, year_ends).items():
            row = rows.setdefault(year, dict.fromkeys(("revenue", "opex", "cfads", "senior_service"), 0.0))
            row["revenue"] += share * float(earned[t])
            row["opex"] += share * float(costs[t])
            row["cfads"] += share * float(earned[t] + backed[t] - costs[t])
            row["senior_service"] += share * float(service[t])
            if t >= run.prepared.cash.completion:
                able, due = running.get(year, (0.0, 0.0))
                running[year] = (
                    able + share * float(earned[t] + backed[t] - costs[t]), due + share * float(service[t])
                )  # fmt: skip
    return [
        {
            "year": year,
            **row,
            "dscr": _cover(*running.get(year, (0.0, 0.0))),
        }
        for year, row in sorted(rows.items())
    ]


def _cover(cash: float, service: float) -> float | None:
    return cash / service if service > 0 else None


def _first(rows: Floats) -> Floats:
    return rows if rows.ndim == 1 else rows[:, 0]


def _days_by_year(start: datetime.date, end: datetime.date, year_ends: int) -> dict[int, float]:
    """The share of a period's days in each fiscal year."""
    found: dict[int, float] = {}
    at, whole = start, (end - start).days
    while at < end:
        year = fiscal_year(at, year_ends)
        month = year_ends % 12 + 1
        stop = min(datetime.date(year + (1 if month == 1 else 0), month, 1), end)
        found[year] = found.get(year, 0.0) + (stop - at).days / whole
        at = stop
    return found

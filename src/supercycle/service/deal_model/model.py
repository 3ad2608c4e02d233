"""The live model of a deal: what it covers, its sheets, and the check of every series against the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.core.returns import xirr
from supercycle.deals.document.checks_cases import has_cases
from supercycle.deals.run import Prepared, Run
from supercycle.service.deal_model.cash import calendar, cash_rows
from supercycle.service.deal_model.cells import Cell, Grid, Inputs
from supercycle.service.deal_model.debt import debt_rows
from supercycle.service.deal_model.hedge import hedge_rows
from supercycle.service.deal_model.linear import Points
from supercycle.service.deal_model.till import Till

__all__ = ["AGREES", "not_live", "write_model"]

AGREES = 1e-6  # of the largest sum of the deal


def not_live(ready: Prepared) -> str:
    """Why a deal has no live model, or nothing."""
    deal = ready.deal
    if has_cases(deal):
        return "a number is one of several under conditions"
    for facility in deal.facilities:
        if facility.on_demand and facility.takes_out is None:
            return f"{facility.name} is drawn on demand"
        if facility.pik_when:
            return f"interest of {facility.name} is added where a condition holds"
        if facility.additional_rate:
            return f"{facility.name} bears additional interest"
        if facility.deferrable:
            return f"interest of {facility.name} may be deferred"
        if facility.preferred:
            return f"{facility.name} is preferred equity"
    if deal.funding is not None:
        rule = deal.funding
        own = next(f for f in deal.facilities if f.name == rule.facility)
        if rule.order != "pro_rata" or rule.interest != "debt" or own.amount:
            return "the funding rule is solved in steps"
    if any(g.when for g in deal.guarantees):
        return "recourse springs where a condition holds"
    for swap in deal.swaps:
        if not swap.share or swap.fixed is None:
            return f"the swap {swap.name} has a schedule or a rate at par"
    if deal.support is not None:
        return "owners fund deficits"
    for contract in deal.contracts:
        if contract.relet is not None:
            return f"the asset of {contract.name} is let again"
    if any(a.spend.by_path for a in deal.assets):
        return "spend follows the world"
    if any(
        g.kind == "backstop" and g.covers == "rent" and float(np.max(ready.cash.backed)) > 0
        for g in deal.guarantees
    ):
        return "a backstop pays rent"
    return ""


def write_model(pages: dict[str, Any], run: Run) -> dict[str, Any]:
    """Fill the sheets Inputs, Model, Build and Check; returns the inputs by path and the largest difference.

    The check compares each series of the model with what the engine gave for the deal as written.
    """
    ready = run.prepared
    reason = not_live(ready)
    if reason:
        pages["Check"].put(
            0, 0, f"There is no live model of this deal: {reason}. The other sheets hold the run."
        )
        return {"live": False, "reason": reason}
    inputs = Inputs(pages["Inputs"])
    grid = Grid(pages["Model"], ready.periods.count)
    build = Grid(pages["Build"], sum(len(p) for p in ready.events))
    calendar(grid, ready)
    spends = {a.name: Points(inputs, f"assets.{a.name}.spend", a.spend) for a in ready.deal.assets}
    cash = cash_rows(grid, inputs, ready)
    debts = {p.facility.name: debt_rows(grid, inputs, ready, p, cash, spends) for p in ready.plans}
    hedges = {s.swap.name: hedge_rows(grid, inputs, ready, s, debts[s.swap.of]) for s in ready.swaps}
    till = Till(grid, build, inputs, ready, cash, debts, hedges, spends)
    till.run()
    rates = _returns(pages["Model"], grid, build, run)
    return {"live": True, "inputs": dict(inputs.paths), **_check(pages["Check"], grid, run, rates)}


def _returns(page: Any, grid: Grid, build: Grid, run: Run) -> dict[str, tuple[Cell, float]]:
    """Yearly rates of return of owners and lenders, ACT/365F on the days on which money moves, by XIRR."""
    ready = run.prepared
    at, found = grid.rows + 4, dict[str, tuple[Cell, float]]()
    page.put(at - 1, 0, "rates of return, ACT/365F", bold=True)
    holders = ["equity", *(f.name for f in ready.deal.facilities)]
    column = 0
    for holder in holders:
        rows: list[tuple[Any, Cell]] = []
        for row in range(build.rows):
            name = "owners pay" if holder == "equity" else f"{holder}: drawn"
            cell = build.get(name, row)
            if holder != "equity":
                cell = cell - build.get(f"{holder}: fee", row)
            rows.append((build.get("day", row), Cell(f"-({cell.text})", -cell.value)))
        for t in range(grid.rows):
            if holder == "equity":
                owners = grid.get("equity_in", t) - _of_period(build, ready, t)
                cell = grid.get("equity_out", t) - owners
            else:
                cell = grid.get(f"{holder}.interest", t) + grid.get(f"{holder}.principal", t)
                plan = next(p for p in ready.plans if p.facility.name == holder)
                if plan.funded is not None or plan.taken is not None:  # drawn on payment dates too
                    later = grid.get(f"{holder}.drawn", t)
                    for row, _ in ready.events[t]:
                        later = later - build.get(f"{holder}: drawn", row)
                    cell = cell - later + (grid.get(f"{holder}.fees", t) if plan.taken is not None else 0.0)
            rows.append((grid.get("cash moves", t), cell))
        page.put(at, column, f"{holder}: day", bold=True)
        page.put(at, column + 1, f"{holder}: flow", bold=True)
        for k, (day, cell) in enumerate(rows):
            page.formula(at + 2 + k, column, day.text, day.value)
            page.formula(at + 2 + k, column + 1, cell.text, cell.value)
        from xlsxwriter.utility import xl_col_to_name

        a, b = xl_col_to_name(column), xl_col_to_name(column + 1)
        first, last = at + 3, at + 2 + len(rows)
        rate = _xirr([c.value for _, c in rows], [d.value for d, _ in rows])
        text = f'IFERROR(XIRR({b}{first}:{b}{last},{a}{first}:{a}{last},0.1),"")'
        page.formula(at + 1, column + 1, text, rate if rate is not None else "")
        page.put(at + 1, column, "XIRR")
        if rate is not None:
            found[holder] = (Cell(f"Model!${b}${at + 2}", rate), rate)
        column += 2
    return found


def _of_period(build: Grid, ready: Prepared, t: int) -> Cell:
    found = Cell("0", 0.0)
    for row, _ in ready.events[t]:
        found = found + build.get("owners pay", row)
    return found


def _xirr(flows: list[float], days: list[float]) -> float | None:
    import datetime

    from supercycle.service.deal_model.cells import EPOCH

    dates = [datetime.date.fromordinal(int(d) + EPOCH) for d in days]
    order = sorted(range(len(dates)), key=lambda k: dates[k])
    found = xirr([flows[k] for k in order], [dates[k] for k in order])
    return float(found.rate[0]) if np.isfinite(found.rate[0]) else None


def _check(page: Any, grid: Grid, run: Run, rates: dict[str, tuple[Cell, float]]) -> dict[str, Any]:
    """A row a series: its sum in the model, its sum in the engine, and the largest difference of any period."""
    for k, word in enumerate(
        ("series", "model, live", "engine, deal as written", "difference", "largest of a period")
    ):
        page.put(0, k, word, bold=True)
    names = [n for n, side in run.books.sides.items() if side in ("source", "use", "cash")]
    names += [f"{f.name}.balance" for f in run.prepared.deal.facilities] + ["cfads"]
    row, worst = 1, 0.0
    scale = max(float(np.abs(run[n]).max()) for n in names)
    for name in names:
        column = name
        values = np.array(grid.values(column))
        engine = run[name][:, 0]
        if not values.any() and not engine.any():
            continue
        gap = float(np.abs(values - engine).max()) / scale
        worst = max(worst, gap)
        page.put(row, 0, name)
        page.formula(
            row, 1, f"SUM({grid.range(column)})", float(values.sum())
        ) if column in grid._columns else page.put(row, 1, 0.0)  # pyright: ignore[reportPrivateUsage]
        page.put(row, 2, float(engine.sum()))
        page.formula(row, 3, f"B{row + 1}-C{row + 1}", float(values.sum() - engine.sum()))
        page.put(row, 4, gap * scale)
        row += 1
    for holder, (cell, rate) in rates.items():
        page.put(row, 0, f"XIRR of {holder}")
        page.formula(row, 1, cell.text, rate)
        page.put(row, 2, rate)
        page.formula(row, 3, f"B{row + 1}-C{row + 1}", 0.0)
        row += 1
    page.put(
        row + 1,
        0,
        "all within 1e-6 of the largest sum" if worst <= AGREES else "the model and the engine differ",
    )
    return {"worst": worst}

"""Swaps and the funding rule of the live model: what they settle and draw, as formulas on the inputs."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from supercycle.deals.document.schema import Swap
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.swaps import DISCOUNT_BASIS, SwapPlan
from supercycle.deals.run import Prepared
from supercycle.service.deal_model.cells import NIL, Cell, Grid, Inputs, num
from supercycle.service.deal_model.linear import one

if TYPE_CHECKING:
    from supercycle.service.deal_model.debt import Debt

__all__ = ["FundedCells", "Hedge", "fund_rows", "hedge_rows", "hedged_rates"]


@dataclass(slots=True)
class Hedge:
    """A swap by period: what is due to the borrower on each date, and its worth after it."""

    plan: SwapPlan
    settled: list[Cell]
    worth: list[Cell]


@dataclass(slots=True)
class FundedCells:
    """The draws of a funding rule: within each period by day, on payment dates, and the debt in all."""

    amount: Cell
    events: dict[tuple[int, float], Cell]
    drawn: list[Cell]
    drawn_years: list[Cell]
    on_dates: list[Cell]


def _base(ready: Prepared, swap: Swap) -> list[float]:
    facility = next(f for f in ready.deal.facilities if f.name == swap.of)
    floating = facility.rate.floating
    assert floating is not None
    if not swap.floored:
        floating = dataclasses.replace(floating, floor=None)
    return [float(x) for x in one(floating.base_rate(ready.periods, ready.values, ""))]


def _terms(inputs: Inputs, swap: Swap) -> tuple[Cell, Cell]:
    """(share, fixed rate) as inputs, written once."""
    path = f"swaps.{swap.name}"
    assert swap.fixed is not None
    found: list[Cell] = []
    for word, value in (("share", swap.share), ("fixed", swap.fixed.value)):
        place = inputs.paths.get(f"{path}.{word}")
        if place is None:
            found.append(inputs.add(f"{path}.{word}", value, str(swap.where)))
        else:
            found.append(Cell(f"Inputs!${place[0]}${place[1:]}", value))
    return found[0], found[1]


def hedged_rates(inputs: Inputs, ready: Prepared, plan: Plan, rate: list[Cell]) -> list[Cell]:
    """The facility's rate with the swaps on a share of it."""
    found = list(rate)
    for made in ready.swaps:
        if made.swap.of == plan.facility.name:
            share, fixed = _terms(inputs, made.swap)
            base = _base(ready, made.swap)
            for t, on in enumerate(_in_force(made, ready, plan)):
                if on:
                    found[t] = found[t] - share * (num(base[t]) - fixed)
    return found


def _in_force(made: SwapPlan, ready: Prepared, plan: Plan) -> list[bool]:
    first = made.swap.from_ or ready.periods.starts[0]
    last = made.swap.until or plan.facility.maturity
    return [s >= first and e <= last for s, e in zip(ready.periods.starts, ready.periods.ends, strict=True)]


def hedge_rows(grid: Grid, inputs: Inputs, ready: Prepared, made: SwapPlan, debt: Debt) -> Hedge:
    """share x planned balance x (base - fixed) on interest dates, and its worth at the base."""
    name, count = made.swap.name, ready.periods.count
    share, fixed = _terms(inputs, made.swap)
    base, on = _base(ready, made.swap), _in_force(made, ready, debt.plan)
    settled, waits = [NIL] * count, NIL
    for t in range(debt.plan.maturity + 1):
        if on[t]:
            opening = debt.planned[t - 1] if t else NIL
            years = share * (opening * debt.fraction[t] + debt.drawn_years[t])
            waits = waits + years * (num(base[t]) - fixed)
        if debt.plan.pays_interest[t]:
            settled[t], waits = grid.set(f"{name}: net of the date, planned", t, waits), NIL
        else:
            waits = grid.set(f"{name}: net that runs, planned", t, waits)
    factors = ready.periods.fractions(DISCOUNT_BASIS)
    worth, ahead = [NIL] * count, NIL
    for t in range(count - 1, 0, -1):
        ahead = grid.set(
            f"{name}: worth, planned", t - 1, (settled[t] + ahead) / (1 + base[t] * float(factors[t]))
        )
        worth[t - 1] = ahead
    return Hedge(made, settled, worth)


def fund_rows(
    grid: Grid, inputs: Inputs, ready: Prepared, plan: Plan, rate: list[Cell], fraction: list[Cell],
    share: list[Cell], fee: Cell, spends: list[tuple[int, float, float, Cell]],
) -> FundedCells:  # fmt: skip
    """Uses are first + second x debt; debt = gearing x first / (1 - gearing x second). ``rate`` is hedged.

    ``spends`` are (period, time, years to the period's end, money).
    """
    deal, periods, name = ready.deal, ready.periods, plan.facility.name
    rule = deal.funding
    assert rule is not None
    gearing = inputs.add("funding.gearing", rule.gearing, str(rule.where))
    completion = ready.cash.completion
    reserve, at = NIL, min(completion, periods.count - 1)
    for made in deal.reserves:
        if made.funded != "cash" and plan.facility.tested:
            owed = num(1.0)
            for t in range(at, min(at + made.months // periods.months, periods.count)):
                reserve = reserve + rate[t] * fraction[t] * owed + share[t] * owed
                owed = owed - share[t] * owed
    reserve = grid.set(f"{name}: reserve a unit", 0, reserve)
    first: dict[tuple[int, float], tuple[Cell, float]] = {}
    for t, time, rest, money in spends:
        before = first.get((t, time), (NIL, rest))
        first[t, time] = (before[0] + money, rest)
    first[0, 0.0] = (first.get((0, 0.0), (NIL, 0.0))[0], float(plan.fraction[0]))
    second: dict[tuple[int, float], Cell] = {(0, 0.0): fee}
    filled = (completion, round(float(periods.begins[completion]), 9))
    if reserve.text != "0":
        first.setdefault(filled, (NIL, float(plan.fraction[completion])))
        first[filled] = (first[filled][0], float(plan.fraction[completion]))
        second[filled] = second.get(filled, NIL) + reserve
    balance = [NIL, NIL]
    uses = [NIL, NIL]
    parts: dict[tuple[int, float], list[Cell]] = {}
    within: list[list[Cell]] = []
    dates: list[list[Cell]] = []
    years: list[list[Cell]] = []
    for t in range(max([completion - 1, *(k[0] for k in first)]) + 1):
        drawn, weighted = [NIL, NIL], [NIL, NIL]
        for key in sorted(k for k in first if k[0] == t):
            money = [first[key][0], second.get(key, NIL)]
            parts[key] = [gearing * x for x in money]
            uses = [u + x for u, x in zip(uses, money, strict=True)]
            drawn = [d + x for d, x in zip(drawn, parts[key], strict=True)]
            weighted = [w + x * first[key][1] for w, x in zip(weighted, parts[key], strict=True)]
        on_date = [NIL, NIL]
        for k, word in enumerate(("of spend", "a unit of debt")):
            drawn[k] = grid.set(f"{name}: drawn, {word}", t, drawn[k])
            weighted[k] = grid.set(f"{name}: drawn and weighted, {word}", t, weighted[k])
            interest = rate[t] * (fraction[t] * balance[k] + weighted[k])
            balance[k] = balance[k] + drawn[k]
            if t < completion:
                interest = grid.set(f"{name}: interest while building, {word}", t, interest)
                uses[k] = uses[k] + interest
                on_date[k] = gearing * interest
                balance[k] = balance[k] + on_date[k]
            balance[k] = grid.set(f"{name}: balance while building, {word}", t, balance[k])
            uses[k] = grid.set(f"{name}: uses so far, {word}", t, uses[k])
        within.append(drawn)
        years.append(weighted)
        dates.append(on_date)
    debt = grid.set(f"{name}: debt", 0, gearing * uses[0] / (num(1.0) - gearing * uses[1]))
    count = periods.count

    def rows(found: list[list[Cell]], word: str) -> list[Cell]:
        return [
            grid.set(f"{name}: {word}", t, found[t][0] + found[t][1] * debt) if t < len(found) else NIL
            for t in range(count)
        ]

    return FundedCells(
        debt, {k: x[0] + x[1] * debt for k, x in parts.items()}, rows(within, "drawn, planned"),
        rows(years, "drawn and weighted"), rows(dates, "drawn for interest"),
    )  # fmt: skip

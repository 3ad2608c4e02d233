"""Calendar, revenue, running costs, values and spend of the live model."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Contract
from supercycle.deals.engine.contracts import HOURS_A_YEAR, MONEY, bring
from supercycle.deals.engine.parties import Chances
from supercycle.deals.run import Prepared
from supercycle.service.deal_model.cells import NIL, Cell, Grid, Inputs, high, num, total
from supercycle.service.deal_model.linear import Points, grown, means, on_dates, one

__all__ = ["CashRows", "calendar", "cash_rows"]

NOBODY = Chances()
DATES = {"ACT/360": "({b}-{a})/360", "ACT/365F": "({b}-{a})/365"}


@dataclasses.dataclass(frozen=True, slots=True)
class CashRows:
    """By period, as references into the model."""

    revenue: list[Cell]
    opex: list[Cell]
    backed: list[Cell]
    cfads: list[Cell]
    sizing: list[Cell]
    streams: dict[str, list[Cell]]
    contracted: dict[str, list[Cell]]  # of contracts on which a borrowing base stands
    value: list[Cell]


def calendar(grid: Grid, ready: Prepared) -> None:
    """Dates by formula from the closing, and the years of each period."""
    periods = ready.periods
    for t in range(periods.count):
        grid.set("period", t, float(t + 1))
        grid.set("starts", t, periods.starts[t])
        grid.set("ends", t, periods.ends[t])
        grid.set("cash moves", t, periods.pays[t])
        grid.set("years", t, float(periods.years[t]))


def fractions(grid: Grid, ready: Prepared, basis: str, moved: bool) -> list[Cell]:
    """Parts of a year under a day count: by formula where it counts days, else as the calendar gives them."""
    name, found = f"{basis}{' moved' if moved else ''}", list[Cell]()
    for t, value in enumerate(ready.periods.fractions(basis, moved=moved)):
        known = grid.get(name, t)
        if known.text != "0":
            found.append(known)
            continue
        if basis in DATES and not moved:
            a, b = grid.get("starts", t).text, grid.get("ends", t).text
            found.append(grid.set(name, t, Cell(DATES[basis].format(a=a, b=b), float(value))))
        else:
            found.append(grid.set(name, t, float(value)))
    return found


def cash_rows(grid: Grid, inputs: Inputs, ready: Prepared) -> CashRows:
    """Every contract's revenue and costs, and the deal's cash before debt."""
    deal, periods, cash = ready.deal, ready.periods, ready.cash
    count = periods.count
    revenue: list[list[Cell]] = []
    costs: list[list[Cell]] = []
    streams: dict[str, list[Cell]] = {}
    contracted: dict[str, list[Cell]] = {}
    bases = {f.amortisation.contract for f in deal.facilities if f.amortisation.contract}
    for contract in deal.contracts:
        path = f"contracts.{contract.name}"
        paid, full, least = _revenue(inputs, contract, path, ready)
        opex, all_opex, initial_opex = _opex(inputs, contract, path, ready)
        if contract.name in bases:
            contracted[contract.name] = [
                grid.set(f"{contract.name}: contracted cash", t, least[t] - initial_opex[t])
                for t in range(count)
            ]
        revenue.append([grid.set(f"{contract.name}: revenue", t, paid[t]) for t in range(count)])
        costs.append([grid.set(f"{contract.name}: running costs", t, opex[t]) for t in range(count)])
        streams[contract.name] = [
            grid.set(f"{contract.name}: cash if every option is exercised", t, full[t] - all_opex[t])
            for t in range(count)
        ]
    backed = one(cash.backed)
    value = _values(grid, inputs, ready)
    rows = range(count)
    total_revenue = [grid.set("revenue of contracts", t, total([r[t] for r in revenue])) for t in rows]
    total_opex = [grid.set("running costs of contracts", t, total([r[t] for r in costs])) for t in rows]
    back = [grid.set("rent paid by backstops", t, float(backed[t])) for t in rows]
    sizing = [grid.set("cash for sizing", t, total([s[t] for s in streams.values()])) for t in rows]
    cfads = [
        grid.set("CFADS while the deal goes on", t, total_revenue[t] + back[t] - total_opex[t]) for t in rows
    ]
    return CashRows(total_revenue, total_opex, back, cfads, sizing, streams, contracted, value)


def _revenue(
    inputs: Inputs, contract: Contract, path: str, ready: Prepared
) -> tuple[list[Cell], list[Cell], list[Cell]]:
    """(what is paid, what would be with every option exercised, the least of it in the initial term)."""
    growth = inputs.add(f"{path}.escalator", contract.escalator, contract.where)
    share = inputs.add(f"{path}.received_share", contract.received_share, contract.where)
    plain = dataclasses.replace(contract, received_share=1.0, opex=Number("value", 0.0))

    def brought(what: str, **changed: Any) -> Any:
        found = bring(
            dataclasses.replace(plain, **changed), ready.periods, ready.values, NOBODY, ready.deal.money,
            ready.deal.enforcement.months_to_sell if ready.deal.enforcement else 0,
        )  # fmt: skip
        return getattr(found, what)

    if contract.kind == "lease":
        points = Points(inputs, f"{path}.rent", contract.rent)
        both = [
            grown(points, growth, lambda unit, g, w=what: brought(w, rent=unit, escalator=g))
            for what in ("paid", "full", "contracted")
        ]
        return [x * share for x in both[0]], [x * share for x in both[1]], [x * share for x in both[2]]
    hour = Number("value", 1.0)
    scale = HOURS_A_YEAR / MONEY[ready.deal.money]
    unit = {
        "gpus": hour,
        "usd_per_gpu_hour": hour,
        "used_share": hour,
        "take_or_pay_share": hour,
    }
    dummy = _Dummy()
    rows = [
        means(inputs, f"{path}.{name}", getattr(contract, name), ready.periods, ready.values)
        for name in ("gpus", "usd_per_gpu_hour", "used_share", "take_or_pay_share")
    ]
    years = [
        grown(dummy, growth, lambda _, g, w=what: np.asarray(brought(w, escalator=g, **unit)) / scale)
        for what in ("paid", "full", "contracted")
    ]
    found: tuple[list[Cell], ...] = ([], [], [])
    for t, (gpus, price, used, least) in enumerate(zip(*rows, strict=True)):
        whole = gpus * price * share * scale
        for k, hours in enumerate((high(used, least), high(used, least), least)):
            found[k].append(whole * hours * years[k][t])
    return found[0], found[1], found[2]


class _Dummy(Points):
    """One constant point: what a contract brings for a price of one."""

    def __init__(self) -> None:
        self.cells, self.units = [num(1.0)], [Number("value", 1.0)]


def _opex(
    inputs: Inputs, contract: Contract, path: str, ready: Prepared
) -> tuple[list[Cell], list[Cell], list[Cell]]:
    count = ready.periods.count
    if contract.opex.fixed and not contract.opex.value:
        return [NIL] * count, [NIL] * count, [NIL] * count
    growth = inputs.add(f"{path}.opex_growth", contract.opex_growth, contract.where)
    points = Points(inputs, f"{path}.opex", contract.opex)
    free = dataclasses.replace(
        contract, rent=Number("value", 0.0), gpus=Number("value", 0.0), usd_per_gpu_hour=Number("value", 0.0)
    )

    def brought(what: str, unit: Number, g: float) -> Any:
        changed = dataclasses.replace(free, opex=unit, opex_growth=g)
        found = bring(changed, ready.periods, ready.values, NOBODY, ready.deal.money, 0)
        return found.opex if what == "opex" else -getattr(found, what)

    return (
        grown(points, growth, lambda unit, g: brought("opex", unit, g)),
        grown(points, growth, lambda unit, g: brought("full", unit, g)),
        grown(points, growth, lambda unit, g: brought("contracted", unit, g)),
    )


def _values(grid: Grid, inputs: Inputs, ready: Prepared) -> list[Cell]:
    """What the assets that are not sold yet would fetch on each payment date."""
    parts: list[list[Cell]] = []
    held = one(ready.cash.value)
    level = sum((one(a.value.on_dates(ready.periods, ready.values)) for a in ready.deal.assets), 0 * held)
    share = np.divide(held, level, out=np.ones_like(held), where=np.abs(level) > 0)
    for asset in ready.deal.assets:
        parts.append(on_dates(inputs, f"assets.{asset.name}.value", asset.value, ready.periods, ready.values))
    return [
        grid.set("value of assets", t, total([p[t] for p in parts]) * float(share[t]))
        for t in range(ready.periods.count)
    ]

"""A tranche of the live model: its rate, the shape of its repayment, its size and its planned service."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Facility
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.draws import undrawn_years
from supercycle.deals.run import Prepared
from supercycle.service.deal_model.cash import CashRows, fractions
from supercycle.service.deal_model.cells import NIL, Cell, Grid, Inputs, high, low, num, pick, total
from supercycle.service.deal_model.hedge import FundedCells, fund_rows, hedged_rates
from supercycle.service.deal_model.linear import Points, means, on_dates, one

__all__ = ["Debt", "debt_rows"]

PART = 1e-7  # of a year: a smaller share of a draw in an undrawn fee is rounding


@dataclass(slots=True)
class Debt:
    """By period, as references."""

    plan: Plan
    facility: Facility
    amount: Cell
    rate: list[Cell]
    growth: list[Cell]
    share: list[Cell]
    paid: list[Cell]
    ceiling: list[Cell | None]
    drawn: list[Cell]
    drawn_years: list[Cell]
    draws: (
        Points | None
    )  # the file's own sums on dates; without them, the commitment at closing or a sized debt's shape
    undrawn: list[Cell]
    fee: Cell
    late_rate: Cell
    planned: list[Cell]
    service: list[Cell]
    fraction: list[Cell]
    funded: FundedCells | None


def debt_rows(
    grid: Grid, inputs: Inputs, ready: Prepared, plan: Plan, cash: CashRows, spends: dict[str, Points]
) -> Debt:
    """Everything of a facility that does not depend on what is paid."""
    facility, periods, count = plan.facility, ready.periods, ready.periods.count
    name, path, rule = facility.name, f"facilities.{facility.name}", facility.amortisation
    fraction = fractions(grid, ready, facility.day_count, facility.accrual == "adjusted")
    rate = [grid.set(f"{name}: rate", t, r) for t, r in enumerate(_rate(inputs, ready, facility, path))]
    growth = [grid.set(f"{name}: interest of the period", t, rate[t] * fraction[t]) for t in range(count)]
    hedged, all_in = rate, growth
    if any(s.swap.of == name for s in ready.swaps):
        hedged = [
            grid.set(f"{name}: rate with swaps", t, r)
            for t, r in enumerate(hedged_rates(inputs, ready, plan, rate))
        ]
        all_in = [
            grid.set(f"{name}: interest of the period with swaps", t, hedged[t] * fraction[t])
            for t in range(count)
        ]
    fee = inputs.add(f"{path}.upfront_fee", facility.upfront_fee, str(facility.where))
    late = inputs.add(f"{path}.late_rate", facility.late_rate, str(facility.where))
    given = inputs.add(f"{path}.amount", facility.amount, str(facility.where)) if facility.amount else NIL
    unit = [float(x) / plan.amount if plan.amount else 0.0 for x in plan.draws]
    years = [float(x) / plan.amount if plan.amount else 0.0 for x in plan.draw_years]
    weights, on = _weights(grid, inputs, ready, plan, cash)
    share = _shares(grid, plan, all_in, hedged, fraction, weights, on, name)
    amount = given
    if rule.sized:
        amount = _sized(
            grid, inputs, ready, plan, all_in, hedged, weights, on, share, unit, years, given, fee, path
        )
    funded = None
    if ready.deal.funding is not None and ready.deal.funding.facility == name:
        dated = _spends(ready, facility, spends)
        funded = fund_rows(grid, inputs, ready, plan, hedged, fraction, share, fee, dated)
        amount = funded.amount
    amount = grid.set(f"{name}: commitment", 0, amount)
    drawn, drawn_years = [amount * x for x in unit], [amount * x for x in years]
    if funded is not None:
        drawn, drawn_years = funded.drawn, funded.drawn_years
    draws = None
    if facility.draws is not None and not rule.sized:
        draws = Points(inputs, f"{path}.draws", facility.draws)
        moved, basis = facility.accrual == "adjusted", facility.day_count
        drawn = draws.rows(lambda u: u.dated(periods, ready.values, basis, moved=moved)[0])
        drawn_years = draws.rows(lambda u: u.dated(periods, ready.values, basis, moved=moved)[1])
    paid, ceiling = [NIL] * count, list[Cell | None]([None] * count)
    if rule.type == "schedule" and rule.payments is not None:
        points = Points(inputs, f"{path}.amortisation.payments", rule.payments)
        paid = points.rows(lambda u: u.payments(periods, ready.values, "principal"))
    elif rule.type == "target_balance" and rule.target is not None:
        ceiling = list[Cell | None](
            on_dates(inputs, f"{path}.amortisation.target", rule.target, periods, ready.values)
        )
    elif rule.type == "borrowing_base":
        ceiling = list[Cell | None](_base(grid, inputs, ready, plan, cash))
    undrawn = [NIL] * count
    if facility.undrawn_fee and draws is not None:
        undrawn = _undrawn(inputs, ready, facility, path, amount, draws)
    lent = funded.on_dates if funded is not None else [NIL] * count
    planned, service = _planned(
        grid, plan, name, drawn, drawn_years, rate, fraction, share, paid, ceiling, lent
    )
    return Debt(
        plan, facility, amount, rate, growth, share, paid, ceiling, drawn, drawn_years, draws, undrawn, fee, late,
        planned, service, fraction, funded,
    )  # fmt: skip


def _spends(
    ready: Prepared, facility: Facility, spends: dict[str, Points]
) -> list[tuple[int, float, float, Cell]]:
    """Every dated spend: its period, its time, the years from it to the period's end, and the money as inputs."""
    periods, found = ready.periods, list[tuple[int, float, float, Cell]]()
    moved = facility.accrual == "adjusted"
    for asset in ready.deal.assets:
        points = spends[asset.name]
        for date in sorted({d for d, _ in asset.spend.events(periods)}):
            money = total(
                [
                    c * float(sum(x for d, x in u.events(periods) if d == date))
                    for c, u in zip(points.cells, points.units, strict=True)
                ]
            )
            rest = periods.to_end_of_period(date, facility.day_count, moved=moved)
            found.append((periods.index(date) or 0, round(periods.when(date), 9), rest, money))
    return found


def _undrawn(
    inputs: Inputs, ready: Prepared, facility: Facility, path: str, amount: Cell, draws: Points
) -> list[Cell]:
    """The fee on what is not drawn: linear in the commitment and in each draw."""
    per_year = inputs.add(f"{path}.undrawn_fee", facility.undrawn_fee, str(facility.where))

    def share(committed: float, number: Number) -> Any:
        changed = dataclasses.replace(facility, amount=committed, draws=number)
        return committed * undrawn_years(changed, ready.periods, ())

    assert facility.draws is not None
    large = 16.0 * max(facility.amount, 1.0)  # so large that the draws never use it up
    whole = (share(2 * large, facility.draws) - share(large, facility.draws)) / large
    parts = [share(large, unit) - large * whole for unit in draws.units]
    return [
        per_year
        * (
            amount * float(w)
            + total([c * float(q[t]) for c, q in zip(draws.cells, parts, strict=True) if abs(q[t]) > PART])
        )
        for t, w in enumerate(whole)
    ]


def _base(grid: Grid, inputs: Inputs, ready: Prepared, plan: Plan, cash: CashRows) -> list[Cell]:
    """min(what the contract supports, depreciated cost) after each payment date."""
    rule, periods, count = plan.facility.amortisation, ready.periods, ready.periods.count
    path, name = f"facilities.{plan.facility.name}.amortisation", plan.facility.name
    if rule.supported is not None:
        supported = on_dates(inputs, f"{path}.supported", rule.supported, periods, ready.values)
    else:
        advance = inputs.add(f"{path}.advance", rule.advance, str(rule.where))
        discount = inputs.add(f"{path}.discount", rule.discount, str(rule.where))
        supported, ahead = [NIL] * count, NIL
        for t in range(count - 2, -1, -1):
            step = Cell(
                f"((1+{discount.text})^{float(periods.years[t + 1])!r})",
                (1 + discount.value) ** periods.years[t + 1],
            )
            ahead = grid.set(
                f"{name}: worth of contracted cash", t, (cash.contracted[rule.contract][t + 1] + ahead) / step
            )
            supported[t] = high(advance * ahead, 0.0)
    if rule.depreciated_cost is not None:
        cost = on_dates(inputs, f"{path}.depreciated_cost", rule.depreciated_cost, periods, ready.values)
    else:
        life = inputs.add(f"{path}.life_years", rule.life_years, str(rule.where))
        asset = next(a for a in ready.deal.assets if a.name == rule.asset)
        spend = Points(_Known(inputs), f"assets.{asset.name}.spend", asset.spend)
        spent = spend.rows(lambda u: u.flow(periods, ready.values).cumsum())
        begins = float(periods.begins[min(ready.cash.completion, count - 1)])
        ages = [max(float(x) - begins, 0.0) for x in periods.years.cumsum()]
        cost = [spent[t] * high(num(1.0) - num(ages[t]) / life, 0.0) for t in range(count)]
    return [grid.set(f"{name}: borrowing base", t, low(supported[t], cost[t])) for t in range(count)]


def _rate(inputs: Inputs, ready: Prepared, facility: Facility, path: str) -> list[Cell]:
    floating = facility.rate.floating
    if floating is None:
        return means(inputs, f"{path}.rate", facility.rate, ready.periods, ready.values)
    base = floating.base_rate(ready.periods, ready.values, "")
    margin = means(inputs, f"{path}.rate.margin", floating.margin, ready.periods, ready.values)
    found = [num(float(b)) + m for b, m in zip(one(base), margin, strict=True)]
    if floating.cap is not None:
        cap = inputs.add(f"{path}.rate.cap", floating.cap, facility.rate.where)
        found = [low(r, cap) for r in found]
    return found


def _weights(
    grid: Grid, inputs: Inputs, ready: Prepared, plan: Plan, cash: CashRows
) -> tuple[list[Cell], list[int]]:
    """What a level or sculpted service is proportional to, on the dates on which principal is repaid."""
    rule, periods, count = plan.facility.amortisation, ready.periods, ready.periods.count
    first = (
        0 if rule.from_ is None else next((t for t, e in enumerate(periods.ends) if e > rule.from_), count)
    )
    steps = max(plan.facility.interest_months // periods.months, 1)
    steps = plan.facility.principal_months // periods.months or steps
    first = first if plan.taken is None else plan.taken + 1
    on = [t for t in range(first, plan.maturity + 1) if (plan.maturity - t) % steps == 0]
    if rule.type != "sculpted":
        return [num(1.0) if t in on else NIL for t in range(count)], on
    path = f"facilities.{plan.facility.name}.amortisation"
    if rule.streams:
        covers = {
            s.contract: inputs.add(f"{path}.streams.{k}.dscr", s.dscr, str(s.where))
            for k, s in enumerate(rule.streams)
        }
        service = [total([cash.streams[c][t] / cover for c, cover in covers.items()]) for t in range(count)]
    elif rule.cfads is not None:
        level = means(inputs, f"{path}.cfads", rule.cfads, periods, ready.values)
        service = [level[t] * float(periods.years[t]) for t in range(count)]
    else:
        service = cash.sizing
    if rule.dscr:
        cover = inputs.add(f"{path}.dscr", rule.dscr, str(rule.where))
        service = [x / cover for x in service]
    found, before = [NIL] * count, first - 1
    for t in on:
        whole = total([high(service[s], 0.0) for s in range(before + 1, t + 1)])
        found[t] = grid.set(f"{plan.facility.name}: sculpted service", t, whole)
        before = t
    return found, on


def _gathered(growth: list[Cell], on: list[int], k: int, first: int) -> Cell:
    before = on[k - 1] if k else first - 1
    return total([growth[s] for s in range(before + 1, on[k] + 1)])


def _shares(
    grid: Grid, plan: Plan, growth: list[Cell], rate: list[Cell], fraction: list[Cell], weights: list[Cell],
    on: list[int], name: str,
) -> list[Cell]:  # fmt: skip
    """The share of the balance repaid on each date; everything from maturity on."""
    kind, count = plan.facility.amortisation.type, len(growth)
    share = [num(1.0) if t >= plan.maturity else NIL for t in range(count)]
    first = on[0] - (on[1] - on[0] - 1 if len(on) > 1 else 0) if on else 0
    if kind == "level_principal":
        for k, t in enumerate(on[:-1]):
            share[t] = num(1.0 / (len(on) - k))
        return share
    if kind not in ("level_payment", "sculpted"):
        return share
    fixed = plan.facility.rate.fixed or kind == "sculpted"
    ahead = NIL
    for k in range(len(on) - 1, -1, -1):
        t = on[k]
        own = _gathered(growth, on, k, max(first, 0))
        if fixed:
            # Worth of the service to come per unit: A_t = (w_t + A_t+1) / (1 + r_t); the share is w_t / A_t - r_t.
            ahead = grid.set(f"{name}: worth of service to come", t, (weights[t] + ahead) / (own + 1.0))
            ratio = pick(ahead.above(0.0), weights[t] / ahead, 0.0)
        else:
            # The payment is set at the rate of the date; later rates are not known.
            worth, discount = NIL, num(1.0)
            for j in range(k, len(on)):
                before = on[j - 1] if j else max(first, 0) - 1
                length = total([fraction[s] for s in range(before + 1, on[j] + 1)])
                discount = discount / (rate[t] * length + 1.0)
                worth = worth + discount
                # A formula has 8,192 characters, so the sum goes through cells of its own.
                discount = grid.set(f"{name}: discount for {t + 1}", on[j], discount)
                worth = grid.set(f"{name}: annuity for {t + 1}", on[j], worth)
            ratio = num(1.0) / worth
        if t < plan.maturity:
            share[t] = grid.set(f"{name}: share repaid", t, low(high(ratio - own, 0.0), 1.0))
    return share


def _sized(
    grid: Grid, inputs: Inputs, ready: Prepared, plan: Plan, growth: list[Cell], rate: list[Cell], weights: list[Cell],
    on: list[int], share: list[Cell], unit: list[float], years: list[float], given: Cell, fee: Cell, path: str,
) -> Cell:  # fmt: skip
    """The least of the limits: the worth of the sculpted service, the commitment, gearing and value."""
    rule, name, count = plan.facility.amortisation, plan.facility.name, ready.periods.count
    first = next((t for t, e in enumerate(ready.periods.ends) if rule.from_ is None or e > rule.from_), count)
    balance, interest, planned = NIL, NIL, list[Cell]()
    for t in range(first):
        accrued = growth[t] * balance + rate[t] * years[t]
        balance = grid.set(f"{name}: balance a unit", t, balance + unit[t] + accrued * float(plan.pik[t]))
        interest = interest + accrued * float(1 - plan.pik[t])
        planned.append(accrued * float(1 - plan.pik[t]))
    owed = balance
    for t in range(first, count):
        accrued, owed = growth[t] * owed + rate[t] * years[t], owed + unit[t]
        principal = share[t] * owed
        planned.append(grid.set(f"{name}: service a unit", t, accrued + principal))
        owed = grid.set(f"{name}: balance a unit", t, owed - principal)
    balance = balance + sum(unit[first:])
    limits = [grid.get(f"{name}: worth of service to come", on[0]) / balance]
    if given.text != "0":
        limits.append(given)
    loading = fee + interest
    for reserve in ready.deal.reserves:
        if reserve.funded != "cash" and reserve.months and plan.facility.tested:
            begins = max(ready.cash.completion, 1 if reserve.funded == "closing" else 0)
            loading = total(planned[begins : begins + reserve.months // ready.periods.months]) + loading
    if rule.gearing:
        gearing = inputs.add(f"{path}.amortisation.gearing", rule.gearing, str(rule.where))
        spend = total(
            [
                cell * float(one(unit_number.flow(ready.periods, ready.values)).sum())
                for asset in ready.deal.assets
                for points in [Points(_Known(inputs), f"assets.{asset.name}.spend", asset.spend)]
                for cell, unit_number in zip(points.cells, points.units, strict=True)
            ]
        )
        limits.append(gearing * spend / (num(1.0) - gearing * loading))
    if rule.ltv and plan.sizing is not None:
        ltv = inputs.add(f"{path}.amortisation.ltv", rule.ltv, str(rule.where))
        limits.append(ltv * (plan.sizing.limits["ltv"] / rule.ltv))
    least = limits[0]
    for limit in limits[1:]:
        least = low(least, limit)
    return high(least, 0.0)


class _Known(Inputs):
    """Inputs that are on the sheet already."""

    def __init__(self, inputs: Inputs) -> None:
        self.paths = inputs.paths

    def add(self, path: str, value: float, where: str, *, label: str = "") -> Cell:
        place = self.paths[path]
        return Cell(f"Inputs!${place[0]}${place[1:]}", float(value))


def _planned(
    grid: Grid, plan: Plan, name: str, drawn: list[Cell], drawn_years: list[Cell], rate: list[Cell],
    fraction: list[Cell], share: list[Cell], paid: list[Cell], ceiling: list[Cell | None], lent: list[Cell],
) -> tuple[list[Cell], list[Cell]]:  # fmt: skip
    """The balance and service of each date if everything is paid."""
    balance, waits, balances, service = NIL, NIL, list[Cell](), list[Cell]()
    for t in range(len(drawn)):
        waits = waits + rate[t] * (fraction[t] * balance + drawn_years[t])
        falls = waits if plan.pays_interest[t] else NIL
        waits = NIL if plan.pays_interest[t] else grid.set(f"{name}: planned accrual", t, waits)
        balance = balance + drawn[t] + falls * float(plan.pik[t])
        due = share[t] * balance + paid[t]
        bound = ceiling[t]
        if bound is not None:
            due = high(due, balance - bound)
        due = low(high(due, 0.0), balance)
        due = grid.set(f"{name}: planned principal", t, due)
        balance = grid.set(f"{name}: planned balance", t, balance - due + lent[t])
        balances.append(balance)
        service.append(grid.set(f"{name}: planned service", t, due + falls * float(1 - plan.pik[t])))
    return balances, service

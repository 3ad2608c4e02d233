"""What one contract brings: accrued by days on a mesh, paid in the period of its rent date."""

from __future__ import annotations

import bisect
import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.daycounts import add_months
from supercycle.deals.calendar.mesh import Mesh
from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Contract
from supercycle.deals.engine.parties import Chances

__all__ = ["Brought", "bring"]

Floats = NDArray[np.float64]
HOURS_A_YEAR = 8766.0  # 365.25 days, as in core.units
MONEY = {"USD": 1.0, "USD_m": 1e6, "USD_bn": 1e9}
ALWAYS = datetime.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Brought:
    """Arrays [period] or [period, path]; cash falls into the period in which it is paid."""

    due: Floats
    paid: Floats
    accrued: Floats  # what was earned in the period, whenever it is paid
    opex: Floats
    full: Floats  # net cash with every option exercised: what a lender sculpts on
    contracted: Floats  # net cash in the initial term, take-or-pay at its least
    lapsed: (
        Floats  # 1 in the period on whose payment date the asset is sold after a lease that was not renewed
    )
    gone: Floats  # 1 from that period's successor on
    starts: int  # the first period in which it runs


def bring(
    contract: Contract, periods: Periods, values: Values, chances: Chances, money: str, sale_lag: int
) -> Brought:
    """Lay one contract on the calendar; ``sale_lag`` is the months from a lease's end to the sale of its asset."""
    count = contract.options + 1
    ends = [contract.end(k) for k in range(count)]
    last = _end(contract, periods, values, chances)  # options exercised, [] or [path]
    rents = _rent_dates(contract, periods)
    relet = contract.relet
    let = [add_months(e, relet.empty_months) for e in ends[:-1]] if relet else []
    cuts = {contract.start, *ends, *rents, *let, *_anniversaries(contract.start, periods)}
    for number in (contract.rent, contract.gpus, contract.usd_per_gpu_hour, contract.used_share,
                   contract.take_or_pay_share, contract.opex, contract.paid_share):  # fmt: skip
        cuts |= set(number.cuts())
    if relet:
        cuts |= {d for e in let for d in _anniversaries(e, periods)} | set(relet.rent.cuts())
    mesh = Mesh(periods, cuts)
    begun = (mesh.starts >= contract.start.toordinal()).astype(float)
    days = np.array([e.toordinal() for e in ends])
    runs = begun * (mesh.starts < days[-1]) if last.ndim == 0 and int(last) == count - 1 else _until(
        begun, mesh.starts, days[last.astype(int)]
    )  # fmt: skip
    clock = mesh.on_clock(rents, contract.pay_months / 12) if rents else mesh
    gross, least = _gross(contract, clock, values, money)
    cost = _cost(contract, mesh, values)
    pays = _paying(contract, mesh, rents)
    could, initial = begun * (mesh.starts < days[-1]), begun * (mesh.starts < days[0])
    due_pieces = times(gross, runs)
    share = contract.paid_share
    paid_pieces = due_pieces
    if not (share.fixed and share.value == 1):
        level = share.on_mesh(mesh, values)
        if (level < 0).any() or (level > 1).any():
            raise InputError("bad paid_share", expected="0 to 1", where=share.where)
        paid_pieces = times(due_pieces, level[:, 1])
    alive = chances.pays.get(contract.payer)
    running, spent = runs, np.zeros(periods.count)
    if relet is not None:
        again, spent, occupied = _relet(contract, mesh, ends, let, last, values)
        paid_pieces, due_pieces = plus(paid_pieces, again), plus(due_pieces, again)
        running = occupied
    due, paid = _sum(due_pieces, pays, periods.count), _sum(paid_pieces, pays, periods.count)
    accrued, opex = mesh.by_period(paid_pieces), mesh.by_period(times(cost, running))
    if relet is not None:
        opex = plus(opex, spent)
    if alive is not None:
        paid, accrued = times(paid, alive), times(accrued, alive)
    full = plus(_sum(times(gross, could), pays, periods.count), -mesh.by_period(times(cost, could)))
    contracted = plus(_sum(times(least, initial), pays, periods.count), -mesh.by_period(times(cost, initial)))
    lapsed, gone = _lapse(periods, ends, last, sale_lag) if relet is None else (np.zeros(periods.count),) * 2
    started = next((t for t, e in enumerate(periods.ends) if e > contract.start), periods.count)
    return Brought(due, paid, accrued, opex, full, contracted, lapsed, gone, started)


def _until(begun: Floats, starts: Floats, end: Floats) -> Floats:
    """1 on pieces that have begun and start before the end, one end or one per path."""
    if end.ndim == 0:
        return begun * (starts < end)
    return begun[:, None] * (starts[:, None] < end[None, :])


def _end(contract: Contract, periods: Periods, values: Values, chances: Chances) -> NDArray[np.int64]:
    """How many options are exercised, one number or one per path."""
    if contract.renewed is None:
        count = chances.renewed.get(contract.name, np.array(float(contract.options)))
        return np.asarray(count).astype(np.int64)
    count = np.asarray(contract.renewed.mean(periods, values)[0])
    if ((count < 0) | (count > contract.options) | (count != np.round(count))).any():
        raise InputError(
            "bad renewed",
            expected=f"a whole number from 0 to {contract.options}",
            where=contract.renewed.where,
        )
    return count.astype(np.int64)


def _anniversaries(start: datetime.date, periods: Periods) -> list[datetime.date]:
    first = max(periods.starts[0].year - start.year, 1)
    return [add_months(start, 12 * k) for k in range(first, max(periods.ends[-1].year - start.year, 0) + 1)]


def _years_since(start: datetime.date, mesh: Mesh) -> Floats:
    """Whole years from a date to each piece's start, 0 before the first anniversary."""
    marks = [
        add_months(start, 12 * k).toordinal()
        for k in range(1, int(mesh.ends[-1] - start.toordinal()) // 365 + 2)
    ]
    return np.searchsorted(marks, mesh.starts, side="right").astype(float)


def _steps(growth: float, start: datetime.date, mesh: Mesh) -> Floats:
    return (1 + growth) ** _years_since(start, mesh) if growth else np.ones(len(mesh.starts))


def _gross(contract: Contract, mesh: Mesh, values: Values, money: str) -> tuple[Floats, Floats]:
    """The borrower's revenue of each piece while the contract runs, and the least of it that is contracted."""
    grown = _steps(contract.escalator, contract.start, mesh) * contract.received_share
    if contract.kind == "lease":
        rent = times(mesh.integral(contract.rent.on_mesh(mesh, values)), grown)
        return rent, rent
    used, least = contract.used_share.on_mesh(mesh, values), contract.take_or_pay_share.on_mesh(mesh, values)
    whole = _product(contract.gpus.on_mesh(mesh, values), contract.usd_per_gpu_hour.on_mesh(mesh, values))
    scale = grown * (HOURS_A_YEAR / MONEY[money])
    used, least = (x[:, :, None] if x.ndim < max(used.ndim, least.ndim) else x for x in (used, least))
    paid = mesh.integral(_product(whole, np.maximum(used, least)))
    return times(paid, scale), times(mesh.integral(_product(whole, least)), scale)


def _product(a: Floats, b: Floats) -> Floats:
    if a.ndim != b.ndim:
        a, b = (a[:, :, None], b) if a.ndim == 2 else (a, b[:, :, None])
    return a * b


def _cost(contract: Contract, mesh: Mesh, values: Values) -> Floats:
    if contract.opex.fixed and not contract.opex.value:
        return np.zeros(len(mesh.starts))
    cost = mesh.integral(contract.opex.on_mesh(mesh, values))
    return times(cost, _steps(contract.opex_growth, contract.start, mesh))


def _rent_dates(contract: Contract, periods: Periods) -> list[datetime.date]:
    """The rent dates from the start to the last possible end; none where rent is paid as it accrues."""
    if not contract.pay_months:
        return []
    stop = min(contract.end(contract.options), periods.ends[-1])
    found, k = list[datetime.date](), 0
    while True:
        date = add_months(contract.start, contract.pay_months * k)
        found.append(date)
        if date >= stop:
            return found
        k += 1


def _paying(contract: Contract, mesh: Mesh, rents: list[datetime.date]) -> NDArray[np.int64]:
    """The period in which each piece's rent is paid; -1 before the closing, the count after the last payment date."""
    if not rents:
        return mesh.period
    periods, marks = mesh.periods, [d.toordinal() for d in rents]
    found = np.full(len(mesh.starts), -1)
    for i, start in enumerate(mesh.starts):
        k = bisect.bisect_right(marks, int(start)) - 1
        if k < 0:
            continue
        at = k if contract.pay == "advance" else min(k + 1, len(marks) - 1)
        date = rents[at] + datetime.timedelta(days=contract.pay_days)
        if date < periods.starts[0]:
            continue
        period = periods.ending(date)
        found[i] = periods.count if period is None else period
    return found


def _sum(pieces: Floats, pays: NDArray[np.int64], count: int) -> Floats:
    """Pieces summed into the periods in which they are paid; what is paid outside the calendar is left out."""
    inside = (pays >= 0) & (pays < count)
    total = np.zeros((count, *pieces.shape[1:]))
    np.add.at(total, pays[inside], pieces[inside])
    return total


def _lapse(
    periods: Periods, ends: list[datetime.date], last: NDArray[np.int64], lag: int
) -> tuple[Floats, Floats]:
    """1 in the period on whose payment date the asset of a lease that ended early is sold, and 1 after it."""
    sold = [periods.ending(add_months(e, lag)) if k < len(ends) - 1 else None for k, e in enumerate(ends)]
    # A lease that ended before the closing is no lapse of this deal.
    at = np.array([-1 if t is None or ends[k] <= periods.starts[0] else t for k, t in enumerate(sold)])[last]
    grid = np.arange(periods.count)
    if at.ndim == 0:
        return (grid == at).astype(float), ((grid > at) & (at >= 0)).astype(float)
    return (grid[:, None] == at).astype(float), ((grid[:, None] > at) & (at >= 0)).astype(float)


def _relet(
    contract: Contract, mesh: Mesh, ends: list[datetime.date], let: list[datetime.date], last: NDArray[np.int64],
    values: Values,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """(rent after the asset is let again, the cost of it by period, where running costs are borne)."""
    rule, periods = contract.relet, mesh.periods
    assert rule is not None
    market = mesh.integral(rule.rent.on_mesh(mesh, values)) * contract.received_share
    stop = ends[-1].toordinal()
    paths = last.shape
    rent = np.zeros((len(mesh.starts), *paths))
    spent = np.zeros((periods.count, *paths))
    cost = rule.cost.flow(periods, values) if rule.cost.kind != "value" else None
    for k, begins in enumerate(let):
        hit = (last == k).astype(float)
        on = ((mesh.starts >= begins.toordinal()) & (mesh.starts < stop)).astype(float)
        grown = times(market, on * _steps(rule.growth, begins, mesh))
        rent = rent + (np.multiply.outer(grown, hit) if grown.ndim == 1 and paths else grown * hit)
        at = periods.ending(begins)
        if at is not None:
            lump = rule.cost.value if cost is None else float(cost.sum())
            spent[at] += lump * hit
    held = ((mesh.starts >= contract.start.toordinal()) & (mesh.starts < stop)).astype(float)
    return rent, spent, held

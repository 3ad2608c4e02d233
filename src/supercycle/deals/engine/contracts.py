"""What one contract brings: accrued by days on a mesh, paid in the period of its rent date."""

from __future__ import annotations

import bisect
import dataclasses
import datetime
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.daycounts import add_months
from supercycle.deals.calendar.mesh import Mesh
from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Number, Values
from supercycle.deals.document.schema import Contract
from supercycle.deals.engine.parties import Chances

__all__ = ["Brought", "bring"]

Floats = NDArray[np.float64]
HOURS_A_YEAR = 8766.0  # 365.25 days, as in core.units
MONEY = {"USD": 1.0, "USD_m": 1e6, "USD_bn": 1e9}
ALL = frozenset({"full", "contracted"})


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
    contract: Contract, periods: Periods, values: Values, chances: Chances, money: str, sale_lag: int,
    wants: frozenset[str] = ALL,
) -> Brought:  # fmt: skip
    """Lay one contract on the calendar; ``sale_lag`` is the months from a lease's end to the sale of its asset.

    ``wants`` names what is needed of ``full`` and ``contracted``; the others stay 0.
    """
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
    clock = mesh.on_clock(rents, contract.pay_months / 12) if rents else mesh
    pays = _paying(contract, mesh, rents)
    lapsed = gone = np.zeros(periods.count)
    if relet is None and contract.asset:  # nothing is sold with a lease of no asset
        lapsed, gone = _lapse(periods, ends, last, sale_lag)
    started = bisect.bisect_right(periods.ends, contract.start)
    laid = _Laid(contract, mesh, clock, pays, last, ends, values, chances, money, wants)
    found = laid.at_once() if relet is None and laid.separable else laid.piece_by_piece(let)
    return Brought(*found, lapsed, gone, started)


Streams = tuple[Floats, Floats, Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class _Laid:
    """A contract on its mesh: due, paid, accrued, running costs, full and contracted cash by period."""

    contract: Contract
    mesh: Mesh
    clock: Mesh
    pays: NDArray[np.int64]
    last: NDArray[np.int64]
    ends: list[datetime.date]
    values: Values
    chances: Chances
    money: str
    wants: frozenset[str]

    @property
    def separable(self) -> bool:
        """Whether at most one number follows the world, and that one multiplies the revenue."""
        c = self.contract
        moving = [n for n in (c.rent, c.gpus, c.usd_per_gpu_hour) if n.by_path]
        others = (c.used_share, c.take_or_pay_share, c.opex, c.paid_share)
        return len(moving) <= 1 and not any(n.by_path for n in others)

    def at_once(self) -> Streams:
        """Pieces do not differ by path: they are summed by period for each number of options, then scaled by path."""
        c, mesh, periods = self.contract, self.mesh, self.mesh.periods
        parts: dict[str, Any] = {}
        factor: Floats | None = None
        for name in ("rent", "gpus", "usd_per_gpu_hour"):
            parts[name], part = getattr(c, name).apart(periods, self.values)
            factor = part if part is not None else factor
        gross, least = _gross(dataclasses.replace(c, **parts), self.clock, self.values, self.money)
        cost = _cost(c, mesh, self.values)
        begun = (mesh.starts >= c.start.toordinal()).astype(float)
        runs = begun[:, None] * (mesh.starts[:, None] < np.array([e.toordinal() for e in self.ends]))
        due = paid = accrued = self._by_path(gross[:, None] * runs, factor)
        opex = self._chosen(mesh.by_period(cost[:, None] * runs)) if cost.any() else np.zeros(periods.count)
        if not (c.paid_share.fixed and c.paid_share.value == 1):
            level = _paid_level(c, mesh, self.values)[:, 1]
            paid = accrued = self._by_path((gross * level)[:, None] * runs, factor)
            if self.clock is not mesh:
                accrued = self._accrued((gross * level)[:, None] * runs, factor)
        elif self.clock is not mesh:
            accrued = self._accrued(gross[:, None] * runs, factor)
        alive = self.chances.pays.get(c.payer)
        if alive is not None:
            paid, accrued = times(paid, alive), times(accrued, alive)
        nothing = np.zeros(periods.count)
        full = contracted = nothing
        if "full" in self.wants:
            full = self._net(gross * runs[:, -1], cost * runs[:, -1], factor)
        if "contracted" in self.wants:
            contracted = self._net(least * runs[:, 0], cost * runs[:, 0], factor)
        return due, paid, accrued, opex, full, contracted

    def _net(self, pieces: Floats, cost: Floats, factor: Floats | None) -> Floats:
        return plus(self._paid_on(pieces[:, None], factor)[0], -self.mesh.by_period(cost))

    def _chosen(self, by_options: Floats) -> Floats:
        """[period, options] for the number of options that each path exercises."""
        return (
            by_options[:, int(self.last)] if self.last.ndim == 0 else np.take(by_options, self.last, axis=1)
        )

    def _by_path(self, pieces: Floats, factor: Floats | None) -> Floats:
        """Pieces [piece, options] in the periods in which they are paid, [period] or [period, path]."""
        if self.last.ndim == 0:
            return self._paid_on(pieces[:, [int(self.last)]], factor)[0]
        if factor is None or self.clock is self.mesh:
            total = self._chosen(self._paid_on(pieces, None, whole=True)[0])
            return total if factor is None else times(total, factor)
        each = self._paid_on(pieces, factor)
        found = np.zeros((self.mesh.periods.count, len(self.last)))
        for k, rows in enumerate(each):
            mine = self.last == k
            found[:, mine] = (
                rows[:, mine] if rows.ndim == 2 and rows.shape[1] > 1 else rows.reshape(len(rows), -1)[:, :1]
            )
        return found

    def _paid_on(self, pieces: Floats, factor: Floats | None, *, whole: bool = False) -> list[Floats]:
        """By number of options what is paid in each period; ``whole`` gives them as one array [period, options]."""
        count = self.mesh.periods.count
        if self.clock is self.mesh:
            total = self.mesh.by_period(pieces)
        elif factor is None:
            total = _sum(pieces, self.pays, count)
        else:
            inside = (self.pays >= 0) & (self.pays < count)
            found: list[Floats] = []
            for k in range(pieces.shape[1]):
                moved = np.zeros(
                    (count, count)
                )  # from the period in which it is earned to that in which it is paid
                np.add.at(moved, (self.pays[inside], self.mesh.period[inside]), pieces[inside, k])
                found.append(moved @ factor)
            return found
        if whole:
            return [total]
        return [total[:, k] if factor is None else times(total[:, k], factor) for k in range(total.shape[1])]

    def _accrued(self, pieces: Floats, factor: Floats | None) -> Floats:
        total = self._chosen(self.mesh.by_period(pieces))
        return total if factor is None else times(total, factor)

    def piece_by_piece(self, let: list[datetime.date]) -> Streams:
        """Pieces [piece, path], where several numbers follow the world or the asset is let again."""
        c, mesh, periods, pays = self.contract, self.mesh, self.mesh.periods, self.pays
        begun = (mesh.starts >= c.start.toordinal()).astype(float)
        days = np.array([e.toordinal() for e in self.ends])
        runs = begun * (mesh.starts < days[-1])
        if self.last.ndim or int(self.last) != len(days) - 1:
            runs = _until(begun, mesh.starts, days[self.last.astype(int)])
        gross, least = _gross(c, self.clock, self.values, self.money)
        cost = _cost(c, mesh, self.values)
        could, initial = begun * (mesh.starts < days[-1]), begun * (mesh.starts < days[0])
        due_pieces = times(gross, runs)
        paid_pieces = due_pieces
        if not (c.paid_share.fixed and c.paid_share.value == 1):
            paid_pieces = times(due_pieces, _paid_level(c, mesh, self.values)[:, 1])
        alive = self.chances.pays.get(c.payer)
        running, spent = runs, np.zeros(periods.count)
        if c.relet is not None:
            again, spent, occupied = _relet(c, mesh, self.ends, let, self.last, self.values)
            paid_pieces, due_pieces = plus(paid_pieces, again), plus(due_pieces, again)
            running = occupied
        due, paid = _sum(due_pieces, pays, periods.count), _sum(paid_pieces, pays, periods.count)
        accrued, opex = mesh.by_period(paid_pieces), mesh.by_period(times(cost, running))
        if c.relet is not None:
            opex = plus(opex, spent)
        if alive is not None:
            paid, accrued = times(paid, alive), times(accrued, alive)
        full = contracted = np.zeros(periods.count)
        if "full" in self.wants:
            full = plus(_sum(times(gross, could), pays, periods.count), -mesh.by_period(times(cost, could)))
        if "contracted" in self.wants:
            contracted = plus(
                _sum(times(least, initial), pays, periods.count), -mesh.by_period(times(cost, initial))
            )
        return due, paid, accrued, opex, full, contracted


def _paid_level(contract: Contract, mesh: Mesh, values: Values) -> Floats:
    level = contract.paid_share.on_mesh(mesh, values)
    if (level < 0).any() or (level > 1).any():
        raise InputError("bad paid_share", expected="0 to 1", where=contract.paid_share.where)
    return level


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


@functools.lru_cache(maxsize=4096)
def _year_marks(start: datetime.date, count: int) -> NDArray[np.int64]:
    return np.array([add_months(start, 12 * k).toordinal() for k in range(1, count)], np.int64)


def _years_since(start: datetime.date, mesh: Mesh) -> Floats:
    """Whole years from a date to each piece's start, 0 before the first anniversary."""
    marks = _year_marks(start, int(mesh.ends[-1] - start.toordinal()) // 365 + 2)
    return np.searchsorted(marks, mesh.starts, side="right").astype(float)


def _steps(growth: float, start: datetime.date, mesh: Mesh) -> Floats:
    return (1 + growth) ** _years_since(start, mesh) if growth else np.ones(len(mesh.starts))


def _gross(contract: Contract, mesh: Mesh, values: Values, money: str) -> tuple[Floats, Floats]:
    """The borrower's revenue of each piece while the contract runs, and the least of it that is contracted."""
    grown = _steps(contract.escalator, contract.start, mesh) * contract.received_share
    if contract.kind == "lease":
        rent = times(_integral(contract.rent, mesh, values), grown)
        return rent, rent
    used, least = contract.used_share.on_mesh(mesh, values), contract.take_or_pay_share.on_mesh(mesh, values)
    whole = _product(contract.gpus.on_mesh(mesh, values), contract.usd_per_gpu_hour.on_mesh(mesh, values))
    scale = grown * (HOURS_A_YEAR / MONEY[money])
    used, least = (x[:, :, None] if x.ndim < max(used.ndim, least.ndim) else x for x in (used, least))
    paid = mesh.integral(_product(whole, np.maximum(used, least)))
    return times(paid, scale), times(mesh.integral(_product(whole, least)), scale)


def _integral(number: Number, mesh: Mesh, values: Values) -> Floats:
    """What a number a year comes to on each piece."""
    return mesh.years * number.value if number.fixed else mesh.integral(number.on_mesh(mesh, values))


def _product(a: Floats, b: Floats) -> Floats:
    if a.ndim != b.ndim:
        a, b = (a[:, :, None], b) if a.ndim == 2 else (a, b[:, :, None])
    return a * b


def _cost(contract: Contract, mesh: Mesh, values: Values) -> Floats:
    if contract.opex.fixed and not contract.opex.value:
        return np.zeros(len(mesh.starts))
    cost = _integral(contract.opex, mesh, values)
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

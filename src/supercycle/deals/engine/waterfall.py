"""One period after another: open, draw, accrue, collect, pay in order, test, trap or sweep or release, close.

Every movement of cash is between named accounts and is recorded once; ``ledger`` checks what was recorded
against the accounts. The text runs on arrays [path] or on plain floats (see ``arithmetic``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal, Facility
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.covenants import Covenants
from supercycle.deals.engine.ledger import Books, BooksCheck
from supercycle.deals.engine.till import Till
from supercycle.deals.engine.tranche import TRANCHE_SERIES, Tranche

__all__ = ["STATES", "books_of", "run_paths"]

Floats = NDArray[np.float64]
STATES = ("performing", "trap", "default", "accelerated", "matured_unpaid")
WHOLE = {"revenue": "source", "equity_in": "source", "sale": "source", "guarantee": "source",
         "cash_interest": "source", "opex": "use", "spend": "use", "equity_out": "use", "cfads": "info",
         "service": "info", "opex_unpaid": "info", "state": "info", "construction": "cash",
         "collection": "cash"}  # fmt: skip


def books_of(deal: Deal) -> Books:
    """The series a deal records; those of a side stand together, so that they are summed where they lie."""
    found = dict(WHOLE)
    for series, side in TRANCHE_SERIES.items():
        found |= {f"{facility.name}.{series}": side for facility in deal.facilities}
    found |= {f"account.{r.name}": "cash" for r in deal.reserves}
    order = ("source", "use", "cash", "info")
    books = Books(
        {name: side for wanted in order for name, side in found.items() if side == wanted},
        [f.name for f in deal.facilities],
    )
    books.sides |= {f"target.{r.name}": "info" for r in deal.reserves if r.kind == "reserve"}
    books.sides |= {f"test.{t.name}": "info" for t in deal.tests}
    books.sides |= {f"guarantee.{g.name}": "info" for g in deal.guarantees}
    return books


def run_paths(
    deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], values: Values, out: Floats, do: Arithmetic
) -> float:  # fmt: skip
    """Run every period, write each series into ``out`` [period, series, path], which holds zeros; check the books.

    Returns their residual (BooksError above 1e-9). Each period is checked while it is in the processor's cache.
    """
    check = BooksCheck(books_of(deal))
    if do.scalar:
        lines = [[0.0] * out.shape[1] for _ in range(out.shape[0])]
        _Run(deal, periods, cash, plans, values, 1, do).periods(lines, None)
        out[:, :, 0] = lines
        check.take(out.swapaxes(0, 1))
    else:
        _Run(deal, periods, cash, plans, values, out.shape[2], do).periods(out, check)
    return check.residual()


class _Run:
    """One run of the waterfall: the deal's rows by period, and what passes from period to period."""

    def __init__(
        self, deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], values: Values, paths: int,
        do: Arithmetic,
    ) -> None:  # fmt: skip
        self._deal, self._do, self._count = deal, do, periods.count
        self._one = 1.0 if do.scalar else np.ones(paths)
        self._zero = 0.0 * self._one
        row = self._row = books_of(deal).index()
        self._tranches = {p.facility.name: Tranche(p, row, do) for p in plans}
        self._demanded = [x for x in self._tranches.values()
                          if x.plan.facility.kind == "variable_funding_note"]  # fmt: skip
        self._senior = [x for x in self._tranches.values() if x.plan.facility.tested]
        targets = {r.name: _target(deal, periods, plans, r.name, values) for r in deal.reserves}
        self._targets = {name: do.rows(target) for name, target in targets.items()}
        opened = {name: do.rows(found) for name, found in cash.service_open.items()}
        self._till = Till(deal, self._tranches, self._targets, opened, self._zero, do)
        self._covenants = Covenants(deal, periods, cash, plans, do)
        self._cash, self._completion = cash, cash.completion
        self._revenue = do.rows(np.maximum(cash.revenue, 0.0))
        self._cfads = do.rows(cash.cfads)
        self._costs = do.rows(plus(cash.opex, np.maximum(-cash.revenue, 0.0)))
        self._backed, self._guaranteed = do.rows(cash.backed), do.rows(cash.guaranteed)
        self._calls = {name: do.rows(found) for name, found in cash.calls.items()}
        self._spend, self._value = do.rows(cash.spend), do.rows(cash.value)
        self._lapsed = do.rows(cash.lapsed)
        self._lapses = [do.some(np.asarray(x) > 0) for x in self._lapsed]
        self._cash_rate = do.rows(deal.cash_rate.level(periods, values) * (periods.months / 12))
        self._alive: Any = None  # None while no path has ended
        self._late_opex: Any = 0.0
        self._missed: Any = self._zero
        self._accelerated: Any = None

    def periods(self, lines: Any, check: BooksCheck | None) -> None:
        """Every period, each recorded in its line."""
        for t, line in enumerate(lines):
            self._open(t, line)
            self._collect(t, line)
            self._till.pay_scheduled(t, t < self._completion)
            self._close(t, line)
            if check:
                check.take(line[:, None])

    def _write(self, line: Any, **named: Any) -> None:
        for name, value in named.items():
            if type(value) is not float or value:
                line[self._row[name]] = value

    def _open(self, t: int, line: Any) -> None:
        """Draws, fees, spend and the opening of reserves meet in the construction account; owners add the rest."""
        till, alive, do = self._till, self._alive, self._do
        till.open()
        if not is_nil(rate := self._cash_rate[t]):
            earned = till.total() * rate
            till.collection = till.collection + earned
            self._write(line, cash_interest=earned)
        for tranche in self._tranches.values():
            drawn = tranche.draw(t, alive)
            if not is_nil(drawn):
                till.construction = till.construction + drawn
        need = self._spend[t]
        if alive is not None:
            need = need * alive
        self._write(line, spend=need)
        if t == 0:
            need = need + self._closing()
        demanded: dict[Tranche, Any] = {}
        if not is_nil(need):
            for tranche in self._demanded:
                gap = do.high(need - till.construction, 0.0) * tranche.plan.facility.advance
                drawn = do.low(gap, tranche.headroom(t))
                demanded[tranche] = drawn
                till.construction = till.construction + drawn
            till.meet(need)
        for tranche in self._tranches.values():
            tranche.accrue(t, demanded.get(tranche, 0.0), alive)
        if t >= self._completion and not is_nil(till.construction):
            till.collection, till.construction = till.collection + till.construction, 0.0

    def _closing(self) -> Any:
        """Fees and reserves filled at closing."""
        need: Any = 0.0
        for tranche in self._tranches.values():
            fee = tranche.plan.facility.upfront_fee * tranche.plan.amount
            tranche.charge(fee)
            need = need + fee
        for reserve in self._deal.reserves:
            if reserve.funded_at_close:
                target = self._targets[reserve.name][0]
                self._till.held[reserve.name] = target + self._zero
                need = need + target
        return need

    def _collect(self, t: int, line: Any) -> None:
        """Running costs, and those still owed, come before all debt."""
        till, alive = self._till, self._alive
        revenue, cost, cfads, backed = self._revenue[t], self._costs[t], self._cfads[t], self._backed[t]
        if alive is not None:
            revenue, cost, cfads, backed = revenue * alive, cost * alive, cfads * alive, backed * alive
        if not is_nil(revenue):
            till.collection = till.collection + revenue
        if not is_nil(backed):
            till.collection = till.collection + backed
        self._guarantee = backed
        owed = self._late_opex if is_nil(cost) else self._late_opex + cost
        paid: Any = 0.0
        if not is_nil(owed):
            paid = self._do.low(till.collection, owed)
            till.collection, self._late_opex = till.collection - paid, owed - paid
        self._write(line, revenue=revenue, cfads=cfads, opex=paid, opex_unpaid=self._late_opex)

    def _close(self, t: int, line: Any) -> None:
        """Tests, a sale or a sweep where they say so, then what is left, and the record of the period."""
        till, do, deal = self._till, self._do, self._deal
        debt, unpaid, tiny = till.balances(), till.unpaid(), till.tiny
        short = unpaid > tiny
        some_short = do.some(short)
        self._missed = do.pick(short, self._missed + 1, self._zero) if some_short else self._zero
        service = self._zero
        for tranche in self._senior:
            service = service + tranche.due
        covered = debt
        if len(self._senior) < len(till.debts):
            covered = sum((x.balance for x in self._senior), self._zero)
        value = self._value[t]
        trap, failed, measured = self._covenants.judge(t, service, covered, value + self._zero, self._alive)
        outstanding = (debt > tiny) | short
        default = (failed | short) & outstanding
        trap = (trap | default) & outstanding
        overdue = [x.balance > x.tiny for x in till.debts if t >= x.plan.maturity]
        sold = self._sold(t, default, failed)
        swept = do.some(default)
        if sold is not None:
            self._sell(t, line, sold, outstanding)
            swept, default = True, default | sold
        elif not is_nil(self._guarantee) or till.called:
            self._record_guarantees(t, line, 0.0)
        if swept:
            # Reserves stand for principal; once it is repaid they pay what is still late.
            repaid = default & (debt <= tiny)
            if do.some(repaid):
                till.empty_accounts(do.pick(repaid, self._one, self._zero))
            till.sweep_all(do.pick(default, self._one, self._zero))
        locks = trap if sold is None else trap & (sold ^ True)
        till.finish(t, do.pick(locks, self._one, self._zero) if do.some(locks) else None)
        for tranche in till.preferred:
            if tranche.plan.facility.compounds:
                tranche.compound()
        state = do.pick(trap, self._one, self._zero)
        if swept:
            state = do.pick(default & outstanding, 2 * self._one, state)
        for late in overdue:
            state = do.pick(late & outstanding, 4 * self._one, state)
        if self._accelerated is not None:
            state = do.pick(self._accelerated, 3 * self._one, state)
        self._write(line, service=service, state=state, construction=till.construction,
                    collection=till.collection, equity_in=till.equity_in, equity_out=till.equity_out)  # fmt: skip
        for reserve in deal.reserves:
            self._write(line, **{f"account.{reserve.name}": till.held[reserve.name]})
            if reserve.kind == "reserve":
                self._write(line, **{f"target.{reserve.name}": self._targets[reserve.name][t]})
        for test, level in zip(deal.tests, measured, strict=True):
            line[self._row[f"test.{test.name}"]] = level
        for tranche in self._tranches.values():
            tranche.close(line)

    def _sold(self, t: int, default: Any, failed: Any) -> Any:
        """Where lenders sell: a lease lapsed, or default beyond its grace; None where nowhere."""
        rule = self._deal.enforcement
        if rule is None:
            return None
        sold: Any = None
        if self._lapses[t]:
            sold = (self._lapsed[t] + self._zero) > 0
        if rule.on_default:
            broken = default & (failed | (self._missed >= rule.grace))
            if self._do.some(broken):
                sold = broken if sold is None else sold | broken
        if sold is not None and self._alive is not None:
            sold = sold & (self._alive > 0)
        return sold

    def _sell(self, t: int, line: Any, sold: Any, outstanding: Any) -> None:
        """A sale ends the deal on its path: value less cost, guarantees and every account go to the lenders."""
        rule, till, do = self._deal.enforcement, self._till, self._do
        assert rule is not None
        hit = sold & outstanding
        self._accelerated = hit if self._accelerated is None else self._accelerated | hit
        ends = do.pick(sold, self._one, self._zero)
        price = self._value[t] * (1 - rule.cost) * ends
        till.collection = till.collection + price + self._guaranteed[t] * ends
        self._write(line, sale=price)
        self._record_guarantees(t, line, ends)
        till.empty_accounts(ends)
        for tranche in till.preferred:
            tranche.call(ends)
        self._alive = (self._one if self._alive is None else self._alive) * (1 - ends)

    def _record_guarantees(self, t: int, line: Any, ends: Any) -> None:
        till = self._till
        total: Any = self._guarantee + self._guaranteed[t] * ends
        for guarantee in self._deal.guarantees:
            name = guarantee.name
            if guarantee.kind == "residual_value":
                paid = self._calls[name][t] * ends
            elif name in till.called:
                paid = till.called[name]
                total = total + paid
            else:
                # A path that ended collects no rent, and no backstop of it.
                before = self._alive
                paid = self._calls[name][t] if before is None else self._calls[name][t] * before
            self._write(line, **{f"guarantee.{name}": paid})
        self._write(line, guarantee=total)


def _target(deal: Deal, periods: Periods, plans: Sequence[Plan], name: str, values: Values) -> Floats:
    """A reserve's target after each payment date: its level, or the senior service planned for months to come."""
    reserve = next(r for r in deal.reserves if r.name == name)
    if reserve.kind == "trap":
        return np.zeros(periods.count)
    target = reserve.target.level(periods, values)
    ahead = reserve.months // periods.months
    if not ahead:
        return target
    for plan in plans:
        if not _counts(plan.facility):
            continue
        zero = np.zeros_like(plan.service[:1])
        total = np.concatenate([zero, np.cumsum(plan.service, axis=0)])
        later = np.minimum(np.arange(periods.count) + 1 + ahead, periods.count)
        target = plus(target, total[later] - total[1:])
    return target


def _counts(facility: Facility) -> bool:
    """Whether a reserve covers its planned service."""
    return facility.tested and not facility.on_demand

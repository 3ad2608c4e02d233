"""One period after another: open, draw, accrue, collect, pay in order, test, trap or sweep or release, close.

Every movement of cash is between named accounts and is recorded once; ``ledger`` checks what was recorded
against the accounts. The text runs on arrays [path] or on plain floats (see ``arithmetic``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.numbers import Number, Values
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.ahead import Ahead, Targets
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.covenants import Covenants
from supercycle.deals.engine.events import events_of
from supercycle.deals.engine.ledger import Books, BooksCheck
from supercycle.deals.engine.swaps import SWAP_SERIES, SwapPlan, SwapRun
from supercycle.deals.engine.till import Till
from supercycle.deals.engine.tranche import TRANCHE_SERIES, Tranche
from supercycle.deals.engine.when import Choice, Conditions

__all__ = ["CODE", "STATES", "books_of", "run_paths"]

Floats = NDArray[np.float64]
STATES = ("performing", "costs_unpaid", "trap", "default", "accelerated", "matured_unpaid")
CODE = {name: float(k) for k, name in enumerate(STATES)}
WHOLE = {"revenue": "source", "equity_in": "source", "sale": "source", "guarantee": "source",
         "cash_interest": "source", "opex": "use", "spend": "use", "equity_out": "use", "cfads": "info",
         "service": "info", "total_service": "info", "opex_unpaid": "info", "state": "info", "built_interest": "info",
         "reserved": "info", "construction": "cash",
         "collection": "cash"}  # fmt: skip


def books_of(deal: Deal) -> Books:
    """The series a deal records; those of a side stand together, so that they are summed where they lie."""
    found = dict(WHOLE)
    for series, side in TRANCHE_SERIES.items():
        found |= {f"{facility.name}.{series}": side for facility in deal.facilities}
    for series, side in SWAP_SERIES.items():
        found |= {f"{swap.name}.{series}": side for swap in deal.swaps}
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
    deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], swaps: Sequence[SwapPlan], values: Values,
    out: Floats, put: Floats, do: Arithmetic,
) -> float:  # fmt: skip
    """Run every period, write each series into ``out`` [period, series, path], which holds zeros; check the books.

    ``put`` [event, path] takes what owners pay on each of the deal's dated events (see ``engine.events``). Returns the
    books' residual (BooksError above 1e-9). Each period is checked while it is in the processor's cache.
    """
    check = BooksCheck(books_of(deal))
    if do.scalar:
        lines = [[0.0] * out.shape[1] for _ in range(out.shape[0])]
        _Run(deal, periods, cash, plans, swaps, values, 1, put, do).periods(lines, None)
        out[:, :, 0] = lines
        check.take(out.swapaxes(0, 1))
    else:
        _Run(deal, periods, cash, plans, swaps, values, out.shape[2], put, do).periods(out, check)
    return check.residual()


class _Run:
    """One run of the waterfall: the deal's rows by period, and what passes from period to period."""

    def __init__(
        self, deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], swaps: Sequence[SwapPlan],
        values: Values, paths: int, put: Floats, do: Arithmetic,
    ) -> None:  # fmt: skip
        self._deal, self._do, self._count, self._put = deal, do, periods.count, put
        self._one = 1.0 if do.scalar else np.ones(paths)
        self._zero = 0.0 * self._one
        row = self._row = books_of(deal).index()
        self._tranches = {p.facility.name: Tranche(p, row, do) for p in plans}
        self._swaps = {p.swap.name: SwapRun(p, row, do) for p in swaps}
        self._demanded = [x for x in self._tranches.values()
                          if x.plan.facility.kind == "variable_funding_note"]  # fmt: skip
        self._senior = [x for x in self._tranches.values() if x.plan.facility.tested]
        self._debts = [x for x in self._tranches.values() if not x.plan.facility.preferred]
        self._all_senior = len(self._senior) == len(self._debts)
        self._cash, self._completion = cash, cash.completion
        hedges = [x for x in self._swaps.values() if x.plan.tested]
        self._targets = Targets(deal, periods, self._tranches, hedges, values, cash.completion, do)
        opened = {name: do.rows(found) for name, found in cash.service_open.items()}
        ards = {p.facility.name: p.ard for p in plans if p.ard is not None}
        self._when = Conditions(deal, periods, ards, cash.completion, self._zero, do)

        def choice(number: float | Number) -> Choice:
            """What is chosen on each payment date."""
            return Choice.of(
                number, lambda n: do.rows(n.on_dates(periods, values)), self._when, periods.count
            )

        self._targets.watch(choice)
        for tranche in self._tranches.values():
            tranche.watch(self._when, choice)
        caps = {g.name: choice(g.cap) for g in deal.guarantees if g.name in opened}
        support = choice(deal.support.cap) if deal.support else None
        shares = {s: choice(s.share) for s in deal.waterfall if isinstance(s.share, Stated)}
        drawing = np.array([p.draws for p in plans])
        to_come = [bool(drawing[:, t + 1 :].any()) for t in range(periods.count)]
        self._till = Till(
            deal,
            self._tranches,
            self._swaps,
            self._targets,
            self._when,
            opened,
            caps,
            support,
            shares,
            to_come,
            cash.markets,
            periods.ends,
            self._zero,
            do,
        )
        forward = {
            t.name: Ahead(
                self._senior if t.debt == "senior" else self._debts,
                hedges if t.debt == "senior" else list(self._swaps.values()), t.window, cash.completion, do,
            )
            for t in deal.tests if t.side == "forward"
        }  # fmt: skip
        self._covenants = Covenants(deal, periods, cash, plans, forward, choice, do)
        self._revenue = do.rows(np.maximum(cash.revenue, 0.0))
        self._cfads = do.rows(cash.cfads)
        self._costs = do.rows(plus(cash.opex, np.maximum(-cash.revenue, 0.0)))
        self._backed = do.rows(cash.backed)
        self._calls = {
            name: {k: do.rows(getattr(one, k)) for k in ("sale", "lapse", "part", "rent")}
            for name, one in cash.calls.items()
        }  # fmt: skip
        self._events = events_of(deal, periods, plans, values)
        self._value, self._released = do.rows(cash.value), do.rows(cash.released)
        self._lapsed = do.rows(cash.lapsed)
        self._lapses = [do.some(np.asarray(x) > 0) for x in self._lapsed]
        self._releases = [do.some(np.asarray(x) > 0) for x in self._released]
        self._cash_rate = Choice.of(
            deal.cash_rate, lambda n: do.rows(times(n.mean(periods, values), periods.years)), self._when,
            periods.count, by_days=True,
        )  # fmt: skip
        self._lent = [any(p.date_draws[t] > 0 for p in plans) for t in range(periods.count)]
        self._taking = {x.plan.taken for x in self._tranches.values() if x.plan.taken is not None}
        self._last_maturity = max(x.plan.maturity for x in self._tranches.values())
        self._alive: Any = None  # None while no path has ended
        self._missed: Any = self._zero
        self._accelerated: Any = None

    def periods(self, lines: Any, check: BooksCheck | None) -> None:
        """Every period, each recorded in its line."""
        for t, line in enumerate(lines):
            self._open(t, line)
            self._collect(t, line)
            if self._lent[t]:
                self._till.lend_interest(t, self._alive)
            if t in self._taking:
                self._till.take_out(t, self._alive)
            self._till.pay_scheduled(t, t < self._completion)
            self._close(t, line)
            if check:
                check.take(line[:, None])

    def _write(self, line: Any, **named: Any) -> None:
        for name, value in named.items():
            if type(value) is not float or value:
                line[self._row[name]] = value

    def _open(self, t: int, line: Any) -> None:
        """Draws, fees, spend and the opening of reserves meet in the construction account, in the order of their dates.

        On each date owners add what the account lacks.
        """
        till, alive, do = self._till, self._alive, self._do
        till.open()
        if not is_nil(rate := self._cash_rate.now(t)):
            earned = till.total() * rate
            till.collection = till.collection + earned
            self._write(line, cash_interest=earned)
        for tranche in self._tranches.values():
            tranche.draw(t, alive)
        spent: Any = 0.0
        demanded: dict[Tranche, tuple[Any, Any]] = {}
        for at, event in self._events[t]:
            need: Any = event.spend[0] if do.scalar else event.spend
            for drawn in event.draws.values():
                till.construction = till.construction + (drawn if alive is None else drawn * alive)
            if alive is not None:
                need = need * alive
            spent = spent + need
            if event.closing:
                need = need + self._closing()
            for reserve in event.reserves:
                target = self._targets.opening(reserve)
                target = target + self._zero if alive is None else target * alive
                till.held[reserve] = till.held[reserve] + target
                need = need + target
                self._write(line, reserved=line[self._row["reserved"]] + target)
            if is_nil(need):
                continue
            for tranche in self._demanded:
                gap = do.high(need - till.construction, 0.0) * tranche.plan.facility.advance
                before, years = demanded.get(tranche, (0.0, 0.0))
                drawn = do.low(gap, do.high(tranche.headroom(t) - before, 0.0))
                demanded[tranche] = (before + drawn, years + drawn * event.rest)
                till.construction = till.construction + drawn
            call = till.meet(need)
            self._put[at] += call
        self._write(line, spend=spent)
        for tranche in self._tranches.values():
            facility = tranche.plan.facility
            toggle = self._when.mask(facility.pik_when, t) if facility.pik_when else None
            tranche.accrue(t, *demanded.get(tranche, (0.0, 0.0)), alive, toggle)
        for swap in self._swaps.values():
            till.collection = till.collection + swap.settle(t)
        if t >= self._completion and not is_nil(till.construction):
            till.collection, till.construction = till.collection + till.construction, 0.0

    def _closing(self) -> Any:
        """Fees paid at closing."""
        need: Any = 0.0
        for tranche in self._tranches.values():
            if tranche.plan.taken is not None:
                continue  # the fee of a refinancing is lent with it
            fee = tranche.plan.facility.upfront_fee * tranche.plan.amount
            tranche.charge(fee)
            need = need + fee
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
        if not is_nil(cost):
            till.late_opex = till.late_opex + cost
        till.support_costs(t)
        till.pay_costs()
        self._write(line, revenue=revenue, cfads=cfads)

    def _close(self, t: int, line: Any) -> None:
        """Tests, a sale or a sweep where they say so, then what is left, and the record of the period."""
        till, do = self._till, self._do
        unpaid, tiny = till.unpaid(t), till.tiny
        short = unpaid > tiny
        if do.some(short):
            till.rescue(do.pick(short, self._one, self._zero), t >= self._last_maturity)
            short = till.unpaid(t) > tiny
        debt = till.balances()
        some_short = do.some(short)
        self._missed = do.pick(short, self._missed + 1, self._zero) if some_short else self._zero
        service = {
            "senior": sum((x.due for x in self._senior), self._zero),
            "total": sum((x.due for x in self._debts), self._zero),
        }
        for swap in self._swaps.values():
            service["total"] = service["total"] + swap.due
            if swap.plan.tested:
                service["senior"] = service["senior"] + swap.due
        covered = {
            "senior": debt if self._all_senior else sum((x.balance for x in self._senior), self._zero),
            "total": debt,
        }  # fmt: skip
        trap, failed, measured = self._covenants.judge(
            t, service, covered, self._value[t] + self._zero, self._alive
        )
        outstanding = (debt > tiny) | short
        default = (failed | short) & outstanding
        trap = (trap | default) & outstanding
        overdue = [x.balance > x.tiny for x in till.debts if t >= x.plan.maturity]
        sold = self._sold(t, default, failed)
        swept = do.some(default)
        if sold is not None:
            self._sell(t, line, sold, outstanding)
            swept, default = True, default | sold
        if self._releases[t]:
            self._release_asset(t, line, sold)
        self._record_guarantees(t, line, sold)
        if swept:
            ends = do.pick(default, self._one, self._zero)
            till.empty_accounts(ends, traps_only=True)
            # Reserves stand for principal; once it is repaid they pay what is still late.
            repaid = default & (debt <= tiny)
            if do.some(repaid):
                till.empty_accounts(do.pick(repaid, self._one, self._zero))
            till.sweep_all(ends)
        locks = trap if sold is None else trap & (sold ^ True)
        lock = do.pick(locks, self._one, self._zero) if do.some(locks) else None
        self._when.locked = 0.0 if lock is None else lock
        self._when.default = do.pick(default, self._one, self._zero)
        self._when.broken.update({n: x for n, x in self._covenants.below.items() if n in self._when.broken})
        till.finish(t, lock)
        for tranche in till.preferred:
            if tranche.plan.facility.compounds:
                tranche.compound()
        self._record(t, line, trap, default & outstanding if swept else None, overdue, outstanding)
        for name, level in zip((x.name for x in self._deal.tests), measured, strict=True):
            line[self._row[f"test.{name}"]] = level
        self._write(line, service=service["senior"], total_service=service["total"])

    def _record(
        self, t: int, line: Any, trap: Any, default: Any, overdue: list[Any], outstanding: Any
    ) -> None:
        till, do = self._till, self._do
        state = self._zero
        if not is_nil(till.late_opex):
            state = do.pick(till.late_opex > till.tiny, CODE["costs_unpaid"] * self._one, state)
        state = do.pick(trap, CODE["trap"] * self._one, state)
        if default is not None:
            state = do.pick(default, CODE["default"] * self._one, state)
        for late in overdue:
            state = do.pick(late & outstanding, CODE["matured_unpaid"] * self._one, state)
        if self._accelerated is not None:
            state = do.pick(self._accelerated, CODE["accelerated"] * self._one, state)
        self._write(line, state=state, construction=till.construction, collection=till.collection,
                    equity_in=till.equity_in, equity_out=till.equity_out, built_interest=till.built_interest,
                    opex=till.opex, opex_unpaid=till.late_opex)  # fmt: skip
        for reserve in self._deal.reserves:
            self._write(line, **{f"account.{reserve.name}": till.held[reserve.name]})
            if reserve.kind == "reserve":
                shown = self._targets.last.get(reserve.name)
                self._write(
                    line,
                    **{
                        f"target.{reserve.name}": self._targets.now(reserve.name, t)
                        if shown is None
                        else shown
                    },
                )
                self._targets.last.pop(reserve.name, None)
        for tranche in self._tranches.values():
            tranche.close(line)
        for swap in self._swaps.values():
            swap.close(t, line)

    def _sold(self, t: int, default: Any, failed: Any) -> Any:
        """Where lenders sell everything: the last lease lapsed, or default beyond its grace; None where nowhere."""
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
        """A sale ends the deal on its path: value less cost, guarantees, money for building and every account go to the
        lenders.
        """
        rule, till, do = self._deal.enforcement, self._till, self._do
        assert rule is not None
        hit = sold & outstanding
        self._accelerated = hit if self._accelerated is None else self._accelerated | hit
        ends = do.pick(sold, self._one, self._zero)
        price = self._value[t] * (1 - rule.cost) * ends
        called = self._zero
        for calls in self._calls.values():
            called = called + (calls["sale"][t] + calls["lapse"][t]) * ends
        till.collection = till.collection + price + called
        self._write(line, sale=price)
        till.empty_accounts(ends)
        till.stop_building(ends)
        till.end_support(ends)
        for swap in self._swaps.values():
            till.collection = till.collection + swap.end(t, ends)
        for tranche in till.debts:
            tranche.fall_due(ends)
        for tranche in till.preferred:
            tranche.call(ends)
        self._alive = (self._one if self._alive is None else self._alive) * (1 - ends)

    def _going(self, sold: Any) -> Any:
        """1 where the deal goes on after the date."""
        going = self._one if self._alive is None else self._alive
        return going if sold is None else going * self._do.pick(sold, self._zero, self._one)

    def _release_asset(self, t: int, line: Any, sold: Any) -> None:
        """One asset among several is sold as its lease has ended early; the price and its guarantee repay debt."""
        rule, going = self._deal.enforcement, self._going(sold)
        assert rule is not None
        price = self._released[t] * (1 - rule.cost) * going
        called = self._zero
        for calls in self._calls.values():
            called = called + (calls["lapse"][t] + calls["part"][t]) * going
        line[self._row["sale"]] = line[self._row["sale"]] + price
        self._till.prepay_from(price + called)

    def _record_guarantees(self, t: int, line: Any, sold: Any) -> None:
        """What each guarantee paid: for rent, for service, on a sale of everything or of one asset."""
        till, total = self._till, self._zero
        if not self._calls and not till.called:
            return
        ends = self._zero if sold is None else self._do.pick(sold, self._one, self._zero)
        going = self._going(sold)
        before = going + ends  # a path that ended earlier collects no rent, and no backstop of it
        for name, calls in self._calls.items():
            paid = calls["rent"][t] * before + (calls["sale"][t] + calls["lapse"][t]) * ends
            paid = paid + (calls["lapse"][t] + calls["part"][t]) * going
            total = total + paid
            self._write(line, **{f"guarantee.{name}": paid})
        for name, paid in till.called.items():
            total = total + paid
            self._write(line, **{f"guarantee.{name}": paid})
        self._write(line, guarantee=total)

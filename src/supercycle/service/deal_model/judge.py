"""The tests of a payment date in the live model, and what follows: a default, a sale, a sweep."""

from __future__ import annotations

from supercycle.deals.document.schema import Test
from supercycle.deals.engine.tranche import PAID_OFF
from supercycle.service.deal_model.cells import NIL, Cell, high, low, num, pick, total
from supercycle.service.deal_model.linear import one
from supercycle.service.deal_model.state import State

__all__ = ["Judge"]

ONE = num(1.0)


class Judge(State):
    """Covenants, default and enforcement, as ``deals.engine.covenants`` and ``waterfall`` have them."""

    def _judge(self, t: int) -> None:
        last = t >= max(d.plan.maturity for d in self.debts.values())
        self.coll = self.keep("collections: after service", t, self.coll)
        for reserve in self.deal.reserves:
            if not (last or reserve.kind == "trap") or self.held[reserve.name].text == "0":
                continue
            for step in (s for s in self.deal.waterfall if s.do == "pay"):
                owed = self._owed(step)
                short = self._late_sum().above(self.tiny)
                paid = self.keep(
                    f"{reserve.name} pays late {step.what} {step.of}",
                    t,
                    low(self.held[reserve.name], owed) * short,
                )
                self.held[reserve.name] = self.held[reserve.name] - paid
                self._credit(step.of, step.what, paid)
        short = self.keep("service is late", t, self._late_sum().above(self.tiny))
        self.missed = self.keep("dates late in a row", t, pick(short, self.missed + 1.0, 0.0))
        debt = self.keep("debt before sweeps", t, total(list(self.balance.values())))
        trap, failed = NIL, NIL
        for test in self.deal.tests:
            trap, failed = self._test(test, t, trap, failed)
        outstanding = self.keep("debt is outstanding", t, high(debt.above(self.tiny), short))
        default = self.keep("default", t, high(failed, short) * outstanding)
        trap = self.keep("trap", t, high(trap, default) * outstanding)
        sold = self._sell(t, default, failed)
        ends = self.keep("lenders take all", t, high(default, sold))
        for reserve in self.deal.reserves:
            if reserve.kind == "trap":
                self._empty(reserve.name, t, ends, "in default")
        repaid = ends * (ONE - debt.above(self.tiny))
        for reserve in self.deal.reserves:
            self._empty(reserve.name, t, repaid, "once repaid")
        for n in dict.fromkeys(self.order):
            for what in ("settlement",) if n in self.hedges else ("interest", "all"):
                if what == "settlement":
                    owed = self.late_s[n]
                else:
                    owed = self.late_i[n] if what == "interest" else self.balance[n]
                paid = self.keep(f"default sweep: {n} {what}", t, low(self.coll, owed) * ends)
                self.coll = self.keep(f"after default sweep: {n} {what}", t, self.coll - paid)
                self._credit(n, what, paid)
            self._settle(n, t, "after default sweep")
        self.lock = self.keep("locked", t, trap * (ONE - sold))
        self.default = ends

    def _test(self, test: Test, t: int, trap: Cell, failed: Cell) -> tuple[Cell, Cell]:
        name, end = test.name, self.periods.ends[t]
        windowed = test.measure in ("dscr", "debt_yield") and test.side == "backward"
        full = t >= self.ready.cash.completion + (test.window - 1 if windowed else 0)
        names = [n for n, d in self.debts.items() if d.facility.tested or test.debt == "total"]
        tiny = total([self.debts[n].amount * PAID_OFF for n in names])
        debt = total([self.balance[n] for n in names])
        if test.measure == "dscr" and test.side == "forward":
            below = self._service_ahead(t, test.window, test.debt)
        elif test.measure == "dscr":
            swaps = [n for n, h in self.hedges.items() if h.plan.tested or test.debt == "total"]
            dues = [*(self.due[n] for n in names), *(self.due_s[n] for n in swaps)]
            below = total([x for rows in dues for x in rows[max(t - test.window + 1, 0) : t + 1]])
        else:
            below = debt
        above = self.ahead[name][t]
        if test.measure == "debt_yield":
            above = above / float(self.periods.years[max(t - test.window + 1, 0) : t + 1].sum())
        if test.measure == "ltv":
            above, below = debt, self.cash.value[t]
        known = self.keep(
            f"{name}: measured", t, (debt if test.measure == "ltv" else below).above(tiny) * float(full)
        )
        measure = self.keep(f"{name}: level", t, pick(known, pick(below.above(0.0), above / below, 1e9), 0.0))
        self.measures[name].append(measure if known.value else None)
        if (test.from_ and end < test.from_) or (test.until and end > test.until):
            self.locked[name] = self.broken[name] = self.below[name] = NIL
            return trap, failed
        level = self.tests[name]
        if "trap" in level:
            worse = measure.above(level["trap"]) if test.measure == "ltv" else level["trap"].above(measure)
            worse = self.keep(f"{name}: below trap level", t, worse * known)
            fine = self.keep(f"{name}: passes", t, known * (ONE - worse))
            self.passed[name] = self.keep(
                f"{name}: passes in a row",
                t,
                pick(fine, self.passed[name] + 1.0, pick(worse, 0.0, self.passed[name])),
            )
            lifted = fine * self.passed[name].least(float(test.cure))
            self.locked[name] = self.keep(
                f"{name}: locks", t, high(worse, self.locked[name] * (ONE - lifted))
            )
            self.below[name] = self.keep(
                f"{name}: below in a row", t, pick(worse, self.below[name] + 1.0, 0.0)
            )
            trap = high(trap, self.locked[name])
        if "default" in level:
            worse = (
                measure.above(level["default"]) if test.measure == "ltv" else level["default"].above(measure)
            )
            self.broken[name] = self.keep(
                f"{name}: broken in a row", t, pick(worse * known, self.broken[name] + 1.0, 0.0)
            )
            failed = high(failed, self.broken[name].above(float(test.cure)))
        return trap, failed

    def _sell(self, t: int, default: Cell, failed: Cell) -> Cell:
        """A sale of everything, or of one asset; returns 1 where the deal ends."""
        rule, cash = self.deal.enforcement, self.ready.cash
        if rule is None:
            return NIL
        lapse = num(float(one(cash.lapsed)[t] > 0))
        sold = lapse
        if rule.on_default:
            sold = high(sold, default * high(failed, self.missed.least(float(rule.grace))))
        sold = self.keep("everything is sold", t, sold * self.alive)
        if sold.text != "0":
            price = self.keep(
                "price if everything is sold", t, self.cash.value[t] * (ONE - self.sale_cost) * sold
            )
            called = total([(c["sale"][t] + c["lapse"][t]) for c in self.calls.values()])
            called = self.keep("guarantees on the sale", t, called * sold)
            self.coll = self.coll + price + called
            self.now["sale"], self.now["guarantee"] = price, self.now["guarantee"] + called
            for reserve in self.deal.reserves:
                self._empty(reserve.name, t, sold, "on the sale")
            for n in self.hedges:
                self.coll = self.coll + self._end_swap(n, t, sold, "in a sale")
            for n in self.debts:
                now = self.accrued[n] * sold
                self.accrued[n], self.late_i[n] = self.accrued[n] - now, self.late_i[n] + now
                self.due[n][-1] = self.due[n][-1] + now
        released = float(one(cash.released)[t])
        if released > 0 and self.cash.value[t].value > 0:
            going = self.alive * (ONE - sold)
            part = released / one(cash.value)[t]
            price = self.keep(
                "one asset is sold", t, self.cash.value[t] * part * (ONE - self.sale_cost) * going
            )
            called = total([(c["part"][t] + c["lapse"][t]) for c in self.calls.values()]) * going
            left = price + called
            for n in (x for x in dict.fromkeys(self.order) if x in self.debts):
                paid = self.keep(f"{n} from the asset sold", t, low(left, self.balance[n]))
                left = left - paid
                self._credit(n, "all", paid)
            self.coll = self.coll + left
            self.now["sale"], self.now["guarantee"] = self.now["sale"] + price, self.now["guarantee"] + called
        self.coll = self.keep("collections: after sales", t, self.coll)
        self.alive = self.keep("the deal goes on", t, self.alive * (ONE - sold))
        return sold

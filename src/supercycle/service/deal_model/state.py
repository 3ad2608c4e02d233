"""What the live model carries from one payment date to the next, and the rules that several steps share."""

from __future__ import annotations

import numpy as np

from supercycle.deals.document.conditions import read_condition
from supercycle.deals.document.schema import Step, Test
from supercycle.deals.engine.tranche import PAID_OFF
from supercycle.deals.run import Prepared
from supercycle.service.deal_model.cash import CashRows
from supercycle.service.deal_model.cells import NIL, Cell, Grid, Inputs, high, low, num, pick, total
from supercycle.service.deal_model.debt import Debt
from supercycle.service.deal_model.hedge import Hedge
from supercycle.service.deal_model.linear import Points, means, on_dates, one

__all__ = ["State"]

ONE = num(1.0)


class State:
    """Balances, accounts and tests of one path, as references into the workbook."""

    def __init__(
        self, grid: Grid, build: Grid, inputs: Inputs, ready: Prepared, cash: CashRows, debts: dict[str, Debt],
        hedges: dict[str, Hedge], spends: dict[str, Points],
    ) -> None:  # fmt: skip
        self.grid, self.build, self.inputs, self.ready, self.cash, self.debts = (
            grid,
            build,
            inputs,
            ready,
            cash,
            debts,
        )
        deal, periods = ready.deal, ready.periods
        self.deal, self.periods, self.spends = deal, periods, spends
        self.levels = {
            r.name: on_dates(inputs, f"reserves.{r.name}.target", r.target, periods, ready.values)
            for r in deal.reserves if r.kind == "reserve"
        }  # fmt: skip
        self.cash_rate = means(inputs, "cash_rate", deal.cash_rate, periods, ready.values)
        self.tests = {
            t.name: {
                w: inputs.add(f"tests.{t.name}.{w}", getattr(t, w), str(t.where))
                for w in ("trap", "default") if getattr(t, w)
            }
            for t in deal.tests
        }  # fmt: skip
        self.sale_cost = (
            inputs.add("enforcement.cost", deal.enforcement.cost, str(deal.enforcement.where))
            if deal.enforcement
            else NIL
        )
        self.shares = {
            (k, s.of): inputs.add(f"waterfall.{k}.share", s.share, str(s.where))
            for k, s in enumerate(deal.waterfall) if s.do == "sweep" and s.share != 1
        }  # fmt: skip
        self.caps = {
            g.name: on_dates(inputs, f"guarantees.{g.name}.cap", g.cap, periods, ready.values)
            for g in deal.guarantees
        }
        self.calls = self._calls()
        zero = dict.fromkeys(debts, NIL)
        self.balance, self.late_i, self.late_p, self.accrued = dict(zero), dict(zero), dict(zero), dict(zero)
        self.due: dict[str, list[Cell]] = {n: [] for n in debts}
        self.falls: dict[str, Cell] = dict.fromkeys(debts, NIL)  # the principal of the date
        self.hedges = hedges
        self.late_s = dict.fromkeys(hedges, NIL)
        self.live = dict.fromkeys(hedges, ONE)
        self.due_s: dict[str, list[Cell]] = {n: [] for n in hedges}
        self.held = {r.name: NIL for r in deal.reserves}
        self.coll, self.con, self.late_opex, self.missed = NIL, NIL, NIL, NIL
        self.alive, self.given = (
            ONE,
            dict.fromkeys((g.name for g in deal.guarantees if g.covers == "service"), NIL),
        )
        self.tiny = total([d.amount * PAID_OFF for d in debts.values()])
        self.locked = {t.name: NIL for t in deal.tests}
        self.passed, self.broken, self.below = dict(self.locked), dict(self.locked), dict(self.locked)
        self.lock, self.default = NIL, NIL
        self.rows = 0
        self.order = [s.of for s in deal.waterfall if s.do == "pay"]
        self.ahead = {t.name: self._above(t) for t in deal.tests}
        self.measures: dict[str, list[Cell | None]] = {t.name: [] for t in deal.tests}
        self.now: dict[str, Cell] = {}

    def _calls(self) -> dict[str, dict[str, list[Cell]]]:
        """What residual value guarantees pay on a sale and on a lapse."""
        found: dict[str, dict[str, list[Cell]]] = {}
        for one_ in self.deal.guarantees:
            if one_.kind != "residual_value" or one_.threshold is None:
                continue
            path = f"guarantees.{one_.name}"
            threshold = on_dates(
                self.inputs, f"{path}.threshold", one_.threshold, self.periods, self.ready.values
            )
            share = self.inputs.add(f"{path}.received_share", one_.received_share, str(one_.where))
            call = self.ready.cash.calls[one_.name]
            worth = self.cash.value
            rows: dict[str, list[Cell]] = {}
            for word in ("sale", "lapse", "part"):
                typed = one(getattr(call, word))
                rows[word] = [
                    low(high(threshold[t] - worth[t], 0.0), self.caps[one_.name][t]) * share
                    if self._calls_now(one_.trigger, word, t, typed) else NIL
                    for t in range(self.periods.count)
                ]  # fmt: skip
            found[one_.name] = {
                w: [x * float(self.periods.ends[t] <= one_.until) for t, x in enumerate(r)]
                for w, r in rows.items()
            }
        return found

    def _calls_now(self, trigger: str, word: str, t: int, typed: np.ndarray) -> bool:
        lapses = one(self.ready.cash.lapsed)[t] > 0 or one(self.ready.cash.released)[t] > 0
        if word == "sale":
            return trigger == "sale"
        return lapses and (word == "lapse") == (trigger == "lapse")

    def _above(self, test: Test) -> list[Cell]:
        """What stands above a test's line."""
        cfads, count = self.cash.cfads, self.periods.count
        counted = [d for d in self.debts.values() if d.facility.tested or test.debt == "total"]
        if test.side == "forward":
            last = max(d.plan.maturity for d in counted)
            return [
                total([cfads[s] for s in range(t + 1, min(t + 1 + test.window, count)) if s <= last])
                for t in range(count)
            ]
        if test.measure in ("llcr", "plcr"):
            last = max(d.plan.maturity for d in counted) if test.measure == "llcr" else count
            found, ahead = [NIL] * count, NIL
            for t in range(min(last, count - 1) - 1, -1, -1):
                ahead = self.grid.set(
                    f"{test.name}: worth of cash to come",
                    t,
                    (cfads[t + 1] + ahead) / (counted[0].growth[t + 1] + 1.0),
                )
                found[t] = ahead
            return found
        return [total(cfads[max(t - test.window + 1, 0) : t + 1]) for t in range(count)]

    def keep(self, name: str, t: int, cell: Cell) -> Cell:
        """A column of the model, so that formulas stay short."""
        return self.grid.set(name, t, cell)

    def _target(self, name: str, t: int) -> Cell:
        reserve = next(r for r in self.deal.reserves if r.name == name)
        if reserve.kind == "trap":
            return NIL
        steps = reserve.months // self.periods.months
        return self.levels[name][t] + self._service_ahead(t, steps, "senior")

    def _service_ahead(self, t: int, steps: int, side: str) -> Cell:
        first = max(t + 1, min(self.ready.cash.completion, self.periods.count))
        parts: list[Cell] = []
        for n, d in self.debts.items():
            rows = d.service[first : first + steps]
            if (side == "senior" and (not d.facility.tested or d.facility.on_demand)) or not rows:
                continue
            left = pick(
                d.planned[t].above(d.amount * PAID_OFF), low(self.balance[n] / d.planned[t], 1.0), 1.0
            )
            parts.append(total(rows) * left)
        for n, h in self.hedges.items():
            if side != "senior" or h.plan.tested:
                parts.append((NIL - total(h.settled[first : first + steps])) * self.live[n])
        return total(parts)

    def _mask(self, step: Step, t: int) -> Cell:
        tests = tuple(x.name for x in self.deal.tests if x.trap)
        ards = {n: d.plan.ard for n, d in self.debts.items() if d.plan.ard is not None}
        held = ONE
        for text in step.when:
            c = read_condition(text, tests, tuple(ards), "")
            end = self.periods.ends[t]
            fixed = {
                "ard": float(c.kind == "ard" and t > ards.get(c.name, 10**9)),
                "date": float(c.date is not None and end >= c.date),
                "completed": float(t >= self.ready.cash.completion),
            }  # fmt: skip
            if c.kind in fixed:
                now = num(fixed[c.kind])
            elif c.kind == "broken":
                now = self.below[c.name].least(float(c.times))
            else:
                now = self.lock if c.kind == "locked" else self.default
            held = held * (ONE - now if c.negated else now)
        return held

    def _settle(self, n: str, t: int, word: str) -> None:
        """Short references in place of long sums."""
        if n in self.hedges:
            self.late_s[n] = self.keep(f"{word}: {n} owed", t, self.late_s[n])
            return
        self.balance[n] = self.keep(f"{word}: {n} balance", t, self.balance[n])
        self.late_i[n] = self.keep(f"{word}: {n} interest owed", t, self.late_i[n])
        self.late_p[n] = self.keep(f"{word}: {n} principal owed", t, self.late_p[n])

    def _credit(self, n: str, what: str, paid: Cell) -> None:
        if n in self.hedges:
            self.now[f"{n}.paid"] = self.now[f"{n}.paid"] + paid
            self.late_s[n] = self.late_s[n] - paid
            return
        key = "interest" if what == "interest" else "principal"
        self.now[f"{n}.{key}"] = self.now[f"{n}.{key}"] + paid
        if what == "interest":
            self.late_i[n] = self.late_i[n] - paid
            return
        self.balance[n] = self.balance[n] - paid
        self.late_p[n] = self.late_p[n] - paid if what == "principal" else high(self.late_p[n] - paid, 0.0)

    def _to_come(self, t: int) -> bool:
        return any(bool((d.plan.draws[t + 1 :] > 0).any()) for d in self.debts.values())

    def _late_sum(self) -> Cell:
        return total([*self.late_i.values(), *self.late_p.values(), *self.late_s.values()])

    def _owed(self, step: Step) -> Cell:
        if step.what == "settlement":
            return self.late_s[step.of]
        return (self.late_i if step.what == "interest" else self.late_p)[step.of]

    def _end_swap(self, n: str, t: int, share: Cell, word: str) -> Cell:
        """A share of a swap ends at its worth; returns what is received, the rest is owed."""
        worth = self.keep(f"{n} ends {word}", t, self.hedges[n].worth[t] * self.live[n] * share)
        got = self.keep(f"{n} ends {word}: received", t, high(worth, 0.0))
        self.late_s[n] = self.keep(f"{n} ends {word}: owed", t, self.late_s[n] + high(NIL - worth, 0.0))
        self.now[f"{n}.received"] = self.now[f"{n}.received"] + got
        self.live[n] = self.keep(f"{n} runs after {word}", t, self.live[n] * (ONE - share))
        return got

    def _empty(self, name: str, t: int, where: Cell, word: str) -> None:
        if self.held[name].text == "0":
            return
        free = self.keep(f"{name} emptied {word}", t, self.held[name] * where)
        self.coll, self.held[name] = self.coll + free, self.held[name] - free

    def _costs(self, t: int, word: str) -> None:
        if self.late_opex.text == "0":
            return
        paid = self.keep(f"{word}: paid", t, low(self.coll, self.late_opex))
        self.coll, self.late_opex = (
            self.coll - paid,
            self.keep(f"{word}: still owed", t, self.late_opex - paid),
        )
        self.now["opex"] = self.now["opex"] + paid

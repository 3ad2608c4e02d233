"""The periods of the live model: build, accrue, collect, pay in order, test, sell or sweep, distribute.

The order and the rules are those of ``deals.engine.waterfall``; each line is a formula.
"""

from __future__ import annotations

import datetime

from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Step
from supercycle.deals.engine.tranche import PAID_OFF
from supercycle.service.deal_model.cells import NIL, Cell, Inputs, high, low, num, pick, total
from supercycle.service.deal_model.debt import Debt
from supercycle.service.deal_model.judge import Judge
from supercycle.service.deal_model.linear import Points, one

__all__ = ["Till"]

ONE = num(1.0)


class Till(Judge):
    """Cash and balances of one path, period by period."""

    def run(self) -> None:
        """Every period."""
        for t in range(self.periods.count):
            self.now = dict.fromkeys(("equity_in", "equity_out", "opex", "sale", "guarantee"), NIL)
            for n in self.debts:
                for w in ("drawn", "interest", "principal", "added", "fees"):
                    self.now[f"{n}.{w}"] = NIL
            for n in self.hedges:
                self.now[f"{n}.received"] = self.now[f"{n}.paid"] = NIL
            self._open(t)
            self._collect(t)
            for name, d in self.debts.items():
                if d.funded is not None and d.funded.on_dates[t].text != "0":
                    lent = self.keep(f"{name}: drawn for interest now", t, d.funded.on_dates[t] * self.alive)
                    self.now[f"{name}.drawn"] = self.now[f"{name}.drawn"] + lent
                    self.balance[name] = self.keep(f"{name}: with it", t, self.balance[name] + lent)
                    self.con = self.keep("construction: with it", t, self.con + lent)
            for name, d in self.debts.items():
                if d.plan.taken == t:
                    self._take_out(name, d, t)
            late = [s for s in self.deal.waterfall if s.do not in ("pay", "fund")]
            for k, step in enumerate(self.deal.waterfall):
                if step not in late:
                    self._early(step, t, k)
            self._judge(t)
            for k, step in enumerate(self.deal.waterfall):
                if step in late:
                    self._late(step, t, k)
            self._record(t)

    def _open(self, t: int) -> None:
        cash = total([self.coll, self.con, *self.held.values()])
        earned = self.keep("interest on cash", t, cash * self.cash_rate[t] * float(self.periods.years[t]))
        self.coll = self.coll + earned
        self.now["cash_interest"] = earned
        for _, event in self.ready.events[t]:
            row = self.rows
            self.rows += 1
            self.build.set("day", row, event.date)
            need = NIL
            for points in self.spends.values():
                need = need + total(
                    [c * self._on(u, event.date) for c, u in zip(points.cells, points.units, strict=True)]
                )
            drawn = NIL
            for name, d in self.debts.items():
                if d.funded is not None:
                    part = d.funded.events.get((t, round(event.time, 9)), NIL)
                elif d.draws is not None:
                    part = total(
                        [
                            c * self._on(u, event.date)
                            for c, u in zip(d.draws.cells, d.draws.units, strict=True)
                        ]
                    )
                else:
                    share = sum(
                        s for time, s, p in d.plan.draw_events if p == t and abs(time - event.time) < 1e-8
                    )
                    part = d.amount * float(share)
                if part.text != "0":
                    money = self.build.set(f"{name}: drawn", row, part * self.alive)
                    self.now[f"{name}.drawn"] = self.now[f"{name}.drawn"] + money
                    drawn = drawn + money
            need = self.build.set("spend", row, need * self.alive)
            self.now["spend"] = self.now.get("spend", NIL) + need
            if event.closing:
                for name, d in self.debts.items():
                    if d.plan.taken is not None:
                        continue  # the fee of a refinancing is lent with it
                    self.now[f"{name}.fees"] = self.build.set(f"{name}: fee", row, d.fee * d.amount)
                    need = need + self.now[f"{name}.fees"]
            for reserve in event.reserves:
                fill = self.build.set(f"{reserve}: filled", row, self._opening(reserve) * self.alive)
                self.held[reserve] = self.held[reserve] + fill
                need = need + fill
            call = self.build.set("owners pay", row, high(need - self.con - drawn, 0.0))
            self.now["equity_in"] = self.now["equity_in"] + call
            self.con = self.build.set("left in construction", row, self.con + drawn + call - need)
        for name, d in self.debts.items():
            self._accrue(name, d, t)
        for name, h in self.hedges.items():
            net = self.keep(f"{name}: net of the date", t, h.settled[t] * self.live[name])
            got = high(net, 0.0) if net.text != "0" else NIL
            self.now[f"{name}.received"] = self.keep(f"{name}: received", t, got)
            owed = high(NIL - net, 0.0) if net.text != "0" else NIL
            self.late_s[name] = self.keep(f"{name}: owed", t, self.late_s[name] + owed)
            self.due_s[name].append(NIL - net if net.text != "0" else NIL)
            self.coll = self.coll + self.now[f"{name}.received"]
        if t >= self.ready.cash.completion:
            self.coll, self.con = self.coll + self.con, NIL
        self.coll = self.keep("collections: opening", t, self.coll)

    def _on(self, number: Number, date: datetime.date) -> float:
        """What of a number's flow falls on a day."""
        return float(sum(x for d, x in number.events(self.periods) if d == date))

    def _opening(self, name: str) -> Cell:
        reserve = next(r for r in self.deal.reserves if r.name == name)
        at = 0 if reserve.funded == "closing" else self.ready.cash.completion
        first = max(at, min(self.ready.cash.completion, self.periods.count))
        steps = reserve.months // self.periods.months
        points = Points(_Seen(self.inputs), f"reserves.{name}.target", reserve.target)
        level = total(
            [c * u.at(self.periods.starts[at]) for c, u in zip(points.cells, points.units, strict=True)]
        )
        ahead = [
            d.service[first : first + steps]
            for d in self.debts.values()
            if d.facility.tested and not d.facility.on_demand
        ]
        swaps = [
            NIL - x for h in self.hedges.values() if h.plan.tested for x in h.settled[first : first + steps]
        ]
        return level + total([x for rows in ahead for x in rows]) + total(swaps)

    def _take_out(self, name: str, d: Debt, t: int) -> None:
        """New debt repays old debt, up to the least of its limits."""
        rule, path = d.facility.takes_out, f"facilities.{name}.takes_out"
        assert rule is not None
        room, cfads = d.amount, self.cash.cfads
        if rule.dscr:
            cover = self.inputs.add(f"{path}.dscr", rule.dscr, str(rule.where))
            owed = ONE
            for s in range(t + 1, d.plan.maturity + 1):
                balloon = s == d.plan.maturity and d.facility.amortisation.type == "bullet"
                principal = NIL if balloon else d.share[s] * owed
                service = self.keep(f"{name}: service of one unit", s, d.growth[s] * owed + principal)
                room = self.keep(
                    f"{name}: most by cover", s, low(room, high(cfads[s], 0.0) / cover / service)
                )
                owed = self.keep(f"{name}: one unit owed", s, owed - principal)
        if rule.ltv:
            room = low(
                room,
                self.inputs.add(f"{path}.ltv", rule.ltv, str(rule.where)) * high(self.cash.value[t], 0.0),
            )
        if rule.debt_yield:
            least = self.inputs.add(f"{path}.debt_yield", rule.debt_yield, str(rule.where))
            room = low(room, high(total(cfads[t + 1 : t + 1 + self.periods.per_year]), 0.0) / least)
        room = self.keep(f"{name}: most it lends", t, room * self.alive)
        shares: dict[str, Cell] = {}
        for old in rule.of:
            paid = self.keep(f"{name} repays {old}", t, low(room * (ONE - d.fee), self.balance[old]))
            if any(h.plan.swap.of == old for h in self.hedges.values()):
                some = self.balance[old].above(self.debts[old].amount * PAID_OFF)
                share = pick(some, paid / self.balance[old], 0.0)
                shares[old] = self.keep(f"share of {old} that {name} repays", t, share)
            drawn = self.keep(f"{name} drawn for {old}", t, paid / (ONE - d.fee))
            room = room - drawn
            self.now[f"{name}.drawn"] = self.now[f"{name}.drawn"] + drawn
            self.now[f"{name}.fees"] = self.now[f"{name}.fees"] + drawn - paid
            self.balance[name] = self.balance[name] + drawn
            self._credit(old, "all", paid)
            self._settle(old, t, f"once {name} is drawn")
            # What new debt repays of the principal of the date is no service of the borrower's cash.
            falls = self.falls[old]
            left = self.keep(f"{old}: principal due that {name} leaves", t, low(self.late_p[old], falls))
            self.due[old][-1] = self.keep(
                f"{old}: service once {name} is drawn", t, self.due[old][-1] - falls + left
            )
            self.falls[old] = left
        for n, h in self.hedges.items():
            if h.plan.swap.of not in shares:
                continue
            share = shares[h.plan.swap.of]
            cost = high(NIL - h.worth[t] * self.live[n] * share, 0.0)
            lent = self.keep(f"{name} lends to end {n}", t, low(room * (ONE - d.fee), cost))
            got = self._end_swap(n, t, share, f"with {name}")
            drawn = self.keep(f"{name} drawn for {n}", t, lent / (ONE - d.fee))
            room = room - drawn
            self.now[f"{name}.drawn"] = self.now[f"{name}.drawn"] + drawn
            self.now[f"{name}.fees"] = self.now[f"{name}.fees"] + drawn - lent
            self.balance[name] = self.balance[name] + drawn
            self.coll = self.keep(f"collections once {n} ends", t, self.coll + got + lent)

    def _accrue(self, n: str, d: Debt, t: int) -> None:
        opening = self.balance[n]
        share = self._dated(d, t)
        interest = d.growth[t] * opening + d.rate[t] * d.drawn_years[t] * share
        interest = interest + d.late_rate * d.fraction[t] * self.late_i[n]
        interest = self.keep(f"{n}: accrued", t, (interest * self.alive) + self.accrued[n])
        fee = d.undrawn[t] * self.alive
        balance = opening + self.now[f"{n}.drawn"]
        pik, pays = float(d.plan.pik[t]), float(d.plan.pays_interest[t])
        if not pays:
            self.accrued[n], cost = (interest, fee) if pik else (interest + fee, NIL)
        elif pik:
            self.now[f"{n}.added"], self.accrued[n], cost = interest, NIL, fee
            balance = balance + interest
        else:
            self.accrued[n], cost = NIL, interest + fee
        balance = self.keep(f"{n}: before repayment", t, balance)
        sound = balance - self.late_p[n]
        due = sound
        if t < d.plan.maturity:
            due = d.share[t] * sound + d.paid[t]
            bound = d.ceiling[t]
            if bound is not None:
                due = high(due, sound - bound)
            if bound is not None or d.paid[t].text != "0":
                due = low(high(due, 0.0), sound)
        due = self.falls[n] = self.keep(f"{n}: principal due", t, due)
        self.balance[n] = balance
        self.late_i[n] = self.keep(f"{n}: interest and fees owed", t, self.late_i[n] + cost)
        self.late_p[n] = self.keep(f"{n}: principal owed", t, self.late_p[n] + due)
        self.due[n].append(self.keep(f"{n}: service due", t, cost + due))

    def _dated(self, d: Debt, t: int) -> Cell:
        return self.alive if d.drawn[t].text != "0" else ONE

    def _collect(self, t: int) -> None:
        self.coll = self.coll + (self.cash.revenue[t] + self.cash.backed[t]) * self.alive
        self.now["guarantee"] = self.cash.backed[t] * self.alive
        self.now["revenue"] = self.cash.revenue[t] * self.alive
        self.now["cfads"] = self.cash.cfads[t] * self.alive
        self.late_opex = self.late_opex + self.cash.opex[t] * self.alive
        self.coll = self.keep("collections: after receipts", t, self.coll)
        self._costs(t, "costs")

    def _early(self, step: Step, t: int, k: int) -> None:
        mask = self._mask(step, t)
        word = f"{k + 1} {step.do} {step.what} {step.of}".replace("  ", " ")
        if step.do == "fund":
            owing = [*self.balance.values(), *self.late_i.values(), *self.late_s.values()]
            owing = total(owing).above(self.tiny)
            owing = ONE if self._to_come(t) else owing
            wanted = high(self._target(step.of, t) * owing - self.held[step.of], 0.0)
            paid = self.keep(word, t, low(self.coll, wanted) * mask)
            self.coll, self.held[step.of] = self.coll - paid, self.held[step.of] + paid
            return
        owed = self._owed(step) * mask
        if owed.text == "0":
            return
        paid = self.keep(word, t, low(self.coll, owed))
        self.coll = self.coll - paid
        self._credit(step.of, step.what, paid)
        for source in step.from_:
            owed = owed - paid
            if source == "construction" and t < self.ready.cash.completion:
                used = self.keep(f"{word} from construction", t, low(self.con, owed))
                own = self.keep(f"{word} from owners", t, owed - used)
                self.con = self.con - used
                self.now["equity_in"] = self.now["equity_in"] + own
                paid = used + own
            elif source == "construction":
                paid = NIL
            elif source in self.held:
                paid = self.keep(f"{word} from {source}", t, low(self.held[source], owed))
                self.held[source] = self.held[source] - paid
            else:
                left = high(self.caps[source][t] - self.given[source], 0.0) * float(
                    one(self.ready.cash.service_open[source])[t]
                )
                paid = self.keep(f"{word} from {source}", t, low(left, owed))
                self.given[source] = self.given[source] + paid
                self.now["guarantee"] = self.now["guarantee"] + paid
            self._credit(step.of, step.what, paid)
        self._settle(step.of, t, word)

    def _late(self, step: Step, t: int, k: int) -> None:
        mask = self._mask(step, t)
        word = f"{k + 1} {step.do} {step.of}"
        if step.do != "trap":
            self._costs(t, f"{word}, costs first")
        left = total(list(self.balance.values())).above(self.tiny)
        locks = self.lock * left
        if step.do == "trap":
            moved = self.keep(word, t, self.coll * locks * mask)
            self.coll, self.held[step.of] = self.coll - moved, self.held[step.of] + moved
        elif step.do == "sweep":
            d = self.debts[step.of]
            share = num(float(d.plan.ard is None or bool(step.when) or t > d.plan.ard))
            free = self.coll * share * self.shares.get((k, step.of), ONE) * mask
            paid = self.keep(word, t, low(free, self.balance[step.of]))
            self.coll = self.coll - paid
            self._credit(step.of, "all", paid)
            self._settle(step.of, t, word)
        elif step.do == "release":
            if self.held[step.of].text == "0":
                return
            keeps = self._target(step.of, t) * (ONE if self._to_come(t) else left)
            stays = pick(locks, self.held[step.of], low(self.held[step.of], keeps))
            stays = pick(mask, stays, self.held[step.of])
            freed = self.keep(word, t, self.held[step.of] - stays)
            self.coll, self.held[step.of] = self.coll + freed, self.held[step.of] - freed
        else:
            paid = self.keep(word, t, self.coll * (ONE - locks) * mask)
            self.coll = self.coll - paid
            self.now["equity_out"] = self.now["equity_out"] + paid

    def _record(self, t: int) -> None:
        self.coll = self.keep("collection", t, self.coll)
        self.con = self.keep("construction", t, self.con)
        for name in self.held:
            self.held[name] = self.keep(f"account.{name}", t, self.held[name])
        for name in self.debts:
            self.balance[name] = self.keep(f"{name}.balance", t, self.balance[name])
            self.late_i[name] = self.keep(f"{name}: interest late", t, self.late_i[name])
            self.late_p[name] = self.keep(f"{name}: principal late", t, self.late_p[name])
        for name in self.hedges:
            self.late_s[name] = self.keep(f"{name}: late", t, self.late_s[name])
        for name, cell in self.now.items():
            self.keep(name, t, cell)


class _Seen(Inputs):
    """Inputs that are on the sheet already."""

    def __init__(self, inputs: Inputs) -> None:
        self.paths = inputs.paths

    def add(self, path: str, value: float, where: str, *, label: str = "") -> Cell:
        place = self.paths[path]
        return Cell(f"Inputs!${place[0]}${place[1:]}", float(value))

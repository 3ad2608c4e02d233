"""A second, slow reading of a deal in Decimal, for differential tests only: one path, written from the conventions.

It runs every facility kind, repayment rule, waterfall step with its conditions, every cover test, lists of numbers
under conditions, guarantees and sales, on one path without draws of chance. It refuses what it does not compute anew:
level and sculpted service on dates apart from the calendar's.
"""

from __future__ import annotations

import dataclasses
from decimal import Decimal, localcontext
from typing import Any

from supercycle.core.errors import InputError
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Deal, Step, Swap, Test
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.run import Prepared

__all__ = ["reference_run"]

DIGITS = 40
RULES = (
    "bullet", "level_payment", "level_principal", "schedule", "target_balance", "borrowing_base", "ard", "sculpted",
)  # fmt: skip
ZERO, ONE = Decimal(0), Decimal(1)
Series = dict[str, list[Decimal]]


def reference_run(ready: Prepared) -> Series:
    """Balances, payments and accounts by period in 40 digits, from the same calendar and contracts' cash.

    Cash before debt, dated draws, day fractions, ceilings and planned service are the inputs (rounded once to float);
    repayment, draws on demand, waterfall, tests, sale and accounts are computed here anew.
    """
    for facility in ready.deal.facilities:
        if facility.amortisation.type not in RULES:
            raise InputError(f"the reference runs no {facility.amortisation.type}", where=facility.where)
        own = facility.interest_months or facility.principal_months
        if own and facility.amortisation.type in ("level_payment", "sculpted"):
            raise InputError(
                "the reference pays level and sculpted service on every date", where=facility.where
            )
    with localcontext() as context:
        context.prec = DIGITS
        return _Reading(ready).periods()


def _d(value: Any) -> Decimal:
    return +Decimal(float(value))  # rounded to the context once, so that equal numbers stay equal after a sum


class _Owed:
    """One lender, or preferred owners."""

    def __init__(self, plan: Plan, begun: list[bool], service: list[Decimal], months: int) -> None:
        self.plan, self.facility, self.begun, self.service, self.months = (
            plan,
            plan.facility,
            begun,
            service,
            months,
        )
        self.hedges: list[_Hedge] = []
        self.amount, self.tiny = _d(plan.amount), Decimal("1e-9") * _d(plan.amount)
        self.balance = self.late_interest = self.late_principal = self.late_additional = self.due = ZERO
        self.accrued = ZERO  # interest and fees that run until the next interest date
        self.falls = ZERO  # principal of the date

    def all_in(self, t: int) -> Decimal:
        """The rate with swaps on a share of the debt, by which it is shaped."""
        return _d(self.plan.rate[t]) - sum(
            (_d(h.swap.share) * h.gain(t) for h in self.hedges if h.swap.share and h.swap.fixed is not None),
            ZERO,
        )

    def room(self, t: int) -> Decimal:
        """What may be drawn on demand."""
        whole = 1.0 if self.facility.kind == "revolver" else 1e-12
        if self.plan.available[t] < whole:
            return ZERO
        ceiling = self.plan.ceiling[t]
        most = min(self.amount, _d(ceiling)) if ceiling != float("inf") else self.amount
        return max(most - self.balance, ZERO)

    def scheduled(self, t: int, sound: Decimal) -> Decimal:
        """Principal by the rule's own definition, on what is not late."""
        rule, plan, due = self.facility.amortisation, self.plan, ZERO
        if t >= plan.maturity:
            return sound
        steps = (self.facility.principal_months or self.facility.interest_months) // self.months or 1
        if rule.type == "level_principal" and self.begun[t] and (plan.maturity - t) % steps == 0:
            due = sound / ((plan.maturity - t) // steps + 1)
        elif rule.type == "level_payment" and self.begun[t] and (plan.taken is None or t > plan.taken):
            # At the rate of the date: later rates are not known.
            discount, annuity = ONE, ZERO
            for s in range(t, plan.maturity + 1):
                discount /= 1 + self.all_in(t) * _d(plan.fraction[s])
                annuity += discount
            due = sound / annuity - sound * self.all_in(t) * _d(plan.fraction[t])
        elif rule.type == "sculpted" and self.begun[t]:
            service = self.service
            discount, worth = ONE, ZERO
            for s in range(t, plan.maturity + 1):
                discount /= 1 + self.all_in(s) * _d(plan.fraction[s])
                worth += discount * service[s]
            own = sound * self.all_in(t) * _d(plan.fraction[t])
            due = sound * service[t] / worth - own if worth > 0 else ZERO
        elif rule.type == "schedule":
            due = _d(plan.paid[t])
        elif rule.type in ("target_balance", "borrowing_base"):
            due = sound - _d(plan.ceiling[t])
        return min(max(due, ZERO), sound)


class _Hedge:
    """A swap: the net of each date and its worth, from the facility's plan and the base rates."""

    def __init__(self, ready: Prepared, plan: Plan, swap: Swap) -> None:
        self.swap, periods = swap, ready.periods
        self.senior = plan.facility.tested
        floating = plan.facility.rate.floating
        assert floating is not None
        limits = {} if swap.floored else {"floor": None}
        rates = dataclasses.replace(floating, **limits).base_rate(periods, ready.values, "")
        self.base = [_d(rates[t]) for t in range(periods.count)]
        first, last = swap.from_ or periods.starts[0], swap.until or plan.facility.maturity
        self.on = [s >= first and e <= last for s, e in zip(periods.starts, periods.ends, strict=True)]
        years = [ZERO] * periods.count
        for t in range(periods.count):
            if swap.notional is not None:
                years[t] = _d(swap.notional.at(periods.starts[t])) * _d(plan.fraction[t])
            else:
                opening = _d(plan.schedule[t - 1]) if t else ZERO
                years[t] = _d(swap.share) * (opening * _d(plan.fraction[t]) + _d(plan.draw_years[t]))
            years[t] *= int(self.on[t])
        grow = [1 + b * _d(f) for b, f in zip(self.base, periods.fractions("ACT/360"), strict=True)]
        if swap.fixed is not None:
            self.fixed = _d(swap.fixed.value)
        else:
            floats, plain, discount = ZERO, ZERO, ONE
            for t in range(periods.count):
                discount /= grow[t]
                floats, plain = floats + discount * years[t] * self.base[t], plain + discount * years[t]
            self.fixed = floats / plain + _d(swap.charge)
        self.net, waits = [ZERO] * periods.count, ZERO
        for t in range(plan.maturity + 1):
            waits += years[t] * (self.base[t] - self.fixed)
            if plan.pays_interest[t]:
                self.net[t], waits = waits, ZERO
        self.worth = [ZERO] * periods.count
        for t in range(periods.count - 2, -1, -1):
            self.worth[t] = (self.net[t + 1] + self.worth[t + 1]) / grow[t + 1]
        self.live, self.late, self.due = ONE, ZERO, ZERO

    def gain(self, t: int) -> Decimal:
        return (self.base[t] - self.fixed) * int(self.on[t])

    def end(self, t: int, share: Decimal) -> Decimal:
        """What it is worth, to be received at once or owed."""
        worth = self.worth[t] * self.live * share
        self.live *= 1 - share
        self.late += max(-worth, ZERO)
        return worth


class _Reading:
    def __init__(self, ready: Prepared) -> None:
        self.ready, self.deal = ready, ready.deal
        deal: Deal = ready.deal
        self.owed: dict[str, _Owed] = {}
        for plan in ready.plans:
            first = plan.facility.amortisation.from_
            begun = [first is None or end > first for end in ready.periods.ends]
            self.owed[plan.facility.name] = _Owed(plan, begun, self._sculpted(plan), ready.periods.months)
        self.hedges = {
            s.name: _Hedge(ready, next(p for p in ready.plans if p.facility.name == s.of), s)
            for s in deal.swaps
        }
        for h in self.hedges.values():
            self.owed[h.swap.of].hedges.append(h)
        self.supported = ZERO
        self.debts = [x for x in self.owed.values() if not x.facility.preferred]
        self.tiny = sum((x.tiny for x in self.debts), ZERO)
        self.held = dict.fromkeys(("collection", "construction", *(r.name for r in deal.reserves)), ZERO)
        self.caps = {g.name: g.cap for g in deal.guarantees if g.covers == "service"}
        self.given = dict.fromkeys(self.caps, ZERO)
        self.state = {"locked": False, "default": False}
        self.low = {t.name: 0 for t in deal.tests}
        self.window: list[tuple[Decimal, Decimal]] = []  # service of each date, senior and in all
        names = [t.name for t in deal.tests]
        self.locked, self.passed = dict.fromkeys(names, False), dict.fromkeys(names, 0)
        self.broken = dict.fromkeys(names, 0)
        self.alive, self.late_opex, self.missed = True, ZERO, 0
        self.now: dict[str, Decimal] = {}

    def _sculpted(self, plan: Plan) -> list[Decimal]:
        """Debt service by the sculpting rule: each contract's cash, or the file's, over its cover; at least 0."""
        rule, cash, periods = plan.facility.amortisation, self.ready.cash, self.ready.periods
        found = list[Decimal]()
        for t in range(periods.count):
            if rule.cfads is not None:
                total = _d(rule.cfads.mean(periods, self.ready.values)[t]) * _d(periods.years[t])
            elif rule.streams:
                total = sum((_d(cash.streams[x.contract][t]) / _d(x.dscr) for x in rule.streams), ZERO)
            else:
                total = _d(cash.sizing[t])
            found.append(max(total / (_d(rule.dscr) if rule.dscr else ONE), ZERO))
        return found

    def _chosen(self, number: Any, t: int, value: Any, *, by_days: bool = False) -> Decimal:
        """The first of a list whose conditions hold; ``value`` gives a number without a list at ``t``."""
        if isinstance(number, Stated):
            number = number.number
        if not isinstance(number, Number):
            return _d(number)
        for case in number.cases:
            if self._holds(case.texts, t, by_days):
                return _d(value(case.number)) if not case.number.fixed else _d(case.number.value)
        return _d(value(number))

    def _mean(self, number: Any, t: int) -> Decimal:
        periods, values = self.ready.periods, self.ready.values
        return self._chosen(number, t, lambda n: n.mean(periods, values)[t], by_days=True)

    def _on_date(self, number: Any, t: int) -> Decimal:
        periods, values = self.ready.periods, self.ready.values
        return self._chosen(number, t, lambda n: n.on_dates(periods, values)[t])

    def _rate(self, x: _Owed, t: int) -> Decimal:
        """The rate of a period: planned, but where conditions choose it or its margin."""
        rate, floating = x.facility.rate, x.facility.rate.floating
        if rate.cases:
            return self._mean(rate, t)
        if floating is None or not floating.margin.cases:
            return _d(x.plan.rate[t])
        base = _d(floating.base_rate(self.ready.periods, self.ready.values, "")[t])
        whole = base + self._mean(floating.margin, t)
        return whole if floating.cap is None else min(whole, _d(floating.cap))

    def _taken(self, step: Step, t: int) -> bool:
        """Whether all conditions of a step hold."""
        return self._holds(step.when, t)

    def _holds(self, when: tuple[str, ...], t: int, by_days: bool = False) -> bool:
        """``by_days``: of what accrues in the period, so that a date counts from its first day."""
        cash = self.ready.cash
        end = (self.ready.periods.starts if by_days else self.ready.periods.ends)[t]
        for text in when:
            words = text.split()
            no = words[0] == "not"
            words = words[1:] if no else words
            if words[0] in ("locked", "default"):
                holds = self.state[words[0]]
            elif words[0] == "completed":
                holds = t >= cash.completion
            elif words[0] == "after":
                ard = self.owed[words[3]].plan.ard
                holds = ard is not None and t > ard
            elif words[0] == "broken":
                holds = self.low[words[1]] >= (int(words[3]) if len(words) > 2 else 1)
            else:
                holds = (str(end) >= words[1]) == (words[0] == "from")
            if holds == no:
                return False
        return True

    def periods(self) -> Series:
        out: Series = {}
        for t in range(self.ready.periods.count):
            self.now = dict.fromkeys(
                ("equity_in", "equity_out", "opex", "sale", "guarantee", "cash_interest"), ZERO
            )
            for name in self.owed:
                for word in ("drawn", "interest", "principal", "added", "fees"):
                    self.now[f"{name}.{word}"] = ZERO
            for name in self.hedges:
                self.now[f"{name}.paid"] = self.now[f"{name}.received"] = ZERO
            self._open(t)
            self._collect(t)
            for name, x in self.owed.items():
                lent = _d(x.plan.date_draws[t]) if self.alive else ZERO
                x.balance += lent
                self.held["construction"] += lent
                self.now[f"{name}.drawn"] += lent
            self._take_out(t)
            late = [s for s in self.deal.waterfall if self._comes_late(s)]
            for step in self.deal.waterfall:
                if step not in late and self._taken(step, t):
                    self._scheduled_step(step, t)
            lock = self._judge(t)
            for step in late:
                if self._taken(step, t):
                    self._late_step(step, t, lock)
            for name, x in self.owed.items():
                if x.facility.preferred and x.facility.compounds:
                    self.now[f"{name}.added"] += x.late_interest
                    x.balance, x.late_interest = x.balance + x.late_interest, ZERO
                self.now[f"{name}.balance"] = x.balance
                self.now[f"{name}.unpaid"] = x.late_interest + x.late_principal
            for name, h in self.hedges.items():
                self.now[f"{name}.unpaid"], self.now[f"{name}.worth"] = h.late, h.worth[t] * h.live
            for name, amount in self.held.items():
                self.now[name if name in ("collection", "construction") else f"account.{name}"] = amount
            for name, value in self.now.items():
                out.setdefault(name, []).append(value)
        return out

    def _comes_late(self, step: Step) -> bool:
        if step.what == "additional":
            return True
        if step.do == "pay" and step.what != "settlement":
            return self.owed[step.of].facility.preferred
        return step.do not in ("pay", "fund")

    def _target(self, name: str, t: int) -> Decimal:
        reserve = next(r for r in self.deal.reserves if r.name == name)
        if reserve.kind == "trap":
            return ZERO
        ahead = reserve.months // self.ready.periods.months
        first = max(t + 1, min(self.ready.cash.completion, self.ready.periods.count))
        planned = ZERO
        for x in self.debts:
            if x.facility.senior and not x.facility.on_demand:
                service = sum((_d(v) for v in x.plan.service[first : first + ahead]), ZERO)
                plan = _d(x.plan.schedule[t])
                planned += service * (min(x.balance / plan, ONE) if plan > x.tiny else ONE)
        planned -= sum(
            (sum(h.net[first : first + ahead], ZERO) * h.live for h in self.hedges.values() if h.senior), ZERO
        )
        return planned + self._on_date(reserve.target, t)

    def _first_fill(self, reserve: Any, at: int) -> Decimal:
        ahead, periods = reserve.months // self.ready.periods.months, self.ready.periods
        first = max(at, min(self.ready.cash.completion, periods.count))
        total = _d(reserve.target.at(periods.starts[at]))
        for x in self.debts:
            if x.facility.senior and not x.facility.on_demand:
                total += sum((_d(v) for v in x.plan.service[first : first + ahead]), ZERO)
        return total - sum(
            (sum(h.net[first : first + ahead], ZERO) for h in self.hedges.values() if h.senior), ZERO
        )

    def _still_to_draw(self, t: int) -> bool:
        return any(bool((x.plan.draws[t + 1 :] > 0).any()) for x in self.owed.values())

    def _open(self, t: int) -> None:
        held, now, cash, periods = self.held, self.now, self.ready.cash, self.ready.periods
        rate = self._mean(self.deal.cash_rate, t)
        now["cash_interest"] = sum(held.values(), ZERO) * rate * _d(periods.years[t])
        held["collection"] += now["cash_interest"]
        # Day by day: draws, then what is to be paid, then what owners add.
        days: dict[float, dict[str, Decimal]] = {}
        for asset in self.deal.assets:
            for date, amount in asset.spend.events(periods):
                if periods.index(date) == t:
                    day = days.setdefault(round(periods.when(date), 9), {})
                    day["need"] = day.get("need", ZERO) + _d(amount)
        for name, x in self.owed.items():
            for time, share, period in x.plan.draw_events:
                if period == t:
                    day = days.setdefault(round(time, 9), {})
                    day[f"draw {name}"] = day.get(f"draw {name}", ZERO) + _d(share) * x.amount
        opening = round(float(periods.begins[t]), 9)
        for reserve in self.deal.reserves:
            at = {"closing": 0, "completion": cash.completion}.get(reserve.funded)
            if t == at:
                day = days.setdefault(opening, {})
                day[f"fill {reserve.name}"] = self._first_fill(reserve, t)
        if t == 0:
            day = days.setdefault(0.0, {})
            for name, x in self.owed.items():
                if x.plan.taken is not None:
                    continue
                now[f"{name}.fees"] = _d(x.facility.upfront_fee) * x.amount
                day["fees"] = day.get("fees", ZERO) + now[f"{name}.fees"]
        extra: dict[str, Decimal] = dict.fromkeys(self.owed, ZERO)
        weighted: dict[str, Decimal] = dict.fromkeys(self.owed, ZERO)
        for time in sorted(days) if self.alive else []:
            need = ZERO
            for what, amount in days[time].items():
                if what.startswith("draw "):
                    now[f"{what[5:]}.drawn"] += amount
                    held["construction"] += amount
                    continue
                need += amount
                if what.startswith("fill "):
                    held[what[5:]] += amount
            rest = 1 - (_d(time) - _d(periods.begins[t])) / _d(periods.years[t])
            for name, x in self.owed.items():
                if x.facility.kind == "variable_funding_note":
                    gap = max(need - held["construction"], ZERO) * _d(x.facility.advance)
                    drawn = min(gap, max(x.room(t) - extra[name], ZERO))
                    extra[name] += drawn
                    weighted[name] += drawn * rest
                    held["construction"] += drawn
            now["equity_in"] += max(need - held["construction"], ZERO)
            held["construction"] = max(held["construction"] - need, ZERO)
        for name, x in self.owed.items():
            self._accrue(name, x, t, extra[name], weighted[name])
        for name, h in self.hedges.items():
            net = h.net[t] * h.live
            h.due, h.late = -net, h.late + max(-net, ZERO)
            now[f"{name}.received"] = max(net, ZERO)
            held["collection"] += max(net, ZERO)
        if t >= cash.completion:
            held["collection"] += held["construction"]
            held["construction"] = ZERO

    def _take_out(self, t: int) -> None:
        for name, x in self.owed.items():
            rule = x.facility.takes_out
            if rule is None or x.plan.taken != t or not self.alive:
                continue
            room = min(_d(v) for v in x.plan.limits.values())
            keep = 1 - _d(x.facility.upfront_fee)
            todo: list[tuple[str, _Hedge | None, Decimal]] = [(old, None, ONE) for old in rule.of]
            ended: dict[str, Decimal] = {}
            while todo:
                old, hedge, share = todo.pop(0)
                if hedge is None:
                    before = self.owed[old].balance
                    paid = min(room * keep, before)
                    ended[old] = paid / before if before > self.owed[old].tiny else ZERO
                    self._credit(old, "all", paid)
                    own = self.owed[old]
                    left = min(own.late_principal, own.falls)
                    own.due, own.falls = own.due - own.falls + left, left
                    if not todo:
                        todo = [
                            (h.swap.name, h, ended[h.swap.of])
                            for h in self.hedges.values()
                            if h.swap.of in ended
                        ]
                else:
                    worth = hedge.end(t, share)
                    paid = min(room * keep, max(-worth, ZERO))
                    self.now[f"{old}.received"] += max(worth, ZERO)
                    self.held["collection"] += paid + max(worth, ZERO)
                drawn = paid / keep
                room -= drawn
                x.balance += drawn
                self.now[f"{name}.drawn"] += drawn
                self.now[f"{name}.fees"] += drawn - paid

    def _accrue(self, name: str, x: _Owed, t: int, extra: Decimal, weighted: Decimal) -> None:
        plan, rate = x.plan, self._rate(x, t)
        if self.alive:
            late = self._chosen(x.facility.late_rate, t, None) * _d(plan.fraction[t]) * x.late_interest
            interest = (
                rate * _d(plan.fraction[t]) * (x.balance + weighted) + rate * _d(plan.draw_years[t]) + late
            )
            fee = _d(plan.undrawn[t])
            if x.facility.on_demand and plan.available[t]:
                open_still = max(x.amount - x.balance - weighted, ZERO)
                fee = _d(x.facility.undrawn_fee) * _d(plan.fraction[t]) * _d(plan.available[t]) * open_still
        else:
            interest = fee = ZERO
        self.now[f"{name}.drawn"] += extra
        if x.facility.additional_rate and plan.ard is not None and t > plan.ard:
            x.late_additional += _d(x.facility.additional_rate) * _d(plan.fraction[t]) * x.balance
        if plan.pays_interest[t]:
            interest, x.accrued = interest + x.accrued, ZERO
        else:
            x.accrued += interest + (ZERO if plan.pik[t] else fee)
            interest, fee = ZERO, fee if plan.pik[t] else ZERO
        toggled = bool(x.facility.pik_when) and self._holds(x.facility.pik_when, t)
        added = interest if plan.pik[t] or toggled else ZERO
        self.now[f"{name}.added"] = added
        x.balance += self.now[f"{name}.drawn"] + added
        due = x.scheduled(t, x.balance - x.late_principal)
        x.late_interest += interest - added + fee
        x.late_principal += due
        x.due, x.falls = interest - added + fee + due, due

    def _collect(self, t: int) -> None:
        cash, held = self.ready.cash, self.held
        revenue, opex, backed = (
            _d(v[t]) if self.alive else ZERO for v in (cash.revenue, cash.opex, cash.backed)
        )
        held["collection"] += max(revenue, ZERO) + backed
        self.now["guarantee"] += backed
        self.late_opex += opex + max(-revenue, ZERO)
        if self.deal.support and self.deal.support.costs:
            held["collection"] += self._owners(t, max(self.late_opex - held["collection"], ZERO))
        self.now["opex"] = min(held["collection"], self.late_opex)
        held["collection"] -= self.now["opex"]
        self.late_opex -= self.now["opex"]

    def _owners(self, t: int, want: Decimal) -> Decimal:
        """What owners add to a shortfall."""
        rule, end = self.deal.support, self.ready.periods.ends[t]
        if rule is None or not self.alive or (rule.until is not None and end > rule.until):
            return ZERO
        paid = min(want, max(self._on_date(rule.cap, t) - self.supported, ZERO))
        self.supported += paid
        self.now["equity_in"] += paid
        return paid

    def _want(self, step: Step) -> Decimal:
        if step.what == "settlement":
            return self.hedges[step.of].late
        x = self.owed[step.of]
        return x.late_interest if step.what == "interest" else x.late_principal

    def _scheduled_step(self, step: Step, t: int) -> None:
        held = self.held
        if step.do == "fund":
            owing = sum((x.balance + x.late_interest for x in self.debts), ZERO)
            owing = owing + sum((h.late for h in self.hedges.values()), ZERO) > self.tiny
            owing = owing or self._still_to_draw(t)
            wanted = (self._target(step.of, t) if owing else ZERO) - held[step.of]
            moved = min(held["collection"], max(wanted, ZERO))
            held["collection"] -= moved
            held[step.of] += moved
            return
        for source in ("collection", *step.from_):
            want = self._want(step)
            if source == "construction" and t < self.ready.cash.completion and want > held[source]:
                self.now["equity_in"] += want - held[source]
                held[source] = want
            if source in held:
                paid = min(held[source], want)
                held[source] -= paid
            elif source == "owners":
                paid = self._owners(t, want)
            elif source in self.caps:
                left = max(self._on_date(self.caps[source], t) - self.given[source], ZERO)
                guarantee = next(g for g in self.deal.guarantees if g.name == source)
                left = left if self._holds(guarantee.when, t) else ZERO
                paid = min(left * _d(self.ready.cash.service_open[source][t]), want)
                self.given[source] += paid
                self.now["guarantee"] += paid
            else:
                line = self.owed[source]
                paid = min(line.room(t), want)
                line.balance += paid
                self.now[f"{source}.drawn"] += paid
            self._credit(step.of, step.what, paid)

    def _credit(self, name: str, what: str, paid: Decimal) -> None:
        if name in self.hedges:
            self.hedges[name].late -= paid
            self.now[f"{name}.paid"] += paid
            return
        x = self.owed[name]
        self.now[f"{name}.{'interest' if what in ('interest', 'additional') else 'principal'}"] += paid
        if what == "additional":
            x.late_additional -= paid
            return
        if what == "interest":
            x.late_interest -= paid
            return
        x.balance -= paid
        # Principal beyond the schedule settles what is late first.
        x.late_principal = (
            x.late_principal - paid if what == "principal" else max(x.late_principal - paid, ZERO)
        )

    def _judge(self, t: int) -> bool:
        """Tests, then a sale or a full sweep; whether what is left is locked."""

        def late() -> bool:
            owed = ZERO
            for x in self.debts:
                waits = x.facility.deferrable and t < x.plan.maturity
                owed += x.late_principal + (ZERO if waits else x.late_interest)
            return owed + sum((h.late for h in self.hedges.values()), ZERO) > self.tiny

        if late():
            last = t >= max(x.plan.maturity for x in self.owed.values())
            for reserve in self.deal.reserves:
                if last or reserve.kind == "trap":
                    self._rescue(reserve.name)
        short = late()
        self.missed = self.missed + 1 if short else 0
        service = [
            sum((x.due for x in self.debts if x.facility.senior or whole), ZERO)
            + sum((h.due for h in self.hedges.values() if h.senior or whole), ZERO)
            for whole in (False, True)
        ]
        self.window.append((service[0], service[1]))
        trap, failed = False, False
        for test in self.deal.tests:
            trap, failed = self._test(test, t, trap, failed)
        outstanding = sum((x.balance for x in self.debts), ZERO) > self.tiny or short
        default = (failed or short) and outstanding
        trap = (trap or default) and outstanding
        rule, sold = self.deal.enforcement, False
        if rule and self.alive:
            sold = bool(self.ready.cash.lapsed[t] > 0)
            sold = sold or (rule.on_default and default and (failed or self.missed >= rule.grace))
        if sold and rule:
            self.now["sale"] = _d(self.ready.cash.value[t]) * (1 - _d(rule.cost))
            called = sum((_d(c.sale[t]) + _d(c.lapse[t]) for c in self.ready.cash.calls.values()), ZERO)
            self.now["guarantee"] += called
            self.held["collection"] += self.now["sale"] + called
            for reserve in self.deal.reserves:
                self.held["collection"] += self.held[reserve.name]
                self.held[reserve.name] = ZERO
            self.held["collection"] += self.held["construction"]
            self.held["construction"] = ZERO
            for name, h in self.hedges.items():
                worth = h.end(t, ONE)
                self.now[f"{name}.received"] += max(worth, ZERO)
                self.held["collection"] += max(worth, ZERO)
            for x in self.owed.values():
                if x.facility.preferred:
                    x.late_principal = x.balance
                else:
                    x.late_interest, x.accrued = x.late_interest + x.accrued, ZERO
            self.alive = False
        elif rule and self.alive and self.ready.cash.released[t] > 0:
            self._one_asset(t, _d(rule.cost))
        if default or sold:
            for reserve in self.deal.reserves:
                if reserve.kind == "trap":
                    self.held["collection"] += self.held[reserve.name]
                    self.held[reserve.name] = ZERO
        if default and sum((x.balance for x in self.debts), ZERO) <= self.tiny:
            for reserve in self.deal.reserves:
                self.held["collection"] += self.held[reserve.name]
                self.held[reserve.name] = ZERO
        if default or sold:
            paid = [s.of for s in self.deal.waterfall if s.do == "pay" and not self._comes_late(s)]
            for name in dict.fromkeys(paid):
                todo = [("settlement", self.hedges[name].late)] if name in self.hedges else [
                    ("interest", self.owed[name].late_interest), ("all", self.owed[name].balance)
                ]  # fmt: skip
                for what, want in todo:
                    amount = min(self.held["collection"], want)
                    self.held["collection"] -= amount
                    self._credit(name, what, amount)
        lock = trap and not sold
        self.state = {"locked": lock, "default": default or sold}
        return lock

    def _rescue(self, account: str) -> None:
        """Late service is paid from trapped cash, in the order of the pay steps."""
        for step in self.deal.waterfall:
            if step.do == "pay" and not self._comes_late(step):
                paid = min(self.held[account], self._want(step))
                self.held[account] -= paid
                self._credit(step.of, step.what, paid)

    def _one_asset(self, t: int, cost: Decimal) -> None:
        """An asset whose lease has ended early is sold for the lenders; the deal goes on."""
        price = _d(self.ready.cash.released[t]) * (1 - cost)
        called = sum((_d(c.part[t]) + _d(c.lapse[t]) for c in self.ready.cash.calls.values()), ZERO)
        self.now["sale"] += price
        self.now["guarantee"] += called
        left = price + called
        for name in dict.fromkeys(
            s.of for s in self.deal.waterfall
            if s.do == "pay" and s.what != "settlement" and not self._comes_late(s)
        ):  # fmt: skip
            paid = min(left, self.owed[name].balance)
            left -= paid
            self._credit(name, "all", paid)
        self.held["collection"] += left

    def _test(self, test: Test, t: int, trap: bool, failed: bool) -> tuple[bool, bool]:
        name, end = test.name, self.ready.periods.ends[t]
        if (test.from_ and end < test.from_) or (test.until and end > test.until):
            self.locked[name], self.broken[name] = False, 0
            self.low[name] = 0
            return trap, failed
        measure = self._measured(test, t)
        over = test.measure == "ltv"

        def fails(level: Decimal) -> bool:
            return measure is not None and (measure > level if over else measure < level)

        if test.trap:
            level = self._chosen(test.trap, t, None)
            below = fails(level)
            self.low[name] = self.low[name] + 1 if below and self.alive else 0
            if measure is not None:
                self.passed[name] = 0 if below else self.passed[name] + 1
                if below or self.passed[name] >= test.cure:
                    self.locked[name] = below
        if test.default:
            worse = fails(self._chosen(test.default, t, None))
            self.broken[name] = self.broken[name] + 1 if worse else 0
        return trap or self.locked[name], failed or self.broken[name] > test.cure

    def _measured(self, test: Test, t: int) -> Decimal | None:
        """What a test measures on a date; None: not applicable."""
        cash, periods = self.ready.cash, self.ready.periods
        counted = [x for x in self.debts if x.facility.senior or test.debt == "total"]
        tiny = sum((x.tiny for x in counted), ZERO)
        debt = sum((x.balance for x in counted), ZERO)
        free = [_d(v) for v in cash.cfads]
        windowed = test.measure in ("dscr", "debt_yield") and test.side == "backward"
        if t < cash.completion + (test.window - 1 if windowed else 0):
            return None  # a cover is measured once its window is full of operations
        last = max((x.plan.maturity for x in counted), default=0)
        recent = range(max(t - test.window + 1, 0), t + 1)
        if test.measure == "dscr" and test.side == "forward":
            ahead = range(t + 1, min(t + 1 + test.window, periods.count))
            above = sum((free[s] for s in ahead if s <= last), ZERO)
            below = sum((self._to_come(x, ahead, t) for x in counted), ZERO)
            hedges = [h for h in self.hedges.values() if h.senior or test.debt == "total"]
            below -= sum((h.net[s] * h.live for h in hedges for s in ahead), ZERO)
        elif test.measure == "dscr":
            above = sum((free[s] for s in recent), ZERO)
            below = sum((self.window[s][test.debt == "total"] for s in recent), ZERO)
        elif test.measure == "debt_yield":
            above, below = (
                sum((free[s] for s in recent), ZERO) / sum((_d(periods.years[s]) for s in recent), ZERO),
                debt,
            )
        elif test.measure == "ltv":
            value = _d(cash.value[t])
            if debt <= tiny:
                return None
            return debt / value if value > 0 else Decimal("Infinity")
        else:
            first, above, discount = counted[0], ZERO, ONE
            for s in range(
                t + 1, (min(last, periods.count - 1) if test.measure == "llcr" else periods.count - 1) + 1
            ):
                discount /= 1 + _d(first.plan.rate[s]) * _d(first.plan.fraction[s])
                above += discount * free[s]
            below = debt
        return above / below if below > tiny else None

    def _to_come(self, x: _Owed, ahead: range, t: int) -> Decimal:
        """Planned service of a lender, times what is owed of what was planned to be."""
        plan = _d(x.plan.schedule[t])
        share = min(x.balance / plan, ONE) if plan > x.tiny else ONE
        return sum((_d(x.plan.service[s]) for s in ahead), ZERO) * share

    def _late_step(self, step: Step, t: int, lock: bool) -> None:
        held = self.held
        debt = sum((x.balance for x in self.debts), ZERO) > self.tiny
        locks = lock and debt
        if step.do != "trap":  # what was released pays running costs that are owed before anybody
            paid = min(held["collection"], self.late_opex)
            self.now["opex"] += paid
            held["collection"] -= paid
            self.late_opex -= paid
        if step.do == "trap" and locks:
            held[step.of] += held["collection"]
            held["collection"] = ZERO
        elif step.do == "release" and not locks:
            stays = min(held[step.of], self._target(step.of, t) if debt or self._still_to_draw(t) else ZERO)
            held["collection"] += held[step.of] - stays
            held[step.of] = stays
        elif step.do == "distribute" and not locks:
            self.now["equity_out"] += held["collection"]
            held["collection"] = ZERO
        elif step.do in ("sweep", "pay") and not (locks and self.owed[step.of].facility.preferred):
            x = self.owed[step.of]
            share = (
                self._chosen(step.share, t, None)
                if x.plan.ard is None or step.when
                else Decimal(int(t > x.plan.ard))
            )
            wanted = {
                "interest": x.late_interest,
                "principal": x.late_principal,
                "additional": x.late_additional,
            }
            want = wanted.get(step.what, x.balance)
            amount = min(held["collection"] * share, want)
            held["collection"] -= amount
            self._credit(step.of, step.what or "all", amount)

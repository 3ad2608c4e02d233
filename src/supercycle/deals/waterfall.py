"""One period after another: open, draw, accrue, collect, pay in order, test, trap or sweep or release, close.

Every movement of cash is between named accounts and is recorded once; ``ledger`` checks what was recorded
against the accounts. The text runs on arrays [path] or on plain floats (see ``arithmetic``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.amortise import Plan
from supercycle.deals.arithmetic import Arithmetic
from supercycle.deals.cashflow import Cash
from supercycle.deals.covenants import Covenants
from supercycle.deals.ledger import Books
from supercycle.deals.periods import Periods
from supercycle.deals.schema import Deal, Step

__all__ = ["PAID_OFF", "STATES", "books_of", "run_paths"]

Floats = NDArray[np.float64]
STATES = ("performing", "trap", "default", "accelerated", "matured_unpaid")
PAID_OFF = 1e-9  # of the commitment: less is rounding, not debt
TRANCHE = {"drawn": "source", "added": "info", "fees": "use", "interest": "use", "principal": "use",
           "balance": "info", "due": "info", "unpaid": "info"}  # fmt: skip
WHOLE = {"revenue": "source", "equity_in": "source", "sale": "source", "guarantee": "source", "opex": "use",
         "spend": "use", "equity_out": "use", "cfads": "info", "service": "info", "opex_unpaid": "info",
         "state": "info", "construction": "cash", "collection": "cash"}  # fmt: skip


def books_of(deal: Deal) -> Books:
    """The series a deal records, in order."""
    books = Books(dict(WHOLE), [f.name for f in deal.facilities])
    for facility in deal.facilities:
        books.sides |= {f"{facility.name}.{name}": side for name, side in TRANCHE.items()}
    books.sides |= {f"account.{r.name}": "cash" for r in deal.reserves}
    books.sides |= {f"target.{r.name}": "info" for r in deal.reserves if r.kind == "reserve"}
    books.sides |= {f"test.{t.name}": "info" for t in deal.tests}
    return books


@dataclasses.dataclass(slots=True)
class _Tranche:
    """What is owed to one lender, on each path."""

    plan: Plan
    draws: Any
    draw_years: Any
    rate: Any
    share: Any
    paid: Any
    ceiling: Any
    undrawn: Any
    tiny: float
    balance: Any = 0.0
    late_interest: Any = 0.0
    late_principal: Any = 0.0
    interest_due: Any = 0.0
    principal_due: Any = 0.0
    now: dict[str, Any] = dataclasses.field(default_factory=dict[str, Any])

    def owe(self, t: int, alive: Any, do: Arithmetic) -> Any:
        """Draw and accrue; returns the draw. Late interest bears none."""
        plan = self.plan
        drawn = self.draws[t] * alive
        accrued = self.rate[t] * (plan.fraction[t] * self.balance + self.draw_years[t]) * alive
        added = plan.pik[t] * accrued
        self.balance = self.balance + drawn + added
        self.interest_due = accrued - added + self.undrawn[t] * alive
        sound = self.balance - self.late_principal
        if t >= plan.maturity:
            self.principal_due = sound
        else:
            due = do.high(self.share[t] * sound + self.paid[t], sound - self.ceiling[t])
            self.principal_due = do.low(do.high(due, 0.0), sound)
        service = self.interest_due + self.principal_due
        self.now = {"drawn": drawn, "added": added, "fees": 0.0, "interest": 0.0, "principal": 0.0,
                    "due": service}  # fmt: skip
        self.late_interest = self.late_interest + self.interest_due
        self.late_principal = self.late_principal + self.principal_due
        return drawn

    def owed(self, what: str) -> Any:
        """What a pay step has to pay: this period's and what is late."""
        return self.late_interest if what == "interest" else self.late_principal

    def take(self, what: str, paid: Any) -> None:
        """Cash received for interest or scheduled principal."""
        self.now[what] = self.now[what] + paid
        if what == "interest":
            self.late_interest = self.late_interest - paid
        else:
            self.late_principal = self.late_principal - paid
            self.balance = self.balance - paid

    def prepay(self, paid: Any, do: Arithmetic) -> None:
        """Principal beyond the schedule; it settles what is late first."""
        self.now["principal"] = self.now["principal"] + paid
        self.balance = self.balance - paid
        self.late_principal = do.high(self.late_principal - paid, 0.0)


def run_paths(
    deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], out: Floats, do: Arithmetic
) -> None:
    """Run every period and write each series into ``out`` [series, period, path]."""
    one = do.rows(np.ones((1, out.shape[2])))[0]
    row = books_of(deal).index()
    tranches = {p.facility.name: _tranche(p, do) for p in plans}
    revenue, opex, spend, value, lapsed, guaranteed = (
        do.rows(x) for x in (cash.revenue, cash.opex, cash.spend, cash.value, cash.lapsed, cash.guaranteed)
    )
    targets = {r.name: do.rows(_target(deal, periods, plans, r.name)) for r in deal.reserves}
    covenants = Covenants(deal, periods, cash, plans, do)
    zero = 0.0 * one
    held: dict[str, Any] = {"collection": zero, "construction": zero, **{r.name: zero for r in deal.reserves}}
    alive, late_opex, missed = one, zero, zero
    accelerated = one > 2
    early = [s for s in deal.waterfall if s.do in ("pay", "fund")]
    late = [s for s in deal.waterfall if s.do not in ("pay", "fund")]
    order = list(dict.fromkeys(s.of for s in deal.waterfall if s.do == "pay"))
    enforcement = deal.enforcement
    cost = enforcement.cost if enforcement else 0.0
    for t in range(periods.count):
        now: dict[str, Any] = dict.fromkeys(("equity_in", "equity_out", "sale", "guarantee"), zero)
        # Draws, fees, spend and the opening of reserves meet in the construction account; owners add the rest.
        for tranche in tranches.values():
            held["construction"] = held["construction"] + tranche.owe(t, alive, do)
        need = spend[t] * alive
        now["spend"] = need
        if t == 0:
            for tranche in tranches.values():
                fee = tranche.plan.facility.upfront_fee * tranche.plan.amount
                tranche.now["fees"], need = fee * one, need + fee
            for reserve in deal.reserves:
                if reserve.funded_at_close:
                    held[reserve.name] = held[reserve.name] + targets[reserve.name][t]
                    need = need + targets[reserve.name][t]
        call = do.high(need - held["construction"], 0.0)
        now["equity_in"] = now["equity_in"] + call
        held["construction"] = held["construction"] + call - need
        if t >= cash.completion:
            held["collection"] = held["collection"] + held["construction"]
            held["construction"] = zero
        # Collect: running costs, and those still owed, come before all debt.
        now["revenue"] = do.high(revenue[t], 0.0) * alive
        cfads = (revenue[t] - opex[t]) * alive
        late_opex = late_opex + now["revenue"] - cfads
        held["collection"] = held["collection"] + now["revenue"]
        now["opex"] = do.low(held["collection"], late_opex)
        held["collection"] = held["collection"] - now["opex"]
        late_opex = late_opex - now["opex"]
        for step in early:
            if step.do == "fund":
                gap = do.high(targets[step.of][t] * _owing(tranches, do) - held[step.of], 0.0)
                paid = do.low(held["collection"], gap)
                held["collection"], held[step.of] = held["collection"] - paid, held[step.of] + paid
                continue
            _pay(step, tranches[step.of], held, now, t < cash.completion, do)
        unpaid = sum(x.late_interest + x.late_principal for x in tranches.values())
        debt = sum(x.balance for x in tranches.values())
        tiny = sum(x.tiny for x in tranches.values())
        missed = do.pick(unpaid > tiny, missed + 1, zero)
        senior = [x for x in tranches.values() if x.plan.facility.senior]
        service = sum(x.now["due"] for x in senior) + zero
        trap, failed, measured = covenants.judge(
            t, cfads, service, sum(x.balance for x in senior) + zero, value[t] + zero, alive > 0
        )
        outstanding = (debt + unpaid) > tiny
        default = (failed | (missed > 0)) & outstanding
        trap = (trap | default) & outstanding
        overdue = [x for x in tranches.values() if t >= x.plan.maturity]
        matured = one > 2
        for x in overdue:
            matured = matured | (x.balance > x.tiny)
        # A sale ends the deal on its path: value less cost, guarantees and every account go to the lenders in order.
        sold = (alive > 0) & (lapsed[t] > 0) if enforcement else one > 2
        if enforcement and enforcement.on_default:
            sold = sold | (default & (alive > 0) & (failed | (missed >= enforcement.grace)))
        accelerated = accelerated | (sold & outstanding)
        ends = do.pick(sold, one, zero)
        now["sale"] = value[t] * (1 - cost) * ends
        now["guarantee"] = guaranteed[t] * ends
        held["collection"] = held["collection"] + now["sale"] + now["guarantee"]
        for reserve in deal.reserves:
            free = held[reserve.name] * ends
            held["collection"], held[reserve.name] = held["collection"] + free, held[reserve.name] - free
        sweep_all = do.pick(default | sold, one, zero)
        for name in order:
            _sweep_out(tranches[name], held, sweep_all, do)
        lock = do.pick(trap & (sold ^ True), one, zero)
        for step in late:
            debt_left = do.pick(sum(x.balance for x in tranches.values()) > tiny, one, zero)
            _late_step(step, t, tranches, held, now, targets, lock, debt_left, do)
        alive = alive * (1 - ends)
        state = do.pick(trap, one, zero)
        state = do.pick(default, 2 * one, state)
        state = do.pick(matured & outstanding, 4 * one, state)
        state = do.pick(accelerated, 3 * one, state)
        now |= {"cfads": cfads, "service": service, "opex_unpaid": late_opex, "state": state}
        for name, series in now.items():
            out[row[name], t] = series
        for name in ("construction", "collection"):
            out[row[name], t] = held[name]
        for reserve in deal.reserves:
            out[row[f"account.{reserve.name}"], t] = held[reserve.name]
            if reserve.kind == "reserve":
                out[row[f"target.{reserve.name}"], t] = targets[reserve.name][t]
        for test, level in zip(deal.tests, measured, strict=True):
            out[row[f"test.{test.name}"], t] = level
        for name, x in tranches.items():
            for key, series in x.now.items():
                out[row[f"{name}.{key}"], t] = series
            out[row[f"{name}.balance"], t] = x.balance
            out[row[f"{name}.unpaid"], t] = x.late_interest + x.late_principal


def _tranche(plan: Plan, do: Arithmetic) -> _Tranche:
    arrays = (plan.draws, plan.draw_years, plan.rate, plan.share, plan.paid, plan.ceiling, plan.undrawn)
    return _Tranche(plan, *(do.rows(x) for x in arrays), tiny=PAID_OFF * plan.amount)


def _owing(tranches: dict[str, _Tranche], do: Arithmetic) -> Any:
    """1 where any debt is left: a reserve is not filled for debt that is repaid."""
    left = sum(x.balance + x.late_interest for x in tranches.values())
    return do.pick(left > sum(x.tiny for x in tranches.values()), 1.0, 0.0)


def _pay(
    step: Step, tranche: _Tranche, held: dict[str, Any], now: dict[str, Any], building: bool, do: Arithmetic
) -> None:
    """Pay what is owed from collections, then from the sources named; owners complete the construction account."""
    owed = tranche.owed(step.what)
    for name in ("collection", *step.from_):
        paid = do.low(held[name], owed)
        if name == "construction" and building:
            now["equity_in"] = now["equity_in"] + owed - paid
            held[name], paid = held[name] + owed - paid, owed
        held[name] = held[name] - paid
        owed = owed - paid
        tranche.take(step.what, paid)


def _sweep_out(tranche: _Tranche, held: dict[str, Any], where: Any, do: Arithmetic) -> None:
    """In default or after a sale: interest, then the whole balance, from all collections."""
    paid = do.low(held["collection"], tranche.late_interest) * where
    tranche.take("interest", paid)
    held["collection"] = held["collection"] - paid
    paid = do.low(held["collection"], tranche.balance) * where
    tranche.prepay(paid, do)
    held["collection"] = held["collection"] - paid


def _late_step(
    step: Step, t: int, tranches: dict[str, _Tranche], held: dict[str, Any], now: dict[str, Any],
    targets: dict[str, Any], lock: Any, debt_left: Any, do: Arithmetic,
) -> None:  # fmt: skip
    """Trap, sweep, release, distribute: what happens to cash once scheduled service is paid and tests are taken."""
    if step.do == "trap":
        moved = held["collection"] * lock * debt_left
        held["collection"], held[step.of] = held["collection"] - moved, held[step.of] + moved
    elif step.do == "sweep":
        tranche = tranches[step.of]
        # An ard tranche is swept in full once its date has passed, and not before.
        plan = tranche.plan
        share = step.share if plan.ard is None else float(t > plan.ard)
        paid = do.low(held["collection"] * share, tranche.balance)
        tranche.prepay(paid, do)
        held["collection"] = held["collection"] - paid
    elif step.do == "release":
        kept = targets[step.of][t] * debt_left if step.of in targets else 0.0
        kept = do.pick(lock * debt_left > 0, held[step.of], do.low(held[step.of], kept))
        held["collection"] = held["collection"] + held[step.of] - kept
        held[step.of] = kept
    else:
        free = held["collection"] * (1 - lock * debt_left)
        now["equity_out"] = now["equity_out"] + free
        held["collection"] = held["collection"] - free


def _target(deal: Deal, periods: Periods, plans: Sequence[Plan], name: str) -> Floats:
    """A reserve's target after each payment date: its level, or the senior service planned for months to come."""
    reserve = next(r for r in deal.reserves if r.name == name)
    if reserve.kind == "trap":
        return np.zeros(periods.count)
    target = reserve.target.level(periods, {})
    ahead = reserve.months // periods.months
    service = sum((p.service for p in plans if p.facility.senior), np.zeros(()))
    if ahead and service.ndim:
        total = np.concatenate([np.zeros_like(service[:1]), np.cumsum(service, axis=0)])
        later = np.minimum(np.arange(periods.count) + 1 + ahead, periods.count)
        planned = total[later] - total[1:]
        target = planned + (target[:, None] if planned.ndim == 2 else target)
    return target

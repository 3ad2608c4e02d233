"""Cash in its accounts, and the steps that move it: pay, fund, trap, sweep, release, distribute."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from supercycle.deals.document.schema import Deal, Step
from supercycle.deals.engine.ahead import Targets
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil
from supercycle.deals.engine.swaps import SwapRun
from supercycle.deals.engine.tranche import Tranche
from supercycle.deals.engine.when import Choice, Conditions

__all__ = ["Till"]

Owed = Tranche | SwapRun
Group = tuple[list[tuple[Owed, str]], tuple[str, ...], Step]


SPENT = 1e300  # above any cap


class Till:
    """The accounts of one run; a plain 0.0 stands for an account that is empty on every path."""

    def __init__(
        self, deal: Deal, tranches: Mapping[str, Tranche], swaps: Mapping[str, SwapRun], targets: Targets,
        conditions: Conditions, service_open: Mapping[str, list[Any]], caps: Mapping[str, Choice],
        support: Choice | None, shares: Mapping[Step, Choice],
        to_come: Sequence[bool], markets: Mapping[str, Any], ends: Sequence[datetime.date], zero: Any, do: Arithmetic,
    ) -> None:  # fmt: skip
        self._do, self._targets, self._open, self._tranches = do, targets, service_open, tranches
        self._when, self._caps, self._to_come, self._markets = conditions, caps, to_come, markets
        self._swaps = list(swaps.values())
        self._owed: dict[str, Owed] = {**tranches, **swaps}
        self.debts = [x for x in tranches.values() if not x.plan.facility.preferred]
        self.preferred = [x for x in tranches.values() if x.plan.facility.preferred]
        self.tiny = sum(x.tiny for x in self.debts)
        self._zero = zero
        self.collection: Any = zero
        self.construction: Any = 0.0
        self.held: dict[str, Any] = {r.name: 0.0 for r in deal.reserves}
        self._traps = [r.name for r in deal.reserves if r.kind == "trap"]
        self.equity_in: Any = 0.0
        self.equity_out: Any = 0.0
        self.late_opex: Any = 0.0  # running costs that are owed
        self.opex: Any = 0.0  # and those that are paid in the period
        self.built_interest: Any = 0.0  # interest paid out of the construction account or by owners
        self.called: dict[str, Any] = dict.fromkeys(service_open, 0.0)
        self._given: dict[str, Any] = dict.fromkeys(service_open, 0.0)
        early = [s for s in deal.waterfall if s.do in ("pay", "fund") and not self._is_preferred(s)]
        self._late = [s for s in deal.waterfall if s.do not in ("pay", "fund") or self._is_preferred(s)]
        self._early = self._grouped(early)
        self._order = [self._owed[n] for n in dict.fromkeys(s.of for s in early if s.do == "pay")]
        self._paying = [(self._owed[s.of], s.what) for s in early if s.do == "pay"]
        self._springing = {g.name: g for g in deal.guarantees if g.when}
        # What owners may still add to a shortfall: by payment date the most in all.
        self._support = deal.support
        self._supported: Any = 0.0
        self._most, self._shares = support, shares
        until = deal.support.until if deal.support else None
        self._supports = [float(until is None or e <= until) for e in ends]

    def _is_preferred(self, step: Step) -> bool:
        if step.do != "pay" or step.of not in self._tranches:
            return False
        return step.what == "additional" or self._tranches[step.of].plan.facility.preferred

    def _grouped(self, steps: Sequence[Step]) -> list[Group | Step]:
        """Pay steps that follow each other with the same sources are paid from one sum, in their order."""
        found: list[Group | Step] = []
        for step in steps:
            if step.do == "fund":
                found.append(step)
                continue
            one = (self._owed[step.of], step.what)
            before = found[-1] if found else None
            if isinstance(before, tuple) and before[1] == step.from_ and before[2].when == step.when:
                before[0].append(one)
            else:
                found.append(([one], step.from_, step))
        return found

    def open(self) -> None:
        """Begin a period."""
        self.equity_in = self.equity_out = self.built_interest = self.opex = 0.0
        for name in self.called:
            self.called[name] = 0.0

    def total(self) -> Any:
        """All cash held."""
        return sum(self.held.values(), self.collection + self.construction)

    def balances(self) -> Any:
        """Debt outstanding, late or not."""
        total = self._zero
        for tranche in self.debts:
            total = total + tranche.balance
        return total

    def unpaid(self, t: int) -> Any:
        """Service that is late, but for interest that may be deferred."""
        total = self._zero
        for tranche in self.debts:
            waits = tranche.plan.facility.deferrable and t < tranche.plan.maturity
            if not is_nil(tranche.late_interest) and not waits:
                total = total + tranche.late_interest
            if not is_nil(tranche.late_principal):
                total = total + tranche.late_principal
        for swap in self._swaps:
            if not is_nil(swap.late_interest):
                total = total + swap.late_interest
        return total

    def end_support(self, where: Any) -> None:
        """After a sale of everything owners add nothing."""
        if self._support is not None:
            self._supported = self._do.pick(where > 0, SPENT, self._supported)

    def support_costs(self, t: int) -> None:
        """Where owners pay running costs too, they complete what collections lack for them."""
        if self._support is None or not self._support.costs or is_nil(self.late_opex):
            return
        lack = self._do.high(self.late_opex - self.collection, 0.0)
        paid = self._do.low(lack, self._have("owners", t))
        self._use("owners", paid)
        self.collection = self.collection + paid

    def pay_costs(self) -> None:
        """Running costs that are owed come first from whatever is in collections."""
        if is_nil(self.late_opex):
            return
        paid = self._do.low(self.collection, self.late_opex)
        self.collection, self.late_opex, self.opex = (
            self.collection - paid,
            self.late_opex - paid,
            self.opex + paid,
        )

    def meet(self, need: Any) -> Any:
        """Spend and fees leave the construction account; owners complete it, and what they add is returned."""
        call = self._do.high(need - self.construction, 0.0)
        self.equity_in = self.equity_in + call
        self.construction = self.construction + call - need
        return call

    def lend_interest(self, t: int, alive: Any) -> None:
        """What a funding rule draws on the payment date, for interest until operations."""
        for tranche in self.debts:
            drawn: Any = float(tranche.plan.date_draws[t])
            if drawn:
                drawn = drawn if alive is None else drawn * alive
                tranche.draw_more(drawn)
                self.construction = self.construction + drawn

    def take_out(self, t: int, alive: Any) -> None:
        """New debt repays old debt on its date, as far as its limits go; its fee is lent too."""
        for tranche in self._tranches.values():
            plan = tranche.plan
            rule = plan.facility.takes_out
            if rule is None or plan.taken != t:
                continue
            room: Any = self._zero + self._markets.get(plan.facility.name, 1.0)
            least: Any = None
            for limit in plan.limits.values():
                value: Any = (
                    float(limit) if limit.ndim == 0 else (float(limit[0]) if self._do.scalar else limit)
                )
                least = value if least is None else self._do.low(least, value)
            room = room * least if alive is None else room * least * alive
            keep, do = 1 - plan.facility.upfront_fee, self._do
            shares: dict[str, Any] = {}
            for name in rule.of:
                old = self._tranches[name]
                if is_nil(old.balance):
                    continue
                paid = do.low(room * keep, old.balance)
                some = old.balance > old.tiny
                shares[name] = do.pick(some, paid / do.pick(some, old.balance, 1.0), 0.0)
                room = self._lend(tranche, room, paid, keep)
                old.refinance(paid)
            for swap in self._swaps:
                if swap.plan.swap.of in shares:
                    # A swap ends with the debt that it hedges, at its worth; what that costs is lent too.
                    share = shares[swap.plan.swap.of]
                    cost = do.high(-swap.worth(t) * share, 0.0)
                    got = swap.end(t, share)
                    lent = do.low(room * keep, cost)
                    room = self._lend(tranche, room, lent, keep)
                    self.collection = self.collection + got + lent

    def _lend(self, tranche: Tranche, room: Any, paid: Any, keep: float) -> Any:
        """New debt that leaves ``paid`` after its fee; returns what may still be lent."""
        drawn = paid / keep
        tranche.draw_more(drawn)
        tranche.charge_more(drawn - paid)
        return room - drawn

    def pay_scheduled(self, t: int, building: bool) -> None:
        """Pay and fund steps, in order."""
        for step in self._early:
            own = step[2] if isinstance(step, tuple) else step
            mask = self._when.mask(own.when, t) if own.when else None
            if mask is not None and is_nil(mask):
                continue
            if isinstance(step, tuple):
                self._pay(step, t, building, mask)
            else:
                self._fund(step, t, mask)

    def _fund(self, step: Step, t: int, mask: Any) -> None:
        target = self._targets.now(step.of, t)
        if is_nil(target):
            return
        do = self._do
        gap = do.high(target * self._owing(t) - self.held[step.of], 0.0)
        paid = do.low(self.collection, gap)
        if mask is not None:
            paid = paid * mask
        self.collection, self.held[step.of] = self.collection - paid, self.held[step.of] + paid

    def _owing(self, t: int) -> Any:
        """1 where debt is left or still to be drawn; a reserve is not filled, or held, for debt that is repaid."""
        if self._to_come[t]:
            return 1.0
        owed = self.balances()
        for tranche in self.debts:
            if not is_nil(tranche.late_interest):
                owed = owed + tranche.late_interest
        for swap in self._swaps:
            owed = owed + swap.late_interest
        return owed > self.tiny

    def _pay(self, group: Group, t: int, building: bool, mask: Any) -> None:
        """Pay what is owed in order, from collections and then the sources; owners complete construction."""
        steps, names, _ = group
        todo = [(x, what, owed) for x, what in steps if not is_nil(owed := x.owed(what))]
        if mask is not None:
            todo = [(x, what, owed * mask) for x, what, owed in todo]
        if not todo:
            return
        do, start = self._do, self.collection
        sources: list[tuple[str, Any]] = []
        left, owners = start, False
        for name in names:
            if name == "construction" and building:
                owners = True
                break
            have = self._have(name, t)
            if not is_nil(have):
                left = left + have
                sources.append((name, have))
        whole = left
        for tranche, what, owed in todo:
            paid = owed if owners else do.low(left, owed)
            left = left - paid
            tranche.take(what, paid)
        if not sources and not owners:
            self.collection = left
            return
        spent = whole - left
        paid = do.low(start, spent)
        self.collection, spent = start - paid, spent - paid
        for name, have in sources:
            paid = do.low(have, spent)
            self._use(name, paid)
            spent = spent - paid
        if owners:
            paid = do.low(self.construction, spent)
            self.construction = self.construction - paid
            self.equity_in = self.equity_in + spent - paid
            self.built_interest = self.built_interest + spent

    def _have(self, name: str, t: int) -> Any:
        """What a source can give now."""
        if name in self.held:
            return self.held[name]
        if name == "construction":
            return self.construction
        if name == "owners":
            assert self._most is not None
            return self._do.high(self._most.now(t) * self._supports[t] - self._supported, 0.0)
        if name in self._given:
            left = self._do.high(self._caps[name].now(t) - self._given[name], 0.0) * self._open[name][t]
            recourse = self._springing.get(name)
            return left if recourse is None else left * self._when.mask(recourse.when, t)
        return self._tranches[name].headroom(t)

    def _use(self, name: str, paid: Any) -> None:
        if name in self.held:
            self.held[name] = self.held[name] - paid
        elif name == "construction":
            self.construction = self.construction - paid
            self.built_interest = self.built_interest + paid
        elif name == "owners":
            self._supported = self._supported + paid
            self.equity_in = self.equity_in + paid
        elif name in self._given:
            self._given[name] = self._given[name] + paid
            self.called[name] = self.called[name] + paid
        else:
            self._tranches[name].draw_more(paid)

    def rescue(self, where: Any, all_due: bool) -> None:
        """What is still late is paid from trapped cash, and on the last maturity from every reserve."""
        names = list(self.held) if all_due else self._traps
        for name in names:
            if is_nil(self.held[name]):
                continue
            for tranche, what in self._paying:
                owed = tranche.owed(what)
                if is_nil(owed):
                    continue
                paid = self._do.low(self.held[name], owed) * where
                tranche.take(what, paid)
                self.held[name] = self.held[name] - paid

    def empty_accounts(self, where: Any, *, traps_only: bool = False) -> None:
        """After a sale every account goes to collections; in default what is trapped."""
        for name in self._traps if traps_only else list(self.held):
            held = self.held[name]
            if not is_nil(held):
                free = held * where
                self.collection, self.held[name] = self.collection + free, held - free

    def stop_building(self, where: Any) -> None:
        """After a sale what the construction account still holds is the lenders', too."""
        if not is_nil(self.construction):
            free = self.construction * where
            self.collection, self.construction = self.collection + free, self.construction - free

    def sweep_all(self, where: Any) -> None:
        """In default or after a sale: interest, then the whole balance, in the order of the pay steps."""
        for tranche in self._order:
            if not is_nil(tranche.late_interest):
                paid = self._do.low(self.collection, tranche.late_interest) * where
                tranche.take("interest", paid)
                self.collection = self.collection - paid
            if isinstance(tranche, Tranche) and not is_nil(tranche.balance):
                paid = self._do.low(self.collection, tranche.balance) * where
                tranche.prepay(paid)
                self.collection = self.collection - paid

    def prepay_from(self, money: Any) -> None:
        """What one asset was sold for repays debt in the order of the pay steps; what is left stays in collections."""
        left = money
        for tranche in self._order:
            if isinstance(tranche, Tranche):
                paid = self._do.low(left, tranche.balance)
                tranche.prepay(paid)
                left = left - paid
        self.collection = self.collection + left

    def finish(self, t: int, lock: Any) -> None:
        """Trap, sweep, release, preferred and distribute; ``lock`` is None where no path is locked."""
        left: Any = None  # 1 where debt is left; reckoned anew after a sweep
        locked: Any = None
        for step in self._late:
            mask = self._when.mask(step.when, t) if step.when else None
            if (step.do == "trap" and lock is None) or (mask is not None and is_nil(mask)):
                continue
            if left is None and step.do != "sweep":
                left = self.balances() > self.tiny
                locked = None if lock is None else lock * left
            if step.do != "trap":
                self.pay_costs()  # what was released pays them before anybody
            if step.do == "trap":
                moved = self.collection * locked
                moved = moved if mask is None else moved * mask
                self.collection, self.held[step.of] = self.collection - moved, self.held[step.of] + moved
            elif step.do == "sweep":
                self._sweep(step, t, lock, mask)
                left = None
            elif step.do == "release":
                self._release(step, t, left, locked, mask)
            elif step.do == "pay":
                tranche = self._tranches[step.of]
                owed = tranche.owed(step.what)
                if not is_nil(owed):
                    paid = self._do.low(self._free(locked), owed)
                    paid = paid if mask is None else paid * mask
                    tranche.take(step.what, paid)
                    self.collection = self.collection - paid
            else:
                free = self._free(locked)
                free = free if mask is None else free * mask
                self.equity_out = self.equity_out + free
                self.collection = self.collection - free

    def _free(self, locked: Any) -> Any:
        return self.collection if locked is None else self.collection * (1 - locked)

    def _sweep(self, step: Step, t: int, lock: Any, mask: Any) -> None:
        tranche = self._tranches[step.of]
        if is_nil(tranche.balance):
            return
        # An ard tranche is swept in full once its date has passed, and not before, unless a condition says when.
        swept = self._shares.get(step)
        share: Any = step.share if swept is None else swept.now(t)
        if tranche.plan.ard is not None and not step.when:
            share = float(t > tranche.plan.ard)
        if is_nil(share):
            return
        free = self.collection if type(share) is float and share == 1 else self.collection * share
        if mask is not None:
            free = free * mask
        if tranche.plan.facility.preferred and lock is not None:
            free = free * (1 - lock * (self.balances() > self.tiny))
        paid = self._do.low(free, tranche.balance)
        tranche.prepay(paid)
        self.collection = self.collection - paid

    def _release(self, step: Step, t: int, left: Any, locked: Any, mask: Any) -> None:
        held = self.held[step.of]
        target = self._targets.now(step.of, t)  # also where nothing is held: it is the target that is shown
        if is_nil(held):
            return
        if locked is None and is_nil(target) and mask is None:
            self.collection, self.held[step.of] = self.collection + held, 0.0
            return
        kept = self._do.low(held, target * (1.0 if self._to_come[t] else left))
        if locked is not None:
            kept = self._do.pick(locked > 0, held, kept)
        if mask is not None:
            kept = self._do.pick(mask > 0, kept, held)
        self.collection, self.held[step.of] = self.collection + held - kept, kept

"""A second, slow reading of a deal in Decimal, for differential tests only: one path, written from the conventions.

It runs this subset and refuses the rest: leases and compute contracts on scalar or dated numbers; facilities with
bullet, level_payment, level_principal, schedule, target_balance or ard; draws, fees, capitalised interest; every
waterfall step; reserves with a level as target; dscr tests with a trap. No sale, guarantee or default level.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from supercycle.core.errors import InputError
from supercycle.deals.run import Prepared
from supercycle.deals.schema import Deal, Facility

__all__ = ["reference_run"]

DIGITS = 40
RULES = ("bullet", "level_payment", "level_principal", "schedule", "target_balance", "ard")
ZERO, ONE = Decimal(0), Decimal(1)
Series = dict[str, list[Decimal]]


def reference_run(ready: Prepared) -> Series:
    """Balances, payments and accounts by period in 40 digits, from the same calendar and contracts' cash.

    Cash before debt, draws and day fractions are the inputs (rounded once to float); repayment, waterfall, tests
    and accounts are computed here anew.
    """
    _refuse(ready.deal)
    with localcontext() as context:
        context.prec = DIGITS
        return _run(ready)


def _refuse(deal: Deal) -> None:
    if deal.enforcement and (deal.enforcement.on_default or deal.guarantees):
        raise InputError("the reference runs no sale", where=deal.enforcement.where)
    for facility in deal.facilities:
        if facility.amortisation.type not in RULES:
            raise InputError(f"the reference runs no {facility.amortisation.type}", where=facility.where)
    for test in deal.tests:
        if test.measure != "dscr" or test.default:
            raise InputError("the reference runs dscr traps alone", where=test.where)
    if any(r.months for r in deal.reserves):
        raise InputError("the reference runs reserves with a level", where=deal.where)


def _run(ready: Prepared) -> Series:
    deal, periods, cash = ready.deal, ready.periods, ready.cash
    out: Series = {}
    owed: dict[str, dict[str, Decimal]] = {
        f.name: dict.fromkeys(("balance", "late_interest", "late_principal"), ZERO) for f in deal.facilities
    }
    plans = {p.facility.name: p for p in ready.plans}
    held = dict.fromkeys(("collection", "construction", *(r.name for r in deal.reserves)), ZERO)
    late_opex = ZERO
    window: dict[str, list[tuple[Decimal, Decimal]]] = {t.name: [] for t in deal.tests}
    locked, passed = dict.fromkeys(window, False), dict.fromkeys(window, 0)
    for t, end in enumerate(periods.ends):
        kept: dict[str, Decimal] = {"equity_in": ZERO, "equity_out": ZERO}
        target = {r.name: _d(r.target.level(periods, {})[t]) for r in deal.reserves}
        need, service = _d(cash.spend[t]), ZERO
        for name, x in owed.items():
            plan = plans[name]
            drawn = _d(plan.draws[t])
            interest = _d(plan.rate[t]) * (_d(plan.fraction[t]) * x["balance"] + _d(plan.draw_years[t]))
            added = interest if plan.pik[t] else ZERO
            x["balance"] += drawn + added
            cost = interest - added + _d(plan.undrawn[t])
            due = _due(plan.facility, t, plan.maturity, x["balance"] - x["late_principal"], ready)
            x["late_interest"] += cost
            x["late_principal"] += due
            service += cost + due if plan.facility.senior else ZERO
            held["construction"] += drawn
            fee = _d(plan.facility.upfront_fee) * _d(plan.amount) if t == 0 else ZERO
            need += fee
            kept |= {f"{name}.interest": ZERO, f"{name}.principal": ZERO, f"{name}.fees": fee}
        for reserve in deal.reserves:
            if t == 0 and reserve.funded_at_close:
                held[reserve.name] += target[reserve.name]
                need += target[reserve.name]
        if need > held["construction"]:
            kept["equity_in"] += need - held["construction"]
            held["construction"] = need
        held["construction"] -= need
        if t >= cash.completion:
            held["collection"] += held["construction"]
            held["construction"] = ZERO
        revenue, opex = _d(cash.revenue[t]), _d(cash.opex[t])
        held["collection"] += max(revenue, ZERO)
        late_opex += opex + max(-revenue, ZERO)
        paid = min(held["collection"], late_opex)
        held["collection"] -= paid
        late_opex -= paid
        judged = False
        trap = False
        for step in deal.waterfall:
            if step.do not in ("pay", "fund") and not judged:
                judged, late = (
                    True,
                    sum((x["late_interest"] + x["late_principal"] for x in owed.values()), ZERO),
                )
                default = late > _tiny(ready)
                for test in deal.tests:
                    window[test.name].append((revenue - opex, service))
                    recent = window[test.name][-test.window :]
                    above, below = sum((a for a, _ in recent), ZERO), sum((b for _, b in recent), ZERO)
                    if (test.from_ and end < test.from_) or (test.until and end > test.until):
                        locked[test.name] = False
                        continue
                    if below > 0:
                        fine = above / below >= _d(test.trap)
                        passed[test.name] = passed[test.name] + 1 if fine else 0
                        if not fine or passed[test.name] >= test.cure:
                            locked[test.name] = not fine
                trap = any(locked.values()) or default
                if default:
                    for name in dict.fromkeys(s.of for s in deal.waterfall if s.do == "pay"):
                        _take(owed[name], kept, name, held, "late_interest", owed[name]["late_interest"])
                        _take(owed[name], kept, name, held, "balance", owed[name]["balance"])
            debt = sum((x["balance"] for x in owed.values()), ZERO) > _tiny(ready)
            locks = trap and debt
            if step.do == "pay":
                word = f"late_{step.what}"
                for source in ("collection", *step.from_):
                    want = owed[step.of][word]
                    if source == "construction" and t < cash.completion and want > held[source]:
                        kept["equity_in"] += want - held[source]
                        held[source] = want
                    _take(owed[step.of], kept, step.of, held, word, want, source)
            elif step.do == "fund":
                left = sum((x["balance"] + x["late_interest"] for x in owed.values()), ZERO) > _tiny(ready)
                wanted = (target[step.of] if left else ZERO) - held[step.of]
                moved = min(held["collection"], max(wanted, ZERO))
                held["collection"] -= moved
                held[step.of] += moved
            elif step.do == "trap" and locks:
                held[step.of] += held["collection"]
                held["collection"] = ZERO
            elif step.do == "sweep":
                ard = plans[step.of].ard
                share = _d(step.share) if ard is None else Decimal(int(t > ard))
                want = min(held["collection"] * share, owed[step.of]["balance"])
                _take(owed[step.of], kept, step.of, held, "balance", want)
            elif step.do == "release" and not locks:
                stays = min(held[step.of], target[step.of] if debt else ZERO)
                held["collection"] += held[step.of] - stays
                held[step.of] = stays
            elif step.do == "distribute" and not locks:
                kept["equity_out"] += held["collection"]
                held["collection"] = ZERO
        kept |= {f"{name}.balance": x["balance"] for name, x in owed.items()}
        kept |= {f"account.{r.name}": held[r.name] for r in deal.reserves}
        for name, value in kept.items():
            out.setdefault(name, []).append(value)
    return out


def _d(value: float) -> Decimal:
    return +Decimal(float(value))  # rounded to the context once, so that equal numbers stay equal after a sum


def _tiny(ready: Prepared) -> Decimal:
    return sum((Decimal("1e-9") * _d(p.amount) for p in ready.plans), ZERO)


def _due(facility: Facility, t: int, maturity: int, sound: Decimal, ready: Prepared) -> Decimal:
    """Scheduled principal by the rule's own definition, on what is not late."""
    rule, periods = facility.amortisation, ready.periods
    if t >= maturity:
        return sound
    started = rule.from_ is None or periods.ends[t] > rule.from_
    plan = next(p for p in ready.plans if p.facility.name == facility.name)
    due = ZERO
    if rule.type == "level_principal" and started:
        due = sound / (maturity - t + 1)
    elif rule.type == "level_payment" and started:
        discount, annuity = ONE, ZERO
        for s in range(t, maturity + 1):
            discount /= 1 + _d(plan.rate[s]) * _d(plan.fraction[s])
            annuity += discount
        due = sound / annuity - sound * _d(plan.rate[t]) * _d(plan.fraction[t])
    elif rule.type == "schedule" and rule.payments is not None:
        due = _d(rule.payments.flow(periods, {})[t])
    elif rule.type == "target_balance" and rule.target is not None:
        due = sound - _d(rule.target.level(periods, {})[t])
    return min(max(due, ZERO), sound)


def _take(
    x: dict[str, Decimal], kept: dict[str, Decimal], name: str, held: dict[str, Decimal], word: str,
    want: Decimal, source: str = "collection",
) -> None:  # fmt: skip
    """Pay a lender from an account; a payment on the balance settles late principal first."""
    paid = min(held[source], want)
    held[source] -= paid
    x[word] -= paid
    if word == "late_interest":
        kept[f"{name}.interest"] += paid
        return
    kept[f"{name}.principal"] += paid
    if word == "balance":
        x["late_principal"] = max(x["late_principal"] - paid, ZERO)
    else:
        x["balance"] -= paid

"""A second reading of owners' tax, tax equity and promote in Decimal, for one path whose periods are whole tax years.

Written from the conventions of docs/deals.md: one tax year after another, from the recorded cash of the run.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

from supercycle.core.errors import InputError
from supercycle.deals.run import Run

__all__ = ["reference_owners"]

ZERO, ONE, HALF = Decimal(0), Decimal(1), Decimal("0.5")
FIVE = [Decimal(x) / 100 for x in ("20", "32", "19.2", "11.52", "11.52", "5.76")]


def _d(value: Any) -> Decimal:
    return +Decimal(float(value))


def reference_owners(run: Run) -> dict[str, dict[str, list[Decimal]]]:
    """{before, after}: each owner's dated flows, for 5-year MACRS on one asset in service from the closing."""
    deal, ready = run.prepared.deal, run.prepared
    if deal.calendar.months != 12 or ready.cash.completion or len(deal.assets) != 1 or deal.tax is None:
        raise InputError(
            "the reading takes one asset in operation from the closing, by year", where=deal.where
        )
    with localcontext() as context:
        context.prec = 40
        tax = _tax(run)
        return _divided(run, tax)


def _tax(run: Run) -> list[Decimal]:
    deal, ready = run.prepared.deal, run.prepared
    rule = deal.tax
    assert rule is not None
    (one,) = rule.depreciation
    if one.method != "macrs_5":
        raise InputError("the reading knows 5-year MACRS", where=one.where)
    cost = sum((_d(x) for _, x in deal.assets[0].spend.events(ready.periods)), ZERO)
    share, credit, bonus = _d(one.share), _d(one.credit), _d(one.bonus)
    basis = cost * share * (1 - HALF * credit)
    left, sold = cost * (1 - share * HALF * credit), False
    losses, waiting, found = ZERO, ZERO, list[Decimal]()
    for y in range(ready.periods.count):
        cash = sum(_d(run[n][y, 0]) for n in ("revenue", "guarantee", "cash_interest", "sale")) - _d(
            run["opex"][y, 0]
        )
        for f in deal.facilities:
            cash -= sum(_d(run[f"{f.name}.{w}"][y, 0]) for w in ("interest", "added", "fees"))
        credits = cost * share * credit if y == 0 else ZERO
        if not sold:
            credits += _d(rule.production_credit.at(ready.periods.starts[y]))
        ends = bool(ready.cash.lapsed[y] > 0) or int(run["state"][y, 0]) == 4
        deducted = basis * (1 - bonus) * FIVE[y] if y < len(FIVE) else ZERO
        deducted += basis * bonus if y == 0 else ZERO
        deducted = ZERO if sold else left if ends else deducted
        left -= deducted
        sold = sold or ends
        income = cash - deducted
        if rule.losses == "used":
            found.append(_d(rule.rate) * income - credits)
            continue
        offset = min(losses, _d(rule.carried_share) * max(income, ZERO))
        losses += max(-income, ZERO) - offset
        due = _d(rule.rate) * (max(income, ZERO) - offset)
        waiting += credits
        used = min(waiting, due)
        waiting -= used
        found.append(due - used)
    return found


def _divided(run: Run, tax: list[Decimal]) -> dict[str, dict[str, list[Decimal]]]:
    deal, ready = run.prepared.deal, run.prepared
    rows, times = run.flows("equity")
    flows, count = [_d(x) for x in rows[:, 0]], ready.periods.count
    first = len(flows) - count
    before: dict[str, list[Decimal]] = {}
    after: dict[str, list[Decimal]] = {}
    left = list(tax)
    if deal.tax_equity is not None:
        one = deal.tax_equity
        if one.on != ready.periods.starts[0] or not one.flip_irr:
            raise InputError(
                "the reading takes tax equity that pays at the closing and flips at a rate", where=one.where
            )
        own, own_after = [ZERO] * len(flows), [ZERO] * len(flows)
        own[0] = own_after[0] = -_d(one.amount)
        worth, flipped = -_d(one.amount), False
        for t in range(count):
            cash = _d(one.cash_share_after if flipped else one.cash_share) * _d(run["equity_out"][t, 0])
            part = _d(one.tax_share_after if flipped else one.tax_share) * tax[t]
            own[first + t], own_after[first + t] = own[first + t] + cash, own_after[first + t] + cash - part
            left[t] -= part
            worth = worth * (1 + _d(one.flip_irr)) + cash - part
            flipped = flipped or worth >= 0
        before[one.name], after[one.name] = own, own_after
        flows = [x - y for x, y in zip(flows, own, strict=True)]
    promote = [ZERO] * len(flows)
    if deal.promote is not None:
        tiers = deal.promote.tiers
        owed, now = [ZERO] * (len(tiers) - 1), ZERO
        for row in sorted(range(len(flows)), key=lambda k: float(times[k])):
            years, now = _d(times[row]) - now, _d(times[row])
            for k in range(len(owed)):
                owed[k] = owed[k] * (1 + _d(tiers[k].until_irr)) ** years + max(-flows[row], ZERO)
            rest = max(flows[row], ZERO)
            for k, tier in enumerate(tiers):
                share = _d(tier.share)
                part = rest if k == len(owed) else min(rest, max(owed[k], ZERO) / (1 - share))
                promote[row] += share * part
                owed = [x - (1 - share) * part for x in owed]
                rest -= part
    for owner in deal.equity:
        share = _d(owner.share)
        bonus = deal.promote is not None and owner.name == deal.promote.to
        own = [share * (x - p) + (p if bonus else ZERO) for x, p in zip(flows, promote, strict=True)]
        before[owner.name] = own
        after[owner.name] = [x - (share * left[k - first] if k >= first else ZERO) for k, x in enumerate(own)]
    return {"before": before, "after": after}

"""What swaps and owners' support must be: a floating facility, one notional, payment dates, a rate that is known."""

from __future__ import annotations

import itertools
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document.document import Place
from supercycle.deals.document.schema import Deal, Facility, Swap, Tax, TaxEquity

__all__ = ["check_owners", "check_support", "check_swaps"]

# Rules whose shape does not depend on the rate, so that a swap at par can be solved after it.
RATE_FREE = ("bullet", "level_principal", "schedule", "target_balance", "ard")


def check_swaps(deal: Deal) -> None:
    """Refuse a swap that would not run, or whose keys would do nothing (InputError with the line)."""
    for swap in deal.swaps:
        known = {f.name: f for f in deal.facilities if f.rate.floating is not None}
        if swap.of not in known:
            raise UnknownNameError(
                "facility with a floating rate", swap.of, tuple(known), where=_at(swap, "of")
            )
        facility = known[swap.of]
        if facility.on_demand or facility.preferred:
            raise InputError(f"a {facility.kind} has no plan to swap", where=_at(swap, "of"))
        if bool(swap.share) == (swap.notional is not None):
            raise InputError("a swap has a share or a notional, one of them", where=swap.where)
        _check_rate(deal, swap, facility)
        _check_notional(deal, swap)
        _check_term(deal, swap, facility)
        if swap.floored and (facility.rate.floating is None or facility.rate.floating.floor is None):
            raise InputError(f"{facility.name!r} has no floor", where=_at(swap, "floored"))


def check_support(deal: Deal) -> None:
    """Owners' support is a sum on dates, the same on every path."""
    rule = deal.support
    if rule is None:
        return
    if rule.cap.kind not in ("value", "curve", "ramp", "cases") or rule.cap.by_path:
        raise InputError(
            "a cap is a level over time", expected="value, curve or ramp", where=_at(rule, "cap")
        )
    if rule.until is not None:
        deal.calendar.lay().paying(rule.until, "the end of owners' support", _at(rule, "until"))


def check_owners(deal: Deal) -> None:
    """Tax, tax equity and promote: names that exist, tiers in order, keys that do something."""
    names = {e.name for e in deal.equity}
    if deal.tax is not None:
        _check_tax(deal, deal.tax)
    if deal.tax_equity is not None:
        _check_tax_equity(deal, deal.tax_equity)
    rule = deal.promote
    if rule is None:
        return
    if rule.to not in names:
        raise UnknownNameError("owner", rule.to, tuple(names), where=_at(rule, "to"))
    if not rule.tiers or not any(t.share for t in rule.tiers):
        raise InputError("a promote has tiers with a share", where=rule.where)
    rates = [t.until_irr for t in rule.tiers]
    if rates[-1] or not all(a < b for a, b in itertools.pairwise(rates[:-1])) or not all(rates[:-1]):
        raise InputError(
            "tiers in order of their rates, the last without one", expected="until_irr 8 %, until_irr 12 %, none",
            got=", ".join(f"{r:g}" for r in rates), where=rule.tiers[0].where,
        )  # fmt: skip
    for tier in rule.tiers:
        if tier.share >= 1 and tier.until_irr:
            raise InputError(
                "a tier that gives capital nothing never fills", got=tier.share, where=tier.where
            )


def _check_tax(deal: Deal, rule: Tax) -> None:
    seen: set[str] = set()
    if not 0 < rule.rate < 1:
        raise InputError(
            "bad tax rate", expected="between 0 and 100 %", got=rule.rate, where=_at(rule, "rate")
        )
    if rule.losses == "used" and rule.carried_share != 1:
        raise InputError(
            "'carried_share' does nothing where losses are used", where=_at(rule, "carried_share")
        )
    if rule.production_credit.by_path or rule.production_credit.kind not in ("value", "curve", "ramp"):
        raise InputError("credits are a level over time", where=_at(rule, "production_credit"))
    for one in rule.depreciation:
        if one.asset not in {a.name for a in deal.assets}:
            raise UnknownNameError(
                "asset", one.asset, tuple(a.name for a in deal.assets), where=_at(one, "asset")
            )
        asset = next(a for a in deal.assets if a.name == one.asset)
        if asset.spend.by_path:
            raise InputError("spend that follows the world is not depreciated yet", where=one.where)
        if one.asset in seen:
            raise InputError(f"{one.asset!r} is depreciated twice", where=one.where)
        seen.add(one.asset)
        if (one.method == "straight_line") != bool(one.life_years):
            raise InputError("life_years goes with straight_line", where=_at(one, "life_years"))


def _check_tax_equity(deal: Deal, one: TaxEquity) -> None:
    if deal.tax is None or deal.tax.losses != "used":
        raise InputError("tax equity needs the block tax with 'losses: used'", where=one.where)
    if one.name in {e.name for e in deal.equity}:
        raise InputError(f"{one.name!r} names two things", where=_at(one, "name"))
    if bool(one.flip_irr) == (one.flip_on is not None):
        raise InputError("shares flip at a rate or on a date, one of them", where=one.where)
    periods = deal.calendar.lay()
    if one.on != periods.starts[0] and one.on not in periods.ends:
        periods.paying(one.on, "tax equity", _at(one, "on"))
        raise InputError("tax equity pays on a date as written", got=one.on, where=_at(one, "on"))
    if one.flip_on is not None and one.flip_on <= one.on:
        raise InputError("dates out of order: the flip", expected=f"after {one.on}", got=one.flip_on,
                         where=_at(one, "flip_on"))  # fmt: skip
    if one.flip_on is not None:
        periods.paying(one.flip_on, "the flip", _at(one, "flip_on"))
    if not one.amount:
        raise InputError("tax equity pays an amount", got=0, where=_at(one, "amount"))


def _check_rate(deal: Deal, swap: Swap, facility: Facility) -> None:
    if swap.fixed is not None:
        if not swap.fixed.fixed:
            raise InputError("the fixed rate is one rate", got=swap.fixed.kind, where=_at(swap, "fixed"))
        if swap.charge:
            raise InputError(
                "'charge' is on a rate at par; 'fixed' is the whole rate", where=_at(swap, "charge")
            )
        return
    floating = facility.rate.floating
    assert floating is not None
    funded = deal.funding is not None and deal.funding.facility == facility.name
    if floating.base is not None and floating.base.by_path:
        raise InputError(
            "a base that follows the world has no rate at par", expected="fixed", where=swap.where
        )
    if swap.share and (funded or facility.amortisation.type not in RATE_FREE):
        raise InputError(
            "the shape of the debt depends on the hedged rate, so the rate is written", expected="fixed",
            where=swap.where,
        )  # fmt: skip


def _check_notional(deal: Deal, swap: Swap) -> None:
    number = swap.notional
    if number is None:
        return
    if number.kind not in ("value", "curve") or number.by_path:
        raise InputError(
            "a notional steps on dates",
            expected="value or curve",
            got=number.kind,
            where=_at(swap, "notional"),
        )
    periods = deal.calendar.lay()
    for date, _ in number.points:
        if date > periods.starts[0]:
            periods.paying(date, "a step of the notional", number.where)
    if number.kind == "curve" and number.points[0][0] > (swap.from_ or periods.starts[0]):
        raise InputError(
            "no notional on the first day of the swap", expected=f"a level on {swap.from_ or periods.starts[0]}",
            got=number.points[0][0], where=number.where,
        )  # fmt: skip


def _check_term(deal: Deal, swap: Swap, facility: Facility) -> None:
    periods = deal.calendar.lay()
    first, last = swap.from_ or periods.starts[0], swap.until or facility.maturity
    if first >= last or last > facility.maturity:
        raise InputError(
            "dates out of order: a swap", expected=f"up to {facility.maturity}", got=f"{first} to {last}",
            where=swap.where,
        )  # fmt: skip
    if first > periods.starts[0]:
        periods.paying(first, "the start of a swap", _at(swap, "from"))
    elif first < periods.starts[0]:
        raise InputError("a swap before the closing", got=first, where=_at(swap, "from"))
    end = periods.paying(last, "the end of a swap", _at(swap, "until"))
    steps = max(facility.interest_months // periods.months, 1)
    for date in (first, last):
        if date == periods.starts[0]:
            continue
        at = periods.paying(date, "a swap", swap.where)
        if (periods.paying(facility.maturity, "maturity", swap.where) - at) % steps:
            raise InputError(
                "a swap begins and ends on interest dates", got=date, where=swap.where,
                hint="Both legs are settled on the facility's interest dates.",
            )  # fmt: skip
    assert end >= 0


def _at(block: Any, name: str) -> str:
    place: str = block.where
    return place.of(name) if isinstance(place, Place) else place

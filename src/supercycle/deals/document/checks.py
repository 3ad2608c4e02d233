"""What a deal must say to be run: sizes, dates, names, and a waterfall that pays everyone; refused with the line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.checks_calendar import check_calendar, check_contracts, check_dates
from supercycle.deals.document.checks_cases import check_cases
from supercycle.deals.document.checks_owners import check_owners, check_support, check_swaps
from supercycle.deals.document.checks_waterfall import check_waterfall
from supercycle.deals.document.document import Place
from supercycle.deals.document.schema import ACCOUNTS, SCHEMA, Amortisation, Deal, Facility, Guarantee, Party

__all__ = ["check_deal"]

NEEDS: dict[str, tuple[str, ...]] = {
    "schedule": ("payments",),
    "target_balance": ("target",),
    "ard": ("date",),
}
MAY: dict[str, tuple[str, ...]] = {
    "sculpted": ("dscr", "streams", "gearing", "ltv", "cfads", "from_"),
    "level_payment": ("from_",),
    "level_principal": ("from_",),
    "borrowing_base": (
        "supported", "depreciated_cost", "contract", "advance", "discount", "asset", "life_years",
    ),
}  # fmt: skip
RULES = (
    "payments", "target", "supported", "contract", "advance", "discount", "depreciated_cost", "asset",
    "life_years", "date", "dscr", "streams", "gearing", "ltv", "cfads", "from_",
)  # fmt: skip
DEMAND_RULES = ("bullet", "borrowing_base", "target_balance", "ard")
TAKE_OUT_RULES = ("bullet", "level_payment")
PREFERRED_RULES = ("bullet", "schedule")
# What a test's level may be; a slip of a percent sign falls outside.
LEVELS = {
    "dscr": (0.1, 20.0),
    "llcr": (0.1, 20.0),
    "plcr": (0.1, 20.0),
    "ltv": (0.01, 3.0),
    "debt_yield": (0.001, 0.5),
}


def check_deal(deal: Deal) -> None:
    """Refuse what would not run, or would do nothing (InputError with the line of the key)."""
    if deal.schema != SCHEMA:
        raise InputError("unknown schema", expected=SCHEMA, got=deal.schema, where=_at(deal, "schema"))
    check_calendar(deal.calendar)
    if not deal.facilities or not deal.contracts:
        raise InputError("a deal has at least one facility and one contract", where=deal.where)
    for kind, blocks in (("contract", deal.contracts), ("asset", deal.assets), ("test", deal.tests),
                         ("party", deal.parties)):  # fmt: skip
        _unique(kind, blocks)
    taken: set[str] = {*ACCOUNTS, "owners"}
    for kind, blocks in (("facility", deal.facilities), ("reserve", deal.reserves),
                         ("guarantee", deal.guarantees), ("swap", deal.swaps)):  # fmt: skip
        _unique(kind, blocks)
        for block in blocks:
            if block.name in taken:
                raise InputError(f"{block.name!r} names two things", where=_at(block, "name"))
            taken.add(block.name)
    for facility in deal.facilities:
        _check_facility(deal, facility)
    check_contracts(deal)
    for party in deal.parties:
        _check_party(deal, party)
    for guarantee in deal.guarantees:
        _check_guarantee(deal, guarantee)
    for reserve in deal.reserves:
        if reserve.months % deal.calendar.months:
            raise InputError(
                "a reserve covers whole periods", expected=f"a multiple of {deal.calendar.months} months",
                got=reserve.months, where=_at(reserve, "months"),
            )  # fmt: skip
    _check_tests(deal)
    check_swaps(deal)
    check_support(deal)
    check_owners(deal)
    check_cases(deal)
    check_waterfall(deal)
    if deal.equity and abs(sum(e.share for e in deal.equity) - 1) > 1e-9:
        total = sum(e.share for e in deal.equity)
        raise InputError("equity shares add to 1", expected=1, got=total, where=deal.equity[0].where)
    for owner in deal.equity:
        _share(owner, "share")
    if deal.enforcement:
        _share(deal.enforcement, "cost")
    if deal.accounting:
        _known("contract", deal.accounting, "contract", (c.name for c in deal.contracts))


def _check_facility(deal: Deal, facility: Facility) -> None:
    rule = facility.amortisation
    _check_rule(deal, rule)
    if facility.maturity <= deal.calendar.start:
        raise InputError("maturity before closing", got=facility.maturity, where=_at(facility, "maturity"))
    for name in ("pik_until", "available_until"):
        date = getattr(facility, name)
        if date and not deal.calendar.start <= date <= facility.maturity:
            raise InputError(
                f"dates out of order: {name}", expected=f"{deal.calendar.start} to {facility.maturity}",
                got=date, where=_at(facility, name),
            )  # fmt: skip
    funded = deal.funding is not None and deal.funding.facility == facility.name
    if not facility.amount and not rule.sized and not funded:
        raise InputError(
            f"{facility.name!r} has no amount", expected="above 0", got=0, where=_at(facility, "amount")
        )
    if rule.date and rule.date >= facility.maturity:
        raise InputError("dates out of order: ard after maturity", got=rule.date, where=_at(rule, "date"))
    if rule.type == "ard" and facility.name not in {s.of for s in deal.waterfall if s.do == "sweep"}:
        raise InputError(f"no sweep step repays {facility.name!r} after its ard", where=rule.where)
    if facility.on_demand:
        rules = TAKE_OUT_RULES if facility.kind == "refinancing" else DEMAND_RULES
        _only(facility, rules, "draws", "pik_until")
    check_dates(deal, facility)
    if facility.kind != "variable_funding_note" and facility.advance != 1:
        _idle(facility, "advance")
    _check_take_out(deal, facility)
    _check_funding(deal, facility)
    if facility.additional_rate and rule.type != "ard":
        raise InputError(
            "additional interest runs after an ard", got=rule.type, where=_at(facility, "additional_rate")
        )
    if facility.pik_when and (facility.pik_until or facility.on_demand or facility.preferred):
        raise InputError("'pik_when' does nothing beside pik_until, or in debt on demand or preferred equity",
                         where=_at(facility, "pik_when"))  # fmt: skip
    if facility.pik_when and deal.funding is not None and deal.funding.facility == facility.name:
        raise InputError("the facility of a funding rule pays its interest", where=_at(facility, "pik_when"))
    if facility.preferred:
        _only(facility, PREFERRED_RULES, "undrawn_fee", "late_rate", "deferrable")
    elif not facility.compounds:
        _idle(facility, "compounds")


def _check_funding(deal: Deal, facility: Facility) -> None:
    rule = deal.funding
    if rule is None:
        return
    _known("facility", rule, "facility", (f.name for f in deal.facilities))
    if rule.facility != facility.name:
        if facility.draws is None and not facility.on_demand:
            raise InputError("beside a funding rule other debt says when it is drawn", where=facility.where)
        return
    if (
        facility.draws
        or facility.on_demand
        or facility.preferred
        or facility.amortisation.sized
        or facility.undrawn_fee
    ):
        raise InputError(
            "the facility of a funding rule has no draws, cover or undrawn_fee of its own",
            where=facility.where,
        )
    if facility.pik_until or facility.interest_months not in (0, deal.calendar.months):
        raise InputError("the facility of a funding rule pays interest on every date", where=facility.where)
    if not 0 < rule.gearing < 1 or not any(a.spend.points or a.spend.value for a in deal.assets):
        raise InputError("a funding rule needs spend and a gearing between 0 and 100 %", where=rule.where)
    sources = {
        name for s in deal.waterfall if s.of == facility.name and s.what == "interest" for name in s.from_
    }
    if "construction" not in sources:
        raise InputError(
            "interest until operations is paid from construction", expected="from: [construction, ...]",
            where=rule.where,
        )  # fmt: skip


def _check_take_out(deal: Deal, facility: Facility) -> None:
    rule = facility.takes_out
    if (facility.kind == "refinancing") != (rule is not None):
        raise InputError("a refinancing says what it takes_out, and nothing else does", where=facility.where)
    if rule is None:
        return
    if not rule.of:
        raise InputError("a refinancing repays a facility", where=rule.where)
    for name in rule.of:
        known = tuple(f.name for f in deal.facilities if f.kind != "refinancing" and not f.preferred)
        if name not in known:
            raise UnknownNameError("facility", name, known, where=_at(rule, "of"))
    deal.calendar.lay().paying(rule.on, "the refinancing", _at(rule, "on"))
    if rule.on >= facility.maturity:
        raise InputError(
            "dates out of order: a refinancing on its own maturity", got=rule.on, where=_at(rule, "on")
        )
    if (
        facility.available_until
        or facility.undrawn_fee
        or facility.interest_months
        or facility.principal_months
    ):
        raise InputError("a refinancing is drawn once, and pays on every date", where=facility.where)


def _only(facility: Facility, rules: tuple[str, ...], *barred: str) -> None:
    rule = facility.amortisation
    if rule.type not in rules:
        raise InputError(
            f"a {facility.kind} is not repaid by {rule.type}", expected=" or ".join(rules),
            where=_at(rule, "type"),
        )  # fmt: skip
    for name in barred:
        if getattr(facility, name):
            _idle(facility, name)


def _idle(facility: Facility, name: str) -> None:
    raise InputError(f"{name!r} does nothing in a {facility.kind}", where=_at(facility, name))


def _check_rule(deal: Deal, rule: Amortisation) -> None:
    needs = NEEDS.get(rule.type, ())
    for name in needs:
        if getattr(rule, name) is None:
            raise InputError(f"{rule.type} lacks {name!r}", where=rule.where)
    for name in RULES:
        if getattr(rule, name) and name not in (*needs, *MAY.get(rule.type, ())):
            word = name.rstrip("_")
            raise InputError(f"{word!r} does nothing under {rule.type}", where=_at(rule, name))
    if rule.type == "borrowing_base":
        for given, instead, needed in (
            ("supported", "contract", "advance"),
            ("depreciated_cost", "asset", "life_years"),
        ):
            if (getattr(rule, given) is None) != bool(getattr(rule, instead)):
                raise InputError(
                    f"borrowing_base takes {given!r} or {instead!r}, one of them", where=rule.where
                )
            if bool(getattr(rule, instead)) != bool(getattr(rule, needed)):
                raise InputError(f"{instead!r} and {needed!r} go together", where=rule.where)
        if rule.contract:
            _known("contract", rule, "contract", (c.name for c in deal.contracts))
        elif rule.discount:
            raise InputError("'discount' goes with 'contract'", where=_at(rule, "discount"))
        if rule.asset:
            _known("asset", rule, "asset", (a.name for a in deal.assets))
    if rule.streams and (rule.dscr or rule.cfads):
        raise InputError("a cover for each contract, or one for all", where=_at(rule, "streams"))
    seen: set[str] = set()
    for block in (rule, *rule.streams):
        if block.dscr and block.dscr < 0.5:
            raise InputError("bad dscr", expected="0.5 or more", got=block.dscr, where=_at(block, "dscr"))
    for stream in rule.streams:
        _known("contract", stream, "contract", (c.name for c in deal.contracts))
        if stream.contract in seen or not stream.dscr:
            raise InputError("each contract has one stream with a cover above 0", where=stream.where)
        seen.add(stream.contract)
    if (rule.gearing or rule.ltv) and not rule.sized:
        raise InputError("gearing and ltv size a debt that has a dscr", where=rule.where)


def _check_party(deal: Deal, party: Party) -> None:
    _share(party, "recovery_share")
    if not -1 <= party.correlation <= 1:
        raise InputError(
            "bad correlation", expected="-1 to 1", got=party.correlation, where=_at(party, "correlation")
        )
    if party.correlation and not party.asset:
        raise InputError("correlation is with an asset: say which", where=_at(party, "correlation"))
    if party.asset:
        _known("asset", party, "asset", (a.name for a in deal.assets))
        asset = next(a for a in deal.assets if a.name == party.asset)
        if not asset.volatility and not asset.value.by_path:
            raise InputError(f"the value of {party.asset!r} has no volatility to share", where=party.where)
    if party.name not in {c.payer for c in deal.contracts} | {g.giver for g in deal.guarantees}:
        raise InputError(f"party {party.name!r} is neither payer nor giver", where=party.where)


def _check_guarantee(deal: Deal, one: Guarantee) -> None:
    _share(one, "received_share")
    if one.until <= deal.calendar.start:
        raise InputError(
            "dates out of order: a guarantee ends after closing", got=one.until, where=_at(one, "until")
        )
    residual = one.kind == "residual_value"
    needs = ("asset", "threshold") if residual else ()
    needs += ("contract",) if (one.trigger == "lapse" if residual else one.covers == "rent") else ()
    for name in needs:
        if not getattr(one, name):
            raise InputError(f"guarantee {one.name!r} lacks {name!r}", where=one.where)
    idle = {"covers": one.covers != "rent"} if residual else {
        "trigger": one.trigger != "lapse", "asset": bool(one.asset), "received_share": one.received_share != 1,
        "threshold": bool(one.threshold) and one.covers == "service",
    }  # fmt: skip
    idle["when"] = bool(one.when) and (residual or one.covers != "service")
    idle["contract"] = bool(one.contract) and "contract" not in needs
    for name, said in idle.items():
        if said:
            raise InputError(f"{name!r} does nothing in this {one.kind}", where=_at(one, name))
    if one.asset:
        _known("asset", one, "asset", (a.name for a in deal.assets))
    if one.contract:
        _known("contract", one, "contract", (c.name for c in deal.contracts))
    if residual and not deal.enforcement:
        raise InputError("a residual value guarantee needs the block enforcement", where=one.where)


def _check_tests(deal: Deal) -> None:
    for test in deal.tests:
        if test.window < 1 or test.cure < 1:
            raise InputError("window and cure are at least one period", got=test.cure, where=test.where)
        if test.from_ and test.until and test.from_ > test.until:
            raise InputError("dates out of order", expected=f"after {test.from_}", got=test.until,
                             where=_at(test, "until"))  # fmt: skip
        if test.measure != "dscr" and test.side == "forward":
            raise InputError("only a dscr looks forward", got=test.measure, where=_at(test, "side"))
        if test.window != 1 and test.measure not in ("dscr", "debt_yield"):
            raise InputError(f"'window' does nothing in {test.measure}", where=_at(test, "window"))
        low, high = LEVELS[test.measure]
        for name in ("trap", "default"):
            stated = getattr(test, name)
            for level in _levels(stated):
                if (level or isinstance(stated, Stated)) and not low <= level <= high:
                    raise InputError(
                        f"a level of {test.measure} out of range", expected=f"{low:g} to {high:g}", got=level,
                        where=_at(test, name), hint="Write 1.30 for a cover, 75 % for ltv and 8 % for debt_yield.",
                    )  # fmt: skip
        traps, defaults = _levels(test.trap), _levels(test.default)
        worse = max(defaults) > min(traps) if test.measure != "ltv" else min(defaults) < max(traps)
        if test.trap and test.default and worse:
            raise InputError("the default level comes before the trap level", where=test.where)


def _levels(stated: float) -> list[float]:
    """A level, or those of a list of them."""
    return [c.number.value for c in stated.number.cases] if isinstance(stated, Stated) else [stated]


def _at(block: Any, name: str) -> str:
    place: str = block.where
    return place.of(name) if isinstance(place, Place) else place


def _unique(kind: str, blocks: Iterable[Any]) -> None:
    found: set[str] = set()
    for block in blocks:
        if block.name in found:
            raise InputError(f"two {kind} blocks are named {block.name!r}", where=_at(block, "name"))
        if "." in block.name or not block.name.strip():
            raise InputError(
                f"a {kind} cannot be named {block.name!r}", expected="a name without a dot", got=block.name,
                where=_at(block, "name"), hint="--set names keys by dots, as in facilities.notes.rate.",
            )  # fmt: skip
        found.add(block.name)


def _known(kind: str, block: Any, name: str, known: Iterable[str]) -> None:
    said, names = getattr(block, name), tuple(known)
    if said not in names:
        raise UnknownNameError(kind, said, names, where=_at(block, name))


def _share(block: Any, *names: str) -> None:
    for name in names:
        if not 0 <= getattr(block, name) <= 1:
            raise InputError(
                f"bad {name}", expected="0 to 1", got=getattr(block, name), where=_at(block, name)
            )

"""Reads a deal from text, and refuses what would not run: with the line, the expected and the found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document import Reader
from supercycle.deals.schema import ACCOUNTS, NOT_BUILT, SCHEMA, Deal, Facility

__all__ = ["read_deal"]

NEEDS = {
    "schedule": ("payments",),
    "target_balance": ("target",),
    "borrowing_base": ("supported", "depreciated_cost"),
    "ard": ("date",),
}


def read_deal(text: str, *, origin: str = "deal", settings: Mapping[str, str] | None = None) -> Deal:
    """The deal in a YAML text, with settings laid over it ("facilities.notes.rate" -> "7 %").

    Raises InputError (UnknownNameError for names) whose message begins with ``origin``:line.
    """
    reader = Reader(origin)
    content = reader.parse(text)
    for path, value in (settings or {}).items():
        _lay(content, path, value)
    _refuse_not_built(reader, content)
    deal = reader.block(Deal, content, "deal", f"{origin}:1")
    _check(deal)
    return deal


def _lay(content: Any, path: str, value: str) -> None:
    """Set one key of the document: names of blocks stand for their place in a list."""
    from ruamel.yaml import YAML

    parsed: Any = cast(Any, YAML(typ="safe")).load(value)
    *heads, last = path.split(".")
    at: Any = content
    for head in heads:
        if isinstance(at, list):
            items = cast(list[Any], at)
            names = [str(i.get("name", k)) for k, i in enumerate(items)]
            if head not in names:
                raise UnknownNameError("block", head, names, where=f"--set {path}")
            at = items[names.index(head)]
        elif isinstance(at, dict) and head in at:
            at = cast(Any, at)[head]
        else:
            known = [str(k) for k in cast(Any, at)] if isinstance(at, dict) else []
            raise UnknownNameError("key", head, known, where=f"--set {path}")
    if not isinstance(at, dict):
        raise InputError("nothing to set here", expected="block.name.key=value", where=f"--set {path}")
    at[last] = parsed


def _refuse_not_built(reader: Reader, content: Any) -> None:
    """Say "not built yet" for what the reference knows and the engine does not, instead of "unknown"."""

    def refuse(kind: str, name: object, where: str) -> None:
        if name in NOT_BUILT[kind]:
            raise InputError(f"{kind} {name!r} is not built yet", where=where, hint="See docs/deals.md.")

    for name in content:
        refuse("block", name, reader.line(content, name))
    for block, word, kind in (
        ("facilities", "kind", "facility kind"),
        ("guarantees", "kind", "guarantee kind"),
        ("tests", "measure", "test measure"),
    ):
        items = content.get(block)
        for item in cast(list[Any], items) if isinstance(items, list) else []:
            if isinstance(item, dict) and word in item:
                refuse(kind, cast(Any, item)[word], reader.line(item, word))


def _check(deal: Deal) -> None:
    if deal.schema != SCHEMA:
        raise InputError("unknown schema", expected=SCHEMA, got=deal.schema, where=deal.where)
    calendar = deal.calendar
    if calendar.months not in (1, 3, 6, 12) or not 1 <= calendar.periods <= 1200:
        raise InputError(
            "bad calendar",
            expected="months 1, 3, 6 or 12 and 1 to 1200 periods",
            got=f"{calendar.periods} periods of {calendar.months} months",
            where=calendar.where,
        )
    facilities = _unique("facility", deal.facilities)
    reserves = _unique("reserve", deal.reserves)
    assets = _unique("asset", deal.assets)
    contracts = _unique("contract", deal.contracts)
    _unique("test", deal.tests)
    for name, where in reserves.items():
        if name in ACCOUNTS or name in facilities:
            raise InputError(f"{name!r} names two things", where=where)
    if not deal.facilities or not deal.contracts:
        raise InputError("a deal has at least one facility and one contract", where=deal.where)
    for facility in deal.facilities:
        _check_facility(deal, facility)
    for contract in deal.contracts:
        _at_least(contract.where, 0, term_years=contract.term_years, option_years=contract.option_years)
        if contract.options and not contract.option_years:
            raise InputError("options have no length", expected="option_years", where=contract.where)
        _share(contract.where, received_share=contract.received_share)
        if contract.asset:
            _known("asset", contract.asset, assets, contract.where)
    for guarantee in deal.guarantees:
        _known("asset", guarantee.asset, assets, guarantee.where)
        _known("contract", guarantee.contract, contracts, guarantee.where)
        _at_least(guarantee.where, 0, cap=guarantee.cap)
        _share(guarantee.where, received_share=guarantee.received_share)
    for test in deal.tests:
        if not test.trap and not test.default:
            raise InputError(f"test {test.name!r} has no level", expected="trap or default", where=test.where)
        if test.window < 1 or test.cure < 1:
            raise InputError("window and cure are at least one period", got=test.cure, where=test.where)
        worse = test.default > test.trap if test.measure != "ltv" else test.default < test.trap
        if test.trap and test.default and worse:
            raise InputError("the default level comes before the trap level", where=test.where)
    _check_steps(deal, facilities, {r.name: r.kind for r in deal.reserves})
    if deal.equity and abs(sum(e.share for e in deal.equity) - 1) > 1e-9:
        total = sum(e.share for e in deal.equity)
        raise InputError("equity shares add to 1", expected=1, got=total, where=deal.equity[0].where)
    if deal.enforcement:
        _share(deal.enforcement.where, cost=deal.enforcement.cost)
    if deal.guarantees and not deal.enforcement:
        raise InputError("a guarantee needs the block enforcement", where=deal.guarantees[0].where)
    if deal.accounting:
        _known("contract", deal.accounting.contract, contracts, deal.accounting.where)


def _check_facility(deal: Deal, facility: Facility) -> None:
    rule, where = facility.amortisation, facility.where
    _at_least(
        where, 0, amount=facility.amount, upfront_fee=facility.upfront_fee, undrawn_fee=facility.undrawn_fee
    )
    for name in NEEDS.get(rule.type, ()):
        if getattr(rule, name) is None:
            raise InputError(f"{rule.type} lacks {name!r}", where=rule.where)
    used = {"type", "from_", *NEEDS.get(rule.type, ())}
    used |= {"dscr", "gearing", "ltv", "cfads"} if rule.type == "sculpted" else set()
    for name in (
        "payments",
        "target",
        "supported",
        "depreciated_cost",
        "date",
        "dscr",
        "gearing",
        "ltv",
        "cfads",
    ):
        if getattr(rule, name) and name not in used:
            raise InputError(f"{name!r} does nothing under {rule.type}", where=rule.where)
    if rule.type in ("schedule", "target_balance", "borrowing_base", "bullet", "ard") and rule.from_:
        raise InputError(f"'from' does nothing under {rule.type}", where=rule.where)
    if not facility.amount and not (rule.type == "sculpted" and rule.dscr):
        raise InputError(f"{facility.name!r} has no amount", expected="above 0", got=0, where=where)
    if rule.dscr and rule.dscr < 0.5:
        raise InputError("bad dscr", expected="0.5 or more", got=rule.dscr, where=rule.where)
    if (rule.gearing or rule.ltv) and not rule.dscr:
        raise InputError("gearing and ltv size a debt that has a dscr", where=rule.where)
    if facility.maturity <= deal.calendar.start:
        raise InputError("maturity before closing", got=facility.maturity, where=where)
    sweeps = {s.of for s in deal.waterfall if s.do == "sweep"}
    if rule.type == "ard":
        if rule.date and rule.date >= facility.maturity:
            raise InputError("dates out of order: ard after maturity", got=rule.date, where=rule.where)
        if facility.name not in sweeps:
            raise InputError(f"no sweep step repays {facility.name!r} after its ard", where=rule.where)


def _check_steps(deal: Deal, facilities: Mapping[str, str], reserves: Mapping[str, str]) -> None:
    late = False
    for step in deal.waterfall:
        if step.do in ("pay", "sweep"):
            _known("facility", step.of, facilities, step.where)
        elif step.do in ("fund", "trap", "release"):
            _known("account", step.of, reserves, step.where)
        elif step.of:
            raise InputError("distribute pays the owners", expected="no 'of'", got=step.of, where=step.where)
        if step.do in ("fund", "trap"):
            wanted = {"fund": "reserve", "trap": "trap"}[step.do]
            if reserves[step.of] != wanted:
                raise InputError(
                    f"{step.of!r} is no {wanted} account", got=reserves[step.of], where=step.where
                )
        if (step.do == "pay") != bool(step.what):
            raise InputError(
                "pay says what: interest or principal", got=f"{step.do} {step.what}", where=step.where
            )
        if step.from_ and step.do != "pay":
            raise InputError("only pay has a shortfall source", got=step.do, where=step.where)
        for name in step.from_:
            _known("account", name, (*reserves, "construction"), step.where)
        _share(step.where, share=step.share)
        if step.share != 1 and step.do != "sweep":
            raise InputError("share belongs to sweep", got=step.do, where=step.where)
        if late and step.do in ("pay", "fund"):
            raise InputError("pay and fund come before trap, sweep, release and distribute", where=step.where)
        late = late or step.do not in ("pay", "fund")
    said = [(s.do, s.what, s.of) for s in deal.waterfall]
    if len(said) != len(set(said)):
        raise InputError("a waterfall step is written twice", where=deal.waterfall[0].where)
    for facility in deal.facilities:
        for what in ("interest", "principal"):
            if ("pay", what, facility.name) not in said:
                raise InputError(
                    f"the waterfall never pays the {what} of {facility.name!r}", where=facility.where
                )
    if not deal.waterfall or deal.waterfall[-1].do != "distribute":
        raise InputError(
            "the last step is distribute", where=deal.waterfall[-1].where if deal.waterfall else None
        )
    does = {s.do for s in deal.waterfall}
    if any(t.trap for t in deal.tests) and not {"trap", "release"} <= does:
        raise InputError(
            "a trap level needs a trap step and a release step",
            where=next(t.where for t in deal.tests if t.trap),
        )


def _unique(kind: str, blocks: Iterable[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in blocks:
        if block.name in found:
            raise InputError(f"two {kind} blocks are named {block.name!r}", where=block.where)
        found[block.name] = block.where
    return found


def _known(kind: str, name: str, known: Iterable[str], where: str) -> None:
    if name not in (names := tuple(known)):
        raise UnknownNameError(kind, name, names, where=where)


def _at_least(where: str, low: float, **named: float) -> None:
    for name, value in named.items():
        if value < low:
            raise InputError(f"negative {name}", expected=f"{low} or more", got=value, where=where)


def _share(where: str, **named: float) -> None:
    for name, value in named.items():
        if not 0 <= value <= 1:
            raise InputError(f"bad {name}", expected="0 to 1", got=value, where=where)

"""What a waterfall must be: steps between accounts that exist, everyone paid once, debt before owners, no circle."""

from __future__ import annotations

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.deals.document.conditions import read_condition
from supercycle.deals.document.document import Place
from supercycle.deals.document.schema import Deal, Step

__all__ = ["check_waterfall"]


def check_waterfall(deal: Deal) -> None:
    """Refuse a waterfall that would not run (InputError with the step's line)."""
    late = False
    preferred = {f.name for f in deal.facilities if f.preferred}
    for step in deal.waterfall:
        _check_step(deal, step)
        after = step.do not in ("pay", "fund") or step.of in preferred or step.what == "additional"
        if late and not after:
            raise InputError("pay and fund come before trap, sweep, release and distribute", where=step.where)
        late = late or after
    traps = [k for k, s in enumerate(deal.waterfall) if s.do == "trap"]
    owners = [k for k, s in enumerate(deal.waterfall) if s.of in preferred]
    check_conditions(deal)
    if traps and owners and min(owners) < max(traps):
        raise InputError("preferred equity is paid after the trap", where=deal.waterfall[min(owners)].where)
    _check_all_paid(deal)
    _check_circle(deal)
    does = {s.do for s in deal.waterfall}
    if any(t.trap for t in deal.tests) and not {"trap", "release"} <= does:
        raise InputError(
            "a trap level needs a trap step and a release step",
            where=next(t.where for t in deal.tests if t.trap),
        )


def check_conditions(deal: Deal) -> None:
    """Conditions outside the steps: of interest that is added, and of recourse that springs."""
    tests = tuple(t.name for t in deal.tests if t.trap)
    ards = tuple(f.name for f in deal.facilities if f.amortisation.date)
    for block, name, texts in (
        *((f, "pik_when", f.pik_when) for f in deal.facilities),
        *((g, "when", g.when) for g in deal.guarantees),
    ):
        place = block.where.of(name) if isinstance(block.where, Place) else block.where
        for text in texts:
            read_condition(text, tests, ards, place)


def _check_step(deal: Deal, step: Step) -> None:
    reserves = {r.name: r.kind for r in deal.reserves}
    facilities = {f.name: f for f in deal.facilities}
    if step.what == "settlement" and step.do == "pay":
        _known("swap", step.of, tuple(x.name for x in deal.swaps), step, "of")
    elif step.do in ("pay", "sweep"):
        _known("facility", step.of, tuple(facilities), step, "of")
    elif step.do in ("fund", "trap", "release"):
        _known("account", step.of, tuple(reserves), step, "of")
    elif step.of:
        raise InputError("distribute pays the owners", expected="no 'of'", got=step.of, where=step.where)
    if step.do in ("fund", "trap"):
        wanted = {"fund": "reserve", "trap": "trap"}[step.do]
        if reserves[step.of] != wanted:
            raise InputError(f"{step.of!r} is no {wanted} account", got=reserves[step.of], where=step.where)
    if (step.do == "pay") != bool(step.what):
        raise InputError(
            "pay says what: interest, principal, additional or settlement",
            got=f"{step.do} {step.what}",
            where=step.where,
        )
    owners = step.of in facilities and facilities[step.of].preferred
    if step.from_ and (step.do != "pay" or owners or step.what == "additional"):
        raise InputError("only pay of debt has a shortfall source", got=step.do, where=step.where)
    known = (*reserves, "construction", *(f.name for f in deal.facilities if f.kind == "revolver"),
             *(g.name for g in deal.guarantees if g.covers == "service"),
             *(("owners",) if deal.support else ()))  # fmt: skip
    for name in step.from_:
        _known("account", name, known, step, "from")
    if len(set(step.from_)) != len(step.from_):
        raise InputError("a source is named twice", got=", ".join(step.from_), where=step.where)
    if not 0 <= step.share <= 1:
        raise InputError("bad share", expected="0 to 1", got=step.share, where=_at(step, "share"))
    tests = tuple(t.name for t in deal.tests if t.trap)
    ards = tuple(f.name for f in deal.facilities if f.amortisation.date)
    for text in step.when:
        read_condition(text, tests, ards, _at(step, "when"))
    if step.share != 1 and step.do != "sweep":
        raise InputError("share belongs to sweep", got=step.do, where=step.where)


def _check_all_paid(deal: Deal) -> None:
    said = [(s.do, s.what, s.of, s.when) for s in deal.waterfall]
    for k, step in enumerate(said):
        if step in said[:k]:
            raise InputError("a waterfall step is written twice", where=deal.waterfall[k].where)
    for facility in deal.facilities:
        for what in ("interest", "principal"):
            if ("pay", what, facility.name, ()) not in said:
                raise InputError(
                    f"the waterfall never pays the {what} of {facility.name!r} without a condition",
                    where=facility.where,
                )
    for facility in deal.facilities:
        pays = any(s.do == "pay" and s.what == "additional" and s.of == facility.name for s in deal.waterfall)
        if pays != bool(facility.additional_rate):
            raise InputError(
                f"additional interest of {facility.name!r} has a rate and a step that pays it, both or none",
                expected="additional_rate, and {do: pay, what: additional}", where=facility.where,
            )  # fmt: skip
    for swap in deal.swaps:
        if ("pay", "settlement", swap.name, ()) not in said:
            raise InputError(
                f"the waterfall never pays the settlement of {swap.name!r} without a condition",
                where=swap.where,
            )
    if not deal.waterfall or deal.waterfall[-1].do != "distribute":
        raise InputError(
            "the last step is distribute", where=deal.waterfall[-1].where if deal.waterfall else deal.where
        )
    sources = {name for s in deal.waterfall for name in s.from_}
    if deal.support and "owners" not in sources and not deal.support.costs:
        raise InputError("no pay step draws on 'owners' with 'from'", where=deal.support.where)
    for block in (*(f for f in deal.facilities if f.kind == "revolver"),
                  *(g for g in deal.guarantees if g.covers == "service")):  # fmt: skip
        if block.name not in sources:
            raise InputError(f"no pay step draws on {block.name!r} with 'from'", where=block.where)


def _check_circle(deal: Deal) -> None:
    """A revolver must not pay itself, directly or through others."""
    revolvers = {f.name for f in deal.facilities if f.kind == "revolver"}
    draws: dict[str, list[tuple[str, str]]] = {name: [] for name in revolvers}
    for step in deal.waterfall:
        if step.of in revolvers:
            draws[step.of] += [(name, step.where) for name in step.from_ if name in revolvers]

    def walk(name: str, chain: tuple[str, ...]) -> None:
        for source, where in draws[name]:
            if source in chain:
                raise InputError(
                    "circular reference: a revolver pays itself",
                    got=" -> ".join((*chain, source)),
                    where=where,
                )
            walk(source, (*chain, source))

    for name in sorted(revolvers):
        walk(name, (name,))


def _at(step: Step, name: str) -> str:
    return step.where.of(name) if isinstance(step.where, Place) else step.where


def _known(kind: str, name: str, known: tuple[str, ...], step: Step, key: str) -> None:
    if name not in known:
        raise UnknownNameError(kind, name, known, where=_at(step, key))

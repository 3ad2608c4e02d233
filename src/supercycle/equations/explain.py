"""Any number of a model opened into its equation, its inputs and the evidence under it.

``explain`` answers for a variable, a parameter, a constant or a draw, as a dict that JSON can hold. ``documentation``
is the same knowledge as a page per block. Evidence degrades to the weakest input: an output that rests on one
judgement anywhere upstream, openings included, is a judgement.
"""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import Any

from supercycle.core.errors import UnknownNameError
from supercycle.core.params import EVIDENCE, Param
from supercycle.equations.cited import counted, reason, standing
from supercycle.equations.graph import Plan
from supercycle.equations.resolve import Reference
from supercycle.equations.variable import Axis, Variable

__all__ = ["documentation", "evidence", "explain", "upstream"]

_TIME = {
    "t": ("q", "quarters since the opening"),
    "is_first": ("1", "1 for the first member, else 0"),
    "is_last": ("1", "1 for the last member, else 0"),
    "position": ("1", "place on the axis, from 0"),
}


def explain(plan: Plan, name: str) -> dict[str, Any]:
    """What a name means, what it is made of and who uses it.

    ``name`` may be a variable, ``variable:Member``, a parameter, a family of parameters, a constant or a draw.
    A variable answers with kind, block, unit, meaning, source, axis members, equation (its source text), opening,
    inputs, used_by and evidence {weakest, counts}; a parameter with its registry entry and used_by.

    Errors: UnknownNameError with the nearest names.
    """
    model = plan.written
    stem = name.split(":", maxsplit=1)[0]
    if name in model.registry:
        answer = _parameter(plan, model.registry[name])
    elif stem in model.variables:
        answer = _variable(plan, model.variables[stem])
    elif stem in model.families:
        members = [model.registry[f"{stem}:{m}"] for m in model.families[stem].members]
        answer = {"name": stem, "kind": "family", "block": members[0].block, "unit": members[0].unit,
                  "meaning": members[0].meaning, "parameters": [_parameter_facts(p) for p in members],
                  "used_by": _readers(plan, stem)}
    elif stem in model.constants:
        c = model.constants[stem]
        answer = {"name": stem, "kind": "constant", "value": c.value, "unit": c.unit, "meaning": c.meaning,
                  "used_by": _readers(plan, stem)}
    elif stem in model.draws:
        d = model.draws[stem]
        answer = {"name": stem, "kind": "draw", "unit": "1", "meaning": d.meaning, "distribution": d.kind,
                  "members": _members(d.axis), "used_by": _readers(plan, stem)}
    else:
        known = [*model.variables, *model.registry, *model.families, *model.constants, *model.draws]
        raise UnknownNameError("name", name, known)
    return answer


def _variable(plan: Plan, v: Variable) -> dict[str, Any]:
    return {
        "name": v.name, "kind": v.kind, "block": v.block, "unit": v.unit, "label": v.label or v.name,
        "meaning": v.meaning, "source": v.source, "mechanism": "" if v.source else reason(plan.written, v),
        "standing": standing(plan.written, v), "axis": v.axis.name if v.axis else None, "members": _members(v.axis),
        "where": f"{'/'.join(PurePath(v.file).parts[-2:])}:{v.line}", "equation": v.source_text,
        "opening": v.opening_text, "inputs": [_input(plan, a) for a in dict.fromkeys(v.args or v.opening_args)],
        "opening_inputs": [_input(plan, a) for a in dict.fromkeys(v.opening_args)],
        "used_by": _readers(plan, v.name), "evidence": evidence(plan, v.name),
    }


def _parameter(plan: Plan, p: Param) -> dict[str, Any]:
    return {"name": p.id, "kind": "parameter", **_parameter_facts(p), "used_by": _readers(plan, p.id)}


def _parameter_facts(p: Param) -> dict[str, Any]:
    return {"id": p.id, "label": p.label, "block": p.block, "unit": p.unit, "default": p.default, "low": p.low,
            "high": p.high, "distribution": p.distribution, "meaning": p.meaning, "evidence": p.evidence,
            "source": p.source, "reason": p.reason}


def _input(plan: Plan, argument: str) -> dict[str, Any]:
    r, model = plan.references[argument], plan.written
    facts: dict[str, Any] = {"argument": argument, "kind": r.kind, "name": r.name, "lag": r.lag, "left": r.left}
    if r.kind == "variable":
        v = model.variables[r.name]
        facts |= {"unit": v.unit, "meaning": v.meaning, "label": v.label or v.name}
        if r.member is not None and v.axis:
            facts["member"] = v.axis.members[r.member]
    elif r.kind in ("param", "family"):
        params = _params(plan, r)
        first = params[0]
        facts |= {"unit": first.unit, "meaning": first.meaning, "label": first.label, "source": first.source,
                  "reason": first.reason, "evidence": _weakest(p.evidence for p in params)}
    elif r.kind == "constant":
        c = model.constants[r.name]
        facts |= {"unit": c.unit, "meaning": c.meaning, "value": c.value}
    elif r.kind == "draw":
        facts |= {"unit": "1", "meaning": model.draws[r.name].meaning}
    else:
        facts["unit"], facts["meaning"] = _TIME[r.kind]
    return facts


def evidence(plan: Plan, name: str) -> dict[str, Any]:
    """The weakest evidence over every parameter and equation upstream of a variable, and how many there are of each kind.

    A mechanism that is judged is a judgement like any other. weakest is None when nothing upstream can be doubted;
    ``equations`` counts those upstream, itself included, by what they stand on, ``constants`` the conversions they read.
    """
    params, variables, constants = _upstream(plan, name)
    counts = Counter(p.evidence for p in params.values())
    equations = counted(plan.written, variables)
    kinds = [*counts, *(["judgement"] if equations["judged"] else []), *(["published"] if equations["sourced"] else [])]
    return {"weakest": _weakest(kinds), "counts": {kind: counts.get(kind, 0) for kind in EVIDENCE},
            "equations": equations, "constants": len(constants)}


def upstream(plan: Plan, name: str) -> dict[str, Param]:
    """Every parameter a variable rests on, by id: through its equation, its opening, and theirs, as far as they go."""
    return _upstream(plan, name)[0]


def _upstream(plan: Plan, name: str) -> tuple[dict[str, Param], list[Variable], set[str]]:
    seen, waiting, params, constants = {name}, [name], dict[str, Param](), set[str]()
    while waiting:
        v = plan.written.variables[waiting.pop()]
        for a in (*v.args, *v.opening_args):
            r = plan.references[a]
            if r.kind == "constant":
                constants.add(r.name)
            if r.kind == "variable" and r.name not in seen:
                seen.add(r.name)
                waiting.append(r.name)
            for p in _params(plan, r):
                params[p.id] = p
    return params, [plan.written.variables[n] for n in seen], constants


def _weakest(kinds: Any) -> str | None:
    return max(kinds, key=EVIDENCE.index, default=None)


def _params(plan: Plan, r: Reference) -> list[Param]:
    model = plan.written
    if r.kind == "param":
        return [model.registry[r.name]]
    if r.kind != "family":
        return []
    members = model.families[r.name].members
    chosen = members if r.member is None else (members[r.member],)
    return [model.registry[f"{r.name}:{m}"] for m in chosen]


def _readers(plan: Plan, name: str) -> list[str]:
    """The variables that read a variable, parameter, family, constant or draw, now, lagged or at the opening."""

    def is_read(r: Reference) -> bool:
        return r.name == name or (r.kind == "family" and any(p.id == name for p in _params(plan, r)))

    return [v.name for v in plan.written.variables.values()
            if any(is_read(plan.references[a]) for a in (*v.args, *v.opening_args))]


def _members(axis: Axis | None) -> list[str]:
    return list(axis.members) if axis else []


def documentation(plan: Plan, block: str) -> str:
    """The reference page of a block, in Markdown: its equations as they are run, its parameters and their evidence.

    Errors: UnknownNameError for a block that does not exist.
    """
    model = plan.written
    if block not in model.blocks:
        raise UnknownNameError("block", block, model.blocks)
    about = model.blocks[block]
    variables = [v for v in model.variables.values() if v.block == block]
    params = [model.registry[k] for k in model.registry if model.registry[k].block == block]
    lines = [f"# {model.number(block)}. {about.title}", "", about.meaning, ""]
    if variables:
        lines += ["## Variables", "", "| name | unit | for each | meaning |", "|---|---|---|---|"]
        lines += [_row(f"[`{v.name}`](#{v.name})", v.unit, v.axis.name if v.axis else "", v.meaning) for v in variables]
        lines += ["", "## Equations", ""]
        for v in variables:
            lines += _equation(plan, v)
    if params:
        lines += ["## Parameters", "", "| id | unit | default | range | distribution | evidence | source or reason |",
                  "|---|---|---|---|---|---|---|"]
        lines += [_row(f"`{p.id}`", p.unit, f"{p.default:g}", f"{p.low:g} to {p.high:g}", p.distribution, p.evidence,
                       p.source or p.reason) for p in params]
    return "\n".join(lines).rstrip() + "\n"


def _equation(plan: Plan, v: Variable) -> list[str]:
    rests = evidence(plan, v.name)["weakest"]
    lines = [f"### `{v.name}` {{#{v.name}}}", "", f"{v.meaning.rstrip('.')}. Unit: {v.unit}."
             + (f" Rests on: {rests}." if rests else ""), "", "```python", v.source_text, "```", ""]
    if v.opening_text and v.kind == "equation":
        lines += ["Opening:", "", "```python", v.opening_text, "```", ""]
    why = reason(plan.written, v)
    if why:
        lines += [f"Source: {v.source}" if v.source else f"{why[:1].upper()}{why[1:]}.", ""]
    return lines


def _row(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |"

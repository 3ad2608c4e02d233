"""What stands behind a name: an output's equation and source, a parameter's evidence and use."""

from __future__ import annotations

from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.run import KERNELS
from supercycle.engine.subject import Subject
from supercycle.equations.spec import Variable
from supercycle.service.foundations import foundations

__all__ = ["explain", "schema"]


def explain(subject: Subject, name: str) -> dict[str, Any]:
    """One variable, derived output, parameter, family, constant or draw; ``name:Member`` gives the whole
    variable. A label as the tables print it does as well as an id, in any case.

    Errors: UnknownNameError with the nearest names; InputError for a label that several things have.
    """
    from supercycle.equations.explain import explain as of_plan

    model, plan = subject.model, subject.plan
    name = _id_of(subject, name)
    stem, _, member = name.partition(":")
    for output in subject.derived:
        if output.name == stem and (not member or member in output.entities):
            return {
                "rests_on": foundations(subject, name),
                "name": output.name,
                "kind": "derived",
                "label": output.label,
                "unit": output.unit,
                "meaning": output.meaning,
                "members": list(output.entities),
                "inputs_by_path": list(output.inputs),
            }
    if member and stem in model.variables:
        plan.slot(name)  # refuses an unknown member with the nearest
    try:
        return {**of_plan(plan, name), "rests_on": foundations(subject, name)}
    except UnknownNameError as error:
        known = [*error.known, *(output.name for output in subject.derived)]
        raise UnknownNameError("output or parameter", name, known) from None


def _id_of(subject: Subject, name: str) -> str:
    """The id behind an id in another case, or behind a label; the name itself when it is neither."""
    model = subject.model
    stem, colon, member = name.strip().partition(":")
    ids = [*model.variables, *model.registry, *(output.name for output in subject.derived)]
    if stem in ids:
        return name.strip()
    exact = [id for id in ids if id.casefold() == stem.casefold()]
    if len(exact) == 1:
        return f"{exact[0]}{colon}{member}"
    labels = [(v.label, v.name) for v in model.variables.values() if v.label]
    labels += [(p.label, p.id) for p in model.registry.values()]
    labels += [(output.label, output.name) for output in subject.derived]
    wanted = " ".join(name.split()).casefold()
    meant = sorted({id for label, id in labels if label.casefold() == wanted})
    if len(meant) > 1:
        raise InputError(
            "several things have this label", expected=f"one of {', '.join(meant)}", got=repr(name)
        )
    if meant:
        return meant[0]
    if " " in name.strip():
        raise UnknownNameError("output or parameter", name, [label for label, _ in labels])
    return name.strip()


def schema(subject: Subject) -> dict[str, Any]:
    """Parameters, outputs and blocks as data."""
    model = subject.model
    return {
        "schema": "supercycle.schema/1",
        "model": model.name,
        "model_hash": subject.model_hash,
        "start": subject.start,
        "kernels": list(KERNELS),
        "blocks": [
            {"name": b.name, "number": model.number(b.name), "title": b.title, "meaning": b.meaning}
            for b in model.blocks.values()
        ],
        "parameters": model.registry.describe(),
        "outputs": [_output(v) for v in model.variables.values() if v.reported],
        "derived": [
            {
                "name": d.name,
                "label": d.label,
                "unit": d.unit,
                "meaning": d.meaning,
                "entities": list(d.entities),
            }
            for d in subject.derived
        ],
    }


def _output(variable: Variable) -> dict[str, Any]:
    return {
        "name": variable.name,
        "label": variable.label or variable.meaning,
        "unit": variable.unit,
        "block": variable.block,
        "meaning": variable.meaning,
        "entities": list(variable.axis.members) if variable.axis else [],
    }

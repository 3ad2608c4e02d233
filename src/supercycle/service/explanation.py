"""What stands behind a name: an output's equation and source, a parameter's evidence and use."""

from __future__ import annotations

from typing import Any

from supercycle.core.errors import UnknownNameError
from supercycle.engine.run import KERNELS
from supercycle.engine.subject import Subject
from supercycle.equations.spec import Variable

__all__ = ["explain", "schema"]


def explain(subject: Subject, name: str) -> dict[str, Any]:
    """One variable, derived output, parameter, family, constant or draw; ``name:Member`` gives the whole
    variable.

    Errors: UnknownNameError with the nearest names.
    """
    from supercycle.equations.explain import explain as of_plan

    model, plan = subject.model, subject.plan
    stem, _, member = name.partition(":")
    for output in subject.derived:
        if output.name == stem and (not member or member in output.entities):
            return {
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
        return of_plan(plan, name)
    except UnknownNameError as error:
        known = [*error.known, *(output.name for output in subject.derived)]
        raise UnknownNameError("output or parameter", name, known) from None


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

"""The opening of a model in the form in which its quarters are compiled: a plan whose equations are the openings."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from supercycle.equations.grammar import Body, read
from supercycle.equations.graph import Plan
from supercycle.equations.machine.hoist import Hoisted

__all__ = ["opened"]


def opened(plan: Plan) -> Hoisted:
    """What gives every variable with an opening its value before the first quarter; nothing in it is a residual.

    Errors: ModelError and UnknownNameError for an opening outside the language, with file and line.
    """
    model = copy(plan.model)
    model.variables, model.residuals = dict(model.variables), []
    bodies: dict[str, Body] = {}
    for name in plan.opening_order:
        v = model.variables[name]
        if v.kind == "total":
            model.variables[name] = replace(v, args=v.opening_args)
            continue
        bodies[name] = read(v.opening_text, name, f"{v.file}:{v.line}")
        model.variables[name] = replace(v, kind="equation", args=v.opening_args)
    return Hoisted(replace(plan, model=model), plan.opening_order, (), bodies)

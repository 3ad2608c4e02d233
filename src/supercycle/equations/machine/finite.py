"""Which variables show that a path is no longer finite, so that the others need not be looked at.

Sums, differences, products, numerators, square roots and logarithms of a number that is not finite are not finite
either. A variable read that way by another of the same quarter is thus seen there; bounds, branches, shares and
denominators may hide it, so what only they read is watched itself.
"""

from __future__ import annotations

import ast

from supercycle.equations.grammar import Body
from supercycle.equations.machine.hoist import Hoisted

__all__ = ["passed_on", "watched"]


def watched(hoisted: Hoisted) -> set[str]:
    """The variables whose every value must be looked at."""
    variables, references = hoisted.plan.model.variables, hoisted.plan.references
    seen: set[str] = set()
    for name in hoisted.each:
        v = variables[name]
        if v.kind == "total":
            seen.add(v.over)
        elif v.kind == "equation":
            for argument in passed_on(hoisted.bodies[name]):
                r = references[argument]
                if r.kind == "variable" and not (r.lag or r.left or r.member is not None):
                    seen.add(r.name)
    return {name for name in (*hoisted.once, *hoisted.each) if name in hoisted.plan.slots and name not in seen}


def passed_on(body: Body) -> set[str]:
    """The arguments that make an equation's value not finite whenever they are not.

    >>> from supercycle.equations.grammar import read
    >>> sorted(passed_on(read("def x(a, b, c, d): return a * b - minimum(c, 1) + 2 / d", "x", "here")))
    ['a', 'b']
    """
    local: dict[str, set[str]] = {}
    for name, node in body.local:
        local[name] = _through(node, local)
    return _through(body.result, local)


def _through(node: ast.expr, local: dict[str, set[str]]) -> set[str]:
    match node:
        case ast.Name(id=name):
            return local.get(name, {name})
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=x) | ast.BinOp(left=x, op=ast.Div()):
            return _through(x, local)
        case ast.Call(func=ast.Name(id="sqrt" | "log"), args=[x]):
            return _through(x, local)
        case ast.BinOp(left=x, op=ast.Add() | ast.Sub() | ast.Mult(), right=y):
            return _through(x, local) | _through(y, local)
        case _:
            return set()

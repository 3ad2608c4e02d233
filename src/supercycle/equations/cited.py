"""What an equation stands on: a source, a judgement that is said to be one, or nothing but definitions."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from functools import cache

from supercycle.equations.resolve import resolve
from supercycle.equations.spec import Model
from supercycle.equations.variable import Variable

__all__ = ["STANDINGS", "counted", "reason", "standing"]

STANDINGS = ("sourced", "identity", "judged", "")  # "": an equation that says nothing


def standing(model: Model, v: Variable) -> str:
    """How an equation is cited: "sourced", "identity", "judged" or "".

    It is sourced by its ``source``; judged or an identity by its ``mechanism``. One that says neither is an identity if
    it adds, subtracts, multiplies and divides other variables and unit conversions only: no parameter, no draw, no word.
    Otherwise it has the mechanism of its block.
    """
    if v.source:
        return "sourced"
    if v.mechanism:
        return v.mechanism.partition(":")[0]
    if _by_definition(model, v):
        return "identity"
    return model.blocks[v.block].mechanism.partition(":")[0] if v.block in model.blocks else ""


def reason(model: Model, v: Variable) -> str:
    """The source or reason in words; empty for an identity that shows itself."""
    return v.source or v.mechanism or ("" if _by_definition(model, v) else model.blocks[v.block].mechanism)


def counted(model: Model, variables: Iterable[Variable]) -> dict[str, int]:
    """How many equations there are of each standing."""
    counts = Counter(standing(model, v) for v in variables)
    return {kind: counts.get(kind, 0) for kind in STANDINGS if kind or counts.get(kind)}


def _by_definition(model: Model, v: Variable) -> bool:
    if v.kind == "total":
        return True
    if v.kind == "solve":
        return False
    initial = v.kind == "initial"
    if not _only_adds(v.opening_text if initial else v.source_text):
        return False
    arguments = v.opening_args if initial else v.args
    return all(resolve(model, a, v.name).kind in ("variable", "constant") for a in arguments)


@cache
def _only_adds(text: str) -> bool:
    """Whether a function compares nothing and calls nothing but sums and means; kept, for every explanation asks again."""
    tree = ast.parse(text)
    return not any(isinstance(n, ast.Compare) or (isinstance(n, ast.Call) and not _adds(n)) for n in ast.walk(tree))


def _adds(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in ("total", "mean")

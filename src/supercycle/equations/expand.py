"""From what is written over axes to plain variables: sums written out, two axes taken apart, long lags made chains.

Emitters know variables without an axis or with one, and last quarter's values. Everything else the language offers is
expressed in these:

- ``total(expression)`` becomes the sum of the expression for each member, from the first to the last;
- a variable with two axes becomes one plain variable ``x__first_second`` for each pair, and so does a variable on one of
  the axes that reads it member by member;
- ``x_prev4`` reads a chain ``x_lag_1``, ``x_lag_2``, ``x_lag_3``, each last quarter's value of the one before, opened by
  the ``past`` of x.

What is made keeps the author's file and line.
"""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from supercycle.core.errors import ModelError
from supercycle.equations.member import (
    SPELLED,
    Expansion,
    names_of,
    open_axes,
    positional,
    references,
    single,
)
from supercycle.equations.resolve import resolve
from supercycle.equations.spec import Model
from supercycle.equations.variable import Variable
from supercycle.equations.written import (
    Function,
    Place,
    Written,
    compiled,
    definition,
    named,
    read_function,
    with_names,
)

__all__ = ["Flat", "flatten"]


@dataclass(frozen=True)
class Flat:
    """A model of plain variables, and the plain names of each variable that was taken apart, in the order of its axis."""

    model: Model
    parts: Mapping[str, tuple[str, ...]]
    written: Model  # the model as its author wrote it, with the chains of long lags


def flatten(model: Model) -> Flat:
    """Write a model out; one that needs nothing of it comes back as it is.

    Errors: ModelError with file and line for a total without members, an ambiguous one, or a lag without a past.
    """
    written = _with_chains(model)
    scattered = _scattered(written)
    if not scattered and not any(_has_words(v) for v in written.variables.values()):
        return Flat(written, {}, written)
    flat = copy.copy(written)
    flat.variables = {}
    parts: dict[str, tuple[str, ...]] = {}
    for v in written.variables.values():
        if v.name in scattered:
            made = [Expansion(written, scattered, v, dict(zip(names_of(v), place, strict=True))).variable()
                    for place in product(*(range(len(a)) for a in single(v)))]
            parts[v.name] = tuple(p.name for p in made)
        elif _has_words(v) or any(r.name in scattered for r in references(written, v)):
            made = [Expansion(written, scattered, v, dict.fromkeys(names_of(v))).variable()]
        else:
            made = [v]
        for one in made:
            flat.variables[one.name] = one
    flat.residuals = [n for name in written.residuals for n in parts.get(name, (name,))]
    return Flat(flat, parts, written)


# long lags

def _carried(before: Any) -> Any:
    return before


def _with_chains(model: Model) -> Model:
    longest: dict[str, tuple[int, str]] = {}
    for v in model.variables.values():
        for a in (*v.args, *v.opening_args):
            if a[-1:].isdigit() and "_prev" in a:
                r = resolve(model, a, f"{v.name} ({v.file}:{v.line})")
                if r.ago > 1 and r.ago > longest.get(r.name, (0, ""))[0]:
                    longest[r.name] = r.ago, f"{v.name} ({v.file}:{v.line})"
    if not longest:
        return model
    out = copy.copy(model)
    out.variables = {}
    for name, v in model.variables.items():
        out.variables[name] = v
        if name in longest:
            for link in _chain(v, *longest[name]):
                if link.name in model.variables:
                    raise ModelError(f"the name {link.name} is needed for the lags of {name}")
                out.variables[link.name] = link
    return out


def _chain(v: Variable, ago: int, reader: str) -> Iterable[Variable]:
    if v.past is None or v.opening is None:
        raise ModelError(f"{reader} reads {v.name} {ago} quarters ago, but {v.name} does not say what it was before the opening",
                         hint="Give it past=: a function of ago (1, 2, ... quarters), beside its opening")
    past = with_names(positional(v.past, v.past_args), f"{v.name}_past", v.past_args)
    for k in range(1, ago):
        before = v.name if k == 1 else f"{v.name}_lag_{k - 1}"
        name, args = f"{v.name}_lag_{k}", (f"{before}_prev",)
        text = with_names(read_function(_carried), name, args).text
        begin = _with_ago(past, k)
        yield replace(v, name=name, kind="equation", args=args, function=_carried, source_text=text, opening=begin,
                      opening_args=tuple(inspect.signature(begin).parameters), opening_text=read_function(begin).text,
                      meaning=f"{v.meaning.rstrip('.')}, {k} quarter{'s' * (k > 1)} ago", past=None, past_args=(),
                      reported=False, label="", mechanism="identity: a value carried on", source="", over="", bracket=("", ""))


class _Ago(ast.NodeTransformer):
    def __init__(self, quarters: int) -> None:
        self.quarters = quarters

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id != "ago":
            return node
        made = ast.BinOp(ast.Constant(float(self.quarters)), ast.Mult(), ast.Name("one_quarter", ast.Load()))
        for n in ast.walk(made):
            ast.copy_location(n, node)
        return made


def _with_ago(past: Written, quarters: int) -> Function:
    tree = copy.deepcopy(past.tree)
    names = [a for a in past.args if a != "ago"]
    tree.args = definition("x", dict.fromkeys([*names, *(["one_quarter"] if "ago" in past.args else [])]), named("x")).args
    tree.body = [_Ago(quarters).visit(s) for s in tree.body]
    return compiled(tree, Place(past.file, past.line))


# which variables are taken apart

def _has_words(v: Variable) -> bool:
    return v.kind != "total" and any(f"{word}(" in text for word in ("total", *SPELLED)
                                     for text in (v.source_text, v.opening_text))


def _scattered(model: Model) -> set[str]:
    found = {v.name for v in model.variables.values() if v.axis is not None and v.axis.parts}
    if not found:
        return found
    readers = {v.name: references(model, v) for v in model.variables.values() if v.axis is not None and v.kind != "total"}
    while True:
        more = {name for name, read in readers.items() if name not in found and any(
            r.name in found and {a.name for a in open_axes(model, r)} & set(names_of(model.variables[name]))
            for r in read)}
        if not more:
            return found
        found |= more

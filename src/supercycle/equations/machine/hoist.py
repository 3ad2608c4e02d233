"""What does not change from quarter to quarter is computed once per path, before the first.

A *fixed* name is a parameter, a constant, a quantity found at the opening, or a variable that reads only fixed names
and whose last value nobody reads. The largest sub-expressions of fixed names become variables of their own, computed
once and read by the equations in their place: the same operations on the same numbers, so the answer is the same to
the last bit.
"""

from __future__ import annotations

import ast
from copy import copy
from dataclasses import dataclass, field, replace

from supercycle.equations.grammar import Body, is_condition, read
from supercycle.equations.graph import Plan, Reference
from supercycle.equations.spec import Axis, Model, Variable

__all__ = ["Hoisted", "hoist"]

_COSTLY = {"exp", "log", "power", "share", "sqrt"}
_PLACE = ("is_first", "is_last", "position")


@dataclass(frozen=True, slots=True)
class Hoisted:
    """A plan with variables for what is fixed: ``once`` are found before the first quarter, ``each`` in every one."""

    plan: Plan
    once: tuple[str, ...]
    each: tuple[str, ...]
    bodies: dict[str, Body]


def hoist(plan: Plan) -> Hoisted:
    """Take what is fixed out of the equations of a quarter.

    Errors: ModelError and UnknownNameError for an equation outside the language, with file and line.
    """
    return _Hoist(plan).run()


@dataclass
class _Hoist:
    plan: Plan
    variables: dict[str, Variable] = field(init=False)
    references: dict[str, Reference] = field(init=False)
    fixed: set[str] = field(init=False)
    once: list[str] = field(default_factory=list[str])
    each: list[str] = field(default_factory=list[str])
    bodies: dict[str, Body] = field(default_factory=dict[str, Body])
    made: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    @property
    def model(self) -> Model:
        return self.plan.model

    def run(self) -> Hoisted:
        self.variables, self.references = dict(self.model.variables), dict(self.plan.references)
        self.fixed = {name for name, v in self.variables.items() if v.kind == "initial"}
        lagged = {r.name for r in self.references.values() if r.lag}
        for name in self.plan.step_order:
            v = self.variables[name]
            if v.kind != "total":
                self.bodies[name] = read(v.source_text, name, f"{v.file}:{v.line}")
            if all(self.is_fixed(a) for a in v.args) and name not in lagged:
                self.fixed.add(name)
                self.once.append(name)
            else:
                self.each.append(name)
                if v.kind != "total":
                    self.rewrite(v)
        model = copy(self.model)
        model.variables = self.variables
        ready = replace(self.plan, model=model, references=self.references)
        return Hoisted(ready, tuple(self.once), tuple(self.each), self.bodies)

    def rewrite(self, v: Variable) -> None:
        body = self.bodies[v.name] = _Rewrite(self, v, self.bodies[v.name]).body()
        read_now = dict.fromkeys((*body.args, *(end for end in v.bracket if end)))
        self.variables[v.name] = replace(v, args=tuple(a for a in read_now if a != v.name))

    def is_fixed(self, argument: str) -> bool:
        if argument == "t":
            return False
        r = self.references[argument]
        if r.kind == "variable":
            return r.name in self.fixed and not r.lag
        return r.kind != "draw"

    def is_bare(self, argument: str) -> bool:
        """Whether a name is a number the compiler knows, or the member's place."""
        return self.references[argument].kind in ("constant", *_PLACE)

    def axis(self, argument: str, v: Variable) -> Axis | None:
        """The axis along which a name moves, in an equation of ``v``."""
        r = self.references[argument]
        if r.kind in _PLACE:
            return v.axis
        if r.member is not None or r.kind in ("param", "constant"):
            return None
        return self.model.families[r.name] if r.kind == "family" else self.variables[r.name].axis

    def named(self, node: ast.expr, v: Variable) -> str:
        """The variable that holds a fixed expression; equal expressions share one."""
        args = _names(node)
        axis = v.axis if any(self.axis(a, v) for a in args) else None
        key = ast.unparse(node), axis.name if axis else ""
        if key not in self.made:
            number = 1
            while (name := f"{v.name}_fixed_{number}") in self.references or name in self.variables:
                number += 1
            self.made[key] = name
            self.variables[name] = replace(
                v, name=name, axis=axis, kind="equation", args=tuple(args), opening=None, opening_args=())
            self.references[name] = Reference("variable", name)
            self.bodies[name] = Body(tuple(args), (), node)
            self.fixed.add(name)
            self.once.append(name)
        return self.made[key]


class _Rewrite:
    """An equation with its fixed sub-expressions replaced by names."""

    def __init__(self, hoist: _Hoist, v: Variable, body: Body) -> None:
        self.hoist, self.variable, self.old = hoist, v, body
        self.known: dict[str, ast.expr | None] = {}  # locals: what they stand for, where that is fixed
        self.truths: set[str] = set()
        self.seen: dict[int, ast.expr | None] = {}  # every place is looked at once: its answer, by its identity

    def body(self) -> Body:
        local: list[tuple[str, ast.expr]] = []
        for name, node in self.old.local:
            whole = self._expanded(node)
            if is_condition(node, self.truths):
                self.truths.add(name)
            if whole is None or not self._pays(whole) or name in self.truths:
                local.append((name, self.visit(node)))
            self.known[name] = whole
        result = self.visit(self.old.result)
        used = {n for _, e in local for n in _names(e)} | set(_names(result))
        args = tuple(a for a in used - {name for name, _ in local})
        return Body(tuple(sorted(args)), tuple(local), result)

    def visit(self, node: ast.expr) -> ast.expr:
        if not is_condition(node, self.truths):
            whole = self._expanded(node)
            if whole is not None and self._pays(whole):
                return ast.Name(self.hoist.named(whole, self.variable))
        return _with(node, [self.visit(child) for child in _children(node)])

    def _expanded(self, node: ast.expr) -> ast.expr | None:
        """The expression in names of the model alone, or None where one of them is not fixed."""
        if id(node) not in self.seen:
            self.seen[id(node)] = self._expand(node)
        return self.seen[id(node)]

    def _expand(self, node: ast.expr) -> ast.expr | None:
        if isinstance(node, ast.Name):
            if node.id in self.known:
                return self.known[node.id]
            own = self.variable.kind == "solve" and node.id == self.variable.name
            return None if own or not self.hoist.is_fixed(node.id) else node
        children = _children(node)
        whole = [known for child in children if (known := self._expanded(child)) is not None]
        return _with(node, whole) if len(whole) == len(children) else None

    def _pays(self, node: ast.expr) -> bool:
        """Whether reading the number is cheaper than finding it: it costs a division or a word, or saves a read."""
        read = [a for a in _names(node) if not self.hoist.is_bare(a)]
        if not read:
            return False
        costly = any(isinstance(n, ast.Div) or (isinstance(n, ast.Name) and n.id in _COSTLY) for n in ast.walk(node))
        return costly or len(read) > 1


def _children(node: ast.expr) -> list[ast.expr]:
    """The expressions an expression is made of; the word of a call is none."""
    if isinstance(node, ast.Call):
        return node.args
    return [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]


def _with(node: ast.expr, children: list[ast.expr]) -> ast.expr:
    """The same expression, made of others."""
    match node:
        case ast.Call(func=word):
            return ast.Call(word, children, [])
        case ast.BinOp(op=op):
            return ast.BinOp(children[0], op, children[1])
        case ast.UnaryOp(op=op):
            return ast.UnaryOp(op, children[0])
        case ast.Compare(ops=ops):
            return ast.Compare(children[0], ops, children[1:])
        case _:
            return node


def _names(node: ast.expr) -> list[str]:
    """The names an expression reads, in order, without the words of the language."""
    words = {id(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and id(n) not in words))

"""The text of compiled kernels: the equations' own source, with loads in place of arguments.

A part is one function of at most ``PART`` equations, ended early where a block ends, so an edit recompiles little.
The first parts give the opening, those called once find what is fixed (``kernels/hoist.py``), and the others are a
quarter, in its order.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from supercycle.equations.emit_numpy import TINY
from supercycle.equations.grammar import WORDS, Body, is_condition
from supercycle.equations.graph import Plan
from supercycle.equations.kernels.finite import watched
from supercycle.equations.kernels.hoist import Hoisted, hoist
from supercycle.equations.kernels.layout import RESIDUAL, UNFINISHED, Layout
from supercycle.equations.kernels.opening import opened
from supercycle.equations.spec import Variable

__all__ = ["PART", "Parts", "parts"]

PART = 40
SEARCH = 8  # steps of regula falsi before a bisection
NEAR = 2.0**-50  # of the bracket: how near to where they arrive the sign is looked at


@dataclass(frozen=True, slots=True)
class Parts:
    """The source of every compiled part, and the rows they share."""

    layout: Layout
    opening: list[str]
    once: list[str]
    each: list[str]

    @property
    def texts(self) -> list[str]:
        """All of them, in the order of a run."""
        return [*self.opening, *self.once, *self.each]


def parts(plan: Plan, lanes: int) -> Parts:
    """Write a plan's kernel for ``lanes`` paths at a time.

    Errors: ModelError for an equation outside the language, with file and line.
    """
    start, steps = opened(plan), hoist(plan)
    found = [whole.plan.model.variables[name] for whole in (start, steps) for name in (*whole.once, *whole.each)]
    layout = Layout(steps.plan, [a for v in found for a in v.args])
    still = {name for name, v in plan.model.variables.items() if v.kind == "initial"}
    watch = watched(steps)

    def texts(whole: Hoisted, names: Sequence[str], watch: set[str]) -> list[str]:
        return [_Part(whole, layout, lanes, watch).text(run) for run in _split(whole.plan, names)]

    return Parts(layout, texts(start, start.once, still), texts(steps, steps.once, watch),
                 texts(steps, steps.each, watch))


def _split(plan: Plan, names: Sequence[str]) -> Iterator[list[str]]:
    """Runs of at most ``PART`` equations, ended early where a block ends, so an edit recompiles little."""
    run: list[str] = []
    for name in names:
        block = plan.model.variables[name].block
        if run and (len(run) >= PART or (len(run) >= PART // 2 and plan.model.variables[run[-1]].block != block)):
            yield run
            run = []
        run.append(name)
    if run:
        yield run


@dataclass
class _Part:
    """The text of one compiled function."""

    hoisted: Hoisted
    layout: Layout
    lanes: int
    watch: set[str]
    lines: list[str] = field(default_factory=list[str])
    scope: set[str] = field(default_factory=set[str])
    indent: int = 1

    @property
    def plan(self) -> Plan:
        return self.hoisted.plan

    def text(self, names: list[str]) -> str:
        wide = "_lanes" if self.lanes > 1 else ""
        head = [
            "from numba import cfunc", "",
            "from supercycle.equations.kernels.lanes import SIGNATURE as _SIGNATURE",
            f"from supercycle.equations.kernels.lanes import {', '.join(w for w in WORDS if w != 'where')}",
            f"from supercycle.equations.kernels.lanes import load{wide} as _load, store{wide} as _store",
            f"from supercycle.equations.kernels.lanes import number{wide} as _number, select as _select",
            "from supercycle.equations.kernels.lanes import both as _both, either as _either, negate as _negate",
            "from supercycle.equations.kernels.lanes import any_lane as _any, spoil as _spoil",
            "", "_FAR = float('inf')",
            "", "", "@cfunc(_SIGNATURE, cache=True, error_model='numpy')", "def part(_w, t):"]
        if self.lanes > 1:
            self.put(f"for _k in range(0, {self.lanes}, 8):")
            self.indent += 1
        watching = not self.watch.isdisjoint(names)
        if watching:
            self.put(f"_unfinished = _load(_w, {self.place(UNFINISHED)})")
        for group in self._groups(names):
            self._group(group)
        if watching:
            self.put(f"_store(_w, {self.place(UNFINISHED)}, _unfinished)")
        return "\n".join([*head, *self.lines, "    return 0.0", ""])

    def put(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def place(self, row: int, moves: bool = False) -> str:
        terms = [str(row * self.lanes), *(["_m"] if moves else []), *(["_k"] if self.lanes > 1 else [])]
        return " + ".join(terms)

    def _groups(self, names: list[str]) -> Iterator[list[Variable]]:
        """Neighbours on one axis share a loop over members, unless one reads a named member of another."""
        group: list[Variable] = []
        for name in names:
            v = self.plan.model.variables[name]
            joins = bool(group) and v.axis is not None and group[0].axis is not None
            if joins and v.axis == group[0].axis:
                read_members = {self.plan.references[a].name for a in self._reads(v)
                                if self.plan.references[a].member is not None}
                joins = not read_members & {g.name for g in group}
            else:
                joins = False
            if group and not joins:
                yield group
                group = []
            group.append(v)
        if group:
            yield group

    @staticmethod
    def _reads(v: Variable) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v.args))

    def _group(self, group: list[Variable]) -> None:
        axis = group[0].axis
        arguments = dict.fromkeys(a for v in group if v.kind != "total" for a in self._reads(v))
        for a in arguments:
            self._bind(a, moving=False)
        if axis is None:
            for v in group:
                self._variable(v)
            return
        before = set(self.scope)
        self.put(f"for _m in range(0, {len(axis) * self.lanes}, {self.lanes}):")
        self.indent += 1
        for v in group:
            for a in self._reads(v):
                self._bind(a, moving=True, last=(len(axis) - 1) * self.lanes)
            self._variable(v)
        self.indent -= 1
        self.scope = before

    def _bind(self, a: str, *, moving: bool, last: int = 0) -> None:
        """Give an argument its value, once per scope; those that move with the member inside the loop."""
        if a in self.scope or a == "t":
            return
        kind = self.plan.references[a].kind
        if kind in ("is_first", "is_last", "position"):
            if not moving:
                return
            self.put(f"{a} = _m * {1.0 / self.lanes!r}" if kind == "position" else
                     f"{a} = _select(_m == {0 if kind == 'is_first' else last}, 1.0, 0.0)")
        elif kind == "constant":
            self.put(f"{a} = {float(self.plan.model.constants[a].value)!r}")
        else:
            row, moves = self.layout.row(a)
            if moves != moving:
                return
            self.put(f"{a} = _load(_w, {self.place(row, moves)})")
        self.scope.add(a)

    def _variable(self, v: Variable) -> None:
        row = self.layout.state_rows(v.name)[0]
        if v.kind == "total":
            self._total(v)
        elif v.kind == "solve":
            self._solve(v)
        else:
            body = self.hoisted.bodies[v.name]
            self._locals(body, f"_{v.name}_")
            self.put(f"{v.name} = {self._number(v, body)}")
        self.put(f"_store(_w, {self.place(row, v.axis is not None)}, {v.name})")
        if v.name in self.watch:
            self.put(f"_unfinished = _spoil(_unfinished, {v.name})")
        if v.name in self.plan.model.residuals:
            self._largest(f"maximum({v.name}, -{v.name})")
        self.scope.add(v.name)

    def _largest(self, size: str) -> None:
        here = self.place(RESIDUAL)
        self.put(f"_store(_w, {here}, maximum(_load(_w, {here}), {size}))")

    def _total(self, v: Variable) -> None:
        rows = self.layout.state_rows(v.over)
        self.put(f"{v.name} = _load(_w, {self.place(rows[0])})")
        if len(rows) > 1:
            self.put(f"for _m in range({self.lanes}, {len(rows) * self.lanes}, {self.lanes}):")
            self.put(f"    {v.name} = {v.name} + _load(_w, {self.place(rows[0], moves=True)})")

    def _solve(self, v: Variable) -> None:
        body, own = self.hoisted.bodies[v.name], f"_{v.name}"

        def value(into: str) -> None:
            self._locals(body, f"{own}_")
            self.put(f"{into} = {self._number(v, body)}")

        for end, name in zip(("low", "high"), v.bracket, strict=True):
            self.put(f"{v.name} = {own}_{end} = {name}")
            value(f"{own}_at_{end}")
        self._search(v.name, own, value)
        self.put(f"for _i in range({v.iterations}):")
        self.indent += 1
        self.put(f"{v.name} = 0.5 * ({own}_low + {own}_high)")
        self.put(f"{own}_above = {v.name} >= {own}_over")
        self.put(f"{own}_open = _negate(_either({own}_above, {v.name} <= {own}_under))")
        self.put(f"if _any({own}_open):")
        self.indent += 1
        value(f"{own}_value")
        self.put(f"{own}_found = _both({own}_open, {own}_value > 0.0)")
        self.put(f"{own}_over = _select({own}_found, {v.name}, {own}_over)")
        self.put(f"{own}_under = _select(_both({own}_open, {own}_value <= 0.0), {v.name}, {own}_under)")
        self.put(f"{own}_above = _either({own}_above, {own}_found)")
        self.indent -= 1
        self.put(f"{own}_high = _select({own}_above, {v.name}, {own}_high)")
        self.put(f"{own}_low = _select({own}_above, {own}_low, {v.name})")
        self.indent -= 1
        self.put(f"{v.name} = 0.5 * ({own}_low + {own}_high)")
        value(f"{own}_value")
        size = f"maximum(maximum({own}_at_low, -{own}_at_low), maximum({own}_at_high, -{own}_at_high))"
        self._largest(f"maximum({own}_value, -{own}_value) / maximum({size}, {TINY!r})")

    def _search(self, name: str, own: str, value: Callable[[str], None]) -> None:
        """Bounds ``under`` and ``over`` with the function known not to be above zero at one and above it at the other.

        Regula falsi (Illinois), then a point on either side of where it arrived: the bisection that follows knows the
        sign at every middle outside the bounds without finding the value, as the function increases.
        """
        put = self.put
        for line in ("under = {o}_low", "over = {o}_high", "under_value = {o}_at_low", "over_value = {o}_at_high",
                     "last = _number(0.0)"):
            put(f"{own}_{line}".format(o=own))
        secant = (f"{own}_over - {own}_over_value * ({own}_over - {own}_under)"
                  f" / ({own}_over_value - {own}_under_value)")
        put(f"for _i in range({SEARCH}):")
        self.indent += 1
        put(f"{name} = {secant}")
        value(f"{own}_value")
        put(f"{own}_above = {own}_value > 0.0")
        put(f"{own}_under_value = _select({own}_above, _select({own}_last > 0.0, 0.5 * {own}_under_value, "
            f"{own}_under_value), {own}_value)")
        put(f"{own}_over_value = _select({own}_above, {own}_value, _select({own}_last < 0.0, 0.5 * {own}_over_value, "
            f"{own}_over_value))")
        put(f"{own}_over = _select({own}_above, {name}, {own}_over)")
        put(f"{own}_under = _select({own}_above, {own}_under, {name})")
        put(f"{own}_last = _select({own}_above, 1.0, -1.0)")
        self.indent -= 1
        put(f"{own}_middle = {secant}")
        put(f"{own}_step = {NEAR!r} * ({own}_high - {own}_low)")
        for side in "-+":
            put(f"{name} = {own}_middle {side} {own}_step")
            value(f"{own}_value")
            put(f"{own}_above = {own}_value > 0.0")
            put(f"{own}_over = _select(_both({own}_above, {name} < {own}_over), {name}, {own}_over)")
            put(f"{own}_under = _select(_both({own}_value <= 0.0, {name} > {own}_under), {name}, {own}_under)")
        put(f"{own}_under = _select({own}_at_low <= 0.0, {own}_under, -_FAR)")
        put(f"{own}_over = _select({own}_at_high > 0.0, {own}_over, _FAR)")

    def _locals(self, body: Body, prefix: str) -> None:
        for name, node in body.local:
            self.put(f"{prefix}{name} = {ast.unparse(_Rewrite(body, prefix).visit(node))}")

    def _number(self, v: Variable, body: Body) -> str:
        rewrite = _Rewrite(body, f"_{v.name}_")
        text = ast.unparse(rewrite.visit(body.result))
        constant = all(a == "t" or self.plan.references[a].kind in ("constant", "is_first", "is_last", "position")
                       for a in body.args if a != v.name)
        return f"_number({text})" if constant or is_condition(body.result, rewrite.truths) else text


class _Rewrite(ast.NodeTransformer):
    """An expression as the kernel has it: locals under their own names, conditions made numbers where one is due."""

    def __init__(self, body: Body, prefix: str) -> None:
        self.prefix = prefix
        self.local = {name for name, _ in body.local}
        self.truths: set[str] = set()
        for name, node in body.local:
            if is_condition(node, self.truths):
                self.truths.add(name)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.prefix + node.id) if node.id in self.local else node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        assert isinstance(node.value, (int, float))
        return ast.Constant(float(node.value))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Invert):
            return _call("_negate", operand)
        return operand if isinstance(node.op, ast.UAdd) else ast.UnaryOp(ast.USub(), operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, (ast.BitAnd, ast.BitOr)):
            word = "_both" if isinstance(node.op, ast.BitAnd) else "_either"
            return _call(word, self.visit(node.left), self.visit(node.right))
        return ast.BinOp(self._as_number(node.left), node.op, self._as_number(node.right))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        return ast.Compare(self._as_number(node.left), node.ops, [self._as_number(c) for c in node.comparators])

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)
        if node.func.id == "where":
            condition, x, y = node.args
            return _call("_select", self.visit(condition), self._as_number(x), self._as_number(y))
        return _call(node.func.id, *map(self._as_number, node.args))

    def _as_number(self, node: ast.expr) -> ast.expr:
        shown: ast.expr = self.visit(node)
        return _call("_number", shown) if is_condition(node, self.truths) else shown


def _call(word: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(word), list(args), [])

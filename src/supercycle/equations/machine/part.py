"""One compiled function of a model: some equations in order, on every path of a tile.

``part(w, t)`` works on ``TILE`` paths side by side, ``width`` to an instruction: ``w`` are the rows of the tile (see
``layout.py``), ``t`` is the quarter. Neighbours on one axis share a loop over their members.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from supercycle.equations.grammar import Body
from supercycle.equations.machine.expressions import evaluate
from supercycle.equations.machine.hoist import Hoisted
from supercycle.equations.machine.ir import Function, Module
from supercycle.equations.machine.layout import RESIDUAL, TILE, UNFINISHED, Layout
from supercycle.equations.machine.mathematics import larger
from supercycle.equations.machine.root import root
from supercycle.equations.spec import Variable

__all__ = ["write_part"]

_ON_AXIS = ("is_first", "is_last", "position")


def write_part(module: Module, name: str, hoisted: Hoisted, layout: Layout, watch: set[str],
               variables: list[str]) -> None:
    """Write the function that finds ``variables`` in this order; ``watch`` are those that show a path's end."""
    with module.function(name, ("ptr %w", "double %t")) as f:
        _Part(f, hoisted, layout, watch).write(variables)


@dataclass
class _Part:
    f: Function
    hoisted: Hoisted
    layout: Layout
    watch: set[str]
    scope: dict[str, str] = field(default_factory=dict[str, str])
    lane: str = ""  # the first of the paths in hand
    member: str = ""  # how many doubles the member in hand lies behind the first

    def write(self, variables: list[str]) -> None:
        f = self.f
        t = f.spread("%t")
        with f.loop("0", str(TILE), f.width) as lane:
            self.lane = f.at("%w", lane)
            self.scope = {"t": t}
            watching = not self.watch.isdisjoint(variables)
            unfinished = f.slot(f.load(self.address(UNFINISHED))) if watching else ""
            for group in self.groups(variables):
                self.group(group, unfinished)
            if watching:
                f.store(self.address(UNFINISHED), f.get(unfinished))

    def address(self, row: int, moves: bool = False) -> str:
        base = self.f.at(self.lane, row * TILE)
        return self.f.at(base, self.member) if moves else base

    def groups(self, names: list[str]) -> Iterator[list[Variable]]:
        """Neighbours on one axis share a loop over members, unless one reads a named member of another."""
        group: list[Variable] = []
        references = self.hoisted.plan.references
        for name in names:
            v = self.hoisted.plan.model.variables[name]
            joins = bool(group) and v.axis is not None and v.axis == group[0].axis
            if joins:
                named = {references[a].name for a in v.args if references[a].member is not None}
                joins = not named & {g.name for g in group}
            if group and not joins:
                yield group
                group = []
            group.append(v)
        if group:
            yield group

    def group(self, group: list[Variable], unfinished: str) -> None:
        axis = group[0].axis
        for v in group:
            if v.kind != "total":
                for a in v.args:
                    self.bind(a, moving=False)
        if axis is None:
            for v in group:
                self.variable(v, unfinished)
            return
        before = dict(self.scope)
        with self.f.loop("0", str(len(axis) * TILE), TILE) as member:
            self.member = member
            for v in group:
                for a in v.args:
                    self.bind(a, moving=True, last=(len(axis) - 1) * TILE)
                self.variable(v, unfinished)
        self.scope = before

    def bind(self, a: str, *, moving: bool, last: int = 0) -> None:
        """Give an argument its value, once per scope; those that move with the member inside the loop."""
        if a in self.scope:
            return
        f, kind = self.f, self.hoisted.plan.references[a].kind
        if kind in _ON_AXIS:
            if moving:
                self.scope[a] = self.on_axis(kind, last)
        elif kind == "constant":
            self.scope[a] = f.number(self.hoisted.plan.model.constants[a].value)
        else:
            row, moves = self.layout.row(a)
            if moves == moving:
                self.scope[a] = f.load(self.address(row, moves))

    def on_axis(self, kind: str, last: int) -> str:
        f = self.f
        if kind == "position":
            return f.spread(f.value(f"fmul double {f.value(f'sitofp i64 {self.member} to double')}, {1 / TILE}"))
        here = f.value(f"icmp eq i64 {self.member}, {0 if kind == 'is_first' else last}")
        return f.spread(f.value(f"uitofp i1 {here} to double"))

    def variable(self, v: Variable, unfinished: str) -> None:
        f = self.f
        if v.kind == "total":
            value = self.total(v)
        elif v.kind == "solve":
            value, gap = root(f, v, lambda x: self.number(v, {v.name: x}), [self.scope[end] for end in v.bracket])
            self.largest(gap)
        else:
            value = self.number(v, {})
        f.store(self.address(self.layout.state_rows(v.name)[0], v.axis is not None), value)
        if v.name in self.watch:  # NaN from the first that is not finite: 0 * x + sum
            f.set(unfinished, f.fused(value, f.number(0.0), f.get(unfinished)))
        if v.name in self.hoisted.plan.model.residuals:
            self.largest(larger(f, value, f.fneg(value)))
        self.scope[v.name] = value

    def number(self, v: Variable, own: dict[str, str]) -> str:
        body: Body = self.hoisted.bodies[v.name]
        return evaluate(self.f, body, {**{a: self.scope[a] for a in body.args if a not in own}, **own})

    def largest(self, size: str) -> None:
        here = self.address(RESIDUAL)
        self.f.store(here, larger(self.f, self.f.load(here), size))

    def total(self, v: Variable) -> str:
        f, rows = self.f, self.layout.state_rows(v.over)
        first = self.address(rows[0])
        total = f.slot(f.load(first))
        if len(rows) > 1:
            with f.loop(str(TILE), str(len(rows) * TILE), TILE) as member:
                f.set(total, f.fadd(f.get(total), f.load(f.at(first, member))))
        return f.get(total)



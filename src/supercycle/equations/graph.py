"""From a model to a plan: every argument resolved, an order of evaluation found, within-quarter loops refused.

The plan is what all emitters read: slots for variables, parameters and draws, the opening order and the step order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from supercycle.core.errors import LoopError, ModelError, UnknownNameError
from supercycle.equations.expand import flatten
from supercycle.equations.member import lag_name
from supercycle.equations.resolve import PLACES, Reference, axis_of, resolve
from supercycle.equations.spec import Model
from supercycle.equations.variable import Axis, Variable, member_key

__all__ = ["Plan", "Reference", "plan", "resolve"]

@dataclass(frozen=True)
class Plan:
    """A model ready to be emitted: names resolved, orders fixed, slots numbered.

    ``model`` holds plain variables (``equations.expand``), ``written`` the variables as their authors wrote them, and
    ``parts`` the plain names of each that was taken apart. ``slots`` has both kinds of names.
    """

    model: Model
    references: dict[str, Reference]
    opening_order: tuple[str, ...]
    step_order: tuple[str, ...]
    slots: dict[str, int]
    slot_count: int
    param_slots: dict[str, int]
    draw_slots: dict[str, int]
    draw_count: int
    written: Model = field(default_factory=lambda: Model("none"))
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    @cached_property
    def slot_names(self) -> list[str]:
        """The key of every slot: ``name`` or ``name:Member``."""
        names: list[str] = []
        for variable in self.model.variables.values():
            if variable.part_of:
                names.append(f"{variable.part_of}:{variable.member}")
            elif variable.axis:
                names += [f"{variable.name}:{m}" for m in variable.axis.members]
            else:
                names.append(variable.name)
        return names

    @cached_property
    def opens(self) -> list[bool]:
        """Whether a slot has a value before the first quarter."""
        return [v.opening is not None for v in self.model.variables.values() for _ in range(width(v.axis))]

    def plain(self, name: str) -> tuple[str, ...]:
        """The plain variables a variable is made of: itself, or its parts."""
        return self.parts.get(name, (name,))

    def keys(self, name: str) -> list[str]:
        """The slot keys of one variable."""
        return [self.slot_names[slot] for slot in self.slots_of(name)]

    def slots_of(self, name: str) -> range:
        """The slots of one variable."""
        first = self.slots[name]
        return range(first, first + sum(width(self.model.variables[n].axis) for n in self.plain(name)))

    def slot(self, key: str) -> int:
        """The slot of ``name`` or ``name:Member``; an unknown key is refused with the nearest."""
        try:
            return self._index[key]
        except KeyError:
            raise UnknownNameError("output", key, self.slot_names) from None

    @cached_property
    def _index(self) -> dict[str, int]:
        return {key: i for i, key in enumerate(self.slot_names)}


def width(axis: Axis | None) -> int:
    """How many slots a variable on this axis takes."""
    return len(axis) if axis else 1


def plan(model: Model) -> Plan:
    """Resolve, check and order a model.

    Errors: UnknownNameError (a name nobody declared), ModelError (``x_prev`` without an opening; mixed axes),
    LoopError (a within-quarter loop, with the path of the loop).
    """
    flat = flatten(model)
    model = flat.model
    references: dict[str, Reference] = {}
    step_edges: dict[str, list[str]] = {}
    open_edges: dict[str, list[str]] = {}
    for v in model.variables.values():
        where = f"{v.name} ({v.file}:{v.line})"
        if v.kind != "initial":
            own = {v.name} if v.kind == "solve" else set[str]()
            step_edges[v.name] = []
            for a in v.args:
                if a in own:
                    continue
                r = references.setdefault(a, _plain(model, a, where))
                _check_axis(model, v, r, where)
                if r.kind == "variable" and r.lag and model.variables[r.name].opening is None:
                    raise ModelError(f"{where} reads {a}, but {r.name} has no opening value")
                if r.kind == "variable" and not r.lag and model.variables[r.name].kind != "initial":
                    step_edges[v.name].append(r.name)
        if v.opening is not None:
            open_edges[v.name] = []
            for a in v.opening_args:
                r = references.setdefault(a, _plain(model, a, where))
                _check_axis(model, v, r, where)
                if r.lag or r.kind in ("draw", "t"):
                    raise ModelError(f"the opening of {where} may not read {a}: there is no earlier quarter")
                if r.kind == "variable":
                    if model.variables[r.name].opening is None:
                        raise ModelError(f"the opening of {where} reads {a}, which has no opening value")
                    open_edges[v.name].append(r.name)
    slots: dict[str, int] = {}
    count = 0
    for v in model.variables.values():
        slots[v.name] = count
        count += width(v.axis)
    for name, parts in flat.parts.items():
        slots[name] = slots[parts[0]]
    for v in flat.written.variables.values():
        for a in () if model.variables.get(v.name) is v else (*v.args, *v.opening_args):
            references.setdefault(a, resolve(flat.written, a, v.name))
    draws: dict[str, int] = {}
    draw_count = 0
    for d in model.draws.values():
        draws[d.name] = draw_count
        draw_count += width(d.axis)
    return Plan(
        model=model, references=references, opening_order=_order(open_edges, "opening"),
        step_order=_order(step_edges, "quarter"), slots=slots, slot_count=count,
        param_slots={name: i for i, name in enumerate(model.registry)}, draw_slots=draws, draw_count=draw_count,
        written=flat.written, parts=flat.parts)


def _plain(model: Model, argument: str, where: str) -> Reference:
    """A reference in a model of plain variables: a long lag reads the end of its chain."""
    r = resolve(model, argument, where)
    return replace(r, name=lag_name(r), ago=1) if r.ago > 1 else r


def _check_axis(model: Model, v: Variable, r: Reference, where: str) -> None:
    if r.kind in PLACES:
        if v.axis is None:
            raise ModelError(f"{where} has no axis, so it cannot read {r.name}")
        return
    axis = axis_of(model, r)
    if axis is None or r.member is not None or v.kind == "total":
        return
    if v.axis is None or v.axis.name != axis.name:
        mine = v.axis.name if v.axis else "no axis"
        raise ModelError(f"{where} ({mine}) reads {r.name} on axis {axis.name}: add it up with total({r.name}), or "
                         f"name a member as {r.name}__{member_key(axis.members[0])}")


def _order(edges: dict[str, list[str]], phase: str) -> tuple[str, ...]:
    """Depth-first order that keeps the declaration order where it is free; a loop is refused with its path."""
    done: dict[str, int] = {}
    order: list[str] = []

    def visit(name: str, path: tuple[str, ...]) -> None:
        state = done.get(name, 0)
        if state == 2:
            return
        if state == 1:
            loop = " -> ".join((*path[path.index(name):], name))
            raise LoopError(f"within-{phase} loop: {loop}. Break it with a _prev, a closed form, or a declared solve")
        done[name] = 1
        for other in edges[name]:
            visit(other, (*path, name))
        done[name] = 2
        order.append(name)

    for name in edges:
        visit(name, ())
    return tuple(order)

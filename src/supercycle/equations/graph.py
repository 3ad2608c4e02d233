"""From a model to a plan: every argument resolved, an order of evaluation found, within-quarter loops refused.

The plan is what all emitters read: slots for variables, parameters and draws, the opening order and the step order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from supercycle.core.errors import LoopError, ModelError, UnknownNameError
from supercycle.equations.spec import Axis, Model, Variable, member_key

__all__ = ["Plan", "Reference", "plan", "resolve"]

SPECIAL = ("t", "is_first", "is_last", "position")


@dataclass(frozen=True, slots=True)
class Reference:
    """What an argument name means: kind is variable, param, family, constant, draw or one of ``SPECIAL``."""

    kind: str
    name: str
    lag: bool = False
    left: bool = False
    member: int | None = None


def resolve(model: Model, argument: str, where: str) -> Reference:
    """Find what an argument reads; an unknown name is refused with the nearest known one."""
    if argument in SPECIAL:
        return Reference(argument, argument)
    found = _exact(model, argument)
    if found:
        return Reference(found, argument)
    base, lag, left = argument, False, False
    if base.endswith("_prev"):
        base, lag = base.removesuffix("_prev"), True
    if base not in model.variables and base.endswith("_left"):
        base, left = base.removesuffix("_left"), True
    kind = _exact(model, base)
    if kind and (kind == "variable" or not (lag or left)):
        return Reference(kind, base, lag, left)
    if "__" in base and not left:
        stem, _, member = base.rpartition("__")
        kind = _exact(model, stem)
        axis = _axis(model, stem, kind)
        if axis is not None and kind in ("variable", "family", "draw"):
            return Reference(kind, stem, lag, False, axis.index(member))
    known = [*model.variables, *model.registry, *model.constants, *model.draws, *model.families]
    raise UnknownNameError(f"name in {where}", argument, known)


def _exact(model: Model, name: str) -> str:
    for kind, table in (("variable", model.variables), ("family", model.families), ("param", model.registry),
                        ("constant", model.constants), ("draw", model.draws)):
        if name in table:
            return kind
    return ""


def _axis(model: Model, name: str, kind: str) -> Axis | None:
    if kind == "variable":
        return model.variables[name].axis
    if kind == "family":
        return model.families[name]
    if kind == "draw":
        return model.draws[name].axis
    return None


@dataclass(frozen=True)
class Plan:
    """A model ready to be emitted: names resolved, orders fixed, slots numbered."""

    model: Model
    references: dict[str, Reference]
    opening_order: tuple[str, ...]
    step_order: tuple[str, ...]
    slots: dict[str, int]
    slot_count: int
    param_slots: dict[str, int]
    draw_slots: dict[str, int]
    draw_count: int

    @cached_property
    def slot_names(self) -> list[str]:
        """The key of every slot: ``name`` or ``name:Member``."""
        names: list[str] = []
        for variable in self.model.variables.values():
            members = variable.axis.members if variable.axis else (None,)
            names += [variable.name if m is None else f"{variable.name}:{m}" for m in members]
        return names

    def keys(self, name: str) -> list[str]:
        """The slot keys of one variable."""
        variable = self.model.variables[name]
        return self.slot_names[self.slots[name]: self.slots[name] + width(variable.axis)]

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
                r = references.setdefault(a, resolve(model, a, where))
                _check_axis(model, v, r, where)
                if r.kind == "variable" and r.lag and model.variables[r.name].opening is None:
                    raise ModelError(f"{where} reads {a}, but {r.name} has no opening value")
                if r.kind == "variable" and not r.lag and model.variables[r.name].kind != "initial":
                    step_edges[v.name].append(r.name)
        if v.opening is not None:
            open_edges[v.name] = []
            for a in v.opening_args:
                r = references.setdefault(a, resolve(model, a, where))
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
    draws: dict[str, int] = {}
    draw_count = 0
    for d in model.draws.values():
        draws[d.name] = draw_count
        draw_count += width(d.axis)
    return Plan(
        model=model, references=references, opening_order=_order(open_edges, "opening"),
        step_order=_order(step_edges, "quarter"), slots=slots, slot_count=count,
        param_slots={name: i for i, name in enumerate(model.registry)}, draw_slots=draws, draw_count=draw_count)


def _check_axis(model: Model, v: Variable, r: Reference, where: str) -> None:
    if r.kind in ("is_first", "is_last", "position"):
        if v.axis is None:
            raise ModelError(f"{where} has no axis, so it cannot read {r.name}")
        return
    axis = _axis(model, r.name, r.kind)
    if axis is None or r.member is not None or v.kind == "total":
        return
    if v.axis is None or v.axis.name != axis.name:
        mine = v.axis.name if v.axis else "no axis"
        raise ModelError(f"{where} ({mine}) reads {r.name} on axis {axis.name}: declare a total, or name a member "
                         f"as {r.name}__{member_key(axis.members[0])}")


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

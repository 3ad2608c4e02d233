"""What an argument of an equation reads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from supercycle.core.errors import UnknownNameError
from supercycle.equations.spec import Model
from supercycle.equations.variable import Axis, member_key

__all__ = ["PLACES", "SPECIAL", "Reference", "axis_of", "resolve"]

PLACES = ("is_first", "is_last", "position")
SPECIAL = ("t", *PLACES)
_LAG = re.compile(r"(.+)_prev(\d*)")


@dataclass(frozen=True, slots=True)
class Reference:
    """What an argument name means: kind is variable, param, family, constant, draw or one of ``SPECIAL``.

    ``member`` is a named member; of a name with two axes, ``fixed`` holds the one axis that is named.
    """

    kind: str
    name: str
    lag: bool = False
    left: bool = False
    member: int | None = None
    ago: int = 0  # quarters, where lag
    fixed: tuple[tuple[str, int], ...] = ()


def resolve(model: Model, argument: str, where: str) -> Reference:
    """Find what an argument reads; an unknown name is refused with the nearest known one."""
    if argument in SPECIAL:
        return Reference(argument, argument)
    found = _exact(model, argument)
    if found:
        return Reference(found, argument)
    base, ago, left = argument, 0, False
    lagged = _LAG.fullmatch(base)
    if lagged and lagged[2] != "0":
        base, ago = lagged[1], int(lagged[2] or 1)
    if base not in model.variables and base.endswith("_left"):
        base, left = base.removesuffix("_left"), True
    kind = _exact(model, base)
    if kind and (kind == "variable" or not (ago or left)):
        return Reference(kind, base, ago > 0, left, ago=ago)
    if "__" in base and not left:
        member = _member(model, base)
        if member is not None and (member.kind == "variable" or not ago):
            return Reference(member.kind, member.name, ago > 0, False, member.member, ago, member.fixed)
    known = [*model.variables, *model.registry, *model.constants, *model.draws, *model.families]
    raise UnknownNameError(f"name in {where}", argument, known)


def _member(model: Model, base: str) -> Reference | None:
    """``stem__member``, ``stem__first__second``, or one of the two axes of a product."""
    pieces = base.split("__")
    for cut in range(len(pieces) - 1, 0, -1):
        stem, key = "__".join(pieces[:cut]), "_".join(pieces[cut:])
        kind = _exact(model, stem)
        axis = _axis(model, stem, kind)
        if axis is None or kind not in ("variable", "family", "draw"):
            continue
        for part in axis.parts:
            keys = [member_key(m) for m in part.members]
            if key in keys:
                return Reference(kind, stem, fixed=((part.name, keys.index(key)),))
        return Reference(kind, stem, member=axis.index(key))
    return None


def axis_of(model: Model, r: Reference) -> Axis | None:
    """The axis of what a reference reads."""
    return _axis(model, r.name, r.kind)


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

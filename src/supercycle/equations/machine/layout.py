"""Which row of a path's memory holds what (see ``machine/driver.py`` for what the rows are)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from supercycle.equations.graph import Plan, width

__all__ = ["RESIDUAL", "TILE", "UNFINISHED", "Layout"]

TILE = 32  # paths side by side in a row
RESIDUAL, UNFINISHED = 0, 1
SPARE, STEP = 2, 4  # rows left free at the end of a block, and what its rows are a multiple of

_Key = TypeVar("_Key")
_Item = tuple[str, str, int, bool]


class Layout:
    """Rows of the state, of last quarter's values, of parameters and of draws.

    rows: those of the slots, in order; carried: (first row, row it is copied to, how many) before a quarter;
    param_pairs and draw_pairs: (index, row). Only what equations read takes a row; members are neighbours, with a zero
    row before the first where an equation reads leftwards. What is read as last quarter's value stands together and
    in the same order as its copy, which is then one move. Each block's rows end with room to spare, so that a variable
    more moves no row of another block, and the code of other blocks stays as it is.
    """

    def __init__(self, plan: Plan, arguments: Iterable[str]) -> None:
        """Lay out a plan whose equations read ``arguments``, once or in every quarter."""
        self.plan = plan
        self.count = UNFINISHED + 1
        model = plan.model
        read_now = [plan.references[a] for a in dict.fromkeys(arguments)]
        lefts = {r.name for r in read_now if r.left}

        def room(name: str) -> _Item:
            v = model.variables[name]
            return name, v.block, width(v.axis), name in lefts

        lagged = list(dict.fromkeys(r.name for r in read_now if r.kind == "variable" and r.lag))
        first = self.count
        self._state = self._placed(map(room, lagged))
        second = self.count
        self._lag = {name: row - first + second for name, row in self._state.items()}
        self.carried = (first, second, second - first)
        self.count += second - first
        self._state |= self._placed(room(name) for name in model.variables if name not in self._state)
        self.rows = [row for name in model.variables for row in self.state_rows(name)]
        inputs = dict.fromkeys((r.kind, r.name) for r in read_now if r.kind in ("param", "family", "draw"))
        self._inputs = self._placed((key, self._block(key), len(self._slots(key)), False) for key in inputs)
        pairs: dict[str, list[tuple[int, int]]] = {kind: [] for kind in ("param", "family", "draw")}
        for key, row in self._inputs.items():
            pairs[key[0]] += [(slot, row + i) for i, slot in enumerate(self._slots(key))]
        self.param_pairs, self.draw_pairs = [*pairs["param"], *pairs["family"]], pairs["draw"]

    def _placed(self, items: Iterable[tuple[_Key, str, int, bool]]) -> dict[_Key, int]:
        """The first row of each item (key, block, rows, whether a zero row stands before it), block by block."""
        blocks: dict[str, list[tuple[_Key, int, bool]]] = {}
        for key, block, size, zero_before in items:
            blocks.setdefault(block, []).append((key, size, zero_before))
        placed: dict[_Key, int] = {}
        for content in blocks.values():
            row = self.count
            for key, size, zero_before in content:
                placed[key] = row + zero_before
                row += zero_before + size
            self.count += -(-(row - self.count + SPARE) // STEP) * STEP
        return placed

    def _slots(self, key: tuple[str, str]) -> list[int]:
        """The parameter or draw slots of an input."""
        plan, (kind, name) = self.plan, key
        if kind == "draw":
            first = plan.draw_slots[name]
            return list(range(first, first + width(plan.model.draws[name].axis)))
        if kind == "family":
            return [plan.param_slots[f"{name}:{m}"] for m in plan.model.families[name].members]
        return [plan.param_slots[name]]

    def _block(self, key: tuple[str, str]) -> str:
        """The block that declares an input; draws stand together."""
        kind, name = key
        if kind == "draw":
            return ""
        registry = self.plan.model.registry
        return registry[f"{name}:{self.plan.model.families[name].members[0]}" if kind == "family" else name].block

    def state_rows(self, name: str) -> range:
        """The rows of a variable's members."""
        start = self._state[name]
        return range(start, start + width(self.plan.model.variables[name].axis))

    def row(self, argument: str) -> tuple[int, bool]:
        """The row an argument reads, and whether it moves with the member."""
        r = self.plan.references[argument]
        model = self.plan.model
        if r.kind == "variable":
            start, axis = (self._lag if r.lag else self._state)[r.name], model.variables[r.name].axis
        else:
            start = self._inputs[r.kind, r.name]
            axis = (model.families[r.name] if r.kind == "family"
                    else model.draws[r.name].axis if r.kind == "draw" else None)
        if axis is None or r.member is not None:
            return start + (r.member or 0), False
        return start - r.left, True

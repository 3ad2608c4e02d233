"""Which row of a path's memory holds what (see ``machine/driver.py`` for what the rows are)."""

from __future__ import annotations

from collections.abc import Iterable

from supercycle.equations.graph import Plan, Reference, width

__all__ = ["RESIDUAL", "TILE", "UNFINISHED", "Layout"]

TILE = 32  # paths side by side in a row
RESIDUAL, UNFINISHED = 0, 1


class Layout:
    """Rows of the state, of last quarter's values, of parameters and of draws.

    rows: those of the slots, in order; carried: (first row, row it is copied to, how many) before a quarter;
    param_pairs and draw_pairs: (index, row). Only what equations read takes a row; members are neighbours, with a zero
    row before the first where an equation reads leftwards. What is read as last quarter's value stands together and
    in the same order as its copy, which is then one move.
    """

    def __init__(self, plan: Plan, arguments: Iterable[str]) -> None:
        """Lay out a plan whose equations read ``arguments``, once or in every quarter."""
        self.plan = plan
        self.count = UNFINISHED + 1
        self.param_pairs: list[tuple[int, int]] = []
        self.draw_pairs: list[tuple[int, int]] = []
        self._state: dict[str, int] = {}
        self._lag: dict[str, int] = {}
        self._inputs: dict[tuple[str, str], int] = {}
        model = plan.model
        read_now = [plan.references[a] for a in dict.fromkeys(arguments)]
        lefts = {r.name for r in read_now if r.left}
        lagged = list(dict.fromkeys(r.name for r in read_now if r.kind == "variable" and r.lag))
        first = self.count
        for name in lagged:
            self._state[name] = self._take(width(model.variables[name].axis), name in lefts)
        second = self.count
        for name in lagged:
            self._lag[name] = self._take(width(model.variables[name].axis), name in lefts)
        self.carried = (first, second, second - first)
        for name, v in model.variables.items():
            if name not in self._state:
                self._state[name] = self._take(width(v.axis), name in lefts)
        self.rows = [row for name in model.variables for row in self.state_rows(name)]
        for r in read_now:
            if r.kind in ("param", "family", "draw") and (r.kind, r.name) not in self._inputs:
                self._input(r)

    def _take(self, size: int, zero_before: bool) -> int:
        start = self.count + zero_before
        self.count = start + size
        return start

    def _input(self, r: Reference) -> None:
        plan = self.plan
        if r.kind == "draw":
            first = plan.draw_slots[r.name]
            places = list(range(first, first + width(plan.model.draws[r.name].axis)))
        elif r.kind == "family":
            places = [plan.param_slots[f"{r.name}:{m}"] for m in plan.model.families[r.name].members]
        else:
            places = [plan.param_slots[r.name]]
        row = self._inputs[r.kind, r.name] = self._take(len(places), False)
        pairs = self.draw_pairs if r.kind == "draw" else self.param_pairs
        pairs += [(place, row + i) for i, place in enumerate(places)]

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

"""Which row of a path's memory holds what (see ``kernel_driver`` for what the rows are)."""

from __future__ import annotations

from supercycle.equations.graph import Plan, width

__all__ = ["Layout"]


class Layout:
    """Rows of the state, of last quarter's values, of parameters and of draws; row 0 is the residual.

    slot_rows: the row of each slot; lags: (row, row it is copied to before a quarter); param_pairs and draw_pairs:
    (index, row). Only what equations read takes a row; members are neighbours, with a zero row before the first
    where an equation reads leftwards.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.count = 1
        self.slot_rows: list[int] = []
        self.lags: list[tuple[int, int]] = []
        self.param_pairs: list[tuple[int, int]] = []
        self.draw_pairs: list[tuple[int, int]] = []
        self._state: dict[str, int] = {}
        self._lag: dict[str, int] = {}
        self._inputs: dict[tuple[str, str], int] = {}
        model = plan.model
        step = {a for name in plan.step_order for a in model.variables[name].args}
        read_now = [plan.references[a] for a in plan.references if a in step]
        lefts = {(r.name, r.lag) for r in read_now if r.left}
        for v in model.variables.values():
            self._state[v.name] = self._take(width(v.axis), (v.name, False) in lefts)
            self.slot_rows += self.state_rows(v.name)
        for name in dict.fromkeys(r.name for r in read_now if r.kind == "variable" and r.lag):
            size = width(model.variables[name].axis)
            self._lag[name] = self._take(size, (name, True) in lefts)
            self.lags += [(self._state[name] + i, self._lag[name] + i) for i in range(size)]
        for r in read_now:
            if r.kind in ("param", "family", "draw") and (r.kind, r.name) not in self._inputs:
                self._input(r.kind, r.name)

    def _take(self, size: int, zero_before: bool) -> int:
        start = self.count + zero_before
        self.count = start + size
        return start

    def _input(self, kind: str, name: str) -> None:
        plan = self.plan
        if kind == "draw":
            first = plan.draw_slots[name]
            places = list(range(first, first + width(plan.model.draws[name].axis)))
        elif kind == "family":
            places = [plan.param_slots[f"{name}:{m}"] for m in plan.model.families[name].members]
        else:
            places = [plan.param_slots[name]]
        row = self._inputs[kind, name] = self._take(len(places), False)
        pairs = self.draw_pairs if kind == "draw" else self.param_pairs
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

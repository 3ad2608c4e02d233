"""The NumPy reference: the equations called as they stand, on arrays with the path last.

Every other kernel must equal this one to 1e-11. It is also the fast answer while a compiled kernel is being made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.equations.graph import Plan, width
from supercycle.equations.resolve import Reference
from supercycle.equations.spec import Axis, Variable

__all__ = ["opening", "params_of", "rests_on", "simulate"]

Floats = NDArray[np.float64]

TINY = 1e-300  # in place of a zero divisor where the numerator is zero too


def simulate(plan: Plan, params: Floats, draws: Floats, record: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Run the model.

    params: [parameter, path]; draws: [draw, quarter, path]; record: the slots to keep.
    Returns ``out`` [recorded slot, quarter, path], with the opening as quarter 0, and ``residual`` [path], the largest
    relative residual of books and solves over all quarters (NaN where a path's state is not finite).
    """
    quarters, paths = draws.shape[1], params.shape[1]
    out = np.empty((len(record), quarters + 1, paths))
    with np.errstate(all="ignore"):
        state = opening(plan, params)
        out[:, 0] = state[record]
        residual = np.zeros(paths)
        checked = [s for name in plan.model.residuals for s in _slots(plan, name)]
        for t in range(1, quarters + 1):
            state = _step(plan, state, params, draws[:, t - 1], t, residual)
            out[:, t] = state[record]
            if checked:
                residual = np.maximum(residual, np.abs(state[checked]).max(axis=0))
            residual = np.where(np.isfinite(state).all(axis=0), residual, np.nan)
    return out, residual


def opening(plan: Plan, params: Floats, only: frozenset[str] | None = None) -> Floats:
    """The opening state [slot, path]; variables without an opening are zero, and so are those not among ``only``.

    ``only`` must hold everything its variables rest on: see ``rests_on``.
    """
    state = np.zeros((plan.slot_count, params.shape[1]))
    for name in plan.opening_order:
        v = plan.model.variables[name]
        if only is not None and name not in only:
            continue
        if v.kind == "total":
            whole = _read(plan, Reference("variable", v.over), state, state, params, None, 0, None)
            state[plan.slots[name]] = whole.sum(0)
            continue
        assert v.opening is not None
        values = [_read(plan, plan.references[a], state, state, params, None, 0, v.axis) for a in v.opening_args]
        _store(plan, v, state, v.opening(*values))
    return state


def rests_on(plan: Plan, wanted: Iterable[str]) -> frozenset[str]:
    """The variables whose openings decide those of ``wanted``, themselves included."""
    found, waiting = set[str](), {n for name in wanted for n in plan.plain(name)}
    while waiting:
        name = waiting.pop()
        found.add(name)
        v = plan.model.variables[name]
        names = {v.over} if v.kind == "total" else {
            r.name for a in v.opening_args if (r := plan.references[a]).kind == "variable"}
        waiting |= names - found
    return frozenset(found)


def params_of(plan: Plan, variables: Iterable[str]) -> frozenset[str]:
    """The parameters that the openings of ``variables`` read themselves; of a family all members."""
    found = set[str]()
    for name in variables:
        for r in (plan.references[a] for a in plan.model.variables[name].opening_args):
            if r.kind == "param":
                found.add(r.name)
            elif r.kind == "family":
                found |= {f"{r.name}:{member}" for member in plan.model.families[r.name].members}
    return frozenset(found)


def _step(plan: Plan, prev: Floats, params: Floats, draws: Floats, t: int, residual: Floats) -> Floats:
    state = prev.copy()
    for name in plan.step_order:
        v = plan.model.variables[name]
        if v.kind == "total":
            whole = _read(plan, Reference("variable", v.over), state, prev, params, draws, t, None)
            state[plan.slots[name]] = whole.sum(0)
            continue
        if v.kind == "solve":
            root, gap = _bisect(plan, v, state, prev, params, draws, t)
            _store(plan, v, state, root)
            np.maximum(residual, gap, out=residual)
            continue
        values = [_read(plan, plan.references[a], state, prev, params, draws, t, v.axis) for a in v.args]
        _store(plan, v, state, v.function(*values))
    return state


def _bisect(plan: Plan, v: Variable, state: Floats, prev: Floats, params: Floats, draws: Floats,
            t: int) -> tuple[Floats, Floats]:
    """The root, and per path the function's value there relative to its larger value at the ends of the bracket."""
    values = [_read(plan, plan.references[a], state, prev, params, draws, t, v.axis) for a in v.args]
    others, low, high = values[:-2], values[-2], values[-1]
    shape = (width(v.axis), params.shape[1]) if v.axis else (params.shape[1],)
    low, high = np.broadcast_to(low, shape).copy(), np.broadcast_to(high, shape).copy()
    size = np.maximum(np.abs(v.function(low, *others)), np.abs(v.function(high, *others)))
    for _ in range(v.iterations):
        middle = 0.5 * (low + high)
        above = v.function(middle, *others) > 0.0
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    root = 0.5 * (low + high)
    gap = np.abs(v.function(root, *others)) / np.maximum(size, TINY)
    return root, gap.max(axis=0) if v.axis else gap


def _store(plan: Plan, v: Variable, state: Floats, value: Any) -> None:
    start = plan.slots[v.name]
    if v.axis is None:
        state[start] = value
    else:
        state[start: start + len(v.axis)] = value


def _slots(plan: Plan, name: str) -> range:
    return range(plan.slots[name], plan.slots[name] + width(plan.model.variables[name].axis))


def _read(plan: Plan, r: Reference, state: Floats, prev: Floats, params: Floats, draws: Floats | None, t: int,
          axis: Axis | None) -> Any:
    if r.kind == "variable":
        source = prev if r.lag else state
        own, start = plan.model.variables[r.name].axis, plan.slots[r.name]
        if own is None:
            return source[start]
        if r.member is not None:
            return source[start + r.member]
        values = source[start: start + len(own)]
        if r.left:
            values = np.concatenate([np.zeros_like(values[:1]), values[:-1]])
        return values
    if r.kind == "param":
        return params[plan.param_slots[r.name]]
    if r.kind == "family":
        members = plan.model.families[r.name].members
        if r.member is not None:
            return params[plan.param_slots[f"{r.name}:{members[r.member]}"]]
        return params[[plan.param_slots[f"{r.name}:{m}"] for m in members]]
    if r.kind == "constant":
        return np.full(1, plan.model.constants[r.name].value)  # an array, so that ~ of a comparison is logical
    if r.kind == "draw":
        assert draws is not None
        start, own = plan.draw_slots[r.name], plan.model.draws[r.name].axis
        if own is None:
            return draws[start]
        return draws[start + r.member] if r.member is not None else draws[start: start + len(own)]
    if r.kind == "t":
        return np.full(1, float(t))
    assert axis is not None
    place = np.arange(len(axis), dtype=float)[:, None]
    if r.kind == "is_first":
        return (place == 0).astype(float)
    return (place == len(axis) - 1).astype(float) if r.kind == "is_last" else place

"""The loop over paths and quarters that calls a model's compiled blocks; the same for every model and both kernels.

``drive`` is compiled from this text, once per machine, by ``kernel_cache``; as plain Python it cannot run, since
``call`` exists only in compiled code. A path (or a tile of paths) lives in *rows* of ``lanes`` doubles each:

    row 0          the largest relative residual so far
    state rows     every slot of the model; a zero row before an axis that is read leftwards
    lag rows       last quarter's value of what is read as ``x_prev``
    input rows     parameters, then the quarter's draws

Remainder paths run in a tile padded with copies of the last path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the compiled copy imports it from kernel_lanes; this one must not bring numba in

    def call(address: int, rows: int, t: float) -> float:
        """Call the compiled block at an address."""
        ...

__all__ = ["drive"]


def drive(blocks: Any, lanes: int, rows: int, state_rows: Any, lags: Any, param_rows: Any, draw_rows: Any, checked: Any,
          record: Any, start: Any, params: Any, draws: Any, out: Any, residual: Any) -> None:
    """Fill ``out`` [recorded, quarter, path] and ``residual`` [path].

    blocks: addresses; state_rows [slot]; lags [pair, (from, to)]; param_rows, draw_rows [pair, (index, row)];
    checked: rows that must be zero; record: rows to keep; start [slot, path], params, draws: as in ``emit_numpy``.
    """
    quarters, paths = draws.shape[1], params.shape[1]
    room = np.zeros(rows * lanes + 8)
    room = room[(8 - room.ctypes.data // 8 % 8) % 8:]  # vectors start where a cache line does
    unfinished = np.zeros(lanes)
    for first in range(0, paths, lanes):
        last = min(lanes, paths - first) - 1
        for lane in range(lanes):
            room[lane] = 0.0
            unfinished[lane] = 0.0
        for slot in range(len(state_rows)):
            for lane in range(lanes):
                room[state_rows[slot] * lanes + lane] = start[slot, first + min(lane, last)]
        for i in range(len(param_rows)):
            for lane in range(lanes):
                room[param_rows[i, 1] * lanes + lane] = params[param_rows[i, 0], first + min(lane, last)]
        for i in range(len(record)):
            for lane in range(last + 1):
                out[i, 0, first + lane] = room[record[i] * lanes + lane]
        for quarter in range(quarters):
            for i in range(len(lags)):
                source, target = lags[i, 0] * lanes, lags[i, 1] * lanes
                for lane in range(lanes):
                    room[target + lane] = room[source + lane]
            for i in range(len(draw_rows)):
                for lane in range(lanes):
                    room[draw_rows[i, 1] * lanes + lane] = draws[draw_rows[i, 0], quarter, first + min(lane, last)]
            for block in range(len(blocks)):
                call(blocks[block], room.ctypes.data, quarter + 1.0)
            for i in range(len(checked)):
                for lane in range(lanes):
                    size = abs(room[checked[i] * lanes + lane])
                    if size > room[lane] or np.isnan(size):
                        room[lane] = size
            for slot in range(len(state_rows)):
                for lane in range(lanes):  # 0 * x is 0 for every finite x, and NaN for the rest
                    unfinished[lane] += 0.0 * room[state_rows[slot] * lanes + lane]
            for i in range(len(record)):
                for lane in range(last + 1):
                    out[i, quarter + 1, first + lane] = room[record[i] * lanes + lane]
        for lane in range(last + 1):
            residual[first + lane] = room[lane] + unfinished[lane]

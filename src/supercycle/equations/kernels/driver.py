"""The loop over paths and quarters that calls a model's compiled blocks; the same for every model and both kernels.

``drive`` is compiled from this text, once per machine, by ``kernels/cache.py``; as plain Python it cannot run, since
``call`` and ``move`` exist only in compiled code. A path (or a tile of paths) lives in *rows* of ``lanes`` doubles:

    row 0          the largest relative residual so far
    row 1          zero while every state is finite, NaN from the first that is not
    state rows     every slot of the model; a zero row before an axis that is read leftwards
    lag rows       last quarter's value of what is read as ``x_prev``
    input rows     parameters, then the quarter's draws

Remainder paths run in a tile padded with copies of the last path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # the compiled copy imports them from lanes; this one must not bring numba in

    def call(address: int, rows: int, t: float) -> float:
        """Call the compiled block at an address."""
        ...

    def move(target: int, source: int, count: int) -> None:
        """Copy doubles from one address to another."""
        ...

__all__ = ["drive"]


def drive(opening: Any, once: Any, blocks: Any, lanes: int, rows: int, carried: Any, param_rows: Any, draw_rows: Any,
          record: Any, opens: Any, params: Any, draws: Any, out: Any, residual: Any) -> None:
    """Fill ``out`` [recorded, quarter, path] and ``residual`` [path].

    opening, once, blocks: addresses of what gives the opening, of what is called once after it, and of a quarter's
    parts; carried: (from, to, how many rows); param_rows, draw_rows [pair, (index, row)]; record: rows to keep;
    opens: whether such a row has an opening; params, draws: as in ``emit_numpy``.
    """
    quarters, paths = draws.shape[1], params.shape[1]
    memory = np.zeros(rows * lanes + 8)
    room = memory[(8 - memory.ctypes.data // 8 % 8) % 8:]  # vectors start where a cache line does
    here = room.ctypes.data
    out[:, 0] = 0.0
    for first in range(0, paths, lanes):
        real = min(lanes, paths - first)
        room[:2 * lanes] = 0.0
        for i in range(len(param_rows)):
            row = here + 8 * lanes * param_rows[i, 1]
            move(row, params.ctypes.data + 8 * (param_rows[i, 0] * paths + first), real)
            for lane in range(real, lanes):
                move(row + 8 * lane, row + 8 * (real - 1), 1)
        for block in range(len(opening)):
            call(opening[block], here, 0.0)
        for i in range(len(record)):
            if opens[i]:
                move(out.ctypes.data + 8 * (i * (quarters + 1) * paths + first), here + 8 * lanes * record[i], real)
        for block in range(len(once)):
            call(once[block], here, 0.0)
        for quarter in range(quarters):
            move(here + 8 * lanes * carried[1], here + 8 * lanes * carried[0], lanes * carried[2])
            for i in range(len(draw_rows)):
                row = here + 8 * lanes * draw_rows[i, 1]
                move(row, draws.ctypes.data + 8 * ((draw_rows[i, 0] * quarters + quarter) * paths + first), real)
                for lane in range(real, lanes):
                    move(row + 8 * lane, row + 8 * (real - 1), 1)
            for block in range(len(blocks)):
                call(blocks[block], here, quarter + 1.0)
            for i in range(len(record)):
                move(out.ctypes.data + 8 * ((i * (quarters + 1) + quarter + 1) * paths + first),
                     here + 8 * lanes * record[i], real)
        for lane in range(real):
            residual[first + lane] = room[lane] + room[lanes + lane] if quarters else 0.0

"""A run of more paths than fit in memory: piece by piece into sketches, each piece forgotten when it is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.kernels import Progress
from supercycle.engine.simulation import Simulation
from supercycle.engine.sketch import Sketch

__all__ = ["PIECE", "SKETCHED_FROM", "Streamed", "stream"]

Floats = NDArray[np.float64]

SKETCHED_FROM = 100_000  # paths from which quantiles may come from sketches; below, passes are repeated
PIECE = 8192  # paths in hand at once, by each thread


@dataclass(frozen=True)
class Streamed:
    """Sketches by output, the largest residual and the status of each path, and derived outputs [entity, path]."""

    sketches: dict[str, Sketch]
    residual: Floats
    status: NDArray[np.uint8]
    derived: dict[str, Floats]


def stream(
    simulation: Simulation,
    slots: Mapping[str, int],
    sketched: Sequence[str],
    status_of: Callable[[Simulation, Floats, Mapping[str, Floats]], NDArray[np.uint8]],
    derive: Callable[[Simulation, Mapping[str, Floats]], dict[str, Floats]],
    progress: Progress | None = None,
) -> Streamed:
    """Run every path once.

    ``slots`` are those recorded, by output; ``sketched`` the outputs whose paths are counted. ``status_of`` gives the
    status of a piece's paths from its residuals and values, ``derive`` its derived outputs. Whatever the number of
    threads, pieces are counted in order.
    """
    quarters, count = simulation.quarters, simulation.count
    sketches = {key: Sketch(quarters) for key in sketched}
    residual, status = np.empty(count), np.empty(count, dtype=np.uint8)
    derived: dict[str, Floats] = {}
    refused = simulation.refused

    def work(start: int) -> tuple[int, dict[str, Sketch], dict[str, Floats]]:
        here = slice(start, min(start + PIECE, count))
        piece = replace(simulation, first=simulation.first + start, count=here.stop - start, threads=1)
        piece.__dict__["refused"] = refused[here]  # found already, for all paths together
        out = np.empty((len(slots), quarters, piece.count))
        piece.record(list(slots.values()), out, residual[here])
        values = dict(zip(slots, out, strict=True))
        status[here] = status_of(piece, residual[here], values)
        ok = status[here] == 0
        made: dict[str, Sketch] = {}
        for key in sketched:
            made[key] = Sketch(quarters)
            made[key].add(values[key] if ok.all() else values[key][:, ok])
        return here.stop, made, derive(piece, values)

    starts = range(0, count, PIECE)
    if progress is not None:
        progress("simulate", 0, count)
    with ThreadPoolExecutor(max_workers=simulation.worker_count) as pool:
        try:
            for start, (done, made, outputs) in zip(starts, pool.map(work, starts), strict=True):
                for key, sketch in made.items():
                    sketches[key].merge(sketch)
                for name, rows in outputs.items():
                    derived.setdefault(name, np.empty((len(rows), count)))[:, start:done] = rows
                if progress is not None:
                    progress("simulate", done, count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return Streamed(sketches, residual, status, derived)

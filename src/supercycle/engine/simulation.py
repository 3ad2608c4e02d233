"""Paths computed chunk by chunk over threads: which attempt of each path fits the opening, its values, its parameters.

Every number is a function of (model, scenario, seed, kernel, path), so a pass may be made again for other outputs and
gives the same bits: nothing has to be kept only because it may be asked for later.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.kernels import Chosen, Progress
from supercycle.engine.laws import laws_of
from supercycle.engine.sample import ATTEMPTS, LANES, Sample, sample_draws, sample_params
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations import emit_numpy
from supercycle.equations.machine.kernel import Kernel
from supercycle.equations.machine.laws import CONSTANT

__all__ = ["CHUNK", "Simulation"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]
Work = Callable[[slice], None]  # does the paths of a slice

CHUNK = 2048
FEW = 16  # attempts whose keys are made at first: more are rarely needed


@dataclass(frozen=True, eq=False)
class Simulation:
    """``count`` paths from ``first`` on, of one scenario, on one kernel."""

    subject: Subject
    scenario: Scenario
    seed: int
    first: int
    count: int
    quarters: int
    chosen: Chosen
    threads: int = 0
    chunk: int = CHUNK

    @cached_property
    def refused(self) -> Paths:
        """How many draws of each path contradict the opening (``ATTEMPTS``: all of them)."""
        machine, refused = self.chosen.machine, np.zeros(self.count, dtype=np.int64)
        if self.subject.accept is None:
            return refused
        if machine is None or not self.chosen.tests:
            return self._sample.refused[: self.count]
        rows = {slot: machine.facts.param_rows[slot] for slot in machine.facts.test_params}
        for attempts in (FEW, ATTEMPTS):
            laws = laws_of(self.subject, self.scenario, self.seed, machine, rows, attempts)
            self._spread(lambda here, laws=laws: machine.settle(laws, self.first + here.start, refused[here]))
            if not (refused == attempts).any():
                break
        return refused

    def record(
        self, slots: Sequence[int], out: Floats, residual: Floats, progress: Progress | None = None
    ) -> None:
        """Fill ``out`` [slot, quarter, path], the opening left out, and the largest residual of each path."""
        machine, record, refused = self.chosen.machine, np.array(slots, dtype=np.int64), self.refused
        if machine is None:
            self._spread(lambda here: self._reference(here, record, out, residual), progress)
            return
        laws = laws_of(
            self.subject, self.scenario, self.seed, machine, machine.facts.param_rows, self._attempts
        )

        def work(here: slice) -> None:
            machine.run(
                laws, refused[here], record, out[:, :, here], residual[here], first=self.first + here.start,
                quarters=self.quarters,
            )  # fmt: skip

        self._spread(work, progress)

    def params(self, ids: Sequence[str]) -> Floats:
        """Parameters [parameter, path] by their ids; a name may stand twice."""
        slots = [self.subject.plan.param_slots[id] for id in ids]
        if self.chosen.machine is None:
            return self._sample.params[slots, : self.count]
        distinct = list(dict.fromkeys(slots))
        found = self._drawn(self.chosen.machine, distinct)
        return found if distinct == slots else found[[distinct.index(slot) for slot in slots]]

    def alone(self, path: int) -> Simulation:
        """The same simulation of one of its paths."""
        return replace(self, first=self.first + path, count=1)

    def head(self, count: int) -> Simulation:
        """The same simulation of its first paths."""
        return self if count >= self.count else replace(self, count=count)

    def _drawn(self, machine: Kernel, slots: Sequence[int]) -> Floats:
        kept, residual = np.empty((len(slots), self.count)), np.empty(self.count)
        rows = {slot: machine.first_free_row + i for i, slot in enumerate(slots)}
        laws = laws_of(self.subject, self.scenario, self.seed, machine, rows, self._attempts)
        if (laws.codes[:, 0] == CONSTANT).all():  # nothing of it is drawn
            return np.repeat(laws.numbers[:, :1], self.count, axis=1)
        where, nothing = np.array(list(rows.values()), dtype=np.int64), np.zeros(0, dtype=np.int64)

        def work(here: slice) -> None:
            machine.run(
                laws, self.refused[here], nothing, kept, residual[here], first=self.first + here.start, quarters=0,
                kept_rows=where, kept=kept[:, here],
            )  # fmt: skip

        self._spread(work)
        return kept

    @property
    def _attempts(self) -> int:
        """How many attempts' keys the accepted draws need."""
        return min(int(self.refused.max(initial=0)) + 1, ATTEMPTS)

    @property
    def _paths(self) -> Paths:
        """The paths' numbers, a whole number of tiles."""
        return np.arange(self.first, self.first + -(-self.count // LANES) * LANES, dtype=np.int64)

    @cached_property
    def _sample(self) -> Sample:
        """Parameters and refusals by the NumPy reference."""
        with ThreadPoolExecutor(max_workers=self.worker_count) as pool:
            try:
                return sample_params(
                    self.subject, self.scenario, self.seed, self._paths, pool.map, self._chunk
                )
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _reference(self, here: slice, record: Paths, out: Floats, residual: Floats) -> None:
        """The paths of a slice by the NumPy reference, in whole tiles: sums round the same whatever the chunk."""
        wide = slice(here.start, here.start + -(-(here.stop - here.start) // LANES) * LANES)
        draws = sample_draws(self.subject, self.seed, self._paths[wide], self.quarters)
        params = np.ascontiguousarray(self._sample.params[:, wide])
        values, worst = emit_numpy.simulate(self.subject.plan, params, draws, record)
        out[:, :, here] = values[:, 1:, : here.stop - here.start]
        residual[here] = worst[: here.stop - here.start]

    @property
    def worker_count(self) -> int:
        """How many threads work on it."""
        return self.threads or os.cpu_count() or 1

    @property
    def _chunk(self) -> int:
        """Paths a thread takes at once: whole tiles, and work for every thread."""
        share = -(-self.count // (self.worker_count * LANES)) * LANES
        return max(min(self.chunk, share), LANES)

    def _spread(self, work: Work, progress: Progress | None = None) -> None:
        """Do every chunk and tell how many paths are done; after an error nobody waits for what has not begun."""
        step, done = self._chunk, 0
        pieces = [slice(start, min(start + step, self.count)) for start in range(0, self.count, step)]
        if progress is not None:
            progress("simulate", 0, self.count)
        with ThreadPoolExecutor(max_workers=min(self.worker_count, len(pieces))) as pool:
            try:
                waiting = {pool.submit(work, piece): piece for piece in pieces}
                for finished in as_completed(waiting):
                    finished.result()
                    done += waiting[finished].stop - waiting[finished].start
                    if progress is not None:
                        progress("simulate", done, self.count)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

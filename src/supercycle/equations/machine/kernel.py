"""Calling compiled code: jobs made of NumPy arrays, and the answers as arrays with the path last.

``Kernel`` draws parameters and random numbers itself (``settle``, then ``run`` with laws) or takes them as arrays
(``simulate``, as ``emit_numpy.simulate``). A call releases the interpreter's lock, so chunks of paths run in threads;
each thread has its own workspace.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from supercycle.equations.machine.job import SCRATCH, WORDS, place
from supercycle.equations.machine.laws import GIVEN
from supercycle.equations.machine.layout import TILE
from supercycle.equations.machine.program import Facts

__all__ = ["Code", "Kernel", "Laws"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Words = NDArray[np.uint64]


class Code(Protocol):
    """Loaded machine code."""

    def address(self, name: str, /) -> int:
        """Where an exported function lies."""
        ...


def _none() -> Whole:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Laws:
    """How parameters are drawn: see ``laws.py`` for codes [law, 4] and numbers [law, 8], ``job.py`` for the rest.

    ``keys`` [attempt, key] are the row keys of every attempt that may be needed; ``rows`` is how many rows the codes
    use beyond the layout's, those of the copula included, which begin at ``tied_row``.
    """

    codes: Whole
    numbers: Floats
    keys: Words
    seed_key: int = 0
    streams: Words = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    tied_keys: Whole = field(default_factory=_none)
    tied_row: int = 0
    term_starts: Whole = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    term_places: Whole = field(default_factory=_none)
    term_factors: Floats = field(default_factory=lambda: np.zeros(0))
    tables: Floats = field(default_factory=lambda: np.zeros(0))
    rows: int = 0


@dataclass
class _Job:
    """The words of a call, and the arrays they point into."""

    words: Words = field(default_factory=lambda: np.zeros(len(WORDS), dtype=np.uint64))
    arrays: list[Any] = field(default_factory=list[Any])

    def put(self, **values: Any) -> None:
        for word, value in values.items():
            if isinstance(value, np.ndarray):
                assert value.flags.c_contiguous
                self.arrays.append(value)
            number = value.ctypes.data if isinstance(value, np.ndarray) else int(value)
            self.words[place(word)] = np.uint64(number & (1 << 64) - 1)


class Kernel:
    """A model's compiled code with the facts of its program."""

    def __init__(self, code: Code, facts: Facts) -> None:
        signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        self._code, self.facts = code, facts  # the functions live as long as the code does
        self._run, self._settle = signature(code.address("run")), signature(code.address("settle"))
        self._own = threading.local()

    def ordered(self, names: Sequence[str]) -> Kernel:
        """The same code for a caller whose slots have these keys, in this order."""
        return Kernel(self._code, self.facts.ordered(names))

    @property
    def first_free_row(self) -> int:
        """The first row that laws may use for what no equation reads."""
        return self.facts.row_count + SCRATCH

    def __call__(self, params: Floats, draws: Floats, record: Whole) -> tuple[Floats, Floats]:
        """Run the model on given parameters and draws: arguments and answer of ``emit_numpy.simulate``."""
        params, draws = np.ascontiguousarray(params, dtype=float), np.ascontiguousarray(draws, dtype=float)
        paths, quarters = int(params.shape[1]), int(draws.shape[1])
        assert draws.shape[2] in (paths, 0) or len(draws) == 0
        out, residual = np.empty((len(record), quarters + 1, paths)), np.empty(paths)
        places = self.facts.param_rows
        codes = np.zeros((len(places), 4), dtype=np.int64)
        for i, (slot, row) in enumerate(places.items()):
            codes[i] = GIVEN, row, 0, slot
        laws = Laws(codes, np.zeros((len(places), 8)), np.zeros((1, 1), dtype=np.uint64))
        first_attempt: Whole = np.zeros(paths, dtype=np.int64)
        self.run(laws, first_attempt, record, out, residual, first=0, quarters=quarters,
                 with_opening=True, given=params, draws=draws if len(draws) else None)
        return out, residual

    def settle(self, laws: Laws, first: int, refused: Whole) -> None:
        """Write into ``refused`` how many attempts of each path, from ``first`` on, contradict the opening.

        A path of which every attempt of ``laws.keys`` does gets their number. Without an opening test nothing is done.
        """
        if self.facts.test_row >= 0 and len(refused):
            job = self._job(laws, first, refused)
            self._settle(job.words.ctypes.data)

    def run(self, laws: Laws, refused: Whole, record: Whole, out: Floats, residual: Floats, *, first: int,
            quarters: int, with_opening: bool = False, given: Floats | None = None, draws: Floats | None = None,
            kept_rows: Whole | None = None, kept: Floats | None = None) -> None:
        """Run paths ``first``, ``first + 1``, ...: as many as ``residual`` [path] holds.

        ``record`` are slots, ``out`` [record, quarter, path] may be part of a larger array whose last axis is
        contiguous; ``kept`` [row, path] receives the parameters of ``kept_rows``. ``given`` [parameter, path] and
        ``draws`` [draw, quarter, path] stand in place of drawn ones.
        """
        if len(residual) == 0:
            return
        job = self._job(laws, first, refused)
        job.put(count=len(residual), quarters=quarters, with_opening=int(with_opening), residual=residual,
                rows=np.array([self.facts.rows[int(slot)] for slot in record], dtype=np.int64), row_count=len(record),
                opens=np.array([self.facts.opens[int(slot)] for slot in record], dtype=np.int64))
        if len(record) and quarters + with_opening:
            assert out.shape == (len(record), quarters + with_opening, len(residual))
            assert out.strides[2] == out.itemsize or len(residual) == 1
            job.put(out=out.ctypes.data, out_record=out.strides[0] // 8, out_quarter=out.strides[1] // 8)
        if given is not None:
            job.put(given=given, stride=given.shape[1])
        if draws is not None:
            job.put(draws=draws, stride=draws.shape[2])
        if kept_rows is not None and kept is not None:
            assert kept.strides[1] == kept.itemsize or len(residual) == 1
            job.put(kept_rows=kept_rows, kept_count=len(kept_rows), kept_out=kept.ctypes.data,
                    kept_stride=kept.strides[0] // 8)
        self._run(job.words.ctypes.data)

    def _job(self, laws: Laws, first: int, refused: Whole) -> _Job:
        job = _Job()
        job.put(workspace=self._workspace(self.first_free_row + laws.rows), first=first, count=len(refused),
                seed_key=laws.seed_key, attempts=len(laws.keys), keys=laws.keys, key_count=laws.keys.shape[1],
                codes=laws.codes, numbers=laws.numbers, law_count=len(laws.codes), tied_count=len(laws.tied_keys),
                tied_row=laws.tied_row, tied_keys=laws.tied_keys, term_starts=laws.term_starts,
                term_places=laws.term_places, term_factors=laws.term_factors, tables=laws.tables,
                streams=laws.streams, refused=refused)
        return job

    def _workspace(self, rows: int) -> int:
        """This thread's workspace, begun where a cache line does."""
        known = getattr(self._own, "memory", None)
        if known is None or len(known) < rows * TILE + 8:
            known = self._own.memory = np.zeros(rows * TILE + 8)
        return int(known.ctypes.data + (-known.ctypes.data) % 64)

"""The parameters of a scenario as laws that compiled code draws from: the same numbers as ``sample.sample_params``.

A law is made for each parameter slot that is wanted and for nothing else, so what is not read is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.copula import loadings
from supercycle.core.params import Param
from supercycle.core.random import digest, row_keys
from supercycle.engine.prior import Prior, pairs_of, ranged
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.machine import laws as kinds
from supercycle.equations.machine.kernel import Kernel, Laws

__all__ = ["Drawing", "drawing_of", "laws_of"]

Floats = NDArray[np.float64]
FIXED = ("fixed", "switch")


def laws_of(
    subject: Subject, scenario: Scenario, seed: int, kernel: Kernel, rows: Mapping[int, int], attempts: int
) -> Laws:
    """Laws of the parameter slots of ``rows`` (slot to row of the workspace), for the first ``attempts`` attempts."""
    return _Laws(subject, scenario, seed, rows, attempts).made(kernel.first_free_row)


@dataclass(frozen=True)
class Drawing:
    """How a scenario's parameters are drawn, without a seed: what another host of the compiled code needs.

    ``laws``: kind and numbers by parameter (``machine/laws.py``); ``ties``: the normal draws, with factors, whose sum
    is a correlated one; ``tables``: what laws of kind TABLE point into.
    """

    laws: dict[str, tuple[int, tuple[float, ...]]]
    ties: dict[str, tuple[tuple[str, float], ...]]
    tables: tuple[float, ...]


def drawing_of(subject: Subject, scenario: Scenario, ids: Sequence[str]) -> Drawing:
    """The laws of some parameters under a scenario."""
    made = _Laws(subject, scenario, 0, {}, 1)
    laws = {id: (kind, tuple(numbers)) for id in ids for kind, numbers in [made.law(id)]}
    return Drawing(laws, made.ties(), tuple(made.tables))


class _Laws:
    def __init__(
        self,
        subject: Subject,
        scenario: Scenario,
        seed: int,
        rows: Mapping[int, int],
        attempts: int,
    ) -> None:
        self.subject, self.scenario, self.seed = subject, scenario, seed
        self.rows, self.attempts = rows, attempts
        self.prior: Prior | None = subject.prior(scenario.prior)
        self.registry = subject.model.registry
        self.streams: dict[str, int] = {}
        self.tables: list[float] = []
        self.tied: dict[str, int] = {}

    def given(self, id: str) -> Param:
        """The parameter whose distribution decides whether it is drawn at all."""
        return self.registry[id] if self.prior is None else self.prior.params.get(id, self.registry[id])

    def ties(self) -> dict[str, tuple[tuple[str, float], ...]]:
        """The terms of every parameter of the copula that is drawn."""
        pairs = pairs_of(tuple(self.subject.pairs), self.prior)
        named = dict.fromkeys(id for a, b, _ in pairs for id in (a, b))
        joint = [id for id in named if self.given(id).distribution not in FIXED]
        held = tuple((a, b, size) for a, b, size in pairs if a in joint and b in joint)
        return {**{id: ((id, 1.0),) for id in joint}, **loadings(held)}

    def made(self, first_free_row: int) -> Laws:
        terms = self.ties()
        ids = list(self.registry)
        wanted = {ids[slot]: row for slot, row in self.rows.items()}
        codes, numbers = np.zeros((len(wanted), 4), dtype=np.int64), np.zeros((len(wanted), 8))
        starts, places, factors = [0], list[int](), list[float]()
        answers: dict[str, int] = {}  # a copula's answer by name: its place among the sums
        for i, (id, row) in enumerate(wanted.items()):
            kind, values = self.law(id)
            key, extra = 0, -1
            if kind != kinds.CONSTANT:
                if id in terms:
                    extra = answers.setdefault(id, len(answers))
                    for other, factor in terms[id]:
                        places.append(self.tied.setdefault(other, len(self.tied)))
                        factors.append(factor)
                    starts.append(len(places))
                else:
                    key = self.stream(id)
            codes[i] = kind, row, key, extra
            numbers[i, : len(values)] = values
        tied_keys = [self.stream(id) for id in self.tied]
        used = max([first_free_row, *(row + 1 for row in self.rows.values())])
        draws = self.subject.model.draws.values()
        return Laws(
            codes, numbers, self.keys(), digest("seed", str(int(self.seed))),
            streams=np.array(
                [digest(f"stream of {int(self.seed)}", f"draw:{d.name}") for d in draws
                 for _ in range(len(d.axis) if d.axis else 1)], dtype=np.uint64),
            tied_keys=np.array(tied_keys, dtype=np.int64), tied_row=used,
            term_starts=np.array(starts, dtype=np.int64), term_places=np.array(places, dtype=np.int64),
            term_factors=np.array(factors, dtype=np.float64), tables=np.array(self.tables, dtype=np.float64),
            rows=used + len(tied_keys) - first_free_row,
        )  # fmt: skip

    def stream(self, id: str) -> int:
        return self.streams.setdefault(id, len(self.streams))

    def keys(self) -> NDArray[np.uint64]:
        """The key of every stream at every attempt [attempt, stream]."""
        names = [
            f"param:{id}#{attempt}" if attempt else f"param:{id}"
            for attempt in range(self.attempts)
            for id in self.streams
        ]
        if not names:
            return np.zeros((max(self.attempts, 1), 1), dtype=np.uint64)
        return row_keys(self.seed, names).reshape(self.attempts, len(self.streams))

    def law(self, id: str) -> tuple[int, Sequence[float]]:
        """Kind and numbers; see ``machine/laws.py``."""
        if id in self.scenario.set:
            return kinds.CONSTANT, (self.scenario.set[id],)
        given = self.given(id)
        if given.distribution in FIXED:
            return kinds.CONSTANT, (given.default,)
        if id in self.scenario.ranges or self.prior is None:
            return _shape(ranged(self.scenario, self.registry[id]))
        if id in self.prior.tables:
            return self.table(self.prior.levels, self.prior.tables[id])
        return _shape(given)

    def table(self, levels: Sequence[float], values: Sequence[float]) -> tuple[int, Sequence[float]]:
        offset, slopes = len(self.tables), np.diff(values) / np.diff(levels)
        self.tables += [*levels, *(float(s) for s in slopes), 0.0, *values]
        return kinds.TABLE, (float(offset), float(len(levels)))


def _shape(param: Param) -> tuple[int, Sequence[float]]:
    low, middle, high = param.low, param.default, param.high
    if param.distribution in FIXED or low == high:
        return kinds.CONSTANT, (middle,)
    if param.distribution == "uniform":
        return kinds.UNIFORM, (low, high)
    if param.distribution == "triangular":
        return kinds.TRIANGULAR, (low, middle, high)
    if param.distribution == "normal":
        return kinds.NORMAL, (low, middle, high)
    return kinds.LOGNORMAL, (low, high, math.log(low), math.log(middle), math.log(high))

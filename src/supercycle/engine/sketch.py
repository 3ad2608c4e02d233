"""Quantiles of more paths than fit in memory: how many numbers fell into each of many narrow cells.

A cell holds the numbers that share sign, exponent and the first ``MANTISSA`` bits of the mantissa, so it is at most
1/1024 of its numbers wide, at every size of number. A quantile is read from the cells' lower ends (nearest to zero): it
is never further from the exact one than ``ERROR`` of it, and exact for 0, 1 and other numbers with few bits. Adding and
merging add whole numbers, so quantiles do not depend on the order or the pieces in which a sketch was made: shards
merge to the bit. Means are sums of floating-point numbers: those of shards agree to rounding.

After C. Masson, J. E. Rim and H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
Guarantees", PVLDB 12(12), 2019; cells by the bits of a double in place of a logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ERROR", "Sketch"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Cells = NDArray[np.int32]

MANTISSA = 10
ERROR = 2.0**-MANTISSA
WAITING = 30_000  # cells that may wait to be added up
_SHIFT = np.int64(52 - MANTISSA)
_REST = np.int64(0x7FFFFFFFFFFFFFFF)


def _cells(values: Floats) -> Cells:
    """The cell of each number, in the order of numbers."""
    bits = np.ascontiguousarray(values + 0.0).view(np.int64)  # + 0.0 makes one zero of two
    sizes = ((bits & _REST) >> _SHIFT).astype(np.int32)
    return np.where(bits < 0, -sizes, sizes)


def _ends(cells: Cells) -> Floats:
    """The end of each cell that is nearest to zero."""
    sizes = (np.abs(cells).astype(np.int64) << _SHIFT).view(np.float64)
    return np.where(cells < 0, -sizes, sizes)


class Sketch:
    """Counts by cell for each quarter of an output, with the sum of its numbers; what is not a number is left out.

    >>> sketch = Sketch(1)
    >>> sketch.add(np.array([[3.0, 1.0, np.nan, 0.0]]))
    >>> sketch.quantiles((0.0, 0.5, 1.0))[:, 0].tolist(), sketch.count.tolist(), sketch.mean().tolist()
    ([0.0, 1.0, 3.0], [3], [1.3333333333333333])
    """

    def __init__(self, quarters: int) -> None:
        # Cells in order with their counts; the first is added up, the others wait.
        self._parts: list[list[tuple[Cells, Whole]]] = [[] for _ in range(quarters)]
        self._sums = np.zeros(quarters)

    @property
    def count(self) -> Whole:
        """How many numbers each quarter has [quarter]."""
        return np.array([int(self._added(q)[1].sum()) for q in range(len(self._parts))], dtype=np.int64)

    def add(self, values: Floats) -> None:
        """Take some paths [quarter, path]."""
        for quarter, row in enumerate(values):
            known = row[np.isfinite(row)]
            if len(known) == 0:
                continue
            cells = np.sort(_cells(known))
            starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
            self._take(quarter, [(cells[starts], np.diff(np.append(starts, len(cells))))])
            self._sums[quarter] += float(known.sum())

    def merge(self, other: Sketch) -> None:
        """Take what another sketch of the same output holds."""
        for quarter, parts in enumerate(other._parts):
            self._take(quarter, parts)
        self._sums += other._sums

    def _take(self, quarter: int, parts: Sequence[tuple[Cells, Whole]]) -> None:
        mine = self._parts[quarter]
        mine += parts
        if len(mine) > 1 and sum(len(cells) for cells, _ in mine) > 2 * len(mine[0][0]) + WAITING:
            self._added(quarter)

    def _added(self, quarter: int) -> tuple[Cells, Whole]:
        """Cells in order and their counts, everything taken so far added up."""
        mine = self._parts[quarter]
        if not mine:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64)
        if len(mine) > 1:
            every, weights = np.concatenate([c for c, _ in mine]), np.concatenate([n for _, n in mine])
            order = np.argsort(every, kind="stable")  # runs that are in order already: merging, not sorting
            every = every[order]
            starts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
            self._parts[quarter] = [(every[starts], np.add.reduceat(weights[order], starts))]
        return self._parts[quarter][0]

    def above_zero(self) -> Whole:
        """How many numbers of each quarter are above zero [quarter]."""
        added = (self._added(quarter) for quarter in range(len(self._parts)))
        return np.array([int(counts[cells > 0].sum()) for cells, counts in added], dtype=np.int64)

    def mean(self) -> Floats:
        """The mean of each quarter [quarter], NaN without numbers."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return self._sums / self.count

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Quantiles [level, quarter], as ``engine.quantiles`` defines them, each within ``ERROR`` of itself."""
        found = np.full((len(levels), len(self._parts)), np.nan)
        for quarter in range(len(self._parts)):
            cells, counts = self._added(quarter)
            if len(cells) == 0:
                continue
            ends, last = _ends(cells), np.cumsum(counts)
            place = np.asarray(levels) * (last[-1] - 1)
            below = np.floor(place).astype(np.int64)
            low, high = (
                ends[np.searchsorted(last, np.minimum(i, last[-1] - 1), "right")] for i in (below, below + 1)
            )
            found[:, quarter] = low + (place - below) * (high - low)
        return found

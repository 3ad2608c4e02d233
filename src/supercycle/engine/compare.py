"""Comparing two scenarios path by path, with the same random numbers on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.run import Run

__all__ = ["Comparison", "Difference", "compare"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """One output's difference b - a: ``quantiles`` [level, quarter] of the paired difference, its ``mean``
    [quarter].

    ``variance_reduction`` [quarter] is (var a + var b) / var (b - a): how many times more paths an unpaired
    comparison would need for the same standard error. It is NaN where a and b are equal on every path.
    """

    output: str
    quantiles: Floats
    mean: Floats
    standard_error: Floats
    variance_reduction: Floats


@dataclass(frozen=True)
class Comparison:
    """Two runs and their paired differences; ``pairs`` counts paths that have numbers in both.

    ``redrawn`` counts paths on which the two runs needed a different number of draws to fit the opening:
    those are still valid pairs, but not with the same parameters, and they widen the bands.
    """

    a: Run
    b: Run
    pairs: int
    redrawn: int
    differences: dict[str, Difference]

    def difference(self, output: str) -> Difference:
        """One output's difference; an unknown name is refused with the nearest."""
        if output not in self.differences:
            raise UnknownNameError("output", output, self.differences)
        return self.differences[output]


def compare(a: Run, b: Run) -> Comparison:
    """Pair two runs of the same model, seed, paths, quarters, kernel and outputs.

    Equation: d[path] = b[path] - a[path], quantiles over paths. Limit case: a run compared with itself is
    zero everywhere, exactly.

    Errors: InputError when the runs cannot be paired, or no path has numbers in both.
    """
    for what, left, right in (
        ("model", a.subject.model_hash, b.subject.model_hash),
        ("seed", a.seed, b.seed),
        ("number of paths", a.paths, b.paths),
        ("quarters", a.quarters, b.quarters),
        ("kernel", a.kernel, b.kernel),
        ("outputs", a.outputs, b.outputs),
    ):
        if left != right:
            raise InputError(f"two runs with different {what} cannot be paired", expected=left, got=right)
    both = a.ok & b.ok
    pairs = int(both.sum())
    if pairs == 0:
        raise InputError("no path has numbers in both scenarios")
    found = {
        key: _difference(key, a.values[i][:, both], b.values[i][:, both]) for i, key in enumerate(a.outputs)
    }
    redrawn = int(np.count_nonzero((a.refused != b.refused) & both))
    return Comparison(a=a, b=b, pairs=pairs, redrawn=redrawn, differences=found)


def _difference(key: str, a: Floats, b: Floats) -> Difference:
    change = b - a
    spread = change.var(axis=-1)
    moves = np.any(change != 0.0, axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(moves & (spread > 0.0), (a.var(axis=-1) + b.var(axis=-1)) / spread, np.nan)
    return Difference(
        output=key,
        quantiles=quantiles(change, LEVELS),
        mean=change.mean(axis=-1),
        standard_error=np.sqrt(spread / change.shape[-1]),
        variance_reduction=ratio,
    )

"""A forecast as weighted values of the log of a figure, and mixtures of forecasts: the linear pool.

A mixture says "with this chance the one is right, else the other": its distribution function is the weighted mean of
theirs. It is wider than its members where they disagree, and its CRPS is never above the weighted mean of theirs.

Source: M. Stone, "The Opinion Pool", Annals of Mathematical Statistics 32, 1961.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["Mixture", "mix", "of_sample"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mixture:
    """Values [n], ascending, and their weights [n], which sum to one."""

    values: Floats
    weights: Floats

    def crps(self, outcome: float) -> float:
        """Mean |x - y| less half the mean |x - x'|; smaller is better.

        >>> round(of_sample(np.array([0.0, 2.0])).crps(1.0), 6)
        0.5
        """
        x, w = self.values, self.weights
        spread = float(np.sum(w * x * (2.0 * np.cumsum(w) - w - 1.0)))
        return float(np.sum(w * np.abs(x - outcome))) - spread

    def below(self, outcome: float) -> float:
        """The probability of less than the outcome, half of what equals it: the probability integral transform."""
        low = float(self.weights[self.values < outcome].sum())
        return low + 0.5 * float(self.weights[self.values == outcome].sum())

    def quantile(self, level: float) -> float:
        """The value that a share ``level`` of the weight lies below."""
        return float(self.quantiles([level])[0])

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """The same for several levels."""
        at = np.cumsum(self.weights) - 0.5 * self.weights
        return np.interp(levels, at, self.values)

    def inside(self, outcome: float, band: float) -> bool:
        """Whether the outcome lies in the central band.

        >>> of_sample(np.arange(101.0)).inside(90.0, 0.9), of_sample(np.arange(101.0)).inside(97.0, 0.9)
        (True, False)
        """
        low, high = self.quantiles([0.5 - band / 2, 0.5 + band / 2])
        return bool(low <= outcome <= high)


def of_sample(sample: Floats) -> Mixture:
    """A sample with equal weights. Errors: InputError for an empty one or one that is not finite."""
    values = np.sort(np.asarray(sample, dtype=np.float64))
    if not len(values) or not np.isfinite(values).all():
        raise InputError("no forecast", expected="finite values", got=f"{len(values)} values")
    return Mixture(values, np.full(len(values), 1.0 / len(values)))


def mix(members: Sequence[Mixture], weights: Sequence[float] | None = None) -> Mixture:
    """The linear pool; equal weights unless given. Errors: InputError without members or with other weights.

    >>> pooled = mix([of_sample(np.array([0.0])), of_sample(np.array([1.0, 2.0]))])
    >>> pooled.values.tolist(), pooled.weights.tolist()
    ([0.0, 1.0, 2.0], [0.5, 0.25, 0.25])
    """
    parts = list(weights) if weights is not None else [1.0 / max(len(members), 1)] * len(members)
    if not members or len(parts) != len(members) or abs(sum(parts) - 1.0) > 1e-9 or min(parts) < 0.0:
        raise InputError("a pool needs members and weights that sum to one", got=f"{len(members)}, {parts}")
    values = np.concatenate([member.values for member in members])
    weight = np.concatenate([part * member.weights for part, member in zip(parts, members, strict=True)])
    order = np.argsort(values, kind="stable")
    return Mixture(values[order], weight[order])

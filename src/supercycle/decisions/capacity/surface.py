"""The rate per GPU as a surface over the promise: speed to each user and seconds to the first token.

    R(v, T) = max sum(l_i r_i)   with   sum(l_i v_i) >= v,  sum(l_i t_i) <= T,  sum(l_i) = 1,  l >= 0     (all in logs)

over the points i that were measured (or computed). It is the concave envelope with free disposal: a promise that is
kept by a point keeps every looser one, and between points the answer is read from the plane through them. So a
tighter promise never raises the rate and a looser one never fails, whatever the points are.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Spot", "Surface"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Spot:
    """One point: log speed per user, log of the first token's 95th percentile, log rate; ``tag`` names its origin."""

    speed: float
    first: float
    rate: float
    tag: int


@dataclass(frozen=True)
class Surface:
    """The envelope of some points."""

    spots: tuple[Spot, ...]

    @classmethod
    def over(cls, spots: Sequence[Spot]) -> Surface:
        """The surface of the points that no other beats in all three."""
        kept = [
            one
            for one in spots
            if not any(
                other.speed >= one.speed and other.first <= one.first and other.rate >= one.rate
                and (other.speed, -other.first, other.rate) != (one.speed, -one.first, one.rate)
                for other in spots
            )
        ]  # fmt: skip
        return cls(tuple(dict.fromkeys(kept)))

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats]:
        return tuple(np.array([getattr(s, k) for s in self.spots]) for k in ("speed", "first", "rate"))  # pyright: ignore[reportReturnType]

    @cached_property
    def _triples(self) -> Ints:
        return np.array(list(itertools.combinations(range(len(self.spots)), 3)), dtype=np.int64).reshape(
            -1, 3
        )

    @cached_property
    def _pairs(self) -> Ints:
        return np.array(list(itertools.permutations(range(len(self.spots)), 2)), dtype=np.int64).reshape(
            -1, 2
        )

    def rate(self, speed: float, first: float) -> tuple[float, tuple[tuple[int, float], ...]] | None:
        """Log rate at a promise (logs), and the points with their weights; None when nothing keeps it.

        >>> slow, fast = Spot(0.0, 0.0, 2.0, 0), Spot(1.0, 0.0, 1.0, 1)
        >>> surface = Surface.over([slow, fast])
        >>> surface.rate(0.5, 0.0)[0], surface.rate(-3.0, 9.0)[0], surface.rate(1.1, 0.0)
        (1.5, 2.0, None)
        """
        if not self.spots:
            return None
        v, t, r = self._arrays
        best, who = -np.inf, ((0, 1.0),)
        single = np.flatnonzero((v >= speed - _SLACK) & (t <= first + _SLACK))
        if single.size:
            at = int(single[np.argmax(r[single])])
            best, who = float(r[at]), ((at, 1.0),)
        for values, target, other, limit, sign in ((v, speed, t, first, 1), (t, first, v, speed, -1)):
            # Two points with one promise tight: the weight follows from it, the other promise is checked.
            i, j = self._pairs[:, 0], self._pairs[:, 1]
            gap = values[i] - values[j]
            apart = np.abs(gap) > _SLACK
            w = np.where(apart, (target - values[j]) / np.where(apart, gap, 1.0), -1.0)
            mixed = w * other[i] + (1 - w) * other[j]
            fits = (w >= 0) & (w <= 1) & (sign * (mixed - limit) <= _SLACK)
            if fits.any():
                found = np.where(fits, w * r[i] + (1 - w) * r[j], -np.inf)
                at = int(np.argmax(found))
                if found[at] > best + 1e-12:
                    best = float(found[at])
                    who = ((int(i[at]), float(w[at])), (int(j[at]), 1 - float(w[at])))
        if len(self._triples):
            i, j, k = self._triples.T
            det = (v[i] - v[k]) * (t[j] - t[k]) - (v[j] - v[k]) * (t[i] - t[k])
            spread = np.abs(det) > _SLACK
            safe = np.where(spread, det, 1.0)
            a = ((speed - v[k]) * (t[j] - t[k]) - (v[j] - v[k]) * (first - t[k])) / safe
            b = ((v[i] - v[k]) * (first - t[k]) - (speed - v[k]) * (t[i] - t[k])) / safe
            c = 1 - a - b
            fits = spread & (a >= 0) & (b >= 0) & (c >= 0)
            if fits.any():
                found = np.where(fits, a * r[i] + b * r[j] + c * r[k], -np.inf)
                at = int(np.argmax(found))
                if found[at] > best + 1e-12:
                    best = float(found[at])
                    who = tuple((int(n[at]), float(w[at])) for n, w in ((i, a), (j, b), (k, c)))
        return None if best == -np.inf else (best, tuple((self.spots[n].tag, w) for n, w in who))

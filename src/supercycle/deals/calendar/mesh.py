"""Numbers that change within a period, summed by days: the calendar cut at every date on which one of them changes.

On each piece every number is constant or straight, so the sum of a product of up to three of them is exact by
Simpson's rule. Pieces have their days' share of their period's length.
"""

from __future__ import annotations

import copy
import datetime
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods

__all__ = ["Mesh"]

Floats = NDArray[np.float64]
WEIGHTS = np.array([1.0, 4.0, 1.0]) / 6  # Simpson's rule on a piece's two ends and middle


class Mesh:
    """Pieces of a calendar: ``starts`` (ordinals), ``years`` and ``period`` of each."""

    def __init__(self, periods: Periods, cuts: Iterable[datetime.date]) -> None:
        edges = periods.marks
        inside = {d.toordinal() for d in cuts}
        points = np.array(sorted({*edges.tolist(), *(d for d in inside if edges[0] < d < edges[-1])}))
        self.periods = periods
        self.starts, self.ends = points[:-1], points[1:]
        self.period = np.searchsorted(edges, self.starts, side="right") - 1
        days = (edges[1:] - edges[:-1])[self.period]
        self.years: Floats = periods.years[self.period] * (self.ends - self.starts) / days
        self._points: Floats | None = None
        self._first = np.flatnonzero(np.r_[True, self.period[1:] != self.period[:-1]])

    def on_clock(self, edges: Iterable[datetime.date], years: float) -> Mesh:
        """The same pieces with the length that they have in other periods, each of so many years; rent has its own."""
        marks = np.array([d.toordinal() for d in edges])
        found = copy.copy(self)
        at = np.searchsorted(marks, self.starts, side="right") - 1
        inside = (at >= 0) & (at < len(marks) - 1)
        k = np.clip(at, 0, max(len(marks) - 2, 0))
        own = years * (self.ends - self.starts) / (marks[k + 1] - marks[k])
        found.years = np.where(inside, own, self.years)
        return found

    @property
    def points(self) -> Floats:
        """Each piece's start, middle and end [piece, 3], as ordinals; ends belong to their own piece."""
        if self._points is None:
            found = np.empty((len(self.starts), 3))
            found[:, 0], found[:, 2] = self.starts, self.ends
            found[:, 1] = (self.starts + self.ends) / 2
            self._points = found
        return self._points

    def integral(self, product: Floats) -> Floats:
        """The integral over each piece of values [piece, 3] or [piece, 3, path] a year."""
        weights = self.years[:, None] * WEIGHTS
        return np.einsum("ik,ik...->i...", weights, product)

    def by_period(self, pieces: Floats) -> Floats:
        """Sums over the pieces of each period: [period] or [period, path]."""
        return np.add.reduceat(pieces, self._first, axis=0)

    def mean(self, values: Floats) -> Floats:
        """Means over each period, weighted by days, of values [piece, 3] or [piece, 3, path]."""
        total = self.by_period(self.integral(values))
        years = self.periods.years
        return total / (years[:, None] if total.ndim == 2 else years)

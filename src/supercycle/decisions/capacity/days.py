"""Capacity that is taken for whole days: how many servers a block of days takes above what is held anyway.

A capacity block is a number of servers for a fixed number of days, paid in full whether used or not. On each window
of so many days the block is as large as the window's busiest hour needs, no more than a height, less what is held.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.decisions.capacity.hours import STEP_LOG, HourTables

__all__ = ["DayTables", "day_tables"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class DayTables:
    """``over`` [level, k] is the mean over windows of the lumps needed above ``grid[k]`` lumps."""

    grid: Floats
    over: Floats
    first: int
    hours: int

    def above(self, level: Ints, lumps: Floats) -> Floats:
        """Mean lumps needed above a number of lumps. Needs lie on the grid, so that between two of its numbers the
        mean is a straight line: interpolation is exact.
        """
        last = len(self.grid) - 1
        low = np.clip(np.searchsorted(self.grid, lumps, side="right") - 1, 0, max(last - 1, 0))
        high = np.minimum(low + 1, last)
        width = self.grid[high] - self.grid[low]
        part = np.minimum((lumps - self.grid[low]) / np.where(width > 0, width, 1.0), 1.0)
        row = level - self.first
        return (1 - part) * self.over[row, low] + part * self.over[row, high]


def day_tables(load: Floats, tables: HourTables, replicas_per_lump: int, days: int) -> DayTables:
    """The tables of a shape for windows of ``days`` known days in a row, from the first hour of the load on.

    ``over_k = sum over j >= k of (grid_j+1 - grid_j) P(the window's busiest hour is above what grid_j carries)``. A
    last window that the load does not fill counts for the hours it has.
    Limits: a window as long as the load asks for its peak all the time; a flat load the same for any window.
    """
    hours = 24 * days
    starts = np.arange(0, len(load), hours)
    peaks = np.maximum.reduceat(load, starts)
    weights = np.diff(np.append(starts, len(load))) / len(load)
    steps = tables.ladder
    lumps = -(-steps.rungs // replicas_per_lump)
    last = np.append(
        np.flatnonzero(np.diff(lumps)), len(lumps) - 1
    )  # the highest rung of each number of lumps
    grid = lumps[last].astype(np.float64)
    levels = tables.mean_busy * np.exp(STEP_LOG * (tables.first + np.arange(len(tables.above))))
    x = steps.carries[last][None, :] * (1 + 1e-12) / levels[:, None]
    order = np.argsort(peaks, kind="stable")
    left = np.append(np.cumsum(weights[order][::-1])[::-1], 0.0)
    chance = left[np.searchsorted(peaks[order], x.ravel(), side="right")].reshape(x.shape)
    over = np.zeros_like(chance)
    over[:, :-1] = np.cumsum((chance[:, :-1] * np.diff(grid))[:, ::-1], axis=1)[:, ::-1]
    return DayTables(grid, over, tables.first, hours)

"""The one capacity engine: what the hours of a load need, hour by hour, at every level of the load and every capacity.

A load is a shape (the hours over their mean, in order) times a level. For each level and each rung of capacity the
tables hold means over all hours, exactly: replicas needed above the capacity, replicas started, and the share of
work and of bills that goes elsewhere. Hours are only sorted, never averaged before a whole number of replicas has
been counted in each. Every option reads these tables, so none is counted in another way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.decisions.capacity.ladder import Ladder
from supercycle.decisions.inputs.promise import Shape

__all__ = ["STEP_LOG", "HourTables", "hour_tables"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEP_LOG = 0.005  # levels of load are half a per cent apart; today's level is exact


@dataclass(frozen=True)
class HourTables:
    """Tables [level, rung]; level 0 is row ``-first``, a load of ``mean_busy`` GPUs on average.

    ``work_over`` is the work above what a rung carries within the promise; ``past_full`` the work above all its GPUs.
    """

    ladder: Ladder
    first: int
    mean_busy: float
    above: Floats
    started: Floats
    work_over: Floats
    past_full: Floats
    api_over: Floats
    host_over: Floats
    quiet: Floats  # [level], share of hours that need no replica

    def place(self, level: Ints, rung: Ints) -> Ints:
        """Where a level and a rung stand in the flattened tables."""
        found = level - self.first
        found *= self.above.shape[1]
        found += rung
        return found

    @cached_property
    def needed(self) -> Floats:
        """Mean replicas needed by level."""
        return np.ascontiguousarray(self.above[:, 0])


def hour_tables(shape: Shape, mean_busy: float, steps: Ladder, first: int, last: int) -> HourTables:
    """The tables of a shape for levels ``first`` to ``last`` (steps of half a per cent around ``mean_busy``).

    With x the load that a rung carries over the level: needed above = sum over further rungs of their replicas times
    P(hour > x); started = the same with the chance that an hour is at most x and the next above it (the last hour
    is followed by the first); work over = E[(hour - x)+]; a bill over = sum of w (1 - x / hour)+.
    """
    hours = len(shape.load)
    levels = mean_busy * np.exp(STEP_LOG * np.arange(first, last + 1))
    x = (steps.carries[None, :] * (1 + 1e-12)) / levels[:, None]
    order = np.argsort(shape.load, kind="stable")
    ordered = shape.load[order]
    begin = np.searchsorted(ordered, x.ravel(), side="right").reshape(x.shape)
    share_above = (hours - begin) / hours
    gaps = np.diff(steps.rungs).astype(np.float64)

    def stacked(chance: Floats) -> Floats:
        """Sum over rungs from each one up: replicas that a further rung adds, times its chance."""
        found = np.zeros_like(chance)
        found[:, :-1] = np.cumsum((chance[:, :-1] * gaps)[:, ::-1], axis=1)[:, ::-1]
        return found

    after = np.roll(shape.load, -1)
    rises = after > shape.load
    up = np.searchsorted(np.sort(shape.load[rises]), x.ravel(), side="right")
    down = np.searchsorted(np.sort(after[rises]), x.ravel(), side="right")
    crossing = ((up - down) / hours).reshape(x.shape)

    def over(weights: Floats, x: Floats, begin: Ints) -> Floats:
        """The part of weights [hour] that lies above x in its hour."""
        sorted_ = weights[order]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(ordered > 0, sorted_ / ordered, 0.0)
        # A weight in an hour without load (a bill of nothing) stays where it is.
        total, slope = (np.append(np.cumsum(v[::-1])[::-1], 0.0) for v in (sorted_, ratio))
        return np.clip(total[begin] - x * slope[begin], 0.0, 1.0)

    full = (steps.rungs[None, :] * steps.gpus_per_replica) / levels[:, None]
    past = np.searchsorted(ordered, full.ravel(), side="right").reshape(full.shape)
    return HourTables(
        ladder=steps,
        first=first,
        mean_busy=mean_busy,
        above=stacked(share_above),
        started=stacked(crossing),
        work_over=over(shape.load / hours, x, begin),
        past_full=over(shape.load / hours, full, past),
        api_over=over(shape.api, x, begin),
        host_over=over(shape.host, x, begin),
        quiet=1 - share_above[:, 0],
    )

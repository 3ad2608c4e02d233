"""How much load a number of replicas carries within the promise: the steps in which every way to host grows.

A replica is the smallest thing that serves the model. Rungs are whole numbers of replicas: every number up to 32,
then steps of 3 %, because nobody hires the 501st replica for its own sake. An hour needs the first rung that carries
its load, whichever way the replicas are paid for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.capacity.headroom import carried
from supercycle.decisions.inputs.promise import Sla, Throughput

__all__ = ["Ladder", "ladder"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_EXACT = 32
_STEP = 1.03
_WAITING_SHARE = 0.05  # the promise of a first token is a 95th percentile
_MOST = 2e12  # replicas on a path: a load of today is held to less (choice/setting.py)


@dataclass(frozen=True, slots=True)
class Ladder:
    """``rungs`` of replicas from 0, and the busy GPUs that each ``carries`` in an hour; both rise."""

    rungs: Ints
    carries: Floats
    gpus_per_replica: int

    def needed(self, load: Floats) -> Ints:
        """The index of the first rung that carries a load in busy GPUs.

        >>> Ladder(np.array([0, 1, 2]), np.array([0.0, 3.0, 7.0]), 4).needed(np.array([0.0, 3.0, 3.1])).tolist()
        [0, 1, 2]
        """
        return np.searchsorted(self.carries, load * (1 - 1e-12), side="left")

    def at(self, replicas: Floats) -> Ints:
        """The index of the largest rung of at most so many replicas."""
        return np.searchsorted(self.rungs, replicas + 1e-9, side="right") - 1


def ladder(rate: Throughput, sla: Sla, *, burst: float, deferrable: float, most_busy: float) -> Ladder:
    """The rungs that a load of up to ``most_busy`` GPUs takes.

    Requests in flight share slots (``concurrency`` a replica). With the load's busiest minutes ``burst`` times the
    mean of their hour, a rung carries the load at which 95 % of requests start within the promise. Work that can
    wait has no burst and fills the slack: ``gpus / b (d + (1 - d) rho)`` with ``b = 1 + (burst - 1)(1 - d)``.
    Limits: everything deferrable carries all its GPUs; more replicas never carry less.
    Errors: InputError for a load beyond all reason.
    """
    size, slots = rate.gpus_per_replica, rate.concurrency
    residence = rate.ttft_s + rate.osl / rate.tokens_per_s_user
    patience = max(sla.ttft_p95_s - rate.ttft_s, 0.0) / residence
    full = 1 + (burst - 1) * (1 - deferrable)
    most = most_busy * full / size
    if not most < _MOST / 2:
        raise InputError(
            "the load needs more replicas than there are",
            expected=f"below {_MOST / 2:,.0f}",
            got=f"{most:,.0f}",
        )
    rungs = list(range(_EXACT + 1))
    while rungs[-1] < 1.5 * most + 2 * math.sqrt(most) + 8:  # waiting takes at most this much above the load
        rungs.append(math.ceil(rungs[-1] * _STEP))
    count = np.array(rungs[1:], dtype=np.float64)
    n = np.maximum(np.floor(count * slots), 1.0)
    rho = carried(n, patience, _WAITING_SHARE) / n if deferrable < 1 else np.ones_like(n)
    carries = count * size / full * (deferrable + (1 - deferrable) * rho)
    while carries[-1] < most_busy:  # little patience at small scale: add rungs until the load is carried
        more = math.ceil(rungs[-1] * 1.5)
        rungs.append(more)
        last = np.maximum(np.floor(np.array([more * slots])), 1.0)
        part = float((carried(last, patience, _WAITING_SHARE) / last)[0]) if deferrable < 1 else 1.0
        carries = np.append(carries, more * size / full * (deferrable + (1 - deferrable) * part))
    top = int(np.searchsorted(carries, most_busy)) + 1
    return Ladder(
        np.array(rungs[: top + 1], dtype=np.int64),
        np.concatenate([[0.0], np.maximum.accumulate(carries[:top])]),
        size,
    )

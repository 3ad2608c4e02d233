"""From mean load to GPUs: what the busiest hour needs, what on-demand hires hour by hour, what exceeds a capacity.

Tables over the mean number of busy GPUs, made once per case; paths and months only look up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.decisions.capacity.headroom import servers_for_wait, spares
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.promise import Throughput

__all__ = ["Sizing", "sizing"]

Floats = NDArray[np.float64]
_WAITING_SHARE = 0.05  # the SLA's TTFT is a 95th percentile
_GRID = 96
_LEVELS = 1025


@dataclass(frozen=True, slots=True)
class Sizing:
    """Tables over the log of busy GPUs (mean of a month): capacity for the peak hour, mean GPUs hired by the hour.

    ``shape`` is the hourly load over its mean, sorted; ``above`` the mean of the load above equal steps from 0 to
    its peak.
    """

    busy_log: Floats
    peak: Floats
    hired: Floats
    shape: Floats
    above: Floats
    lump: int
    down_share: float
    availability: float

    def capacity(self, busy: Floats) -> Floats:
        """GPUs that carry the busiest hour within the SLA, before whole servers."""
        return _lookup(self.peak, self._place(busy))

    def servers(self, gpus: Floats) -> Floats:
        """GPUs in whole servers."""
        return self.lump * np.ceil(np.maximum(gpus, 0.0) / self.lump - 1e-9)

    def with_spares(self, gpus: Floats) -> Floats:
        """Whole servers and the spare ones that keep the availability while some are down."""
        servers = np.ceil(np.maximum(gpus, 0.0) / self.lump - 1e-9).astype(np.int64)
        counts, at = np.unique(servers, return_inverse=True)
        extra = np.array([spares(int(n), self.down_share, self.availability) for n in counts])
        return self.lump * (servers + extra[at].reshape(servers.shape)).astype(np.float64)

    def hired_on_demand(self, busy: Floats) -> Floats:
        """Mean GPUs paid for when each hour hires what it needs."""
        return _lookup(self.hired, self._place(busy))

    def over(self, peak: Floats, capacity: Floats) -> Floats:
        """Mean GPUs needed above a capacity, for months that need ``peak`` at most: 0 at the peak, the mean
        without any.
        """
        found = capacity / peak
        found *= len(self.above) - 1
        found = _lookup(self.above, found)
        found *= peak
        found /= self.shape[-1]
        return found

    def _place(self, busy: Floats) -> Floats:
        """Where a load stands in the tables, whose steps are equal in the log."""
        found = np.log(busy)
        found -= self.busy_log[0]
        found /= self.busy_log[1] - self.busy_log[0]
        return found


def _lookup(table: Floats, place: Floats) -> Floats:
    """Linear between the entries of an equally spaced table; the ends hold beyond it."""
    np.clip(place, 0.0, len(table) - 1 - 1e-9, out=place)
    low = place.astype(np.int32)
    place -= low
    steps = np.diff(table)
    place *= steps[low]
    place += table[low]
    return place


def sizing(shape: Floats, mean_busy: float, rate: Throughput, case: Case) -> Sizing:
    """The tables of a case around its mean load. Limits: a flat shape makes peak and mean need equal."""
    ordered = np.sort(shape)
    busy_log = np.linspace(math.log(1e-3), math.log(1e3), _GRID) + math.log(mean_busy)
    busy = np.exp(busy_log)
    per_slot = rate.gpus_per_replica / rate.concurrency
    residence = rate.ttft_s + rate.osl / rate.tokens_per_s_user
    patience = max(case.sla.ttft_p95_s - rate.ttft_s, 0.0) / residence
    burst = case.number("workload.burst_ratio")

    def gpus(load: float) -> float:
        slots = servers_for_wait(max(load * burst / per_slot, 1e-9), patience, _WAITING_SHARE)
        return float(rate.gpus_per_replica * math.ceil(slots / rate.concurrency - 1e-9))

    fine = np.exp(
        np.linspace(
            math.log(busy[0] * max(float(ordered[0]), 1e-3)), math.log(busy[-1] * float(ordered[-1])), 128
        )
    )
    need = np.array([gpus(float(load)) for load in fine])
    hourly = np.interp(busy[:, None] * ordered, fine, need)
    slack = 1 + case.number("rental.autoscale_slack")
    levels = np.linspace(0.0, float(ordered[-1]), _LEVELS)
    # The mean above a level: what is left of the sorted load's tail.
    first = np.searchsorted(ordered, levels, side="right")
    tails = np.append(np.cumsum(ordered[::-1])[::-1], 0.0)
    above = (tails[first] - levels * (len(ordered) - first)) / len(ordered)
    down = case.number("hardware.failures_per_gpu_year") * case.number("hardware.gpus_per_server")
    return Sizing(
        busy_log=busy_log,
        peak=hourly[:, -1] / case.number("performance.allocated_share"),
        hired=slack * hourly.mean(axis=1),
        shape=ordered,
        above=above,
        lump=int(case.number("hardware.gpus_per_server")),
        down_share=min(down * case.number("hardware.repair_days") / 365, 0.5),
        availability=case.number("sla.availability"),
    )

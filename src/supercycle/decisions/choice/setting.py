"""A case at its load and on its paths: the frame of the bills, and the machines that could serve the load.

A machine is one size of replica with its rate at the promise, and its tables of hours. The level of the load is a
whole number of half per cents on every path and month, so that tables of exact hourly sums serve all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.profile import DemandProfile
from supercycle.decisions.capacity.days import DayTables, day_tables
from supercycle.decisions.capacity.headroom import spares
from supercycle.decisions.capacity.hours import STEP_LOG, HourTables, hour_tables
from supercycle.decisions.capacity.ladder import ladder
from supercycle.decisions.capacity.throughput import throughputs
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.inputs.promise import Shape, Throughput
from supercycle.decisions.inputs.quotes import ApiPrice
from supercycle.decisions.inputs.weights import Weights
from supercycle.decisions.inputs.workload import Load, busy_gpus, host_usd, load_of, moved_shape
from supercycle.decisions.money.frame import Frame
from supercycle.decisions.money.prices import Background, price_paths

__all__ = ["Machine", "Prepared", "Setting", "placed", "prepare", "prepared", "scaled", "setting"]

_MOST_REPLICAS = (
    1e6  # judgement: more than the world has; what paths of the future may need is not held to it
)
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Machine:
    """One size of replica: its rate, the shape and level of the load in its GPUs, and the hours they need."""

    rate: Throughput
    shape: Shape
    mean_busy: float
    tables: HourTables
    servers_per_lump: int
    replicas_per_lump: int
    gpus_per_server: int
    windows: dict[int, DayTables] = field(default_factory=dict[int, DayTables], compare=False, repr=False)

    @property
    def gpus_per_lump(self) -> int:
        """GPUs of the smallest thing that is bought or reserved and can serve: whole servers, at least one replica."""
        return self.servers_per_lump * self.gpus_per_server

    def replicas(self, load: Floats) -> Floats:
        """Whole replicas that carry a load in busy GPUs."""
        steps = self.tables.ladder
        found: Floats = steps.rungs[np.minimum(steps.needed(load), len(steps.rungs) - 1)].astype(np.float64)
        return found

    def lumps(self, load: Floats) -> Floats:
        """Whole lumps that carry a load in busy GPUs."""
        return np.ceil(self.replicas(load) / self.replicas_per_lump)

    def days(self, count: int) -> DayTables:
        """What windows of so many days need, made once."""
        if count not in self.windows:
            self.windows[count] = day_tables(self.shape.load, self.tables, self.replicas_per_lump, count)
        return self.windows[count]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case at its load, before any path: the same for every world. ``rates`` are those of each size of replica."""

    load: Load
    rates: tuple[Throughput, ...]
    part: Gpu
    shapes: tuple[Shape, ...]
    busy: tuple[float, ...]
    open_price: ApiPrice | None
    open_usd_per_month: float
    host_note: str = ""
    unhosted: str = ""
    tables: dict[tuple[float, ...], Machine] = field(
        default_factory=dict[tuple[float, ...], Machine], compare=False
    )

    @property
    def rate(self) -> Throughput:
        """The size of replica with the best rate per GPU."""
        return max(self.rates, key=lambda one: one.output_tok_s_gpu)


@dataclass(frozen=True)
class Setting:
    """A case at its load and on its paths."""

    ready: Prepared
    frame: Frame
    machines: tuple[Machine, ...]
    level: Ints  # [month, path], half per cents of busy GPUs above today's
    growth: Floats  # [year], planned until the next review
    background: Background = field(repr=False)
    seed: int
    whole_requests: float  # a month, of the whole load, of which this setting may serve a part

    @property
    def case(self) -> Case:
        """The inputs."""
        return self.frame.case

    @property
    def load(self) -> Load:
        """The load."""
        return self.ready.load

    @cached_property
    def relative(self) -> Floats:
        """Busy GPUs over today's [month, path]."""
        return np.exp(STEP_LOG * self.level)

    @cached_property
    def reviewed(self) -> Floats:
        """The level that a review sees [year, path]: the month's; at the start the throughput as stated."""
        seen = self.relative[::12].copy()
        seen[0] = 1.0
        return seen

    @cached_property
    def planned(self) -> Floats:
        """The level that a review plans for [year, path]: what it sees times the growth until the next one."""
        return self.reviewed * self.growth[:, None]

    def spare_lumps(self, lumps: Floats, machine: Machine) -> Floats:
        """Lumps that stand by so that enough are up, where the promise rests on one's own servers alone."""
        case = self.case
        down = case.number("hardware.failures_per_gpu_year") * machine.gpus_per_lump
        share = min(down * case.number("hardware.repair_days") / 365, 0.5)
        counts, at = np.unique(lumps.astype(np.int64), return_inverse=True)
        extra = np.array([spares(int(n), share, case.number("sla.availability")) for n in counts])
        return extra[at].reshape(lumps.shape).astype(np.float64)

    def take(self, paths: int) -> Setting:
        """The same on its first paths, with the same plans."""
        if paths >= self.frame.paths.paths:
            return self
        return replace(self, frame=self.frame.take(paths), level=np.ascontiguousarray(self.level[:, :paths]))


def prepare(case: Case, profile: DemandProfile, *, load_factor: float = 1.0) -> Prepared:
    """Load (times a factor), throughput and shapes of a case. Errors: those of load_of and throughput."""
    return prepared(case, load_of(profile, case).scaled(load_factor))


def prepared(case: Case, load: Load) -> Prepared:
    """The same for a load that is already read."""
    part, model = case.part, case.model
    unhosted = ""
    try:
        rates = _rates(case, load, part, model)
    except InputError as problem:
        # A promise that no GPU keeps leaves the APIs, which are ranked all the same. The shape of the load is that of
        # its answers then; nothing is sized by it.
        if case.optional("performance.output_tok_s_gpu") is not None:
            raise
        unhosted = str(problem)
        rates = (_no_machine(case, load),)
    price, host, host_bill, note = host_usd(load, case)
    shapes: list[Shape] = []
    busy: list[float] = []
    for rate in rates:
        hourly = busy_gpus(load, rate, case)
        if rate.method != "measured":
            hourly = hourly / case.number("performance.achieved_share")
        shapes.append(moved_shape(load, hourly, host, case))
        busy.append(float(hourly.mean()))
    return Prepared(load, rates, part, tuple(shapes), tuple(busy), price, host_bill, note, unhosted)


def _no_machine(case: Case, load: Load) -> Throughput:
    """Stands where no machine keeps the promise: it shapes the load by its answers and is never hired."""
    sla = case.sla
    return Throughput(
        1000.0, "none", 0.0, case.word("model.precision"), "", 1, 1.0, sla.tokens_per_s_user, sla.ttft_p95_s, 0.5,
        max(load.isl, 1.0), max(load.osl, 1.0), "no machine keeps the promise",
    )  # fmt: skip


def _rates(case: Case, load: Load, part: Gpu, model: Weights) -> tuple[Throughput, ...]:
    return throughputs(
        model,
        part,
        case.sla,
        isl=max(load.isl, 1.0),
        osl=max(load.osl * case.number("model.output_ratio"), 1.0),
        precision=case.word("model.precision"),
        measured_output_tok_s_gpu=case.optional("performance.output_tok_s_gpu"),
        measured_gpus=case.optional("performance.measured_gpus"),
        measured_concurrency=case.optional("performance.measured_concurrency"),
    )


def setting(case: Case, profile: DemandProfile, background: Background, *, paths: int, seed: int) -> Setting:
    """A case on the paths of a world."""
    return placed(case, prepare(case, profile), background, paths=paths, seed=seed)


def placed(case: Case, ready: Prepared, background: Background, *, paths: int, seed: int) -> Setting:
    """A prepared case on the paths of a world."""
    sd, load = case.optional("performance.sd_log"), ready.load
    drawn = price_paths(
        case,
        background,
        price_usd_per_mtok=load.api_usd_per_month / load.mtok_per_month,
        open_usd_per_mtok=ready.open_usd_per_month / load.mtok_per_month,
        sd_log=ready.rate.sd_log if sd is None else sd,
        paths=paths,
        seed=seed,
    )
    frame = Frame(
        case, ready.part, drawn, load.mtok_per_month, load.requests_per_month, load.api_usd_per_month,
        ready.open_usd_per_month,
    )  # fmt: skip
    logs = np.log(drawn.demand)
    logs -= drawn.own_gain_log
    logs += np.log(drawn.need_factor)
    growth = _planned_growth(logs, case.years)
    logs /= STEP_LOG
    level = np.rint(logs, out=logs).astype(np.int64)
    first, last = min(int(level.min()), 0), max(int(level.max()), 0)
    machines = tuple(
        _machine(case, ready, size, (first, last), float(growth.max())) for size in range(len(ready.rates))
    )
    return Setting(ready, frame, machines, level, growth, background, seed, load.requests_per_month)


def scaled(place: Setting, case: Case, share: float) -> Setting:
    """A case at a share of a setting's load, on the same draws. Limits: no share leaves a millionth, which costs next
    to nothing; one part of a load has its shape.
    """
    ready = prepared(case, place.load.scaled(max(share, 1e-6)))
    found = placed(case, ready, place.background, paths=place.frame.paths.paths, seed=place.seed)
    return replace(found, whole_requests=place.whole_requests)


def _machine(case: Case, ready: Prepared, size: int, levels: tuple[int, int], growth: float) -> Machine:
    """The machine of a size; prices do not move it, so a case whose prices are moved finds it made."""
    first, last = levels
    rate, shape, busy = ready.rates[size], ready.shapes[size], ready.busy[size]
    burst, deferrable = case.number("workload.burst_ratio"), case.number("workload.deferrable_share")
    server = int(case.number("hardware.gpus_per_server"))
    key = (size, first, last, growth, burst, deferrable, server)
    if key not in ready.tables:
        most = busy * float(np.exp(STEP_LOG * last)) * shape.peak * growth
        if not busy * shape.peak / rate.gpus_per_replica < _MOST_REPLICAS:
            raise InputError(
                "the load needs more replicas than there are", expected=f"below {_MOST_REPLICAS:,.0f} today",
                got=f"{busy * shape.peak / rate.gpus_per_replica:,.0f}",
            )  # fmt: skip
        steps = ladder(rate, case.sla, burst=burst, deferrable=deferrable, most_busy=most)
        servers = -(-rate.gpus_per_replica // server)
        ready.tables[key] = Machine(
            rate,
            shape,
            busy,
            hour_tables(shape, busy, steps, first, last),
            servers,
            max(servers * server // rate.gpus_per_replica, 1),
            server,
        )
    return ready.tables[key]


def _planned_growth(logs: Floats, years: int) -> Floats:
    """Factor [year] by which the mean load grows until the next review; never below 1."""
    means = logs.mean(axis=1)
    months = len(means) - 1 - 12 * (years - 1)  # from the last review to the last month
    ends = np.append(means[12::12], means[-1] + (means[-1] - means[-1 - months]) / months)
    return np.maximum(np.exp(ends - means[::12]), 1.0)

"""What every option of a case shares: the load in GPUs, prices on the paths, discounting, and the yearly sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.core.profile import DemandProfile
from supercycle.decisions.capacity.sizing import Sizing, sizing
from supercycle.decisions.capacity.throughput import throughput
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.hardware import Gpu, gpu
from supercycle.decisions.inputs.promise import Throughput
from supercycle.decisions.inputs.quotes import ApiPrice, hosted_price
from supercycle.decisions.inputs.weights import weights
from supercycle.decisions.inputs.workload import Load, busy_gpus, load_of, shape_of
from supercycle.decisions.money.prices import Background, PricePaths, price_paths

__all__ = ["Prepared", "Setting", "placed", "prepare", "setting"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Setting:
    """A case at its load and on its paths. Arrays are [month, path] or [year, path]."""

    case: Case
    load: Load
    rate: Throughput
    part: Gpu
    size: Sizing
    mean_busy: float
    open_price: ApiPrice | None
    open_usd_per_month: float
    paths: PricePaths

    @cached_property
    def busy(self) -> Floats:
        """Mean busy GPUs [month, path]: load, less efficiency gained, at the throughput that turns out."""
        found = self.paths.demand * np.exp(-self.paths.own_gain_log)
        found *= self.mean_busy * self.paths.need_factor
        return found

    @cached_property
    def peak(self) -> Floats:
        """GPUs that the busiest hour of each month needs [month, path]."""
        return self.size.capacity(self.busy)

    @cached_property
    def unit_price_cost(self) -> Floats:
        """What 1 USD per Mtok costs after tax on each path."""
        paid = self.month_factors @ self.mtok
        if self.case.optional("finance.taxable_income_usd_per_year") is None:
            paid -= self.case.number("finance.tax_rate") * (self.year_factors @ self.by_year(self.mtok))
        return paid

    @cached_property
    def expected_busy(self) -> Floats:
        """Busy GPUs as planned at a review [year, path]: what the month shows; at the start, the throughput as
        stated.
        """
        at = self.busy[::12].copy()
        at[0] /= self.paths.need_factor
        return at

    @cached_property
    def planned_growth(self) -> Floats:
        """Factor [year] by which load is planned to grow until the next review; never below 1."""
        logs = np.log(self.busy).mean(axis=1)
        months = len(logs) - 1 - 12 * (self.case.years - 1)  # from the last review to the last month
        ends = np.append(logs[12::12], logs[-1] + (logs[-1] - logs[-1 - months]) / months)
        return np.maximum(np.exp(ends - logs[::12]), 1.0)

    @cached_property
    def api_bill(self) -> Floats:
        """The whole load at the API, USD a month."""
        return self.load.api_usd_per_month * self.paths.api * self.paths.demand

    @cached_property
    def open_bill(self) -> Floats:
        """The whole load at an API host of the open-weights model, USD a month."""
        return self.open_usd_per_month * self.paths.api_open * self.paths.demand

    @cached_property
    def month_factors(self) -> Floats:
        """Discount factors of month ends."""
        rate = self.case.number("finance.discount_rate_per_year")
        return (1 + rate) ** -((np.arange(self.case.horizon_months) + 1.0) / 12)

    @cached_property
    def year_factors(self) -> Floats:
        """Discount factors of year ends."""
        return self.month_factors[11::12]

    @cached_property
    def mtok(self) -> Floats:
        """Million tokens served [month, path]."""
        return self.load.mtok_per_month * self.paths.demand

    def by_year(self, monthly: Floats) -> Floats:
        """Yearly sums [year, path]."""
        return monthly.reshape(self.case.years, 12, -1).sum(axis=1)

    def held(self, yearly: Floats) -> Floats:
        """A yearly choice held for its twelve months."""
        return np.repeat(yearly, 12, axis=0)

    def energy_kwh(self, gpus: Floats, busy: Floats, pue: float) -> Floats:
        """Facility energy of a month for GPUs that are on, some of them busy."""
        idle, working = (
            self.case.number("hardware.idle_power_share"),
            self.case.number("hardware.busy_power_share"),
        )
        found = np.minimum(busy, gpus)
        found *= working - idle
        found += idle * gpus
        found *= self.case.number("hardware.server_kw") * pue * HOURS_PER_MONTH
        return found

    def mean_energy_kwh(self, gpus: Floats) -> Floats:
        """Mean energy by year [year, 1] of rented GPUs [month, path] that carry the load: linear, so the means
        suffice.
        """
        rented = self.energy_kwh(gpus.mean(axis=1), self.busy.mean(axis=1), self.case.number("site.pue"))
        return rented.reshape(self.case.years, 12).sum(axis=1)[:, None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case at its load, before any path: the same for every world."""

    load: Load
    rate: Throughput
    part: Gpu
    size: Sizing
    mean_busy: float
    usd_per_mtok: float
    open_price: ApiPrice | None
    open_usd_per_month: float


def prepare(case: Case, profile: DemandProfile, *, load_factor: float = 1.0) -> Prepared:
    """Load (times a factor), throughput and sizes of a case. Errors: those of load_of and throughput."""
    load = load_of(profile, case).scaled(load_factor)
    part, model = gpu(case.word("hardware.gpu")), weights(case.word("model.open_weights"))
    rate = throughput(
        model,
        part,
        case.sla,
        isl=max(load.isl, 1.0),
        osl=max(load.osl * case.number("model.output_ratio"), 1.0),
        precision=case.word("model.precision"),
        measured_output_tok_s_gpu=case.optional("performance.output_tok_s_gpu"),
    )
    busy = busy_gpus(load, rate, case)
    if rate.method != "measured":
        busy = busy / case.number("performance.achieved_share")
    shape = shape_of(busy, case.number("workload.deferrable_share"))
    mean = float(busy.mean())
    per_mtok = load.api_usd_per_month / load.mtok_per_month
    host = hosted_price((model.name, *model.aliases), case.today)
    return Prepared(
        load,
        rate,
        part,
        sizing(shape, mean, rate, case),
        mean,
        per_mtok,
        host,
        load.at_host(host, case) if host else 0.0,
    )


def setting(case: Case, profile: DemandProfile, background: Background, *, paths: int, seed: int) -> Setting:
    """A case on the paths of a world."""
    return placed(case, prepare(case, profile), background, paths=paths, seed=seed)


def placed(case: Case, ready: Prepared, background: Background, *, paths: int, seed: int) -> Setting:
    """A prepared case on the paths of a world."""
    sd = case.optional("performance.sd_log")
    drawn = price_paths(
        case,
        background,
        price_usd_per_mtok=ready.usd_per_mtok,
        open_usd_per_mtok=ready.open_usd_per_month / ready.load.mtok_per_month,
        sd_log=ready.rate.sd_log if sd is None else sd,
        paths=paths,
        seed=seed,
    )
    return Setting(
        case,
        ready.load,
        ready.rate,
        ready.part,
        ready.size,
        ready.mean_busy,
        ready.open_price,
        ready.open_usd_per_month,
        drawn,
    )

"""Paths of prices and load, month by month, around the world's scarcity.

    log rent     = log world price of compute + own scarcity (mean-reverting) + jumps at new generations
    log API      = drift of the chosen deflator + its share of what the world's service price does beyond the base
    case own gain     = the same efficiency for one's own servers, as far as they follow: deflation is never
    applied to one side only log hardware = its decline + a share of rent's departure from trend

All start at today's quotes. Rents move both ways (they rose by a third in early 2026). The world's paths carry the
scarcity that rentals, APIs and resale share, so that an unwind lowers them together.
Source: Schwartz and Smith, Short-term variations and long-term dynamics in commodity prices, Management Science
46(7), 2000.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.normal import normal_quantile
from supercycle.core.random import normal_matrix, normals, uniform_matrix
from supercycle.decisions.inputs.assumptions import DEFLATORS
from supercycle.decisions.inputs.case import Case

__all__ = ["Background", "PricePaths", "api_index", "deflator_log", "price_paths", "scarcity"]

Floats = NDArray[np.float64]

# Yearly log drift of API prices: the same model and constant quality are measured indices (figures buyers:
# api_price_log_change); the cheapest price at a fixed rating falls 4-7 a year of its age to a floor (figures demand).
DRIFT = {"same_model": -0.10, "constant_quality": -0.73, "cheapest": -5.5}
# Share of the world's departure from its base case that reaches each deflator. Judgement: list prices of a model
# barely move, new models carry the fall.
WORLD_SHARE = {"same_model": 0.25, "constant_quality": 1.0, "cheapest": 1.0}


@dataclass(frozen=True, slots=True)
class Background:
    """The world a decision is made in: logs by quarter and path, from the quarter of the decision on.

    ``spot_log`` is the price of compute relative to the first quarter; ``service_dev`` and ``efficiency_dev`` are
    the service price and the efficiency in use relative to the first quarter and to the base case's median;
    ``trend_per_year`` is the base case's median drift of the price of compute.
    """

    name: str
    spot_log: Floats
    service_dev: Floats
    efficiency_dev: Floats
    trend_per_year: float

    def __post_init__(self) -> None:
        shape = self.spot_log.shape
        if len(shape) != 2 or self.service_dev.shape != shape or self.efficiency_dev.shape != shape:
            raise InputError("background", expected="three arrays [quarter, path] of one shape", got=shape)
        for name in ("spot_log", "service_dev", "efficiency_dev"):
            if not np.isfinite(getattr(self, name)).all():
                raise InputError(f"background {name}", expected="finite numbers", got="others")

    @classmethod
    def still(cls, quarters: int, trend_per_year: float = 0.0) -> Background:
        """A world without scarcity moves: compute drifts, nothing else happens."""
        at = np.arange(quarters, dtype=np.float64)[:, None] / 4
        return cls("still", trend_per_year * at, 0 * at, 0 * at, trend_per_year)


@dataclass(frozen=True, slots=True)
class PricePaths:
    """Everything uncertain, [month, path] unless said: what a case's costs are computed from."""

    rent: Floats  # USD per GPU-hour, on demand
    rent_log: Floats  # relative to today
    api: Floats  # relative to today
    api_open: Floats  # the same for an open-weights model at an API host
    hardware: Floats  # relative to today
    own_gain_log: Floats  # log of work per GPU relative to today
    demand: Floats  # relative to today
    need_factor: Floats  # [path], error of throughput
    shocks: Floats  # the standard normal innovations of own scarcity

    def take(self, paths: int) -> PricePaths:
        """The first ``paths`` paths."""
        return PricePaths(
            *(getattr(self, name)[:, :paths] for name in _PER_MONTH),
            need_factor=self.need_factor[:paths],
            shocks=self.shocks[:, :paths],
        )

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return self.rent.shape[0]

    @property
    def paths(self) -> int:
        """Number of paths."""
        return self.rent.shape[1]


_PER_MONTH = ("rent", "rent_log", "api", "api_open", "hardware", "own_gain_log", "demand")


def scarcity(shocks: Floats, *, reversion: float, sd: float) -> Floats:
    """The mean-reverting part [month, path], 0 today, driven by ``shocks`` [month, path] (the first row is not used).

    ``x_t = x_{t-1} e^(-k/12) + sd sqrt((1 - e^(-k/6)) / (2 k)) z_t``, the exact step of an Ornstein-Uhlenbeck
    process.
    Limits: k -> 0 is a random walk with sd ** 2 / 12 a month; for long the variance is sd ** 2 / (2 k).
    """
    step = 1.0 / 12.0
    keep = math.exp(-reversion * step)
    size = sd * (
        math.sqrt(-math.expm1(-2 * reversion * step) / (2 * reversion)) if reversion > 0 else math.sqrt(step)
    )
    found = np.empty_like(shocks)
    found[0] = 0.0
    for month in range(1, len(shocks)):
        np.multiply(found[month - 1], keep, out=found[month])
        found[month] += size * shocks[month]
    return found


def deflator_log(deflator: str, years: Floats | float) -> Floats:
    """Log drift of a deflator after ``years``, without floor. Errors: UnknownNameError."""
    if deflator not in DRIFT:
        raise UnknownNameError("API deflator", deflator, DEFLATORS)
    return DRIFT[deflator] * np.asarray(years, dtype=np.float64)


def api_index(log: Floats, price: float, floor: float) -> Floats:
    """The API's price relative to today, above its floor: ``f + (1 - f) e^log`` with f = floor / price, at most 1.

    Limits: log 0 gives 1; a long fall ends at the floor; a price at its floor stays there unless it rises.
    """
    share = min(floor / price, 1.0) if price > 0 else 1.0
    return share + (1 - share) * np.exp(log)


def price_paths(
    case: Case,
    background: Background,
    *,
    price_usd_per_mtok: float,
    open_usd_per_mtok: float,
    sd_log: float,
    paths: int,
    seed: int,
) -> PricePaths:
    """Draw the paths of a case in a world. Equal seeds give equal paths, whatever is changed in the case.

    Errors: InputError when the world ends before the horizon, or for no path.
    """
    months = case.horizon_months
    if paths < 1:
        raise InputError("paths", expected="1 or more", got=paths)
    quarters = background.spot_log.shape[0]
    if 3 * (quarters - 1) < months - 1:
        raise InputError(
            "the world ends before the horizon",
            expected=f"{months} months",
            got=f"{3 * (quarters - 1)} months",
            hint="Shorten horizon_months or start earlier.",
        )
    index = np.arange(paths)
    world = index % background.spot_log.shape[1]
    spot, service, efficiency = (
        _monthly(rows, months)[:, world]
        for rows in (background.spot_log, background.service_dev, background.efficiency_dev)
    )
    years = np.arange(months, dtype=np.float64)[:, None] / 12
    shocks = normal_matrix(seed, "decide scarcity", index, range(months))
    rent_log = spot + scarcity(
        shocks, reversion=case.number("prices.mean_reversion_per_year"), sd=case.number("prices.sd_per_year")
    )
    rent_log += _jumps(case, index, months, seed)

    deflator = case.word("api.deflator")
    share, floor = WORLD_SHARE[deflator], case.number("api.floor_usd_per_mtok")
    fall = case.optional("api.fall_per_year")
    drift = deflator_log(deflator, years) if fall is None else math.log1p(-fall) * years
    moved = drift + share * service
    api, api_open = (api_index(moved, price, floor) for price in (price_usd_per_mtok, open_usd_per_mtok))
    # Of the API's trend, what compute's own price does not explain is efficiency; the same for the world's
    # departures.
    trend = np.maximum(
        -np.log(api_index(drift, price_usd_per_mtok, floor)) + background.trend_per_year * years, 0.0
    )
    gain = case.number("prices.own_gain_share") * np.maximum(trend + share * efficiency, 0.0)

    departed = rent_log - background.trend_per_year * years
    hardware = np.exp(
        case.number("prices.hardware_pass") * departed
        - case.number("hardware.price_decline_per_year") * years
    )
    rate = math.log1p(case.number("workload.growth_per_year")) + case.number("workload.growth_sd") * normals(
        seed, "decide growth", index
    )
    noise = normal_matrix(seed, "decide month", index, range(months))
    noise[0] = 0.0  # the load of today is measured
    demand = np.exp(years * rate + case.number("workload.monthly_sd") * noise)
    return PricePaths(
        rent=case.number("rental.on_demand_usd_per_gpu_hour") * np.exp(rent_log),
        rent_log=rent_log,
        api=api,
        api_open=api_open,
        hardware=hardware,
        own_gain_log=gain,
        demand=demand,
        need_factor=np.exp(-sd_log * normals(seed, "decide throughput", index)),
        shocks=shocks,
    )


def _jumps(case: Case, index: NDArray[np.int64], months: int, seed: int) -> Floats:
    """Cumulated jumps of a part's rent at new generations, less their mean: they spread and do not drift."""
    chance = case.number("prices.jumps_per_year") / 12
    mean, sd = case.number("prices.jump_log"), case.number("prices.jump_sd")
    found = np.zeros((months, len(index)))
    if chance == 0:
        return found
    draws = uniform_matrix(seed, "decide generation", index, range(months))
    arrived = draws < chance
    arrived[0] = False
    expected = math.exp(mean + sd**2 / 2)
    # Given that one arrives, the draw over the chance is uniform again: it makes the size.
    found[arrived] = mean + sd * normal_quantile(draws[arrived] / chance)
    found[1:] -= math.log1p(chance * (expected - 1))
    return np.cumsum(found, axis=0)


def _monthly(quarterly: Floats, months: int) -> Floats:
    """Linear between quarters; month 0 is quarter 0."""
    at = np.arange(months) / 3
    low = np.minimum(at.astype(np.int64), len(quarterly) - 1)
    high = np.minimum(low + 1, len(quarterly) - 1)
    part = (at - low)[:, None]
    return quarterly[low] * (1 - part) + quarterly[high] * part

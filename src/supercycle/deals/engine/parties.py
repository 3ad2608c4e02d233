"""Who may fail and what values may do, drawn by path: a guarantor and the asset it covers share a factor.

    value_t = level_t exp(v sqrt(t) z - v^2 t / 2)                 z the asset's factor, v its volatility
    fails by t when c z + sqrt(1 - c^2) e < N^-1(1 - S_t)          S_t = prod (1 - p_t)^dt, e its own draw

With c above 0 a guarantor fails more often where the asset it guarantees is worth little (wrong-way risk). The mean
of the value is the level and the share that failed by t is 1 - S_t, whatever c is. An option of a lease is exercised
where c z + sqrt(1 - c^2) e > N^-1(1 - p). Where the world gives the value by path, z is the normal score of the path's
rank by mean value among the run's paths. Source: the one-factor Gaussian
copula of D. X. Li, "On Default Correlation: A Copula Function Approach", Journal of Fixed Income 9(4), 2000.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.normal import normal_quantile
from supercycle.core.random import normals
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Contract, Deal, Party

__all__ = ["Chances", "draw_chances", "is_random"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Chances:
    """Arrays [period, path] by name: what multiplies an asset's value, and the share that a party still pays."""

    value: dict[str, Floats] = field(default_factory=dict[str, Floats])
    pays: dict[str, Floats] = field(default_factory=dict[str, Floats])
    renewed: dict[str, Floats] = field(default_factory=dict[str, Floats])  # options exercised [path]
    markets: dict[str, Floats] = field(
        default_factory=dict[str, Floats]
    )  # 1 where a refinancing can be had [path]


def is_random(deal: Deal) -> bool:
    """Whether anything in the deal is drawn."""
    renewals = any(c.renewal_probability < 1 for c in deal.contracts)
    markets = any(f.takes_out is not None and f.takes_out.probability < 1 for f in deal.facilities)
    return bool(deal.parties) or renewals or markets or any(a.volatility for a in deal.assets)


def draw_chances(deal: Deal, periods: Periods, values: Values, paths: int, seed: int) -> Chances:
    """Draw values, failures and renewals; a path's draws depend on its index, seed and names alone.

    Raises InputError for a probability outside 0 to 1 (1 itself excluded).
    """
    index = np.arange(paths)
    years = np.cumsum(periods.years)[:, None]  # values are those of payment dates
    factor = {a.name: normals(seed, f"deal.value.{a.name}", index) for a in deal.assets}
    value = {
        a.name: np.exp(a.volatility * np.sqrt(years) * factor[a.name] - a.volatility**2 * years / 2)
        for a in deal.assets
        if a.volatility
    }
    for asset in deal.assets:
        level = asset.value.on_dates(periods, values)
        if level.ndim == 2 and level.shape[1] == paths:
            factor[asset.name] = _ranks(level * value.get(asset.name, 1.0))
    pays = {
        p.name: _pays(p, periods, values, factor, normals(seed, f"deal.party.{p.name}", index))
        for p in deal.parties
    }
    renewed = {
        c.name: _exercised(c, factor.get(c.asset, np.zeros(paths)), seed, index)
        for c in deal.contracts
        if c.renewal_probability < 1
    }
    markets = {
        f.name: (normals(seed, f"deal.market.{f.name}", index) <= _barrier(f.takes_out.probability)).astype(
            float
        )
        for f in deal.facilities
        if f.takes_out is not None and f.takes_out.probability < 1
    }
    return Chances(value, pays, renewed, markets)


def _barrier(probability: float) -> float:
    """The normal quantile; never where the probability is 0."""
    return float(normal_quantile(np.array([probability]))[0]) if probability > 0 else -np.inf


def _ranks(value: Floats) -> Floats:
    """Normal scores of the paths' ranks by mean value."""
    rank = np.argsort(np.argsort(value.mean(axis=0), kind="stable"), kind="stable")
    return normal_quantile((rank + 0.5) / len(rank))


def _exercised(contract: Contract, factor: Floats, seed: int, index: NDArray[np.int64]) -> Floats:
    """How many options in a row are exercised."""
    if contract.renewal_probability == 0:
        return np.zeros(len(index))
    least = float(normal_quantile(np.array([1 - contract.renewal_probability]))[0])
    shared, own = contract.renewal_correlation, np.sqrt(1 - contract.renewal_correlation**2)
    count, going = np.zeros(len(index)), np.ones(len(index), bool)
    for option in range(contract.options):
        drawn = normals(seed, f"deal.renewal.{contract.name}", index, entity=option)
        going = going & (shared * factor + own * drawn > least)
        count = count + going
    return count


def _pays(party: Party, periods: Periods, values: Values, factor: dict[str, Floats], own: Floats) -> Floats:
    """1 until it fails, its recovery share from the payment date of the period in which it fails."""
    level = party.default_probability.mean(periods, values)
    if ((level < 0) | (level >= 1)).any():
        raise InputError(
            "bad default_probability", expected="0 to below 1 a year", where=party.default_probability.where
        )
    years = periods.years[:, None] if level.ndim == 2 else periods.years
    failed_by = -np.expm1(np.cumsum(np.log1p(-level) * years, axis=0))
    barrier = np.full(failed_by.shape, -np.inf)
    some = failed_by > 0
    barrier[some] = normal_quantile(failed_by[some])
    shared = party.correlation * factor[party.asset] if party.asset else 0.0
    lives = shared + np.sqrt(1 - party.correlation**2) * own
    return np.where(lives < (barrier if barrier.ndim == 2 else barrier[:, None]), party.recovery_share, 1.0)

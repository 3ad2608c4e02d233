"""All options of a case on the same paths, ranked; and the measures by which a person compares them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import UnknownNameError
from supercycle.decisions.choice import blend
from supercycle.decisions.choice.mix import cvar
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money import costs, owning
from supercycle.decisions.money.costs import LABELS, Costs, Option

__all__ = ["OPTIONS", "PURE", "Evaluated", "Measures", "evaluate", "levelised", "measures"]

Floats = NDArray[np.float64]

OPTIONS: dict[str, Option] = {
    "api": costs.api,
    "api_open": costs.api_open,
    "on_demand": costs.on_demand,
    "reserved_1y": costs.reserved_1y,
    "reserved_3y": costs.reserved_3y,
    "own_colo": owning.own_colo,
    "own_site": owning.own_site,
    "mix": blend.mix_option,
}

PURE = tuple(name for name in OPTIONS if name != "mix")


@dataclass(frozen=True, slots=True)
class Measures:
    """An option in numbers. USD after tax today unless said; ``best_share``: of paths on which it is the cheapest.

    ``levelised_usd_per_mtok`` is the ratio of the means (cost over tokens); its P10 and P90 are over the paths'
    own ratios.
    """

    name: str
    label: str
    mean: float
    p10: float
    p50: float
    p90: float
    cvar: float
    score: float
    levelised_usd_per_mtok: float
    levelised_p10: float
    levelised_p90: float
    peak_cash: float
    best_share: float
    standard_error: float
    kg_co2_per_mtok: float | None


@dataclass(frozen=True)
class Evaluated:
    """The options of a case, and their measures in order of score, the cheapest first."""

    place: Setting
    options: dict[str, Costs]
    ranking: tuple[Measures, ...]

    @property
    def best(self) -> Measures:
        """The cheapest by score."""
        return self.ranking[0]

    def of(self, name: str) -> Measures:
        """The measures of an option."""
        for one in self.ranking:
            if one.name == name:
                return one
        raise UnknownNameError("option", name, [m.name for m in self.ranking])


def levelised(place: Setting, option: Costs) -> Floats:
    """The constant price per Mtok that would cost the same after tax on each path: what compares with an API's list.

    ``npv / (sum(mtok d_m) - tax sum(mtok_y d_y))``: the denominator is what 1 USD per Mtok costs after tax.
    Limit: an API at a constant price gives that price.
    """
    return option.npv / place.unit_price_cost


def measures(place: Setting, options: dict[str, Costs]) -> tuple[Measures, ...]:
    """Every option's measures, by score ``(1 - w) mean + w CVaR``, the least first."""
    case = place.case
    weight, level = case.number("risk.weight"), case.number("risk.level")
    stacked = np.stack([option.npv for option in options.values()])
    winners = np.bincount(stacked.argmin(axis=0), minlength=len(options)) / stacked.shape[1]
    reference = _cash(options["api"]) if "api" in options else None
    found: list[Measures] = []
    for (name, option), share in zip(options.items(), winners, strict=True):
        ordered = np.sort(option.npv)
        mean, tail = float(ordered.mean()), cvar(ordered, level)
        price = np.sort(levelised(place, option))
        own = _cash(option)
        above = own - reference if reference is not None else own
        found.append(
            Measures(
                name,
                LABELS[name],
                mean,
                _at(ordered, 0.1),
                _at(ordered, 0.5),
                _at(ordered, 0.9),
                tail,
                (1 - weight) * mean + weight * tail,
                mean / float(place.unit_price_cost.mean()),
                _at(price, 0.1),
                _at(price, 0.9),
                max(float(np.max(above)), 0.0),
                float(share),
                float(ordered.std() / len(ordered) ** 0.5),
                _carbon(place, option),
            )
        )
    return tuple(sorted(found, key=lambda one: one.score))


def evaluate(place: Setting, names: tuple[str, ...] = tuple(OPTIONS)) -> Evaluated:
    """Compute and rank the options. Errors: UnknownNameError for a name that is no option."""
    for name in names:
        if name not in OPTIONS:
            raise UnknownNameError("option", name, OPTIONS)
    offered = [name for name in names if name != "api_open" or place.open_price is not None]
    options = {name: OPTIONS[name](place) for name in offered}
    return Evaluated(place, options, measures(place, options))


def _at(ordered: Floats, level: float) -> float:
    return float(ordered[min(int(level * len(ordered)), len(ordered) - 1)])


def _cash(option: Costs) -> Floats:
    """Mean cash spent so far after each month; capital at the start of its year, tax and sales at the end of
    theirs.
    """
    monthly = option.monthly.mean(axis=1)
    monthly[::12] += option.capital.mean(axis=1)
    spent = np.cumsum(monthly)
    back = (option.tax_saved + option.proceeds).mean(axis=1)
    for year, amount in enumerate(back):
        spent[12 * year + 12 :] -= amount
    return spent


def _carbon(place: Setting, option: Costs) -> float | None:
    """Carbon of the electricity used per Mtok; None where nobody discloses it (the API)."""
    if option.energy_kwh is None:
        return None
    kilograms = float(option.energy_kwh.mean(axis=1).sum()) * place.case.number("site.carbon_kg_per_kwh")
    return kilograms / float(place.mtok.mean(axis=1).sum())

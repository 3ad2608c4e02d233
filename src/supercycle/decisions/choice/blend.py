"""The mix: own the base, reserve the middle, leave the peak to on-demand or the API, at the heights of the
screening curves.

A tier's fixed and variable cost per GPU-hour are ratios of present values over the horizon, before tax, so that
falling prices, resale and depreciation are in them. Owned capacity stays for the horizon, so its height is read
from the loads of all years and paths, in whole servers; reserved capacity is read again every year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_MONTH, HOURS_PER_YEAR
from supercycle.decisions.choice.mix import Stack, Tier, lumpy_stack, screening_stack
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import Costs, finish, hosted, overflow
from supercycle.decisions.money.owning import bought, fleet, owned_parts, resale_per_gpu
from supercycle.decisions.money.tax import tax_schedule

__all__ = ["Blend", "blend", "mix_option", "tiers_of"]

Floats = NDArray[np.float64]
_SCENARIOS = 48  # paths whose loads stand for all in the choice of heights
_HOURS = 96  # points of the load-duration curve per year and path


@dataclass(frozen=True, slots=True)
class Blend:
    """The chosen heights: tiers with their costs, the stack, owned GPUs, share of hours each takes, and the top
    tier.
    """

    tiers: tuple[Tier, ...]
    stack: Stack
    owned_gpus: float
    reserved: str
    reserved_quantile: float
    top: str


def tiers_of(place: Setting) -> tuple[Tier, ...]:
    """Each way to serve as fixed and variable USD per GPU-hour over the horizon, people left out (all need some)."""
    case, paths = place.case, place.paths
    weights = place.month_factors
    hours = HOURS_PER_MONTH * float(weights.sum())
    rent = (
        float(weights @ paths.rent.mean(axis=1))
        * HOURS_PER_MONTH
        / hours
        * (1 + case.number("rental.hidden_share"))
    )
    year_weights = weights.reshape(case.years, 12).sum(axis=1)
    signed = [float(paths.rent[12 * (year - year % 3)].mean()) for year in range(case.years)]
    long = (
        float(year_weights @ np.array(signed))
        / float(year_weights.sum())
        * (1 + case.number("rental.hidden_share"))
    )
    mean_capacity = place.peak / place.size.shape[-1]
    served = float(weights @ mean_capacity.mean(axis=1)) * HOURS_PER_MONTH
    api = float(weights @ place.api_bill.mean(axis=1)) * (1 - case.number("model.rework_share")) / served
    return (
        _owning(place, hours),
        Tier("reserved_3y", long * case.number("rental.reserved_3y_ratio"), 0.0),
        Tier("reserved_1y", rent * case.number("rental.reserved_1y_ratio"), 0.0),
        Tier("on_demand", 0.0, rent * (1 + case.number("rental.autoscale_slack"))),
        Tier("api", 0.0, api),
        *(
            (Tier("api_open", 0.0, float(weights @ place.open_bill.mean(axis=1)) / served),)
            if place.open_price
            else ()
        ),
    )


def _owning(place: Setting, hours: float) -> Tier:
    """Owning in colocation: capital less tax shield and resale, over discounted hours, made comparable before tax."""
    case = place.case
    rate, tax = case.number("finance.discount_rate_per_year"), case.number("finance.tax_rate")
    capital, years = case.number("hardware.capital_usd_per_gpu"), case.years
    schedule = tax_schedule(case.word("finance.depreciation"))[:years]
    shield = tax * float(schedule @ (1 + rate) ** -np.arange(1.0, len(schedule) + 1)) * capital
    resale = float(
        resale_per_gpu(place, years - 1, min(years, int(case.number("hardware.life_years")))).mean()
    )
    basis = capital * (1 - float(schedule.sum()))
    after = (resale - tax * (resale - basis)) * float(place.year_factors[-1])
    # Bills are deducted at the year's end; a bill of 1 an hour costs this much after tax.
    net_hours = hours - tax * 12 * HOURS_PER_MONTH * float(place.year_factors.sum())
    power, pue = case.number("hardware.server_kw"), case.number("site.pue")
    idle, busy = case.number("hardware.idle_power_share"), case.number("hardware.busy_power_share")
    kwh = power * pue * case.number("site.electricity_usd_per_kwh")
    fixed = (capital - shield - after) / net_hours + idle * kwh
    fixed += power * case.number("site.colocation_usd_per_kw_month") / HOURS_PER_MONTH
    fixed += capital * case.number("hardware.upkeep_share_per_year") / HOURS_PER_YEAR
    # No spare servers here: what is down is served by the tiers above.
    return Tier("own_colo", fixed, (busy - idle) * kwh)


def blend(place: Setting) -> Blend:
    """Heights of the tiers for the case's loads. Limits: an API below every other tier takes all."""
    case = place.case
    tiers = tiers_of(place)
    few = slice(0, min(_SCENARIOS, place.paths.paths))
    points = np.quantile(place.size.shape, (np.arange(_HOURS) + 0.5) / _HOURS)
    top = place.peak[6::12, few] / place.size.shape[-1]  # mid-year, [year, path]
    pooled = (top[:, :, None] * points).transpose(1, 0, 2).reshape(top.shape[1], -1)
    stack = screening_stack(pooled.ravel(), tiers)
    names = [tier.name for tier in stack.tiers]
    last = stack.tiers[-1]
    owned = 0.0
    if "own_colo" in names and len(stack.tiers) > 1:
        above = stack.tiers[names.index("own_colo") + 1] if names[-1] != "own_colo" else last
        # What the base displaces is the next tier; as a price per GPU-hour used when it has one, else its rent.
        rival = Tier(above.name, 0.0, above.variable if above.variable > 0 else above.fixed)
        (owned, _), _ = lumpy_stack(
            pooled,
            (stack.tiers[names.index("own_colo")], rival),
            float(place.size.lump),
            setup=_staff(place),
            risk_weight=case.number("risk.weight"),
            level=case.number("risk.level"),
        )
        owned = min(
            owned, place.size.lump * np.ceil(stack.capacities[names.index("own_colo")] / place.size.lump)
        )
    elif names == ["own_colo"]:
        owned = float(place.size.servers(np.array([stack.capacities[0]]))[0])
    reserved = [name for name in names if name.startswith("reserved")]
    quantile = 0.0
    flexible = [t for t in tiers if t.fixed == 0]
    cheapest = min(flexible, key=lambda t: t.variable)
    if reserved:
        tier = stack.tiers[names.index(reserved[-1])]
        quantile = max(1 - tier.fixed / (cheapest.variable - tier.variable), 0.0)
    return Blend(tiers, stack, float(owned), reserved[-1] if reserved else "", quantile, cheapest.name)


def _staff(place: Setting) -> float:
    """USD an hour of the engineers that owning takes and renting does not."""
    case = place.case
    more = max(case.number("people.owned_engineers") - case.number("people.rented_engineers"), 0.0)
    return more * case.number("people.usd_per_engineer_year") / HOURS_PER_YEAR


def mix_option(place: Setting) -> Costs:
    """The mix on every path: owned base, reserved middle sized each year, the top on demand or at the API."""
    case = place.case
    chosen = blend(place)
    busy, size = place.busy, place.size
    wanted = np.full((case.years, place.paths.paths), chosen.owned_gpus)
    purchases, owned = bought(place, wanted)
    mean = size.capacity(place.expected_busy * place.planned_growth[:, None] ** 0.5) / size.shape[-1]
    height = (
        mean * float(np.quantile(size.shape, chosen.reserved_quantile))
        if chosen.reserved
        else np.zeros_like(mean)
    )
    middle = size.servers(height - owned)
    capacity = place.held(owned + middle)
    parts: dict[str, Floats] = {}
    assets = fleet(place, purchases) if chosen.owned_gpus else ()
    energy = np.zeros_like(busy)
    if chosen.owned_gpus:
        parts, energy = owned_parts(place, owned, busy, own_site=False)
    if chosen.reserved:
        if chosen.reserved == "reserved_3y":
            price = np.stack([place.paths.rent[12 * (y - y % 3)] for y in range(case.years)])
        else:
            price = place.paths.rent[::12]
        price = (
            price * case.number(f"rental.{chosen.reserved}_ratio") * (1 + case.number("rental.hidden_share"))
        )
        parts["rent reserved"] = place.held(middle * price) * HOURS_PER_MONTH
        energy += place.energy_kwh(
            place.held(middle), np.maximum(busy - place.held(owned), 0.0), case.number("site.pue")
        )
    over, burst = overflow(place, capacity)
    hosted_gpus = capacity.copy()
    if chosen.top == "on_demand":
        parts["rent on demand"] = burst
        energy += place.energy_kwh(over, over, case.number("site.pue"))
        hosted_gpus += over
        kept = np.ones_like(busy)
    else:
        share = size.over(place.peak, capacity) / (place.peak / size.shape[-1])
        if chosen.top == "api":
            parts["api"] = place.api_bill * share
            kept = 1 - share
        else:
            parts["open weights at a host"] = place.open_bill * share
            kept = np.ones_like(busy)
    engineers = "owned_engineers" if chosen.owned_gpus else "rented_engineers"
    own = hosted(place, hosted_gpus, engineers)
    own["rework at the API"] = own["rework at the API"] * kept
    if not float(hosted_gpus.max()):
        del own["people"]
    parts |= own
    # What an API draws for its part is not disclosed, so the whole is not known.
    energy_kwh = place.by_year(energy) if chosen.top == "on_demand" else None
    choice = {"owned GPUs": chosen.owned_gpus, "reserved GPUs, first year": float(middle[0].mean())}
    return finish(
        place,
        "mix",
        parts,
        gpus=owned + middle,
        energy_kwh=energy_kwh,
        assets=assets,
        choice=choice,
    )

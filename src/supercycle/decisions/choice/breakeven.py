"""Break-even against the utilisation that was measured: the cost of a GPU-hour of one's own, used more or less.

Shares ``core.ownership`` with the gateway: one number for what an hour of one's own GPU costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supercycle.core.ownership import HOURS_PER_MONTH, GpuHour, Ownership, break_even_utilisation
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.owning import resale_per_gpu

__all__ = ["BreakEven", "break_even", "ownership_of"]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Use at which owning meets each rival; above 1 means never. Prices of rivals in USD per GPU-hour of work and
    per Mtok.

    ``measured`` is today's mean busy GPUs over the GPUs one would own; ``curve`` is (use, USD per Mtok).
    """

    measured: float
    hour: GpuHour
    mtok_per_busy_hour: float
    rivals: tuple[tuple[str, float, float, float], ...]  # name, USD/GPU-h of work, USD/Mtok, break-even use
    curve: tuple[tuple[float, float], ...]


def ownership_of(place: Setting, used_share: float) -> Ownership:
    """What owning one of the case's GPUs takes, at a share of hours used; residual as the paths say on average."""
    case = place.case
    capital, life = case.number("hardware.capital_usd_per_gpu"), case.number("hardware.life_years")
    resale = float(resale_per_gpu(place, min(int(life), case.years) - 1, int(life)).mean())
    return Ownership(
        capital_usd=capital,
        life_years=life,
        residual_share=min(resale / capital, 1.0),
        discount_rate_per_year=case.number("finance.discount_rate_per_year"),
        power_kw=case.number("hardware.server_kw"),
        idle_power_share=case.number("hardware.idle_power_share"),
        busy_power_share=case.number("hardware.busy_power_share"),
        pue=case.number("site.pue"),
        electricity_usd_per_kwh=case.number("site.electricity_usd_per_kwh"),
        colocation_usd_per_kw_month=case.number("site.colocation_usd_per_kw_month"),
        people_usd_per_gpu_year=case.number("people.usd_per_engineer_year")
        / case.number("people.gpus_per_engineer"),
        upkeep_share_per_year=case.number("hardware.upkeep_share_per_year"),
        used_share=used_share,
    )


def break_even(place: Setting) -> BreakEven:
    """Today's break-even of owning in colocation, before tax, against each way to buy the same work."""
    case = place.case
    owned = float(place.size.with_spares(place.size.capacity(np.array([place.mean_busy])))[0])
    measured = min(place.mean_busy / owned, 1.0)
    own = ownership_of(place, measured)
    idle = ownership_of(place, 1e-9).hour().total_usd
    variable = ownership_of(place, 1.0).hour().total_usd - idle
    busy_hours = HOURS_PER_MONTH * place.mean_busy
    mtok = place.load.mtok_per_month / busy_hours
    rent = case.number("rental.on_demand_usd_per_gpu_hour") * (1 + case.number("rental.hidden_share"))
    hired = float(place.size.hired_on_demand(np.array([place.mean_busy]))[0])
    priced = [
        ("API", place.load.api_usd_per_month / busy_hours),
        ("rent on demand", rent * hired / place.mean_busy),
    ]
    if place.open_price is not None:
        priced.append(("open weights at an API host", place.open_usd_per_month / busy_hours))
    rivals = tuple(
        (name, usd, usd / mtok, break_even_utilisation(idle, usd, variable)) for name, usd in priced
    )
    curve = tuple((u / 100, (idle / (u / 100) + variable) / mtok) for u in range(2, 101, 2))
    return BreakEven(measured, own.hour(), mtok, rivals, curve)

"""Break-even against the use that was measured: the cost of a GPU-hour of one's own, used more or less.

Shares ``core.ownership`` with the gateway: one number for what an hour of one's own GPU costs. Staff, spare servers
and rework are those of the ranking, so that the two cannot disagree about today.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from supercycle.core.ownership import HOURS_PER_MONTH, GpuHour, Ownership, break_even_utilisation
from supercycle.decisions.choice.evaluate import Evaluated
from supercycle.decisions.choice.setting import Machine, Setting
from supercycle.decisions.money.owning import resale_per_gpu

__all__ = ["BreakEven", "break_even", "hired_today", "owned_today", "ownership_of"]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Use at which owning meets each rival; above 1 means never. Prices of rivals in USD per GPU-hour of work and
    per Mtok.

    ``measured`` is today's mean busy GPUs over the ``gpus`` one would own; ``curve`` is (use, USD per Mtok).
    """

    measured: float
    gpus: float
    hour: GpuHour
    mtok_per_busy_hour: float
    rivals: tuple[tuple[str, float, float, float], ...]  # name, USD/GPU-h of work, USD/Mtok, break-even use
    curve: tuple[tuple[float, float], ...]


def ownership_of(place: Setting, used_share: float, gpus: float) -> Ownership:
    """What owning one of ``gpus`` GPUs takes, at a share of hours used; residual as the paths say on average.

    Staff is the ranking's: one engineer for so many GPUs, but no fewer than the least that owning takes.
    """
    case, frame = place.case, place.frame
    capital, life = case.number("hardware.capital_usd_per_gpu"), case.number("hardware.life_years")
    resale = float(resale_per_gpu(frame, min(int(life), case.years) - 1, int(life)).mean())
    engineers = max(gpus / case.number("people.gpus_per_engineer"), case.number("people.owned_engineers"))
    return Ownership(
        capital_usd=capital,
        life_years=life,
        residual_share=min(resale / capital, 1.0) if capital else 0.0,
        discount_rate_per_year=case.number("finance.discount_rate_per_year"),
        power_kw=case.number("hardware.server_kw"),
        idle_power_share=case.number("hardware.idle_power_share"),
        busy_power_share=case.number("hardware.busy_power_share"),
        pue=case.number("site.pue"),
        electricity_usd_per_kwh=case.number("site.electricity_usd_per_kwh"),
        colocation_usd_per_kw_month=case.number("site.colocation_usd_per_kw_month"),
        people_usd_per_gpu_year=case.number("people.usd_per_engineer_year") * engineers / gpus,
        upkeep_share_per_year=case.number("hardware.upkeep_share_per_year"),
        used_share=used_share,
    )


def hired_today(place: Setting, machine: Machine) -> float:
    """Mean GPUs paid for today when each hour hires what it needs, starts included."""
    tables, row = machine.tables, -machine.tables.first
    starts = place.case.number("rental.start_stop_minutes") / 60
    return machine.rate.gpus_per_replica * float(tables.above[row, 0] + starts * tables.started[row, 0])


def owned_today(place: Setting, machine: Machine) -> float:
    """GPUs that would be owned for today's busiest hour, in whole servers, with spare ones where they are promised."""
    lumps = machine.lumps(np.array([machine.mean_busy * machine.shape.peak]))
    if place.case.word("sla.spare") == "servers":
        lumps = lumps + place.spare_lumps(lumps, machine)
    return float(lumps[0]) * machine.gpus_per_lump


def break_even(found: Evaluated) -> BreakEven:
    """Today's break-even of owning in colocation, before tax, against each way to buy the same work.

    A rival is charged what it saves: the work that the open model fails goes to the API in either self-hosted case.
    """
    place = found.place
    case, frame = place.case, place.frame
    machine = place.machines[found.plans["own_colo"].machine]
    busy = machine.mean_busy
    owned = owned_today(place, machine)
    measured = min(busy / owned, 1.0)
    own = ownership_of(place, measured, owned)
    idle = ownership_of(place, 1e-9, owned).hour().total_usd
    variable = ownership_of(place, 1.0, owned).hour().total_usd - idle
    busy_hours = HOURS_PER_MONTH * busy
    mtok = frame.mtok_per_month / busy_hours
    rent = case.number("rental.on_demand_usd_per_gpu_hour") * (1 + case.number("rental.hidden_share"))
    hired = hired_today(place, machine)
    staff = max(hired / case.number("people.gpus_per_engineer"), case.number("people.rented_engineers"))
    staff *= case.number("people.usd_per_engineer_year") / 12 / busy_hours
    rework = case.number("model.rework_share")
    priced = [
        ("API in use", frame.api_usd_per_month * (1 - rework) / busy_hours),
        ("rent on demand", rent * hired / busy + staff),
    ]
    if place.ready.open_price is not None:
        priced.append(("open weights at an API host", frame.open_usd_per_month / busy_hours))
    rivals = tuple(
        (name, usd, usd / mtok, break_even_utilisation(idle, usd, variable)) for name, usd in priced
    )
    curve = tuple((u / 100, (idle / (u / 100) + variable) / mtok) for u in range(2, 101, 2))
    return BreakEven(measured, owned, own.hour(), mtok, rivals, curve)

"""What an hour of one's own GPU costs: capital recovery, power, site, people, upkeep, and the hours really used.

Shared by the gateway (the price of its own servers) and by decide (the options to own), so that both show one number.
No NumPy: it is arithmetic on a handful of numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from supercycle.core.errors import InputError
from supercycle.core.params import Param, Registry

__all__ = [
    "ASSUMPTIONS",
    "HOURS_PER_MONTH",
    "HOURS_PER_YEAR",
    "GpuHour",
    "Ownership",
    "break_even_utilisation",
    "capital_recovery_factor",
]

HOURS_PER_YEAR = 8760.0
HOURS_PER_MONTH = 730.0


def _figure(
    id: str, label: str, unit: str, low: float, mid: float, high: float, why: str, source: str
) -> Param:
    return Param(id, label, unit, mid, low, high, "triangular", why, source, "published", "ownership")


def _judged(
    id: str, label: str, unit: str, low: float, mid: float, high: float, why: str, reason: str
) -> Param:
    return Param(
        id,
        label,
        unit,
        mid,
        low,
        high,
        "triangular",
        why,
        "judgement",
        "judgement",
        "ownership",
        reason=reason,
    )


# The defaults of an H100 in an eight-GPU server. Other parts: decisions/inputs/hardware.py.
ASSUMPTIONS = Registry(
    [
        _figure("capital_usd", "Capital per GPU", "USD", 15e3, 37.5e3, 105e3, "server and network, over its GPUs",
                "figures buyers:server_price, 8x H100 SXM server 2026, 300,000 USD / 8"),
        _judged("life_years", "Economic life", "year", 2.0, 4.0, 6.0, "years the GPU is kept",
                "books use 5-6 years, frontier users 2-3 (priors, block 6)"),
        _figure("residual_share", "Residual value", "1", 0.0, 0.175, 0.45, "resale over capital at the end of its life",
                "figures buyers:resale_residual, H100 after 4y, 0.15-0.20 (vendor page)"),
        _judged("discount_rate_per_year", "Cost of capital", "1/year", 0.0, 0.10, 0.25, "weighted, after tax, nominal",
                "between investment grade (5-6 %) and GPU-backed loans (11-14 %)"),
        _figure("power_kw", "Power per GPU at the plug", "kW_it", 0.3, 1.275, 2.5, "the server's maximum over its GPUs",
                "figures buyers:system_power_max, DGX H100/H200, 10.2 kW / 8"),
        _figure("idle_power_share", "Power when idle", "1", 0.1, 0.2, 0.4, "idle over maximum power",
                "figures buyers:idle_power_share, GPU servers (Uptime citing LBNL)"),
        _judged("busy_power_share", "Power when busy", "1", 0.5, 0.75, 1.0, "mean over maximum power while serving",
                "decode is bound by memory; servers rarely reach their nameplate"),
        _figure("pue", "PUE", "1", 1.05, 1.3, 1.6, "facility over IT power",
                "figures buyers:pue, new/large builds 1.3; survey average 1.54"),
        _figure("electricity_usd_per_kwh", "Electricity", "USD/kWh", 0.03, 0.0859, 0.25, "delivered, industrial",
                "figures buyers:electricity_industrial, Pennsylvania 2025-04 (EIA table 5.6.A)"),
        _figure("colocation_usd_per_kw_month", "Colocation", "USD/kW_it/month", 0.0, 194.95, 350.0,
                "rent of IT power; energy is billed apart",
                "figures buyers:colo_rate_250_500kW, US primary markets 2025-12 (CBRE)"),
        _judged("people_usd_per_gpu_year", "People", "USD/year", 0.0, 2500.0, 25e3, "operations staff per GPU",
                "one engineer at 200,000 USD for 80 GPUs; a fixed minimum is decide's own input"),
        _judged("upkeep_share_per_year", "Upkeep", "1/year", 0.0, 0.03, 0.10, "spares, support, insurance over capital",
                "server support contracts of 2-5 % of price a year"),
        _figure("used_share", "Hours used", "1", 0.01, 0.7, 1.0, "hours with work over hours owned",
                "priors market: debt-financed break-even near 70 %; figures buyers:utilisation spans 0.05-0.85"),
    ]
)  # fmt: skip


def capital_recovery_factor(rate_per_year: float, life_years: float) -> float:
    """The level yearly payment that repays 1 over a life: ``r / (1 - (1 + r) ** -life)``.

    Limits: rate 0 gives 1 / life; an infinite life gives the rate; a negative rate above -1 is allowed.
    Errors: InputError for a life of 0 or less, a rate of -1 or less, or an infinite life without a positive rate.
    Source: Short, Packey and Holt, A Manual for the Economic Evaluation of Energy Efficiency and Renewable Energy
    Technologies, NREL 1995, section 2.

    >>> capital_recovery_factor(0.0, 4.0), capital_recovery_factor(0.10, math.inf)
    (0.25, 0.1)
    >>> round(capital_recovery_factor(0.10, 2.0), 6) == round(1 / (1 / 1.1 + 1 / 1.21), 6)
    True
    """
    if not life_years > 0:
        raise InputError("life of an asset", expected="more than 0 years", got=f"{life_years:g} years")
    if not rate_per_year > -1.0:
        raise InputError("discount rate", expected="more than -1 a year", got=f"{rate_per_year:g}")
    if math.isinf(life_years):
        if rate_per_year <= 0:
            raise InputError(
                "an infinite life", expected="a positive discount rate", got=f"{rate_per_year:g}"
            )
        return rate_per_year
    if rate_per_year == 0:
        return 1.0 / life_years
    # expm1 and log1p keep the digits of a small rate.
    return rate_per_year / -math.expm1(-life_years * math.log1p(rate_per_year))


@dataclass(frozen=True, slots=True)
class GpuHour:
    """Cost of one clock hour of one GPU by part, in USD, and of one hour that is used."""

    capital_usd: float
    power_usd: float
    site_usd: float
    people_usd: float
    upkeep_usd: float
    used_share: float

    @property
    def total_usd(self) -> float:
        """Per clock hour, used or not."""
        return self.capital_usd + self.power_usd + self.site_usd + self.people_usd + self.upkeep_usd

    @property
    def used_usd(self) -> float:
        """Per hour of use: the clock hour over the share of hours with work."""
        return self.total_usd / self.used_share


@dataclass(frozen=True, slots=True)
class Ownership:
    """What owning one GPU takes; ``ASSUMPTIONS`` says what each field means, its unit, range and source.

    Ranges are evidence, not limits: a user may pay more than any source saw. Errors: InputError for a field that is
    not a number, is negative, or is impossible (a share above 1, a PUE below 1, no life, no hours used).

    >>> own = Ownership(capital_usd=36500.0, life_years=5.0, residual_share=0.0, discount_rate_per_year=0.0,
    ...                 power_kw=1.0, idle_power_share=0.2, busy_power_share=1.0, pue=1.25,
    ...                 electricity_usd_per_kwh=0.10, colocation_usd_per_kw_month=146.0,
    ...                 people_usd_per_gpu_year=876.0, upkeep_share_per_year=0.0, used_share=0.5)
    >>> hour = own.hour()
    >>> round(hour.capital_usd, 4), round(hour.power_usd, 4), hour.site_usd, round(hour.people_usd, 4)
    (0.8333, 0.075, 0.2, 0.1)
    >>> round(hour.used_usd, 4) == round(2 * hour.total_usd, 4)
    True
    """

    capital_usd: float = ASSUMPTIONS["capital_usd"].default
    life_years: float = ASSUMPTIONS["life_years"].default
    residual_share: float = ASSUMPTIONS["residual_share"].default
    discount_rate_per_year: float = ASSUMPTIONS["discount_rate_per_year"].default
    power_kw: float = ASSUMPTIONS["power_kw"].default
    idle_power_share: float = ASSUMPTIONS["idle_power_share"].default
    busy_power_share: float = ASSUMPTIONS["busy_power_share"].default
    pue: float = ASSUMPTIONS["pue"].default
    electricity_usd_per_kwh: float = ASSUMPTIONS["electricity_usd_per_kwh"].default
    colocation_usd_per_kw_month: float = ASSUMPTIONS["colocation_usd_per_kw_month"].default
    people_usd_per_gpu_year: float = ASSUMPTIONS["people_usd_per_gpu_year"].default
    upkeep_share_per_year: float = ASSUMPTIONS["upkeep_share_per_year"].default
    used_share: float = ASSUMPTIONS["used_share"].default

    def __post_init__(self) -> None:
        for name, param in ASSUMPTIONS.items():
            value, least, most = getattr(self, name), 0.0, math.inf
            if param.unit == "1":
                least, most = (1.0, math.inf) if name == "pue" else (0.0, 1.0)
            positive = name in ("life_years", "used_share")
            if not least <= value <= most or (positive and value == 0) or math.isnan(value):
                span = f"{least:g} or more" if math.isinf(most) else f"{least:g} to {most:g}"
                more = " and not 0" if positive else ""
                raise InputError(
                    f"{name} is impossible", expected=f"{span}{more} {param.unit}", got=f"{value:g}"
                )

    @property
    def mean_power_kw(self) -> float:
        """IT power on average: ``power * (idle * (1 - used) + busy * used)``."""
        return self.power_kw * (
            self.idle_power_share * (1 - self.used_share) + self.busy_power_share * self.used_share
        )

    def hour(self) -> GpuHour:
        """The cost of an hour: ``(capital - residual / (1 + r) ** life) * crf / 8760`` and the running costs.

        Limit: with rate 0 the capital part is (capital - residual) / life / 8760.
        """
        rate, life = self.discount_rate_per_year, self.life_years
        discounted = self.capital_usd * (1 - self.residual_share * (1 + rate) ** -life)
        return GpuHour(
            capital_usd=discounted * capital_recovery_factor(rate, life) / HOURS_PER_YEAR,
            power_usd=self.mean_power_kw * self.pue * self.electricity_usd_per_kwh,
            site_usd=self.power_kw * self.colocation_usd_per_kw_month / HOURS_PER_MONTH,
            people_usd=self.people_usd_per_gpu_year / HOURS_PER_YEAR,
            upkeep_usd=self.capital_usd * self.upkeep_share_per_year / HOURS_PER_YEAR,
            used_share=self.used_share,
        )


def break_even_utilisation(fixed_usd: float, price_usd: float, variable_usd: float = 0.0) -> float:
    """The use at which owning costs what buying does: ``fixed / (price - variable)``.

    ``fixed_usd`` per unit of capacity, ``price_usd`` and ``variable_usd`` per unit of use (an hour, a Mtok).
    Above 1 means never: it is not cut at 1. Limit: a price at or below the variable cost gives infinity.
    Errors: InputError for a negative amount.

    >>> break_even_utilisation(1.5, 3.0), break_even_utilisation(1.5, 1.0), break_even_utilisation(1.5, 0.5, 0.5)
    (0.5, 1.5, inf)
    """
    for name, value in (("fixed", fixed_usd), ("price", price_usd), ("variable", variable_usd)):
        if not value >= 0:
            raise InputError(f"{name} cost", expected="0 USD or more", got=f"{value:g} USD")
    return fixed_usd / (price_usd - variable_usd) if price_usd > variable_usd else math.inf

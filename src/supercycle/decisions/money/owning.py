"""Owning: servers bought once a year for the peak, kept for their life, run, and sold for what they can still
earn.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_YEAR
from supercycle.decisions.inputs import quotes
from supercycle.decisions.inputs.hardware import GPUS
from supercycle.decisions.money.costs import Ledgered
from supercycle.decisions.money.frame import Frame
from supercycle.decisions.money.residual import residual_value
from supercycle.decisions.money.tax import straight_line, tax_schedule

__all__ = ["bought", "fleet", "owned_parts", "resale_per_gpu", "shells"]

Floats = NDArray[np.float64]
_PHYSICAL_YEARS = 7.0  # judgement: an AI server earns nothing beyond; support ends after five to seven years
_SHELL_TAX_YEARS = 39  # non-residential real property, IRS Publication 946
_NEWEST = "B200"


def resale_per_gpu(frame: Frame, year: int, age: int) -> Floats:
    """What a GPU of an age brings at the end of a year [path]: rents it can earn, capped by the newest part's cost.

    The cap is the newest part's capital for the same compute, which falls with ``newest_decline_per_year``.
    """
    if (year, age) not in frame.resale:
        frame.resale[year, age] = _resale(frame, year, age)
    return frame.resale[year, age]


def _resale(frame: Frame, year: int, age: int) -> Floats:
    case = frame.case
    month = min(12 * (year + 1), frame.paths.months) - 1
    used = case.number("hardware.residual_used_share")
    earned = frame.paths.rent[month] * case.number("hardware.residual_rent_ratio") * HOURS_PER_YEAR * used
    draw = case.number("hardware.server_kw") * (
        case.number("hardware.idle_power_share") * (1 - used)
        + case.number("hardware.busy_power_share") * used
    )
    running = draw * case.number("site.pue") * case.number("site.electricity_usd_per_kwh") * HOURS_PER_YEAR
    running += case.number("hardware.server_kw") * case.number("site.colocation_usd_per_kw_month") * 12
    newest = GPUS[_NEWEST]
    new = frame.case.number("hardware.capital_usd_per_gpu")
    if frame.part.name != newest.name:
        new = min(new, quotes.gpu_capital(newest.name).value / newest.h100e * frame.part.h100e)
    new *= math.exp(-case.number("hardware.newest_decline_per_year") * (year + 1))
    # Scarcity lifts new parts and a glut sinks them: the part's own price without its own decline.
    scarce = frame.paths.hardware[month] * math.exp(
        case.number("hardware.price_decline_per_year") * month / 12
    )
    return residual_value(
        earned,
        running,
        max(_PHYSICAL_YEARS - age, 0.0),
        new * scarce,
        decay=case.number("hardware.rent_decay_per_year"),
        rate=case.number("finance.discount_rate_per_year"),
        selling_cost_share=case.number("hardware.selling_cost_share"),
    )


def bought(frame: Frame, wanted: Floats) -> tuple[list[tuple[int, Floats]], Floats]:
    """Purchases (year, GPUs [path]) that keep ``wanted`` [year, path], and the fleet [year, path] that results."""
    life = int(frame.case.number("hardware.life_years"))
    purchases: list[tuple[int, Floats]] = []
    owned = np.zeros_like(wanted)
    for year in range(frame.case.years):
        alive = sum((n for made, n in purchases if year - made < life), np.zeros(wanted.shape[1]))
        more = np.maximum(wanted[year] - alive, 0.0)
        purchases.append((year, more))
        owned[year] = alive + more
    return purchases, owned


def fleet(frame: Frame, purchases: list[tuple[int, Floats]]) -> tuple[Ledgered, ...]:
    """The books of the purchases: cost at the year's price, both schedules, sale at the end of life or of the
    horizon.
    """
    case = frame.case
    life, book = int(case.number("hardware.life_years")), int(case.number("hardware.book_life_years"))
    tax = tax_schedule(case.word("finance.depreciation"), 5)
    found: list[Ledgered] = []
    for year, gpus in purchases:
        if not float(gpus.max()):
            continue
        sold = min(year + life, case.years) - 1
        cost = gpus * case.number("hardware.capital_usd_per_gpu") * frame.paths.hardware[12 * year]
        proceeds = gpus * resale_per_gpu(frame, sold, sold - year + 1)
        found.append(Ledgered("servers", year, cost, tax, straight_line(book), sold, proceeds))
    return tuple(found)


def owned_parts(
    frame: Frame, gpus: Floats, busy: Floats, *, own_site: bool
) -> tuple[dict[str, Floats], Floats]:
    """Running costs of ``gpus`` [year, path] that are owned, and their energy [month, path]."""
    case = frame.case
    held = frame.held(gpus)
    energy = frame.energy_kwh(held, busy, case.number("site.pue"))
    power = case.number("hardware.server_kw")
    parts = {
        "electricity": energy * case.number("site.electricity_usd_per_kwh"),
        "upkeep": held
        * (case.number("hardware.capital_usd_per_gpu") * case.number("hardware.upkeep_share_per_year") / 12),
    }
    if own_site:
        yearly = case.number("site.own_usd_per_kw") * case.number("site.own_upkeep_share")
        parts["site upkeep"] = held * (power * yearly / 12)
    else:
        parts["colocation"] = held * (power * case.number("site.colocation_usd_per_kw_month"))
    return parts, energy


def shells(frame: Frame, gpus: Floats) -> tuple[Ledgered, ...]:
    """The site for the fleet's largest need so far: bought as it grows, sold at the end for its straight-line
    value.
    """
    case = frame.case
    years, life = case.years, int(case.number("site.own_life_years"))
    built = np.zeros(gpus.shape[1])
    found: list[Ledgered] = []
    for year in range(years):
        more = np.maximum(gpus[year] - built, 0.0)
        if not float(more.max()):
            continue
        built = built + more
        cost = more * case.number("hardware.server_kw") * case.number("site.own_usd_per_kw")
        left = max(1 - (years - year) / life, 0.0)
        sale = cost * left * (1 - case.number("hardware.selling_cost_share"))
        found.append(
            Ledgered(
                "site", year, cost, straight_line(_SHELL_TAX_YEARS), straight_line(life), years - 1, sale
            )
        )
    return tuple(found)

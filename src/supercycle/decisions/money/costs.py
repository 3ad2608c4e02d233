"""What an option costs on every path: bills by part, capital, tax, and the present value after tax.

The options are alternatives for the same load at the same promise, discounted at one rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.decisions.money.frame import Frame
from supercycle.decisions.money.tax import taxes_with_losses

__all__ = ["LABELS", "Costs", "Ledgered", "finish", "joined", "people", "rent"]

Floats = NDArray[np.float64]

LABELS = {
    "api": "API",
    "api_open": "open weights at an API host",
    "on_demand": "rent on demand",
    "reserved_1y": "reserve for 1 year",
    "reserved_3y": "reserve for 3 years",
    "own_colo": "own, in colocation",
    "own_site": "own, on one's own site",
    "spot": "rent spot",
    "blocks": "capacity blocks",
    "savings_1y": "savings plan for 1 year",
    "savings_3y": "savings plan for 3 years",
    "mix": "a mix",
    "seats": "a plan by the seat",
    "routed": "easy work on a small model",
    "two_kinds": "two kinds of GPU",
}


@dataclass(frozen=True, slots=True)
class Ledgered:
    """Capital of one kind bought in a year [path], with its two schedules and its sale.

    ``tax`` and ``book`` are shares of cost by year since purchase; ``sold_year`` the index of the year at whose
    end it is sold, ``proceeds`` what that brings [path].
    """

    kind: str
    year: int
    cost: Floats
    tax: Floats
    book: Floats
    sold_year: int
    proceeds: Floats


@dataclass(frozen=True, slots=True)
class Costs:
    """An option on every path. ``parts`` are bills [year, path]; ``npv`` is the cost after tax today [path], USD.

    ``gpus`` are owned or reserved [year, path], ``busy`` the mean of those that work [year].
    """

    name: str
    parts: dict[str, Floats]
    assets: tuple[Ledgered, ...]
    tax_saved: Floats
    npv: Floats
    monthly: Floats
    gpus: Floats
    energy_kwh: Floats | None
    busy: Floats
    choice: dict[str, float] = field(default_factory=dict[str, float])
    staffed: Floats | None = None  # GPUs that engineers look after [month, path]; None: nothing is hosted

    @property
    def owns(self) -> bool:
        """Whether anything is bought."""
        return len(self.assets) > 0

    @property
    def capital(self) -> Floats:
        """Capital paid at the start of each year [year, path]."""
        found = np.zeros_like(self.tax_saved)
        for asset in self.assets:
            found[asset.year] += asset.cost
        return found

    @property
    def proceeds(self) -> Floats:
        """Sales at the end of each year [year, path]."""
        found = np.zeros_like(self.tax_saved)
        for asset in self.assets:
            found[asset.sold_year] += asset.proceeds
        return found


def finish(
    frame: Frame,
    name: str,
    monthly_parts: dict[str, Floats],
    *,
    gpus: Floats,
    energy_kwh: Floats | None,
    busy: Floats,
    assets: tuple[Ledgered, ...] = (),
    choice: dict[str, float] | None = None,
    staffed: Floats | None = None,
) -> Costs:
    """Sum the parts of an option, take tax year by year, and discount: the one place where money becomes present
    value.

    ``npv = sum(bill_m d_m) + sum(capital_y d_y) - sum(tax saved_y d_(y+1)) - sum(proceeds_y d_(y+1))``.
    """
    first, *others = monthly_parts.values()
    total = first.copy()
    for part in others:
        total += part
    yearly = {part: frame.by_year(values) for part, values in monthly_parts.items()}
    npv, saved = _valued(frame, total, assets)
    return Costs(
        name, yearly, assets, saved, npv, total, gpus, energy_kwh, busy, choice or {}, staffed
    )  # fmt: skip


def _valued(frame: Frame, total: Floats, assets: tuple[Ledgered, ...]) -> tuple[Floats, Floats]:
    """Present value after tax of monthly bills and assets, and the tax saved by year."""
    case = frame.case
    deductions = frame.by_year(total)
    starts = frame.year_starts
    npv = frame.month_factors @ total
    for asset in assets:
        kept = asset.sold_year - asset.year + 1
        written = asset.tax[:kept]
        for age, share in enumerate(written):
            deductions[asset.year + age] += share * asset.cost
        deductions[asset.sold_year] += (1 - written.sum()) * asset.cost - asset.proceeds
        npv += starts[asset.year] * asset.cost - frame.year_factors[asset.sold_year] * asset.proceeds
    saved = taxes_with_losses(
        deductions, case.number("finance.tax_rate"), case.optional("finance.taxable_income_usd_per_year")
    )
    npv -= frame.year_factors @ saved
    return npv, saved


def joined(frame: Frame, name: str, one: Costs, other: Costs, more: Mapping[str, Floats], mark: str) -> Costs:
    """Two fleets as one option: bills, assets and ``more`` monthly bills together, one tax, one staff.

    The ``other``'s parts are told apart by ``mark``. Engineers are those of all GPUs together, with the least of the
    fleet that asks more. Limit: a fleet without GPUs adds no staff.
    """
    parts = {**one.parts, **{f"{part}{mark}": values for part, values in other.parts.items()}}
    total = one.monthly + other.monthly
    for part, values in more.items():
        parts[part] = frame.by_year(values)
        total += values
    staffed = one.staffed
    if other.staffed is not None:
        staffed = other.staffed if staffed is None else staffed + other.staffed
    if one.staffed is not None and other.staffed is not None and staffed is not None:
        needs = "owned_engineers" if one.owns or other.owns else "rented_engineers"
        once = people(frame, staffed, needs)
        for fleet in (one, other):
            if fleet.staffed is not None:
                total -= people(frame, fleet.staffed, "owned_engineers" if fleet.owns else "rented_engineers")
        total += once
        del parts[f"people{mark}"]
        parts["people"] = frame.by_year(once)
    assets = one.assets + other.assets
    npv, saved = _valued(frame, total, assets)
    energy = None if one.energy_kwh is None or other.energy_kwh is None else one.energy_kwh + other.energy_kwh
    choice = {**one.choice, **{f"{key}{mark}": value for key, value in other.choice.items()}}
    return Costs(
        name, parts, assets, saved, npv, total, one.gpus + other.gpus, energy, one.busy + other.busy, choice, staffed
    )  # fmt: skip


def people(frame: Frame, gpus: Floats, engineers: str) -> Floats:
    """Engineers a month [month, path] for GPUs that are hosted: one for so many GPUs, but no fewer than the least."""
    case = frame.case
    found = np.maximum(gpus / case.number("people.gpus_per_engineer"), case.number(f"people.{engineers}"))
    found *= case.number("people.usd_per_engineer_year") / 12
    return found


def rent(frame: Frame, gpus: Floats, usd_per_hour: Floats) -> Floats:
    """Rent of a month with what the sticker leaves out."""
    found: Floats = gpus * usd_per_hour
    found *= HOURS_PER_MONTH * (1 + frame.case.number("rental.hidden_share"))
    return found

"""What each option costs on every path: bills by part, capital, tax, and the present value after tax.

The options are alternatives for the same load at the same SLA, discounted at one rate. Self-hosted options also
pay the API for the work the open model fails (``model.rework_share``). Reserved and owned capacity is sized to the
peak, reviewed once a year, and what exceeds it is rented on demand; the mix (``blend``) chooses its tiers instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.decisions.money.tax import taxes_with_losses

if TYPE_CHECKING:
    from supercycle.decisions.choice.setting import Setting

__all__ = [
    "LABELS",
    "Costs",
    "Ledgered",
    "Option",
    "api",
    "api_open",
    "finish",
    "hosted",
    "on_demand",
    "overflow",
    "planned",
    "rent",
    "reserved_1y",
    "reserved_3y",
]

Floats = NDArray[np.float64]

LABELS = {
    "api": "API",
    "api_open": "open weights at an API host",
    "on_demand": "rent on demand",
    "reserved_1y": "reserve for 1 year",
    "reserved_3y": "reserve for 3 years",
    "own_colo": "own, in colocation",
    "own_site": "own, on one's own site",
    "mix": "mix",
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
    """An option on every path. ``parts`` are bills [year, path]; ``npv`` is the cost after tax today [path], USD."""

    name: str
    parts: dict[str, Floats]
    assets: tuple[Ledgered, ...]
    tax_saved: Floats
    npv: Floats
    monthly: Floats
    gpus: Floats
    energy_kwh: Floats | None
    choice: dict[str, float] = field(default_factory=dict[str, float])

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
    place: Setting,
    name: str,
    monthly_parts: dict[str, Floats],
    *,
    gpus: Floats,
    energy_kwh: Floats | None,
    assets: tuple[Ledgered, ...] = (),
    choice: dict[str, float] | None = None,
) -> Costs:
    """Sum the parts of an option, take tax year by year, and discount: the one place where money becomes present
    value.

    ``npv = sum(bill_m d_m) + sum(capital_y d_y) - sum(tax saved_y d_(y+1)) - sum(proceeds_y d_(y+1))``.
    """
    case = place.case
    total = np.zeros_like(place.paths.rent)
    for part in monthly_parts.values():
        total += part
    yearly = {part: place.by_year(values) for part, values in monthly_parts.items()}
    deductions = place.by_year(total)
    starts = np.concatenate([[1.0], place.year_factors[:-1]])
    npv = place.month_factors @ total
    for asset in assets:
        kept = asset.sold_year - asset.year + 1
        written = asset.tax[:kept]
        for age, share in enumerate(written):
            deductions[asset.year + age] += share * asset.cost
        deductions[asset.sold_year] += (1 - written.sum()) * asset.cost - asset.proceeds
        npv += starts[asset.year] * asset.cost - place.year_factors[asset.sold_year] * asset.proceeds
    saved = taxes_with_losses(
        deductions, case.number("finance.tax_rate"), case.optional("finance.taxable_income_usd_per_year")
    )
    npv -= place.year_factors @ saved
    return Costs(name, yearly, assets, saved, npv, total, gpus, energy_kwh, choice or {})


def api(place: Setting) -> Costs:
    """Everything stays at the API. Limit: at a constant price its levelised cost is that price."""
    none = np.zeros((place.case.years, place.paths.paths))
    return finish(place, "api", {"api": place.api_bill}, gpus=none, energy_kwh=None)


def api_open(place: Setting) -> Costs:
    """The open-weights model at an API host's list price: its quality gap without its GPUs."""
    if place.open_price is None:
        raise InputError(
            f"no host lists {place.case.word('model.open_weights')}",
            expected="a price in the package",
            got="none",
            hint="Leave the option out.",
        )
    none = np.zeros((place.case.years, place.paths.paths))
    parts = {
        "open weights at a host": place.open_bill,
        "rework at the API": place.case.number("model.rework_share") * place.api_bill,
    }
    return finish(place, "api_open", parts, gpus=none, energy_kwh=None)


def hosted(place: Setting, gpus: Floats, engineers: str) -> dict[str, Floats]:
    """What every self-hosted option pays beside GPUs: people, and the API for failed work."""
    case = place.case
    needed = np.maximum(gpus / case.number("people.gpus_per_engineer"), case.number(f"people.{engineers}"))
    return {
        "people": needed * (case.number("people.usd_per_engineer_year") / 12),
        "rework at the API": case.number("model.rework_share") * place.api_bill,
    }


def rent(place: Setting, gpus: Floats, usd_per_hour: Floats) -> Floats:
    """Rent of a month with what the sticker leaves out."""
    found: Floats = gpus * usd_per_hour
    found *= HOURS_PER_MONTH * (1 + place.case.number("rental.hidden_share"))
    return found


def overflow(place: Setting, capacity: Floats) -> tuple[Floats, Floats]:
    """GPUs rented on demand above a capacity [month, path], and their rent."""
    over = place.size.over(place.peak, capacity)
    over *= 1 + place.case.number("rental.autoscale_slack")
    return over, rent(place, over, place.paths.rent)


def on_demand(place: Setting) -> Costs:
    """Each hour rents what it needs, with the slack of starting and stopping."""
    gpus = place.size.hired_on_demand(place.busy)
    parts = {"rent on demand": rent(place, gpus, place.paths.rent), **hosted(place, gpus, "rented_engineers")}
    energy = place.mean_energy_kwh(gpus)
    return finish(place, "on_demand", parts, gpus=gpus[::12], energy_kwh=energy)


def planned(place: Setting) -> Floats:
    """GPUs for the peak until the next review [year, path], in whole servers."""
    return place.size.servers(place.size.capacity(place.expected_busy * place.planned_growth[:, None]))


def _reserved(place: Setting, name: str, blocks: list[tuple[Floats, Floats]]) -> Costs:
    """Reserved blocks of (GPUs, USD per GPU-hour) [year, path], and the overflow on demand."""
    gpus = sum((block for block, _ in blocks), np.zeros_like(blocks[0][0]))
    held = place.held(gpus)
    over, burst = overflow(place, held)
    bill = sum((block * price for block, price in blocks), np.zeros_like(gpus))
    paid = place.held(bill) * (HOURS_PER_MONTH * (1 + place.case.number("rental.hidden_share")))
    parts = {"rent reserved": paid, "rent on demand": burst, **hosted(place, held, "rented_engineers")}
    energy = place.mean_energy_kwh(held + over)
    return finish(place, name, parts, gpus=gpus, energy_kwh=energy)


def reserved_1y(place: Setting) -> Costs:
    """A year at a time: size and price are those of each anniversary."""
    price = place.paths.rent[::12] * place.case.number("rental.reserved_1y_ratio")
    return _reserved(place, "reserved_1y", [(planned(place), price)])


def reserved_3y(place: Setting) -> Costs:
    """Three years at the price of signing; growth in between is reserved a year at a time."""
    need = planned(place)
    base, price = np.empty_like(need), np.empty_like(need)
    for year in range(place.case.years):
        signed = year - year % 3
        base[year], price[year] = need[signed], place.paths.rent[12 * signed]
    more = np.maximum(need - base, 0.0)
    yearly = place.paths.rent[::12] * place.case.number("rental.reserved_1y_ratio")
    return _reserved(
        place, "reserved_3y", [(base, price * place.case.number("rental.reserved_3y_ratio")), (more, yearly)]
    )


Option = Callable[["Setting"], Costs]

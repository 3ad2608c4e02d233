"""What the bills of every option share: the paths, discounting, the whole load at the two kinds of API, yearly sums.

Knows nothing of capacity: how many GPUs an option takes is given to the functions of this room as arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.core.ownership import HOURS_PER_MONTH
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.hardware import Gpu
from supercycle.decisions.money.prices import PricePaths

__all__ = ["Frame"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """A case on its paths. Arrays are [month, path] or [year, path]; bills are USD a month at today's load."""

    case: Case
    part: Gpu
    paths: PricePaths
    mtok_per_month: float
    requests_per_month: float
    api_usd_per_month: float
    open_usd_per_month: float
    # What a GPU brings by year of sale and age [path]: no plan changes it, so it is worked out once for all of them.
    resale: dict[tuple[int, int], Floats] = field(
        default_factory=dict[tuple[int, int], Floats], init=False, compare=False, repr=False
    )

    @cached_property
    def api_bill(self) -> Floats:
        """The whole load at the API in use, USD a month."""
        return self.api_usd_per_month * self.paths.api * self.paths.demand

    @cached_property
    def open_bill(self) -> Floats:
        """The whole load at an API host of the open-weights model, USD a month."""
        return self.open_usd_per_month * self.paths.api_open * self.paths.demand

    @cached_property
    def month_factors(self) -> Floats:
        """Discount factors of month ends."""
        rate = self.case.number("finance.discount_rate_per_year")
        return (1 + rate) ** -((np.arange(self.case.horizon_months) + 1.0) / 12)

    @cached_property
    def year_factors(self) -> Floats:
        """Discount factors of year ends."""
        return self.month_factors[11::12]

    @cached_property
    def year_starts(self) -> Floats:
        """Discount factors of year starts."""
        return np.concatenate([[1.0], self.year_factors[:-1]])

    @cached_property
    def mtok(self) -> Floats:
        """Million tokens served [month, path]."""
        return self.mtok_per_month * self.paths.demand

    @cached_property
    def unit_price_cost(self) -> Floats:
        """What 1 USD per Mtok costs after tax on each path."""
        paid = self.month_factors @ self.mtok
        if self.case.optional("finance.taxable_income_usd_per_year") is None:
            paid -= self.case.number("finance.tax_rate") * (self.year_factors @ self.by_year(self.mtok))
        return paid

    def by_year(self, monthly: Floats) -> Floats:
        """Yearly sums [year, path]."""
        return monthly.reshape(self.case.years, 12, -1).sum(axis=1)

    def held(self, yearly: Floats) -> Floats:
        """A yearly choice held for its twelve months."""
        return np.repeat(yearly, 12, axis=0)

    def energy_kwh(self, gpus: Floats, busy: Floats, pue: float) -> Floats:
        """Facility energy of a month for GPUs that are on, some of them busy."""
        idle, working = (
            self.case.number("hardware.idle_power_share"),
            self.case.number("hardware.busy_power_share"),
        )
        found = np.minimum(busy, gpus)
        found *= working - idle
        found += idle * gpus
        found *= self.case.number("hardware.server_kw") * pue * HOURS_PER_MONTH
        return found

    def take(self, paths: int) -> Frame:
        """The same on the first ``paths`` paths."""
        return Frame(
            self.case, self.part, self.paths.take(paths), self.mtok_per_month, self.requests_per_month,
            self.api_usd_per_month, self.open_usd_per_month,
        )  # fmt: skip

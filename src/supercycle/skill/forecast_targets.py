"""What can be forecast and later checked: outputs that a published series measures, and events with a date.

The figures are the package's and the refreshed ones of the user's store, so that a score follows a refresh.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from supercycle.core.quarters import Quarter
from supercycle.figures.members import names
from supercycle.figures.refresh.folder import store_folder
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import Quarter as KnownQuarter
from supercycle.figures.refresh.view import View
from supercycle.figures.units import convert

if TYPE_CHECKING:
    from supercycle.service import Result

__all__ = ["EVENTS", "FIVE", "LEVELS", "TARGETS", "Event", "Target"]

FIVE = names("firm")
LEVELS = (0.01, 0.025, *(i / 20 for i in range(1, 20)), 0.975, 0.99)


@dataclass(frozen=True, slots=True)
class Target:
    """An output and the series that measures it: the sum over ``entities`` of a calendar quarter."""

    id: str
    output: str
    series: str
    entities: tuple[str, ...]
    unit: str

    def figure(self, quarter: str, on: date | None = None) -> float | None:
        """The published figure of a quarter, in ``unit``; None while an entity's is missing (on a day)."""
        total = 0.0
        for entity in self.entities:
            reading = _quarters(self.series, entity, on).get(quarter)
            if reading is None:
                return None
            total += convert(reading.value, reading.unit, self.unit)
        return total

    def known(self, quarter: str, on: date) -> bool:
        """Whether the figure was known on a day."""
        return self.figure(quarter, on) is not None


def _quarters(series: str, entity: str, on: date | None) -> dict[str, KnownQuarter]:
    store = Store(store_folder())
    return _view(on, str(store.folder), len(store.generations())).quarters(series, entity)


@lru_cache(maxsize=4)
def _view(on: date | None, folder: str, generations: int) -> View:
    """The package's figures and the refreshed ones; a refresh more makes another view."""
    return View("latest", Store(Path(folder)).readings(), as_of=on)


TARGETS: tuple[Target, ...] = (
    Target("five-firm-capex", "five_firm_capex_usd_bn", "capex_cash", FIVE, "USD_bn"),
    *(Target(f"capex-{firm}", f"firm_capex_usd_bn:{firm}", "capex_cash", (firm,), "USD_bn") for firm in FIVE),
    *(
        Target(f"operating-cash-{firm}", f"firm_ocf_usd_bn:{firm}", "operating_cash_flow", (firm,), "USD_bn")
        for firm in FIVE
    ),
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens by the end of a quarter or not, and who says so: a figure, or the one who scores."""

    id: str
    question: str
    by: str
    resolved_by: str
    year: int = 0
    above: float = 0.0

    def probability(self, result: Result) -> float | None:
        """Share of the paths on which it happens; None when the run does not cover it."""
        quarters = list(result.run.quarters)
        if self.by not in quarters:
            return None
        if self.resolved_by == "answer":
            happened = result.value("busted")[quarters.index(self.by)][result.run.ok] > 0
            return float(happened.mean())
        of_year = [i for i, quarter in enumerate(quarters) if quarter.startswith(str(self.year))]
        if len(of_year) != 4:
            return None
        spent = result.value("five_firm_capex_usd_bn")[of_year].sum(axis=0)[result.run.ok]
        return float((spent > self.above).mean())

    def happened(self) -> bool | None:
        """The answer of the figures; None while a quarter is missing, or when the figures cannot say."""
        if self.resolved_by == "answer":
            return None
        spent = [TARGETS[0].figure(str(Quarter(self.year, q))) for q in (1, 2, 3, 4)]
        known = [value for value in spent if value is not None]
        return sum(known) > self.above if len(known) == len(spent) else None


EVENTS: tuple[Event, ...] = (
    *(
        Event(
            f"bust-{year}",
            f"AI equity has crashed (a fall of 40 % or more from its peak) between 2026Q3 and {year}Q4",
            f"{year}Q4",
            "answer",
        )
        for year in (2027, 2028, 2030)
    ),
    *(
        Event(
            f"capex-{year}-above-{level:.0f}",
            f"Cash capex of the five in {year} is above {level:,.0f} bn USD",
            f"{year}Q4",
            "figures",
            year,
            level,
        )
        for year, level in ((2027, 900.0), (2028, 900.0))
    ),
)

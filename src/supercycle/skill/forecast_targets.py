"""What is put on record and later checked: quarters of published series. The events are ``forecast_events``.

The figures are the package's and the refreshed ones of the user's store, so that a score follows a refresh. A quarter's
*usual publication day* is the end of the firm's own quarter plus the usual days to print it (the median of the last
eight): from that day on it is no forecast, whether the tables hold it yet or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import median

from supercycle.core.errors import UnknownNameError
from supercycle.figures.fiscal import fiscal_quarter_end
from supercycle.figures.members import names
from supercycle.figures.refresh.folder import store_folder
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import Quarter as KnownQuarter
from supercycle.figures.refresh.view import View
from supercycle.figures.units import convert

__all__ = ["FIVE", "LEVELS", "TARGETS", "Target", "target_named"]

FIVE = names("firm")
LEVELS = (0.01, 0.025, *(i / 20 for i in range(1, 20)), 0.975, 0.99)
_RECENT = 8


@dataclass(frozen=True, slots=True)
class Target:
    """A series of figures of one firm and the output of the world that says the same; ``scored``: its back-test's name.

    The output is the figure, but for NVIDIA, whose sales follow the world's chip spending from their last print on.
    """

    id: str
    scored: str
    output: str
    series: str
    entity: str
    unit: str = "USD_bn"

    def figure(self, quarter: str, on: date | None = None) -> float | None:
        """The published figure of a quarter, in ``unit``; None while it is missing (on a day)."""
        reading = self.reading(quarter, on)
        return None if reading is None else convert(reading.value, reading.unit, self.unit)

    def reading(self, quarter: str, on: date | None = None) -> KnownQuarter | None:
        """The reading a figure comes from, with the day it was known."""
        return _quarters(self.series, self.entity, on).get(quarter)

    def history(self, on: date | None = None) -> dict[str, float]:
        """Every quarter known (on a day), in ``unit``."""
        found = _quarters(self.series, self.entity, on)
        return {
            quarter: convert(reading.value, reading.unit, self.unit) for quarter, reading in found.items()
        }

    def due(self, quarter: str) -> date:
        """The usual publication day of a quarter.

        >>> capex = {target.id: target for target in TARGETS}["capex-Microsoft"]
        >>> date(2027, 1, 20) < capex.due("2026Q4") < date(2027, 2, 28)
        True
        """
        found = list(_quarters(self.series, self.entity, None).items())[-_RECENT:]
        lags = [(reading.known_from - fiscal_quarter_end(self.entity, name)).days for name, reading in found]
        return fiscal_quarter_end(self.entity, quarter) + timedelta(days=int(median(lags)))


def _quarters(series: str, entity: str, on: date | None) -> dict[str, KnownQuarter]:
    store = Store(store_folder())
    return _view(on, str(store.folder), len(store.generations())).quarters(series, entity)


@lru_cache(maxsize=4)
def _view(on: date | None, folder: str, generations: int) -> View:
    """The package's figures and the refreshed ones; a refresh more makes another view."""
    return View("latest", Store(Path(folder)).readings(), as_of=on)


TARGETS: tuple[Target, ...] = (
    *(Target(f"capex-{f}", f"capex:{f}", f"firm_capex_usd_bn:{f}", "capex_cash", f) for f in FIVE),
    *(
        Target(f"operating-cash-{f}", f"cash flow:{f}", f"firm_ocf_usd_bn:{f}", "operating_cash_flow", f)
        for f in FIVE
    ),
    Target("nvidia-data-centre", "nvidia", "chip_spend_usd_bn", "nvidia_data_center_revenue", "NVIDIA"),
)


def target_named(id: str) -> Target:
    """The target of a record; UnknownNameError when this version knows it no more."""
    for target in TARGETS:
        if target.id == id:
            return target
    raise UnknownNameError("target of a forecast", id, [target.id for target in TARGETS])

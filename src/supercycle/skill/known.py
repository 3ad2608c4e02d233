"""What was known on a day: the figures a back-test may see, each use recorded.

The day of a start is its quarter's end plus 60 days, when large companies' annual reports are due (SEC, Form 10-K,
large accelerated filers). A row known later is refused, whoever asks for it; a series rebuilt after the fact is
refused unless the variant is ``reconstructed``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date, timedelta

from supercycle.core.errors import FigureError
from supercycle.core.quarters import Quarter
from supercycle.figures.load import Figure
from supercycle.figures.members import names
from supercycle.figures.series import QuarterReading, quarterly, ranking, readings
from supercycle.figures.tiers import CALIBRATABLE

__all__ = ["FIVE", "LAG", "LAST", "VARIANTS", "Known", "day_of", "log_growth"]

LAG = timedelta(days=60)  # 10-K of a large accelerated filer: 60 days after the fiscal year (SEC)
VARIANTS = ("published", "reconstructed")
FIVE = names("firm")
LAST = "2026Q2"  # the last quarter that is scored


def day_of(start: str) -> date:
    """The day up to which figures count for an opening at the end of a quarter.

    >>> day_of("2024Q4").isoformat()
    '2025-03-01'
    """
    return Quarter.parse(start).last_day + LAG


class Known:
    """The figures known on a day; ``rows`` names those that were read."""

    def __init__(self, day: date, *, reconstructed: bool = False) -> None:
        self.day, self.reconstructed = day, reconstructed
        self._used: dict[str, None] = {}

    def rows(self) -> tuple[str, ...]:
        """Ids of the rows read since this was last asked."""
        read = tuple(self._used)
        self._used = {}
        return read

    def take(self, row: Figure | QuarterReading) -> float:
        """The value of one row. Errors: FigureError when it was known only later, or rebuilt after the fact."""
        name = row.id if isinstance(row, Figure) else ", ".join(row.ids)
        if row.known_from > self.day:
            raise FigureError(
                f"{name} was not known then",
                expected=f"known by {self.day.isoformat()}",
                got=f"known from {row.known_from.isoformat()}",
                hint="A back-test sees only what was known at its start.",
            )
        if row.vintage != "as published" and not self.reconstructed:
            raise FigureError(
                f"{name} was rebuilt after the fact",
                expected="a figure as it was published",
                got=row.vintage,
                hint="Reconstructed series are scored apart.",
            )
        if row.value is None:
            raise FigureError(f"{name} is not a number", expected="a number", got="a note")
        for id in [row.id] if isinstance(row, Figure) else row.ids:
            self._used[id] = None
        return row.value

    def readings(self, series: str, entity: str) -> dict[str, QuarterReading]:
        """Calendar quarters of a series that were known, oldest first, tiers A, B and derived; not yet read."""
        found = quarterly(series, entity, as_of=self.day, tiers=CALIBRATABLE)
        return {quarter: reading for quarter, reading in found.items() if self._sees(reading)}

    def quarters(self, series: str, entity: str, only: Iterable[str] | None = None) -> dict[str, float]:
        """Values of the known quarters, or of some; FigureError when one of these was not known."""
        found = self.readings(series, entity)
        wanted = list(found if only is None else only)
        for quarter in wanted:
            if quarter not in found:
                raise FigureError(
                    f"{series}, {entity}, {quarter} was not known",
                    expected=f"a reading known by {self.day.isoformat()}",
                    got=f"quarters to {max(found, default='none')}",
                )
        return {quarter: self.take(found[quarter]) for quarter in wanted}

    def dated(self, series: str, entity: str, *, tiers: Iterable[str] = CALIBRATABLE) -> dict[date, float]:
        """Values by the day their period ends, the best reading of each, oldest first."""
        allowed = frozenset(tiers)
        rows = [
            row for row in readings(series, entity) if row.value is not None and row.period.end is not None
        ]
        rows = [row for row in rows if row.known_from <= self.day and row.tier in allowed and self._sees(row)]
        best: dict[date, Figure] = {}
        for row in sorted(rows, key=ranking, reverse=True):
            assert row.period.end is not None
            best[row.period.end] = row
        return {day: self.take(best[day]) for day in sorted(best)}

    def _sees(self, row: Figure | QuarterReading) -> bool:
        return self.reconstructed or row.vintage == "as published"


def log_growth(values: dict[str, float], quarters: int) -> float:
    """Mean log growth a quarter over the last ``quarters`` quarters of a series.

    >>> round(log_growth({"2024Q1": 1.0, "2024Q2": 2.0, "2024Q3": 4.0}, 2), 6)
    0.693147
    """
    last = max(values)
    first = str(Quarter.parse(last) - quarters)
    if first not in values:
        raise FigureError("no such span", expected=f"a value for {first}", got=", ".join(values))
    return math.log(values[last] / values[first]) / quarters

"""One road from a row to a parameter: `figure(series, entity, period)` is a number with its unit and its rows.

An opening number of the world is such a value or a judgement. It can be computed with: sums and differences convert
to the left unit and refuse unlike dimensions or a different basis, products and ratios multiply units; every result
carries the rows it rests on, the weakest tier and evidence among them, and the day from which it was known.

>>> five = [figure("capex_cash", firm, "2026Q1") for firm in ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle")]
>>> total = sum(five[1:], start=five[0])
>>> round(total.value, 1), total.unit, total.tier, len(total.rows)
(148.4, 'USD_bn', 'derived', 5)
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from supercycle.core.errors import FigureError, UnitError
from supercycle.figures.evidence import weakest_evidence, weakest_tier
from supercycle.figures.row import Figure
from supercycle.figures.series import choose, quarterly, readings
from supercycle.figures.units import WORDS, convert

__all__ = ["FigureValue", "figure"]


@dataclass(frozen=True, slots=True)
class FigureValue:
    """A number, its unit and basis, and the rows it rests on."""

    value: float
    unit: str
    basis: str
    rows: tuple[Figure, ...]

    @property
    def tier(self) -> str:
        """The row's own standing; of several rows the weakest (``derived`` while all may be calibrated on)."""
        if len(self.rows) == 1:
            return self.rows[0].standing
        return weakest_tier(row.standing for row in self.rows)

    @property
    def evidence(self) -> str:
        """measured, published or judgement: the weakest of its rows."""
        return weakest_evidence(row.evidence for row in self.rows)

    @property
    def known_from(self) -> date:
        """The first day on which all its rows were known."""
        return max(row.known_from for row in self.rows)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the rows, each citable by ``supercycle figures cite``."""
        return tuple(row.id for row in self.rows)

    @property
    def source(self) -> str:
        """Titles of the sources, each once, in the order of the rows."""
        return "; ".join(dict.fromkeys(row.source_title for row in self.rows))

    def to(self, unit: str) -> FigureValue:
        """The same number in another unit; UnitError for a word or an unlike dimension.

        >>> figure("capex_cash", "Meta", "2026Q1").to("USD_m").value
        18997.0
        """
        return replace(self, value=convert(self.value, self.unit, unit), unit=unit)

    def __add__(self, other: FigureValue) -> FigureValue:
        return self._plus(other, 1.0)

    def __sub__(self, other: FigureValue) -> FigureValue:
        return self._plus(other, -1.0)

    def _plus(self, other: FigureValue, sign: float) -> FigureValue:
        if self.basis != other.basis:
            raise UnitError(
                "sum of two bases", expected=self.basis or "no basis", got=other.basis or "no basis"
            )
        value = self.value + sign * convert(other.value, other.unit, self.unit)
        return FigureValue(value, self.unit, self.basis, _union(self.rows, other.rows))

    def __mul__(self, factor: float) -> FigureValue:
        return replace(self, value=self.value * factor)

    __rmul__ = __mul__

    def __truediv__(self, other: FigureValue | float) -> FigureValue:
        if not isinstance(other, FigureValue):
            return replace(self, value=self.value / other)
        if self.unit in WORDS or other.unit in WORDS:
            raise UnitError("ratio of words", expected="units that convert", got=f"{self.unit}, {other.unit}")
        unit, value = f"({self.unit})/({other.unit})", self.value / other.value
        with suppress(UnitError):  # unlike dimensions: the ratio keeps both units
            unit, value = "1", convert(self.value, self.unit, other.unit) / other.value
        return FigureValue(value, unit, "", _union(self.rows, other.rows))


def _union(first: tuple[Figure, ...], second: tuple[Figure, ...]) -> tuple[Figure, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def figure(
    series: str,
    entity: str,
    period: str,
    *,
    unit: str | None = None,
    as_of: date | None = None,
    tiers: Collection[str] | None = None,
) -> FigureValue:
    """The chosen reading of one point with its row; a flow's quarter that is not printed is its year less nine months.

    Args: ``unit`` converts, ``as_of`` hides what was not known by that day, ``tiers`` what may not be used.
    Errors: UnknownNameError with the nearest series, entity or period; FigureError where every reading is hidden, or
    is no number; UnitError when it cannot be read in ``unit``.

    >>> capex = figure("capex_cash", "Meta", "2026Q1")
    >>> capex.value, capex.unit, capex.tier, capex.rows[0].period.printed
    (18.997, 'USD_bn', 'A', '2026Q1')
    """
    made = _printed(series, entity, period, as_of, tiers)
    return made if unit is None else made.to(unit)


def _printed(
    series: str, entity: str, period: str, as_of: date | None, tiers: Collection[str] | None
) -> FigureValue:
    if all(row.period.printed != period for row in readings(series, entity)):
        quarter = quarterly(series, entity, as_of=as_of, tiers=tiers).get(period)
        if quarter is not None and len(quarter.ids) > 1:
            rows = {row.id: row for row in readings(series, entity)}
            found = tuple(rows[id] for id in quarter.ids)
            return FigureValue(quarter.value, quarter.unit, found[0].basis, found)
    row = choose(series, entity, period, as_of=as_of, tiers=tiers)
    if row.value is None:
        raise FigureError(
            f"{series}, {entity}, {period} is no number", expected="a plain number", got=repr(row.text),
            where=row.where,
        )  # fmt: skip
    return FigureValue(row.value, row.unit, row.basis, (row,))

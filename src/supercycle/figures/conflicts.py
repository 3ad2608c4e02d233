"""Conflicts kept visible: rival readings that differ, fiscal years that are not the sum of their quarters."""

from __future__ import annotations

from dataclasses import dataclass

from supercycle.figures.fiscal import fiscal_quarters
from supercycle.figures.load import Figure, figures, is_flow
from supercycle.figures.series import quarterly, ranking

__all__ = ["Conflict", "Mismatch", "conflicts", "fiscal_mismatches"]

_TOLERANCE = 0.01  # readings within 1 % are the same number rounded differently
_ROUNDING_USD_BN = 0.02  # four quarters each rounded to a printed third digit


@dataclass(frozen=True, slots=True)
class Conflict:
    """One point with readings that differ by more than 1 %, best first; ``spread`` is high/low - 1."""

    series: str
    entity: str
    period: str
    readings: tuple[Figure, ...]
    spread: float | None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A fiscal year whose printed total is not the sum of its four quarters."""

    series: str
    entity: str
    year: str
    printed: float
    summed: float
    unit: str


def conflicts(rows: tuple[Figure, ...] | None = None) -> tuple[Conflict, ...]:
    """Points with several numbers that differ by more than 1 %, or that have units which do not compare."""
    points: dict[tuple[str, str, str], list[Figure]] = {}
    for row in rows if rows is not None else figures():
        if not row.is_note:
            points.setdefault(row.key, []).append(row)
    out: list[Conflict] = []
    for (series, entity, _), found in points.items():
        if len(found) < 2:
            continue
        values = [row.value for row in found if row.value is not None]
        comparable = len({(row.unit, row.basis) for row in found}) == 1
        low, high = min(values), max(values)
        spread = (high - low) / abs(low) if comparable and low != 0 else None
        if not comparable or high - low > _TOLERANCE * max(abs(low), abs(high)):
            best = tuple(sorted(found, key=ranking))
            out.append(Conflict(series, entity, best[0].period.printed, best, spread))
    return tuple(out)


def fiscal_mismatches() -> tuple[Mismatch, ...]:
    """Fiscal years printed beside four printed quarters that do not add up to them (restatements)."""
    out: list[Mismatch] = []
    years = [row for row in figures() if row.period.kind == "fiscal_year" and is_flow(row.series)]
    for row in sorted(years, key=lambda row: (row.series, row.entity, row.period.printed)):
        if row.value is None or row.period.end is None:
            continue
        quarters = quarterly(row.series, row.entity)
        found = [quarters.get(name) for name in fiscal_quarters(row.entity, row.period.end.year)]
        printed = [
            part for part in found if part is not None and part.how == "printed" and part.unit == row.unit
        ]
        if len(printed) < 4:
            continue
        summed = sum(part.value for part in printed)
        if abs(summed - row.value) > max(_ROUNDING_USD_BN, 0.001 * abs(row.value)):
            out.append(Mismatch(row.series, row.entity, row.period.printed, row.value, summed, row.unit))
    return tuple(out)

"""Units per table: the same spelling means different things in different raw tables.

``billion`` is people in demand.csv and parameters in open_models.csv; ``GW`` is a facility in the queues of
power_regions.csv and unstated in macro.csv. What is not listed here falls back to the spellings that a refreshed file
may use; an unknown spelling stops the conversion.
"""

from __future__ import annotations

from supercycle.figures.refresh.spellings import canonical

__all__ = ["unit_of"]

_OF_TABLE: dict[str, dict[str, tuple[str, str]]] = {}


def unit_of(table: str, series: str, printed: str, where: str) -> tuple[str, str]:
    """Canonical unit and basis of a printed spelling in one table; FigureError for an unknown one."""
    meaning = _OF_TABLE.get(table, {}).get(printed)
    return meaning if meaning is not None else canonical(printed, series, where)

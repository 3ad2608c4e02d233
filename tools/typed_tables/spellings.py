"""Units per table: the same spelling means different things in different raw tables (``units.csv``).

``billion`` is people in demand.csv and parameters in open_models.csv; ``GW`` is a facility in the queues of
power_regions.csv and unstated in macro.csv. What is not listed there falls back to the spellings that a refreshed file
may use; an unknown spelling stops the conversion.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from supercycle.figures.refresh.spellings import canonical

__all__ = ["unit_of"]


@cache
def _rules() -> tuple[tuple[str, re.Pattern[str], str, tuple[str, str]], ...]:
    with Path(__file__).with_name("units.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            (row["table"], re.compile(row["series"]), row["printed"], (row["unit"], row["basis"]))
            for row in csv.DictReader(file)
        )


def unit_of(table: str, series: str, printed: str, where: str) -> tuple[str, str]:
    """Canonical unit and basis of a printed spelling in one table; FigureError for an unknown one.

    >>> unit_of("power_regions", "dc_queue", "GW", ""), unit_of("macro", "dc_capacity", "GW", "")
    (('GW_facility', ''), ('GW_unstated', ''))
    """
    for name, pattern, spelling, meaning in _rules():
        if name == table and spelling == printed and pattern.fullmatch(series):
            return meaning
    return canonical(printed, series, where)

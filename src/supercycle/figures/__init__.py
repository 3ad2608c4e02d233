"""The sourced numbers everything starts from: tables, tiers, dates, and the rule that chooses among readings.

Readings are rows of ``tables/*.csv``; :func:`figure` gives a number with its unit and rows, :func:`choose` the
best-ranked reading of a point,
:func:`quarterly` gives calendar quarters, :func:`prior` a parameter's prior, :func:`claim` a famous
statement. Names load the first time they are used.

>>> from supercycle import figures
>>> figures.choose("capex_cash", "Meta", "2026Q1").value
18.997
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supercycle.figures.claims import claim
    from supercycle.figures.load import Figure
    from supercycle.figures.priors import prior
    from supercycle.figures.query import cite, coverage, list_series, show, verify
    from supercycle.figures.series import bounds, choose, latest, quarterly, rivals, total
    from supercycle.figures.value import FigureValue, figure

__all__ = [
    "Figure",
    "FigureValue",
    "bounds",
    "choose",
    "cite",
    "claim",
    "coverage",
    "figure",
    "latest",
    "list_series",
    "prior",
    "quarterly",
    "rivals",
    "show",
    "total",
    "verify",
]

_HOME = {
    "load": ("Figure",),
    "series": ("bounds", "choose", "latest", "quarterly", "rivals", "total"),
    "value": ("FigureValue", "figure"),
    "claims": ("claim",),
    "priors": ("prior",),
    "query": ("cite", "coverage", "list_series", "show", "verify"),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name the first time it is asked for."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    return value


def __dir__() -> list[str]:
    """Public names only."""
    return sorted(__all__)

"""Members of the world's axes: a firm is a row of a table, not a line of code."""

from __future__ import annotations

from functools import cache

from supercycle.core.errors import UnknownNameError
from supercycle.figures.load import read_rows, table_text

__all__ = ["TABLE", "members", "names"]

TABLE = "members"


@cache
def _by_axis() -> dict[str, tuple[dict[str, str], ...]]:
    axes: dict[str, tuple[dict[str, str], ...]] = {}
    for _, row in read_rows(TABLE, table_text(TABLE)):
        axes[row["axis"]] = (*axes.get(row["axis"], ()), dict(row))
    return axes


def members(axis: str) -> tuple[dict[str, str], ...]:
    """The rows of an axis, in the order of the table. Errors: UnknownNameError with the nearest axis."""
    if axis not in _by_axis():
        raise UnknownNameError("axis of the table of members", axis, _by_axis())
    return _by_axis()[axis]


def names(axis: str) -> tuple[str, ...]:
    """The names of an axis's members.

    >>> len(names("firm"))
    5
    """
    return tuple(row["name"] for row in members(axis))

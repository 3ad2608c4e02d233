"""The quarters of a run."""

from __future__ import annotations

from supercycle.core.errors import InputError
from supercycle.core.quarters import Quarter

__all__ = ["LONGEST", "steps"]

LONGEST = 200  # quarters; half a century is further than any of the priors reach


def steps(start: str, until: str, *, where: object = None) -> list[str]:
    """The quarters simulated: the one after ``start`` up to and including ``until``.

    Errors: InputError when ``until`` is not after ``start``, or is more than 50 years away.

    >>> steps("2026Q2", "2027Q1")
    ['2026Q3', '2026Q4', '2027Q1']
    """
    first, last = Quarter.parse(start) + 1, Quarter.parse(until, where=where)
    if last < first:
        raise InputError(
            "the run would end before it begins",
            expected=f"a quarter from {first} on",
            got=until,
            where=where,
        )
    if last - first >= LONGEST:
        raise InputError(
            "the run would be too long",
            expected=f"a quarter up to {first + (LONGEST - 1)}",
            got=until,
            where=where,
        )
    return [str(quarter) for quarter in first.until(last)]

"""Every claim by id: the rows of claims.csv in their order, then the published results that are no row."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from supercycle.claims import build_out, economy, financing, gigawatt_cost, intensity, labs, monetisation
from supercycle.claims.entry import Entry
from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.claims import claims

__all__ = ["catalogue", "entry"]

_TOPICS = (build_out, financing, monetisation, gigawatt_cost, labs, economy, intensity)


@cache
def catalogue() -> MappingProxyType[str, Entry]:
    """Every entry by id; FigureError when a row of claims.csv has none, or an id is used twice."""
    found: dict[str, Entry] = {}
    for topic in _TOPICS:
        for item in topic.entries():
            if item.id in found:
                raise FigureError("claim id", expected="one entry", got=f"two of {item.id}")
            found[item.id] = item
    missing = [name for name in claims() if name not in found]
    if missing:
        raise FigureError("claims without an entry", expected="none", got=", ".join(missing))
    order = [*claims(), *(name for name in found if name not in claims())]
    return MappingProxyType({name: found[name] for name in order})


def entry(name: str) -> Entry:
    """One entry; UnknownNameError suggests the nearest id.

    >>> entry("sequoia_200").value()
    200.0
    """
    known = catalogue()
    if name not in known:
        raise UnknownNameError("claim", name, known)
    return known[name]

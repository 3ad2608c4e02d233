"""The app's HTTP interface in types: the sourced tables and their refreshes."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from supercycle.app.interface.report import Num

__all__ = [
    "EntityPoints",
    "Fed",
    "LastRefresh",
    "MovedPoint",
    "Point",
    "Reading",
    "Refresh",
    "Refused",
    "SeriesFound",
    "SeriesList",
    "SeriesRow",
    "Vintage",
    "Vintages",
]


class SeriesRow(TypedDict):
    """A series of the sourced tables."""

    series: str
    label: str
    tables: list[str]
    entities: int
    rows: int
    first: str | None
    last: str | None
    units: list[str]
    tiers: dict[str, int]


class SeriesList(TypedDict):
    """Series of the sourced tables."""

    table: str | None
    match: str | None
    count: int
    series: list[SeriesRow]


class Reading(TypedDict):
    """One reading of a point, with its source; ``where`` is its row, ``text`` its value as printed."""

    id: str
    where: str
    series: str
    entity: str
    period: str
    period_kind: str
    start: str | None
    end: str | None
    value: Num
    text: str
    unit: str
    unit_printed: str
    basis: str
    kind: str
    tier: str
    inputs_tier: str | None
    evidence: str
    calibratable: bool
    source_title: str
    source_url: str
    published: str | None
    known_from: str
    vintage: str
    licence: str
    note: str


class Point(TypedDict):
    """A period's chosen reading and its rivals."""

    period: str
    chosen: Reading | None
    rivals: list[Reading]


class EntityPoints(TypedDict):
    """One entity's points; of a flow its calendar quarters too."""

    entity: str
    points: list[Point]
    quarters: NotRequired[dict[str, Any]]


class SeriesFound(TypedDict):
    """Every reading of a series."""

    series: str
    label: str
    flow: bool
    entities: list[EntityPoints]


class Refresh(TypedDict):
    """One refresh."""

    number: int
    at: str
    source: str
    added: int


class MovedPoint(TypedDict):
    """A point whose chosen value the last refresh changed."""

    series: str
    entity: str
    period: str
    unit: str
    change: str
    old: Num
    new: Num
    relative: Num
    source: str
    known_from: str


class Fed(TypedDict):
    """A parameter that rests on what moved; ``why`` where the new figures give no value."""

    parameter: str
    series: str
    old: Num
    new: Num
    relative: Num
    why: str


class Refused(TypedDict):
    """A reading the guards refused."""

    series: str
    entity: str
    period: str
    reason: str


class LastRefresh(TypedDict):
    """What the last refresh moved."""

    refreshes: list[Refresh]
    moved: int
    points: list[MovedPoint]
    parameters: list[Fed]
    refused: list[Refused]
    stale: int


class Vintage(TypedDict):
    """A refreshed reading."""

    entity: str
    period: str
    value: Num
    unit: str
    published: str
    fetched: str
    generation: int
    status: str
    reason: str
    source_title: str


class Vintages(TypedDict):
    """Every refreshed reading of a series."""

    series: str
    rows: list[Vintage]

"""A reading: one fetched number with where it was read, when it was published, when it was fetched, and its guard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from supercycle.core.errors import FigureError
from supercycle.figures.evidence import evidence_of
from supercycle.figures.load import Figure
from supercycle.figures.periods import parse_period
from supercycle.figures.refresh.spellings import canonical
from supercycle.figures.refresh.vocabularies import is_flow
from supercycle.figures.tiers import TIERS

__all__ = ["COLUMNS", "OK", "QUARANTINED", "Reading", "as_figure"]

OK, QUARANTINED = "ok", "quarantined"


@dataclass(frozen=True, slots=True)
class Reading:
    """One number as it was published; ``status`` says whether it may be used, ``reason`` why not.

    ``source`` is the refresh it came by (sec, prices, fred, file); ``concept`` what it was tagged as there.
    ``start`` and ``end`` are ISO days where the source gives them. ``value`` None is a print that is no number.
    """

    series: str
    entity: str
    period: str
    value: float | None
    unit: str
    tier: str
    source_title: str
    source_url: str
    published: str
    note: str
    source: str
    concept: str = ""
    start: str = ""
    end: str = ""
    fetched: str = ""
    generation: int = 0
    status: str = OK
    reason: str = ""

    @property
    def key(self) -> str:
        """Equal for the same reading fetched again: everything but when it was fetched."""
        return blake2b(repr(_CONTENT(self)).encode(), digest_size=16).hexdigest()

    @property
    def point(self) -> tuple[str, str, str]:
        """What it is a reading of."""
        return self.series, self.entity, self.period

    def quarantined(self, reason: str) -> Reading:
        """The same reading, not to be used, and why; a first reason is kept."""
        return self if self.status == QUARANTINED else replace(self, status=QUARANTINED, reason=reason)

    @classmethod
    def of(cls, content: Mapping[str, Any], where: str) -> Reading:
        """Read one back; FigureError when a field is missing or not what it should be."""
        try:
            made = cls(**{name: content[name] for name in COLUMNS})
        except KeyError as missing:
            raise FigureError(
                "a stored reading lacks a field", expected=missing.args[0], where=where
            ) from None
        if not isinstance(made.value, float | int | None) or made.status not in (OK, QUARANTINED):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise FigureError("a stored reading is damaged", got=repr(made.point), where=where)
        return made


COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Reading))
_CONTENT = attrgetter(*(name for name in COLUMNS if name not in ("fetched", "generation")))


def as_figure(reading: Reading, line: int) -> Figure:
    """The reading as a figure of the table ``refreshed``: known from the day it was published.

    The tables of the package were closed on a day, and their dates end there; a refreshed reading's do not. Errors:
    FigureError for a unit that is not known, ValueError for a day that does not exist.
    """
    where = f"refreshed:{line}"
    unit, basis = canonical(reading.unit, reading.series, where)
    if reading.tier not in TIERS:
        raise FigureError("tier not known", expected=" or ".join(TIERS), got=repr(reading.tier), where=where)
    return Figure(
        table="refreshed",
        line=line,
        series=reading.series,
        entity=reading.entity,
        period=parse_period(reading.period, reading.entity),
        value=reading.value,
        text="" if reading.value is None else repr(reading.value),
        unit=unit,
        unit_printed=reading.unit,
        basis=basis,
        kind="flow" if is_flow(reading.series) else "stock",
        tier=reading.tier,
        inputs_tier="B" if reading.tier == "derived" else "",
        evidence=evidence_of(reading.tier),
        known_from=date.fromisoformat(reading.published or reading.fetched[:10]),
        vintage="as published",
        licence="fact",
        source_title=reading.source_title,
        source_url=reading.source_url,
        published=reading.published,
        note=reading.note,
    )

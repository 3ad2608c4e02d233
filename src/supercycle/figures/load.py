"""Loading: every table becomes typed rows once, checked while it is read.

A row that breaks a rule (unknown unit, unknown tier, unreadable date, no source, an exact duplicate) is
refused with its file and line. A row whose value is not a plain number ("> 85", "30000-45000") or whose
period names no date is kept and shown as a note: its ``value`` is None or its period kind is ``note``, and
it is never computed with. Several sources for one point are all kept; ``series.choose`` ranks them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.evidence import evidence_of
from supercycle.figures.known_from import known_from, vintage_of
from supercycle.figures.periods import Period, parse_period
from supercycle.figures.tiers import CALIBRATABLE, tier_of
from supercycle.figures.units_aliases import canonical

__all__ = ["COLUMNS", "TABLES", "Figure", "figure_of", "figures", "parse_table", "read_rows", "table_text"]

# The tables whose rows are figures; claims, parameters and models have their own readers.
TABLES: tuple[str, ...] = ("companies", "demand", "macro", "buyers", "network", "history")
_STANDARD = (
    "series", "entity", "period", "value", "unit", "tier", "source_title", "source_url", "published", "note",
)  # fmt: skip
_NETWORK = ("from", "to", "kind", "amount_usd_bn", "period", "tier", "source_title", "source_url", "note")
COLUMNS: dict[str, tuple[str, ...]] = {name: _NETWORK if name == "network" else _STANDARD for name in TABLES}
COLUMNS["claims"] = (
    "id", "topic", "statement", "value", "unit", "period", "attributed_to", "document", "notes",
)  # fmt: skip
COLUMNS["parameters"] = (
    "block", "parameter", "meaning", "unit", "low", "central", "high", "distribution_hint", "source_title",
    "source_url_or_citation", "year", "evidence", "note",
)  # fmt: skip
COLUMNS["models"] = (
    "provider", "model", "release_date", "input_usd_per_mtok", "output_usd_per_mtok", "price_from",
    "price_to", "arena_rating", "params_or_notes", "source_title", "source_url", "evidence",
)  # fmt: skip

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_SLUG = re.compile(r"[^A-Za-z0-9.+-]+")
_SLUG_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Figure:
    """One sourced reading of one point, as printed and as understood.

    ``value`` is in ``unit`` (canonical, or a word that does not convert); None when the print is not a
    number, then ``text`` holds it. ``basis`` keeps what changes the meaning ("2005 prices"). ``line`` is
    the line of the table file, for messages; ``id`` depends on the content only, so it survives reordering.
    """

    id: str
    table: str
    line: int
    series: str
    entity: str
    period: Period
    value: float | None
    text: str
    unit: str
    unit_printed: str
    basis: str
    tier: str
    source_title: str
    source_url: str
    published: str
    known_from: date
    note: str
    vintage: str

    @property
    def where(self) -> str:
        """``file:line`` of the row."""
        return f"{self.table}.csv:{self.line}"

    @property
    def is_note(self) -> bool:
        """True when the row cannot be computed with: no plain number, or no date."""
        return self.value is None or not self.period.dated

    @property
    def evidence(self) -> str:
        """``measured``, ``published`` or ``judgement``."""
        return evidence_of(self.tier, self.note)

    @property
    def calibratable(self) -> bool:
        """True when the model may be fitted to it: a number with a date, tier A, B or derived, no guess."""
        return not self.is_note and self.tier in CALIBRATABLE and self.evidence == "measured"

    @property
    def key(self) -> tuple[str, str, str]:
        """Rows with the same key are readings of the same point."""
        return self.series, self.entity, self.period.key


def table_text(name: str) -> str:
    """The text of a table of the package; UnknownNameError names the nearest table."""
    if name not in COLUMNS:
        raise UnknownNameError("table", name, COLUMNS)
    return files("supercycle.figures").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")


def read_rows(name: str, text: str) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield (line, row) of a table, refusing a wrong header, a ragged row or an exact duplicate.

    ``line`` is the last line of the record, which differs from a row count when a cell holds a line break.
    """
    reader = csv.reader(text.splitlines(keepends=True))
    header = tuple(next(reader, ()))
    if header != COLUMNS[name]:
        raise FigureError(
            "wrong columns",
            expected=",".join(COLUMNS[name]),
            got=",".join(header) or "nothing",
            where=f"{name}.csv:1",
        )
    seen: dict[tuple[str, ...], int] = {}
    for cells in reader:
        where = f"{name}.csv:{reader.line_num}"
        if len(cells) != len(header):
            raise FigureError("wrong number of cells", expected=len(header), got=len(cells), where=where)
        content = tuple(cells)
        first = seen.setdefault(content, reader.line_num)
        if first != reader.line_num:
            raise FigureError(
                "exact duplicate", expected="a row once", got=f"the row of line {first} again", where=where,
                hint="Delete one of the two; several *sources* for one point are welcome.",
            )  # fmt: skip
        yield reader.line_num, dict(zip(header, cells, strict=True))


def _slug(text: str) -> str:
    return _SLUG.sub("-", text).strip("-")[:_SLUG_LENGTH].rstrip("-")


def _as_standard(row: Mapping[str, str]) -> dict[str, str]:
    """A row of network.csv in the other tables' columns: the series is the kind, the entity the pair."""
    return {
        "series": row["kind"],
        "entity": f"{row['from']} -> {row['to']}",
        "period": row["period"],
        "value": row["amount_usd_bn"],
        "unit": "USD_bn",
        "tier": row["tier"],
        "source_title": row["source_title"],
        "source_url": row["source_url"],
        "published": "",
        "note": row["note"],
    }


def figure_of(table: str, line: int, row: Mapping[str, str]) -> Figure:
    """One row as a figure; FigureError names ``table.csv:line`` for a unit, tier or date that cannot be read."""
    where = f"{table}.csv:{line}"
    series, entity, printed, note = row["series"], row["entity"], row["value"], row["note"]
    for name in ("series", "entity", "source_title"):
        if not row[name]:
            raise FigureError(f"no {name}", expected="a name", got="an empty cell", where=where)
    unit, basis = canonical(row["unit"], series, where)
    tier = tier_of(row["tier"], row["source_title"], note, where)
    try:
        period = parse_period(row["period"], entity)
        known = known_from(series, entity, period, tier, row["published"], note, where)
    except ValueError as problem:  # a day such as 2026-02-30
        raise FigureError("no such date", expected="a calendar day", got=str(problem), where=where) from None
    content = "\x1f".join((table, *row.values()))
    digest = blake2b(content.encode(), digest_size=2).hexdigest()
    return Figure(
        id=f"{table}:{series}:{_slug(entity)}:{_slug(row['period']) or 'undated'}:{digest}",
        table=table,
        line=line,
        series=series,
        entity=entity,
        period=period,
        value=float(printed) if _NUMBER.fullmatch(printed) else None,
        text=printed,
        unit=unit,
        unit_printed=row["unit"],
        basis=basis,
        tier=tier,
        source_title=row["source_title"],
        source_url=row["source_url"],
        published=row["published"],
        known_from=known,
        note=note,
        vintage=vintage_of(row["source_title"]),
    )


def parse_table(name: str, text: str) -> tuple[Figure, ...]:
    """Read one figure table; every error names ``file:line``, what was expected and what came."""
    rows = [
        figure_of(name, line, _as_standard(row) if name == "network" else row)
        for line, row in read_rows(name, text)
    ]
    ids: dict[str, int] = {}
    for row in rows:
        first = ids.setdefault(row.id, row.line)
        if first != row.line:
            raise FigureError(
                "two rows share an id", expected="different content", got=f"that of line {first}",
                where=row.where,
                hint="Tell them apart in the note (model variant, region, size).",
            )  # fmt: skip
    return tuple(rows)


@cache
def figures(table: str | None = None) -> tuple[Figure, ...]:
    """All figures, or those of one table, loaded once.

    >>> len(figures("companies")) > 2000
    True
    """
    if table is None:
        return tuple(row for name in TABLES for row in figures(name))
    if table not in TABLES:
        raise UnknownNameError("table of figures", table, TABLES)
    return parse_table(table, table_text(table))

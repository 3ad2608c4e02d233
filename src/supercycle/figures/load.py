"""Loading: rows of the typed tables, read on demand and checked while they are read.

Every meaning is a column: unit, basis, kind, tier, inputs_tier, evidence, known_from, vintage and licence are written
into the table (by ``tools/typed_tables`` when it is made, by hand when it is corrected); loading looks nothing up
in titles or notes. The lines of a table are indexed by series once; a series is parsed when it is asked for, so one
figure costs a few milliseconds and a table that nobody asks for costs nothing.

A row that breaks a rule (unknown unit, tier, kind or licence, unreadable date, no source, an exact duplicate) is
refused with its file and line. A row whose value is not a plain number ("> 85", "30000-45000") or whose period names
no date is a note: it is shown and never computed with. Several sources for one point are all kept;
``series.choose`` ranks them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.row import FIGURE_COLUMNS, Figure, figure_of

__all__ = [
    "COLUMNS",
    "TABLES",
    "Figure",
    "all_series",
    "figures",
    "is_flow",
    "parse_table",
    "read_rows",
    "rows_of",
    "series_lines",
    "table_text",
]

# The tables whose rows are figures; claims, parameters, models and campus_slips have their own readers.
TABLES: tuple[str, ...] = (
    "companies", "demand", "macro", "buyers", "network", "history",
    "prints_2026q3", "plans", "borrowers", "power_regions", "labs", "deal_terms", "hardware", "open_models",
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = dict.fromkeys(TABLES, FIGURE_COLUMNS)
COLUMNS["claims"] = (
    "id", "topic", "statement", "value", "unit", "unit_printed", "printed", "relation", "low", "high", "period",
    "attributed_to", "document", "notes",
)  # fmt: skip
COLUMNS["parameters"] = (
    "block", "parameter", "meaning", "unit", "low", "central", "high", "distribution_hint", "source_title",
    "source_url_or_citation", "year", "evidence", "note",
)  # fmt: skip
COLUMNS["models"] = (
    "provider", "model", "release_date", "input_usd_per_mtok", "output_usd_per_mtok", "price_from",
    "price_to", "arena_rating", "params_or_notes", "source_title", "source_url", "evidence",
)  # fmt: skip
COLUMNS["model_hosts"] = (
    "canonical_model", "weights", "serving_variant", "lineage", "host", "reseller", "host_model_id", "input", "output",
    "cached_read", "cache_write", "unit", "context_tokens", "max_output_tokens", "in_force_from", "ends", "standing",
    "known_from", "tier", "licence", "source_title", "source_url", "published", "note",
)  # fmt: skip
COLUMNS["words"] = ("word", "label", "said")
COLUMNS["model_makers"] = ("family", "host")
COLUMNS["members"] = ("axis", "name")
COLUMNS["campus_slips"] = ("milestone", "campus", "facility_mw", "built")
_HEADER = ",".join(FIGURE_COLUMNS)
_NAME = re.compile(r"[A-Za-z0-9_.%-]+")


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
        raise _wrong_header(name, ",".join(COLUMNS[name]), ",".join(header))
    seen: dict[tuple[str, ...], int] = {}
    for cells in reader:
        where = f"{name}.csv:{reader.line_num}"
        if len(cells) != len(header):
            raise FigureError("wrong number of cells", expected=len(header), got=len(cells), where=where)
        content = tuple(cells)
        first = seen.setdefault(content, reader.line_num)
        if first != reader.line_num:
            raise _duplicate(where, first)
        yield reader.line_num, dict(zip(header, cells, strict=True))


def _wrong_header(name: str, expected: str, got: str) -> FigureError:
    return FigureError("wrong columns", expected=expected, got=got or "nothing", where=f"{name}.csv:1")


def _duplicate(where: str, first: int) -> FigureError:
    return FigureError(
        "exact duplicate", expected="a row once", got=f"the row of line {first} again", where=where,
        hint="Delete one of the two; several *sources* for one point are welcome.",
    )  # fmt: skip


def series_lines(name: str, text: str) -> dict[str, list[tuple[int, str]]]:
    """Lines of a figure table by series: {series: [(line number, line)]}, in the order of the table.

    Refuses a wrong header, a line break inside a cell and a series name that is not a plain word.
    """
    lines = text.splitlines()
    if not lines or lines[0] != _HEADER:
        raise _wrong_header(name, _HEADER, lines[0] if lines else "")
    found: dict[str, list[tuple[int, str]]] = {}
    for number, line in enumerate(lines[1:], start=2):
        series = line.partition(",")[0]
        if series in found:
            found[series].append((number, line))
        elif _NAME.fullmatch(series):
            found[series] = [(number, line)]
        else:
            raise FigureError(
                "no series" if not series else "series is no plain word", expected="a name such as capex_cash",
                got=repr(series), where=f"{name}.csv:{number}", hint="No line breaks inside a cell, no quotes.",
            )  # fmt: skip
    return found


def _parsed(name: str, numbered: Sequence[tuple[int, str]]) -> Iterator[Figure]:
    """The figures of some lines of a table, with their line numbers."""
    seen: dict[str, int] = {}
    quoted = csv.reader(line for _, line in numbered if '"' in line)  # reads one line when asked for one
    for number, line in numbered:
        first = seen.setdefault(line, number)
        if first != number:
            raise _duplicate(f"{name}.csv:{number}", first)
        yield figure_of(name, number, next(quoted) if '"' in line else line.split(","))


def parse_table(name: str, text: str) -> tuple[Figure, ...]:
    """Read one figure table; every error names ``file:line``, what was expected and what came."""
    numbered = sorted(pair for lines in series_lines(name, text).values() for pair in lines)
    _closed_quotes(name, numbered)
    rows = tuple(_parsed(name, numbered))
    ids: dict[str, int] = {}
    for row in rows:
        first = ids.setdefault(row.id, row.line)
        if first != row.line:
            raise FigureError(
                "two rows share an id", expected="different content", got=f"that of line {first}",
                where=row.where,
                hint="Tell them apart in the note (model variant, region, size).",
            )  # fmt: skip
    return rows


def _closed_quotes(name: str, numbered: Sequence[tuple[int, str]]) -> None:
    for number, line in numbered:
        if line.count('"') % 2:
            raise FigureError(
                "a quoted cell does not end on its line", expected="one row a line", got=line[:80],
                where=f"{name}.csv:{number}",
            )  # fmt: skip


@cache
def _lines(table: str) -> dict[str, list[tuple[int, str]]]:
    return series_lines(table, table_text(table))


@cache
def all_series() -> frozenset[str]:
    """Every series that any table has.

    >>> "capex_cash" in all_series()
    True
    """
    return frozenset(name for table in TABLES for name in _lines(table))


@cache
def is_flow(series: str) -> bool:
    """Say whether a series is an amount over a period (may be summed), by its ``kind`` column.

    False for a balance, rate, price or statement, and for a series that no table has.

    >>> is_flow("capex_cash"), is_flow("debt_total"), is_flow("run_rate_revenue")
    (True, False, False)
    """
    return {row.kind for row in rows_of(series)} - {"note"} == {"flow"}


@cache
def rows_of(series: str) -> tuple[Figure, ...]:
    """Every row of a series over all tables, in their order; () for a series that no table has.

    >>> sorted({row.table for row in rows_of("capex_cash")})
    ['borrowers', 'companies', 'prints_2026q3']
    """
    rows: list[Figure] = []
    for table in TABLES:
        numbered = _lines(table).get(series, [])
        _closed_quotes(table, numbered)
        rows.extend(_parsed(table, numbered))
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
    numbered = sorted(pair for lines in _lines(table).values() for pair in lines)
    _closed_quotes(table, numbered)
    return tuple(_parsed(table, numbered))

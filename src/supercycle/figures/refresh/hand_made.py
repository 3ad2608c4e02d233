"""Any dated CSV in the schema of the figures: the product's own tables, or ten plain columns.

Plain: series, entity, period, value, unit, tier, source_title, source_url, published, note, and optionally concept,
start and end. ``published`` is a day, month, quarter or year and counts at its last day. A typed table (the columns of
the package's own) says itself from which day each row was known. What can be read in two ways, or would be kept and
never used, is refused with its line: a value with a separator, a sign of a currency or of percent; a period that names
no date.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from pathlib import Path

from supercycle.core.errors import FigureError, InputError
from supercycle.figures.known_from import latest_day
from supercycle.figures.periods import parse_period
from supercycle.figures.refresh.reading import Reading, as_figure
from supercycle.figures.row import FIGURE_COLUMNS, figure_of

__all__ = ["PLAIN_COLUMNS", "read_file", "read_text"]

PLAIN_COLUMNS: tuple[str, ...] = (
    "series", "entity", "period", "value", "unit", "tier", "source_title", "source_url", "published", "note",
)  # fmt: skip
_OPTIONAL = ("concept", "start", "end")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_ADVICE = (
    (",", "No separators: 35802 or 35.802, not 35,802, which is read in two ways."),
    ("%", "Write 12 with the unit percent, or 0.12 with the unit 1."),
    ("(", "A negative number is written with a minus: -30.1."),
)


def read_file(path: Path, fetched: str) -> list[Reading]:
    """Read a file; InputError when it cannot be read, FigureError with file and line for a row that breaks a rule."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "cannot read the figures", expected="a CSV file in UTF-8", got=str(error), where=str(path)
        ) from None
    return read_text(text, path.name, fetched)


def read_text(text: str, name: str, fetched: str) -> list[Reading]:
    """The rows of a CSV as readings. A row must name its source and the day it was published."""
    reader = csv.reader(text.splitlines(keepends=True))
    header = tuple(next(reader, ()))
    typed = header[: len(FIGURE_COLUMNS)] == FIGURE_COLUMNS
    needed = FIGURE_COLUMNS if typed else PLAIN_COLUMNS
    extra = header[len(needed) :]
    if header[: len(needed)] != needed or set(extra) - set(_OPTIONAL):
        raise FigureError(
            "wrong columns", expected=",".join((*PLAIN_COLUMNS, *_OPTIONAL)), got=",".join(header) or "nothing",
            where=f"{name}:1", hint="The last three are optional; the columns of the package's tables do as well.",
        )  # fmt: skip
    out: list[Reading] = []
    for cells in reader:
        where = f"{name}:{reader.line_num}"
        if len(cells) != len(header):
            raise FigureError("wrong number of cells", expected=len(header), got=len(cells), where=where)
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        for column in ("start", "end"):
            if row.get(column):
                row[column] = _day(row[column], column, where)
        if typed:
            table, line = name.removesuffix(".csv"), reader.line_num
            figure = figure_of(table, line, cells[: len(FIGURE_COLUMNS)])
            row["published"] = figure.known_from.isoformat()
            row["tier"] = figure.tier if figure.tier != "derived" else figure.standing
            value = figure.value
        else:
            value = _plain(row, fetched[:10], where)
        out.append(
            Reading(
                series=row["series"], entity=row["entity"], period=row["period"], value=value, unit=row["unit"],
                tier=row["tier"], source_title=row["source_title"], source_url=row["source_url"],
                published=row["published"], note=row["note"], source="file", concept=row.get("concept", ""),
                start=row.get("start", ""), end=row.get("end", ""), fetched=fetched,
            )
        )  # fmt: skip
        _checked(out[-1], name, reader.line_num)
    return out


def _plain(row: dict[str, str], fetched: str, where: str) -> float | None:
    for column in ("series", "entity", "source_title"):
        if not row[column]:
            raise FigureError(f"no {column}", expected="a name", got="an empty cell", where=where)
    if not row["published"]:
        raise FigureError(
            "no day of publication",
            expected="2026-10-20",
            got="an empty cell",
            where=where,
            hint="A reading without one could not be kept out of a back-test.",
        )
    try:
        row["published"] = _published(row["published"], fetched, where)
    except ValueError as problem:
        raise FigureError("no such date", expected="a calendar day", got=str(problem), where=where) from None
    if parse_period(row["period"], row["entity"]).kind == "note":
        raise FigureError(
            "the period names no date",
            expected="2026Q2, 2026-05, 2026-05-31, 2026FY or 2026",
            got=repr(row["period"]),
            where=where,
        )
    return _number(row["value"], where)


def _number(text: str, where: str) -> float:
    """A plain number. Errors: FigureError for anything that is read in two ways or in none."""
    if not _NUMBER.fullmatch(text):
        advice = next((words for sign, words in _ADVICE if sign in text), "The unit has its own column.")
        raise FigureError(
            "the value is no plain number", expected="35.802", got=repr(text), where=where, hint=advice
        )
    return float(text)


def _published(printed: str, fetched: str, where: str) -> str:
    """The last day that the printed date allows; the day the file was read where the printed date contains it."""
    last = latest_day(printed, where).isoformat()
    return fetched if fetched.startswith(printed) else last


def _checked(reading: Reading, name: str, line: int) -> None:
    """The reading's unit, tier and period, refused with the line of the file rather than later."""
    try:
        as_figure(reading, line)
    except FigureError as problem:
        raise FigureError(
            problem.message,
            expected=problem.expected,
            got=problem.got,
            where=f"{name}:{line}",
            hint=problem.hint,
        ) from None
    except ValueError as problem:
        raise FigureError(
            "no such date", expected="a calendar day", got=str(problem), where=f"{name}:{line}"
        ) from None


def _day(text: str, column: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FigureError(f"{column} is no day", expected="2026-10-20", got=repr(text), where=where) from None

"""Any CSV in the schema of the figures: the columns of the package's tables, and optionally concept, start and end."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from supercycle.core.errors import FigureError, InputError
from supercycle.figures.load import COLUMNS, figure_of
from supercycle.figures.refresh.reading import Reading

__all__ = ["read_file", "read_text"]

_NEEDED = COLUMNS["companies"]
_OPTIONAL = ("concept", "start", "end")


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
    extra = header[len(_NEEDED) :]
    if header[: len(_NEEDED)] != _NEEDED or set(extra) - set(_OPTIONAL):
        raise FigureError(
            "wrong columns", expected=",".join((*_NEEDED, *_OPTIONAL)), got=",".join(header) or "nothing",
            where=f"{name}:1", hint="The last three are optional.",
        )  # fmt: skip
    out: list[Reading] = []
    for cells in reader:
        where = f"{name}:{reader.line_num}"
        if len(cells) != len(header):
            raise FigureError("wrong number of cells", expected=len(header), got=len(cells), where=where)
        row = dict(zip(header, cells, strict=True))
        figure = figure_of(name.removesuffix(".csv"), reader.line_num, row)
        for column in ("published", "start", "end"):
            if row.get(column):
                row[column] = _day(row[column], column, where)
        if not row["published"]:
            raise FigureError(
                "no day of publication", expected="2026-10-20", got="an empty cell", where=where,
                hint="A reading without one could not be kept out of a back-test.",
            )  # fmt: skip
        out.append(
            Reading(
                series=row["series"], entity=row["entity"], period=row["period"], value=figure.value,
                unit=row["unit"], tier=figure.tier, source_title=row["source_title"], source_url=row["source_url"],
                published=row["published"], note=row["note"], source="file", concept=row.get("concept", ""),
                start=row.get("start", ""), end=row.get("end", ""), fetched=fetched,
            )
        )  # fmt: skip
    return out


def _day(text: str, column: str, where: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise FigureError(f"{column} is no day", expected="2026-10-20", got=repr(text), where=where) from None

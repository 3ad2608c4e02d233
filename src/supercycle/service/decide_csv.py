"""A decision as one long table: table, option, line, year, value; for whatever reads CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from supercycle.core.errors import EnvironmentProblem

__all__ = ["COLUMNS", "write"]

COLUMNS = ("table", "option", "line", "year", "value")
Body = Mapping[str, Any]


def write(body: Body, path: Path) -> Path:
    """Write ranking, yearly statements and assumptions; the file appears whole or not at all.

    Errors: EnvironmentProblem when the place cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_rows(body))
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise EnvironmentProblem(f"cannot write {path} ({error.strerror})", where="--csv") from None
    return path


def _rows(body: Body) -> Iterator[tuple[object, ...]]:
    for one in body["ranking"]:
        for line, value in one.items():
            if isinstance(value, int | float):
                yield "ranking", one["name"], line, "", value
    for option, made in body["statements"].items():
        for table in ("cash", "profit", "balance", "kpis"):
            for line, values in made[table].items():
                for year, value in enumerate(values, 1):
                    yield table, option, line, year, "" if value is None else value
    for line in body["assumptions"]:
        yield "assumption", "", line["path"], "", "" if line["value"] is None else line["value"]

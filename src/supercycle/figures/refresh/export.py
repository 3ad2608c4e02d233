"""Export: the readings as CSV, JSON or Parquet, with everything that was kept of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from io import StringIO
from pathlib import Path

import orjson

from supercycle.core.errors import UsageError
from supercycle.core.files import whole_file
from supercycle.figures.refresh.reading import COLUMNS, OK, Reading
from supercycle.figures.refresh.store import Store

__all__ = ["export"]

_KINDS = (".csv", ".json", ".parquet")


def export(store: Store, path: Path, *, as_of: date | None = None, everything: bool = False) -> int:
    """Write the usable readings (``everything``: refused ones too) known by a day; returns how many.

    Errors: UsageError for another kind of file, EnvironmentProblem when it cannot be written.
    """
    if path.suffix not in _KINDS:
        raise UsageError("no such kind of file", expected=" or ".join(_KINDS), got=path.suffix or path.name)
    rows = [
        row
        for row in store.readings()
        if (everything or row.status == OK) and (as_of is None or row.published <= as_of.isoformat())
    ]
    content = _content(rows, path.suffix)
    with whole_file(path, "the export") as temporary:
        temporary.write_bytes(content)
    return len(rows)


def _content(rows: Sequence[Reading], kind: str) -> bytes:
    plain = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
    if kind == ".json":
        return orjson.dumps({"schema": "supercycle.figures/1", "readings": plain}, option=orjson.OPT_INDENT_2)
    if kind == ".parquet":
        from supercycle.figures.refresh.store import parquet_of

        return parquet_of(plain)
    out = StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(plain)
    return out.getvalue().encode()

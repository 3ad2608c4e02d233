"""Many rows at once: the quantiles of a run as .csv, and the table of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from supercycle.cli.console import plain_console, plain_table, table_row
from supercycle.cli.render import number

__all__ = ["sweep_table", "write_csv", "write_rows"]

Record = Mapping[str, Any]


def write_csv(body: Record, path: Path) -> None:
    """Every output as rows of output, entity, unit, quarter, mean and quantiles; an empty cell has no number."""
    import csv

    from supercycle.core.files import whole_file

    levels = ("mean", "q05", "q25", "q50", "q75", "q95")
    with (
        whole_file(path, "the table", where="--csv") as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("output", "entity", "label", "unit", "quarter", *levels))
        for key, found in body["outputs"].items():
            name, entity = key.partition(":")[0], found["entity"] or ""
            for i, quarter in enumerate(found["quarters"]):
                numbers = (found[level][i] for level in levels)
                writer.writerow((name, entity, found["label"], found["unit"], quarter, *numbers))


def write_rows(rows: Sequence[Record], path: Path) -> None:
    """Like records as .csv, a column a key; a missing value is an empty cell."""
    import csv

    from supercycle.core.files import whole_file

    with (
        whole_file(path, "the table", where="--csv") as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        keys = list(dict.fromkeys(key for row in rows for key in row))
        writer.writerow(keys)
        writer.writerows([row.get(key) for key in keys] for row in rows)


def _spread(row: Record) -> str:
    """Median and band; of an event, whose median says nothing, the share of paths."""
    if row["event"]:
        return f"{100 * row['mean']:.1f} % of paths"
    return f"{number(row['q50'])} ({number(row['q05'])} to {number(row['q95'])})"


def sweep_table(found: Record) -> None:
    """A row a scenario: its settings, then the median and the 5 to 95 % band of each reading."""
    console = plain_console()
    rows = cast("list[Record]", found["rows"])
    settings = [key for key in rows[0] if key.startswith("set.")] if rows else []
    outputs = list(
        dict.fromkeys(f"{row['label']} ({row['unit']}), {row['output'].rpartition(':')[2]}" for row in rows)
    )
    table = plain_table("#", *(key.removeprefix("set.") for key in settings), right=outputs)
    width = len(outputs)
    for at in range(0, len(rows), max(width, 1)):
        some = rows[at : at + width]
        cells = (_spread(row) for row in some)
        table_row(table, some[0]["scenario"], *(some[0][key] for key in settings), *cells)
    console.print(table)
    told = f"{found['scenarios']} scenarios of {found['paths']:,} paths, one seed: medians (5 to 95 %)"
    console.print(told, style="dim", markup=False)

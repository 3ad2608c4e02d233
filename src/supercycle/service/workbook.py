"""A run as a workbook: what came out, what was assumed, what was run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supercycle.core.files import whole_file
from supercycle.service.assumptions import assumption
from supercycle.service.result import Result, level_names

__all__ = ["SHEETS", "write"]

SHEETS = ("Summary", "Quantiles", "Derived", "Assumptions", "Manifest")
ASSUMED = (
    "parameter",
    "label",
    "block",
    "unit",
    "treatment",
    "value or median",
    "low",
    "high",
    "distribution",
)
STANDS_ON = ("evidence", "source", "reason", "meaning")


def write(result: Result, path: Path) -> Path:
    """Write quantiles per output and quarter, every assumption with its evidence, and the manifest.

    The file appears whole or not at all; numbers are numbers, missing ones empty, and no text is read as a
    formula. Errors: EnvironmentProblem when the place cannot be written.
    """
    import xlsxwriter

    with whole_file(path, "the workbook", where="--xlsx") as temporary:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book: Any = xlsxwriter.Workbook(str(temporary), options)
        body = result.to_dict()
        for sheet, rows in _sheets(result, body).items():
            _fill(book, sheet, rows)
        book.close()
    return path


Rows = list[list[Any]]


def _sheets(result: Result, body: Mapping[str, Any]) -> dict[str, Rows]:
    return {
        "Summary": _summary(body),
        "Quantiles": _quantiles(body["outputs"]),
        "Derived": _derived(body["derived"]),
        "Assumptions": _assumptions(result),
        "Manifest": [["key", "value"], *_flat(body["manifest"])],
    }


def _summary(body: Mapping[str, Any]) -> Rows:
    counts = ", ".join(f"{count} {name}" for name, count in body["status_counts"].items())
    return [
        ["what", "value"],
        ["headline", body["headline"]],
        ["scenario", body["manifest"]["scenario"]["preset"]],
        ["paths", body["manifest"]["paths"]],
        ["paths by status", counts],
        ["largest residual of the books, of gross flows", body["books"]["residual_max"]],
        ["again", body["manifest"]["command"]],
        ["Quantiles", "per output and quarter, over the paths that have numbers"],
        ["Derived", "outputs of whole paths, per member"],
        ["Assumptions", "every parameter under this scenario, with its evidence"],
    ]


def _quantiles(outputs: Mapping[str, Any]) -> Rows:
    levels = ["mean", *level_names()]
    rows: Rows = [["output", "label", "member", "unit", "block", "quarter", *levels]]
    for key, found in outputs.items():
        facts = [key, found["label"], found["entity"], found["unit"], found["block"]]
        for place, quarter in enumerate(found["quarters"]):
            rows.append([*facts, quarter, *(found[level][place] for level in levels)])
    return rows


def _derived(derived: Mapping[str, Any]) -> Rows:
    levels = ["mean", *level_names()]
    rows: Rows = [["output", "label", "member", "unit", "share of paths that have one", *levels]]
    for key, found in derived.items():
        for place, member in enumerate(found["entities"]):
            facts = [key, found["label"], member, found["unit"], found["defined"][place]]
            rows.append([*facts, *(found[level][place] for level in levels)])
    return rows


def _assumptions(result: Result) -> Rows:
    run = result.run
    rows: Rows = [[*ASSUMED, *STANDS_ON]]
    for id, param in run.subject.model.registry.items():
        under = assumption(run.subject, run.scenario, id)
        facts: list[Any] = [id, param.label, param.block, param.unit]
        if under["sampled"]:
            facts += ["sampled", under["default"], under["low"], under["high"], under["distribution"]]
        else:
            facts += ["set" if id in run.scenario.set else "fixed", under["value"], None, None, None]
        rows.append([*facts, *(getattr(param, name) for name in STANDS_ON)])
    return rows


def _flat(found: Mapping[str, Any], prefix: str = "") -> Rows:
    """A nested record as rows of dotted key and value."""
    rows: Rows = []
    for key, value in found.items():
        if isinstance(value, Mapping):
            rows += _flat(value, f"{prefix}{key}.")  # pyright: ignore[reportUnknownArgumentType]
        else:
            rows.append([f"{prefix}{key}", value if isinstance(value, int | float) else str(value)])
    return rows


def _fill(book: Any, name: str, rows: Rows) -> None:
    """One sheet with a bold first row that stays in view and can be filtered."""
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    for column, title in enumerate(rows[0]):
        sheet.write_string(0, column, str(title), bold)
        widest = max((len(str(row[column])) for row in rows[1:200] if row[column] is not None), default=0)
        sheet.set_column(column, column, min(max(len(str(title)), widest) + 2, 60))
    for line, row in enumerate(rows[1:], start=1):
        for column, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, str(value))
    sheet.freeze_panes(1, 0)
    if len(rows) > 1:
        sheet.autofilter(0, 0, len(rows) - 1, len(rows[0]) - 1)

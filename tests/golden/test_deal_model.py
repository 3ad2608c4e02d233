"""The workbook is the model: recomputed by LibreOffice after an input is changed, it is a fresh run of the engine."""

from __future__ import annotations

import csv
import dataclasses
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from supercycle.core.errors import SupercycleError
from supercycle.service.deal import deal
from supercycle.service.deal_files import examples

SOFFICE = shutil.which("soffice")
EDITS, TIGHT = 6, 1e-6
NOT_LIVE: dict[str, str] = {}  # deals whose sheet Check says why there is no live model
# Inputs that are tried first: what a lender flexes. Factors keep each within its range.
WISHED = ("rent", "rate", "amount", "opex", "dscr", "usd_per_gpu_hour", "escalator", "margin", "cost", "trap",
          "upfront_fee", "target", "gpus", "gearing", "received_share", "payments", "value", "threshold")  # fmt: skip


@pytest.mark.parametrize("name", list(examples()))
def test_the_model_is_the_engine_before_anybody_recomputes_it(name: str) -> None:
    """As written and on one stressed case: every rent and price 5 % lower, costs 5 % higher."""
    from supercycle.deals.run import run
    from supercycle.service.deal_files import read_file
    from supercycle.service.deal_model.model import write_model
    from supercycle.service.deal_world import references

    deal_, _ = read_file(name)
    stressed: list[Any] = []
    for c in deal_.contracts:
        key = "rent" if c.kind == "lease" else "usd_per_gpu_hour"
        changed: Any = {key: scaled(getattr(c, key), 0.95), "opex": scaled(c.opex, 1.05)}
        stressed.append(dataclasses.replace(c, **changed))
    for found in (deal_, dataclasses.replace(deal_, contracts=tuple(stressed))):
        still = {n: np.ones(found.calendar.lay().count) for n in references(found)}
        told = write_model({n: Page(n) for n in ("Inputs", "Model", "Build", "Check")}, run(found, still))
        if name in NOT_LIVE:
            assert NOT_LIVE[name] in told["reason"]
            continue
        assert told["live"]
        assert told["worst"] <= 1e-9
        assert len(told["inputs"]) >= 15


def scaled(number: Any, by: float) -> Any:
    points = tuple((d, v * by) for d, v in number.points)
    return dataclasses.replace(number, value=number.value * by, points=points)


class Page:
    """A sheet that keeps nothing but refuses what a spreadsheet would."""

    def __init__(self, name: str) -> None:
        self.name = name

    def put(self, row: int, column: int, value: Any, *, bold: bool = False) -> None: ...

    def day(self, row: int, column: int, value: Any) -> None: ...

    def formula(self, row: int, column: int, text: str, value: Any) -> None:
        assert len(text) < 8000


def chosen(inputs: dict[str, str]) -> list[str]:
    """Six scalar inputs of a deal, of as many kinds as it has."""
    plain = [
        p
        for p in inputs
        if not any(f".{form}." in p for form in ("curve", "ramp", "amounts", "spread", "streams"))
    ]
    plain = [p for p in plain if not p.startswith("waterfall")]
    rank = {word: k for k, word in enumerate(WISHED)}
    return sorted(plain, key=lambda p: (rank.get(p.rpartition(".")[2], 99), p))[:EDITS]


def recomputed(books: list[Path], into: Path) -> list[dict[str, list[float]]]:
    """The sheet Model of workbooks as LibreOffice computes it, by column, in one start of it; an empty cell is nothing.

    Text, with every digit (not as shown): a tenth of the work of writing and reading workbooks.
    """
    sheet = 1 + sheets(books[0]).index("Model")
    form = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,{sheet}"
    subprocess.run(
        [str(SOFFICE), "--headless", f"-env:UserInstallation=file://{into}/profile", "--convert-to", form, "--outdir",
         str(into), *(str(b) for b in books)],
        check=True, capture_output=True, timeout=420,
    )  # fmt: skip
    return [columns(into / f"{b.stem}-Model.csv") for b in books]


def columns(path: Path) -> dict[str, list[float]]:
    head, *rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    rows = [row for row in rows if row and number(row[0]) is not None]
    return {name: [number(row[k]) or 0.0 for row in rows] for k, name in enumerate(head) if name}


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def sheets(book: Path) -> list[str]:
    """Names of the sheets of a workbook, in order."""
    with zipfile.ZipFile(book) as inside:
        return re.findall(r'<sheet name="([^"]+)"', inside.read("xl/workbook.xml").decode())


def edited(base: Path, into: Path, values: dict[str, float]) -> Path:
    """A copy with other numbers in cells of Inputs and no answers: what formulas give, LibreOffice must find."""
    number_of_inputs = sheets(base).index("Inputs") + 1
    with zipfile.ZipFile(base) as old, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            text = old.read(item)
            if item.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
            if item == f"xl/worksheets/sheet{number_of_inputs}.xml":
                for cell, value in values.items():
                    at = re.compile(rb'(<c r="' + cell.encode() + rb'"[^>]*><v>)[^<]*(</v>)')
                    text, count = at.subn(rb"\g<1>" + repr(value).encode() + rb"\2", text)
                    assert count == 1, cell
            new.writestr(item, text)
    return into


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed; .ci/run installs it")
@pytest.mark.parametrize("name", [n for n in examples() if n not in NOT_LIVE])
def test_six_edits_recomputed_by_libreoffice_are_fresh_runs(name: str, tmp_path: Path) -> None:
    base = deal(name)
    first = base.write_xlsx(tmp_path / "base.xlsx")
    book: Any = openpyxl.load_workbook(first, read_only=True)
    lines = [row for row in book["Inputs"].iter_rows(min_row=2) if len(row) > 2 and row[2].value]
    book.close()
    inputs = {str(row[2].value): row[1].coordinate for row in lines}
    values = {str(row[2].value): float(row[1].value) for row in lines}
    paths = chosen(inputs)
    assert len(paths) == EDITS
    cases: list[tuple[str, Path, Any]] = []
    for k, path in enumerate([*paths, "all", ""]):
        edits = {
            p: values[p] * 1.04 if values[p] else 0.01
            for p in (paths if path == "all" else [path] if path else [])
        }
        edits = {p: min(v, 1.0) if "share" in p else v for p, v in edits.items()}
        edits = {p: v for p, v in edits.items() if v != values[p]}
        try:
            fresh = deal(name, set={p: repr(v) for p, v in edits.items()})
        except SupercycleError:  # more than the file's other terms allow
            edits = {p: values[p] * 0.96 for p in edits}
            fresh = deal(name, set={p: repr(v) for p, v in edits.items()})
        place = edited(first, tmp_path / f"case{k}.xlsx", {inputs[p]: v for p, v in edits.items()})
        cases.append((path, place, fresh))
    out = tmp_path / "out"
    out.mkdir()
    worst: dict[str, float] = {}
    for (path, _, fresh), model in zip(cases, recomputed([c[1] for c in cases], out), strict=True):
        run = fresh.run
        names = [n for n, side in run.books.sides.items() if side in ("source", "use", "cash") and n in model]
        names += [f"{f.name}.balance" for f in run.prepared.deal.facilities]
        scale = max(float(np.abs(run[n]).max()) for n in names)
        assert len(names) > 8
        for n in names:
            got = np.array(model[n][: run.prepared.periods.count])
            gap = float(np.abs(got - run[n][:, 0]).max()) / scale
            worst[path or "as written"] = max(worst.get(path or "as written", 0.0), gap)
    assert max(worst.values()) <= TIGHT, worst
    assert len(worst) == len(cases)

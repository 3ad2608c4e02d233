"""The workbook of a deal: its totals are live formulas, and recomputing them from its own cells gives the run's."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

from supercycle import cli
from supercycle.core.errors import EnvironmentProblem
from supercycle.service import deal_workbook
from supercycle.service.deal import DealResult, deal

LIVE = ("Inputs", "Model", "Build", "Check")  # recomputed by LibreOffice in tests/golden/test_deal_model.py


class Sheets:
    """Formulas recomputed from cells, by a reader of our own: SUM, IF(a>0,a/b,""), + - and references."""

    def __init__(self, path: Path) -> None:
        self.book: Any = openpyxl.load_workbook(path)
        self.kept: Any = openpyxl.load_workbook(path, data_only=True)
        self.known: dict[tuple[str, str], float] = {}

    def value(self, sheet: str, cell: str) -> float:
        cell = cell.replace("$", "")
        if (sheet, cell) not in self.known:
            found = self.book[sheet][cell].value
            self.known[sheet, cell] = (
                self.formula(sheet, found[1:])
                if isinstance(found, str) and found.startswith("=")
                else float(found or 0)
            )
        return self.known[sheet, cell]

    def formula(self, sheet: str, text: str) -> float:
        if whole := re.fullmatch(r"IF\((\w+)>0,(\w+)/(\w+),\"\"\)", text):
            below = self.value(sheet, whole[1])
            return self.value(sheet, whole[2]) / below if below > 0 else float("nan")
        if whole := re.fullmatch(r"SUM\((\w+:\w+)\)", text):
            left, top, right, bottom = range_boundaries(whole[1])
            assert None not in (left, top, right, bottom)
            rows = self.book[sheet].iter_rows(top, bottom, left, right)
            return sum(self.value(sheet, cell.coordinate) for row in rows for cell in row)
        total, sign = 0.0, 1.0
        for part in re.findall(r"[+-]|[^+-]+", text):
            if part in "+-":
                sign = 1.0 if part == "+" else -1.0
                continue
            other, bang, cell = part.rpartition("!")
            total += sign * self.value(other if bang else sheet, cell)
        return total

    def formulas(self) -> list[tuple[str, str]]:
        return [
            (sheet.title, cell.coordinate)
            for sheet in self.book if sheet.title not in LIVE for row in sheet.iter_rows() for cell in row
            if isinstance(cell.value, str) and cell.value.startswith("=")
        ]  # fmt: skip


@pytest.fixture(scope="module", params=["hyperion", "datacentre_abs"])
def written(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[DealResult, Path]:
    found = deal(request.param)
    return found, found.write_xlsx(tmp_path_factory.mktemp("xlsx") / "deal.xlsx")


def test_every_formula_recomputes_to_what_the_run_found(written: tuple[DealResult, Path]) -> None:
    _, path = written
    sheets = Sheets(path)
    places = sheets.formulas()
    assert len(places) > 300
    for sheet, cell in places:
        kept = sheets.kept[sheet][cell].value
        got = sheets.value(sheet, cell)
        if kept in ("", None):
            assert math.isnan(got)  # n/a where nothing is due
        else:
            assert got == pytest.approx(kept, rel=1e-9, abs=1e-6), (sheet, cell)


def test_the_statement_closes_in_every_period_and_in_all(written: tuple[DealResult, Path]) -> None:
    found, path = written
    sheets, statement = Sheets(path), openpyxl.load_workbook(path)["Statement"]
    titles = [cell.value for cell in statement[1]]
    count = len(found.body["periods"])
    check = openpyxl.utils.get_column_letter(len(titles))
    assert str(titles[-1]).startswith("check")
    for t in range(count):
        assert sheets.value("Statement", f"{check}{t + 2}") == pytest.approx(0, abs=1e-6)
    total = {
        name: openpyxl.utils.get_column_letter(titles.index(name) + 1)
        for name in ("all sources", "all uses", "all cash")
    }
    ends = {name: sheets.value("Statement", f"{column}{count + 2}") for name, column in total.items()}
    assert ends["all sources"] == pytest.approx(found.body["total_sources"])
    assert ends["all uses"] + ends["all cash"] == pytest.approx(found.body["total_uses"])
    for name in ("all sources", "all uses"):
        cell = statement[f"{total[name]}{count + 2}"].value
        assert str(cell).startswith("=SUM(")


def test_the_summarys_sources_are_its_uses(written: tuple[DealResult, Path]) -> None:
    _, path = written
    sheets = Sheets(path)
    labels = {row[0].value: row[1].coordinate for row in sheets.book["Summary"].iter_rows() if row[0].value}
    assert sheets.value("Summary", labels["all sources"]) == pytest.approx(
        sheets.value("Summary", labels["all uses"])
    )
    assert sheets.value("Summary", labels["sources - uses"]) == pytest.approx(0, abs=1e-6)


def test_each_tranche_rolls_forward_to_the_runs_balance(written: tuple[DealResult, Path]) -> None:
    found, path = written
    sheets = Sheets(path)
    page = sheets.book["Tranches"]
    titles = [cell.value for cell in page[1]]
    for name in found.body["tranches"]:
        closing, balance = (
            openpyxl.utils.get_column_letter(titles.index(f"{name}: {word}") + 1)
            for word in ("closing", "balance of the run")
        )
        for t in range(len(found.body["periods"])):
            own = sheets.value("Tranches", f"{closing}{t + 2}")
            assert own == pytest.approx(sheets.value("Tranches", f"{balance}{t + 2}"), abs=1e-6)
        assert str(page[f"{closing}5"].value).startswith("=")


def test_the_sheets_and_what_is_text_stays_text(written: tuple[DealResult, Path], tmp_path: Path) -> None:
    found, path = written
    book = openpyxl.load_workbook(path)
    assert tuple(book.sheetnames) == deal_workbook.SHEETS
    lines = [row[0].value or "" for row in book["Deal"].iter_rows()]
    assert "schema: supercycle.deal/2" in lines
    if found.body["name"] != "hyperion":
        return
    evil = tmp_path / "evil.yaml"
    evil.write_text(found.text.replace("title: ", "title: =1+1 ", 1))
    again = openpyxl.load_workbook(deal(str(evil)).write_xlsx(tmp_path / "evil.xlsx"))
    assert again["Summary"]["A1"].data_type == "s"
    assert str(again["Summary"]["A1"].value).startswith("=1+1")


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    found = deal("terawulf")
    with pytest.raises(EnvironmentProblem, match="--xlsx: cannot write"):
        found.write_xlsx(tmp_path / "none" / "a.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        found.write_xlsx(tmp_path / "taken.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.xlsx"]


def test_the_command_writes_both_files(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        cli.main(
            [
                "deal",
                "run",
                "examples/hyperion.yaml",
                "--xlsx",
                "a.xlsx",
                "--report",
                "a.html",
                "--agency",
                "sp",
            ]
        )
    assert left.value.code == 0
    said = capfd.readouterr().out
    assert "report written to a.html" in said
    assert "workbook written to a.xlsx" in said
    assert "S&P's reading" in said
    assert "Moody's reading" not in said
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.html", "a.xlsx"]

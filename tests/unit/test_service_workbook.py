"""The workbook holds the run's own numbers, as numbers, and appears whole or not at all."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from supercycle import cli, service
from supercycle.core.errors import EnvironmentProblem
from supercycle.service import workbook

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """Every sheet as rows of texts and numbers, read from the file itself."""
    with zipfile.ZipFile(path) as book:
        texts = [
            "".join(t.text or "" for t in item.iter(f"{{{NS['m']}}}t"))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).findall("m:si", NS)
        ]
        names = [
            s.get("name", "")
            for s in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{{{NS['m']}}}sheet")
        ]
        found: dict[str, list[list[Any]]] = {}
        for place, name in enumerate(names, start=1):
            root = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{place}.xml"))
            found[name] = []
            for row in root.iter(f"{{{NS['m']}}}row"):
                cells = []
                for cell in row.findall("m:c", NS):
                    value = cell.findtext("m:v", namespaces=NS)
                    assert value is not None
                    cells.append(texts[int(value)] if cell.get("t") == "s" else float(value))
                found[name].append(cells)
        return found


@pytest.fixture(scope="module")
def result() -> service.Result:
    return service.run(paths=128, until="2028Q4", set={"pue": 1.3})


def test_the_workbook_holds_the_results_own_numbers(result: service.Result, tmp_path: Path) -> None:
    found = sheets(workbook.write(result, tmp_path / "a.xlsx"))
    assert tuple(found) == workbook.SHEETS
    quantiles = found["Quantiles"]
    assert quantiles[0][-6:] == ["mean", "q05", "q25", "q50", "q75", "q95"]
    row = next(r for r in quantiles if r[0] == "fleet_it_gw" and "2028Q4" in r)
    assert row[-3] == pytest.approx(result["fleet_it_gw"]["q50"][-1], rel=1e-14)
    assert len(quantiles) == 1 + sum(len(o["quarters"]) for o in result.outputs.values())
    assumed = {r[0]: r for r in found["Assumptions"][1:]}
    assert set(assumed) == set(result.run.subject.model.registry)
    assert assumed["pue"][4:6] == ["set", 1.3]
    assert assumed["hurdle_base"][4] == "sampled"
    assert dict(r for r in found["Manifest"] if len(r) == 2)["model_hash"] == result.manifest["model_hash"]


def test_no_text_becomes_a_formula(result: service.Result, tmp_path: Path) -> None:
    path = workbook.write(result, tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as book:
        assert all(b"<f>" not in book.read(name) for name in book.namelist())


def test_a_place_that_cannot_be_written_leaves_nothing(result: service.Result, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="--xlsx: cannot write"):
        workbook.write(result, tmp_path / "none" / "a.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        workbook.write(result, tmp_path / "taken.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.xlsx"]


def test_the_command_writes_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        cli.main(["run", "--paths", "64", "--until", "2027Q4", "--xlsx", "base.xlsx"])
    assert left.value.code == 0
    assert "workbook written to base.xlsx" in capfd.readouterr().out
    assert "Summary" in sheets(tmp_path / "base.xlsx")

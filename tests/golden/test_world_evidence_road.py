"""From the row to the headline: a changed row changes the opening, the explanation and the run, by itself."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import supercycle
from supercycle.core.errors import FigureError
from supercycle.figures.load import figures
from supercycle.service.the_world import subject
from supercycle.world.fleet import shipped
from supercycle.world.frame import figure, in_unit

SOURCE = Path(supercycle.__file__).parents[1]
OUTSIDE = "World ex China, end-customer, de-duplicated"
# Series, entity and period of a row; the parameter it feeds; how much the parameter moves when the row moves by one.
MOVED = [
    ("capex_cash", "Meta", "2026Q2", "capex_open:Meta", 1.0),
    ("capex_cash", "Oracle", "2026Q2", "capex_open:Oracle", 1.0),
    ("operating_cash_flow", "Amazon", "2026Q1", "ocf_open:Amazon", 1 / 2),  # the mean of two quarters
    ("operating_cash_flow", "Alphabet", "2026Q2", "ocf_open:Alphabet", 1 / 2),
    ("revenue", "Microsoft", "2026Q2", "core_revenue_open", 1.0),  # a term of a sum of five
    ("genai_run_rate_total", OUTSIDE, "2026-06", "opening_ai_revenue", 1.0),
    ("genai_revenue_total_ttm", OUTSIDE, "2025-07 to 2026-06", "opening_ai_revenue_ttm", 1.0),
    ("ai_chips_cumulative_tdp", "AMD", "2025-12-31", "shipped_tdp:2025", 1 / 1000),  # MW to GW
    (
        "ai_chips_cumulative_h100e",
        "Google TPU",
        "2025-12-31",
        "shipped_h100e_2025q4",
        1e-6,
    ),  # H100e to millions
    ("run_rate_revenue_epoch", "OpenAI", "2026-08-13", "openai_run_rate", 1.0),
    ("revenue", "Anthropic", "2026Q2", "anthropic_recognised", 1.0),
]


def row_of(series: str, entity: str, period: str) -> Any:
    return figure(series, entity, period).rows[0]


def moved_package(folder: Path) -> dict[str, float]:
    """A copy of the package whose rows are a hundredth larger; by how much each parameter has to move."""
    shutil.copytree(
        SOURCE / "supercycle", folder / "supercycle", ignore=shutil.ignore_patterns("__pycache__", "_static")
    )
    expected: dict[str, float] = {}
    for series, entity, period, param, effect in MOVED:
        row = row_of(series, entity, period)
        table = folder / "supercycle/figures/tables" / f"{row.table}.csv"
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        at = rows[0].index("value")
        names = {name: rows[0].index(name) for name in ("series", "entity", "period")}
        mine = [
            r for r in rows
            if (r[names["series"]], r[names["entity"]], r[names["period"]]) == (series, entity, period)
            and float(r[at]) == float(row.text)
        ]  # fmt: skip
        assert len(mine) == 1, (series, entity, period)
        by = float(row.text) / 100
        mine[0][at] = repr(float(row.text) + by)
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        expected[param] = by * effect
    return expected


def asked(folder: Path, code: str) -> Any:
    program = f"import json, supercycle\nprint(json.dumps({code}))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(folder)}, cwd=folder,
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_changed_row_changes_the_opening_the_explanation_and_the_run(tmp_path: Path) -> None:
    expected = moved_package(tmp_path)
    registry = subject().model.registry
    explained = asked(tmp_path, f"{{p: supercycle.explain(p) for p in {list(expected)!r}}}")
    for param, by in expected.items():
        assert explained[param]["default"] - registry[param].default == pytest.approx(by, rel=1e-6), param
        assert explained[param]["rests_on"]["rows"] >= 1
    capex = [r for r in explained["capex_open:Meta"]["rests_on"]["by_tier"]["B"] if r["entity"] == "Meta"]
    assert capex[0]["value"] == pytest.approx(registry["capex_open:Meta"].default * 1.01)
    call = "supercycle.run(paths=16, seed=1, kernel='numpy', until='2027Q4').to_dict()"
    after, before = (
        asked(tmp_path, call),
        supercycle.run(paths=16, seed=1, kernel="numpy", until="2027Q4").to_dict(),
    )
    assert after["manifest"]["model_hash"] != before["manifest"]["model_hash"]
    name = "five_firm_capex_usd_bn"
    assert after["outputs"][name]["q50"][0] != before["outputs"][name]["q50"][0]


def test_the_rows_under_a_headline_number_can_each_be_cited_and_reproduce_the_opening() -> None:
    foundations = supercycle.explain("five_firm_capex_usd_bn")["rests_on"]
    rows = [row for of_tier in foundations["by_tier"].values() for row in of_tier]
    assert foundations["rows"] == len(rows) > 40
    capex = {
        row["entity"]: row["value"]
        for row in rows
        if row["series"] == "capex_cash" and row["period"] == "2026Q2"
    }
    opening = {
        k.split(":")[1]: p.default for k, p in subject().model.registry.items() if k.startswith("capex_open:")
    }
    assert capex == pytest.approx(opening)
    for row in rows[:10]:
        assert supercycle.figures.cite(row["id"])["citation"] == row["citation"]


def test_every_row_that_a_parameter_names_exists() -> None:
    known = {row.id for row in figures()}
    for param in subject().model.registry.values():
        for id in param.rows:
            assert id in known or supercycle.figures.cite(id)["kind"] == "prior", (param.id, id)


def test_a_years_flow_is_not_a_quarters() -> None:
    """13.07 bn of OpenAI's year 2025 read as an amount a quarter would be four times too much."""
    with pytest.raises(FigureError, match="a flow of another span"):
        in_unit(figure("revenue", "OpenAI", "2025FY"), "USD_bn/q", "test")
    assert in_unit(figure("revenue", "OpenAI", "2026Q1"), "USD_bn/q", "test") == 5.7
    with pytest.raises(FigureError, match="too far apart"):
        in_unit(shipped("ai_chips_cumulative_tdp", "2024-12-31", "2025-12-31"), "GW_tdp/q", "test")


def test_evidence_is_never_better_than_the_rows() -> None:
    registry = subject().model.registry
    for param in registry.values():
        rows = [row for row in figures() if row.id in param.rows] if param.rows else []
        if rows and param.evidence == "measured":
            assert all(row.evidence == "measured" for row in rows), param.id

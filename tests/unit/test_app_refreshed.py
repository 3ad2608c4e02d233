"""What the Figures page says of refreshes: nothing before the first, then what moved, with every vintage kept."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from supercycle.app.answers import plain
from supercycle.app.interface.figures import LastRefresh, Vintages
from supercycle.app.interface.openapi import openapi
from supercycle.app.interface.schema import json_schema
from supercycle.figures.refresh.run import refresh_file
from supercycle.service.figures import last_refresh, vintages

HEAD = "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"
ROW = "capex_cash,Meta,2026Q2,{},USD_bn,A,Meta 10-Q,https://example.org/q,{},\n"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path))
    return tmp_path


def _held(answer: dict[str, object], shape: type) -> None:
    whole = {**json_schema(shape), "components": openapi()["components"]}
    Draft202012Validator(whole).validate(orjson.loads(plain(answer)))


def _refreshed(folder: Path, value: float, published: str) -> None:
    path = folder / "mine.csv"
    path.write_text(HEAD + ROW.format(value, published), encoding="utf-8")
    refresh_file(path)


def test_before_a_refresh_there_is_nothing() -> None:
    found = last_refresh()
    assert (found["refreshes"], found["moved"], found["points"]) == ([], 0, [])
    assert vintages("capex_cash")["rows"] == []


def test_the_last_refresh_and_every_vintage_are_told(store: Path) -> None:
    _refreshed(store, 30.0, "2026-07-30")
    _refreshed(store, 33.0, "2026-10-30")
    found = last_refresh()
    assert [one["number"] for one in found["refreshes"]] == [1, 2]
    (point,) = found["points"]
    assert (point["series"], point["entity"], point["change"]) == ("capex_cash", "Meta", "moved")
    assert (point["old"], point["new"], found["moved"]) == (30.0, 33.0, 1)
    _held(found, LastRefresh)
    _held(vintages("capex_cash"), Vintages)
    assert found["parameters"]
    rows = vintages("capex_cash")["rows"]
    assert [(row["value"], row["published"], row["generation"]) for row in rows] == [
        (30.0, "2026-07-30", 1),
        (33.0, "2026-10-30", 2),
    ]


def test_what_a_guard_refused_is_told_with_its_reason(store: Path) -> None:
    _refreshed(store, 30.0, "2031-07-30")
    _held(last_refresh(), LastRefresh)
    (refused,) = last_refresh()["refused"]
    assert refused["series"] == "capex_cash"
    assert refused["reason"]
    assert vintages("capex_cash")["rows"][0]["status"] == "quarantined"

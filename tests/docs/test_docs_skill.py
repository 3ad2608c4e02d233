"""The pages on skill: every generated part is filled, every picture is there and asks for nothing outside."""

from __future__ import annotations

import re
import xml.etree.ElementTree as tree
from pathlib import Path

import pytest

from supercycle.skill.calibrate import MOVED
from supercycle.skill.forecasts import list_records, read
from supercycle.skill.posterior import stored
from supercycle.skill.series import NAMES

DOCS = Path(__file__).parents[2] / "docs"
RECORDS = Path(__file__).parents[2] / "forecasts"
ADDRESS = re.compile(r"https?://[^\s\"']+")


@pytest.mark.parametrize("page", ["backtest.md", "calibration.md"])
def test_no_generated_part_is_empty(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    marks = re.findall(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->", text, re.DOTALL)
    assert len(marks) == len(re.findall(r"<!-- /\w+ -->", text)) >= 4
    assert [mark for mark, part in marks if len(part.strip()) < 40] == []


def test_the_pictures_are_drawn_and_stand_alone() -> None:
    text = (DOCS / "backtest.md").read_text("utf-8")
    for name in NAMES:
        assert f"(img/backtest-{name}.svg)" in text
        picture = (DOCS / "img" / f"backtest-{name}.svg").read_text("utf-8")
        root = tree.fromstring(picture)
        assert root.get("aria-label")
        assert len(root.findall("{http://www.w3.org/2000/svg}polygon")) >= 4  # two bands from each start
        assert set(ADDRESS.findall(picture)) == {"http://www.w3.org/2000/svg"}
        assert "nan" not in picture


def test_the_page_lists_what_the_stored_fit_moved() -> None:
    text = (DOCS / "calibration.md").read_text("utf-8")
    moved = stored()["posterior"]["moved"]
    assert moved
    for row in moved:
        assert row["divergence"] > MOVED
        assert f"| `{row['id']}` |" in text


def test_the_forecasts_on_record_are_what_was_written() -> None:
    rows = list_records(RECORDS)
    assert rows
    assert {row["state"] for row in rows} == {"intact"}
    first = read(RECORDS / rows[0]["file"])
    assert first["previous"] is None
    assert {row["quarter"] for row in first["targets"]} == {"2026Q4", "2027Q1", "2027Q2", "2027Q3", "2027Q4"}
    assert all(row["due"] > first["made"][:10] for row in first["targets"])

"""A CSV as a person types it: what can be read in two ways is refused or said, and never a wrong number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import FigureError
from supercycle.figures.refresh.run import refresh_file
from supercycle.service.figures import difference

HEAD = "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path))


def row(
    value: str = "31.5",
    unit: str = "USD_bn",
    series: str = "capex_cash",
    who: str = "Meta",
    when: str = "2026Q2",
) -> str:
    return f'{series},{who},{when},"{value}",{unit},A,my own reading,,2026-07-30,\n'


def read(folder: Path, *rows: str) -> dict[str, Any]:
    path = folder / "mine.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return refresh_file(path)


@pytest.mark.parametrize(
    "value",
    [
        "35,802",
        "30,1",
        "1.234,5",
        "12%",
        "(30.1)",
        "$30.1",
        "3_0.1",
        "",
        "n/a",
        "nan",
        "inf",
        "３０",
        "1e",
        "30.1bn",
    ],
)
def test_a_value_that_is_no_plain_number_is_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(FigureError, match=r"mine\.csv:2: the value is no plain number"):
        read(tmp_path, row(value))


@pytest.mark.parametrize(
    "when", ["Q2 2026", "May 2026", "05/06/2026", "2026/05", "second quarter", "2026Q5", "2026-13"]
)
def test_a_period_that_names_no_date_is_refused(tmp_path: Path, when: str) -> None:
    with pytest.raises(FigureError, match=r"mine\.csv:2: the period names no date"):
        read(tmp_path, row(when=when))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((row("31.5", "USD_m"),), "times its neighbours"),
        ((row("31500", "USD_bn"),), "times its neighbours"),
        ((row("31.5", "USD_tn"),), "times its neighbours"),
        ((row("31.5"), row("41.5")), "two numbers for one point"),
        ((row("31.5"), row("41500", "USD_m")), "two numbers for one point"),
        ((row("31.5", "GW_it", who="Nebius", when="2026Q1"),), "another measure"),
        ((row(when="2027Q2"),), "before the period ended"),
    ],
)
def test_what_cannot_be_right_is_quarantined(tmp_path: Path, rows: tuple[str, ...], reason: str) -> None:
    found = read(tmp_path, *rows)
    assert (found["quarantined"], found["series"]) == (len(rows), {})
    assert all(reason in one["reason"] for one in found["refused"])
    assert difference()["points"] == []


@pytest.mark.parametrize(
    ("value", "unit"), [("31.5", "USD_bn"), ("31500", "USD_m"), ("31500000000", "USD"), ("0.0315", "USD_tn")]
)
def test_units_of_one_dimension_give_one_number(tmp_path: Path, value: str, unit: str) -> None:
    assert read(tmp_path, row(value, unit), row(value, unit))["added"] == 1  # a row twice is one reading
    (point,) = difference()["points"]
    assert (point["old"], point["new"], point["unit"]) == (30.116, 31.5, "USD_bn")
    (fed,) = difference()["parameters"]
    assert (fed["parameter"], fed["new"]) == ("capex_open:Meta", 31.5)


def test_spaces_around_a_name_are_not_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(
        HEAD + " capex_cash , Meta , 2026Q2 , 31.5 , USD_bn ,A,my own,,2026-07-30,\n", encoding="utf-8"
    )
    refresh_file(path)
    assert difference()["points"][0]["new"] == 31.5


def test_names_the_tables_do_not_have_and_months_are_said(tmp_path: Path) -> None:
    words = read(tmp_path, row(series="capex_cahs"), row(who="meta"), row("10.2", when="2026-05"))["words"]
    assert len(words) == 3
    assert "did you mean 'capex_cash'?" in words[0]
    assert "did you mean 'Meta'?" in words[1]
    assert "not added up to quarters" in words[2]
    assert difference()["parameters"] == []

"""The numbers on the page are those of the result, in tables, CSV files and read-outs; a null is a gap."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

LEVELS = ("q05", "q25", "q50", "q75", "q95")


def charts(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {chart["id"]: chart for section in data["report"]["sections"] for chart in section["charts"]}


def downloaded(page: Any, name: str, title: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name} of {title}", exact=True).click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    facts = [line for line in text.splitlines() if line.startswith("# ")]
    if name == "CSV":
        assert {"# title", "# scenario", "# seed", "# model"} <= {line.partition(":")[0] for line in facts}
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("# "))


def opened(figure: Any) -> None:
    """Open the table of a figure; pages are shared, so it may be open."""
    if figure.locator("details[open]").count() == 0:
        figure.locator("summary").click()


def as_number(cell: str) -> float | None:
    return float(cell) if cell else None


@pytest.mark.parametrize("chart_id", ["capex", "spread", "cash", "price", "power"])
def test_csv_of_a_fan_holds_every_digit(reading: Any, data: dict[str, Any], chart_id: str) -> None:
    chart = charts(data)[chart_id]
    output = data["outputs"][chart["series"][0]["key"]]
    rows = list(csv.reader(io.StringIO(downloaded(reading, "CSV", chart["title"]))))
    assert rows[0] == ["Quarter", "5th", "25th", "Median", "75th", "95th"]
    assert [row[0] for row in rows[1:]] == output["quarters"]
    for column, level in enumerate(LEVELS, start=1):
        assert [as_number(row[column]) for row in rows[1:]] == output[level]


@pytest.mark.parametrize("chart_id", ["funding", "gap", "firm-lines"])
def test_csv_of_medians_holds_every_digit(reading: Any, data: dict[str, Any], chart_id: str) -> None:
    chart = charts(data)[chart_id]
    rows = list(csv.reader(io.StringIO(downloaded(reading, "CSV", chart["title"]))))
    assert rows[0] == ["Quarter", *(series["label"] for series in chart["series"])]
    for column, series in enumerate(chart["series"], start=1):
        assert [as_number(row[column]) for row in rows[1:]] == data["outputs"][series["key"]]["q50"]


def test_table_view_shows_three_digits_of_the_data(reading: Any, data: dict[str, Any]) -> None:
    figure = reading.get_by_role("figure", name="Energised IT power")
    opened(figure)
    table = figure.get_by_role("region", name="Table of Energised IT power")
    medians = [float(text) for text in table.locator("tbody td:nth-child(4)").all_inner_texts()]
    assert medians == pytest.approx(data["outputs"]["it_gw"]["q50"], rel=0.005)


def test_shares_of_a_quarter_sum_to_one(reading: Any, data: dict[str, Any]) -> None:
    chart = charts(data)["binding"]
    rows = list(csv.reader(io.StringIO(downloaded(reading, "CSV", chart["title"]))))[1:]
    for row in rows:
        assert sum(float(cell) for cell in row[1:]) == pytest.approx(1, abs=1e-12)
    parts = [data["outputs"][series["key"]]["q50"][0] for series in chart["series"]]
    assert float(rows[0][1]) == pytest.approx(parts[0] / sum(parts), rel=1e-12)


def test_unknown_quarters_are_gaps_not_zeros(reading: Any, data: dict[str, Any], synthetic: Any) -> None:
    figure = reading.get_by_role("figure", name="Credit spread on AI bonds")
    path = figure.locator(".fan .median").get_attribute("d")
    assert path.count("M") == 2  # two pieces: before the gap and after it
    assert path.count("L") + path.count("M") == synthetic.LENGTH - len(synthetic.GAP)
    opened(figure)
    table = figure.get_by_role("region")
    for gap in synthetic.GAP:
        cells = table.locator("tbody tr").nth(gap).locator("td").all_inner_texts()
        assert cells == ["–"] * 5


def test_a_bar_without_a_value_is_not_drawn(reading: Any, data: dict[str, Any]) -> None:
    chart = charts(data)["losses"]
    figure = reading.get_by_role("figure", name=chart["title"])
    values = chart["series"][0]["values"]
    assert figure.locator(".bar").count() == len(values)
    assert figure.locator(".bar rect").count() == sum(value is not None for value in values)
    widths = [float(rect.get_attribute("width")) for rect in figure.locator(".bar rect").all()]
    assert widths[1] / widths[0] == pytest.approx(values[1] / values[0], rel=1e-6)


def test_a_vintage_without_a_value_is_not_drawn(reading: Any, data: dict[str, Any]) -> None:
    values = charts(data)["vintage"]["series"][0]["values"]["q50"]
    figure = reading.get_by_role("figure", name="Return on each build vintage")
    assert figure.locator(".middle").count() == sum(value is not None for value in values)


def test_headline_numbers(reading: Any, data: dict[str, Any]) -> None:
    assert reading.get_by_text(data["headline"]).is_visible()
    shown = reading.locator(".parts .big").all_inner_texts()
    assert shown == ["$812", "66.2", "21.3%", "7.12%", "2031Q2"]


def test_checks_tell_residual_and_statuses(reading: Any) -> None:
    checks = reading.get_by_role("list", name="Checks").get_by_role("listitem").all_inner_texts()
    assert "Books close." in checks[0]
    assert "3.1 × 10⁻¹³" in checks[0]
    assert "9,988 of 10,000 paths finished." in checks[1]
    assert "numeric failure: 12" in checks[1]


def test_svg_file_stands_alone(reading: Any, browser: Any, tmp_path: Path) -> None:
    text = downloaded(reading, "SVG", "Energised IT power")
    assert text.startswith("<svg xmlns=")
    assert "var(--" not in text
    assert "Source: Synthetic data" in text
    saved = tmp_path / "chart.svg"
    saved.write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto(saved.as_uri())
    assert page.locator("path").count() >= 3
    page.close()

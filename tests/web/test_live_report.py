"""The report on a run is the model's own file: its page first, and the live model of that very run behind it."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path
from typing import Any

import pytest
from app_visit import Visit, expect, settled

import supercycle
from supercycle.app.live_report import cannot, render_live, write_live
from supercycle.app.published import MOST_BYTES, published
from supercycle.core.errors import EnvironmentProblem
from supercycle.story import report_data

OWN = """schema: supercycle.preset/1
name: mine
title: Slow grids of my own
story: A range in place of the model's.
set:
  grid_lead_months: {low: 66, default: 72, high: 80}
"""


@pytest.fixture(autouse=True, scope="module")
def compiled() -> None:
    """The browser's model is of these sources: a checkout that was not built again skips, CI does not."""
    try:
        published()
    except EnvironmentProblem as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem))
        pytest.skip(f"the browser's model is not of these sources: {problem}")


def told(result: Any) -> dict[str, Any]:
    return report_data(result.to_dict(), result)


def test_it_opens_on_the_report_and_leads_to_the_levers_of_its_run(browser: Any, tmp_path: Path) -> None:
    result = supercycle.run("crunch-2027", set={"grid_lead_months": 84}, paths=300)
    file = write_live(told(result), result.run, tmp_path / "report.html")
    assert file.stat().st_size <= MOST_BYTES
    visit = Visit(browser, file.as_uri(), offline=True)
    page = visit.page
    page.goto(file.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("The AI capital cycle")
    expect(page.locator(".live-line")).to_contain_text("300 paths, seed 1")
    assert page.locator(".sentence").inner_text() == result.headline
    for title in ("How sure is this", "Assumptions", "Reproduce"):
        expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    page.get_by_role("navigation", name="Sections").get_by_role("link", name="Reproduce").click()
    assert "reproduce" not in page.url  # a part of the page is no page
    page.get_by_role("link", name="Move the levers of this run").click()
    settled(page)
    assert "b.preset=crunch-2027" in page.url
    assert "grid_lead_months~84" in page.url
    expect(page.locator(".numbers-row .change").first).to_contain_text("from the base case")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Report").click()
    expect(page.locator(".live-line")).to_be_visible()
    assert visit.complaints == []
    assert {url.partition(":")[0] for url in visit.requests} == {"file", "blob"}
    visit.context.close()


def test_an_own_scenario_goes_in_with_its_report(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(OWN, "utf-8")
    result = supercycle.run(str(mine), paths=64)
    page = render_live(told(result), result.run)
    assert "<title>The AI capital cycle</title>" in page
    assert len(page.encode()) <= MOST_BYTES


def test_a_run_the_file_s_model_cannot_repeat_says_so(tmp_path: Path) -> None:
    result = supercycle.run("base", paths=64)
    assert cannot(result.run) == ""
    fitted = dataclasses.replace(
        result.run, scenario=dataclasses.replace(result.run.scenario, prior="posterior")
    )
    assert "posterior" in cannot(fitted)
    file = write_live(told(result), fitted, tmp_path / "still.html")
    text = file.read_text("utf-8")
    assert re.search(r"The live model is not in this file: the run draws from the prior", text)
    assert "wasm-unsafe-eval" not in text


@pytest.mark.parametrize("scenario", ["base", "power-wall"])
def test_the_numbers_of_the_report_are_whole(scenario: str) -> None:
    """What the page shows of an assumption and of an output is what the result says."""
    from supercycle.app.live_report import _trimmed

    result = supercycle.run(scenario, paths=64)
    data, parameters = told(result), published().data["schema"]["parameters"]
    body, known = _trimmed(data, parameters), {one["id"]: one for one in parameters}
    rows = [{**known.get(row["id"], {}), **row} for row in body["report"]["assumptions"]]
    for whole, row in zip(data["report"]["assumptions"], rows, strict=True):
        assert {k: row[k] for k in whole} == whole
    for key, output in body["outputs"].items():
        assert output == data["outputs"][key]
    keys = {
        s.get("key") for x in data["report"]["sections"] for c in x["charts"] for s in c.get("series", ())
    }
    assert keys - {None} <= set(body["outputs"])

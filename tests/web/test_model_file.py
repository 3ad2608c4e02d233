"""The model in one file, opened from disk with the network off: everything a reader can do, on one page."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_visit import SLOW_MS, Visit, expect, settled

import supercycle
from supercycle import service
from supercycle.app.answers import SENTENCE, headline
from supercycle.app.published import MOST_BYTES, Published, published, write_file
from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.engine.scenario import resolve
from supercycle.service.summary import answered
from supercycle.service.the_world import subject

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SMALL = "1,000 paths"
OWN = """schema: supercycle.preset/1
name: mine
title: Mine alone
story: Slow grids, of a range of my own.
set:
  grid_lead_months: {low: 66, default: 72, high: 80}
"""
CLOSE = 1e-9  # of the series' scale


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scenario of the publisher's own, with a range in place of the model's."""
    file = tmp_path_factory.mktemp("own") / "mine.yaml"
    file.write_text(OWN, "utf-8")
    return file


@pytest.fixture(scope="module")
def made(mine: Path) -> Published:
    try:
        return published([str(mine)])
    except EnvironmentProblem as problem:
        if os.environ.get("CI"):
            pytest.fail(str(problem))
        pytest.skip(f"the browser's model is not of these sources: {problem}")


@pytest.fixture(scope="module")
def file(made: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_file(made, tmp_path_factory.mktemp("site") / "model.html")


@pytest.fixture(scope="module")
def visit(browser: Any, file: Path) -> Iterator[Visit]:
    """One page for all tests of the module, without a network."""
    visit = Visit(browser, file.as_uri(), offline=True)
    yield visit
    assert visit.complaints == []
    assert {url.partition(":")[0] for url in visit.requests} == {"file", "blob"}
    visit.context.close()


def go(visit: Visit, part: str) -> Any:
    """The page at an address, at rest on the paths it shows first."""
    page = visit.page
    here = f"{visit.address}{part}"
    if page.url.partition("#")[0] != visit.address:
        page.goto(here)
    else:
        page.evaluate("(hash) => { location.hash = hash; }", part)
    page.get_by_role("heading", level=1).first.wait_for()
    settled(page)
    return page


def saved(page: Any, name: str) -> str:
    with page.expect_download() as found:
        page.get_by_role("button", name=name).click()
    return Path(found.value.path()).read_text("utf-8")


def table(text: str) -> np.ndarray:
    rows = list(csv.reader(io.StringIO("".join(x for x in text.splitlines(True) if not x.startswith("#")))))
    return np.array([[float(cell) if cell else np.nan for cell in row[1:]] for row in rows[1:] if row])


def test_its_size_and_what_it_says_it_holds(made: Published, capsys: Any) -> None:
    with capsys.disabled():
        print(f"\nmodel.html: {made.size:,} bytes of at most {MOST_BYTES:,}")
    assert made.size <= MOST_BYTES
    assert "presets: base" in made.contents[2]
    assert {"spend", "notes"} <= set(made.left_out)
    assert "connect-src" not in made.page
    assert "default-src 'none'" in made.page


def test_an_own_scenario_goes_in_only_by_name(mine: Path, made: Published, tmp_path: Path) -> None:
    assert any("'mine' from mine.yaml" in line for line in made.contents)
    assert str(mine.parent) not in made.page
    assert published().page != made.page
    twin = tmp_path / "twin.yaml"
    twin.write_text(OWN.replace("name: mine", "name: base"), "utf-8")
    with pytest.raises(InputError, match="two scenarios are called 'base'"):
        published([str(twin)])


STORY = "#/pays?b.preset=mine&b.set=hurdle_base~0.11"


def test_its_numbers_are_the_commands(visit: Visit, mine: Path) -> None:
    """A scenario with a range of its own and a lever: every digit of a download, the sentence, the change in print."""
    page = go(visit, STORY)
    expect(page.locator(".run-line")).to_contain_text(SMALL)
    sentence, change = page.locator(".sentence").inner_text(), page.locator(".change").first.inner_text()
    text = saved(page, "Download CSV of AI revenue, run rate")
    run = supercycle.run(str(mine), set={"hurdle_base": 0.11}, paths=1000).run
    base = supercycle.run("base", paths=1000).run
    revenue = run.value("ai_revenue_run_rate")
    wanted = np.quantile(revenue[:, run.ok], (0.05, 0.25, 0.5, 0.75, 0.95), axis=1).T
    assert np.abs(table(text)[-len(wanted) :, :5] - wanted).max() <= CLOSE * np.abs(wanted).max()
    for fact in (
        "# scenario: mine with hurdle_base = 0.11",
        "# paths: 1000",
        "# unit: USD_bn/year",
        "# model: ",
    ):
        assert fact in text
    object.__setattr__(run, "derived", {})  # returns by vintage are not in the file
    assert sentence == headline(run, {key: answered(run, [key])[key] for key in SENTENCE})
    at, both = run.quarters.index("2030Q4"), run.ok & base.ok
    away = float(np.median((run.value("fleet_it_gw") - base.value("fleet_it_gw"))[at, both]))
    found = re.match(r"([+−±]?)([\d.]+)", change)
    assert found
    assert float(found[2]) * (-1 if found[1] == "−" else 1) == pytest.approx(away, rel=0.01, abs=0.06)


def test_pictures_levers_and_a_number_opened(visit: Visit) -> None:
    """Of the same page: SVG and PNG with what they are of, the strongest levers, an equation, how to reproduce."""
    page = visit.page
    rows = page.get_by_role("list", name=re.compile("Strongest levers of")).get_by_role("listitem")
    expect(rows).to_have_count(10)
    settled(page)
    assert "scenario: mine with" in saved(page, "Download SVG of AI revenue, run rate")
    with page.expect_download() as found:
        page.get_by_role("button", name="Download PNG of AI revenue, run rate").click()
    assert Path(found.value.path()).read_bytes().startswith(b"\x89PNG")
    page.get_by_role("button", name="Explain AI revenue, 2030Q4").first.click()
    drawer = page.get_by_role("dialog", name=re.compile("Explanation of"))
    expect(drawer.locator("pre").first).to_contain_text("def ai_revenue_run_rate")
    expect(drawer).to_contain_text("Median in 2030Q4")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reproduce").click()
    told = page.get_by_role("dialog", name="Reproduce")
    expect(told).to_contain_text("--preset mine --paths 10000 --seed 1 --set hurdle_base=0.11")
    page.keyboard.press("Escape")


def test_the_address_is_restored_and_a_broken_one_named(visit: Visit) -> None:
    page = visit.page
    page.reload()
    settled(page)
    assert page.get_by_label("Preset").input_value() == "mine"
    expect(page.locator(".lever.moved")).to_have_count(1)
    page.evaluate("location.hash = '#/stress?b.preset=nowhere&b.set=grid_lead_months~9999'")
    for told in ('no page "stress"', 'no preset "nowhere"', "outside its range"):
        expect(page.get_by_role("alert")).to_contain_text(told)
    page.get_by_role("button", name="Dismiss the messages").click()


def test_a_lever_moves_and_the_difference_is_paired(visit: Visit) -> None:
    """By keyboard alone: keep the base case as A, move a lever to its end, look at the difference."""
    page = go(visit, "#/pays")
    assert page.locator(".change").count() == 0
    page.keyboard.press("k")
    page.keyboard.press("/")
    page.keyboard.type("grid lead")
    page.locator(".lever input[type=range]").first.focus()
    page.keyboard.press("End")
    expect(page.locator(".numbers-row .change").first).to_be_visible(timeout=SLOW_MS)
    page.keyboard.press("d")
    expect(page.locator(".difference-note")).to_contain_text("pairs")
    text = saved(page, "Download CSV of AI revenue, run rate: change")
    moved = float(re.search(r"b\.set=grid_lead_months~([\d.]+)", page.url)[1])  # type: ignore[index]
    runs = [supercycle.run("base", set=given, paths=1000).run for given in ({}, {"grid_lead_months": moved})]
    both = runs[0].ok & runs[1].ok
    a, b = (run.value("ai_revenue_run_rate")[:, both] for run in runs)
    assert np.abs(table(text)[-len(a) :, 2] - np.median(b - a, axis=1)).max() <= CLOSE * np.abs(a).max()
    page.keyboard.press("x")
    expect(page).to_have_url(re.compile("a.set=grid_lead_months"))


def test_a_chart_is_an_object(visit: Visit) -> None:
    """Its own address shows it alone, with its scenario; its package carries fields, sources, grades, licences."""
    page = visit.page
    alone = page.get_by_role("button", name="AI revenue, run rate alone, at its own address")
    alone.click()
    expect(page).to_have_url(re.compile(r"#/chart/revenue\?.*view=difference"))
    page.evaluate("location.hash = '#/chart/revenue?b.preset=power-wall'")
    page.locator(".chart-box[aria-busy=false] figure").wait_for(timeout=SLOW_MS)
    assert page.locator("figure").count() == 1
    assert page.get_by_role("navigation").count() == 0
    expect(page.locator(".chart-alone > .under")).to_contain_text("power-wall; ")
    wanted = service.sources_of(["ai_revenue_run_rate"])
    page.get_by_text("Sources of AI revenue, run rate").click()
    expect(page.locator(".sources")).to_contain_text(f"{len(wanted['rows'])} sourced figures")
    package = json.loads(saved(page, "Download data package of AI revenue, run rate"))
    assert sorted(one["figure"] for one in package["sources"]) == sorted(
        row["what"] for row in wanted["rows"]
    )
    assert {one["licence"] for one in package["sources"]} == {row["licence"] for row in wanted["rows"]}
    assert sorted(package["judgements"]) == sorted(wanted["judgements"])
    assert package["supercycle"]["scenario"] == "power-wall"
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["type"] for field in fields] == [
        "string",
        *["number"] * 7,
    ]  # quantiles, then history and forecasts
    assert fields[1]["unit"] == "USD_bn/year"
    expect(page.get_by_role("link", name="Open it in the model")).to_have_count(1)


def test_scenarios_are_kept_undone_and_compared(visit: Visit, tmp_path: Path) -> None:
    page = go(visit, "#/pays")
    page.get_by_label("Preset").select_option("power-wall")
    settled(page)
    page.keyboard.press("z")
    expect(page.get_by_label("Preset")).to_have_value("base")
    page.keyboard.press("Shift+Z")
    expect(page.get_by_label("Preset")).to_have_value("power-wall")
    page.get_by_text("Kept scenarios").click()
    page.get_by_label("Name of this scenario").fill("Waiting for power")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_label("Note on Waiting for power").fill("for the board: 2027")
    page.get_by_label("Note on Waiting for power").press("Tab")
    text = saved(page, "Save Waiting for power as a file")
    kept = tmp_path / "kept.yaml"
    kept.write_text(text, "utf-8")
    scenario = resolve(str(kept), subject().model.registry, subject().presets)
    preset = resolve("power-wall", subject().model.registry, subject().presets)
    assert (scenario.title, scenario.story, scenario.set) == (
        "Waiting for power",
        "for the board: 2027",
        preset.set,
    )
    page.reload()
    page.get_by_text("Kept scenarios").click()
    page.get_by_role("button", name="Forget Waiting for power").click()
    page.get_by_label("Open a scenario file").set_input_files(kept)
    expect(page.get_by_label("Note on Waiting for power")).to_have_value("for the board: 2027")
    kept.write_text(text.replace("grid_lead_months: 84", "grid_lead_months: 9999"), "utf-8")
    page.get_by_label("Open a scenario file").set_input_files(kept)
    expect(page.get_by_role("alert")).to_contain_text("outside its range")
    page.get_by_role("button", name="Dismiss the messages").click()
    page.get_by_label("Compare Waiting for power").check()
    page.get_by_role("button", name="Compare 1").click()
    rows = page.locator(".compared tbody tr")
    expect(rows).to_have_count(2)
    run, base = (supercycle.run(name, paths=1000).run for name in ("power-wall", "base"))
    at, both = run.quarters.index("2030Q4"), run.ok & base.ok
    away = float(np.median((run.value("fleet_it_gw") - base.value("fleet_it_gw"))[at, both]))
    printed = rows.nth(1).locator(".change").first.inner_text().replace("−", "-")
    assert float(printed) == pytest.approx(away, abs=0.06)


def test_on_a_phone_and_for_axe(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("#/overview", "#/compare", "#/about", "#/assumptions", "#/chart/fleet"):
        page.evaluate("(hash) => { location.hash = hash; }", part)
        page.get_by_role("heading", level=1).first.wait_for()
        if part == "#/overview":
            settled(page)
        if "chart" in part:
            page.locator(".chart-box[aria-busy=false] figure").wait_for(timeout=SLOW_MS)
        expect(page.locator(".stale")).to_have_count(0)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, part
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        assert [(one["id"], one["nodes"][0]["target"]) for one in found] == [], part


def test_it_works_in_a_frame_that_may_store_nothing(browser: Any, file: Path, tmp_path: Path) -> None:
    """A sandboxed frame has no origin: no storage, no address of its own. Three workers share the paths in it."""
    host = tmp_path / "host.html"
    inside = json.dumps(file.read_text("utf-8")).replace("</", "<\\/")
    host.write_text(
        '<!doctype html><title>host</title><iframe sandbox="allow-scripts" width="1200" height="900"></iframe>'
        f"<script>document.querySelector('iframe').srcdoc = {inside};</script>",
        "utf-8",
    )
    visit = Visit(browser, host.as_uri(), offline=True)
    visit.context.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', {get: () => 4})")
    visit.page.goto(host.as_uri())
    frame = visit.page.frame_locator("iframe")
    frame.locator(".answer[aria-busy=false] .numbers-row").first.wait_for(timeout=SLOW_MS)
    frame.get_by_label("Preset").select_option("takeoff")
    expect(frame.locator(".numbers-row .change").first).to_be_visible(timeout=SLOW_MS)
    printed = frame.locator(".numbers-row .range").first.inner_text()
    paths = int(frame.locator(".run-line").inner_text().partition(" ")[0].replace(",", ""))
    run = supercycle.run("takeoff", paths=paths, outputs=["fleet_it_gw"]).run
    wanted = np.quantile(run.value("fleet_it_gw")[run.quarters.index("2030Q4"), run.ok], (0.05, 0.95))
    assert [float(word) for word in re.findall(r"[\d.]+", printed)] == pytest.approx(wanted, rel=0.005)
    assert visit.complaints == []
    visit.context.close()

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
from supercycle.app.answers import SENTENCE, answered, headline
from supercycle.app.published import MOST_BYTES, Published, published, write_file
from supercycle.core.errors import EnvironmentProblem, InputError

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SMALL = "1,000 paths"
CLOSE = 1e-9  # of the series' scale


@pytest.fixture(scope="module")
def made() -> Published:
    try:
        return published()
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
    return np.array([[float(cell) for cell in row[1:]] for row in rows[1:] if row])


def test_its_size_and_what_it_says_it_holds(made: Published, capsys: Any) -> None:
    with capsys.disabled():
        print(f"\nmodel.html: {made.size:,} bytes of at most {MOST_BYTES:,}")
    assert made.size <= MOST_BYTES
    assert "presets: base" in made.contents[2]
    assert {"spend", "notes"} <= set(made.left_out)
    assert "connect-src" not in made.page
    assert "default-src 'none'" in made.page


def test_an_own_scenario_goes_in_only_by_name(tmp_path: Path, made: Published) -> None:
    mine = tmp_path / "mine.yaml"
    text = "schema: supercycle.preset/1\nname: mine\ntitle: Mine alone\nstory: Mine.\nset:\n  grid_lead_months: 70\n"
    mine.write_text(text, "utf-8")
    named = published([str(mine)])
    assert any("'mine' from mine.yaml" in line for line in named.contents)
    assert str(tmp_path) not in named.page
    assert named.page != made.page
    mine.write_text(text.replace("name: mine", "name: base"), "utf-8")
    with pytest.raises(InputError, match="two scenarios are called 'base'"):
        published([str(mine)])


STORY = "#/pays?b.preset=takeoff&b.set=grid_lead_months~80,hurdle_base~0.11"


def test_its_numbers_are_the_commands(visit: Visit) -> None:
    """A preset with a range of its own and two levers: every digit of a download, the sentence, the change in print."""
    page = go(visit, STORY)
    expect(page.locator(".run-line")).to_contain_text(SMALL)
    sentence, change = page.locator(".sentence").inner_text(), page.locator(".change").first.inner_text()
    text = saved(page, "Download CSV of AI revenue, run rate")
    run = supercycle.run("takeoff", set={"grid_lead_months": 80, "hurdle_base": 0.11}, paths=1000).run
    base = supercycle.run("base", paths=1000).run
    revenue = run.value("ai_revenue_run_rate")
    wanted = np.quantile(revenue[:, run.ok], (0.05, 0.25, 0.5, 0.75, 0.95), axis=1).T
    assert np.abs(table(text)[-len(wanted) :, :5] - wanted).max() <= CLOSE * np.abs(wanted).max()
    for fact in (
        "# scenario: takeoff with grid_lead_months = 80",
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
    assert "scenario: takeoff with" in saved(page, "Download SVG of AI revenue, run rate")
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
    expect(told).to_contain_text("--preset takeoff --paths 10000 --seed 1 --set grid_lead_months=80")
    page.keyboard.press("Escape")


def test_the_address_is_restored_and_a_broken_one_named(visit: Visit) -> None:
    page = visit.page
    page.reload()
    settled(page)
    assert page.get_by_label("Preset").input_value() == "takeoff"
    expect(page.locator(".lever.moved")).to_have_count(2)
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


def test_on_a_phone_and_for_axe(visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("#/overview", "#/about", "#/assumptions"):
        page.evaluate("(hash) => { location.hash = hash; }", part)
        page.get_by_role("heading", level=1).first.wait_for()
        if part == "#/overview":
            settled(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, part
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        )
        assert [(one["id"], one["nodes"][0]["target"]) for one in found] == [], part


def test_it_works_in_a_frame_that_may_store_nothing(browser: Any, file: Path, tmp_path: Path) -> None:
    """A sandboxed frame has no origin: no storage, no address of its own."""
    host = tmp_path / "host.html"
    inside = json.dumps(file.read_text("utf-8")).replace("</", "<\\/")
    host.write_text(
        '<!doctype html><title>host</title><iframe sandbox="allow-scripts" width="1200" height="900"></iframe>'
        f"<script>document.querySelector('iframe').srcdoc = {inside};</script>",
        "utf-8",
    )
    visit = Visit(browser, host.as_uri(), offline=True)
    visit.page.goto(host.as_uri())
    frame = visit.page.frame_locator("iframe")
    frame.locator(".answer[aria-busy=false] .numbers-row").first.wait_for(timeout=SLOW_MS)
    frame.get_by_label("Preset").select_option("takeoff")
    expect(frame.locator(".numbers-row .change").first).to_be_visible(timeout=SLOW_MS)
    assert visit.complaints == []
    visit.context.close()

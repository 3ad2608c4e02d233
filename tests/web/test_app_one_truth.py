"""Everything on screen is of one scenario: what is not is greyed, and what is printed is what the address gives."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import pytest
from app_visit import SLOW_MS, expect, settled

# At each frame: the scenarios of what is not greyed, the address, whether a lever moves.
WATCH = """
window.frames_seen = [];
const look = () => {
  const live = [...document.querySelectorAll('[data-scenario]')]
    .filter((e) => e.dataset.scenario && !e.closest('.stale'));
  window.frames_seen.push({
    scenarios: [...new Set(live.map((e) => e.dataset.scenario))],
    hash: location.hash,
    moving: document.querySelector('.run-line')?.textContent.includes('while the lever moves') ?? false,
    answers: [...new Set([...document.querySelectorAll('.answer:not(.stale)')].map((e) => e.dataset.scenario))],
  });
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def shown_scenario(address: str) -> list[Any]:
    """The scenario of an address as the page writes it beside what it draws: preset, and settings in order."""
    preset = re.search(r"b\.preset=([^&]+)", address)
    settings = re.search(r"b\.set=([^&]+)", address)
    pairs = [pair.split("~") for pair in settings[1].split(",") if pair] if settings else []
    return [preset[1] if preset else "base", [[name, float(value)] for name, value in pairs]]


def test_no_frame_shows_two_scenarios(visit: Any) -> None:
    """Sixty moves of three levers and four presets, a look at every frame that is painted."""
    page = visit.open("#/overview")
    settled(page)
    page.evaluate(WATCH)
    draw = random.Random(5)
    search = page.get_by_role("searchbox", name="Search levers")
    for name in ("grid lead", "hurdle", "wage bill"):
        search.fill(name)
        lever = page.locator(".lever input[type=range]").first
        for _ in range(20):
            lever.press(draw.choice(("ArrowRight", "ArrowLeft", "PageUp", "PageDown", "Home", "End")))
            page.wait_for_timeout(draw.choice((0, 15, 60)))
        page.wait_for_timeout(600)
    for preset in ("power-wall", "crunch-2027", "soft-landing", "base"):
        page.get_by_label("Preset").select_option(preset)
        page.wait_for_timeout(draw.choice((30, 400, 900)))
    settled(page)
    frames = page.evaluate("window.frames_seen")
    assert len(frames) > 60
    mixed = [frame for frame in frames if len(frame["scenarios"]) > 1]
    assert mixed == [], mixed[:2]


def test_the_numbers_are_those_of_the_address(visit: Any, served: Any) -> None:
    """Open, move, rest: the headline's numbers and their change are computed anew from what the address says."""
    import numpy as np

    import supercycle

    page = visit.open("#/overview?b.preset=power-wall")
    settled(page)
    expect(page.locator(".run-line")).to_contain_text("10,000 paths", timeout=SLOW_MS)
    page.locator(".answer[aria-busy=false]").wait_for(timeout=SLOW_MS)
    assert json.loads(page.locator(".answer").get_attribute("data-scenario")) == shown_scenario(page.url)
    run = supercycle.run("power-wall", paths=10_000, outputs=["fleet_it_gw"]).run
    base = supercycle.run("base", paths=10_000, outputs=["fleet_it_gw"]).run
    at = run.quarters.index("2030Q4")
    both = run.ok & base.ok
    median = float(np.quantile(run.value("fleet_it_gw")[at, run.ok], 0.5))
    change = float(np.quantile((run.value("fleet_it_gw") - base.value("fleet_it_gw"))[at, both], 0.5))
    number = page.get_by_role("button", name=re.compile(r"Explain AI power energised, 2030Q4"))
    assert float(re.sub(r"[^\d.]", "", number.inner_text())) == pytest.approx(median, rel=0.01)
    printed = page.locator(".numbers-row > div").first.locator(".change").inner_text()
    found = re.match(r"([+−])([\d.,]+)", printed)
    assert found, printed
    assert float(found[2].replace(",", "")) * (1 if found[1] == "+" else -1) == pytest.approx(
        change, rel=0.06, abs=0.06
    )


def test_the_base_case_has_no_change_and_a_lever_says_what_it_does(visit: Any) -> None:
    page = visit.open("#/overview")
    settled(page)
    assert page.locator(".change").count() == 0
    page.get_by_role("searchbox", name="Search levers").fill("grid lead")
    row = page.locator(".lever").first
    expect(row).to_contain_text("drawn from")
    row.locator("input[type=range]").press("End")
    expect(page.locator(".lever").first).to_contain_text("fixed at")
    expect(page.locator(".numbers-row .change").first).to_be_visible(timeout=SLOW_MS)


def test_the_tour_gives_back_what_it_found_and_a_page_opens_at_its_top(visit: Any) -> None:
    page = visit.open("#/labs?b.preset=soft-landing&b.set=grid_lead_months~84")
    settled(page)
    before = page.url
    page.get_by_role("button", name="Tour").click()
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
        page.wait_for_timeout(200)
    page.get_by_role("button", name="End the tour").click()
    page.wait_for_function("(url) => location.href === url", arg=before, timeout=SLOW_MS)
    settled(page)
    page.evaluate("scrollTo(0, 1500)")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Does it pay").click()
    page.wait_for_function("() => scrollY === 0", timeout=SLOW_MS)

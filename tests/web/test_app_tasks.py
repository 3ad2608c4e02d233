"""Three tasks of an analyst who has not read the docs, every action counted: a click, or keys pressed as one."""

from __future__ import annotations

import re
from typing import Any

from app_visit import SLOW_MS, expect, settled


class Hand:
    """Does what a person does, and counts."""

    def __init__(self, page: Any) -> None:
        self.page, self.actions = page, 0

    def click(self, what: Any, **where: Any) -> None:
        what.click(**where)
        self.actions += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.actions += 1


def test_a_grid_lead_of_seven_years_and_what_it_does_to_gigawatts(visit: Any) -> None:
    page = visit.open("#/overview")
    settled(page)
    hand = Hand(page)
    hand.click(page.get_by_role("searchbox", name="Search levers"))
    hand.type("lead time, grid")
    lever = page.locator(".lever input[type=range]").first
    box = lever.bounding_box()
    hand.click(lever, position={"x": box["width"] - 2, "y": box["height"] / 2})
    assert hand.actions <= 3
    expect(page).to_have_url(re.compile(r"grid_lead_months~84"))
    change = page.locator(".numbers-row > div").first.locator(".change")
    expect(change).to_contain_text("from the base case", timeout=SLOW_MS)
    assert re.match(r"[+−±]\d", change.inner_text())


def test_who_loses_in_a_bust_and_the_source_of_a_headline_number(visit: Any) -> None:
    page = visit.open("#/overview")
    settled(page)
    page.get_by_role(
        "link", name="Build-out and power"
    ).click()  # watches the same output: its levers come anew
    expect(page.locator(".tornado li")).to_have_count(10)
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="If it bursts"))
    who = page.get_by_role("figure").filter(has_text=re.compile("shareholders|firm", re.IGNORECASE)).first
    expect(who).to_be_visible(timeout=SLOW_MS)
    assert hand.actions <= 2
    settled(page)
    hand = Hand(page)
    hand.click(page.get_by_role("button", name=re.compile("Explain AI power energised, 2030Q4")))
    drawer = page.get_by_role("dialog", name=re.compile("Explanation of"))
    hand.click(drawer.get_by_text("Sources of"))
    assert hand.actions <= 3
    expect(drawer.locator(".sources li a").first).to_have_attribute("href", re.compile("^https?://"))
    expect(drawer.locator(".sources")).to_contain_text("sourced figures")

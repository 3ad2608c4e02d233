"""The app in a real browser: every page by role and name, levers by keyboard and mouse, A and B, the address."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from app_server import serving
from app_visit import SLOW_MS, Visit, expect, settled

PAGES = (
    "Overview", "Build-out and power", "Financing", "Labs and prices", "Does it pay", "If it bursts", "Stress",
    "Deals", "Decide", "Spend",
    "Claims", "Figures", "Assumptions", "Glossary", "About",
)  # fmt: skip
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"


def test_every_page_by_role_and_name(visit: Visit) -> None:
    page = visit.open()
    pages = page.get_by_role("navigation", name="Pages")
    for name in PAGES:
        pages.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=name)).to_be_visible(timeout=SLOW_MS)
        if name in PAGES[:7]:
            settled(page)
            assert page.get_by_role("list", name="Lights").get_by_role("listitem").count() >= 6
            assert page.get_by_role("figure").count() >= 2
        if name in ("Deals", "Decide"):
            page.get_by_role("figure").first.wait_for(timeout=SLOW_MS)
    assert visit.complaints == []
    outside = [url for url in visit.requests if not url.startswith((visit.address, "data:", "blob:"))]
    assert outside == []


def test_a_link_followed_while_the_address_is_being_written_is_not_undone(visit: Visit) -> None:
    page = visit.open("#/figures")
    expect(page.get_by_role("heading", level=1, name="Figures")).to_be_visible(timeout=SLOW_MS)
    # the browser changes the address first and tells the page of it later; here much later than it usually does, and
    # while the address of the page just opened waits to be written
    page.evaluate("""() => new Promise((done) => {
        document.querySelector('nav a[href^="#/glossary"]').click();
        const look = () => {
            if (document.querySelector("h1").textContent !== "Glossary") return void setTimeout(look, 1);
            history.pushState(null, "", "#/about?v=1");
            setTimeout(() => done(dispatchEvent(new HashChangeEvent("hashchange"))), 600);
        };
        look();
    })""")
    expect(page.get_by_role("heading", level=1, name="About")).to_be_visible()


def test_a_lever_by_keyboard_and_by_mouse(visit: Visit) -> None:
    page = visit.open("#/build")
    settled(page)
    sentence = page.locator("p.sentence")
    before = sentence.inner_text()
    page.get_by_role("searchbox", name="Search levers").fill("required return on new capacity")
    lever = page.get_by_role("slider", name="Required return on new capacity")
    lever.focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"b\.set=hurdle_base~0\.12"))
    expect(sentence).not_to_have_text(before)
    moved = sentence.inner_text()
    box = lever.bounding_box()
    page.mouse.click(box["x"] + 4, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"hurdle_base~0\.08"))
    expect(sentence).not_to_have_text(moved)
    lever.dblclick()
    expect(page).not_to_have_url(re.compile("hurdle_base"))
    assert visit.complaints == []


def test_baseline_stays_as_a_ghost_and_differences_are_paired(visit: Visit) -> None:
    page = visit.open("#/build?v=1&b.set=captive_payoff~0.5")
    settled(page)
    page.locator(".ghost text", has_text="base").first.wait_for()
    page.get_by_role("button", name="Keep as A").click()
    page.get_by_role("combobox", name="Preset").select_option("crunch-2027")
    page.get_by_role("button", name="Difference").click()
    note = page.get_by_role("status").filter(has_text="path by path")
    expect(note).to_contain_text("Change from A", timeout=SLOW_MS)
    expect(note).to_contain_text("1,000 pairs")
    expect(page).to_have_url(re.compile(r"a\.set=captive_payoff~0\.5.*view=difference"))


def test_the_address_restores_everything(visit: Visit, browser: Any, served: Any) -> None:
    b, a = "b.preset=debt-shift&b.set=index_cap~0.25", "a.preset=base&a.set=hurdle_base~0.11"
    part = f"#/financing?v=1&{b}&{a}&view=difference"
    page = visit.open(part)
    settled(page)
    assert page.url.endswith(part)
    assert page.get_by_role("combobox", name="Preset").input_value() == "debt-shift"
    assert float(
        page.get_by_role("slider", name="Share of the index mandates take").input_value()
    ) == pytest.approx(0.25, abs=1e-3)
    expect(page.get_by_role("button", name="Difference")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("A: base with 1 moved")).to_be_visible()
    again = Visit(browser, served.address)
    assert again.open(page.url.removeprefix(f"{served.address}/")).url == page.url
    again.context.close()


def test_a_wrong_address_opens_and_names_what_is_wrong(visit: Visit) -> None:
    page = visit.open("#/nowhere?v=1&b.preset=bse&b.set=hurdle_base~9,nothing~1,pue~x&more=1")
    told = page.get_by_role("alert")
    for text in (
        'no page "nowhere"',
        'no preset "bse"',
        "hurdle_base = 9 lies outside its range, 0.085 to 0.12",
        'no assumption "nothing"',
        'pue: "x" is no number',
        '"more" means nothing here',
    ):
        expect(told).to_contain_text(text)
    settled(page)
    page.get_by_role("button", name="Dismiss the messages").click()
    expect(told).to_have_count(0)


def test_explain_drawer_opens_and_leads_on(visit: Visit) -> None:
    page = visit.open("#/build")
    settled(page)
    page.get_by_role("figure", name="AI power energised, IT").locator("xpath=..").get_by_role(
        "button", name=re.compile("Explain")
    ).first.click()
    drawer = page.get_by_role("dialog", name=re.compile("Explanation of"))
    expect(drawer).to_contain_text("fleet_it_gw")
    expect(drawer).to_contain_text("total(vintage_it_gw)")
    expect(drawer).to_contain_text("Median in 2030Q4")
    drawer.get_by_role("button", name="vintage_it_gw").first.click()
    expect(drawer).to_contain_text("vintage_retired_it_gw")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)


def test_downloads_open(visit: Visit) -> None:
    page = visit.open("#/build")
    settled(page)
    with page.expect_download() as found:
        page.get_by_role("button", name="Download CSV of AI power energised, IT").click()
    text = Path(found.value.path()).read_text(encoding="utf-8")
    assert "2030Q4" in text
    with page.expect_download() as found:
        page.get_by_role("button", name="Download SVG of AI power energised, IT").click()
    assert Path(found.value.path()).read_text(encoding="utf-8").startswith("<svg")


def test_a_lost_server_is_said_and_found_again(browser: Any) -> None:
    with serving() as served:
        visit = Visit(browser, served.address)
        page = visit.open("#/claims")
        visit.context.route("**/api/**", lambda route: route.abort())
        page.get_by_role("link", name="Glossary").click()
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
        visit.context.unroute("**/api/**")
        expect(page.get_by_role("alert").filter(has_text="does not answer")).to_have_count(0, timeout=SLOW_MS)
        settled(page)
        visit.context.close()


def test_two_tabs_do_not_disturb_each_other(browser: Any, served: Any) -> None:
    first, second = Visit(browser, served.address), Visit(browser, served.address)
    one, two = first.open("#/pays?v=1&b.preset=crunch-2027"), second.open("#/pays?v=1&b.preset=no-bust")
    settled(one)
    settled(two)
    expect(one.locator("p.sentence")).to_contain_text("100 % of paths")
    expect(two.locator("p.sentence")).to_contain_text(" 0 % of paths")
    first.context.close()
    second.context.close()


def test_glossary_is_linked_from_its_words(visit: Visit) -> None:
    page = visit.open("#/deals")
    page.get_by_role("button", name="DSCR", exact=True).first.click()
    expect(page.locator(".glossary .wanted dt")).to_have_text("DSCR")


def test_tour_has_seven_stops_and_moves_the_scenario(visit: Visit) -> None:
    page = visit.open("#/overview")
    page.get_by_role("button", name="Tour").click()
    tour = page.get_by_role("region", name="Tour")
    for stop in range(1, 8):
        expect(tour).to_contain_text(f"{stop} of 7")
        if stop < 7:
            tour.get_by_role("button", name="Next").click()
    expect(page).to_have_url(re.compile("crunch-2027"))
    tour.get_by_role("button", name="End the tour").click()
    expect(tour).to_have_count(0)


@pytest.mark.parametrize(
    "name",
    [
        "overview",
        "build",
        "financing",
        "labs",
        "pays",
        "bust",
        "stress",
        "deals",
        "decide",
        "spend",
        "claims",
        "figures",
        "assumptions",
        "glossary",
        "about",
    ],
)
def test_accessibility_check_is_clean(visit: Visit, name: str) -> None:
    assert AXE.is_file(), (
        "axe-core is a development package of web/: python hatch_build.py --check installs it"
    )
    page = visit.open(f"#/{name}")
    if name in ("overview", "build", "financing", "labs", "pays", "bust", "stress"):
        settled(page)
    if name in ("deals", "decide", "figures"):
        page.get_by_role("figure").first.wait_for()
    if name == "overview":
        page.get_by_role("figure", name="Who pays whom").wait_for()
        page.get_by_role("button", name="Explain Power binds").click()
        page.get_by_role("dialog", name="Explanation of").get_by_text("Read by").wait_for()
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    assert [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found] == []


def test_by_keyboard_alone(visit: Visit) -> None:
    page = visit.open("#/about")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the results")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
    settled(page)
    page.keyboard.press("/")
    expect(page.locator(":focus")).to_have_id("lever-search")
    page.keyboard.type("pue")
    expect(page.locator(".lever input[type=range]")).to_have_count(1)  # the list holds what was searched
    page.keyboard.press("Tab")
    for _ in range(3):
        if page.evaluate("document.activeElement.type") == "range":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("pue~"))
    page.keyboard.press("r")
    expect(page).not_to_have_url(re.compile("pue~"))
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

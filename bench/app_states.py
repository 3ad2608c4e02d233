"""Every page of the app in many states: axe on each, and pictures of the main ones to be looked at.

Run: python bench/app_states.py FOLDER
FOLDER receives pictures at 390, 768, 1440 and 1920 pixels and at 200 % zoom. Not in the suite: it takes minutes.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "web"))
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = ("overview", "build", "financing", "labs", "pays", "bust", "stress")
WORDS = ("compare", "deals", "decide", "spend", "claims", "figures", "assumptions", "glossary", "about")
WIDTHS = (390, 768, 1440, 1920)
PATIENCE_MS = 120_000


def at_rest(page: Any, name: str) -> None:
    page.get_by_role("heading", level=1).first.wait_for()
    if name in RUN:
        page.locator(".answer[aria-busy=false] .numbers-row").first.wait_for()
        page.locator("[aria-busy=false] .chart-box[aria-busy=false] figure").first.wait_for()
        page.locator(".tornado").first.wait_for()
    if name in {"deals", "decide", "figures", "compare"}:
        page.get_by_role("figure").first.wait_for()
    page.locator(".starting").first.wait_for(state="hidden")
    page.locator(".stale").first.wait_for(state="detached")


def violations(page: Any) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    sideways = [f"scrolls sideways by {wide}"] if wide > 0 else []
    return [f"{one['id']} at {one['nodes'][0]['target']}" for one in found] + sideways


def states(page: Any, address: str) -> Any:
    """Names of states, each with the page in it."""
    for name in (*RUN, *WORDS):
        page.goto(f"{address}/#/{name}")
        at_rest(page, name)
        yield f"{name}, light"
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        yield f"{name}, dark"
        page.evaluate("delete document.documentElement.dataset.theme")
    for chart in ("fleet", "binding", "irr"):
        page.goto(f"{address}/#/chart/{chart}?b.preset=power-wall")
        page.locator(".chart-box[aria-busy=false] figure").first.wait_for()
        yield f"chart {chart} alone"
    page.goto(f"{address}/#/build?b.preset=crunch-2027&b.set=grid_lead_months~80")
    at_rest(page, "build")
    yield "a scenario moved, with its change"
    page.keyboard.press("d")
    page.get_by_text("pairs").first.wait_for()
    yield "difference"
    page.keyboard.press("d")
    page.get_by_role("button", name="Explain AI revenue, 2030Q4").first.click()
    page.get_by_role("dialog").get_by_text("Read by").wait_for()
    yield "a number opened"
    page.get_by_role("dialog").get_by_text("Sources of").click()
    page.locator(".drawer .sources").wait_for()
    yield "its sources"
    page.keyboard.press("Escape")
    for name in ("Reproduce", "Share", "Keyboard help"):
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_role("dialog").wait_for()
        yield f"dialog {name}"
        page.keyboard.press("Escape")
    page.get_by_text("Kept scenarios").click()
    page.get_by_label("Name of this scenario").fill("Mine")
    page.get_by_role("button", name="Keep", exact=True).click()
    yield "the tray"
    page.get_by_role("button", name="Tour").click()
    page.get_by_role("region", name="Tour").wait_for()
    at_rest(page, "build")
    yield "the tour"
    page.get_by_role("button", name="End the tour").click()
    page.goto(f"{address}/#/claims?item=none")
    page.locator(".claim").first.click()
    page.locator(".claim-full .data").wait_for()
    yield "a claim opened"


def pictures(browser: Any, address: str, folder: Path) -> None:
    for width, zoom in [*((width, 1) for width in WIDTHS), (1440, 2)]:
        context = browser.new_context(
            viewport={"width": width // zoom, "height": 900 // zoom}, device_scale_factor=zoom
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        for name in ("overview", "build", "bust", "claims"):
            page.goto(f"{address}/#/{name}")
            at_rest(page, name)
            page.screenshot(path=str(folder / f"{name}-{width}{'-zoomed' if zoom > 1 else ''}.png"))
        context.close()


def main() -> int:
    """Check, take the pictures, print a line a state."""
    from app_server import serving

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    bad = count = 0
    with serving() as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for width in (1440, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            try:
                for name in states(page, served.address):
                    if width == 390 and not name.endswith("light"):
                        continue
                    found = violations(page)
                    count, bad = count + 1, bad + bool(found)
                    print(f"{'bad ' if found else 'good'} {width} {name} {'; '.join(found)}", flush=True)
            except Error as problem:
                if width == 1440:
                    raise
                print(f"at 390 pixels the rest was not reached: {str(problem).splitlines()[0]}")
            page.close()
        pictures(browser, served.address, folder)
        browser.close()
    print(f"{count} states, {bad} with a violation; load {os.getloadavg()[0]:.1f}")
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())

"""The page "If it bursts": shareholders are on it, in the sentence, the table and the flow diagram, and they are the run's."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect


def beside(name: str) -> ModuleType:
    """A module of this folder; tests are files, not a package, so it is loaded by its place."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


pages = beside("test_app_pages")
SLOW_MS, Visit, settled, served = pages.SLOW_MS, pages.Visit, pages.settled, pages.served
expect.set_options(timeout=SLOW_MS)


@pytest.fixture
def visit(browser: Any, served: Any) -> Iterator[Any]:
    found = Visit(browser, served.address)
    yield found
    found.context.close()


def test_shareholders_are_in_the_loss_pictures(visit: Any) -> None:
    from supercycle.service.losses import losses

    page = visit.open("#/bust?b.preset=crunch-2027")
    found = losses(preset="crunch-2027", paths=1000)
    assert found["bust"]
    shares = found["bust"]["share_wealth_usd_bn"]["all"]
    section = page.locator("#bursts")
    section.wait_for(timeout=SLOW_MS)
    expect(section).to_contain_text(f"shareholders lose {shares / 1000:.1f} trillion dollars")
    row = section.get_by_role("row", name=re.compile("^shares, all owners")).first
    assert row.get_by_role("cell").first.inner_text() == f"{shares:,.0f}"
    expect(section).to_contain_text("2022Q4")  # what the same model said in the past
    picture = page.locator("#loss-waterfall [role=img]").get_attribute("aria-label")
    assert (
        f"AI shares to households {found['all']['share_wealth_usd_bn']['by_owner']['households']:,.0f}"
        in picture
    )
    page.goto(page.url.replace("#/bust", "#/financing"))
    page.locator("#loss-waterfall").wait_for(timeout=SLOW_MS)
    expect(page.locator("#loss-waterfall")).to_contain_text("households")
    assert visit.complaints == []


def test_a_median_that_no_lever_moves_has_no_strongest_lever(visit: Any) -> None:
    page = visit.open("#/bust")
    bars = page.locator("figure.tornado")
    expect(bars).to_contain_text("Credit losses", timeout=SLOW_MS)  # most paths lose no share wealth by 2030
    expect(bars.get_by_role("listitem")).to_have_count(10)
    page.get_by_role("button", name="Strongest levers of Share wealth lost").click()
    expect(bars).to_contain_text("No lever alone moves this median")
    expect(bars.get_by_role("listitem")).to_have_count(0)
    assert visit.complaints == []

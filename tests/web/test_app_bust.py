"""The page "If it bursts": shareholders are in its sentence, table and flow diagram, with the numbers of the run."""

from __future__ import annotations

import re
from typing import Any

from app_visit import SLOW_MS, expect


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
    expect(bars.get_by_role("listitem").nth(4)).to_be_visible()
    assert (
        5 <= bars.get_by_role("listitem").count() <= 10
    )  # levers that leave this median where it is are left out
    page.get_by_role("button", name="Strongest levers of Share wealth lost").click()
    expect(bars).to_contain_text("No lever alone moves this median")
    expect(bars.get_by_role("listitem")).to_have_count(0)
    assert visit.complaints == []

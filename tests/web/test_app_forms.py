"""Forms beside texts that stay the truth, both ways; results grey when what they are of moves on; flows open."""

from __future__ import annotations

import re
from typing import Any

from app_visit import SLOW_MS, expect


def test_a_deal_s_form_and_its_text_are_one(visit: Any) -> None:
    page = visit.open("#/deals")
    expect(page.locator("p.sentence").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_text("Edit the deal").click()
    text = page.get_by_role("textbox", name="deal", exact=True)
    before = text.input_value()
    amount = page.locator("#deal-facilities-notes-amount")
    expect(amount).to_have_value("27300", timeout=SLOW_MS)
    amount.fill("26000")
    amount.press("Tab")
    after = text.input_value()
    assert after == before.replace(
        "amount: {value: 27300,", "amount: {value: 26000,"
    )  # these letters and no others
    expect(page.get_by_text("Not computed yet")).to_be_visible()
    text.fill(after.replace("amount: {value: 26000,", "amount: {value: 25000,"))
    expect(amount).to_have_value("25000", timeout=SLOW_MS)
    text.fill("name: [\n")
    expect(page.get_by_text("The form waits until the text can be read")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Compute").click()
    expect(page.locator("form.editor > p.failed")).to_contain_text("hyperion.yaml:", timeout=SLOW_MS)
    assert page.locator("p.sentence").count() == 0  # no answer is better than that of another text


def test_a_decision_is_a_sentence(visit: Any) -> None:
    page = visit.open("#/decide")
    page.get_by_role("button", name="State my own load").click()
    users = page.get_by_role("spinbutton", name="Users")
    expect(users).to_have_value("60")
    users.fill("90")
    page.get_by_role("combobox", name="GPU").select_option("H100")
    page.get_by_text("Edit the decision").click()
    text = page.get_by_role("textbox", name="decision").input_value()
    assert re.search(r"^load:\n(?:  .*\n)*  users: 90\b", text, re.M), text[:1500]
    assert re.search(r"^  gpu: H100\b", text, re.M)
    page.get_by_role("textbox", name="decision").fill(text.replace("users: 90", "users: 120"))
    expect(users).to_have_value("120")


def test_shocks_are_told_drawn_and_greyed(visit: Any) -> None:
    page = visit.open("#/stress")
    page.get_by_role("button", name="Run the shocks").click()
    said = page.locator(".said li").first
    expect(said).to_contain_text(re.compile(r"A bust on \S+ of paths becomes one on"), timeout=3 * SLOW_MS)
    expect(page.get_by_role("figure", name=re.compile("change by shock")).first).to_be_visible()
    table = page.get_by_role("region", name="Results of the shocks")
    assert "USD_bn" not in table.inner_text()
    page.get_by_label("Preset").select_option("soft-landing")
    expect(page.get_by_text("Not computed yet")).to_be_visible()
    assert page.locator(".stale .said").count() == 1


def test_a_flow_opens_to_its_sources(visit: Any) -> None:
    page = visit.open("#/overview")
    flow = page.locator("#grid-to-token")
    flow.get_by_text("Sources", exact=False).last.click(timeout=SLOW_MS)
    expect(flow.locator(".sources")).to_contain_text("sourced figures", timeout=SLOW_MS)

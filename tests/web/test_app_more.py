"""The app in a real browser: numbers that open, sample paths, PNG, decisions, a live gateway, a notebook."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from app_server import Session, serving
from app_visit import Visit, expect, settled


@pytest.fixture
def visit(browser: Any, served: Any) -> Iterator[Any]:
    """A page that has complained of nothing by the end of its test."""
    visit = Visit(browser, served.address)
    yield visit
    assert visit.complaints == []
    visit.context.close()


def test_every_number_at_the_top_opens(visit: Any) -> None:
    page = visit.open("#/build")
    settled(page)
    drawer = page.get_by_role("dialog", name=re.compile("Explanation of"))
    opens = {"Explain AI revenue, 2030Q4": "ai_revenue_run_rate", "Explain Power binds": "binds_power"}
    for name, variable in opens.items():
        page.get_by_role("button", name=name).first.click()
        expect(drawer).to_contain_text(variable)
        drawer.get_by_role("button", name="Close the explanation").click()
        expect(drawer).to_have_count(0)
    rows = page.get_by_role("list", name=re.compile("Strongest levers of")).get_by_role("listitem")
    expect(rows).to_have_count(10)
    rows.first.get_by_role("button", name=re.compile("Explain")).click()
    expect(drawer).to_contain_text("Range")
    page.keyboard.press("Escape")
    name = rows.first.get_by_role("button").first.inner_text()
    rows.first.get_by_role("button").first.click()
    expect(page.get_by_role("slider", name=name)).to_be_visible()


def test_sample_paths_and_swap(visit: Any) -> None:
    page = visit.open("#/build?v=1&b.preset=power-wall&a.preset=base&a.set=hurdle_base~0.11")
    settled(page)
    page.get_by_role("button", name="20 sample paths").click()
    expect(page.get_by_role("figure", name="AI power energised, IT").locator("path.sample")).to_have_count(20)
    page.get_by_role("button", name="Swap A and B").click()
    expect(page).to_have_url(re.compile(r"b\.set=hurdle_base~0\.11&a\.preset=power-wall"))


def test_a_picture_is_saved(visit: Any) -> None:
    page = visit.open("#/build")
    settled(page)
    with page.expect_download() as found:
        page.get_by_role("button", name="Download PNG of AI power energised, IT").click()
    content = Path(found.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 10_000


def test_the_form_of_a_decision_edits_its_file(visit: Any) -> None:
    page = visit.open("#/decide")
    page.get_by_role("figure").first.wait_for()
    before = page.locator("p.sentence").inner_text()
    page.get_by_role("combobox", name="GPU").select_option("H100")
    page.get_by_role("combobox", name="Region").select_option("Iowa")
    page.get_by_role("spinbutton", name="Times the load").fill("0.5")
    page.get_by_text("Edit the decision").click()
    text = page.get_by_role("textbox", name="decision").input_value()
    assert re.search(r"^hardware:\n  gpu: H100 ", text, re.M)
    assert re.search(r"^site:\n  electricity_usd_per_kwh: 0\.0604$", text, re.M)
    page.get_by_role("button", name="Compute").click()
    # Two thousand price paths take some seconds on a busy machine: the wait is for the answer, not a bound on it.
    expect(page.locator("p.sentence")).not_to_have_text(before, timeout=60_000)
    for chart in ("Cost per Mtok by use of your own GPUs", "GPUs needed, by share of hours"):
        expect(page.get_by_role("figure", name=re.compile(chart))).to_be_visible()


def test_a_wrong_decision_names_its_line(visit: Any) -> None:
    page = visit.open("#/decide")
    page.get_by_role("figure").first.wait_for()
    page.get_by_text("Edit the decision").click()
    page.get_by_role("textbox", name="decision").fill("horizon_months: 60\nslla: {}\n")
    page.get_by_role("button", name="Compute").click()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("decision.yaml:2")
    expect(told).to_contain_text("did you mean 'sla'")
    visit.complaints.clear()  # the browser notes the answer 400


def test_spending_is_live(browser: Any, tmp_path: Path) -> None:
    from supercycle.app.server import application
    from supercycle.gateway.config.config import Listen, mock_config
    from supercycle.gateway.door.server import start

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def within(work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    local = Listen("127.0.0.1", 0)
    gateway = within(start(mock_config(str(tmp_path), local, local), quick=False))
    _, secret = within(gateway.gateway.ledger.keys.issue("ann", project="search"))

    def call() -> None:
        body = {"model": "mock-large", "max_tokens": 16, "messages": [{"role": "user", "content": "word"}]}
        headers = {"authorization": f"Bearer {secret}"}
        asked = urllib.request.Request(
            f"{gateway.public_url}/v1/chat/completions", json.dumps(body).encode(), headers
        )
        urllib.request.urlopen(asked, timeout=60).read()

    call()
    with serving(app=application(Session(), gateway.dashboard_url)) as found:
        visit = Visit(browser, found.address)
        page = visit.open("#/spend")
        expect(page.get_by_text("live,")).to_be_visible()
        today = page.locator(".numbers-row.spend div").first
        expect(today).to_contain_text("1 requests")
        call()
        expect(today).to_contain_text("2 requests")
        expect(page.get_by_role("row", name=re.compile("mock-large"))).to_be_visible()
        within(gateway.stop())
        expect(page.get_by_role("alert")).to_contain_text(re.compile("has ended|no gateway answers"))
        assert [url for url in visit.requests if not url.startswith(found.address)] == []
        visit.context.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_notebook_shows_the_report(browser: Any, tmp_path: Path) -> None:
    import supercycle
    from supercycle.app.notebook import framed

    file = tmp_path / "cell.html"
    file.write_text(framed(supercycle.run(paths=64, kernel="numpy")), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", level=1, name="The AI capital cycle")).to_be_visible()
    expect(frame.get_by_role("figure").first).to_be_visible()
    page.close()


def test_a_refresh_shows_what_it_moved_and_every_vintage(
    visit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.figures.refresh.run import refresh_file

    monkeypatch.setenv("SUPERCYCLE_DATA", str(tmp_path))
    table = tmp_path / "mine.csv"
    head = "series,entity,period,value,unit,tier,source_title,source_url,published,note\n"
    for value, day in ((30, "2026-07-30"), (33, "2026-10-30")):
        row = f"capex_cash,Meta,2026Q2,{value},USD_bn,A,Meta 10-Q,https://example.org/q,{day},\n"
        table.write_text(head + row, encoding="utf-8")
        refresh_file(table)
    page = visit.open("#/figures")
    page.get_by_text("Refresh 2 (file").click()
    moved = page.get_by_role("region", name="Points the last refresh moved")
    expect(moved.get_by_role("row").nth(1)).to_contain_text("capex_cash")
    expect(page.get_by_role("region", name="Vintages of capex_cash").get_by_role("row")).to_have_count(3)

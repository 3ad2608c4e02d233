"""The report stands alone: it asks for nothing, complains of nothing, and lets nothing in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_no_request_leaves_the_file(open_report: Callable[..., Any], report_file: Path) -> None:
    opened = open_report()
    opened.page.mouse.wheel(0, 20_000)
    for summary in opened.page.locator("summary").all():
        summary.click()
    assert opened.requests == [report_file.as_uri()]
    assert opened.complaints == []


def test_the_policy_blocks_other_scripts_and_requests(open_report: Callable[..., Any]) -> None:
    opened = open_report()
    outcome = opened.page.evaluate(
        """async () => {
            const script = document.createElement("script");
            script.textContent = "window.intruder = true";
            document.body.append(script);
            const fetched = await fetch("data:text/plain,x").then(() => "fetched", () => "refused");
            return [window.intruder ?? "absent", fetched];
        }"""
    )
    assert outcome == ["absent", "refused"]


def test_markup_in_the_data_is_text(open_report: Callable[..., Any], data: dict[str, Any]) -> None:
    opened = open_report()
    claim = data["report"]["sections"][2]["charts"][-1]["rows"][2][0]
    assert "<script>" in claim
    assert opened.page.get_by_role("rowheader", name=claim).is_visible()


def test_a_chart_without_values_says_so_and_the_others_stand(
    open_report: Callable[..., Any], synthetic: Any, tmp_path: Path
) -> None:
    from supercycle.report import write

    data = synthetic.synthetic()
    charts = data["report"]["sections"][0]["charts"]
    charts[0]["series"] = [{"key": "no_such_output", "label": "Nothing"}]
    opened = open_report(write(data, tmp_path / "gap.html"))
    figure = opened.page.get_by_role("figure", name=charts[0]["title"])
    assert "holds no values" in figure.inner_text()
    assert opened.page.get_by_role("img", name="Energised IT power").is_visible()
    assert opened.complaints == []


def test_the_least_report_is_drawn(open_report: Callable[..., Any], tmp_path: Path) -> None:
    from supercycle.report import write

    least = {
        "schema": "supercycle.result/1",
        "headline": "Nothing happened.",
        "manifest": {},
        "outputs": {},
        "report": {"title": "Least"},
    }
    opened = open_report(write(least, tmp_path / "least.html"))
    assert opened.page.get_by_text("Nothing happened.").is_visible()
    assert opened.complaints == []


def test_the_page_works_in_a_notebook_frame(
    browser: Any, report_file: Path, tmp_path: Path, data: dict[str, Any]
) -> None:
    outer = tmp_path / "notebook.html"
    inlined = json.dumps(report_file.read_text(encoding="utf-8")).replace("</", "<\\/")
    outer.write_text(
        "<meta charset=utf-8><iframe id=f width=900 height=700 sandbox='allow-scripts'></iframe>"
        f"<script>document.getElementById('f').srcdoc = {inlined}</script>",
        encoding="utf-8",
    )
    page = browser.new_page()
    page.goto(outer.as_uri())
    frame = page.frame_locator("#f")
    frame.get_by_role("heading", level=1, name=data["report"]["title"]).wait_for()
    assert frame.get_by_role("img", name="Energised IT power").count() == 1
    page.close()

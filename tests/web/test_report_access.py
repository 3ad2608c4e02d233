"""The page by role and name, by keyboard alone, in the dark, on a narrow screen and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed").expect

LUMINANCE = """(element) => {
    const parse = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const linear = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const light = (rgb) => rgb.map((v) => linear(v / 255))
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const style = getComputedStyle(element);
    const ink = style.color, paper = getComputedStyle(document.body).backgroundColor;
    return [light(parse(ink)), light(parse(paper))];
}"""

# Text outside its picture, and labels of one kind over each other.
FAULTS = """() => {
            const faults = [];
            for (const svg of document.querySelectorAll(".plot svg")) {
                const title = svg.closest("figure").querySelector("figcaption").textContent;
                const frame = svg.getBoundingClientRect();
                for (const text of svg.querySelectorAll("text")) {
                    const box = text.getBoundingClientRect();
                    if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2
                        || box.bottom > frame.bottom + 2) faults.push(`${title}: cut: ${text.textContent}`);
                }
                const groups = ["end-labels", "axis-label", "axis-value", "legend", "reference"];
                for (const group of groups.map((name) => `.${name} text`)) {
                    const boxes = [...svg.querySelectorAll(group)]
                        .map((t) => [t.textContent, t.getBoundingClientRect()]);
                    boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
                        const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
                        const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
                        if (across > 1 && down > 4) faults.push(`${title}: ${a} over ${b}`);
                    }));
                }
            }
            return faults;
        }"""


def contrast(element: Any) -> float:
    dark, light = sorted(element.evaluate(LUMINANCE))
    return (light + 0.05) / (dark + 0.05)


def test_sections_by_role_and_name(reading: Any, data: dict[str, Any]) -> None:
    for section in data["report"]["sections"]:
        region = reading.get_by_role("region", name=section["title"], exact=True)
        assert region.get_by_role("heading", level=2, name=section["title"]).is_visible()
        for chart in section["charts"]:
            assert region.get_by_role("figure", name=chart["title"], exact=True).is_visible()
    for name in ("How sure is this", "Assumptions", "Reproduce"):
        assert reading.get_by_role("region", name=name, exact=True).count() == 1


def test_every_chart_has_an_accessible_name_that_says_what_it_shows(reading: Any) -> None:
    pictures = reading.get_by_role("img").all()
    assert len(pictures) >= 18
    for picture in pictures:
        assert len(picture.get_attribute("aria-label")) > 20
    spoken = reading.get_by_role("img", name="Energised IT power").get_attribute("aria-label")
    assert spoken.startswith("Energised IT power, GW IT. Median from 31.")
    assert "Q3 2026" in spoken
    assert "Q4 2035" in spoken


def test_ids_are_unique_and_labels_point_at_something(reading: Any) -> None:
    ids = reading.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(ids) == len(set(ids))
    targets = reading.evaluate(
        "[...document.querySelectorAll('[aria-labelledby]')].map((e) => e.getAttribute('aria-labelledby'))"
    )
    assert set(targets) <= set(ids)


def test_keyboard_read_out(report: Any, data: dict[str, Any]) -> None:
    output = data["outputs"]["it_gw"]
    chart = report.get_by_role("img", name="Energised IT power")
    live = report.get_by_role("figure", name="Energised IT power").locator("[aria-live]")
    chart.focus()
    assert live.inner_text().startswith(f"Q4 2035: Median {output['q50'][-1]:.0f}")
    report.keyboard.press("ArrowLeft")
    assert live.inner_text().startswith(f"Q3 2035: Median {output['q50'][-2]:.0f}")
    assert f"{output['q05'][-2]:.1f} to {output['q95'][-2]:.0f}" in live.inner_text()
    report.keyboard.press("Home")
    assert live.inner_text().startswith(f"Q3 2026: Median {output['q50'][0]:.1f}")
    report.keyboard.press("PageDown")
    assert live.inner_text().startswith("Q3 2027")
    report.keyboard.press("Escape")
    assert live.inner_text() == ""


def test_focus_is_visible(report: Any) -> None:
    report.keyboard.press("Tab")
    assert report.evaluate("document.activeElement.textContent") == "Skip to the results"
    report.keyboard.press("Tab")
    outline = report.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "2px"


def test_pointer_read_out(report: Any, data: dict[str, Any]) -> None:
    output = data["outputs"]["it_gw"]
    figure = report.get_by_role("figure", name="Energised IT power")
    figure.scroll_into_view_if_needed()
    box = figure.locator(".fan .median").bounding_box()
    middle = box["y"] + box["height"] / 2
    report.mouse.move(box["x"] + 1, middle)
    assert "Q3 2026" in figure.locator(".readout").inner_text()
    assert f"{output['q50'][0]:.1f}" in figure.locator(".readout").inner_text()
    report.mouse.move(box["x"] + box["width"] - 2, middle)
    assert "Q4 2035" in figure.locator(".readout").inner_text()
    report.mouse.move(2, 2)
    assert figure.locator(".readout").count() == 0


def test_one_cursor_for_all_panels(report: Any) -> None:
    figure = report.get_by_role("figure", name="Who spends")
    figure.get_by_role("img").first.focus()
    report.keyboard.press("Home")
    notes = figure.locator(".panel .aside").all_inner_texts()
    assert len(notes) == 6
    assert all(note.endswith("Q3 2026") for note in notes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_either_scheme(open_report: Callable[..., Any], scheme: str) -> None:
    page = open_report(scheme=scheme).page
    _, paper = page.locator("h1").evaluate(LUMINANCE)
    assert (paper > 0.8) == (scheme == "light")
    assert contrast(page.locator("h1")) > 12
    for part in (".subtitle", ".under p", ".tools button", ".part .aside", "code", ".badge"):
        assert contrast(page.locator(part).first) > 4.5, part


@pytest.mark.parametrize("case", ["synthetic", "extremes"])
@pytest.mark.parametrize("width", [380, 900, 1440])
def test_nothing_is_cut_off_and_no_label_covers_another(
    open_report: Callable[..., Any], cases: dict[str, Path], case: str, width: int
) -> None:
    opened = open_report(cases[case], width=width)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    assert opened.page.evaluate(FAULTS) == []
    assert opened.complaints == []


def test_assumptions_can_be_searched_filtered_and_sorted(report: Any, data: dict[str, Any]) -> None:
    rows = data["report"]["assumptions"]
    region = report.get_by_role("region", name="Assumptions", exact=True)
    status = region.get_by_role("status")
    assert status.inner_text() == f"{len(rows)} assumptions"
    region.get_by_role("button", name=f"Show all {len(rows)} assumptions").click()
    assert region.locator("tbody tr").count() == len(rows)
    region.get_by_role("searchbox", name="Search assumptions").fill("funding")
    expected = [row for row in rows if row["block"] == "funding"]
    assert region.locator("tbody tr").count() == len(expected)
    assert status.inner_text() == f"{len(expected)} of {len(rows)}"
    region.get_by_role("searchbox").fill("")
    region.get_by_role("button", name="judgement", exact=True).click()
    kept = [row for row in rows if row["evidence"] != "judgement"]
    assert region.locator("tbody tr").count() == len(kept)
    region.get_by_role("button", name="Assumption", exact=True).click()
    names = [name.split("\n")[0] for name in region.locator("tbody th").all_inner_texts()]
    assert names == sorted(row["label"] for row in kept)
    assert region.get_by_role("columnheader", name="Assumption").get_attribute("aria-sort") == "ascending"


def test_a_driver_leads_to_its_assumption(report: Any, data: dict[str, Any]) -> None:
    driver = data["report"]["judgements"][1]
    drivers = report.get_by_role("list", name="What drives AI capital spending")
    drivers.get_by_role("link", name=driver["label"]).click()
    rows = report.get_by_role("region", name="Assumptions", exact=True).locator("tbody tr")
    expect(rows).to_have_count(1)
    assert driver["parameter"] in rows.inner_text()


def test_a_changed_assumption_shows_its_default(report: Any) -> None:
    region = report.get_by_role("region", name="Assumptions", exact=True)
    region.get_by_role("button", name="changed only").click()
    assert region.locator("tbody tr").count() == 1
    assert "default" in region.locator("tbody tr").inner_text()


def test_reproduce_can_be_copied(report: Any, data: dict[str, Any]) -> None:
    region = report.get_by_role("region", name="Reproduce", exact=True)
    assert region.locator("pre").first.inner_text() == data["report"]["reproduce"]["cli"]
    region.get_by_role("button", name="Copy Command line").click()
    region.get_by_text("Copied", exact=True).wait_for(timeout=2000)


def test_paper_is_white_and_carries_all_assumptions(
    open_report: Callable[..., Any], data: dict[str, Any]
) -> None:
    page = open_report(scheme="dark").page
    page.emulate_media(media="print", color_scheme="dark")
    _, paper = page.locator("h1").evaluate(LUMINANCE)
    assert paper > 0.95
    assert not page.get_by_role("navigation", name="Sections").is_visible()
    assert not page.locator(".tools").first.is_visible()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(".assumptions tbody tr")).to_have_count(len(data["report"]["assumptions"]))
    assert len(page.pdf(format="A4")) > 20_000

"""What leaves and enters the app as a file says what it is: downloads by scenario, a reader's own deal by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app_visit import expect, settled


def saved(page: Any, kind: str, title: str) -> tuple[str, str]:
    """(name, text) of a chart's file."""
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {kind} of {title}", exact=True).click()
    return download.value.suggested_filename, Path(download.value.path()).read_text(encoding="utf-8")


def test_files_of_two_scenarios_differ_in_name_and_say_what_they_hold(visit: Any) -> None:
    title, names = "AI power energised, IT", set()
    for part, words in (
        ("", "base"),
        ("?b.preset=crunch-2027", "crunch-2027"),
        ("?b.set=grid_lead_months~84", "base with grid_lead_months = 84"),
        ("?b.preset=crunch-2027&view=difference", "crunch-2027 minus base"),
    ):
        page = visit.open(f"#/build{part}")
        page.reload()
        settled(page)
        shown = title
        if "difference" in part:
            shown = f"{title}: change"
            expect(page.locator(".difference-note")).to_contain_text("pairs")
        name, text = saved(page, "CSV", shown)
        names.add(name)
        for fact in (
            f"# scenario: {words}\r",
            "# outputs: fleet_it_gw",
            "# unit: GW",
            "# seed: 1",
            "# paths: ",
            "# model: ",
            "# quarters: ",
        ):
            assert fact in text.replace("\r\n", "\r").replace("\n", "\r"), (fact, text[:400])
        svg_name, svg = saved(page, "SVG", shown)
        assert svg_name == name.replace(".csv", ".svg")
        assert f"scenario: {words}" in svg
    assert len(names) == 4


def test_an_own_deal_greys_the_last_answer_and_carries_its_name(visit: Any, tmp_path: Path) -> None:
    from supercycle.service.deal_files import examples

    mine = tmp_path / "my-campus.yaml"
    mine.write_text(examples()["hyperion"], encoding="utf-8")
    page = visit.open("#/deals")
    page.get_by_role("figure").first.wait_for()
    page.get_by_label("Open a file").set_input_files(mine)
    mine.write_text("nonsense: 1\n" + examples()["hyperion"], encoding="utf-8")
    expect(page.get_by_label("Example")).to_have_value("own file")
    page.get_by_label("Open a file").set_input_files(mine)
    expect(page.locator(".stale .sentence")).to_have_count(1)
    expect(page.get_by_text("Not computed yet")).to_contain_text("hyperion.yaml")
    page.get_by_role("button", name="Compute").click()
    expect(page.get_by_role("alert")).to_contain_text("my-campus.yaml")
    expect(page.locator(".sentence")).to_have_count(0)  # no answer of another file beside the error

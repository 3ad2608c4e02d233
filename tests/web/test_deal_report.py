"""The report of a deal in a real browser: every chart is drawn, nothing is fetched, its numbers are the result's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supercycle.report import write
from supercycle.service.deal import DealResult, deal
from supercycle.story.deal import deal_report_data, headline


@pytest.fixture(scope="module")
def hyperion() -> DealResult:
    return deal("hyperion", paths=300)


@pytest.fixture(scope="module")
def page(
    hyperion: DealResult, open_report: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    return open_report(write(deal_report_data(hyperion), tmp_path_factory.mktemp("deal") / "hyperion.html"))


def test_it_stands_alone_and_every_chart_is_drawn(page: Any) -> None:
    assert len(page.requests) == 1
    assert page.complaints == []
    assert page.page.locator(".failed").count() == 0
    headings = page.page.get_by_role("heading", level=2).all_inner_texts()
    for wanted in ("Sources and uses", "The cash waterfall", "Balances and service", "Coverage against its triggers",
                   "Losses: who bears them", "The lessee's side", "The file's numbers"):  # fmt: skip
        assert any(wanted.split()[0] in text for text in headings), wanted
    for name in ("Sources until 2029-05-01", "Uses until 2029-05-01", "Cash in, by year", "Cash out, by year",
                 "Debt outstanding", "cover (DSCR) over 300 paths", "Loss of notes, as a share of what was lent",
                 "Loss by holder if the lease is not renewed", "Added to the lessee's debt, by reading"):  # fmt: skip
        figure = page.page.get_by_role("figure", name=name)
        assert figure.get_by_role("img").count() == 1, name
        assert figure.locator("svg path, svg rect, svg line").count() > 2, name


def test_the_triggers_and_the_numbers_are_the_results(page: Any, hyperion: DealResult) -> None:
    cover = page.page.get_by_role("figure", name="cover (DSCR) over 300 paths")
    assert "trap 0.9x" in cover.inner_text()
    table = page.page.get_by_role("figure", name="Whose debt is it")
    for one in hyperion.body["lessee"]["leverage"]["without_guarantee"]["readings"].values():
        row = table.locator("tr", has_text=one["label"])
        assert one["while_built"] in row.inner_text()
        assert f"{one['largest']:,.0f}" in row.inner_text()
    assert headline(hyperion.body) in page.page.locator("header").inner_text()
    assert "Books close." in page.page.get_by_role("list", name="Checks").inner_text()


def test_what_was_run_can_be_run_again_and_markup_is_text(
    page: Any, hyperion: DealResult, open_report: Callable[..., Any], tmp_path: Path
) -> None:
    assert hyperion.body["manifest"]["command"] in page.page.locator("#reproduce").inner_text()
    file = tmp_path / "odd.yaml"
    file.write_text(
        hyperion.text.replace("title: Hyperion", "title: <script>window.odd = 1</script> Hyperion")
    )
    odd = open_report(write(deal_report_data(deal(str(file))), tmp_path / "odd.html"))
    assert odd.page.evaluate("window.odd ?? null") is None
    assert "<script>" in odd.page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("name", ["datacentre_abs", "terawulf", "gpu_merchant"])
def test_other_deals_are_drawn_without_a_fault(
    name: str, open_report: Callable[..., Any], tmp_path: Path
) -> None:
    opened = open_report(write(deal_report_data(deal(name)), tmp_path / f"{name}.html"), width=420)
    assert opened.complaints == []
    assert opened.page.locator(".failed").count() == 0
    assert opened.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

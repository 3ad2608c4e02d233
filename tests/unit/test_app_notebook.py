"""A result in a notebook: a sandboxed frame that holds the whole report; without the front end, the sentence."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

import supercycle
from supercycle.app.notebook import framed
from supercycle.core.errors import EnvironmentProblem


@pytest.fixture(scope="module")
def result() -> Any:
    return supercycle.run(paths=64, kernel="numpy")


def test_a_result_is_its_report_in_a_sandboxed_frame(result: Any) -> None:
    shown = framed(result)
    found = re.fullmatch(
        r'<iframe title="[^"]+" sandbox="([^"]+)" style="[^"]+" srcdoc="([^"]+)"></iframe>', shown
    )
    assert found, shown[:200]
    assert "allow-same-origin" not in found[1]
    page = html.unescape(found[2])
    assert page.startswith("<!doctype html>")
    assert "Content-Security-Policy" in page
    assert html.escape(result.headline) in page


def test_without_the_front_end_the_sentence_is_shown(result: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> str:
        raise EnvironmentProblem("the front end is not built", hint="build <it>")

    monkeypatch.setattr("supercycle.report.render", missing)
    monkeypatch.setattr("supercycle.app.live_report.render_live", missing)
    shown = framed(result)
    assert html.escape(result.headline) in shown
    assert "build &lt;it&gt;" in shown
    assert "<iframe" not in shown


def test_a_cell_is_light_and_says_the_sentence(result: Any) -> None:
    """A notebook keeps what each cell shows, so it is a table of some kilobytes and not the report of two megabytes."""
    shown = result._repr_html_()
    assert len(shown.encode()) < 20_000
    assert html.escape(result.headline) in shown
    key = result.run.outputs[0]
    assert html.escape(result[key]["label"]) in shown
    assert f"{result[key]['q50'][-1]:,.4g}" in shown
    assert "<script" not in shown

"""One file: escaped, under a policy of hashes, written whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from supercycle import report
from supercycle.core.errors import EnvironmentProblem, InputError

NASTY = "</script><script>alert(1)</script><!-- \u2028 & \" ' ü"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the built front end."""
    static = tmp_path / "_static"
    static.mkdir()
    (static / "report.css").write_text("h1 { color: red }", encoding="utf-8")
    (static / "report.js").write_text("const a = {b: '{c}'};", encoding="utf-8")
    monkeypatch.setattr(report, "STATIC", static)
    return static


def least(**more: Any) -> dict[str, Any]:
    return {"headline": NASTY, "outputs": {}, "report": {"title": NASTY}, **more}


def element(page: str, pattern: str) -> str:
    found = re.findall(pattern, page, flags=re.DOTALL)
    assert len(found) == 1
    return found[0]


@pytest.mark.usefixtures("bundle")
def test_data_come_back_from_the_page_as_they_were() -> None:
    data = least(values=[1.5, None, -2])
    page = report.render(data)
    inlined = element(page, r'<script type="application/json" id="supercycle-data">(.*?)</script>')
    assert json.loads(inlined) == data
    assert "<" not in inlined


@pytest.mark.usefixtures("bundle")
def test_title_and_headline_are_escaped() -> None:
    page = report.render(least())
    assert page.count("<script") == 2  # the data and the bundle
    assert "alert(1)</script>" not in page
    assert "&lt;/script&gt;" in element(page, r"<title>(.*?)</title>")


@pytest.mark.usefixtures("bundle")
def test_the_policy_names_the_hashes_of_what_the_page_holds() -> None:
    page = report.render(least())
    policy = element(page, r'http-equiv="Content-Security-Policy" content="(.*?)"')
    for directive, pattern in (
        ("script-src", r"<script>(.*?)</script>"),
        ("style-src", r"<style>(.*?)</style>"),
    ):
        digest = hashlib.sha256(element(page, pattern).encode()).digest()
        assert f"{directive} 'sha256-{base64.b64encode(digest).decode()}';" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_that_is_not_finite_is_refused_with_its_place(bad: float) -> None:
    with pytest.raises(InputError, match=r"data\.outputs\.capex\.q50\[1\]"):
        report.render(least(outputs={"capex": {"q50": [1.0, bad]}}))


@pytest.mark.usefixtures("bundle")
def test_a_result_without_report_data_is_refused() -> None:
    with pytest.raises(InputError, match="a result with the key 'report'"):
        report.render({"headline": "x"})


def test_a_missing_bundle_says_how_to_build_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "STATIC", tmp_path / "nowhere")
    with pytest.raises(EnvironmentProblem, match=r"pip install -e \.") as caught:
        report.render(least())
    assert caught.value.exit_code == 5


def test_a_bundle_that_would_end_its_element_is_refused(bundle: Path) -> None:
    (bundle / "report.js").write_text("'</script>'", encoding="utf-8")
    with pytest.raises(EnvironmentProblem, match="Build the front end again"):
        report.render(least())


@pytest.mark.usefixtures("bundle")
def test_write_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "report.html"
    target.write_text("old", encoding="utf-8")
    assert report.write(least(), target) == target
    assert target.read_text(encoding="utf-8") == report.render(least())
    assert os.listdir(folder) == ["report.html"]
    mask = os.umask(0)
    os.umask(mask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.usefixtures("bundle")
def test_a_place_that_cannot_be_written_is_an_environment_problem(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="cannot write the report"):
        report.write(least(), tmp_path / "no" / "such" / "folder" / "report.html")
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot write the report"):
        report.write(least(), folder)  # a folder stands where the file should go
    assert not list(tmp_path.glob(".taken*"))

"""Pages with numbers from runs name the model they were made with, and it is this one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supercycle.service.the_world import subject

DOCS = Path(__file__).parents[2] / "docs"
MADE = {
    "base-case.md": "base_case.py",
    "stress.md": "stress.py",
    "manias.md": "manias_page.py",
    "levers.md": "levers.py",
    "../README.md": "readme.py",
}


@pytest.mark.parametrize("page", MADE)
def test_the_numbers_of_a_page_are_of_this_model(page: str) -> None:
    found = re.findall(r"^Numbers of model `(\w+)`\.$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    assert found == [subject().model_hash[:12]], f"run: python docs/{MADE[page]}, then read the page's prose"


def test_the_pictures_of_the_blocks_are_of_this_model() -> None:
    pictures = sorted((DOCS / "img").glob("response-*.svg"))
    linked = {
        name
        for page in (DOCS / "blocks").glob("*.md")
        for name in re.findall(r"img/(response-\w+\.svg)", page.read_text("utf-8"))
    }
    assert {path.name for path in pictures} == linked
    for path in pictures:
        models = re.findall(r"<desc>model (\w+),", path.read_text("utf-8"))
        assert models == [subject().model_hash[:12]], f"{path.name}: run python docs/responses.py"

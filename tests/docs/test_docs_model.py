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
}


@pytest.mark.parametrize("page", MADE)
def test_the_numbers_of_a_page_are_of_this_model(page: str) -> None:
    found = re.findall(r"^Numbers of model `(\w+)`\.$", (DOCS / page).read_text("utf-8"), re.MULTILINE)
    assert found == [subject().model_hash[:12]], f"run: python docs/{MADE[page]}, then read the page's prose"

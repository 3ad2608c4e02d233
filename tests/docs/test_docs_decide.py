"""The three stories of docs/decide-stories.md are run, and give the advice that the page prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supercycle.service.decide import decide

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "decide-stories.md").read_text(encoding="utf-8")


def printed(name: str) -> str:
    match = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE, re.DOTALL)
    assert match is not None
    return " ".join(line.removeprefix("> ") for line in match[1].splitlines())


def saved(sentence: str) -> float:
    """USD m that the sentence says it saves."""
    match = re.search(r"saves ([\d.]+) USD m", sentence)
    assert match is not None, sentence
    return float(match[1])


@pytest.mark.parametrize("name", ["developers", "bank", "chat"])
def test_a_story_gives_the_advice_that_the_page_prints(name: str) -> None:
    found = decide(DOCS / "decisions" / f"{name}.yaml", paths=2000, scenarios=(), changes=False)
    page = printed(name)
    advice = page.split(". That costs")[0]
    assert found.headline.startswith(advice)
    # Prices of the world move from one build to the next; the size of the saving does not.
    assert saved(found.headline) == pytest.approx(saved(page), rel=0.15)
    assert "EXAMPLE" not in found.headline
    assert (DOCS / "img" / f"decide-{name}.png").stat().st_size > 50_000

"""The pages of docs/blocks are what the source makes of them today, and say what each block leaves out."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from supercycle.core.params import Param
from supercycle.world.world import BLOCKS

DOCS = Path(__file__).parents[2] / "docs"


def made() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs_blocks", DOCS / "blocks.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


PAGES = made()


def test_one_page_a_block_numbered_once_in_the_order_of_a_step() -> None:
    names = [block.name for block in BLOCKS]
    assert sorted(PAGES) == [f"{i:02d}-{name}.md" for i, name in enumerate(names, 1)]
    assert {p.name for p in (DOCS / "blocks").glob("*.md")} == set(PAGES)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_as_the_source_makes_it(name: str) -> None:
    text = (DOCS / "blocks" / name).read_text(encoding="utf-8")
    assert text == PAGES[name], "run: python docs/blocks.py"
    for part in ("## Mechanism", "## What it leaves out", "## Equations"):
        assert part in text
    declares = any(isinstance(item, Param) for item in BLOCKS[int(name[:2]) - 1].items)
    assert ("## Parameters" in text) == declares  # the returns of vintages only read others'

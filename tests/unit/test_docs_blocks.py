"""The pages of docs/blocks are what the source makes of them today, and say what each block leaves out."""

from __future__ import annotations

import importlib.util
from pathlib import Path

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


def test_the_pages_are_as_the_source_makes_them() -> None:
    """One page a block, numbered once in the order of a step; all are made once, here."""
    pages = made()
    names = [block.name for block in BLOCKS]
    assert sorted(pages) == [f"{i:02d}-{name}.md" for i, name in enumerate(names, 1)]
    assert {p.name for p in (DOCS / "blocks").glob("*.md")} == set(pages)
    for name, page in pages.items():
        assert (DOCS / "blocks" / name).read_text(encoding="utf-8") == page, (
            f"{name}: run python docs/blocks.py"
        )
        for part in ("## Mechanism", "## What it leaves out", "## Equations"):
            assert part in page, name
        declares = any(isinstance(item, Param) for item in BLOCKS[int(name[:2]) - 1].items)
        assert ("## Parameters" in page) == declares, name  # the returns of vintages only read others'

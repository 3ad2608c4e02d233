"""The documentation's menu holds every page once, and no link between pages is broken; `make docs` builds the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
TUTORIALS = {f"docs/tutorials/{path.stem}.md" for path in (ROOT / "docs" / "tutorials").glob("*.ipynb")}
MADE = {"docs/commands.md", "docs/interface.md", *TUTORIALS}  # by docs/site_pages.py, on the way
LINK = re.compile(r"(?<!`)\]\(([^)\s#:]+)(?:#[^)]*)?\)")


def pages() -> list[Path]:
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "bench").glob("RESULTS*.md")),
    ]


def named(menu: Any) -> list[str]:
    if isinstance(menu, str):
        return [menu]
    inside = menu.values() if isinstance(menu, dict) else menu
    return [name for one in inside for name in named(one)]


def broken(page: Path, text: str) -> list[str]:
    return [link for link in LINK.findall(text) if not (page.parent / link).exists()]


def test_the_menu_holds_every_page_once() -> None:
    menu = named(YAML(typ="safe").load(ROOT / "mkdocs.yml")["nav"])
    assert sorted(menu) == sorted({str(path.relative_to(ROOT)) for path in pages()} | MADE)


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_link_is_broken(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


def test_a_broken_link_is_found() -> None:
    assert broken(ROOT / "README.md", "see [x](docs/no-such-page.md#part) and [y](README.md)") == [
        "docs/no-such-page.md"
    ]

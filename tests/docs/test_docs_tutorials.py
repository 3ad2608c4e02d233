"""The tutorials run from top to bottom in a real kernel, and their pages for the site hold what they say."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
FOLDER = Path(__file__).parents[2] / "docs" / "tutorials"
sys.path.insert(0, str(FOLDER.parent))


@pytest.fixture(scope="module")
def tutorials() -> ModuleType:
    return importlib.import_module("tutorials")


def test_all_notebooks_are_named(tutorials: ModuleType) -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(tutorials.NAMES)


@pytest.mark.parametrize("name", ["world", "deal", "decide", "gateway", "forecast"])
def test_a_tutorial_runs_and_prints_as_stored(tutorials: ModuleType, name: str) -> None:
    import nbformat

    def printed(notebook: object) -> list[str]:
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]  # type: ignore[attr-defined]
        return ["".join(out.get("text", "") for out in cell.outputs) for cell in cells]

    fresh = printed(tutorials.executed(name))
    stored = printed(nbformat.read(FOLDER / f"{name}.ipynb", as_version=4))
    assert [bool(text) for text in fresh] == [bool(text) for text in stored]
    if name != "forecast":  # a record is named after its second
        assert fresh == stored, f"run python docs/tutorials.py {name}, then read its prose"


def test_a_page_holds_text_code_output_and_links_to_pages(tutorials: ModuleType) -> None:
    pages = tutorials.pages()
    world = pages["world.md"].decode()
    assert "# The world in ten minutes" in world
    assert "supercycle.run(" in world
    assert "GW of AI IT power" in world
    assert "(deal.md)" in world
    assert ".ipynb" not in world
    assert pages["world-1.png"].startswith(b"\x89PNG")

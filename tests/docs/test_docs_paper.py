"""The paper holds every block, every form of equation once, and the numbers of this model."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from supercycle.service.the_world import subject

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))


@pytest.fixture(scope="module")
def source() -> str:
    return importlib.import_module("paper").paper()


def test_it_holds_every_block_and_every_equation_of_a_block_once(source: str) -> None:
    model = subject().model
    assert source.count("\n== ") == len(model.blocks)
    forms = {(one.block, one.file, one.line) for one in model.variables.values() if one.source_text}
    assert source.count("#eq(") == len(forms)


def test_its_numbers_are_of_this_model_and_its_record_is_the_stored_one(source: str) -> None:
    from supercycle.skill.past_bands import recorded_bands

    assert f"model {subject().model_hash[:12]}" in source
    assert f"{100 * recorded_bands()['all', 'all']['inside_90']:.0f} %" in source


def test_typst_can_set_it(source: str) -> None:
    typst = pytest.importorskip("typst", reason="make docs brings it")
    root = str(Path(__file__).parents[2] / "docs")
    assert typst.compile(source.encode(), root=root).startswith(b"%PDF")

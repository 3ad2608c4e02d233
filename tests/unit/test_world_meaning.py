"""What every equation of the world means: each called alone with numbers, its answer worked out beside it.

The tables are in tests/meaning. An equation without a case is refused, so a new one comes with its meaning.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import Case

from supercycle.equations.variable import Variable
from supercycle.world.world import world_model

TABLES = sorted(Path(__file__).parents[1].glob("meaning/cases_*.py"))
CASES: list[Case] = [case for table in TABLES for case in importlib.import_module(table.stem).CASES]


def identity(one: Case) -> str:
    return one.name + ("-opening" if one.opening else "")


@pytest.mark.parametrize("one", CASES, ids=identity)
def test_an_equation_gives_what_was_worked_out(one: Case) -> None:
    assert one.value() == pytest.approx(one.answer, rel=1e-9, abs=1e-12)


def function_of(v: Variable, *, opening: bool) -> Any:
    """The code of an equation or opening written as a function; a template's is one for all that are made of it."""
    function = v.opening if opening else v.function
    return None if function is None or hasattr(function, "__tree__") else function.__code__


def hand_written() -> Iterator[tuple[str, bool, Any]]:
    """Equations and openings written as functions: no totals, sums, stocks of the ledger or openings by name."""
    for v in world_model().variables.values():
        for opening in (False, True):
            code = function_of(v, opening=opening)
            if code is not None and Path(code.co_filename).parent.name == "world":
                yield v.name, opening or v.kind == "initial", code


def test_every_hand_written_equation_has_a_case() -> None:
    """A name in this list is an equation or opening that no table calls: write its case with the answer worked out."""
    model = world_model()
    called = {function_of(model.variables[c.name], opening=asked(c)) for c in CASES}
    missing = {
        code: name + (", opening" if opening else "")
        for name, opening, code in hand_written()
        if code not in called
    }
    assert not list(missing.values()), f"{len(missing)} without a case: {', '.join(missing.values())}"


def asked(one: Case) -> bool:
    """Whether a case calls the opening: of an initial there is nothing else."""
    return one.opening or world_model().variables[one.name].kind == "initial"

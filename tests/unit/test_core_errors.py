from __future__ import annotations

import pickle

import pytest

from supercycle.core import errors
from supercycle.core.errors import (
    BooksError,
    DimensionError,
    EnvironmentProblem,
    FigureError,
    InputError,
    LoopError,
    ModelError,
    ScenarioError,
    SupercycleError,
    UnitError,
    UnknownNameError,
    UsageError,
    nearest,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SupercycleError, 4),
        (UsageError, 2),
        (InputError, 3),
        (UnitError, 3),
        (FigureError, 3),
        (ScenarioError, 3),
        (UnknownNameError, 3),
        (ModelError, 4),
        (DimensionError, 4),
        (LoopError, 4),
        (BooksError, 4),
        (EnvironmentProblem, 5),
    ],
)
def test_every_error_has_the_exit_code_of_its_branch(kind: type[SupercycleError], code: int) -> None:
    assert kind.exit_code == code
    assert issubclass(kind, SupercycleError)


def test_the_tree_drawn_in_the_docstring_names_every_error() -> None:
    drawn = errors.__doc__ or ""
    assert all(name in drawn for name in errors.__all__ if name != "nearest")


def test_a_message_says_where_what_expected_got_and_next_step_on_one_line() -> None:
    error = InputError(
        "share is out\nof range", expected="0 to 1", got="1.2", where="a.yaml:3", hint="See docs"
    )
    assert str(error) == "a.yaml:3: share is out of range: expected 0 to 1, got 1.2. See docs"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "no"),
        ({"got": 0}, "no: got 0"),
        ({"expected": "yes"}, "no: expected yes"),
        ({"hint": "Try again"}, "no. Try again"),
        ({"where": "f.csv:1"}, "f.csv:1: no"),
    ],
)
def test_missing_parts_leave_no_trace(fields: dict[str, str], text: str) -> None:
    assert str(InputError("no", **fields)) == text  # type: ignore[arg-type]


def test_an_unknown_name_suggests_the_nearest() -> None:
    assert str(UnknownNameError("series", "capx", ["capex_cash", "revenue"])) == (
        "unknown series 'capx': did you mean 'capex_cash'?"
    )


def test_an_unknown_name_far_from_all_lists_what_exists() -> None:
    text = str(UnknownNameError("preset", "zzz", [f"preset_{i}" for i in range(20)], where="cli"))
    assert text.startswith("cli: unknown preset 'zzz': expected one of preset_0, preset_1")
    assert text.endswith("and 8 more")
    assert str(UnknownNameError("preset", "x", [])) == "unknown preset 'x': none is known"


@pytest.mark.parametrize(
    "error",
    [
        InputError("bad", expected="a", got="b", where="c:1", hint="d"),
        UnknownNameError("series", "capx", ["capex_cash"], where="f.yaml:2"),
        BooksError("books do not close", got=1.0),
    ],
)
def test_errors_cross_process_borders_unchanged(error: SupercycleError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)


def test_nearest_puts_the_best_first_and_stops_at_n() -> None:
    known = ["capex_cash", "capex_lease", "capex_total", "capex_share", "revenue"]
    assert nearest("capex_cahs", known)[0] == "capex_cash"
    assert len(nearest("capex", known, n=2)) == 2
    assert "revenue" not in nearest("capex", known, n=9)
    assert nearest("REVENUE", known) == ["revenue"]

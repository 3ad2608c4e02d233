"""Tests that can fail: each asserts something, and none compares a thing with itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

# What fails by itself: pytest's own, numpy's, a browser's expectation or wait.
FAILING = ("raises", "warns", "fail", "expect")
STARTS = ("assert_", "wait_for")


@dataclass(frozen=True)
class Facts:
    """What is known of one function of a file of tests."""

    file: str
    line: int
    name: str
    calls: frozenset[str]
    fails: bool


def facts(file: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Facts:
    """The last words of what it calls; whether it asserts, or starts a process that must end well."""
    nodes = list(ast.walk(function))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    names = {
        call.attr if isinstance(call, ast.Attribute) else call.id
        for call in calls
        if isinstance(call, ast.Attribute | ast.Name)
    }
    fails = any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.keyword) and node.arg == "check" and ast.unparse(node.value) == "True")
        for node in nodes
    ) or any(name in FAILING or name.startswith(STARTS) for name in names)
    return Facts(file, function.lineno, function.name, frozenset(names), fails)


def without_assertion(trees: dict[str, ast.Module]) -> list[str]:
    """Tests that assert nothing, neither themselves nor in what they call, of their own file first."""
    known = [
        facts(file, node)
        for file, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    by_name: dict[str, list[Facts]] = {}
    for one in known:
        by_name.setdefault(one.name, []).append(one)
    failing = {one for one in known if one.fails}

    def asserts(one: Facts) -> bool:
        for name in one.calls:
            here = [other for other in by_name.get(name, []) if other.file == one.file]
            meant = here or by_name.get(name, [])
            if meant and all(other in failing for other in meant):
                return True
        return False

    while more := {one for one in known if one not in failing and asserts(one)}:
        failing |= more
    return [
        f"{one.file}:{one.line}: {one.name}"
        for one in known
        if one.name.startswith("test_") and one not in failing
    ]


def never_false(tree: ast.AST) -> list[int]:
    """Lines of assertions that hold whatever the code does: of a constant, a tuple, or a name beside itself.

    Two calls of one function may differ: that a second reading is like the first is a claim.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant | ast.Tuple | ast.List):
            found.append(node.lineno)
        elif isinstance(node, ast.Compare) and not any(isinstance(n, ast.Call) for n in ast.walk(node)):
            sides = [ast.dump(side) for side in (node.left, *node.comparators)]
            if any(a == b for a, b in pairwise(sides)):
                found.append(node.lineno)
    return found


@pytest.fixture(scope="module")
def trees(source: Any) -> dict[str, ast.Module]:
    files = sorted((source.root / "tests").rglob("*.py"))
    return {str(file.relative_to(source.root)): ast.parse(file.read_text(encoding="utf-8")) for file in files}


def test_every_test_asserts_something(trees: dict[str, ast.Module]) -> None:
    assert without_assertion(trees) == []


def test_no_assertion_is_true_whatever_happens(trees: dict[str, ast.Module]) -> None:
    assert [f"{file}:{line}" for file, tree in trees.items() for line in never_false(tree)] == []


@pytest.mark.parametrize(
    "body",
    ["run()", "x = 1", "helper()", "try:\n  run()\n except ValueError:\n  pass", "with quiet():\n  run()"],
)
def test_the_check_sees_a_test_that_asserts_nothing(body: str) -> None:
    text = f"def helper():\n return run()\n\ndef test_it():\n {body}\n"
    assert without_assertion({"t.py": ast.parse(text)}) == ["t.py:4: test_it"]


@pytest.mark.parametrize(
    "text", ["assert True", "assert (x, 'words')", "assert x == x", "assert a.b <= a.b", "assert [x]"]
)
def test_the_check_sees_what_is_always_true(text: str) -> None:
    assert never_false(ast.parse(text)) == [1]

"""No uncited number in the model: a number in an equation is a parameter or constant with unit and source."""

from __future__ import annotations

import ast
from typing import Any

import pytest

# Decorators that declare a model function (the end of their name), and arguments that take one.
DECLARES = ("equation", "initial", "solve", "stock", "flow", "opening")
TAKES_FUNCTION = ("opening",)
# Identity, absence, sign and the square or half of an identity carry no evidence; any other number does.
FREE = {0, 1, -1, 2}


def decorator_name(node: ast.expr) -> str:
    """``firms.equation(...)`` and ``equation`` both end in "equation"."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def model_functions(tree: ast.Module) -> list[ast.FunctionDef | ast.Lambda]:
    """Functions declared by decorator, and functions or lambdas given as an opening."""
    found: list[ast.FunctionDef | ast.Lambda] = []
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if any(decorator_name(d).endswith(DECLARES) for d in node.decorator_list):
                found.append(node)
        elif isinstance(node, ast.keyword) and node.arg in TAKES_FUNCTION:
            if isinstance(node.value, ast.Lambda):
                found.append(node.value)
            elif isinstance(node.value, ast.Name):
                named.add(node.value.id)
    plain = (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n not in found)
    return found + [n for n in plain if n.name in named]


def uncited(tree: ast.Module) -> list[tuple[int, float]]:
    """(line, number) of every literal in a model function's body that is not free."""
    found = []
    for function in model_functions(tree):
        body = function.body if isinstance(function.body, list) else [function.body]
        signed: set[ast.AST] = set()
        for node in (n for statement in body for n in ast.walk(statement)):
            value: Any = None
            if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
                if isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int | float):
                    value = -node.operand.value
                    signed.add(node.operand)
            elif isinstance(node, ast.Constant) and node not in signed:
                value = node.value
            if isinstance(value, int | float) and not isinstance(value, bool) and value not in FREE:
                found.append((node.lineno, node.col_offset, float(value)))
    return [(line, number) for line, _, number in sorted(found)]


def test_the_world_has_no_uncited_literal(source: Any) -> None:
    files = source.modules("world")
    seen = sum(len(model_functions(source.tree(path))) for path in files)
    assert seen > 0, "no model function was found in world: the check would see nothing"
    offences = [
        f"{source.relative(path)}:{line}: {number:g} in an equation: make it a parameter or a constant"
        for path in files
        for line, number in uncited(source.tree(path))
    ]
    assert offences == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("@block.equation('USD_bn/q')\ndef f(a):\n    return 0.35 * a", [0.35]),
        ("@equation\ndef f(a):\n    return a ** 3 - 4", [3, 4]),
        ("@block.initial('x')\ndef f(a):\n    return -2 * a", [-2]),
        ("@block.equation('x', opening=lambda a: a / 7)\ndef f(a):\n    return a", [7]),
        ("def start(a):\n    return a * 5\nblock.pipeline('p', opening=start)", [5]),
    ],
)
def test_the_check_sees_a_literal(text: str, numbers: list[float]) -> None:
    assert [number for _, number in uncited(ast.parse(text))] == numbers


@pytest.mark.parametrize(
    "text",
    [
        "@block.equation('USD_bn/q', axis=firms)\ndef f(a):\n    '''Half of 10.'''\n    return 1 - a / 2",
        "block.param('a', default=0.35)",
        "def helper(a):\n    return 7 * a",
        "@block.equation('x')\ndef f(a):\n    return a * -1 if True else a",
    ],
)
def test_the_check_lets_the_rest_pass(text: str) -> None:
    assert uncited(ast.parse(text)) == []

"""No number hides in the model: a number in an equation is a parameter, or a conversion that its unit implies.

The check reads the world's files and the model that they make. It is given every disguise that was ever found, and
refuses each. Only 0, 1 and -1 may be written out, one of them in a sum or a product.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from supercycle.equations import functions
from supercycle.equations.cited import standing
from supercycle.equations.spec import Block, Model
from supercycle.equations.variable import Constant, conversion
from supercycle.world.world import the_world

DECLARES = ("equation", "initial", "solve")  # words of a block that take a function
TAKES = ("opening", "past")  # their arguments that take one, or the name of what a thing equals
FREE = {0, 1, -1}
MAKERS = ("from_text", "generated", "eval", "exec", "compile")  # equations are not made from text
WORDS = set(functions.__all__)
ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.Div
NO_PART = ast.List | ast.Tuple | ast.Set | ast.Dict | ast.ListComp | ast.GeneratorExp | ast.Not | ast.IfExp
PLAIN_FILES = ("derived.py", "frame.py", "headline.py", "levers.py")  # Python around the model, not equations


def called(node: ast.expr) -> str:
    """``firms.equation(...)`` and ``equation`` both end in "equation"."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


Equation = ast.FunctionDef | ast.Lambda


def model_functions(tree: ast.Module) -> list[Equation]:
    """Functions declared by decorator or handed to a declaring word, and openings and pasts given by name or lambda."""
    found: dict[int, Equation] = {}
    named: set[str] = set()

    def take(node: ast.expr) -> None:
        if isinstance(node, ast.Lambda):
            found[id(node)] = node
        elif isinstance(node, ast.Name):
            named.add(node.id)

    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            called(d).endswith(DECLARES) for d in node.decorator_list
        ):
            found[id(node)] = node
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Call) and called(node.func).endswith(DECLARES):
                for argument in node.args:
                    take(argument)
            for keyword in node.keywords:
                if keyword.arg in TAKES:
                    take(keyword.value)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and (node.name in named or node.name == "accept"):
            found[id(node)] = node
    return list(found.values())


def offences(tree: ast.Module) -> list[tuple[int, str]]:
    """(line, what) of every number that hides in a file of equations."""
    found = [o for function in model_functions(tree) for o in in_function(function)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if called(node) in MAKERS and not isinstance(node.func, ast.Attribute):
                found.append((node.lineno, f"{called(node)}: an equation made from text"))
            for keyword in node.keywords:
                if keyword.arg in TAKES and is_text(keyword.value):
                    found.append((keyword.value.lineno, f"{keyword.arg}= is text: write a function"))
    return sorted(set(found))


def is_text(node: ast.expr) -> bool:
    """Whether an opening is a piece of program in a string and not the name of one thing."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return not node.value.isidentifier()
    if isinstance(node, ast.JoinedStr):
        parts = [p.value for p in node.values if isinstance(p, ast.Constant)]
        return any(not re.fullmatch(r"\w*", str(p)) for p in parts)
    return (
        isinstance(node, ast.BinOp | ast.Call)
        and any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node))
        and called(node) != "zero"
    )


def in_function(function: Equation) -> Iterator[tuple[int, str]]:
    """The offences of one equation."""
    body = function.body if isinstance(function.body, list) else [function.body]
    if function.args.defaults or function.args.kw_defaults:
        yield function.lineno, "a default value of an argument"
    local: dict[str, ast.expr] = {}
    numbers: set[str] = set()  # locals that are numbers written out
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            local[statement.targets[0].id] = statement.value
            if isinstance(statement.value, ast.Name):
                yield statement.lineno, f"{statement.targets[0].id} is another name for {statement.value.id}"
            if is_number(statement.value, numbers):
                numbers.add(statement.targets[0].id)
    names = {a.arg for a in function.args.args} | set(local) | WORDS
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # the docstring
        yield from in_expression(statement, names, numbers)


def is_number(node: ast.AST, numbers: set[str]) -> bool:
    """Whether an expression is made of numbers only, so that it is one itself."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id in numbers
    if isinstance(node, ast.Call):
        return bool(node.args) and all(is_number(a, numbers) for a in node.args)
    parts = [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    return bool(parts) and all(is_number(n, numbers) for n in parts)


def in_expression(root: ast.AST, names: set[str], numbers: set[str]) -> Iterator[tuple[int, str]]:
    for node in ast.walk(root):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, bool | str | complex) or node.value is None:
                yield line, f"{node.value!r} is no number of a model"
            elif node.value not in FREE:
                yield line, f"the number {node.value:g}"
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in names:
            yield line, f"{node.id} is read from outside the equation"
        elif isinstance(node, ast.Attribute | ast.Subscript):
            yield line, f"`{ast.unparse(node)}` is read from outside the equation"
        elif isinstance(node, ast.Call):
            if called(node) not in WORDS:
                yield line, f"{called(node)} is no word of the language"
            elif is_number(node, numbers):
                yield line, f"`{ast.unparse(node)}` is a number"
            elif is_trick(node, numbers):
                yield line, f"`{ast.unparse(node)}` is a number in disguise"
        elif isinstance(node, NO_PART):
            yield line, f"`{ast.unparse(node)}` is no part of the language"
        elif isinstance(node, ast.Compare) and ast.dump(node.left) == ast.dump(node.comparators[0]):
            yield line, f"`{ast.unparse(node)}` compares a thing with itself"
        elif isinstance(node, ast.BinOp):
            if isinstance(node.op, ARITHMETIC) and any(
                isinstance(t, ast.Compare) for t in (node.left, node.right)
            ):
                yield line, f"`{ast.unparse(node)}` counts a truth"
            same = ast.dump(node.left) == ast.dump(node.right)
            if same and not isinstance(node.op, ast.Mult):
                yield line, f"`{ast.unparse(node)}` is a number in disguise"
            elif is_number(node, numbers):
                yield line, f"`{ast.unparse(node)}` is a number"
            elif isinstance(node.op, ARITHMETIC):
                terms = chain(node)
                if sum(is_number(t, numbers) for t in terms) > 1:
                    yield line, f"`{ast.unparse(node)}` adds up numbers"
                plain = [ast.dump(t) for t in terms if not is_number(t, numbers)]
                if isinstance(node.op, ast.Add | ast.Sub) and len(set(plain)) < len(plain):
                    yield line, f"`{ast.unparse(node)}` counts one thing several times"


def is_trick(node: ast.Call, numbers: set[str]) -> bool:
    """A share of a thing in itself, a mean of a mean, or a curve taken of a switch."""
    word, first = called(node), node.args[0]
    if word == "share":
        return ast.dump(first) == ast.dump(node.args[1])
    inner = [a for a in node.args if isinstance(a, ast.Call)]
    if word == "mean":
        return any(called(a) == "mean" for a in inner)
    switch = [a for a in inner if called(a) == "where" and all(is_number(x, numbers) for x in a.args[1:])]
    return word in ("exp", "log", "sqrt", "power", "halved") and bool(switch)


def chain(node: ast.expr) -> list[ast.expr]:
    """The terms of a sum, or the factors of a product."""
    if not isinstance(node, ast.BinOp):
        return [node]
    kind = (ast.Add, ast.Sub) if isinstance(node.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    terms: list[ast.expr] = []
    for side in (node.left, node.right):
        inside = isinstance(side, ast.BinOp) and isinstance(side.op, kind)
        follows = (
            side is node.left
            or isinstance(node.op, ast.Mult)
            or (isinstance(node.op, ast.Add) and isinstance(side, ast.BinOp) and isinstance(side.op, ast.Add))
        )
        terms += (
            chain(side) if inside and follows else [side]
        )  # 1 + (1 - p) is a sum of two things, 1 + (1 + p) is not
    return terms


def hidden(model: Model) -> list[str]:
    """What the files cannot show: constants that are judgements, equations that cite nothing or have no line."""
    found = [
        f"constant {c.name}: {why}"
        for c in model.constants.values()
        if c.kind == "conversion" and (why := conversion(c))
    ]
    for v in model.variables.values():
        if v.line == 0 or v.file.startswith("<"):
            found.append(f"equation {v.name} was made from text")
        if not standing(model, v):
            found.append(f"equation {v.name} ({v.file}:{v.line}) has neither a source nor a mechanism")
    return found


def test_the_world_has_no_uncited_number(source: Any) -> None:
    files = [path for path in source.modules("world") if path.name not in PLAIN_FILES]
    seen = sum(len(model_functions(source.tree(path))) for path in files)
    assert seen > 300, "few model functions were found in world: the check would see nothing"
    found = [
        f"{source.relative(path)}:{line}: {what}: make it a parameter"
        for path in files
        for line, what in offences(source.tree(path))
    ]
    assert found == []


def test_every_constant_is_a_conversion_and_every_equation_is_cited() -> None:
    assert hidden(the_world().build()) == []


HEAD = "@block.equation('USD_bn/q')\ndef f(a, b, t):\n    return "
DISGUISES = {
    "a fraction": HEAD + "0.35 * a",
    "a whole number": HEAD + "a + 4",
    "a negative number": HEAD + "a * -2",
    "four as two times two": HEAD + "a * 2 * 2",
    "a half by dividing": HEAD + "a / 2",
    "a half by a division of ones": HEAD + "a * (1 / (1 + 1))",
    "two as a sum of ones": HEAD + "a * (1 + 1)",
    "ones added in a row": HEAD + "a + 1 + 1",
    "ones added from the right": HEAD + "1 + (1 + a)",
    "a thing added to itself": HEAD + "a + a",
    "a thing counted three times": HEAD + "a + b + a",
    "one as a ratio": HEAD + "a / a",
    "nothing as a difference": HEAD + "a - a",
    "a power of two": HEAD + "power(a, 2)",
    "a square root by a power": HEAD + "power(a, 0.5)",
    "e": HEAD + "a * exp(1)",
    "a logarithm of a number": HEAD + "a / log(2)",
    "a number through a word": HEAD + "a * maximum(1, 0)",
    "truth as a number": HEAD + "a * (True + True)",
    "a shift": HEAD + "a * (1 << 1)",
    "a number in a string": HEAD + "a * float('0.35')",
    "the length of a string": HEAD + "a * len('ab')",
    "a name of the module": "HALF = 0.5\n" + HEAD + "a * HALF",
    "a name of another module": HEAD + "a * math.pi",
    "an entry of a table": HEAD + "a * TABLE[0]",
    "a default value": "@block.equation('USD_bn/q')\ndef f(a, k=0.35):\n    return a * k",
    "a local that is a number": "@block.initial('1')\ndef f(a):\n    k = 1\n    return a * (k + k)",
    "a local that is a fraction": "@block.initial('1')\ndef f(a):\n    k = 0.3\n    return a * k",
    "a lambda's number": "@block.equation('x', opening=lambda a: a / 7)\ndef f(a):\n    return a",
    "a past's number": "@block.equation('x', past=lambda a, ago: a * 0.9)\ndef f(a):\n    return a",
    "an opening by name": "def start(a):\n    return a * 5\nblock.pipeline('p', opening=start)",
    "a template's number": "def f(a):\n    return a * 3\nblock.equation('x', name='g')(f)",
    "truths added": HEAD + "a * ((a > 0) + (b > 0))",
    "a truth as a factor": HEAD + "a * (t > 0) * (1 + (t >= 0))",
    "a thing compared with itself": HEAD + "where(a >= a, b, t)",
    "a curve of a switch": HEAD + "a * exp(where(a > b, 0, 1))",
    "a share of itself": HEAD + "share(a, a, 1)",
    "a mean of a mean": HEAD + "mean(a, mean(0, a))",
    "a list": HEAD + "total([a, a])",
    "a negation": HEAD + "a * (not b)",
    "two names for one thing": "@block.initial('1')\ndef f(a):\n    b = a\n    return a + b",
    "text for an opening": "block.pipeline('p', opening='0.37 * a')",
    "text with a name in it": "block.pipeline('p', opening=f'0.37 * {stem}_open')",
    "text put together": "block.pipeline('p', opening='0.37' + ' * a')",
    "text filled in": "block.pipeline('p', opening='{} * a'.format(0.37))",
    "an equation from text": "block.equation('x')(from_text('f', '0.37 * a'))",
    "an equation generated from text": "block.equation('x')(generated('f', ['a'], '0.37 * a', ''))",
    "a program in a string": "exec('def f(a): return 0.37 * a')",
    "the opening test": "def accept(a):\n    return a > 0.4",
}


@pytest.mark.parametrize("name", DISGUISES)
def test_every_disguise_is_refused(name: str) -> None:
    assert offences(ast.parse(DISGUISES[name])), name


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (0.5, "1"),  # a half
        (10.0, "1"),  # ten points
        (1000.0, "1"),
        (8.0, "q"),  # a lead time
        (8.0, "USD_bn"),  # a working balance
        (1.0, "USD_bn"),  # an amount is a judgement, however round
        (100.0, "USD_bn/year"),
        (0.0, "USD_bn"),  # nothing is zero(unit)
        (0.25, "year/month"),  # the wrong scale for its unit
        (0.01, "1"),  # a per cent as a floor
        (1.25, "1"),
    ],
)
def test_a_judgement_is_no_constant(value: float, unit: str) -> None:
    assert conversion(Constant("x", value, unit, "a judgement"))


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (4.0, "q"),
        (1.0, "q"),
        (3.0, "month/q"),
        (12.0, "month/year"),
        (2191.5, "h/q"),
        (1e-3, "USD_bn/USD_m"),
        (1.0, "1"),
    ],
)
def test_a_conversion_is_one(value: float, unit: str) -> None:
    assert conversion(Constant("x", value, unit, "a conversion")) == ""


def test_an_equation_that_cites_nothing_and_one_from_text_are_seen() -> None:
    block = Block("toy", "Toy", "A block.")
    block.param("a", "A", "1", 1.0, 0.0, 2.0, "uniform", "a", reason="toy")

    @block.equation("1")
    def silent(a):
        return a

    @block.equation("1", mechanism="judged: it must be something")
    def judged(a):
        return a

    @block.equation("1", source="a paper")
    def sourced(a):
        return a

    @block.equation("1")
    def added(judged, sourced):
        return judged + sourced

    block.constant("half", 0.5, "1", "a half")
    found = hidden(Model("toy").include(block))
    assert len(found) == 2
    assert "constant half" in found[0]
    assert "equation silent" in found[1]
    reasoned = Block("toy", "Toy", "A block.", mechanism="judged: a toy")
    reasoned.items = [item for item in block.items if not isinstance(item, Constant)]
    assert hidden(Model("toy").include(reasoned)) == []


@pytest.mark.parametrize(
    "text",
    [
        "@block.equation('USD_bn/q', axis=firms)\ndef f(a, b):\n    '''Half of 10.'''\n    return mean(a, b) * (1 - a)",
        "block.param('a', default=0.35)",
        "def helper(a):\n    return 7 * a",
        "@block.equation('x', opening='a_open')\ndef f(a):\n    return where(a > 0, -1, 1)",
        "@block.equation('x', opening=zero('USD_bn'))\ndef f(a, b):\n    return a * a + b * b - a",
        "block.pipeline('p', opening=f'{stem}_open')",
        "@block.equation('x')\ndef f(a, half_life_q, one_quarter):\n    return a * halved(one_quarter / half_life_q)",
        "@block.equation('x')\ndef f(p):\n    return 1 + (1 - p)",
    ],
)
def test_the_check_lets_the_rest_pass(text: str) -> None:
    assert offences(ast.parse(text)) == []

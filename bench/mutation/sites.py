"""Where a line can be made wrong: every place in a function's code that an operator of mutation applies to.

Operators: a sign or operator swapped (+ and -, * and /), a comparison moved by its bound (< and <=) or turned (== and
!=), min for max, and for or, a condition negated, a term or a factor dropped, a whole number moved by one, a number
scaled by 1.5, an argument pair swapped. Texts of errors, annotations, docstrings and ``__all__`` are left alone: they
decide nothing.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SWAPPED: dict[type[ast.AST], str] = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
COMPARED: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in",
    ast.NotIn: "in",
}  # fmt: skip
OTHER = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One wrong line: ``old`` at ``start`` becomes ``new``; offsets are of characters in the file."""

    file: str
    function: str
    first: int  # the function's first line, its decorators counted
    line: int
    operator: str
    start: int
    old: str
    new: str
    nth: int = 1  # of those alike in the function

    @property
    def name(self) -> str:
        """File, function, operator, what stood there, and which of several alike: it outlives moved lines."""
        old = " ".join(self.old.split())
        return f"{self.file}:{self.function}:{self.operator}:{old}" + (f":{self.nth}" if self.nth > 1 else "")

    def apply(self, text: str) -> str:
        """The file's text with the wrong line in it."""
        assert text[self.start : self.start + len(self.old)] == self.old, self
        return text[: self.start] + self.new + text[self.start + len(self.old) :]


Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def functions(text: str) -> Iterator[tuple[str, int, Function]]:
    """Every function with a body that can be wrong: name, first line (of its decorators), tree.

    A lambda counts where it decorates an equation: an opening is a rule of its own.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, min([node.lineno, *(d.lineno for d in node.decorator_list)]), node
            for inner in (each for d in node.decorator_list for each in ast.walk(d)):
                if isinstance(inner, ast.Lambda):
                    yield f"{node.name}, opening", inner.lineno, inner


def mutants(root: Path, file: Path) -> dict[str, list[Mutant]]:
    """All mutants of a file by function, as ``name:line``."""
    found: dict[str, list[Mutant]] = {}
    relative = file.relative_to(root).as_posix()
    text = file.read_text(encoding="utf-8")
    for name, first, node in functions(text):
        sites, alike = list[Mutant](), Counter[tuple[str, str]]()
        for line, operator, start, old, new in sorted(_sites(node, text), key=lambda site: site[2]):
            alike[operator, old] += 1
            sites.append(Mutant(relative, name, first, line, operator, start, old, new, alike[operator, old]))
        if sites:
            found[f"{name}:{first}"] = sites
    return found


def _sites(function: Function, text: str) -> Iterator[tuple[int, str, int, str, str]]:
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    raw = text.splitlines()

    def at(node: ast.AST, end: bool = False) -> int:
        line = node.end_lineno if end else node.lineno  # type: ignore[attr-defined]
        column = node.end_col_offset if end else node.col_offset  # type: ignore[attr-defined]
        return starts[line - 1] + len(raw[line - 1].encode()[:column].decode())

    def source(node: ast.AST) -> str:
        return text[at(node) : at(node, end=True)]

    def whole(node: ast.AST, operator: str, new: str) -> tuple[int, str, int, str, str]:
        return node.lineno, operator, at(node), source(node), new  # type: ignore[attr-defined]

    for node in _live(function):
        if isinstance(node, ast.BinOp) and type(node.op) in SWAPPED and not _is_text(node):
            left, right = source(node.left), source(node.right)
            yield whole(node, "operator", f"({left}) {SWAPPED[type(node.op)]} ({right})")
            yield whole(node, "term dropped", f"({left})")
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
            new = f"({source(node.left)}) {COMPARED[type(node.ops[0])]} ({source(node.comparators[0])})"
            yield whole(node, "comparison", new)
        elif isinstance(node, ast.BoolOp):
            word = " or " if isinstance(node.op, ast.And) else " and "
            yield whole(node, "and/or", "(" + word.join(f"({source(v)})" for v in node.values) + ")")
        elif isinstance(node, ast.If | ast.IfExp | ast.While):
            yield whole(node.test, "condition", f"(not ({source(node.test)}))")
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
            yield whole(node, "sign", f"({source(node.operand)})")
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in OTHER:
                name = source(node.func)
                yield whole(node.func, "min/max", name[: len(name) - len(called)] + OTHER[called])
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            new = repr(node.value + 1) if isinstance(node.value, int) else repr(node.value * 1.5 or 1.0)
            yield whole(node, "number", f"({new})")


def _live(function: Function) -> Iterator[ast.AST]:
    """Nodes of the body that decide something: no docstring, annotation, nested function, raise or f-string."""
    waiting: list[ast.AST] = [function.body] if isinstance(function, ast.Lambda) else list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Raise | ast.JoinedStr
        ):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert):
            continue
        yield node
        if isinstance(node, ast.AnnAssign):
            waiting.extend(child for child in (node.target, node.value) if child is not None)
        else:
            waiting.extend(ast.iter_child_nodes(node))


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in ast.walk(node)
    )

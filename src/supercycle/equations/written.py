"""How an equation was written: its arguments, its syntax tree, its file and line; and functions made from trees.

An equation is a plain function or a lambda in a file. It is read once, from its file, so that the unit check, the kernels
and the explanation see what the author wrote. Where the language needs another form of it (an argument under another name, a
sum written out) the tree is changed and compiled again under the author's file and line: no equation is made from text.
"""

from __future__ import annotations

import ast
import copy
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any

from supercycle.core.errors import ModelError, UnknownNameError

__all__ = ["Function", "Place", "Written", "arguments", "compiled", "declared_at", "definition", "from_text", "from_tree",
           "generated", "named", "names_in", "read_function", "reading", "renamed", "signed_sum", "unused", "with_names"]

Function = Callable[..., Any]

_SUFFIX = re.compile(r"(__\w+?)?(_left)?(_prev\d*)?")
_HERE = str(PurePath(__file__).parent)


@dataclass(frozen=True, slots=True)
class Place:
    """A file and a line."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Written:
    """An equation as its author wrote it: ``tree`` is a function definition without decorators."""

    args: tuple[str, ...]
    tree: ast.FunctionDef
    file: str
    line: int

    @property
    def text(self) -> str:
        """The source, without decorators and comments."""
        return ast.unparse(self.tree)


def declared_at() -> Place:
    """Where the language was called from: the first frame outside this package's own words."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  # the only way to a caller's line
    while frame.f_back is not None and (
            str(PurePath(frame.f_code.co_filename).parent) == _HERE or frame.f_code.co_filename == "<string>"):
        frame = frame.f_back
    return Place(frame.f_code.co_filename, frame.f_lineno)


def read_function(function: Function, name: str = "") -> Written:
    """Read a function from its file; ``name`` names a lambda.

    Errors: ModelError for what is neither a ``def`` nor a lambda alone on its line with these arguments.
    """
    args = tuple(inspect.signature(function).parameters)
    tree: ast.FunctionDef | None = getattr(function, "__tree__", None)
    if tree is not None:
        place: Place = function.__place__  # type: ignore[attr-defined]
        return Written(args, tree, place.file, place.line)
    code = getattr(function, "__code__", None)
    if code is None:
        raise ModelError(f"{function!r} must be a plain function (def) or a lambda, so that its source can be read")
    file, line = code.co_filename, code.co_firstlineno
    here = _functions(file).get(line, ())
    if function.__name__ == "<lambda>":
        found = [n for n in here if isinstance(n, ast.Lambda) and tuple(a.arg for a in n.args.args) == args]
        if len(found) > 1:
            found = [n for n in found if _holds(n, code)]
        if len(found) != 1:
            raise ModelError(f"{file}:{line}: cannot tell which lambda this is", hint="Put each on its own line, or use def")
        body = ast.copy_location(ast.Return(found[0].body), found[0].body)
        head = ast.FunctionDef(name or "opening", found[0].args, [body], [])
        head.type_params = []  # type: ignore[attr-defined]  # of Python 3.12 and later
        return Written(args, ast.copy_location(head, found[0]), file, line)
    trees = [n for n in here if isinstance(n, ast.FunctionDef)]
    if not trees:
        raise ModelError(f"{file}:{line}: {function!r} must be a plain function (def), so that its source can be read")
    return Written(args, trees[0], file, line)


@cache
def _functions(file: str) -> dict[int, list[ast.FunctionDef | ast.Lambda]]:
    """Every function of a file by its first line, decorators counted for the place and left out of the tree."""
    found: dict[int, list[ast.FunctionDef | ast.Lambda]] = {}
    for node in ast.walk(ast.parse("".join(linecache.getlines(file)))):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            node.decorator_list = []
            found.setdefault(first, []).append(node)
        elif isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, []).append(node)
    return found


def _holds(node: ast.Lambda, code: Any) -> bool:
    """Whether the compiled body lies inside this lambda of several on its line."""
    places = [p for p in code.co_positions() if p[0] is not None and p[2] is not None and p[3] is not None and p[2] < p[3]]
    begin, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
    return bool(places) and all(begin <= (p[0], p[2]) and (p[1], p[3]) <= end for p in places)


def renamed(args: Sequence[str], reads: Mapping[str, str]) -> tuple[str, ...]:
    """The model's names of a template's arguments: ``reads`` maps stems, and ``_prev``, ``_left``, ``__member`` stay.

    >>> renamed(["stock_prev", "rate"], {"stock": "grid_queue"})
    ('grid_queue_prev', 'rate')

    Two arguments may come to one name.
    """
    return tuple(_renamed(a, reads) for a in args)


def _renamed(arg: str, reads: Mapping[str, str]) -> str:
    for stem in sorted(reads, key=len, reverse=True):
        if arg == stem or (arg.startswith(stem) and _SUFFIX.fullmatch(arg[len(stem):])):
            return reads[stem] + arg[len(stem):]
    return arg


def unused(reads: Mapping[str, str], args: Iterable[str], place: str) -> None:
    """Refuse a name in ``reads`` that no argument has."""
    known = list(args)
    for stem in reads:
        if not any(a == stem or (a.startswith(stem) and _SUFFIX.fullmatch(a[len(stem):])) for a in known):
            raise UnknownNameError(f"argument in reads= at {place}", stem, known)


class _Names(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)


def with_names(written: Written, name: str, args: Sequence[str]) -> Written:
    """The same equation under another name, reading other names, in the same order."""
    if (written.tree.name, written.args) == (name, tuple(args)):
        return written
    names = dict(zip(written.args, args, strict=True))
    local = {n.id for n in ast.walk(written.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    taken = local & (set(args) - set(written.args))
    if taken:
        raise ModelError(f"{written.file}:{written.line}: the local name {min(taken)} is also what an argument reads")
    tree = copy.deepcopy(written.tree)
    tree.name = name
    tree.args = arguments(dict.fromkeys(args))
    tree.body = [_Names(names).visit(statement) for statement in tree.body]
    return Written(tuple(dict.fromkeys(args)), ast.copy_location(tree, written.tree), written.file, written.line)


def reading(function: Function, name: str, reads: Mapping[str, str]) -> tuple[Function, Written]:
    """A template under the model's names: the function to call by place with what they hold, and its tree.

    It is the author's own function, unless two of its arguments read one name.
    """
    raw = read_function(function, name)
    written = with_names(raw, name, renamed(raw.args, reads))
    if len(written.args) < len(raw.args):
        function = compiled(written.tree, Place(written.file, written.line), function.__doc__ or "")
    return function, written


def arguments(names: Iterable[str]) -> ast.arguments:
    """Plain arguments of these names."""
    return ast.arguments(posonlyargs=[], args=[ast.arg(n) for n in names], kwonlyargs=[], kw_defaults=[], defaults=[])


def compiled(tree: ast.FunctionDef, place: Place, meaning: str = "") -> Function:
    """A function from a tree: it reads like one written at ``place``, and calls the words of the language only."""
    from supercycle.equations import functions

    for node in ast.walk(tree):
        if "lineno" in node._attributes and not hasattr(node, "lineno"):
            node.lineno = node.end_lineno = place.line  # type: ignore[attr-defined]
            node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    scope: dict[str, Any] = {k: getattr(functions, k) for k in functions.__all__}
    exec(compile(ast.Module([tree], []), place.file, "exec"), scope)
    made: Function = scope[tree.name]
    made.__doc__ = meaning or made.__doc__
    made.__tree__ = tree  # type: ignore[attr-defined]
    made.__place__ = place  # type: ignore[attr-defined]
    return made


def definition(name: str, args: Iterable[str], result: ast.expr) -> ast.FunctionDef:
    """``def name(args): return result``."""
    tree = ast.FunctionDef(name, arguments(args), [ast.Return(result)], [])
    tree.type_params = []  # type: ignore[attr-defined]
    return tree


def from_tree(name: str, result: ast.expr, meaning: str, place: Place) -> Function:
    """A function of the names an expression holds, in their order: sums over postings and members are made this way."""
    return compiled(definition(name, names_in(result), result), place, meaning)


def names_in(node: ast.expr) -> list[str]:
    """The names an expression reads, in order, without the words of the language."""
    if isinstance(node, ast.Name):
        return [node.id]
    children = node.args if isinstance(node, ast.Call) else [n for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)]
    return list(dict.fromkeys(n for child in children for n in names_in(child)))


def named(name: str) -> ast.expr:
    """A name, read."""
    return ast.Name(name, ast.Load())


def signed_sum(terms: Sequence[tuple[int, ast.expr]]) -> ast.expr:
    """Expressions added from the left, each with its sign; the first is positive.

    >>> ast.unparse(signed_sum([(1, named("a")), (-1, named("b")), (1, named("c"))]))
    'a - b + c'
    """
    (_, total), *rest = terms
    for sign, term in rest:
        total = ast.BinOp(total, ast.Add() if sign > 0 else ast.Sub(), term)
    return total


def generated(name: str, args: Iterable[str], expression: str, meaning: str) -> Function:
    """A function made from text: what is still to be rewritten as functions."""
    from supercycle.equations import functions

    text = f"def {name}({', '.join(args)}):\n    return {expression}"
    scope: dict[str, Any] = {k: getattr(functions, k) for k in functions.__all__}
    exec(compile(text, f"<{name}>", "exec"), scope)
    made: Function = scope[name]
    made.__doc__ = meaning
    made.__tree__ = ast.parse(text).body[0]  # type: ignore[attr-defined]
    made.__place__ = Place("<generated>", 0)  # type: ignore[attr-defined]
    return made


def from_text(name: str, expression: str) -> Function:
    """A function whose arguments are the names in an expression.

    >>> from_text("opening", "2 * minimum(a, b)")(a=1.0, b=3.0)
    2.0
    """
    from supercycle.equations import functions

    names = [n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)]
    return generated(name, dict.fromkeys(n for n in names if n not in functions.__all__), expression, "")

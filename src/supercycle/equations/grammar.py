"""What an equation may be written with: local assignments, then one ``return``.

An equation must mean the same on arrays, on units and in a compiled kernel, so it holds only numbers, names, + - * /,
one comparison at a time, & | ~ between conditions, and the words of ``functions``. ``read`` refuses everything else
and names file and line. Conditions used as numbers are made 0 or 1 explicitly.
"""

from __future__ import annotations

import ast
from collections.abc import Set
from dataclasses import dataclass

from supercycle.core.errors import ModelError, UnknownNameError

__all__ = ["WORDS", "Body", "is_condition", "read"]

WORDS = {"exp": 1, "log": 1, "sqrt": 1, "power": 2, "minimum": 2, "maximum": 2, "positive": 1, "within": 3, "where": 3,
         "share": 3}
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_LOGIC = (ast.BitAnd, ast.BitOr)
_RELATIONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True, slots=True)
class Body:
    """An equation taken apart: its arguments, local assignments in order, and the expression it returns."""

    args: tuple[str, ...]
    local: tuple[tuple[str, ast.expr], ...]
    result: ast.expr


def read(text: str, name: str, where: str) -> Body:
    """Take the source of an equation apart.

    Errors: ModelError for anything outside the language, UnknownNameError for a name that is neither an argument nor
    an earlier local; both begin with ``where`` (file:line) and the equation's name.

    >>> read("def total(a, b): return a + b", "total", "power.py:3").args
    ('a', 'b')
    >>> read("def total(a): return a ** 2", "total", "power.py:3")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    supercycle.core.errors.ModelError: power.py:3 total: `a ** 2` is not in the language of equations...
    """
    return _Reader(f"{where} {name}").body(text)


def is_condition(node: ast.expr, truths: Set[str]) -> bool:
    """Whether an expression is true or false rather than a number; ``truths`` are the locals that are."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, _LOGIC)
    if isinstance(node, ast.Name):
        return node.id in truths
    return isinstance(node, ast.Compare) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert))


class _Reader:
    def __init__(self, where: str) -> None:
        self.where = where
        self.args: tuple[str, ...] = ()
        self.known: set[str] = set()
        self.truths: set[str] = set()

    def refuse(self, node: ast.AST, hint: str) -> ModelError:
        return ModelError(f"`{_short(node)}` is not in the language of equations", where=self.where, hint=hint)

    def body(self, text: str) -> Body:
        tree = ast.parse(text).body
        if len(tree) != 1 or not isinstance(tree[0], ast.FunctionDef):
            raise ModelError("an equation is one function (def)", where=self.where)
        function = tree[0]
        a = function.args
        if a.defaults or a.kw_defaults or a.vararg or a.kwarg or a.kwonlyargs or a.posonlyargs:
            raise ModelError("arguments are plain names without defaults", where=self.where)
        args = tuple(x.arg for x in a.args)
        for arg in args:
            self.free(arg, function)
        self.known, self.args = set(args), args
        statements = function.body
        if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
            statements = statements[1:]  # the docstring
        local: list[tuple[str, ast.expr]] = []
        for statement in statements[:-1]:
            local.append(self.assignment(statement))
        if not statements or not isinstance(statements[-1], ast.Return) or statements[-1].value is None:
            raise ModelError("an equation ends with one return of a value", where=self.where)
        self.expression(statements[-1].value)
        return Body(args, tuple(local), statements[-1].value)

    def assignment(self, statement: ast.stmt) -> tuple[str, ast.expr]:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise self.refuse(statement, "Write local assignments (name = expression), then one return")
        target = statement.targets[0]
        if not isinstance(target, ast.Name):
            raise self.refuse(statement, "Assign to one plain name")
        if target.id in self.args:
            raise self.refuse(statement, f"{target.id} is an argument: choose a new name")
        self.free(target.id, statement)
        self.expression(statement.value)
        truth = is_condition(statement.value, self.truths)
        if target.id in self.known and truth != (target.id in self.truths):
            raise self.refuse(statement, f"{target.id} is a number here and a condition there: choose a new name")
        self.known.add(target.id)
        if truth:
            self.truths.add(target.id)
        return target.id, statement.value

    def free(self, name: str, node: ast.AST) -> None:
        if name in WORDS or name.startswith("_"):
            raise self.refuse(node, f"{name} is a reserved name")

    def expression(self, node: ast.expr) -> None:
        match node:
            case ast.Constant(value=bool()) | ast.Constant(value=str()):
                raise self.refuse(node, "Only numbers may be written out")
            case ast.Constant(value=int() | float()):
                return
            case ast.Name(id=name):
                if name not in self.known:
                    raise UnknownNameError(f"name in {self.where}", name, self.known)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=x):
                if is_condition(x, self.truths):
                    raise self.refuse(node, "Turn a condition into a number with where(condition, x, y)")
                self.expression(x)
            case ast.UnaryOp(op=ast.Invert(), operand=x):
                self.condition(x)
            case ast.BinOp(left=x, op=op, right=y):
                self.operation(node, x, op, y)
            case ast.Compare(left=x, ops=[op], comparators=[y]) if isinstance(op, _RELATIONS):
                self.expression(x)
                self.expression(y)
                if not any(isinstance(n, ast.Name) and n.id in self.known for n in ast.walk(node)):
                    raise self.refuse(node, "Compare at least one named value")
            case ast.Compare():
                raise self.refuse(node, "Compare two values at a time and join with &")
            case ast.Call(func=ast.Name(id=word), args=values, keywords=[]) if word in WORDS:
                if len(values) != WORDS[word]:
                    raise self.refuse(node, f"{word} takes {WORDS[word]} value(s)")
                for value in values:
                    self.expression(value)
            case ast.Call(func=ast.Name(id=word)) if word not in WORDS:
                raise UnknownNameError(f"word in {self.where}", word, WORDS)
            case ast.IfExp() | ast.BoolOp():
                raise self.refuse(node, "Use where(condition, x, y), & and |")
            case _:
                raise self.refuse(node, "Only numbers, names, + - * /, comparisons and the words of functions.py are")

    def operation(self, node: ast.expr, x: ast.expr, op: ast.operator, y: ast.expr) -> None:
        if isinstance(op, _LOGIC):
            self.condition(x)
            self.condition(y)
        elif isinstance(op, _ARITHMETIC):
            if is_condition(x, self.truths) and is_condition(y, self.truths):
                raise self.refuse(node, "Turn one condition into a number with where(condition, x, y)")
            self.expression(x)
            self.expression(y)
        else:
            raise self.refuse(node, "Write x * x or power(x, y)" if isinstance(op, ast.Pow) else "Use + - * /")

    def condition(self, node: ast.expr) -> None:
        if not is_condition(node, self.truths):
            raise self.refuse(node, "& | ~ join comparisons")
        self.expression(node)


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."

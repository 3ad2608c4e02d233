"""An equation of the model as Typst mathematics, from its source text and by its grammar alone.

A name stays the name that the code and ``supercycle explain`` use; ``x_prev`` is x a quarter ago, ``x_prev4`` four
quarters ago, ``x_left`` the member before on the axis. What the grammar of equations does not have is refused, so a new
word cannot be printed wrongly.
"""

from __future__ import annotations

import ast
import re
import textwrap

__all__ = ["equation", "quoted"]

LAGGED = re.compile(r"^(?P<name>.+?)(?P<left>_left)?(?:_prev(?P<lag>\d*))?$")
OPERATORS = {ast.Add: " + ", ast.Sub: " - ", ast.Mult: " thin dot.op thin "}
RELATIONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "=", ast.NotEq: "!="}
# Binding strength: what stands inside something stronger needs brackets.
SUM, PRODUCT, ATOM = 1, 2, 3


def equation(source: str, name: str) -> list[str]:
    """The lines of an equation: its local names first, then ``name`` itself, each ready to stand between dollars.

    ``source`` is the text of the function. Errors: ValueError for anything outside the grammar of equations.

    >>> equation("def price(spot, discount): return spot * discount", "price")
    ['#v("price") = #v("spot") thin dot.op thin #v("discount")']
    >>> equation("def debt(debt_prev, due): return debt_prev - due", "debt")
    ['#v("debt") = #v("debt")_(t-1) - #v("due")']
    """
    function = ast.parse(textwrap.dedent(source)).body[0]
    if not isinstance(function, ast.FunctionDef):
        raise ValueError(f"not a function: {source[:60]!r}")
    lines: list[str] = []
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=local)], value=value):
                lines.append(f"{_name(local)} = {_shown(value)[0]}")
            case ast.Return(value=ast.expr() as value):
                lines.append(f"{_name(name)} = {_shown(value)[0]}")
            case _:
                raise ValueError(f"not in the grammar of equations: {ast.unparse(statement)}")
    return lines


def quoted(text: str) -> str:
    """Text as a Typst string: nothing in it is read as markup."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name(id: str) -> str:
    parts = LAGGED.match(id)
    assert parts  # the pattern fits every name
    below = ["m-1"] if parts["left"] else []
    below += [] if parts["lag"] is None else [f"t-{parts['lag'] or 1}"]
    return f"#v({quoted(parts['name'])})" + (f"_({', '.join(below)})" if below else "")


def _within(node: ast.expr, least: int) -> str:
    text, strength = _shown(node)
    return text if strength >= least else f"lr(({text}))"


def _shown(node: ast.expr) -> tuple[str, int]:
    """The mathematics of an expression and how strongly its outermost part binds."""
    match node:
        case ast.Constant(value=bool()) | ast.Constant(value=str()):
            raise ValueError(f"not in the grammar of equations: {ast.unparse(node)}")
        case ast.Constant(value=int() | float() as number):
            return f"{number:g}", ATOM
        case ast.Name(id=id):
            return _name(id), ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_within(operand, PRODUCT)}", SUM
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return f"not {_within(operand, ATOM)}", PRODUCT
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return f"frac({_shown(left)[0]}, {_shown(right)[0]})", ATOM
        case ast.BinOp(left=left, op=ast.Mult() as op, right=right):
            return _within(left, PRODUCT) + OPERATORS[type(op)] + _within(right, PRODUCT), PRODUCT
        case ast.BinOp(left=left, op=ast.Add() as op, right=right):
            return _shown(left)[0] + OPERATORS[type(op)] + _within(right, SUM), SUM
        case ast.BinOp(left=left, op=ast.Sub() as op, right=right):
            return _shown(left)[0] + OPERATORS[type(op)] + _within(right, PRODUCT), SUM
        case ast.BinOp(left=left, op=ast.BitAnd() | ast.BitOr() as op, right=right):
            word = "and" if isinstance(op, ast.BitAnd) else "or"
            return f"{_within(left, PRODUCT)} {word} {_within(right, PRODUCT)}", SUM
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return f"{_shown(left)[0]} {RELATIONS[type(op)]} {_shown(right)[0]}", SUM
        case ast.Call(func=ast.Name(id=word), args=args):
            return _word(word, args), ATOM
        case _:
            raise ValueError(f"not in the grammar of equations: {ast.unparse(node)}")


def _word(word: str, args: list[ast.expr]) -> str:
    """A word of the language: the field's sign where there is one, else its name with its arguments."""
    shown = [_shown(one)[0] for one in args]
    match word, shown:
        case "exp" | "log", [x]:
            return f"{word} lr(({x}))"
        case "sqrt", [x]:
            return f"sqrt({x})"
        case "power", [_, exponent]:
            return f"{_within(args[0], ATOM)}^({exponent})"
        case "maximum" | "minimum", [a, b]:
            return f"{word[:3]} lr(({a}, {b}))"
        case "positive", [x]:
            return f"max lr((0, {x}))"
        case "where", [condition, yes, no]:
            return f"cases({yes} quad & {quoted('if ')} {condition}, {no} & {quoted('else')})"
        case "total", [x]:
            return f"sum {_within(args[0], PRODUCT)}"
        case _:
            return f'op("{word}") lr(({", ".join(shown)}))'

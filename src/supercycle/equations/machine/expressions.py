"""An equation's syntax tree as instructions on lanes.

Numbers are doubles, conditions are truth values; a condition where a number is due counts 1 or 0. Each word means what
``functions`` says on arrays: the smaller of two is NaN if either is, ``share`` divides only where the whole is above
zero, comparisons with NaN are false except ``!=``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from supercycle.equations.grammar import Body
from supercycle.equations.machine import mathematics
from supercycle.equations.machine.ir import Function

__all__ = ["Value", "evaluate", "expression"]

_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_RELATIONS: dict[type[ast.cmpop], str] = {ast.Lt: "olt", ast.LtE: "ole", ast.Gt: "ogt", ast.GtE: "oge", ast.Eq: "oeq", ast.NotEq: "une"}


@dataclass(frozen=True, slots=True)
class Value:
    """An operand, and whether it is a condition."""

    operand: str
    is_condition: bool = False

    def number(self, f: Function) -> str:
        """The operand as a number."""
        return f.as_number(self.operand) if self.is_condition else self.operand

    def truth(self, f: Function) -> str:
        """The operand as a condition; a number holds where it is not zero."""
        return self.operand if self.is_condition else f.compare("une", self.operand, f.number(0.0))


def evaluate(f: Function, body: Body, arguments: Mapping[str, str]) -> str:
    """The number an equation returns, from the operands of its arguments."""
    names = {name: Value(operand) for name, operand in arguments.items()}
    for name, node in body.local:
        names[name] = expression(f, node, names)
    return expression(f, body.result, names).number(f)


def expression(f: Function, node: ast.expr, names: Mapping[str, Value]) -> Value:
    """Write one expression; ``names`` has everything it reads (``grammar.read`` saw to that)."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return Value(f.number(float(number)))
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=ast.UAdd(), operand=x):
            return expression(f, x, names)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return Value(f.number(-float(number)))
        case ast.UnaryOp(op=ast.USub(), operand=x):
            return Value(f.fneg(expression(f, x, names).number(f)))
        case ast.UnaryOp(op=ast.Invert(), operand=x):
            return Value(f.negate(expression(f, x, names).truth(f)), True)
        case ast.BinOp(left=x, op=ast.BitAnd() | ast.BitOr() as op, right=y):
            word = "and" if isinstance(op, ast.BitAnd) else "or"
            return Value(f.logic(word, expression(f, x, names).truth(f), expression(f, y, names).truth(f)), True)
        case ast.BinOp(left=x, op=op, right=y):
            method = getattr(f, _ARITHMETIC[type(op)])
            return Value(method(expression(f, x, names).number(f), expression(f, y, names).number(f)))
        case ast.Compare(left=x, ops=[op], comparators=[y]):
            left, right = expression(f, x, names).number(f), expression(f, y, names).number(f)
            return Value(f.compare(_RELATIONS[type(op)], left, right), True)
        case ast.Call(func=ast.Name(id=word), args=args):
            return Value(_word(f, word, [expression(f, a, names) for a in args]))
        case _:
            raise AssertionError(ast.dump(node))  # grammar.read lets nothing else through


def _word(f: Function, word: str, values: list[Value]) -> str:
    if word == "where":
        return f.select(values[0].truth(f), values[1].number(f), values[2].number(f))
    x, *more = [value.number(f) for value in values]
    match word:
        case "exp":
            return mathematics.exp(f, x)
        case "log":
            return mathematics.log(f, x)
        case "sqrt":
            return mathematics.square_root(f, x)
        case "power":
            return mathematics.power(f, x, more[0])
        case "minimum":
            return mathematics.smaller(f, x, more[0])
        case "maximum":
            return mathematics.larger(f, x, more[0])
        case "positive":  # NaN stays
            return f.select(f.compare("ogt", f.number(0.0), x), f.number(0.0), x)
        case "within":
            return mathematics.smaller(f, mathematics.larger(f, x, more[0]), more[1])
        case "share":
            above = f.compare("ogt", more[0], f.number(0.0))
            return f.select(above, f.fdiv(x, f.select(above, more[0], f.number(1.0))), more[1])
        case _:
            raise AssertionError(word)

"""What a generated kernel is written in: numbers that are one double, or eight doubles side by side.

``Lanes`` is eight paths at once. Arithmetic on it is a vector instruction by construction, so a tile cannot lose its
vectorisation without a word, as a loop can that the compiler declines to vectorise. The same generated source
compiles to the scalar kernel when ``load`` gives a double and to the tile kernel when it gives ``Lanes``.

Imported by generated kernels only (it imports numba).
"""

# llvmlite and numba publish no types: what they make is Any here.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownLambdaType=false, reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

from supercycle.equations.kernels import math as kernel_math

__all__ = ["LANES", "SIGNATURE", "any_lane", "both", "call", "either", "exp", "load", "load_lanes", "log",
           "maximum", "minimum", "move", "negate", "number", "number_lanes", "positive", "power",
           "select", "share", "spoil", "sqrt", "store", "store_lanes", "within"]

LANES = 8
POINTER = types.CPointer(types.float64)
SIGNATURE = types.float64(POINTER, types.float64)  # a block: (rows, t) -> 0
_DOUBLE, _VECTOR = ir.DoubleType(), ir.VectorType(ir.DoubleType(), LANES)
_BIT, _BITS = ir.IntType(1), ir.VectorType(ir.IntType(1), LANES)


class _Lanes(types.Type):
    """Eight doubles."""

    def __init__(self) -> None:
        super().__init__(name="lanes")


class _Mask(types.Type):
    """Eight truth values."""

    def __init__(self) -> None:
        super().__init__(name="mask")


lanes, mask = _Lanes(), _Mask()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _VECTOR)


@register_model(_Mask)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _BITS)


def _spread(b: Any, value: Any, vector: Any) -> Any:
    """A scalar in every lane."""
    first = b.insert_element(ir.Constant(vector, ir.Undefined), value, ir.Constant(ir.IntType(32), 0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return b.shuffle_vector(first, ir.Constant(vector, ir.Undefined), order)


def _as_number(context: Any, b: Any, value: Any, kind: Any, wide: bool) -> Any:
    if kind is lanes:
        return value
    if kind is mask:
        return b.uitofp(value, _VECTOR)
    value = context.cast(b, value, kind, types.float64)
    return _spread(b, value, _VECTOR) if wide else value


def _as_truth(context: Any, b: Any, value: Any, kind: Any, wide: bool) -> Any:
    if kind is mask:
        return value
    if kind is lanes:
        return b.fcmp_unordered("!=", value, ir.Constant(_VECTOR, [0.0] * LANES))
    if not isinstance(kind, types.Boolean):
        return _widen(b, b.fcmp_unordered("!=", context.cast(b, value, kind, types.float64), ir.Constant(_DOUBLE, 0.0)),
                      wide)
    bit = value if value.type == _BIT else b.trunc(value, _BIT)
    return _widen(b, bit, wide)


def _widen(b: Any, bit: Any, wide: bool) -> Any:
    return _spread(b, bit, _BITS) if wide else bit


def _is_wide(*kinds: Any) -> bool:
    return any(k is lanes or k is mask for k in kinds)


def _operator(word: Any, method: str, relation: str) -> None:
    """Give Python's operator its meaning on lanes (numba knows it on doubles)."""
    answer = mask if relation else lanes

    def known(_context: Any) -> Any:
        def typer(x: Any, y: Any) -> Any:
            return answer if x is lanes or y is lanes else None
        return typer

    def lower(context: Any, b: Any, signature: Any, args: Any) -> Any:
        x, y = (_as_number(context, b, v, k, True) for v, k in zip(args, signature.args, strict=True))
        if not relation:
            return getattr(b, method)(x, y)
        # Only != holds of numbers that cannot be compared, as in NumPy.
        return b.fcmp_unordered(relation, x, y) if relation == "!=" else b.fcmp_ordered(relation, x, y)

    type_callable(word)(known)
    for pair in ((lanes, lanes), (lanes, types.Float), (types.Float, lanes), (lanes, types.Integer),
                 (types.Integer, lanes)):
        lower_builtin(word, *pair)(lower)


for _sign, _method in ((operator.add, "fadd"), (operator.sub, "fsub"), (operator.mul, "fmul"),
                       (operator.truediv, "fdiv")):
    _operator(_sign, _method, "")
for _sign, _relation in ((operator.lt, "<"), (operator.le, "<="), (operator.gt, ">"), (operator.ge, ">="),
                         (operator.eq, "=="), (operator.ne, "!=")):
    _operator(_sign, "", _relation)


@type_callable(operator.neg)
def _type_negative(_context: Any) -> Any:
    return lambda x: lanes if x is lanes else None  # type: ignore[misc]


@lower_builtin(operator.neg, lanes)
def _lower_negative(_context: Any, b: Any, _signature: Any, args: Any) -> Any:
    return b.fneg(args[0])


def _word(count: int, build: Any, name: str) -> Any:
    """A word of the language on doubles and on lanes; ``build`` writes its instructions."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        wide = _is_wide(*signature.args)
        return build(b, *(_as_number(context, b, v, k, wide) for v, k in zip(args, signature.args, strict=True)))

    def answer(kinds: Any) -> Any:
        return lanes if _is_wide(*kinds) else types.float64

    def one(_typing: Any, x: Any) -> Any:
        return answer((x,))(x), codegen

    def two(_typing: Any, x: Any, y: Any) -> Any:
        return answer((x, y))(x, y), codegen

    def three(_typing: Any, x: Any, y: Any, z: Any) -> Any:
        return answer((x, y, z))(x, y, z), codegen

    made = (one, two, three)[count - 1]
    made.__name__ = made.__qualname__ = name
    return intrinsic(made)


def _zero(x: Any) -> Any:
    return ir.Constant(x.type, [0.0] * LANES if x.type == _VECTOR else 0.0)


def _one(x: Any) -> Any:
    return ir.Constant(x.type, [1.0] * LANES if x.type == _VECTOR else 1.0)


def _share(b: Any, part: Any, whole: Any, otherwise: Any) -> Any:
    above = b.fcmp_ordered(">", whole, _zero(whole))
    return b.select(above, b.fdiv(part, b.select(above, whole, _one(whole))), otherwise)


exp = _word(1, kernel_math.exp, "exp")
log = _word(1, kernel_math.log, "log")
sqrt = _word(1, kernel_math.square_root, "sqrt")
power = _word(2, kernel_math.power, "power")
minimum = _word(2, kernel_math.smaller, "minimum")
maximum = _word(2, kernel_math.larger, "maximum")
positive = _word(1, lambda b, x: b.select(b.fcmp_ordered(">", _zero(x), x), _zero(x), x), "positive")  # NaN stays
within = _word(3, lambda b, x, low, high: kernel_math.smaller(b, kernel_math.larger(b, x, low), high), "within")
share = _word(3, _share, "share")
number = _word(1, lambda _b, x: x, "number")  # a condition as 1 or 0
spoil = _word(2, lambda b, sum, x: kernel_math.fused(b, x, _zero(x), sum), "spoil")  # NaN from the first x not finite


@intrinsic
def number_lanes(_typing: Any, x: Any) -> Any:
    """A number or a condition in every lane."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        return _as_number(context, b, args[0], signature.args[0], True)

    return lanes(x), codegen


@intrinsic
def select(_typing: Any, condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y; a number holds when it is not zero."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        wide = _is_wide(*signature.args)
        return b.select(_as_truth(context, b, args[0], signature.args[0], wide),
                        _as_number(context, b, args[1], signature.args[1], wide),
                        _as_number(context, b, args[2], signature.args[2], wide))

    return (lanes if _is_wide(condition, x, y) else types.float64)(condition, x, y), codegen


def _logical(method: str, name: str) -> Any:
    def both(_typing: Any, x: Any, y: Any) -> Any:
        def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
            wide = _is_wide(*signature.args)
            return getattr(b, method)(*(_as_truth(context, b, v, k, wide)
                                        for v, k in zip(args, signature.args, strict=True)))
        return (mask if _is_wide(x, y) else types.boolean)(x, y), codegen

    both.__name__ = both.__qualname__ = name
    return intrinsic(both)


both, either = _logical("and_", "both"), _logical("or_", "either")


@intrinsic
def negate(_typing: Any, x: Any) -> Any:
    """Not x."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        wide = _is_wide(*signature.args)
        return b.not_(_as_truth(context, b, args[0], signature.args[0], wide))

    return (mask if _is_wide(x) else types.boolean)(x), codegen


@intrinsic
def any_lane(_typing: Any, x: Any) -> Any:
    """Whether a condition holds anywhere."""

    def codegen(_context: Any, b: Any, signature: Any, args: Any) -> Any:
        if signature.args[0] is not mask:
            return args[0]
        bits = b.bitcast(args[0], ir.IntType(LANES))
        return b.icmp_unsigned("!=", bits, ir.Constant(ir.IntType(LANES), 0))

    return types.boolean(x), codegen


@intrinsic
def load(_typing: Any, rows: Any, index: Any) -> Any:
    """One double from the rows of a path."""

    def codegen(_context: Any, b: Any, _signature: Any, args: Any) -> Any:
        return b.load(b.gep(args[0], [args[1]]))

    return types.float64(rows, index), codegen


@intrinsic
def load_lanes(_typing: Any, rows: Any, index: Any) -> Any:
    """Eight doubles, side by side, from the rows of a tile."""

    def codegen(_context: Any, b: Any, _signature: Any, args: Any) -> Any:
        return b.load(b.bitcast(b.gep(args[0], [args[1]]), _VECTOR.as_pointer()), align=8)

    return lanes(rows, index), codegen


@intrinsic
def store(_typing: Any, rows: Any, index: Any, value: Any) -> Any:
    """Write one double to the rows of a path."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        b.store(_as_number(context, b, args[2], signature.args[2], False), b.gep(args[0], [args[1]]))
        return context.get_dummy_value()

    return types.void(rows, index, value), codegen


@intrinsic
def store_lanes(_typing: Any, rows: Any, index: Any, value: Any) -> Any:
    """Write eight doubles (or one, eight times) to the rows of a tile."""

    def codegen(context: Any, b: Any, signature: Any, args: Any) -> Any:
        place = b.bitcast(b.gep(args[0], [args[1]]), _VECTOR.as_pointer())
        b.store(_as_number(context, b, args[2], signature.args[2], True), place, align=8)
        return context.get_dummy_value()

    return types.void(rows, index, value), codegen


@intrinsic
def call(_typing: Any, address: Any, rows: Any, t: Any) -> Any:
    """Call the compiled block at an address."""

    def codegen(_context: Any, b: Any, _signature: Any, args: Any) -> Any:
        pointer = _DOUBLE.as_pointer()
        kind = ir.FunctionType(_DOUBLE, [pointer, _DOUBLE])
        function = b.inttoptr(args[0], kind.as_pointer())
        return b.call(function, [b.inttoptr(args[1], pointer), args[2]])

    return types.float64(address, rows, t), codegen


@intrinsic
def move(_typing: Any, target: Any, source: Any, count: Any) -> Any:
    """Copy doubles from one address to another; the two do not overlap."""

    def codegen(context: Any, b: Any, _signature: Any, args: Any) -> Any:
        to, origin = (b.inttoptr(a, ir.IntType(8).as_pointer()) for a in args[:2])
        cgutils.raw_memcpy(b, to, origin, args[2], 8)
        return context.get_dummy_value()

    return types.void(target, source, count), codegen

"""exp, log and power as straight-line code that works on one number or on eight at once.

A compiler vectorises arithmetic but not a call of the C library, and ``fastmath`` reorders a polynomial until it is
wrong. So the three functions are written out here, with every fused multiply-add explicit and nothing left to
reorder. Each builder takes a double or a vector of doubles and answers in kind. Accuracy (tests/laws measures it):
exp and log within 2 units in the last place, power within 1e-15 relative, over the whole range; infinities, zeros,
subnormal numbers and not-a-number as in the C library.

Sources: exp by reduction to |r| <= log(2)/2 and its Taylor series (the term r^14/14! is below 1e-17); log after
K. C. Ng in FreeBSD's e_log.c (1993); power by carrying log in two doubles (T. J. Dekker, Numer. Math. 18, 1971).
"""

# llvmlite and numba publish no types: what they make is Any here.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportUnknownLambdaType=false, reportUnknownParameterType=false, reportMissingTypeStubs=false

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from llvmlite import ir

__all__ = ["exp", "fused", "larger", "log", "power", "smaller", "square_root"]

_INTEGER = 6755399441055744.0  # 1.5 * 2**52: adding it leaves a double's nearest whole number in its low bits
_LOG2_E = 1.4426950408889634
_LN2, _LN2_REST = 0.6931471805599453, 2.3190468138462996e-17  # log 2 in two doubles
_LN2_SHORT, _LN2_SHORT_REST = 6.93147180369123816490e-01, 1.90821492927058770002e-10  # 32 zero bits: k * it is exact
_EXP = [1.0 / math.factorial(n) for n in range(13, -1, -1)]
_LOG = [1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
        2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01]
_ATANH = [2.0 / (2 * j + 1) for j in range(13, 1, -1)]  # 2 atanh s = 2 s + 2/3 s^3 + s^5 (2/5 + 2/7 s^2 + ...)
_THIRDS, _THIRDS_REST = 0.6666666666666666, 3.700743415417189e-17  # 2/3 in two doubles
_SMALLEST_NORMAL, _LIFT = 2.2250738585072014e-308, 18014398509481984.0  # 2**54
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


def _bits(x: float) -> int:
    return struct.unpack("<q", struct.pack("<d", x))[0]


def _constant(kind: Any, value: float) -> Any:
    """The same number in every lane."""
    return ir.Constant(kind, [value] * kind.count if isinstance(kind, ir.VectorType) else value)


def _whole(kind: Any) -> Any:
    """The integer type as wide as ``kind``."""
    return ir.VectorType(ir.IntType(64), kind.count) if isinstance(kind, ir.VectorType) else ir.IntType(64)


def _intrinsic(b: Any, name: str, args: list[Any]) -> Any:
    kind = args[0].type
    suffix = f"v{kind.count}f64" if isinstance(kind, ir.VectorType) else "f64"
    full, module = f"llvm.{name}.{suffix}", b.module
    known = module.globals.get(full)
    if known is None:
        known = ir.Function(module, ir.FunctionType(kind, [kind] * len(args)), full)
    return b.call(known, args)


def _own(b: Any, name: str, build: Callable[..., Any], args: list[Any]) -> Any:
    """Call ``build`` as a function of its own in the module, written there once."""
    kind = args[0].type
    full = f"supercycle_{name}_{kind.count if isinstance(kind, ir.VectorType) else 1}"
    known = b.module.globals.get(full)
    if known is None:
        known = ir.Function(b.module, ir.FunctionType(kind, [kind] * len(args)), full)
        known.linkage = "internal"
        inner = ir.IRBuilder(known.append_basic_block())
        inner.ret(build(inner, *known.args))
    return b.call(known, args)


def fused(b: Any, x: Any, y: Any, z: Any) -> Any:
    """x * y + z with one rounding."""
    return _intrinsic(b, "fma", [x, y, z])


def square_root(b: Any, x: Any) -> Any:
    """The square root, correctly rounded; NaN below zero."""
    return _intrinsic(b, "sqrt", [x])


def smaller(b: Any, x: Any, y: Any) -> Any:
    """The smaller of two numbers, NaN if either is."""
    return b.select(b.fcmp_unordered("uno", x, x), x, b.select(b.fcmp_ordered("<", x, y), x, y))


def larger(b: Any, x: Any, y: Any) -> Any:
    """The larger of two numbers, NaN if either is."""
    return b.select(b.fcmp_unordered("uno", x, x), x, b.select(b.fcmp_ordered(">", x, y), x, y))


def exp(b: Any, x: Any) -> Any:
    """e to the x."""
    return _own(b, "exp", lambda b, x: _exp(b, x, None), [x])


def log(b: Any, x: Any) -> Any:
    """The natural logarithm: -inf at 0, NaN below."""
    return _own(b, "log", _log, [x])


def power(b: Any, x: Any, y: Any) -> Any:
    """x to the y, as the C library's pow."""
    return _own(b, "power", _power, [x, y])


def _horner(b: Any, coefficients: list[float], x: Any) -> Any:
    total = _constant(x.type, coefficients[0])
    for c in coefficients[1:]:
        total = fused(b, total, x, _constant(x.type, c))
    return total


def _power_of_two(b: Any, n: Any, kind: Any) -> Any:
    whole = n.type
    return b.bitcast(b.shl(b.add(n, _constant(whole, 1023)), _constant(whole, 52)), kind)


def _exp(b: Any, x: Any, rest: Any) -> Any:
    """exp(x + rest), rest being far smaller than x; beyond +-746 the answer is inf or 0 anyway."""
    kind = x.type

    def c(value: float) -> Any:
        return _constant(kind, value)

    x = b.select(b.fcmp_ordered("<", x, c(-746.0)), c(-746.0), x)
    x = b.select(b.fcmp_ordered(">", x, c(710.0)), c(710.0), x)
    shifted = fused(b, x, c(_LOG2_E), c(_INTEGER))
    n = b.fsub(shifted, c(_INTEGER))
    r = fused(b, n, c(-_LN2), x)
    r = fused(b, n, c(-_LN2_REST), r)
    if rest is not None:
        r = b.fadd(r, rest)
    series = _horner(b, _EXP, r)
    whole = _whole(kind)
    exponent = b.sub(b.bitcast(shifted, whole), _constant(whole, _bits(_INTEGER)))
    half = b.ashr(exponent, _constant(whole, 1))  # in two steps, so that neither factor leaves the normal numbers
    series = b.fmul(series, _power_of_two(b, half, kind))
    return b.fmul(series, _power_of_two(b, b.sub(exponent, half), kind))


def _split(b: Any, x: Any) -> tuple[Any, Any]:
    """x > 0 as (m - 1, k) with x = m * 2^k and m between sqrt(1/2) and sqrt(2)."""
    kind, whole = x.type, _whole(x.type)
    small = b.fcmp_ordered("<", x, _constant(kind, _SMALLEST_NORMAL))
    x = b.select(small, b.fmul(x, _constant(kind, _LIFT)), x)
    bits = b.bitcast(x, whole)
    k = b.ashr(b.sub(bits, _constant(whole, _SQRT_HALF_BITS)), _constant(whole, 52))
    m = b.bitcast(b.sub(bits, b.shl(k, _constant(whole, 52))), kind)
    exponent = b.fsub(b.bitcast(b.add(k, _constant(whole, _bits(_INTEGER))), kind), _constant(kind, _INTEGER))
    exponent = b.select(small, b.fsub(exponent, _constant(kind, 54.0)), exponent)
    return b.fsub(m, _constant(kind, 1.0)), exponent


def _log(b: Any, x: Any) -> Any:
    kind = x.type

    def c(value: float) -> Any:
        return _constant(kind, value)

    f, k = _split(b, x)
    s = b.fdiv(f, b.fadd(f, c(2.0)))
    z = b.fmul(s, s)
    tail = b.fmul(z, _horner(b, _LOG, z))
    half_square = b.fmul(b.fmul(c(0.5), f), f)
    small = fused(b, s, b.fadd(half_square, tail), b.fmul(k, c(_LN2_SHORT_REST)))
    value = b.fsub(b.fmul(k, c(_LN2_SHORT)), b.fsub(b.fsub(half_square, small), f))
    value = b.select(b.fcmp_ordered("==", x, c(math.inf)), c(math.inf), value)
    value = b.select(b.fcmp_ordered("==", x, c(0.0)), c(-math.inf), value)
    return b.select(b.fcmp_unordered("<", x, c(0.0)), c(math.nan), value)


def _log_in_two(b: Any, x: Any) -> tuple[Any, Any]:
    """log of a positive finite x as the sum of two doubles, to about 1e-20 of itself."""
    kind = x.type

    def c(value: float) -> Any:
        return _constant(kind, value)

    def rest_of_product(p: Any, q: Any, product: Any) -> Any:
        return fused(b, p, q, b.fneg(product))

    f, k = _split(b, x)
    d = b.fadd(f, c(2.0))
    d_rest = b.fsub(f, b.fsub(d, c(2.0)))
    s = b.fdiv(f, d)
    s_rest = b.fdiv(b.fsub(fused(b, b.fneg(s), d, f), b.fmul(s, d_rest)), d)
    z = b.fmul(s, s)
    z_rest = b.fadd(rest_of_product(s, s, z), b.fmul(b.fmul(c(2.0), s), s_rest))
    tail = b.fmul(z, _horner(b, _ATANH, z))
    factor = b.fadd(c(_THIRDS), tail)
    factor_rest = b.fadd(b.fadd(b.fsub(c(_THIRDS), factor), tail), c(_THIRDS_REST))
    y = b.fmul(z, factor)
    y_rest = b.fadd(rest_of_product(z, factor, y), b.fadd(b.fmul(z, factor_rest), b.fmul(z_rest, factor)))
    cube = b.fmul(s, y)
    cube_rest = b.fadd(rest_of_product(s, y, cube), b.fadd(b.fmul(s, y_rest), b.fmul(s_rest, y)))
    high, twice = b.fmul(k, c(_LN2_SHORT)), b.fmul(c(2.0), s)
    first = b.fadd(high, twice)
    first_rest = b.fsub(twice, b.fsub(first, high))
    second = b.fadd(first, cube)
    second_rest = b.fsub(cube, b.fsub(second, first))
    rest = b.fadd(b.fmul(c(2.0), s_rest), cube_rest)
    rest = b.fadd(rest, b.fadd(second_rest, b.fadd(first_rest, b.fmul(k, c(_LN2_SHORT_REST)))))
    value = b.fadd(second, rest)
    return value, b.fsub(rest, b.fsub(value, second))


def _power(b: Any, x: Any, y: Any) -> Any:
    kind = x.type

    def c(value: float) -> Any:
        return _constant(kind, value)

    size = _intrinsic(b, "fabs", [x])
    logarithm, logarithm_rest = _log_in_two(b, size)
    exponent = b.fmul(y, logarithm)
    rest = fused(b, y, logarithm_rest, fused(b, y, logarithm, b.fneg(exponent)))
    inside = b.fcmp_ordered("<", _intrinsic(b, "fabs", [exponent]), c(800.0))
    value = _exp(b, exponent, b.select(inside, rest, c(0.0)))
    grows = b.fcmp_ordered(">", y, c(0.0))
    value = b.select(b.fcmp_ordered("==", size, c(0.0)), b.select(grows, c(0.0), c(math.inf)), value)
    value = b.select(b.fcmp_ordered("==", size, c(math.inf)), b.select(grows, c(math.inf), c(0.0)), value)
    half = b.fmul(y, c(0.5))
    odd = b.fcmp_ordered("!=", _intrinsic(b, "floor", [half]), half)
    whole = b.fcmp_ordered("==", _intrinsic(b, "floor", [y]), y)
    signed = b.select(whole, b.select(odd, b.fneg(value), value), c(math.nan))
    value = b.select(b.fcmp_ordered("<", x, c(0.0)), signed, value)
    value = b.select(b.fcmp_unordered("uno", x, y), c(math.nan), value)
    value = b.select(b.fcmp_ordered("==", y, c(0.0)), c(1.0), value)
    return b.select(b.fcmp_ordered("==", x, c(1.0)), c(1.0), value)

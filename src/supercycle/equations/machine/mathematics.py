"""exp, log and power as straight-line code on lanes of doubles.

A compiler vectorises arithmetic but not a call of the C library, and ``fastmath`` reorders a polynomial until it is
wrong. So the three functions are written out here, with every fused multiply-add explicit and nothing left to
reorder. Accuracy (tests/laws measures it): exp and log within 2 units in the last place, power within 1e-15 relative,
over the whole range; infinities, zeros, subnormal numbers and not-a-number as in the C library. On a target without a
fused multiply-add (wasm) exp and log lose another unit or two, and power splits its factors to keep its accuracy.

Sources: exp by reduction to |r| <= log(2)/2 and its Taylor series (the term r^14/14! is below 1e-17); log after
K. C. Ng in FreeBSD's e_log.c (1993); power by carrying log in two doubles, splitting after Veltkamp
(T. J. Dekker, Numer. Math. 18, 1971).
"""

from __future__ import annotations

import math

from supercycle.equations.machine.ir import Function, bits_of

__all__ = ["exp", "larger", "log", "power", "smaller", "square_root"]

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
_SPLITTER = 134217729.0  # 2**27 + 1


def square_root(f: Function, x: str) -> str:
    """The square root, correctly rounded; NaN below zero."""
    return f.call("sqrt", x)


def smaller(f: Function, x: str, y: str) -> str:
    """The smaller of two numbers, NaN if either is."""
    return f.select(f.compare("uno", x, x), x, f.select(f.compare("olt", x, y), x, y))


def larger(f: Function, x: str, y: str) -> str:
    """The larger of two numbers, NaN if either is."""
    return f.select(f.compare("uno", x, x), x, f.select(f.compare("ogt", x, y), x, y))


def exp(f: Function, x: str) -> str:
    """e to the x."""
    return f.module.own("exp_lanes", _exp, [x], f)


def log(f: Function, x: str) -> str:
    """The natural logarithm: -inf at 0, NaN below."""
    return f.module.own("log_lanes", _log, [x], f)


def power(f: Function, x: str, y: str) -> str:
    """x to the y, as the C library's pow."""
    return f.module.own("power_lanes", _power, [x, y], f)


def _horner(f: Function, coefficients: list[float], x: str) -> str:
    total = f.number(coefficients[0])
    for c in coefficients[1:]:
        total = f.fused(total, x, f.number(c))
    return total


def _power_of_two(f: Function, n: str) -> str:
    return f.to_double(f.whole_op("shl", f.whole_op("add", n, f.integer(1023)), f.integer(52)))


def _exp(f: Function, x: str, rest: str = "") -> str:
    """exp(x + rest), rest being far smaller than x; beyond +-746 the answer is inf or 0 anyway."""
    c = f.number
    x = f.select(f.compare("olt", x, c(-746.0)), c(-746.0), x)
    x = f.select(f.compare("ogt", x, c(710.0)), c(710.0), x)
    shifted = f.fused(x, c(_LOG2_E), c(_INTEGER))
    n = f.fsub(shifted, c(_INTEGER))
    if f.module.has_fma:
        r = f.fused(n, c(-_LN2_REST), f.fused(n, c(-_LN2), x))
    else:  # n times the short log 2 is exact, so nothing is lost without a fused operation
        r = f.fsub(f.fsub(x, f.fmul(n, c(_LN2_SHORT))), f.fmul(n, c(_LN2_SHORT_REST)))
    if rest:
        r = f.fadd(r, rest)
    series = _horner(f, _EXP, r)
    exponent = f.whole_op("sub", f.to_whole(shifted), f.integer(bits_of(_INTEGER)))
    half = f.whole_op("ashr", exponent, f.integer(1))  # in two steps, so that neither factor leaves the normal numbers
    series = f.fmul(series, _power_of_two(f, half))
    return f.fmul(series, _power_of_two(f, f.whole_op("sub", exponent, half)))


def _split(f: Function, x: str) -> tuple[str, str]:
    """x > 0 as (m - 1, k) with x = m * 2^k and m between sqrt(1/2) and sqrt(2)."""
    c = f.number
    small = f.compare("olt", x, c(_SMALLEST_NORMAL))
    x = f.select(small, f.fmul(x, c(_LIFT)), x)
    bits = f.to_whole(x)
    k = f.whole_op("ashr", f.whole_op("sub", bits, f.integer(_SQRT_HALF_BITS)), f.integer(52))
    m = f.to_double(f.whole_op("sub", bits, f.whole_op("shl", k, f.integer(52))))
    exponent = f.fsub(f.to_double(f.whole_op("add", k, f.integer(bits_of(_INTEGER)))), c(_INTEGER))
    exponent = f.select(small, f.fsub(exponent, c(54.0)), exponent)
    return f.fsub(m, c(1.0)), exponent


def _log(f: Function, x: str) -> str:
    c = f.number
    m, k = _split(f, x)
    s = f.fdiv(m, f.fadd(m, c(2.0)))
    z = f.fmul(s, s)
    tail = f.fmul(z, _horner(f, _LOG, z))
    half_square = f.fmul(f.fmul(c(0.5), m), m)
    small = f.fused(s, f.fadd(half_square, tail), f.fmul(k, c(_LN2_SHORT_REST)))
    value = f.fsub(f.fmul(k, c(_LN2_SHORT)), f.fsub(f.fsub(half_square, small), m))
    value = f.select(f.compare("oeq", x, c(math.inf)), c(math.inf), value)
    value = f.select(f.compare("oeq", x, c(0.0)), c(-math.inf), value)
    return f.select(f.compare("ult", x, c(0.0)), c(math.nan), value)


def _rest_of_product(f: Function, p: str, q: str, product: str) -> str:
    """What rounding took from p * q."""
    if f.module.has_fma:
        return f.fused(p, q, f.fneg(product))
    (p_high, p_low), (q_high, q_low) = _halves(f, p), _halves(f, q)
    rest = f.fsub(f.fmul(p_high, q_high), product)
    rest = f.fadd(f.fadd(rest, f.fmul(p_high, q_low)), f.fmul(p_low, q_high))
    return f.fadd(rest, f.fmul(p_low, q_low))


def _halves(f: Function, x: str) -> tuple[str, str]:
    """x as the sum of two numbers of 26 bits."""
    wide = f.fmul(x, f.number(_SPLITTER))
    high = f.fsub(wide, f.fsub(wide, x))
    return high, f.fsub(x, high)


def _log_in_two(f: Function, x: str) -> tuple[str, str]:
    """log of a positive finite x as the sum of two doubles, to about 1e-20 of itself."""
    c = f.number
    m, k = _split(f, x)
    d = f.fadd(m, c(2.0))
    d_rest = f.fsub(m, f.fsub(d, c(2.0)))
    s = f.fdiv(m, d)
    product = f.fmul(s, d)
    remainder = f.fsub(f.fsub(m, product), _rest_of_product(f, s, d, product))
    if f.module.has_fma:
        remainder = f.fused(f.fneg(s), d, m)
    s_rest = f.fdiv(f.fsub(remainder, f.fmul(s, d_rest)), d)
    z = f.fmul(s, s)
    z_rest = f.fadd(_rest_of_product(f, s, s, z), f.fmul(f.fmul(c(2.0), s), s_rest))
    tail = f.fmul(z, _horner(f, _ATANH, z))
    factor = f.fadd(c(_THIRDS), tail)
    factor_rest = f.fadd(f.fadd(f.fsub(c(_THIRDS), factor), tail), c(_THIRDS_REST))
    y = f.fmul(z, factor)
    y_rest = f.fadd(_rest_of_product(f, z, factor, y), f.fadd(f.fmul(z, factor_rest), f.fmul(z_rest, factor)))
    cube = f.fmul(s, y)
    cube_rest = f.fadd(_rest_of_product(f, s, y, cube), f.fadd(f.fmul(s, y_rest), f.fmul(s_rest, y)))
    high, twice = f.fmul(k, c(_LN2_SHORT)), f.fmul(c(2.0), s)
    first = f.fadd(high, twice)
    first_rest = f.fsub(twice, f.fsub(first, high))
    second = f.fadd(first, cube)
    second_rest = f.fsub(cube, f.fsub(second, first))
    rest = f.fadd(f.fmul(c(2.0), s_rest), cube_rest)
    rest = f.fadd(rest, f.fadd(second_rest, f.fadd(first_rest, f.fmul(k, c(_LN2_SHORT_REST)))))
    value = f.fadd(second, rest)
    return value, f.fsub(rest, f.fsub(value, second))


def _power(f: Function, x: str, y: str) -> str:
    c = f.number
    size = f.call("fabs", x)
    logarithm, logarithm_rest = _log_in_two(f, size)
    exponent = f.fmul(y, logarithm)
    inside = f.compare("olt", f.call("fabs", exponent), c(800.0))
    factor = y if f.module.has_fma else f.select(inside, y, c(1.0))  # splitting a huge factor would overflow
    rest = f.fused(y, logarithm_rest, _rest_of_product(f, factor, logarithm, exponent))
    value = _exp(f, exponent, f.select(inside, rest, c(0.0)))
    grows = f.compare("ogt", y, c(0.0))
    value = f.select(f.compare("oeq", size, c(0.0)), f.select(grows, c(0.0), c(math.inf)), value)
    value = f.select(f.compare("oeq", size, c(math.inf)), f.select(grows, c(math.inf), c(0.0)), value)
    half = f.fmul(y, c(0.5))
    odd = f.compare("one", f.call("floor", half), half)
    whole = f.compare("oeq", f.call("floor", y), y)
    signed = f.select(whole, f.select(odd, f.fneg(value), value), c(math.nan))
    value = f.select(f.compare("olt", x, c(0.0)), signed, value)
    value = f.select(f.compare("uno", x, y), c(math.nan), value)
    value = f.select(f.compare("oeq", y, c(0.0)), c(1.0), value)
    return f.select(f.compare("oeq", x, c(1.0)), c(1.0), value)

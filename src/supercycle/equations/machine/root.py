"""The root of an increasing function of one variable, as the reference's bisection gives it, with fewer evaluations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from supercycle.equations.emit_numpy import TINY
from supercycle.equations.machine.ir import Function
from supercycle.equations.machine.mathematics import larger
from supercycle.equations.spec import Variable

__all__ = ["root"]

SEARCH = 8  # steps of regula falsi before a bisection
NEAR = 2.0**-50  # of the bracket: how near to where they arrive the sign is looked at


def root(f: Function, v: Variable, value: Callable[[str], str], bracket: Sequence[str]) -> tuple[str, str]:
    """The root inside the bracket, and the function's size there relative to its larger size at the ends.

    Regula falsi (Illinois), then a point on either side of where it arrived: the bisection that follows knows the sign
    at every middle outside these bounds without finding the value, as the function increases. It halves the same
    interval the same number of times as the reference, so the root is the reference's to the last bit.
    """
    zero, half = f.number(0.0), f.number(0.5)
    low, high = bracket
    at_low, at_high = value(low), value(high)
    under, over = f.slot(low), f.slot(high)
    under_value, over_value, last = f.slot(at_low), f.slot(at_high), f.slot(zero)

    def secant() -> str:
        o, u, ov, uv = f.get(over), f.get(under), f.get(over_value), f.get(under_value)
        return f.fsub(o, f.fdiv(f.fmul(ov, f.fsub(o, u)), f.fsub(ov, uv)))

    with f.loop("0", str(SEARCH)):
        x = secant()
        y = value(x)
        above = f.compare("ogt", y, zero)
        uv, ov, side = f.get(under_value), f.get(over_value), f.get(last)
        halved = f.select(f.compare("ogt", side, zero), f.fmul(half, uv), uv)
        f.set(under_value, f.select(above, halved, y))
        halved = f.select(f.compare("olt", side, zero), f.fmul(half, ov), ov)
        f.set(over_value, f.select(above, y, halved))
        f.set(over, f.select(above, x, f.get(over)))
        f.set(under, f.select(above, f.get(under), x))
        f.set(last, f.select(above, f.number(1.0), f.number(-1.0)))
    middle = secant()
    step = f.fmul(f.number(NEAR), f.fsub(high, low))
    for x in (f.fsub(middle, step), f.fadd(middle, step)):
        y = value(x)
        above = f.logic("and", f.compare("ogt", y, zero), f.compare("olt", x, f.get(over)))
        f.set(over, f.select(above, x, f.get(over)))
        below = f.logic("and", f.compare("ole", y, zero), f.compare("ogt", x, f.get(under)))
        f.set(under, f.select(below, x, f.get(under)))
    far = f.number(float("inf"))
    f.set(under, f.select(f.compare("ole", at_low, zero), f.get(under), f.number(float("-inf"))))
    f.set(over, f.select(f.compare("ogt", at_high, zero), f.get(over), far))
    return _bisected(f, v, value, (low, high), (under, over), (at_low, at_high))


def _bisected(f: Function, v: Variable, value: Callable[[str], str], bracket: tuple[str, str],
              bounds: tuple[str, str], ends: tuple[str, str]) -> tuple[str, str]:
    zero, half = f.number(0.0), f.number(0.5)
    under, over = bounds
    low, high = f.slot(bracket[0]), f.slot(bracket[1])
    is_above = f.slot("zeroinitializer", f.mask)
    with f.loop("0", str(v.iterations)):
        x = f.fmul(half, f.fadd(f.get(low), f.get(high)))
        above = f.compare("oge", x, f.get(over))
        f.set(is_above, above, f.mask)
        unknown = f.negate(f.logic("or", above, f.compare("ole", x, f.get(under))))
        with f.when(f.any_lane(unknown)):
            y = value(x)
            found = f.logic("and", unknown, f.compare("ogt", y, zero))
            f.set(over, f.select(found, x, f.get(over)))
            f.set(under, f.select(f.logic("and", unknown, f.compare("ole", y, zero)), x, f.get(under)))
            f.set(is_above, f.logic("or", above, found), f.mask)
        above = f.get(is_above, f.mask)
        f.set(high, f.select(above, x, f.get(high)))
        f.set(low, f.select(above, f.get(low), x))
    x = f.fmul(half, f.fadd(f.get(low), f.get(high)))
    y = value(x)
    size = larger(f, larger(f, ends[0], f.fneg(ends[0])), larger(f, ends[1], f.fneg(ends[1])))
    return x, f.fdiv(larger(f, y, f.fneg(y)), larger(f, size, f.number(TINY)))

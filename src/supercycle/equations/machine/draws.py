"""Random numbers and inverse distributions inside compiled code: the numbers of ``core.random`` and ``core.params``.

A draw is ``mix(base of the path + key of the row)`` with SplitMix64's finaliser, as in ``core.random``; the bits are
equal, and so are uniform, triangular and central normal numbers. The tails of the normal, the lognormal and the copula
go through this package's log and exp, which differ from the C library's by at most 2 units in the last place: drawn
parameters equal the reference to 1e-12 relative (tests/laws/test_machine_draws.py).

Sources: see ``core.random`` (hash) and ``core.normal`` (AS 241 and Cody's erfc), whose coefficients are used here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from supercycle.core import normal
from supercycle.core.random import GOLDEN, MULTIPLIERS, ONE, SHIFTS
from supercycle.equations.machine import mathematics
from supercycle.equations.machine.ir import Function

__all__ = ["mixed_scalar", "normal_cdf", "normal_quantile", "path_base", "signed_golden", "uniform"]

_MASK = (1 << 64) - 1


def _signed(word: int) -> int:
    return word - (1 << 64) if word >> 63 else word


def signed_golden(times: int = 1) -> int:
    """A multiple of the golden ratio's 64 bits, as LLVM spells it."""
    return _signed(times * GOLDEN & _MASK)


def mixed(f: Function, bits: str) -> str:
    """The finaliser of SplitMix64 on lanes of whole numbers."""
    for shift, multiplier in zip(SHIFTS, (*MULTIPLIERS, 1), strict=True):
        bits = f.whole_op("xor", bits, f.whole_op("lshr", bits, f.integer(shift)))
        if multiplier != 1:
            bits = f.whole_op("mul", bits, f.integer(_signed(multiplier)))
    return bits


def mixed_scalar(f: Function, bits: str) -> str:
    """The same on one whole number."""
    for shift, multiplier in zip(SHIFTS, (*MULTIPLIERS, 1), strict=True):
        bits = f.value(f"xor i64 {bits}, {f.value(f'lshr i64 {bits}, {shift}')}")
        if multiplier != 1:
            bits = f.value(f"mul i64 {bits}, {_signed(multiplier)}")
    return bits


def path_base(f: Function, paths: str, seed_key: str) -> str:
    """What a path contributes to every draw: lanes of path numbers, and the seed's digest in every lane."""
    return mixed(f, f.whole_op("add", f.whole_op("mul", paths, f.integer(_signed(GOLDEN))), seed_key))


def uniform(f: Function, base: str, key: str) -> str:
    """A number inside (0, 1) from a path's base and a row's key."""
    bits = mixed(f, f.whole_op("add", base, key))
    bits = f.whole_op("or", f.whole_op("lshr", bits, f.integer(12)), f.integer(ONE))
    return f.fsub(f.to_double(bits), f.number(1.0 - 2.0**-53))


def normal_quantile(f: Function, u: str) -> str:
    """The z with Phi(z) = u, for u inside (0, 1)."""
    return f.module.own("normal_quantile_lanes", _quantile, [u], f)


def normal_cdf(f: Function, z: str) -> str:
    """Phi(z), for finite z."""
    return f.module.own("normal_cdf_lanes", _cdf, [z], f)


def _ratio(f: Function, coefficients: tuple[Sequence[float], Sequence[float]], x: str) -> str:
    return f.fdiv(_polynomial(f, coefficients[0], x), _polynomial(f, coefficients[1], x))


def _polynomial(f: Function, coefficients: Sequence[float], x: str) -> str:
    """Horner's rule with two roundings a step, as the reference has it."""
    total = f.fmul(x, f.number(coefficients[-1]))
    for c in coefficients[-2:0:-1]:
        total = f.fmul(f.fadd(total, f.number(c)), x)
    return f.fadd(total, f.number(coefficients[0]))


def _quantile(f: Function, u: str) -> str:
    c = f.number
    q = f.fsub(u, c(0.5))
    r = f.fsub(c(0.180625), f.fmul(q, q))
    z = f.slot(f.fmul(q, _ratio(f, normal.CENTRE, r)))
    tail = f.compare("ogt", f.call("fabs", q), c(0.425))
    with f.when(f.any_lane(tail)):
        small = mathematics.smaller(f, u, f.fsub(c(1.0), u))
        root = f.call("sqrt", f.fneg(mathematics.log(f, small)))
        size = f.slot(_ratio(f, normal.NEAR, f.fsub(root, c(1.6))))
        far = f.compare("ogt", root, c(5.0))
        with f.when(f.any_lane(far)):
            f.set(size, f.select(far, _ratio(f, normal.FAR, f.fsub(root, c(5.0))), f.get(size)))
        found = f.get(size)
        signed = f.select(f.compare("olt", q, c(0.0)), f.fneg(found), found)
        f.set(z, f.select(tail, signed, f.get(z)))
    return f.get(z)


def _cdf(f: Function, z: str) -> str:
    c = f.number
    x = f.fdiv(z, c(-math.sqrt(2.0)))
    y = mathematics.smaller(f, f.call("fabs", x), c(30.0))
    upper = f.slot(f.fsub(c(1.0), f.fmul(y, _ratio(f, normal.ERF, f.fmul(y, y)))))
    near = f.compare("ogt", y, c(normal.ERF_ENDS))
    with f.when(f.any_lane(near)):
        fade = mathematics.exp(f, f.fneg(f.fmul(y, y)))
        f.set(upper, f.select(near, f.fmul(_ratio(f, normal.ERFC_NEAR, y), fade), f.get(upper)))
        far = f.compare("ogt", y, c(normal.ERFC_SPLIT))
        with f.when(f.any_lane(far)):
            s = f.fdiv(c(1.0), f.fmul(y, y))
            tail = f.fadd(c(normal.SQRT_PI_INVERSE), f.fmul(s, _ratio(f, normal.ERFC_FAR, s)))
            f.set(upper, f.select(far, f.fmul(f.fdiv(tail, y), fade), f.get(upper)))
    found = f.get(upper)
    return f.fmul(c(0.5), f.select(f.compare("olt", x, c(0.0)), f.fsub(c(2.0), found), found))

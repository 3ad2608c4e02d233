"""Every real root of a sum of exponentials f(x) = sum_t c_t e^(-t x), isolated by its sign changes.

A return is such a root: with x = log(1 + rate), f is the present value. Descartes' rule (in Laguerre's form for real
exponents) says that f has at most as many roots as its terms, in the order of t, have changes of sign. Choose a time
tau inside one change of sign: the slope of e^(tau x) f(x), without its positive factor, is

    g(x) = sum_t c_t (tau - t) e^(-t x)

an exponential sum with one change of sign fewer. Between two neighbouring roots of g the function e^(tau x) f is
monotone, so f has at most one root there. Starting from the sum with no change of sign left, which has no root, each
level's roots cut the range for the next: no root is missed however close its neighbours, as long as rounding can tell
them apart. Where it cannot, the answer says so.

Source: E. N. Laguerre, Memoire sur la theorie des equations numeriques, Journal de mathematiques pures et
appliquees, 1883; G. Polya and G. Szego, Problems and Theorems in Analysis II, part V, 1976.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["bracketed_root", "exponential_roots", "halved", "sign_changes", "value_and_slope"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NOISE = 1e-13  # of the sum of absolute terms: below it the sign of a value is rounding's


def value_and_slope(terms: Floats, times: Floats, x: Floats) -> tuple[Floats, Floats]:
    """f and its slope at one x a column of ``terms`` [time, path].

    >>> value, slope = value_and_slope(np.array([[-100.0], [110.0]]), np.array([0.0, 1.0]), np.array([np.log(1.1)]))
    >>> abs(float(value[0])) < 1e-12, float(np.round(slope[0], 9))
    (True, -100.0)
    """
    worth = terms * np.exp(-times[:, None] * x[None, :])
    return worth.sum(axis=0), -(times[:, None] * worth).sum(axis=0)


def sign_changes(terms: Floats) -> NDArray[np.int64]:
    """How often the sign changes down each column, zeros left out.

    >>> sign_changes(np.array([[-1.0, -1.0, 0.0], [0.0, 2.0, 0.0], [3.0, -1.0, 4.0]])).tolist()
    [1, 2, 0]
    """
    last = np.zeros(terms.shape[1])
    count = np.zeros(terms.shape[1], np.int64)
    for row in np.sign(terms):
        count += row * last < 0
        last = np.where(row != 0, row, last)
    return count


def bracketed_root(terms: Floats, times: Floats, low: Floats, high: Floats) -> Floats:
    """The root in each bracket [low, high], whose ends have opposite signs: Newton, halving where it leaves or crawls.

    Far from the root of a long life Newton goes 1 / t at every step, for hundreds of steps: a step must be less
    than half of the one before, else the bracket is halved.

    >>> root = bracketed_root(np.array([[-100.0], [110.0]]), np.array([0.0, 1.0]), np.array([0.0]), np.array([1.0]))
    >>> float(np.round(np.expm1(root[0]), 12))
    0.1
    """
    low, high = low.copy(), high.copy()
    at_low = np.sign(value_and_slope(terms, times, low)[0])
    x = (low + high) / 2
    before = high - low
    todo = np.arange(len(x))
    for _ in range(200):
        value, slope = value_and_slope(terms[:, todo], times, x[todo])
        here = np.sign(value) == at_low[todo]
        low[todo] = np.where(here, x[todo], low[todo])
        high[todo] = np.where(here, high[todo], x[todo])
        step: Any = np.divide(value, slope, out=np.full_like(value, np.inf), where=slope != 0)
        new = x[todo] - step
        good = (new > low[todo]) & (new < high[todo]) & (np.abs(step) < before[todo] / 2)
        new = np.where(good, new, (low[todo] + high[todo]) / 2)
        before[todo] = np.abs(new - x[todo])
        done = (np.abs(new - x[todo]) <= 4e-16 * (1 + np.abs(new))) | (value == 0)
        x[todo] = np.where(value == 0, x[todo], new)
        todo = todo[~done]
        if not len(todo):
            break
    return x


def halved(function: Callable[[float], float], low: float, high: float) -> float:
    """The place where a continuous function changes sign, by halving until no double lies between.

    Errors: InputError when both ends have one sign.

    >>> halved(lambda x: x * x - 2.0, 0.0, 2.0)
    1.4142135623730951
    """
    at_low, at_high = function(low), function(high)
    if at_low * at_high > 0:
        raise InputError("no change of sign", got=f"{at_low:g} and {at_high:g} at {low:g} and {high:g}")
    while low < (middle := (low + high) / 2) < high:
        if (function(middle) < 0) == (at_low < 0):
            low = middle
        else:
            high = middle
    return low if abs(function(low)) < abs(function(high)) else high


def exponential_roots(terms: Floats, times: Floats, low: float, high: float) -> tuple[Floats, Bools]:
    """All roots in [low, high] by path, ascending, padded with nan [path, k], and whether their number is sure.

    ``terms`` is [time, path], ``times`` ascending without repetition. A root of even order counts once. Not sure:
    several neighbouring turning points lie within rounding of zero, so that roots between them cannot be counted.

    >>> roots, sure = exponential_roots(-np.poly([1.10, 1.11, 1.12])[:, None], np.arange(4.0), -1.0, 1.0)
    >>> np.round(np.expm1(roots[0]), 6).tolist(), sure.tolist()
    ([0.1, 0.11, 0.12], [True])
    """
    changes = sign_changes(terms)
    paths = terms.shape[1]
    every = np.full((paths, int(changes.max(initial=0))), np.nan)
    sure = np.ones(paths, np.bool_)
    for count in np.unique(changes):
        if count:
            some = np.flatnonzero(changes == count)
            every[some, :count], sure[some] = _roots_of(terms[:, some], times, low, high, int(count))
    used = int(np.isfinite(every).sum(axis=1).max(initial=0))
    return every[:, :used], sure


def _roots_of(terms: Floats, times: Floats, low: float, high: float, changes: int) -> tuple[Floats, Bools]:
    """Roots [path, changes] of columns that all have the same number of sign changes."""
    paths = terms.shape[1]
    taus = _times_of_change(terms, times, changes)
    chain = [terms]
    for tau in taus[:-1]:
        reduced = chain[-1] * (tau[None, :] - times[:, None])
        chain.append(reduced / np.abs(reduced).max(axis=0))
    cuts = np.empty((paths, 0))  # turning points of the level below, ascending, padded with nan at the end
    sure = np.ones(paths, np.bool_)
    for level in reversed(chain):
        cuts, sure = _between(level, times, cuts, low, high)
    return np.pad(cuts, ((0, 0), (0, changes - cuts.shape[1])), constant_values=np.nan), sure


def _times_of_change(terms: Floats, times: Floats, changes: int) -> Floats:
    """A time inside each change of sign [change, path]: half way between the two terms that differ."""
    paths = terms.shape[1]
    taus = np.zeros((changes, paths))
    last, when, seen = np.zeros(paths), np.zeros(paths), np.zeros(paths, np.int64)
    for t, row in zip(times, np.sign(terms), strict=True):
        changed = np.flatnonzero(row * last < 0)
        taus[seen[changed], changed] = (when[changed] + t) / 2
        seen[changed] += 1
        last, when = np.where(row != 0, row, last), np.where(row != 0, t, when)
    return taus


def _between(terms: Floats, times: Floats, cuts: Floats, low: float, high: float) -> tuple[Floats, Bools]:
    """Roots of one level, at most one in each interval between cuts, and whether rounding leaves them countable."""
    paths, inner = cuts.shape
    ends = np.concatenate(
        [np.full((paths, 1), low), np.where(np.isnan(cuts), high, cuts), np.full((paths, 1), high)], 1
    )
    signs, sizes = np.empty_like(ends), np.empty(paths)
    for j in range(inner + 2):
        worth = terms * np.exp(-times[:, None] * ends[None, :, j])
        value, sizes = worth.sum(axis=0), np.abs(worth).sum(axis=0)
        signs[:, j] = np.where(np.abs(value) <= NOISE * sizes, 0.0, np.sign(value))
    repeated = np.zeros_like(signs, np.bool_)
    repeated[:, 1:] = ends[:, 1:] == ends[:, :-1]
    touching = (signs == 0) & ~repeated
    roots = np.full((paths, 2 * inner + 3), np.nan)
    roots[:, 0::2] = np.where(touching, ends, np.nan)
    for j in range(inner + 1):
        some = np.flatnonzero(signs[:, j] * signs[:, j + 1] < 0)
        if len(some):
            roots[some, 2 * j + 1] = bracketed_root(terms[:, some], times, ends[some, j], ends[some, j + 1])
    together = (touching[:, 1:] & touching[:, :-1]).any(axis=1)
    roots = np.sort(roots, axis=1)  # nan last
    return roots[:, : max(int(np.isfinite(roots).sum(axis=1).max(initial=0)), 0)], ~together

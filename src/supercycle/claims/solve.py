"""Solving a formula for one input: every answer is substituted back, a jump across the target is no answer.

The range is cut into a grid. Between neighbours on opposite sides of the target the sign change is bisected;
around a local closest approach the minimum is refined (a curve that touches the target has no sign change).
Whatever comes out is put back into the formula and kept only when it meets the target. Where the function
leaps over the target (a payback that never happens is infinite) bisection ends at the leap; substitution
refuses it, and the leap is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from supercycle.core.errors import InputError

__all__ = ["Solution", "solve"]

GRID = 400
_HALVINGS = 200
_GOLDEN = (math.sqrt(5) - 1) / 2
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Solution:
    """``answers`` meet the target; ``jumps`` are where the formula leaps over it; ``nearest`` is the input in
    the range whose ``nearest_value`` comes closest (None when the formula has no finite value there).
    """

    answers: tuple[float, ...]
    jumps: tuple[float, ...]
    nearest: float | None
    nearest_value: float | None


def solve(
    f: Callable[[float], float], target: float, low: float, high: float, *, tolerance: float = _TOLERANCE
) -> Solution:
    """Every x in [low, high] found with ``|f(x) - target| <= tolerance * max(1, |target|)``.

    Infinite values count by their sign, NaN and arithmetic errors as no value. Roots closer together than
    1/400 of the range, with no grid point between them, can be missed: what is returned is right, not
    complete. A stretch on which f equals the target gives its first grid point.

    Raises InputError when the range is empty or the target is not finite.

    >>> solve(lambda x: x * x, 9.0, 0.0, 4.0).answers
    (3.0,)
    >>> leap = solve(lambda x: 0.0 if x < 1 else 5.0, 3.0, 0.0, 2.0)
    >>> leap.answers, leap.jumps, leap.nearest_value
    ((), (1.0,), 5.0)
    """
    if not (math.isfinite(target) and math.isfinite(low) and math.isfinite(high) and low <= high):
        raise InputError(
            "nothing to solve", expected="a finite target and low <= high", got=f"{low}, {high}, {target}"
        )
    allowed = tolerance * max(1.0, abs(target))

    def gap(x: float) -> float:
        try:
            return f(x) - target
        except (ArithmeticError, ValueError):
            return math.nan

    grid = [low + (high - low) * i / GRID for i in range(GRID)] + [high]
    gaps = [gap(x) for x in grid]
    candidates = _hits(grid, gaps, allowed)
    leaps: list[float] = []
    for left, right, a, b in zip(grid, grid[1:], gaps, gaps[1:], strict=False):
        if a * b < 0 and abs(a) > allowed and abs(b) > allowed:
            root = _bisect(gap, left, right, a)
            (candidates if abs(gap(root)) <= allowed else leaps).append(root)
    for i in range(1, GRID):
        near, before, after = abs(gaps[i]), abs(gaps[i - 1]), abs(gaps[i + 1])
        if (
            allowed < near <= before
            and near <= after
            and not min(gaps[i - 1 : i + 2]) < 0 < max(gaps[i - 1 : i + 2])
        ):
            candidates.append(_closest(gap, grid[i - 1], grid[i + 1]))
    answers = _distinct([x for x in candidates if abs(gap(x)) <= allowed], (high - low) / GRID)
    best = min(
        ((abs(gap(x)), x) for x in (*grid, *candidates, *leaps) if math.isfinite(gap(x))), default=None
    )
    value = None if best is None else f(best[1])
    return Solution(answers, _distinct(leaps, 0.0), None if best is None else best[1], value)


def _hits(grid: list[float], gaps: list[float], allowed: float) -> list[float]:
    """Grid points on the target; of neighbours in a row only the first."""
    on = [abs(gap) <= allowed for gap in gaps]
    return [x for i, x in enumerate(grid) if on[i] and not (i and on[i - 1])]


def _bisect(gap: Callable[[float], float], left: float, right: float, at_left: float) -> float:
    """The sign change between left and right, to the last bit; the end that is closer to the target."""
    low, high = left, right
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        found = gap(middle)
        if found == 0:
            return middle
        if math.isnan(found) or found * at_left < 0:
            high = middle
        else:
            low = middle
    return min((low, high), key=lambda x: (not math.isfinite(gap(x)), abs(gap(x))))


def _closest(gap: Callable[[float], float], left: float, right: float) -> float:
    """The x between left and right at which the gap is smallest (golden section)."""
    low, high = left, right
    for _ in range(_HALVINGS):
        if high - low <= math.ulp(max(abs(low), abs(high))):
            break
        a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if abs(gap(a)) <= abs(gap(b)):
            high = b
        else:
            low = a
    return 0.5 * (low + high)


def _distinct(found: list[float], apart: float) -> tuple[float, ...]:
    """Sorted, without those that are the same answer twice (closer than a thousandth of a grid step)."""
    out: list[float] = []
    for x in sorted(found):
        if not out or x - out[-1] > apart / 1000:
            out.append(x)
    return tuple(out)

"""Reverse stress: the smallest move of one lever that brings a statistic to a target.

The lever is first set to its value (the scenario's, else the registry's default) on every path, and moved from
there over its registered range, every other number of every path as it was. A grid over the whole range is run
first, so that a response that turns is seen; the nearest point on either side that reaches the target is then
bisected against its neighbour towards the start. What is returned satisfies the condition itself (it is the
reaching end of the last bracket), and is run once more, from nothing, with the point one step short of it.

Limits: a crossing and its return between two neighbouring grid points are not seen; a statistic over paths jumps
where draws begin to contradict the opening and are drawn again (``redrawn`` counts them at the answer).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from supercycle.core.errors import BooksError, InputError, ModelError
from supercycle.engine.reading import Reading, read, statistic
from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.scenario import Scenario, with_settings
from supercycle.engine.subject import Subject

__all__ = ["GRID", "Search", "reverse", "smallest_move"]

GRID = 17  # points over the range before any bisection
PRECISION = 1e-3  # of the range


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found.

    ``found`` is False when nothing in the range reaches the target; ``value`` and ``reached`` are then those that
    come nearest. ``short`` is the statistic one step (``step``) nearer to the start: it does not reach.
    ``monotone`` says whether the grid's response never turns; ``tried`` lists every point in the lever's order.
    """

    found: bool
    start: float
    start_statistic: float
    value: float
    reached: float
    step: float
    short: float | None
    monotone: bool
    verified: bool
    redrawn: int
    tried: tuple[tuple[float, float], ...]

    @property
    def move(self) -> float:
        """How far from the start."""
        return self.value - self.start


def reverse(
    subject: Subject,
    scenario: Scenario,
    lever: str,
    output: Reading,
    target: float,
    *,
    name: str = "q50",
    paths: int,
    seed: int,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> Search:
    """The smallest move of ``lever`` after which statistic ``name`` of ``output`` is at or beyond ``target``.

    Beyond is away from where the statistic stands at the start. Errors: UnknownNameError for the lever,
    InputError when its range is a point or the statistic has no value at the start.
    """
    if not np.isfinite(target):
        raise InputError("no such target", expected="a finite number", got=target, where="target")
    registry = subject.model.registry
    param = scenario.param(registry, lever)
    wide = registry[lever]
    if wide.low == wide.high:
        raise InputError(
            f"{lever} cannot move", expected="a parameter with a range", got=f"{wide.low:g} {wide.unit}"
        )
    start = scenario.set.get(lever, param.default)
    done = 0

    def run(value: float) -> Run:
        nonlocal done
        setting = with_settings(scenario, {lever: value}, registry)
        keys = output.slots(subject)
        found = simulate(subject, setting, paths=paths, seed=seed, until=until, kernel=kernel, outputs=keys)
        done += 1
        if progress is not None:
            progress("Points tried", done, max(done, GRID + 13))
        return found

    def value_at(value: float) -> float:
        try:
            found = run(value)
        except BooksError:
            raise
        except ModelError:  # no path has numbers there: a point that does not reach
            return float("nan")
        return statistic(read(output, found)[found.ok], name)

    search = smallest_move(value_at, start, wide.low, wide.high, target)
    again, before = run(search.value), run(start)
    reached = statistic(read(output, again)[again.ok], name)
    verified = reached == search.reached and (not search.found or _beyond(reached, target, search))
    redrawn = int(np.count_nonzero(again.refused != before.refused))
    return replace(search, verified=verified, redrawn=redrawn)


def _beyond(reached: float, target: float, search: Search) -> bool:
    return reached >= target if search.start_statistic < target else reached <= target


def smallest_move(
    f: Callable[[float], float], start: float, low: float, high: float, target: float, grid: int = GRID
) -> Search:
    """The point nearest to ``start`` in [low, high] at which f is at or beyond ``target``, by grid and bisection.

    Equation: argmin |x - start| subject to sign * (f(x) - target) >= 0, sign = +1 when f(start) < target.

    Limit cases: a start that already is at the target does not move; a target no grid point reaches is not
    found. NaN never reaches.

    >>> round(smallest_move(lambda x: x * x, 0.0, -1.0, 4.0, 2.0).value, 2)
    1.42
    """
    seen: dict[float, float] = {}

    def at(x: float) -> float:
        if x not in seen:
            seen[x] = f(x)
        return seen[x]

    begun = at(start)
    if not np.isfinite(begun):
        raise InputError("the statistic has no value at the start", expected="a number", got=f"{begun}")
    sign = 1.0 if begun < target else -1.0

    def reaches(x: float) -> bool:
        return bool(sign * (at(x) - target) >= 0.0)

    points = sorted({start, *(float(x) for x in np.linspace(low, high, grid))})
    for x in points:
        at(x)
    response = np.array([seen[x] for x in points])
    turns = np.diff(response[np.isfinite(response)])
    monotone = bool((turns >= 0).all() or (turns <= 0).all())
    step = PRECISION * (high - low)
    reaching: list[float] = [start] if begun == target else []
    middle = points.index(start)
    for side in (points[middle::-1], points[middle:]):
        pair = next(((a, b) for a, b in pairwise(side) if reaches(b)), None)
        if pair is None or any(abs(pair[0] - start) >= abs(x - start) for x in reaching):
            continue
        inner, outer = pair
        while abs(outer - inner) > step:
            half = 0.5 * (inner + outer)
            inner, outer = (inner, half) if reaches(half) else (half, outer)
        reaching.append(outer)
    found = bool(reaching)
    value = min(reaching, key=lambda x: abs(x - start)) if found else _nearest(seen, target)
    back = value - np.copysign(min(step, abs(value - start)), value - start)
    return Search(
        found=found,
        start=start,
        start_statistic=begun,
        value=value,
        reached=seen[value],
        step=step,
        short=at(float(back)) if found and value != start else None,
        monotone=monotone,
        verified=False,
        redrawn=0,
        tried=tuple(sorted(seen.items())),
    )


def _nearest(seen: dict[float, float], target: float) -> float:
    known = {x: y for x, y in seen.items() if np.isfinite(y)}
    return min(known, key=lambda x: abs(known[x] - target))

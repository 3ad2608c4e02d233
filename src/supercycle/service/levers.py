"""Every lever of the world moved from end to end on the same paths: is the direction right, and can it be seen?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.preset import Scenario, value_of
from supercycle.engine.reading import Reading, read, reading
from supercycle.engine.run import Progress, Run, simulate
from supercycle.service.the_world import subject
from supercycle.world.levers import LEVERS, Lever

__all__ = ["FEWEST_SEEN", "MOST_WRONG", "VISIBLE", "levers"]

MOST_WRONG = 0.05  # of the paths, by the issue every lever answers to
FEWEST_SEEN = 0.5  # of the paths on which the mechanism is at work
VISIBLE = 1e-3  # of the output's size on that path: what a chart still shows
ROUNDING = 1e-9

Floats = NDArray[np.float64]


def levers(
    *, paths: int = 512, seed: int = 1, kernel: str = "auto", progress: Progress | None = None
) -> list[dict[str, Any]]:
    """One record per lever and output: shares of paths that go the right way, the wrong way and visibly, and
    the median move.

    Paths are paired: same parameters besides the lever, same events. Runs that two levers share are made once.
    """
    world = subject()
    runs: dict[tuple[tuple[str, float], ...], Run] = {}
    wanted = _slots()

    def run(settings: Mapping[str, float]) -> Run:
        key = tuple(sorted(settings.items()))
        if key not in runs:
            registry = world.model.registry
            values = {id: value_of(registry, id, value, "lever") for id, value in settings.items()}
            runs[key] = simulate(
                world,
                Scenario("lever", set=values),
                paths=paths,
                seed=seed,
                kernel=kernel,
                outputs=sorted(wanted[key]),
            )
        return runs[key]

    out: list[dict[str, Any]] = []
    for place, lever in enumerate(LEVERS):
        if progress is not None:
            progress("Levers moved", place + 1, len(LEVERS))
        first, second = _ends(lever)
        out.append(_judged(lever, run({**lever.given, **first}), run({**lever.given, **second})))
    return out


def _ends(lever: Lever) -> tuple[dict[str, float], dict[str, float]]:
    """Both settings of a lever; without values the whole range of the parameter."""
    registry = subject().model.registry
    ends = {id: pair or (registry[id].low, registry[id].high) for id, pair in lever.moves.items()}
    return {id: pair[0] for id, pair in ends.items()}, {id: pair[1] for id, pair in ends.items()}


def _slots() -> dict[tuple[tuple[str, float], ...], set[str]]:
    """What each run has to keep, for all levers that use it."""
    world = subject()
    wanted: dict[tuple[tuple[str, float], ...], set[str]] = {}
    for lever in LEVERS:
        texts = [lever.output, *([lever.where] if lever.where else [])]
        keys = {key for text in texts for key in reading(world, text).slots(world)}
        for end in _ends(lever):
            wanted.setdefault(tuple(sorted({**lever.given, **end}.items())), set()).update(keys)
    return wanted


def _judged(lever: Lever, low: Run, high: Run) -> dict[str, Any]:
    world = subject()
    found: Reading = reading(world, lever.output)
    first, second = _ends(lever)
    both = (
        low.ok & high.ok & (low.refused == high.refused)
    )  # a redrawn path is another world, not a moved one
    before, after = read(found, low)[both], read(found, high)[both]
    at_work = (
        read(reading(world, lever.where), low)[both] > 0.0
        if lever.where
        else np.ones(len(before), dtype=bool)
    )
    change = after - before
    size = np.maximum(np.abs(before), np.abs(after))
    still = np.abs(change) <= ROUNDING * np.maximum(size, np.median(size))
    right = still if lever.sign == 0 else np.where(still, False, np.sign(change) == lever.sign)
    wrong = ~still & ~right
    seen = ~still & (np.abs(change) > VISIBLE * size)
    shown = float(seen[at_work].mean()) if at_work.any() else float("nan")
    passed = bool(wrong.mean() <= MOST_WRONG and (lever.sign == 0 or shown >= FEWEST_SEEN))
    return {
        "block": lever.block,
        "mechanism": lever.mechanism,
        "lever": {id: [value, second[id]] for id, value in first.items()},
        "given": {
            id: value for id, value in lever.given.items() if id not in ("crash_switch", "shock_switch")
        },
        "output": lever.output,
        "label": found.label,
        "unit": found.unit,
        "sign": lever.sign,
        "pairs": int(both.sum()),
        "at_work": float(at_work.mean()),
        "right": float(right.mean()),
        "wrong": float(wrong.mean()),
        "seen": shown,
        "before": float(np.median(before)),
        "after": float(np.median(after)),
        "passed": passed,
    }

"""The strongest levers of an output: found by rank regression on a run, then moved one by one on its draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.core.params import quantile
from supercycle.engine.drivers import drivers
from supercycle.engine.reading import Reading, read, reading
from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import Scenario
from supercycle.engine.sensitivity import ENDS
from supercycle.service.the_world import subject

__all__ = ["ReadAs", "read_as", "strongest"]

Floats = NDArray[np.float64]

TOP = 10
LOOKED_AT = 16  # strongest by rank regression; the swing of each is then run
SWING_PATHS = 256


@dataclass(frozen=True, slots=True)
class ReadAs:
    """An output at a time, and the slots a run has to keep for it."""

    reading: Reading
    slots: tuple[str, ...]


def read_as(text: str) -> ReadAs:
    """Read ``OUTPUT[:MEMBER][:WHEN]``. Errors: those of ``engine.reading``."""
    found = reading(subject(), text)
    return ReadAs(found, found.slots(subject()))


def strongest(
    output: ReadAs, run: Run, scenario: Scenario, *, seed: int, between: Callable[[], object]
) -> dict[str, Any]:
    """The ten levers whose 5 and 95 % points move the output's median most, on the same draws.

    A lever that the scenario has set is not among them. ``between`` is called before every run and may end the work by
    an error of its own. Errors: ModelError when no path has a number.
    """
    world, found, registry = subject(), output.reading, subject().model.registry
    at = None if found.when == "last" else found.when
    shares = {one.parameter: one.share for one in drivers(run, [found.output], at)[found.output].shares}
    paths = min(SWING_PATHS, run.paths)
    names = [id for id in shares if id not in scenario.set][:LOOKED_AT]

    def told(changed: Scenario) -> Floats:
        between()
        return read(
            found,
            simulate(world, changed, paths=paths, seed=seed, kernel=run.kernel, outputs=list(output.slots)),
        )

    def moved(id: str, value: float) -> Floats:
        ranges = {k: v for k, v in scenario.ranges.items() if k != id}
        return told(replace(scenario, set={**scenario.set, id: value}, ranges=ranges))

    base = told(scenario)
    if not np.isfinite(base).any():
        raise ModelError(f"no path has a number for {found.label} ({found.when})")
    rows, failed = list[dict[str, Any]](), list[dict[str, str]]()
    for id in names:
        param = registry[id]
        ends = [float(one) for one in quantile(scenario.param(registry, id), np.array(ENDS))]
        try:
            away = [moved(id, value) - base for value in ends]
        except ModelError as problem:  # one end of one lever: the others stand, and the page names it
            failed.append({"label": param.label, "why": problem.message})
            continue
        if not all(np.isfinite(one).any() for one in away):
            failed.append({"label": param.label, "why": "no path has numbers at one of its ends"})
            continue
        low, high = (float(np.nanmedian(one)) for one in away)
        rows.append(
            {"parameter": id, "label": param.label, "evidence": param.evidence, "unit": param.unit, "ends": ends,
             "low": low, "high": high, "share": shares[id]}
        )  # fmt: skip
    rows.sort(key=lambda row: -max(abs(row["low"]), abs(row["high"])))
    return {
        "output": found.output, "label": found.label, "unit": found.unit, "when": found.when, "rows": rows[:TOP],
        "median": float(np.nanmedian(base)), "paths": paths, "failed": failed,
    }  # fmt: skip

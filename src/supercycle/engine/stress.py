"""Stress: named, dated, sized shocks on the same paths as the scenario they hit.

A shock is a scenario file that holds only what the shock changes. Written ``NAME[@QUARTER][:SIZE]`` it may move
the date and size of what can be dated (``valuation-fall@2028Q1:0.5``): the parameters ``imposed_*_quarter``,
counted in quarters from the start, and ``imposed_*_size``. A combination is the union of its shocks; two that set
one parameter differently are refused, since neither would be what its name says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, ScenarioError, UnknownNameError
from supercycle.core.params import Registry
from supercycle.core.quarters import Quarter
from supercycle.engine.preset import Scenario, load_preset_file, value_of
from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.reading import Reading, read
from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.subject import Subject

__all__ = ["Impact", "Stress", "combined", "shock", "shock_names", "shocked", "stress"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Impact:
    """One reading under one shock: medians and means of both sides, quantiles of the paired difference.

    ``moved`` is the share of pairs on which the shock changes it at all.
    """

    reading: Reading
    before: float
    after: float
    before_mean: float
    after_mean: float
    quantiles: tuple[float, ...]
    mean: float
    standard_error: float
    moved: float


@dataclass(frozen=True)
class Stress:
    """One shock's run beside the run without it; ``redrawn`` pairs needed another draw to fit the opening."""

    scenario: Scenario
    run: Run
    pairs: int
    redrawn: int
    impacts: tuple[Impact, ...]


def shock_names(folder: Path) -> list[str]:
    """The shocks that come with the model."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def shock(argument: str, registry: Registry, folder: Path, start: str) -> Scenario:
    """Read ``NAME[@QUARTER][:SIZE]`` or a .yaml file.

    Errors: UnknownNameError with the nearest shock; ScenarioError when a shock that has no date or no size is
    given one; InputError when date or size is out of range.
    """
    if argument.endswith((".yaml", ".yml")):
        if not Path(argument).is_file():
            raise ScenarioError(f"no such shock file {argument!r}")
        return load_preset_file(Path(argument), registry, origin=argument)
    stem, colon, size = argument.partition(":")
    name, at, quarter = stem.partition("@")
    for mark, given, what in ((at, quarter, "quarter"), (colon, size, "size")):
        if mark and not given.strip():
            raise ScenarioError(
                f"no {what} after {mark!r}", expected="NAME[@QUARTER][:SIZE]", got=repr(argument)
            )
    if name not in shock_names(folder):
        raise UnknownNameError("shock", name, shock_names(folder))
    found = load_preset_file(folder / f"{name}.yaml", registry, origin="preset")
    told: dict[str, float] = {}
    for given, ending in ((quarter, "_quarter"), (size, "_size")):
        if not given:
            continue
        ids = [id for id in found.set if id.startswith("imposed_") and id.endswith(ending)]
        if not ids:
            raise ScenarioError(f"shock {name} has no {ending[1:]} to set", got=repr(argument))
        value = Quarter.parse(quarter) - Quarter.parse(start) if ending == "_quarter" else given
        if isinstance(value, int) and value < 1:
            raise InputError("the shock comes too early", expected=f"a quarter after {start}", got=quarter)
        told |= {id: value_of(registry, id, value, argument) for id in ids}
    return dataclasses.replace(found, name=argument, set={**found.set, **told})


def combined(shocks: Sequence[Scenario]) -> Scenario:
    """All of them at once. Errors: InputError when two set one parameter differently."""
    fixed: dict[str, float] = {}
    owner: dict[str, str] = {}
    names = [one.name for one in shocks]
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"shock {name} is named twice", hint="Name it once; its size goes after a colon."
            )
    for one in shocks:
        if one.ranges:
            raise ScenarioError(f"shock {one.name} holds a range", hint="A shock sets values.")
        for id, value in one.set.items():
            if fixed.setdefault(id, value) != value:
                raise InputError(
                    f"{owner[id]} and {one.name} both set {id}",
                    expected="shocks that can be combined",
                    got=f"{fixed[id]:g} and {value:g}",
                )
            owner.setdefault(id, one.name)
    return Scenario(" + ".join(s.name for s in shocks), title="all of them together", set=fixed)


def shocked(base: Scenario, by: Scenario) -> Scenario:
    """A scenario with a shock on top; what the shock sets replaces what the scenario says of it."""
    kept = {id: given for id, given in base.ranges.items() if id not in by.set}
    return dataclasses.replace(base, set={**base.set, **by.set}, ranges=kept, added={**base.added, **by.set})


def stress(
    subject: Subject,
    base: Scenario,
    shocks: Sequence[Scenario],
    readings: Sequence[Reading],
    *,
    paths: int,
    seed: int,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> tuple[Run, list[Stress]]:
    """Run the scenario once and each shock on the same random numbers.

    Limit case: a shock that sets what the scenario already has changes nothing, exactly. Errors: those of
    ``simulate``.
    """
    keys = list(dict.fromkeys(key for found in readings for key in found.slots(subject)))

    def run(scenario: Scenario, done: int) -> Run:
        found = simulate(
            subject,
            scenario,
            paths=paths,
            seed=seed,
            until=until,
            kernel=kernel,
            outputs=keys,
            progress=_compiling(progress),
        )
        if progress is not None:
            progress("Scenarios run", done, len(shocks) + 1)
        return found

    before = run(base, 1)
    held = [read(found, before) for found in readings]
    results: list[Stress] = []
    for place, one in enumerate(shocks):
        after = run(shocked(base, one), place + 2)
        both = before.ok & after.ok
        impacts = tuple(
            _impact(found, was[both], read(found, after)[both])
            for found, was in zip(readings, held, strict=True)
        )
        redrawn = int(np.count_nonzero((before.refused != after.refused) & both))
        results.append(Stress(one, after, int(both.sum()), redrawn, impacts))
    return before, results


def _compiling(progress: Progress | None) -> Callable[[str, int, int], None] | None:
    """Only compilation is told of a run that is one of many."""
    if progress is None:
        return None
    return lambda stage, done, total: progress(stage, done, total) if stage == "compile" else None


def _impact(found: Reading, before: Floats, after: Floats) -> Impact:
    known = np.isfinite(before) & np.isfinite(after)
    before, after = before[known], after[known]
    change = after - before
    count = len(change)
    if count == 0:
        nothing = float("nan")
        none = (nothing,) * len(LEVELS)
        return Impact(found, nothing, nothing, nothing, nothing, none, nothing, nothing, nothing)
    levels: list[float] = quantiles(change).tolist()
    return Impact(
        reading=found,
        before=float(np.median(before)),
        after=float(np.median(after)),
        before_mean=float(before.mean()),
        after_mean=float(after.mean()),
        quantiles=tuple(levels),
        mean=float(change.mean()),
        standard_error=float(change.std() / np.sqrt(count)),
        moved=int(np.count_nonzero(change)) / count,
    )

"""A scenario by name and settings, and its run on the shipped world: what an app asks for again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from supercycle.core.errors import UnknownNameError
from supercycle.engine.horizon import steps
from supercycle.engine.preset import load_preset_file
from supercycle.engine.run import CHUNK, UNTIL, Progress, Run, simulate
from supercycle.engine.scenario import Scenario, preset_names, resolve, with_settings
from supercycle.service.the_world import subject

__all__ = ["BASE", "Run", "Scenario", "changed", "named", "names", "of_file", "quarters", "ran"]

BASE = Scenario("base")


def names() -> list[str]:
    """The presets that come with the model, the base case first."""
    return list(preset_names(subject().presets))


@cache
def named(name: str) -> Scenario:
    """A preset that comes with the model, read once; what lies in the working folder plays no part.

    Errors: UnknownNameError with the nearest.
    """
    if name not in names():
        raise UnknownNameError("preset", name, names())
    world = subject()
    return load_preset_file(world.presets / f"{name}.yaml", world.model.registry, origin="preset")


def of_file(name: str) -> Scenario:
    """A preset by name, or a scenario's own file. Errors: those of the file."""
    world = subject()
    return resolve(name, world.model.registry, world.presets)


def changed(scenario: Scenario, values: Mapping[str, float | str]) -> Scenario:
    """The scenario with settings on top. Errors: those of the settings."""
    return with_settings(scenario, values, subject().model.registry)


@cache
def quarters() -> list[str]:
    """The quarters of a run that names no end of its own."""
    return steps(subject().start, UNTIL)


def ran(
    scenario: Scenario,
    outputs: Sequence[str] | None = None,
    *,
    paths: int,
    seed: int,
    kernel: str = "auto",
    chunk: int = CHUNK,
    progress: Progress | None = None,
) -> Run:
    """The scenario's run; without ``outputs`` all of them; ``chunk`` paths are made between two words of progress."""
    return simulate(
        subject(),
        scenario,
        paths=paths,
        seed=seed,
        kernel=kernel,
        outputs=outputs,
        chunk=chunk,
        progress=progress,
    )

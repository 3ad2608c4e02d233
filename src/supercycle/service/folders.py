"""Result folders as a user meets them: shown as they are, refused for another model, run again only when asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from supercycle.core.errors import InputError
from supercycle.engine import store
from supercycle.engine.restored import restored
from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.scenario import Scenario, scenario_from_manifest
from supercycle.engine.shards import merge as merged
from supercycle.engine.shards import shards
from supercycle.service.manifest import again, processor
from supercycle.service.result import Result
from supercycle.service.the_world import subject

__all__ = ["is_folder", "load", "merge", "partner", "reproduce", "reserve", "write"]

SCHEMA = "supercycle.reproduce/1"


def is_folder(argument: object) -> bool:
    """Whether a scenario argument names a result folder here and no preset."""
    return isinstance(argument, str | Path) and Path(argument).is_dir() and bool(str(argument).strip())


def reserve(folder: Path) -> AbstractContextManager[Path]:
    """A place for a result, taken before the work: nothing half-written is left there. Errors: those of the store."""
    return store.reserve(folder)


def write(found: Result, folder: Path) -> None:
    """Seal a result into a reserved place."""
    store.write(found.run, found.manifest, folder)


def load(folder: str | Path, *, anyway: bool = False) -> Result:
    """A stored result, every file checked against its sum; nothing is simulated.

    A result of another model is refused with what changed; with ``anyway`` it is shown, and every output says so.

    Errors: InputError for a folder that is none, was edited or is damaged, or that another model made.
    """
    stored = store.load(Path(folder))
    differ = store.changes(stored.manifest, subject())
    if differ and not anyway:
        raise InputError(
            "this result was made by another model",
            expected="today's model",
            got="; ".join(differ),
            where=str(folder),
            hint="Show it all the same with --anyway (anyway=True), or run its command again: "
            + str(stored.manifest.get("command", "")),
        )
    return Result(restored(stored, subject()), manifest=stored.manifest)


def partner(found: Result, scenario: Scenario, progress: Progress | None = None) -> Run:
    """A scenario run on the same paths, seed, quarters, kernel and outputs as a stored result."""
    run = found.run
    return simulate(
        subject(),
        scenario,
        paths=run.paths,
        seed=run.seed,
        until=run.quarters[-1],
        kernel=run.kernel,
        outputs=run.outputs,
        first=run.first,
        progress=progress,
    )


def merge(folders: Sequence[str | Path], out: str | Path) -> Result:
    """Shards of one run (``run(..., first=n)``, each in a folder) as the folder of the whole run, bit for bit.

    Errors: InputError for shards of different runs, of another model, damaged, with paths missing or there twice, and
    when ``out`` is taken; EnvironmentProblem when the disk does not take it.
    """
    pieces = shards([Path(folder) for folder in folders])
    manifest = pieces[0].manifest
    scenario = scenario_from_manifest(manifest, str(pieces[0].folder), subject().model.registry)
    told = again(
        scenario,
        paths=sum(len(piece.status) for piece in pieces),
        seed=int(manifest["seed"]),
        until=str(manifest["until"]),
        kernel=str(manifest["kernel"]),
        first=int(manifest["first"]),
    )
    with store.reserve(Path(out)) as temporary:
        merged(pieces, told, temporary)
    return load(out)


def reproduce(folder: str | Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Run a stored result's manifest again and compare, output by output.

    ``equal`` is True when every bit is the same, as on one kind of processor it has to be; ``largest_difference`` is
    relative to each output's scale. Errors: those of ``load``; ModelError when the model has changed.
    """
    del progress
    stored = store.load(Path(folder))
    again = store.reproduce(subject(), stored.manifest)
    failed = ~again.ok
    worst, where, equal = 0.0, "", bool(np.array_equal(stored.status, again.status))
    for key, values in again.items():
        new, old = np.where(failed, np.nan, values), stored.value(key)
        if np.array_equal(new, old, equal_nan=True):
            continue
        equal = False
        scale = float(np.nanmax(np.abs(old), initial=0.0)) or 1.0
        both = np.isfinite(new) & np.isfinite(old)
        away = float(np.abs(new - old)[both].max(initial=0.0)) / scale
        away = math.inf if (np.isfinite(new) != np.isfinite(old)).any() else away
        if away > worst:
            worst, where = away, key
    here = processor()
    return {
        "schema": SCHEMA,
        "folder": str(folder),
        "equal": equal,
        "largest_difference": worst if math.isfinite(worst) else None,
        "output": where or None,
        "outputs": len(stored.outputs),
        "paths": int(stored.manifest["paths"]),
        "same_processor": here == stored.manifest.get("processor"),
        "processor": {"then": stored.manifest.get("processor"), "here": here},
        "command": stored.manifest.get("command"),
    }

"""Results on disk: a folder with ``manifest.json`` (what was run, and the sum of every file) and the numbers.

``values.npy`` is [output, quarter, path]; ``derived.npy`` [row, path], a row for each entity of a derived output;
``paths.npy`` [2, path]: the status of each path and how many of its draws contradicted the opening. A path without
numbers is NaN. The folder appears whole or not at all, and is refused when a bit of it does not match (seal.py).
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, InputError, ModelError, UnknownNameError
from supercycle.engine.run import STATUSES, Run, simulate
from supercycle.engine.scenario import Scenario, scenario_from_manifest
from supercycle.engine.seal import FOLDER_SCHEMA, MANIFEST, read_manifest, sealed, sum_of
from supercycle.engine.subject import Subject

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Stored", "changes", "load", "reproduce", "reserve", "write"]

Floats = NDArray[np.float64]

VALUES, DERIVED, PATHS = "values.npy", "derived.npy", "paths.npy"


@dataclass(frozen=True)
class Stored:
    """A result folder that was read back and checked; values are fetched output by output."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Keys of the stored outputs with quarters."""
        return tuple(self.manifest["stored"]["outputs"])

    @property
    def quarters(self) -> tuple[str, ...]:
        """The quarters simulated."""
        return tuple(self.manifest["stored"]["quarters"])

    def value(self, output: str) -> Floats:
        """One output [quarter, path]; NaN on paths without numbers."""
        if output not in self.outputs:
            raise UnknownNameError("output", output, self.outputs)
        return np.array(self.values[self.outputs.index(output)])

    def frame(self) -> pl.LazyFrame:
        """The whole folder as a long table (extra ``notebook``)."""
        from supercycle.engine.long_table import long_table

        return long_table(self)

    @cached_property
    def values(self) -> Floats:
        """All of them [output, quarter, path], read from the disk where they are touched."""
        return np.load(self.folder / VALUES, mmap_mode="r")

    @cached_property
    def derived(self) -> dict[str, Floats]:
        """Derived outputs [entity, path] by name."""
        rows, at, found = np.load(self.folder / DERIVED), 0, dict[str, Floats]()
        for name, entities in self.manifest["stored"]["derived"].items():
            found[name] = rows[at : at + len(entities)]
            at += len(entities)
        return found

    @cached_property
    def status(self) -> NDArray[np.uint8]:
        """The status of each path, as in ``Run``."""
        return np.load(self.folder / PATHS)[0].astype(np.uint8)

    @cached_property
    def refused(self) -> NDArray[np.int64]:
        """How many draws of each path contradicted the opening."""
        return np.load(self.folder / PATHS)[1]


@contextmanager
def reserve(folder: Path) -> Generator[Path]:
    """A temporary folder beside ``folder`` that takes its name when the block ends well, and is removed
    otherwise. What a killed process left beside it is removed too, when that process is gone.

    Errors: InputError when ``folder`` is taken, EnvironmentProblem when its place is not writable; both
    before the work of the block begins.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists", hint="Choose another name, or remove it first.", where="--out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        temporary = folder.parent / f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}"
        temporary.mkdir()
    except OSError as error:
        raise EnvironmentProblem(f"cannot write to {folder} ({error.strerror})", where="--out") from None
    try:
        yield temporary
        if folder.exists() and any(folder.iterdir()):
            raise InputError(f"{folder} was written by another process meanwhile", where="--out")
        temporary.replace(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {folder} ({error.strerror or error})", where="--out"
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove temporary folders of this name whose process is gone."""
    for left in folder.parent.glob(f".{folder.name}.*.*"):
        number = left.name.removeprefix(f".{folder.name}.").split(".")[0]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # another user's
        return True
    return True


def write(run: Run, manifest: Mapping[str, Any], folder: Path) -> None:
    """Write a run into an existing, empty folder (see ``reserve``), one output at a time.

    Errors: EnvironmentProblem when the disk does not take it.
    """
    derived = {d.name: list(d.entities) for d in run.subject.derived if d.name in run.derived}
    failed = ~run.ok
    try:
        shape = (len(run.outputs), len(run.quarters), run.paths)
        values = open_memmap(folder / VALUES, mode="w+", dtype=np.float64, shape=shape)
        for place, (_, rows) in enumerate(run.items()):
            values[place] = rows
            values[place][:, failed] = np.nan
        values.flush()
        del values
        rows = [np.where(failed, np.nan, run.derived[name]) for name in derived]
        np.save(folder / DERIVED, np.concatenate(rows) if rows else np.zeros((0, run.paths)))
        np.save(folder / PATHS, np.array([run.status.astype(np.int64), run.refused]))
        kept = {
            **manifest,
            "folder": FOLDER_SCHEMA,
            "first": run.first,
            "stored": {"outputs": list(run.outputs), "quarters": list(run.quarters), "derived": derived},
            "failed_paths": {
                name: np.flatnonzero(run.status == code).tolist()
                for code, name in enumerate(STATUSES)
                if code
            },
            "books": {"residual_max": run.residual_max, "checked": run.checked},
            "files": {name: sum_of(folder / name) for name in (VALUES, DERIVED, PATHS)},
        }
        (folder / MANIFEST).write_text(sealed(kept), "utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write the result ({error.strerror or error})", where="--out"
        ) from None


def load(folder: Path) -> Stored:
    """Open a result folder, every file checked against its sum.

    Errors: InputError when it is none, was edited, is damaged or is not whole.
    """
    manifest = read_manifest(folder)
    try:
        kept, paths, files = manifest["stored"], int(manifest["paths"]), dict(manifest["files"])
        rows = sum(len(entities) for entities in kept["derived"].values())
        shapes = {
            VALUES: (len(kept["outputs"]), len(kept["quarters"]), paths), DERIVED: (rows, paths), PATHS: (2, paths),
        }  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise InputError(f"not a manifest of a result folder ({told})", where=folder / MANIFEST) from None
    for name, shape in shapes.items():
        path = folder / name
        if not path.is_file():
            raise InputError("not a whole result folder", expected=name, got="no such file", where=folder)
        if sum_of(path) != files.get(name):
            raise InputError(
                "the file is damaged: its sum does not match the manifest", where=path,
                hint="Run it again: " + str(manifest.get("command", "")),
            )  # fmt: skip
        if np.load(path, mmap_mode="r").shape != shape:
            raise InputError("the file does not fit the manifest", expected=shape, where=path)
    return Stored(folder, manifest)


def changes(manifest: Mapping[str, Any], subject: Subject) -> list[str]:
    """What differs between the model that made a result and this one, in words; empty when nothing does."""
    import supercycle

    if manifest["model_hash"] == subject.model_hash:
        return []
    made, told = str(manifest.get("versions", {}).get("supercycle", "unknown")), list[str]()
    if made != supercycle.__version__:
        told.append(f"supercycle {made}, here {supercycle.__version__}")
    if manifest.get("tables") != subject.tables:
        told.append("other tables of figures")
    told.append(f"model {str(manifest['model_hash'])[:12]}, here {subject.model_hash[:12]}")
    return told


def reproduce(subject: Subject, manifest: Mapping[str, Any]) -> Run:
    """Run again what a manifest describes; on the same kind of processor the values are equal bit for bit.

    Errors: ModelError when the model is not the one that was run.
    """
    differ = changes(manifest, subject)
    if differ:
        raise ModelError(
            "the model has changed since this result was made",
            expected=f"model {manifest['model_hash'][:12]}",
            got=subject.model_hash[:12],
            hint=f"Install supercycle {manifest['versions']['supercycle']} to reproduce it.",
        )
    scenario: Scenario = scenario_from_manifest(manifest, "manifest", subject.model.registry)
    return simulate(
        subject,
        scenario,
        paths=int(manifest["paths"]),
        seed=int(manifest["seed"]),
        until=str(manifest["until"]),
        kernel=str(manifest["kernel"]),
        first=int(manifest.get("first", 0)),
        outputs=manifest.get("stored", {}).get("outputs"),
    )

"""Results on disk: a folder with ``manifest.json`` (what was run) and ``values.parquet`` (what came out).

Rows of the table: output, entity, quarter, path, value. Derived outputs have no quarter; a path without
numbers has no value, and the manifest lists it under ``failed_paths``. The folder appears whole or not at
all.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import EnvironmentProblem, InputError, ModelError, UnknownNameError
from supercycle.engine.run import STATUSES, Run, simulate
from supercycle.engine.scenario import Scenario, scenario_from_manifest
from supercycle.engine.subject import Subject

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Stored", "load", "reproduce", "reserve", "write"]

Floats = NDArray[np.float64]

MANIFEST, VALUES = "manifest.json", "values.parquet"


@dataclass(frozen=True)
class Stored:
    """A result folder that was read back; values are fetched output by output."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def outputs(self) -> tuple[str, ...]:
        """Keys of the stored outputs with quarters."""
        return tuple(self.manifest["stored"]["outputs"])

    def frame(self) -> pl.LazyFrame:
        """The whole table, lazily."""
        import polars as pl

        return pl.scan_parquet(self.folder / VALUES)

    def value(self, output: str) -> Floats:
        """One output [quarter, path]; NaN on paths without numbers."""
        import polars as pl

        if output not in self.outputs:
            raise UnknownNameError("output", output, self.outputs)
        name, entity = _split(output)
        rows = self.frame().filter(pl.col("output") == name)
        rows = rows.filter(pl.col("entity").is_null() if entity is None else pl.col("entity") == entity)
        column = rows.select("value").collect()["value"].to_numpy().astype(np.float64)
        return column.reshape(len(self.manifest["stored"]["quarters"]), -1)


@contextmanager
def reserve(folder: Path) -> Generator[Path]:
    """A temporary folder beside ``folder`` that takes its name when the block ends well, and is removed
    otherwise.

    Errors: InputError when ``folder`` is taken, EnvironmentProblem when its place is not writable; both
    before the work of the block begins.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} exists", hint="Choose another name, or remove it first.", where="--out")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise EnvironmentProblem(f"cannot write to {folder} ({error.strerror})", where="--out") from None
    try:
        yield temporary
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o777 & ~mask)  # mkdtemp is private; a result is not
        temporary.replace(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"cannot write {folder} ({error.strerror or error})", where="--out"
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def write(run: Run, manifest: Mapping[str, Any], folder: Path) -> None:
    """Write a run into an existing, empty folder (see ``reserve``)."""
    from polars.exceptions import PolarsError

    kept = {
        **manifest,
        "stored": {
            "outputs": list(run.outputs),
            "quarters": list(run.quarters),
            "derived": {d.name: list(d.entities) for d in run.subject.derived if d.name in run.derived},
        },
        "failed_paths": {
            name: np.flatnonzero(run.status == code).tolist() for code, name in enumerate(STATUSES) if code
        },
    }
    try:
        _write_values(run, folder / VALUES)
        (folder / MANIFEST).write_text(json.dumps(kept, indent=2, allow_nan=False) + "\n", "utf-8")
    except (OSError, PolarsError) as error:
        raise EnvironmentProblem(f"cannot write the result ({error})", where="--out") from None


def _write_values(run: Run, path: Path) -> None:
    """Stream the rows, one output at a time, so that the table is never in memory as a whole."""
    import polars as pl
    from polars.io.plugins import register_io_source

    schema = {
        "output": pl.String,
        "entity": pl.String,
        "quarter": pl.String,
        "path": pl.Int32,
        "value": pl.Float64,
    }
    paths = np.arange(run.paths, dtype=np.int32)
    failed = ~run.ok

    def rows(key: str, quarters: list[str] | None, values: Floats) -> pl.DataFrame:
        name, entity = _split(key)
        count = values.size
        column = pl.Series("value", np.where(failed, np.nan, values).reshape(-1)).fill_nan(None)
        when = pl.Series("quarter", quarters or [None], dtype=pl.String)
        return pl.DataFrame(
            {
                "output": pl.Series([name], dtype=pl.String).new_from_index(0, count),
                "entity": pl.Series([entity], dtype=pl.String).new_from_index(0, count),
                "quarter": when.gather(np.repeat(np.arange(len(when)), run.paths)),
                "path": np.tile(paths, len(when)),
                "value": column,
            },
            schema=schema,
        )

    def source(*_: Any, **__: Any) -> Iterator[pl.DataFrame]:
        for key, values in run.items():
            yield rows(key, list(run.quarters), values)
        for derived in run.subject.derived:
            for entity, values in zip(derived.entities, run.derived.get(derived.name, ()), strict=False):
                yield rows(f"{derived.name}:{entity}", None, values)

    table = register_io_source(source, schema=schema)
    table.sink_parquet(path, compression="zstd", compression_level=1, statistics=False)


def load(folder: Path) -> Stored:
    """Open a result folder. Errors: InputError when it is none."""
    manifest = folder / MANIFEST
    try:
        content: Any = json.loads(manifest.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError("not a result folder", expected=f"a folder with {MANIFEST}", got=folder) from None
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read the manifest ({error})", where=manifest) from None
    if not isinstance(content, dict) or "stored" not in content or not (folder / VALUES).is_file():
        raise InputError("not a whole result folder", expected=f"{MANIFEST} and {VALUES}", got=folder)
    return Stored(folder, cast("dict[str, Any]", content))


def reproduce(subject: Subject, manifest: Mapping[str, Any]) -> Run:
    """Run again what a manifest describes; on the same kind of processor the values are equal bit for bit.

    Errors: ModelError when the model is not the one that was run.
    """
    if manifest["model_hash"] != subject.model_hash:
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
        outputs=manifest.get("stored", {}).get("outputs"),
    )


def _split(key: str) -> tuple[str, str | None]:
    name, colon, entity = key.partition(":")
    return name, entity if colon else None

"""The store: every reading ever fetched, in one Parquet file per generation, replaced as a whole.

A refresh writes the next generation's files under temporary names, syncs and renames them, and last replaces the
pointer ``CURRENT``. Whoever reads follows the pointer, so a process that is killed leaves the old generation or the
new one, never half of one. One lock lets one refresh write at a time. Beside the Parquet file stands the same content
as JSON, because loading it needs no data library.
"""

# polars publishes partial types; what it returns is given a type where it enters.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import orjson

from supercycle.core.errors import EnvironmentProblem, FigureError
from supercycle.figures.refresh.reading import COLUMNS, QUARANTINED, Reading

__all__ = ["CURRENT", "Generation", "Store", "parquet_of"]

CURRENT = "CURRENT"
_SCHEMA = "supercycle.figures/1"
_WAIT_S = 10.0  # for another refresh to finish
_KEPT = 2  # generations whose files stay: the one that is read, and the one before


@dataclass(frozen=True, slots=True)
class Generation:
    """One refresh: its number, when it was, what it fetched, how many readings were new and how many refused."""

    number: int
    at: str
    source: str
    added: int
    quarantined: int


class Store:
    """The readings of a folder. A folder that does not exist is an empty store."""

    def __init__(self, folder: Path, *, wait_s: float = _WAIT_S) -> None:
        self.folder, self.wait_s = folder, wait_s

    def generations(self) -> list[Generation]:
        """Every refresh so far, oldest first."""
        return [Generation(**row) for row in self._pointer()["generations"]]

    def readings(self) -> tuple[Reading, ...]:
        """Every reading, quarantined ones too, in the order they came.

        Errors: EnvironmentProblem when the pointer names a file that is gone or is not what was written.
        """
        pointer = self._pointer()
        if not pointer["json"]:
            return ()
        path = self.folder / pointer["json"]
        rows = orjson.loads(self._checked(path, pointer["json_sha256"]))
        return tuple(Reading.of(row, f"{path.name}:{line}") for line, row in enumerate(rows, start=1))

    def parquet(self) -> Path | None:
        """The Parquet file of the current generation, checked against its hash; None for an empty store."""
        pointer = self._pointer()
        if not pointer["parquet"]:
            return None
        path = self.folder / pointer["parquet"]
        self._checked(path, pointer["parquet_sha256"])
        return path

    def append(self, fetched: Iterable[Reading], *, source: str, at: str) -> tuple[Generation, list[Reading]]:
        """Add what is new as one generation and return it with the readings that were added.

        A reading that is in the store already stays as it was, with the day it was first fetched. Errors:
        EnvironmentProblem when the folder cannot be written or another refresh does not finish.
        """
        with self._locked():
            pointer = self._pointer()
            kept = list(self.readings())
            seen = {reading.key for reading in kept}
            number = len(pointer["generations"]) + 1
            added: list[Reading] = []
            for reading in fetched:
                if reading.key not in seen:
                    seen.add(reading.key)
                    added.append(replace(reading, generation=number, fetched=reading.fetched or at))
            made = Generation(number, at, source, len(added), sum(row.status == QUARANTINED for row in added))
            self._write([*kept, *added], [*pointer["generations"], _plain(made)])
        return made, added

    def _write(self, rows: list[Reading], generations: list[dict[str, Any]]) -> None:
        number = generations[-1]["number"]
        plain = [_plain(row) for row in rows]
        names = {kind: f"readings-{number}-{os.getpid()}.{kind}" for kind in ("json", "parquet")}
        text = orjson.dumps(plain)
        self._place(names["json"], text)
        table = parquet_of(plain) if find_spec("polars") is not None else b""
        if table:
            self._place(names["parquet"], table)
        else:  # the same rows stand in the JSON file; Parquet is for those who have a reader of it
            names["parquet"] = ""
        pointer = {
            "schema": _SCHEMA, "rows": len(rows), "generations": generations,
            **{kind: names[kind] for kind in names},
            "json_sha256": sha256(text).hexdigest(), "parquet_sha256": sha256(table).hexdigest() if table else "",
        }  # fmt: skip
        self._place(CURRENT, orjson.dumps(pointer, option=orjson.OPT_INDENT_2))
        self._clean(number)

    def _place(self, name: str, content: bytes) -> None:
        """Write under a temporary name, sync, rename, sync the folder: the name has the whole content or the old."""
        temporary = self.folder / f".{name}.{os.getpid()}.part"
        try:
            with temporary.open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            temporary.replace(self.folder / name)
            handle = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise EnvironmentProblem(
                "the store of figures cannot be written", got=error.strerror, where=str(self.folder)
            ) from error

    def _clean(self, number: int) -> None:
        """Remove what no pointer names: older generations, and what a killed refresh left."""
        current = self._pointer()
        keep = {current["json"], current["parquet"], CURRENT, "lock"}
        for path in self.folder.iterdir():
            parts = path.name.split("-")
            recent = parts[0] == "readings" and parts[1].isdigit() and int(parts[1]) > number - _KEPT
            made_here = path.name.startswith(".") or parts[0] == "readings"
            orphan = recent and int(parts[1]) == number and path.name not in keep
            if path.is_file() and path.name not in keep and made_here and (not recent or orphan):
                path.unlink(missing_ok=True)

    def _pointer(self) -> dict[str, Any]:
        path = self.folder / CURRENT
        try:
            found: Any = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return {"schema": _SCHEMA, "rows": 0, "generations": [], "json": "", "parquet": ""}
        except (OSError, orjson.JSONDecodeError) as error:
            raise EnvironmentProblem(
                "the store of figures cannot be read", got=str(error), where=str(path)
            ) from None
        if not isinstance(found, dict) or cast("dict[str, Any]", found).get("schema") != _SCHEMA:
            raise EnvironmentProblem(
                "not a store of figures of this version", expected=_SCHEMA, where=str(path),
                hint="Move the folder away and refresh again.",
            )  # fmt: skip
        return cast("dict[str, Any]", found)

    def _checked(self, path: Path, digest: str) -> bytes:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise EnvironmentProblem(
                "the store of figures lacks a file", got=error.strerror, where=str(path),
                hint="Move the folder away and refresh again.",
            ) from None  # fmt: skip
        if sha256(content).hexdigest() != digest:
            raise EnvironmentProblem(
                "the store of figures is damaged", expected=f"SHA-256 {digest[:12]}", where=str(path),
                hint="Move the folder away and refresh again.",
            )  # fmt: skip
        return content

    @contextmanager
    def _locked(self) -> Generator[None]:
        """One writer at a time; the system frees the lock of a process that dies."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise EnvironmentProblem(
                "the folder of figures cannot be written", got=error.strerror, where=str(self.folder),
                hint="Set SUPERCYCLE_DATA to a folder of yours.",
            ) from None  # fmt: skip
        try:
            end = time.monotonic() + self.wait_s
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise EnvironmentProblem(
                            "another refresh is writing", expected=f"an end within {self.wait_s:g} s",
                            where=str(self.folder), hint="Try again when it has finished.",
                        ) from None  # fmt: skip
                    time.sleep(0.02)
            yield
        finally:
            os.close(handle)


def _plain(row: Reading | Generation) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def parquet_of(rows: list[dict[str, Any]]) -> bytes:
    """The rows as a Parquet file; FigureError when they cannot be read back as they were.

    Errors: EnvironmentProblem when polars is not installed.
    """
    from io import BytesIO

    try:
        import polars as pl
    except ImportError:
        raise EnvironmentProblem(
            "Parquet needs polars", expected="the package polars", got="not installed",
            hint="Install it, or write .csv or .json.",
        ) from None  # fmt: skip

    types = {name: pl.String for name in COLUMNS} | {"value": pl.Float64, "generation": pl.Int64}
    out = BytesIO()
    pl.DataFrame(rows, schema=types).write_parquet(out, compression="zstd")
    content = out.getvalue()
    if pl.read_parquet(BytesIO(content)).height != len(rows):
        raise FigureError("the Parquet file lost rows", expected=len(rows))
    return content

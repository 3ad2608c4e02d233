"""The world as data: built from its sources once, then read back by every process that has the same sources.

Building the world means importing its blocks, reading the source of each equation and resolving every name: half a
second that a run does not need, since compiled code computes it. What is kept is the subject with its plan, under the
hash of all sources and tables it is made from. Functions stay behind: an equation that is called after all (by the
NumPy reference, or by a world that is changed in Python) builds the world first.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import pickle
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import supercycle
from supercycle.engine.subject import Subject
from supercycle.equations.machine import cache as code_cache
from supercycle.equations.spec import Model

__all__ = ["PACKAGE", "fingerprint", "read", "tables_checksum", "world_file", "write"]

PACKAGE = Path(__file__).resolve().parents[1]
SOURCES = ("core", "engine", "equations", "figures", "world")
Build = Callable[[], Subject]


@cache
def tables_checksum() -> str:
    """SHA-256 over the names and contents of the figures' tables."""
    return _hashed((PACKAGE / "figures" / "tables").glob("*.csv"))


@cache
def fingerprint() -> str:
    """SHA-256 over what the world is made from: blocks, the language, parameters, tables, the fitted prior."""
    files = [file for folder in SOURCES for file in (PACKAGE / folder).rglob("*.py")]
    files += [PACKAGE / "service" / name for name in ("kept_world.py", "the_world.py")]
    files += [file for file in (PACKAGE / "figures" / "tables").iterdir() if file.suffix != ".csv"]
    files += [PACKAGE / "skill" / "posterior.json"]
    return hashlib.sha256(f"{_hashed(files)} {tables_checksum()}".encode()).hexdigest()


def _hashed(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        if file.is_file():
            digest.update(file.relative_to(PACKAGE).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def is_settled() -> bool:
    """Whether no source has changed since this process began, so that what was imported is what the files say."""
    files = [file for folder in SOURCES for file in (PACKAGE / folder).rglob("*.py")]
    return all(file.stat().st_mtime < supercycle.BEGAN for file in files) and time.time() >= supercycle.BEGAN


def world_file(folder: Path, key: str) -> Path:
    """Where a shipped world lies."""
    return folder / f"{key[:20]}.world"


def read(key: str, folder: Path, build: Build) -> Subject | None:
    """The world of these sources, from the package's folder or the cache; None when it was not kept, or is damaged.

    ``build`` makes it from the sources, for whoever calls one of its equations.
    """
    content = code_cache.unsealed(world_file(folder, key)) or code_cache.kept(world_file(folder, key).name)
    if content is None:
        return None
    try:
        found = _Reader(io.BytesIO(content), build).load()
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, ValueError):
        return None
    return found if isinstance(found, Subject) else None


def write(subject: Subject) -> bytes:
    """A subject as bytes, with its plan, its outputs and its hash worked out beforehand."""
    assert subject.plan is not None
    assert subject.test_plan is not None
    assert subject.reported is not None
    assert subject.model_hash is not None
    assert subject.bare_hash is not None
    file = io.BytesIO()
    _Writer(file, subject).dump(subject)
    return file.getvalue()


ROLES = ("function", "opening", "past")
PRESETS = "presets"  # the folder of the package that reads: where the world was built may be gone, or another


def _models(subject: Subject) -> list[Model]:
    found = [subject.model]
    for plan in (subject.plan, subject.test_plan):
        found += [plan.model, plan.written]
    return found


class _Writer(pickle.Pickler):
    """Puts the functions of variables aside, each named by its model, variable and role, and the folder of presets."""

    def __init__(self, file: io.BytesIO, subject: Subject) -> None:
        super().__init__(file, protocol=5)
        self._names: dict[int, tuple[int, str, str]] = {}
        for i, model in enumerate(_models(subject)):
            for variable in model.variables.values():
                for role in ROLES:
                    self._names.setdefault(id(getattr(variable, role)), (i, variable.name, role))
        self._names.pop(id(None), None)
        self._names.pop(
            id(subject.accept), None
        )  # a plain function of a module that imports nothing of the world
        self._presets = subject.presets

    def persistent_id(self, obj: Any) -> Any:
        if obj is self._presets:
            return PRESETS
        return self._names.get(id(obj)) if callable(obj) else None


class _Reader(pickle.Unpickler):
    """Gives each of those functions a stand-in."""

    def __init__(self, file: io.BytesIO, build: Build) -> None:
        super().__init__(file)
        self._build = build

    def persistent_load(self, pid: Any) -> Any:
        return PACKAGE / "world" / "presets" if pid == PRESETS else _Function(pid, self._build)


class _Function:
    """An equation's function that is fetched from the built world when somebody needs it."""

    def __init__(self, place: tuple[int, str, str], build: Build) -> None:
        self._place, self._build = place, build

    def _fetched(self) -> Any:
        number, variable, role = self._place
        return getattr(_models(self._build())[number].variables[variable], role)

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._fetched()(*args, **named)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._fetched())

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name not in (
            "__tree__",
            "__place__",
            "__code__",
            "__name__",
            "__wrapped__",
        ):
            raise AttributeError(name)  # what pickle and copy ask for
        return getattr(self._fetched(), name)

"""Code that was compiled when the package was built, loaded with ctypes: neither LLVM nor a linker is needed.

A folder holds one shared library and one facts file a target, both named by the key of the sources they were made from,
so code of other sources is never found. A library's hash stands in the facts file, which is sealed by its own.
"""

from __future__ import annotations

import ctypes
import hashlib
import pickle
from pathlib import Path
from typing import Any

from supercycle.equations.machine import cache, targets
from supercycle.equations.machine.kernel import Kernel
from supercycle.equations.machine.program import Facts
from supercycle.equations.machine.targets import Target

__all__ = ["Library", "facts_file", "is_whole", "library_file", "load", "write_facts"]


def library_file(folder: Path, key: str, target: Target) -> Path:
    """Where the shared library of some sources lies."""
    return folder / f"{key[:20]}-{target.name}-{target.system}.so"


def facts_file(folder: Path, key: str, target: Target) -> Path:
    """Where its facts lie."""
    return library_file(folder, key, target).with_suffix(".facts")


def write_facts(folder: Path, key: str, target: Target, facts: Facts) -> None:
    """Seal the facts of a library that is there already."""
    library = library_file(folder, key, target).read_bytes()
    content = pickle.dumps((hashlib.sha256(library).hexdigest(), facts), protocol=5)
    facts_file(folder, key, target).write_bytes(cache.sealed(content))


class Library:
    """A loaded shared library."""

    def __init__(self, file: Path) -> None:
        self._library = ctypes.CDLL(str(file))

    def address(self, name: str) -> int:
        """Where an exported function lies."""
        found: Any = getattr(self._library, name)
        return int(ctypes.cast(found, ctypes.c_void_p).value or 0)


def is_whole(folder: Path, key: str, target: Target) -> bool:
    """Whether the library and the facts of some sources are there, undamaged."""
    return _facts(folder, key, target) is not None


def _facts(folder: Path, key: str, target: Target) -> Facts | None:
    content = cache.unsealed(facts_file(folder, key, target))
    if content is None:
        return None
    try:
        seal, facts = pickle.loads(content)
        whole = hashlib.sha256(library_file(folder, key, target).read_bytes()).hexdigest() == seal
    except (OSError, AttributeError, TypeError, ValueError):
        return None
    return facts if whole else None


def load(folder: Path, key: str, target: Target | None = None) -> Kernel | None:
    """The shipped kernel of some sources for a target, this processor's unless given; None when there is none, or it is
    damaged.
    """
    target = target or targets.host()
    if target is None:
        return None
    facts = _facts(folder, key, target)
    if facts is None:
        return None
    try:
        return Kernel(Library(library_file(folder, key, target)), facts)
    except (OSError, AttributeError):
        return None

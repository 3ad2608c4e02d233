"""Compiled code kept between runs: one file an entry, named by the hash of what it was made from, sealed by its own.

The folder is ``$SUPERCYCLE_CACHE``, else the platform's cache folder, else (read-only) one in the temporary folder that
only this user can write: what lies in it is executed, so a folder that somebody else could write is not used.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sys
import tempfile
from functools import cache
from pathlib import Path

from supercycle.core.errors import EnvironmentProblem
from supercycle.core.files import whole_file

__all__ = ["folder", "keep", "kept", "prune", "sealed", "setting", "text_of", "unsealed"]

MOST_BYTES = 300_000_000  # a hundred changed worlds
_SEAL = hashlib.sha256().digest_size


def setting(name: str) -> str:
    """An environment variable, empty when it is not set."""
    return os.environ.get(name, "")


@cache
def text_of(file: str) -> str:
    """A source file of this package."""
    return Path(file).read_text("utf-8")


def folder() -> Path:
    """The folder of compiled code; created if it is not there."""
    wanted = os.environ.get("SUPERCYCLE_CACHE")
    if wanted:
        base = Path(wanted)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches" / "supercycle"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "supercycle"
    mine = base / "machine"
    if _usable(mine):
        return mine
    _tell(str(mine), str(_temporary()))
    return _temporary()


@cache
def _tell(wanted: str, used: str) -> None:
    """Say once that compiled code lies elsewhere than it should; a logger without handlers writes it to stderr."""
    logging.getLogger("supercycle").warning("cannot write to %s: compiled code is kept in %s", wanted, used)


def prune(most_bytes: int = MOST_BYTES) -> None:
    """Remove the entries that were written first, until no more than ``most_bytes`` are left."""
    entries: list[tuple[float, int, Path]] = []
    for name in os.listdir(folder()) if folder().is_dir() else ():
        file = folder() / name
        with contextlib.suppress(OSError):  # another process may remove it too
            found = file.stat()
            entries.append((found.st_mtime, found.st_size, file))
    excess = sum(size for _, size, _ in entries) - most_bytes
    for _, size, file in sorted(entries):
        if excess <= 0:
            break
        with contextlib.suppress(OSError):
            file.unlink()
            excess -= size


def _usable(mine: Path) -> bool:
    try:
        mine.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(mine, os.W_OK | os.X_OK)


@cache
def _temporary() -> Path:
    mine = Path(tempfile.gettempdir()) / f"supercycle-{os.getuid()}"
    try:
        mine.mkdir(mode=0o700, exist_ok=True)
        found = mine.lstat()
        private = found.st_uid == os.getuid() and not found.st_mode & 0o022 and not mine.is_symlink()
    except OSError:
        private = False
    return mine if private else Path(tempfile.mkdtemp(prefix="supercycle-"))


def sealed(content: bytes) -> bytes:
    """Content behind its own hash."""
    return hashlib.sha256(content).digest() + content


def unsealed(file: Path) -> bytes | None:
    """The content of a sealed file; None when it is not there, or not what was written.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     file = Path(place) / "entry"
    ...     _ = file.write_bytes(sealed(b"code"))
    ...     whole = unsealed(file)
    ...     _ = file.write_bytes(sealed(b"code")[:-1] + b"E")
    ...     whole, unsealed(file)
    (b'code', None)
    """
    try:
        found = file.read_bytes()
    except OSError:
        return None
    seal, content = found[:_SEAL], found[_SEAL:]
    return content if len(found) >= _SEAL and hashlib.sha256(content).digest() == seal else None


def kept(name: str) -> bytes | None:
    """An entry of the cache; None when there is none, or it is damaged."""
    return unsealed(folder() / name)


def keep(name: str, content: bytes) -> str:
    """Write an entry; what hindered it, or nothing. A run does not fail because its code could not be kept."""
    try:
        with whole_file(folder() / name, "compiled code") as file:
            file.write_bytes(sealed(content))
    except EnvironmentProblem as problem:
        return problem.message
    return ""

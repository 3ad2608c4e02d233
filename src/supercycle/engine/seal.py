"""The seal of a result folder: a manifest that was edited and a file that lost a bit are refused, not believed.

The manifest holds the SHA-256 of every other file and, under ``seal``, the SHA-256 of itself without that key, written
with sorted keys. A seal shows damage and careless edits; it is no signature, which would need a key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from supercycle.core.errors import InputError

__all__ = ["FOLDER_SCHEMA", "MANIFEST", "read_manifest", "sealed", "sum_of"]

MANIFEST = "manifest.json"
FOLDER_SCHEMA = "supercycle.folder/2"
LARGEST_MANIFEST = 32_000_000  # bytes; ten million paths that all failed would be listed in less
_CHUNK = 1 << 20


def sealed(content: Mapping[str, Any]) -> str:
    """The manifest as text with its seal; NaN and infinity are refused.

    >>> "seal" in json.loads(sealed({"seed": 1}))
    True
    """
    plain = {key: value for key, value in content.items() if key != "seal"}
    return json.dumps({**plain, "seal": _seal(plain)}, indent=2, allow_nan=False) + "\n"


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result folder, its seal checked.

    Errors: InputError when there is none, it cannot be read, an older version made it, or it was edited.
    """
    path = folder / MANIFEST
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise InputError("the manifest is too large", expected="a manifest of a run", where=path)
        content: Any = json.loads(path.read_text("utf-8"), parse_constant=_refused)
    except FileNotFoundError:
        raise InputError(
            "not a result folder", expected=f"a folder with {MANIFEST}", got=str(folder)
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        told = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"not a manifest of a run ({told})", where=path) from None
    if not isinstance(content, dict) or "scenario" not in content:
        raise InputError("not a manifest of a run", expected="a mapping with a scenario", where=path)
    manifest = cast("dict[str, Any]", content)
    if manifest.get("folder") != FOLDER_SCHEMA:
        raise InputError(
            "a result folder of another version", expected=FOLDER_SCHEMA, got=repr(manifest.get("folder")), where=path,
            hint="Run its command again: " + str(manifest.get("command", "supercycle run")),
        )  # fmt: skip
    if manifest.get("seal") != _seal({key: value for key, value in manifest.items() if key != "seal"}):
        raise InputError("the manifest was changed after it was written: its seal does not match", where=path)
    return manifest


def sum_of(path: Path) -> str:
    """SHA-256 of a file. Errors: InputError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise InputError(f"cannot read the file ({error.strerror})", where=path) from None
    return digest.hexdigest()


def _seal(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _refused(word: str) -> None:
    raise ValueError(f"{word} is no number")

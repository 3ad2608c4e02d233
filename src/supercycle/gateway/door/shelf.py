"""Objects that belong to keys: each a JSON file beside its content, so that ids outlive a restart.

An id is 120 random bits. What is another key's, or unknown, is not found: nobody can tell the two apart.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any, Final, cast

import orjson

__all__ = ["FILE_BYTES", "KEY_BYTES", "Shelf"]

FILE_BYTES: Final = 200 * 2**20  # of one file: what OpenAI takes as the input of a batch
KEY_BYTES: Final = 2 * 2**30  # of all files of one key; judgement
_PASSING: Final = "passing-"
_ID: Final = re.compile(r"(?:file|batch)-[A-Za-z0-9_-]{20}")


class Shelf:
    """Objects and contents in one folder, readable by this user only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, dict[str, Any]] = {}
        if folder.is_dir():
            for path in folder.glob(f"{_PASSING}*"):
                path.unlink(missing_ok=True)  # of a process that was killed
            for path in sorted(folder.glob("*.json")):
                try:
                    found: Any = orjson.loads(path.read_bytes())
                    self._known[found["object"]["id"]] = found
                except (ValueError, TypeError, KeyError):
                    continue  # half written when the power went: its content is nobody's

    def new_id(self, kind: str) -> str:
        """An id nobody can guess."""
        return f"{kind}-{secrets.token_urlsafe(15)}"

    def passing(self) -> Path:
        """Where the content of one request can be while it lasts; whoever asks removes it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / f"{_PASSING}{secrets.token_hex(12)}"

    def path(self, object_id: str) -> Path:
        """Where the content of an object is. The folder is made when first asked for."""
        assert _ID.fullmatch(object_id)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._folder / object_id

    def put(self, key_id: str, shown: dict[str, Any], **inside: Any) -> None:
        """Keep an object as its key may see it, with what only the gateway knows of it."""
        held = {"key_id": key_id, "object": shown, **inside}
        self._known[shown["id"]] = held
        path = self.path(shown["id"]).with_suffix(".json")
        half = path.with_suffix(".half")
        half.write_bytes(orjson.dumps(held))
        os.replace(half, path)

    def get(self, object_id: str, key_id: str) -> dict[str, Any] | None:
        """An object of a key; None for one that is unknown or another key's."""
        held = self._known.get(object_id)
        return held if held is not None and held["key_id"] == key_id else None

    def of(self, key_id: str, kind: str) -> list[dict[str, Any]]:
        """A key's objects of a kind (``file``, ``batch``) as it may see them, newest first."""
        found = [
            cast("dict[str, Any]", held["object"])
            for held in self._known.values()
            if held["key_id"] == key_id and held["object"]["object"] == kind
        ]
        return sorted(found, key=lambda one: (-int(one["created_at"]), str(one["id"])))

    def unfinished(self, statuses: frozenset[str]) -> list[dict[str, Any]]:
        """Batches in one of the states, of every key."""
        return [
            held
            for held in self._known.values()
            if held["object"]["object"] == "batch" and held["object"]["status"] in statuses
        ]

    def bytes_of(self, key_id: str) -> int:
        """How much a key keeps here."""
        return sum(int(one["bytes"]) for one in self.of(key_id, "file"))

    def remove(self, object_id: str) -> None:
        """Forget an object and its content."""
        self._known.pop(object_id, None)
        for suffix in (".json", ".lines", ""):
            self.path(object_id).with_suffix(suffix).unlink(missing_ok=True)

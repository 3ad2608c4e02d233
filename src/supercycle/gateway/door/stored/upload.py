"""A multipart upload read as it comes: fields into memory, the file straight to disk."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from supercycle.gateway.door.problem import Problem

__all__ = ["Form", "FormReader", "boundary_of"]

_BOUNDARY: Final = re.compile(rb'multipart/form-data\s*;.*?boundary="?([^";,]{1,70})"?', re.IGNORECASE)
_NAME: Final = re.compile(rb'\bname="([^"]*)"')
_FILENAME: Final = re.compile(rb'\bfilename="([^"]*)"')
_HEAD: Final = 8 * 1024  # of a part
_FIELD: Final = 64 * 1024
_FIELDS: Final = 100


class Form(NamedTuple):
    """What was uploaded: plain fields in order, the file's own name, and how large it is (None: there was none)."""

    pairs: tuple[tuple[str, str], ...]
    filename: str
    size: int | None

    @property
    def fields(self) -> dict[str, str]:
        """The fields by name; of one that stands twice the last."""
        return dict(self.pairs)


def boundary_of(content_type: bytes) -> bytes:
    """The boundary of a form. Raises Problem for a body that is none."""
    found = _BOUNDARY.match(content_type)
    if found is None:
        raise Problem(400, "a file is uploaded as multipart/form-data", "invalid_request")
    return found[1]


class FormReader:
    """Takes a form chunk by chunk. The part ``file`` goes to ``path``, of at most ``most`` bytes."""

    def __init__(self, boundary: bytes, path: Path, most: int) -> None:
        self._mark = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # so that the first boundary is like the others
        self._file = path.open("xb")
        self._most = most
        self._pairs: list[tuple[str, str]] = []
        self._filename = ""
        self._size: int | None = None
        self._name = ""
        self._value = bytearray()
        self._step: Callable[[], bool] = self._skip
        self.done = False

    def feed(self, chunk: bytes) -> None:
        """The next bytes. Raises Problem for what is no form, or too large."""
        self._buffer += chunk
        while not self.done and self._step():
            pass
        if self.done:
            self._buffer = b""

    def close(self) -> Form:
        """The form. Raises Problem when it ended early."""
        self._file.close()
        if not self.done:
            raise Problem(400, "the form ended before its last boundary", "invalid_request")
        return Form(tuple(self._pairs), self._filename, self._size)

    def abandon(self) -> None:
        """Nothing of it is wanted."""
        self._file.close()

    def _skip(self) -> bool:
        """Up to the first boundary."""
        return self._until(lambda _: None)

    def _head(self) -> bool:
        """The head of a part, or the end of the form."""
        if self._buffer.startswith(b"--"):
            self.done = True
            return False
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _HEAD:
                raise Problem(400, "the head of a part is too long", "invalid_request")
            return False
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        name, filename = _NAME.search(head), _FILENAME.search(head)
        self._name = name[1].decode("utf-8", "replace") if name else ""
        if self._name == "file":
            if self._size is not None:
                raise Problem(400, "one file at a time", "invalid_request")
            self._size = 0
            self._filename = filename[1].decode("utf-8", "replace")[:200] if filename else "upload"
            self._step = lambda: self._until(self._to_file)
        else:
            self._value.clear()
            self._step = lambda: self._until(self._to_field)
        # A part may be empty: its boundary then follows the head's own line end.
        self._buffer = b"\r\n" + self._buffer if self._buffer.startswith(self._mark[2:]) else self._buffer
        return True

    def _until(self, take: Callable[[bytes], None]) -> bool:
        """What comes before the next boundary, as far as it is there."""
        at = self._buffer.find(self._mark)
        if at < 0:
            keep = len(self._mark) - 1
            if len(self._buffer) > keep:
                take(self._buffer[:-keep])
                self._buffer = self._buffer[-keep:]
            return False
        if len(self._buffer) < at + len(self._mark) + 2:
            return False  # what follows says whether it is the last
        take(self._buffer[:at])
        self._buffer = self._buffer[at + len(self._mark) :]
        if self._name and self._name != "file":
            self._pairs.append((self._name, self._value.decode("utf-8", "replace")))
            if len(self._pairs) > _FIELDS:
                raise Problem(400, f"a form has at most {_FIELDS} fields", "invalid_request")
        self._buffer = self._buffer.removeprefix(b"\r\n")
        self._step = self._head
        return True

    def _to_field(self, data: bytes) -> None:
        self._value += data
        if len(self._value) > _FIELD:
            raise Problem(400, f"the field {self._name[:60]} is too long", "invalid_request")

    def _to_file(self, data: bytes) -> None:
        assert self._size is not None
        self._size += len(data)
        if self._size > self._most:
            raise Problem(413, f"the file is larger than {self._most:,} bytes", "body_too_large")
        self._file.write(data)

"""Amazon's event stream: binary frames with checksums, turned into server-sent events for the rest of the gateway.

A frame is: total length, length of headers, CRC-32 of those eight bytes, headers, payload, CRC-32 of all before.
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html describes the same framing.
"""

from __future__ import annotations

from binascii import crc32
from struct import unpack_from
from typing import Any, Final, cast

import orjson

from supercycle.core.errors import InputError

__all__ = ["Unframe"]

_PRELUDE: Final = 12
_MOST: Final = 16 * 2**20  # a frame larger than this is no event
# Sizes of header values by their type; text and bytes (6, 7) say their own.
_SIZES: Final = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}


class Unframe:
    """Cuts a stream into frames, whatever the reads look like. ``rest`` is what waits for its end.

    Raises InputError for bytes that are no frames: a checksum that does not hold, a length that cannot be.
    """

    __slots__ = ("rest",)

    def __init__(self) -> None:
        self.rest = b""

    def __call__(self, chunk: bytes) -> bytes:
        """The events of this read, as server-sent events with ``{name: payload}``."""
        self.rest += chunk
        out: list[bytes] = []
        while len(self.rest) >= _PRELUDE:
            total, head, check = unpack_from(">III", self.rest)
            if crc32(self.rest[:8]) != check or not head + 16 <= total <= _MOST:
                raise InputError("an event stream", expected="frames", got="other bytes")
            if len(self.rest) < total:
                break
            frame, self.rest = self.rest[:total], self.rest[total:]
            if crc32(frame[:-4]) != unpack_from(">I", frame, total - 4)[0]:
                raise InputError("an event stream", expected="a frame's own checksum", got="another")
            out.append(_event(_headers(frame[_PRELUDE : _PRELUDE + head]), frame[_PRELUDE + head : -4]))
        return b"".join(out)


def _headers(raw: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(raw):
        size = raw[at]
        name = raw[at + 1 : at + 1 + size].decode("utf-8", "replace")
        at += 1 + size
        kind = raw[at]
        at += 1
        if kind in (6, 7):
            length = unpack_from(">H", raw, at)[0]
            found[name] = raw[at + 2 : at + 2 + length].decode("utf-8", "replace")
            at += 2 + length
        elif kind in _SIZES:
            at += _SIZES[kind]
        else:
            raise InputError("an event stream", expected="a known type of header", got=kind)
    return found


def _event(headers: dict[str, str], payload: bytes) -> bytes:
    try:
        held: Any = orjson.loads(payload) if payload else {}
    except orjson.JSONDecodeError:
        raise InputError("an event stream", expected="JSON in a frame", got=payload[:40]) from None
    if headers.get(":message-type", "event") != "event":
        kind = headers.get(":exception-type") or headers.get(":error-code") or "exception"
        message: Any = cast("dict[str, Any]", held).get("message") if isinstance(held, dict) else None
        said = {"error": {"type": kind, "message": str(message or headers.get(":error-message") or kind)}}
        return b"data: " + orjson.dumps(said) + b"\n\n"
    return b"data: " + orjson.dumps({headers.get(":event-type", "unknown"): held}) + b"\n\n"

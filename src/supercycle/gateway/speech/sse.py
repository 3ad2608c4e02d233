"""Server-sent events as bytes: where one ends, what it carries, how one member is cut out of it.

An event ends at an empty line; lines end in LF, CRLF or CR, and a read may end anywhere, also inside the pair CRLF.
Events keep their bytes: what is relayed is a slice of what came.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast

import orjson

__all__ = ["MAX_EVENT_BYTES", "Splitter", "data_of", "event", "parsed", "split", "without_member"]

MAX_EVENT_BYTES: Final = (
    4 * 2**20
)  # an event larger than this is relayed unread: memory per stream stays bounded

_END = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_LINE = re.compile(rb"\r\n|\n|\r")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s"{}\[\],:]+', re.DOTALL)


class Splitter:
    r"""Cuts a stream into whole events, whatever the reads look like.

    >>> split = Splitter()
    >>> split.feed(b"data: 1\n\nda"), split.feed(b"ta: 2\n"), split.feed(b"\n"), split.rest
    ([b'data: 1\n\n'], [], [b'data: 2\n\n'], b'')
    """

    __slots__ = ("rest",)

    def __init__(self) -> None:
        self.rest = b""  # the beginning of an event whose end has not come

    def whole(self, chunk: bytes) -> bytes:
        """All whole events that are there after this read, in one piece; the rest waits."""
        known = len(self.rest)
        buffer = self.rest + chunk if known else chunk
        if b"\r" not in buffer:
            cut = buffer.rfind(b"\n\n", max(known - 1, 0)) + 2
            if cut == 1:
                self.rest = buffer
                return b""
            if buffer[cut - 3 : cut - 2] == b"\n":
                # A run of more than two ends events in pairs from its beginning.
                run = cut - len(buffer[:cut].rstrip(b"\n"))
                cut -= run % 2
        else:
            # A CR at the very end may be half of a CRLF: what follows decides.
            cut = 0
            until = len(buffer) - 1 if buffer.endswith(b"\r") else len(buffer)
            for end in _END.finditer(buffer, max(known - 3, 0), until):
                cut = end.end()
        if cut == len(buffer):
            self.rest = b""
            return buffer
        self.rest = buffer[cut:]
        return buffer[:cut]

    def feed(self, chunk: bytes) -> list[bytes]:
        """The whole events that are there after this read, each with its closing empty line."""
        return split(self.whole(chunk))


def split(whole: bytes) -> list[bytes]:
    """Whole events, one by one."""
    if b"\r" not in whole:
        parts = whole.split(b"\n\n")
        return [part + b"\n\n" for part in parts[:-1]]
    found: list[bytes] = []
    begin = 0
    for end in _END.finditer(whole):
        found.append(whole[begin : end.end()])
        begin = end.end()
    return found


def data_of(raw: bytes) -> bytes:
    r"""The data of an event: its ``data:`` lines joined by LF; empty for a comment.

    >>> data_of(b": hi\r\nevent: a\r\ndata: {\r\ndata:}\r\n\r\n")
    b'{\n}'
    """
    if raw.startswith(b"data: ") and raw.find(b"\n") == len(raw) - 2:
        return raw[6:-2]  # one line, the usual case
    lines = [line[5:] for line in _LINE.split(raw) if line.startswith(b"data:")]
    return b"\n".join(line.removeprefix(b" ") for line in lines)


def parsed(data: bytes) -> dict[str, Any] | None:
    """The JSON object in an event's data, or None when it holds none."""
    if not data.startswith(b"{"):
        return None
    try:
        value: Any = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", value)


def event(data: object, name: str = "") -> bytes:
    r"""An event as the providers write it.

    >>> event({"a": 1}, "ping")
    b'event: ping\ndata: {"a":1}\n\n'
    """
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(data) + b"\n\n"


def without_member(text: bytes, name: str) -> bytes:
    """A JSON object without one member of its top level; every other byte stays as it is.

    Removes the member, the comma that parted it from its neighbour and the space around it. Text without the
    member is returned as it came.

    >>> without_member(b'{"a":{"usage":1},"usage": {"x":[1,2]} ,"b":2}', "usage")
    b'{"a":{"usage":1},"b":2}'
    >>> without_member(b'{"usage":null,"b":2}', "usage"), without_member(b'{"usage":null}', "usage")
    (b'{"b":2}', b'{}')
    """
    depth = 0
    at_key = False  # the next string at depth 1 is a member's name
    comma = begin = (
        end
    ) = -1  # of the member being cut: the comma before, its first byte, the end of its value
    last = 0
    for token in _TOKEN.finditer(text):
        mark = token.group()
        if mark in b"{[":
            depth += 1
            at_key = depth == 1
        elif mark in b"}]":
            depth -= 1
            if depth == 0 and begin >= 0:
                end = last
                break
        elif mark == b"," and depth == 1:
            if begin >= 0:
                # Not the last member: cut up to the next one, or from the comma before, keeping one comma.
                return (
                    text[:comma] + text[token.start() :]
                    if comma >= 0
                    else text[:begin] + _after(text, token.end())
                )
            comma = token.start()
            at_key = True
        elif at_key:
            at_key = False
            if begin < 0 and _same(mark, name):
                begin = token.start()
        last = token.end()
    if begin < 0:
        return text
    return text[: comma if comma >= 0 else begin] + text[end:]


def _after(text: bytes, position: int) -> bytes:
    return text[position:].lstrip()


def _same(mark: bytes, name: str) -> bool:
    """Whether a JSON string is this name, also when it is spelled with escapes."""
    return mark == b'"%s"' % name.encode() or (b"\\" in mark and orjson.loads(mark) == name)

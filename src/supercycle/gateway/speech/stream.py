"""The tee: bytes of a stream go to the client as they came, and what was used is read on the way.

Only events that can hold usage or an error are parsed. When the gateway itself asked for usage in the stream, the
client sees what the same upstream would have sent for the client's own request: the extra event is dropped, and the
member ``usage`` that comes with every other event is cut out, byte for byte. In that mode the beginning of an event
waits for its end; otherwise every read is passed on at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Final, Protocol

from supercycle.gateway.speech.estimate import STREAMED
from supercycle.gateway.speech.sse import MAX_EVENT_BYTES, Splitter, data_of, parsed, split, without_member

__all__ = ["BYTES_PER_TOKEN", "Inflate", "Tally", "Tee"]

BYTES_PER_TOKEN: Final = (
    4  # English text; used only where a provider never said what it used (marked estimated)
)

_NULL_USAGE = b',"usage":null'
# What ends a stream that was not cut short.
_LAST_TYPES = frozenset({"message_stop", "response.completed", "response.failed", "response.incomplete"})

_NATIVE = frozenset({"google.generate", "bedrock.converse"})


class Tally(Protocol):
    """What collects the usage (see `supercycle.gateway.speech.usage.UsageTally`)."""

    def feed(self, event: object) -> None:
        """Take one decoded event."""
        ...


class Tee:
    r"""One stream. ``feed`` takes a read and returns what the client gets now; ``end`` what was still held back.

    ``finished`` says whether the stream's own last event came; ``error`` is the last error event; ``events`` and
    ``output_tokens_seen`` are what an estimate rests on when the provider never says what was used.

    >>> class Seen:
    ...     def feed(self, event): self.event = event
    >>> tee = Tee(Seen(), hide_usage=True)
    >>> tee.feed(b'data: {"choices":[{}],"usage":null}\n\ndata: {"choices":[],"usage":{"total_tokens":3}}\n\n')
    b'data: {"choices":[{}]}\n\n'
    """

    __slots__ = (
        "_all", "_hide", "_pieces", "_said", "_split", "_tally", "_text", "_unread", "error", "events", "finished",
    )  # fmt: skip

    def __init__(self, tally: Tally, *, hide_usage: bool = False, dialect: str = "openai.chat") -> None:
        self._tally = tally
        self._text = STREAMED[dialect]
        self._all = dialect in _NATIVE  # every event may hold usage or the end
        self._hide = hide_usage
        self._split = Splitter()
        self._unread = False  # inside an event that is too large to hold
        self._pieces = 0  # of text in the events so far
        self._said = 0  # bytes of that text
        self.events = 0
        self.finished = False
        self.error: dict[str, Any] | None = None

    @property
    def output_tokens_seen(self) -> int:
        """An estimate: a token for every four bytes of text, and at least one for each piece of it."""
        return max(self._pieces, -(-self._said // BYTES_PER_TOKEN))

    @property
    def hides(self) -> bool:
        """Whether usage is kept from the client."""
        return self._hide

    @property
    def held(self) -> bytes:
        """The beginning of an event that the client has not seen, when the stream breaks off inside it.

        The beginning of the extra usage event is not shown: the client's own request would not have had it.
        """
        rest = self._split.rest if self._hide else b""
        return b"" if b'"choices":[]' in rest else rest

    def feed(self, chunk: bytes) -> bytes:
        """Take what was read; give what the client is to see now."""
        whole = self._split.whole(chunk)
        if not whole:
            return self._waiting(chunk)
        count = whole.count(b"data:")
        if count:
            self.events += count
            for piece in self._text.findall(whole):
                if piece:
                    self._pieces += 1
                    self._said += len(piece)
            if not self.finished and (b'finish_reason":"' in whole or b'finish_reason": "' in whole):
                self.finished = True
        if self._unread:
            self._unread = False
            return whole if self._hide else chunk
        if not self._hide:
            if self._all or _interesting(whole):
                for raw in split(whole):
                    if self._all or _interesting(raw):
                        self._notice(data_of(raw))
            return chunk
        if not _interesting(whole):
            return whole
        if whole.find(b"\n\n") == len(whole) - 2:
            return self._shown(whole)
        return b"".join([self._shown(raw) for raw in split(whole)])

    def end(self) -> bytes:
        """The stream is over: read and give what has no closing empty line."""
        rest, self._split.rest = self._split.rest, b""
        if not rest:
            return b""
        if not self._hide:
            self._notice(data_of(rest))
            return b""
        return self._shown(rest)

    def _waiting(self, chunk: bytes) -> bytes:
        if len(self._split.rest) > MAX_EVENT_BYTES:
            held, self._split.rest = self._split.rest, b""
            self._unread = True
            return held if self._hide else chunk
        return b"" if self._hide else chunk

    def _notice(self, data: bytes) -> dict[str, Any] | None:
        found = parsed(data)
        if found is None:
            self.finished = self.finished or data.startswith(b"[DONE]")
            return None
        if found.get("type") in _LAST_TYPES or (self._all and _ended(found)):
            self.finished = True
        if found.get("error"):
            self.error = found
        # Most events of a stream that was asked for usage say that there is none yet.
        if found.get("usage", 0) is not None:
            self._tally.feed(found)
        return found

    def _shown(self, raw: bytes) -> bytes:
        """What of an event the client would have got had usage not been asked for."""
        at = raw.find(_NULL_USAGE)
        if at >= 0 and raw.count(b'"usage"') == 1 and b'"error"' not in raw:
            rest = raw[at + len(_NULL_USAGE) :]
            # What follows opens nothing and closes one thing: the member stands at the top level.
            if rest.count(b"}") == 1 and b"{" not in rest and b"[" not in rest and b"]" not in rest:
                return raw[:at] + rest
        elif not _interesting(raw):
            return raw
        data = data_of(raw)
        found = self._notice(data)
        if found is None or "usage" not in found:
            return raw
        if found["usage"] is not None and found.get("choices") == []:
            return b""
        return _replaced(raw, data, without_member(data, "usage"))


def _ended(found: dict[str, Any]) -> bool:
    """Whether an event of Gemini or Converse says why the answer ended."""
    candidates: Any = found.get("candidates") or [{}]
    blocked: Any = found.get("promptFeedback") or {}
    return "messageStop" in found or bool(candidates[0].get("finishReason")) or "blockReason" in blocked


def _interesting(raw: bytes) -> bool:
    """Whether an event can hold usage, an error or the end; four searches are cheaper than one pattern."""
    return b'"usage"' in raw or b'"error"' in raw or b"[DONE]" in raw or b"message_stop" in raw


def _replaced(raw: bytes, data: bytes, shown: bytes) -> bytes:
    """The event with other data; its other lines and its line ends stay."""
    if data in raw:
        return raw.replace(data, shown, 1)
    end = b"\r\n" if b"\r\n" in raw else b"\n"
    kept = [line for line in raw.splitlines() if line and not line.startswith(b"data:")]
    return end.join([*kept, *(b"data: " + line for line in shown.split(b"\n")), b"", b""])


class Inflate:
    """Undoes gzip or deflate read by read, for the tee only: the client gets the compressed bytes.

    Raises zlib.error when the bytes are neither.
    """

    __slots__ = ("_one",)

    def __init__(self) -> None:
        self._one = zlib.decompressobj(wbits=47)  # 32 + 15: finds out by itself which of the two it is

    def __call__(self, chunk: bytes) -> Iterator[bytes]:
        """The plain bytes of this read, in pieces of at most 1 MiB, one at a time."""
        rest = chunk
        while rest:
            yield self._one.decompress(rest, 2**20)
            rest = self._one.unconsumed_tail

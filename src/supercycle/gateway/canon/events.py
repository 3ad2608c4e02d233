"""What an answer is made of, whatever its dialect, and one after the other in time: canonical events.

Blocks (text, thinking, calls) may interleave; ``key`` says which block a piece belongs to. The order within a block is
Open, Piece*, Close; Begin comes first, Finish after the last piece, End when nothing follows.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from supercycle.gateway.canon.form import Name

__all__ = ["REASONS", "Begin", "Close", "End", "Event", "Failed", "Finish", "Kind", "Open", "Piece", "Reason"]

Kind = Literal["text", "thinking", "call", "refusal"]
Reason = Literal["end", "limit", "context", "stop", "calls", "refused", "paused", "broken"]
REASONS: Final = ("end", "limit", "context", "stop", "calls", "refused", "paused", "broken")


class Begin(NamedTuple):
    """The answer begins."""

    id: str
    model: str


class Open(NamedTuple):
    """A block begins. Of a call: its id and the tool, by the name the target was told."""

    key: str
    kind: Kind
    id: str = ""
    tool: Name = Name("")


class Piece(NamedTuple):
    """Text of a block: of a call, of the JSON of its arguments."""

    key: str
    text: str


class Close(NamedTuple):
    """A block ends. ``sealed``: its provider's own state; ``redacted``: which is all there is of the block."""

    key: str
    sealed: str = ""
    redacted: bool = False


class Finish(NamedTuple):
    """Why the answer ended. ``detail``: the stop sequence, or why it was refused."""

    reason: Reason
    detail: str = ""


class Failed(NamedTuple):
    """The provider broke off with an error."""

    message: str
    kind: str = ""


class End(NamedTuple):
    """Nothing follows."""


Event = Begin | Open | Piece | Close | Finish | Failed | End

"""Canonical events gathered into a whole answer, or put in order for clients that know one block at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from supercycle.core.errors import InputError
from supercycle.gateway.canon.events import Begin, Close, End, Event, Failed, Finish, Kind, Open, Piece
from supercycle.gateway.canon.form import NO_NAME, Name
from supercycle.gateway.canon.writing import loaded

__all__ = ["Answer", "Block", "Broken", "InOrder", "free_text", "gather"]


class Broken(InputError):
    """An answer with status 200 that says it failed."""


@dataclass(slots=True)
class Block:
    """A block of an answer."""

    kind: Kind
    id: str = ""
    tool: Name = NO_NAME
    text: str = ""
    sealed: str = ""
    redacted: bool = False


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    id: str = ""
    model: str = ""
    blocks: list[Block] = field(default_factory=list[Block])
    finish: Finish = field(default_factory=lambda: Finish("end"))

    def of(self, kind: Kind) -> list[Block]:
        """The blocks of a kind."""
        return [block for block in self.blocks if block.kind == kind]


class InOrder:
    """One block at a time: what belongs to a later one waits until those before it are closed.

    >>> order = InOrder()
    >>> [type(e).__name__ for e in order(Open("a", "call"))], order(Open("b", "call")), order(Piece("b", "1"))
    (['Open'], [], [])
    >>> order(Open("c", "call")), [(type(e).__name__, e.key) for e in order(Close("a"))]
    ([], [('Close', 'a'), ('Open', 'b'), ('Piece', 'b')])
    """

    __slots__ = ("_current", "_waiting")

    def __init__(self) -> None:
        self._current = ""
        self._waiting: dict[str, list[Event]] = {}

    def __call__(self, event: Event) -> list[Event]:
        """What can be told now."""
        if not isinstance(event, Open | Piece | Close):
            return [event]
        if self._current not in ("", event.key):
            self._waiting.setdefault(event.key, []).append(event)
            return []
        self._current = event.key
        out: list[Event] = [event]
        while isinstance(out[-1], Close):
            self._current = ""
            if not self._waiting:
                break
            self._current = next(iter(self._waiting))
            out += self._waiting.pop(self._current)
        return out


def gather(events: Iterable[Event]) -> Answer:
    """A whole answer. Raises Broken when it ends with an error."""
    answer = Answer()
    known: dict[str, Block] = {}
    for event in events:
        if isinstance(event, Begin):
            answer.id, answer.model = event.id, event.model
        elif isinstance(event, Open):
            known[event.key] = Block(event.kind, event.id, event.tool)
            answer.blocks.append(known[event.key])
        elif isinstance(event, Piece):
            known[event.key].text += event.text
        elif isinstance(event, Close):
            known[event.key].sealed, known[event.key].redacted = event.sealed, event.redacted
        elif isinstance(event, Finish):
            answer.finish = event
        elif isinstance(event, Failed):
            raise Broken(event.message)
        else:
            assert isinstance(event, End)
    return answer


def free_text(arguments: str) -> str:
    r"""The text of a custom tool's call, which a function's arguments carry; what is no such JSON is the text.

    >>> free_text('{"input":"a\\nb"}'), free_text("plain")
    ('a\nb', 'plain')
    """
    try:
        given: Any = loaded(arguments)
    except ValueError:
        return arguments
    if not isinstance(given, dict):
        return arguments
    inner = cast("dict[str, Any]", given).get("input")
    return inner if isinstance(inner, str) else arguments

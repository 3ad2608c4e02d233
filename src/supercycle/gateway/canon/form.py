"""The canonical request: what all dialects can say of a conversation, typed and immutable.

JSON of a caller's own (schemas, arguments of calls) stays the text it was, so that nothing in here can be changed and
two requests that say the same are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

__all__ = [
    "NO_NAME",
    "Call",
    "Choice",
    "Contract",
    "Media",
    "Name",
    "Part",
    "Request",
    "Result",
    "Role",
    "Text",
    "Thinking",
    "Tool",
    "Turn",
    "merged",
]

Role = Literal["system", "user", "assistant"]


class Name(NamedTuple):
    """A tool's name. ``namespace`` groups tools (Codex); ``custom`` tools take free text instead of JSON."""

    name: str
    namespace: str = ""
    custom: bool = False


NO_NAME = Name("")


@dataclass(frozen=True, slots=True)
class Text:
    """Text. ``cache``: "" or how long the prompt up to here is to be kept, "5m" or "1h"."""

    text: str
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a file, by its data (base64), its address, or a provider's id: exactly one of the three."""

    kind: Literal["image", "file"]
    media_type: str = ""
    data: str = ""
    url: str = ""
    file_id: str = ""
    name: str = ""
    detail: str = ""
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model thought. ``sealed`` is its provider's own state, for ``origin`` only: "dialect:model", or "" when
    the client's own dialect sealed it. ``redacted``: there is no text to show.
    """

    text: str
    sealed: str = ""
    origin: str = ""
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a tool. ``arguments`` is JSON as text; of a custom tool the free text."""

    id: str
    tool: Name
    arguments: str
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What a tool gave back."""

    call_id: str
    parts: tuple[Text | Media, ...]
    is_error: bool = False
    custom: bool = False
    cache: str = ""


Part = Text | Media | Thinking | Call | Result


@dataclass(frozen=True, slots=True)
class Turn:
    """One message. Results of tools stand in turns of the user."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that the client runs. ``schema`` is JSON as text; ``grammar`` what a custom tool's text must be."""

    tool: Name
    description: str = ""
    schema: str = ""
    strict: bool | None = None
    grammar: str = ""
    cache: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether tools are to be called: "" (not said), auto, none, required, or the one that is named."""

    mode: Literal["", "auto", "none", "required", "tool"] = ""
    tool: Name = NO_NAME


@dataclass(frozen=True, slots=True)
class Contract:
    """The shape the answer must have: any JSON object (no ``schema``), or one of a schema (JSON as text)."""

    schema: str = ""
    name: str = ""
    strict: bool | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request. "" and None mean: not said.

    ``effort`` is a rung of `effort.LADDER`, ``budget`` a number of thinking tokens; ``thoughts`` whether they are to
    be shown. ``knobs`` are further settings of sampling by their chat names, with values as JSON text: no two dialects
    have the same ones.
    """

    model: str
    turns: tuple[Turn, ...]
    tools: tuple[Tool, ...] = ()
    choice: Choice = Choice()
    parallel: bool | None = None
    contract: Contract | None = None
    effort: str = ""
    budget: int | None = None
    thoughts: bool | None = None
    max_output: int | None = None
    stop: tuple[str, ...] = ()
    temperature: float | None = None
    top_p: float | None = None
    knobs: tuple[tuple[str, str], ...] = ()
    stream: bool = False
    user: str = ""
    tier: str = ""
    verbosity: str = ""
    cache_key: str = ""


def merged(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Neighbours of one role as one turn, for dialects in which roles must take turns.

    >>> merged((Turn("user", (Text("a"),)), Turn("user", (Text("b"),)))) == (Turn("user", (Text("a"), Text("b"))),)
    True
    """
    found: list[Turn] = []
    for turn in turns:
        if found and found[-1].role == turn.role:
            found[-1] = replace(found[-1], parts=found[-1].parts + turn.parts)
        else:
            found.append(turn)
    return tuple(found)

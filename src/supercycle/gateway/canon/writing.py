"""What the writers share: the target, settings that some dialects lack, turns in the order a dialect wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from supercycle.gateway.canon.effort import rung
from supercycle.gateway.canon.form import Call, Media, Part, Request, Result, Text, Thinking, Turn, merged
from supercycle.gateway.canon.loss import Loss

__all__ = [
    "EMPTY_SCHEMA",
    "USUAL_TIERS",
    "Way",
    "Written",
    "alternating",
    "data_url",
    "hoisted",
    "identity",
    "knobs",
    "limit",
    "loaded",
    "nearest",
    "no_prefill",
    "the_others",
    "unlike",
]

EMPTY_SCHEMA: Final = '{"type":"object","properties":{}}'
_USER_CHARS: Final = 64  # of OpenAI's user and safety_identifier
_INTERRUPTED: Final = "[no result: interrupted]"
# What turns neither the answer nor its price: asking for the usual.
USUAL_TIERS: Final = ("", "auto", "default", "standard")


class Way(NamedTuple):
    """A target: its dialect, its provider's kind, the model, and the longest answer it gives (None: not known)."""

    dialect: str
    kind: str
    model: str
    max_output: int | None = None

    @property
    def origin(self) -> str:
        """Whose sealed state may go there."""
        return f"{self.dialect}:{self.model}"


class Written(NamedTuple):
    """A body for a target. ``unwrap``: the tool whose arguments are the answer, where a shape was asked for as one."""

    body: dict[str, Any]
    unwrap: str = ""


def no_prefill(request: Request, loss: Loss) -> None:
    """A last turn of the assistant asks to go on from there, which only messages of older models do."""
    last = request.turns[-1] if request.turns else None
    if last is not None and last.role == "assistant" and any(isinstance(part, Text) for part in last.parts):
        loss.lose("a last turn of the assistant, to be gone on with,")


def nearest(effort: str, known: tuple[str, ...], loss: Loss) -> str:
    """The nearest word a target knows for an effort; another one is noted."""
    found = rung(effort, known)
    if found != effort:
        loss.note(f"effort {effort} told as {found}")
    return found


def loaded(text: str) -> Any:
    """The value of a JSON text."""
    return orjson.loads(text)


def limit(request: Request, way: Way, loss: Loss) -> int | None:
    """The longest answer to ask for: never above what the model can write, which some servers refuse."""
    if request.max_output is None or way.max_output is None or request.max_output <= way.max_output:
        return request.max_output
    loss.note(f"limit of {request.max_output} tokens told as {way.max_output}, the model's own")
    return way.max_output


def knobs(request: Request, known: Mapping[str, str], loss: Loss) -> dict[str, Any]:
    """The settings of sampling that a dialect has, under its names; the others are lost by name."""
    found: dict[str, Any] = {}
    for name, value in request.knobs:
        if name in known:
            found[known[name]] = loaded(value)
        else:
            loss.lose(name)
    return found


def the_others(request: Request, way: Way, loss: Loss, *, can: frozenset[str] = frozenset()) -> None:
    """Notes on hints that a dialect has no place for: ``can`` names those it has."""
    if request.verbosity and "verbosity" not in can:
        loss.note("verbosity left out")
    if request.cache_key and "cache_key" not in can:
        loss.note("prompt_cache_key left out")
    if request.user and "user" not in can:
        loss.note("user left out")
    if request.tier not in USUAL_TIERS and "tier" not in can:
        loss.note(f"service_tier {request.tier} left out")
    if request.parallel is not None and request.tools and "parallel" not in can:
        if request.parallel:
            loss.note("parallel tool calls are the target's own choice")
        else:
            loss.lose("parallel_tool_calls: false")
    marked = [t for t in request.tools if t.cache]
    marked += [p for turn in request.turns for p in turn.parts if not isinstance(p, Thinking) and p.cache]
    if marked and "cache" not in can:
        loss.note(f"{way.dialect} caches by itself: cache_control left out")


def identity(request: Request, loss: Loss) -> str:
    """Who asks, in at most 64 characters: a longer name is told as its hash, the same each time."""
    if len(request.user) <= _USER_CHARS:
        return request.user
    loss.note("user told as its hash")
    return blake2b(request.user.encode("utf-8", "replace"), digest_size=16).hexdigest()


def unlike(thought: Thinking, way: Way, own: bool) -> bool:
    """Whether a thought was sealed for somebody else. ``own``: the client speaks the target's dialect."""
    return thought.origin != way.origin if thought.origin else not own


def data_url(part: Media) -> str:
    """A picture or file as an address."""
    return part.url or f"data:{part.media_type};base64,{part.data}"


def hoisted(turns: tuple[Turn, ...], loss: Loss) -> tuple[tuple[Text, ...], tuple[Turn, ...]]:
    """(What is said first by the system, the other turns); a later system turn stays where it is, as a user's."""
    for turn in turns:
        if turn.role == "system" and not all(isinstance(part, Text) for part in turn.parts):
            loss.lose("what the system says beside text")
    first = 0
    while first < len(turns) and turns[first].role == "system":
        first += 1
    head = tuple(part for turn in turns[:first] for part in turn.parts if isinstance(part, Text))
    rest: list[Turn] = []
    for turn in turns[first:]:
        if turn.role == "system":
            texts = [part.text for part in turn.parts if isinstance(part, Text)]
            said = "\n\n".join(["<system-reminder>", *texts, "</system-reminder>"])
            rest.append(Turn("user", (Text(said),)))
        else:
            rest.append(turn)
    return head, tuple(rest)


def alternating(turns: tuple[Turn, ...], loss: Loss) -> tuple[Turn, ...]:
    """Turns of user and assistant in turn, beginning with the user, every call answered in the very next turn.

    A call that was never answered is answered as interrupted; a result without its call becomes text.
    """
    found: list[Turn] = []
    open_calls: dict[str, Call] = {}
    joined = [turn for turn in merged(turns) if turn.parts]
    if joined and joined[0].role == "assistant":
        joined.insert(0, Turn("user", (Text("[the conversation goes on]"),)))
        loss.note("a user turn put first")
    for turn in joined:
        if turn.role == "user":
            results: list[Part] = []
            rest: list[Part] = []
            for part in turn.parts:
                if isinstance(part, Result) and part.call_id in open_calls:
                    del open_calls[part.call_id]
                    results.append(part)
                elif isinstance(part, Result):
                    loss.note("a result without its call told as text")
                    rest += [Text(f"[result of {part.call_id}]"), *part.parts]
                else:
                    rest.append(part)
            if open_calls:
                loss.note("a call without a result told as interrupted")
            results += [Result(call_id, (Text(_INTERRUPTED),)) for call_id in open_calls]
            found.append(replace(turn, parts=(*results, *rest)))
        else:
            found.append(turn)
        open_calls = {part.id: part for part in turn.parts if isinstance(part, Call)}
    if open_calls:
        found.append(Turn("user", tuple(Result(call_id, (Text(_INTERRUPTED),)) for call_id in open_calls)))
    return tuple(found)

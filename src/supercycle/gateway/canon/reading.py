"""What the three readers share: types of other people's JSON, pictures, files, settings that say nothing."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.canon.form import Media
from supercycle.gateway.canon.loss import Loss

__all__ = ["IGNORED", "KNOBS", "dumped", "knobs_of", "media_of", "objects", "the_rest", "words"]

# Settings of sampling that only some dialects have, and what says nothing of each.
KNOBS: Final[Mapping[str, tuple[object, ...]]] = {
    "seed": (),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "repetition_penalty": (1,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "top_k": (),
    "min_p": (0,),
    "n": (1,),
}
# What tells a provider who asks, what to keep or how fast to be, and nothing about the answer.
IGNORED: Final = frozenset({
    "metadata", "store", "prompt_cache_retention", "prompt_cache_options", "client_metadata", "prediction",
    "stream_options", "truncation", "max_tool_calls", "safeguards", "speed", "usage",
})  # fmt: skip


def objects(value: object, where: str) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises InputError for anything else; null is an empty list."""
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise InputError(where, expected="a list of objects", got=type(value).__name__)
    return value


def words(value: object, where: str) -> tuple[str, ...]:
    """A text or a list of texts."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise InputError(where, expected="a text or a list of texts", got=type(value).__name__)
    return tuple(value)


def dumped(value: object) -> str:
    """JSON as text."""
    return orjson.dumps(value).decode()


def knobs_of(fields: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The settings of sampling that say something, by name."""
    return tuple(
        (name, dumped(fields[name]))
        for name, nothing in KNOBS.items()
        if fields.get(name) is not None and fields[name] not in nothing
    )


def the_rest(fields: Mapping[str, Any], known: frozenset[str], loss: Loss) -> None:
    """Fields that a reader does not know: harmless ones with a note, others by name."""
    for name, value in fields.items():
        if value is None or name in known or name in KNOBS:
            continue
        if name in IGNORED:
            loss.note(f"{name} left out")
        else:
            loss.lose(name)


def media_of(kind: Any, address: str, *, name: str = "", detail: str = "", cache: str = "") -> Media:
    """A picture or file by its address, which may be its data.

    >>> media_of("image", "data:image/png;base64,AAAA").data, media_of("image", "https://x.y/z.png").url
    ('AAAA', 'https://x.y/z.png')
    """
    if not address.startswith("data:"):
        return Media(kind, url=address, name=name, detail=detail, cache=cache)
    head, comma, data = address[5:].partition(",")
    if not comma or not head.endswith(";base64"):
        raise InputError("a data address", expected="data:TYPE;base64,…", got=address[:40])
    return Media(kind, head[: -len(";base64")], data, name=name, detail=detail, cache=cache)

"""The request in a target's words: the client's own bytes where nothing must change."""

from __future__ import annotations

from typing import Final

import orjson

from supercycle.gateway.door.exchange import Exchange
from supercycle.gateway.routes.providers import Target
from supercycle.gateway.speech.translate import request_to_chat, request_to_messages

__all__ = ["prepared", "spoken"]

_OTHER = {
    "openai.chat": "anthropic.messages",
    "anthropic.messages": "openai.chat",
}
# Where the upstream must be told a limit (messages), the client set none and the model's own is not known.
_MESSAGES_MAX: Final = 4096


def spoken(x: Exchange, target: Target) -> str:
    """The dialect a target is asked in: the client's own when it speaks it."""
    return x.dialect if x.dialect in target.provider.paths else _OTHER[x.dialect]


def prepared(x: Exchange, target: Target, max_output: int | None) -> tuple[bytes, bool]:
    """The body as it goes to a target, and whether usage was asked for behind the client's back.

    It is written anew from what was read, so that what the budget was held to is what the provider reads: a name that
    stands twice in the client's bytes is sent once. ``max_output`` is the longest answer of the model, for a dialect
    that wants a limit where the client set none. Raises Untranslatable.
    """
    call = x.call
    dialect = spoken(x, target)
    fields = call.fields
    if dialect != x.dialect:
        plain = {name: value for name, value in fields.items() if name != "provider"}
        if dialect == "anthropic.messages":
            made = request_to_messages(plain, target.max_output_tokens or max_output or _MESSAGES_MAX)
        else:
            made = request_to_chat(plain)
        made["model"] = target.model
        return orjson.dumps(made), False
    hide = call.stream and dialect == "openai.chat" and target.provider.asks_usage and not call.wants_usage
    changed = {**fields, "model": target.model}
    changed.pop("provider", None)
    if hide:
        changed["stream_options"] = {**(fields.get("stream_options") or {}), "include_usage": True}
    if dialect == "openai.chat" and call.max_output is not None:
        reads = target.provider.limit_field
        if reads == "max_tokens" and changed.get(reads) is None:
            changed[reads] = changed.pop("max_completion_tokens")
    return orjson.dumps(changed), hide

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
# What a chat request without a limit may answer where the upstream must be told one (messages).
_MESSAGES_MAX: Final = 4096


def spoken(x: Exchange, target: Target) -> str:
    """The dialect a target is asked in: the client's own when it speaks it."""
    return x.dialect if x.dialect in target.provider.paths else _OTHER[x.dialect]


def prepared(x: Exchange, target: Target) -> tuple[bytes, bool]:
    """The body as it goes to a target, and whether usage was asked for behind the client's back.

    The client's own bytes when nothing changes: the name of the model, the ``provider`` object, include_usage.
    Raises Untranslatable.
    """
    call = x.call
    dialect = spoken(x, target)
    fields = call.fields
    if dialect != x.dialect:
        plain = {name: value for name, value in fields.items() if name != "provider"}
        if dialect == "anthropic.messages":
            made = request_to_messages(plain, target.max_output_tokens or _MESSAGES_MAX)
        else:
            made = request_to_chat(plain)
        made["model"] = target.model
        return orjson.dumps(made), False
    hide = call.stream and dialect == "openai.chat" and target.provider.asks_usage and not call.wants_usage
    if call.model == target.model and not hide and call.preference is None:
        return x.body, False
    changed = {**fields, "model": target.model}
    changed.pop("provider", None)
    if hide:
        changed["stream_options"] = {**(fields.get("stream_options") or {}), "include_usage": True}
    return orjson.dumps(changed), hide

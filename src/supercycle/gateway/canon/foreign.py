"""Other models' sealed state, taken out of a history that goes to a server of the client's own dialect."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from supercycle.gateway.canon.carrier import MARK

__all__ = ["without_foreign"]


def without_foreign(dialect: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The request without thinking that was sealed for another dialect: its own server would refuse it.

    >>> block = {"type": "thinking", "thinking": "", "signature": "gw1.YQ==.WyIiLCIiLGZhbHNlXQ=="}
    >>> said = {"messages": [{"role": "assistant", "content": [block, {"type": "text", "text": "hi"}]}]}
    >>> without_foreign("anthropic.messages", said)["messages"][0]["content"]
    [{'type': 'text', 'text': 'hi'}]
    """
    changed = dict(fields)
    if dialect == "anthropic.messages":
        changed["messages"] = [_message(message) for message in fields.get("messages") or []]
    elif dialect == "openai.responses" and isinstance(fields.get("input"), list):
        changed["input"] = [item for item in fields["input"] if not _foreign(item, "encrypted_content")]
    return changed


def _message(message: Any) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    return {**message, "content": [block for block in message["content"] if not _foreign(block, "signature")]}


def _foreign(part: Any, slot: str) -> bool:
    return isinstance(part, dict) and isinstance(part.get(slot), str) and part[slot].startswith(MARK)

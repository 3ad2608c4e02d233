"""The text in an answer, for an estimate where the provider never said what was used: never the envelope around it."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

__all__ = ["STREAMED", "answer_bytes"]

_TEXT: Final = frozenset({
    "content", "text", "arguments", "reasoning_content", "reasoning", "thinking", "refusal", "input", "partial_json",
    "args",
})  # fmt: skip
# Where an answer holds what was written; the rest of it (ids, names, settings) is not output.
_BODIES: Final = ("choices", "content", "output", "candidates")

# What an event of a stream adds to the answer, as it stands in the bytes. A Responses stream repeats its text in its
# closing events, so there only the deltas count.
_VALUE = rb'":\s?"((?:[^"\\]|\\.)*)"'
STREAMED: Final = {
    "openai.chat": re.compile(rb'"(?:content|reasoning_content|reasoning|arguments|refusal)' + _VALUE),
    "openai.responses": re.compile(rb'"(?:delta)' + _VALUE),
    "anthropic.messages": re.compile(rb'"(?:text|thinking|partial_json)' + _VALUE),
    "google.generate": re.compile(rb'"(?:text)' + _VALUE),
    "bedrock.converse": re.compile(rb'"(?:text|input)' + _VALUE),
}


def answer_bytes(answer: Mapping[str, Any]) -> int:
    """Bytes of UTF-8 of all that an answer says.

    >>> answer_bytes({"id": "chatcmpl-123", "choices": [{"message": {"role": "assistant", "content": "four"}}]})
    4
    """
    return sum(_within(answer[name]) for name in _BODIES if name in answer)


def _within(value: Any, key: str = "") -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "replace")) if key in _TEXT else 0
    if isinstance(value, Mapping):
        if key in ("input", "args"):  # the arguments of a tool, decoded
            return len(str(value))
        return sum(_within(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return sum(_within(inner, key) for inner in value)
    return 0

"""What bounds a request in the words of Gemini or Converse, as the gateway itself writes them (see `bounds`).

A translated request is held to what is sent, not to what the client said: the two differ by names, frames and notes.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supercycle.gateway.speech.bounds import TEMPLATE_TOKENS, TOOL_TOKENS, InputBound, bound_of, picture_data

__all__ = ["limit_in", "sent_bound"]

_GEMINI: Final = frozenset({"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"})
_GEMINI_CONFIG: Final = frozenset({
    "maxOutputTokens", "temperature", "topP", "topK", "seed", "frequencyPenalty", "presencePenalty", "stopSequences",
    "responseMimeType", "responseJsonSchema", "thinkingConfig",
})  # fmt: skip
_CONVERSE: Final = frozenset({
    "messages", "system", "toolConfig", "inferenceConfig", "additionalModelRequestFields", "outputConfig",
    "serviceTier",
})  # fmt: skip
_INLINE: Final = frozenset({"text", "toolUse", "reasoningContent", "cachePoint"})
_PLAIN: Final = frozenset({"txt", "csv", "html", "md"})  # documents that are their own text


def sent_bound(dialect: str, sent: Mapping[str, Any], size: int) -> InputBound:
    """What bounds a body as it is sent, ``size`` bytes of it; a field it does not know leaves it without a bound.

    >>> sent_bound("google.generate", {"contents": [{"parts": [{"text": "hi"}]}]}, 50).unbounded
    ()
    >>> sent_bound("bedrock.converse", {"messages": [{"content": [{"video": {}}]}]}, 50).unbounded
    ('part video',)
    """
    if dialect not in ("google.generate", "bedrock.converse"):
        return bound_of(dialect, sent, size)
    bound = InputBound(size, TEMPLATE_TOKENS)
    known = _GEMINI if dialect == "google.generate" else _CONVERSE
    settings = sent.get("generationConfig") or {}
    unknown = [name for name in sent if name not in known]
    unknown += [name for name in settings if name not in _GEMINI_CONFIG]
    bound.endless += tuple(f"field {name[:60]} is not known" for name in unknown)
    if dialect == "google.generate":
        _gemini(bound, sent)
    else:
        _converse(bound, sent)
    return bound


def limit_in(dialect: str, sent: Mapping[str, Any]) -> int | None:
    """The limit on the answer in a body as it is sent; None when it sets none."""
    if dialect == "google.generate":
        return (sent.get("generationConfig") or {}).get("maxOutputTokens")
    if dialect == "bedrock.converse":
        return (sent.get("inferenceConfig") or {}).get("maxTokens")
    limits = [sent[n] for n in ("max_completion_tokens", "max_tokens", "max_output_tokens") if sent.get(n)]
    return max(limits, default=None)


def _gemini(bound: InputBound, sent: Mapping[str, Any]) -> None:
    for content in (*sent["contents"], sent.get("systemInstruction") or {}):
        for part in content.get("parts") or []:
            _gemini_part(bound, part)
    for tool in sent.get("tools") or []:
        bound.hidden_tokens += TOOL_TOKENS
        bound.unbounded += tuple(f"tool {name[:60]}" for name in tool if name != "functionDeclarations")


def _gemini_part(bound: InputBound, part: Mapping[str, Any]) -> None:
    inline = part.get("inlineData")
    if inline is not None:
        if str(inline.get("mimeType")).startswith("image/"):
            picture_data(bound, inline["data"])
        elif not str(inline.get("mimeType")).startswith("text/"):
            bound.unbounded += (f"inlineData of type {str(inline.get('mimeType'))[:60]}",)
    result = part.get("functionResponse")
    if result is not None:
        for inner in result.get("parts") or []:
            _gemini_part(bound, inner)
    if inline is None and result is None and "text" not in part and "functionCall" not in part:
        bound.unbounded += (f"part {', '.join(part)[:60]}",)


def _converse(bound: InputBound, sent: Mapping[str, Any]) -> None:
    for message in sent["messages"]:
        for block in message["content"]:
            _converse_block(bound, block)
    if sent.get("toolConfig"):
        bound.hidden_tokens += TOOL_TOKENS


def _converse_block(bound: InputBound, block: Mapping[str, Any]) -> None:
    if not _INLINE.isdisjoint(block):
        return
    if "image" in block:
        data = block["image"]["source"].get("bytes")
        if isinstance(data, str):
            picture_data(bound, data)
        else:
            bound.unbounded += ("an image by its place",)
    elif "toolResult" in block:
        for inner in block["toolResult"]["content"]:
            _converse_block(bound, inner)
    elif "document" in block:
        form = block["document"].get("format")
        if form not in _PLAIN:
            bound.unbounded += (f"document of type {str(form)[:60]}",)
    else:
        bound.unbounded += (f"part {', '.join(block)[:60]}",)

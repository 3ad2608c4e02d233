"""What bounds the tokens of a request: every part, tool and field of it that is known, and what is not.

A request is *bounded* when all it makes a provider read stands in its body: text (a token is at least one byte of
UTF-8), pictures and sounds with a stated most each. Whatever names something else (an address, a file's id, an earlier
answer, a hosted tool) or is not known here makes its input *unbounded by the body*: then only the model's context
bounds it, once for each round in which a provider may read it again. What has no finite bound at all is named in
``endless``, and a path with a budget refuses it by that name.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from supercycle.gateway.speech.fields import BLOCKS, FIELDS, INLINE_TOOLS, ITEMS, MESSAGE_FIELDS, PARTS
from supercycle.gateway.speech.media import (
    AUDIO_TOKENS_PER_S,
    Picture,
    audio_seconds_most,
    picture_tokens_most,
    png_or_jpeg_size,
)

__all__ = [
    "ANTHROPIC_ROUNDS",
    "TEMPLATE_TOKENS",
    "TOOL_TOKENS",
    "InputBound",
    "asks_mcp",
    "bound_of",
    "picture_data",
]

# Anthropic stops a loop of its own tools after ten rounds (its page on server tools); OpenAI states no such number.
ANTHROPIC_ROUNDS: Final = 10
# What the hidden prompt of tools costs at most: 804 for any tools of Claude (its page on tool use, 2026-08), and what
# a toolset of its own adds. Tools of other vendors without a stated number count as the dearest of these.
TOOL_TOKENS: Final = 804
_TOOLSETS: Final = {"bash": 325, "text_editor": 700, "memory": 700, "computer": 4500, "browser": 6600}
_DEAREST_TOOLSET: Final = 6600
_PICTURES: Final = (
    "data:image/png",
    "data:image/jpeg",
    "data:image/jpg",
    "data:image/gif",
    "data:image/webp",
)
# What a chat template adds to a request at most: the preamble of gpt-oss is about 70 tokens; judgement, rounded up.
TEMPLATE_TOKENS: Final = 128
_RARE: Final = frozenset({
    "web_search_options", "modalities", "audio", "prediction", "models", "fallbacks", "route", "plugins", "n",
    "best_of",
})  # fmt: skip
_HEAD: Final = 64 * 1024  # of a picture's base64, to read its size


@dataclass(slots=True)
class InputBound:
    """What a request can make a provider read and do, at most.

    ``text_bytes`` bound the tokens of text, ``hidden_tokens`` those of prompts a provider adds; ``unbounded`` names
    what is not in the body, ``endless`` what has no bound at all, ``unpriced`` what has no price in the book.
    ``rounds`` is how often the input can be read: once, and once more after each call of a hosted tool.
    """

    text_bytes: int
    hidden_tokens: int = 0
    pictures: tuple[Picture, ...] = ()
    audio_s: float = 0.0
    rounds: int = 1
    searches: int = 0
    choices: int = 1
    extra_output: int = 0
    unbounded: tuple[str, ...] = ()
    endless: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()

    def tokens(self, model: str) -> int | None:
        """The most tokens the body can be to a model, read once; None when the body does not bound it.

        >>> InputBound(120).tokens("gpt-4o"), InputBound(120, pictures=(Picture("low"),)).tokens("gpt-4o")
        (120, 205)
        """
        if self.unbounded:
            return None
        total = (
            self.text_bytes
            + self.hidden_tokens
            + int(self.audio_s * AUDIO_TOKENS_PER_S + 1) * bool(self.audio_s)
        )
        for picture in self.pictures:
            most = picture_tokens_most(model, picture)
            if most is None:
                return None
            total += most
        return total


def bound_of(
    dialect: str, fields: Mapping[str, Any], body_bytes: int, known_fields: frozenset[str] = frozenset()
) -> InputBound:
    """Read a decoded request and say what bounds it. Never raises for odd shapes: what is odd is unbounded.

    ``known_fields`` are further names that an administrator knows to cost nothing.

    >>> bound_of("openai.chat", {"model": "m", "messages": [{"role": "user", "content": "hi"}]}, 60)
    InputBound(text_bytes=60, hidden_tokens=128, pictures=(), audio_s=0.0, rounds=1, searches=0, choices=1, \
extra_output=0, unbounded=(), endless=(), unpriced=())
    >>> bound_of("openai.chat", {"model": "m", "messages": [], "attachments": [7]}, 60).endless
    ('field attachments is not known (bounds.known_fields lists what costs nothing)',)
    """
    bound = InputBound(body_bytes, 0 if dialect == "openai.embeddings" else TEMPLATE_TOKENS)
    known = FIELDS[dialect]
    for name, value in fields.items():
        if name not in known and value is not None and name not in known_fields:
            # It may be another name for a limit, or set a service to work: no part of the bound would hold.
            bound.endless += (
                f"field {name[:60]} is not known (bounds.known_fields lists what costs nothing)",
            )
    reader = _READERS[dialect]
    reader(bound, fields)
    return bound


# --- chat


def _chat(bound: InputBound, fields: Mapping[str, Any]) -> None:
    for message in _list(fields.get("messages"), bound, "messages"):
        _message(bound, message)
    _tools(bound, fields, anthropic=False)
    if not _RARE.isdisjoint(fields):
        _rare(bound, fields)


def _rare(bound: InputBound, fields: Mapping[str, Any]) -> None:
    """Fields of a chat that most requests do not have, and that cost something."""
    if fields.get("web_search_options") is not None:
        bound.unbounded += ("web_search_options",)
        bound.searches = max(bound.searches, 1)
    modalities = fields.get("modalities")
    if modalities is not None and modalities != ["text"]:
        bound.unpriced += ("modalities other than text",)
    if fields.get("audio") is not None:
        bound.unpriced += ("audio output",)
    if fields.get("prediction") is not None:
        # Rejected tokens of a prediction are billed as output, beside the answer.
        bound.extra_output = bound.text_bytes
    for name in ("models", "fallbacks", "route", "plugins"):
        if fields.get(name) is not None:
            bound.endless += (f"{name} (another model or service may answer)",)
    for name in ("n", "best_of"):
        count = fields.get(name)
        if count is not None:
            bound.choices = max(bound.choices, count if isinstance(count, int) else 1)


def _message(bound: InputBound, message: Any) -> None:
    if not isinstance(message, dict):
        bound.unbounded += ("a message that is no object",)
        return
    for name, value in message.items():
        if name not in MESSAGE_FIELDS:
            if value is not None:
                bound.unbounded += (f"message field {name[:60]}",)
        elif name == "content" and isinstance(value, list):
            for part in value:
                _part(bound, part)
        elif name == "audio" and value:
            bound.unbounded += ("audio of an earlier answer",)


def _part(bound: InputBound, part: Any) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" or kind in PARTS:
        return
    if kind == "image_url":
        image = part.get("image_url")
        if isinstance(image, dict):
            _picture(bound, image.get("url"), str(image.get("detail") or part.get("detail") or "auto"))
        else:
            _picture(bound, image, str(part.get("detail") or "auto"))
    elif kind == "input_image":
        if part.get("file_id"):
            bound.unbounded += ("input_image by file_id",)
        else:
            _picture(bound, part.get("image_url"), str(part.get("detail") or "auto"))
    elif kind == "input_audio":
        _audio(bound, part.get("input_audio"))
    else:
        what = kind if isinstance(kind, str) else "without a type"
        bound.unbounded += (f"part {what[:60]}",)


def _picture(bound: InputBound, url: Any, detail: str) -> None:
    """A picture by its data has its own size; one by address has a cap only where its model has one."""
    if not isinstance(url, str):
        bound.unbounded += ("a picture that is no address",)
        return
    if url.startswith("data:"):
        head, _, data = url.partition(",")
        if not head.startswith(_PICTURES):  # some providers read documents from this field
            bound.unbounded += (f"picture of kind {head[5:65]}",)
            return
        bound.text_bytes -= len(data)  # the picture itself is not text
        bound.pictures += (Picture(detail, _size_of(data)),)
    else:
        bound.pictures += (Picture(detail),)


def picture_data(bound: InputBound, data: str) -> None:
    """A picture in base64 inside the body: its own cap instead of its bytes."""
    bound.text_bytes -= len(data)
    bound.pictures += (Picture("auto", _size_of(data)),)


def _size_of(data: Any) -> tuple[int, int] | None:
    if not isinstance(data, str):
        return None
    try:
        return png_or_jpeg_size(b64decode(data[: _HEAD // 4 * 4]))
    except (Base64Error, ValueError):
        return None


def _audio(bound: InputBound, audio: Any) -> None:
    data = audio.get("data") if isinstance(audio, dict) else None
    kind = audio.get("format") if isinstance(audio, dict) else None
    seconds = None
    if isinstance(data, str) and isinstance(kind, str):
        seconds = audio_seconds_most(kind, len(data) * 3 // 4)
    if seconds is None or not isinstance(data, str):
        bound.unbounded += ("input_audio of an unknown format",)
        return
    bound.text_bytes -= len(data)
    bound.audio_s += seconds
    bound.unpriced += ("audio input",)


# --- messages


def _messages(bound: InputBound, fields: Mapping[str, Any]) -> None:
    for message in _list(fields.get("messages"), bound, "messages"):
        if not isinstance(message, dict):
            bound.unbounded += ("a message that is no object",)
            continue
        for name, value in message.items():
            if name not in ("role", "content"):
                bound.unbounded += (f"message field {name[:60]}",)
            elif name == "content" and isinstance(value, list):
                for block in value:
                    _block(bound, block)
    system = fields.get("system")
    if isinstance(system, list):
        for block in system:
            _block(bound, block)
    _tools(bound, fields, anthropic=True)
    for name in ("mcp_servers", "container", "safeguards"):
        if fields.get(name):
            bound.unbounded += (name,)
            bound.rounds += ANTHROPIC_ROUNDS
    edits = fields.get("context_management")
    if isinstance(edits, dict):
        for edit in _list(edits.get("edits"), bound, "context_management.edits"):
            kind = str(edit.get("type")) if isinstance(edit, dict) else ""
            if not kind.startswith("clear_"):  # clearing reads less; a compaction is a call of its own
                bound.unbounded += (f"context_management {kind[:60]}",)
                bound.rounds += 1


def _block(bound: InputBound, block: Any) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "text" or kind in BLOCKS:
        return
    if kind == "image":
        source = block["source"] if isinstance(block.get("source"), dict) else {}
        how = source.get("type")
        if how == "base64" and isinstance(source.get("data"), str):
            picture_data(bound, source["data"])
        elif how == "url":
            bound.pictures += (Picture(),)
        else:
            bound.unbounded += ("an image by file",)
    elif kind == "tool_result":
        content = block.get("content")
        for inner in content if isinstance(content, list) else ():
            _block(bound, inner)
    elif kind == "document":
        source = block["source"] if isinstance(block.get("source"), dict) else {}
        how = source.get("type")
        if how == "content" and isinstance(source.get("content"), list):
            for inner in source["content"]:
                _block(bound, inner)
        elif how not in ("text", "content"):
            # A PDF's streams are compressed: its bytes do not bound its text, nor its pages.
            bound.unbounded += (f"document by {str(how)[:60]}",)
    else:
        what = kind if isinstance(kind, str) else "without a type"
        bound.unbounded += (f"block {what[:60]}",)


# --- responses


def _responses(bound: InputBound, fields: Mapping[str, Any]) -> None:
    for name in ("previous_response_id", "conversation", "prompt"):
        if fields.get(name):
            bound.unbounded += (name,)
    if fields.get("context_management"):
        bound.unbounded += ("context_management",)
        bound.rounds += 1
    given = fields.get("input")
    if given is not None and not isinstance(given, str):
        for item in _list(given, bound, "input"):
            _item(bound, item)
    _tools(bound, fields, anthropic=False)


def _item(bound: InputBound, item: Any) -> None:
    if not isinstance(item, dict):
        bound.unbounded += ("an item that is no object",)
        return
    kind = item.get("type", "message")
    if kind in ("message", "function_call_output", "custom_tool_call_output"):
        content = item.get("content" if kind == "message" else "output")
        for part in content if isinstance(content, list) else ():
            _part(bound, part)
    elif kind == "additional_tools":
        _tools(bound, item, anthropic=False)
    elif kind not in ITEMS:
        bound.unbounded += (f"item {str(kind)[:60]}",)


def _embeddings(bound: InputBound, fields: Mapping[str, Any]) -> None:
    """Text or token numbers, and a number takes at least two bytes of the body: nothing else to read."""


# --- tools


def _tools(bound: InputBound, fields: Mapping[str, Any], *, anthropic: bool) -> None:
    tools = fields.get("tools")
    if tools is None:
        return
    listed = _list(tools, bound, "tools")
    if listed:
        bound.hidden_tokens += TOOL_TOKENS
    for tool in listed:
        kind = tool.get("type", "custom") if isinstance(tool, dict) else None
        if not isinstance(kind, str):
            bound.unbounded += ("a tool without a type",)
        elif kind not in INLINE_TOOLS:
            _hosted(bound, kind, tool, fields, anthropic=anthropic)


def _hosted(
    bound: InputBound, kind: str, tool: Mapping[str, Any], fields: Mapping[str, Any], *, anthropic: bool
) -> None:
    """A tool that the provider knows: run by the client it only lengthens the prompt, hosted it can loop."""
    stem = kind.partition("_20")[0]
    if anthropic and stem in _TOOLSETS:
        bound.hidden_tokens += _TOOLSETS[stem]
        return
    if kind in ("local_shell", "shell", "apply_patch", "computer", "computer_use_preview"):
        bound.hidden_tokens += _DEAREST_TOOLSET
        return
    bound.unbounded += (f"tool {kind[:60]}",)
    stated = tool.get("max_uses") if anthropic else fields.get("max_tool_calls")
    calls = stated if isinstance(stated, int) and not isinstance(stated, bool) and stated >= 0 else None
    if calls is None:
        if not anthropic:
            bound.endless += (f"tool {kind[:60]} without max_tool_calls",)
        calls = ANTHROPIC_ROUNDS
    bound.rounds += calls
    if "search" in stem:
        bound.searches += calls
    elif stem not in ("web_fetch", "mcp", "mcp_toolset", "tool_search_tool_regex", "tool_search_tool_bm25"):
        bound.unpriced += (f"tool {kind[:60]}",)


def asks_mcp(fields: Mapping[str, Any]) -> bool:
    """Whether a request lets the provider call servers of the Model Context Protocol.

    >>> asks_mcp({"tools": [{"type": "mcp", "server_url": "https://x.y"}]}), asks_mcp({"mcp_servers": []})
    (True, False)
    """
    tools = fields.get("tools")
    kinds = [str(t.get("type")) for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return bool(fields.get("mcp_servers")) or any(kind.startswith("mcp") for kind in kinds)


def _list(value: Any, bound: InputBound, what: str) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list):
        return value
    bound.unbounded += (f"{what} of another shape",)
    return []


_READERS: Final = {
    "openai.chat": _chat,
    "openai.responses": _responses,
    "openai.embeddings": _embeddings,
    "anthropic.messages": _messages,
}

"""Chat completions in the words of messages, and back: requests, answers and errors.

What has an equal on the other side is translated, what only tunes the server (see ``_DROPPED``) is left out, and
anything else is refused by name: a request is never answered as if a part of it had not been said. Streams are in
`supercycle.gateway.speech.translate_stream`.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from supercycle.core.errors import InputError

__all__ = [
    "FINISH_OF_STOP",
    "STOP_OF_FINISH",
    "Untranslatable",
    "answer_to_chat",
    "answer_to_messages",
    "error_body",
    "request_to_chat",
    "request_to_messages",
    "usage_to_chat",
    "usage_to_messages",
]

# How an answer ended: the messages word and the chat word.
FINISH_OF_STOP = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
STOP_OF_FINISH = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}

# Fields that change nothing about what is answered, or only hint: left out.
_DROPPED = frozenset({
    "metadata", "prompt_cache_key", "prompt_cache_retention",
    "safety_identifier", "seed", "service_tier", "store", "stream_options", "verbosity",
})  # fmt: skip
_CHAT = frozenset({
    "max_completion_tokens", "max_tokens", "messages", "model", "parallel_tool_calls", "stop", "stream",
    "temperature", "tool_choice", "tools", "top_p", "user",
})  # fmt: skip
_MESSAGES = frozenset({
    "max_tokens", "messages", "metadata", "model", "service_tier", "stop_sequences", "stream", "system",
    "temperature", "tool_choice", "tools", "top_p",
})  # fmt: skip
# What these say when they say nothing.
_EMPTY: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "thinking": ({"type": "disabled"},),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "logit_bias": ({},),
}
_ERROR_TYPES = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error", 529: "overloaded_error",
}  # fmt: skip


class Untranslatable(InputError):
    """A request says something the other dialect has no words for."""


def _refuse(what: str, dialect: str) -> Untranslatable:
    return Untranslatable(
        f"{what} has no equal in {dialect}",
        hint="Leave it out, or use a model whose provider speaks this dialect",
    )


def _check(asked: Mapping[str, Any], known: frozenset[str], dialect: str) -> None:
    for name, value in asked.items():
        if name in known or value is None or value in _EMPTY.get(name, ()):
            continue
        if name not in _DROPPED:
            raise _refuse(name, dialect)


# --- requests --------------------------------------------------------------------------------------------------------


def request_to_messages(asked: Mapping[str, Any], default_max_tokens: int) -> dict[str, Any]:
    """A chat completion request as a messages request.

    ``default_max_tokens`` stands in when the caller names no limit: messages must have one. System and developer
    messages become ``system``; tool results become parts of the next user message. Raises Untranslatable.
    """
    _check(asked, _CHAT, "messages")
    out: dict[str, Any] = {"model": asked.get("model"), "messages": []}
    limit = asked.get("max_completion_tokens") or asked.get("max_tokens")
    out["max_tokens"] = limit or default_max_tokens
    system: list[dict[str, Any]] = []
    for message in _list(asked.get("messages"), "messages"):
        role = message.get("role")
        if role in ("system", "developer"):
            system += _parts(message.get("content"))
        elif role == "user":
            _append(out["messages"], "user", _parts(message.get("content")))
        elif role == "assistant":
            _append(out["messages"], "assistant", _assistant_blocks(message))
        elif role == "tool":
            block = {"type": "tool_result", "tool_use_id": message.get("tool_call_id")}
            _append(out["messages"], "user", [{**block, "content": _parts(message.get("content"))}])
        else:
            raise _refuse(f"a message of role {role!r}", "messages")
    if system:
        out["system"] = system
    _copy(asked, out, {"stream": "stream", "top_p": "top_p"})
    temperature = asked.get("temperature")
    if temperature is not None:
        if temperature > 1:
            raise _refuse(f"a temperature of {temperature} (above 1)", "messages")
        out["temperature"] = temperature
    stop = asked.get("stop")
    if stop:
        out["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    if asked.get("user"):
        out["metadata"] = {"user_id": asked["user"]}
    tools = asked.get("tools")
    if tools:
        out["tools"] = [_tool_to_messages(tool) for tool in tools]
        choice = _choice_to_messages(asked.get("tool_choice"))
        if asked.get("parallel_tool_calls") is False:
            choice = {**(choice or {"type": "auto"}), "disable_parallel_tool_use": True}
        if choice:
            out["tool_choice"] = choice
    return out


def request_to_chat(asked: Mapping[str, Any]) -> dict[str, Any]:
    """A messages request as a chat completion request. Raises Untranslatable.

    Marks of what to cache are left out (chat upstreams cache by themselves), earlier thinking too.
    """
    _check(asked, _MESSAGES, "chat completions")
    messages: list[dict[str, Any]] = []
    system = asked.get("system")
    if system:
        text = (
            system if isinstance(system, str) else "\n\n".join(str(part.get("text", "")) for part in system)
        )
        messages.append({"role": "system", "content": text})
    for message in _list(asked.get("messages"), "messages"):
        messages += _message_to_chat(message)
    out: dict[str, Any] = {"model": asked.get("model"), "messages": messages}
    names = {"max_tokens": "max_completion_tokens", "stop_sequences": "stop"}
    _copy(asked, out, {**names, "temperature": "temperature", "top_p": "top_p"})
    if asked.get("stream"):
        out["stream"] = True
        out["stream_options"] = {"include_usage": True}
    user = (asked.get("metadata") or {}).get("user_id")
    if user:
        out["user"] = user
    tools = asked.get("tools")
    if tools:
        out["tools"] = [_tool_to_chat(tool) for tool in tools]
        choice = asked.get("tool_choice") or {}
        words = {"auto": "auto", "any": "required", "none": "none"}
        if choice.get("type") == "tool":
            out["tool_choice"] = {"type": "function", "function": {"name": choice.get("name")}}
        elif choice:
            out["tool_choice"] = words[choice["type"]]
        if choice.get("disable_parallel_tool_use"):
            out["parallel_tool_calls"] = False
    return out


def _list(value: object, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Untranslatable(name, expected="a list of objects", got=type(value).__name__)
    return value


def _append(messages: list[dict[str, Any]], role: str, blocks: list[dict[str, Any]]) -> None:
    """Neighbours of one role become one message: tool results must stand in the one that follows the calls."""
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"] += blocks
    else:
        messages.append({"role": role, "content": blocks})


def _copy(source: Mapping[str, Any], target: dict[str, Any], names: Mapping[str, str]) -> None:
    for ours, theirs in names.items():
        if source.get(ours) is not None:
            target[theirs] = source[ours]


def _parts(content: object) -> list[dict[str, Any]]:
    """Chat content as blocks."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    blocks: list[dict[str, Any]] = []
    for part in _list(content, "content"):
        if part.get("type") == "text":
            blocks.append({"type": "text", "text": part.get("text", "")})
        elif part.get("type") == "image_url":
            blocks.append({"type": "image", "source": _image((part.get("image_url") or {}).get("url", ""))})
        else:
            raise _refuse(f"content of type {part.get('type')!r}", "messages")
    return blocks


def _image(url: str) -> dict[str, Any]:
    if not url.startswith("data:"):
        return {"type": "url", "url": url}
    head, _, data = url[5:].partition(",")
    return {"type": "base64", "media_type": head.partition(";")[0], "data": data}


def _assistant_blocks(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    blocks = _parts(message.get("content"))
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        try:
            arguments: Any = orjson.loads(function.get("arguments") or "{}")
        except orjson.JSONDecodeError:
            raise Untranslatable(
                "arguments of a tool call", expected="JSON", got=function["arguments"][:80]
            ) from None
        blocks.append(
            {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": arguments}
        )
    return blocks


def _tool_to_messages(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "function":
        raise _refuse(f"a tool of type {tool.get('type')!r}", "messages")
    function = tool["function"]
    out = {"name": function.get("name"), "input_schema": function.get("parameters") or {"type": "object"}}
    return {**out, "description": function["description"]} if function.get("description") else out


def _tool_to_chat(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type", "custom") != "custom":
        raise _refuse(f"a tool of type {tool.get('type')!r}", "chat completions")
    function = {"name": tool.get("name"), "parameters": tool.get("input_schema")}
    if tool.get("description"):
        function["description"] = tool["description"]
    return {"type": "function", "function": function}


def _choice_to_messages(choice: object) -> dict[str, Any] | None:
    if isinstance(choice, dict):
        return {"type": "tool", "name": (choice.get("function") or {}).get("name")}
    words = {"auto": "auto", "required": "any", "none": "none"}
    return {"type": words[choice]} if isinstance(choice, str) and choice in words else None


def _message_to_chat(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One message of blocks as one or more chat messages: each tool result is a message of its own."""
    role, content = message.get("role"), message.get("content")
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    results: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for block in _list(content, "content"):
        kind = block.get("type")
        if kind == "text":
            parts.append({"type": "text", "text": block.get("text", "")})
        elif kind == "image":
            parts.append({"type": "image_url", "image_url": {"url": _image_url(block.get("source") or {})}})
        elif kind == "tool_use":
            function = {"name": block.get("name"), "arguments": orjson.dumps(block.get("input")).decode()}
            calls.append({"id": block.get("id"), "type": "function", "function": function})
        elif kind == "tool_result":
            results.append({
                "role": "tool",
                "tool_call_id": block.get("tool_use_id"),
                "content": _result_text(block.get("content")),
            })  # fmt: skip
        elif kind not in ("thinking", "redacted_thinking"):
            raise _refuse(f"content of type {kind!r}", "chat completions")
    if not parts and not calls:
        return results
    only_text = all(part["type"] == "text" for part in parts)
    said: object = "".join(part["text"] for part in parts) if only_text else parts
    own: dict[str, Any] = {"role": role, "content": said or None}
    return [*results, {**own, "tool_calls": calls} if calls else own]


def _image_url(source: Mapping[str, Any]) -> str:
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return str(source.get("url"))


def _result_text(content: object) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    parts = _list(content, "content")
    if any(part.get("type") != "text" for part in parts):
        raise _refuse("a tool result that is not text", "chat completions")
    return "".join(str(part.get("text", "")) for part in parts)


# --- answers ---------------------------------------------------------------------------------------------------------


def answer_to_chat(body: Mapping[str, Any], created: int) -> dict[str, Any]:
    """A messages answer as a chat completion. Thinking is left out: chat has no place for it.

    >>> body = {"id": "msg_1", "model": "m", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn",
    ...         "usage": {"input_tokens": 3, "cache_read_input_tokens": 4, "output_tokens": 1}}
    >>> answer_to_chat(body, 0)["usage"]["prompt_tokens"]
    7
    """
    text = "".join(b.get("text", "") for b in body.get("content") or [] if b.get("type") == "text")
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    calls = [
        {
            "id": block.get("id"),
            "type": "function",
            "function": {"name": block.get("name"), "arguments": orjson.dumps(block.get("input")).decode()},
        }
        for block in body.get("content") or []
        if block.get("type") == "tool_use"
    ]
    if calls:
        message["tool_calls"] = calls
    finish = FINISH_OF_STOP.get(str(body.get("stop_reason")), "stop")
    return {
        "id": body.get("id"),
        "object": "chat.completion",
        "created": created,
        "model": body.get("model"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": usage_to_chat(body.get("usage") or {}),
    }


def answer_to_messages(body: Mapping[str, Any]) -> dict[str, Any]:
    """A chat completion as a messages answer."""
    choice = (body.get("choices") or [{}])[0]
    message = choice.get("message") or {}
    blocks: list[dict[str, Any]] = []
    if message.get("content"):
        blocks.append({"type": "text", "text": message["content"]})
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        given = orjson.loads(function.get("arguments") or "{}")
        blocks.append(
            {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": given}
        )
    return {
        "id": body.get("id"),
        "type": "message",
        "role": "assistant",
        "model": body.get("model"),
        "content": blocks,
        "stop_reason": STOP_OF_FINISH.get(str(choice.get("finish_reason")), "end_turn"),
        "stop_sequence": None,
        "usage": usage_to_messages(body.get("usage") or {}),
    }


def usage_to_chat(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Messages usage, whose input leaves out the cache, as chat usage, whose prompt includes it."""
    cached = usage.get("cache_read_input_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    prompt = (usage.get("input_tokens") or 0) + cached + written
    output = usage.get("output_tokens") or 0
    return {
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "total_tokens": prompt + output,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": written},
    }


def usage_to_messages(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Chat usage as messages usage."""
    details = usage.get("prompt_tokens_details") or {}
    cached = details.get("cached_tokens") or 0
    written = details.get("cache_write_tokens") or 0
    return {
        "input_tokens": (usage.get("prompt_tokens") or 0) - cached - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": cached,
        "output_tokens": usage.get("completion_tokens") or 0,
    }


# --- errors ----------------------------------------------------------------------------------------------------------


def error_body(
    dialect: str, status: int, message: str, *, kind: str = "", code: str | None = None
) -> dict[str, Any]:
    """An error in the shape a dialect's clients know; ``kind`` names it where the status does not say enough.

    >>> error_body("anthropic.messages", 429, "slow down")
    {'type': 'error', 'error': {'type': 'rate_limit_error', 'message': 'slow down'}}
    """
    told = kind or _ERROR_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    if dialect == "anthropic.messages":
        return {"type": "error", "error": {"type": told, "message": message}}
    return {"error": {"message": message, "type": told, "param": None, "code": code}}

"""What the mock provider answers: bodies and streams of four dialects, the same each time for the same request.

Tokens are counted as bytes / 4, rounded up: not what any tokenizer says, but the same whole number in the answer, the
stream and a test. The text says that it comes from no model.
"""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import base64
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

import orjson

from supercycle.gateway.speech.sse import event

__all__ = ["MODELS", "Answer", "answer_of", "body_of", "count_tokens", "embeddings_of", "events_of"]

MODELS = ("mock-small", "mock-large", "mock-embed")
CREATED = 1_767_225_600  # 2026-01-01: a fixed time keeps answers equal
_TEXT = (
    "This answer comes from the built-in mock provider : no model was called and no money was spent . "
    "Point a provider at a real endpoint in the config file to get real answers . "
)
_SAID = 80  # how many characters of the question come back
_DIMENSIONS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer before it is put in a dialect: pieces of text (one token each) or one tool call."""

    id: str
    model: str
    pieces: tuple[str, ...]
    tool: tuple[str, str] | None  # name, arguments as JSON
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    cut: bool  # ended by the caller's limit


def count_tokens(value: object) -> int:
    """Tokens of whatever text is inside: bytes of all strings / 4, rounded up; lists of whole numbers are tokens.

    >>> count_tokens({"role": "user", "content": "12345678"}), count_tokens([[1, 2, 3]])
    (3, 3)
    """
    size, whole = _measure(value)
    return -(-size // 4) + whole


def _measure(value: object) -> tuple[int, int]:
    if isinstance(value, str):
        return len(value.encode()), 0
    if isinstance(value, int) and not isinstance(value, bool):
        return 0, 1
    if isinstance(value, Mapping):
        parts = [_measure(v) for v in cast("Mapping[str, object]", value).values()]
    elif isinstance(value, list):
        parts = [_measure(v) for v in cast("list[object]", value)]
    else:
        return 0, 0
    return sum(p[0] for p in parts), sum(p[1] for p in parts)


def answer_of(
    dialect: str, asked: Mapping[str, Any], *, tokens: int, cached_tokens: int = 0, reasoning_tokens: int = 0
) -> Answer:
    """The answer to a request: ``tokens`` words, fewer when the caller's limit says so, or a tool call."""
    prompt = asked.get("messages") or asked.get("input") or ""
    stable = {k: v for k, v in asked.items() if k not in ("stream", "stream_options", "metadata", "user")}
    name = blake2b(orjson.dumps(stable, option=orjson.OPT_SORT_KEYS), digest_size=12).hexdigest()
    tool = _tool(asked, prompt)
    limit = asked.get("max_completion_tokens") or asked.get("max_tokens") or asked.get("max_output_tokens")
    words = _words(prompt)
    wanted = [words[i % len(words)] + " " for i in range(tokens)]
    kept = wanted[:limit] if isinstance(limit, int) else wanted
    return Answer(
        id=name,
        model=str(asked.get("model", "")),
        pieces=() if tool else tuple(kept),
        tool=tool,
        input_tokens=max(count_tokens([prompt, asked.get("system"), asked.get("tools")]), cached_tokens),
        output_tokens=(count_tokens(list(tool)) if tool else len(kept)) + reasoning_tokens,
        cached_tokens=cached_tokens,
        reasoning_tokens=reasoning_tokens,
        cut=not tool and len(kept) < len(wanted),
    )


def _words(prompt: object) -> list[str]:
    last: object = prompt
    while isinstance(last, list) and last:
        last = cast("list[object]", last)[-1]
        if isinstance(last, dict):
            found = cast("dict[str, object]", last)
            last = found.get("content", found.get("text", ""))
    return (_TEXT + "You said : " + str(last)[:_SAID]).split()


def _tool(asked: Mapping[str, Any], prompt: object) -> tuple[str, str] | None:
    """The first tool offered, called once: not when its result is already there, and not when forbidden."""
    tools = asked.get("tools")
    if not isinstance(tools, list) or not tools or asked.get("tool_choice") == "none":
        return None
    if any(mark in orjson.dumps(prompt) for mark in (b'"tool"', b'"tool_result"', b'"function_call_output"')):
        return None
    first = cast("dict[str, Any]", tools[0])
    first = first.get("function", first)
    schema = first.get("parameters") or first.get("input_schema") or {}
    return str(first.get("name")), orjson.dumps(_filled(schema)).decode()


def _filled(schema: Mapping[str, Any]) -> object:
    """A value that satisfies a simple schema."""
    if schema.get("enum"):
        return schema["enum"][0]
    plain: dict[str, object] = {"string": "mock", "integer": 1, "number": 1.5, "boolean": True, "array": []}
    kind = str(schema.get("type", "object"))
    if kind in plain:
        return plain[kind]
    return {name: _filled(inner) for name, inner in (schema.get("properties") or {}).items()}


# --- whole answers ---------------------------------------------------------------------------------------------------


def body_of(dialect: str, answer: Answer) -> dict[str, Any]:
    """The whole answer as the dialect writes it."""
    if dialect == "anthropic.messages":
        return _message(answer)
    if dialect == "openai.responses":
        return _response(answer, "completed")
    return _completion(answer)


def chat_usage(answer: Answer) -> dict[str, Any]:
    """Usage as chat completions write it."""
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": answer.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
    }


def _completion(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(answer.pieces) or None}
    if answer.tool:
        message["tool_calls"] = [_call(answer)]
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": "chat.completion",
        "created": CREATED,
        "model": answer.model,
        "choices": [{"index": 0, "message": message, "finish_reason": _finish(answer)}],
        "usage": chat_usage(answer),
        "service_tier": "default",
    }


def _call(answer: Answer, **extra: object) -> dict[str, Any]:
    assert answer.tool is not None
    name, arguments = answer.tool
    function = {"name": name, "arguments": arguments}
    return {**extra, "id": f"call_{answer.id[:12]}", "type": "function", "function": function}


def _finish(answer: Answer) -> str:
    return "tool_calls" if answer.tool else "length" if answer.cut else "stop"


def _message(answer: Answer) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.id}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": [_block(answer)],
        "stop_reason": _stop(answer),
        "stop_sequence": None,
        "usage": _message_usage(answer, answer.output_tokens),
    }


def _block(answer: Answer) -> dict[str, Any]:
    if answer.tool is None:
        return {"type": "text", "text": "".join(answer.pieces)}
    name, arguments = answer.tool
    return {
        "type": "tool_use",
        "id": f"toolu_{answer.id[:12]}",
        "name": name,
        "input": orjson.loads(arguments),
    }


def _stop(answer: Answer) -> str:
    return "tool_use" if answer.tool else "max_tokens" if answer.cut else "end_turn"


def _message_usage(answer: Answer, output: int) -> dict[str, Any]:
    return {
        "input_tokens": answer.input_tokens - answer.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": answer.cached_tokens,
        "output_tokens": output,
        "service_tier": "standard",
    }


def _response(answer: Answer, status: str) -> dict[str, Any]:
    done = status == "completed"
    usage = {
        "input_tokens": answer.input_tokens,
        "input_tokens_details": {"cached_tokens": answer.cached_tokens},
        "output_tokens": answer.output_tokens,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": answer.input_tokens + answer.output_tokens,
    }
    return {
        "id": f"resp_{answer.id}",
        "object": "response",
        "created_at": CREATED,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "model": answer.model,
        "output": [_item(answer, done=True)] if done else [],
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "usage": usage if done else None,
    }


def _item(answer: Answer, *, done: bool) -> dict[str, Any]:
    status = "completed" if done else "in_progress"
    if answer.tool:
        name, arguments = answer.tool
        call = {"type": "function_call", "id": f"fc_{answer.id[:12]}", "call_id": f"call_{answer.id[:12]}"}
        return {**call, "name": name, "arguments": arguments if done else "", "status": status}
    content = [_text_part("".join(answer.pieces))] if done else []
    return {
        "type": "message",
        "id": f"msg_{answer.id}",
        "role": "assistant",
        "status": status,
        "content": content,
    }


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def embeddings_of(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Vectors made from a hash of each input: equal inputs are equal, nothing else means anything."""
    given = asked.get("input")
    several = isinstance(given, list) and given and not isinstance(given[0], int)
    inputs: list[object] = cast("list[object]", given) if several else [given]
    wanted = asked.get("dimensions")
    size = wanted if isinstance(wanted, int) and 0 < wanted <= 4096 else _DIMENSIONS
    tokens = sum(count_tokens(one) for one in inputs)
    data: list[dict[str, Any]] = []
    for index, one in enumerate(inputs):
        seed = blake2b(orjson.dumps(one), digest_size=32).digest()
        vector = [seed[i % 32] / 255 - 0.5 for i in range(size)]
        packed = base64.b64encode(struct.pack(f"<{size}f", *vector)).decode()
        shown: object = packed if asked.get("encoding_format") == "base64" else vector
        data.append({"object": "embedding", "index": index, "embedding": shown})
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": asked.get("model"), "usage": usage}


# --- streams ---------------------------------------------------------------------------------------------------------


def events_of(dialect: str, answer: Answer, *, usage: bool) -> Iterator[bytes]:
    """The stream as the dialect writes it; ``usage`` is what chat asks for with include_usage."""
    if dialect == "anthropic.messages":
        return _message_events(answer)
    if dialect == "openai.responses":
        return _response_events(answer)
    return _chat_events(answer, usage)


def _chat_events(answer: Answer, usage: bool) -> Iterator[bytes]:
    head: dict[str, Any] = {
        "id": f"chatcmpl-{answer.id}",
        "object": "chat.completion.chunk",
        "created": CREATED,
    }
    head["model"] = answer.model
    tail: dict[str, Any] = {"usage": None} if usage else {}

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**head, "choices": [choice], **tail, "service_tier": "default"})

    yield chunk({"role": "assistant", "content": None if answer.tool else ""})
    if answer.tool:
        name, arguments = answer.tool
        first = _call(answer, index=0)
        yield chunk({"tool_calls": [{**first, "function": {"name": name, "arguments": ""}}]})
        for at in range(0, len(arguments), 8):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": arguments[at : at + 8]}}]})
    for piece in answer.pieces:
        yield chunk({"content": piece})
    yield chunk({}, _finish(answer))
    if usage:
        yield event({**head, "choices": [], "usage": chat_usage(answer), "service_tier": "default"})
    yield b"data: [DONE]\n\n"


def _message_events(answer: Answer) -> Iterator[bytes]:
    opening = {**_message(answer), "content": [], "stop_reason": None, "usage": _message_usage(answer, 1)}
    yield event({"type": "message_start", "message": opening}, "message_start")
    empty: dict[str, Any] = {**_block(answer), "input": {}} if answer.tool else {"type": "text", "text": ""}
    started = {"type": "content_block_start", "index": 0, "content_block": empty}
    yield event(started, "content_block_start")
    yield event({"type": "ping"}, "ping")
    if answer.tool:
        deltas = [{"type": "input_json_delta", "partial_json": answer.tool[1]}]
    else:
        deltas = [{"type": "text_delta", "text": piece} for piece in answer.pieces]
    for delta in deltas:
        yield event({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")
    yield event({"type": "content_block_stop", "index": 0}, "content_block_stop")
    ending = {"stop_reason": _stop(answer), "stop_sequence": None}
    used = {"output_tokens": answer.output_tokens}
    yield event({"type": "message_delta", "delta": ending, "usage": used}, "message_delta")
    yield event({"type": "message_stop"}, "message_stop")


def _response_events(answer: Answer) -> Iterator[bytes]:
    number = iter(range(10**9))

    def named_event(kind: str, **rest: object) -> bytes:
        return event({"type": kind, "sequence_number": next(number), **rest}, kind)

    item = _item(answer, done=True)
    place = {"item_id": item["id"], "output_index": 0}
    yield named_event("response.created", response=_response(answer, "in_progress"))
    yield named_event("response.output_item.added", output_index=0, item=_item(answer, done=False))
    if answer.tool:
        arguments = answer.tool[1]
        yield named_event("response.function_call_arguments.delta", **place, delta=arguments)
        yield named_event(
            "response.function_call_arguments.done", **place, name=answer.tool[0], arguments=arguments
        )
    else:
        part = {**place, "content_index": 0}
        text = "".join(answer.pieces)
        yield named_event("response.content_part.added", **part, part=_text_part(""))
        for piece in answer.pieces:
            yield named_event("response.output_text.delta", **part, delta=piece, logprobs=[])
        yield named_event("response.output_text.done", **part, text=text, logprobs=[])
        yield named_event("response.content_part.done", **part, part=_text_part(text))
    yield named_event("response.output_item.done", output_index=0, item=item)
    yield named_event("response.completed", response=_response(answer, "completed"))

"""Canonical answers and events in the words of chat completions."""

from __future__ import annotations

from typing import Any, Final

from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.canon.events import Begin, Close, End, Event, Failed, Finish, Open, Piece
from supercycle.gateway.canon.form import Name
from supercycle.gateway.canon.gathered import Answer, Block, free_text
from supercycle.gateway.canon.names import legal_id
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.speech.sse import event
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["FINISHES", "ToChat", "chat_answer", "chat_usage"]

FINISHES: Final = {
    "end": "stop",
    "stop": "stop",
    "paused": "stop",
    "limit": "length",
    "context": "length",
    "calls": "tool_calls",
    "refused": "content_filter",
    "broken": "stop",
}
_DELTAS: Final = {"text": "content", "thinking": "reasoning_content", "refusal": "refusal"}


def chat_usage(usage: Usage) -> dict[str, Any]:
    """Usage as chat says it: the prompt includes what was read from a cache and written to one.

    >>> chat_usage(Usage({"input": 3, "cached": 4, "output": 1}))["prompt_tokens"]
    7
    """
    output = usage.of("output")
    written = sum(usage.of(kind) for kind in INPUT_KINDS if kind not in ("input", "cached"))
    return {
        "prompt_tokens": usage.prompt,
        "completion_tokens": output,
        "total_tokens": usage.prompt + output,
        "prompt_tokens_details": {"cached_tokens": usage.of("cached"), "cache_write_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": usage.of("reasoning")},
    }


def _call(tool: Name, call_id: str, arguments: str) -> dict[str, Any]:
    if tool.custom:
        custom = {"name": tool.name, "input": free_text(arguments)}
        return {"id": legal_id(call_id), "type": "custom", "custom": custom}
    function = {"name": tool.name, "arguments": arguments}
    return {"id": legal_id(call_id), "type": "function", "function": function}


def chat_answer(answer: Answer, told: Told) -> dict[str, Any]:
    """A whole answer. Thinking is told as ``reasoning_content``, where many servers have it."""
    text = "".join(block.text for block in answer.of("text"))
    message: dict[str, Any] = {"role": "assistant", "content": text or None, "refusal": None}
    refusal = "".join(block.text for block in answer.of("refusal"))
    if refusal:
        message["refusal"] = refusal
    thought = "\n\n".join(block.text for block in answer.of("thinking") if block.text)
    if thought and told.thinks:
        message["reasoning_content"] = thought
    calls = [_call(block.tool, block.id, block.text or "{}") for block in answer.of("call")]
    if calls:
        message["tool_calls"] = calls
    finish = FINISHES[answer.finish.reason]
    return {
        "id": answer.id or told.id,
        "object": "chat.completion",
        "created": told.created,
        "model": answer.model or told.model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": chat_usage(told.usage()),
    }


class ToChat:
    """A chat stream. ``usage`` says whether the caller asked for the usage chunk."""

    def __init__(self, told: Told, *, usage: bool) -> None:
        self._told = told
        self._wants_usage = usage
        self._head: dict[str, Any] = {
            "id": told.id, "object": "chat.completion.chunk", "created": told.created, "model": told.model,
        }  # fmt: skip
        self._blocks: dict[str, Block] = {}
        self._calls: dict[str, int] = {}
        self._finish = Finish("end")

    def __call__(self, found: Event) -> bytes:
        """The bytes of one event."""
        if isinstance(found, Begin):
            self._head.update(id=found.id or self._told.id, model=found.model or self._told.model)
            return self._chunk({"role": "assistant", "content": ""})
        if isinstance(found, Open):
            return self._open(found)
        if isinstance(found, Piece):
            return self._piece(found)
        if isinstance(found, Close):
            block = self._blocks[found.key]
            if block.kind == "call" and block.tool.custom:
                custom = {"input": free_text(block.text)}
                return self._chunk({"tool_calls": [{"index": self._calls[found.key], "custom": custom}]})
            return b""
        if isinstance(found, Finish):
            self._finish = found
            return b""
        if isinstance(found, Failed):
            return event(error_body("openai.chat", 502, found.message, kind=found.kind))
        assert isinstance(found, End)
        last = self._chunk({}, FINISHES[self._finish.reason])
        if self._wants_usage:
            last += event({**self._head, "choices": [], "usage": chat_usage(self._told.usage())})
        return last + b"data: [DONE]\n\n"

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        tail = {"usage": None} if self._wants_usage else {}
        return event({**self._head, "choices": [choice], **tail})

    def _open(self, found: Open) -> bytes:
        self._blocks[found.key] = Block(found.kind, found.id, found.tool)
        if found.kind != "call":
            return b""
        self._calls[found.key] = len(self._calls)
        call = _call(found.tool, found.id, "")
        return self._chunk({"tool_calls": [{"index": self._calls[found.key], **call}]})

    def _piece(self, found: Piece) -> bytes:
        block = self._blocks[found.key]
        if block.kind == "call":
            if block.tool.custom:
                block.text += found.text
                return b""
            function = {"arguments": found.text}
            return self._chunk({"tool_calls": [{"index": self._calls[found.key], "function": function}]})
        if block.kind == "thinking" and not self._told.thinks:
            return b""
        return self._chunk({_DELTAS[block.kind]: found.text})

"""Canonical answers and events in the words of messages, one block open at a time."""

from __future__ import annotations

from typing import Any, Final

from supercycle.gateway.canon import carrier
from supercycle.gateway.canon.errors import error_body
from supercycle.gateway.canon.events import Begin, Close, End, Event, Failed, Finish, Open, Piece
from supercycle.gateway.canon.form import Call
from supercycle.gateway.canon.gathered import Answer, Block, InOrder
from supercycle.gateway.canon.names import legal_id
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.canon.write_messages import arguments_of
from supercycle.gateway.speech.sse import event
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["STOPS", "ToMessages", "messages_answer", "messages_usage"]

STOPS: Final = {
    "end": "end_turn",
    "stop": "stop_sequence",
    "limit": "max_tokens",
    "context": "model_context_window_exceeded",
    "calls": "tool_use",
    "refused": "refusal",
    "paused": "pause_turn",
    "broken": "end_turn",
}


def messages_usage(usage: Usage) -> dict[str, Any]:
    """Usage as messages say it: the input without what was read from a cache or written to one.

    >>> messages_usage(Usage({"input": 3, "cached": 4, "output": 1}))["input_tokens"]
    3
    """
    written = sum(usage.of(kind) for kind in INPUT_KINDS if kind not in ("input", "cached"))
    return {
        "input_tokens": usage.of("input"),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": usage.of("cached"),
        "output_tokens": usage.of("output"),
    }


def _ending(finish: Finish) -> dict[str, Any]:
    detail = finish.detail or None
    ending = {
        "stop_reason": STOPS[finish.reason],
        "stop_sequence": detail if finish.reason == "stop" else None,
    }
    # Which sequence it was is not said everywhere; without one the reason would contradict itself.
    if finish.reason == "stop" and detail is None:
        ending["stop_reason"] = "end_turn"
    return ending


def messages_answer(answer: Answer, told: Told) -> dict[str, Any]:
    """A whole answer."""
    content: list[dict[str, Any]] = []
    for block in answer.blocks:
        if block.kind == "thinking":
            if told.thinks:
                slot = carrier.pack(told.origin, block.sealed, redacted=block.redacted)
                content.append({"type": "thinking", "thinking": block.text, "signature": slot})
        elif block.kind == "call":
            call = Call(block.id, block.tool, block.text)
            use = {"type": "tool_use", "id": legal_id(block.id), "name": block.tool.name}
            content.append({**use, "input": arguments_of(call)})
        elif block.text:
            content.append({"type": "text", "text": block.text})
    return {
        "id": answer.id or told.id,
        "type": "message",
        "role": "assistant",
        "model": answer.model or told.model,
        "content": content,
        **_ending(answer.finish),
        "usage": messages_usage(told.usage()),
    }


class ToMessages:
    """A messages stream. Its start says an estimate of the input, its end what was used."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._order = InOrder()
        self._index = -1
        self._block = Block("text")
        self._finish = Finish("end")

    def __call__(self, found: Event) -> bytes:
        """The bytes of one event."""
        return b"".join([self._one(one) for one in self._order(found)])

    def _one(self, found: Event) -> bytes:
        if isinstance(found, Begin):
            return self._start(found)
        if isinstance(found, Open):
            return self._open(found)
        if isinstance(found, Piece):
            return self._piece(found.text)
        if isinstance(found, Close):
            return self._close(found)
        if isinstance(found, Finish):
            self._finish = found
            return b""
        if isinstance(found, Failed):
            return event(
                error_body("anthropic.messages", 502, found.message, kind=_kind(found.kind)), "error"
            )
        assert isinstance(found, End)
        told = {
            "type": "message_delta",
            "delta": _ending(self._finish),
            "usage": messages_usage(self._told.usage()),
        }
        return event(told, "message_delta") + event({"type": "message_stop"}, "message_stop")

    def _start(self, found: Begin) -> bytes:
        usage = messages_usage(Usage({"input": self._told.input_estimate}))
        message: dict[str, Any] = {
            "id": found.id or self._told.id,
            "type": "message",
            "role": "assistant",
            "model": found.model or self._told.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        return event({"type": "message_start", "message": message}, "message_start")

    @property
    def _hidden(self) -> bool:
        return self._block.kind == "thinking" and not self._told.thinks

    def _open(self, found: Open) -> bytes:
        self._block = Block(found.kind, found.id, found.tool)
        if self._hidden:
            return b""
        self._index += 1
        shown: dict[str, Any] = {"type": "text", "text": ""}
        if found.kind == "thinking":
            shown = {"type": "thinking", "thinking": "", "signature": ""}
        elif found.kind == "call":
            shown = {"type": "tool_use", "id": legal_id(found.id), "name": found.tool.name, "input": {}}
        started = {"type": "content_block_start", "index": self._index, "content_block": shown}
        return event(started, "content_block_start")

    def _delta(self, delta: dict[str, Any]) -> bytes:
        told = {"type": "content_block_delta", "index": self._index, "delta": delta}
        return event(told, "content_block_delta")

    def _piece(self, text: str) -> bytes:
        if self._hidden:
            return b""
        if self._block.kind == "thinking":
            return self._delta({"type": "thinking_delta", "thinking": text})
        if self._block.kind == "call":
            # An empty object needs no words.
            return b"" if text == "{}" else self._delta({"type": "input_json_delta", "partial_json": text})
        return self._delta({"type": "text_delta", "text": text})

    def _close(self, found: Close) -> bytes:
        if self._hidden:
            return b""
        out = b""
        if self._block.kind == "thinking":
            slot = carrier.pack(self._told.origin, found.sealed, redacted=found.redacted)
            out = self._delta({"type": "signature_delta", "signature": slot})
        return out + event({"type": "content_block_stop", "index": self._index}, "content_block_stop")


def _kind(kind: str) -> str:
    """An error's type in the words that messages know."""
    known = ("overloaded_error", "rate_limit_error", "api_error", "invalid_request_error", "timeout_error")
    if kind in known:
        return kind
    if "thrott" in kind.lower() or "rate_limit" in kind or kind == "RESOURCE_EXHAUSTED":
        return "rate_limit_error"
    return "overloaded_error" if kind in ("serviceUnavailableException", "UNAVAILABLE") else "api_error"

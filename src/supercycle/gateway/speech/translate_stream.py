"""Streams of one dialect in the words of the other, event by event."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from typing import Any

from supercycle.gateway.speech.sse import Splitter, data_of, event, parsed
from supercycle.gateway.speech.translate import (
    FINISH_OF_STOP,
    STOP_OF_FINISH,
    error_body,
    usage_to_chat,
    usage_to_messages,
)

__all__ = ["ChatToMessages", "MessagesToChat"]

_DONE = b"data: [DONE]\n\n"


class MessagesToChat:
    """A messages stream in, a chat stream out. ``usage`` says whether the caller asked for the usage chunk."""

    def __init__(self, created: int, *, usage: bool) -> None:
        self._split = Splitter()
        self._head: dict[str, Any] = {
            "id": "",
            "object": "chat.completion.chunk",
            "created": created,
            "model": "",
        }
        self._wants_usage = usage
        self._usage: dict[str, Any] = {}
        self._calls = -1

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets for this read."""
        return b"".join([self._event(data_of(raw)) for raw in self._split.feed(chunk)])

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        tail = {"usage": None} if self._wants_usage else {}
        return event({**self._head, "choices": [choice], **tail})

    def _event(self, data: bytes) -> bytes:
        found = parsed(data)
        kind = found.get("type") if found else None
        if found is None or kind == "ping":
            return b""
        if kind == "message_start":
            message = found["message"]
            self._head.update(id=message.get("id"), model=message.get("model"))
            self._usage.update(message.get("usage") or {})
            return self._chunk({"role": "assistant", "content": ""})
        if kind == "content_block_start" and found["content_block"].get("type") == "tool_use":
            block = found["content_block"]
            self._calls += 1
            function = {"name": block.get("name"), "arguments": ""}
            call = {"index": self._calls, "id": block.get("id"), "type": "function", "function": function}
            return self._chunk({"tool_calls": [call]})
        if kind == "content_block_delta":
            delta = found["delta"]
            if delta.get("type") == "text_delta":
                return self._chunk({"content": delta.get("text")})
            if delta.get("type") == "input_json_delta":
                function = {"arguments": delta.get("partial_json")}
                return self._chunk({"tool_calls": [{"index": self._calls, "function": function}]})
        elif kind == "message_delta":
            self._usage.update({k: v for k, v in (found.get("usage") or {}).items() if v is not None})
            finish = FINISH_OF_STOP.get(str(found["delta"].get("stop_reason")), "stop")
            last = self._chunk({}, finish)
            if self._wants_usage:
                last += event({**self._head, "choices": [], "usage": usage_to_chat(self._usage)})
            return last
        elif kind == "message_stop":
            return _DONE
        elif kind == "error":
            told = found.get("error") or {}
            return event(error_body("openai.chat", 502, str(told.get("message")), kind=str(told.get("type"))))
        return b""


class ChatToMessages:
    """A chat stream in, a messages stream out.

    What was read is known only at the end of a chat stream: ``message_start`` says 0, ``message_delta`` what is true.
    """

    def __init__(self) -> None:
        self._split = Splitter()
        self._block = -1  # index of the block that is open
        self._kind = ""  # what it is: "text", or the index of the tool call
        self._started = False
        self._stop = ""
        self._usage: dict[str, Any] = {}

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets for this read."""
        return b"".join([self._event(data_of(raw)) for raw in self._split.feed(chunk)])

    def _event(self, data: bytes) -> bytes:
        if data.startswith(b"[DONE]"):
            return self._end()
        found = parsed(data)
        if found is None:
            return b""
        if found.get("error"):
            told = found["error"]
            return event(error_body("anthropic.messages", 502, str(told.get("message"))), "error")
        if found.get("usage"):
            self._usage = found["usage"]
        out = b"" if self._started else self._start(found)
        for choice in found.get("choices") or []:
            delta = choice.get("delta") or {}
            if delta.get("content"):
                out += self._open("text", {"type": "text", "text": ""})
                out += self._delta({"type": "text_delta", "text": delta["content"]})
            for call in delta.get("tool_calls") or []:
                out += self._call(call)
            if choice.get("finish_reason"):
                self._stop = STOP_OF_FINISH.get(choice["finish_reason"], "end_turn")
        return out

    def _start(self, found: dict[str, Any]) -> bytes:
        self._started = True
        message = {
            "id": found.get("id"),
            "type": "message",
            "role": "assistant",
            "model": found.get("model"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_to_messages({}),
        }
        return event({"type": "message_start", "message": message}, "message_start")

    def _call(self, call: dict[str, Any]) -> bytes:
        function = call.get("function") or {}
        kind = str(call.get("index", 0))
        block = {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": {}}
        out = self._open(kind, block)
        if function.get("arguments"):
            out += self._delta({"type": "input_json_delta", "partial_json": function["arguments"]})
        return out

    def _open(self, kind: str, block: dict[str, Any]) -> bytes:
        if self._kind == kind:
            return b""
        out = self._close()
        self._block += 1
        self._kind = kind
        started = {"type": "content_block_start", "index": self._block, "content_block": block}
        return out + event(started, "content_block_start")

    def _close(self) -> bytes:
        if not self._kind:
            return b""
        self._kind = ""
        return event({"type": "content_block_stop", "index": self._block}, "content_block_stop")

    def _delta(self, delta: dict[str, Any]) -> bytes:
        told = {"type": "content_block_delta", "index": self._block, "delta": delta}
        return event(told, "content_block_delta")

    def _end(self) -> bytes:
        ending = {"stop_reason": self._stop or "end_turn", "stop_sequence": None}
        told = {"type": "message_delta", "delta": ending, "usage": usage_to_messages(self._usage)}
        return self._close() + event(told, "message_delta") + event({"type": "message_stop"}, "message_stop")

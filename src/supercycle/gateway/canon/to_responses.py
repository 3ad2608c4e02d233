"""Canonical answers and events in the words of Responses, item after item."""

from __future__ import annotations

from typing import Any

from supercycle.gateway.canon import carrier
from supercycle.gateway.canon.events import Begin, Close, End, Event, Failed, Finish, Open, Piece
from supercycle.gateway.canon.gathered import Answer, Block, InOrder, free_text
from supercycle.gateway.canon.names import legal_id
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.speech.sse import event
from supercycle.gateway.speech.usage import INPUT_KINDS, Usage

__all__ = ["ToResponses", "responses_answer", "responses_usage"]


def responses_usage(usage: Usage) -> dict[str, Any]:
    """Usage as Responses say it."""
    output = usage.of("output")
    written = sum(usage.of(kind) for kind in INPUT_KINDS if kind not in ("input", "cached"))
    return {
        "input_tokens": usage.prompt,
        "input_tokens_details": {"cached_tokens": usage.of("cached"), "cache_write_tokens": written},
        "output_tokens": output,
        "output_tokens_details": {"reasoning_tokens": usage.of("reasoning")},
        "total_tokens": usage.prompt + output,
    }


def _item(block: Block, at: int, told: Told, *, done: bool = True) -> dict[str, Any]:
    """An item of the output. ``done=False``: as it is when it begins."""
    status = "completed" if done else "in_progress"
    if block.kind == "thinking":
        summary = [{"type": "summary_text", "text": block.text}] if done and block.text else []
        item: dict[str, Any] = {"id": f"rs_{told.id}_{at}", "type": "reasoning", "summary": summary}
        if done:
            slot = carrier.pack(told.origin, block.sealed, block.text, redacted=block.redacted)
            item["encrypted_content"] = slot
        return item
    if block.kind == "call":
        call: dict[str, Any] = {"call_id": legal_id(block.id), "name": block.tool.name, "status": status}
        if block.tool.namespace:
            call["namespace"] = block.tool.namespace
        if block.tool.custom:
            return {
                "id": f"ctc_{told.id}_{at}",
                "type": "custom_tool_call",
                **call,
                "input": free_text(block.text),
            }
        text = (block.text or "{}") if done else ""
        return {"id": f"fc_{told.id}_{at}", "type": "function_call", **call, "arguments": text}
    item = {"id": f"msg_{told.id}_{at}", "type": "message", "role": "assistant", "status": status}
    return {**item, "content": [_part(block)] if done else []}


def _part(block: Block) -> dict[str, Any]:
    if block.kind == "refusal":
        return {"type": "refusal", "refusal": block.text}
    return {"type": "output_text", "text": block.text, "annotations": [], "logprobs": []}


def _response(answer: Answer, told: Told, status: str) -> dict[str, Any]:
    return {
        "id": answer.id or told.id,
        "object": "response",
        "created_at": told.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "model": answer.model or told.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "store": False,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    }


def responses_answer(answer: Answer, told: Told) -> dict[str, Any]:
    """A whole answer. Nothing of it is stored: ``store`` is false, and it cannot be asked for again."""
    why = {"limit": "max_output_tokens", "context": "max_output_tokens", "refused": "content_filter"}
    reason = why.get(answer.finish.reason)
    body = _response(answer, told, "incomplete" if reason else "completed")
    if reason:
        body["incomplete_details"] = {"reason": reason}
    body["output"] = [_item(block, at, told) for at, block in enumerate(answer.blocks)]
    body["usage"] = responses_usage(told.usage())
    return body


class ToResponses:
    """A Responses stream: every event numbered, every delta after its item was added."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._order = InOrder()
        self._number = -1
        self._answer = Answer()
        self._block = Block("text")

    def __call__(self, found: Event) -> bytes:
        """The bytes of one event."""
        return b"".join([self._one(one) for one in self._order(found)])

    def _event(self, kind: str, **more: Any) -> bytes:
        self._number += 1
        return event({"type": kind, "sequence_number": self._number, **more}, kind)

    def _one(self, found: Event) -> bytes:
        if isinstance(found, Begin):
            self._answer.id, self._answer.model = found.id, found.model
            response = _response(self._answer, self._told, "in_progress")
            return self._event("response.created", response=response) + self._event(
                "response.in_progress", response=response
            )
        if isinstance(found, Open):
            return self._open(found)
        if isinstance(found, Piece):
            return self._piece(found.text)
        if isinstance(found, Close):
            return self._close(found)
        if isinstance(found, Finish):
            self._answer.finish = found
            return b""
        if isinstance(found, Failed):
            response = _response(self._answer, self._told, "failed")
            response["error"] = {"code": _code(found), "message": found.message}
            return self._event("response.failed", response=response)
        assert isinstance(found, End)
        response = responses_answer(self._answer, self._told)
        return self._event(f"response.{response['status']}", response=response)

    @property
    def _at(self) -> int:
        return len(self._answer.blocks) - 1

    @property
    def _where(self) -> dict[str, Any]:
        return {"item_id": _item(self._block, self._at, self._told)["id"], "output_index": self._at}

    def _open(self, found: Open) -> bytes:
        self._block = Block(found.kind, found.id, found.tool)
        self._answer.blocks.append(self._block)
        item = _item(self._block, self._at, self._told, done=False)
        out = self._event("response.output_item.added", output_index=self._at, item=item)
        if found.kind in ("text", "refusal"):
            out += self._event(
                "response.content_part.added", **self._where, content_index=0, part=_part(self._block)
            )
        return out

    def _piece(self, text: str) -> bytes:
        block, where = self._block, self._where
        first = not block.text
        block.text += text
        if block.kind == "thinking":
            place = {**where, "summary_index": 0}
            part = {"type": "summary_text", "text": ""}
            out = self._event("response.reasoning_summary_part.added", **place, part=part) if first else b""
            return out + self._event("response.reasoning_summary_text.delta", **place, delta=text)
        if block.kind == "call":
            if block.tool.custom:
                return b""  # told whole: its text stands inside JSON
            return self._event("response.function_call_arguments.delta", **where, delta=text)
        kind = "response.refusal.delta" if block.kind == "refusal" else "response.output_text.delta"
        return self._event(kind, **where, content_index=0, delta=text)

    def _close(self, found: Close) -> bytes:
        block, where = self._block, self._where
        block.sealed, block.redacted = found.sealed, found.redacted
        out = b""
        if block.kind == "thinking" and block.text:
            place = {**where, "summary_index": 0}
            part = {"type": "summary_text", "text": block.text}
            out = self._event("response.reasoning_summary_text.done", **place, text=block.text)
            out += self._event("response.reasoning_summary_part.done", **place, part=part)
        elif block.kind == "call" and block.tool.custom:
            text = free_text(block.text)
            out = self._event("response.custom_tool_call_input.delta", **where, delta=text)
            out += self._event("response.custom_tool_call_input.done", **where, input=text)
        elif block.kind == "call":
            out = self._event("response.function_call_arguments.done", **where, arguments=block.text or "{}")
        elif block.kind == "refusal":
            out = self._event("response.refusal.done", **where, content_index=0, refusal=block.text)
        elif block.kind == "text":
            out = self._event("response.output_text.done", **where, content_index=0, text=block.text)
        if block.kind in ("text", "refusal"):
            out += self._event("response.content_part.done", **where, content_index=0, part=_part(block))
        item = _item(block, self._at, self._told)
        return out + self._event("response.output_item.done", output_index=self._at, item=item)


def _code(found: Failed) -> str:
    """An error's code in the words that Responses clients act on."""
    kind = found.kind.lower()
    if "thrott" in kind or "rate_limit" in kind or "exhausted" in kind:
        return "rate_limit_exceeded"
    return "server_error"

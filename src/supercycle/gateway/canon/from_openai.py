"""Answers and streams of chat completions and Responses as canonical events."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from supercycle.gateway.canon.events import (
    Begin,
    Close,
    End,
    Event,
    Failed,
    Finish,
    Kind,
    Open,
    Piece,
    Reason,
)
from supercycle.gateway.canon.form import Name
from supercycle.gateway.canon.reading import dumped

__all__ = ["FromChat", "FromResponses"]

_FINISH: Final[Mapping[str, Reason]] = {
    "stop": "end",
    "length": "limit",
    "tool_calls": "calls",
    "function_call": "calls",
    "content_filter": "refused",
}


class FromChat:
    """A chat answer. Text and thinking close when something else begins; calls interleave and close at the end."""

    def __init__(self) -> None:
        self._begun = False
        self._blocks = 0
        self._said: tuple[str, Kind] | None = None  # the block of text or thinking that is open
        self._calls: dict[int, str] = {}  # ids of calls by their index
        self._finish: Finish | None = None

    def whole(self, body: Mapping[str, Any]) -> list[Event]:
        """The events of a whole answer."""
        choice = (body.get("choices") or [{}])[0]
        message = dict(choice.get("message") or {})
        message["tool_calls"] = [
            {**call, "index": at} for at, call in enumerate(message.get("tool_calls") or [])
        ]
        chunk = {**body, "choices": [{**choice, "delta": message}]}
        return [*self.feed(chunk), *self.done()]

    def feed(self, found: Mapping[str, Any]) -> list[Event]:
        """The events of one chunk."""
        error = found.get("error")
        if error:
            told: Mapping[str, Any] = error if isinstance(error, dict) else {"message": error}
            return [Failed(str(told.get("message")), str(told.get("code") or told.get("type") or ""))]
        out: list[Event] = []
        if not self._begun:
            self._begun = True
            out.append(Begin(str(found.get("id") or ""), str(found.get("model") or "")))
        for choice in found.get("choices") or []:
            if choice.get("index", 0) != 0:
                continue
            delta = choice.get("delta") or {}
            out += self._say("thinking", delta.get("reasoning_content") or delta.get("reasoning"))
            out += self._say("text", delta.get("content"))
            out += self._say("refusal", delta.get("refusal"))
            for call in delta.get("tool_calls") or []:
                out += self._call(call)
            reason = choice.get("finish_reason")
            if reason and self._finish is None:
                word = _FINISH.get(str(reason), "end")
                self._finish = Finish("calls" if self._calls and word == "end" else word)
        return out

    def done(self) -> list[Event]:
        """Nothing follows."""
        out = self._shut()
        out += [Close(f"call{index}") for index in self._calls]
        return [*out, self._finish or Finish("calls" if self._calls else "end"), End()]

    def _shut(self) -> list[Event]:
        if self._said is None:
            return []
        key, self._said = self._said[0], None
        return [Close(key)]

    def _say(self, kind: Kind, text: object) -> list[Event]:
        if not isinstance(text, str) or not text:
            return []
        out: list[Event] = []
        if self._said is None or self._said[1] != kind:
            out += self._shut()
            self._blocks += 1
            self._said = (f"b{self._blocks}", kind)
            out.append(Open(self._said[0], kind))
        return [*out, Piece(self._said[0], text)]

    def _call(self, call: Mapping[str, Any]) -> list[Event]:
        function = call.get("function") or {}
        index = call.get("index")
        if not isinstance(index, int):  # some servers leave it out: a new id is a new call
            known = {call_id: at for at, call_id in self._calls.items()}
            index = known.get(str(call.get("id")), len(self._calls) - (0 if call.get("id") else 1))
        out: list[Event] = []
        key = f"call{index}"
        if index not in self._calls:
            out += self._shut()
            self._calls[index] = str(call.get("id") or f"call_{index}")
            out.append(Open(key, "call", self._calls[index], Name(str(function.get("name") or ""))))
        given = function.get("arguments")
        if isinstance(given, dict):
            given = dumped(given)
        if given:
            out.append(Piece(key, str(given)))
        return out


class FromResponses:
    """A Responses answer: items in order, each with its own end."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}  # open blocks, and what of them was told
        self._texts: dict[Any, list[str]] = {}  # text blocks of a message by its place
        self._any_call = False
        self._over: list[Event] = []

    def whole(self, body: Mapping[str, Any]) -> list[Event]:
        """The events of a whole answer."""
        out: list[Event] = [Begin(str(body.get("id") or ""), str(body.get("model") or ""))]
        for at, item in enumerate(body.get("output") or []):
            out += self._added(at, item)
            out += self._item_done(at, item)
        return [*out, *self._end(body), *self.done()]

    def done(self) -> list[Event]:
        """Nothing follows."""
        out: list[Event] = [Close(key) for key in self._open]
        self._open.clear()
        over = self._over or [Finish("calls" if self._any_call else "end")]
        return [*out, *over, End()]

    def feed(self, found: Mapping[str, Any]) -> list[Event]:
        """The events of one event."""
        kind, at = str(found.get("type")), found.get("output_index", 0)
        if kind == "response.created":
            response = found.get("response") or {}
            return [Begin(str(response.get("id") or ""), str(response.get("model") or ""))]
        if kind == "response.output_item.added":
            return self._added(at, found["item"])
        if kind in ("response.output_text.delta", "response.refusal.delta"):
            which: Kind = "refusal" if "refusal" in kind else "text"
            return self._text(at, found.get("content_index", 0), which, str(found.get("delta") or ""))
        if kind in ("response.reasoning_summary_text.delta", "response.reasoning_text.delta"):
            return self._piece(f"{at}", str(found.get("delta") or ""))
        if kind == "response.reasoning_summary_part.added" and found.get("summary_index"):
            return self._piece(f"{at}", "\n\n")
        if kind == "response.function_call_arguments.delta":
            return self._piece(f"{at}", str(found.get("delta") or ""))
        if kind == "response.output_item.done":
            return self._item_done(at, found["item"])
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            return self._end(found.get("response") or {})
        if kind == "error" or found.get("error"):
            told = found.get("error") or found
            return [Failed(str(told.get("message")), str(told.get("code") or ""))]
        return []

    def _piece(self, key: str, text: str) -> list[Event]:
        if key not in self._open or not text:
            return []
        self._open[key] += text
        return [Piece(key, text)]

    def _text(self, at: Any, content: Any, kind: Kind, text: str) -> list[Event]:
        key = f"{at}.{content}"
        out: list[Event] = []
        if key not in self._open:
            self._open[key] = ""
            self._texts.setdefault(at, []).append(key)
            out.append(Open(key, kind))
        return out + self._piece(key, text)

    def _added(self, at: Any, item: Mapping[str, Any]) -> list[Event]:
        kind, key = item.get("type"), f"{at}"
        if kind == "reasoning":
            self._open[key] = ""
            return [Open(key, "thinking")]
        if kind in ("function_call", "custom_tool_call"):
            self._open[key] = ""
            self._any_call = True
            return [Open(key, "call", str(item.get("call_id")), Name(str(item.get("name"))))]
        return []

    def _item_done(self, at: Any, item: Mapping[str, Any]) -> list[Event]:
        kind, key = item.get("type"), f"{at}"
        out: list[Event] = []
        if kind == "message":
            for content, part in enumerate(item.get("content") or []):
                told = self._open.get(f"{at}.{content}")
                which: Kind = "refusal" if part.get("type") == "refusal" else "text"
                if told is None:  # a whole answer, or a server without deltas
                    out += self._text(at, content, which, str(part.get("text") or part.get("refusal") or ""))
            for key in self._texts.pop(at, []):
                del self._open[key]
                out.append(Close(key))
            return out
        if key not in self._open:
            return []
        if kind == "reasoning":
            parts = [*(item.get("summary") or []), *(item.get("content") or [])]
            whole = "\n\n".join(str(part.get("text") or "") for part in parts)
        elif kind == "custom_tool_call":
            whole = dumped({"input": str(item.get("input") or "")})
        else:
            whole = str(item.get("arguments") or "")
        if not self._open[key]:
            out += self._piece(key, whole)
        del self._open[key]
        return [*out, Close(key, str(item.get("encrypted_content") or ""))]

    def _end(self, response: Mapping[str, Any]) -> list[Event]:
        status = response.get("status")
        if status == "failed" or response.get("error"):
            told = response.get("error") or {}
            return [Failed(str(told.get("message")), str(told.get("code") or ""))]
        if status == "incomplete":
            why = str((response.get("incomplete_details") or {}).get("reason"))
            self._over = [Finish("refused" if why == "content_filter" else "limit")]
        return []

"""Answers and streams of messages, Gemini and Converse as canonical events."""

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
from supercycle.gateway.canon.names import legal_id
from supercycle.gateway.canon.reading import dumped

__all__ = ["FromConverse", "FromGemini", "FromMessages"]

_STOPS: Final[Mapping[str, Reason]] = {
    "end_turn": "end",
    "max_tokens": "limit",
    "model_context_window_exceeded": "context",
    "stop_sequence": "stop",
    "tool_use": "calls",
    "refusal": "refused",
    "content_filtered": "refused",
    "guardrail_intervened": "refused",
    "pause_turn": "paused",
    "malformed_tool_use": "broken",
    "malformed_model_output": "broken",
}
_GEMINI: Final[Mapping[str, Reason]] = {
    "STOP": "end",
    "MAX_TOKENS": "limit",
    "MALFORMED_FUNCTION_CALL": "broken",
    "UNEXPECTED_TOOL_CALL": "broken",
    "MISSING_THOUGHT_SIGNATURE": "broken",
    "TOO_MANY_TOOL_CALLS": "broken",
    "OTHER": "broken",
}


class FromMessages:
    """A messages answer: one block at a time."""

    def __init__(self) -> None:
        self._seals: dict[str, str] = {}
        self._finish: Finish | None = None
        self._known: set[str] = set()

    def whole(self, body: Mapping[str, Any]) -> list[Event]:
        """The events of a whole answer."""
        out: list[Event] = [Begin(str(body.get("id") or ""), str(body.get("model") or ""))]
        for at, block in enumerate(body.get("content") or []):
            out += self._start(str(at), block)
            text = block.get("text") or block.get("thinking")
            if block.get("type") == "tool_use":
                text = dumped(block.get("input") or {})
            if text and str(at) in self._known:
                out.append(Piece(str(at), str(text)))
            out += self._stop(str(at))
        self._over(body)
        return [*out, *self.done()]

    def done(self) -> list[Event]:
        """Nothing follows."""
        return [self._finish or Finish("end"), End()]

    def feed(self, found: Mapping[str, Any]) -> list[Event]:
        """The events of one event."""
        kind, key = found.get("type"), str(found.get("index"))
        if kind == "message_start":
            message = found.get("message") or {}
            return [Begin(str(message.get("id") or ""), str(message.get("model") or ""))]
        if kind == "content_block_start":
            block = found["content_block"]
            out = self._start(key, block)
            text = block.get("text") or block.get("thinking")
            return [*out, Piece(key, str(text))] if text and key in self._known else out
        if kind == "content_block_delta" and key in self._known:
            delta = found["delta"]
            if delta.get("type") == "signature_delta":
                self._seals[key] = self._seals.get(key, "") + str(delta.get("signature") or "")
                return []
            text = delta.get("text") or delta.get("thinking") or delta.get("partial_json")
            return [Piece(key, str(text))] if text else []
        if kind == "content_block_stop":
            return self._stop(key)
        if kind == "message_delta":
            self._over(found.get("delta") or {})
        elif kind == "error":
            told = found.get("error") or {}
            return [Failed(str(told.get("message")), str(told.get("type") or ""))]
        return []

    def _start(self, key: str, block: Mapping[str, Any]) -> list[Event]:
        kind = block.get("type")
        if kind == "tool_use":
            self._known.add(key)
            return [Open(key, "call", str(block.get("id")), Name(str(block.get("name"))))]
        if kind == "redacted_thinking":
            return [Open(key, "thinking"), Close(key, str(block.get("data") or ""), redacted=True)]
        if kind in ("text", "thinking"):
            self._known.add(key)
            if block.get("signature"):
                self._seals[key] = str(block["signature"])
            which: Kind = "text" if kind == "text" else "thinking"
            return [Open(key, which)]
        return []

    def _stop(self, key: str) -> list[Event]:
        if key not in self._known:
            return []
        self._known.discard(key)
        return [Close(key, self._seals.pop(key, ""))]

    def _over(self, said: Mapping[str, Any]) -> None:
        reason = said.get("stop_reason")
        if reason:
            self._finish = Finish(_STOPS.get(str(reason), "end"), str(said.get("stop_sequence") or ""))


class FromGemini:
    """A Gemini answer: each chunk is a whole answer with the next parts; calls come whole."""

    def __init__(self) -> None:
        self._begun = False
        self._id = ""
        self._blocks = 0
        self._calls = 0
        self._said: tuple[str, Kind] | None = None
        self._finish: Finish | None = None

    def whole(self, body: Mapping[str, Any]) -> list[Event]:
        """The events of a whole answer."""
        return [*self.feed(body), *self.done()]

    def done(self) -> list[Event]:
        """Nothing follows."""
        end: Reason = "calls" if self._calls else "end"
        finish = self._finish or Finish(end)
        return [*self._shut(), finish._replace(reason=end) if finish.reason == "end" else finish, End()]

    def feed(self, found: Mapping[str, Any]) -> list[Event]:
        """The events of one chunk."""
        error = found.get("error")
        if error:
            return [Failed(str(error.get("message")), str(error.get("status") or ""))]
        out: list[Event] = []
        if not self._begun:
            self._begun = True
            self._id = str(found.get("responseId") or "")
            out.append(Begin(self._id, str(found.get("modelVersion") or "")))
        blocked = (found.get("promptFeedback") or {}).get("blockReason")
        if blocked:
            self._finish = Finish("refused", str(blocked))
        candidate = (found.get("candidates") or [{}])[0]
        for part in (candidate.get("content") or {}).get("parts") or []:
            out += self._part(part)
        reason = candidate.get("finishReason")
        if reason:
            word: Reason = _GEMINI.get(str(reason), "refused")
            if word == "broken":
                return [*out, Failed(f"the model's answer broke off: {reason}", "broken")]
            self._finish = Finish(word, "" if word != "refused" else str(reason))
        return out

    def _shut(self, sealed: str = "") -> list[Event]:
        if self._said is None:
            return []
        key, self._said = self._said[0], None
        return [Close(key, sealed)]

    def _say(self, kind: Kind, text: str) -> list[Event]:
        out: list[Event] = []
        if self._said is None or self._said[1] != kind:
            out += self._shut()
            self._blocks += 1
            self._said = (f"b{self._blocks}", kind)
            out.append(Open(self._said[0], kind))
        return [*out, Piece(self._said[0], text)] if text else out

    def _part(self, part: Mapping[str, Any]) -> list[Event]:
        seal = str(part.get("thoughtSignature") or "")
        out: list[Event] = []
        call = part.get("functionCall")
        if part.get("thought"):
            return self._say("thinking", str(part.get("text") or ""))
        thinks = self._said is not None and self._said[1] == "thinking"
        if call is None:
            if seal and thinks:
                out += self._shut(seal)
            text = str(part.get("text") or "")
            return out + (self._say("text", text) if text else [])
        if seal and not thinks:
            out += self._say("thinking", "")  # a block of its own to carry the seal
        out += self._shut(seal)
        key = f"call{self._calls}"
        given = str(call.get("id") or f"call_{self._id[-24:]}_{self._calls}")
        self._calls += 1
        name = Name(str(call.get("name")))
        return [
            *out,
            Open(key, "call", legal_id(given), name),
            Piece(key, dumped(call.get("args") or {})),
            Close(key),
        ]


class FromConverse:
    """A Converse answer: a stream's events come as ``{its name: what it holds}``; usage follows the stop."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}
        self._finish: Finish | None = None
        self._failed = False

    def whole(self, body: Mapping[str, Any]) -> list[Event]:
        """The events of a whole answer."""
        out: list[Event] = [Begin("", "")]
        for at, block in enumerate(((body.get("output") or {}).get("message") or {}).get("content") or []):
            key = str(at)
            use, thought = block.get("toolUse"), block.get("reasoningContent")
            if use is not None:
                name = Name(str(use.get("name")))
                given = dumped(use.get("input") or {})
                out += [Open(key, "call", str(use.get("toolUseId")), name), Piece(key, given), Close(key)]
            elif thought is not None:
                text = thought.get("reasoningText") or {}
                hidden = thought.get("redactedContent")
                out.append(Open(key, "thinking"))
                if text.get("text"):
                    out.append(Piece(key, str(text["text"])))
                out.append(Close(key, str(hidden or text.get("signature") or ""), redacted=bool(hidden)))
            elif block.get("text"):
                out += [Open(key, "text"), Piece(key, str(block["text"])), Close(key)]
        return [*out, *self._over(body), *self.done()]

    def done(self) -> list[Event]:
        """Nothing follows."""
        return [] if self._failed else [self._finish or Finish("end"), End()]

    def feed(self, found: Mapping[str, Any]) -> list[Event]:
        """The events of one event."""
        if found.get("error"):
            told = found["error"]
            return [Failed(str(told.get("message")), str(told.get("type") or ""))]
        if "messageStart" in found:
            return [Begin("", "")]
        if "contentBlockStart" in found:
            inner = found["contentBlockStart"]
            key, use = str(inner.get("contentBlockIndex")), (inner.get("start") or {}).get("toolUse")
            if use is None:
                return []
            self._open[key] = ""
            return [Open(key, "call", str(use.get("toolUseId")), Name(str(use.get("name"))))]
        if "contentBlockDelta" in found:
            inner = found["contentBlockDelta"]
            return self._delta(str(inner.get("contentBlockIndex")), inner.get("delta") or {})
        if "contentBlockStop" in found:
            key = str(found["contentBlockStop"].get("contentBlockIndex"))
            sealed = self._open.pop(key, None)
            if sealed is None:
                return []
            return [Close(key, sealed.removeprefix("!"), redacted=sealed.startswith("!"))]
        if "messageStop" in found:
            return self._over(found["messageStop"])
        return []

    def _delta(self, key: str, delta: Mapping[str, Any]) -> list[Event]:
        thought = delta.get("reasoningContent")
        out: list[Event] = []
        if key not in self._open:
            self._open[key] = ""
            out.append(Open(key, "thinking" if thought is not None else "text"))
        if thought is not None:
            if thought.get("signature"):
                self._open[key] = str(thought["signature"])
            if thought.get("redactedContent"):
                self._open[key] = "!" + str(thought["redactedContent"])
            text = thought.get("text")
        else:
            text = delta.get("text") or (delta.get("toolUse") or {}).get("input")
        return [*out, Piece(key, str(text))] if text else out

    def _over(self, said: Mapping[str, Any]) -> list[Event]:
        reason = _STOPS.get(str(said.get("stopReason")), "end")
        if reason == "broken":
            self._failed = True
            return [Failed(f"the model's answer broke off: {said.get('stopReason')}", "broken")]
        self._finish = Finish(reason)
        return []

"""One translation: a client's request in a target's words, and the target's answer in the client's.

client's body -> Request -> target's body;  target's answer -> events -> client's answer
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from supercycle.gateway.canon.events import End, Event, Failed, Finish, Open
from supercycle.gateway.canon.form import Name, Request
from supercycle.gateway.canon.from_openai import FromChat, FromResponses
from supercycle.gateway.canon.from_others import FromConverse, FromGemini, FromMessages
from supercycle.gateway.canon.gathered import gather
from supercycle.gateway.canon.loss import Loss
from supercycle.gateway.canon.names import back
from supercycle.gateway.canon.read_chat import read_chat
from supercycle.gateway.canon.read_messages import read_messages
from supercycle.gateway.canon.read_responses import read_responses
from supercycle.gateway.canon.telling import Told
from supercycle.gateway.canon.to_chat import ToChat, chat_answer
from supercycle.gateway.canon.to_messages import ToMessages, messages_answer
from supercycle.gateway.canon.to_responses import ToResponses, responses_answer
from supercycle.gateway.canon.write_chat import write_chat
from supercycle.gateway.canon.write_converse import write_converse
from supercycle.gateway.canon.write_gemini import write_gemini
from supercycle.gateway.canon.write_messages import write_messages
from supercycle.gateway.canon.write_responses import write_responses
from supercycle.gateway.canon.writing import Way, Written
from supercycle.gateway.speech.sse import Splitter, data_of, parsed

__all__ = ["READERS", "TARGETS", "Streamed", "Translation", "translate"]


class _From(Protocol):
    def feed(self, found: Mapping[str, Any]) -> list[Event]: ...
    def whole(self, body: Mapping[str, Any]) -> list[Event]: ...
    def done(self) -> list[Event]: ...


READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Loss], Request]]] = {
    "openai.chat": read_chat,
    "openai.responses": read_responses,
    "anthropic.messages": read_messages,
}
_WRITERS: Final[Mapping[str, Callable[..., Written]]] = {
    "openai.chat": write_chat,
    "openai.responses": write_responses,
    "anthropic.messages": write_messages,
    "google.generate": write_gemini,
    "bedrock.converse": write_converse,
}
TARGETS: Final = tuple(_WRITERS)
_FROM: Final[Mapping[str, Callable[[], _From]]] = {
    "openai.chat": FromChat,
    "openai.responses": FromResponses,
    "anthropic.messages": FromMessages,
    "google.generate": FromGemini,
    "bedrock.converse": FromConverse,
}
_ANSWERS: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {
    "openai.chat": chat_answer,
    "openai.responses": responses_answer,
    "anthropic.messages": messages_answer,
}


# Events after which nothing follows: the client's end need not wait for the connection's.
_LAST: Final = frozenset({"message_stop", "response.completed", "response.failed", "response.incomplete"})


@dataclass(frozen=True, slots=True)
class Translation:
    """A request in a target's words (``body``), with what it takes to translate the answer back."""

    client: str
    way: Way
    body: dict[str, Any]
    names: Mapping[str, Name]
    unwrap: str
    thinks: bool
    dropped: tuple[str, ...]
    notes: tuple[str, ...]

    def whole(self, body: Mapping[str, Any], told: Told) -> dict[str, Any]:
        """A whole answer in the client's words. Raises gathered.Broken for one that says it failed."""
        events = self._renamed(_FROM[self.way.dialect]().whole(body))
        return _ANSWERS[self.client](gather(events), told)

    def stream(self, told: Told, *, usage: bool) -> Streamed:
        """A stream in the client's words, to be fed with what the target sends."""
        writer: Callable[[Event], bytes]
        if self.client == "openai.chat":
            writer = ToChat(told, usage=usage)
        else:
            writer = ToMessages(told) if self.client == "anthropic.messages" else ToResponses(told)
        return Streamed(_FROM[self.way.dialect](), self._renamed, writer)

    def _renamed(self, events: list[Event]) -> list[Event]:
        """The client's own names of tools; the arguments of a tool that stood for a shape are text again."""
        return [self._one(event) for event in events]

    def _one(self, event: Event) -> Event:
        if isinstance(event, Open) and event.kind == "call":
            if self.unwrap and event.tool.name == self.unwrap:
                return Open(event.key, "text")
            return event._replace(tool=self.names.get(event.tool.name, event.tool))
        if self.unwrap and isinstance(event, Finish) and event.reason == "calls":
            return Finish("end")
        return event


class Streamed:
    """A stream being translated: ``feed`` what the target sends (server-sent events), ``end`` when it is over."""

    __slots__ = ("_from", "_over", "_renamed", "_split", "_to")

    def __init__(
        self,
        source: _From,
        renamed: Callable[[list[Event]], list[Event]],
        target: Callable[[Event], bytes],
    ) -> None:
        self._from = source
        self._renamed = renamed
        self._to = target
        self._split = Splitter()
        self._over = False

    def feed(self, chunk: bytes) -> bytes:
        """What the client gets for this read."""
        return b"".join([self._event(data_of(raw)) for raw in self._split.feed(chunk)])

    def end(self) -> bytes:
        """The target's stream is over and was whole: what the client still has to get."""
        rest, self._split.rest = self._split.rest, b""
        return (self._event(data_of(rest)) if rest else b"") + self._written(self._from.done())

    def _event(self, data: bytes) -> bytes:
        found = parsed(data)
        if found is None:
            return self._written(self._from.done()) if data.startswith(b"[DONE]") else b""
        shown = self._written(self._from.feed(found))
        last = found.get("type") in _LAST
        return shown + self._written(self._from.done()) if last else shown

    def _written(self, events: list[Event]) -> bytes:
        out: list[bytes] = []
        for event in self._renamed(events):
            if not self._over:
                out.append(self._to(event))
                self._over = isinstance(event, Failed | End)
        return b"".join(out)


def translate(client: str, fields: Mapping[str, Any], way: Way, *, lossy: bool = False) -> Translation:
    """A client's request in a target's words. Raises Untranslatable by name, InputError for odd types."""
    loss = Loss(way.dialect, allow=lossy)
    request = READERS[client](fields, loss)
    written = _WRITERS[way.dialect](request, way, loss, own=client == way.dialect)
    # Thinking is shown to who asked for it, and to who must give it back with the results of tools.
    thinks = client == "openai.responses" or bool(
        request.effort or request.thoughts is not None or (client == "anthropic.messages" and request.tools)
    )
    return Translation(
        client,
        way,
        written.body,
        back(tool.tool for tool in request.tools),
        written.unwrap,
        thinks,
        tuple(loss.dropped),
        tuple(loss.notes),
    )

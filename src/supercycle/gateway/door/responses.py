"""What an upstream answers, read with bounds: the body, what is in it, and what of its head is the client's."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import aiohttp
import orjson

from supercycle.gateway.door.upstream import Failure
from supercycle.gateway.speech.stream import Inflate

__all__ = [
    "BREAKS",
    "FailedAttempt",
    "broken",
    "decoded",
    "facts_of",
    "is_answer",
    "message_of",
    "passed_on",
    "plain_body",
    "read_response",
    "set_idle",
]

# How a connection can end in mid-answer.
BREAKS: Final = (aiohttp.ClientError, OSError)
_PASSED_ON = (
    "content-type", "content-encoding", "retry-after", "retry-after-ms", "openai-processing-ms", "x-should-retry",
    *(f"x-ratelimit-{what}-{of}" for what in ("limit", "remaining", "reset") for of in ("requests", "tokens")),
    *(f"anthropic-ratelimit-{of}-{what}" for of in ("requests", "tokens", "input-tokens", "output-tokens")
      for what in ("limit", "remaining", "reset")),
)  # fmt: skip
_TAIL_FROM = 256 * 1024  # bodies above this are not decoded as a whole: only their usage is


class FailedAttempt(NamedTuple):
    """An attempt that did not answer the client. ``sent``: the provider may have worked, and may charge."""

    reason: str
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    retryable: bool
    blame: bool  # the target's fault
    sent: bool
    retry_after_s: float = 0.0
    hung: bool = False  # nothing came within the target's patience: the same target is not asked again
    facts: tuple[tuple[str, str, int | None], ...] = ()


def broken(error: BaseException) -> Failure:
    """What a connection that ends in mid-answer is called. (A timeout is an OSError, so it is asked first.)"""
    if isinstance(error, TimeoutError):
        return Failure("it fell silent", sent=True)
    return Failure(f"connection lost: {type(error).__name__}", sent=True)


async def read_response(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The whole body, None when it is larger than ``most``. Raises Failure."""
    if response.content_length is not None and response.content_length > most:
        return None
    read = response.content.readany
    try:
        first = await read()
        if response.content.is_eof():
            return first
        parts = [first]
        size = len(first)
        while chunk := await read():
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                return None
    except BREAKS as error:
        raise broken(error) from None
    return b"".join(parts)


def plain_body(response: aiohttp.ClientResponse, body: bytes, most: int) -> bytes:
    """The body without its compression, for reading only; empty when it cannot be read or is beyond ``most``."""
    if response.headers.get("content-encoding", "identity") == "identity":
        return body
    parts: list[bytes] = []
    size = 0
    try:
        for piece in Inflate()(body):
            parts.append(piece)
            size += len(piece)
            if size > most:
                return b""
    except zlib.error:
        return b""
    return b"".join(parts)


def decoded(plain: bytes, dialect: str) -> dict[str, Any] | None:
    """The answer as an object; of a large one only its usage, which stands at its end."""
    try:
        if dialect == "openai.embeddings" and len(plain) > _TAIL_FROM:
            from json import JSONDecoder

            at = plain.rfind(b'"usage"')
            if at >= 0:
                text = plain[at + 7 :].decode("utf-8", "replace").lstrip(" :\n\r\t")
                return {"usage": JSONDecoder().raw_decode(text)[0]}
        answer: Any = orjson.loads(plain)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


_SHAPES: Final = {
    "openai.chat": "choices",
    "openai.responses": "output",
    "anthropic.messages": "content",
    "openai.embeddings": "data",
    "google.generate": "candidates",
}


def is_answer(answer: Mapping[str, Any] | None, dialect: str) -> bool:
    """Whether a decoded body is an answer of its dialect, not an error page, an error or half of one.

    >>> is_answer({"choices": []}, "openai.chat"), is_answer({"error": {"message": "no"}}, "openai.chat")
    (True, False)
    >>> is_answer(None, "openai.chat")
    False
    """
    if answer is None:
        return False
    if dialect == "openai.embeddings" and set(answer) == {"usage"}:
        return True  # a large one, of which only the usage was read
    if dialect == "bedrock.converse":
        return isinstance(answer.get("output"), dict)
    if dialect == "google.generate" and answer.get("promptFeedback"):
        return True  # refused before an answer began
    return isinstance(answer.get(_SHAPES[dialect]), list)


def facts_of(headers: Mapping[str, str]) -> tuple[tuple[str, str, int | None], ...]:
    """What a head says that the ledger keeps: the provider's own id of the call, by which an invoice names it."""
    for name in ("x-request-id", "request-id", "x-amzn-requestid", "x-goog-request-id"):
        if headers.get(name):
            return (("upstream_id", headers[name][:200], None),)
    return ()


def message_of(plain: bytes) -> str:
    """The sentence in an error's body, whatever its shape."""
    answer = decoded(plain, "") or decoded(plain.strip(b" \r\n[]"), "") or {}
    error = answer.get("error")
    message = error.get("message") if isinstance(error, Mapping) else error or answer.get("message")
    return str(message)[:2000] if message else "the provider gave no reason"


def passed_on(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers of an answer that are for the client: what the body is, and when to come again."""
    return [(name.encode(), headers[name].encode("latin-1")) for name in _PASSED_ON if name in headers]


def set_idle(response: aiohttp.ClientResponse, idle_s: float) -> None:
    """From the first byte on another patience holds."""
    protocol = response.connection.protocol if response.connection else None
    if protocol is not None:
        protocol.read_timeout = idle_s
        protocol.start_timeout()

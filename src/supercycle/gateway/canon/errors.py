"""Errors in the shape that a dialect's clients know, and in the words that they act on."""

from __future__ import annotations

import re
from typing import Any, Final

__all__ = ["error_body", "is_overflow"]

_ERROR_TYPES: Final = {
    400: "invalid_request_error", 401: "authentication_error", 403: "permission_error", 404: "not_found_error",
    413: "request_too_large", 429: "rate_limit_error", 503: "overloaded_error", 529: "overloaded_error",
}  # fmt: skip
# How providers say that a prompt is longer than the context.
_OVERFLOW: Final = re.compile(
    r"prompt is too long|context[_ ]length|maximum context|input is too long|exceeds the (?:maximum|model's|context)"
    r"|too many (?:input )?tokens|input token count",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d[\d,]{2,}")


def is_overflow(status: int, message: str) -> bool:
    """Whether an upstream's error says that the prompt does not fit.

    >>> is_overflow(400, "This model's maximum context length is 8192 tokens"), is_overflow(400, "bad schema")
    (True, False)
    """
    return status in (400, 413) and _OVERFLOW.search(message) is not None


def error_body(
    dialect: str, status: int, message: str, *, kind: str = "", code: str | None = None
) -> dict[str, Any]:
    """An error in the shape a dialect's clients know; ``kind`` names it where the status does not say enough.

    A prompt that does not fit is told in each client's own words, because they answer it by shortening the history.

    >>> error_body("anthropic.messages", 429, "slow down")
    {'type': 'error', 'error': {'type': 'rate_limit_error', 'message': 'slow down'}}
    >>> error_body("anthropic.messages", 400, "maximum context length is 8,192 tokens, 9,000 given")["error"]["message"]
    'prompt is too long: 9000 tokens > 8192 maximum'
    """
    told = kind or _ERROR_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
    overflow = is_overflow(status, message)
    if dialect == "anthropic.messages":
        if overflow and not message.startswith("prompt is too long"):
            message = _too_long(message)
        return {"type": "error", "error": {"type": told, "message": message}}
    if overflow:
        code = "context_length_exceeded"
    return {"error": {"message": message, "type": told, "param": None, "code": code}}


def _too_long(message: str) -> str:
    numbers = sorted(int(found.replace(",", "")) for found in _NUMBER.findall(message))
    if len(numbers) < 2:
        return f"prompt is too long: {message}"
    return f"prompt is too long: {numbers[-1]} tokens > {numbers[0]} maximum"

"""The lines of a batch: read one by one, each a call of its own with its own bound, in the provider's words."""

# The JSON of other people's dialects has no types.
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from supercycle.core.errors import InputError
from supercycle.gateway.config.config import Bounds
from supercycle.gateway.door.problem import Problem
from supercycle.gateway.routes.providers import ModelEntry, Target
from supercycle.gateway.speech.bounds import asks_mcp
from supercycle.gateway.speech.dialects import Call, read_call

__all__ = ["ENDPOINTS", "LINES", "Line", "lines_of"]

# What a batch may ask, and the dialect of its lines.
ENDPOINTS: Final = {
    "/v1/chat/completions": "openai.chat",
    "/v1/responses": "openai.responses",
    "/v1/embeddings": "openai.embeddings",
}
# Of one batch: they are read together when its output is there. Judgement.
LINES: Final = 20_000
_STATE: Final = ("background", "previous_response_id", "conversation")


class Line(NamedTuple):
    """One call of a batch: ``sent`` is its line as the provider gets it."""

    number: int
    custom_id: str
    call: Call
    target: Target
    sent: bytes


def lines_of(
    path: Path, endpoint: str, bounds: Bounds, entry_of: Callable[[str], ModelEntry | None]
) -> Iterator[Line]:
    """The lines of a file, read as they are asked for. Raises Problem, with the number of the line that is wrong.

    Each is served by the first target of its model whose provider takes batches of this dialect.
    """
    dialect, most = ENDPOINTS[endpoint], bounds.body_bytes
    seen: set[str] = set()
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(most + 1):
            number += 1
            if not raw.strip():
                continue
            if len(raw) > most:
                raise _wrong(number, f"it is longer than {most:,} bytes")
            if len(seen) >= LINES:
                raise _wrong(number, f"a batch has at most {LINES:,} lines")
            asked = _asked(number, raw, endpoint)
            custom_id = str(asked["custom_id"])
            if custom_id in seen:
                raise _wrong(number, f"custom_id {custom_id[:60]!r} stands twice")
            seen.add(custom_id)
            try:
                call = read_call(dialect, orjson.dumps(asked["body"]), bounds.known_fields)
            except InputError as error:
                raise _wrong(number, str(error)) from None
            if call.stream or any(call.fields.get(name) for name in _STATE):
                raise _wrong(number, "stream and what a provider keeps have no place in a batch")
            if not bounds.mcp and asks_mcp(call.fields):
                raise _wrong(number, "MCP servers are not allowed here (bounds.mcp)")
            entry = entry_of(call.model)
            if entry is None:
                raise _wrong(number, f"no model {call.model!r} for this key")
            takes = [t for t in entry.targets if {dialect, "openai.batches"} <= t.provider.paths.keys()]
            if not takes:
                raise _wrong(number, f"no provider of {call.model!r} takes batches of {endpoint}")
            body = {name: value for name, value in call.fields.items() if name != "provider"}
            sent = {**asked, "body": {**body, "model": takes[0].model}}
            yield Line(number, custom_id, call, takes[0], orjson.dumps(sent) + b"\n")


def _asked(number: int, raw: bytes, endpoint: str) -> dict[str, Any]:
    try:
        asked: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _wrong(number, f"it is no JSON ({error})"[:160]) from None
    if not isinstance(asked, dict) or not isinstance(asked.get("body"), dict) or not asked.get("custom_id"):
        raise _wrong(number, "expected an object with custom_id, method, url and body")
    if asked.get("url") != endpoint or asked.get("method", "POST") != "POST":
        raise _wrong(number, f"expected POST {endpoint}, got {asked.get('method')} {asked.get('url')}"[:160])
    return asked


def _wrong(number: int, why: str) -> Problem:
    return Problem(400, f"line {number} of the batch: {why}", "invalid_batch")

"""Spans of calls in the words of OpenTelemetry's generative AI conventions, one JSON object a line.

The names changed between versions, so a version is chosen in the configuration: 1.28 says ``gen_ai.system``, 1.37
``gen_ai.provider.name``. Nothing is sent anywhere: a collector reads the file. No prompt and no answer is in it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final

import orjson

from supercycle.core.errors import EnvironmentProblem

__all__ = ["OPERATIONS", "Spans", "attributes"]

FLUSH_S: Final = 1.0
OPERATIONS: Final[Mapping[str, str]] = {
    "openai.chat": "chat",
    "openai.responses": "chat",
    "anthropic.messages": "chat",
    "openai.embeddings": "embeddings",
    "openai.images": "generate_content",
    "openai.speech": "generate_content",
    "openai.transcriptions": "generate_content",
}
# The conventions' names of kinds of providers where they are not ours.
_PROVIDERS = {"x-ai": "x_ai", "mistral": "mistral_ai", "google": "gcp.gemini"}


def attributes(
    version: str,
    *,
    dialect: str,
    kind: str,
    asked: str,
    model: str,
    counts: Mapping[str, int],
    status: int | None,
) -> dict[str, Any]:
    """The attributes of one call: ``kind`` is the kind of provider, ``asked`` and ``model`` the two names of the model.

    >>> found = attributes("1.37", dialect="openai.chat", kind="mistral", asked="small", model="m", counts={"input": 3},
    ...                    status=200)
    >>> found["gen_ai.provider.name"], found["gen_ai.usage.input_tokens"]
    ('mistral_ai', 3)
    """
    provider = "gen_ai.system" if version == "1.28" else "gen_ai.provider.name"
    reads = sum(count for name, count in counts.items() if name.startswith(("input", "cache")))
    return {
        "gen_ai.operation.name": OPERATIONS[dialect],
        provider: _PROVIDERS.get(kind, kind),
        "gen_ai.request.model": asked,
        "gen_ai.response.model": model,
        "gen_ai.usage.input_tokens": reads,
        "gen_ai.usage.output_tokens": counts.get("output", 0),
        "http.response.status_code": status,
    }


class Spans:
    """A file of spans, readable by its owner only, written at most a second late."""

    def __init__(self, path: Path, version: str) -> None:
        """Raises EnvironmentProblem when the file cannot be written."""
        self.version = version
        try:
            self._file: IO[bytes] = os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab"
            )
        except OSError as error:
            raise EnvironmentProblem("cannot write spans", where=path, got=error.strerror) from None
        self._timer: asyncio.TimerHandle | None = None

    def write(
        self, request_id: str, begun_us: int, seconds: float, found: Mapping[str, Any], *, failed: bool
    ) -> None:
        """One call that is over. Spans of one request share a trace."""
        name = f"{found['gen_ai.operation.name']} {found['gen_ai.request.model']}"
        span = {
            "name": name,
            "kind": "CLIENT",
            "trace_id": request_id.zfill(32),
            "span_id": secrets.token_hex(8),
            "start_time_unix_nano": begun_us * 1000,
            "end_time_unix_nano": begun_us * 1000 + int(seconds * 1e9),
            "status": "ERROR" if failed else "OK",
            "attributes": found,
        }
        self._file.write(orjson.dumps(span, option=orjson.OPT_APPEND_NEWLINE))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._file.flush()

    def close(self) -> None:
        """Write what is left."""
        if self._timer is not None:
            self._timer.cancel()
        self._file.close()

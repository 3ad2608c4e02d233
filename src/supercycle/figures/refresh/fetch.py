"""Fetching: one polite client for every source.

Declared user agent, a limit of requests a second, retries with growing pauses (a server's Retry-After counts),
conditional requests against a cache on disk, whole bodies only. No redirects are followed, so that a key or
an agent goes to no other host. A key in a query never shows in a message or a file.
"""

from __future__ import annotations

import gzip
import http.client
import os
import re
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from supercycle.core.errors import EnvironmentProblem, UsageError

__all__ = ["Client", "Fetched", "declared_agent"]

_RETRIED = frozenset({429, 500, 502, 503, 504})
_LONGEST_BODY = 256 * 1024 * 1024  # bytes, unpacked; the largest company facts are below 20 MB
_LONGEST_PAUSE_S = 60.0
_CHUNK = 1 << 16
_CONTACT = re.compile(r"\S+@\S+\.\S+")
_SECRET = re.compile(r"(api_key=)[^&]+")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, and whether the server sent it now (True) or said that the cached one still holds."""

    body: bytes
    changed: bool


def declared_agent(text: str | None) -> str:
    """The user agent the SEC asks for: who you are and an address.

    >>> declared_agent("Jane Doe jane@example.org")
    'Jane Doe jane@example.org'
    """
    said = (text or os.environ.get("SUPERCYCLE_USER_AGENT") or "").strip()
    if not _CONTACT.search(said) or "\n" in said or "\r" in said:
        raise UsageError(
            "the SEC asks who is calling",
            expected="a name and an e-mail address",
            got=repr(said) if said else "nothing",
            hint="Try: --agent 'Jane Doe jane@example.org', or set SUPERCYCLE_USER_AGENT.",
        )
    return said


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        return None


class _Incomplete(Exception):
    """A body that ended early or cannot be unpacked: worth another try."""


@dataclass
class Client:
    """Gets whole bodies by URL. ``sleep`` and ``clock`` are for tests; ``attempts`` counts the first try too.

    Errors: EnvironmentProblem when the server refuses (403), does not have it (404), or fails as often as allowed.
    """

    agent: str
    cache: Path
    per_second: float = 10.0
    attempts: int = 5
    timeout_s: float = 30.0
    deadline_s: float = 180.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    requests: int = 0
    _last: float = field(default=-1e9, repr=False)

    def json(self, url: str, check: Callable[[Any], object] | None = None) -> tuple[Any, bool]:
        """A JSON document and whether it changed; one that does not parse, or fails ``check``, is fetched again."""
        problem = ""
        for attempt in range(2):
            found = self.get(url, fresh=attempt > 0)
            try:
                content: Any = orjson.loads(found.body)
                if check is not None:
                    check(content)
            except ValueError as error:
                problem = str(error)
                self._forget(url)
                continue
            return content, found.changed
        raise EnvironmentProblem(
            "the server's answer is not whole JSON", got=problem, where=_shown(url), hint="Try again later."
        )

    def get(self, url: str, *, fresh: bool = False) -> Fetched:
        """A body; ``fresh`` asks without regard to the cache."""
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
        if scheme != "https" and not (scheme == "http" and host in ("127.0.0.1", "localhost", "::1")):
            raise UsageError("only https is fetched", expected="https://...", got=_shown(url))
        kept = None if fresh else self._kept(url)
        pause, problem = 0.5, ""
        for attempt in range(self.attempts):
            if attempt:
                self.sleep(min(pause, _LONGEST_PAUSE_S))
                pause *= 2.0
            try:
                return self._once(url, kept)
            except urllib.error.HTTPError as error:
                error.close()
                if error.code == 304 and kept is not None:
                    return Fetched(kept[0], changed=False)
                problem = f"{error.code} {error.reason}"
                self._refused(error.code, url, problem)
                pause = max(pause, _retry_after(error.headers.get("Retry-After")))
            except (urllib.error.URLError, OSError, http.client.HTTPException, _Incomplete) as error:
                problem = str(getattr(error, "reason", "") or error) or type(error).__name__
        raise EnvironmentProblem(
            "the server does not answer", expected=f"an answer within {self.attempts} attempts", got=problem,
            where=_shown(url), hint="Nothing was changed; try again later.",
        )  # fmt: skip

    def _once(self, url: str, kept: tuple[bytes, Mapping[str, str]] | None) -> Fetched:
        wait = self._last + 1.0 / self.per_second - self.clock()
        if wait > 0:
            self.sleep(wait)
        self._last = self.clock()
        self.requests += 1
        headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", "Accept": "application/json"}
        for asked, given in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
            if kept is not None and kept[1].get(given):
                headers[asked] = kept[1][given]
        opener = urllib.request.build_opener(_NoRedirect)
        end = self.clock() + self.deadline_s
        with opener.open(urllib.request.Request(url, headers=headers), timeout=self.timeout_s) as answer:
            body = _whole(answer, end, self.clock)
            meta = {name: answer.headers.get(name) or "" for name in ("ETag", "Last-Modified")}
        self._keep(url, body, meta)
        return Fetched(body, changed=True)

    def _refused(self, code: int, url: str, problem: str) -> None:
        if code in _RETRIED:
            return
        hints = {
            403: "The SEC refuses callers that do not say who they are or ask too often: check --agent, wait.",
            404: "The source does not have it: check the identifier.",
        }
        raise EnvironmentProblem(
            "the server refuses",
            got=problem,
            where=_shown(url),
            hint=hints.get(code, "See the source's documentation."),
        )

    def _paths(self, url: str) -> tuple[Path, Path]:
        name = sha256(url.encode()).hexdigest()[:32]
        return self.cache / f"{name}.body", self.cache / f"{name}.json"

    def _kept(self, url: str) -> tuple[bytes, Mapping[str, str]] | None:
        body, meta = self._paths(url)
        try:
            said = orjson.loads(meta.read_bytes())
            content = body.read_bytes()
        except (OSError, orjson.JSONDecodeError):
            return None
        return (content, said) if sha256(content).hexdigest() == said.get("sha256") else None

    def _keep(self, url: str, content: bytes, meta: dict[str, str]) -> None:
        """Remember a body; a cache that cannot be written only costs the next request its condition."""
        body, about = self._paths(url)
        said = meta | {
            "url": _shown(url), "sha256": sha256(content).hexdigest(),
            "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip
        try:
            self.cache.mkdir(parents=True, exist_ok=True)
            for path, text in ((body, content), (about, orjson.dumps(said))):
                temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
                temporary.write_bytes(text)
                temporary.replace(path)
        except OSError:
            return

    def _forget(self, url: str) -> None:
        for path in self._paths(url):
            path.unlink(missing_ok=True)


def _whole(answer: http.client.HTTPResponse, end: float, clock: Callable[[], float]) -> bytes:
    """The whole body, unpacked; _Incomplete when it ends early, drips past the deadline, or cannot be unpacked."""
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read1(_CHUNK):
        size += len(chunk)
        if size > _LONGEST_BODY:
            raise _Incomplete("the body is longer than any this client expects")
        if clock() > end:
            raise _Incomplete("the body came too slowly")
        parts.append(chunk)
    said = answer.headers.get("Content-Length")
    body = b"".join(parts)
    if said is not None and said.isdigit() and len(body) != int(said):
        raise _Incomplete(f"the body has {len(body)} of {said} bytes")
    if answer.headers.get("Content-Encoding") != "gzip":
        return body
    try:
        unpacked = gzip.GzipFile(fileobj=BytesIO(body)).read(_LONGEST_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _Incomplete(f"the body cannot be unpacked: {error}") from None
    if len(unpacked) > _LONGEST_BODY:
        raise _Incomplete("the body is longer than any this client expects")
    return unpacked


def _retry_after(said: str | None) -> float:
    """Seconds a server asks to wait: a number or a date; nothing when it says nothing."""
    if not said:
        return 0.0
    if said.strip().isdigit():
        return float(said)
    try:
        return max((parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds(), 0.0)
    except (TypeError, ValueError):
        return 0.0


def _shown(url: str) -> str:
    """The address without a key."""
    return _SECRET.sub(r"\1...", url)

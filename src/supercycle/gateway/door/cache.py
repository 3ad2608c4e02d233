"""Answers kept in memory: the exact cache, and what a repeated Idempotency-Key gets again.

Bounded in entries and bytes, the oldest leave first, each lives its time. Keys are hashes; prompts are not kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["CachedResponse", "ResponseCache"]


class CachedResponse(NamedTuple):
    """One whole answer. ``headers`` are those the client saw."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    request_id: str
    fingerprint: str = ""


class ResponseCache:
    """Answers by key, at most ``entries`` and ``size`` bytes, each for ``ttl_s`` seconds.

    >>> cache = ResponseCache(2, 100, 10.0, clock=lambda: 0.0)
    >>> for name in "abc":
    ...     cache.put(name, CachedResponse(200, (), b"x" * 10, "r"))
    >>> cache.get("a"), cache.get("c").body
    (None, b'xxxxxxxxxx')
    """

    def __init__(self, entries: int, size: int, ttl_s: float, clock: Callable[[], float]) -> None:
        self._entries = entries
        self._size = size
        self._ttl = ttl_s
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, CachedResponse]] = OrderedDict()
        self._bytes = 0

    def get(self, key: str) -> CachedResponse | None:
        """The answer, if it is there and young enough."""
        entry = self._held.get(key)
        if entry is None:
            return None
        if entry[0] < self._clock():
            self._drop(key)
            return None
        return entry[1]

    def put(self, key: str, kept: CachedResponse) -> None:
        """Keep an answer; one that alone is larger than a tenth of the cache is not kept."""
        if len(kept.body) > self._size // 10:
            return
        if key in self._held:
            self._drop(key)
        self._held[key] = (self._clock() + self._ttl, kept)
        self._bytes += len(kept.body)
        while len(self._held) > self._entries or self._bytes > self._size:
            self._drop(next(iter(self._held)))

    def _drop(self, key: str) -> None:
        _, kept = self._held.pop(key)
        self._bytes -= len(kept.body)

"""Limits of a key: requests a minute, tokens a minute, calls at a time.

A minute's allowance refills evenly (limit / 60 a second) and never holds more than a minute's worth. Tokens are taken
by what is expected and corrected by what was used, so a key can owe. Limits hold in one process; several instances
each grant them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from supercycle.gateway.ledger.entries import Principal

__all__ = ["Limits", "Over"]

_KEYS = 10_000  # of which the state is kept; a key that is idle is full again within a minute anyway


@dataclass(frozen=True, slots=True)
class Over:
    """The limit that is in the way, and in how many seconds to come again."""

    what: str
    limit: int
    retry_after_s: float


@dataclass(slots=True)
class _Bucket:
    held: float
    at: float

    def refill(self, limit: int, now: float) -> None:
        self.held = min(limit, self.held + (now - self.at) * limit / 60)
        self.at = now

    def wait(self, wanted: float, limit: int) -> float:
        """Seconds until as much is there; more than a whole minute's worth is let through when it is full."""
        return max(0.0, (min(wanted, limit) - self.held) * 60 / limit)


class Limits:
    """The state of every key's limits. ``clock`` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._requests: dict[str, _Bucket] = {}
        self._tokens: dict[str, _Bucket] = {}
        self._running: dict[str, int] = {}

    def enter(self, who: Principal, tokens: int) -> Over | None:
        """Take one request and the expected tokens, or say what is in the way; then nothing is taken."""
        key = who.key_id
        now = self._clock()
        if who.concurrency is not None and self._running.get(key, 0) >= who.concurrency:
            return Over("calls at a time", who.concurrency, 1.0)
        buckets: list[tuple[_Bucket, float]] = []
        for what, held, limit, wanted in (
            ("requests per minute", self._requests, who.rpm, 1),
            ("tokens per minute", self._tokens, who.tpm, tokens),
        ):
            if limit is None:
                continue
            if len(held) > _KEYS:
                held.clear()
            bucket = held.get(key)
            if bucket is None:
                bucket = held[key] = _Bucket(limit, now)
            bucket.refill(limit, now)
            wait = bucket.wait(wanted, limit)
            if wait > 0:
                return Over(what, limit, wait)
            buckets.append((bucket, wanted))
        for bucket, wanted in buckets:
            bucket.held -= wanted
        self._running[key] = self._running.get(key, 0) + 1
        return None

    def leave(self, who: Principal, tokens: int, used: int) -> None:
        """A call is over: put back what was expected, take what was used."""
        key = who.key_id
        left = self._running.get(key, 1) - 1
        if left:
            self._running[key] = left
        else:
            self._running.pop(key, None)
        bucket = self._tokens.get(key)
        if bucket is not None:
            bucket.held += tokens - used

"""The rows one commit adds, and what it must read before: the whole traffic between the books and a store.

The books are pure: they ask for a `Before`, and fill a `Rows`. A store reads the one and writes the other in a single
transaction. Column order is that of the table in schema.py without ``block``, which the store adds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from supercycle.gateway.ledger.budgets import DAY_US, HOUR_US, Balance, BalanceKey, Budget
from supercycle.gateway.ledger.entries import Attempt, State
from supercycle.gateway.prices.pricebook import Price

__all__ = ["ADDED", "CHAINED", "ROLLUPS", "ROLLUP_SUMS", "Before", "Booked", "Earlier", "Key", "Rows"]

# The tables a block of the hash chain covers, each with its columns, in the order they are written and hashed.
CHAINED: Mapping[str, tuple[str, ...]] = {
    "request": (
        "request_id", "received_us", "key_id", "project", "org", "route", "model", "fingerprint",
        "idempotency_key", "tags", "decision",
    ),
    "attempt": (
        "request_id", "n", "begun_us", "provider", "upstream_model", "reserve_pico", "price_ids", "run_id",
    ),
    "outcome": (
        "request_id", "n", "state", "final", "at_us", "cost_pico", "tier", "note", "http_status", "ttft_ms",
        "duration_ms",
    ),
    "usage": ("request_id", "n", "kind", "count", "rate_pico", "price_id", "pico"),
    "posting": ("request_id", "n", "kind", "seq", "pico", "at_us", "source"),
    "hold": ("request_id", "n", "seq", "pico", "at_us", "source"),
    "fact": ("request_id", "n", "name", "text", "pico"),
}  # fmt: skip
# What a rollup adds up besides money, in the order of its columns.
ROLLUP_SUMS = (
    "requests", "attempts", "estimated", "orphaned", "void", "unpriced", "input", "cached", "cache_write", "output",
    "reasoning", "ttft_n", "ttft_ms", "duration_ms",
)  # fmt: skip
ADDED = (*ROLLUP_SUMS, "spent")
# The same sums by hour and by day: a month's questions read the days. Each with its column of time and its length.
ROLLUPS: Mapping[str, tuple[str, int]] = {"rollup": ("hour_us", HOUR_US), "rollup_day": ("day_us", DAY_US)}

Key = tuple[str, int]  # request_id, n


class Earlier(NamedTuple):
    """A request that holds an Idempotency-Key already."""

    request_id: str
    fingerprint: str
    state: State | None  # of its last attempt; None while it runs
    http_status: int | None
    cost_pico: int


class Booked(NamedTuple):
    """An attempt as the ledger has it: for corrections and recovery."""

    attempt: Attempt
    state: State | None  # None while it is open
    was_sent: bool
    net_pico: int  # charges and adjustments so far
    next_seq: int
    used: bool  # whether it has usage rows
    progress_pico: int | None = None  # what had been used when it was last looked at, while it is open
    held_pico: int = 0  # of its reserve, still held on its accounts


@dataclass(slots=True)
class Before:
    """What the store holds that a group of operations needs, read in the transaction that will write."""

    outcomes: dict[Key, tuple[State, int]] = field(default_factory=lambda: {})
    booked: dict[Key, Booked] = field(default_factory=lambda: {})
    earlier: dict[tuple[str, str], Earlier] = field(default_factory=lambda: {})
    budgets: Mapping[str, list[Budget]] = field(default_factory=lambda: {})
    balances: dict[BalanceKey, Balance] = field(default_factory=lambda: {})


@dataclass(slots=True)
class Rows:
    """What the transaction writes."""

    chained: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {t: [] for t in CHAINED})
    prices: dict[str, Price] = field(default_factory=lambda: {})
    opened: list[tuple[str, int, int, int | None]] = field(default_factory=lambda: [])
    sent: list[tuple[int, str, int]] = field(default_factory=lambda: [])
    progress: list[tuple[int, str, int]] = field(default_factory=lambda: [])
    budgets_closed: list[tuple[int, str, str, str]] = field(default_factory=lambda: [])
    closed: list[Key] = field(default_factory=lambda: [])
    balances: dict[BalanceKey, Balance] = field(default_factory=lambda: {})
    rollups: dict[str, dict[tuple[int, str, str, str], list[Any]]] = field(
        default_factory=lambda: {table: {} for table in ROLLUPS}
    )
    rollup_market: dict[tuple[int, str, str], list[int]] = field(default_factory=lambda: {})
    rollup_tag: dict[tuple[int, str], list[int]] = field(default_factory=lambda: {})
    alerts: list[tuple[str, str, int, str, int, int, int, int]] = field(default_factory=lambda: [])

    def __bool__(self) -> bool:
        return bool(self.sent or self.progress) or any(self.chained.values())

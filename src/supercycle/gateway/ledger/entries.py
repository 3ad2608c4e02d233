"""What goes into the ledger and what comes back: the words the server, the stores and the books share.

Times are whole microseconds since 1970 in UTC (``*_us``), money is whole pico-USD (``*_pico``). Accounts are
names with their level in front: ``key:…``, ``project:…``, ``org:…``, ``provider:…``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

__all__ = [
    "Admitted",
    "Alert",
    "Ask",
    "Attempt",
    "Begin",
    "Principal",
    "Refused",
    "Replayed",
    "Settlement",
    "State",
    "new_request_id",
    "now_us",
]

State = Literal["open", "sent", "settled", "estimated", "void", "orphaned"]

# An id need not be secret, only rare; asking the system for each one costs more than all the rest of a request.
_RANDOM = random.Random()
_NOTHING: Mapping[str, str] = MappingProxyType({})


def now_us() -> int:
    """The time now, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


def new_request_id() -> str:
    """A new id whose text order is the order of time: 48 bits of milliseconds, then 48 random bits, in hex."""
    return f"{time.time_ns() // 1_000_000:012x}{_RANDOM.getrandbits(48):012x}"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a virtual key, the accounts its spending counts against, and what it may do.

    ``accounts`` is the path from the key upwards (key, project, organisation); the provider's account joins it with
    each attempt. ``models`` are patterns, none meaning any. A limit of None is no limit.
    """

    key_id: str
    name: str
    accounts: tuple[str, ...]
    scopes: tuple[str, ...] = ("call",)
    models: tuple[str, ...] = ()
    rpm: int | None = None
    tpm: int | None = None
    concurrency: int | None = None


class Ask(NamedTuple):
    """One request of a client, as it arrived. ``fingerprint`` is a hash of its body, for Idempotency-Key."""

    request_id: str
    principal: Principal
    route: str
    model: str
    fingerprint: str = ""
    idempotency_key: str | None = None
    tags: Mapping[str, str] = _NOTHING
    decision_json: str = "{}"
    received_us: int = 0


class Begin(NamedTuple):
    """One attempt about to go upstream. ``reserve_pico`` is the most it can cost; None: ``unbounded`` says why."""

    provider: str
    upstream_model: str
    reserve_pico: int | None
    price_ids: tuple[str, ...] = ()
    unbounded: str = ""
    expected_pico: int | None = None  # what its input alone is expected to cost


class Attempt(NamedTuple):
    """An attempt whose row is committed: bytes may go upstream. It carries all that settling it needs."""

    request_id: str
    n: int
    key_id: str
    model: str
    provider: str
    upstream_model: str
    reserve_pico: int | None
    accounts: tuple[str, ...]
    begun_us: int
    tags: Mapping[str, str]


class Admitted(NamedTuple):
    """The request row is committed."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """No: ``reason`` is "budget", "unbounded" (a budgeted path and no upper bound; ``why``) or "closed".

    ``account`` is the first account of the path that lacks room: spent + reserved + asked > limit. An account is
    closed by an answer that cost more than was reserved for it (``why`` names the request), until its budget is set
    again.
    """

    reason: Literal["budget", "unbounded", "closed"]
    account: str = ""
    window: str = ""
    limit_pico: int = 0
    spent_pico: int = 0
    reserved_pico: int = 0
    asked_pico: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """A duplicate of an Idempotency-Key: what became of the first one. ``state`` is "running" until it is over.

    The ledger keeps no bodies; ``fingerprint_matches`` says whether the two bodies were the same.
    """

    request_id: str
    state: Literal["running", "settled", "estimated", "void", "orphaned"]
    fingerprint_matches: bool
    http_status: int | None
    cost_pico: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """One attempt that is over and committed: what the dashboard streams."""

    request_id: str
    n: int
    key_id: str
    model: str
    provider: str
    state: State
    cost_pico: int
    priced: bool
    counts: Mapping[str, int]
    http_status: int | None
    ttft_ms: float | None
    duration_ms: float | None
    at_us: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A budget that passed a mark: ``kind`` is "share" (0.5, 0.8, 1.0 of the limit), "burn" or "closed"."""

    account: str
    window: str
    window_start_us: int
    kind: Literal["share", "burn", "closed"]
    mark: float
    spent_pico: int
    limit_pico: int
    at_us: int
    extra: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

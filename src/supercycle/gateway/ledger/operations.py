"""What can happen to the books: each operation as data, with all that deciding it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from supercycle.gateway.ledger.entries import Admitted, Ask, Attempt, Begin, Refused, Replayed
from supercycle.gateway.ledger.rows import Key
from supercycle.gateway.prices.settle import Charge

__all__ = [
    "Adjust",
    "Admit",
    "Answer",
    "Close",
    "Operation",
    "Progress",
    "Retry",
    "Sent",
    "Settle",
    "Stated",
    "stated_estimate",
]


@dataclass(frozen=True, slots=True)
class Admit:
    """A new request, with its first attempt unless it is answered without one."""

    ask: Ask
    begin: Begin | None


@dataclass(frozen=True, slots=True)
class Retry:
    """A further attempt of an admitted request."""

    ask: Ask
    n: int
    begin: Begin


@dataclass(frozen=True, slots=True)
class Sent:
    """Upstream has begun to answer."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Progress:
    """How far answers under way have come: (request, attempt, what they would cost if they ended here)."""

    seen: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Settle:
    """An attempt is over: what it used and costs. ``charge`` None and a ``note``: it has no price, for that reason.

    ``partial`` is then the charge of what does have a price. ``facts`` are (name, text, pico) that the provider said
    beside its usage.
    """

    attempt: Attempt
    state: Literal["settled", "estimated", "void"]
    charge: Charge | None
    note: str | None
    counts: Mapping[str, int]
    tier: str | None
    http_status: int | None
    ttft_ms: float | None
    duration_ms: float | None
    final: bool
    partial: Charge | None = None
    facts: tuple[tuple[str, str, int | None], ...] = ()
    stated_pico: int | None = None  # what the provider says it bills, where that differs
    excess: tuple[int, str] | None = None  # paid above the cheapest that was good enough, and why


@dataclass(frozen=True, slots=True)
class Adjust:
    """What an attempt really cost, by an invoice or a late answer; the difference is posted."""

    key: Key
    actual_pico: int
    source: str


@dataclass(frozen=True, slots=True)
class Close:
    """An attempt nobody will settle: orphaned by a crash, or void because its commit was never confirmed."""

    key: Key
    state: Literal["orphaned", "void"]


Operation = Admit | Retry | Sent | Progress | Settle | Adjust | Close
Answer = Admitted | Attempt | Refused | Replayed | int | None


class Stated(NamedTuple):
    """How an attempt without a settlement is charged, and how much of its reserve stays held."""

    pico: int | None
    held_pico: int
    note: str


def stated_estimate(state: str, reserve_pico: int | None, progress_pico: int | None) -> Stated:
    """The charge of an attempt cut off by a crash: what it had used when last looked at; the rest is held.

    Charge and hold are the reserve together, so no budget can be overspent by what is not known. Without a look the
    whole reserve is held and nothing is charged.

    >>> stated_estimate("orphaned", 500, 120)[:2], stated_estimate("orphaned", 500, 900)[:2]
    ((120, 380), (500, 0))
    >>> stated_estimate("orphaned", None, 120)[:2], stated_estimate("void", 5, 3)[:2]
    ((None, 0), (0, 0))
    """
    if state == "void":
        return Stated(0, 0, "void: its admission was not confirmed, no bytes went upstream")
    if reserve_pico is None:
        return Stated(None, 0, "crash: had no price to reserve, unpriced")
    used = min(max(progress_pico or 0, 0), reserve_pico)
    return Stated(
        used,
        reserve_pico - used,
        "crash: charged the input and the output relayed so far; the rest of the reserve is held until an invoice",
    )

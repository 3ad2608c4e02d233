"""What every request of a gateway shares: its configuration, ledger, prices, way out, router and counters.

The server makes one; `Gateway` reads it for each request and `Relay` for each attempt, so neither needs the other.
A reload puts new values into the same context: requests under way keep the targets they were given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from supercycle.gateway.config.config import Config
from supercycle.gateway.door.background import Responses
from supercycle.gateway.door.memory import BodyMemory
from supercycle.gateway.door.shelf import Shelf
from supercycle.gateway.door.upstream import Upstream
from supercycle.gateway.prices.pricebook import PriceBook
from supercycle.gateway.reports.metrics import Metrics
from supercycle.gateway.reports.telemetry import Spans
from supercycle.gateway.routes.limits import Limits
from supercycle.gateway.routes.route import Router

__all__ = ["Context"]

_LOG = logging.getLogger("supercycle.gateway")


@dataclass(slots=True)
class Context:
    """The shared state. ``ledger`` is an open `supercycle.gateway.ledger.ledger.Ledger`; ``clock`` never goes back."""

    config: Config
    ledger: Any
    book: PriceBook
    upstream: Upstream
    router: Router
    limits: Limits
    metrics: Metrics
    spans: Spans | None
    bodies: BodyMemory
    clock: Callable[[], float] = monotonic
    shelf: Shelf | None = None  # files and batches of keys; None where there is no folder for them
    responses: Responses = field(default_factory=Responses)
    streams: set[Any] = field(default_factory=set[Any])  # bookings whose answer is being relayed
    background: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something behind the requests until it is done or the server stops."""
        task = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    def note_progress(self) -> None:
        """Put into the ledger what the streams under way would cost if they ended now: a crash is booked by it."""
        seen = tuple(
            (*booking.key, pico) for booking in self.streams if (pico := booking.progress_pico()) is not None
        )
        if seen:
            self.ledger.progress(seen)

    def booked(self, future: asyncio.Future[int]) -> None:
        """Nobody waits for a settlement; one that fails is logged."""
        future.add_done_callback(_log_failure)


def _log_failure(future: asyncio.Future[int]) -> None:
    if not future.cancelled() and future.exception() is not None:
        _LOG.error("a settlement was not booked: %s", future.exception())

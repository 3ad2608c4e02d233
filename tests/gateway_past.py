"""A ledger with a past: calls booked at given moments, for tests of what is read from it afterwards."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supercycle.gateway.ledger import writer
from supercycle.gateway.ledger.entries import Ask, Begin, Principal
from supercycle.gateway.ledger.ledger import Ledger, open_ledger
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.prices.settle import Unpriced, price_of
from supercycle.gateway.speech.usage import Usage

# USD per million tokens: one dear provider, one cheap one, and one whose price nobody knows.
BOOK = with_entries(
    PriceBook(),
    [
        ("dear", "big", {"input": "4", "cached": "0.4", "output": "20"}, "by hand"),
        ("cheap", "big", {"input": "1", "cached": "0.5", "output": "2"}, "by hand"),
    ],
)
DEAR = {"input": 4_000_000, "cached": 400_000, "output": 20_000_000}  # pico-USD a token
CHEAP = {"input": 1_000_000, "cached": 500_000, "output": 2_000_000}


def us(text: str) -> int:
    """Microseconds of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)


def decision(*targets: str, costs: Mapping[str, float] | None = None, **more: Any) -> str:
    """A routing decision's record with these candidates, as the router writes it."""
    rows = [
        {
            "target": target, "quality": None, "cost_usd": (costs or {}).get(target, 0.01), "seconds": 1.0,
            "ttft_s": 0.1 if target.startswith("dear") else 0.9, "load": 0.0, "failure_share": 0.0,
            "warm_tokens": 0, "output_tokens": 10, "out": None,
        }
        for target in targets
    ]  # fmt: skip
    policy = {"value_of_second_usd": 0.0, "retry_usd": 0.0}
    return json.dumps({"policy": policy, "sort": None, "order": [], "candidates": rows, **more})


class Past:
    """One ledger in a folder, whose clock is set by each call."""

    def __init__(self, folder: Path, monkeypatch: Any) -> None:
        self.folder = folder
        self._now = 0
        self._count = 0
        monkeypatch.setattr(writer, "now_us", lambda: self._now)

    @asynccontextmanager
    async def open(self, server: bool = True) -> AsyncIterator[Ledger]:
        ledger = await open_ledger(self.folder, server=server, price=BOOK.price)
        try:
            yield ledger
        finally:
            await ledger.close()

    async def call(
        self,
        ledger: Ledger,
        at: str,
        provider: str = "dear",
        counts: Mapping[str, int] | None = None,
        outcome: str = "settled",
        *,
        model: str = "asked",
        upstream: str = "big",
        reserve: int | None = 10**9,
        ttft_ms: float | None = None,
        duration_ms: float = 1000.0,
        record: str = "{}",
        tags: Mapping[str, str] | None = None,
        charge: Any = None,
    ) -> str:
        """Book a call and settle it; its request id."""
        self._now = us(at)
        self._count += 1
        request_id = f"{self._now // 1000:012x}{self._count:012x}"
        who = Principal("k1", "ann", ("key:k1", "project:p"))
        ask = Ask(request_id, who, "/v1/chat/completions", model, "", None, tags or {}, record, self._now)
        attempt = await ledger.admit_and_begin(ask, Begin(provider, upstream, reserve))
        used = Usage({**(counts or {"input": 100, "output": 10}), "request": 1})
        if outcome == "void":
            await ledger.settle(attempt, None, None, "void", 503, None, duration_ms)
            return request_id
        cost = charge or price_of(
            BOOK, provider, upstream, used, datetime.fromtimestamp(self._now / 1e6, UTC)
        )
        assert isinstance(cost, Unpriced) == (provider == "unknown")
        await ledger.settle(attempt, cost, used, outcome, 200, ttft_ms, duration_ms)
        return request_id

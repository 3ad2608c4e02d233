"""A ledger to try things on: where it is, who calls, and what calls cost. The same for both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from supercycle.gateway.ledger.chain import verify_chain
from supercycle.gateway.ledger.entries import Ask, Attempt, Begin, Principal, new_request_id
from supercycle.gateway.ledger.invariants import check
from supercycle.gateway.ledger.ledger import Ledger, open_ledger
from supercycle.gateway.prices.pricebook import Price
from supercycle.gateway.prices.settle import Charge, Line
from supercycle.gateway.speech.usage import Usage

IN, OUT = 2, 3  # pico-USD per token of the invented model
TABLES = (
    "run", "block", "virtual_key", "request", "attempt", "open_attempt", "outcome", "usage", "posting", "price",
    "budget", "balance", "hold", "fact", "setting", "alert", "rollup", "rollup_day", "rollup_tag",
    "rollup_market", "upstream_secret",
)  # fmt: skip


def price(price_id: str) -> Price | None:
    """The price book of these tests: one invented row."""
    rates = MappingProxyType({"input": ((0, IN),), "output": ((0, OUT),)})
    return Price(price_id, "mock", "m", "standard", "", None, None, None, rates, "invented", None, "invented")


def charge(input_tokens: int, output_tokens: int = 0) -> Charge:
    counts = (("input", input_tokens, IN), ("output", output_tokens, OUT))
    lines = tuple(
        Line(kind, count, rate, "invented-1", count * rate) for kind, count, rate in counts if count
    )
    return Charge(lines, sum(line.pico for line in lines))


def usage(input_tokens: int, output_tokens: int = 0) -> Usage:
    return Usage({k: v for k, v in (("input", input_tokens), ("output", output_tokens)) if v})


class Place:
    """Where a ledger is; `open` it as often as wanted, one after another or (PostgreSQL) at once."""

    def __init__(self, target: str, folder: Path) -> None:
        self.target, self.folder = target, folder
        self.shared = target.startswith("postgresql")

    @asynccontextmanager
    async def open(self, *, server: bool = True) -> AsyncIterator[Ledger]:
        ledger = await open_ledger(self.target, server=server, folder=self.folder, price=price)
        try:
            yield ledger
        finally:
            await ledger.close()

    @staticmethod
    async def caller(ledger: Ledger, **named: Any) -> Principal:
        _, secret = await ledger.keys.issue("caller", **named)
        principal = await ledger.principal(secret)
        assert principal is not None
        return principal

    @staticmethod
    def ask(principal: Principal, **named: Any) -> Ask:
        return Ask(new_request_id(), principal, "/v1/chat/completions", named.pop("model", "m"), **named)

    async def call(
        self,
        ledger: Ledger,
        principal: Principal,
        reserve: int | None = 100,
        provider: str = "mock",
        **named: Any,
    ) -> Any:
        return await ledger.admit_and_begin(self.ask(principal, **named), Begin(provider, "m", reserve))

    async def paid(self, ledger: Ledger, principal: Principal, tokens: int, **named: Any) -> Attempt:
        """A call that costs tokens x IN."""
        attempt = await self.call(ledger, principal, tokens * IN, **named)
        assert isinstance(attempt, Attempt), attempt
        assert (
            await ledger.settle(attempt, charge(tokens), usage(tokens), "settled", 200, 1.0, 2.0)
            == tokens * IN
        )
        return attempt

    async def sound(self, ledger: Ledger) -> None:
        """Every invariant holds, and the hash chain."""
        assert await check(ledger.store) == []
        assert (await verify_chain(ledger.store))[0] == []

    async def dump(self, ledger: Ledger) -> dict[str, list[str]]:
        """Every row of every table."""
        return {
            table: sorted(map(str, await ledger.store.fetch(f"SELECT * FROM {table}"))) for table in TABLES
        }

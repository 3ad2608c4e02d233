"""The ledger: every call upstream is booked before it is made, and settled once.

``admit_and_begin`` reserves the upper bound of a call on every account of its path and commits the attempt; only then
may bytes go upstream. ``settle`` releases the reserve and charges what was used. What a crash cuts off is closed by
``recover`` at a stated estimate, and an invoice may replace it with ``adjust``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from math import isfinite
from pathlib import Path
from typing import Literal

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger.budget_rows import budget_status, removal, setting
from supercycle.gateway.ledger.budgets import SHARES, checked_budget
from supercycle.gateway.ledger.entries import (
    Admitted,
    Alert,
    Ask,
    Attempt,
    Begin,
    Principal,
    Refused,
    Replayed,
    Settlement,
    new_request_id,
    now_us,
)
from supercycle.gateway.ledger.keys import KeyRing
from supercycle.gateway.ledger.operations import Adjust, Admit, Close, Progress, Retry, Sent, Settle
from supercycle.gateway.ledger.reads import Reads
from supercycle.gateway.ledger.rows import Key
from supercycle.gateway.ledger.secrets import MASTER_VARIABLE, Master, load_master
from supercycle.gateway.ledger.store import Record, Store
from supercycle.gateway.ledger.writer import Writer
from supercycle.gateway.prices.money import MAX_POSTING
from supercycle.gateway.prices.pricebook import Price
from supercycle.gateway.prices.settle import Charge, Unpriced
from supercycle.gateway.speech.usage import Usage

__all__ = [
    "Admitted",
    "Alert",
    "Ask",
    "Attempt",
    "Begin",
    "Ledger",
    "Principal",
    "Refused",
    "Replayed",
    "Settlement",
    "new_request_id",
    "now_us",
    "open_ledger",
]

_MASTER = "master key check"
_SWEEP_S = 15.0  # how often an instance looks for others that died
_PATIENCE_S = 5.0  # how long closing waits for a database that cannot be written
_EVENTS = 1000  # a listener that is further behind misses the oldest
_FREE = Charge((), 0)


class Ledger:
    """One process's view of the ledger. Made with `open_ledger`; all methods belong to one event loop."""

    def __init__(
        self, store: Store, master: Master, price: Callable[[str], Price | None] | None = None
    ) -> None:
        self.store = store
        self.keys = KeyRing(store, master)
        self.reads = Reads(store)
        self.peek_principal = self.keys.peek
        self.principal = self.keys.principal
        self._master = master
        self._listeners: set[asyncio.Queue[Settlement | Alert]] = set()
        self._writer = Writer(store, self._tell, price)
        self._sweeping: asyncio.Task[None] | None = None

    # --- calls

    async def admit_and_begin(self, ask: Ask, begin: Begin) -> Attempt | Refused | Replayed:
        """Book a request with its first attempt in one durable commit, or say why not.

        Admitted when spent + reserved + ``begin.reserve_pico`` <= limit for every budget of the path. Raises
        EnvironmentProblem when nothing can be booked (answer 503), InputError for what the ledger cannot hold.
        """
        _check_reserve(begin)
        return await self._writer.submit(Admit(ask, begin))

    async def admit(self, ask: Ask) -> Admitted | Refused | Replayed:
        """Book a request that is answered without an attempt (from the exact cache): it costs nothing."""
        return await self._writer.submit(Admit(ask, None))

    async def begin(self, ask: Ask, n: int, begin: Begin) -> Attempt | Refused:
        """Book attempt ``n`` >= 2 of an admitted request: a retry or a fallback, with a reserve of its own."""
        _check_reserve(begin)
        return await self._writer.submit(Retry(ask, n, begin))

    def sent(self, attempt: Attempt) -> None:
        """Note that upstream has begun to answer; committed with whatever comes next."""
        self._writer.submit(Sent(attempt))

    def progress(self, seen: tuple[tuple[str, int, int], ...]) -> None:
        """Note what answers under way would cost if they ended now: (request, attempt, pico-USD) each."""
        self._writer.submit(Progress(seen))

    def settle(
        self,
        attempt: Attempt,
        charge: Charge | Unpriced | None,
        usage: Usage | None,
        outcome: Literal["settled", "estimated", "void"],
        http_status: int | None = None,
        ttft_ms: float | None = None,
        duration_ms: float | None = None,
        final: bool = True,
        facts: tuple[tuple[str, str, int | None], ...] = (),
        stated_pico: int | None = None,
        excess: tuple[int, str] | None = None,
    ) -> asyncio.Future[int]:
        """Release the reserve and charge the call, in one transaction; the future has its cost in pico-USD.

        Not a coroutine: it is queued when it is called, whether or not the future is awaited, and a later `begin`
        finds the reserve released. Settling again changes nothing. ``charge`` None is for "void" only.
        """
        for name, value in (("ttft_ms", ttft_ms), ("duration_ms", duration_ms)):
            if value is not None and not isfinite(value):
                raise InputError(name, expected="a finite number of milliseconds", got=value)
        note = partial = None
        if isinstance(charge, Unpriced):
            charge, note, partial = None, f"unpriced: {charge.reason}", charge.partial
        elif charge is None:
            if outcome != "void":
                raise InputError(
                    "settlement", expected="a charge, or that it is unpriced", got="none", where=attempt[:2]
                )
            charge = _FREE
        elif not 0 <= charge.total_pico <= MAX_POSTING:
            raise InputError(
                "charge", expected="0 to 2^63 - 1 pico-USD", got=charge.total_pico, where=attempt[:2]
            )
        return self._writer.submit(
            Settle(
                attempt,
                outcome,
                charge,
                note,
                usage.counts if usage else {},
                usage.tier if usage else None,
                http_status,
                None if ttft_ms is None else float(ttft_ms),
                None if duration_ms is None else float(duration_ms),
                final,
                partial,
                facts,
                stated_pico,
                excess,
            )
        )

    async def adjust(self, request_id: str, n: int, actual_pico: int, source: str) -> int:
        """Replace what an attempt was charged by what it really cost; returns the difference that was posted.

        The first charge stays; the correction is a posting of its own, and the same one again posts nothing. Raises
        InputError for an attempt that is unknown or under way.
        """
        if not -MAX_POSTING <= actual_pico <= MAX_POSTING:
            raise InputError("correction", expected="a posting's range", got=actual_pico, where=request_id)
        return await self._writer.submit(Adjust((request_id, n), actual_pico, source))

    async def recover(self, mine: frozenset[Key] = frozenset()) -> int:
        """Close the attempts of processes that are no more at a stated estimate; returns how many there were.

        Those of ``mine`` go on in this process, which will settle them: lines of batches.
        """
        found = await self.store.abandoned()
        keys = [key for key in found if key not in mine]
        await self.store.execute([
            ("UPDATE open_attempt SET run_id = $1 WHERE request_id = $2 AND n = $3", (self.store.run_id, *key))
            for key in found if key in mine
        ])  # fmt: skip
        await asyncio.gather(*(self._writer.submit(Close(key, "orphaned")) for key in keys))
        return len(keys)

    @property
    def trouble(self) -> str | None:
        """Why new calls are refused now; None when they are not."""
        return None if self._writer.trouble is None else str(self._writer.trouble)

    # --- keys, budgets, secrets

    async def set_budget(
        self,
        account: str,
        limit_pico: int,
        period: str,
        alert_shares: Iterable[float] = SHARES,
        burn: float | None = None,
    ) -> None:
        """Limit an account, from what it has spent and reserved in the current window; replaces an earlier limit."""
        budget = checked_budget(account, limit_pico, period, alert_shares, burn, now_us())
        await self.store.execute(setting(budget, self.store.sums))

    async def remove_budget(self, account: str, period: str) -> None:
        """Lift a limit. Raises UnknownNameError when there is none."""
        known = [f"{row['account']} {row['period']}" for row in await self.budgets()]
        await self.store.execute(removal(account, period, known))

    async def budgets(self) -> list[Record]:
        """Every budget with limit, spent, reserved and bounds of its current window."""
        return await budget_status(self.store)

    async def put_secret(self, provider: str, secret: str) -> None:
        """Keep a provider's API key, encrypted."""
        sealed = self._master.seal(secret, provider)
        await self.store.execute([(
            ("INSERT INTO upstream_secret VALUES ($1, $2, $3)"
            " ON CONFLICT (provider) DO UPDATE SET sealed = excluded.sealed, updated_us = excluded.updated_us"),
            (provider, sealed, now_us()),
        )])  # fmt: skip

    async def secret(self, provider: str) -> str | None:
        """A provider's API key; None when none is kept."""
        rows = await self.store.fetch("SELECT sealed FROM upstream_secret WHERE provider = $1", provider)
        return self._master.unseal(rows[0]["sealed"], provider) if rows else None

    async def put_setting(self, name: str, value: str) -> None:
        """Keep a text of the gateway's own: the router's memory, the check of the master key."""
        await self.store.execute([(
            ("INSERT INTO setting VALUES ($1, $2, $3)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_us = excluded.updated_us"),
            (name, value, now_us()),
        )])  # fmt: skip

    async def setting(self, name: str) -> Record | None:
        """What is kept under that name: value and updated_us; None when nothing is."""
        rows = await self.store.fetch("SELECT value, updated_us FROM setting WHERE name = $1", name)
        return rows[0] if rows else None

    # --- events and the end

    async def events(self) -> AsyncIterator[Settlement | Alert]:
        """What is settled from now on, once it is committed."""
        queue: asyncio.Queue[Settlement | Alert] = asyncio.Queue(_EVENTS)
        self._listeners.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._listeners.discard(queue)

    def _tell(self, events: Sequence[Settlement | Alert]) -> None:
        for queue in self._listeners:
            for event in events:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(event)

    async def serve(self, mine: frozenset[Key] = frozenset()) -> int:
        """Begin as a server: recover, and keep looking for instances that died when there can be others."""
        recovered = await self.recover(mine)
        if self.store.sums.dialect == "postgres":
            self._sweeping = asyncio.create_task(self._sweep())
        return recovered

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            try:
                await self.recover()
            except EnvironmentProblem:
                continue  # the writer says so to every caller; the next round tries again

    async def close(self) -> int:
        """Book what is queued and let go; returns how many operations could not be booked (recovery closes them)."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        try:
            return await self._writer.close(_PATIENCE_S)
        finally:
            await self.store.close()


async def _check_master(ledger: Ledger, master: Master, folder: Path) -> None:
    """Refuse a master key other than the one this ledger's keys were made with."""
    check = master.derived("check").hex()[:32]
    row = await ledger.setting(_MASTER)
    if row is None:
        secrets = await ledger.store.fetch("SELECT provider, sealed FROM upstream_secret LIMIT 1")
        for secret in secrets:  # a ledger of 0.1.0 has no check value, but may have something to open
            master.unseal(secret["sealed"], secret["provider"])
        await ledger.put_setting(_MASTER, check)
    elif row["value"] != check:
        raise EnvironmentProblem(
            "this ledger's keys were made with another master key", where=folder / "master.key",
            hint=f"Use the master.key of the instance that made the ledger, or its {MASTER_VARIABLE}; "
            "with this one every key would be refused.",
        )  # fmt: skip


def _check_reserve(begin: Begin) -> None:
    if begin.reserve_pico is not None and not 0 <= begin.reserve_pico <= MAX_POSTING:
        raise InputError("upper bound of a call", expected="0 to 2^63 - 1 pico-USD", got=begin.reserve_pico)


async def open_ledger(
    target: str | Path,
    *,
    server: bool = True,
    folder: Path | None = None,
    price: Callable[[str], Price | None] | None = None,
    mine: frozenset[Key] = frozenset(),
) -> Ledger:
    """Open the ledger of a folder, of a ``.sqlite`` file, or of ``postgresql://…``.

    A server takes the ledger's lock (or registers its instance) and recovers; a command does neither. ``folder`` holds
    the master key: by default that of the file. ``price`` finds a row of the price book by its id, so that the ledger
    keeps each row it was charged by. ``mine`` are attempts that a server goes on with. Raises EnvironmentProblem when
    the database cannot be opened.
    """
    text = str(target)
    store: Store
    if text.startswith(("postgresql://", "postgres://")):
        from supercycle.gateway.ledger.store_postgres import PostgresStore

        if folder is None:
            raise InputError("ledger", expected="a data folder beside the PostgreSQL address", got="none")
        store = PostgresStore(text)
    else:
        from supercycle.gateway.ledger.store_sqlite import SqliteStore

        path = Path(target) if text.endswith(".sqlite") else Path(target) / "ledger.sqlite"
        folder = folder or path.parent
        store = SqliteStore(path)
    master = load_master(folder)
    try:
        await store.open(server=server)
        ledger = Ledger(store, master, price)
        await _check_master(ledger, master, folder)
        if server:
            await ledger.serve(mine)
    except BaseException:
        await store.close()
        raise
    return ledger

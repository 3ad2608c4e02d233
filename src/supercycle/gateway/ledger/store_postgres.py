"""The ledger in PostgreSQL, for several instances: the same groups, with the balances locked in one sorted order.

Each instance commits its own groups on one connection. A group first locks every balance it may move, sorted, so two
instances never wait for each other in a circle; whoever inserts the same thing second (an Idempotency-Key, the end of
an attempt) decides again. An instance holds an advisory lock under its run's number, on the connection it books with;
when the lock is free the instance is no more, and another one closes its attempts.
"""

# asyncpg is typed, but what its rows hold is not.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger.books import Group
from supercycle.gateway.ledger.budgets import Balance, BalanceKey, Budget
from supercycle.gateway.ledger.chain import Chain
from supercycle.gateway.ledger.entries import now_us
from supercycle.gateway.ledger.operations import Answer
from supercycle.gateway.ledger.rows import Before, Key, Rows
from supercycle.gateway.ledger.schema import MIGRATIONS, statements
from supercycle.gateway.ledger.sql import BookingSql, booked_from, budget_from, earlier_from, price_row
from supercycle.gateway.ledger.store import Conflict, Read, Record, Statement, StoreUnavailable, Sums

if TYPE_CHECKING:
    import asyncpg

__all__ = ["PostgresStore"]

_PAGE = 2000  # rows fetched at a time when many are read
_TIMEOUT_S = 20  # for one statement; a database that is slower counts as gone
_LAST_WORDS_S, _LOOK_S = (
    5.0,
    0.02,
)  # how long a start waits for a dead predecessor's session, and between two looks
# Names of the advisory locks, beside the numbers of the runs (which have 62 random bits).
_MIGRATING, _SETTING = 1, 2
_OF = "({}) IN (SELECT * FROM unnest($1::text[], $2::bigint[]))"
# SQLSTATE classes in which the database, not the row, is at fault: connection, resources, operator, system; and a
# standby or a read-only transaction.
_UNAVAILABLE = ("08", "53", "57", "58")
_READ_ONLY = ("25006",)
_CONFLICT = ("23505", "40001", "40P01")  # unique violation, serialisation failure, deadlock


class PostgresStore:
    """A ledger in one PostgreSQL database (its default schema), shared by any number of instances."""

    def __init__(self, address: str) -> None:
        self.sums = Sums("postgres")
        self.run_id = secrets.randbits(62) + 16
        self._address = address
        self._sql = BookingSql(self.sums)
        self._chain = Chain(self.run_id)
        self._pool: asyncpg.Pool | None = None
        self._writer: asyncpg.Connection | None = None
        self._writing = asyncio.Lock()

    @property
    def _where(self) -> str:
        """The address without user and password."""
        return "postgresql://" + self._address.partition("://")[2].rpartition("@")[2]

    # --- opening and closing

    async def open(self, *, server: bool) -> None:
        """Connect and migrate. Raises EnvironmentProblem without asyncpg, server or rights."""
        try:
            import asyncpg
        except ImportError:
            raise EnvironmentProblem(
                "PostgreSQL needs the package asyncpg", hint="Install supercycle[postgres]."
            ) from None
        try:
            async with self._writing:
                db = await self._connection()
                await self._migrate(db)
                if server:
                    await self._outlive_the_dead(db)
            self._pool = await asyncpg.create_pool(
                self._address, min_size=1, max_size=4, command_timeout=_TIMEOUT_S * 6, timeout=_TIMEOUT_S
            )
        except Exception as error:
            raise _translated(error, self._where) from error

    async def close(self) -> None:
        """Close the connections; the run's lock goes with them."""
        if self._pool is not None:
            await self._pool.close()
        if self._writer is not None:
            await self._writer.close(timeout=5)
            self._writer = None

    async def _connection(self) -> asyncpg.Connection:
        """The connection that books, made again when it was lost; it holds the run's lock."""
        db = self._writer
        if db is None or db.is_closed():
            import asyncpg

            db = await asyncpg.connect(
                self._address, command_timeout=_TIMEOUT_S, timeout=_TIMEOUT_S,
                server_settings={"application_name": _session(os.getpid()), "synchronous_commit": "on"},
            )  # fmt: skip
            if not await db.fetchval("SELECT pg_try_advisory_lock($1)", self.run_id):
                await db.close()
                raise StoreUnavailable(
                    "the connection that was lost still holds this run's lock", where=self._where
                )
            self._writer = db
        return db

    @staticmethod
    async def _outlive_the_dead(db: asyncpg.Connection) -> None:
        """Wait until the server has ended the sessions of processes of this machine that are no more.

        A killed process leaves its session to finish the statement it was at, perhaps a commit, before its lock is
        free; recovery must come after that. Sessions of other machines are left to the sweep.
        """
        for _ in range(int(_LAST_WORDS_S / _LOOK_S)):
            rows = await db.fetch(
                "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'supercycle gateway %'"
            )
            pids = [int(row[0].split(" ")[2]) for row in rows]
            if not any(
                row[0] == _session(pid) and not _alive(pid) for row, pid in zip(rows, pids, strict=True)
            ):
                return
            await asyncio.sleep(_LOOK_S)

    async def _migrate(self, db: asyncpg.Connection) -> None:
        async with db.transaction():
            await db.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATING)
            await db.execute(
                "CREATE TABLE IF NOT EXISTS schema_step (version BIGINT PRIMARY KEY, at_us BIGINT NOT NULL)"
            )
            done: Any = await db.fetchval("SELECT COALESCE(MAX(version), 0) FROM schema_step")
            if done > len(MIGRATIONS):
                raise EnvironmentProblem(
                    "a newer version wrote this ledger", where=self._where,
                    hint="Install that version of supercycle.",
                    expected=f"tables of version {len(MIGRATIONS)} or older", got=f"version {done}",
                )  # fmt: skip
            for version in range(done + 1, len(MIGRATIONS) + 1):
                for statement in statements(version, "postgres"):
                    await db.execute(statement)
                await db.execute("INSERT INTO schema_step VALUES ($1, $2)", version, now_us())

    # --- booking

    async def book(self, group: Group) -> list[Answer | InputError]:
        """One transaction: read, lock the balances in order, decide, write, COMMIT (synchronous)."""
        async with self._writing:
            try:
                db = await self._connection()
                async with db.transaction():
                    answers = await self._book(db, group)
            except Exception as error:
                self._chain.forget()
                raise _translated(error, self._where) from error
            self._chain.committed()
            return answers

    async def execute(self, statements: Sequence[Statement]) -> None:
        """One transaction on the working tables, while no instance books."""
        async with self._writing:
            try:
                db = await self._connection()
                async with db.transaction():
                    await db.execute("SELECT pg_advisory_xact_lock($1)", _SETTING)
                    for sql, args in statements:
                        await db.execute(sql, *args)
            except Exception as error:
                raise _translated(error, self._where) from error

    async def _book(self, db: asyncpg.Connection, group: Group) -> list[Answer | InputError]:
        sql = self._sql
        # Shared by all that book, exclusive for whoever sets a budget: its opening balance misses nothing.
        await db.execute("SELECT pg_advisory_xact_lock_shared($1)", _SETTING)
        before = Before()
        wanted = group.wants_outcomes()
        if wanted:
            for row in await db.fetch(
                sql.outcome.format(which=_OF.format("request_id, n")), *_columns(wanted)
            ):
                before.outcomes[row[0], row[1]] = (row[2], row[3])
        wanted = group.wants_booked(before.outcomes)
        if wanted:
            for row in await db.fetch(
                sql.booked.format(which=_OF.format("a.request_id, a.n")), *_columns(wanted)
            ):
                before.booked[row[0], row[1]] = booked_from(tuple(row))
        for once in group.wants_earlier():
            row = await db.fetchrow(sql.earlier, *once)
            if row is not None:
                before.earlier[once] = earlier_from(tuple(row))
        moves = group.moves(before.booked)
        before.budgets = await self._budgets(db, {account for accounts, _ in moves for account in accounts})
        before.balances = await self._locked(db, group.balances_of(moves, before.budgets))
        if before.budgets:
            # Read once more under the locks: another instance may just have closed one.
            before.budgets = await self._budgets(db, before.budgets)
        answers = group.apply(before)
        if group.rows:
            await self._insert(db, group.rows, group.now_us)
        return answers

    async def _budgets(self, db: asyncpg.Connection, accounts: Iterable[str]) -> dict[str, list[Budget]]:
        found: dict[str, list[Budget]] = {}
        for row in await db.fetch(f"{self._sql.budgets} WHERE account = ANY($1)", sorted(accounts)):
            found.setdefault(row[0], []).append(budget_from(tuple(row), int(row["limit_pico"])))
        return found

    async def _locked(self, db: asyncpg.Connection, keys: Sequence[BalanceKey]) -> dict[BalanceKey, Balance]:
        """The balances, made where they are missing, locked one after another in the order given."""
        if not keys:
            return {}
        columns = _columns(keys)
        wanted = "SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) AS k (account, period, start_us)"
        await db.execute(
            f"INSERT INTO balance (account, period, start_us, spent, reserved) SELECT k.*, 0, 0 FROM ({wanted}) k"
            ' ORDER BY account COLLATE "C", period COLLATE "C", start_us ON CONFLICT DO NOTHING',
            *columns,
        )
        rows = await db.fetch(
            f"SELECT b.* FROM balance b JOIN ({wanted}) k USING (account, period, start_us)"
            ' ORDER BY b.account COLLATE "C", b.period COLLATE "C", b.start_us FOR UPDATE OF b',
            *columns,
        )
        return {
            (row["account"], row["period"], row["start_us"]): Balance(int(row["spent"]), int(row["reserved"]))
            for row in rows
        }

    async def _insert(self, db: asyncpg.Connection, rows: Rows, at_us: int) -> None:
        sql = self._sql
        if any(rows.chained.values()):
            block = await self._block(db, rows, at_us)
            for table, added in rows.chained.items():
                if added:
                    # By key, so that two instances inserting the same Idempotency-Keys meet in the same order.
                    ordered = (
                        sorted(added, key=lambda row: (row[2], row[8] or "")) if table == "request" else added
                    )
                    await db.executemany(sql.chained[table], [(*row, block) for row in ordered])
        for text, changed in (
            (sql.opened, rows.opened),
            (sql.sent, rows.sent),
            (sql.progress, sorted(rows.progress, key=lambda row: row[1:])),
            (sql.closed, rows.closed),
            (sql.budget_closed, sorted(rows.budgets_closed, key=lambda row: row[2:])),
        ):
            if changed:
                await db.executemany(text, changed)
        later: tuple[tuple[str, Iterable[Sequence[Any]]], ...] = (
            (sql.price, [price_row(rows.prices[price_id]) for price_id in sorted(rows.prices)]),
            (
                sql.put_balance,
                [(*k, held.spent_pico, held.reserved_pico) for k, held in sorted(_pairs(rows))],
            ),
            *(
                (sql.rollups[table], [(*at, *sums[at]) for at in sorted(sums)])
                for table, sums in rows.rollups.items()
            ),
            (sql.rollup_tag, [(*tag, *rows.rollup_tag[tag]) for tag in sorted(rows.rollup_tag)]),
            (sql.rollup_market, [(*why, *rows.rollup_market[why]) for why in sorted(rows.rollup_market)]),
            (sql.alert, sorted(rows.alerts)),
        )
        for text, added in later:
            if added:
                await db.executemany(text, added)

    async def _block(self, db: asyncpg.Connection, rows: Rows, at_us: int) -> int:
        """Write the row of the next block; the first of a process starts its chain."""
        chain = self._chain
        if not chain.seq:
            heads = [(row[0], row[1], row[2]) for row in await db.fetch(self._sql.heads)]
            text = chain.start(heads)
            if text is not None:
                process = f"{socket.gethostname()} process {os.getpid()}"
                await db.execute(self._sql.run, self.run_id, at_us, process, text)
        block: Any = await db.fetchval("SELECT nextval('block_number')")
        await db.execute(self._sql.block, *chain.block(block, at_us, rows.chained))
        return block

    # --- reading

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        """All rows, on a connection of the readers' pool."""
        try:
            return [self.sums.joined(dict(row)) for row in await self._readers().fetch(sql, *args)]
        except Exception as error:
            raise _translated(error, self._where) from error

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Read]:
        """One connection of the pool, in one read-only transaction."""
        async with (
            self._readers().acquire() as db,
            db.transaction(isolation="repeatable_read", readonly=True),
        ):

            async def read(sql: str, *args: Any) -> AsyncIterator[Record]:
                async for row in db.cursor(sql, *args, prefetch=_PAGE):
                    yield self.sums.joined(dict(row))

            yield read

    async def key_record(self, hmac: str) -> Record | None:
        """One row by its index."""
        rows = await self.fetch(
            "SELECT * FROM virtual_key WHERE hmac = $1 OR previous_hmac = $1 ORDER BY (hmac = $1) DESC", hmac
        )
        return rows[0] if rows else None

    async def abandoned(self) -> list[Key]:
        """Open attempts of runs whose lock is free: their instances are no more."""
        async with self._writing:
            try:
                db = await self._connection()
                runs = await db.fetch(
                    "SELECT DISTINCT run_id FROM open_attempt WHERE run_id <> $1", self.run_id
                )
                dead: list[int] = []
                for (run_id,) in runs:
                    if await db.fetchval("SELECT pg_try_advisory_lock($1)", run_id):
                        dead.append(run_id)
                        await db.execute("SELECT pg_advisory_unlock($1)", run_id)
                found = await db.fetch("SELECT request_id, n FROM open_attempt WHERE run_id = ANY($1)", dead)
            except Exception as error:
                raise _translated(error, self._where) from error
        return [(row[0], row[1]) for row in found]

    def _readers(self) -> asyncpg.Pool:
        if self._pool is None:
            raise EnvironmentProblem("the ledger is not open", where=self._where)
        return self._pool


def _session(pid: int) -> str:
    """What a process of this machine calls its session; PostgreSQL keeps 63 bytes of it."""
    host = socket.gethostname().encode("ascii", "replace").decode()
    return f"supercycle gateway {pid} {host}"[:63]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _columns(rows: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Rows as the arrays that ``unnest`` takes."""
    return [list(column) for column in zip(*rows, strict=True)]


def _pairs(rows: Rows) -> list[tuple[BalanceKey, Balance]]:
    return list(rows.balances.items())


def _translated(error: Exception, where: str) -> Exception:
    """The ledger's own error for one of the database; others come back as they are."""
    import asyncpg

    if isinstance(error, EnvironmentProblem):
        return error
    state = getattr(error, "sqlstate", None) or ""
    if state in _CONFLICT:
        return Conflict(str(error))
    lost = isinstance(error, OSError | TimeoutError | asyncpg.InterfaceError | asyncpg.InternalClientError)
    if lost or state.startswith(_UNAVAILABLE) or state in _READ_ONLY or state[:2] in ("28", "3D"):
        return StoreUnavailable(
            "the ledger cannot be reached or written", got=str(error) or type(error).__name__, where=where,
            hint="Check that the server runs, has room and may be written.",
        )  # fmt: skip
    return error

"""The ledger in SQLite: one writer, a group per transaction, each commit on disk before it counts.

Write-ahead log, ``synchronous=FULL``. A group is read and written in memory on the event loop's thread, microseconds
an operation; its commit, which waits for the disk, has a thread of its own. Readers have their own connections and
thread, and never wait for the writer. One server at a time: it holds a lock on a file beside the database, which the
system lets go of when the process dies.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger.books import Group
from supercycle.gateway.ledger.budgets import Balance, BalanceKey, Budget
from supercycle.gateway.ledger.chain import Chain
from supercycle.gateway.ledger.entries import now_us
from supercycle.gateway.ledger.operations import Answer
from supercycle.gateway.ledger.rows import Before, Key, Rows
from supercycle.gateway.ledger.schema import MIGRATIONS, SPLIT, statements
from supercycle.gateway.ledger.sql import (
    BookingSql,
    booked_from,
    budget_from,
    earlier_from,
    price_row,
    question_marks,
)
from supercycle.gateway.ledger.store import Read, Record, Statement, StoreUnavailable, Sums

__all__ = ["SqliteStore"]

T = TypeVar("T")

_PAGE = 2000  # rows handed over at a time when many are read
_BUSY_S = 0.01  # between two tries at a lock that another process holds
_PATIENCE_S = 5.0  # for such a lock, before the ledger counts as unavailable


class SqliteStore:
    """A ledger in one file. ``path`` is the database; it and its folder are readable by their owner only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sums = Sums("sqlite")
        self.run_id = secrets.randbits(62)
        self._turn = asyncio.Lock()
        self._writing = ThreadPoolExecutor(1, "ledger-writer")
        self._reading = ThreadPoolExecutor(1, "ledger-reader")
        self._lock: int | None = None
        self._budgets: dict[str, list[Budget]] = {}
        self._seen: int | None = None  # the version of the data in which the budgets were read
        self._chain = Chain(self.run_id)
        self._sql = _Sql(self.sums)

    # --- opening and closing

    async def open(self, *, server: bool) -> None:
        """Create or migrate the file; a server also takes the lock. Raises EnvironmentProblem when it cannot."""
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise EnvironmentProblem(
                "the ledger cannot be written",
                got=error.strerror,
                where=self.path,
                hint="Name another folder.",
            ) from None
        if server:
            self._take_lock()
        try:
            self._connect_writer()
        except sqlite3.DatabaseError as error:
            raise EnvironmentProblem(
                "the ledger cannot be opened", got=str(error), where=self.path,
                hint="Check that it is a ledger and may be written.",
            ) from error  # fmt: skip
        self._read_db = self._connect("PRAGMA query_only=ON")
        self._key_db = self._connect("PRAGMA query_only=ON")

    async def close(self) -> None:
        """Let the threads finish, then close the file and free the lock."""
        for pool in (self._writing, self._reading):
            pool.shutdown()
        for name in ("_db", "_read_db", "_key_db"):
            if hasattr(self, name):
                getattr(self, name).close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _take_lock(self) -> None:
        import fcntl

        self._lock = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = None
            raise EnvironmentProblem(
                "another gateway writes this ledger", where=self.path,
                hint="Stop it, name another folder, or use PostgreSQL for several instances.",
            ) from None  # fmt: skip

    def _connect(self, *pragmas: str) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
        for pragma in (
            "PRAGMA foreign_keys=ON",
            "PRAGMA cache_size=-8000",
            "PRAGMA temp_store=MEMORY",
            *pragmas,
        ):
            db.execute(pragma)
        return db

    def _connect_writer(self) -> None:
        db = self._db = self._connect(
            "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA fullfsync=ON"
        )
        db.execute("BEGIN IMMEDIATE")
        try:
            db.execute(
                "CREATE TABLE IF NOT EXISTS schema_step (version INTEGER PRIMARY KEY, at_us INTEGER NOT NULL)"
            )
            (done,) = db.execute("SELECT COALESCE(MAX(version), 0) FROM schema_step").fetchone()
            if done > len(MIGRATIONS):
                raise EnvironmentProblem(
                    "a newer version wrote this ledger", where=self.path, hint="Install that version of supercycle.",
                    expected=f"tables of version {len(MIGRATIONS)} or older", got=f"version {done}",
                )  # fmt: skip
            for version in range(done + 1, len(MIGRATIONS) + 1):
                for statement in statements(version, "sqlite"):
                    db.execute(statement)
                db.execute("INSERT INTO schema_step VALUES (?, ?)", (version, now_us()))
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("PRAGMA busy_timeout=0")  # from here on `_begin` waits

    # --- booking

    async def book(self, group: Group) -> list[Answer | InputError]:
        """One transaction: BEGIN IMMEDIATE, read, decide, write, COMMIT (and fsync)."""
        async with self._transaction():
            answers = self._decide(group)
            if group.rows:
                self._insert(group.rows, group.now_us)
        self._chain.committed()
        return answers

    async def execute(self, statements: Sequence[Statement]) -> None:
        """One transaction on the working tables."""
        async with self._transaction():
            self._seen = None
            for sql, args in statements:
                self._db.execute(question_marks(sql), tuple(args))

    @asynccontextmanager
    async def _transaction(self) -> AsyncGenerator[None]:
        """A write transaction, committed in the writer's thread; nothing of it stays when it fails."""
        async with self._turn:
            db = self._db
            try:
                await self._begin()
                before = db.total_changes
                yield
                if db.total_changes != before:
                    await self._commit()
                else:
                    db.execute("COMMIT")
            except BaseException as error:
                self._chain.forget()
                self._seen = None
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if isinstance(error, sqlite3.OperationalError):
                    raise StoreUnavailable(
                        "the ledger cannot be written", got=str(error), where=self.path,
                        hint="Check that the disk has room and the file may be written.",
                    ) from error  # fmt: skip
                raise

    async def _begin(self) -> None:
        """Take the write lock; while a command of another process has it, wait without blocking the loop."""
        tries = int(_PATIENCE_S / _BUSY_S)
        for _ in range(tries):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
            await asyncio.sleep(_BUSY_S)
        self._db.execute("BEGIN IMMEDIATE")

    async def _commit(self) -> None:
        """COMMIT in the writer's thread; whoever is cancelled meanwhile still sees it to its end."""
        done = asyncio.get_running_loop().run_in_executor(self._writing, self._db.execute, "COMMIT")
        try:
            await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait([done])
            raise

    @staticmethod
    async def _in_thread(pool: ThreadPoolExecutor, work: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *args)

    def _decide(self, group: Group) -> list[Answer | InputError]:
        db, sql = self._db, self._sql
        (version,) = db.execute("PRAGMA data_version").fetchone()
        if version != self._seen:  # budgets may have been changed by another process
            self._budgets = self._read_budgets()
            self._seen = version
        before = Before(budgets=self._budgets)
        for key in group.wants_outcomes():
            for row in db.execute(sql.outcome, key):
                before.outcomes[key] = row[2:]
        for key in group.wants_booked(before.outcomes):
            for row in db.execute(sql.booked, key):
                before.booked[key] = booked_from(row)
        for once in group.wants_earlier():
            for row in db.execute(sql.earlier, once):
                before.earlier[once] = earlier_from(row)
        for key in group.balances_of(group.moves(before.booked), self._budgets):
            before.balances[key] = self._balance(key)
        return group.apply(before)

    def _balance(self, key: BalanceKey) -> Balance:
        row = self._db.execute(self._sql.balance, key).fetchone()
        return Balance(row[0] * SPLIT + row[1], row[2] * SPLIT + row[3]) if row else Balance()

    def _read_budgets(self) -> dict[str, list[Budget]]:
        budgets: dict[str, list[Budget]] = {}
        for row in self._db.execute(self._sql.budgets):
            budgets.setdefault(row[0], []).append(budget_from(row, row[5] * SPLIT + row[6]))
        return budgets

    def _insert(self, rows: Rows, at_us: int) -> None:
        db, sql = self._db, self._sql
        if any(rows.chained.values()):
            block = self._block(rows, at_us)
            for table, added in rows.chained.items():
                if added:
                    db.executemany(sql.chained[table], [(*row, block) for row in added])
        if rows.prices:
            db.executemany(sql.price, [price_row(price) for price in rows.prices.values()])
        for text, changed in (
            (sql.opened, rows.opened),
            (sql.sent, rows.sent),
            (sql.progress, rows.progress),
            (sql.closed, rows.closed),
            (sql.budget_closed, rows.budgets_closed),
        ):
            if changed:
                db.executemany(text, changed)
        if rows.budgets_closed:
            self._seen = None
        split = self.sums.values
        for key, held in rows.balances.items():
            db.execute(sql.put_balance, (*key, *split(held.spent_pico, held.reserved_pico)))
        for table, sums in rows.rollups.items():
            for where, added in sums.items():
                db.execute(sql.rollups[table], (*where, *added[:-1], *split(added[-1])))
        for tag, (requests, spent) in rows.rollup_tag.items():
            db.execute(sql.rollup_tag, (*tag, requests, *split(spent)))
        for why, (calls, excess) in rows.rollup_market.items():
            db.execute(sql.rollup_market, (*why, calls, *split(excess)))
        for *alert, spent, limit in rows.alerts:
            db.execute(sql.alert, (*alert, *split(spent, limit)))

    def _block(self, rows: Rows, at_us: int) -> int:
        """Write the row of the next block; the first of a process starts its chain."""
        db, chain = self._db, self._chain
        if not chain.seq:
            text = chain.start(db.execute(self._sql.heads).fetchall())
            if text is not None:
                db.execute(self._sql.run, (self.run_id, at_us, f"process {os.getpid()}", text))
        (block,) = db.execute("SELECT COALESCE(MAX(block), 0) + 1 FROM block").fetchone()
        db.execute(self._sql.block, chain.block(block, at_us, rows.chained))
        return block

    # --- reading

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        """All rows, read on the reader's thread."""
        return await self._in_thread(self._reading, self._fetch, sql, args)

    def _fetch(self, sql: str, args: tuple[Any, ...]) -> list[Record]:
        cursor = self._read_db.execute(question_marks(sql), args)
        names = [column[0] for column in cursor.description]
        return [self.sums.joined(dict(zip(names, row, strict=True))) for row in cursor]

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Read]:
        """A connection of its own, in one read transaction; pages are fetched on the reader's thread."""
        db = self._connect("PRAGMA query_only=ON")

        async def read(sql: str, *args: Any) -> AsyncIterator[Record]:
            cursor = await self._in_thread(self._reading, db.execute, question_marks(sql), args)
            names = [column[0] for column in cursor.description]
            while page := await self._in_thread(self._reading, cursor.fetchmany, _PAGE):
                for row in page:
                    yield self.sums.joined(dict(zip(names, row, strict=True)))

        try:
            db.execute("BEGIN")
            db.execute("SELECT 1 FROM schema_step").fetchone()  # the moment that all of it sees
            yield read
        finally:
            db.close()

    async def key_record(self, hmac: str) -> Record | None:
        """One row by its index: microseconds, so it is read on the caller's thread."""
        cursor = self._key_db.execute(
            "SELECT * FROM virtual_key WHERE hmac = ?1 OR previous_hmac = ?1 ORDER BY hmac = ?1 DESC", (hmac,)
        )
        row = cursor.fetchone()
        return dict(zip((c[0] for c in cursor.description), row, strict=True)) if row else None

    async def abandoned(self) -> list[Key]:
        """Open attempts of other processes: this one holds the lock, so they are no more."""
        if self._lock is None:
            raise EnvironmentProblem("recovery", expected="the server's lock", got="none", where=self.path)
        rows = await self.fetch("SELECT request_id, n FROM open_attempt WHERE run_id <> $1", self.run_id)
        return [(row["request_id"], row["n"]) for row in rows]


class _Sql(BookingSql):
    """The statements of booking with SQLite's placeholders."""

    def __init__(self, sums: Sums) -> None:
        super().__init__(sums)
        for name in dir(self):
            text = getattr(self, name)
            if isinstance(text, str) and not name.startswith("_"):
                setattr(self, name, question_marks(text))
        self.outcome = self.outcome.format(which="request_id = ?1 AND n = ?2")
        self.booked = self.booked.format(which="a.request_id = ?1 AND a.n = ?2")
        for texts in (self.chained, self.rollups):
            texts.update({table: question_marks(text) for table, text in texts.items()})

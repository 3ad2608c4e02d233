"""What a database has to do for the ledger; two of them do it (store_sqlite.py, store_postgres.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger.books import Group
from supercycle.gateway.ledger.operations import Answer
from supercycle.gateway.ledger.rows import Key
from supercycle.gateway.ledger.schema import SPLIT, Dialect

__all__ = ["Conflict", "Read", "Record", "Statement", "Store", "StoreUnavailable", "Sums"]

Record = dict[str, Any]
Statement = tuple[str, Sequence[Any]]  # SQL with $1, $2, … and its arguments


class Read(Protocol):
    """Called with SQL and its arguments, gives the rows."""

    def __call__(self, sql: str, *args: Any) -> AsyncIterator[Record]:
        """The rows of one query."""
        ...


class StoreUnavailable(EnvironmentProblem):
    """The database cannot be written now: full, read-only, locked or gone. Nothing of the group was booked."""


class Conflict(Exception):
    """Another writer was faster: the group must be read and decided again."""


class Store(Protocol):
    """One database. SQL is written with ``$1``; rows come back as dicts, sums of money as one integer each."""

    @property
    def sums(self) -> Sums:
        """How this database writes sums of money."""
        ...

    @property
    def run_id(self) -> int:
        """The number of this process in the ledger."""
        ...

    async def open(self, *, server: bool) -> None:
        """Connect and bring the tables up to date; a server also says that it is alive."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go."""
        ...

    async def book(self, group: Group) -> list[Answer | InputError]:
        """Read, decide and write a group in one durable transaction."""
        ...

    async def execute(self, statements: Sequence[Statement]) -> None:
        """Change working tables (keys, budgets) in one transaction that no booking overlaps."""
        ...

    async def fetch(self, sql: str, *args: Any) -> list[Record]:
        """Read rows."""
        ...

    def reading(self) -> AbstractAsyncContextManager[Read]:
        """Read many rows a page at a time, by any number of queries that all see the ledger of one moment."""
        ...

    async def key_record(self, hmac: str) -> Record | None:
        """The virtual key with that HMAC, by its index."""
        ...

    async def abandoned(self) -> list[Key]:
        """Open attempts of processes that are no more."""
        ...


class Sums:
    """Sums of money in SQL: one NUMERIC in PostgreSQL, two integers in SQLite.

    >>> Sums("sqlite").of("pico", "cost"), Sums("postgres").of("pico", "cost")
    ('SUM(pico / 1000000000) AS cost_hi, SUM(pico % 1000000000) AS cost_lo', 'SUM(pico) AS cost')
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect: Dialect = dialect
        self.split = dialect == "sqlite"

    def columns(self, *names: str) -> str:
        """The columns that hold the sums of these names."""
        return ", ".join(f"{n}_hi, {n}_lo" if self.split else n for n in names)

    def values(self, *amounts: int) -> tuple[int, ...]:
        """The amounts as arguments for those columns."""
        if not self.split:
            return amounts
        return tuple(part for amount in amounts for part in divmod(amount, SPLIT))

    def of(self, expression: str, name: str) -> str:
        """The sum over rows of a 64-bit amount."""
        if self.split:
            return f"SUM({expression} / {SPLIT}) AS {name}_hi, SUM({expression} % {SPLIT}) AS {name}_lo"
        return f"SUM({expression}) AS {name}"

    def over(self, column: str, name: str) -> str:
        """The sum over rows of a column that holds sums."""
        if self.split:
            return f"SUM({column}_hi) AS {name}_hi, SUM({column}_lo) AS {name}_lo"
        return f"SUM({column}) AS {name}"

    def joined(self, record: Mapping[str, Any]) -> Record:
        """A row with each split sum put together; sums over no rows are 0.

        >>> Sums("sqlite").joined({"a": 1, "cost_hi": 2, "cost_lo": 5})
        {'a': 1, 'cost': 2000000005}
        """
        if not self.split:
            return {k: int(v) if type(v).__name__ == "Decimal" else v for k, v in record.items()}
        out: Record = {}
        for name, value in record.items():
            if name.endswith("_hi"):
                out[name[:-3]] = (value or 0) * SPLIT + (record[f"{name[:-3]}_lo"] or 0)
            elif not name.endswith("_lo"):
                out[name] = value
        return out

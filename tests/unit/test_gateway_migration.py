"""A ledger that version 0.1.0 wrote is taken up on both databases: chain, balances, keys and what was under way.

`data/gateway_ledger_0_1_0.json` holds every row of a ledger written by the code of 0.1.0: four paid calls, a void
one that an invoice corrected, two budgets, a key, an encrypted upstream key, and a call under way when
the process was killed.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem, InputError
from supercycle.gateway.ledger import schema, store_sqlite
from supercycle.gateway.ledger.chain import verify_chain
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.ledger.invariants import check
from supercycle.gateway.ledger.ledger import open_ledger
from supercycle.gateway.ledger.store import Sums

PAST: dict[str, Any] = json.loads(
    (Path(__file__).with_name("data") / "gateway_ledger_0_1_0.json").read_text()
)


def test_a_released_step_is_never_edited() -> None:
    assert sha256(schema.MIGRATIONS[0].encode()).hexdigest()[:16] == "4619f62756a854d5"


def _sqlite(folder: Path) -> str:
    db = sqlite3.connect(folder / "ledger.sqlite", isolation_level=None)
    db.execute("CREATE TABLE schema_step (version INTEGER PRIMARY KEY, at_us INTEGER NOT NULL)")
    for statement in schema.statements(1, "sqlite"):
        db.execute(statement)
    for table, rows in PAST["tables"].items():
        for row in rows:
            marks = ", ".join("?" for _ in row)
            db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    db.close()
    return str(folder)


async def _postgres(address: str) -> str:
    import asyncpg

    db = await asyncpg.connect(address)
    await db.execute("CREATE TABLE schema_step (version BIGINT PRIMARY KEY, at_us BIGINT NOT NULL)")
    for statement in schema.statements(1, "postgres"):
        await db.execute(statement)
    for table, rows in PAST["tables"].items():
        for split in rows:
            row = Sums("sqlite").joined(split)
            marks = ", ".join(f"${n + 1}" for n in range(len(row)))
            await db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", *row.values())
    last = max(row["block"] for row in PAST["tables"]["block"])
    await db.execute("SELECT setval('block_number', $1)", last)
    await db.close()
    return address


async def _is_whole(target: str, folder: Path) -> None:
    """Everything of 0.1.0 is there and right, and the ledger goes on."""
    ledger = await open_ledger(target, folder=folder)
    try:
        assert (await verify_chain(ledger.store))[0] == []
        assert await check(ledger.store) == []
        budgets = {row["account"]: row for row in await ledger.budgets()}
        # 2 x (5 + 6 + 7 + 50) and the invoice's 33; the call under way is charged nothing and its 300 are held.
        assert budgets["project:p"]["spent"] == 2 * (5 + 6 + 7 + 50) + 33
        assert (budgets["project:p"]["reserved"], budgets["project:p"]["held"]) == (300, 300)
        who = await ledger.principal(PAST["secret"])
        assert who is not None
        assert who.accounts[1:] == ("project:p", "org:o")
        assert await ledger.secret("openai") == "sk-upstream-of-0.1.0"
        states = await ledger.store.fetch(
            "SELECT state, COUNT(*) AS n FROM outcome GROUP BY state ORDER BY state"
        )
        assert {row["state"]: row["n"] for row in states} == {"orphaned": 1, "settled": 4, "void": 1}
        from supercycle.gateway.ledger.entries import Ask, Begin, new_request_id

        ask = Ask(new_request_id(), who, "/v1/chat/completions", "m")
        attempt = await ledger.admit_and_begin(ask, Begin("mock", "m", 50))
        assert isinstance(attempt, Attempt)
        await ledger.settle(attempt, None, None, "void", 503, facts=(("upstream_id", "req", None),))
        assert (await verify_chain(ledger.store))[0] == []
        assert await check(ledger.store) == []
    finally:
        await ledger.close()


def test_a_ledger_of_0_1_0_on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "master.key").write_text(PAST["master"])
    target = _sqlite(tmp_path)

    # A migration that is interrupted leaves the ledger as it was, and the next start takes it up.
    def broken(version: int, dialect: Any) -> list[str]:
        return [*schema.statements(version, dialect), "SELECT * FROM a_disk_that_is_gone"]

    with monkeypatch.context() as patch:
        patch.setattr(store_sqlite, "statements", broken)
        with pytest.raises(EnvironmentProblem, match="cannot be opened"):
            asyncio.run(open_ledger(target, folder=tmp_path))
    db = sqlite3.connect(tmp_path / "ledger.sqlite")
    assert db.execute("SELECT MAX(version) FROM schema_step").fetchone() == (1,)
    assert db.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'hold'").fetchone() == (0,)
    db.close()
    asyncio.run(_is_whole(target, tmp_path))


def test_a_ledger_of_0_1_0_on_postgres(postgres: str, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text(PAST["master"])

    async def go() -> None:
        await _is_whole(await _postgres(postgres), tmp_path)

    asyncio.run(go())


def test_a_ledger_of_0_1_0_is_not_opened_with_another_master_key(tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("ab" * 32)
    with pytest.raises(InputError, match="the master key it was stored with"):
        asyncio.run(open_ledger(_sqlite(tmp_path), folder=tmp_path))

"""The two databases: versions, locks, what cannot be changed, sums wider than 64 bits, and a disk that is full."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from supercycle.core.errors import EnvironmentProblem
from supercycle.gateway.ledger import schema
from supercycle.gateway.ledger.chain import verify_chain
from supercycle.gateway.ledger.entries import Attempt, now_us
from supercycle.gateway.ledger.invariants import check
from supercycle.gateway.ledger.operations import Close
from supercycle.gateway.prices.money import MAX_POSTING
from supercycle.gateway.prices.settle import Charge, Line
from supercycle.gateway.speech.usage import Usage


def test_opening_again_changes_nothing(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await place.paid(ledger, who, 5)
            before = await place.dump(ledger)
        for server in (True, False):
            async with place.open(server=server) as ledger:
                assert await place.dump(ledger) == before
                steps = await ledger.store.fetch("SELECT version FROM schema_step")
                assert [s["version"] for s in steps] == list(range(1, len(schema.MIGRATIONS) + 1))
                await place.sound(ledger)

    asyncio.run(go())


def test_a_further_step_is_taken_once_and_a_newer_ledger_is_refused(
    place: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from supercycle.gateway.ledger import store_postgres, store_sqlite

    async def go() -> None:
        async with place.open() as ledger:
            await place.paid(ledger, await place.caller(ledger), 5)
        further = (*schema.MIGRATIONS, "CREATE TABLE later (a BIGINT NOT NULL);")
        with monkeypatch.context() as patch:
            for module in (schema, store_postgres, store_sqlite):
                patch.setattr(module, "MIGRATIONS", further)
            for _ in range(2):
                async with place.open() as ledger:
                    assert await ledger.store.fetch("SELECT * FROM later") == []
                    await place.sound(ledger)
        with pytest.raises(
            EnvironmentProblem, match="a newer version wrote this ledger: expected tables of version"
        ):
            async with place.open():
                pass

    asyncio.run(go())


def test_a_step_that_fails_leaves_the_version_before(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.gateway.ledger import store_postgres, store_sqlite

    async def go() -> None:
        async with place.open() as ledger:
            await place.caller(ledger)
        broken = (
            *schema.MIGRATIONS,
            "CREATE TABLE later (a BIGINT NOT NULL); CREATE TABLE later (a BIGINT NOT NULL);",
        )
        with monkeypatch.context() as patch:
            for module in (schema, store_postgres, store_sqlite):
                patch.setattr(module, "MIGRATIONS", broken)
            with pytest.raises(Exception, match="later"):
                async with place.open():
                    pass
        async with place.open() as ledger:
            tables = [name for name, _ in await _rows_of(ledger)]
            assert "later" not in tables

    asyncio.run(go())


async def _rows_of(ledger: Any) -> list[tuple[str, int]]:
    sql = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "postgres": "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()",
    }[ledger.store.sums.dialect]
    return [(row["name"], 0) for row in await ledger.store.fetch(sql)]


@pytest.mark.parametrize("table", schema.APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_booked_rows_cannot_be_changed(tmp_path: Path, kit: Any, table: str, verb: str) -> None:
    _refuses(kit.Place(str(tmp_path), tmp_path), table, verb)


def test_booked_rows_cannot_be_changed_in_postgres(postgres: str, tmp_path: Path, kit: Any) -> None:
    place = kit.Place(postgres, tmp_path)
    for table in schema.APPEND_ONLY:
        for verb in ("UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            _refuses(place, table, verb)


def _refuses(place: Any, table: str, verb: str) -> None:
    column = "price_id" if table == "price" else "block"

    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await place.paid(ledger, who, 5)
            facts = (("upstream_id", "req_1", None),)
            told = await place.call(ledger, who, 9)
            await ledger.settle(told, None, None, "void", 503, facts=facts)
            lost = await place.call(ledger, who, 9)  # its reserve is held
            await ledger._writer.submit(Close(lost[:2], "orphaned"))
            with pytest.raises(Exception, match="is append-only"):
                await ledger.store.execute([(verb.format(table, column, column), ())])
            await place.paid(ledger, await place.caller(ledger), 5)  # and the ledger goes on

    asyncio.run(go())


def test_sums_are_wider_than_a_posting(place: Any, kit: Any) -> None:
    """Five calls of 9.2 million USD each: every posting fits 64 bits, their sum does not."""

    async def go() -> None:
        dear = Charge((Line("input", 1, MAX_POSTING, "invented-1", MAX_POSTING),), MAX_POSTING)
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 5 * MAX_POSTING, "total")
            attempts = [await place.call(ledger, who, MAX_POSTING) for _ in range(5)]
            assert (await ledger.budgets())[0]["reserved"] == 5 * MAX_POSTING
            assert (await place.call(ledger, who, 1)).reserved_pico == 5 * MAX_POSTING
            for attempt in attempts:
                await ledger.settle(attempt, dear, Usage({"input": 1}), "settled")
            assert (await ledger.budgets())[0]["spent"] == 5 * MAX_POSTING
            assert (await ledger.reads.totals(0, now_us()))["spent"] == 5 * MAX_POSTING
            # A limit set afterwards opens with the same sum, from the rollups.
            await ledger.set_budget("provider:mock", 6 * MAX_POSTING, "day")
            assert [b["spent"] for b in await ledger.budgets()] == [5 * MAX_POSTING] * 2
            assert [w for w in await check(ledger.store) if "price book" not in w] == []

    asyncio.run(go())


def test_the_chain_sees_what_was_changed_behind_its_back(place: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            attempts = [await place.paid(ledger, who, n) for n in (5, 6, 7)]
            await place.sound(ledger)
            unlock = {
                "sqlite": "DROP TRIGGER outcome_never_UPDATE",
                "postgres": "DROP TRIGGER outcome_never_update ON outcome",
            }[ledger.store.sums.dialect]
            change = "UPDATE outcome SET http_status = 500 WHERE request_id = $1"
            await ledger.store.execute([(unlock, ()), (change, (attempts[1].request_id,))])
            wrong, heads = await verify_chain(ledger.store)
            assert len(wrong) == 1
            assert "its rows were changed, added or removed" in wrong[0]
            assert len(heads) == 1

    asyncio.run(go())


@pytest.mark.parametrize("what", ["posting", "block"])
def test_the_chain_sees_what_was_taken_out(tmp_path: Path, kit: Any, what: str) -> None:
    async def go() -> None:
        place = kit.Place(str(tmp_path), tmp_path)
        for _ in range(2):  # two runs, so two chains
            async with place.open() as ledger:
                who = await place.caller(ledger)
                for _ in range(3):
                    await place.paid(ledger, who, 5)
        db = sqlite3.connect(tmp_path / "ledger.sqlite")
        db.execute(f"DROP TRIGGER {what}_never_DELETE")
        db.execute(
            "DELETE FROM posting WHERE block = 6"
            if what == "posting"
            else "DELETE FROM block WHERE block = 6"
        )
        db.commit()
        db.close()
        async with place.open() as ledger:
            wrong, _ = await verify_chain(ledger.store)
            # Block 6 is the last of the first run: the second run still knows its head.
            assert any(("block 6" in w) or ("missing" in w) for w in wrong), wrong

    asyncio.run(go())


def test_the_invariants_see_planted_offences(tmp_path: Path, kit: Any) -> None:
    offences = {
        "released once": "DELETE FROM posting WHERE kind = 'release'",
        "cost of the outcome": "UPDATE posting SET pico = pico + 1 WHERE kind = 'charge'",
        "sum of its usage": "DELETE FROM usage WHERE request_id = (SELECT MIN(request_id) FROM attempt)",
        "under way or over": "INSERT INTO open_attempt SELECT request_id, n, run_id, NULL, NULL FROM attempt LIMIT 1",
        "a balance is the sum": "UPDATE balance SET spent_lo = spent_lo + 1",
        "a rollup is the sum": "UPDATE rollup SET attempts = attempts + 1",
        "every hour has its rollup": "DELETE FROM rollup",
        "a day is the sum of its hours": "UPDATE rollup_day SET spent_lo = spent_lo + 1",
        "named by a row of the price book": "DELETE FROM price",
        "rates are those of the price book": "UPDATE price SET rates = '{}'",
        "as it was asked": "UPDATE posting SET pico = pico + 1 WHERE kind = 'reserve'",
        "charge and hold are the reserve": "UPDATE outcome SET state = 'orphaned', cost_pico = 1",
    }

    async def go() -> None:
        place = kit.Place(str(tmp_path), tmp_path)
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 10**6, "day")
            for _ in range(3):
                await place.paid(ledger, who, 5)
        whole = (tmp_path / "ledger.sqlite").read_bytes()
        for name, sql in offences.items():
            (tmp_path / "ledger.sqlite").write_bytes(whole)
            db = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
            for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                db.execute(f"DROP TRIGGER {trigger}")
            db.execute(sql)
            db.close()
            async with place.open(server=False) as ledger:
                assert any(name in wrong for wrong in await check(ledger.store)), name

    asyncio.run(go())


def test_one_server_writes_a_file_and_it_is_its_owners(tmp_path: Path, kit: Any) -> None:
    async def go() -> None:
        place = kit.Place(str(tmp_path / "new"), tmp_path / "new")
        async with place.open():
            with pytest.raises(EnvironmentProblem, match="another gateway writes this ledger"):
                async with place.open():
                    pass
            async with place.open(server=False) as command:  # a command may look and set budgets meanwhile
                assert await command.budgets() == []
            for path in (tmp_path / "new").iterdir():
                assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
        async with place.open():
            pass

    asyncio.run(go())


@contextmanager
def _no_room(path: Path, pages: int) -> Any:
    """Files of this process may not grow past the log's size and some pages: what a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.stat().st_size if path.exists() else 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + pages * 4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_refuses_new_calls_and_books_the_rest_later(tmp_path: Path, kit: Any) -> None:
    async def go() -> None:
        place = kit.Place(str(tmp_path), tmp_path)
        async with place.open() as ledger:
            who = await place.caller(ledger)
            await ledger.set_budget(f"key:{who.key_id}", 10**9, "day")
            running = [await place.call(ledger, who, 100) for _ in range(3)]
            with _no_room(tmp_path / "ledger.sqlite-wal", 1):
                settled = [ledger.settle(a, kit.charge(9), kit.usage(9), "settled", 200) for a in running]
                for _ in range(3):
                    with pytest.raises(EnvironmentProblem, match="the ledger cannot be written"):
                        await place.call(ledger, who, 100)
                assert ledger.trouble is not None
                assert not any(future.done() for future in settled)
            assert await asyncio.wait_for(asyncio.gather(*settled), 10) == [9 * kit.IN] * 3
            assert isinstance(await place.call(ledger, who, 100), Attempt)
            assert ledger.trouble is None
            (budget,) = await ledger.budgets()
            assert (budget["spent"], budget["reserved"]) == (27 * kit.IN, 100)
            assert (await ledger.reads.in_flight())["attempts"] == 1
            await place.sound(ledger)

    asyncio.run(go())


def test_a_read_only_database_refuses_new_calls(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            running = await place.call(ledger, who, 100)
            await _read_only(ledger, True)
            settled = ledger.settle(running, kit.charge(9), kit.usage(9), "settled", 200)
            with pytest.raises(EnvironmentProblem, match="the ledger cannot be"):
                await place.call(ledger, who, 100)
            assert await ledger.principal("sc-unknown") is None  # reading goes on
            await _read_only(ledger, False)
            assert await asyncio.wait_for(settled, 10) == 9 * kit.IN
            assert isinstance(await place.call(ledger, who, 100), Attempt)
            await place.sound(ledger)

    asyncio.run(go())


def test_a_connection_that_was_lost_is_made_again(postgres: str, tmp_path: Path, kit: Any) -> None:
    async def go() -> None:
        place = kit.Place(postgres, tmp_path)
        async with place.open() as ledger, place.open() as other:
            who = await place.caller(ledger)
            running = await place.call(ledger, who, 100)
            ended = await other.store.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                " AND ((classid::bigint << 32) | objid::bigint) = $1",
                ledger.store.run_id,
            )
            assert len(ended) == 1
            assert (
                await asyncio.wait_for(ledger.settle(running, kit.charge(9), kit.usage(9), "settled"), 10)
                == 18
            )
            again = await place.call(ledger, who, 100)
            assert isinstance(again, Attempt)
            assert await other.recover() == 0  # it lives: its lock was taken again
            assert (await other.reads.in_flight())["attempts"] == 1
            await place.sound(other)

    asyncio.run(go())


def test_an_instance_that_died_is_recovered_by_another(postgres: str, tmp_path: Path, kit: Any) -> None:
    async def go() -> None:
        place = kit.Place(postgres, tmp_path)
        async with place.open() as one:
            who = await place.caller(one)
            async with place.open() as other:
                await place.call(other, who, 100)
                assert await one.recover() == 0  # it lives
            assert await one.recover() == 1
            assert await one.recover() == 0
            assert (await one.reads.totals(0, now_us()))["spent"] == 0  # nothing was seen of it
            await place.sound(one)

    asyncio.run(go())


async def _read_only(ledger: Any, on: bool) -> None:
    store = ledger.store
    if store.sums.dialect == "sqlite":
        store._db.execute(f"PRAGMA query_only={'ON' if on else 'OFF'}")
    else:
        db = await store._connection()
        await db.execute(f"SET default_transaction_read_only = {'on' if on else 'off'}")


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path, kit: Any) -> None:
    (tmp_path / "file").write_text("")

    async def go() -> None:
        with pytest.raises(EnvironmentProblem, match="cannot be"):
            async with kit.Place(str(tmp_path / "file" / "data"), tmp_path / "file" / "data").open():
                pass

    asyncio.run(go())


def test_a_server_that_is_not_there_is_refused_without_its_password(tmp_path: Path, kit: Any) -> None:
    pytest.importorskip("asyncpg")

    async def go() -> None:
        address = f"postgresql://ledger:geheim@/x?host={tmp_path}"
        with pytest.raises(EnvironmentProblem, match="cannot be reached") as caught:
            async with kit.Place(address, tmp_path).open():
                pass
        assert "geheim" not in str(caught.value)

    asyncio.run(go())


def test_closing_books_what_is_queued(place: Any, kit: Any) -> None:
    async def go() -> None:
        async with place.open() as ledger:
            who = await place.caller(ledger)
            attempt = await place.call(ledger, who)
            ledger.settle(attempt, kit.charge(3), kit.usage(3), "settled")
        async with place.open() as ledger:
            assert (await ledger.reads.totals(0, now_us()))["spent"] == 3 * kit.IN
            await ledger.close()
            with pytest.raises(EnvironmentProblem, match="the ledger is closed"):
                await place.call(ledger, who)

    asyncio.run(go())

"""The gateway's ledger under longer trials than its tests run: kills, and two instances on one PostgreSQL.

    python bench/soak_gateway.py [--store sqlite|postgres] [--kills 200] [--seconds 60] [--seed 1]

Kills: a process that books (the ledger alone and a whole gateway with clients, in turn) is killed with SIGKILL at a
random moment, again and again, on each database; after each one every call that upstream saw must have exactly one
attempt, nothing may stay reserved, every invariant and the hash chain must hold, and a second restart must change
nothing. Contention: two processes ask for the same accounts, 64 calls at a time each; the balances, watched from
outside, may never pass a limit, and nothing may deadlock.
Writes its sections of bench/RESULTS-gateway.md; the exit code is 1 when something did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import importlib
import os
import platform
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]
RESULTS = Path(__file__).parent / "RESULTS-gateway.md"
FRESH = 20  # kills after which a new ledger is taken, because each kill checks the whole of it

kit = importlib.import_module("gateway_place")
crash = importlib.import_module("gateway_crash")
postgres = importlib.import_module("gateway_postgres")


async def kills(name: str, targets: Any, count: int, seed: int) -> dict[str, Any]:
    """Kill ``count`` times; raises at the first thing that is wrong."""
    rng = random.Random(seed)
    seen = orphaned = 0
    began = time.monotonic()
    place = None
    for i in range(count):
        if i % FRESH == 0:
            folder = Path(tempfile.mkdtemp(prefix="scsoak"))
            place = kit.Place(targets() or str(folder), folder)
        calls, cut_off = await crash.trial(place, rng, (crash.CHILD, crash.SERVER)[i % 2])
        seen, orphaned = seen + calls, orphaned + cut_off
        if (i + 1) % 10 == 0:
            print(f"{name}: {i + 1} kills, {seen} calls seen upstream, {orphaned} cut off", flush=True)
    return {"store": name, "kills": count, "seen": seen, "orphaned": orphaned, "s": time.monotonic() - began}


async def contention(address: str, folder: Path, seconds: float) -> dict[str, Any]:
    """Two processes on one database for a while, with a third connection watching the balances."""
    place = kit.Place(address, folder)
    async with place.open() as ledger:
        who = await kit.Place.caller(ledger, project="p", org="o")
        other = await kit.Place.caller(ledger, project="q", org="o")
        for account, calls in (
            (who.accounts[0], 10), (other.accounts[0], 10), ("project:p", 15), ("org:o", 18), ("provider:mock", 19),
        ):  # fmt: skip
            await ledger.set_budget(account, calls * 100, "total")
        (before,) = await ledger.store.fetch(_DEADLOCKS)
        children = [
            await asyncio.create_subprocess_exec(
                sys.executable, str(Path(__file__)), "--contend", address, str(folder), str(seconds),
                who.key_id, other.key_id, stdout=asyncio.subprocess.PIPE,
            )
            for _ in range(2)
        ]  # fmt: skip
        looks = 0
        running = asyncio.gather(*(child.communicate() for child in children))
        while not running.done():
            looks += 1
            for budget in await ledger.budgets():
                assert budget["spent"] + budget["reserved"] <= budget["limit_pico"], budget
            await asyncio.sleep(0.01)
        counts = [list(map(int, out.split())) for out, _ in await running]
        assert [child.returncode for child in children] == [0, 0]
        await asyncio.sleep(0.2)
        (after,) = await ledger.store.fetch(_DEADLOCKS)
        assert after == before, "PostgreSQL saw a deadlock"
        assert await ledger.reads.in_flight() == {"attempts": 0, "reserved": 0}
        await place.sound(ledger)
    asked, admitted, rounds = (sum(column) for column in zip(*counts, strict=True))
    return {"asked": asked, "admitted": admitted, "rounds": rounds, "looks": looks, "seconds": seconds}


_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


async def contend(address: str, folder: Path, seconds: float, *key_ids: str) -> None:
    """One of the two processes: 64 calls at once, held until all are decided, then void; and again."""
    from supercycle.gateway.ledger.entries import Attempt, Principal

    async with kit.Place(address, folder).open() as ledger:
        callers = [
            Principal(key_id, "soak", (f"key:{key_id}", f"project:{project}", "org:o"))
            for key_id, project in zip(key_ids, "pq", strict=True)
        ]
        asked = admitted = rounds = 0
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answers = await asyncio.gather(
                *(kit.Place("", folder).call(ledger, callers[i % 2]) for i in range(64))
            )
            got = [answer for answer in answers if isinstance(answer, Attempt)]
            asked, admitted, rounds = asked + 64, admitted + len(got), rounds + 1
            await asyncio.gather(*(ledger.settle(attempt, None, None, "void") for attempt in got))
    print(asked, admitted, rounds)


def keep(name: str, title: str, found: list[str]) -> None:
    """Replace one section of the results, between its two marks."""
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    section = "\n".join([first, f"## {title}", "", *found, last])
    old = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured: gateway\n"
    pattern = re.compile(f"{first}.*{last}", re.DOTALL)
    new = pattern.sub(lambda _: section, old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}\n"
    temporary = RESULTS.with_suffix(".tmp")
    temporary.write_text(new, encoding="utf-8")
    temporary.replace(RESULTS)


async def soak(store: str, count: int, seconds: float, seed: int) -> None:
    when = datetime.datetime.now(datetime.UTC).date().isoformat()
    lines = [f"Written by `python bench/soak_gateway.py` on {when}, Python {platform.python_version()}.", ""]
    said = (
        "- {kills} kills on {store}, every second one of a whole gateway: {seen} calls seen upstream, each with exactly"
        " one attempt; {orphaned} cut off, all closed at their stated estimate. After each kill every invariant and the"
        " hash chain held, and a second restart changed nothing ({s:.0f} s)."
    )
    if store == "sqlite":
        lines.append(said.format(**await kills("SQLite", lambda: None, count, seed)))
    else:
        with postgres.server() as server:
            if server is None:
                sys.exit(
                    "PostgreSQL is not installed: expected initdb and pg_ctl; install the package postgresql"
                )
            lines.append(said.format(**await kills("PostgreSQL", server.database, count, seed + 1)))
            folder = Path(tempfile.mkdtemp(prefix="scsoak"))
            lines.append(
                "- Two processes on one PostgreSQL for {seconds:.0f} s: {asked} calls in {rounds} rounds of 64,"
                " {admitted} admitted; in {looks} looks no balance was above its limit; no deadlock.".format(
                    **await contention(server.database(), folder, seconds)
                )
            )
    load = f"{os.getloadavg()[0]:.1f} processes were waiting or running on {os.cpu_count()} cores at the end."
    keep(f"soak {store}", f"Kills: {store}", [*lines, "", load])
    print("\n".join(lines))


def main() -> None:
    if sys.argv[1:2] == ["--contend"]:
        address, folder, seconds, *key_ids = sys.argv[2:]
        asyncio.run(contend(address, Path(folder), float(seconds), *key_ids))
        return
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for store in asked.store or ["sqlite", "postgres"]:
        asyncio.run(soak(store, asked.kills, asked.seconds, asked.seed))


if __name__ == "__main__":
    main()

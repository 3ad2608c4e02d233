"""The ledger at a million rows: how long the dashboard's questions take, and what booking costs.

    python bench/gateway_ledger.py [--calls 130000] [--postgres]

A month of calls (20 models, 3 providers, 12 keys, 4 tags) is booked through the ledger itself in an accelerated clock;
each call is a request, an attempt, an outcome, two usage lines and three postings. Then each question is asked several
times on a warm connection, the median kept. Writes its section of bench/RESULTS-gateway.md.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import importlib
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).resolve().parents[1] / "tests")]
kit = importlib.import_module("gateway_place")
postgres = importlib.import_module("gateway_postgres")
soak_gateway = importlib.import_module("soak_gateway")

from supercycle.gateway.ledger import entries, writer  # noqa: E402
from supercycle.gateway.ledger import ledger as ledger_module  # noqa: E402
from supercycle.gateway.ledger.budgets import DAY_US  # noqa: E402
from supercycle.gateway.ledger.chain import verify_chain  # noqa: E402
from supercycle.gateway.ledger.entries import Ask, Begin, new_request_id  # noqa: E402
from supercycle.gateway.ledger.invariants import check  # noqa: E402

MONTH_US = 30 * DAY_US
GROUP = 256
LIMIT_MS = 200.0


async def fill(ledger: Any, calls: int, rng: random.Random) -> dict[str, float]:
    """Book a month of calls up to now; returns what a call cost."""
    callers = [await kit.Place.caller(ledger, project=f"p{i % 4}", org="o") for i in range(12)]
    models = [f"model-{i}" for i in range(20)]
    end = entries.now_us()
    clock = [end - MONTH_US]
    writer.now_us = ledger_module.now_us = lambda: clock[0]
    for account in ("project:p0", "org:o", "provider:a"):
        await ledger.set_budget(account, 10**18, "month")
    began, processor = time.perf_counter(), time.process_time()
    for start in range(0, calls, GROUP):
        clock[0] = end - MONTH_US + MONTH_US * start // calls
        asks = [
            Ask(
                f"{clock[0] // 1000:012x}{new_request_id()[12:]}", rng.choice(callers), "/v1/chat/completions",
                rng.choice(models), tags={"team": rng.choice("abcd")}, received_us=clock[0],
            )
            for _ in range(GROUP)
        ]  # fmt: skip
        begins = [Begin(rng.choice("abc"), ask.model, 10_000, ("invented-1",)) for ask in asks]
        attempts = await asyncio.gather(*map(ledger.admit_and_begin, asks, begins))
        tokens = [(rng.randrange(1, 4000), rng.randrange(1, 900)) for _ in attempts]
        await asyncio.gather(
            *(
                ledger.settle(a, kit.charge(*t), kit.usage(*t), "settled", 200, 100.0, 900.0)
                for a, t in zip(attempts, tokens, strict=True)
            )
        )
    writer.now_us = ledger_module.now_us = entries.now_us
    return {
        "booked_s": time.perf_counter() - began,
        "cpu_us": (time.process_time() - processor) / calls * 1e6,
    }


async def ask_all(ledger: Any) -> dict[str, float]:
    """Milliseconds of each question, the median of nine."""
    now = entries.now_us()
    day, month = now - DAY_US, now - MONTH_US
    midnight = now - now % DAY_US - 29 * DAY_US
    reads = ledger.reads
    newest = (await reads.requests(1))[0]["request_id"]

    async def profile() -> None:
        async for _ in reads.attempts(now - 4 * 3_600_000_000, now):
            pass

    questions: dict[str, Callable[[], Awaitable[Any]]] = {
        "totals of the month": lambda: reads.totals(month, now),
        "totals of a day": lambda: reads.totals(day, now),
        "stacked area: month by day and model": lambda: reads.series(midnight, now, DAY_US, "model"),
        "stacked area: three days by hour and model": lambda: reads.rollup(
            now - 3 * DAY_US, now, "hour_us", "model"
        ),
        "month by key": lambda: reads.rollup(month, now, "key_id"),
        "month by tag": lambda: reads.tags(month, now),
        "budgets with balances": ledger.budgets,
        "calls under way": reads.in_flight,
        "newest 50 requests": lambda: reads.requests(50),
        "newest 50 requests of a model": lambda: reads.requests(50, model="model-7"),
        "one request with postings": lambda: reads.request(newest),
        "every attempt of four hours": profile,
    }
    found: dict[str, float] = {}
    for name, question in questions.items():
        times: list[float] = []
        for _ in range(9):
            began = time.perf_counter()
            await question()
            times.append((time.perf_counter() - began) * 1000)
        found[name] = statistics.median(times)
    return found


async def measure(name: str, target: str, folder: Path, calls: int) -> list[str]:
    place = kit.Place(target, folder)
    async with place.open() as ledger:
        cost = await fill(ledger, calls, random.Random(1))
        rows = 0
        for table in ("request", "attempt", "outcome", "usage", "posting"):
            (row,) = await ledger.store.fetch(f"SELECT COUNT(*) AS n FROM {table}")
            rows += row["n"]
        times = await ask_all(ledger)
        began = time.perf_counter()
        assert await check(ledger.store) == []
        invariants_s, began = time.perf_counter() - began, time.perf_counter()
        assert (await verify_chain(ledger.store))[0] == []
        chain_s = time.perf_counter() - began
    began = time.perf_counter()
    async with place.open():
        open_ms = (time.perf_counter() - began) * 1000
    slow = [question for question, ms in times.items() if ms > LIMIT_MS]
    return [
        f"### {name}: {rows:,} ledger rows of {calls:,} calls",
        "",
        "| question | median | budget |",
        "|---|---|---|",
        *(f"| {question} | {ms:.1f} ms | {LIMIT_MS:.0f} ms |" for question, ms in times.items()),
        "",
        (
            f"Over budget: {', '.join(slow) or 'none'}. Opening the ledger again: {open_ms:.0f} ms. Booking and"
            f" settling in groups of {GROUP}: {cost['cpu_us']:.0f} us of processor time a call. Every invariant checked"
            f" in {invariants_s:.1f} s, the hash chain in {chain_s:.1f} s."
        ),
        "",
    ]  # fmt: skip


async def run(calls: int, with_postgres: bool) -> None:
    when = datetime.datetime.now(datetime.UTC).date().isoformat()
    load = f"{os.getloadavg()[0]:.1f} processes were waiting or running on {os.cpu_count()} cores"
    lines = [
        f"Written by `python bench/gateway_ledger.py` on {when}; {load}, Python {platform.python_version()}.",
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines += await measure("SQLite", folder, Path(folder), calls)
    if with_postgres:
        with postgres.server() as server, tempfile.TemporaryDirectory() as folder:
            if server is not None:
                lines += await measure("PostgreSQL", server.database(), Path(folder), calls)
    soak_gateway.keep("ledger", "A million rows", lines)
    print("\n".join(lines))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=130_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    asyncio.run(run(asked.calls, asked.postgres))


if __name__ == "__main__":
    main()

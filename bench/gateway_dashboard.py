"""How long the dashboard's questions take on a large ledger: 100,000 requests over 91 days, a million rows.

The rows are written straight into the tables, with the rollups the writer would have kept; budget: 200 ms a question.
Run: python bench/gateway_dashboard.py [requests]
"""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from _results import machine

from supercycle.gateway.config.config import mock_config
from supercycle.gateway.ledger.budgets import HOUR_US
from supercycle.gateway.ledger.ledger import Ledger, now_us, open_ledger
from supercycle.gateway.ledger.rows import ROLLUPS
from supercycle.gateway.prices.pricebook import PriceBook, with_entries
from supercycle.gateway.reports.overview import RANGES, overview, request_rows

BUDGET_MS = 200.0
TABLE = Path(__file__).with_name("RESULTS-gateway-dashboard.md")
MODELS = [f"model-{i}" for i in range(10)]
KEYS = [f"k{i:02}" for i in range(10)]
PROVIDERS = ["mock", "other", "third"]


def fill(file: Path, count: int) -> int:
    """Rows for ``count`` requests; returns how many there are in all."""
    draw = random.Random(1)
    db = sqlite3.connect(file)
    db.execute("PRAGMA synchronous=OFF")
    now = now_us()
    start = now - RANGES["quarter"][0] + HOUR_US
    rollup: dict[tuple[int, str, str, str], list[int]] = {}
    tables: dict[str, list[tuple[Any, ...]]] = {
        t: [] for t in ("request", "attempt", "outcome", "usage", "posting")
    }
    columns = {t: [row[1] for row in db.execute(f"PRAGMA table_info({t})")] for t in (*tables, *ROLLUPS)}
    run = block = 1
    db.execute("INSERT INTO run VALUES (?, ?, 'bench', '[]')", (run, start))
    db.execute("INSERT INTO block VALUES (?, ?, 1, ?, '', '')", (block, run, now))

    def put(table: str, **cells: Any) -> None:
        tables[table].append(tuple(cells.get(name) for name in columns[table]))

    def flush() -> None:
        for table, rows in tables.items():
            marks = ", ".join("?" * len(columns[table]))
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            rows.clear()

    for i in range(count):
        at = start + (now - start) * i // count
        name, key, provider = draw.choice(MODELS), draw.choice(KEYS), draw.choice(PROVIDERS)
        rid, used, said = f"{at // 1000:012x}{i:012x}", draw.randrange(10, 5000), draw.randrange(10, 900)
        cost = used * 2_500_000 + said * 10_000_000
        here = {"request_id": rid, "n": 1, "block": block}
        put("request", request_id=rid, received_us=at, key_id=key, route="/v1/chat/completions", model=name,
            fingerprint="", tags='{"team": "a"}', decision="{}", block=block)  # fmt: skip
        put("attempt", **here, begun_us=at, provider=provider, upstream_model=name, reserve_pico=cost * 2,
            price_ids="[]", run_id=run)  # fmt: skip
        put("outcome", **here, state="settled", final=1, at_us=at + 10**6, cost_pico=cost, http_status=200,
            ttft_ms=200.0, duration_ms=1000.0)  # fmt: skip
        for kind, units, rate in (
            ("input", used, 2_500_000),
            ("output", said, 10_000_000),
            ("request", 1, None),
        ):
            put("usage", **here, kind=kind, count=units, rate_pico=rate, pico=rate and units * rate)
        for kind, pico in (("reserve", cost * 2), ("release", -2 * cost), ("charge", cost)):
            put("posting", **here, kind=kind, seq=0, pico=pico, at_us=at, source="bench")
        cell = rollup.setdefault((at - at % HOUR_US, name, key, provider), [0, 0, 0, 0])
        for place, more in enumerate((1, used, said, cost)):
            cell[place] += more
        if i % 20_000 == 19_999:
            flush()
    flush()
    for table, place in ROLLUPS.items():
        summed: dict[tuple[int, str, str, str], list[int]] = {}
        for (hour, *rest), sums in rollup.items():
            cell = summed.setdefault((hour - hour % place[1], *rest), [0, 0, 0, 0])
            for i, more in enumerate(sums):
                cell[i] += more
        for (at, name, key, provider), (n, used, said, cost) in summed.items():
            cells = {place[0]: at, "model": name, "key_id": key, "provider": provider, "requests": n, "attempts": n,
                     "input": used, "output": said, "spent_hi": cost // 10**9, "spent_lo": cost % 10**9}  # fmt: skip
            row = tuple(cells.get(column, 0) for column in columns[table])
            db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    db.commit()
    total = sum(db.execute(f"SELECT COUNT(*) FROM {t}").fetchone()[0] for t in (*tables, *ROLLUPS))
    db.close()
    return total


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The shortest of five by the clock, and the least processor time, in milliseconds."""
    clock = busy = float("inf")
    for _ in range(5):
        begun, used = time.perf_counter(), time.process_time()
        await work()
        clock = min(clock, time.perf_counter() - begun)
        busy = min(busy, time.process_time() - used)
    return clock * 1000, busy * 1000


async def measure(ledger: Ledger) -> list[tuple[str, float, float]]:
    """Every question of the page."""
    config = mock_config("unused")
    book = with_entries(PriceBook(), config.prices)
    middle = f"{(now_us() - RANGES['month'][0]) // 1000:012x}"
    questions: dict[str, Callable[[], Awaitable[object]]] = {
        **{f"overview, {span}": lambda span=span: overview(ledger, book, config, span) for span in RANGES},
        "requests, newest 50": lambda: request_rows(ledger, book),
        "requests, a page in the middle": lambda: request_rows(ledger, book, before=middle),
        "requests, one model": lambda: request_rows(ledger, book, model="model-3"),
        "requests, a state that none has": lambda: request_rows(ledger, book, state="orphaned"),
    }  # fmt: skip
    return [(name, *await timed(work)) for name, work in questions.items()]


async def run(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = await open_ledger(folder)
        await ledger.close()
        rows = fill(Path(folder) / "ledger.sqlite", count)
        ledger = await open_ledger(folder, server=False)
        try:
            found = await measure(ledger)
        finally:
            await ledger.close()
    here = machine()
    lines = [
        "# The dashboard on a large ledger",
        "",
        f"Written by `python bench/gateway_dashboard.py` on {here['date']}: SQLite, {count:,} requests, {rows:,} rows.",
        f"Processor family {here['processor']}, {here['cores']} cores, load {os.getloadavg()[0]:.0f}; least of five.",
        "",
        "| question | ms by the clock | ms of processor | budget |",
        "|---|---|---|---|",
        *(f"| {name} | {clock:.0f} | {busy:.0f} | {BUDGET_MS:.0f} |" for name, clock, busy in found),
    ]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))

"""Time a refresh and the load of figures, and kill refreshes at random moments: `python bench/soak_refresh.py [kills]`.

Writes bench/RESULTS-refresh.md. Budgets: six companies' ten-year facts from a local server within 5 s, figures load
within 150 ms. The server, its documents and the killing are those of the tests.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from supercycle.figures.load import TABLES, parse_table, table_text
from supercycle.figures.refresh import run
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import View
from supercycle.figures.refresh.vocabularies import concepts, filers

ROOT = Path(__file__).resolve().parents[1]
SIX = ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle", "NVIDIA")
YEARS = range(2016, 2026)
KILLS = 50


def beside_the_tests(name: str) -> Any:
    """A module of tests/unit; tests are files, not a package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "unit" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def fill(server: Any, sec: Any) -> None:
    """Ten years of every concept of six filers, every amount restated once a year later."""
    draw = random.Random(1)
    for name in SIX:
        filer = filers()[name]
        found: dict[str, Any] = {}
        for row in concepts(name):
            amounts = {
                (y, k): 10e9 + 1e9 * (y - YEARS[0]) + 2e9 * draw.random() for y in YEARS for k in range(1, 5)
            }
            make = sec.flow_facts if row.kind == "flow" else sec.stock_facts
            facts = make(filer.cik, filer.fiscal_year_end_month, amounts)
            for fact in facts:  # last year's amounts are printed a little differently
                if "start" in fact and int(fact["filed"][:4]) > int(fact["end"][:4]):
                    fact["val"] = round(fact["val"] * 1.01)
            found[row.tag[1]] = facts
        end = sec.month_end(2025, filer.fiscal_year_end_month)
        server.add(sec.company(filer.cik, name, found), sec.submissions(filer.cik, name, f"{end:%m%d}"))


def best(of: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, seconds of processor time: the machine may be shared."""
    times: list[float] = []
    for _ in range(of):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def main() -> None:
    """Measure, kill, write the page."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    sec, killer = beside_the_tests("sec_server"), beside_the_tests("refresh_killer")
    with sec.serving() as server, tempfile.TemporaryDirectory() as place:
        fill(server, sec)
        folder = Path(place)
        begun, worked = time.perf_counter(), time.process_time()
        found = run.refresh_sec(SIX, base=server.url, folder=folder)
        refresh_s, work_s = time.perf_counter() - begun, time.process_time() - worked
        begun = time.perf_counter()
        run.refresh_sec(SIX, base=server.url, folder=folder)
        again_s = time.perf_counter() - begun
        store = Store(folder)
        tables_s = best(5, lambda: [parse_table(name, table_text(name)) for name in TABLES])
        store_s = best(5, lambda: View("store", store.readings(), package=False).rows)
        stored = len(store.readings())
    left: list[int] = []
    for seed in range(kills):
        with tempfile.TemporaryDirectory() as place:
            left.append(killer.kill_once(1000 + seed, Path(place)))
    rows = [
        (
            "refresh of six companies' ten-year facts (12 requests at 10 a second)",
            f"{refresh_s:.2f} s",
            "5 s",
        ),
        ("of it processor time, the server's included", f"{work_s:.2f} s", ""),
        ("the same again, nothing new", f"{again_s:.2f} s", ""),
        ("load of the package's tables, 6,840 figures", f"{1000 * tables_s:.0f} ms", "150 ms"),
        (f"load of the store, {stored:,} readings as figures", f"{1000 * store_s:.0f} ms", "150 ms"),
    ]
    lines = [
        "# Refresh of figures: times and kills", "",
        (
            f"Python {platform.python_version()}, {os.cpu_count()} cores under a load of {os.getloadavg()[0]:.0f}, "
            "loads in processor time, best of five. Made by `python bench/soak_refresh.py`."
        ), "",
        "| what | measured | budget |", "|---|--:|--:|", *(f"| {a} | {b} | {c} |" for a, b, c in rows), "",
        f"{found['added']:,} readings added, {found['quarantined']} of them quarantined.", "",
        f"{kills} refreshes killed with SIGKILL at random moments: every store opened with whole generations only "
        f"(from {min(left)} to {max(left)} of 12), both files agreed, and the next refresh completed." if left else "",
    ]  # fmt: skip
    (ROOT / "bench" / "RESULTS-refresh.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()

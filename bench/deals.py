"""Times a deal of 100 quarters and four tranches on 1, 1,000 and 10,000 paths, and XIRR on 100,000 x 24 flows."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import numpy as np
from _results import machine

from supercycle.deals.read import read_deal
from supercycle.deals.returns import irr
from supercycle.deals.run import prepare, run

TABLE = Path(__file__).parent / "RESULTS-deals.md"
QUARTERS = 100
RULES = ("level_payment", "level_principal", "bullet", "ard, date: 2036-01-01")


def deal_text() -> str:
    """Four tranches, a reserve of six months, a trap, sweeps."""
    names = ("one", "two", "three", "four")
    facilities = "".join(
        f"  - {{name: {n}, kind: term, amount: {400 - 80 * k}, rate: {5 + k} %, maturity: 2050-01-01, "
        f"amortisation: {{type: {rule}}}}}\n"
        for k, (n, rule) in enumerate(zip(names, RULES, strict=True))
    )
    pays = "".join(
        f"  - {{do: pay, what: {w}, of: {n}, from: [held, dsra]}}\n"
        for n in names
        for w in ("interest", "principal")
    )
    return f"""schema: supercycle.deal/1
name: bench
money: USD_m
calendar: {{start: 2026-01-01, periods: {QUARTERS}}}
contracts:
  - {{name: cash, kind: lease, start: 2026-01-01, term_years: 25, rent: $world.rent, opex: 20}}
facilities:
{facilities}reserves:
  - {{name: dsra, months: 6}}
  - {{name: held, kind: trap}}
tests:
  - {{name: cover, measure: dscr, window: 4, trap: 1.2, cure: 2}}
waterfall:
{pays}  - {{do: fund, of: dsra}}
  - {{do: trap, of: held}}
  - {{do: release, of: dsra}}
  - {{do: release, of: held}}
  - {{do: sweep, of: four}}
  - {{do: distribute}}
"""


def best(work: Callable[[], Any], repeats: int) -> float:
    times: list[float] = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    deal = read_deal(deal_text())
    draw = np.random.default_rng(1)
    rows: list[tuple[str, str, str]] = []
    for paths, budget, repeats in ((1, 0.005, 30), (1000, 0.06, 5), (10_000, 0.6, 3)):
        rent = 160 * np.exp(draw.normal(0, 0.3, (QUARTERS, paths)))
        ready = prepare(deal, {"rent": rent})
        waterfall = best(lambda ready=ready: run(ready), repeats)
        whole = best(lambda rent=rent: run(deal, {"rent": rent}), repeats)
        rows.append((f"{paths:,} paths, periods", f"{1000 * waterfall:.1f} ms", f"{1000 * budget:g} ms"))
        rows.append((f"{paths:,} paths, with plans", f"{1000 * whole:.1f} ms", ""))
    flows = draw.normal(0.5, 1, (24, 100_000))
    flows[0] = -10
    times = np.sort(draw.uniform(0, 8, 24))
    rows.append(("XIRR, 100,000 x 24 flows", f"{best(lambda: irr(flows, times), 3):.2f} s", "1 s"))
    here = machine()
    lines = [
        "# Measured: deals",
        "",
        f"Written by `python bench/deals.py` on {here['date']}.",
        f"A deal of {QUARTERS} quarters, 4 tranches, a reserve, a trap and a sweep;",
        "books checked in every run. The shortest of a few runs; other work on the machine makes them longer.",
        f"Processor family {here['processor']} ({here['architecture']}), Python {here['python']}, one core used.",
        "",
        "| what | measured | budget |",
        "|---|---|---|",
        *(f"| {a} | {b} | {c} |" for a, b, c in rows),
        "",
    ]
    TABLE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

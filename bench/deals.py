"""Times a deal of 100 quarters and four tranches on 1, 1,000 and 10,000 paths, and XIRR on 100,000 x 24 flows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import numpy as np
from _results import machine
from deals_peer import side_by_side
from deals_sam import beside_sam

from supercycle.core.returns import irr
from supercycle.deals.document.read import read_deal
from supercycle.deals.run import prepare, run

TABLE = Path(__file__).parent / "RESULTS-deals.md"
QUARTERS = 100
LEASES = 200
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
    return f"""schema: supercycle.deal/2
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


def pool_text(leases: int, *, drawn: bool = False) -> str:
    """The same debt on a pool: each lease with an asset, a start, an end and options of its own."""
    text = deal_text()
    odds = "renewal_probability: 80 %, " if drawn else ""
    assets = "".join(f"  - {{name: a{k}, value: {8 + 0.01 * k}}}\n" for k in range(leases))
    each = "".join(
        f"  - {{name: l{k}, kind: lease, asset: a{k}, start: 2026-01-01, term_years: {5 + k % 12}, option_years: 5, "
        f"options: 2, {odds}rent: {{value: {0.9 + 0.002 * k}, moves_with: $world.rent}}, escalator: 2 %, opex: 0.1}}\n"
        for k in range(leases)
    )
    head, tail = text[: text.index("contracts:")], text[text.index("facilities:") :]
    tail = tail.replace("waterfall:", "enforcement: {cost: 10 %, on_default: false}\nwaterfall:")
    return f"{head}assets:\n{assets}contracts:\n{each}{tail}"


def best(work: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Seconds on the clock and of the processor, each the least of the repeats."""
    clock: list[float] = []
    processor: list[float] = []
    for _ in range(repeats):
        begun, spent = time.perf_counter(), time.process_time()
        work()
        clock.append(time.perf_counter() - begun)
        processor.append(time.process_time() - spent)
    return min(clock), min(processor)


def main() -> None:
    deal = read_deal(deal_text())
    draw = np.random.default_rng(1)
    rows: list[tuple[str, str, str, str]] = []

    def keep(what: str, found: tuple[float, float], budget: str) -> None:
        rows.append((what, f"{1000 * found[0]:.1f} ms", f"{1000 * found[1]:.1f} ms", budget))

    for paths, budget, repeats in ((1, 0.005, 40), (1000, 0.06, 20), (10_000, 0.6, 5)):
        rent = 160 * np.exp(draw.normal(0, 0.3, (QUARTERS, paths)))
        ready = prepare(deal, {"rent": rent})
        said = f"{paths:,} path{'s' * (paths > 1)}"
        keep(f"{said}, periods", best(lambda ready=ready: run(ready), repeats), "")
        whole = best(lambda rent=rent: run(deal, {"rent": rent}), repeats)
        keep(f"{said}, with plans", whole, f"{1000 * budget:g} ms")
    pools = {
        "a pool of 200 leases": pool_text(LEASES),
        "the pool, renewals drawn": pool_text(LEASES, drawn=True),
    }
    for paths, repeats in ((1, 15), (1000, 4)):
        rent = 160 * np.exp(draw.normal(0, 0.3, (QUARTERS, paths)))
        plain = best(lambda rent=rent: run(deal, {"rent": rent}), repeats)
        for what, text in pools.items():
            if paths == 1 and "drawn" in what:
                continue
            pool = read_deal(text)
            found = best(lambda rent=rent, pool=pool: run(pool, {"rent": rent}), repeats)
            keep(
                f"{what}, {paths:,} path{'s' * (paths > 1)}",
                found,
                f"5x; is {found[1] / plain[1]:.1f}x the plain deal",
            )
    flows = draw.normal(0.5, 1, (24, 100_000))
    flows[0] = -10
    times = np.sort(draw.uniform(0, 8, 24))
    keep("XIRR with a status each, 100,000 x 24 flows", best(lambda: irr(flows, times), 3), "1000 ms")
    here = machine()
    lines = [
        "# Measured: deals",
        "",
        f"Written by `python bench/deals.py` on {here['date']}.",
        f"A deal of {QUARTERS} quarters, 4 tranches, a reserve, a trap and a sweep;",
        "books checked in every run. The least of a few runs. Other work on the machine makes the clock longer and,",
        f"less so, the processor's own time; {os.getloadavg()[0]:.1f} processes were waiting or running on",
        f"{here['cores']} cores. Processor family {here['processor']}, Python {here['python']}.",
        "",
        "| what | clock | processor | budget |",
        "|---|---|---|---|",
        *(f"| {a} | {b} | {c} | {d} |" for a, b, c, d in rows),
        "",
        *side_by_side(),
        *beside_sam(),
    ]
    TABLE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()

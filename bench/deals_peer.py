"""The same deal in waterfall-py, when that package can be imported; it is no dependency of the project.

PYTHONPATH=<folder that has waterfall-py> python bench/deals.py
"""

from __future__ import annotations

import datetime
import importlib
import time
from typing import Any

import numpy as np

from supercycle.deals.document.read import read_deal
from supercycle.deals.run import run

__all__ = ["side_by_side"]

QUARTERS = 100
LOANS = (("one", 400.0, 0.05, "level_payment", "mortgage"), ("two", 320.0, 0.06, "level_principal", "fully_amortizing"),
         ("three", 240.0, 0.07, "bullet", "bullet"), ("four", 160.0, 0.08, "level_payment", "mortgage"))  # fmt: skip


def ours(rate_of_cash: str = "$world.cash") -> str:
    """Four loans of the same rank, a reserve of six months and a cover test."""
    loans = "".join(
        f"  - {{name: {n}, kind: term, amount: {a}, rate: {r}, maturity: 2051-01-01, amortisation: {{type: {rule}}}}}\n"
        for n, a, r, rule, _ in LOANS
    )
    pays = "".join(
        f"  - {{do: pay, what: {what}, of: {n}, from: dsra}}\n"
        for what in ("interest", "principal")
        for n, *_ in LOANS
    )
    return f"""schema: supercycle.deal/2
name: peer
money: USD_m
calendar: {{start: 2026-01-01, periods: {QUARTERS}}}
assets: [{{name: works, spend: {sum(x[1] for x in LOANS)}}}]
contracts: [{{name: cash, kind: lease, start: 2026-01-01, term_years: 25, rent: {rate_of_cash}}}]
facilities:
{loans}reserves:
  - {{name: dsra, months: 6}}
  - {{name: held, kind: trap}}
tests: [{{name: cover, measure: dscr, trap: 1.05, cure: 1}}]
waterfall:
{pays}  - {{do: fund, of: dsra}}
  - {{do: trap, of: held}}
  - {{do: release, of: dsra}}
  - {{do: release, of: held}}
  - {{do: distribute}}
"""


def side_by_side() -> list[str]:
    """Lines of Markdown: equal service, times, and what each says of a bullet that is not repaid."""
    try:
        peer: Any = importlib.import_module("waterfall")
        schema: Any = importlib.import_module("waterfall.data.schema")
    except ImportError:
        return ["Side by side with waterfall-py: not measured, the package is not importable here.", ""]

    def theirs(cash: list[float], loans: Any = LOANS) -> Any:
        tranches = [
            schema.Tranche(name=n, tranche_type="senior", principal=a, coupon=r, day_count="30/360", amort_type=rule,
                           term_periods=QUARTERS)
            for n, a, r, _, rule in loans
        ]  # fmt: skip
        return schema.Deal(
            deal_close_date=datetime.date(2026, 1, 1), operations_start_date=datetime.date(2026, 1, 1),
            period_frequency="Q", tranches=tranches, cfads_stream=cash, data_currency="USD", reporting_basis="calendar",
            covenants=[schema.CovenantConfig(metric="DSCR", trap=1.05)],
            reserves=[schema.ReserveConfig(reserve_type="DSRA", months_dsra=6)],
        )  # fmt: skip

    deal, level = read_deal(ours()), 400.0
    found = run(deal, {"cash": np.full((QUARTERS, 1), 4 * level)})
    result = peer.run(theirs([level] * QUARTERS))
    gaps = [
        abs(
            row.debt_service_by_tranche[n]
            - float(found[f"{n}.interest"][t, 0] + found[f"{n}.principal"][t, 0])
        )
        for t, row in enumerate(result.periods)
        for n, *_ in LOANS
    ]
    draw = np.random.default_rng(2)
    cash = level * np.exp(draw.normal(0, 0.2, (QUARTERS, 1000)))
    times = {
        "waterfall-py, one path": _best(lambda: peer.run(theirs([level] * QUARTERS)), 5),
        "supercycle, one path": _best(lambda: run(deal, {"cash": np.full((QUARTERS, 1), 4 * level)}), 9),
        "waterfall-py, 20 of the 1,000 paths": _best(
            lambda: [peer.run(theirs(cash[:, k].tolist())) for k in range(20)], 2
        ),
        "supercycle, all 1,000 paths": _best(lambda: run(deal, {"cash": 4 * cash}), 5),
    }
    one, alone, twenty, thousand = times.values()
    poor = peer.run(theirs([10.0] * QUARTERS, [("three", 240.0, 0.07, "bullet", "bullet")]))
    unpaid = poor.tranche_summary[0]["ending_balance"]
    told = [row.covenant_status for row in poor.periods[-1:]]
    failed = run(read_deal(ours("40")))
    return [
        "## Side by side with waterfall-py " + _version(),
        "",
        "Four loans of 1,120 in all (level payment twice, level principal, bullet), 100 quarters, a reserve",
        "of six months, a cover test. Processor time in one process, the least of a few runs; both check their books.",
        "",
        "| what | time | ratio |",
        "|---|---|---|",
        *(f"| {name} | {1000 * value:.1f} ms | |" for name, value in times.items()),
        f"| one path: theirs / ours | | {one / alone:.1f} |",
        f"| a path among 1,000: theirs / ours | | {twenty / 20 / (thousand / 1000):.0f} |",
        "",
        f"- Service of every loan in every quarter differs by at most {max(gaps):.1e} with ample cash.",
        "- Its `fully_amortizing` is level principal; level debt service is called `mortgage`.",
        f"- A bullet of 240 with cash of 10 a quarter: it ends with a balance of {unpaid:g} and the status {told[0]};",
        f"  here the run ends in the state {_state(failed)} and reports the loss.",
        "- It refuses construction draws and sculpting by name.",
        "",
    ]


def _state(found: Any) -> str:
    return next(name for name, count in found.state_counts().items() if count)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("waterfall-py")
    except PackageNotFoundError:
        return "(version unknown)"


def _best(work: Any, repeats: int) -> float:
    times: list[float] = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)

"""The sculpted loan of NREL's single-owner model beside the same loan here, when PySAM (a test extra) is installed."""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from supercycle.deals.document.read import read_deal
from supercycle.deals.run import run

__all__ = ["beside_sam"]

YEARS = 25
PATHS = 1000


def _ours(rate: float, tenor: int, dscr: float, cost: float, mean: list[float]) -> str:
    """The size is that of the mean cash, as a lender's; what is run is each path's."""
    curve = ", ".join(f"{2026 + k}-01-01: {v!r}" for k, v in enumerate(mean))
    return f"""schema: supercycle.deal/2
name: sam
money: USD_m
calendar: {{start: 2026-01-01, periods: {YEARS}, months: 12}}
assets: [{{name: plant, spend: {{amounts: {{2026-01-01: {cost!r}}}}}}}]
contracts: [{{name: cash, kind: lease, asset: plant, start: 2026-01-01, term_years: {YEARS}, rent: $world.cash}}]
facilities:
  - {{name: loan, kind: term, rate: {rate} %, maturity: {2026 + tenor}-01-01,
     amortisation: {{type: sculpted, dscr: {dscr}, cfads: {{curve: {{{curve}}}}}}}}}
tax: {{rate: 21 %, losses: used, depreciation: [{{asset: plant, method: macrs_5, credit: 30 %}}]}}
waterfall:
  - {{do: pay, what: interest, of: loan}}
  - {{do: pay, what: principal, of: loan}}
  - {{do: distribute}}
"""


def beside_sam() -> list[str]:
    """Lines of Markdown: size of debt in both, and the time of a path."""
    try:
        model: Any = importlib.import_module("PySAM.Singleowner").default(
            "CustomGenerationProfileSingleOwner"
        )
    except ImportError:
        return ["Beside NREL PySAM: not measured, the package is not importable here.", ""]
    model.SystemOutput.gen = [20_000.0] * 8760
    model.SystemOutput.system_pre_curtailment_kwac = [20_000.0] * 8760
    terms = model.FinancialParameters
    terms.debt_option, terms.dscr, terms.term_int_rate, terms.term_tenor = 1, 1.4, 6.0, 15
    terms.federal_tax_rate, terms.state_tax_rate = [21.0], [0.0]
    model.SystemCosts.total_installed_cost = 400e6
    theirs = _best(model.execute, 7)
    cash = np.asarray(model.Outputs.cf_ebitda)[1 : YEARS + 1] / 1e6
    size = float(model.Outputs.size_of_debt) / 1e6
    deal = read_deal(_ours(6.0, 15, 1.4, 400.0, cash.tolist()))
    level = cash[:, None]
    alone = _best(lambda: run(deal, {"cash": level}), 9)
    many = level * np.exp(np.random.default_rng(3).normal(0, 0.1, (YEARS, PATHS)))
    thousand = _best(lambda: run(deal, {"cash": many}), 5)
    ours = run(deal, {"cash": level}).prepared.plans[0].amount
    return [
        "## Beside NREL PySAM " + _version(),
        "",
        "A sculpted loan of 15 years on 25 years of cash. SAM also reckons 8,760 hours of output, so its time is not",
        "the waterfall's alone; it runs one path a call. Processor time, the least of a few runs, in the run above.",
        "",
        "| what | time |",
        "|---|---|",
        f"| PySAM single owner, one path | {1000 * theirs:.1f} ms |",
        f"| supercycle, one path | {1000 * alone:.1f} ms |",
        f"| supercycle, {PATHS:,} paths | {1000 * thousand:.1f} ms |",
        f"| a path: theirs / ours among {PATHS:,} | {theirs / (thousand / PATHS):.0f} |",
        "",
        f"- Size of debt: {size:.6f} there, {ours:.6f} here.",
        "",
    ]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("NREL-PySAM")
    except PackageNotFoundError:
        return "(version unknown)"


def _best(work: Any, repeats: int) -> float:
    times: list[float] = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)

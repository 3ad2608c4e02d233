"""Make the tables of docs/stress.md again: presets and shocks on 4,000 paths, nodes and plans on 1,000, seed 1.

Run by hand after a change of the model (`python docs/stress.py`); the prose is the author's to check.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from supercycle import service
from supercycle.service.cascade import cascade
from supercycle.service.network import graph, node_failure
from supercycle.service.regret import regret
from supercycle.service.stress import stress
from supercycle.world.frame import FIRM

PAGE = Path(__file__).resolve().parent / "stress.md"
PATHS = 4000
FEWER = 1000  # paths of a node's failure and of each plan tried
LARGEST = 10


def preset_row(name: str, answers: str) -> str:
    """Medians of one preset."""
    outputs = ("fleet_it_gw", "ai_revenue_run_rate", "contract_price", "ai_index_share", "busted")
    run = service.run(name, paths=PATHS, seed=1, outputs=outputs).run

    def median(output: str, quarter: str) -> float:
        return float(np.median(run.value(output)[list(run.quarters).index(quarter), run.ok]))

    bust = 100 * float(run.value("busted")[-1, run.ok].mean())
    return (
        f"| `{name}` | {answers} | {median('fleet_it_gw', '2028Q4'):.1f} | {median('fleet_it_gw', '2030Q4'):.0f} | "
        f"{median('ai_revenue_run_rate', '2030Q4'):,.0f} | {median('contract_price', '2030Q4'):.2f} | "
        f"{100 * median('ai_index_share', '2030Q4'):.1f} % | {bust:.0f} % |"
    )


def change(impact: dict[str, Any]) -> str:
    """Median and band of a paired difference."""

    def told(x: float) -> str:
        return f"{x:,.0f}" if abs(x) >= 100 else f"{0.0 if abs(x) < 0.005 else x:.2g}"

    low, mid, high = (told(impact["difference"][level]) for level in ("q05", "q50", "q95"))
    return f"{mid} ({low} to {high})"


def shock_row(one: dict[str, Any]) -> str:
    """One shock against the base case."""
    shown = (
        "world_ai_capex_usd_bn:sum",
        "fleet_it_gw:2030Q4",
        "write_off_usd_bn:sum",
        "credit_loss_usd_bn:sum",
    )
    cells = " | ".join(change(one["readings"][key]) for key in shown)
    return f"| `{one['name']}` | {100 * one['bust']['after']:.0f} % | {cells} |"


def largest_nodes() -> list[str]:
    """Nodes of the deal graph with the largest sums of disclosed exposures, given and taken."""

    def size(one: dict[str, Any]) -> float:
        return sum(v for side in ("gives", "takes") for found in one[side].values() for v in found.values())

    return [one["name"] for one in sorted(graph()["nodes"], key=size, reverse=True)[:LARGEST]]


def node_row(name: str) -> str:
    """One node's failure: direct, cleared and marked losses, clearing's gap, spreads of the world's paired run."""
    found, second = node_failure(name, quarter="2028Q1", paths=FEWER), cascade(name)
    direct = sum(found["loss_usd_bn"].values()) + sum(
        one["amount_usd_bn"] or 0.0 for one in found["guarantors_pay"]
    )
    spreads = "no counterpart | |"
    if found["world"] is not None:
        moves = found["world"]["shocks"][0]["readings"]
        spreads = "".join(
            f"{1e4 * moves[key]['difference']['q50']:+,.0f} ({1e4 * moves[key]['difference']['q05']:+,.0f} to "
            f"{1e4 * moves[key]['difference']['q95']:+,.0f}) | "
            for key in ("hy_spread:max", "firm_spread:Oracle:max")
        )[:-1]
    return (
        f"| {name} | {direct:,.1f} | {second['dues_usd_bn']:,.1f} | {second['second_usd_bn']:,.2f} | "
        f"{second['marked_all_usd_bn']:,.1f} | {abs(second['gap_usd_bn']):.0e} | {spreads}"
    )


def regret_row(firm: str) -> str:
    """Regret of half and of twice with rivals at their plans and at twice, in both readings."""
    found = regret(firm, paths=FEWER)
    cells: list[str] = []
    for row in found["rows"]:
        for reading in ("contracts", "capacity"):
            one = row[reading]
            half, twice = one["under_usd_bn"]["q50"], one["over_usd_bn"]["q50"]
            cells.append(f"{half:,.0f} / {twice:,.0f} ({100 * one['under_worse_on']:.0f} %)")
    return f"| {firm} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    from made_with import stamped

    text = PAGE.read_text(encoding="utf-8")
    answers = dict(re.findall(r"^\| `([a-z0-9-]+)` \| ([^|]*) \|(?: [^|]* \|){6}$", text, re.MULTILINE))
    presets = [preset_row(one["name"], answers.get(one["name"], "").strip()) for one in service.presets()]
    found = stress(paths=PATHS, seed=1)
    base = found["shocks"][0]
    none = [base["readings"][k]["before"]["q50"] for k in ("world_ai_capex_usd_bn:sum", "fleet_it_gw:2030Q4")]
    losses = [
        base["readings"][k]["before"]["q50"] for k in ("write_off_usd_bn:sum", "credit_loss_usd_bn:sum")
    ]
    bust = 100 * base["bust"]["before"]
    start = f"| none | {bust:.0f} % | {none[0]:,.0f} | {none[1]:.0f} | {losses[0]:.0f} | {losses[1]:.0f} |"
    rows = {
        "preset": presets,
        "shock": [start, *(shock_row(one) for one in found["shocks"])],
        "node": [node_row(name) for name in largest_nodes()],
        "firm": [regret_row(firm) for firm in FIRM.members],
    }
    for head, lines in rows.items():
        pattern = rf"(\| {head} \|[^\n]*\n\|[-|]+\n)(?:\|[^\n]*\n)+"
        text = re.sub(pattern, lambda m, lines=lines: m[1] + "\n".join(lines) + "\n", text)
    PAGE.write_text(stamped(text), encoding="utf-8")

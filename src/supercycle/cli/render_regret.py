"""What a person sees of the experiment with plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from supercycle.cli.console import plain_console, plain_table, table_row
from supercycle.cli.render import number

__all__ = ["regret_tables"]

Record = Mapping[str, Any]
READINGS = (
    ("contracts", "labs stay where they signed"),
    ("capacity", "all capacity earns the contract price"),
)


def regret_tables(body: Record) -> None:
    """Payoffs by own and rivals' plans in both readings, then the regret of too little and of too much."""
    console = plain_console()
    console.print(
        f"{body['firm']}: plans at half, once, twice; USD bn at the required return, medians of {body['pairs']} paths",
        style="bold",
        markup=False,
    )
    table = plain_table(
        "rivals", "own plan", right=("share of the five", "capex", *(title for _, title in READINGS))
    )
    for row in cast("list[Record]", body["rows"]):
        for plan in cast("list[Record]", row["plans"]):
            cells = [
                number(plan[key]["q50"])
                for key in ("capacity_share", "capex_usd_bn", "payoff_usd_bn", "payoff_by_capacity_usd_bn")
            ]
            table_row(table, f"{row['rivals']:g}", f"{plan['own']:g}", *cells)
    console.print(table)
    table = plain_table("rivals", "reading", right=("regret of half", "regret of twice", "half is worse on"))
    for row in cast("list[Record]", body["rows"]):
        for key, title in READINGS:
            one = row[key]
            table_row(
                table,
                f"{row['rivals']:g}",
                title,
                _told(one["under_usd_bn"]),
                _told(one["over_usd_bn"]),
                f"{100 * one['under_worse_on']:.0f} % of paths",
            )
    console.print(table)
    console.print(body["note"], style="dim", markup=False)


def _told(band: Mapping[str, float]) -> str:
    return f"{number(band['q50'])} ({number(band['q05'])} to {number(band['q95'])})"

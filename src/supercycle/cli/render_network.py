"""What a person sees of the deal graph and of a node's failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from supercycle.cli.console import plain_console, plain_table, table_row
from supercycle.cli.render import number
from supercycle.cli.render_stress import stress_tables

__all__ = ["graph_table", "node_tables"]

Record = Mapping[str, Any]


def graph_table(body: Record) -> None:
    """Nodes with what they give and take by claim and status."""
    table = plain_table("node", "gives, USD bn", "takes, USD bn")
    for one in cast("list[Record]", body["nodes"]):
        table_row(table, one["name"], _claims(one["gives"]), _claims(one["takes"]))
    plain_console().print(table)
    plain_console().print("supercycle stress node NAME lets one fail", style="dim", markup=False)


def node_tables(body: Record) -> None:
    """Losses, suppliers, promises, guarantees, dependents, then the world's paired run."""
    console = plain_console()
    console.print(f"{body['node']} fails", style="bold", markup=False)
    table = plain_table("what", "who", "claim", "status", right=("USD bn", "loss"))
    for title, key, other in (
        ("loses", "losses", "giver"),
        ("loses sales", "suppliers_lose", "taker"),
        ("promise void", "promises_void", "giver"),
        ("guarantor pays", "guarantors_pay", "giver"),
        ("guarantee lapses", "guarantees_lapse", "taker"),
    ):
        for one in cast("list[Record]", body[key]):
            amount, loss = one["amount_usd_bn"], one.get("loss_usd_bn")
            table_row(
                table, title, one[other], one["claim"], one["status"],
                "not disclosed" if amount is None else number(amount), "" if loss is None else number(loss),
            )  # fmt: skip
    console.print(table)
    for one in cast("list[Record]", body["dependent"]):
        console.print(
            f"{one['name']} depends on it: {100 * one['share_of_signed']:.0f} % of what its customers have signed; "
            f"it owes {number(one['debt_usd_bn'])} bn in the graph",
            markup=False,
        )
    told = ", ".join(f"{claim} {number(value)}" for claim, value in body["loss_usd_bn"].items())
    console.print(
        f"losses, USD bn: {told} (debt recovers {100 * body['recovery_of_debt']:.0f} %)", markup=False
    )
    second = body["second_round"]
    unpaid = {n: v for n, v in second["unpaid_usd_bn"].items() if n != body["node"]}
    console.print(
        f"a year of its dues, USD bn: {number(second['dues_usd_bn'])} unpaid; "
        f"not paid by others in turn: {_listed(unpaid)}",
        markup=False,
    )
    console.print(f"marked down, USD bn: {_listed(second['marked_usd_bn'])}", markup=False)
    console.print(body["world_note"], style="dim", markup=False)
    if body["world"] is not None:
        stress_tables(body["world"])


def _listed(amounts: Mapping[str, float]) -> str:
    ordered = sorted(amounts.items(), key=lambda one: -one[1])
    return ", ".join(f"{name} {number(amount)}" for name, amount in ordered) or "nobody"


def _claims(by_claim: Mapping[str, Mapping[str, float]]) -> str:
    return "\n".join(
        f"{claim}: " + ", ".join(f"{number(amount)} {status}" for status, amount in found.items())
        for claim, found in by_claim.items()
    )

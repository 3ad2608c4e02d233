"""When one named company fails: who loses what, whose promises are void, and what the world makes of it.

First round, from the deal graph: lenders lose debt times (1 - recovery), owners their funded stakes, suppliers the
commitments the company can no longer honour, guarantors pay. What others had promised to it is void. Second round:
suppliers for whom it is more than a third of what customers have signed are named as dependent. Payments are then
cleared and shares marked down (service/cascade.py). Where the world has a counterpart (a lab, a neocloud) the failure
is run on the same paths with and without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from supercycle.engine.run import Progress
from supercycle.figures.network import CLAIMS, STATUSES, Edge, committed_to, edges, node, nodes
from supercycle.service.cascade import cascade
from supercycle.service.stress import Settings, stress
from supercycle.service.the_world import subject

__all__ = ["graph", "node_failure"]

SCHEMA = "supercycle.node/1"
DEPENDENT = (
    1.0 / 3.0
)  # of what a supplier's customers have signed (judgement: one customer above a third is a concentration)
LABS = ("OpenAI", "Anthropic", "xAI")
NEOCLOUDS = ("CoreWeave", "Nebius", "Lambda")


def graph() -> dict[str, Any]:
    """Every node with what it gives and takes by claim, and every exposure with status and source line."""
    return {
        "schema": "supercycle.network/1",
        "nodes": [
            {
                "name": name,
                "gives": _by_claim([e for e in edges() if e.giver == name]),
                "takes": _by_claim([e for e in edges() if e.taker == name]),
            }
            for name in nodes()
        ],
        "edges": [_edge(e) for e in edges()],
    }


def node_failure(
    name: str,
    *,
    quarter: str = "2027Q3",
    preset: str = "base",
    set: Settings = (),
    paths: int = 1000,
    seed: int = 1,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The failure of one node of the deal graph: losses and voided promises, and the paired run of the world.

    ``name`` is matched whatever its capitals (UnknownNameError suggests the nearest). Recoveries are the
    world's central
    ones for secured loans and bonds. A node without a counterpart in the world has ``world`` None and says why.
    """
    failed = node(name)
    recovery = subject().model.registry["recovery_loans"].default
    touching = [e for e in edges() if failed in (e.giver, e.taker)]
    losses = [
        _loss(e, recovery)
        for e in touching
        if e.taker == failed and e.claim in ("debt", "equity") and e.status == "funded"
    ]
    suppliers = [e for e in touching if e.giver == failed and e.claim in ("commitment", "lease")]
    promised = [
        e
        for e in touching
        if e.taker == failed and (e.claim == "commitment" or e.status in ("cancelable", "announced"))
    ]
    guarantees = [e for e in edges() if e.claim == "guarantee" and failed in e.taker]
    lapsed = [e for e in touching if e.giver == failed and e.claim == "guarantee"]
    shock, reason = _shock(failed, quarter)
    world = None
    if shock:
        world = stress(
            [shock], preset=preset, set=set, paths=paths, seed=seed, kernel=kernel, progress=progress
        )
    return {
        "schema": SCHEMA,
        "node": failed,
        "losses": losses,
        "loss_usd_bn": {
            claim: sum(one["loss_usd_bn"] or 0.0 for one in losses if one["claim"] == claim)
            for claim in ("debt", "equity")
        },
        "recovery_of_debt": recovery,
        "suppliers_lose": [_edge(e) for e in suppliers],
        "promises_void": [_edge(e) for e in promised],
        "guarantors_pay": [_edge(e) for e in guarantees],
        "guarantees_lapse": [_edge(e) for e in lapsed],
        "dependent": _dependent(failed),
        "second_round": cascade(failed),
        "undisclosed": sum(1 for e in touching if e.amount_usd_bn is None),
        "world": world,
        "world_note": reason,
    }


def _shock(failed: str, quarter: str) -> tuple[str, str]:
    if failed in LABS:
        return (
            f"lab-failure@{quarter}",
            "the world's largest lab fails; its share is the parameter lab_concentration",
        )
    if failed in NEOCLOUDS:
        return (
            f"neocloud-failure@{quarter}",
            "a part of the world's neoclouds defaults at once: imposed_neocloud_share",
        )
    return "", f"the world has no single {failed}: only the exposures are shown"


def _dependent(failed: str) -> list[dict[str, Any]]:
    """Suppliers for whom the failed node is more than a third of what customers have signed, with their own debts."""
    out: list[dict[str, Any]] = []
    for supplier in sorted({e.taker for e in edges() if e.giver == failed and e.claim == "commitment"}):
        signed = committed_to(supplier)
        share = signed.get(failed, 0.0) / sum(signed.values()) if signed else 0.0
        if share > DEPENDENT:
            debts = sum(e.amount_usd_bn or 0.0 for e in edges() if e.taker == supplier and e.claim == "debt")
            out.append(
                {"name": supplier, "share_of_signed": share, "others": len(signed) - 1, "debt_usd_bn": debts}
            )
    return out


def _loss(edge: Edge, recovery: float) -> dict[str, Any]:
    kept = recovery if edge.claim == "debt" else 0.0
    amount = edge.amount_usd_bn
    return {**_edge(edge), "loss_usd_bn": None if amount is None else amount * (1.0 - kept)}


def _by_claim(some: Sequence[Edge]) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for claim in CLAIMS:
        for status in STATUSES:
            amount = sum(e.amount_usd_bn or 0.0 for e in some if (e.claim, e.status) == (claim, status))
            if amount:
                found.setdefault(claim, {})[status] = amount
    return found


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "giver": edge.giver,
        "taker": edge.taker,
        "claim": edge.claim,
        "status": edge.status,
        "amount_usd_bn": edge.amount_usd_bn,
        "period": edge.period,
        "tier": edge.tier,
        "where": edge.where,
        "note": edge.note,
    }

"""The second round of one company's failure on the deal graph: who is not paid because of it, and who is marked down.

Dues a year come from the graph's funded and committed rows: commitments over their years, leases over fifteen, debt
service on loans and bonds; tenants' rents to the vehicles that borrowed for them are added, since the table has the
vehicles' lenders but not their tenants. A node clears with what it has from outside. Marks are stakes at market value
and the margin of lost contracts that nobody replaces.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from supercycle.engine.clearing import Cleared, clear
from supercycle.figures.network import Edge, edges
from supercycle.service.the_world import subject

__all__ = ["cascade", "dues", "largest", "means"]

SAME = {"Alphabet": "Google"}  # one company, two names in the table
YEARS, LEASE_YEARS = 5.0, 15.0  # of a commitment without an end; of a lease (15 to 19 in Oracle's filing)
SERVICE = {
    "CoreWeave": 0.37,
    "SoftBank": 0.30,
}  # a year: 9 % and 28 % due within twelve months; a bridge loan due in a year or so
VEHICLE_SERVICE = 0.09  # 6.5 % and amortisation over forty years of a lease-back
RENT_COVER = 1.15  # rent over debt service of vehicles
TENANTS = {
    "Abilene SPV (Crusoe/Blue Owl)": "Oracle",
    "Vantage Texas/Wisconsin SPVs": "Oracle",
    "New Mexico SPV": "Oracle",
    "Beignet Investor (Hyperion SPV)": "Meta",
}
MARKET = {  # value of the private company and holders' parts (figures network and labs; rounds of March and May 2026)
    "OpenAI": (852.0, {"Microsoft": 0.27, "SoftBank": 0.13, "Amazon": 50.0 / 852.0, "NVIDIA": 30.0 / 852.0}),
    "Anthropic": (965.0, {"Google": 0.14, "Amazon": 0.12, "Microsoft": 5.0 / 965.0, "NVIDIA": 10.0 / 965.0}),
}
FIRMS = {
    "Microsoft": "Microsoft",
    "Google": "Alphabet",
    "Amazon": "Amazon",
    "Meta": "Meta",
    "Oracle": "Oracle",
}
COREWEAVE_OUTSIDE = 1.0  # USD bn a year of receipts that the graph does not name (small customers)

Pairs = dict[tuple[str, str], float]


def _name(node: str) -> str:
    return SAME.get(node, node)


def _years(edge: Edge) -> float:
    span = re.fullmatch(r"(\d{4})(?:-\d\d)?-(\d{4})(?:-\d\d)?", edge.period)
    return max(1.0, float(span[2]) - float(span[1])) if span else YEARS


@cache
def _dues() -> tuple[tuple[tuple[str, str], float], ...]:
    out: Pairs = {}
    for edge in edges():
        giver, taker, amount = _name(edge.giver), _name(edge.taker), edge.amount_usd_bn or 0.0
        if edge.claim == "debt" and edge.status == "funded":
            share = VEHICLE_SERVICE if taker in TENANTS else SERVICE.get(taker, VEHICLE_SERVICE)
            out[taker, giver] = out.get((taker, giver), 0.0) + amount * share
            if taker in TENANTS:
                rent = (TENANTS[taker], taker)
                out[rent] = out.get(rent, 0.0) + amount * share * RENT_COVER
        elif edge.status == "committed" and edge.claim in ("commitment", "lease"):
            pair = (taker, giver) if edge.kind == "chip_lease_spv" else (giver, taker)
            years = LEASE_YEARS if edge.claim == "lease" else _years(edge)
            out[pair] = out.get(pair, 0.0) + amount / years
    return tuple((pair, due) for pair, due in out.items() if due > 0.0)


def dues() -> Pairs:
    """What each node owes each other a year, USD bn: the payments of the graph.

    >>> round(dues()["OpenAI", "Oracle"])
    60
    """
    return dict(_dues())


def means() -> dict[str, float]:
    """What the nodes in the middle have from outside the graph a year, USD bn; the others have all they owe."""
    registry = subject().model.registry
    out = dict.fromkeys(TENANTS, 0.0) | {"CoreWeave": COREWEAVE_OUTSIDE}
    for node, firm in FIRMS.items():
        flow = registry[f"ocf_open:{firm}"].default
        free = registry[f"cash_open:{firm}"].default * (1.0 - registry["min_cash_share"].default)
        spent = registry[f"capex_open:{firm}"].default + registry[f"bonds_open:{firm}"].default * 0.02
        out[node] = 4.0 * max(flow - spent, 0.0) + free + registry["line_quarters"].default * flow
    return out


def cascade(failed: str, pays: float = 0.0) -> dict[str, Any]:
    """The failure of ``failed``, which pays only the share ``pays`` of its dues: unpaid by node, lost receipts, marks.

    ``second_usd_bn`` is what nodes besides the failed one do not pay; ``gap_usd_bn`` what payments received miss of
    those made. Limit case: with ``pays=1`` nothing is unpaid that would not be unpaid anyway.
    """
    failed, owed, cash = _name(failed), dues(), means()
    before, after = clear(owed, cash, {}), clear(owed, cash, {failed: pays})
    unpaid = {n: amount - before.unpaid(owed).get(n, 0.0) for n, amount in after.unpaid(owed).items()}
    made, received = sum(after.payments.values()), sum(_received(after).values())
    marks = _marks(failed)
    return {
        "dues_usd_bn": sum(due for (payer, _), due in owed.items() if payer == failed),
        "unpaid_usd_bn": {n: amount for n, amount in unpaid.items() if amount > 1e-9},
        "second_usd_bn": sum(amount for n, amount in unpaid.items() if n != failed and amount > 1e-9),
        "lost_receipts_usd_bn": {
            n: amount
            for n, amount in ((n, a - _received(after)[n]) for n, a in _received(before).items())
            if amount > 1e-9
        },
        "marked_usd_bn": marks,
        "marked_all_usd_bn": sum(marks.values()),
        "gap_usd_bn": made - received,
        "sweeps": after.sweeps,
    }


def _received(cleared: Cleared) -> dict[str, float]:
    out: dict[str, float] = {}
    for (_, payee), amount in cleared.payments.items():
        out[payee] = out.get(payee, 0.0) + amount
    return out


def _marks(failed: str) -> dict[str, float]:
    """Stakes at market (at cost where no value is known), and the margin of its contracts that nobody replaces."""
    registry = subject().model.registry
    kept = registry["contract_margin"].default * (1.0 - registry["contract_replaced"].default)
    value, parts = MARKET.get(failed, (0.0, {}))
    out = {holder: value * part for holder, part in parts.items()}
    for edge in edges():
        giver, taker, amount = _name(edge.giver), _name(edge.taker), edge.amount_usd_bn or 0.0
        if taker == failed and edge.claim == "equity" and edge.status == "funded" and giver not in parts:
            out[giver] = out.get(giver, 0.0) + amount
        if giver == failed and edge.claim == "commitment" and edge.status == "committed":
            out[taker] = out.get(taker, 0.0) + amount * kept
    return {holder: amount for holder, amount in out.items() if amount > 0.0}


def largest(count: int = 10) -> list[dict[str, Any]]:
    """The largest nodes by what they owe a year and what was put into them: direct, cleared and marked loss of each
    failure.
    """
    put_in: dict[str, float] = {}
    for edge in edges():
        if edge.claim in ("debt", "equity") and edge.status == "funded":
            put_in[_name(edge.taker)] = put_in.get(_name(edge.taker), 0.0) + (edge.amount_usd_bn or 0.0)
    size = dict(put_in)
    for (payer, _), due in dues().items():
        size[payer] = size.get(payer, 0.0) + due
    nodes = sorted(size, key=lambda n: -size[n])[:count]
    rows: list[dict[str, Any]] = []
    for node in nodes:
        found = cascade(node)
        rows.append({"node": node, "direct_usd_bn": put_in.get(node, 0.0), **found})
    return rows

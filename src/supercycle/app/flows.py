"""Flow diagrams: from the grid to the token, from payer to payee, from a loss to its final holder.

Widths are means over paths, because means add up: what comes into a node goes out of it. The first is in gigawatts
at the facility's meter; the second in USD bn of the quarter, every payment of the books between two sectors; the third
in USD bn written off so far.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.core.errors import InputError
from supercycle.service.payments import payments
from supercycle.service.scenarios import Run
from supercycle.service.the_world import subject

__all__ = ["LOSSES", "flow_outputs", "grid_to_token", "losses", "money"]

ROUTES = {
    "grid_due": "grid",
    "gas_due": "gas on site",
    "engines_due": "engines, fuel cells",
    "nuclear_due": "nuclear",
    "renewables_due": "renewables",
}
USES = {
    "inference_mh100e": "for customers",
    "training_mh100e": "labs' training",
    "captive_mh100e": "owners' own use",
}
WRITTEN_OFF = {
    "firm_bond_loss_usd_bn_all": ("the five", "bonds and notes"),
    "firm_revolver_loss_usd_bn_all": ("the five", "bank loans"),
    "neocloud_bond_loss_usd_bn": ("neoclouds", "bonds and notes"),
    "neocloud_pc_loss_usd_bn": ("neoclouds", "private loans"),
    "neocloud_vendor_loss_usd_bn": ("neoclouds", "vendor credit"),
    "spv_note_loss_usd_bn": ("vehicles", "bonds and notes"),
    "spv_abs_loss_usd_bn": ("vehicles", "ABS and CMBS"),
    "spv_pc_loss_usd_bn": ("vehicles", "private loans"),
    "spv_bank_loss_usd_bn": ("vehicles", "bank loans"),
    "lab_equity_loss_usd_bn": ("labs", "shares of labs"),
}
HELD = {
    "insurer_pension_loss_usd_bn": ("bonds and notes", "insurers and pensions"),
    "foreign_loss_usd_bn": ("bonds and notes", "holders abroad"),
    "fund_loss_usd_bn": ("bonds and notes", "funds and others"),
    "pc_loss_usd_bn": ("private loans", "private credit funds"),
    "abs_loss_usd_bn": ("ABS and CMBS", "ABS holders"),
    "vendor_loss_usd_bn": ("vendor credit", "chip vendors"),
    "equity_loss_usd_bn": ("shares of labs", "equity investors"),
}
SHARES = {  # a level, not a sum: the fall of share values from their peak
    **{
        f"wealth_lost_by_firm_usd_bn:{firm}": (f"shares of {firm}", "AI shares")
        for firm in (
            "Microsoft",
            "Alphabet",
            "Amazon",
            "Meta",
            "Oracle",
            "chip makers",
            "neoclouds",
            "others",
        )
    },
    "owner_lost_usd_bn:households": ("AI shares", "households"),
    "owner_lost_usd_bn:funds and pensions": ("AI shares", "share funds and pensions"),
    "owner_lost_usd_bn:abroad": ("AI shares", "shareholders abroad"),
    "insiders_lost_usd_bn": ("AI shares", "founders and insiders"),
}
LOSSES = (*WRITTEN_OFF, *HELD, *SHARES, "bank_loss_usd_bn", "wealth_lost_usd_bn")
PHYSICAL = (*ROUTES, *USES, "connected_facility_gw", "fleet_facility_gw", "fleet_it_gw", "utilisation")
SMALLEST = 0.005  # of the largest link; thinner ones are gathered under "other"


def flow_outputs() -> tuple[str, ...]:
    """Every output the two diagrams read."""
    return (*PHYSICAL, *payments())


def grid_to_token(run: Run, quarter: str) -> dict[str, Any]:
    """Connected power by how it came, what it feeds, and what the compute is used for, GW at the meter."""
    at = _place(run, quarter)

    def mean(key: str, until: bool = False) -> float:
        values = run.value(key)[:, run.ok].mean(axis=1)
        return float(values[: at + 1].sum() if until else values[at])

    connected, fleet, it = mean("connected_facility_gw"), mean("fleet_facility_gw"), mean("fleet_it_gw")
    before = float(run.value("connected_facility_gw")[0, run.ok].mean())
    routes = {label: mean(key, until=True) for key, label in ROUTES.items()}
    came = sum(routes.values())
    new = max(connected - before, 0.0)
    links = [_link("connected by mid-2026", "connected power", connected - new)]
    links += [
        _link(label, "connected power", new * due / came) for label, due in routes.items() if came > 0.0
    ]
    links += [
        _link("connected power", "energised AI sites", fleet),
        _link("connected power", "waiting for chips", max(connected - fleet, 0.0)),
        _link("energised AI sites", "chips and servers", it),
        _link("energised AI sites", "cooling and losses", fleet - it),
    ]
    used = mean("utilisation")
    uses = {label: mean(key) for key, label in USES.items()}
    links.append(_link("chips and servers", "idle", it * (1.0 - used)))
    links += [
        _link("chips and servers", label, it * used * part / sum(uses.values()))
        for label, part in uses.items()
    ]
    return {
        "unit": "GW_facility",
        "quarter": run.quarters[at],
        "outputs": list(PHYSICAL),
        "links": [one for one in links if one["value"] > 0.0],
    }


def money(run: Run, quarter: str) -> dict[str, Any]:
    """Who pays whom in the quarter, from the postings of the books."""
    at = _place(run, quarter)
    paid: dict[tuple[str, str], float] = {}
    for flow, (payer, payee) in payments().items():
        value = sum(
            float(run.value(key)[at, run.ok].mean())
            for key in subject().plan.keys(flow.partition(":")[0])
            if key == flow
        )
        pair = (payer, payee) if value >= 0.0 else (payee, payer)
        paid[pair] = paid.get(pair, 0.0) + abs(value)
    most = max(paid.values(), default=0.0)
    links = [
        _link(payer, f"to {payee}", value)
        for (payer, payee), value in paid.items()
        if value > SMALLEST * most
    ]
    return {
        "unit": "USD_bn/q",
        "quarter": run.quarters[at],
        "outputs": list(dict.fromkeys(flow.partition(":")[0] for flow in payments())),
        "links": sorted(links, key=lambda one: -one["value"]),
    }


def losses(run: Run, quarter: str) -> dict[str, Any]:
    """Losses up to a quarter: from who could not pay, or whose shares fell, to who holds it in the end.

    Share wealth is the fall of AI shares from their peak at its deepest quarter so far of each path, so that a later
    recovery does not hide it; written-off claims are added up.

    Bonds and notes are held by banks, insurers and pensions, abroad, and by funds, in the shares of the corporate bond
    market; the other claims have one kind of holder.
    """
    at = _place(run, quarter)
    deepest = run.value("wealth_lost_usd_bn")[: at + 1, run.ok].argmax(axis=0)
    column = np.arange(len(deepest))

    def lost(key: str) -> float:
        return float(run.value(key)[: at + 1, run.ok].mean(axis=1).sum())

    links = [_link(who, what, lost(key)) for key, (who, what) in WRITTEN_OFF.items()]
    direct = lost("firm_revolver_loss_usd_bn_all") + lost("spv_bank_loss_usd_bn")
    links.append(_link("bonds and notes", "banks", max(lost("bank_loss_usd_bn") - direct, 0.0)))
    links += [_link(what, who, lost(key)) for key, (what, who) in HELD.items()]
    links.append(_link("bank loans", "banks", direct))
    links += [
        _link(one, other, float(run.value(key)[:, run.ok][deepest, column].mean()))
        for key, (one, other) in SHARES.items()
    ]
    return {
        "unit": "USD_bn",
        "quarter": run.quarters[at],
        "outputs": list(LOSSES),
        "links": [one for one in links if one["value"] > 0.0],
    }


def _place(run: Run, quarter: str) -> int:
    if quarter not in run.quarters:
        raise InputError("quarter", expected=f"{run.quarters[0]} to {run.quarters[-1]}", got=quarter)
    return run.quarters.index(quarter)


def _link(source: str, target: str, value: float) -> dict[str, Any]:
    return {"source": source, "target": target, "value": float(np.float32(value))}

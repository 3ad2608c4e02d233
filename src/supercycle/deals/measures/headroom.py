"""How far a run is from what its file provides for: a forced sale, calls on guarantors, failures, limits.

A term that plays no part on a path moves one of these numbers, or is named in ``not_binding`` with the reason.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_cdf, normal_quantile
from supercycle.deals.document.schema import Party
from supercycle.deals.engine.sizing import contract_base, cost_base
from supercycle.deals.engine.swaps import SwapPlan
from supercycle.deals.engine.waterfall import CODE
from supercycle.deals.measures.owners import divide
from supercycle.deals.run import Run

__all__ = ["headroom", "not_binding"]

Floats = NDArray[np.float64]
NOTHING = 1e-9
LOW_FACTOR = 0.05  # the asset's factor at its 5th percentile


def headroom(run: Run) -> dict[str, Any]:
    """By payment date what a sale of everything would leave of the debt, and what each guarantee would pay then."""
    ready = run.prepared
    deal, periods, cash, values = ready.deal, ready.periods, ready.cash, ready.values
    debt = sum(run[f"{f.name}.balance"][:, 0] for f in deal.facilities if not f.preferred)
    cost = deal.enforcement.cost if deal.enforcement else 0.0
    value = _first(cash.value)
    proceeds = value * (1 - cost)
    calls: dict[str, list[float]] = {}
    for one in deal.guarantees:
        cap = _first(one.cap.on_dates(periods, values))
        open_ = np.array([float(e <= one.until) for e in periods.ends]) * one.received_share
        if one.kind == "residual_value" and one.threshold is not None:
            asset = next(a for a in deal.assets if a.name == one.asset)
            gap = np.maximum(
                _first(one.threshold.on_dates(periods, values))
                - _first(asset.value.on_dates(periods, values)),
                0,
            )
            calls[one.name] = (np.minimum(gap, cap) * open_).tolist()
        else:
            calls[one.name] = (cap * open_).tolist()
    return {
        "value": value.tolist(),
        "sale_proceeds": proceeds.tolist(),
        "sale_less_debt": (proceeds - np.asarray(debt)).tolist(),
        "guarantees_if_called": calls,
        "borrowing_bases": {
            p.facility.name: {
                "contracts": _first(contract_base(deal, p.facility, periods, cash, values)).tolist(),
                "cost": _first(cost_base(deal, p.facility, periods, cash, values)).tolist(),
            }
            for p in ready.plans if p.facility.amortisation.type == "borrowing_base"
        },
        "contracts": {
            c.name: {"starts": str(c.start), "initial_term_ends": str(c.end(0)), "last_end": str(c.end(c.options))}
            for c in deal.contracts
        },
        "parties": {p.name: _party(p, run) for p in deal.parties},
        "swaps": {
            s.swap.name: {
                "fixed_rate": s.fixed, "worth": run[f"{s.swap.name}.worth"][:, 0].tolist(),
                "notional": run[f"{s.swap.name}.notional"][:, 0].tolist(),
                "share_of_debt": _share_of_debt(s, run),
            }
            for s in ready.swaps
        },
        "owners_support": _support(run),
    }  # fmt: skip


def _first(rows: Floats) -> Floats:
    return rows if rows.ndim == 1 else rows[:, 0]


def _share_of_debt(plan: SwapPlan, run: Run) -> list[float | None]:
    """The notional of each period over what the facility owed as it began; above 1 the debt is hedged too much."""
    balance = run[f"{plan.swap.of}.balance"][:, 0]
    before = np.concatenate([[0.0], balance[:-1]]) + run[f"{plan.swap.of}.drawn"][:, 0]
    notional = run[f"{plan.swap.name}.notional"][:, 0]
    return [float(n / b) if b > NOTHING else None for n, b in zip(notional, before, strict=True)]


def _support(run: Run) -> list[float] | None:
    """What owners may add in all, by payment date."""
    rule, ends = run.prepared.deal.support, run.prepared.periods.ends
    if rule is None:
        return None
    return [rule.cap.at(e) * float(rule.until is None or e <= rule.until) for e in ends]


def _party(party: Party, run: Run) -> dict[str, Any]:
    """How likely a party fails by the end: in all, and where its asset's factor is at its 5th percentile."""
    periods, values = run.prepared.periods, run.prepared.values
    level = _first(party.default_probability.mean(periods, values))
    fails = -float(np.expm1((np.log1p(-level) * periods.years).sum()))
    where_low = fails
    if party.correlation and 0 < fails < 1:
        barrier, low = normal_quantile(np.array([fails, LOW_FACTOR]))
        where_low = float(normal_cdf((barrier - party.correlation * low) / np.sqrt(1 - party.correlation**2)))
    return {
        "fails_by_the_end": fails, "fails_where_its_asset_is_low": where_low,
        "expected_share_paid_at_the_end": 1 - fails * (1 - party.recovery_share),
    }  # fmt: skip


def not_binding(run: Run) -> dict[str, str]:
    """Terms of the file that play no part on this path, each with the reason."""
    ready, found = run.prepared, dict[str, str]()
    deal, periods, values = ready.deal, ready.periods, ready.values
    for contract in deal.contracts:
        if contract.kind == "compute":
            used = contract.used_share.mean(periods, values)
            least = contract.take_or_pay_share.mean(periods, values)
            if (np.asarray(used) <= np.asarray(least)).all():
                found[f"contracts.{contract.name}.used_share"] = "at or below take_or_pay_share on every date"
            elif (np.asarray(least) <= np.asarray(used)).all():
                found[f"contracts.{contract.name}.take_or_pay_share"] = "at or below used_share on every date"
    worst = float(run["state"].max())
    if deal.enforcement and worst < CODE["default"]:
        found["enforcement.on_default"] = found["enforcement.grace"] = "there is no default on this path"
        found["enforcement.cost"] = "nothing is sold on this path; see headroom"
    for plan in ready.plans:
        name = f"facilities.{plan.facility.name}"
        if plan.facility.late_rate and not run[f"{plan.facility.name}.unpaid"].any():
            found[f"{name}.late_rate"] = "nothing is late on this path"
        floating = plan.facility.rate.floating
        if floating is not None and floating.base is not None:
            free = floating.base_rate(periods, values, "")
            if floating.floor is not None and (np.asarray(free) > floating.floor).all():
                found[f"{name}.rate.floor"] = "the base stays above it"
            if floating.cap is not None and (_first(plan.rate) < floating.cap).all():
                found[f"{name}.rate.cap"] = "the rate stays below it"
        if plan.sizing is not None:
            for limit in plan.sizing.limits:
                if limit != plan.sizing.binding:
                    found[f"{name}.amortisation.{limit}"] = f"{plan.sizing.binding} binds; see sizing"
    for plan in ready.swaps:
        facility = next(f for f in deal.facilities if f.name == plan.swap.of)
        floating = facility.rate.floating
        if plan.swap.floored and floating is not None and floating.floor is not None:
            free = dataclasses.replace(floating, floor=None).base_rate(periods, values, "")
            if (np.asarray(free) > floating.floor).all():
                found[f"swaps.{plan.swap.name}.floored"] = "the base stays above the floor"
    if deal.support is not None and deal.support.costs and not run["opex_unpaid"].any():
        found["support.costs"] = (
            "running costs are paid from cash, or by owners, on every date; see owners_support"
        )
    found |= _owners_not_binding(run)
    for test in deal.tests:
        if not run[f"test.{test.name}"].size or np.isnan(run[f"test.{test.name}"]).all():
            found[f"tests.{test.name}"] = "it is measured on no date"
    return found


def _owners_not_binding(run: Run) -> dict[str, str]:
    """Terms among owners that play no part: shares after a flip that does not come, losses that are not carried."""
    deal, found = run.prepared.deal, dict[str, str]()
    if deal.tax_equity is None and deal.tax is None:
        return found
    own = divide(run)
    if own.flipped is not None and own.flipped[0] >= run.prepared.periods.count - 1:
        found["tax_equity.cash_share_after"] = found["tax_equity.tax_share_after"] = (
            "shares do not flip on this path"
        )
    if (
        deal.tax is not None
        and deal.tax.losses == "carried"
        and own.tax is not None
        and not own.tax.carried.any()
    ):
        found["tax.carried_share"] = found["tax.losses"] = "no loss is carried on this path"
    return found

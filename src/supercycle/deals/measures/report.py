"""A run as one plain mapping: sources and uses, tranches by year, coverage, returns, the lessee's books."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.core.returns import duration, irr, moic, wal
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.schema import Test
from supercycle.deals.engine.level import level_yardstick
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.measures.covers import covers
from supercycle.deals.measures.distribution import in_force
from supercycle.deals.measures.headroom import headroom, not_binding
from supercycle.deals.measures.holders import by_holder
from supercycle.deals.measures.lessee_side import lease_of, lessee_side
from supercycle.deals.measures.leverage import leverage
from supercycle.deals.measures.owners import owners_told
from supercycle.deals.measures.roic import returns_on_capital
from supercycle.deals.measures.stress_table import stress_table
from supercycle.deals.measures.tables import by_accrual, by_cash, sources_and_uses
from supercycle.deals.run import Run

__all__ = ["result", "sizes", "warnings_of"]

Floats = NDArray[np.float64]
LENT_ABOVE_COST = 1.25  # judgement: interest and fees while building seldom add more than a quarter to cost


def result(run: Run, *, prices: tuple[float, ...] = (100.0,)) -> dict[str, Any]:
    """The result of a run on one path (schema supercycle.deal-result/2); nan becomes None."""
    if run.paths != 1:
        raise InputError("a result table is of one path", expected=1, got=run.paths)
    deal, periods = run.prepared.deal, run.prepared.periods
    sides = run.books.sides
    totals = {name: float(run[name].sum()) for name, side in sides.items() if side in ("source", "use")}
    closing = {name: float(run[name][-1, 0]) for name, side in sides.items() if side == "cash"}
    state: list[int] = [int(code) for code in run["state"][:, 0]]
    events = [
        {"date": str(periods.ends[t]), "state": STATES[state[t]]}
        for t in range(periods.count)
        if t == 0 or state[t] != state[t - 1]
    ]
    sources = {n: v for n, v in totals.items() if sides[n] == "source" and v}
    uses = {n: v for n, v in totals.items() if sides[n] == "use" and v}
    uses |= {f"left in {n}": v for n, v in closing.items() if abs(v) > 1e-12}
    return {
        "schema": "supercycle.deal-result/2",
        "name": deal.name,
        "title": deal.title,
        "money": deal.money,
        "rests_on": deal.rests_on,
        "notes": list(deal.notes),
        "warnings": warnings_of(run),
        "headroom": headroom(run),
        "not_binding": not_binding(run),
        "periods": [str(e) for e in periods.ends],
        "sources": sources,
        "uses": uses,
        "total_sources": sum(sources.values()),
        "total_uses": sum(uses.values()),
        "construction": sources_and_uses(run),
        "books_residual": run.residual,
        "events": events,
        "end_state": STATES[state[-1]],
        "tranches": {f.name: _tranche(run, f.name, prices) for f in deal.facilities},
        "equity": _equity(run),
        "tests": {
            t.name: {
                "measure": t.measure,
                "trap": t.trap or None,
                "default": t.default or None,
                **_listed(t),
                "values": _plain(np.where(in_force(run, t), run[f"test.{t.name}"][:, 0], np.nan)),
            }
            for t in deal.tests
        },
        "covers": covers(run),
        "years": by_cash(run),
        "years_earned": by_accrual(run),
        "guarantees": _guarantees(run),
        "stress_table": stress_table(run),
        "lessee": _lessee(run) if deal.accounting else None,
        "sizing": sizes(run),
        "level_payment": {p.facility.name: level_yardstick(deal, periods, p) for p in run.prepared.plans},
        "holders": by_holder(run),
        "series": _series(run),
    }


def _listed(test: Test) -> dict[str, Any]:
    """Levels that conditions choose, each with its conditions; the plain level counts where none holds."""
    return {
        f"{name}_levels": [{"level": c.number.value, "when": list(c.texts)} for c in level.number.cases]
        for name, level in (("trap", test.trap), ("default", test.default))
        if isinstance(level, Stated)
    }


def warnings_of(run: Run) -> list[str]:
    """What the run shows that the file may not mean: more lent than everything costs, costs that stay unpaid."""
    found, deal = list[str](), run.prepared.deal
    cost = float(np.median(run["spend"].sum(axis=0)))
    lent = 0.0
    for plan in run.prepared.plans:
        rule = plan.facility.amortisation
        if not plan.facility.preferred and not plan.facility.on_demand:
            lent += plan.amount
        if rule.sized and not rule.gearing and not rule.ltv and cost > 0 and plan.amount > cost:
            found.append(
                f"{plan.facility.name} lends {plan.amount:,.1f} on assets that cost {cost:,.1f}: its cover alone "
                "bounds it; give it an amount, gearing or ltv"
            )
    if cost > 0 and lent > cost * LENT_ABOVE_COST and not found:
        found.append(f"all debt together lends {lent:,.1f} on assets that cost {cost:,.1f}")
    owed = float(run["opex_unpaid"][-1].max())
    if owed > 1e-9 * max(cost, 1.0):
        found.append(f"running costs of {owed:,.1f} are still unpaid at the end")
    if not deal.assets and any(f.amortisation.ltv for f in deal.facilities):
        found.append("ltv is measured on assets, and the deal has none")
    return found


def sizes(run: Run) -> dict[str, Any]:
    """Each facility's commitment, its planned service and, for a sculpted debt, the limits and which binds."""
    found: dict[str, Any] = {}
    for plan in run.prepared.plans:
        one = plan.schedule if plan.schedule.ndim == 1 else plan.schedule[:, 0]
        service = plan.service if plan.service.ndim == 1 else plan.service[:, 0]
        paying = service[(one < np.roll(one, 1)) & (np.arange(len(one)) > 0)]
        found[plan.facility.name] = {
            "amount": plan.amount,
            "limits": plan.sizing.limits if plan.sizing else None,
            "binding": plan.sizing.binding if plan.sizing else None,
            "residual": plan.sizing.residual if plan.sizing else None,
            "funding": {
                "uses": plan.funded.uses,
                "interest": plan.funded.interest,
                "residual": plan.funded.residual,
            }
            if plan.funded
            else None,
            "take_out_limits": {k: float(np.ravel(v)[0]) for k, v in plan.limits.items()} or None,
            "largest_service": float(service.max()),
            "smallest_service_while_repaying": float(paying.min()) if len(paying) else None,
            "due_at_maturity": float(service[plan.maturity]),
        }
    return found


def _series(run: Run) -> dict[str, list[float | None]]:
    """Every recorded series of the path, period by period."""
    return {name: _plain(run[name][:, 0]) for name in run.books.sides}


def _tranche(run: Run, name: str, prices: tuple[float, ...]) -> dict[str, Any]:
    flows, _ = run.flows(name)
    own = next(p for p in run.prepared.plans if p.facility.name == name)
    found = run.rate_of_return(name)
    principal = run[f"{name}.principal"]
    received = run[f"{name}.interest"] + principal
    drawn = float(run[f"{name}.drawn"].sum())
    ends = run.prepared.periods.times
    paid, when = run.drawn_on(own)
    times = np.concatenate([when, ends])
    yields: dict[str, Any] = {}
    for price in prices:
        # Each draw is bought at the price when it is made; the street quotes twice a year.
        bond = irr(np.concatenate([-price / 100 * paid, received]), times)
        street = 2 * (np.sqrt(1 + bond.rate[0]) - 1)
        yields[f"{price:g}"] = {"yield": _number(street), "status": bond.words()[0]}
    par = yields.get("100", {}).get("yield")
    # Duration is the bond's from closing on, so it has a meaning when all is drawn then.
    unknown = np.array([np.nan])
    life = (unknown, unknown)
    if par is not None and paid.sum() == paid[when == 0].sum():
        life = duration(received, par, ends)
    return {
        "drawn": drawn,
        "interest": float(run[f"{name}.interest"].sum()),
        "principal": float(principal.sum()),
        "balance": _plain(run[f"{name}.balance"][:, 0]),
        "service": _plain(received[:, 0]),
        "unpaid_at_end": float(run[f"{name}.balance"][-1, 0]),
        "loss_share": float(run.loss(name)[0]),
        "irr": _number(found.rate[0]),
        "irr_status": found.words()[0],
        "irr_roots": _plain(found.roots[0]),
        "moic": _number(moic(flows)[0]),
        "wal_years": _number(wal(principal, ends)[0]),
        "yield_at_price": yields,
        "macaulay_years": _number(life[0][0]),
        "modified_duration": _number(life[1][0]),
    }  # fmt: skip


def _equity(run: Run) -> dict[str, Any]:
    found, (flows, _) = run.rate_of_return("equity"), run.flows("equity")
    told = owners_told(run)
    into, out = float(run["equity_in"].sum()), float(run["equity_out"].sum())
    return {
        "contributed": into,
        "distributed": out,
        "irr": _number(found.rate[0]),
        "irr_status": found.words()[0],
        "irr_roots": _plain(found.roots[0]),
        "moic": _number(moic(flows)[0]),
        **told,
    }


def _guarantees(run: Run) -> list[dict[str, Any]]:
    """What each guarantee leaves open: the debt outstanding when it ends."""
    ends, found = run.prepared.periods.ends, list[dict[str, Any]]()
    debt = sum(run[f"{f.name}.balance"][:, 0] for f in run.prepared.deal.facilities)
    drawn = sum(float(run[f"{f.name}.drawn"].sum()) for f in run.prepared.deal.facilities)
    for guarantee in run.prepared.deal.guarantees:
        at = max((t for t, e in enumerate(ends) if e <= guarantee.until), default=None)
        left = float(np.asarray(debt)[at]) if at is not None else None
        caps = guarantee.cap.on_dates(run.prepared.periods, run.prepared.values)
        cap = float(np.ravel(caps[at])[0]) if at is not None else None
        found.append({
            "name": guarantee.name, "giver": guarantee.giver, "until": str(guarantee.until),
            "cap": guarantee.cap.value if guarantee.cap.fixed else None, "cap_when_it_ends": cap,
            "debt_when_it_ends": left, "share_of_debt": left / drawn if left is not None and drawn else None,
            "paid": float(run[f"guarantee.{guarantee.name}"].sum()),
        })  # fmt: skip
    return found


def _lessee(run: Run) -> dict[str, Any]:
    """The lessee's books, what each reading adds to its debt, and its return on capital in three views."""
    deal = run.prepared.deal
    lease = lease_of(deal)
    if lease.contract.kind != "lease" or lease.contract.rent.by_path:
        return {"status": "no fixed payments: the contract sells compute or its rent follows the world"}
    counted = {
        name: leverage(run, with_guarantee=with_guarantee)
        for name, with_guarantee in (("without_guarantee", False), ("with_guarantee", True))
    }
    return {"status": "ok", **lessee_side(deal), "leverage": counted, "roic": returns_on_capital(deal)}


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _plain(values: Floats) -> list[float | None]:
    return [_number(v) for v in values]

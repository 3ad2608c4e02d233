"""What many paths of a deal look like: losses by tranche, cover, renewals, calls on guarantors and their failures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.schema import Test
from supercycle.deals.measures.holders import by_holder, lender_loss, owners_loss
from supercycle.deals.run import Run

__all__ = ["LEVELS", "distribution", "in_force", "lowest_cover", "total_loss"]

Floats = NDArray[np.float64]
LEVELS = (0.05, 0.25, 0.50, 0.75, 0.95, 0.99)
TAIL = 0.95  # expected shortfall is the mean of the worst paths beyond this level
BINS = 12
SOME = 1e-9  # of what was lent: less is rounding, not a loss


def distribution(run: Run) -> dict[str, Any]:
    """Losses, cover, renewals, calls and failures over the run's paths; shares are of paths.

    Losses are shares of what was lent. ``shortfall`` is the mean loss of the worst 5 % of paths.
    """
    deal = run.prepared.deal
    return {
        "paths": run.paths,
        "states": run.state_counts(),
        "tranches": {f.name: _losses(run, f.name) for f in deal.facilities},
        "equity": {
            "share_of_paths_with_loss": float(
                (owners_loss(run) > SOME * run["equity_in"].sum(axis=0)).mean()
            ),
            **_spread(run["equity_out"].sum(axis=0) - run["equity_in"].sum(axis=0), "gain"),
        },
        "holders": by_holder(run),
        "tests": {t.name: _cover(run[f"test.{t.name}"][in_force(run, t)], t.measure) for t in deal.tests},
        "renewals": _renewals(run),
        "asset_values": _values(run),
        "guarantees": _guarantees(run),
    }


def in_force(run: Run, test: Test) -> NDArray[np.bool_]:
    """The payment dates on which a test is taken [period]: from its first to its last date."""
    ends = run.prepared.periods.ends
    return np.array([
        (test.from_ is None or e >= test.from_) and (test.until is None or e <= test.until) for e in ends
    ])  # fmt: skip


def total_loss(run: Run) -> Floats:
    """What all lenders together lose, by path [path], in money; preferred equity is no lender."""
    lenders = [f.name for f in run.prepared.deal.facilities if not f.preferred]
    return sum((lender_loss(run, name) for name in lenders), np.zeros(run.paths))


def lowest_cover(run: Run) -> Floats:
    """CFADS over senior service, summed over the life, by path [path]; nan where nothing was due.

    The sum over the life is used because the least single period is often the first of operations on every path.
    """
    due = run["service"].sum(axis=0)
    return np.divide(run["cfads"].sum(axis=0), due, out=np.full(run.paths, np.nan), where=due > 0)


def _values(run: Run) -> dict[str, float]:
    """What the assets are worth halfway through the calendar, over the paths on which none was sold."""
    value = run.prepared.cash.value
    middle = value[len(value) // 2]
    kept = np.atleast_1d(middle)[np.atleast_1d(middle) > 0]
    return _spread(kept, "value") if kept.size else {}


def _losses(run: Run, name: str) -> dict[str, Any]:
    share, late = run.loss(name), run[f"{name}.unpaid"]
    lent = (run[f"{name}.drawn"] + run[f"{name}.added"]).sum(axis=0)
    ordered = np.sort(share)
    worst = ordered[int(np.floor(TAIL * run.paths)) :]
    top = max(float(ordered[-1]), SOME)
    counts, edges = np.histogram(share[share > SOME], bins=BINS, range=(0.0, top))
    return {
        "share_of_paths_with_loss": float((share > SOME).mean()),
        "share_of_paths_late": float((late > SOME * np.maximum(lent, 1e-300)).any(axis=0).mean()),
        **_spread(share, "loss"),
        "loss_shortfall": float(worst.mean()),
        "loss_largest": float(ordered[-1]),
        "money_mean": float(lender_loss(run, name).mean()),
        "histogram": {
            "edges": [float(e) for e in edges],
            "share_of_paths": [float(c) / run.paths for c in counts],
            "without_loss": float((share <= SOME).mean()),
        },
    }


def _spread(values: Floats, word: str) -> dict[str, float]:
    found = {f"{word}_mean": float(values.mean())}
    levels: Floats = np.quantile(values, LEVELS)
    return found | {
        f"{word}_q{round(100 * level):02d}": float(q) for level, q in zip(LEVELS, levels, strict=True)
    }


def _cover(measured: Floats, measure: str) -> dict[str, Any]:
    """The worst level of each path, over the dates on which it could be measured."""
    some = np.isfinite(measured).any(axis=0)
    if not some.any():
        return {"measure": measure, "measured_on": 0.0}
    kept = measured[:, some]
    worst = np.nanmax(kept, axis=0) if measure == "ltv" else np.nanmin(kept, axis=0)
    return {"measure": measure, "measured_on": float(some.mean()), **_spread(worst, "worst")}


def _renewals(run: Run) -> dict[str, Any]:
    """For each lease with options, the share of paths by number of options exercised, read off its lapse."""
    found: dict[str, Any] = {}
    exercised = run.prepared.cash.renewed
    for contract in run.prepared.deal.contracts:
        if not contract.options or contract.name not in exercised:
            continue
        count = np.broadcast_to(np.asarray(exercised[contract.name], np.float64), (run.paths,))
        found[contract.name] = {
            "options": contract.options,
            "share_of_paths": [float((count == k).mean()) for k in range(contract.options + 1)],
            "mean_exercised": float(count.mean()),
        }
    return found


def _guarantees(run: Run) -> dict[str, Any]:
    """How often each guarantee is called and paid, what it pays, and whether its giver fails with the asset."""
    found: dict[str, Any] = {}
    alive = run.prepared.cash.alive
    for guarantee in run.prepared.deal.guarantees:
        paid = run[f"guarantee.{guarantee.name}"].sum(axis=0)
        hit = paid > 0
        one: dict[str, Any] = {
            "giver": guarantee.giver,
            "share_of_paths_paid": float(hit.mean()),
            "paid_mean": float(paid.mean()),
            "paid_when_paid": float(paid[hit].mean()) if hit.any() else None,
            "paid_largest": float(paid.max()),
        }
        if guarantee.giver in alive:
            failed: NDArray[np.bool_] = np.asarray((alive[guarantee.giver] < 1).any(axis=0))
            ended: NDArray[np.bool_] = np.asarray(
                run["sale"].sum(axis=0) > 0
            )  # lenders sell, so that a call is open
            one["share_of_paths_giver_fails"] = float(failed.mean())
            one["giver_fails_when_called"] = float(failed[ended].mean()) if ended.any() else None
        found[guarantee.name] = one
    return found

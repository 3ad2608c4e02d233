"""Who holds a tranche, and what holders lose: by tranche, by kind of holder, and the owners."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.schema import Facility
from supercycle.deals.run import Run

__all__ = ["by_holder", "holder_of", "lender_loss", "owners_loss"]

Floats = NDArray[np.float64]
# Who usually holds a kind of debt, where the facility names nobody.
USUAL = {
    "term": "bond_investors", "abs_note": "bond_investors", "cmbs": "bond_investors",
    "delayed_draw": "private_credit", "preferred_equity": "equity_holders",
    "revolver": "banks", "refinancing": "bond_investors", "variable_funding_note": "banks", "vendor_loan": "vendors",
}  # fmt: skip


def holder_of(facility: Facility) -> str:
    """The sector that holds a facility: as written, else the usual one for its kind."""
    return facility.holder or USUAL[facility.kind]


def lender_loss(run: Run, name: str) -> Floats:
    """Money lent and not repaid at the end, by path [path]; late payment is no loss.

    loss = balance at the end = drawn + interest added - principal received.
    """
    return run[f"{name}.balance"][-1]


def owners_loss(run: Run) -> Floats:
    """Money the owners put in and did not get back, by path [path]: max(in - out, 0)."""
    return np.maximum(run["equity_in"].sum(axis=0) - run["equity_out"].sum(axis=0), 0.0)


def by_holder(run: Run) -> dict[str, dict[str, Any]]:
    """Mean loss of each holder over the run's paths, in money and as a share of what it put in.

    The owners are one holder, ``equity``; a facility's holder is ``holder_of``.
    """
    found: dict[str, dict[str, Any]] = {}
    for facility in run.prepared.deal.facilities:
        name = facility.name
        lent = float((run[f"{name}.drawn"] + run[f"{name}.added"]).sum(axis=0).mean())
        one = found.setdefault(holder_of(facility), {"tranches": [], "put_in": 0.0, "loss": 0.0})
        one["tranches"].append(name)
        one["put_in"] += lent
        one["loss"] += float(lender_loss(run, name).mean())
    put = float(run["equity_in"].sum(axis=0).mean())
    owners = {"tranches": ["equity"], "put_in": put, "loss": float(owners_loss(run).mean())}
    if "equity_holders" in found:
        one = found["equity_holders"]
        owners = {
            "tranches": [*one["tranches"], "equity"],
            "put_in": one["put_in"] + put,
            "loss": one["loss"] + owners["loss"],
        }
    found["equity_holders"] = owners
    return {
        name: {**one, "share": one["loss"] / one["put_in"] if one["put_in"] > 0 else None}
        for name, one in found.items()
    }

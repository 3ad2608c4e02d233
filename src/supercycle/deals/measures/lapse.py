"""A lease that is not renewed: for each date at which it may end, what is sold, who pays and who loses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Contract, Deal
from supercycle.deals.measures.holders import by_holder
from supercycle.deals.run import run

__all__ = ["non_renewal", "with_renewals", "without_guarantees"]


def non_renewal(deal: Deal, values: dict[str, ArrayLike] | None = None) -> list[dict[str, Any]]:
    """Every lease with options that lets an asset, ended after each number of options short of all.

    ``values`` are of one path. Each case is the deal run again with only that changed, once as written and once with
    guarantors that pay nothing. Without a block ``enforcement`` nothing is sold, and there are no cases.
    """
    if deal.enforcement is None:
        return []
    cases: list[dict[str, Any]] = []
    for lease in deal.contracts:
        if not (lease.options and lease.asset) or lease.relet is not None:
            continue
        for exercised in range(lease.options):
            changed = with_renewals(deal, lease, exercised)
            cases.append(_case(changed, lease, exercised, values))
    return cases


def with_renewals(deal: Deal, lease: Contract, exercised: int) -> Deal:
    """The deal with a lease of which exactly so many options are exercised."""
    new = dataclasses.replace(lease, renewed=Number("value", float(exercised), where=lease.where))
    return dataclasses.replace(deal, contracts=tuple(new if c is lease else c for c in deal.contracts))


def without_guarantees(deal: Deal) -> Deal:
    """The deal with guarantors that pay nothing."""
    return dataclasses.replace(
        deal, guarantees=tuple(dataclasses.replace(g, cap=Number("value", 0.0)) for g in deal.guarantees)
    )


def _case(deal: Deal, lease: Contract, exercised: int, values: dict[str, ArrayLike] | None) -> dict[str, Any]:
    found = run(deal, values)
    years = lease.years + exercised * lease.option_years
    sale = found["sale"][:, 0]
    # An asset that is worth nothing is sold for nothing on the same date.
    gone = np.asarray(found.prepared.cash.sold[lease.asset])
    gone = (gone if gone.ndim == 1 else gone[:, 0]) > 0
    at = int(np.flatnonzero(gone | (sale > 0))[0]) if (gone | (sale > 0)).any() else None
    worth: float | None = None
    if at is not None:
        own, whole = (np.asarray(x)[at] for x in (found.prepared.cash.released, found.prepared.cash.value))
        worth = float((own if gone[at] else whole).max())
    owed = 0.0
    if at is not None:
        for f in (f for f in deal.facilities if not f.preferred):
            owed += float(found[f"{f.name}.balance"][at, 0] + found[f"{f.name}.principal"][at, 0])
            # What falls due on the date is paid before the sale, out of the last rent.
            owed -= max(float(found[f"{f.name}.due"][at, 0] - found[f"{f.name}.interest"][at, 0]), 0.0)
    told: dict[str, Any] = {
        "contract": lease.name,
        "options_exercised": exercised,
        "years": years,
        "ends": str(lease.end(exercised)),
        "value": worth,
        # On the date itself: what is sold later, or paid for rent in other years, is no part of it.
        "sale": float(sale[at]) if at is not None else 0.0,
        "guarantee": float(found["guarantee"][at, 0]) if at is not None else 0.0,
        "debt_before_sale": owed,
        "holders": by_holder(found),
    }
    if deal.guarantees:
        bare = run(without_guarantees(deal), values)
        told["holders_without_guarantor"] = by_holder(bare)
    return told

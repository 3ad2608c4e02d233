"""How owners divide what the waterfall leaves them: tax equity first, then promote tiers, then shares; and their tax.

A tier is full when capital has earned its rate, compounded on the days on which money moves (ACT/365F):
    owed_k grows at until_irr_k, rises by what capital puts in, falls by what capital receives
    a tier takes min(left, owed_k / (1 - share_k)), of which share_k is promote
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.returns import Irr, irr, moic
from supercycle.deals.document.schema import TaxEquity
from supercycle.deals.measures.tax import TaxResult, owners_tax
from supercycle.deals.run import Run

__all__ = ["Division", "divide", "owners_told"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Division:
    """Flows [flow, path] by owner at ``times`` in years from closing, before and after tax; money in is negative."""

    times: Floats
    before: dict[str, Floats]
    after: dict[str, Floats]
    promote: Floats  # paid above the shares of capital [path]
    tax: TaxResult | None
    flipped: (
        Floats | None
    )  # the payment date from whose successor on shares have flipped [path]; the count: never


def divide(run: Run) -> Division:
    """Who of the owners pays and receives what, on every path."""
    ready, deal = run.prepared, run.prepared.deal
    flows, times = run.flows("equity")
    count, tax = ready.periods.count, owners_tax(run)
    paid = tax.paid if tax is not None else np.zeros((count, run.paths))
    whole, left_tax, flipped = flows.copy(), paid, None
    before: dict[str, Floats] = {}
    after: dict[str, Floats] = {}
    if deal.tax_equity is not None:
        one = deal.tax_equity
        out, own_tax, flipped = _tax_equity(one, run, paid)
        before[one.name], after[one.name] = _placed(flows, out), _placed(flows, out - own_tax)
        # It pays the owners on the closing, the first of all flows, or on a payment date.
        at = 0 if one.on == ready.periods.starts[0] else len(flows) - count + ready.periods.ends.index(one.on)
        for rows in (before[one.name], after[one.name]):
            rows[at] -= one.amount
        whole = whole - before[one.name]
        left_tax = paid - own_tax
    shares = {e.name: e.share for e in deal.equity} or {"equity": 1.0}
    split, promoted = _promoted(run, whole, times)
    for name, share in shares.items():
        own = share * (whole - split)
        if deal.promote is not None and name == deal.promote.to:
            own = own + split
        before[name] = own
        after[name] = own - _placed(flows, share * left_tax)
    return Division(times, before, after, promoted, tax, flipped)


def _placed(flows: Floats, rows: Floats) -> Floats:
    """Rows by payment date among all dated flows, of which payment dates are the last."""
    found = np.zeros_like(flows)
    found[-len(rows) :] = rows
    return found


def _tax_equity(one: TaxEquity, run: Run, paid: Floats) -> tuple[Floats, Floats, Floats]:
    """(the cash it receives, its tax, when shares flip) by payment date after the day on which it pays."""
    ready = run.prepared
    periods, ends = ready.periods, ready.periods.ends
    on = -1 if one.on == periods.starts[0] else ends.index(one.on)
    flip = periods.paying(one.flip_on, "the flip", one.where) if one.flip_on is not None else None
    cash, own_tax = np.zeros_like(paid), np.zeros_like(paid)
    worth: Any = np.full(run.paths, -one.amount)
    late = np.zeros(run.paths, bool)
    flipped = np.full(run.paths, float(len(ends)))
    before = float(periods.times[on]) if on >= 0 else 0.0
    for t in range(on + 1, len(ends)):
        cash[t] = np.where(late, one.cash_share_after, one.cash_share) * run["equity_out"][t]
        own_tax[t] = np.where(late, one.tax_share_after, one.tax_share) * paid[t]
        worth = worth * (1 + one.flip_irr) ** (float(periods.times[t]) - before) + cash[t] - own_tax[t]
        before = float(periods.times[t])
        done = worth >= 0 if flip is None else np.full(run.paths, t >= flip)
        flipped = np.where(done & ~late, float(t), flipped)
        late = late | done
    return cash, own_tax, flipped


def _promoted(run: Run, whole: Floats, times: Floats) -> tuple[Floats, Floats]:
    """(promote by flow, promote in all): what is paid above the shares of capital."""
    rule = run.prepared.deal.promote
    split = np.zeros_like(whole)
    if rule is None:
        return split, split.sum(axis=0)
    rates = np.array([t.until_irr for t in rule.tiers[:-1]])
    owed = np.zeros((len(rates), whole.shape[1]))
    order, now = np.argsort(times, kind="stable"), 0.0
    for row in order:
        owed *= ((1 + rates) ** (float(times[row]) - now))[:, None]
        now = float(times[row])
        owed += np.maximum(-whole[row], 0.0)
        left = np.maximum(whole[row], 0.0)
        for k, tier in enumerate(rule.tiers):
            taken = left
            if k < len(rates):
                taken = np.minimum(left, np.maximum(owed[k], 0.0) / (1 - tier.share))
            split[row] += tier.share * taken
            owed -= (1 - tier.share) * taken
            left = left - taken
    return split, split.sum(axis=0)


def owners_told(run: Run) -> dict[str, Any]:
    """The division of one path for a result: each owner's money and returns, tax by year, the flip."""
    found, ends = divide(run), run.prepared.periods.ends
    last = (
        None if found.flipped is None or found.flipped[0] >= len(ends) else str(ends[int(found.flipped[0])])
    )
    owners = {
        name: {
            "contributed": float(-np.minimum(flows, 0).sum()),
            "distributed": float(np.maximum(flows, 0).sum()),
            "moic": _number(moic(flows)[0]),
            **_returns(irr(flows, found.times), ""),
            **(_returns(irr(found.after[name], found.times), "after_tax_") if found.tax is not None else {}),
        }
        for name, flows in found.before.items()
    }
    tax = found.tax
    return {
        "owners": owners,
        "promote": float(found.promote[0]) if run.prepared.deal.promote is not None else None,
        "tax": None if tax is None else {
            "total": float(tax.tax.sum()),
            "years": [
                {
                    "year": year, "before_depreciation": float(tax.before[y, 0]),
                    "depreciation": float(tax.depreciation[y, 0]), "income": float(tax.income[y, 0]),
                    "carried": float(tax.carried[y, 0]), "credits": float(tax.credits[y, 0]),
                    "tax": float(tax.tax[y, 0]),
                }
                for y, year in enumerate(tax.years)
            ],
        },
        "flips_on": last,
    }  # fmt: skip


def _returns(found: Irr, word: str) -> dict[str, Any]:
    return {f"{word}irr": _number(found.rate[0]), f"{word}irr_status": found.words()[0]}


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None

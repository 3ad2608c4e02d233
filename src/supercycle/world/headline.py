"""The answer in one sentence, made from a result's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["headline"]


def headline(body: Mapping[str, Any]) -> str:
    """Capacity, spending and revenue at 2030 (or the last quarter before it), the return of the 2027 vintage, the odds of a bust.

    ``body`` is a result dict: ``outputs`` by key with quarters and quantiles, ``derived`` by name. Outputs that a run did not
    keep are left out of the sentence; with none it says so.
    """
    outputs, derived = body["outputs"], body.get("derived", {})
    parts: list[str] = []
    gw = outputs.get("fleet_it_gw")
    if gw:
        i = _index(gw["quarters"], "2030Q4")
        when = gw["quarters"][i]
        parts.append(f"By {when} {gw['q50'][i]:.0f} GW of AI IT power is energised ({gw['q05'][i]:.0f}-{gw['q95'][i]:.0f})")
    required, revenue = outputs.get("required_user_cost"), outputs.get("ai_revenue_run_rate")
    if revenue and required:
        i = _index(revenue["quarters"], "2030Q4")
        parts.append(f"end customers pay {_money(revenue['q50'][i])} a year where {_money(required['q50'][i])} would carry the whole fleet "
                     "at the required return")
    irr, imputed = derived.get("vintage_irr_external"), derived.get("vintage_irr_imputed")
    if irr and imputed and "2027" in irr["entities"]:
        j = irr["entities"].index("2027")
        if irr["q50"][j] is not None and imputed["q50"][j] is not None:
            parts.append(f"chips of 2027 return {100 * irr['q50'][j]:.0f} % a year on outside cash and {100 * imputed['q50'][j]:.0f} % with "
                         "captive use at contract prices")
    busted = outputs.get("busted")
    if busted and "mean" in busted:
        parts.append(f"a bust comes by {busted['quarters'][-1]} on {100 * busted['mean'][-1]:.0f} % of paths")
    return ("; ".join(parts) + ".") if parts else "The run kept none of the headline outputs."


def _index(quarters: list[str], wanted: str) -> int:
    """The place of a quarter, or of the last one before it."""
    return max((i for i, q in enumerate(quarters) if q <= wanted), default=len(quarters) - 1)


def _money(usd_bn: float) -> str:
    """Billions below a trillion, else trillions.

    >>> _money(650.0), _money(1234.0)
    ('$650bn', '$1.2tn')
    """
    return f"${usd_bn:.0f}bn" if usd_bn < 1000.0 else f"${usd_bn / 1000.0:.1f}tn"

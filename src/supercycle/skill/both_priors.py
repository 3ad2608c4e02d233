"""The base case under both priors, judged and fitted to the past: what the stored fit says beside the default.

A fit is kept with the base case's medians under it and under the judged priors, on the same random numbers
(``calibrate --save``), so that whoever reads one median sees the other.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["beside", "told_beside"]

FILE = Path(__file__).with_name("posterior.json")
LABELS = {
    "five_firm_capex_usd_bn": "Capex of the five",
    "world_ai_capex_usd_bn": "World AI capex",
    "fleet_it_gw": "AI power energised",
    "ai_revenue_run_rate": "AI revenue",
    "contract_price": "Price of compute",
    "utilisation": "Utilisation",
    "ai_debt_usd_bn": "AI debt",
}  # what ``posterior.base_under`` shows


@cache
def _kept() -> dict[str, Any]:
    """The stored fit, or nothing; a damaged one is refused where it is drawn from (``engine.prior.read_prior``)."""
    try:
        found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def beside(model: str) -> list[dict[str, Any]]:
    """Output, year, and 5, 50 and 95 % points under both priors; nothing without a fit to this very model."""
    kept = _kept()
    return list(kept.get("base", ())) if kept.get("manifest", {}).get("model_hash") == model else []


def told_beside(model: str, output: str) -> str:
    """Both medians of one output as a sentence; empty where none is kept.

    ``model`` is the hash of the model without its fitted priors.
    """
    rows = [row for row in beside(model) if row["output"] == output]
    if not rows or output not in LABELS:
        return ""
    said = ", ".join(
        f"{row['year']} {_number(row['posterior'])} (judged {_number(row['judged'])})" for row in rows
    )
    return f"{LABELS[output]} of the base case, median under priors fitted to the past: {said}."


def _number(points: dict[str, float]) -> str:
    value = points["q50"]
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"

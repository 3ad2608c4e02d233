"""The series of the back-test read from the world's paths.

Nothing is added to a path outside the world: growth, budgets, deliveries, payments and prices scatter inside it (block
shocks), so the bands of a run are the bands that are scored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from supercycle.core.quarters import Quarter

__all__ = ["OUTPUTS", "Prediction", "chips_over_opening", "mapped", "scatter"]

Floats = NDArray[np.float64]
OUTPUTS = (
    "five_firm_capex_usd_bn", "chip_spend_usd_bn", "ai_revenue_run_rate", "lab_share",
    "firm_bonds_usd_bn:Alphabet", "fleet_mh100e", "dark_it_gw", "density",
)  # fmt: skip
_LEAST = 0.03  # a reported figure is rarely nearer to its own trend
_UNKNOWN = 0.10  # judged: scatter of a series with fewer than four known changes


@dataclass(frozen=True, slots=True)
class Prediction:
    """One series from one start: the world's ``paths`` [quarter, path] for ``quarters``."""

    name: str
    start: str
    quarters: tuple[str, ...]
    paths: Floats


def mapped(
    values: Mapping[str, Floats], params: Mapping[str, Floats], nvidia: float, labs: float | None
) -> dict[str, Floats]:
    """The five series [quarter, path] from the world's outputs, parameters [path] and levels at the opening.

    NVIDIA's revenue is its revenue of the opening quarter times chip spending over the opening's (its share of all
    chip, server and network spending stays what it was); the labs' run rate likewise follows labs' share x AI
    revenue, or is that product itself when no run rate was known. Compute shipped is what is energised and what is
    dark at today's density; the counts do not subtract failures, at most two per cent a year.
    """
    sold = values["ai_revenue_run_rate"] * values["lab_share"]
    if labs is not None:
        sold = labs * sold / (params["opening_ai_revenue"] * params["lab_share_open"])
    return {
        "capex": values["five_firm_capex_usd_bn"],
        "nvidia": nvidia * chips_over_opening(values["chip_spend_usd_bn"], params),
        "labs": sold,
        "debt": values["firm_bonds_usd_bn:Alphabet"],
        "chips": values["fleet_mh100e"] + values["dark_it_gw"] * values["density"],
    }


def chips_over_opening(spent: Floats, params: Mapping[str, Floats]) -> Floats:
    """Chip spending [quarter, path] over that of the opening quarter."""
    flow = params["shipped_tdp_2025q4"] * np.exp(2.0 * params["shipment_growth_open"]) * params["it_per_tdp"]
    return spent / (flow * params["opening_it_cost"])


def scatter(known: dict[str, float]) -> float:
    """Standard deviation of a series around its own trend, in logs, from the last eight known log changes.

    Changes are taken from their mean over the four around them; a change carries the scatter of two quarters, hence
    the root of two.

    >>> round(scatter({f"{2020 + i // 4}Q{i % 4 + 1}": 1.1**i for i in range(12)}), 3)
    0.03
    """
    names = sorted(known)
    steps = [
        math.log(known[b] / known[a])
        for a, b in pairwise(names)
        if Quarter.parse(b) - Quarter.parse(a) == 1 and known[a] > 0
    ][-8:]
    if len(steps) < 4:
        return _UNKNOWN
    residual: list[float] = []
    for i in range(len(steps)):
        around = steps[max(0, min(i - 1, len(steps) - 4)) :][:4]
        residual.append(steps[i] - sum(around) / len(around))
    return max(_LEAST, math.sqrt(sum(r * r for r in residual) / len(residual) / 2.0))

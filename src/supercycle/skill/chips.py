"""Chips at a past date: power and compute shipped by quarter, counted (reconstructed) or from sales as published.

Published: NVIDIA's data-centre revenue times H100 equivalents per billion dollars and chip power per equivalent,
both judged for the date and carried back with the published trends (price per operation improved 37-41 % a year,
operations per watt 26-40 %), times other makers' part. Reconstructed: Epoch AI's counts, differenced.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from supercycle.core.quarters import Quarter
from supercycle.figures.fiscal import fiscal_quarters
from supercycle.figures.series import readings
from supercycle.skill.known import Known, log_growth
from supercycle.skill.origins import judged_at, quarters_since
from supercycle.skill.series import counted, history

__all__ = ["Chips", "chips_then", "nvidia_now"]

# Judged for the date: million H100 equivalents per billion USD of data-centre revenue (accelerators of 30-45
# thousand USD, A100s of 10-20 thousand at 0.32 equivalents, networking a sixth of sales), and chip kW per equivalent
# (A100 0.4 kW at 0.32, H100 0.7 kW).
H100E_PER_BN = {"2022Q4": 0.022, "2023Q4": 0.026, "2024Q4": 0.032}
KW_PER_H100E = {"2022Q4": 1.15, "2023Q4": 0.78, "2024Q4": 0.70}
OTHER_MAKERS = 1.2  # judged: Google's, Amazon's and AMD's chips on top of NVIDIA's
_CHEAPER = math.log(1.39) / 4  # a quarter: 37-41 % a year (priors, block 6)
_DENSER = math.log(1.33) / 4  # a quarter: 26-40 % a year (priors, block 6)
_PLACES = ((-17, -10), (-9, -6), (-5, -2))  # quarters of the three oldest vintages, counted from the opening
_TREND = 4  # quarters over which a trailing growth is taken


@dataclass(frozen=True, slots=True)
class Chips:
    """Chip power [GW TDP] and compute [million H100e] of the three oldest vintages, and flows a quarter.

    ``flow_*`` are shipments two quarters before the opening, ``growth_*`` their mean log growth since;
    ``now_tdp`` is the opening quarter's; ``stock_growth`` the log growth a quarter of all compute shipped over the
    year before, ``trend`` that of chip power shipped, ``total_tdp`` all that was shipped.
    """

    tdp: tuple[float, float, float]
    h100e: tuple[float, float, float]
    flow_tdp: float
    flow_h100e: float
    growth_tdp: float
    growth_h100e: float
    now_tdp: float
    stock_growth: float
    trend: float
    total_tdp: float
    basis: str
    rows: tuple[str, ...]


def chips_then(start: str, variant: str, known: Known) -> Chips:
    """Chips shipped up to the end of a quarter, from what was known."""
    known.rows()
    if variant == "reconstructed":
        tdp = _differences(counted("ai_chips_cumulative_tdp", known, 1e-3), start)
        h100e = _differences(counted("ai_chips_cumulative_h100e", known, 1e-6), start)
        basis = "figure"
    else:
        sales = _sales(start, known)
        last, end, since = Quarter.parse(start), judged_at(start), quarters_since(start)
        per_bn, per_h100e = (
            H100E_PER_BN[end] * math.exp(_CHEAPER * since),
            KW_PER_H100E[end] * math.exp(-_DENSER * since),
        )
        h100e, tdp = {}, {}
        for quarter, usd_bn in sales.items():
            age = last - Quarter.parse(quarter)
            h100e[quarter] = OTHER_MAKERS * usd_bn * per_bn * math.exp(-_CHEAPER * age)
            tdp[quarter] = h100e[quarter] * per_h100e * math.exp(_DENSER * age)
        basis = "rule"

    def at(flows: dict[str, float], place: int) -> float:
        return flows.get(str(Quarter.parse(start) + place), 0.0)

    def places(flows: dict[str, float]) -> tuple[float, float, float]:
        a, b, c = (sum(at(flows, i) for i in range(first, last + 1)) for first, last in _PLACES)
        return a, b, c

    total = sum(h100e.values())
    before = sum(
        value for quarter, value in h100e.items() if Quarter.parse(quarter) <= Quarter.parse(start) - _TREND
    )
    # Counts begin in 2022Q1: where less than a year lies behind, the growth of shipments stands for that of the stock.
    trend = math.log(at(tdp, 0) / at(tdp, -3)) / 3
    return Chips(
        tdp=places(tdp),
        h100e=places(h100e),
        flow_tdp=at(tdp, -2),
        flow_h100e=at(h100e, -2),
        growth_tdp=math.log(at(tdp, 0) / at(tdp, -2)) / 2,
        growth_h100e=math.log(at(h100e, 0) / at(h100e, -2)) / 2,
        now_tdp=at(tdp, 0),
        stock_growth=math.log(total / before) / _TREND if before > 0 else 0.25,
        trend=trend,
        total_tdp=sum(tdp.values()),
        basis=basis,
        rows=known.rows(),
    )


def nvidia_now(start: str, known: Known) -> float:
    """NVIDIA's data-centre revenue of the opening quarter: known, or the last known grown at half its recent rate."""
    sales = history("nvidia", known)
    ahead = Quarter.parse(start) - Quarter.parse(max(sales))
    return sales[max(sales)] * math.exp(max(ahead, 0) * 0.5 * log_growth(sales, 2))


def _sales(start: str, known: Known) -> dict[str, float]:
    """Data-centre revenue by quarter: printed, else a fiscal year's mean or the quarter before; the last a nowcast."""
    sales: dict[str, float] = {}
    for row in readings("nvidia_data_center_revenue", "NVIDIA"):
        if row.period.kind == "fiscal_year" and row.known_from <= known.day and row.period.end is not None:
            for quarter in fiscal_quarters("NVIDIA", row.period.end.year):
                sales[quarter] = known.take(row) / 4
    sales.update(history("nvidia", known))
    sales.setdefault(start, nvidia_now(start, known))
    for quarter in Quarter.parse(min(sales)).until(
        Quarter.parse(start)
    ):  # a quarter not printed yet: as the one before
        sales.setdefault(str(quarter), sales.get(str(quarter - 1), 0.0))
    return {quarter: sales[quarter] for quarter in sorted(sales) if quarter <= start}


def _differences(cumulative: dict[str, float], start: str) -> dict[str, float]:
    """Shipments by quarter from cumulative counts; the first count is a quarter's (the counts begin there)."""
    names = sorted(quarter for quarter in cumulative if quarter <= start)
    pairs = zip([None, *names[:-1]], names, strict=True)
    return {now: cumulative[now] - (cumulative[before] if before else 0.0) for before, now in pairs}

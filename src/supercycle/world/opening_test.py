"""Which draws can be the world of 2026Q2 at all: written like an equation, so that it is compiled with the world."""

from __future__ import annotations

from typing import Any

from supercycle.equations.functions import maximum

__all__ = ["accept"]


def accept(opening_enterprise_ceiling: Any, ceiling_truncation: Any, opening_ai_revenue: Any, consumer_share_open: Any,
           opening_captive_mh100e: Any, opening_desired_mh100e: Any, captive_elasticity: Any, repricing_rate: Any,
           opening_elasticity: Any, price_response: Any, opening_utilisation: Any, other_build_share: Any,
           points_per_ten: Any, captive_use_least: Any, captive_use_most: Any) -> Any:
    """Joint truncation of the draws.

    A draw is refused when (a) its enterprise ceiling is below ``ceiling_truncation`` x today's enterprise run rate,
    (b) captive compute, the residual use, is outside ``captive_use_least`` to ``captive_use_most`` of use, (c) builders other than the five, neoclouds and
    vehicles would have a negative share, or (d) the price loop overshoots within a quarter: price_response x points_per_ten x
    utilisation x (captive share x |captive elasticity| + external share x repricing x |elasticity|) > 1. Only captive use
    meets the new contract price at once; the rest meets the book, of which a few per cent reprices in a quarter.
    """
    floor = ceiling_truncation * opening_ai_revenue * (1 - consumer_share_open)
    captive = opening_captive_mh100e / opening_desired_mh100e
    response = (captive * maximum(captive_elasticity, -captive_elasticity)
                + (1 - captive) * repricing_rate * maximum(opening_elasticity, -opening_elasticity))
    gain = price_response * points_per_ten * opening_utilisation * response
    return ((opening_enterprise_ceiling >= floor) & (captive > captive_use_least) & (captive < captive_use_most) & (other_build_share >= 0)
            & (gain <= 1))

"""The world, in the order of a step: sixteen blocks, read aloud.

Expectations form; the race lowers hurdles; capacity is ordered; power, shells and chips meet; the fleet ages; demand and
efficiency move; the compute market clears; labs train and sell; incomes flow; borrowers fund themselves; some default;
equity is valued and may crash; the economy feels it; the books close.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from supercycle.equations.spec import Model
from supercycle.world.frame import START

__all__ = ["START", "accept", "world_model"]


BLOCKS = (
    "expectations", "race", "orders", "power", "build", "fleet", "demand", "efficiency", "market", "labs", "generations", "income", "statements", "returns", "leases", "maturities", "funding",
    "lenders", "credit", "commitments", "valuation", "macro", "books")


@cache
def world_model() -> Model:
    """The model, built once: importing a block declares it, in the order of a step; the ledger closes the books."""
    for name in BLOCKS:
        import_module(f"supercycle.world.{name}")
    from supercycle.world.books import ledger
    from supercycle.world.frame import model

    ledger.finish()
    return model


def accept(params: dict[str, NDArray[np.float64]], opening: dict[str, NDArray[np.float64]]) -> NDArray[np.bool_]:
    """Joint truncation: which draws can be the world of 2026Q2 at all.

    A draw is refused when (a) its enterprise ceiling is below ``ceiling_truncation`` x today's enterprise run rate,
    (b) captive compute, the residual use, is outside 40-70 % of use, (c) builders other than the five, neoclouds and
    vehicles would have a negative share, or (d) the price loop overshoots within a quarter: price_response x 10 x
    utilisation x (captive share x |captive elasticity| + external share x repricing x |elasticity|) > 1. Only captive use
    meets the new contract price at once; the rest meets the book, of which a few per cent reprices in a quarter.
    """
    ceiling = opening["opening_enterprise_ceiling"]
    floor = params["ceiling_truncation"] * params["opening_ai_revenue"] * (1.0 - params["consumer_share_open"])
    captive = opening["opening_captive_mh100e"] / opening["opening_desired_mh100e"]
    response = (captive * np.abs(params["captive_elasticity"])
                + (1.0 - captive) * params["repricing_rate"] * np.abs(opening["opening_elasticity"]))
    gain = params["price_response"] * 10.0 * params["opening_utilisation"] * response
    return (ceiling >= floor) & (captive > 0.4) & (captive < 0.7) & (opening["other_build_share"] >= 0.0) & (gain <= 1.0)

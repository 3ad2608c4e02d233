"""The prices a decision expects, month by month."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.decisions.choice.setting import Setting

__all__ = ["forward"]

Floats = NDArray[np.float64]


def forward(place: Setting) -> dict[str, Floats]:
    """Forward curves: [5 quantiles, month] of rent, API index and price, resale left out, and the expected rent."""
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    per_mtok = place.load.api_usd_per_month / place.load.mtok_per_month
    return {
        "rent_usd_per_gpu_hour": np.quantile(place.frame.paths.rent, levels, axis=1),
        "api_usd_per_mtok": per_mtok * np.quantile(place.frame.paths.api, levels, axis=1),
        "hardware_usd_per_gpu": place.case.number("hardware.capital_usd_per_gpu")
        * np.quantile(place.frame.paths.hardware, levels, axis=1),
        "rent_expected": place.frame.paths.rent.mean(axis=1)[None, :],
    }

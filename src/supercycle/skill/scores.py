"""Scores of a predictive sample: CRPS, coverage of bands, bias; all on the log of the figure.

Series grow tenfold, so errors count in log points: 0.10 is a miss of ten per cent, at 5 bn and at 500.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BANDS", "crps", "inside", "quantiles"]

Floats = NDArray[np.float64]
BANDS = (0.5, 0.9)
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def crps(sample: Floats, outcome: float) -> float:
    """Continuous ranked probability score of a sample [path]: mean |x - y| less half the mean |x - x'|.

    For one number it is the absolute error; smaller is better; it is proper: the honest distribution
    minimises its expectation.

    Source: T. Gneiting and A. E. Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", Journal of
    the American Statistical Association 102, 2007.

    >>> crps(np.array([1.0]), 3.0), round(crps(np.array([0.0, 2.0]), 1.0), 6)
    (2.0, 0.5)
    """
    x = np.sort(np.asarray(sample, dtype=np.float64))
    n = len(x)
    spread = 2.0 * float(np.sum((2.0 * np.arange(1, n + 1) - n - 1) * x)) / n**2
    return float(np.mean(np.abs(x - outcome))) - 0.5 * spread


def inside(sample: Floats, outcome: float, band: float) -> bool:
    """Whether the outcome lies in the central band of the sample.

    >>> inside(np.arange(101.0), 5.0, 0.9), inside(np.arange(101.0), 4.0, 0.9)
    (True, False)
    """
    low, high = np.quantile(sample, [0.5 - band / 2, 0.5 + band / 2])
    return bool(low <= outcome <= high)


def quantiles(values: Floats) -> dict[str, list[float]]:
    """Quantiles of [quarter, path] by quarter, named as in results."""
    found = np.quantile(values, LEVELS, axis=1)
    return {
        f"q{round(100 * level):02d}": [float(v) for v in row]
        for level, row in zip(LEVELS, found, strict=True)
    }

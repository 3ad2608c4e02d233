"""What the mechanism misses of a series, as a process, integrated out by a Kalman filter in every particle.

With y the log of an outcome and x the log of the path, h quarters after an opening,

    y = x + d + r,   d' = d + g' + e,   g' = phi g + u
    r ~ N(0, s^2), e ~ N(0, k^2), u ~ N(0, w^2), at the opening d = 0 and g ~ N(0, w^2 / (1 - phi^2))

s is the scatter of reported quarters, known before the window. Growth is missed for quarters at a time (g); k is a walk
beside it. Scales are unknowns of the fit, hierarchical over series, with priors set before any fit:

    k_i = K exp(z / 2), K half-normal 0.15       w_i = W exp(z / 2), W half-normal 0.075       z standard normal
    phi normal 0.85 +/- 0.1 within 0.5 to 0.95

In the world the same errors of growth are drawn as shocks (block shocks); in a fit they are switched off, so that
nothing is counted twice.

Source: M. C. Kennedy and A. O'Hagan, "Bayesian Calibration of Computer Models", Journal of the Royal Statistical
Society B 63, 2001; A. C. Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter", 1989.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_cdf, normal_quantile

__all__ = ["Scales", "drawn", "loglik", "scales", "unknowns"]

Floats = NDArray[np.float64]
LEVEL, GROWTH = 0.15, 0.075  # half-normal scales of K and W
MEMORY, SPREAD, LOWEST, HIGHEST = 0.85, 0.1, 0.5, 0.95
APART = 0.5  # standard deviation of a series' log scale about the common one
SHARED = 3  # unknowns that all series share: phi, K, W


@dataclass(frozen=True, slots=True)
class Scales:
    """Of each series [series, particle]: ``level`` k and ``growth`` w; of all [particle]: ``memory`` phi."""

    level: Floats
    growth: Floats
    memory: Floats

    def of(self, series: int) -> tuple[Floats, Floats, Floats]:
        """k, w and phi of one series."""
        return self.level[series], self.growth[series], self.memory


def unknowns(series: int) -> int:
    """How many standard normals the scales of so many series take."""
    return SHARED + 2 * series


def scales(z: Floats) -> Scales:
    """Scales from standard normals [unknown, particle]: phi, K, W, then each series' level and growth.

    >>> found = scales(np.zeros((5, 1)))
    >>> [round(float(v[0]), 3) for v in (found.level[0], found.growth[0], found.memory)]
    [0.101, 0.051, 0.83]
    """
    low, high = (float(normal_cdf(np.array([(end - MEMORY) / SPREAD]))[0]) for end in (LOWEST, HIGHEST))
    memory = MEMORY + SPREAD * normal_quantile(low + (high - low) * normal_cdf(z[0]))
    common = [
        scale * normal_quantile(0.5 + 0.5 * normal_cdf(z[1 + i])) for i, scale in enumerate((LEVEL, GROWTH))
    ]
    each = np.exp(APART * z[SHARED:]).reshape(-1, 2, z.shape[1])
    return Scales(common[0] * each[:, 0], common[1] * each[:, 1], memory)


def _stationary(growth: Floats, memory: Floats) -> Floats:
    """Variance of g at any time: an opening does not know how far growth has left its course."""
    return growth * growth / (1.0 - memory * memory)


def loglik(error: Floats, rows: tuple[int, ...], of: tuple[Floats, Floats, Floats], scatter: float) -> Floats:
    """Log likelihood [particle] of errors [row, particle] at quarters ``rows`` (0 is the first), d and g out.

    Limit cases: with k = w = 0 the errors are independent with standard deviation ``scatter``; quarters without an
    outcome are passed over.
    """
    level, growth, memory = of
    size = error.shape[1]
    found = np.zeros(size)
    d, g = np.zeros(size), np.zeros(size)
    dd, dg, gg = np.zeros(size), np.zeros(size), _stationary(growth, memory)  # covariance of the state
    at = {row: i for i, row in enumerate(rows)}
    for quarter in range(rows[-1] + 1):
        g, d = memory * g, d + memory * g
        gg, dg = memory * memory * gg + growth * growth, memory * dg
        dd = dd + 2.0 * dg + gg + level * level
        dg = dg + gg
        if quarter in at:
            variance = dd + scatter * scatter
            surprise = error[at[quarter]] - d
            found -= 0.5 * (np.log(2.0 * np.pi * variance) + surprise * surprise / variance)
            gain_d, gain_g = dd / variance, dg / variance
            d, g = d + gain_d * surprise, g + gain_g * surprise
            dd, dg, gg = dd - gain_d * dd, dg - gain_d * dg, gg - gain_g * dg
    return found


def drawn(
    rows: tuple[int, ...], of: tuple[Floats, Floats, Floats], scatter: float, generator: np.random.Generator
) -> Floats:
    """Draws [row, particle] of d + r: what the likelihood says lies between path and outcome."""
    level, growth, memory = of
    size = len(memory)
    d, g = np.zeros(size), np.sqrt(_stationary(growth, memory)) * generator.standard_normal(size)
    found = np.empty((len(rows), size))
    at = {row: i for i, row in enumerate(rows)}
    for quarter in range(rows[-1] + 1):
        g = memory * g + growth * generator.standard_normal(size)
        d = d + g + level * generator.standard_normal(size)
        if quarter in at:
            found[at[quarter]] = d + scatter * generator.standard_normal(size)
    return found

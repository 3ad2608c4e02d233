"""Sobol indices: which share of an output's variance each input carries, alone and with all others.

With two independent samples A and B of the unit cube, and A with input i taken from B:

    S_i = E[(f(B) - m) (f(AB_i) - f(A))] / V    alone
    T_i = E[(f(A) - f(AB_i))^2] / 2 V           with every interaction it is part of
    m, V = mean and variance of f over A and B together

The first estimator is Saltelli's (its noise vanishes with the effect), the second Jansen's. Inputs are independent
by construction: the sum of S_i is at most one and that of T_i at least one, but for noise, which the bootstrap over
the sample's rows shows.

Source: M. J. W. Jansen, "Analysis of variance designs for model output", Computer Physics Communications 117, 1999;
A. Saltelli and others, "Variance based sensitivity analysis of model output. Design and estimator for the total
sensitivity index", Computer Physics Communications 181, 2010, table 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.random import uniform_matrix

__all__ = ["Indices", "sobol"]

Floats = NDArray[np.float64]
# u [input, row], the sample (0 is A, 1 is B) whatever else is random is taken from -> y [row]
Response = Callable[[Floats, int], Floats]

RESAMPLES = 200


@dataclass(frozen=True)
class Indices:
    """Per input: first-order and total shares with 5 and 95 % bootstrap points [2, input].

    With ``rest`` the last entry is everything that is not an input. ``rows`` counts the rows that had numbers
    in every sample.
    """

    first: Floats
    total: Floats
    first_band: Floats
    total_band: Floats
    variance: float
    rows: int


def sobol(
    f: Response,
    inputs: int,
    rows: int,
    seed: int,
    *,
    rest: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Indices:
    """Indices of f over the unit cube from ``rows`` x (inputs + 2) evaluations.

    ``rest`` adds one factor: all of the randomness that f draws for itself. Limit cases: an input that f does not
    read has zero for both; a constant f has no shares (NaN).
    """
    index = np.arange(rows, dtype=np.int64)
    a = uniform_matrix(seed, "sobol:A", index, range(inputs))
    b = uniform_matrix(seed, "sobol:B", index, range(inputs))
    factors = inputs + int(rest)
    from_a, from_b = f(a, 0), f(b, 1)
    mixed = np.empty((factors, rows))
    for i in range(inputs):
        kept = a[i].copy()
        a[i] = b[i]
        mixed[i] = f(a, 0)
        a[i] = kept
        if progress is not None:
            progress(i + 1, factors)
    if rest:
        mixed[inputs] = f(a, 1)
    known = np.isfinite(from_a) & np.isfinite(from_b) & np.isfinite(mixed).all(axis=0)
    from_a, from_b, mixed = from_a[known], from_b[known], mixed[:, known]
    count = int(known.sum())
    if count < 2:
        nothing = np.full(factors, np.nan)
        return Indices(nothing, nothing, np.tile(nothing, (2, 1)), np.tile(nothing, (2, 1)), np.nan, count)
    step, near = mixed - from_a, (mixed - from_a) ** 2
    picks = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))
    weights = np.stack([np.bincount(pick, minlength=count) for pick in picks]).astype(np.float64) / count
    once = np.full((1, count), 1.0 / count)
    first, total, variance = _shares(step, near, from_a, from_b, once)
    firsts, totals, _ = _shares(step, near, from_a, from_b, weights)
    band = [0.05, 0.95]
    return Indices(
        first[0],
        total[0],
        np.quantile(firsts, band, axis=0),
        np.quantile(totals, band, axis=0),
        float(variance[0]),
        count,
    )


def _shares(
    step: Floats, near: Floats, from_a: Floats, from_b: Floats, weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """First and total [resample, factor] and the variance [resample] under row weights [resample, row]."""
    centre = 0.5 * (weights @ from_a + weights @ from_b)
    square = 0.5 * (
        (weights * (from_a - centre[:, None]) ** 2).sum(axis=1)
        + (weights * (from_b - centre[:, None]) ** 2).sum(axis=1)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        first = ((weights * (from_b - centre[:, None])) @ step.T) / square[:, None]
        total = (weights @ near.T) / (2.0 * square[:, None])
    flat = square <= 1e-300
    first[flat], total[flat] = np.nan, np.nan
    return first, total, square

"""Simulation-based calibration: does the fit find parameters that are known, as often as it says?

Draw unknowns from the prior, make a synthetic history with the likelihood's own noise, fit it, and rank the true
value among draws of the posterior. Over many repetitions every rank must be equally likely; a posterior too narrow
gives ranks at the ends, too wide in the middle, biased on one side.

Source: S. Talts, M. Betancourt, D. Simpson, A. Vehtari and A. Gelman, "Validating Bayesian Inference Algorithms with
Simulation-Based Calibration", arXiv:1804.06788, 2018.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_cdf
from supercycle.skill.smc import temper

__all__ = ["Fitted", "power", "ranks", "uniformity"]

Floats = NDArray[np.float64]
Told = Callable[[str, int, int], None]
BINS = 8
DRAWS = BINS * 8 - 1  # so that ranks 0..DRAWS fall into equal bins


class Fitted(Protocol):
    """What is put to the test: a map from normals to told data, its noise, and a likelihood against data."""

    @property
    def unknowns(self) -> int:
        """How many standard normals a draw takes."""
        ...

    def history(self, z: Floats, generator: np.random.Generator) -> list[Floats] | None:
        """A synthetic history of one draw [unknown, 1], with noise; None when the draw is impossible."""
        ...

    def loglik_of(self, history: list[Floats]) -> Callable[[Floats], Floats]:
        """The log likelihood [particle] of normals [unknown, particle] against a history."""
        ...


def ranks(
    fitted: Fitted, watched: Sequence[int], repetitions: int, *, particles: int, moves: int, last_moves: int, seed: int,
    told: Told | None = None,
) -> NDArray[np.int64]:  # fmt: skip
    """Ranks [watched, repetition] of the true unknowns among draws of their posteriors, 0 to 63."""
    generator = np.random.default_rng(seed)
    found = np.empty((len(watched), repetitions), dtype=np.int64)
    done = 0
    while done < repetitions:
        truth = generator.standard_normal((fitted.unknowns, 1))
        history = fitted.history(truth, generator)
        if history is None:
            continue
        cloud = temper(
            fitted.loglik_of(history), fitted.unknowns, particles, int(generator.random() * 2**31),
            moves=moves, last_moves=last_moves,
        )  # fmt: skip
        chosen = cloud.z[:, generator.choice(particles, DRAWS, replace=False)]
        for row, unknown in enumerate(watched):
            found[row, done] = int(np.sum(chosen[unknown] < truth[unknown, 0]))
        done += 1
        if told is not None:
            told("fit", done, repetitions)
    return found


def chi_square_tail(degrees: int, statistic: float) -> float:
    """The probability that a chi-square number of an odd or even count of degrees is above ``statistic``.

    Q(k) = Q(k - 2) + (x / 2)^(k / 2 - 1) exp(-x / 2) / gamma(k / 2), from Q(1) = erfc(sqrt(x / 2)) and
    Q(2) = exp(-x / 2).
    Source: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 1964, 26.4.8.

    >>> round(chi_square_tail(7, 14.067), 3), chi_square_tail(7, 0.0)
    (0.05, 1.0)
    """
    half = statistic / 2
    found = math.erfc(math.sqrt(half)) if degrees % 2 else math.exp(-half)
    for k in range(3 if degrees % 2 else 4, degrees + 1, 2):
        found += math.exp((k / 2 - 1) * math.log(half) - half - math.lgamma(k / 2)) if half > 0 else 0.0
    return found


def uniformity(found: NDArray[np.int64]) -> dict[str, Any]:
    """Counts by eighth, chi-square and its probability under equal odds, for ranks of one unknown.

    >>> even = uniformity(np.arange(64))
    >>> even["counts"], even["probability"]
    ([8, 8, 8, 8, 8, 8, 8, 8], 1.0)
    """
    counts = np.bincount(found * BINS // (DRAWS + 1), minlength=BINS)
    expected = len(found) / BINS
    statistic = float(np.sum((counts - expected) ** 2) / expected)
    return {
        "counts": [int(n) for n in counts],
        "chi_square": statistic,
        "probability": chi_square_tail(BINS - 1, statistic),
    }


def power(
    repetitions: int, *, width: float = 1.0, shift: float = 0.0, level: float = 0.01, trials: int = 4000
) -> float:
    """How often ``uniformity`` would fall below ``level`` for a posterior that is wrong in a known way.

    The posterior is believed normal with standard deviation ``width`` about a mean wrong by ``shift``, both in true
    posterior standard deviations. With width 1 and shift 0 it is the rate of false alarms. Deterministic.

    >>> power(128, width=0.5) > 0.99, power(128) < 0.03
    (True, True)
    """
    generator = np.random.default_rng(0)
    place = normal_cdf((generator.standard_normal((trials, repetitions)) - shift) / width)
    bins = np.minimum((place * BINS).astype(np.int64), BINS - 1)
    counts = np.stack([(bins == i).sum(axis=1) for i in range(BINS)], axis=1)
    statistic = ((counts - repetitions / BINS) ** 2).sum(axis=1) * BINS / repetitions
    return float(np.mean([chi_square_tail(BINS - 1, float(value)) < level for value in statistic]))

"""Tempered sequential Monte Carlo in standard-normal space: from the prior to the posterior in steps small enough.

The unknowns are independent standard normals (a prior is a map from them). Particles start at prior draws; the
likelihood is raised to a power that grows from 0 to 1, each step chosen so that the weights keep an effective sample
size of half the particles; then particles are drawn by weight and moved by the preconditioned Crank-Nicolson step

    z' = sqrt(1 - b^2) z + b xi,   accepted with probability min(1, exp(power (loglik(z') - loglik(z))))

which leaves the prior alone, whatever the dimension. b follows an acceptance of a quarter.

Sources: P. Del Moral, A. Doucet and A. Jasra, "Sequential Monte Carlo samplers", Journal of the Royal Statistical
Society B 68, 2006; S. L. Cotter, G. O. Roberts, A. M. Stuart and D. White, "MCMC Methods for Functions", Statistical
Science 28, 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError

__all__ = ["Cloud", "effective", "temper"]

Floats = NDArray[np.float64]
LogLikelihood = Callable[[Floats], Floats]
Told = Callable[[str, int, int], None]
KEEP = 0.5  # effective share of particles a step keeps
AIM = 0.25  # acceptance the step size follows
_WIDEST, _NARROWEST = 0.9, 0.02
_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Cloud:
    """Particles [unknown, particle] of the posterior; ``powers`` and ``effective`` by step, ``accepted`` by move."""

    z: Floats
    loglik: Floats
    powers: tuple[float, ...]
    effective: tuple[float, ...]
    accepted: tuple[float, ...]
    evaluations: int


def effective(log_weights: Floats) -> float:
    """Effective sample size (sum w)^2 / sum w^2 of unnormalised log weights.

    >>> effective(np.zeros(10)), round(effective(np.array([0.0, -1000.0])), 6)
    (10.0, 1.0)
    """
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / np.square(weights).sum())


def temper(
    loglik: LogLikelihood, unknowns: int, particles: int, seed: int, *, moves: int = 6, last_moves: int = 12,
    told: Told | None = None,
) -> Cloud:  # fmt: skip
    """Sample the posterior of standard-normal unknowns under a log likelihood [particle] of z [unknown, particle].

    -inf marks a draw that is impossible; the start keeps only possible ones (the prior is the prior given possible).
    Deterministic in the seed. Errors: ModelError when hardly any draw is possible.
    """
    generator = np.random.default_rng(seed)
    z, value, evaluations = _possible(loglik, unknowns, particles, generator)
    power, step = 0.0, 0.5
    powers, sizes, accepted = [0.0], [float(particles)], list[float]()
    for _ in range(_MOST_STEPS):
        rise = _rise(value, 1.0 - power)
        weights = rise * value
        sizes.append(effective(weights))
        power = min(1.0, power + rise)
        powers.append(power)
        chosen = _systematic(weights, generator)
        z, value = z[:, chosen], value[chosen]
        for _ in range(last_moves if power >= 1.0 else moves):
            fresh = np.sqrt(1.0 - step * step) * z + step * generator.standard_normal(z.shape)
            found = loglik(fresh)
            evaluations += particles
            better = np.log(generator.random(particles)) < power * (found - value)
            z, value = np.where(better, fresh, z), np.where(better, found, value)
            share = float(better.mean())
            accepted.append(share)
            step = float(np.clip(step * np.exp(share - AIM), _NARROWEST, _WIDEST))
        if told is not None:
            told("temper", round(100 * power), 100)
        if power >= 1.0:
            return Cloud(z, value, tuple(powers), tuple(sizes), tuple(accepted), evaluations)
    raise ModelError(
        "the likelihood is too sharp to temper", got=f"power {power:.3g} after {_MOST_STEPS} steps"
    )


def _possible(
    loglik: LogLikelihood, unknowns: int, particles: int, generator: np.random.Generator
) -> tuple[Floats, Floats, int]:
    kept: list[Floats] = []
    values: list[Floats] = []
    have = tried = 0
    while have < particles:
        z = generator.standard_normal((unknowns, particles))
        value = loglik(z)
        tried += particles
        fine = np.isfinite(value)
        kept.append(z[:, fine])
        values.append(value[fine])
        have += int(fine.sum())
        if tried >= 50 * particles and have < particles:
            raise ModelError("hardly any prior draw is possible", got=f"{have} of {tried}")
    return np.hstack(kept)[:, :particles], np.hstack(values)[:particles], tried


def _rise(value: Floats, most: float) -> float:
    """The largest rise of the power that keeps half the particles effective, by bisection."""
    if effective(most * value) >= KEEP * len(value):
        return most
    low, high = 0.0, most
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle * value) >= KEEP * len(value) else (low, middle)
    return max(low, 1e-12)


def _systematic(log_weights: Floats, generator: np.random.Generator) -> NDArray[np.int64]:
    """Indices drawn by weight with one uniform number: the low-variance way."""
    weights = np.exp(log_weights - log_weights.max())
    edges = np.cumsum(weights / weights.sum())
    at = (np.arange(len(weights)) + generator.random()) / len(weights)
    return np.minimum(np.searchsorted(edges, at), len(weights) - 1).astype(np.int64)

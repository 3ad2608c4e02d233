"""Morris' elementary effects: a cheap ranking that also shows which inputs interact or bend.

A trajectory starts at a random point of a grid with four levels in the unit cube and moves each input once, in a
random order, by delta = 2/3. An elementary effect is the change of the output over the move; mu* is the mean of its
size, mu of its value, sigma its spread over trajectories. Inputs with sigma as large as mu* act through others, or
turn.

    effect_i = (f(u + delta e_i) - f(u)) / delta

Source: M. D. Morris, "Factorial Sampling Plans for Preliminary Computational Experiments", Technometrics 33(2),
1991; mu* after F. Campolongo, J. Cariboni and A. Saltelli, "An effective screening design for sensitivity
analysis of large models", Environmental Modelling & Software 22(10), 2007.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.random import uniform_matrix

__all__ = ["DELTA", "Effects", "morris"]

Floats = NDArray[np.float64]
Response = Callable[[Floats, NDArray[np.int64]], Floats]  # u [input, point], trajectory [point] -> y [point]

LEVELS = 4
DELTA = LEVELS / (2.0 * (LEVELS - 1))


@dataclass(frozen=True)
class Effects:
    """Per input: mean size, mean and spread of its effects, and the standard error of the mean size."""

    mu_star: Floats
    mu: Floats
    sigma: Floats
    standard_error: Floats


def morris(
    f: Response,
    inputs: int,
    trajectories: int,
    seed: int,
    progress: Callable[[int, int], None] | None = None,
) -> Effects:
    """Elementary effects of f over the unit cube, per unit of u.

    ``f`` is called with points [input, point] and the trajectory each belongs to, so that what else is random can
    stay the same along it. Limit case: a linear f has mu* = |slope| and sigma = 0. Effects that are not numbers
    are left out.
    """
    index = np.arange(trajectories, dtype=np.int64)
    base = np.floor(uniform_matrix(seed, "morris:start", index, range(inputs)) * (LEVELS / 2)) / (LEVELS - 1)
    order = np.argsort(uniform_matrix(seed, "morris:order", index, range(inputs)), axis=0)
    up = uniform_matrix(seed, "morris:sign", index, range(inputs)) < 0.5
    here = np.where(up, base, base + DELTA)
    step = np.where(up, DELTA, -DELTA)
    effects = np.full((inputs, trajectories), np.nan)
    before = f(here, index)
    for place in range(inputs):
        moved = order[place]
        here = here.copy()
        here[moved, index] += step[moved, index]
        after = f(here, index)
        effects[moved, index] = (after - before) / step[moved, index]
        before = after
        if progress is not None:
            progress(place + 1, inputs)
    known = np.isfinite(effects)
    count = np.maximum(known.sum(axis=1), 1)
    size, plain = np.where(known, np.abs(effects), 0.0), np.where(known, effects, 0.0)
    mu_star, mu = size.sum(axis=1) / count, plain.sum(axis=1) / count
    spare = np.maximum(count - 1, 1)
    sigma = np.sqrt((np.where(known, effects - mu[:, None], 0.0) ** 2).sum(axis=1) / spare)
    spread = np.sqrt((np.where(known, size - mu_star[:, None], 0.0) ** 2).sum(axis=1) / spare)
    return Effects(mu_star, mu, sigma, spread / np.sqrt(count))

"""Learning from new figures: particles before and after, and how sharp a figure is.

A figure's likelihood given a path is Student's t with four degrees of freedom in log(figure / path), with scale
``TOLERANCE``. The world carries its own noise (timing of payments, budgets, deliveries), so the scale is what is left:
rounding, restatements, quarters of firms that are not the calendar's. The tails keep one odd print from being obeyed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.core.quarters import Quarter
from supercycle.skill.forecast_targets import TARGETS, Target
from supercycle.skill.known import log_growth
from supercycle.skill.nowcast.news import News, Opened
from supercycle.skill.nowcast.particles import Particles
from supercycle.skill.predict import chips_over_opening
from supercycle.skill.smc import Cloud, temper

__all__ = ["TAIL", "TOLERANCE", "Learnt", "errors", "learn", "paths_of"]

Floats = NDArray[np.float64]
TOLERANCE = 0.08  # judged: log points
TAIL = 4.0
MOVES, LAST_MOVES = 4, 16
_LEAST = 0.01  # of the figure: a path without positive cash flow is as wrong as one of a hundredth


@dataclass(frozen=True, eq=False)
class Learnt:
    """Normals [unknown, particle] before and after the figures, and how the sampler came from one to the other."""

    particles: Particles
    before: Floats
    after: Floats
    powers: tuple[float, ...]
    effective: tuple[float, ...]
    acceptance: float
    distinct: int


def learn(
    opened: Opened, found: Sequence[News], particles: Particles, size: int, seed: int,
    told: Callable[[str, int, int], None] | None = None,
) -> Learnt:  # fmt: skip
    """Particles of the prior, and of the posterior given the figures. Deterministic in its arguments.

    Errors: ModelError without figures, when hardly any draw is possible, or when the sampler collapses.
    """
    if not found:
        raise ModelError("nothing to learn from", expected="a figure published after the opening", got="none")
    steps = max(Quarter.parse(one.quarter) - Quarter.parse(opened.start) for one in found)
    level = _nvidia(opened)

    def loglik(z: Floats) -> Floats:
        paths, fine = paths_of(opened, particles, z, [one.target for one in found], steps, level)
        value = np.zeros(z.shape[1])
        for one in found:
            row = Quarter.parse(one.quarter) - Quarter.parse(opened.start) - 1
            error = errors(one.value, paths[one.target.id][row]) / TOLERANCE
            value -= 0.5 * (TAIL + 1.0) * np.log1p(error * error / TAIL)
        return np.where(fine & np.isfinite(value), value, -np.inf)

    before = _possible(loglik, particles.unknowns, size, seed)
    cloud: Cloud = temper(
        loglik, particles.unknowns, size, seed, moves=MOVES, last_moves=LAST_MOVES, told=told
    )
    distinct = len(np.unique(cloud.z[0]))
    if distinct < size // 20:
        raise ModelError(
            "the figures are too far from every path to learn from",
            expected=f"{size // 20} distinct particles or more", got=distinct,
            hint="Look at the figures' units, or take more particles.",
        )  # fmt: skip
    # News of later quarters is independent of the figures: the same for both sides, so that a difference is no luck.
    later = len(particles.sampled) + steps * particles.world.plan.draw_count
    after = np.concatenate([cloud.z[:later], before[later:]])
    return Learnt(
        particles, before, after, cloud.powers, cloud.effective,
        float(np.mean(cloud.accepted[-LAST_MOVES:])), distinct,
    )  # fmt: skip


def errors(value: float, paths: Floats) -> Floats:
    """Log of a figure over its paths; a path below a hundredth of the figure, or none at all, counts as that.

    >>> errors(1.0, np.array([1.0, -3.0])).round(2).tolist()
    [0.0, 4.61]
    """
    return math.log(value) - np.log(np.maximum(paths, _LEAST * value))


def paths_of(
    opened: Opened, particles: Particles, z: Floats, targets: Sequence[Target], steps: int, nvidia: float | None = None
) -> tuple[dict[str, Floats], NDArray[np.bool_]]:  # fmt: skip
    """What the targets are [quarter, particle] over so many quarters, and which particles are possible and finite."""
    keys = tuple(dict.fromkeys(target.output for target in targets))
    values, params, fine = particles.paths(z, keys, steps)
    by_id: Mapping[str, Floats] = dict(zip(opened.world.model.registry, params, strict=True))
    out: dict[str, Floats] = {}
    for target in targets:
        paths = values[target.output]
        if target.scored == "nvidia":
            paths = (nvidia or _nvidia(opened)) * chips_over_opening(paths, by_id)
        out[target.id] = paths
    return out, fine


def _nvidia(opened: Opened) -> float:
    """The chip maker's quarter of the opening: known, or the last known grown at half its recent rate."""
    known = {q: v for q, v in opened.history(TARGETS[-1]).items() if q <= opened.start}
    behind = Quarter.parse(opened.start) - Quarter.parse(max(known))
    growth = log_growth(known, min(2, len(known) - 1)) if behind and len(known) > 1 else 0.0
    return known[max(known)] * math.exp(0.5 * behind * growth)


def _possible(loglik: Callable[[Floats], Floats], unknowns: int, size: int, seed: int) -> Floats:
    """Draws of the prior that are possible, from a stream of their own."""
    generator = np.random.default_rng([seed, 1])
    kept: list[Floats] = []
    have = 0
    for _ in range(50):
        z = generator.standard_normal((unknowns, size))
        fine = np.isfinite(loglik(z))
        kept.append(z[:, fine])
        have += int(fine.sum())
        if have >= size:
            return np.hstack(kept)[:, :size]
    raise ModelError("hardly any draw is possible", got=f"{have} of {50 * size}")

"""What the points say together: means, coverage, and intervals that know how few independent points there are.

Points of one start share their quarters, and starts a quarter apart share most of their outcomes. So whole starts are
resampled, in circular blocks of ``BLOCK`` starts next to one another with all their series and horizons (a moving block
bootstrap; the same draws for both sides of a paired difference).

How many independent points there are is counted, not resampled (thirteen starts hold about three blocks). With z the
normal score of the outcome's place in the published distribution, at horizon h

    rho_h = mean of z z' over pairs of series of one start / mean of z z       (about zero: a shared bias is shared)
    n_h   = (quarters scored / h) x m / (1 + (m - 1) rho_h)                    m series a start
    n     = 1 / (sum over h of w_h / sqrt(n_h))^2                              w_h the share of points at h

disjoint windows times independent series, horizons taken as wholly dependent on one another.

Source: H. Kuensch, "The Jackknife and the Bootstrap for General Stationary Observations", Annals of Statistics 17,
1989.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_quantile
from supercycle.skill.scored.members import MODEL, PUBLISHED, RULES
from supercycle.skill.scored.points import HORIZONS, Point
from supercycle.skill.series import kind_of

__all__ = ["BLOCK", "RESAMPLED", "by", "independent", "interval", "pit_tenths", "row", "summarised"]

Floats = NDArray[np.float64]
BLOCK = 4  # starts, a year: fixed before any score was seen
RESAMPLED = 4000
SEED = 1


def summarised(points: Sequence[Point]) -> dict[str, Any]:
    """The summary of a back-test without its events; None where there is nothing to say it of.

    ``paired_interval`` is the 5-95 % interval of published less rules' pool, in CRPS on logs: below zero is better.
    """
    compared = [point for point in points if RULES in point.crps and PUBLISHED in point.crps]
    return {
        "points": len(points),
        "independent_points": independent(points),
        "starts": len({point.start for point in points}),
        "coverage_90": mean(points, lambda p: float(p.inside_90)),
        "coverage_90_interval": interval(points, lambda p: float(p.inside_90)),
        "coverage_50": mean(points, lambda p: float(p.inside_50)),
        "coverage_90_by_horizon": {
            str(h): mean([p for p in points if p.horizon == h], lambda p: float(p.inside_90)) for h in HORIZONS
        },
        "coverage_50_by_horizon": {
            str(h): mean([p for p in points if p.horizon == h], lambda p: float(p.inside_50)) for h in HORIZONS
        },
        "compared_points": len(compared),
        "crps_published": mean(compared, lambda p: p.crps[PUBLISHED]),
        "crps_model": mean(compared, lambda p: p.crps[MODEL]),
        "crps_pool_of_rules": mean(compared, lambda p: p.crps[RULES]),
        "paired_difference": mean(compared, lambda p: p.crps[PUBLISHED] - p.crps[RULES]),
        "paired_interval": interval(compared, lambda p: p.crps[PUBLISHED] - p.crps[RULES]),
        "paired_interval_model": interval(compared, lambda p: p.crps[MODEL] - p.crps[RULES]),
        "paired_interval_without_cash_flow": interval(
            [p for p in compared if kind_of(p.series) != "cash flow"], lambda p: p.crps[PUBLISHED] - p.crps[RULES]
        ),
        "block_of_starts": BLOCK,
    }  # fmt: skip


def independent(points: Sequence[Point]) -> float | None:
    """How many independent points these are worth; None without any."""
    if not points:
        return None
    lost = 0.0
    for horizon in HORIZONS:
        mine = [point for point in points if point.horizon == horizon]
        if not mine:
            continue
        scores: dict[str, list[float]] = {}
        for point in mine:
            scores.setdefault(point.start, []).append(_score(point))
        sizes = [len(found) for found in scores.values()]
        own = sum(z * z for found in scores.values() for z in found)
        shared = sum(sum(found) ** 2 - sum(z * z for z in found) for found in scores.values())
        pairs = sum(size * (size - 1) for size in sizes)
        rho = max(shared / pairs / (own / len(mine)), 0.0) if pairs and own > 0.0 else 0.0
        series, windows = len(mine) / len(sizes), max(len({p.quarter for p in mine}) / horizon, 1.0)
        lost += len(mine) / len(points) / math.sqrt(windows * series / (1.0 + (series - 1.0) * rho))
    return round(1.0 / lost**2, 1)


def _score(point: Point) -> float:
    """The normal score of a point's place."""
    return float(normal_quantile(np.array([min(max(point.pit, 0.005), 0.995)]))[0])


def mean(points: Sequence[Point], of: Callable[[Point], float]) -> float | None:
    """The mean over points; None without any."""
    return float(np.mean([of(point) for point in points])) if points else None


def interval(points: Sequence[Point], of: Callable[[Point], float]) -> list[float] | None:
    """The 5-95 % interval of the mean over resampled blocks of starts; None with fewer than two blocks of them."""
    found = _resampled(points, of)
    return [float(v) for v in np.quantile(found, [0.05, 0.95])] if len(found) else None


def _resampled(points: Sequence[Point], of: Callable[[Point], float]) -> Floats:
    starts = sorted({point.start for point in points})
    if len(starts) < 2 * BLOCK:
        return np.empty(0)
    place = {start: i for i, start in enumerate(starts)}
    total, count = np.zeros(len(starts)), np.zeros(len(starts))
    for point in points:
        total[place[point.start]] += of(point)
        count[place[point.start]] += 1.0
    generator = np.random.default_rng(SEED)
    blocks = -(-len(starts) // BLOCK)
    first = generator.integers(0, len(starts), (RESAMPLED, blocks, 1))
    chosen = ((first + np.arange(BLOCK)) % len(starts)).reshape(RESAMPLED, -1)[:, : len(starts)]
    return total[chosen].sum(axis=1) / count[chosen].sum(axis=1)


def row(points: Sequence[Point]) -> dict[str, Any]:
    """One line of a table: points, coverage, mean CRPS by forecaster where it exists on every compared point."""
    compared = [point for point in points if RULES in point.crps]
    shared: set[str] = set(compared[0].crps) if compared else set()
    for point in compared:
        shared &= set(point.crps)
    order = [who for who in (PUBLISHED, MODEL, RULES) if who in shared]
    order += sorted(shared - set(order))
    return {
        "points": len(points),
        "starts": len({point.start for point in points}),
        "coverage_50": mean(points, lambda p: float(p.inside_50)),
        "coverage_90": mean(points, lambda p: float(p.inside_90)),
        "coverage_90_model": mean(points, lambda p: float(p.inside_90_model)),
        "above_median": mean(points, lambda p: float(p.pit > 0.5)),
        "pit_tenths": pit_tenths(points),
        "compared_points": len(compared),
        "crps": {who: mean(compared, lambda p, who=who: p.crps[who]) for who in order},
    }


def pit_tenths(points: Sequence[Point]) -> list[int]:
    """How many outcomes fell in each tenth of the published distribution; equal counts are right."""
    return [int(n) for n in np.histogram([point.pit for point in points], 10, (0.0, 1.0))[0]]


def by(points: Sequence[Point], key: Callable[[Point], str]) -> dict[str, dict[str, Any]]:
    """``row`` for each value of a key, in order of appearance."""
    found: dict[str, list[Point]] = {}
    for point in points:
        found.setdefault(key(point), []).append(point)
    return {name: row(mine) for name, mine in found.items()}

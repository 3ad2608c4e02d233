"""Scores of a spread of paths against what happened, and the records every episode is told in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from supercycle.skill.manias.mechanism import Floats

__all__ = ["LEVELS", "band", "check", "crps_paths", "path_record"]

LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def crps_paths(paths: Floats, actual: float) -> float:
    """Continuous ranked probability score of equally likely paths, in the unit of the paths; 0 is perfect.

    ``mean|x - actual| - mean|x - x'| / 2``; for one path it is the absolute error. Source: Gneiting and Raftery,
    Strictly Proper Scoring Rules, JASA 2007, eq. 21.

    >>> crps_paths(np.array([3.0]), 5.0), crps_paths(np.array([0.0, 1.0]), 0.0)
    (2.0, 0.25)
    """
    x = np.sort(paths)
    n = len(x)
    # Sum over pairs of |x_i - x_j| from the order: each x_i is above i others and below n - 1 - i.
    pairs = 2.0 * float(np.sum((2.0 * np.arange(n) - n + 1.0) * x))
    return float(np.mean(np.abs(x - actual))) - pairs / (2.0 * n * n)


def band(paths: Floats) -> dict[str, float]:
    """The five quantiles of a spread."""
    found = np.quantile(paths, list(LEVELS.values()))
    return {name: float(value) for name, value in zip(LEVELS, found, strict=True)}


def check(what: str, unit: str, predicted: Floats, actual: float, note: str = "") -> dict[str, Any]:
    """One number of an episode: predicted band, what happened, and whether it lies inside the 90 % band."""
    found = band(predicted)
    inside = bool(found["q05"] <= actual <= found["q95"])
    return {"what": what, "unit": unit, **found, "actual": actual, "inside_90": inside, "note": note}


def path_record(
    years: Sequence[int],
    paths: Floats,
    outcome: Mapping[int, float],
    rivals: Mapping[str, Mapping[int, float]],
) -> dict[str, Any]:
    """Bands by year beside the outcome and the rivals, with the mean CRPS of each over the years that have one.

    A rival's forecast is one number, so its CRPS is its absolute error. ``paths`` is ``[year, path]``.
    """
    scored = [i for i, year in enumerate(years) if year in outcome]
    bands = [band(row) for row in paths]
    inside = [bands[i]["q05"] <= outcome[years[i]] <= bands[i]["q95"] for i in scored]
    scores = {"mechanism": [crps_paths(paths[i], outcome[years[i]]) for i in scored]}
    for name, rival in rivals.items():
        scores[name] = [abs(rival[years[i]] - outcome[years[i]]) for i in scored]
    means = {name: float(np.mean(values)) for name, values in scores.items()}
    return {
        "years": list(years),
        **{level: [found[level] for found in bands] for level in LEVELS},
        "actual": [outcome.get(year) for year in years],
        "rivals": {name: [rival[year] for year in years] for name, rival in rivals.items()},
        "inside_90": sum(inside),
        "scored": len(scored),
        "crps": means,
        "best": min(means, key=lambda name: means[name]),
    }

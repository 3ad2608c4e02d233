"""Which world variable hurts a deal most: losses where it is at its worst, and a regression on ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.service.the_world import subject

__all__ = ["FEWEST_PATHS", "what_hurts"]

Floats = NDArray[np.float64]
FEWEST_PATHS = 100  # with fewer, a fifth of the paths is no sample
WORST_SHARE = 0.2
IN_REGRESSION = 6  # the variables of largest effect that are not nearly the same as one taken already
TOO_ALIKE = 0.9  # absolute rank correlation
NOISE = 4.0  # standard errors
SHOWN = 12


def what_hurts(
    harm: Floats, outputs: Mapping[str, Floats], covered: NDArray[np.bool_], *, harm_is: str
) -> dict[str, Any]:
    """Rank world variables by how much worse the deal does where each is at its worst.

    ``harm`` [path]: what is bad (a loss, or minus a cover). Each variable is its mean over the quarters that the deal
    covers; ``excess`` = mean harm in the worse of its lowest and highest fifth of paths, less the mean of all. The
    regression is of the ranks of harm on the ranks of the leading variables (those nearly the same as one before
    left out); its coefficients are standardised, so that they compare. Association, not cause: variables of one
    world move together. A variable is ``beyond_noise`` when its excess or its rank correlation is 4 standard errors
    or more (the best of a hundred unrelated ones reaches 3); those come first, and without any the status is
    ``within_noise``.
    Other status: ``too_few_paths``, ``same_on_every_path``, ``no_variable_differs`` when there is nothing to rank.
    """
    paths = len(harm)
    told: dict[str, Any] = {"harm": harm_is, "status": "ok", "variables": [], "regression": None}
    if paths < FEWEST_PATHS:
        return {**told, "status": "too_few_paths"}
    if float(np.ptp(harm)) <= 1e-12 * max(float(np.abs(harm).max()), 1e-300):
        return {**told, "status": "same_on_every_path"}
    tail = int(WORST_SHARE * paths)
    error = float(harm.std()) * np.sqrt(1 / tail - 1 / paths)
    ranked_harm, mean = _ranks(harm), float(harm.mean())
    rows: list[dict[str, Any]] = []
    ranks: dict[str, Floats] = {}
    variables = subject().model.variables
    for key, values in outputs.items():
        level = values[covered].mean(axis=0)
        if not np.isfinite(level).all() or float(np.ptp(level)) <= 1e-12 * max(
            float(np.abs(level).max()), 1e-300
        ):
            continue
        order = np.argsort(level, kind="stable")
        low, high = float(harm[order[:tail]].mean()), float(harm[order[-tail:]].mean())
        ranks[key] = _ranks(level)
        name, _, member = key.partition(":")
        label = (variables[name].label or name) if name in variables else name
        rows.append({
            "variable": key,
            "label": f"{label}, {member}" if member else label,
            "worse_when": "low" if low > high else "high",
            "harm_there": max(low, high),
            "excess": max(low, high) - mean,
            "standard_errors": float((max(low, high) - mean) / error),
            "rank_correlation": float(ranks[key] @ ranked_harm),
            "beyond_noise": False,
        })  # fmt: skip
    if not rows:
        return {**told, "status": "no_variable_differs"}
    for row in rows:
        sizes = row["standard_errors"], abs(row["rank_correlation"]) * np.sqrt(paths)
        row["beyond_noise"] = bool(max(sizes) >= NOISE)
    rows.sort(key=lambda row: (not row["beyond_noise"], -row["excess"]))
    return {
        **told,
        "status": "ok" if any(row["beyond_noise"] for row in rows) else "within_noise",
        "mean_harm": mean,
        "variables": rows[:SHOWN],
        "regression": _regression(ranked_harm, ranks, [row["variable"] for row in rows]),
    }


def _regression(harm: Floats, ranks: Mapping[str, Floats], order: list[str]) -> dict[str, Any]:
    taken: list[str] = []
    for key in order:
        if all(abs(float(ranks[key] @ ranks[other])) < TOO_ALIKE for other in taken):
            taken.append(key)
        if len(taken) == IN_REGRESSION:
            break
    x = np.array([ranks[key] for key in taken]).T
    slopes: Floats = np.asarray(np.linalg.lstsq(x, harm, rcond=None)[0], np.float64)
    left = harm - x @ slopes
    return {
        "r2": float(1 - left @ left),
        "coefficients": {key: float(b) for key, b in zip(taken, slopes, strict=True)},
    }


def _ranks(values: Floats) -> Floats:
    """Ranks with ties at their mean, centred, of length 1: a dot product of two is a Spearman correlation."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    after = np.cumsum(counts)
    ranks = (after - (counts + 1) / 2)[place]
    centred = ranks - ranks.mean()
    size = float(np.sqrt(centred @ centred))
    return centred / size if size > 0 else centred

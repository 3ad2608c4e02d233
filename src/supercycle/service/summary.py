"""A run as quantiles by output, what each output is, and how far it is from another run: what a page draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.drivers import FEWEST_PATHS, drivers
from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.run import Run

__all__ = ["NAMES", "answered", "change", "described", "differences", "series", "spread_by_evidence"]

Floats = NDArray[np.float64]
NAMES = tuple(f"q{round(100 * level):02d}" for level in LEVELS)


def answered(run: Run, keys: Sequence[str], samples: int = 0) -> dict[str, Any]:
    """Quantiles of ``keys`` as 32-bit numbers (seven digits: what a screen can show), NaN for what is not known."""
    return {key: series(run.value(key), run.ok, samples) for key in keys}


def series(values: Floats, ok: NDArray[np.bool_], samples: int = 0) -> dict[str, Any]:
    """One output: quantiles by name, its mean, and the first single paths."""
    kept = values if bool(ok.all()) else values[:, ok]
    found: dict[str, Any] = {
        name: row.astype(np.float32) for name, row in zip(NAMES, quantiles(kept), strict=True)
    }
    found["mean"] = kept.mean(axis=1).astype(np.float32)
    if samples:
        found["samples"] = np.ascontiguousarray(kept[:, :samples].T).astype(np.float32)
    return found


def described(run: Run, key: str) -> dict[str, Any]:
    """What an output is, besides its numbers."""
    name, _, entity = key.partition(":")
    variable = run.subject.model.variables[name]
    return {
        "label": variable.label or variable.meaning or name,
        "unit": variable.unit,
        "block": variable.block,
        "meaning": variable.meaning,
        "entity": entity or None,
    }


def differences(a: Run, b: Run, keys: Sequence[str]) -> dict[str, Any]:
    """Quantiles of the paired difference b - a, path by path."""
    both = a.ok & b.ok
    return {
        key: series(b.value(key)[:, both] - a.value(key)[:, both], np.ones(int(both.sum()), dtype=bool))
        for key in keys
    }


def change(run: Run, base: Run | None, key: str, at: int, *, share: bool) -> dict[str, Any] | None:
    """The paired difference from the base case in one quarter; None where there is nothing beside it."""
    if base is None or key not in base.outputs or at >= len(base.quarters):
        return None
    both = run.ok & base.ok
    away = run.value(key)[at, both] - base.value(key)[at, both]
    if not len(away):
        return None
    if share:
        return {"value": float(away.mean()), "ends": None}
    low, middle, high = (float(v[0]) for v in quantiles(away[None, :], (0.05, 0.5, 0.95)))
    return {"value": middle, "ends": [low, high]}


def spread_by_evidence(run: Run, key: str, quarter: str) -> dict[str, float] | None:
    """Shares of an output's variance by kind of evidence of its inputs, the rest unexplained; None when it is fixed."""
    if int(run.ok.sum()) < FEWEST_PATHS:
        return None
    found = drivers(run, [key], quarter)[key]
    if not found.shares:
        return None
    return {**found.evidence, "unexplained": found.unexplained}

"""The episodes by name, and how each stands: run on demand, nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from supercycle.core.errors import UnknownNameError
from supercycle.skill.manias.high_yield import high_yield
from supercycle.skill.manias.illustrations import railways, third_generation
from supercycle.skill.manias.mechanism import PATHS, SEED
from supercycle.skill.manias.mining import mining
from supercycle.skill.manias.shale import shale
from supercycle.skill.manias.telecom_report import telecom

__all__ = ["EPISODES", "describe", "list_episodes"]

EPISODES = ("telecom", "high-yield", "shale", "mining-hardware", "railways", "3g")
_SAMPLED: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "telecom": telecom,
    "shale": shale,
    "mining-hardware": mining,
}
_FIXED: dict[str, Callable[[], dict[str, Any]]] = {
    "high-yield": high_yield,
    "railways": railways,
    "3g": third_generation,
}


def describe(name: str, paths: int = PATHS, seed: int = SEED) -> dict[str, Any]:
    """Run one episode; UnknownNameError names the nearest.

    >>> describe("railways")["kind"]
    'illustration'
    """
    if name in _SAMPLED:
        found = _SAMPLED[name](paths, seed)
        drawn: dict[str, Any] = {"paths": paths, "seed": seed}
    elif name in _FIXED:
        found, drawn = _FIXED[name](), {"paths": None, "seed": None}
    else:
        raise UnknownNameError("episode", name, EPISODES)
    return {**found, **drawn, "verdict": _verdict(found["checks"])}


def list_episodes(paths: int = PATHS, seed: int = SEED) -> dict[str, Any]:
    """Every episode with its verdict and its first sentence."""
    rows = [describe(name, paths, seed) for name in EPISODES]
    kept = ("episode", "title", "kind", "fit_window", "predicted", "verdict", "statement")
    return {"count": len(rows), "episodes": [{key: row[key] for key in kept} for row in rows]}


def _verdict(checks: list[dict[str, Any]]) -> str:
    """How many of the episode's numbers lie in their 90 % band."""
    if not checks:
        return "not scored"
    return f"{sum(row['inside_90'] for row in checks)} of {len(checks)} inside the band"

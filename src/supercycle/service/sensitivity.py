"""Sensitivity of one output, as a user asks for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import EVIDENCE
from supercycle.engine import sensitivity as engine
from supercycle.engine.drivers import Drivers, drivers
from supercycle.engine.odds import Odds, is_event, odds
from supercycle.engine.reading import read, reading
from supercycle.engine.run import UNTIL, Progress, Run, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.the_world import subject
from supercycle.service.unread import refuse_unread

__all__ = ["METHODS", "PATHS", "sensitivity"]

SCHEMA = "supercycle.sensitivity/1"
METHODS = ("auto", "drivers", "odds", *engine.METHODS)
PATHS = {"auto": 4000, "drivers": 4000, "odds": 4000, "tornado": 320, "morris": 64, "sobol": 1024}
NOTE = (
    "Shares of the variance of ranks on the scenario's own paths, correlations kept; main effects only. "
    "What is left over is events, interactions and responses that turn."
)

ODDS_NOTE = (
    "The event's frequency where a parameter's draws are in their lowest and highest fifth. Only parameters beyond "
    "chance are named (one false name in twenty runs); the rest is chance within the paths and interactions."
)

Settings = Iterable[str] | Mapping[str, float | str]


def sensitivity(
    output: str,
    *,
    method: str = "auto",
    quarter: str | None = None,
    preset: str = "base",
    set: Settings = (),
    paths: int | None = None,
    seed: int = 1,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Which parameters carry an output, and how much of that is measured, published and judged.

    ``method`` auto is odds for an output that is 0 or 1 on each path, else drivers. ``output`` may carry its
    quarter or ``sum``, ``max`` or ``min`` after a colon; ``quarter`` says it apart. ``paths`` are paths
    (drivers, tornado), trajectories (Morris) or rows of the design (Sobol).

    Errors: UnknownNameError for an output or method; InputError for too few paths.
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    world = subject()
    registry = world.model.registry
    found = reading(world, output if quarter is None else f"{output}:{quarter}")
    scenario = with_settings(resolve(preset, registry, world.presets), set, registry)
    refuse_unread(world, scenario)
    count = PATHS[method] if paths is None else paths
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "method": method,
        "output": {"reading": found.text, "label": found.label, "unit": found.unit, "when": found.when},
        "scenario": {"preset": scenario.name, "title": scenario.title},
        "paths": count,
        "seed": seed,
        "model_hash": world.model_hash,
    }
    if method in ("auto", "drivers", "odds"):
        if found.when in ("sum", "max", "min"):
            raise InputError(
                f"{method} looks at one quarter",
                got=found.text,
                hint="Use --method tornado, morris or sobol.",
            )
        run = simulate(
            world,
            scenario,
            paths=count,
            seed=seed,
            until=until,
            kernel=kernel,
            outputs=found.slots(world),
            progress=progress,
        )
        values = read(found, run)
        event = is_event(values[run.ok])
        if method == "odds" and not event:
            raise InputError(
                "odds are of an event", expected="an output that is 0 or 1 on each path", got=found.text,
                hint="Use --method drivers.",
            )  # fmt: skip
        if event and method != "drivers":
            return {**body, "method": "odds", **_odds(odds(run, values), run)}
        body["method"] = "drivers"
        at = None if found.derived or found.when == "last" else found.when
        return {**body, **_drivers(drivers(run, [found.output], at)[found.output], run)}
    answer = engine.sensitivity(
        world,
        scenario,
        found,
        method,
        paths=count,
        seed=seed,
        until=until or scenario.until or UNTIL,
        kernel=kernel,
        progress=progress,
    )
    return {
        **body,
        "note": engine.NOTES[method],
        "evidence": answer.evidence,
        "rows": [
            {
                "parameter": row.parameter,
                "label": row.label,
                "evidence": row.evidence,
                "block": row.block,
                **{key: value if math.isfinite(value) else None for key, value in row.facts.items()},
            }
            for row in answer.rows
        ],
        "used": answer.used,
        "evaluations": answer.evaluations,
        "books": {"residual_max": answer.residual_max},
    }


def _odds(found: Odds, run: Run) -> dict[str, Any]:
    registry = run.subject.model.registry
    shares = {kind: 0.0 for kind in EVIDENCE}
    for row in found.rows:
        shares[registry[row.parameter].evidence] += row.share
    return {
        "note": ODDS_NOTE,
        "frequency": found.frequency,
        "tested": found.tested,
        "evidence": {**shares, "unexplained": found.unexplained},
        "rows": [
            {
                "parameter": row.parameter,
                "label": registry[row.parameter].label,
                "evidence": registry[row.parameter].evidence,
                "block": registry[row.parameter].block,
                "low_fifth": row.low,
                "high_fifth": row.high,
                "share": row.share,
                "z": row.z,
            }
            for row in found.rows
        ],
        "used": found.paths,
        "evaluations": run.paths,
        "books": {"residual_max": run.residual_max},
    }


def _drivers(found: Drivers, run: Run) -> dict[str, Any]:
    """The shares of the rank regression; what it does not explain is named."""
    registry = run.subject.model.registry
    return {
        "note": NOTE,
        "evidence": {**found.evidence, "unexplained": found.unexplained},
        "rows": [
            {
                "parameter": share.parameter,
                "label": share.label,
                "evidence": share.evidence,
                "block": registry[share.parameter].block,
                "share": share.share,
                "correlation": share.correlation,
            }
            for share in found.shares
        ],
        "used": int(run.ok.sum()),
        "evaluations": run.paths,
        "books": {"residual_max": run.residual_max},
    }

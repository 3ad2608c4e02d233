"""What the bad paths of a scenario have in common, as a user asks for it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import Registry
from supercycle.engine import discover as engine
from supercycle.engine.odds import is_event
from supercycle.engine.reading import read, reading
from supercycle.engine.run import Progress, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.arguments import whole_argument
from supercycle.service.the_world import subject
from supercycle.service.unread import refuse_unread

__all__ = ["PATHS", "discover"]

SCHEMA = "supercycle.discover/1"
PATHS = 8000  # half of them are held out; a share of 5 % is then 200 bad paths a half
SHARE = 0.05
NOTE = (
    "Found on every other path and judged on the rest. Coverage: bad paths inside over all bad paths. Density: bad "
    "paths inside over paths inside. What the draws of single quarters decide is in no box."
)

Settings = Iterable[str] | Mapping[str, float | str]


def discover(
    output: str = "busted",
    *,
    worst: Literal["low", "high"] | None = None,
    share: float = SHARE,
    coverage: float = 0.5,
    most: int = 4,
    preset: str = "base",
    set: Settings = (),
    paths: int | None = None,
    seed: int = 1,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The conditions that bad paths share: ranges of a few parameters, with coverage and density on unseen paths.

    Bad is, for an output that is 0 or 1 on each path, 1 at its last quarter (or the one named after a colon, as in
    ``busted:2030Q4``); for any other output the ``share`` of paths that are lowest or highest, which ``worst`` says.
    ``coverage`` is how much of the bad paths a box must hold where it is found, ``most`` how many conditions it may
    have.

    Limit case: where no box beats chance on the unseen half, ``better_than_chance`` is False and the rows are what was
    tried. Errors: UnknownNameError for an output; InputError for an output that is no event without ``worst``, for
    ``worst`` or ``share`` beside an event, and for too few bad paths.
    """
    world = subject()
    registry = world.model.registry
    found = reading(world, output)
    scenario = with_settings(resolve(preset, registry, world.presets), set, registry)
    refuse_unread(world, scenario)
    count = whole_argument("paths", PATHS if paths is None else paths, 1, 10**7)
    run = simulate(
        world, scenario, paths=count, seed=seed, until=until, kernel=kernel, outputs=found.slots(world),
        progress=progress,
    )  # fmt: skip
    values = read(found, run)
    known = run.ok & np.isfinite(values)
    bad, told = _bad(values[known], found.label, found.unit, worst, share)
    answer = engine.discover(
        list(registry), run.params[:, known], bad, coverage=coverage, most=whole_argument("most", most, 1, 20)
    )
    when = run.quarters[-1] if found.when == "last" else found.when
    return {
        "schema": SCHEMA,
        "output": {"reading": found.text, "label": found.label, "unit": found.unit, "when": when},
        "bad": told,
        "scenario": {"preset": scenario.name, "title": scenario.title},
        "paths": count,
        "used": int(known.sum()),
        "seed": seed,
        "model_hash": world.model_hash,
        "note": NOTE,
        "better_than_chance": answer.is_better_than_chance,
        "conditions": [_condition(one, registry) for one in answer.conditions],
        "found_on": _box(answer.found_on),
        "held_out": _box(answer.held_out),
        "books": {"residual_max": run.residual_max},
    }


def _bad(values: Any, label: str, unit: str, worst: str | None, share: float) -> tuple[Any, str]:
    """Which paths are bad, and that in words."""
    if is_event(values):
        if worst is not None or share != SHARE:
            raise InputError(
                f"{label} is an event: it is 0 or 1 on each path",
                expected="neither worst nor share beside it",
                got=f"worst={worst}, share={share}",
            )
        return values == 1.0, f"{label} is 1"
    if worst not in ("low", "high"):
        if worst is not None:
            raise UnknownNameError("side", worst, ("low", "high"))
        raise InputError(
            f"{label} is no event: which of its paths are bad",
            expected="worst low or high",
            got="nothing",
            where="worst",
        )
    if not 0 < share < 1:
        raise InputError("share", expected="between 0 and 1", got=share)
    edge = float(np.quantile(values, share if worst == "low" else 1 - share))
    bad = values <= edge if worst == "low" else values >= edge
    side, bound = ("lowest", "at most") if worst == "low" else ("highest", "at least")
    told = f"{label} is among the {side} {100 * share:g} % of paths ({bound} {edge:.4g} {unit})"
    return bad, told


def _condition(one: engine.Condition, registry: Registry) -> dict[str, Any]:
    param = registry[one.parameter]
    return {
        "parameter": one.parameter,
        "label": param.label,
        "unit": param.unit,
        "evidence": param.evidence,
        "from": one.low if math.isfinite(one.low) else None,
        "to": one.high if math.isfinite(one.high) else None,
        "range": [param.low, param.high],
        "chance": one.chance,
    }


def _box(box: engine.Box) -> dict[str, Any]:
    return {
        "paths": box.paths,
        "bad": box.bad,
        "inside": box.inside,
        "bad_inside": box.bad_inside,
        "base": box.base,
        "coverage": box.coverage,
        "density": box.density if box.inside else None,
        "lift": box.density / box.base if box.inside and box.base else None,
        "chance": box.chance,
    }

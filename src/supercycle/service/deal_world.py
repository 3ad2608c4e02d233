"""A deal's references to the world, made arrays [period, path] from a run of the world.

The rule, shown with every result: a period takes the mean of the quarters it spans, weighted by days; days before the
first simulated quarter take that quarter's value, days after the last take the last one's.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.cases import Stated
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Deal
from supercycle.engine import store
from supercycle.engine.run import Progress, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.manifest import manifest
from supercycle.service.the_world import subject

__all__ = [
    "RULE",
    "World",
    "matched",
    "neutral",
    "references",
    "weights",
    "world_from_preset",
    "world_from_result",
]

Floats = NDArray[np.float64]
RULE = (
    "a period takes the mean of the quarters it spans, by days; before the world's first quarter its value "
    "is held, after the last the last one's"
)


@dataclass(frozen=True)
class World:
    """A run of the world as a deal needs it: outputs [quarter, path] on the paths that have numbers."""

    origin: dict[str, Any]
    quarters: tuple[str, ...]
    outputs: dict[str, Floats]
    paths: int
    dropped: int


def references(deal: Deal) -> dict[str, str]:
    """The world names a deal refers to, each with where it was first written."""
    found: dict[str, str] = {}
    for number in _numbers(deal):
        for name in (number.world, number.times, number.moves_with):
            if name:
                found.setdefault(name, number.where)
    return dict(sorted(found.items()))


def neutral(deal: Deal) -> frozenset[str]:
    """The names that only move numbers relative to their first value: without a world they move nothing."""
    absolute = {name for n in _numbers(deal) for name in (n.world, n.times) if name}
    return frozenset(references(deal)) - absolute


def _numbers(block: Any) -> Iterable[Number]:
    if isinstance(block, Number):
        yield block
        if block.floating is not None:
            yield from _numbers((block.floating.base, block.floating.margin))
        yield from _numbers(tuple(case.number for case in block.cases))
    elif isinstance(block, Stated):
        yield from _numbers(block.number)
    elif isinstance(block, tuple):
        for item in cast("tuple[Any, ...]", block):
            yield from _numbers(item)
    elif dataclasses.is_dataclass(block):
        for field in dataclasses.fields(block):
            yield from _numbers(getattr(block, field.name))


def world_from_preset(
    name: str,
    wanted: dict[str, str],
    *,
    also: Sequence[str] = (),
    paths: int,
    seed: int,
    kernel: str = "auto",
    progress: Progress | None = None,
    levers: Mapping[str, float | str] | None = None,
) -> World:
    """Run a scenario, with ``levers`` on top, and keep what the deal refers to (``wanted``, with where) and ``also``.

    Errors: UnknownNameError at the deal's own line for a name the world does not have; those of ``simulate``.
    """
    world = subject()
    scenario = with_settings(
        resolve(name, world.model.registry, world.presets), levers or {}, world.model.registry
    )
    for key, where in wanted.items():
        _one_series(key, where, world.plan.slot_names, world.model.variables)
    keys = list(dict.fromkeys((*wanted, *also)))
    run = simulate(
        world, scenario, paths=paths, seed=seed, kernel=kernel, outputs=keys or None, progress=progress
    )
    said = manifest(run)
    origin = {
        "kind": "preset", "name": name, "seed": seed, "kernel": run.kernel,
        "model_hash": said["model_hash"], "command": said["command"],
    }  # fmt: skip
    values = {key: run.value(key)[:, run.ok] for key in run.outputs if key in keys}
    kept = int(run.ok.sum())
    return World(origin, run.quarters, values, kept, run.paths - kept)


def world_from_result(
    folder: Path, wanted: dict[str, str], *, also: Sequence[str] = (), paths: int | None = None
) -> World:
    """Read what the deal refers to from a result folder; ``paths`` keeps the first that many.

    Errors: InputError when it is no result folder or holds fewer paths, UnknownNameError with the nearest output.
    """
    stored = store.load(folder)
    differ = store.changes(stored.manifest, subject())
    if differ:
        raise InputError(
            "this result was made by another model", expected="today's model", got="; ".join(differ), where=str(folder),
            hint="Run its command again: " + str(stored.manifest.get("command", "")),
        )  # fmt: skip
    kept = stored.manifest["stored"]
    for key, where in wanted.items():
        if key not in stored.outputs:
            raise UnknownNameError(f"world output of {folder}", key, stored.outputs, where=where)
    values = {key: stored.value(key) for key in dict.fromkeys((*wanted, *also)) if key in stored.outputs}
    count = int(stored.manifest["paths"])
    if paths is not None and not 1 <= paths <= count:
        raise InputError("paths do not fit the result", expected=f"1 to {count}", got=paths, where="--paths")
    first = slice(0, paths)
    fine = np.ones(count, np.bool_)
    for failed in stored.manifest.get("failed_paths", {}).values():
        fine[failed] = False
    for key in wanted:
        fine &= np.isfinite(values[key]).all(axis=0)
    fine = fine[first]
    origin = {
        "kind": "result", "name": str(folder), "seed": stored.manifest["seed"],
        "kernel": stored.manifest["kernel"], "model_hash": stored.manifest["model_hash"],
        "command": stored.manifest["command"],
    }  # fmt: skip
    return World(
        origin,
        tuple(kept["quarters"]),
        {key: rows[:, first][:, fine] for key, rows in values.items()},
        int(fine.sum()),
        int((~fine).sum()),
    )


def _one_series(key: str, where: str, slots: Sequence[str], variables: Any) -> None:
    if key in slots:
        return
    members = [slot for slot in slots if slot.startswith(f"{key}:")]
    if key in variables and members:
        raise InputError(f"$world.{key} has members", expected=", ".join(members[:6]), got=key, where=where)
    raise UnknownNameError("world variable", key, tuple(slots), where=where)


def weights(periods: Periods, quarters: Sequence[str]) -> Floats:
    """The share of each period's days in each quarter [period, quarter]; rows add to 1.

    Days outside the quarters count for the first or the last of them.

    >>> three = Periods(datetime.date(2026, 1, 1), 3, 12)
    >>> weights(three, ["2027Q1", "2027Q2"]).round(4).tolist()  # before, 90 of 365 days, after
    [[1.0, 0.0], [0.2466, 0.7534], [0.0, 1.0]]
    """
    begins = [_first_day(Quarter.parse(q)) for q in quarters]
    edges = [datetime.date.min, *begins[1:], datetime.date.max]
    found = np.zeros((periods.count, len(quarters)))
    for t, (start, end) in enumerate(zip(periods.starts, periods.ends, strict=True)):
        for k in range(len(quarters)):
            days = (min(end, edges[k + 1]) - max(start, edges[k])).days
            found[t, k] = max(days, 0) / (end - start).days
    return found


def _first_day(quarter: Quarter) -> datetime.date:
    return datetime.date(quarter.year, 3 * quarter.number - 2, 1)


def matched(world: World, periods: Periods, names: Iterable[str]) -> tuple[dict[str, Floats], dict[str, Any]]:
    """(arrays [period, path] by name, what was matched and how) for the deal's calendar."""
    share = weights(periods, world.quarters)
    first = _first_day(Quarter.parse(world.quarters[0]))
    last = _first_day(Quarter.parse(world.quarters[-1]) + 1)
    variables = subject().model.variables
    values: dict[str, Floats] = {}
    rows: list[dict[str, Any]] = []
    for name in names:
        values[name] = share @ world.outputs[name]
        variable = variables.get(name.partition(":")[0])
        rows.append({
            "name": name,
            "label": (variable.label or variable.meaning or name) if variable else name,
            "unit": variable.unit if variable else None,
            "median_first": float(np.median(values[name][0])),
            "median_last": float(np.median(values[name][-1])),
        })  # fmt: skip
    told = {
        **world.origin,
        "paths": world.paths,
        "paths_without_numbers": world.dropped,
        "quarters": [world.quarters[0], world.quarters[-1]],
        "rule": RULE,
        "periods_before": sum(end <= first for end in periods.ends),
        "periods_after": sum(start >= last for start in periods.starts),
        "periods": periods.count,
        "references": rows,
    }
    return values, told

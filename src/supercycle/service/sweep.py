"""Many scenarios on the same random numbers: one table out, a row a scenario and reading.

A grid takes every combination of the values named; a Latin hypercube spreads ``size`` points over ranges, one in each
of ``size`` equal slices of each range (M. D. McKay, R. J. Beckman, W. J. Conover, Technometrics 21(2), 1979). All
scenarios are run with one seed, so differences between rows are paired.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from supercycle.core.errors import EnvironmentProblem, ScenarioError, UnknownNameError
from supercycle.core.random import uniforms
from supercycle.engine.odds import is_event
from supercycle.engine.preset import parse_yaml
from supercycle.engine.reading import STATISTICS, Reading, read, reading, statistic
from supercycle.engine.run import MOST_PATHS, Progress, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.arguments import whole_argument
from supercycle.service.the_world import subject
from supercycle.service.unread import refuse_unread

__all__ = ["MOST_SCENARIOS", "SCHEMA", "points", "sweep"]

SCHEMA = "supercycle.sweep/1"
MOST_SCENARIOS = 100_000
KEYS = ("schema", "base", "paths", "seed", "outputs", "grid", "latin", "size", "until")
OUTPUTS = ("fleet_it_gw:2030Q4", "ai_revenue_run_rate:2030Q4", "ai_debt_usd_bn:2030Q4", "busted:last")


def sweep(
    source: str | Path | Mapping[str, Any],
    *,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run every scenario of a sweep; ``rows`` hold its settings, a reading, and its mean and quantiles over paths.

    ``source`` is a YAML file or the same as a mapping::

        schema: supercycle.sweep/1
        base: base                     # a preset or file; settings come on top
        paths: 1000
        seed: 1
        outputs: ["fleet_it_gw:2030Q4", "busted:last"]
        grid:                          # every combination; or latin with size
          grid_lead_months: [48, 60, 84]
          hurdle_base: ["9%", "12%"]

    ``cluster`` is the address of a Dask scheduler, or "local" for one on this machine (extra ``cluster``); without it
    the scenarios run one after the other in this process, each on all its cores.

    Errors: ScenarioError for the file, UnknownNameError with the nearest parameter or output, EnvironmentProblem for a
    cluster that cannot be reached.
    """
    content, where = _content(source)
    world = subject()
    registry = world.model.registry
    base = resolve(str(content.get("base", "base")), registry, world.presets)
    paths = whole_argument("paths", content.get("paths", 1000), 1, MOST_PATHS)
    seed = whole_argument("seed", content.get("seed", 1), 0, 2**63 - 1)
    readings = [reading(world, str(text)) for text in cast("list[Any]", content.get("outputs") or OUTPUTS)]
    settings = points(content, where)
    for point in settings:  # every value is read before anything is run
        refuse_unread(world, with_settings(base, point, registry))
    until = content.get("until")
    texts = [one.text for one in readings]
    tasks = [(str(content.get("base", "base")), point, paths, seed, until, texts) for point in settings]
    if cluster is None:
        answers = [_told(progress, i, len(tasks), _one(*task)) for i, task in enumerate(tasks)]
    else:
        answers = _on_cluster(cluster, tasks, progress)
    rows = [
        {"scenario": number, **{f"set.{id}": value for id, value in point.items()}, **row}
        for number, (point, answer) in enumerate(zip(settings, answers, strict=True))
        for row in answer
    ]
    return {
        "schema": SCHEMA,
        "base": base.name,
        "paths": paths,
        "seed": seed,
        "scenarios": len(settings),
        "model_hash": world.model_hash,
        "rows": rows,
    }


def points(content: Mapping[str, Any], where: str = "sweep") -> list[dict[str, float | str]]:
    """The settings of every scenario, in order.

    >>> points({"grid": {"a": [1, 2], "b": ["9%"]}})
    [{'a': 1, 'b': '9%'}, {'a': 2, 'b': '9%'}]
    >>> [round(p["a"], 1) // 2.5 for p in sorted(points({"latin": {"a": [0, 10]}, "size": 4}), key=lambda p: p["a"])]
    [0.0, 1.0, 2.0, 3.0]
    """
    grid, latin = content.get("grid"), content.get("latin")
    if (grid is None) == (latin is None):
        raise ScenarioError("a sweep needs one plan", expected="grid, or latin with size", where=where)
    if grid is not None:
        if not isinstance(grid, Mapping) or not grid:
            raise ScenarioError("bad grid", expected="parameters, each with a list of values", where=where)
        named = cast("Mapping[str, Any]", grid)
        for id, values in named.items():
            if not isinstance(values, list) or not values:
                raise ScenarioError(f"bad values of {id}", expected="a list such as [48, 60]", where=where)
        count = int(np.prod([len(values) for values in named.values()], dtype=np.float64))
        _check_count(count, where)
        return [dict(zip(named, values, strict=True)) for values in itertools.product(*named.values())]
    return _latin(cast("Mapping[str, Any]", latin), content.get("size"), int(content.get("seed", 1)), where)


def _latin(ranges: Mapping[str, Any], size: object, seed: int, where: str) -> list[dict[str, float | str]]:
    count = whole_argument("size", size, 1, MOST_SCENARIOS)
    _check_count(count, where)
    columns: dict[str, Any] = {}
    for id, ends in ranges.items():
        pair = cast("list[Any]", ends)
        numbers = isinstance(ends, list) and len(pair) == 2 and all(isinstance(v, int | float) for v in pair)
        if not numbers or not pair[0] < pair[1]:
            raise ScenarioError(
                f"bad range of {id}", expected="[low, high] in its own unit", got=str(pair), where=where
            )
        low, high = float(pair[0]), float(pair[1])
        index = np.arange(count, dtype=np.int64)
        order = np.argsort(uniforms(seed, f"sweep/{id}/order", index))
        inside = uniforms(seed, f"sweep/{id}/inside", index)
        columns[id] = low + (high - low) * (order + inside) / count
    return [{id: float(values[i]) for id, values in columns.items()} for i in range(count)]


def _check_count(count: int, where: str) -> None:
    if count > MOST_SCENARIOS:
        raise ScenarioError(
            "too many scenarios", expected=f"at most {MOST_SCENARIOS:,}", got=f"{count:,}", where=where
        )


def _content(source: str | Path | Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if isinstance(source, Mapping):
        content, where = source, "sweep"
    else:
        content, where = parse_yaml(Path(source)), str(source)
    for key in content:
        if key not in KEYS:
            raise UnknownNameError("key of a sweep", str(key), KEYS, where=where)
    if content.get("schema", SCHEMA) != SCHEMA:
        raise ScenarioError("unknown schema", expected=SCHEMA, got=repr(content.get("schema")), where=where)
    return content, where


def _one(
    base: str,
    point: Mapping[str, float | str],
    paths: int,
    seed: int,
    until: str | None,
    texts: Sequence[str],
) -> list[dict[str, Any]]:
    """One scenario: a row a reading. Called in this process or in a worker, which has the model itself."""
    world = subject()
    scenario = with_settings(resolve(base, world.model.registry, world.presets), point, world.model.registry)
    readings: list[Reading] = [reading(world, text) for text in texts]
    keys = list(dict.fromkeys(key for one in readings for key in one.slots(world)))
    run = simulate(world, scenario, paths=paths, seed=seed, until=until, outputs=keys)
    rows: list[dict[str, Any]] = []
    for one in readings:
        values = read(one, run)[run.ok]
        found = {name: statistic(values, name) for name in STATISTICS}
        numbers = {name: value if np.isfinite(value) else None for name, value in found.items()}
        facts = {"output": one.text, "label": one.label, "unit": one.unit, "event": is_event(values)}
        rows.append({**facts, "paths": int(run.ok.sum()), **numbers})
    return rows


def _told(
    progress: Progress | None, i: int, total: int, answer: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if progress is not None:
        progress("Scenarios run", i + 1, total)
    return answer


def _on_cluster(
    address: str, tasks: Sequence[tuple[Any, ...]], progress: Progress | None
) -> list[list[dict[str, Any]]]:
    """The scenarios on Dask workers; a worker that dies hands its scenarios to the others."""
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise EnvironmentProblem(
            "Dask is not installed", where="--cluster", hint="pip install 'supercycle[cluster]'"
        ) from error
    made: Any = None
    try:
        if address == "local":
            made = cast("Any", LocalCluster)(
                n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
            )
        client: Any = Client(made or address, timeout=10)
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"no Dask scheduler answers at {address!r}", where="--cluster", hint=str(error).splitlines()[0]
        ) from None
    try:
        futures: list[Any] = [client.submit(_one, *task, retries=3, pure=False) for task in tasks]
        return [_told(progress, i, len(tasks), future.result()) for i, future in enumerate(futures)]
    finally:
        client.close()
        if made is not None:
            made.close()

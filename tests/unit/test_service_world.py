"""The facade on the world itself: every preset runs, books close, a manifest reproduces its run."""

from __future__ import annotations

import json

import numpy as np
import pytest

from supercycle import service
from supercycle.engine import store
from supercycle.service.the_world import subject

PRESETS = [preset["name"] for preset in service.presets()]


def go(preset: str = "base", **changes: object) -> service.Result:
    return service.run(preset, **{"paths": 64, "until": "2028Q4", "kernel": "numpy", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_runs_and_its_books_close(preset: str) -> None:
    body = go(preset).to_dict()
    assert sum(body["status_counts"].values()) == 64
    assert body["books"]["residual_max"] <= 1e-9
    assert body["books"]["checked"] > 0
    assert body["headline"].endswith(".")
    json.dumps(body, allow_nan=False)


@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "base"])
def test_every_preset_moves_something(preset: str) -> None:
    found = service.compare("base", preset, paths=64, until="2030Q4", kernel="numpy")
    assert any(np.any(d.mean != 0.0) for d in found.comparison.differences.values())


def test_fewer_paths_are_the_first_of_more() -> None:
    few, more = go(paths=40).run, go(paths=100).run
    short, long = np.array(few.values), np.array(more.values)[:, :, :40].copy()
    assert np.array_equal(short.view(np.uint64), long.view(np.uint64))


def test_a_manifest_reproduces_its_run() -> None:
    result = go("power-wall", set={"grid_lead_months": 80})
    again = store.reproduce(subject(), json.loads(json.dumps(result.manifest)))
    assert np.array_equal(again.values, result.run.values)

"""A run too large for memory keeps its values on disk and gives the same numbers."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import EnvironmentProblem
from supercycle.engine import run as engine
from supercycle.engine.quantiles import quantiles
from supercycle.engine.scenario import Scenario
from supercycle.engine.spill import Spill

sys.path.append(str(Path(__file__).resolve().parent))
toy = importlib.import_module("engine_toy")


def test_spilled_values_are_those_of_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    world = toy.toy_subject(tmp_path)
    kept = engine.simulate(world, Scenario("base"), paths=100, seed=3, kernel="numpy", chunk=32)
    monkeypatch.setattr(engine, "IN_MEMORY", 0)
    spilled = engine.simulate(world, Scenario("base"), paths=100, seed=3, kernel="numpy", chunk=32)
    assert isinstance(spilled.values, Spill)
    assert len(spilled.values) == len(kept.values) == len(kept.outputs)
    for name, a, b in zip(kept.outputs, kept.values, spilled.values, strict=True):
        assert np.array_equal(a, b), name
        assert np.array_equal(quantiles(a), quantiles(spilled.value(name)))
    for name, found in kept.derived.items():
        assert np.array_equal(found, spilled.derived[name], equal_nan=True)


def test_no_room_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "os.truncate", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(EnvironmentProblem, match="TMPDIR"):
        Spill(1, 1, 1)

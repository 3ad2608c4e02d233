"""A run that does not fit in memory is counted in one pass: its answers are those of the run that does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import BooksError
from supercycle.engine import run as run_module
from supercycle.engine import streaming
from supercycle.engine.run import simulate
from supercycle.engine.scenario import with_settings
from supercycle.engine.sketch import ERROR
from supercycle.service.result import Result


def _load_toy() -> ModuleType:
    file = Path(__file__).parent / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy_streaming", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()
PATHS = 700


@pytest.fixture
def subject(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path / "presets")


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count from 500 paths on, 128 at a time, as soon as a kilobyte would be held."""
    monkeypatch.setattr(run_module, "SKETCHED_FROM", 500)
    monkeypatch.setattr(run_module, "IN_MEMORY", 1000)
    monkeypatch.setattr(streaming, "PIECE", 128)


def go(subject: Any, scenario: Any = toy.BASE, **changes: Any) -> Result:
    given = {"paths": PATHS, "seed": 3, "until": "2027Q4", "kernel": "machine", **changes}
    return Result(simulate(subject, scenario, **given))


@pytest.mark.parametrize("kernel", ["machine", "numpy"])
def test_the_answers_are_those_of_the_run_in_memory(
    subject: Any, monkeypatch: pytest.MonkeyPatch, kernel: str
) -> None:
    exact = go(subject, kernel=kernel)
    small(monkeypatch)
    counted = go(subject, kernel=kernel)
    assert exact.run.sketches == {}
    assert set(counted.run.sketches) == set(exact.run.outputs)
    assert counted.run.values.held == (), "no path is kept"
    assert (counted.run.status == exact.run.status).all()
    assert counted.run.residual_max == exact.run.residual_max
    assert counted.run.checked == exact.run.checked
    for key in exact.run.outputs:
        for level in ("q05", "q25", "q50", "q75", "q95"):
            assert np.allclose(counted.outputs[key][level], exact.outputs[key][level], rtol=ERROR, atol=0.0)
        assert np.allclose(counted.outputs[key]["mean"], exact.outputs[key]["mean"], rtol=1e-13)
        assert toy.same(counted.value(key), exact.value(key)), "paths are recorded when they are read"
    assert toy.same(counted.run.derived["peak"], exact.run.derived["peak"])
    assert counted.derived["peak"] == exact.derived["peak"]
    shares = counted.drivers["capex_all"].shares
    assert [s.parameter for s in shares] == [s.parameter for s in exact.drivers["capex_all"].shares]


def test_threads_change_nothing(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    one, three = go(subject, threads=1), go(subject, threads=3)
    assert dict(one.outputs) == dict(three.outputs)


def test_only_what_is_held_is_counted(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small(monkeypatch)
    run = go(subject, hold=["depth"]).run
    assert set(run.sketches) == {"depth", "capex_all"}, "and what a derived output rests on"


def test_failed_paths_are_left_out_and_books_are_checked(
    subject: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small(monkeypatch)

    def quiet(noise: Any) -> Any:
        return noise < 0.0005

    run = go(toy.toy_subject(tmp_path / "q", accept=quiet)).run
    assert 0 < run.status_counts["rejected"] < PATHS
    assert (run.sketches["capex_all"].count == run.status_counts["ok"]).all()
    with pytest.raises(BooksError, match=f"close on {PATHS} of {PATHS} paths"):
        go(subject, with_settings(toy.BASE, ["leak=1"], subject.model.registry))

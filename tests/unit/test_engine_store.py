"""Result folders: whole or absent, read back bit for bit, and run again."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import EnvironmentProblem, InputError, ModelError, ScenarioError, UnknownNameError
from supercycle.engine import store
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Range, Scenario, resolve, with_settings
from supercycle.service.result import Result


def _load_toy() -> Any:
    """The toy world beside the unit tests; tests are files, not a package, so it is loaded by its place."""
    place = Path(__file__).resolve().parents[1] / "unit" / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()


@pytest.fixture
def subject(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path / "presets")


def go(subject: Any, scenario: Any = toy.BASE, **changes: Any) -> Result:
    return Result(
        simulate(
            subject, scenario, **{"paths": 50, "seed": 3, "until": "2027Q2", "kernel": "numpy", **changes}
        )
    )


def test_a_result_is_read_back_bit_for_bit(subject: Any, tmp_path: Path) -> None:
    result = go(subject)
    kept = store.load(result.save(tmp_path / "deep" / "out"))
    assert kept.outputs == result.run.outputs
    for key in kept.outputs:
        assert toy.same(kept.value(key), result.value(key))
    assert kept.frame().collect_schema().names() == ["output", "entity", "quarter", "path", "value"]
    with pytest.raises(UnknownNameError, match="did you mean 'depth'"):
        kept.value("dpeth")


def test_rows_are_named(subject: Any, tmp_path: Path) -> None:
    rows = store.load(go(subject).save(tmp_path / "out")).frame().collect()
    assert rows.height == 4 * 4 * 50 + 50  # four outputs, four quarters; the peak once a path
    members = rows.filter(rows["output"] == "capex")["entity"].unique().sort().to_list()
    assert members == ["Alpha", "Beta Co"]
    assert rows.filter(rows["output"] == "peak")["quarter"].is_null().all()


def quiet(noise: Any) -> Any:
    return noise < 0.0005


def test_failed_paths_have_no_value_and_are_listed(tmp_path: Path) -> None:
    subject = toy.toy_subject(tmp_path / "p", accept=quiet)
    result = go(subject, paths=200)
    kept = store.load(result.save(tmp_path / "out"))
    failed = kept.manifest["failed_paths"]["rejected"]
    assert failed == np.flatnonzero(~result.run.ok).tolist() != []
    assert np.isnan(kept.value("capex_all")[:, failed]).all()
    assert not np.isnan(np.delete(kept.value("capex_all"), failed, axis=1)).any()


def test_a_manifest_reproduces_its_result(subject: Any, tmp_path: Path) -> None:
    scenario = with_settings(
        Scenario("base", ranges={"idle": Range(0.1, 0.2, 0.3)}), ["growth=0.12"], subject.model.registry
    )
    result = go(subject, scenario)
    manifest = json.loads((result.save(tmp_path / "out") / "manifest.json").read_text())
    again = store.reproduce(subject, manifest)
    assert toy.same(again.values, result.run.values)
    assert toy.same(again.params, result.run.params)


def test_a_changed_model_is_not_reproduced(subject: Any, tmp_path: Path) -> None:
    manifest = go(subject).manifest
    with pytest.raises(ModelError, match="the model has changed"):
        store.reproduce(toy.toy_subject(tmp_path / "p", tables="other"), manifest)


def test_a_result_folder_is_a_scenario(subject: Any, tmp_path: Path) -> None:
    folder = go(subject, with_settings(toy.BASE, ["growth=0.12"], subject.model.registry)).save(
        tmp_path / "out"
    )
    found = resolve(str(folder), subject.model.registry, subject.presets)
    assert (found.set, found.until) == ({"growth": 0.12}, "2027Q2")


def test_a_folder_that_is_no_result_is_refused(subject: Any, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ScenarioError, match=r"expected a folder with manifest\.json"):
        resolve(str(tmp_path / "empty"), subject.model.registry, subject.presets)
    with pytest.raises(InputError, match="not a result folder"):
        store.load(tmp_path / "empty")
    for text in (
        "{",
        "[]",
        '{"scenario": {}}',
        '{"scenario": {"preset": "a", "set": {"growth": "x"}}, "until": "2027Q4"}',
    ):
        (tmp_path / "empty" / "manifest.json").write_text(text)
        with pytest.raises(
            ScenarioError, match=r"manifest\.json: (not a manifest|a result folder of another)"
        ):
            resolve(str(tmp_path / "empty"), subject.model.registry, subject.presets)


def test_a_taken_folder_is_left_alone(subject: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        go(subject).save(tmp_path / "out")
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_place_that_cannot_be_written_is_told(subject: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write") as caught:
        go(subject).save(tmp_path / "file" / "out")
    assert caught.value.exit_code == 5


def test_a_failure_leaves_nothing(subject: Any, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()

    def half() -> None:
        with store.reserve(tmp_path / "here" / "out") as temporary:
            (temporary / "half").write_text("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert list((tmp_path / "here").iterdir()) == []

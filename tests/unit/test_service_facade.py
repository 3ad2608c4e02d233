"""The facade: the Python API mirrors the commands."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle import service
from supercycle.core.errors import UnknownNameError
from supercycle.service import model
from supercycle.service.manifest import processor, versions
from supercycle.service.result import listed
from supercycle.service.the_world import tables_checksum


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


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    subject = toy.toy_subject(tmp_path / "presets")
    monkeypatch.setattr(model, "subject", lambda: subject)
    return subject


def go(**changes: Any) -> Any:
    return service.run(**{"paths": 120, "until": "2027Q2", "kernel": "numpy", **changes})


def test_a_result_gives_quantiles_paths_and_drivers() -> None:
    result = go(set={"growth": 0.12})
    found = result["capex_all"]
    assert found["q50"] == np.quantile(result.value("capex_all"), 0.5, axis=1).tolist()
    assert result["peak"]["entities"] == ["all"]
    assert result.drivers["capex_all"].shares[0].parameter == "price"
    with pytest.raises(UnknownNameError, match="did you mean 'capex_all'"):
        _ = result["capex_al"]
    assert "Capex grows." in repr(result)


def test_a_result_is_json_without_nan() -> None:
    text = json.dumps(go().to_dict(), allow_nan=False)
    assert json.loads(text)["manifest"]["paths"] == 120


def test_few_paths_have_no_drivers() -> None:
    assert go(paths=50).to_dict()["evidence"] == {}


def test_evidence_adds_up() -> None:
    for shares in go(paths=500).evidence.values():
        assert set(shares) == {"measured", "published", "judgement", "unexplained"}
        assert sum(shares.values()) == pytest.approx(1.0)


def test_the_headline_sees_the_whole_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = toy.toy_subject(tmp_path / "p", headline=lambda body: f"{len(body['outputs'])} outputs")
    monkeypatch.setattr(model, "subject", lambda: subject)
    assert go().headline == "4 outputs"


def test_a_derived_output_that_some_paths_lack_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rare(values: Any, params: Any) -> Any:
        peak = values["capex_all"].max(axis=0)
        return np.where(peak > np.median(peak), peak, np.nan)[None, :]

    some = type(toy.PEAK)(**{**vars(toy.PEAK), "compute": rare})
    subject = toy.toy_subject(tmp_path / "p", derived=(some,))
    monkeypatch.setattr(model, "subject", lambda: subject)
    found = go().to_dict()["derived"]["peak"]
    assert found["defined"] == [0.5]
    assert found["q05"][0] > 0


def test_schema_has_everything_a_form_needs() -> None:
    schema = service.schema()
    assert [p["id"] for p in schema["parameters"]][:2] == ["growth", "price"]
    assert schema["outputs"][0]["entities"] == ["Alpha", "Beta Co"]
    assert [p["name"] for p in schema["presets"]] == ["base", "fast"]
    json.dumps(schema, allow_nan=False)


def test_compare_ends_at_the_earlier_of_two_ends(world: Any) -> None:
    text = toy.PRESET.format(name="short", title="x", set="{}") + "until: 2027Q1\n"
    (world.presets / "short.yaml").write_text(text)
    found = service.compare("base", "short", paths=64, kernel="numpy")
    assert found["capex_all"]["quarters"][-1] == "2027Q1"
    assert found.variance_reduction is None  # nothing differs
    with pytest.raises(UnknownNameError):
        _ = found["capx"]


def test_missing_numbers_become_null() -> None:
    assert listed(np.array([1.0, np.nan, np.inf])) == [1.0, None, None]


def test_identity_of_the_machine_is_stable() -> None:
    assert versions()["supercycle"] == "0.2.0"
    assert processor() == processor() != ""
    assert len(tables_checksum()) == 64

"""The doctor looks at everything and says what is wrong."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from supercycle import cli, service
from supercycle.core.errors import ModelError
from supercycle.service import installation


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
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subject = toy.toy_subject(tmp_path / "presets")
    monkeypatch.setattr(installation, "subject", lambda: subject)
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path / "cache"))


def test_a_whole_installation_is_ok() -> None:
    found = service.doctor()
    assert (found["ok"], found["problems"]) == (True, [])
    assert found["model"]["parameters"] == 9
    assert found["kernels"]["machine"] == "not compiled yet"
    assert any("first run will compile" in note for note in found["notes"])
    assert found["tables"]["ok"] is True
    assert service.doctor() == found, "looking twice sees the same"


def test_it_works_where_nothing_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(installation.tempfile, "TemporaryFile", refuse)
    found = service.doctor()
    assert found["ok"] is True
    assert not any(folder["writable"] for folder in found["folders"].values())
    assert any("current folder is not writable" in note for note in found["notes"])


def test_what_is_wrong_is_a_problem_and_exit_code_five(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ModelError("no equations")

    monkeypatch.setattr(installation, "subject", broken)
    with pytest.raises(SystemExit) as left:
        cli.main(["doctor", "--json"])
    assert left.value.code == 5
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is False
    assert "the model cannot be built: no equations" in found["problems"]


def test_a_table_that_was_changed_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    from supercycle.figures import query

    bad = {"ok": False, "rows": 0, "problems": ["macro.csv: text differs"]}
    monkeypatch.setattr(query, "verify", lambda: bad)
    assert service.doctor()["problems"] == ["macro.csv: text differs"]


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["doctor"])
    assert left.value.code == 0
    assert "kernels:" in capsys.readouterr().out

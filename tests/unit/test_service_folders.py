"""Result folders: shown as they are, never run again in silence, refused when a bit of them or the model is another."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.cli import main
from supercycle.core.errors import InputError, SupercycleError
from supercycle.engine.seal import sealed
from supercycle.service.folders import load

FEW: dict[str, Any] = {"paths": 24, "until": "2028Q4", "set": ["grid_lead_months=84"]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return supercycle.run(**FEW).save(tmp_path_factory.mktemp("results") / "late-grid")


@pytest.fixture
def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def edited(folder: Path, **changes: Any) -> None:
    """Change the manifest and leave its seal as it was."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_stored_result_is_shown_and_not_simulated(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = supercycle.run(**FEW)

    def refused(*words: Any, **options: Any) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("supercycle.engine.simulation.Simulation.record", refused)
    stored = supercycle.load(folder)
    assert stored.headline == fresh.headline
    assert stored.manifest["seed"] == 1
    for key in ("fleet_it_gw", "busted", "vintage_irr_external"):
        assert stored[key] == fresh[key]
    assert np.array_equal(stored.value("fleet_it_gw"), fresh.value("fleet_it_gw"))
    assert supercycle.run(str(folder)).headline == fresh.headline


@pytest.mark.parametrize(
    "given",
    [{"paths": 10}, {"seed": 2}, {"set": ["grid_lead_months=60"]}, {"until": "2027Q4"}, {"prior": "judged"}],
)
def test_settings_beside_a_stored_result_are_refused(folder: Path, given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="shown as it is"):
        supercycle.run(str(folder), **given)


def test_its_manifest_is_its_scenario(folder: Path) -> None:
    again = supercycle.run(str(folder / "manifest.json"), paths=8, seed=2)
    assert again.run.scenario.set == {"grid_lead_months": 84.0}
    assert (again.run.paths, again.run.seed) == (8, 2)


def test_a_comparison_takes_the_folder_and_runs_the_other_side_on_its_paths(folder: Path) -> None:
    compared = supercycle.compare("base", str(folder))
    assert (compared.comparison.a.paths, compared.comparison.a.quarters[-1]) == (24, "2028Q4")
    direct = supercycle.compare("base", str(folder / "manifest.json"), paths=24, until="2028Q4")
    assert compared["fleet_it_gw"]["difference"] == direct["fleet_it_gw"]["difference"]
    with pytest.raises(InputError, match="shown as it is"):
        supercycle.compare("base", str(folder), paths=100)


def test_a_result_is_reproduced_to_the_bit(folder: Path, copied: Path) -> None:
    assert supercycle.reproduce(folder)["equal"]
    values = np.load(copied / "values.npy")
    values[3, 2, 1] *= 1 + 1e-15
    values[3, 2, 1] = np.nextafter(values[3, 2, 1], np.inf)
    np.save(copied / "values.npy", values)
    with pytest.raises(InputError, match="damaged"):
        supercycle.reproduce(copied)


def test_one_bit_anywhere_is_refused(folder: Path, copied: Path) -> None:
    """Fifty single bits over all four files, seeded; each is one line and none is believed."""
    draw = random.Random(7)
    files = sorted(folder.iterdir())
    for _ in range(50):
        file = draw.choice(files)
        raw = bytearray(file.read_bytes())
        place = draw.randrange(len(raw))
        raw[place] ^= 1 << draw.randrange(8)
        (copied / file.name).write_bytes(raw)
        with pytest.raises(InputError) as caught:
            load(copied)
        assert "\n" not in str(caught.value)
        (copied / file.name).write_bytes(file.read_bytes())
    assert load(copied).headline == load(folder).headline


@pytest.mark.parametrize(
    "change",
    [
        {"model_hash": "0" * 64}, {"seed": 2}, {"paths": 23}, {"until": "2027Q4"}, {"stored": {}}, {"files": {}},
        {"scenario": {"preset": "base", "set": {}}}, {"seal": "0" * 64}, {"extra": 1},
    ],
)  # fmt: skip
def test_an_edited_manifest_is_refused(copied: Path, change: dict[str, Any]) -> None:
    edited(copied, **change)
    for use in (load, lambda f: supercycle.run(str(f)), lambda f: supercycle.run(str(f / "manifest.json"))):
        with pytest.raises(InputError, match=r"seal does not match|not a manifest"):
            use(copied)


def test_another_models_result_is_refused_with_what_changed_and_marked_when_shown(copied: Path) -> None:
    path = copied / "manifest.json"
    path.write_text(sealed({**json.loads(path.read_text()), "model_hash": "a" * 64, "tables": "b" * 64}))
    with pytest.raises(InputError, match=r"another model.*other tables of figures; model aaaaaaaaaaaa"):
        load(copied)
    shown = load(copied, anyway=True)
    assert "Made by another model (aaaaaaaaaaaa)" in shown.headline
    with pytest.raises(SupercycleError, match="the model has changed"):
        supercycle.reproduce(copied)


@pytest.mark.parametrize("name", ["values.npy", "derived.npy", "paths.npy"])
@pytest.mark.parametrize("harm", ["missing", "empty", "longer", "other shape"])
def test_a_folder_that_is_not_whole_is_one_line(copied: Path, name: str, harm: str) -> None:
    file = copied / name
    if harm == "missing":
        file.unlink()
    elif harm == "other shape":
        np.save(file, np.zeros((1, 1)))
    else:
        file.write_bytes(b"" if harm == "empty" else file.read_bytes() + b"\0")
    with pytest.raises(InputError) as caught:
        load(copied)
    assert "\n" not in str(caught.value)


def test_the_command_shows_reproduces_and_refuses(
    folder: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as stopped:
            main(list(words))
        out, err = capsys.readouterr()
        return int(stopped.value.code or 0), out, err

    code, out, _ = call("run", "--preset", str(folder), "--quiet")
    assert (code, out.strip()) == (0, load(folder).headline)
    assert call("reproduce", str(folder))[0] == 0
    code, _, err = call("run", "--preset", str(folder), "--paths", "10")
    assert code == 3
    assert "shown as it is" in err
    edited(copied, model_hash="0" * 64)
    for words in (
        ("run", "--preset"),
        ("reproduce",),
        ("deal", "run", "gpu_merchant", "--world"),
        ("compare", "base"),
    ):
        code, _, err = call(*words, str(copied))
        assert (code, err.count("\n")) == (3, 1), (words, err)
        assert "seal does not match" in err

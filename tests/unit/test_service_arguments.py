"""What the Python interface and the command line accept, and what they refuse by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.cli.numbers import MOST_PATHS, MOST_SEED
from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine import run as engine_run

FEW: dict[str, Any] = {"paths": 16, "kernel": "numpy", "until": "2027Q1"}


def test_the_limits_of_the_command_line_are_the_engines() -> None:
    assert MOST_PATHS == engine_run.MOST_PATHS
    with pytest.raises(InputError):
        supercycle.run(**{**FEW, "seed": MOST_SEED + 1})


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"paths": "100"}, "paths: not a whole number"),
        ({"paths": 100.0}, "paths: not a whole number"),
        ({"paths": True}, "paths: not a whole number"),
        ({"paths": 0}, "paths: out of range"),
        ({"paths": float("nan")}, "paths: not a whole number"),
        ({"seed": "one"}, "seed: not a whole number"),
        ({"seed": 1.0}, "seed: not a whole number"),
        ({"preset": {"grid_lead_months": 60}}, "preset: not a scenario"),
        ({"preset": None}, "preset: not a scenario"),
        ({"set": 5}, "set: not settings"),
        ({"set": [("grid_lead_months", 60)]}, "set: not settings"),
        ({"set": {"grid_lead_months": float("nan")}}, "cannot read a value"),
        ({"set": {"grid_lead_months": "6,5"}}, "a comma"),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(given: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError) as caught:
        supercycle.run(**{**FEW, **given})
    assert named in str(caught.value)


def test_numpy_numbers_paths_and_a_single_setting_are_read(tmp_path: Path) -> None:
    file = tmp_path / "late-grid.yaml"
    file.write_text(
        "schema: supercycle.preset/1\nname: late-grid\ntitle: Late grid\nset: {grid_lead_months: 5 years}\n"
    )
    by_file = supercycle.run(file, **{**FEW, "paths": np.int64(16)})
    by_text = supercycle.run(set="grid_lead_months=60", **FEW)
    for key in by_file.run.outputs[:20]:
        assert np.array_equal(by_file.value(key), by_text.value(key), equal_nan=True)


def test_beyond_the_evidence_every_output_says_so() -> None:
    with pytest.raises(InputError, match="--beyond"):
        supercycle.run(set={"grid_lead_months": 96}, **FEW)
    result = supercycle.run(set={"grid_lead_months": 96}, beyond=True, **FEW)
    assert "Beyond the range of the evidence: grid_lead_months = 96 month" in result.headline
    assert result.to_dict()["manifest"]["scenario"]["beyond"] == ["grid_lead_months"]
    assert "--beyond" in result.manifest["command"]
    within = supercycle.run(set={"grid_lead_months": 60}, beyond=True, **FEW)
    assert "Beyond" not in within.headline
    assert "beyond" not in within.manifest["scenario"]


@pytest.mark.parametrize("name", ["World AI capex", "world ai capex", "WORLD_AI_CAPEX_USD_BN"])
def test_a_label_from_a_table_opens_like_its_id(name: str) -> None:
    assert supercycle.explain(name)["name"] == "world_ai_capex_usd_bn"


def test_a_label_with_a_slip_suggests_the_label() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'World AI capex'"):
        supercycle.explain("World AI capx")


def shell(words: str, cwd: Path) -> tuple[int, str]:
    command = f"{sys.executable} -m supercycle {words}"
    done = subprocess.run(
        command, shell=True, cwd=cwd, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [("presets >/dev/full", "No space left"), ("presets >&-", "standard output is closed")],
)
def test_an_output_that_cannot_be_written_is_the_machines_fault(
    words: str, told: str, tmp_path: Path
) -> None:
    code, said = shell(words, tmp_path)
    assert code == 5
    assert said.startswith("error: ")
    assert said.count("\n") == 1
    assert told in said

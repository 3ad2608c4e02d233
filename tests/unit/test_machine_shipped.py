"""Shipped code and the world as data: the same bits as what is compiled here, refused when they are not whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import EnvironmentProblem
from supercycle.engine import kernels
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.equations import emit_numpy
from supercycle.equations.examples import sim_model
from supercycle.equations.graph import plan
from supercycle.equations.machine import build, cache, shipped, store, targets
from supercycle.equations.machine.program import write_program
from supercycle.service import kept_world, ship, the_world

SOURCE = Path(__file__).parents[2] / "src"
KEY = "0123456789abcdef" * 4
TARGET = targets.TARGETS[targets.fitting()[0]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped code of SIM for this processor."""
    place = tmp_path_factory.mktemp("shipped")
    program = write_program(plan(sim_model()[0]), TARGET.lanes, has_fma=TARGET.has_fma)
    ship.link(program, TARGET, shipped.library_file(place, KEY, TARGET))
    shipped.write_facts(place, KEY, TARGET, program.facts)
    return place


def inputs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ready = plan(sim_model()[0])
    rng = np.random.default_rng(4)
    params = np.array([[20.0], [0.2], [0.6], [0.4]]) * rng.uniform(0.9, 1.1, (4, 77))
    return params, np.zeros((0, 30, 77)), np.arange(ready.slot_count)


def test_shipped_code_gives_the_bits_of_compiled_code_and_needs_no_compiler(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = store.compiled(plan(sim_model()[0])).kernel(*inputs())
    monkeypatch.setattr(build, "_llvm", lambda: pytest.fail("the compiler was called"))
    kernel = shipped.load(folder, KEY)
    assert kernel is not None
    out, _ = kernel(*inputs())
    assert np.array_equal(out, expected)
    assert np.allclose(out, emit_numpy.simulate(plan(sim_model()[0]), *inputs())[0], rtol=1e-12)


def test_other_sources_and_damaged_files_are_not_used(folder: Path, tmp_path: Path) -> None:
    assert shipped.load(folder, KEY[::-1]) is None
    for spoiled in (shipped.library_file, shipped.facts_file):
        place = tmp_path / spoiled.__name__
        place.mkdir()
        for file in folder.iterdir():
            (place / file.name).write_bytes(file.read_bytes())
        assert shipped.load(place, KEY) is not None
        file = spoiled(place, KEY, TARGET)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        assert shipped.load(place, KEY) is None
        assert not shipped.is_whole(place, KEY, TARGET)
        file.unlink()
        assert shipped.load(place, KEY) is None


def test_without_a_linker_the_build_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ship, "_linkers", lambda target, to: iter(()))
    program = write_program(plan(sim_model()[0]), TARGET.lanes)
    with pytest.raises(EnvironmentProblem, match="no linker: pip install ziglang"):
        ship.link(program, TARGET, tmp_path / "library")
    assert list(tmp_path.iterdir()) == []


def test_the_world_as_data_is_the_world(tmp_path: Path) -> None:
    world = the_world.built()
    kept_world.world_file(tmp_path, KEY).write_bytes(cache.sealed(kept_world.write(world)))
    calls: list[int] = []

    def build_again():
        calls.append(1)
        return world

    found = kept_world.read(KEY, tmp_path, build_again)
    assert found is not None
    assert (found.model_hash, found.reported, found.pairs) == (world.model_hash, world.reported, world.pairs)
    assert found.plan.slots == world.plan.slots
    assert found.plan.references == world.plan.references
    assert list(found.model.variables) == list(world.model.variables)
    machine = simulate(found, Scenario("base"), paths=40, seed=1, kernel="machine", outputs=["busted"])
    assert calls == [], "no function was called, so nothing was built"
    reference = simulate(found, Scenario("base"), paths=40, seed=1, kernel="numpy", outputs=["busted"])
    assert calls, "the reference calls the functions of the built world"
    assert np.array_equal(machine.value("busted"), reference.value("busted"))


def test_a_damaged_world_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path / "cache"))
    content = cache.sealed(kept_world.write(the_world.built()))
    file = kept_world.world_file(tmp_path, KEY)
    for wrong in (content[:-1], content[:1000], b"", cache.sealed(b"not a pickle")):
        file.write_bytes(wrong)
        assert kept_world.read(KEY, tmp_path, the_world.built) is None


def test_a_source_changed_while_the_process_runs_is_kept_under_no_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kept_world.is_settled()
    monkeypatch.setattr("supercycle.BEGAN", 0.0)
    assert not kept_world.is_settled()
    assert the_world._built.__wrapped__().model.code == ""


def test_a_model_that_is_changed_forgets_its_code() -> None:
    model = sim_model()[0]
    model.code = KEY
    model.block("more", "More", "Nothing in it.")
    assert model.code == KEY
    model.constant("hours", 24.0, "h/day", "hours of a day")
    assert model.code == ""


def test_a_run_in_a_new_process_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import json, sys\n"
        "from supercycle.cli import main\n"
        "try:\n    main()\nexcept SystemExit as done:\n    code = done.code or 0\n"
        "names = {'numba', 'scipy', 'polars', 'llvmlite', 'pandas', 'supercycle.world.orders'}\n"
        "print(json.dumps([code, sorted(names & set(sys.modules))]))\n"
    )
    folder = SOURCE / "supercycle" / "_machine"
    ready = folder == kernels.SHIPPED and shipped.load(folder, kept_world.fingerprint()) is not None
    for _ in range(2):  # what is not shipped is kept by the first
        done = subprocess.run(
            [sys.executable, "-c", program, "run", "--paths", "64"],
            env={**os.environ, "PYTHONPATH": str(SOURCE), "SUPERCYCLE_CACHE": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    code, heavy = json.loads(done.stdout.splitlines()[-1])
    assert (code, done.stderr) == (0, "")
    assert heavy == ([] if ready else ["llvmlite"])


def test_without_compiled_code_the_reference_answers_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = the_world.built()
    for spoil, reason in (
        (
            lambda: monkeypatch.setattr(build, "find_spec", lambda name: None),
            "pip install 'supercycle[compile]'",
        ),
        (lambda: monkeypatch.setattr(targets.platform, "machine", lambda: "riscv64"), "for this processor"),
    ):
        monkeypatch.setattr(kernels, "SHIPPED", tmp_path)
        monkeypatch.setattr(kernels, "_MACHINES", {})
        spoil()
        caplog.clear()
        for _ in range(2):
            run = simulate(world, Scenario("base"), paths=8, seed=1, until="2026Q4", outputs=["busted"])
            assert run.kernel == "numpy"
            assert reason in run.note
        assert [record.message for record in caplog.records] == [run.note], "one line, once"
        assert "\n" not in run.note
        with pytest.raises(EnvironmentProblem, match="no compiled model"):
            simulate(world, Scenario("base"), paths=8, seed=1, kernel="machine")

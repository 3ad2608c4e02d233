"""Compiled code is kept, used again, compiled anew when it is damaged, and refused where nothing can compile."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import UnknownNameError
from supercycle.equations.examples import pc_model, sim_model
from supercycle.equations.graph import plan
from supercycle.equations.machine import build, store, targets
from supercycle.equations.machine import cache as machine_cache
from supercycle.equations.spec import Model
from supercycle.equations.written import from_text

SOURCE = Path(__file__).parents[2] / "src"
INCOME = pytest.approx(20 / 0.52)  # the multiplier of the first quarter of SIM: 20 / (1 - 0.6 (1 - 0.2))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path))
    return tmp_path / "machine"


def first_income(kernel) -> float:
    ready = plan(sim_model()[0])
    params = np.array([[20.0], [0.2], [0.6], [0.4]])
    return kernel(params, np.zeros((0, 1, 1)), np.array([ready.slot("income")]))[0][0, 1, 0]


def test_compiled_once_with_progress_and_silent_when_it_is_there(cache):
    ready = plan(sim_model()[0])
    assert not store.is_compiled(ready)
    seen: list[tuple[int, int]] = []
    store.compiled(ready, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(i, 5) for i in range(6)]  # opening, fixed, quarter, their order, driver
    assert store.is_compiled(ready)
    seen.clear()
    assert first_income(store.compiled(ready, progress=lambda *told: seen.append(told)).kernel) == INCOME
    assert seen == []


def test_a_new_process_loads_it_and_does_not_compile(cache):
    program = textwrap.dedent("""
        import sys
        from supercycle.equations.examples import pc_model
        from supercycle.equations.graph import plan
        from supercycle.equations.machine import store
        assert "llvmlite" not in sys.modules, "the compiler is imported before it is needed"
        compiled = []
        store.compiled(plan(pc_model()[0]), progress=lambda *told: compiled.append(told))
        assert not {"numba", "scipy", "polars"} & set(sys.modules)
        print(bool(compiled))
    """)

    def run() -> str:
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert [run(), run()] == ["True", "False"]


@pytest.mark.parametrize("damage", [lambda old: b"", lambda old: old[:-1], lambda old: old[:-9] + bytes(9)])
def test_a_damaged_object_is_compiled_again(cache, damage):
    ready = plan(sim_model()[0])
    store.compiled(ready)
    files = sorted(cache.glob("*.o"))
    for file in files:
        file.write_bytes(damage(file.read_bytes()))
    assert not store.is_compiled(ready)
    seen: list[int] = []
    kernel = store.compiled(ready, progress=lambda done, total: seen.append(total)).kernel
    assert seen[0] == len(files) == 5
    assert first_income(kernel) == INCOME
    assert store.is_compiled(ready)


def test_the_cache_does_not_grow_for_ever(cache):
    for i in range(5):
        assert machine_cache.keep(f"entry-{i}", bytes(1000)) == ""
        os.utime(cache / f"entry-{i}", (i, i))
    machine_cache.prune(2500)
    assert sorted(file.name for file in cache.iterdir()) == ["entry-3", "entry-4"]


def test_an_edit_compiles_only_what_it_touches(cache):
    def twice(x_prev):
        return 2 * x_prev

    def thrice(x_prev):
        return 3 * x_prev

    def edited(last):
        model = Model("edited")
        for chapter in range(3):
            block = model.block(f"chapter_{chapter}", "Chapter", "A chapter.")
            block.param(f"start_{chapter}", "start", "1", 1.0, 1.0, 2.0, "uniform", "start", reason="toy")
            for i in range(25):
                template = last if (chapter, i) == (2, 0) else twice
                name, begin = f"x_{chapter}_{i}", from_text("opening", f"start_{chapter}")
                block.equation("1", name=name, reads={"x": name}, opening=begin, meaning="grows")(template)
        return plan(model)

    store.compiled(edited(twice))
    seen: list[int] = []
    store.compiled(edited(thrice), progress=lambda done, total: seen.append(total))
    assert seen[0] == 2, "one part of a quarter, and the order of parts"


def test_a_cache_that_cannot_be_written_is_a_note_and_not_a_failure(cache, monkeypatch):
    monkeypatch.setattr(machine_cache, "folder", lambda: cache / "missing")
    made = store.compiled(plan(sim_model()[0]))
    assert first_income(made.kernel) == INCOME
    assert made.note.startswith(f"cannot write compiled code to {cache / 'missing'}")
    assert made.note.endswith("; the model will be compiled again next time")
    assert "\n" not in made.note


def test_a_folder_that_cannot_be_written_gives_way_to_a_private_one(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(machine_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    machine_cache._temporary.cache_clear()
    machine_cache._tell.cache_clear()
    try:
        found = machine_cache.folder()
        assert found == tmp_path / f"supercycle-{os.getuid()}"
        assert not found.stat().st_mode & 0o077
        assert machine_cache.folder() == found
        (told,) = [record.message for record in caplog.records]
        assert told == f"cannot write to {tmp_path / 'file' / 'machine'}: compiled code is kept in {found}"
        machine_cache._temporary.cache_clear()
        found.chmod(0o777)
        monkeypatch.setattr(machine_cache.tempfile, "mkdtemp", lambda prefix: "/elsewhere")
        assert machine_cache.folder() == Path("/elsewhere")
    finally:
        machine_cache._temporary.cache_clear()


def test_an_unknown_target_is_refused_with_the_nearest(monkeypatch):
    with pytest.raises(UnknownNameError, match=r"unknown target 'x86-64-v5': did you mean 'x86-64-v3'"):
        store.compiled(plan(sim_model()[0]), target="x86-64-v5")
    monkeypatch.setenv("SUPERCYCLE_TARGET", "x86_64_v3")
    with pytest.raises(UnknownNameError, match="did you mean 'x86-64-v3'"):
        targets.host()


def test_without_a_compiler_or_on_an_unknown_processor_it_says_why(cache, monkeypatch):
    ready = plan(sim_model()[0])
    monkeypatch.setattr(build, "find_spec", lambda name: None)
    with pytest.raises(store.Unavailable, match=r"pip install 'supercycle\[compile\]'"):
        store.compiled(ready)
    monkeypatch.setattr(targets.platform, "machine", lambda: "riscv64")
    with pytest.raises(store.Unavailable, match="no compiled code for this processor"):
        store.compiled(ready)


def test_threads_run_at_the_same_time_and_agree(cache):
    ready = plan(pc_model()[0])
    kernel = store.compiled(ready).kernel
    params = np.array([[ready.model.registry[k].default] * 400 for k in ready.model.registry])
    inputs = params, np.zeros((0, 40, 400)), np.arange(ready.slot_count)
    expected, _ = kernel(*inputs)
    answers: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: answers.append(kernel(*inputs)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert all(np.array_equal(answer, expected) for answer in answers)

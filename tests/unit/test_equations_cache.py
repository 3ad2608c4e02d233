"""Compiled kernels are kept, found again, and made anew when they cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from supercycle.core.errors import UsageError
from supercycle.equations import emit_numba
from supercycle.equations.examples import pc_model, sim_model
from supercycle.equations.graph import plan
from supercycle.equations.kernels import cache as kernel_cache

SOURCE = Path(__file__).parents[2] / "src"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path))
    return tmp_path


def forget(monkeypatch):
    """As in a new process: no kernel is imported yet."""
    for name in [n for n in sys.modules if n.startswith("supercycle_")]:
        monkeypatch.delitem(sys.modules, name)


def test_compiled_once_with_progress_and_found_again(cache, monkeypatch):
    forget(monkeypatch)
    ready = plan(sim_model()[0])
    assert not emit_numba.is_cached(ready, "scalar")
    seen: list[tuple[int, int]] = []
    emit_numba.compiled(ready, "scalar", lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]  # opening, fixed, quarter, driver
    assert emit_numba.is_cached(ready, "scalar")
    assert not emit_numba.is_cached(ready, "tile")
    forget(monkeypatch)
    kernel = emit_numba.compiled(ready, "scalar")
    out, _ = kernel(
        np.array([[20.0], [0.2], [0.6], [0.4]]), np.zeros((0, 1, 1)), np.array([ready.slot("income")])
    )
    assert out[0, 1, 0] == pytest.approx(20 / 0.52)


def test_a_new_process_loads_it_and_does_not_compile(cache):
    program = textwrap.dedent("""
        import sys
        from supercycle.equations import emit_numba
        from supercycle.equations.examples import pc_model
        from supercycle.equations.graph import plan
        assert "numba" not in sys.modules, "numba is imported before a kernel is asked for"
        ready = plan(pc_model()[0])
        before = emit_numba.is_cached(ready, "tile")
        assert "numba" not in sys.modules
        from numba.core import event
        with event.install_recorder("numba:compile") as compiled:
            emit_numba.compiled(ready, "tile")
        print(before, len(compiled.buffer) > 0)
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

    assert run() == "False True"
    assert run() == "True False"


def test_a_damaged_kernel_is_compiled_again(cache, monkeypatch):
    forget(monkeypatch)
    ready = plan(sim_model()[0])
    emit_numba.compiled(ready, "tile")
    damaged = list((cache / "kernels" / "__pycache__").glob("*.nbc"))
    assert damaged
    for file in damaged:
        file.write_bytes(b"not a kernel")
    forget(monkeypatch)
    assert emit_numba.is_cached(ready, "tile")
    out, _ = emit_numba.compiled(ready, "tile")(
        np.array([[20.0], [0.2], [0.6], [0.4]]), np.zeros((0, 1, 1)), np.array([ready.slot("income")])
    )
    assert out[0, 1, 0] == pytest.approx(20 / 0.52)


def test_a_folder_that_cannot_be_written_gives_way_to_a_private_one(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SUPERCYCLE_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(kernel_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    kernel_cache._temporary.cache_clear()
    try:
        found = kernel_cache.folder()
        assert found == tmp_path / f"supercycle-{os.getuid()}"
        assert not found.stat().st_mode & 0o077
        kernel_cache._temporary.cache_clear()
        found.chmod(0o777)
        monkeypatch.setattr(kernel_cache.tempfile, "mkdtemp", lambda prefix: "/elsewhere")
        assert kernel_cache.folder() == Path("/elsewhere")
    finally:
        kernel_cache._temporary.cache_clear()


def test_the_file_depends_on_the_equations(cache):
    one, other = (emit_numba.source(plan(make()[0]), "scalar") for make in (sim_model, pc_model))
    assert kernel_cache.place(one, "scalar") != kernel_cache.place(other, "scalar")
    assert kernel_cache.place(one, "scalar") == kernel_cache.place(one, "scalar")


def test_the_source_reads_as_it_was_written(cache):
    text = emit_numba.source(plan(pc_model()[0]), "tile")
    assert "disposable_income = income + interest_to_households - taxes" in text
    assert "for _k in range(0, 32, 8):" in text


def test_an_unknown_kind_is_refused(cache):
    with pytest.raises(UsageError, match="expected scalar or tile, got 'gpu'"):
        emit_numba.compiled(plan(sim_model()[0]), "gpu")


def test_threads_run_at_the_same_time_and_agree(cache):
    ready = plan(pc_model()[0])
    kernel = emit_numba.compiled(ready, "scalar")
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

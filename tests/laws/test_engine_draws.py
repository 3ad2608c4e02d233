"""Laws of sampling: a path is a function of seed and index, whatever else is run beside it."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.engine.compare import compare
from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import with_settings


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


SUBJECT = toy.toy_subject(Path(tempfile.mkdtemp()))
KERNELS = ("numpy", "machine")


def go(paths: int, seed: int = 1, scenario: Any = None, subject: Any = SUBJECT, **changes: Any) -> Run:
    given_ = {"until": "2027Q4", "kernel": "numpy", **changes}
    return simulate(subject, scenario or toy.BASE, paths=paths, seed=seed, **given_)


def equal(a: Run, b: Run, paths: int) -> bool:
    return (
        toy.same(np.array(a.values)[:, :, :paths].copy(), np.array(b.values)[:, :, :paths].copy())
        and toy.same(a.params[:, :paths].copy(), b.params[:, :paths].copy())
        and toy.same(a.derived["peak"][:, :paths].copy(), b.derived["peak"][:, :paths].copy())
        and bool((a.refused[:paths] == b.refused[:paths]).all())
    )


@given(paths=st.integers(1, 300), more=st.integers(0, 400), seed=st.integers(0, 2**62))
@settings(max_examples=15)
def test_fewer_paths_are_the_first_of_more(paths: int, more: int, seed: int) -> None:
    assert equal(go(paths, seed), go(paths + more, seed), paths)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_thousand_are_the_first_of_ten_thousand(kernel: str) -> None:
    assert equal(go(1000, kernel=kernel), go(10_000, kernel=kernel), 1000)


@given(chunk=st.integers(1, 12).map(lambda n: 32 * n), threads=st.integers(1, 5), paths=st.integers(1, 700))
@settings(max_examples=15)
def test_chunks_and_threads_change_nothing(chunk: int, threads: int, paths: int) -> None:
    assert equal(go(paths), go(paths, chunk=chunk, threads=threads), paths)


@pytest.mark.parametrize("kernel", ["machine"])
def test_chunks_change_nothing_in_a_compiled_kernel(kernel: str) -> None:
    assert equal(go(500, kernel=kernel), go(500, kernel=kernel, chunk=32, threads=3), 500)


@pytest.mark.parametrize("kernel", ["machine"])
def test_compiled_kernels_equal_the_reference(kernel: str) -> None:
    reference, compiled = go(300), go(300, kernel=kernel)
    assert np.allclose(np.array(reference.values), np.array(compiled.values), rtol=1e-11, atol=0)
    assert (reference.refused == compiled.refused).all()
    assert np.allclose(reference.params, compiled.params, rtol=1e-12, atol=0)


def test_seeds_differ() -> None:
    assert not (go(64, 1).params[0] == go(64, 2).params[0]).any()


@given(growth=st.floats(0.02, 0.18))
@settings(max_examples=15)
def test_setting_one_parameter_moves_no_other(growth: float) -> None:
    free = toy.toy_subject(SUBJECT.presets, accept=None)
    registry = free.model.registry
    base, fixed = (
        go(96, subject=free),
        go(96, subject=free, scenario=with_settings(toy.BASE, {"growth": growth}, registry)),
    )
    assert np.allclose(fixed.params[0], growth, rtol=1e-12)
    assert toy.same(base.params[1:].copy(), fixed.params[1:].copy())


def test_draws_stay_in_their_ranges_and_follow_the_copula() -> None:
    run = go(4000, subject=toy.toy_subject(SUBJECT.presets, accept=None))
    for row, param in zip(run.params, run.subject.model.registry.values(), strict=True):
        assert ((row >= param.low) & (row <= param.high)).all()
    ranks = run.params[:2].argsort(axis=1).argsort(axis=1)
    assert abs(np.corrcoef(ranks)[0, 1] - 0.6) < 0.04


def test_every_accepted_draw_fits_the_opening() -> None:
    run = go(2000)
    weights = run.params[7] + run.params[8]
    assert 0.1 < run.rejection_rate < 0.5
    assert (run.params[1] * weights < 13.0).all()


@given(paths=st.integers(1, 200), seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_a_run_compared_with_itself_is_zero(paths: int, seed: int) -> None:
    found = compare(go(paths, seed), go(paths, seed))
    assert all(not d.quantiles.any() and not d.mean.any() for d in found.differences.values())
    assert found.redrawn == 0

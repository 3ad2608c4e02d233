"""Compiled code draws the numbers of the reference: hash, distributions, copula, attempts, the quarter's events."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.engine.prior import Prior
from supercycle.engine.run import simulate
from supercycle.engine.sample import ATTEMPTS, sample_draws, sample_params
from supercycle.engine.scenario import Range, Scenario
from supercycle.equations.machine import targets
from supercycle.equations.spec import Axis, Model


def _load_toy() -> ModuleType:
    file = Path(__file__).parents[1] / "unit" / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy_draws", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()
SUBJECT = toy.toy_subject(Path(tempfile.mkdtemp()))
KINDS = ("uniform", "triangular", "normal", "lognormal", "fixed", "switch")


def paths_of(first: int, count: int) -> np.ndarray:
    return np.arange(first, first + -(-count // 32) * 32, dtype=np.int64)


def many_laws(seed: int) -> Model:
    """A model with parameters of every law at random ranges, narrow and one-sided ones among them."""
    rng = np.random.default_rng(seed)
    model = Model("laws")
    block = model.block("laws", "Laws", "Parameters and nothing else.")
    for i in range(24):
        low, middle, high = np.sort(rng.uniform(0.1, 5.0, 3))
        shape = i % 6
        middle = (low, high, middle)[i % 3] if i > 12 else middle
        block.param(f"p{i}", "p", "1", middle, low, high, KINDS[shape], "p", reason="a toy")
    axis = Axis("kind", ("a", "b"))
    block.draw("flat", "uniform", "flat", axis)
    block.draw("bell", "normal", "bell")

    @block.equation("1", axis=axis, report=True)
    def flat_seen(flat: Any) -> Any:
        return flat

    @block.equation("1", report=True)
    def bell_seen(bell: Any) -> Any:
        return bell

    return model


@given(seed=st.integers(0, 2**62), first=st.integers(0, 2**40), count=st.integers(1, 100))
@settings(max_examples=25, deadline=None)
def test_every_law_and_the_copula(seed: int, first: int, count: int) -> None:
    pairs = (("p0", "p1", 0.5), ("p1", "p2", -0.4), ("p3", "p9", 0.9), ("p2", "p4", 0.3))
    levels = (0.0, 0.1, 0.5, 1.0)
    prior = Prior("fitted", levels=levels, tables={"p1": (1.0, 1.5, 2.5, 2.6), "p6": (0.5, 0.5, 0.7, 0.9)},
                  pairs=(("p6", "p7", -0.6),))  # fmt: skip
    subject = toy.toy_subject(
        SUBJECT.presets, model=many_laws(seed % 1000), pairs=pairs, accept=None, derived=(),
        priors={"fitted": prior},
    )  # fmt: skip
    for scenario in (
        Scenario("base"),
        Scenario("base", prior="fitted", set={"p2": 1.25, "p8": 3.0}),
        Scenario("base", ranges={"p0": Range(1.0, 1.1, 1.2), "p3": Range(2.0, 2.0, 2.0)}),
    ):
        run = simulate(
            subject, scenario, paths=count, seed=seed, first=first, until="2027Q2", kernel="machine"
        )
        expected = sample_params(subject, scenario, seed, paths_of(first, count)).params[:, :count]
        assert np.allclose(run.params, expected, rtol=1e-12, atol=0.0)
        events = sample_draws(subject, seed, paths_of(first, count), 4)[:, :, :count]
        assert toy.same(run.value("flat_seen:b"), events[1].copy()), (
            "the hash itself is the same to the last bit"
        )
        assert np.allclose(run.value("bell_seen"), events[2], rtol=1e-12, atol=1e-15)


def test_the_tails_of_the_normal() -> None:
    """A million draws reach five standard errors; the far branch is met too."""
    subject = toy.toy_subject(SUBJECT.presets, model=many_laws(0), pairs=(), accept=None, derived=())
    run = simulate(subject, Scenario("base"), paths=200_000, seed=3, until="2027Q2", kernel="machine",
                   outputs=["bell_seen"])  # fmt: skip
    events = sample_draws(subject, 3, paths_of(0, 200_000), 4)[2, :, :200_000]
    assert np.abs(events).max() > 4.5
    assert np.allclose(run.value("bell_seen"), events, rtol=1e-12, atol=1e-15)


@given(seed=st.integers(0, 2**62), first=st.integers(0, 10**6), count=st.integers(1, 300))
@settings(max_examples=25, deadline=None)
def test_the_same_attempt_is_accepted(seed: int, first: int, count: int) -> None:
    run = simulate(SUBJECT, toy.BASE, paths=count, seed=seed, first=first, kernel="machine")
    expected = sample_params(SUBJECT, toy.BASE, seed, paths_of(first, count))
    assert (run.refused == expected.refused[:count]).all()
    assert np.allclose(run.params, expected.params[:, :count], rtol=1e-12, atol=0.0)


def quiet(noise: Any) -> Any:
    return noise < 0.003


def test_a_draw_that_is_rarely_possible_takes_as_many_attempts_as_the_reference() -> None:
    """Six draws in a hundred fit: most paths need more attempts than the first sixteen, some all fifty and fail."""
    hard = toy.toy_subject(SUBJECT.presets, accept=quiet)
    run = simulate(hard, toy.BASE, paths=500, seed=4, kernel="machine")
    expected = sample_params(hard, toy.BASE, 4, paths_of(0, 500))
    assert (run.refused == expected.refused[:500]).all()
    assert (run.refused > 16).sum() > 100
    assert 0 < run.status_counts["rejected"] == (run.refused == ATTEMPTS).sum() < 100
    assert np.allclose(run.params, expected.params[:, :500], rtol=1e-12, atol=0.0)
    assert (run.params[2, run.ok] < 0.003).all()


@given(first=st.integers(0, 500), count=st.integers(1, 200))
@settings(max_examples=15, deadline=None)
def test_a_piece_is_the_same_paths_of_the_whole(first: int, count: int) -> None:
    for kernel in ("machine", "numpy"):
        whole = simulate(SUBJECT, toy.BASE, paths=700, seed=9, until="2027Q4", kernel=kernel)
        piece = simulate(SUBJECT, toy.BASE, paths=count, seed=9, until="2027Q4", kernel=kernel, first=first)
        for key in whole.outputs:
            assert toy.same(piece.value(key), whole.value(key)[:, first : first + count].copy())
        assert (piece.refused == whole.refused[first : first + count]).all()


@pytest.mark.parametrize("name", targets.fitting())
def test_every_target_of_this_processor_draws_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for target in (targets.fitting()[0], name):
        monkeypatch.setenv("SUPERCYCLE_TARGET", target)
        subject = toy.toy_subject(SUBJECT.presets)
        answers.append(simulate(subject, toy.BASE, paths=500, seed=2, kernel="machine"))
    assert toy.same(answers[0].params, answers[1].params)
    assert toy.same(answers[0].value("capex_all"), answers[1].value("capex_all"))

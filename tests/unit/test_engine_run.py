"""A run: numbers that make no sense, failed paths, refused draws, books that do not close."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import BooksError, EnvironmentProblem, InputError, ModelError, UnknownNameError
from supercycle.engine import run as run_module
from supercycle.engine.run import simulate
from supercycle.engine.sample import ATTEMPTS
from supercycle.engine.scenario import Range, Scenario, with_settings
from supercycle.equations.machine.kernel import Kernel


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


def go(subject: Any, scenario: Any = None, **changes: Any) -> Any:
    given = {"paths": 64, "seed": 1, "until": "2028Q2", "kernel": "numpy", **changes}
    return simulate(subject, scenario or toy.BASE, **given)


def test_shapes_and_names(subject: Any) -> None:
    run = go(subject)
    assert run.outputs == ("capex:Alpha", "capex:Beta Co", "capex_all", "depth")
    assert (run.quarters[0], run.quarters[-1], len(run.quarters)) == ("2026Q3", "2028Q2", 8)
    assert run.values.shape == (4, 8, 64)
    assert run.status_counts == {"ok": 64, "non_finite": 0, "rejected": 0, "exploded": 0}
    assert run.checked == 1 * 8 * 64


def test_the_total_is_the_sum_of_its_members(subject: Any) -> None:
    run = go(subject)
    both = run.value("capex:Alpha") + run.value("capex:Beta Co")
    assert np.allclose(run.value("capex_all"), both, rtol=1e-14)


def test_growth_without_noise_is_exact(subject: Any) -> None:
    run = go(subject, with_settings(toy.BASE, ["noise=0", "growth=0.1"], subject.model.registry))
    capex = run.value("capex_all")
    assert np.allclose(capex[4] / capex[0], np.exp(0.1), rtol=1e-12)


def test_derived_outputs_see_whole_paths(subject: Any) -> None:
    run = go(subject)
    assert toy.same(run.derived["peak"][0], run.value("capex_all").max(axis=0))


def test_derived_outputs_may_read_what_is_not_reported(subject: Any, tmp_path: Path) -> None:
    hidden = type(toy.PEAK)(
        **{
            **vars(toy.PEAK),
            "inputs": ("books_leak",),
            "compute": lambda values, params: values["books_leak"].sum(axis=0)[None, :],
        }
    )
    run = go(toy.toy_subject(tmp_path / "p", derived=(hidden,)))
    assert "books_leak" not in run.outputs
    assert not run.derived["peak"].any()


def test_a_derived_output_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    wrong = type(toy.PEAK)(**{**vars(toy.PEAK), "compute": lambda values, params: values["capex_all"]})
    with pytest.raises(ModelError, match="peak has the wrong shape"):
        go(toy.toy_subject(tmp_path / "p", derived=(wrong,))).derived["peak"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"paths": 0}, "paths: bad number of paths"),
        ({"paths": -5}, "paths: bad number of paths"),
        ({"seed": -1}, "seed: bad seed"),
        ({"until": "2026Q2"}, "expected a quarter from 2026Q3 on, got 2026Q2"),
        ({"until": "2199Q1"}, "the run would be too long"),
        ({"until": "soon"}, "until: cannot read a quarter"),
        ({"chunk": 33}, "a multiple of 32"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(subject: Any, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        go(subject, **changes)
    assert said in str(caught.value)


def test_what_cannot_fit_in_memory_is_refused(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "_memory", lambda: 1e8)
    with pytest.raises(
        EnvironmentProblem, match=r"not enough memory for 9000000 paths .* at most 0\.1 GB, got"
    ):
        go(subject, paths=9_000_000)
    assert go(subject).paths == 64


def test_an_unknown_output_suggests_the_nearest(subject: Any) -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean 'capex:Alpha'"):
        go(subject, outputs=["capex:Alpa"])
    with pytest.raises(UnknownNameError, match="unknown kernel 'gpu'"):
        go(subject, kernel="gpu")
    with pytest.raises(UnknownNameError, match="did you mean 'capex_all'"):
        go(subject).value("capex_al")


def test_a_name_with_members_means_all_of_them(subject: Any) -> None:
    assert go(subject, outputs=["capex"]).outputs == ("capex:Alpha", "capex:Beta Co")


def test_books_that_do_not_close_name_check_quarter_and_path(subject: Any) -> None:
    leaking = with_settings(toy.BASE, ["leak=1"], subject.model.registry)
    said = r"close on 64 of 64 paths: worst is books_leak on path 0 of seed 1: .*, got 6 with kernel numpy\."
    with pytest.raises(BooksError, match=said + " It first shows in 2027Q1") as caught:
        go(subject, leaking)
    assert caught.value.exit_code == 4
    go(subject, leaking, until="2026Q4")  # two quarters: nothing has leaked yet


def test_a_root_outside_its_bracket_is_told(tmp_path: Path) -> None:
    def solved(reach: Any) -> Any:
        model = toy.toy_model()
        block = model.blocks["toy"]
        model.constant("low_end", 0.0, "1", "bracket")
        model.constant("high_end", reach, "1", "bracket")

        @block.solve("1", between=("low_end", "high_end"), iterations=60)
        def root(root: Any, one_quarter: Any) -> Any:
            """Half, if the bracket reaches that far."""
            return root - 0.5 * one_quarter

        return toy.toy_subject(tmp_path / "p", model=model)

    assert go(solved(1.0), until="2026Q4").checked == 2 * 2 * 64  # the leak and the root, two quarters
    with pytest.raises(
        BooksError, match=r"worst is the root of root, outside its bracket .* first shows in 2026Q3"
    ):
        go(solved(0.25), until="2026Q4")


def test_a_wrong_kernel_is_told_from_a_wrong_model(subject: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Kernel.run

    def wrong(
        kernel: Kernel, laws: Any, refused: Any, record: Any, out: Any, residual: Any, **more: Any
    ) -> None:
        honest(kernel, laws, refused, record, out, residual, **more)
        residual[:] = 0.5

    monkeypatch.setattr(Kernel, "run", wrong)
    with pytest.raises(BooksError, match=r"got 0\.5 with kernel machine\. The NumPy reference closes"):
        go(subject, kernel="machine")


def test_no_path_with_numbers_is_an_error(subject: Any) -> None:
    with pytest.raises(ModelError, match=r"no path has numbers \(64 non_finite, 0 rejected, 0 exploded\)"):
        go(subject, with_settings(toy.BASE, ["floor=-1"], subject.model.registry))


def slow(growth: Any) -> Any:
    return growth < 0.1


def silent(noise: Any) -> Any:
    return noise < 0.00005


def test_failed_paths_are_counted_and_others_kept(tmp_path: Path) -> None:
    half = toy.toy_subject(tmp_path / "p", accept=slow)
    hard = Scenario("base", ranges={"growth": Range(0.02, 0.1, 0.18)})
    run = go(half, hard, paths=320)
    assert run.status_counts["ok"] == 320  # fifty tries at one in two: none fails
    assert 0.4 < run.rejection_rate < 0.6
    assert (run.params[0] < 0.1).all()


def test_a_path_that_never_fits_is_rejected(tmp_path: Path) -> None:
    never = toy.toy_subject(tmp_path / "p", accept=silent)
    run = go(never, paths=320)  # one draw in a thousand fits, so about 5 % of paths do
    counts = run.status_counts
    assert counts["ok"] + counts["rejected"] == 320
    assert 0 < counts["ok"] < 80
    assert (run.refused[~run.ok] == ATTEMPTS).all()
    assert run.rejection_rate > 0.99


def test_books_of_paths_that_are_no_world_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rejected path is simulated with parameters that were refused: what its books do says nothing."""
    seen: list[np.ndarray] = []
    monkeypatch.setattr("supercycle.engine.run.check_books", lambda _, residual, *__: seen.append(residual))
    run = go(toy.toy_subject(tmp_path / "p", accept=silent), paths=320)
    rejected = run.refused == ATTEMPTS
    assert rejected.any()
    assert np.isnan(seen[0][rejected]).all()
    assert np.isfinite(seen[0][~rejected]).all()


def test_a_refused_draw_is_redrawn_whole(tmp_path: Path) -> None:
    free = go(toy.toy_subject(tmp_path / "a", accept=None))
    held = go(toy.toy_subject(tmp_path / "b"))
    first = held.refused == 0
    assert 0 < first.sum() < 64
    assert toy.same(free.params[:, first].copy(), held.params[:, first].copy())
    sampled = [
        i
        for i, p in enumerate(held.subject.model.registry.values())
        if p.distribution not in ("fixed", "switch")
    ]
    assert (free.params[sampled][:, ~first] != held.params[sampled][:, ~first]).all()


def test_progress_ends_with_every_path(subject: Any) -> None:
    told: list[tuple[str, int, int]] = []
    go(subject, paths=100, chunk=32, progress=lambda *step: told.append(step))
    assert told[0] == ("simulate", 0, 100)
    assert told[-1] == ("simulate", 100, 100)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_the_model_hash_sees_every_kind_of_change(tmp_path: Path) -> None:
    base = toy.toy_subject(tmp_path / "p")
    assert base.model_hash == toy.toy_subject(tmp_path / "p").model_hash
    others = [
        toy.toy_subject(tmp_path / "p", pairs=(("growth", "price", 0.5),)),
        toy.toy_subject(tmp_path / "p", accept=None),
        toy.toy_subject(tmp_path / "p", tables="other"),
        toy.toy_subject(tmp_path / "p", start="2026Q1"),
        toy.toy_subject(tmp_path / "p", derived=()),
    ]
    model = toy.toy_model()
    model.constant("new", 1.0, "1", "one more")
    others.append(toy.toy_subject(tmp_path / "p", model=model))
    assert len({base.model_hash, *(other.model_hash for other in others)}) == 7

"""Paired comparison and drivers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.compare import compare
from supercycle.engine.drivers import drivers
from supercycle.engine.run import simulate
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


@pytest.fixture
def subject(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path / "presets")


def go(subject: Any, *settings: str, paths: int = 500, **changes: Any) -> Any:
    scenario = with_settings(toy.BASE, settings, subject.model.registry)
    return simulate(
        subject, scenario, paths=paths, **{"seed": 1, "kernel": "numpy", "until": "2030Q4", **changes}
    )


def test_the_difference_is_path_by_path(subject: Any) -> None:
    a, b = go(subject), go(subject, "growth=0.18")
    found = compare(a, b).difference("capex_all")
    change = (b.value("capex_all") - a.value("capex_all"))[-1]
    assert np.allclose(
        found.quantiles[:, -1], np.quantile(change, (0.05, 0.25, 0.5, 0.75, 0.95)), rtol=0, atol=0
    )
    assert np.isclose(found.mean[-1], change.mean(), rtol=1e-14)


def test_pairing_cuts_the_variance(subject: Any) -> None:
    found = compare(go(subject, "growth=0.10"), go(subject, "growth=0.11"))
    ratio = found.difference("capex_all").variance_reduction[-1]
    assert ratio > 100  # the shocks and the opening are the same on both sides
    assert np.isnan(found.difference("depth").variance_reduction).all()
    assert found.pairs == 500


def test_runs_that_cannot_be_paired_are_refused(subject: Any) -> None:
    for changes in ({"seed": 2}, {"paths": 400}, {"until": "2029Q4"}, {"outputs": ["capex_all"]}):
        with pytest.raises(InputError, match="cannot be paired"):
            compare(go(subject), go(subject, **changes))


def test_an_unknown_difference_suggests_the_nearest(subject: Any) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'depth'"):
        compare(go(subject), go(subject)).difference("dept")


def test_redrawn_pairs_are_counted(subject: Any) -> None:
    found = compare(go(subject), go(subject, "price=5"))
    assert found.redrawn == int((go(subject).refused > 0).sum()) > 0


def test_drivers_find_what_moves_an_output(subject: Any) -> None:
    run = go(subject, paths=4000)
    found = drivers(run, ["capex_all"])["capex_all"]
    names = [share.parameter for share in found.shares]
    assert set(names[:2]) == {"growth", "price"}
    assert "years" not in names
    assert sum(s.share for s in found.shares if s.parameter == "idle") < 0.005
    assert found.explained + found.unexplained == pytest.approx(1.0)
    assert sum(found.evidence.values()) == pytest.approx(found.explained)
    assert found.evidence["published"] == pytest.approx(
        next(s.share for s in found.shares if s.parameter == "price")
    )
    assert all(s.correlation > 0 for s in found.shares[:2])


def test_one_cause_carries_everything(tmp_path: Path) -> None:
    lone = toy.toy_subject(tmp_path / "p", pairs=(), accept=None)
    settings = [f"{id}={p.default}" for id, p in lone.model.registry.items() if id != "growth"]
    run = go(lone, *[s for s in settings if not s.startswith("noise")], "noise=0")
    found = drivers(run, ["capex_all", "peak:all", "depth"])
    assert found["capex_all"].shares[0].share == pytest.approx(1.0, abs=1e-9)
    assert found["peak:all"].shares[0].parameter == "growth"
    assert found["depth"].shares == ()
    assert found["depth"].unexplained == 1.0


def test_correlated_causes_share_what_they_explain(tmp_path: Path) -> None:
    twins = toy.toy_subject(tmp_path / "p", pairs=(("growth", "price", 0.95),), accept=None)
    found = drivers(go(twins, "noise=0", paths=4000), ["capex_all"])["capex_all"]
    shares = {s.parameter: s.share for s in found.shares}
    assert shares["growth"] > 0.2
    assert shares["price"] > 0.2
    assert found.explained <= 1.0 + 1e-9


def test_too_few_paths_are_refused(subject: Any) -> None:
    with pytest.raises(InputError, match="too few paths"):
        drivers(go(subject, paths=99))
    with pytest.raises(UnknownNameError, match="unknown quarter"):
        drivers(go(subject, paths=200), quarter="2040Q1")

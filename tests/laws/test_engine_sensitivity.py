"""Sensitivity: what is planted is found, shares are sane, evidence adds up."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import quantile
from supercycle.engine.cube import Cube
from supercycle.engine.reading import reading
from supercycle.engine.scenario import Scenario
from supercycle.engine.sensitivity import EVENTS, METHODS, sensitivity
from supercycle.engine.sobol import sobol
from supercycle.service.sensitivity import sensitivity as of_the_world


def _load_toy() -> Any:
    place = Path(__file__).resolve().parents[1] / "unit" / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()
RUN = {"seed": 5, "until": "2027Q2", "kernel": "numpy"}
COUNT = {"tornado": 64, "morris": 16, "sobol": 1024}


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path)


def of(world: Any, method: str, scenario: Scenario = toy.BASE, text: str = "capex_all") -> Any:
    return sensitivity(world, scenario, reading(world, text), method, paths=COUNT[method], **RUN)


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_driver_is_found(world: Any, method: str) -> None:
    """Capex is the price times weights near one: the price carries most of it, the idle parameter nothing."""
    found = of(world, method)
    assert found.rows[0].parameter == "price"
    assert found.evidence["published"] > 0.6
    weights = {row.parameter: row.weight for row in found.rows}
    assert weights["idle"] == pytest.approx(0.0, abs=1e-24)


@pytest.mark.parametrize("method", METHODS)
def test_evidence_shares_add_up(world: Any, method: str) -> None:
    found = of(world, method)
    assert sum(found.evidence.values()) == pytest.approx(1.0)
    assert set(found.evidence) == {"measured", "published", "judgement", EVENTS}


def test_sobol_shares_are_sane(world: Any) -> None:
    rows = of(world, "sobol").rows
    assert sum(row.facts["first"] for row in rows) <= 1.05
    assert sum(row.facts["total"] for row in rows) >= 0.95
    for row in rows:
        assert row.facts["total_q05"] <= row.facts["total"] <= row.facts["total_q95"]
    assert {EVENTS, "price", "growth", "noise"} <= {row.parameter for row in rows}


@pytest.mark.parametrize("method", METHODS)
def test_a_parameter_that_is_set_is_not_moved(world: Any, method: str) -> None:
    found = of(world, method, Scenario("fixed", set={"price": 10.0}))
    assert "price" not in {row.parameter for row in found.rows}


def test_the_tornado_is_the_difference_of_runs(world: Any) -> None:
    row = next(row for row in of(world, "tornado").rows if row.parameter == "price")
    low, high = quantile(world.model.registry["price"], np.array([0.05, 0.95]))
    assert (row.facts["low"], row.facts["high"]) == (low, high)
    # Capex is the price times the rest of the path, so its swing over its level is that of the price.
    level = row.facts["swing_mean"] / (high - low)
    assert row.facts["at_high_mean"] - row.facts["at_low_mean"] == pytest.approx(level * (high - low))
    assert row.facts["at_low_mean"] < 0.0 < row.facts["at_high_mean"]


def test_points_without_numbers_are_left_out(world: Any) -> None:
    """The log of a negative floor has no value: no share, and no failure."""
    found = of(world, "sobol", Scenario("below", set={"floor": -1.0}), "depth")
    assert found.used == 0
    assert all(np.isnan(row.weight) for row in found.rows)


def test_the_cube_is_the_run_at_its_quantiles(world: Any) -> None:
    """At the quantiles of a path's own draws the cube gives what the model gives for those parameters."""
    cube = Cube(world, toy.BASE, reading(world, "capex_all"), **RUN)
    u = np.full((len(cube.inputs), 40), 0.5)
    events = cube.events(np.arange(40, dtype=np.int64))
    assert np.array_equal(cube(u, events), cube.at(cube.params(u), events))
    middle = cube.params(u)[world.plan.param_slots["price"], 0]
    assert middle == pytest.approx(world.model.registry["price"].default, rel=1e-12)
    assert np.array_equal(cube(u, events)[:7], cube(u[:, :7], events[:, :, :7]))


def test_a_constant_has_no_shares() -> None:
    found = sobol(lambda u, _: np.ones(u.shape[1]), 2, 64, 1)
    assert np.isnan(found.total).all()


def test_what_else_is_random_is_a_factor_of_its_own() -> None:
    """f = u1 + its own draw, of equal variance: half each."""
    own = np.random.default_rng(1).random((2, 4096))
    found = sobol(lambda u, sample: u[0] + own[sample], 1, 4096, 3, rest=True)
    assert found.total == pytest.approx([0.5, 0.5], abs=0.03)


def test_bad_questions_are_refused(world: Any) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'morris'"):
        of_the_world("busted", method="moris")
    with pytest.raises(InputError, match="looks at one quarter"):
        of_the_world("busted:max")
    with pytest.raises(InputError, match="too few paths"):
        sensitivity(world, toy.BASE, reading(world, "capex_all"), "morris", paths=1, **RUN)


@pytest.mark.parametrize(
    ("method", "paths"), [("drivers", 1000), ("tornado", 32), ("morris", 8), ("sobol", 32)]
)
def test_the_world_answers(method: str, paths: int) -> None:
    body = of_the_world("ai_revenue_run_rate", quarter="2030Q4", method=method, paths=paths, kernel="machine")
    assert body["rows"]
    assert sum(body["evidence"].values()) == pytest.approx(1.0, abs=1e-9)
    assert "spend_share" in [row["parameter"] for row in body["rows"][:10]]
    assert body["books"]["residual_max"] <= 1e-9

"""Every preset runs whole, closes its books and moves what it says it moves, by what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from supercycle import service
from supercycle.core.errors import SupercycleError
from supercycle.engine import stress as engine
from supercycle.engine.preset import Move, load_preset_file
from supercycle.engine.reading import reading
from supercycle.engine.scenario import preset_names, resolve
from supercycle.service.the_world import subject

PATHS = 640

MOVES = [
    (name, move)
    for name in preset_names(subject().presets)
    for move in resolve(name, subject().model.registry, subject().presets).moves
]


@pytest.fixture(scope="module")
def found() -> dict[str, engine.Stress]:
    world = subject()
    texts = sorted({move.output for _, move in MOVES})
    names = preset_names(world.presets)
    sides = [resolve(name, world.model.registry, world.presets) for name in names]
    _, results = engine.stress(
        world, sides[0], sides[1:], [reading(world, t) for t in texts], paths=PATHS, seed=1
    )
    return {result.scenario.name: result for result in results}


def impact(found: dict[str, engine.Stress], preset: str, text: str) -> engine.Impact:
    key = reading(subject(), text).text
    return next(i for i in found[preset].impacts if i.reading.text == key)


def test_every_preset_but_the_base_says_what_it_moves(found: dict[str, engine.Stress]) -> None:
    assert {name for name, _ in MOVES} == set(found)


def test_every_preset_runs_whole_and_its_books_close(found: dict[str, engine.Stress]) -> None:
    for name, result in found.items():
        assert result.run.status_counts["ok"] == PATHS, name
        assert result.run.residual_max <= 1e-9, name


@pytest.mark.parametrize(("preset", "move"), MOVES, ids=lambda one: getattr(one, "output", one))
def test_a_preset_moves_what_it_says_by_what_it_says(
    found: dict[str, engine.Stress], preset: str, move: Move
) -> None:
    """The paired median, or for what comes on some paths the mean, which is then no chance of these paths either."""
    moved = impact(found, preset, move.output)
    assert move.low <= (moved.quantiles[2] if move.by == "median" else moved.mean) <= move.high
    if move.by == "mean":
        assert abs(moved.mean) > 3.0 * moved.standard_error


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("- {output: x, by: median, from: -1, to: 1}", "says its sign"),
        ("- {output: x, by: median, from: 2, to: 1}", "says its sign"),
        ("- {output: x, by: mode, from: 1, to: 2}", "by median or mean"),
        ("- {output: x, by: mean, from: 1}", "missing key 'to'"),
        ("- {output: x, by: mean, from: 1, too: 2}", "did you mean 'to'"),
        ("- 3", "bad move"),
        ("{output: x}", "expected a list"),
    ],
)
def test_a_move_that_says_nothing_is_refused(tmp_path: Path, harm: str, told: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(f"schema: supercycle.preset/1\nname: p\ntitle: P\nmoves:\n  {harm}\n", encoding="utf-8")
    with pytest.raises(SupercycleError, match=told):
        load_preset_file(file, subject().model.registry, origin=str(file))


def test_the_index_share_under_debt_shift_is_near_the_published_one(found: dict[str, engine.Stress]) -> None:
    """The published fifth is the base's (bonds pay for its plans now); the shift to debt lies above, below its cap."""
    shift = impact(found, "debt-shift", "ai_index_share:2030Q4")
    assert shift.before == pytest.approx(0.20, abs=0.02)
    assert shift.before < shift.after < 0.26


def test_every_preset_tells_a_story_and_holds_only_differences() -> None:
    registry = subject().model.registry
    for preset in service.presets():
        assert preset["story"].endswith("."), preset["name"]
        if preset["name"] not in ("base", "no-bust"):
            assert preset["answers"], preset["name"]
        prior = {s["parameter"]: registry[s["parameter"]] for s in preset["set"]}
        same = [
            s["parameter"]
            for s in preset["set"]
            if prior[s["parameter"]].distribution != "switch"
            and s.get("value") == prior[s["parameter"]].default
        ]
        assert same == [], preset["name"]


def test_the_difference_of_two_presets_says_what_moves() -> None:
    body = service.diff("base", "power-wall", paths=PATHS)
    assert {d["parameter"] for d in body["differences"]} >= {"grid_lead_months", "slippage_met_share"}
    moves = {move["output"]: move for move in body["moves"]}
    late = moves["power_backlog_gw"]
    assert late["difference"]["q05"] > 0.0
    assert late["difference"]["q05"] <= late["difference"]["q50"] <= late["difference"]["q95"]
    sizes = [move["size"] for move in body["moves"] if move["size"] is not None]
    assert sizes == sorted(sizes, reverse=True)
    assert len(moves) <= body["outputs"]
    assert "paths" not in service.diff("base", "power-wall")


def test_a_scenario_and_itself_move_nothing() -> None:
    assert service.diff("base", "base", paths=64)["moves"] == []
    assert np.isclose(service.compare("base", "base", paths=64)["busted"]["difference"]["mean"], 0.0).all()

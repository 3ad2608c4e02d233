"""Every preset runs whole, closes its books and moves what its story names in the told direction."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle import service
from supercycle.engine import stress as engine
from supercycle.engine.reading import reading
from supercycle.engine.scenario import preset_names, resolve
from supercycle.service.the_world import subject

PATHS = 640

# Direction of the median of the paired difference from the base case.
TOLD = [
    ("orders", "fleet_it_gw:2028Q4", 1),
    ("orders", "energised_it_gw:2028Q4", 1),
    ("orders", "contract_price:2030Q4", -1),
    ("power-wall", "power_backlog_gw:2028Q4", 1),
    ("power-wall", "dark_it_gw:max", 1),
    ("power-wall", "fleet_it_gw:2028Q4", -1),
    ("debt-shift", "ai_index_share:2030Q4", 1),
    ("debt-shift", "ai_debt_usd_bn:2030Q4", 1),
    ("debt-shift", "credit_loss_usd_bn:sum", 1),
    ("efficiency-shock", "efficiency_log:2030Q4", 1),
    ("efficiency-shock", "five_firm_capex_usd_bn:2028Q4", -1),
    ("dark-fibre", "utilisation:2028Q4", -1),
    ("dark-fibre", "contract_price:2030Q4", -1),
    ("dark-fibre", "ai_revenue_run_rate:2030Q4", -1),
    ("dark-fibre", "fleet_it_gw:2028Q4", 1),
    ("crunch-2027", "five_firm_capex_usd_bn:2028Q4", -1),
    ("crunch-2027", "output_loss_reallocation:max", 1),
    ("soft-landing", "fleet_it_gw:2028Q4", -1),
    ("soft-landing", "world_ai_capex_usd_bn:max", -1),
    ("soft-landing", "contract_price:2030Q4", 1),
    ("monetisation-catches-up", "ai_revenue_run_rate:2030Q4", 1),
]
# Regimes and busts come on some paths only: the mean moves by more than three standard errors.
TOLD_ON_SOME = [
    ("no-bust", "busted", -1),
    ("crunch-2027", "busted", 1),
    ("network-effects", "race_effort_usd_bn", 1),
    ("takeoff", "ai_revenue_run_rate", 1),
    ("orders", "busted", 1),
]


@pytest.fixture(scope="module")
def found() -> dict[str, engine.Stress]:
    world = subject()
    texts = sorted({text for _, text, _ in TOLD} | {text for _, text, _ in TOLD_ON_SOME})
    names = preset_names(world.presets)
    sides = [resolve(name, world.model.registry, world.presets) for name in names]
    _, results = engine.stress(
        world, sides[0], sides[1:], [reading(world, t) for t in texts], paths=PATHS, seed=1
    )
    return {result.scenario.name: result for result in results}


def impact(found: dict[str, engine.Stress], preset: str, text: str) -> engine.Impact:
    key = reading(subject(), text).text
    return next(i for i in found[preset].impacts if i.reading.text == key)


def test_the_presets_of_the_reference_are_there(found: dict[str, engine.Stress]) -> None:
    asked = {preset for preset, _, _ in (*TOLD, *TOLD_ON_SOME)}
    assert asked == set(found)


def test_every_preset_runs_whole_and_its_books_close(found: dict[str, engine.Stress]) -> None:
    for name, result in found.items():
        assert result.run.status_counts["ok"] == PATHS, name
        assert result.run.residual_max <= 1e-9, name


@pytest.mark.parametrize(("preset", "text", "sign"), TOLD)
def test_a_preset_moves_what_it_tells(
    found: dict[str, engine.Stress], preset: str, text: str, sign: int
) -> None:
    assert sign * impact(found, preset, text).quantiles[2] > 0.0


@pytest.mark.parametrize(("preset", "text", "sign"), TOLD_ON_SOME)
def test_what_comes_on_some_paths_moves_the_mean(
    found: dict[str, engine.Stress], preset: str, text: str, sign: int
) -> None:
    moved = impact(found, preset, text)
    assert sign * moved.mean > 3.0 * moved.standard_error


def test_a_soft_landing_ends_a_few_busts() -> None:
    """One path in seventy: it takes more paths to tell from noise."""
    world = subject()
    sides = [resolve(name, world.model.registry, world.presets) for name in ("base", "soft-landing")]
    _, (found,) = engine.stress(world, sides[0], sides[1:], [reading(world, "busted")], paths=4096, seed=1)
    assert -found.impacts[0].mean > 3.0 * found.impacts[0].standard_error


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

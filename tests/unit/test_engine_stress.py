"""Stress on the toy world: dates and sizes, combinations, pairs, readings."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError, ScenarioError, UnknownNameError
from supercycle.core.quarters import Quarter
from supercycle.engine import stress as engine
from supercycle.engine.reading import read, reading, statistic
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.service.stress import HOLDERS, READINGS, shocks, stress
from supercycle.service.the_world import subject


def _load_toy() -> Any:
    place = Path(__file__).resolve().parents[1] / "unit" / "engine_toy.py"
    spec = importlib.util.spec_from_file_location("engine_toy", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


toy = _load_toy()
RUN = {"paths": 96, "seed": 3, "until": "2027Q4", "kernel": "numpy"}


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return toy.toy_subject(tmp_path)


def hit(world: Any, *shocks: Scenario, texts: tuple[str, ...] = ("capex_all",)) -> Any:
    return engine.stress(world, toy.BASE, shocks, [reading(world, t) for t in texts], **RUN)


def test_a_shock_that_sets_what_is_there_changes_nothing(world: Any) -> None:
    base = Scenario("base", set={"growth": 0.1})
    _, (found,) = engine.stress(
        world, base, [Scenario("none", set={"growth": 0.1})], [reading(world, "capex_all")], **RUN
    )
    (impact,) = found.impacts
    assert (impact.mean, impact.moved, impact.quantiles) == (0.0, 0.0, (0.0,) * 5)
    assert found.redrawn == 0


def test_the_difference_is_paired(world: Any) -> None:
    before, (found,) = hit(world, Scenario("boom", set={"growth": 0.15}))
    alone = simulate(world, Scenario("boom", set={"growth": 0.15}), **RUN)
    both = before.ok & alone.ok
    change = (read(reading(world, "capex_all"), alone) - read(reading(world, "capex_all"), before))[both]
    (impact,) = found.impacts
    assert impact.mean == pytest.approx(change.mean(), rel=1e-12)
    assert impact.quantiles[2] == pytest.approx(np.median(change), rel=1e-12)
    assert found.pairs == int(both.sum())


def test_the_shock_replaces_what_the_scenario_says() -> None:
    base = Scenario("mine", set={"growth": 0.1, "idle": 0.2})
    found = engine.shocked(base, Scenario("boom", set={"growth": 0.15}))
    assert dict(found.set) == {"growth": 0.15, "idle": 0.2}


def test_a_combination_is_the_union() -> None:
    both = engine.combined([Scenario("a", set={"growth": 0.1}), Scenario("b", set={"idle": 0.2})])
    assert (both.name, dict(both.set)) == ("a + b", {"growth": 0.1, "idle": 0.2})


def test_shocks_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(InputError, match=r"a and b both set growth: expected .*0\.1 and 0\.15"):
        engine.combined([Scenario("a", set={"growth": 0.1}), Scenario("b", set={"growth": 0.15})])


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("capex_all", lambda v: v[-1]),
        ("capex_all:2026Q4", lambda v: v[1]),
        ("capex_all:sum", lambda v: v.sum(axis=0)),
        ("capex_all:max", lambda v: v.max(axis=0)),
        ("capex_all:min", lambda v: v.min(axis=0)),
        ("peak:all", lambda v: v.max(axis=0)),
    ],
)
def test_a_reading_is_one_number_a_path(world: Any, text: str, of: Any) -> None:
    run = simulate(world, toy.BASE, **RUN)
    assert np.array_equal(read(reading(world, text), run), of(run.value("capex_all")))


def test_a_sum_of_quarterly_flows_loses_the_quarter(world: Any) -> None:
    assert reading(world, "capex:Beta Co:sum").unit == "USD_bn"
    assert reading(world, "capex:Beta Co:2027Q1").unit == "USD_bn/q"


def test_readings_are_refused_with_the_nearest(world: Any) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'capex_all'"):
        reading(world, "capex_al:sum")
    with pytest.raises(InputError, match="value per member and no quarter"):
        reading(world, "peak:2027Q1")
    run = simulate(world, toy.BASE, **RUN)
    with pytest.raises(InputError, match="capex_all has no value in 2050Q1: expected a quarter from 2026Q3"):
        read(reading(world, "capex_all:2050Q1"), run)


def test_a_statistic_leaves_out_what_is_no_number() -> None:
    values = np.array([1.0, np.nan, 3.0, 8.0])
    assert statistic(values, "q50") == 3.0
    assert statistic(values, "mean") == 4.0
    assert np.isnan(statistic(np.array([np.nan]), "mean"))
    with pytest.raises(UnknownNameError, match="unknown statistic 'q51'"):
        statistic(values, "q51")


# the world


def world_shock(text: str) -> Scenario:
    folder = subject().presets.parent / "shocks"
    return engine.shock(text, subject().model.registry, folder, subject().start)


def test_a_date_and_a_size_can_be_moved() -> None:
    found = world_shock("valuation-fall@2028Q1:0.6")
    quarters = Quarter.parse("2028Q1") - Quarter.parse(subject().start)
    assert dict(found.set) == {"imposed_crash_quarter": quarters, "imposed_crash_size": 0.6}


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("valution-fall", UnknownNameError, "did you mean 'valuation-fall'"),
        ("power-delay@2028Q1", ScenarioError, "shock power-delay has no quarter"),
        ("power-delay:2", ScenarioError, "shock power-delay has no size"),
        ("valuation-fall@2026Q2", InputError, "too early"),
        ("valuation-fall:2", InputError, "out of range"),
        ("mine.yaml", ScenarioError, "no such shock file"),
    ],
)
def test_bad_shocks_are_refused(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        world_shock(text)


def test_a_shock_may_be_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("schema: supercycle.preset/1\nname: mine\ntitle: Mine\nset: {pue: 1.3}\n")
    assert dict(world_shock(str(file)).set) == {"pue": 1.3}


def test_every_shock_runs_and_its_books_close() -> None:
    body = stress(paths=320, kernel="machine")
    assert [s["name"] for s in body["shocks"]] == [s["name"] for s in shocks()]
    assert body["books"]["residual_max"] <= 1e-9
    for one in body["shocks"]:
        assert one["pairs"] == 320
        assert any(found["difference"]["moved"] > 0.5 for found in one["readings"].values()), one["name"]


def test_the_bust_adds_up_and_losses_reach_their_holders() -> None:
    body = stress(["valuation-fall", "fire-sale"], paths=320, kernel="machine")
    assert body["books"]["checked"] > 0
    assert (
        body["books"]["checked"] % 4 == 0
    )  # the base, two shocks and both at once, each with the same books
    assert [s["name"] for s in body["shocks"]] == [
        "valuation-fall",
        "fire-sale",
        "valuation-fall + fire-sale",
    ]
    for one in body["shocks"]:
        bust = one["bust"]
        assert bust["after"] == pytest.approx(bust["before"] + bust["only_with"] - bust["only_without"])
        assert set(one["losses_by_holder"]) == set(HOLDERS)
        more = {name: found["difference"]["mean"] for name, found in one["losses_by_holder"].items()}
        assert sum(more[name] for name in CREDITORS) == pytest.approx(
            one["readings"]["credit_loss_usd_bn:sum"]["difference"]["mean"], rel=1e-6
        )
    assert body["shocks"][0]["bust"]["after"] == 1.0
    assert set(body["shocks"][0]["readings"]) == set(READINGS)


CREDITORS = (
    "banks", "insurers and pensions", "funds", "ABS and CMBS holders", "private credit", "foreign", "vendors",
)  # fmt: skip
"""Who holds written-off claims; shares, equity put in, tariffs and tax are lost beside them."""

TOLD = [
    ("captive-cut", "fleet_it_gw:2030Q4", -1),
    ("chip-shortage", "dark_it_gw:max", -1),
    ("credit-stop", "funded_share:min", -1),
    ("demand-miss", "ai_revenue_run_rate:2030Q4", -1),
    ("efficiency-jump", "five_firm_capex_usd_bn:2028Q4", -1),
    ("fire-sale", "credit_loss_usd_bn:sum", 1),
    ("funding-squeeze", "ai_debt_usd_bn:2030Q4", -1),
    ("lab-failure", "ai_revenue_run_rate:2030Q4", -1),
    ("life-cut", "write_off_usd_bn:sum", -1),  # less book value is left to be written off
    ("neocloud-failure", "credit_loss_usd_bn:sum", 1),
    ("power-delay", "dark_it_gw:max", 1),
    ("power-slip", "dark_it_gw:max", 1),
    ("price-war", "utilisation:min", -1),
    ("rates-up", "world_ai_capex_usd_bn:sum", -1),
    ("short-lives", "contract_price:2030Q4", 1),
    ("valuation-fall", "five_firm_capex_usd_bn:2028Q4", -1),
]


def test_every_shock_moves_what_it_is_named_for() -> None:
    told = {s["name"]: s for s in stress(paths=320, kernel="machine")["shocks"]}
    assert {name for name, _, _ in TOLD} == set(told)
    wrong = [
        (name, text)
        for name, text, sign in TOLD
        if sign * told[name]["readings"][text]["difference"]["q50"] <= 0
    ]
    assert wrong == []

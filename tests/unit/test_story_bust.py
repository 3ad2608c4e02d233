"""Who loses in a bust: every holder once, sums that agree, shareholders beside creditors, the past recomputed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.app.flows import LOSSES, losses
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario, resolve
from supercycle.service.the_world import subject
from supercycle.skill.busts import past_busts, recorded_busts, recorded_manias
from supercycle.skill.origins import OPENED
from supercycle.story.bust import bust_data, bust_section


@pytest.fixture(scope="module")
def run() -> Any:
    return supercycle.run("crunch-2027", paths=200).run


def charts(section: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in section["charts"]}


def test_the_rows_are_the_run_s_own_paths(run: Any) -> None:
    found = bust_data(run)
    assert found is not None
    wealth = run.value("wealth_lost_usd_bn")[:, run.ok]
    some = run.value("busted")[-1, run.ok] > 0
    deepest = wealth.max(axis=0)
    rows = {row[0]: row for row in charts(bust_section(found))["bust-table"]["rows"]}
    assert rows["shares, all owners"][1] == pytest.approx(deepest[some].mean())
    assert rows["shares, all owners"][2] == pytest.approx(deepest.mean())
    owners = [row[1] for name, row in rows.items() if name.startswith("shares: ")]
    assert len(owners) == 4
    assert sum(owners) == pytest.approx(rows["shares, all owners"][1])
    holders = [row[1] for name, row in rows.items() if name.startswith("debt: ")]
    assert sum(holders) == pytest.approx(rows["debt, all creditors"][1])
    written_off = run.value("credit_loss_usd_bn")[:, run.ok].sum(axis=0)
    assert rows["debt, all creditors"][1] == pytest.approx(written_off[some].mean())
    owed = run.value("ai_debt_usd_bn")[:, run.ok][:, some].max(axis=0).mean()
    assert rows["debt, all creditors"][4] == f"{100 * written_off[some].mean() / owed:.1f} %"
    assert (
        rows["shares: households, directly"][4]
        == f"{100 * rows['shares: households, directly'][1] / 47_190:.1f} %"
    )


def test_a_scenario_without_a_bust_gives_no_cost_of_one() -> None:
    found = bust_data(supercycle.run("no-bust", paths=64).run)
    assert found is not None
    section = bust_section(found)
    assert "No path" in section["lead"]
    assert all(row[1] is None and row[4] is None for row in charts(section)["bust-table"]["rows"])
    assert "bust-holders" not in charts(section)


def test_the_flow_diagram_holds_the_shareholders_and_a_recovery_hides_nothing() -> None:
    world = subject()
    scenario = resolve("crunch-2027", world.model.registry, world.presets)
    run = simulate(world, scenario, paths=128, seed=1, outputs=list(LOSSES))
    fall = run.value("wealth_lost_usd_bn")[:, run.ok]
    for quarter in ("2028Q4", "2035Q4"):
        at = run.quarters.index(quarter)
        links = losses(run, quarter)["links"]
        into = sum(one["value"] for one in links if one["target"] == "AI shares")
        out = sum(one["value"] for one in links if one["source"] == "AI shares")
        deepest = float(fall[: at + 1].max(axis=0).mean())
        assert into == pytest.approx(deepest, rel=1e-5)
        assert out == pytest.approx(deepest, rel=1e-5)
    assert deepest >= float(fall[-1].mean())


def test_a_run_that_lacks_the_outputs_has_no_section() -> None:
    run = simulate(subject(), Scenario("base"), paths=16, seed=1, kernel="numpy", outputs=["busted"])
    assert bust_data(run) is None


def test_the_report_names_the_shareholders_loss_and_the_rest_of_the_variance() -> None:
    from supercycle.story import report_data

    result = supercycle.run("base", paths=500)
    data = report_data(result.to_dict(), result)["report"]
    names = [section["id"] for section in data["sections"]]
    assert names.index("bursts") < names.index("losses")
    evidence = data["evidence_share"]
    assert set(evidence) == {"measured", "published", "judgement", "unexplained"}
    assert sum(evidence.values()) == pytest.approx(1.0, abs=0.02)
    assert evidence["unexplained"] > 0.1


def test_the_recorded_past_is_what_the_model_says() -> None:
    """Eight hundred paths against the recorded four thousand at every start: within 3.5 standard errors."""
    assert [row["start"] for row in recorded_busts()] == list(OPENED)
    found = past_busts(paths=800)["rows"]
    for row, recorded in zip(found, recorded_busts(), strict=True):
        error = np.sqrt(recorded["share"] * (1 - recorded["share"]) * (1 / 800 + 1 / 4000))
        assert row["start"] == recorded["start"]
        assert abs(row["share"] - recorded["share"]) < 3.5 * error
        assert recorded["brier"] == pytest.approx(recorded["share"] ** 2, abs=1e-5)
        assert row["reference"] == pytest.approx(recorded["reference"], abs=1e-5)


def test_the_recorded_past_scores_below_a_tenth_and_forgets_no_mania() -> None:
    """Manias are the other half: a model that never warns scores zero at the starts and 0.525 over the manias."""
    rows, manias = recorded_busts(), recorded_manias()
    assert sum(row["brier"] for row in rows) / len(rows) < 0.10
    share = manias["share"]
    assert manias["brier"] == pytest.approx(0.525 * (1 - share) ** 2 + 0.475 * share**2, abs=1e-4)
    assert manias["brier"] < manias["reference"]

"""The back-test from end to end on few paths, the fit on few particles, and the commands."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from supercycle import cli
from supercycle.core.errors import ModelError
from supercycle.core.quarters import Quarter
from supercycle.skill.backtest import HORIZONS, backtest
from supercycle.skill.calibrate import LEVELS, calibrate, divergence
from supercycle.skill.discrepancy import unknowns as scales_of
from supercycle.skill.known import Known, day_of
from supercycle.skill.scored.guided import NAME
from supercycle.skill.scored.members import MODEL, PUBLISHED, RULES
from supercycle.skill.scored.points import points_of_rules
from supercycle.skill.series import NAMES
from supercycle.skill.windows import WINDOWS, past

PATHS, STARTS = 200, ("2022Q4", "2023Q1", "2023Q2")


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(words))
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return backtest(paths=PATHS, starts=STARTS)


def numbers(content: Any) -> list[float]:
    if isinstance(content, dict):
        return [n for value in content.values() for n in numbers(value)]
    if isinstance(content, list | tuple):
        return [n for value in content for n in numbers(value)]
    return [content] if isinstance(content, float) else []


def test_every_point_is_scored_for_everyone_at_a_fixed_horizon(whole: dict[str, Any]) -> None:
    keys = [(p["series"], p["start"], p["horizon"]) for p in whole["points"]]
    assert len(keys) == len(set(keys)) == whole["summary"]["points"]
    assert {p["horizon"] for p in whole["points"]} == set(HORIZONS)
    for p in whole["points"]:
        assert Quarter.parse(p["quarter"]) - Quarter.parse(p["start"]) == p["horizon"]
        assert {MODEL, PUBLISHED, RULES} <= set(p["crps"])
        assert p["crps"][PUBLISHED] <= 0.5 * (p["crps"][MODEL] + p["crps"][RULES]) + 1e-9
    # nothing was known of a lab at the end of 2022, nor of Meta's notes before 2024: no point from a judgement
    assert ("labs", "2022Q4") not in {(p["series"], p["start"]) for p in whole["points"]}
    assert not {p["series"] for p in whole["points"]} & {"debt:Meta", "debt:Oracle"}


def test_the_result_is_json_without_nan(whole: dict[str, Any]) -> None:
    assert all(map(math.isfinite, numbers(whole)))
    assert json.loads(json.dumps(whole, allow_nan=False))["schema"] == "supercycle.backtest/2"


def test_guidance_is_a_rule_where_a_firm_had_guided(whole: dict[str, Any]) -> None:
    with_it = {p["series"] for p in whole["points"] if NAME in p["crps"]}
    assert with_it == {"capex:Meta"}  # from 2022Q4 to 2023Q2 only Meta's is on file (figures plans)


def test_the_summary_is_the_mean_of_its_points(whole: dict[str, Any]) -> None:
    summary, points = whole["summary"], whole["points"]
    compared = [p for p in points if RULES in p["crps"]]
    for key, who in (("crps_published", PUBLISHED), ("crps_model", MODEL), ("crps_pool_of_rules", RULES)):
        assert summary[key] == pytest.approx(sum(p["crps"][who] for p in compared) / len(compared))
    assert summary["coverage_90"] == pytest.approx(sum(p["inside_90"] for p in points) / len(points))
    assert 0 < summary["independent_points"] < summary["points"]
    assert summary["paired_interval"] is None  # three starts are less than two blocks: nothing is made up
    assert sum(row["points"] for row in whole["by_horizon"].values()) == len(points)


def test_a_part_is_the_same_as_in_the_whole(whole: dict[str, Any]) -> None:
    part = backtest(paths=PATHS, starts=("2023Q1",), names=("capex:Oracle",))
    wanted = [p for p in whole["points"] if (p["series"], p["start"]) == ("capex:Oracle", "2023Q1")]
    assert part["points"] == wanted != []


def test_events_are_scored_beside_a_base_rate_and_past_manias(whole: dict[str, Any]) -> None:
    events, summary = whole["events"], whole["summary"]
    assert set(events["by_event"]) == {
        "crash",
        "crash to the end",
        "lab failure",
        "covenant",
        "guidance raised",
    }
    for one in events["questions"]:
        assert 0.0 < one["model"] < 1.0 > one["reference"] > 0.0
        assert one["start"] < one["by"] <= whole["last_quarter"]
    crashes = [q for q in events["questions"] if q["event"] == "crash to the end"]
    assert [q["start"] for q in crashes] == list(STARTS)
    assert summary["bust_brier"] == pytest.approx(sum(q["model"] ** 2 for q in crashes) / 3)
    # Whoever never calls a crash is best over a boom, and worst once past manias count.
    assert summary["bust_brier_never"] == 0.0
    assert summary["bust_brier_never_with_manias"] > summary["bust_brier_reference_with_manias"]


def test_rules_score_before_the_world_can_be_opened() -> None:
    points = points_of_rules("capex:Meta", "2021Q4", "published")
    assert [p.horizon for p in points] == list(HORIZONS)
    assert all(MODEL not in p.crps and RULES in p.crps for p in points)


def test_the_windows_use_every_figure_once() -> None:
    assert all(a[1] == b[0] for a, b in pairwise(WINDOWS))
    data = past()
    seen = [(b.name, WINDOWS[b.window][0], row) for b in data.blocks for row in b.rows]
    assert len(seen) == len(set(seen))
    assert all(row < data.quarters[b.window] for b in data.blocks for row in b.rows)


def test_a_fit_before_a_start_sees_only_what_had_come() -> None:
    data = past("published", Known(day_of("2023Q4")))
    assert {b.window for b in data.blocks} == {0}
    assert "chips" not in {b.name for b in data.blocks}
    assert all(len(b.rows) <= 4 for b in data.blocks)
    with pytest.raises(ModelError, match="nothing of the past"):
        past("published", Known(day_of("2022Q4")))


def test_the_same_normals_tell_the_same_past() -> None:
    data = past()
    z = np.random.default_rng(3).standard_normal((data.unknowns, 64))
    first, second = data.loglik(z), data.loglik(z)
    assert np.array_equal(first, second)
    assert np.isfinite(first).any()
    # structural unknowns are shared by the windows; the last window's events touch no other window, scales no path
    last = data.unknowns - scales_of(len(NAMES))
    moved = z.copy()
    moved[last - 1] += 1.0
    told, other = data.told(z)[0], data.told(moved)[0]
    for block, a, b in zip(data.blocks, told, other, strict=True):
        if block.window < 2:
            assert np.array_equal(a, b)
    moved = z.copy()
    moved[last:] += 1.0
    assert all(np.array_equal(a, b) for a, b in zip(told, data.told(moved)[0], strict=True))
    assert not np.array_equal(first, data.loglik(moved))


def test_the_world_s_shocks_are_off_in_a_fit() -> None:
    """The discrepancy stands for them: no normal of theirs moves a path."""
    data = past()
    z = np.random.default_rng(3).standard_normal((data.unknowns, 32))
    slots = data.base.plan.draw_slots
    first = len(data.structural) + len(data.openings[0])
    moved = z.copy()
    for draw in ("demand_draw", "capex_draw", "delivery_draw"):
        place = first + slots[draw] * data.quarters[0]
        moved[place : place + data.quarters[0]] += 1.0
    assert all(np.array_equal(a, b) for a, b in zip(data.told(z)[0], data.told(moved)[0], strict=True))


def test_a_small_fit_reports_keeps_and_checks() -> None:
    found = calibrate(particles=512, moves=1, last_moves=3)
    manifest = found["manifest"]
    assert manifest["powers"][0] == 0.0
    assert manifest["powers"][-1] == 1.0
    assert len(found["parameters"]) == manifest["structural"]
    assert (
        found["moved"]
        == sum(row["moved"] for row in found["parameters"])
        == len(found["posterior"]["tables"])
    )
    assert all(len(values) == len(LEVELS) for values in found["posterior"]["tables"].values())
    fit = found["fit"]
    assert fit["prior"]["log_likelihood_mean"] < fit["reduced"]["log_likelihood_mean"]
    assert fit["prior"]["log_likelihood_mean"] < fit["cloud"]["log_likelihood_mean"]
    assert json.dumps(found, allow_nan=False)


def test_divergence_of_nothing_learned_is_small() -> None:
    u = np.random.default_rng(1).random(16384)
    assert divergence(u) < 0.003
    share = np.diff(np.sqrt(np.linspace(0.0, 1.0, 21)))  # of u squared, by twentieth
    assert divergence(u**2) == pytest.approx(float(np.sum(share * np.log(20 * share))), abs=0.02)


def test_the_command_prints_scores_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("backtest", "--start", "2022Q4", "--series", "nvidia", "--paths", "200")
    code, out, _ = called(capsys, *asked)
    assert code == 0
    for part in ("nvidia", "quarters ahead", "pool of rules", "past manias", "worth about"):
        assert part in out
    code, out, _ = called(capsys, *asked, "--json")
    assert code == 0
    summary = json.loads(out)["summary"]
    assert summary["points"] == len(HORIZONS)
    asked_for = ("points", "independent_points", "coverage_90", "coverage_50", "coverage_90_by_horizon",
                 "crps_published", "crps_model", "crps_pool_of_rules", "paired_interval", "bust_brier",
                 "bust_brier_reference")  # fmt: skip
    assert set(asked_for) <= set(summary)


def test_the_command_shows_what_was_known(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "backtest", "--start", "2023Q4", "--opening", "--json")
    openings = json.loads(out)["openings"]
    assert code == 0
    assert [(o["start"], o["variant"]) for o in openings] == [
        ("2023Q4", "published"),
        ("2023Q4", "reconstructed"),
    ]
    assert all(o["known_by"] == "2024-02-29" for o in openings)
    code, out, _ = called(capsys, "backtest", "--start", "2023Q4", "--opening")
    assert "capex_open:Meta" in out


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("backtest", "--start", "2022Q3"), 3, "unknown start of a back-test '2022Q3'"),
        (("backtest", "--series", "capx"), 3, "did you mean 'capex'"),
        (("backtest", "--paths", "0", "--start", "2022Q4"), 2, "50 to "),
        (("calibrate", "--particles", "3"), 3, "256 to 1000000"),
        (("calibrate", "--stored", "--save"), 2, "--stored"),
        (("backtest", "--strat", "2024Q4"), 2, "Try: supercycle backtest --help"),
    ],
)
def test_wrong_input_is_one_line(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], code: int, told: str
) -> None:
    found, out, err = called(capsys, *words)
    assert (found, out) == (code, "")
    assert told in err
    assert err.count("\n") == 1


def test_the_stored_fit_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = called(capsys, "calibrate", "--stored")
    assert code == 0
    assert "moved by the data" in out
    assert "elasticity_long_run" in out

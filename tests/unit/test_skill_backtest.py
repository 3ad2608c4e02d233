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
from supercycle.skill.backtest import MODEL, TARGETS, backtest
from supercycle.skill.calibrate import LEVELS, calibrate, divergence
from supercycle.skill.guidance import guidance_path
from supercycle.skill.known import Known, day_of
from supercycle.skill.series import NAMES, STARTS
from supercycle.skill.windows import WINDOWS, past

PATHS = 200


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        cli.main(list(words))
    said = capsys.readouterr()
    return int(stop.value.code or 0), said.out, said.err


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return backtest(paths=PATHS)


def numbers(content: Any) -> list[float]:
    if isinstance(content, dict):
        return [n for value in content.values() for n in numbers(value)]
    if isinstance(content, list | tuple):
        return [n for value in content for n in numbers(value)]
    return [content] if isinstance(content, float) else []


def test_every_series_and_start_is_scored_or_says_nothing_was_known(whole: dict[str, Any]) -> None:
    cases = {(c["series"], c["start"], c["variant"]): c for c in whole["cases"]}
    assert {(n, s) for n, s, v in cases if v == "reconstructed"} == {(n, s) for n in NAMES for s in STARTS}
    assert not any(n == "chips" and v == "published" for n, _, v in cases)
    alone = [key for key, c in cases.items() if len(c["scores"]) == 1]
    assert {key[:2] for key in alone} == {("labs", "2022Q4")}
    assert all(c["points"] > 0 for c in cases.values())


def test_the_result_is_json_without_nan(whole: dict[str, Any]) -> None:
    assert all(map(math.isfinite, numbers(whole)))
    assert json.loads(json.dumps(whole, allow_nan=False))["schema"] == "supercycle.backtest/1"


def test_guidance_stands_where_it_was_on_file(whole: dict[str, Any]) -> None:
    with_it = {(c["series"], c["start"]) for c in whole["cases"] if "company guidance" in c["scores"]}
    # Meta's guidance for 2023 and 2024 is on file, three firms' for 2025 (test_skill_opening reads them).
    assert with_it == {("capex", start) for start in STARTS if guidance_path(start) is not None}
    assert with_it == {("capex", start) for start in STARTS}


def test_the_sentence_says_what_the_tally_holds(whole: dict[str, Any]) -> None:
    tally, result = whole["tally"], whole["result"]
    won = [n for n, row in tally["series"].items() if row["won"]]
    assert result["series_won"] == won
    assert result["series_reached"] == (len(won) >= TARGETS["series_won"])
    assert f"{100 * tally['coverage_90']:.0f} % of outcomes" in result["sentence"]
    assert ("not reached" in result["sentence"]) == (
        not (result["coverage_reached"] and result["series_reached"])
    )
    for row in tally["series"].values():
        rivals = [f["crps"] for name, f in row["forecasters"].items() if name != MODEL]
        assert row["won"] == (row["forecasters"][MODEL]["crps"] < min(rivals))


def test_the_tally_is_the_mean_over_quarters(whole: dict[str, Any]) -> None:
    cases = [c for c in whole["cases"] if c["series"] == "capex" and c["variant"] == "published"]
    weight = sum(c["points"] for c in cases)
    mean = sum(c["scores"][MODEL]["crps"] * c["points"] for c in cases) / weight
    assert whole["tally"]["series"]["capex"]["forecasters"][MODEL]["crps"] == pytest.approx(mean)
    assert weight == 14 + 10 + 6


def test_a_part_is_the_same_as_in_the_whole(whole: dict[str, Any]) -> None:
    part = backtest(paths=PATHS, starts=("2023Q4",), names=("capex",))
    (case,) = [c for c in part["cases"] if c["variant"] == "published"]
    (same,) = [
        c
        for c in whole["cases"]
        if (c["series"], c["start"], c["variant"]) == ("capex", "2023Q4", "published")
    ]
    assert case == same
    assert "target" not in part["result"]["sentence"]


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
    # structural unknowns are shared by the windows; the last window's events touch no other window
    moved = z.copy()
    moved[-1] += 1.0
    told, other = data.told(z)[0], data.told(moved)[0]
    for block, a, b in zip(data.blocks, told, other, strict=True):
        if block.window < 2:
            assert np.array_equal(a, b)


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
    for part in ("nvidia", "last six months", "means over starts", "% of outcomes"):
        assert part in out
    code, out, _ = called(capsys, *asked, "--json")
    assert code == 0
    assert json.loads(out)["tally"]["series"]["nvidia"]["points"] == 14  # 2023Q1 to 2026Q2


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
        (("backtest", "--start", "2025Q4"), 3, "unknown start of a back-test '2025Q4'"),
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

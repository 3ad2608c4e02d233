"""Manias: a fit sees its window only, and the published rivals and rules come out as published."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from supercycle.core.errors import FigureError, ModelError, UnknownNameError
from supercycle.skill.manias import EPISODES, describe, list_episodes
from supercycle.skill.manias.high_yield import issuance_rule
from supercycle.skill.manias.mechanism import Mechanism
from supercycle.skill.manias.past import Window, annual, log_linear, window
from supercycle.skill.manias.scoring import crps_paths
from supercycle.skill.manias.telecom import DEFAULTS, JOBS, LOANS, SHARE, simulate, windows
from supercycle.world.world import world_model

HY = "US and Canada straight HY bonds, Altman"


@pytest.fixture(scope="module")
def data() -> dict[str, Window]:
    return windows()


def test_no_later_figure_moves_a_prediction(data: dict[str, Window]) -> None:
    """Every outcome is replaced by nonsense: the paths stay what they were to the last bit."""
    nonsense = {
        name: dataclasses.replace(found, outcome=dict.fromkeys(found.outcome, -1e9))
        for name, found in data.items()
    }
    before = simulate(data, Mechanism(200), dated=True)
    after = simulate(nonsense, Mechanism(200), dated=True)
    for name in (SHARE, DEFAULTS, JOBS, LOANS):
        assert np.array_equal(before.values[name], after.values[name])


def test_a_figure_of_the_window_does_move_it(data: dict[str, Window]) -> None:
    share = data[SHARE]
    other = data | {SHARE: dataclasses.replace(share, fit=share.fit | {1999: share.fit[1999] * 1.2})}
    before, after = (simulate(found, Mechanism(200), dated=True).values[SHARE] for found in (data, other))
    assert (after[0] > before[0]).all()


def test_windows_end_where_they_say(data: dict[str, Window]) -> None:
    for found in data.values():
        assert max(found.fit) == 1999
        assert min(found.outcome) == 2000
        assert not set(found.fit) & set(found.outcome)


def test_a_rule_of_the_high_yield_cycle_sees_no_later_rate() -> None:
    par, _ = annual("hy_par_outstanding", HY)
    rate, _ = annual("hy_default_rate_par", HY)
    later = {year: value if year <= 1997 else 99.0 for year, value in rate.items() if year <= 2003}
    rate = {year: value for year, value in rate.items() if year <= 2003}
    assert issuance_rule(par, rate, 3, 1990) == issuance_rule(par, later, 3, 1990)


def test_the_log_linear_rival_over_predicts_2003_as_published() -> None:
    """history.md: 1.73x fitted on 1990-99, 2.44x on 1994-2000; a full boom, not the share."""
    found = describe("telecom", 200)["rival_over_prediction_2003"]
    assert round(found["1990-1999"], 2) == 1.73
    assert round(found["1994-2000"], 2) == 2.44


def test_the_issuance_rule_gives_the_published_peaks() -> None:
    found = describe("high-yield")
    predicted = dict(zip(found["years"], found["predicted_rate"], strict=True))
    assert round(predicted[2001], 1) == 6.6
    assert round(predicted[2002], 1) == 6.5
    assert round(found["rmse"]["rule"], 1) == 3.0
    assert round(found["rmse"]["mean of 1990-97"], 1) == 4.5
    assert round(found["rmse"]["the year before"], 1) == 4.2
    assert round(found["defaults_1999_2003_over_par"]) == 45


def test_mining_hardware_has_the_elasticity_that_was_read() -> None:
    found = describe("mining-hardware", 200)
    # (15.71 / 119.25) against (55.94 / 412.57)
    assert round(found["elasticity"]["under 38 J/TH"], 2) == 1.01
    assert found["forced_sale_discount"] == pytest.approx(1 - (28 + 22) / 2 / 50)


def test_railways_trend_is_the_published_one() -> None:
    trend = describe("railways")["trend"]
    assert (round(trend[1872]), round(trend[1873])) == (12258, 17701)


def test_the_boom_is_given_back_and_not_below(data: dict[str, Window]) -> None:
    run = simulate(data, Mechanism(300), dated=True)
    medians = np.median(run.values[SHARE], axis=1)
    assert (medians > run.base_share).all()
    assert medians[-1] < medians[1] < data[SHARE].fit[1999]


def test_no_crash_without_a_hazard_nor_a_date(data: dict[str, Window]) -> None:
    run = simulate(data, Mechanism(200, fixed={"crash_switch": 0.0}), dated=False)
    assert (run.crashed == 0).all()
    calm = np.median(list(data[DEFAULTS].fit.values()))
    assert np.median(run.values[DEFAULTS][0]) == pytest.approx(calm, rel=0.15)


def test_a_date_crashes_every_path_in_its_quarter(data: dict[str, Window]) -> None:
    assert (simulate(data, Mechanism(200), dated=True).crashed == 2).all()


@pytest.mark.parametrize("name", EPISODES)
def test_every_episode_says_what_it_used_and_what_it_cannot(name: str) -> None:
    found = describe(name, 200)
    assert found["statement"]
    assert found["cautions"]
    assert set(found["world_equations"]) <= set(world_model().variables)
    for row in found["checks"]:
        assert row["inside_90"] == (row["q05"] <= row["actual"] <= row["q95"])


def test_the_list_has_every_episode() -> None:
    assert [row["episode"] for row in list_episodes(200)["episodes"]] == list(EPISODES)


def test_more_paths_keep_the_first_ones(data: dict[str, Window]) -> None:
    few, many = (simulate(data, Mechanism(n), dated=False).values[SHARE] for n in (100, 300))
    assert np.array_equal(few, many[:, :100])


def test_an_unknown_episode_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'telecom'"):
        describe("telcom")


def test_a_missing_input_of_an_equation_is_named() -> None:
    with pytest.raises(ModelError, match="resale_index reads contract_price"):
        Mechanism(2).call("resale_index", t=0.0)


def test_a_window_too_short_to_fit_is_refused() -> None:
    with pytest.raises(FigureError, match="too short to fit"):
        window("ci_loans", "US commercial banks, December", (1993, 1995), (1996, 1997))


def test_the_trend_rival_is_exact_on_an_exponential() -> None:
    assert log_linear({1: 3.0, 2: 6.0, 3: 12.0}, 4) == pytest.approx(24.0)


def test_crps_of_paths_is_that_of_their_pairs() -> None:
    x, actual = np.array([1.0, 4.0, 6.0, 6.5]), 5.0
    pairs = np.mean(np.abs(x[:, None] - x[None, :]))
    assert crps_paths(x, actual) == pytest.approx(np.mean(np.abs(x - actual)) - pairs / 2)

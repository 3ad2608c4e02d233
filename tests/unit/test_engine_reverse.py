"""Reverse stress: the smallest move, on functions whose answer is known and on the world."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.reverse import PRECISION, smallest_move
from supercycle.service.stress import reverse, stress


def test_the_nearer_of_two_crossings_is_found() -> None:
    found = smallest_move(lambda x: x * x, 0.5, -3.0, 3.0, 2.0)
    assert found.found
    assert found.value == pytest.approx(math.sqrt(2.0), abs=6.0 * PRECISION)
    assert found.reached >= 2.0
    assert found.short is not None
    assert found.short < 2.0
    assert not found.monotone


def test_a_lever_that_works_downwards_is_moved_down() -> None:
    found = smallest_move(lambda x: -x, 0.0, -1.0, 1.0, 0.3)
    assert found.monotone
    assert -0.3 - 2.0 * PRECISION <= found.value <= -0.3


def test_a_target_below_the_start_is_reached_from_above() -> None:
    found = smallest_move(lambda x: 10.0 - x, 0.0, 0.0, 8.0, 5.0)
    assert found.reached <= 5.0
    assert found.value == pytest.approx(5.0, abs=8.0 * PRECISION)


def test_a_response_that_turns_is_seen_by_the_grid() -> None:
    """A hump between the start and the far end: reached inside, left again at the end of the range."""
    found = smallest_move(lambda x: math.exp(-((x - 5.0) ** 2)), 0.0, 0.0, 10.0, 0.5)
    assert found.value == pytest.approx(5.0 - math.sqrt(math.log(2.0)), abs=10.0 * PRECISION)


def test_what_nothing_reaches_is_said_with_the_nearest() -> None:
    found = smallest_move(math.tanh, 0.0, -4.0, 4.0, 2.0)
    assert not found.found
    assert found.value == 4.0
    assert found.short is None


def test_a_start_that_is_there_does_not_move() -> None:
    found = smallest_move(lambda x: x, 1.0, 0.0, 2.0, 1.0)
    assert (found.found, found.move) == (True, 0.0)


def test_points_without_a_number_do_not_reach() -> None:
    found = smallest_move(lambda x: x if x < 0.8 else math.nan, 0.0, 0.0, 1.0, 0.9)
    assert not found.found
    assert found.value < 0.8
    with pytest.raises(InputError, match="no value at the start"):
        smallest_move(lambda x: math.nan, 0.0, 0.0, 1.0, 0.5)


@given(
    slope=st.floats(0.2, 5.0), start=st.floats(0.0, 1.0), share=st.floats(0.05, 0.95), up=st.booleans()
)  # fmt: skip
def test_the_answer_reaches_and_one_step_short_does_not(
    slope: float, start: float, share: float, up: bool
) -> None:
    end = 1.0 if up else 0.0
    target = slope * (start + share * (end - start))
    if target == slope * start:
        return
    found = smallest_move(lambda x: slope * x, start, 0.0, 1.0, target)
    sign = 1.0 if target > slope * start else -1.0
    assert found.found
    assert sign * (found.reached - target) >= 0.0
    assert abs(found.value - target / slope) <= 2.0 * PRECISION


# the world


def test_the_world_confirms_the_answer() -> None:
    body = reverse("spend_share", "ai_revenue_run_rate:2030Q4", 1200.0, paths=320, kernel="machine")
    answer = body["answer"]
    assert body["found"]
    assert body["verified"]
    assert answer["statistic"] >= 1200.0 > answer["one_step_short"]
    assert answer["move"] > 0.0
    again = stress(
        ["price-war"], set={"spend_share": answer["value"]}, paths=320, kernel="machine"
    )  # fmt: skip
    base = again["shocks"][0]["readings"]["ai_revenue_run_rate:2030Q4"]["before"]["q50"]
    assert base == answer["statistic"]


def test_a_lever_without_the_power_says_so() -> None:
    body = reverse("pue", "contract_price:2030Q4", 2.0, paths=64, kernel="machine")
    assert not body["found"]
    assert body["verified"]
    assert body["answer"]["one_step_short"] is None


def test_a_bust_can_be_asked_for() -> None:
    body = reverse("price_war", "busted", 0.6, statistic="mean", paths=320, kernel="machine")
    assert body["found"]
    assert body["verified"]
    assert body["answer"]["one_step_short"] < 0.6 <= body["answer"]["statistic"]


def test_bad_levers_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'spend_share'"):
        reverse("spend_shar", "busted", 0.6)
    with pytest.raises(InputError, match="opening_ai_revenue cannot move"):
        reverse("opening_ai_revenue", "busted", 0.6)

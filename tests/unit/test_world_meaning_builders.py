# ruff: noqa: E501
"""What single equations of builders, power, labs and captive use mean: each called alone, with the answer worked out beside it."""

from __future__ import annotations

import math

import pytest

from supercycle.world import build, captive, contest, labs, macro, orders, placing, plans, power, race
from supercycle.world.frame import Block


def equation(block: Block, name: str):
    """An equation's plain function."""
    return next(item.function for item in block.items if getattr(item, "name", "") == name)


def test_a_plan_moves_by_its_revision() -> None:
    """40 bn a quarter revised by log 1.25 is 50."""
    assert equation(plans.block, "firm_plan_usd_bn")(40.0, math.log(1.25)) == pytest.approx(50.0)


def test_others_build_in_step() -> None:
    """The five plan 140 and are 0.7 of the build: everybody plans 200."""
    assert equation(plans.block, "plan_usd_bn")(140.0, 0.7) == pytest.approx(200.0)


def test_the_wish_is_chips_sites_and_the_race() -> None:
    """5 GW at 40 bn, 60 of shells, 5 of power and a half of 20 of effort: 275."""
    assert equation(plans.block, "plan_wish_usd_bn")(5.0, 40.0, 60.0, 5.0, 20.0, 0.5) == pytest.approx(275.0)


def test_chip_orders_are_what_the_plan_leaves_and_a_part_of_what_was_refused() -> None:
    """(300 - 60 - 10) / 46 = 5, and 2 GW refused over 4 quarters: 5.5."""
    assert equation(placing.block, "chip_orders_plan")(300.0, 60.0, 10.0, 46.0, 2.0, 4.0) == pytest.approx(
        5.5
    )


def test_orders_move_to_the_smaller_of_plan_and_slots_under_the_cap() -> None:
    """From 4 six tenths of the way to min(6, 5) x 0.9 = 4.5: 4.3; a cap of 4.2 takes it down."""
    rule = equation(placing.block, "chip_orders")
    assert rule(6.0, 5.0, 9.0, 0.9, 4.0, 0.6) == pytest.approx(4.3)
    assert rule(6.0, 5.0, 4.2, 0.9, 4.0, 0.6) == pytest.approx(4.2)


def test_chips_cost_the_trend_and_the_premium() -> None:
    """30 bn a GW at a tightness of 0.4 and a slope of 0.5: 30 exp(0.2)."""
    assert equation(build.block, "it_cost")(30.0, 0.5, 0.4, 0.0) == pytest.approx(30.0 * math.exp(0.2))


def test_lines_that_are_half_used_are_hardly_added_to() -> None:
    """35 % a year at half use and a curve of 4: a sixteenth of it a quarter."""
    grown = equation(build.block, "chip_supply_cap")(8.0, 0.35, 4.0, 1.0, 4.0, 3.0, 4.0, 1.0, 0.0)
    assert grown == pytest.approx(8.0 * math.exp(math.log(1.35) / 4.0 / 16.0))


def test_planners_wish_now_is_the_fleet_and_what_use_lacks() -> None:
    """At break-even = price nothing is moved: 60 in use / (0.9 x 0.75) = 88.9 M against 80, at 2 M a GW: 4.44 GW more."""
    names = {"fleet_it_gw_prev": 50.0, "fleet_mh100e_prev": 80.0, "captive_mh100e_prev": 30.0, "inference_mh100e_prev": 20.0,
             "training_mh100e_prev": 10.0, "availability": 0.9, "target_utilisation": 0.75, "density": 2.0, "least_wish": 10.0,
             "breakeven_price": 1.0, "contract_price_prev": 1.0, "book_price_prev": 1.0, "captive_elasticity": -1.1,
             "demand_elasticity_prev": -1.4, "price_ratio_bound": 3.0}  # fmt: skip
    assert equation(orders.block, "now_wanted_it_gw")(**names) == pytest.approx(
        50.0 + (60.0 / 0.675 - 80.0) / 2.0
    )


def test_inquiries_carry_the_attrition() -> None:
    """3 GW wanted under contract, a fifth signed, 0.93 of it built: 16.1 GW are asked for; six tenths of the way from 10."""
    asked = equation(placing.block, "power_requests")(3.0, 0.2, 0.93, 10.0, 0.6, 1.0)
    assert asked == pytest.approx(10.0 + 0.6 * (3.0 / (0.2 * 0.93) - 10.0))


def test_a_moratorium_closes_a_region() -> None:
    """PJM's weight is its share until the quarter, nothing from it on."""
    pull = equation(power.block, "region_pull")
    assert pull(0.19, 0.5, 1.0, 1.0, 3.0, 4.0) == pytest.approx(0.19)
    assert pull(0.19, 0.5, 1.0, 1.0, 4.0, 4.0) == 0.0


def test_a_longer_queue_moves_builders_off_the_grid() -> None:
    """A lead of 28 over 20 quarters at half strength: the other routes weigh sqrt(1.4) times as much."""
    assert equation(power.block, "grid_wait")(28.0, 20.0, 1.0, 0.5) == pytest.approx(math.sqrt(1.4))


def test_captive_compute_pays_for_its_share_of_revenue() -> None:
    """e = 0.04 on 60 bn of revenue at 0.8: 1.92 bn a quarter, whatever compute costs."""
    assert equation(captive.block, "firm_captive_pays_usd_bn")(0.04, 1.0, 60.0, 0.8) == pytest.approx(1.92)


def test_doubled_compute_lifts_revenue_by_its_elasticity() -> None:
    """e log 2 = 0.0277 at e = 0.04, Meta's reading of its doubled cluster (0.035 in clicks, 0.01 in conversions)."""
    assert equation(captive.block, "firm_uplift_log")(0.04, 1.0, 2.0, 1.0) == pytest.approx(
        0.04 * math.log(2.0)
    )


def test_the_owner_s_price_lies_between_user_cost_and_rent() -> None:
    """Rent 1.6 and user cost 0.9, half each: sqrt(1.6 x 0.9) = 1.2 USD an hour, times 2000 hours."""
    assert equation(captive.block, "captive_price")(1.6, 0.9, 0.5, 3.0, 2000.0) == pytest.approx(2400.0)


def test_a_lab_fails_after_two_quarters_of_want_and_not_before() -> None:
    failed = equation(labs.block, "lab_failed")
    assert failed(0.0, 1.0, 2.0, 0.0, 5.0, 0.0) == 0.0
    assert failed(0.0, 2.0, 2.0, 0.0, 5.0, 0.0) == 1.0
    assert failed(1.0, 0.0, 2.0, 0.0, 9.0, 0.0) == 1.0, "and stays failed"


def test_no_round_closes_for_a_lab_that_has_stopped_growing() -> None:
    """Short of 16 + 4 x 6 - 10 = 30 bn; a round of at most 2.5 % of 1,000 bn closes at growth of 0.4 a year, none at 0.04."""
    names = {"lab_cost_by_usd_bn_prev": 16.0, "lab_sales_usd_bn_prev": 12.0, "lab_rd_wanted_usd_bn": 5.0, "lab_rd_usd_bn_prev": 5.0,
             "lab_cash_by_usd_bn_prev": 10.0, "lab_reserve_q": 1.0, "lab_runway_q": 6.0, "lab_value_usd_bn": 1000.0,
             "lab_raise_cap": 0.025, "lab_round_growth": 0.1, "year_per_quarter": 0.25, "bust_state_prev": 0.0, "lab_alone": 1.0,
             "lab_sells": 1.0, "one_quarter": 1.0, "lab_failed": 0.0, "lab_parent_most": 10.0}  # fmt: skip
    rounds = equation(labs.block, "lab_round_usd_bn")
    assert rounds(**names, lab_growth_seen_prev=0.1) == pytest.approx(25.0)
    assert rounds(**names, lab_growth_seen_prev=0.01) == 0.0


def test_a_third_of_the_compute_has_part_of_the_lead() -> None:
    """5 months for the largest, a fifth distilled back, power a half: 4 sqrt(0.25) = 2 months at a quarter of the compute."""
    lead = equation(contest.block, "lab_lead_wanted_months")
    assert lead(5.0, 0.2, 1.0, 4.0, 0.5) == pytest.approx(2.0)


def test_customers_are_charged_with_their_part_of_the_fleet() -> None:
    """3,000 bn for the whole fleet, 0.5 of it works for customers: 1,500."""
    assert equation(macro.block, "required_user_cost")(3000.0, 0.5) == pytest.approx(1500.0)


def test_the_race_in_gigawatts() -> None:
    """40 bn of effort, all new capacity, at 38 + 12 bn a GW: 0.8 GW a quarter."""
    assert equation(race.block, "race_overinvestment_it_gw")(40.0, 1.0, 38.0, 12.0) == pytest.approx(0.8)

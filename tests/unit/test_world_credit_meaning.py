# ruff: noqa: E501
"""What each equation of credit, contagion, losses, policy and valuation means: called alone, the answer worked out beside it."""

from __future__ import annotations

from math import exp, log
from statistics import NormalDist
from typing import Any

import pytest

from supercycle.world.world import world_model

N = NormalDist().cdf


def cases() -> list[tuple[str, dict[str, Any], float]]:
    q = {"one_quarter": 1.0}
    return [
        # neoclouds: what they own, let and earn
        ("neocloud_fleet_share", {"neocloud_fleet_share_prev": 0.08, "neocloud_build_now": 0.0, "energised_it_gw": 5.0, "fleet_it_gw": 50.0, **q}, 0.08 * 0.9),
        ("neocloud_broken", {"lab_failed_share": 0.45, "lab_failed_share_prev": 0.0, "lab_concentration": 0.45, "neocloud_lab_contracts": 0.4}, 0.4),
        ("neocloud_scale_usd_bn", {"neocloud_scale_usd_bn_prev": 10.0, "neocloud_revenue_usd_bn": 6.0, "cost_lag_q": 4.0, **q}, 10.0 - 4.0 / 4),
        ("neocloud_cover", {"neocloud_revenue_usd_bn": 10.0, "neocloud_opex_usd_bn": 4.0, "neocloud_service_usd_bn": 6.0, "neocloud_rolled_usd_bn": 2.0}, 6 / 4),
        ("neocloud_cover_trend", {"neocloud_cover_trend_prev": 1.4, "neocloud_cash_cover": 0.7, "neocloud_life_q": 14.0, **q}, 1.4 - 0.7 * 2 / 14),
        ("neocloud_cured", {"cure_share": 0.5, "bust_state_prev": 0.5, "ai_equity_index_prev": 0.8, "neocloud_cash_cover_prev": 1.0, "neocloud_cover_trend_prev": 2.0}, 0.5 * 0.5 * 0.8 * 0.5),
        # a quarter of mu = 1/8 meets 16 %; of the covers 6 points are newly below: (0.02 + 7/8 x 0.06 / 0.9) x half not cured
        ("neocloud_default", {"neocloud_weak": 0.16, "neocloud_gone_prev": 0.10, "neocloud_cured": 0.5, "migration_q": 8.0, "tenant_default": 0.0, "t": 3.0,
                              "imposed_neocloud_quarter": 0.0, "imposed_neocloud_share": 1.0, "least_class": 0.0, **q}, (0.16 / 8 + 7 / 8 * 0.06 / 0.9) * 0.5),
        ("neocloud_gone", {"neocloud_gone_prev": 0.10, "neocloud_weak": 0.16, "neocloud_cured": 0.5, "migration_q": 8.0, **q}, 0.10 + 0.06 * 0.5),
        ("neocloud_live", {"neocloud_live_prev": 0.8, "neocloud_default": 0.1, "hall_sale_q": 4.0, **q}, (0.8 + 0.2 / 4) * 0.9),
        ("neocloud_live", {"neocloud_live_prev": 1.0, "neocloud_default": 1.0, "hall_sale_q": 4.0, **q}, 0.0),
        ("neocloud_shut", {"neocloud_live": 0.5, "neocloud_live_open": 0.95, "neocloud_fleet_share": 0.08}, 0.45 * 0.08),
        ("owners_most_usd_bn", {"owners_rate": 0.05, "neocloud_value_open": 100.0, "ai_equity_index_prev": 0.5, "bust_state_prev": 0.0}, 2.5),
        ("neocloud_paid_share", {"neocloud_hole_usd_bn": 5.0, "owners_most_usd_bn": 3.0, "neocloud_service_usd_bn": 10.0, "neocloud_rolled_usd_bn": 2.0}, 1 - 2 / 8),
        ("advance_rate", {"resale_index_prev": 0.45, "collateral_haircut": 0.9}, 0.5),
        ("loan_sizing", {"new_cover": 0.7, "cover_target": 1.4}, 0.5),
        ("neocloud_build_now", {"neocloud_build_share": 0.08, "neocloud_live_prev": 0.0, "neocloud_live_open": 0.95, "neocloud_funded_share": 1.0}, 0.0),
        # lenders
        ("neocloud_pc_repay_usd_bn", {"neocloud_pc_due_usd_bn": 4.0, "neocloud_paying": 0.5, "neocloud_pc_loans_usd_bn_prev": 40.0, "neocloud_npl_share_prev": 0.1, "hall_sale_q": 4.0, "neocloud_sweep_rate": 0.05}, 4 * 0.5 + 40 * (0.1 / 4 + 0.05)),
        # surplus 4, nine tenths can be swept, planned cover half way between target and covenant
        ("neocloud_sweep_usd_bn", {"neocloud_hole_usd_bn": -4.0, "sweep_share": 0.9, "plan_cover": 1.3, "cover_target": 1.4, "covenant_cover": 1.2, "neocloud_performing": 1.0}, 4 * 0.9 * 0.5),
        ("halls_open", {"neocloud_build_share": 0.08, "neocloud_live": 0.0, "neocloud_live_open": 0.96}, 0.92),
        ("neocloud_rolled_usd_bn", {"neocloud_due_usd_bn": 10.0, "neocloud_roll_share": 0.5, "bust_state_prev": 0.5, "credit_open": 1.0, "neocloud_sound_prev": 0.5, "neocloud_sound_open": 1.0}, 10 * 0.5 * 0.5 * 0.5),
        ("neocloud_auction_usd_bn", {"neocloud_npl_usd_bn_prev": 8.0, "hall_sale_q": 4.0}, 2.0),
        # spreads
        ("risk_free_now", {"risk_free_path": 0.045, "policy_cut": 0.01, "rate_imposed": 0.02}, 0.055),
        ("spv_spread_now", {"spv_spread": 0.022, "ig_spread": 0.0105, "ig_spread_open": 0.0085, "hy_widening": 0.04, "spv_beta": 0.25}, 0.022 + 0.002 + 0.01),
        ("firm_spread", {"ig_spread": 0.01, "issuer_factor": 1.5, "leverage_slope": 0.01, "firm_leverage_rise": 1.0, "issuer_least": 0.5}, 0.025),
        ("firm_orphan_usd_bn", {"lease_pipeline_total_prev": 1000.0, "lease_multiple": 2.0, "firm_lease_weight": 0.25, "largest_lab_backlog": 0.5,
                                "lab_failed_share": 0.45, "lab_concentration": 0.45, "lab_relet": 0.2}, 1000 / 2 * 0.25 * 0.5 * 0.8),
        # funding: payouts give way to the floor, then the line, then purchases
        ("firm_paid_share", {"firm_sure_ocf_usd_bn": 30.0, "firm_bond_capacity_usd_bn": 5.0, "firm_line_room_usd_bn": 4.0, "firm_free_cash_usd_bn": 1.0,
                             "firm_must_pay_usd_bn": 10.0, "firm_payout_usd_bn": 2.0, "firm_planned_ai_usd_bn": 40.0}, (30 + 5 + 4 + 1 - 10 - 2) / 40),
        ("firm_draw_usd_bn", {"firm_need_usd_bn": 12.0, "firm_bond_issue_usd_bn": 5.0, "firm_line_room_usd_bn": 4.0, "firm_free_cash_usd_bn": 1.0}, 4 + (12 - 5 - 4 - 1)),
        # credit: collateral aged 2 years at 0.5 against 0.4 a year, rents at plan, a tenth of the fleet on offer
        ("chips_offered", {"chips_offered_prev": 0.04, "neocloud_default": 0.5, "neocloud_fleet_share_prev": 0.08, "sale_imposed": 0.1, "hall_sale_q": 4.0, **q}, 0.04 * 0.75 + 0.04 + 0.1),
        ("neocloud_npl_usd_bn", {"neocloud_npl_usd_bn_prev": 8.0, "neocloud_auction_usd_bn": 2.0, "neocloud_debt_usd_bn_prev": 100.0, "neocloud_npl_share_prev": 0.1,
                                 "neocloud_default": 0.1, "neocloud_loss_usd_bn": 4.0, **q}, 8 - 2 + 100 * 0.9 * 0.1 - 4),
        # commitments
        ("largest_lab_share", {"lab_concentration": 0.45, "lab_failed_share": 0.45}, 0.0),
        ("firm_lab_weight", {"largest_lab_share": 0.5, "firm_largest_weight": 0.6, "firm_others_weight": 0.2, "lab_failed_share": 0.0, "lab_relet": 0.0}, 0.5 * 0.6 + 0.5 * 0.2),
        # contagion
        ("firm_clears_share", {"firm_owed_usd_bn": 20.0, "firm_sure_ocf_usd_bn": -4.0, "firm_spv_rent_usd_bn": 6.0, "firm_interest_usd_bn": 4.0,
                               "firm_bond_capacity_usd_bn": 0.0, "firm_line_room_usd_bn": 3.0, "firm_free_cash_usd_bn": 1.0}, 10 / 20),
        ("spv_clears_usd_bn", {"spv_owed_usd_bn": 10.0, "rent_clears_usd_bn": 7.0}, 7.0),
        ("contracts_lost_usd_bn", {"commitments_total_prev": 800.0, "lab_failed_share": 0.5, "lab_failed_share_prev": 0.0, "contract_margin": 0.3, "contract_replaced": 0.5}, 800 * 0.5 * 0.3 * 0.5),
        ("marked_down", {"stake_lost_usd_bn": 500.0, "contracts_lost_usd_bn": 450.0, "ai_equity_open": 20000.0, "ai_equity_part": 0.5, "ai_equity_index_prev": 0.95, "marked_down_most": 0.9}, 950 / 9500),
        ("contagion_log", {"contagion_log_prev": 0.0, "marked_down": 0.1}, log(0.9)),
        # losses
        ("treasury_loss_usd_bn", {"statutory_tax_rate": 0.2, "bank_loss_usd_bn": 1.0, "insurer_pension_loss_usd_bn": 2.0, "vendor_loss_usd_bn": 1.0, "firm_impairment_usd_bn_total": 6.0, "backstop_usd_bn": 3.0}, 0.2 * 10 + 3),
        ("ratepayer_loss_usd_bn", {"take_or_pay_usd_bn": 3.0, "take_or_pay_share": 0.75}, 1.0),
        # policy
        ("policy_cut", {"policy_cut_size": 0.04, "policy_cut_pass": 0.5, "bust_state_prev": 0.5}, 0.01),
        ("credit_open", {"t": 6.0, "imposed_stop_quarter": 5.0, "imposed_stop_lasts_q": 4.0, "imposed_stop_size": 1.0, "backstop_on": 1.0, "policy_backstop_share": 0.6}, 0.6),
        # valuation: what the price contains is no news; 50, 100 and 150 % give the published odds
        ("value_news", {"value_news_prev": 0.2, "revenue_growth": 0.1, "revenue_growth_expected": 0.1, "revenue_memory": 0.25, "price_fade": 0.1, **q}, 0.2),
        ("episode_odds", {"runup_most": log(2.0), "crash_after_doubling": 0.53, "runup_slope": 5.4, "runup_most_counted": 1.0, "doubling": 2.0}, 0.53),
        ("episode_odds", {"runup_most": log(1.5), "crash_after_doubling": 0.53, "runup_slope": 5.4, "runup_most_counted": 1.0, "doubling": 2.0}, 1 / (1 + exp(-(log(0.53 / 0.47) + 5.4 * log(0.75))))),
        ("ai_equity_index", {"ai_price": log(0.8), "market_return": 0.0, "t": 4.0, "crash_depth": 0.5}, 0.4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "answer"), cases(), ids=[f"{i}-{c[0]}" for i, c in enumerate(cases())]
)
def test_it_means_what_it_says(name: str, given: dict[str, Any], answer: float) -> None:
    equation = world_model().equation(name)
    reads = set(world_model().variables[name].args)
    constants = {k: c.value for k, c in world_model().constants.items() if k in reads and k not in given}
    fixed = {
        id: world_model().registry[id].default
        for id in reads - set(given) - set(constants)
        if id in world_model().registry and world_model().registry[id].distribution == "fixed"
    }
    asked = {k: v for k, v in given.items() if k in reads}
    assert float(equation(**asked, **constants, **fixed)) == pytest.approx(answer, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("cover", [0.4, 0.75, 1.0, 1.4, 2.5])
def test_the_weak_are_a_part_of_a_lognormal_class(cover: float) -> None:
    """N((log(1 - 1/4) - log cover) / 0.6) for a class at its trend, to the error of the logistic form, 1.4e-4."""
    model = world_model()
    reads = model.variables["neocloud_weak"].args
    given = {
        "neocloud_cash_cover": cover,
        "neocloud_cover_trend": 1.4,
        "cover_target": 1.4,
        "cover_spread": 0.6,
        "reserve_q": 1.0,
        "cash_memory_q": 4.0,
        "young_share": 0.0,
    }
    given |= {
        k: model.registry[k].default if k in model.registry else model.constants[k].value
        for k in reads
        if k not in given
    }
    assert model.equation("neocloud_weak")(**given) == pytest.approx(
        N((log(0.75) - log(cover)) / 0.6), abs=1.5e-4
    )


def test_published_odds_of_three_run_ups() -> None:
    """20, 53 and 80 % within two years: a quarter's hazard over eight quarters makes them again."""
    model = world_model()
    for rise, odds, slack in ((1.5, 0.20, 0.02), (2.0, 0.53, 1e-9), (2.5, 0.80, 0.02)):
        reads = {k: model.registry[k].default if k in model.registry else model.constants[k].value
                 for k in model.variables["episode_odds"].args if k != "runup_most"}  # fmt: skip
        assert model.equation("episode_odds")(runup_most=log(rise), **reads) == pytest.approx(odds, abs=slack)

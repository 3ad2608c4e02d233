"""Expectations, race, orders, plans and placing: each equation with the answer worked out beside it."""

from math import exp, log

from cases import case

CASES = [
    # expectations: compute 100 -> 110; services' price and efficiency moved the log by -0.1 + 0.3 = 0.2 at an elasticity of -1.4 on 20;
    # budgets of 10 at a book price that halved, owners' 30 at a cost that rose by half
    case("realised_shift_growth", log(1.1) - (-1.4 * 0.2 * 20 - (log(0.5) * 10 + log(1.5) * 30)) / 100, desired_compute_mh100e=110.0, desired_compute_mh100e_prev=100.0, inference_mh100e_prev=20.0,
         training_mh100e_prev=10.0, captive_mh100e_prev=30.0, demand_elasticity=-1.4, service_price_log=0.2, service_price_log_prev=0.3, efficiency_log=0.7, efficiency_log_prev=0.4,
         book_price_prev=1.0, book_price_prev2=2.0, captive_price=3.0, captive_price_prev=2.0),
    case("believed_growth", 0.20 + 0.3 * 0.1, believed_growth_prev=0.20, realised_shift_growth_prev=0.30, expectation_gain=0.3),
    # news is 0.3 of 0.1 and counts 0.9 again
    case("expected_growth", 0.22 + 0.9 * 0.03, believed_growth=0.22, realised_shift_growth_prev=0.30, believed_growth_prev=0.20, expectation_gain=0.3, diagnostic_theta=0.9, expectation_cap=0.5, expected_growth_floor=-0.018),
    case("expected_growth", 0.23, believed_growth=0.22, realised_shift_growth_prev=0.30, believed_growth_prev=0.20, expectation_gain=0.3, diagnostic_theta=0.9, expectation_cap=0.23, expected_growth_floor=-0.018),
    case("expected_growth", -0.018, believed_growth=-0.02, realised_shift_growth_prev=-0.1, believed_growth_prev=0.0, expectation_gain=0.3, diagnostic_theta=0.9, expectation_cap=0.5, expected_growth_floor=-0.018),
    case("exuberance_ahead", 0.07, expected_growth=0.3, realised_shift_growth_prev=0.23),
    case("exuberance_ahead", 0.0, expected_growth=0.1, realised_shift_growth_prev=0.23),
    # race: 0.08 a year is 0.02 a quarter
    case("network_regime", 1.0, network_regime_prev=0.0, network_draw=0.019, network_regime_hazard=0.08),
    case("network_regime", 0.0, network_regime_prev=0.0, network_draw=0.02, network_regime_hazard=0.08),
    case("network_regime", 1.0, network_regime_prev=1.0, network_draw=0.9, network_regime_hazard=0.08),
    case("takeoff_regime", 1.0, takeoff_regime_prev=0.0, takeoff_draw=0.004, takeoff_regime_hazard=0.02),
    case("takeoff_regime", 0.0, takeoff_regime_prev=0.0, takeoff_draw=0.005, takeoff_regime_hazard=0.02),
    case("takeoff_regime", 1.0, takeoff_regime_prev=1.0, takeoff_draw=0.9, takeoff_regime_hazard=0.02),
    # half of a life of ten quarters is five; log(1 + 2 x 0.2 x 5) / 2 = log(3) / 2: growth by sqrt 3
    case("platform_prize_usd_bn", 0.4 * 1.0 * 20 * 3**0.5 * 10, winner_takes_share=0.4, network_regime=0.0, network_prize_factor=1.5, ai_gross_profit_usd_bn_prev=20.0, generation_life_q=10.0, expectation_curve=2.0, expected_growth=0.2),
    case("platform_prize_usd_bn", 0.4 * 1.5 * 20 * 3**0.5 * 10, winner_takes_share=0.4, network_regime=1.0, network_prize_factor=1.5, ai_gross_profit_usd_bn_prev=20.0, generation_life_q=10.0, expectation_curve=2.0, expected_growth=0.2),
    case("platform_prize_usd_bn", 0.0, winner_takes_share=0.4, network_regime=1.0, network_prize_factor=1.5, ai_gross_profit_usd_bn_prev=-3.0, generation_life_q=10.0, expectation_curve=2.0, expected_growth=0.2),
    # a Tullock contest: r (n - 1) / n of the prize is spent by all, over the generation's life
    case("race_effort_symmetric", 1.1 * 4 / 5 * 300 / 10, tullock_exponent=1.1, rivals=5.0, platform_prize_usd_bn=300.0, generation_life_q=10.0),
    case("firm_prize_usd_bn", 300 * 0.3 * 5, platform_prize_usd_bn=300.0, firm_build_weight=0.3, rivals=5.0),
    case("race_effort_bound", 450.0 + 150.0, firm_prize_usd_bn=[450.0, 150.0]),
    # two rivals who value it at 300 and 100 spend v1 v2 / (v1 + v2) = 75: the shares still missing add up to none
    case("race_effort_asymmetric", 0.0, race_effort_asymmetric=75.0, firm_prize_usd_bn=[300.0, 100.0], race_effort_bound=400.0),
    # at an effort of 150 the second would not compete: 1 - (1 - 150 / 300)
    case("race_effort_asymmetric", 1 - 0.5, race_effort_asymmetric=150.0, firm_prize_usd_bn=[300.0, 100.0], race_effort_bound=400.0),
    case("race_effort_asymmetric", 0.5, race_effort_asymmetric=0.15, firm_prize_usd_bn=[0.3, 0.1], race_effort_bound=0.4),
    case("race_effort_asymmetric", 0.0, race_effort_asymmetric=0.0, firm_prize_usd_bn=[0.0, 0.0], race_effort_bound=0.0),
    case("race_effort_usd_bn", 1.1 * 75 / 10, race_effort_asymmetric=75.0, tullock_exponent=1.1, generation_life_q=10.0),
    case("race_overinvestment_it_gw", 8 * 0.25 / (30 + 14), race_effort_usd_bn=8.0, race_new_capacity=0.25, it_cost_prev=30.0, facility_cost_prev=14.0),
    # orders: what a GW costs a year, and the price of an H100e hour that pays it
    case("user_cost", 30 * (0.12 + 0.25) + 14 * (0.12 + 0.05) + 1.5, it_cost=30.0, facility_cost=14.0, hurdle_rate_prev=0.12, it_economic_depreciation=0.25, facility_depreciation=0.05, opex_per_gw=1.5),
    # 16 bn over 2 M H100e, 8,766 hours, 0.9 x 0.75 in use
    case("breakeven_price", 16e3 / (2.0 * 8766 * 0.9 * 0.75), user_cost=16.0, density=2.0, availability=0.9, target_utilisation=0.75),
    case("opening_breakeven_price", 14.98e3 / (2.0 * 8766 * 0.9 * 0.75), opening_it_cost=30.0, opening_facility_cost=14.0, opening_opex_per_gw=1.5, hurdle_base=0.12, it_economic_depreciation=0.25,
         facility_depreciation=0.05, opening_density=2.0, availability=0.9, target_utilisation=0.75),
    case("renewal_rate", 0.03, retired_it_gw_prev=1.5, fleet_it_gw_prev=50.0),
    case("renewal_rate", 0.01, opening=True, failure_rate=0.04),
    # over nine quarters a growth of 0.1 that fades at 0.2: 0.1 (1 - e^-1.8) / 0.2
    case("check_9_density", 2.0 * exp(0.5 * (1 - exp(-1.8))), density=2.0, density_growth=0.1, density_fade=0.2, check_9=9.0),
    case("check_9_breakeven", 1.2 * 2.0 / 3.0 * exp(0.04 / 0.1 * (1 - exp(-0.9))), breakeven_price=1.2, density=2.0, check_9_density=3.0, it_cost_growth=0.04, it_cost_fade=0.1, check_9=9.0),
    # compute grows by sqrt(1 + 2 x 0.2 x 9); captive 30 x (0.8)^-1.1, the rest 30 x (0.4)^-1.4; over 0.675 in use
    case("check_9_wanted_mh100e", 4.6**0.5 / 0.675 * (30 * 0.8**-1.1 + 30 * 0.4**-1.4), expectation_curve=2.0, expected_growth=0.2, check_9=9.0, availability=0.9, target_utilisation=0.75, captive_mh100e_prev=30.0,
         check_9_breakeven=0.8, contract_price_prev=1.0, price_ratio_bound=3.0, captive_elasticity=-1.1, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, book_price_prev=2.0, demand_elasticity_prev=-1.4),
    # a ratio of ten and of a tenth count as three and a third
    case("check_9_wanted_mh100e", 4.6**0.5 / 0.675 * (30 * (1 / 3) ** -1.1 + 30 * 3**-1.4), expectation_curve=2.0, expected_growth=0.2, check_9=9.0, availability=0.9, target_utilisation=0.75, captive_mh100e_prev=30.0,
         check_9_breakeven=1.0, contract_price_prev=10.0, price_ratio_bound=3.0, captive_elasticity=-1.1, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, book_price_prev=0.1, demand_elasticity_prev=-1.4),
    case("check_9_wanted_mh100e", 4.6**0.5 / 0.675 * (30 * 3**-1.1 + 30 * (1 / 3) ** -1.4), expectation_curve=2.0, expected_growth=0.2, check_9=9.0, availability=0.9, target_utilisation=0.75, captive_mh100e_prev=30.0,
         check_9_breakeven=1.0, contract_price_prev=0.1, price_ratio_bound=3.0, captive_elasticity=-1.1, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, book_price_prev=10.0, demand_elasticity_prev=-1.4),
    # e^-0.18 of the fleet is left; the compute that lacks then is bought at the density of then
    case("check_9_wanted_it_gw", 50 * exp(-0.18) + (150 - 80 * exp(-0.18)) / 4, fleet_it_gw_prev=50.0, check_9=9.0, renewal_rate=0.02, check_9_wanted_mh100e=150.0, fleet_mh100e_prev=80.0, check_9_density=4.0, least_wish=10.0),
    case("check_9_wanted_it_gw", 5.0, fleet_it_gw_prev=50.0, check_9=9.0, renewal_rate=0.02, check_9_wanted_mh100e=1.0, fleet_mh100e_prev=300.0, check_9_density=4.0, least_wish=10.0),
    case("power_next_horizon_q", 13.0, power_horizon_q=12.0),
    case("power_wanted_it_gw", exp(-0.1) * (50 * exp(-0.24) + (150 - 80 * exp(-0.24)) / 4), planner_bias_16=-0.1, fleet_it_gw_prev=50.0, power_horizon_q=12.0, renewal_rate=0.02, power_wanted_mh100e=150.0,
         fleet_mh100e_prev=80.0, power_density=4.0, least_wish=10.0),
    case("power_wanted_it_gw", exp(-0.1) * 5, planner_bias_16=-0.1, fleet_it_gw_prev=50.0, power_horizon_q=12.0, renewal_rate=0.02, power_wanted_mh100e=1.0, fleet_mh100e_prev=300.0, power_density=4.0, least_wish=10.0),
    # chips are ordered five quarters ahead: five ninths of the bias of nine
    case("chip_wanted_it_gw", exp(0.05) * (50 * exp(-0.1) + (150 - 80 * exp(-0.1)) / 4), planner_bias_9=0.09, chip_horizon_q=5.0, check_9=9.0, fleet_it_gw_prev=50.0, renewal_rate=0.02, chip_wanted_mh100e=150.0,
         fleet_mh100e_prev=80.0, chip_density=4.0, least_wish=10.0),
    case("chip_next_wanted_it_gw", exp(0.05) * (50 * exp(-0.1) + (150 - 80 * exp(-0.1)) / 4), planner_bias_9=0.09, chip_horizon_q=5.0, check_9=9.0, fleet_it_gw_prev=50.0, chip_next_horizon_q=5.0, renewal_rate=0.02, chip_next_wanted_mh100e=150.0,
         fleet_mh100e_prev=80.0, chip_next_density=4.0, least_wish=10.0),
    case("chip_next_wanted_it_gw", exp(0.05) * 5, planner_bias_9=0.09, chip_horizon_q=5.0, check_9=9.0, fleet_it_gw_prev=50.0, chip_next_horizon_q=6.0, renewal_rate=0.02, chip_next_wanted_mh100e=1.0,
         fleet_mh100e_prev=300.0, chip_next_density=4.0, least_wish=10.0),
    case("chip_wanted_it_gw", exp(0.05) * 5, planner_bias_9=0.09, chip_horizon_q=5.0, check_9=9.0, fleet_it_gw_prev=50.0, renewal_rate=0.02, chip_wanted_mh100e=1.0, fleet_mh100e_prev=300.0, chip_density=4.0, least_wish=10.0),
    # in use 60 / 0.675 = 88.9 M against 80, at 2 M a GW
    case("now_wanted_it_gw", 50 + (60 / 0.675 - 80) / 2, fleet_it_gw_prev=50.0, fleet_mh100e_prev=80.0, captive_mh100e_prev=30.0, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, availability=0.9,
         target_utilisation=0.75, density=2.0, least_wish=10.0, breakeven_price=1.0, contract_price_prev=1.0, book_price_prev=1.0, captive_elasticity=-1.1, demand_elasticity_prev=-1.4, price_ratio_bound=3.0),
    case("now_wanted_it_gw", 50 + ((30 * 0.5**-1.1 + 30 * 2**-1.4) / 0.675 - 80) / 2, fleet_it_gw_prev=50.0, fleet_mh100e_prev=80.0, captive_mh100e_prev=30.0, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, availability=0.9,
         target_utilisation=0.75, density=2.0, least_wish=10.0, breakeven_price=1.0, contract_price_prev=2.0, book_price_prev=0.5, captive_elasticity=-1.1, demand_elasticity_prev=-1.4, price_ratio_bound=3.0),
    case("now_wanted_it_gw", 50 + ((30 * 3**-1.1 + 30 * (1 / 3) ** -1.4) / 0.675 - 80) / 2, fleet_it_gw_prev=50.0, fleet_mh100e_prev=80.0, captive_mh100e_prev=30.0, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, availability=0.9,
         target_utilisation=0.75, density=2.0, least_wish=10.0, breakeven_price=1.0, contract_price_prev=0.1, book_price_prev=10.0, captive_elasticity=-1.1, demand_elasticity_prev=-1.4, price_ratio_bound=3.0),
    case("now_wanted_it_gw", 50 + ((30 * (1 / 3) ** -1.1 + 30 * 3**-1.4) / 0.675 - 80) / 2, fleet_it_gw_prev=50.0, fleet_mh100e_prev=80.0, captive_mh100e_prev=30.0, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, availability=0.9,
         target_utilisation=0.75, density=2.0, least_wish=10.0, breakeven_price=1.0, contract_price_prev=10.0, book_price_prev=0.1, captive_elasticity=-1.1, demand_elasticity_prev=-1.4, price_ratio_bound=3.0),
    case("now_wanted_it_gw", 5.0, fleet_it_gw_prev=50.0, fleet_mh100e_prev=800.0, captive_mh100e_prev=30.0, inference_mh100e_prev=20.0, training_mh100e_prev=10.0, availability=0.9,
         target_utilisation=0.75, density=2.0, least_wish=10.0, breakeven_price=1.0, contract_price_prev=1.0, book_price_prev=1.0, captive_elasticity=-1.1, demand_elasticity_prev=-1.4, price_ratio_bound=3.0),
    case("forecast_9_it_gw", 120.0, check_9_wanted_it_gw=120.0),
    case("planner_miss_9", log(0.8), t=10.0, check_9=9.0, now_wanted_it_gw=80.0, forecast_9_it_gw_prev9=100.0),
    case("planner_miss_9", 0.0, t=9.0, check_9=9.0, now_wanted_it_gw=80.0, forecast_9_it_gw_prev9=100.0),
    case("planner_bias_9", 0.1 + 0.2 * (-0.3 - 0.1), planner_bias_9_prev=0.1, learning_speed=0.2, planner_miss_9_prev=-0.3),
    case("planner_error_9", -0.3 - 0.1, t=10.0, check_9=9.0, planner_miss_9=-0.3, planner_bias_9_prev9=0.1),
    case("planner_error_9", 0.0, t=9.0, check_9=9.0, planner_miss_9=-0.3, planner_bias_9_prev9=0.1),
    case("chip_horizon_q", 4.5, chip_lead_now_q=3.5),
    case("shell_horizon_q", 7.0, shell_lead_q=6.0),
    case("power_ahead_it_gw", 4.0, power_next_wanted_it_gw=104.0, power_wanted_it_gw=100.0),
    case("power_ahead_it_gw", 0.0, power_next_wanted_it_gw=96.0, power_wanted_it_gw=100.0),
    # 50 there, 20 coming, 3 dark, less 4 x 1.5 worn out: 67; 90 wanted at the horizon of which 2 are of the last quarter
    case("chip_orders_demand", 1.5 + 2 + (90 - 67 - 2) / 6, chip_wanted_it_gw=90.0, chip_ahead_it_gw=2.0, fleet_it_gw_prev=50.0, chip_pipeline_total_prev=20.0, dark_it_gw_prev=3.0, retired_it_gw_prev=1.5, chip_lead_now_q=4.0, chip_gap_q=6.0),
    case("chip_orders_demand", 0.0, chip_wanted_it_gw=9.0, chip_ahead_it_gw=2.0, fleet_it_gw_prev=50.0, chip_pipeline_total_prev=20.0, dark_it_gw_prev=3.0, retired_it_gw_prev=1.5, chip_lead_now_q=4.0, chip_gap_q=6.0),
    # plans
    case("it_cost_at_delivery", 30 * exp(0.01 * 4), it_cost_prev=30.0, it_cost_growth_prev=0.01, chip_lead_now_q=4.0),
    # 5 GW at 40 bn, 60 of shells, 5 of power and a half of 20 of effort
    case("plan_wish_usd_bn", 5 * 40 + 60 + 5 + 10, chip_orders_demand=5.0, it_cost_at_delivery=40.0, shell_spend_usd_bn_prev=60.0, power_spend_usd_bn_prev=5.0, race_effort_usd_bn=20.0, race_new_capacity=0.5),
    # customers sign 8 years of a bill of 20 a quarter (80 a year), e^0.04 more as growth is 0.01 a quarter above the opening's; a tenth of the gap; a fifth of labs' half goes
    case("backlog_usd_bn", 600 + (8 * 80 * exp(0.04) - 600) / 10 - 600 * 0.2 * 0.5, backlog_usd_bn_prev=600.0, backlog_cover_years=8.0, external_bill_usd_bn_prev=20.0, revenue_growth_expected_prev=0.11, opening_revenue_growth=0.10,
         backlog_sign_q=10.0, lab_failed_share=0.3, lab_failed_share_prev=0.1, year_once=1.0, backlog_of_labs=0.5),
    case("backlog_usd_bn", (100 * 0.4 + 30) * 8, opening=True, year_once=1.0, backlog_cover_years=8.0, opening_training_spend=30.0, opening_ai_revenue=100.0, inference_cost_share_open=0.4),
    # 30 M in use at 2 dollars for 2,191.5 hours
    case("external_bill_usd_bn", 30 * 2 * 2191.5 / 1000, inference_mh100e=20.0, training_mh100e=10.0, book_price=2.0),
    case("external_bill_usd_bn", (100 * 0.4 + 30) / 4, opening=True, opening_training_spend=30.0, opening_ai_revenue=100.0, inference_cost_share_open=0.4),
    case("backlog_growth", log(1.2), backlog_usd_bn=720.0, backlog_usd_bn_prev=600.0),
    case("firm_plan_shock", 0.5 * 0.1 + 0.02 * 1.5 - 0.03 * 2, firm_plan_shock_prev=0.1, plan_shock_memory=0.5, plan_shock_sd=0.02, plan_draw=1.5, firm_plan_sd=0.03, firm_plan_draw=-2.0),
    # news 0.5 x 0.06 + 0.3 x -0.02; returns -0.2 log(0.5) + 0.4 x 0.1; money 2 x 0.01 + 0.3 x 0.1; wish 0.25 x (log 1.2 + 0.1 believed)
    case("common_revision", 0.07 + 0.03 - 0.006 + 0.2 * log(2) + 0.04 - 0.02 - 0.03 + 0.25 * (log(1.2) + 0.1), capex_shock=0.07, budget_conviction_prev=0.1, plan_to_revenue=0.5, revenue_growth_prev=0.11, plan_normal_growth=0.05, plan_to_backlog=0.3, backlog_growth_prev=0.03, plan_to_price=0.2,
         contract_price_prev=2.0, breakeven_price_prev=1.0, price_ratio_bound=3.0, plan_to_use=0.4, utilisation_prev=0.85, target_utilisation=0.75, plan_to_hurdle=2.0, hurdle_rate_prev=0.13, hurdle_base=0.12, plan_to_shares=0.3,
         ai_equity_fall_prev=0.1, plan_wish_weight=0.25, plan_wish_usd_bn_prev=240.0, plan_usd_bn_prev=200.0, plan_bound=0.5),
    # the price ratio counts to three, the wish to its bound, both ways
    case("common_revision", 0.2 * log(3) - 0.25 * 0.5, capex_shock=0.0, budget_conviction_prev=1.0, plan_to_revenue=0.5, revenue_growth_prev=0.05, plan_normal_growth=0.05, plan_to_backlog=0.3, backlog_growth_prev=0.05, plan_to_price=0.2,
         contract_price_prev=20.0, breakeven_price_prev=1.0, price_ratio_bound=3.0, plan_to_use=0.4, utilisation_prev=0.75, target_utilisation=0.75, plan_to_hurdle=2.0, hurdle_rate_prev=0.12, hurdle_base=0.12, plan_to_shares=0.3,
         ai_equity_fall_prev=0.0, plan_wish_weight=0.25, plan_wish_usd_bn_prev=24.0, plan_usd_bn_prev=200.0, plan_bound=0.5),
    case("common_revision", -0.2 * log(3) + 0.25 * 0.5, capex_shock=0.0, budget_conviction_prev=-1.0, plan_to_revenue=0.5, revenue_growth_prev=0.05, plan_normal_growth=0.05, plan_to_backlog=0.3, backlog_growth_prev=0.05, plan_to_price=0.2,
         contract_price_prev=1.0, breakeven_price_prev=20.0, price_ratio_bound=3.0, plan_to_use=0.4, utilisation_prev=0.75, target_utilisation=0.75, plan_to_hurdle=2.0, hurdle_rate_prev=0.12, hurdle_base=0.12, plan_to_shares=0.3,
         ai_equity_fall_prev=0.0, plan_wish_weight=0.25, plan_wish_usd_bn_prev=2000.0, plan_usd_bn_prev=200.0, plan_bound=0.5),
    case("ai_equity_fall", log(1.25), ai_equity_index=0.8, ai_equity_index_prev=1.0),
    case("ai_equity_fall", 0.0, ai_equity_index=1.2, ai_equity_index_prev=1.0),
    # bonds of 240 over 20 a quarter are three years of cash flow, one over the cap: 0.05 less; herd 0.5 x (0.10 - 0.06); own news moved budgets from 0.02 to 0.05
    case("firm_plan_revision", 0.02 + 0.01 + 0.4 * 0.06 - 0.05 * 1.0 + 0.5 * 0.04 + 0.03, common_revision=0.02, firm_budget_log=0.05, firm_budget_log_prev=0.02, firm_plan_shock=0.01, plan_momentum=0.4, firm_plan_revision_prev=0.06, plan_to_rivals=0.5, rivals_revision_prev=0.10,
         plan_to_leverage=0.05, firm_bonds_usd_bn_prev=240.0, firm_ocf_usd_bn_prev=20.0, leverage_cap=2.0, plan_revision_max=0.3),
    case("firm_plan_revision", 0.3, common_revision=0.5, firm_budget_log=0.0, firm_budget_log_prev=0.0, firm_plan_shock=0.01, plan_momentum=0.4, firm_plan_revision_prev=0.06, plan_to_rivals=0.5, rivals_revision_prev=0.10,
         plan_to_leverage=0.05, firm_bonds_usd_bn_prev=100.0, firm_ocf_usd_bn_prev=0.0, leverage_cap=2.0, plan_revision_max=0.3),
    case("firm_plan_revision", -0.3, common_revision=-0.5, firm_budget_log=0.0, firm_budget_log_prev=0.0, firm_plan_shock=0.01, plan_momentum=0.4, firm_plan_revision_prev=0.06, plan_to_rivals=0.5, rivals_revision_prev=0.10,
         plan_to_leverage=0.05, firm_bonds_usd_bn_prev=100.0, firm_ocf_usd_bn_prev=-20.0, leverage_cap=2.0, plan_revision_max=0.3),
    case("rivals_revision", log(1.1), five_plan_usd_bn=220.0, five_plan_usd_bn_prev=200.0),
    # 40 bn a quarter revised by log 1.25
    case("firm_plan_usd_bn", 50.0, firm_plan_usd_bn_prev=40.0, firm_plan_revision=log(1.25)),
    case("firm_plan_usd_bn", 200 / 4 - 8, opening=True, nonai_capex_open=8.0, plan_open=200.0),
    case("firm_plan_usd_bn", 0.0, opening=True, nonai_capex_open=80.0, plan_open=200.0),
    # the five plan 140 and are 0.7 of the build
    case("plan_usd_bn", 200.0, five_plan_usd_bn=140.0, hyperscaler_share_prev=0.7),
    case("plan_usd_bn", 200.0, opening=True, five_plan_usd_bn=140.0, hyperscaler_share=0.7),
    # a quarter of the way from 0.2 to 0.3
    case("firm_plan_weight", 0.225, firm_plan_weight_prev=0.2, firm_plan_usd_bn=42.0, five_plan_usd_bn=140.0, chip_lead_now_q=4.0),
    case("firm_plan_weight", 0.3, opening=True, firm_plan_usd_bn=42.0, five_plan_usd_bn=140.0),
    case("firm_timed_weight", 0.3 * exp(0.1 * -1.5), firm_plan_weight=0.3, firm_timing_sd=0.1, firm_timing_draw=-1.5),
    case("firm_order_weight", 0.25, firm_timed_weight=0.3, firm_timed_weights=1.2),
    # 10 of 50 GW are new: a fifth of the way
    case("firm_capacity_weight", 0.2 + 0.1 / 5, firm_capacity_weight_prev=0.2, firm_order_weight=0.3, energised_it_gw=10.0, fleet_it_gw_prev=40.0),
    case("firm_capacity_weight", 0.2, firm_capacity_weight_prev=0.2, firm_order_weight=0.3, energised_it_gw=0.0, fleet_it_gw_prev=0.0),
    # placing: (300 - 60 - 10) / 46 = 5, and 2 GW refused over 4 quarters
    case("chip_orders_plan", 5.5, plan_usd_bn=300.0, shell_spend_usd_bn_prev=60.0, power_spend_usd_bn_prev=10.0, it_cost_at_delivery=46.0, refused_gw_prev=2.0, refusal_life_q=4.0),
    case("chip_orders_plan", 0.5, plan_usd_bn=60.0, shell_spend_usd_bn_prev=60.0, power_spend_usd_bn_prev=10.0, it_cost_at_delivery=46.0, refused_gw_prev=2.0, refusal_life_q=4.0),
    # lines grow by a tenth a quarter and deliver in three
    case("chip_orders_cap", 11 * 1.1**3, chip_supply_cap=11.0, chip_supply_cap_prev=10.0, chip_lead_now_q=3.0),
    # due min(5, 5.2 / 1.3) + 1 + 0.5 = 5.5; places min(60, 71.5 / 1.3) = 55; free 55 + 5.5 x 5 - 50 - 2 - 20 = 10.5, over 4; 0.8 of halls open
    case("chip_orders_slots", (5.5 + 10.5 / 4) * 0.8, shell_pipeline_due=5.0, power_routes_due=5.2, pue=1.3, retired_it_gw_prev=1.0, shell_capacity_it_gw_prev=60.0, connected_facility_gw_prev=70.0, power_backlog_gw_prev=1.5,
         fleet_it_gw_prev=50.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=20.0, chip_lead_now_q=3.5, chip_fill_q=4.0, slot_slack_q=1.5, estate_drawn_it_gw=0.5, halls_open_prev=0.8),
    # halls are the shorter side of both: due 3 + 1.5 = 4.5; free 52 + 4.5 x 5 - 72 = 2.5
    case("chip_orders_slots", 4.5 + 2.5 / 4, shell_pipeline_due=3.0, power_routes_due=5.2, pue=1.3, retired_it_gw_prev=1.0, shell_capacity_it_gw_prev=52.0, connected_facility_gw_prev=70.0, power_backlog_gw_prev=1.5,
         fleet_it_gw_prev=50.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=20.0, chip_lead_now_q=3.5, chip_fill_q=4.0, slot_slack_q=1.5, estate_drawn_it_gw=0.5, halls_open_prev=1.0),
    case("chip_orders_slots", 0.0, shell_pipeline_due=3.0, power_routes_due=5.2, pue=1.3, retired_it_gw_prev=1.0, shell_capacity_it_gw_prev=52.0, connected_facility_gw_prev=70.0, power_backlog_gw_prev=1.5,
         fleet_it_gw_prev=90.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=20.0, chip_lead_now_q=3.5, chip_fill_q=4.0, slot_slack_q=1.5, estate_drawn_it_gw=0.5, halls_open_prev=1.0),
    # from 4 six tenths of the way to min(6, 5) x 0.9 = 4.5; a cap of 4.2 takes it down
    case("chip_orders", 4.3, chip_orders_plan=6.0, chip_orders_slots=5.0, chip_orders_cap=9.0, funded_share_prev=0.9, chip_orders_prev=4.0, order_adjustment=0.6),
    case("chip_orders", 4.2, chip_orders_plan=6.0, chip_orders_slots=5.0, chip_orders_cap=4.2, funded_share_prev=0.9, chip_orders_prev=4.0, order_adjustment=0.6),
    # a cap of 4.29 binds an order of 4.3, one of 4.3 does not
    case("orders_bind_supply", 1.0, chip_orders_plan=6.0, chip_orders_slots=5.0, chip_orders_cap=4.29, funded_share_prev=0.9, chip_orders_prev=4.0, order_adjustment=0.6),
    case("orders_bind_supply", 0.0, chip_orders_plan=6.0, chip_orders_slots=5.0, chip_orders_cap=4.31, funded_share_prev=0.9, chip_orders_prev=4.0, order_adjustment=0.6),
    case("orders_bind_supply", 0.0, chip_orders_plan=6.0, chip_orders_slots=5.0, chip_orders_cap=4.5, funded_share_prev=1.0, chip_orders_prev=4.0, order_adjustment=0.5),
    case("orders_bind_slots", 1.0, chip_orders_plan=6.0, chip_orders_slots=5.0, orders_bind_supply=0.0),
    case("orders_bind_slots", 0.0, chip_orders_plan=6.0, chip_orders_slots=5.0, orders_bind_supply=1.0),
    case("orders_bind_slots", 0.0, chip_orders_plan=5.0, chip_orders_slots=5.0, orders_bind_supply=0.0),
    case("orders_bind_plan", 1.0, orders_bind_supply=0.0, orders_bind_slots=0.0),
    case("orders_bind_plan", 0.0, orders_bind_supply=1.0, orders_bind_slots=0.0),
    case("orders_bind_plan", 0.0, orders_bind_supply=0.0, orders_bind_slots=1.0),
    # 1.25 / 5 of four is given up or placed; two of six were refused now
    case("refused_gw", 4 * 0.75 + 2, refused_gw_prev=4.0, refusal_life_q=5.0, refusal_carry=1.25, chip_orders_plan=6.0, chip_orders=4.0),
    case("refused_gw", 3.0, refused_gw_prev=4.0, refusal_life_q=5.0, refusal_carry=1.25, chip_orders_plan=3.0, chip_orders=4.0),
    case("scarcity", 0.1 + 0.3 * (log(1.5) - 0.1), scarcity_prev=0.1, scarcity_memory=0.3, chip_orders_plan=5.95, chip_orders=3.95, scarcity_max=0.7, least_order=0.05),
    case("scarcity", 0.1 + 0.3 * (0.7 - 0.1), scarcity_prev=0.1, scarcity_memory=0.3, chip_orders_plan=59.0, chip_orders=3.95, scarcity_max=0.7, least_order=0.05),
    case("scarcity", 0.07, scarcity_prev=0.1, scarcity_memory=0.3, chip_orders_plan=2.0, chip_orders=3.95, scarcity_max=0.7, least_order=0.05),
    case("estate_drawn_it_gw", 3 * 0.12 / 2, estate_it_gw_prev=3.0, estate_draw=0.12, scarcity_prev=0.1, estate_draw_at=0.2),
    case("estate_drawn_it_gw", 3 * 0.12, estate_it_gw_prev=3.0, estate_draw=0.12, scarcity_prev=0.5, estate_draw_at=0.2),
    case("estate_drawn_it_gw", 0.0, estate_it_gw_prev=3.0, estate_draw=0.12, scarcity_prev=-0.5, estate_draw_at=0.2),
    # halls for min(60, 71.5 / 1.3) = 55, of which 50 run, 2 wait for power and 1 is on order
    case("halls_empty_it_gw", 2.0, shell_capacity_it_gw_prev=60.0, connected_facility_gw_prev=71.5, pue=1.3, fleet_it_gw_prev=50.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=1.0),
    case("halls_empty_it_gw", 1.0, shell_capacity_it_gw_prev=54.0, connected_facility_gw_prev=71.5, pue=1.3, fleet_it_gw_prev=50.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=1.0),
    case("halls_empty_it_gw", 0.0, shell_capacity_it_gw_prev=54.0, connected_facility_gw_prev=71.5, pue=1.3, fleet_it_gw_prev=70.0, dark_it_gw_prev=2.0, chip_pipeline_total_prev=1.0),
    # an eighth of what is empty, half of it at half scarcity, at most what ordinary cloud needs
    case("halls_repurposed_it_gw", 0.5, halls_empty_it_gw=8.0, repurpose_rate=0.125, scarcity_prev=0.1, estate_draw_at=0.2, ordinary_need_it_gw=0.6),
    case("halls_repurposed_it_gw", 0.6, halls_empty_it_gw=8.0, repurpose_rate=0.125, scarcity_prev=-0.1, estate_draw_at=0.2, ordinary_need_it_gw=0.6),
    case("halls_repurposed_it_gw", 1.0, halls_empty_it_gw=8.0, repurpose_rate=0.125, scarcity_prev=-0.1, estate_draw_at=0.2, ordinary_need_it_gw=1.6),
    case("halls_repurposed_it_gw", 0.0, halls_empty_it_gw=8.0, repurpose_rate=0.125, scarcity_prev=0.3, estate_draw_at=0.2, ordinary_need_it_gw=0.6),
    case("estate_net_it_gw", -0.1, estate_drawn_it_gw=0.4, halls_repurposed_it_gw=0.5),
    case("halls_saved_usd_bn", 0.5 * 14 * 0.6 * 0.65, halls_repurposed_it_gw=0.5, facility_cost=14.0, repurpose_value=0.6, hyperscaler_share=0.65),
    case("estate_it_gw", 2.6, estate_it_gw_prev=3.0, estate_net_it_gw=0.4),
    # a plan half above the wish, to the power of 0.3; the race adds 10 x 0.2 of 100
    case("plan_lead", 1.5**0.3 * 1.02, plan_usd_bn=300.0, plan_wish_usd_bn=200.0, books_scale=0.3, plan_ratio_max=2.5, race_effort_usd_bn=10.0, race_new_capacity=0.2, world_ai_capex_usd_bn_prev=100.0),
    case("plan_lead", 2.5**0.3, plan_usd_bn=900.0, plan_wish_usd_bn=200.0, books_scale=0.3, plan_ratio_max=2.5, race_effort_usd_bn=0.0, race_new_capacity=0.2, world_ai_capex_usd_bn_prev=100.0),
    case("plan_lead", 0.4**0.3, plan_usd_bn=9.0, plan_wish_usd_bn=200.0, books_scale=0.3, plan_ratio_max=2.5, race_effort_usd_bn=0.0, race_new_capacity=0.2, world_ai_capex_usd_bn_prev=100.0),
    # 75 stand or rise, 2 fall due, 87 are wanted: (87 - 75 - 2) over 5
    case("shell_starts_plan", (2 + 10 / 5) * 1.1, shell_wanted_it_gw=87.0, shell_ahead_it_gw=2.0, shell_capacity_it_gw_prev=60.0, shell_pipeline_total_prev=15.0, shell_fill_q=5.0, plan_lead=1.1),
    case("shell_starts_plan", 0.0, shell_wanted_it_gw=8.0, shell_ahead_it_gw=2.0, shell_capacity_it_gw_prev=60.0, shell_pipeline_total_prev=15.0, shell_fill_q=5.0, plan_lead=1.1),
    case("shell_starts_power", (100 - 75) / 5, power_committed_gw_prev=130.0, pue=1.3, shell_capacity_it_gw_prev=60.0, shell_pipeline_total_prev=15.0, shell_fill_q=5.0),
    case("shell_starts_power", 0.0, power_committed_gw_prev=13.0, pue=1.3, shell_capacity_it_gw_prev=60.0, shell_pipeline_total_prev=15.0, shell_fill_q=5.0),
    case("shell_starts", 3 + 0.6 * (4 * 0.9 - 3), shell_starts_plan=5.0, shell_starts_power=4.0, funded_share_prev=0.9, shell_starts_prev=3.0, order_adjustment=0.6),
    case("starts_bind_power", 1.0, shell_starts_plan=5.0, shell_starts_power=4.0),
    case("starts_bind_power", 0.0, shell_starts_plan=4.0, shell_starts_power=4.0),
    # 2 GW IT ahead are 2.6; 130 wanted, 100 connected, 4 late, 13.4 in time: (130 - 117.4 - 2.6) over 8
    case("power_firm_wanted", (2.6 + 10 / 8) * 1.1 * 0.9, power_wanted_it_gw=100.0, power_ahead_it_gw=2.0, pue=1.3, connected_facility_gw_prev=100.0, power_backlog_gw_prev=4.0, power_in_time_gw_prev=13.4, power_fill_q=8.0, funded_share_prev=0.9, plan_lead=1.1),
    case("power_firm_wanted", 0.0, power_wanted_it_gw=10.0, power_ahead_it_gw=2.0, pue=1.3, connected_facility_gw_prev=100.0, power_backlog_gw_prev=4.0, power_in_time_gw_prev=13.4, power_fill_q=8.0, funded_share_prev=0.9, plan_lead=1.1),
    # 3 GW under contract, a fifth signed, 0.93 of it built: 16.1 are asked for; six tenths of the way from 10; a moratorium on half
    case("power_requests", 10 + 0.6 * (3 / (0.2 * 0.93) - 10), power_firm_wanted=3.0, signed_share=0.2, built_share=0.93, power_requests_prev=10.0, order_adjustment=0.6, requests_open=1.0),
    case("power_requests", 10 + 0.6 * (3 / (0.2 * 0.93) / 2 - 10), power_firm_wanted=3.0, signed_share=0.2, built_share=0.93, power_requests_prev=10.0, order_adjustment=0.6, requests_open=0.5),
    case("power_requests", 3 / (0.2 * 0.93), opening=True, opening_power_flow=3.0, signed_share=0.2, built_share=0.93),
]

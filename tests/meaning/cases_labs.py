"""Labs and generations: each equation with the answer worked out beside it."""

from math import exp, log

from cases import case

ROUND = {"lab_cost_by_usd_bn_prev": 20.0, "lab_sales_usd_bn_prev": 15.0, "lab_rd_usd_bn_prev": 8.0, "lab_reserve_q": 1.0, "lab_runway_q": 4.0, "lab_raise_cap": 0.025, "lab_round_growth": 0.1, "lab_parent_most": 9.0}

CASES = [
    # 2 % of 10 owed is visible: 0.3 unpaid counts, 0.2 does not, and a lab with a parent never counts
    case("lab_short_q", 2.0, lab_short_q_prev=1.0, lab_unpaid_usd_bn_prev=0.3, lab_owed_usd_bn_prev=10.0, lab_unpaid_part=0.02, lab_alone=1.0),
    case("lab_short_q", 0.0, lab_short_q_prev=1.0, lab_unpaid_usd_bn_prev=0.2, lab_owed_usd_bn_prev=10.0, lab_unpaid_part=0.02, lab_alone=1.0),
    case("lab_short_q", 0.0, lab_short_q_prev=1.0, lab_unpaid_usd_bn_prev=0.3, lab_owed_usd_bn_prev=10.0, lab_unpaid_part=0.02, lab_alone=0.0),
    case("lab_failed", 1.0, lab_failed_prev=0.0, lab_short_q=2.0, lab_short_quarters=2.0, lab_is_largest=0.0, t=5.0, imposed_lab_failure_quarter=0.0),
    case("lab_failed", 0.0, lab_failed_prev=0.0, lab_short_q=1.0, lab_short_quarters=2.0, lab_is_largest=1.0, t=5.0, imposed_lab_failure_quarter=0.0),
    case("lab_failed", 1.0, lab_failed_prev=1.0, lab_short_q=0.0, lab_short_quarters=2.0, lab_is_largest=0.0, t=5.0, imposed_lab_failure_quarter=0.0),
    case("lab_failed", 1.0, lab_failed_prev=0.0, lab_short_q=0.0, lab_short_quarters=2.0, lab_is_largest=1.0, t=5.0, imposed_lab_failure_quarter=5.0),
    case("lab_failed", 0.0, lab_failed_prev=0.0, lab_short_q=0.0, lab_short_quarters=2.0, lab_is_largest=1.0, t=4.0, imposed_lab_failure_quarter=5.0),
    case("lab_failed", 0.0, lab_failed_prev=0.0, lab_short_q=0.0, lab_short_quarters=2.0, lab_is_largest=0.0, t=5.0, imposed_lab_failure_quarter=5.0),
    case("lab_newly_failed_part", 0.3, lab_failed=1.0, lab_failed_prev=0.0, lab_own_part_prev=0.3),
    case("lab_newly_failed_part", 0.0, lab_failed=1.0, lab_failed_prev=1.0, lab_own_part_prev=0.3),
    # a fifth had failed; of the rest 0.3 of 0.6 goes now
    case("lab_failed_share", 0.2 + 0.8 * 0.5, lab_failed_share_prev=0.2, lab_newly_failed=0.3, lab_share_prev=0.6),
    case("lab_failed_share", 0.2, lab_failed_share_prev=0.2, lab_newly_failed=0.3, lab_share_prev=0.0),
    case("lab_failed_share", 1.0, lab_failed_share_prev=0.2, lab_newly_failed=0.9, lab_share_prev=0.6),
    case("lab_failed_share", 0.2, lab_failed_share_prev=0.2, lab_newly_failed=-0.3, lab_share_prev=0.6),
    # a lab with 0.3 of sales fails, rivals keep 0.7 of them: 0.09 is lost
    case("revenue_lost_log", -log(0.91), lab_newly_failed=0.3, lab_recapture=0.7),
    case("lab_sales_usd_bn", 9.0, lab_own_part=0.3, ai_revenue_usd_bn=30.0),
    case("lab_sales_usd_bn", 7.5, opening=True, lab_own_part=0.3, opening_ai_revenue=100.0),
    case("lab_serving_weighted", 1.3 * 0.3 / 0.75, lab_serving_weight=1.3, lab_weight_open=0.3, lab_weights_open=0.75),
    # 0.3 of 5 M H100e at 2 dollars, 1.3 / 1.04 as dear as the mean
    case("lab_serving_due_usd_bn", 0.3 * 1.25 * 5 * 2 * 2.1915, lab_own_part=0.3, lab_serving_weight=1.3, lab_serving_mean=1.04, inference_mh100e=5.0, book_price_prev=2.0),
    case("lab_serving_due_usd_bn", 0.3 * 1.25 * 100 * 0.4 / 4, opening=True, lab_own_part=0.3, lab_serving_weight=1.3, lab_serving_mean=1.04, opening_ai_revenue=100.0, inference_cost_share_open=0.4),
    case("lab_means_usd_bn", 70 + 9 + 5.0, lab_cash_by_usd_bn_prev=70.0, lab_sales_usd_bn=9.0, lab_round_usd_bn=5.0),
    case("lab_means_usd_bn", 0.0, lab_cash_by_usd_bn_prev=-70.0, lab_sales_usd_bn=9.0, lab_round_usd_bn=5.0),
    case("lab_serving_usd_bn", 3.0, lab_serving_due_usd_bn=3.0, lab_means_usd_bn=4.0),
    case("lab_serving_usd_bn", 2.0, lab_serving_due_usd_bn=3.0, lab_means_usd_bn=2.0),
    case("lab_other_cost_share", 0.32 * 2**-0.14, lab_other_cost_open=0.32, ai_revenue_run_rate=200.0, opening_ai_revenue=100.0, lab_scale=0.14),
    case("lab_overhead_usd_bn", 2.7, lab_sales_usd_bn=9.0, lab_other_cost_share=0.3, lab_means_usd_bn=10.0, lab_serving_usd_bn=3.0),
    case("lab_overhead_usd_bn", 1.5, lab_sales_usd_bn=9.0, lab_other_cost_share=0.3, lab_means_usd_bn=4.5, lab_serving_usd_bn=3.0),
    case("lab_overhead_usd_bn", 2.7, opening=True, lab_sales_usd_bn=9.0, lab_other_cost_open=0.3),
    case("opening_training_mh100e", 32e3 / (2 * 8766), opening_training_spend=32.0, opening_book_price=2.0),
    # 2.4 a year, faded by e^-0.3: a quarter of the log of it; tenfold generations do not fade
    case("lab_rd_wanted_usd_bn", 8 * exp(log(2.4) * exp(-0.3) / 4), lab_rd_wanted_usd_bn_prev=8.0, training_cost_growth=2.4, training_growth_fade=0.1, imposed_generation_ratio=1.0, t=3.0, lab_failed=0.0),
    case("lab_rd_wanted_usd_bn", 8 * 10**0.25, lab_rd_wanted_usd_bn_prev=8.0, training_cost_growth=2.4, training_growth_fade=0.1, imposed_generation_ratio=10.0, t=3.0, lab_failed=0.0),
    case("lab_rd_wanted_usd_bn", 0.0, lab_rd_wanted_usd_bn_prev=8.0, training_cost_growth=2.4, training_growth_fade=0.1, imposed_generation_ratio=10.0, t=3.0, lab_failed=1.0),
    case("lab_rd_wanted_usd_bn", 4.0, opening=True, lab_rd_part_open=0.5, opening_training_spend=32.0),
    # 9 - 3 - 2.7 earned, and the 50 above a quarter's costs over a runway of ten quarters
    case("lab_rd_affordable_usd_bn", 3.3 + 5, lab_sales_usd_bn=9.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.7, lab_cash_by_usd_bn_prev=70.0, lab_cost_by_usd_bn_prev=10.0, lab_reserve_q=2.0, lab_runway_q=10.0),
    case("lab_rd_affordable_usd_bn", 0.0, lab_sales_usd_bn=9.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.7, lab_cash_by_usd_bn_prev=7.0, lab_cost_by_usd_bn_prev=30.0, lab_reserve_q=2.0, lab_runway_q=10.0),
    # affordable 6 of a wanted 10, committed 8 x 0.9: 7.2 is not dropped at once
    case("lab_rd_usd_bn", 7.2, lab_rd_wanted_usd_bn=10.0, lab_rd_affordable_usd_bn=6.0, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=50.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 7.5, lab_rd_wanted_usd_bn=10.0, lab_rd_affordable_usd_bn=7.5, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=50.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 7.0, lab_rd_wanted_usd_bn=7.0, lab_rd_affordable_usd_bn=7.5, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=50.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 0.0, lab_rd_wanted_usd_bn=7.0, lab_rd_affordable_usd_bn=0.0, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=1.0, lab_means_usd_bn=50.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 5.0, lab_rd_wanted_usd_bn=10.0, lab_rd_affordable_usd_bn=7.5, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=10.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 0.0, lab_rd_wanted_usd_bn=10.0, lab_rd_affordable_usd_bn=7.5, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=4.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=1.0, lab_parent_most=9.0),
    # a parent pays what is wanted up to nine, whatever the lab could afford
    case("lab_rd_usd_bn", 9.0, lab_rd_wanted_usd_bn=10.0, lab_rd_affordable_usd_bn=1.0, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_failed=0.0, lab_means_usd_bn=50.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.0, lab_alone=0.0, lab_parent_most=9.0),
    case("lab_rd_usd_bn", 4.0, opening=True, lab_rd_part_open=0.5, opening_training_spend=32.0),
    case("training_funded", 0.75, training_usd_bn=6.0, training_wanted=8.0),
    case("training_funded", 1.0, training_usd_bn=9.0, training_wanted=8.0),
    case("training_funded", 1.0, training_usd_bn=0.0, training_wanted=0.0),
    case("training_funded", 0.0, training_usd_bn=-9.0, training_wanted=8.0),
    case("training_mh100e", 1.0, training_usd_bn=4.383, book_price_prev=2.0),
    # of 60 due a half is this lab's and 0.8 firm; half a ramp has been delivered after log 2 of it; 9 is used
    case("lab_shortfall_due_usd_bn", 0.5 * 60 * 0.5 * 0.8 - 9, commitments_due=60.0, lab_commitment_ramp_q=10.0, t=10 * log(2), lab_commitment_part=0.5, lab_firm_share=0.8, lab_serving_usd_bn=3.0, lab_rd_usd_bn=6.0, lab_failed=0.0),
    case("lab_shortfall_due_usd_bn", 0.0, commitments_due=60.0, lab_commitment_ramp_q=10.0, t=10 * log(2), lab_commitment_part=0.5, lab_firm_share=0.8, lab_serving_usd_bn=13.0, lab_rd_usd_bn=6.0, lab_failed=0.0),
    case("lab_shortfall_due_usd_bn", 0.0, commitments_due=60.0, lab_commitment_ramp_q=10.0, t=10 * log(2), lab_commitment_part=0.5, lab_firm_share=0.8, lab_serving_usd_bn=3.0, lab_rd_usd_bn=6.0, lab_failed=1.0),
    case("lab_topup_usd_bn", 3.0, lab_shortfall_due_usd_bn=3.0, lab_serving_usd_bn=3.0, lab_rd_usd_bn=6.0, lab_overhead_usd_bn=2.0, lab_means_usd_bn=15.0),
    case("lab_topup_usd_bn", 1.0, lab_shortfall_due_usd_bn=3.0, lab_serving_usd_bn=3.0, lab_rd_usd_bn=6.0, lab_overhead_usd_bn=2.0, lab_means_usd_bn=12.0),
    case("lab_topup_usd_bn", 0.0, lab_shortfall_due_usd_bn=3.0, lab_serving_usd_bn=3.0, lab_rd_usd_bn=6.0, lab_overhead_usd_bn=2.0, lab_means_usd_bn=9.0),
    case("lab_owed_usd_bn", 3 + 9 * 0.3 + 8 * 0.9 + 1.5, lab_serving_due_usd_bn=3.0, lab_sales_usd_bn=9.0, lab_other_cost_share=0.3, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_shortfall_due_usd_bn=1.5, lab_failed=0.0),
    case("lab_owed_usd_bn", 3 + 9 * 0.3 + 1.5, lab_serving_due_usd_bn=3.0, lab_sales_usd_bn=9.0, lab_other_cost_share=0.3, lab_rd_usd_bn_prev=8.0, training_release=0.1, lab_shortfall_due_usd_bn=1.5, lab_failed=1.0),
    case("lab_unpaid_usd_bn", 1.5, lab_owed_usd_bn=15.0, lab_cost_by_usd_bn=13.5),
    case("lab_unpaid_usd_bn", 0.0, lab_owed_usd_bn=13.0, lab_cost_by_usd_bn=13.5),
    case("lab_cost_by_usd_bn", 3 + 2.7 + 7 + 1.0, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.7, lab_rd_usd_bn=7.0, lab_topup_usd_bn=1.0),
    case("lab_cost_by_usd_bn", 3 + 2.7 + 7.0, opening=True, lab_serving_usd_bn=3.0, lab_overhead_usd_bn=2.7, lab_rd_usd_bn=7.0),
    case("lab_profit_by_usd_bn", -4.7, lab_sales_usd_bn=9.0, lab_cost_by_usd_bn=13.7),
    case("lab_growth_seen", 0.1 + 0.35 * (log(1.2) - 0.1), lab_growth_seen_prev=0.1, lab_growth_memory=0.35, lab_sales_usd_bn=11.99, lab_sales_usd_bn_prev=9.99, least_sales=0.01),
    case("lab_growth_seen", 0.25, opening=True, opening_revenue_growth=0.2, lab_momentum_open=0.05),
    # 9 a quarter are 36 a year, at 6 and 20 for each log of 0.4 a year; growth below nothing takes nothing off
    case("lab_value_usd_bn", 36 * (6 + 20 * 0.4), lab_sales_usd_bn_prev=9.0, lab_value_multiple=6.0, lab_value_growth=20.0, lab_growth_seen_prev=0.1, lab_failed=0.0, year_once=1.0),
    case("lab_value_usd_bn", 36 * 6.0, lab_sales_usd_bn_prev=9.0, lab_value_multiple=6.0, lab_value_growth=20.0, lab_growth_seen_prev=-0.1, lab_failed=0.0, year_once=1.0),
    case("lab_value_usd_bn", 0.0, lab_sales_usd_bn_prev=9.0, lab_value_multiple=6.0, lab_value_growth=20.0, lab_growth_seen_prev=0.1, lab_failed=1.0, year_once=1.0),
    case("lab_value_usd_bn", 36 * 6.0, opening=True, lab_sales_usd_bn=9.0, lab_value_multiple=6.0, year_once=1.0),
    # burn 20 + 10 - 8 - 15 = 7; short 20 + 4 x 7 - 30 = 18 against 0.025 of 1000; half shut by half a bust
    case("lab_round_usd_bn", 18.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 9.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.5, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 5.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=200.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    # no round at a growth of a tenth a year, none for who has cash, none for who has failed
    case("lab_round_usd_bn", 0.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1000.0, lab_growth_seen_prev=0.025, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 0.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=90.0, lab_value_usd_bn=1000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 0.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=1.0, **ROUND),
    # burn counts to today's costs of 20: short 20 + 80 - 30; and never below nothing
    case("lab_round_usd_bn", 70.0, lab_rd_wanted_usd_bn=100.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=9000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 5.0, lab_rd_wanted_usd_bn=1.0, lab_cash_by_usd_bn_prev=15.0, lab_value_usd_bn=9000.0, lab_growth_seen_prev=0.05, bust_state_prev=0.0, lab_alone=1.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    # a parent bears nine of what is wanted: burn 20 + 9 - 8 - 15 = 6, whatever the mood; a lab that sells nothing needs nothing
    case("lab_round_usd_bn", 20 + 24 - 30.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1.0, lab_growth_seen_prev=0.0, bust_state_prev=1.0, lab_alone=0.0, lab_sells=1.0, lab_failed=0.0, **ROUND),
    case("lab_round_usd_bn", 0.0, lab_rd_wanted_usd_bn=10.0, lab_cash_by_usd_bn_prev=30.0, lab_value_usd_bn=1.0, lab_growth_seen_prev=0.0, bust_state_prev=1.0, lab_alone=0.0, lab_sells=0.0, lab_failed=0.0, **ROUND),
    # 120 above five quarters of costs of 20, over four quarters; not beyond means
    case("lab_paid_out_usd_bn", 5.0, lab_cash_by_usd_bn_prev=120.0, lab_cost_by_usd_bn_prev=20.0, lab_reserve_q=1.0, lab_runway_q=4.0, lab_means_usd_bn=140.0, lab_cost_by_usd_bn=22.0),
    case("lab_paid_out_usd_bn", 3.0, lab_cash_by_usd_bn_prev=120.0, lab_cost_by_usd_bn_prev=20.0, lab_reserve_q=1.0, lab_runway_q=4.0, lab_means_usd_bn=25.0, lab_cost_by_usd_bn=22.0),
    case("lab_paid_out_usd_bn", 0.0, lab_cash_by_usd_bn_prev=120.0, lab_cost_by_usd_bn_prev=20.0, lab_reserve_q=1.0, lab_runway_q=4.0, lab_means_usd_bn=20.0, lab_cost_by_usd_bn=22.0),
    case("lab_paid_out_usd_bn", 0.0, lab_cash_by_usd_bn_prev=90.0, lab_cost_by_usd_bn_prev=20.0, lab_reserve_q=1.0, lab_runway_q=4.0, lab_means_usd_bn=140.0, lab_cost_by_usd_bn=22.0),
    case("lab_cash_by_usd_bn", 70 + 9 - 13.5 + 5 - 2, lab_cash_by_usd_bn_prev=70.0, lab_sales_usd_bn=9.0, lab_cost_by_usd_bn=13.5, lab_round_usd_bn=5.0, lab_paid_out_usd_bn=2.0),
    case("lab_cash_by_usd_bn", 150 * 0.49 / 0.98, opening=True, lab_cash_parts_open=0.98, opening_lab_cash=150.0, lab_cash_part_open=0.49),
    case("lab_cash_part_given", 0.49, lab_cash_part_open=0.49),
    case("lab_rd_year_ago_usd_bn", 5.0, lab_rd_year_ago_usd_bn_prev=4.0, lab_rd_usd_bn_prev=8.0),
    case("lab_rd_year_ago_usd_bn", 4.0, opening=True, lab_rd_usd_bn=8.0, research_year_ago=0.5),
    case("lab_venture_return", 1.5, lab_sales_usd_bn=9.0, lab_serving_usd_bn=3.0, lab_rd_year_ago_usd_bn=4.0),
    case("lab_venture_return", 0.0, lab_sales_usd_bn=9.0, lab_serving_usd_bn=3.0, lab_rd_year_ago_usd_bn=0.0),
    case("venture_return", 1.5, lab_revenue_usd_bn=9.0, lab_inference_usd_bn=3.0, training_year_ago=4.0),
    case("venture_return", 0.0, lab_revenue_usd_bn=9.0, lab_inference_usd_bn=3.0, training_year_ago=0.0),
    # generations: 5 quarters after release 15 months, 9 beyond its frontier of 6; a life of 12
    case("generation_weight", exp(-0.75), t=8.0, generation_release=3.0, frontier_months=6.0, revenue_life_months=12.0, months_per_quarter=3.0),
    case("generation_weight", 1.0, t=3.0, generation_release=3.0, frontier_months=6.0, revenue_life_months=12.0, months_per_quarter=3.0),
    case("generation_weight", 0.0, t=2.0, generation_release=3.0, frontier_months=6.0, revenue_life_months=12.0, months_per_quarter=3.0),
    case("generation_revenue_usd_bn", 6.0, lab_revenue_usd_bn=9.0, generation_weight=0.8, generation_weights=1.2),
    case("generation_revenue_usd_bn", 0.0, lab_revenue_usd_bn=9.0, generation_weight=0.0, generation_weights=0.0),
    case("generation_in_training", 1.0, t=4.0, generation_release=8.0),
    case("generation_in_training", 1.0, t=7.0, generation_release=8.0),
    case("generation_in_training", 0.0, t=3.0, generation_release=8.0),
    case("generation_in_training", 0.0, t=8.0, generation_release=8.0),
    # two thirds of revenue bear two thirds of serving; the one in training pays it
    case("venture_cash_usd_bn", 6 - 2 - 5.0, generation_revenue_usd_bn=6.0, lab_revenue_usd_bn=9.0, lab_inference_usd_bn=3.0, generation_in_training=1.0, training_usd_bn=5.0),
    case("venture_cash_usd_bn", 4.0, generation_revenue_usd_bn=6.0, lab_revenue_usd_bn=9.0, lab_inference_usd_bn=3.0, generation_in_training=0.0, training_usd_bn=5.0),
    case("venture_cash_usd_bn", -5.0, generation_revenue_usd_bn=0.0, lab_revenue_usd_bn=0.0, lab_inference_usd_bn=3.0, generation_in_training=1.0, training_usd_bn=5.0),
    case("venture_earned_usd_bn", 10 - 1 + 5.0, venture_earned_usd_bn_prev=10.0, venture_cash_usd_bn=-1.0, generation_in_training=1.0, training_usd_bn=5.0),
    case("venture_earned_usd_bn", 14.0, venture_earned_usd_bn_prev=10.0, venture_cash_usd_bn=4.0, generation_in_training=0.0, training_usd_bn=5.0),
    case("venture_trained_usd_bn", 17.0, venture_trained_usd_bn_prev=12.0, generation_in_training=1.0, training_usd_bn=5.0),
    case("venture_trained_usd_bn", 12.0, venture_trained_usd_bn_prev=12.0, generation_in_training=0.0, training_usd_bn=5.0),
    case("venture_multiple", 1.5, venture_earned_usd_bn=18.0, venture_trained_usd_bn=12.0),
    case("venture_multiple", 0.0, venture_earned_usd_bn=18.0, venture_trained_usd_bn=0.0),
    case("training_beyond_usd_bn", 5.0, training_usd_bn=5.0, generations_in_training=0.0),
    case("training_beyond_usd_bn", 0.0, training_usd_bn=5.0, generations_in_training=1.0),
    case("venture_gap", (4 - 0.5 - 2 - 1 + 0.3) / 10, venture_cash_all_usd_bn=4.0, training_beyond_usd_bn=0.5, lab_other_usd_bn=2.0, lab_topups_usd_bn=1.0, lab_profit_usd_bn=-0.3, lab_revenue_usd_bn=10.0),
]

"""Build and fleet: each equation with the answer worked out beside it."""

from math import exp, log

from cases import case

SHARES = {"grid_flow_share": 0.5, "gas_flow_share": 0.2, "engines_flow_share": 0.1, "nuclear_flow_share": 0.15, "renewables_flow_share": 0.05}
CAPEX = {"grid_capex": 1.0, "gas_capex": 2.0, "engines_capex": 1.5, "nuclear_capex": 8.0, "renewables_capex": 3.0}
LEADS = {"grid_lead_open": 14.0, "gas_lead_open": 10.0, "engines_lead_open": 6.0, "nuclear_lead_open": 20.0, "renewables_lead_open": 8.0}

CASES = [
    # two quarters after 2025Q4 at 0.1 a quarter
    case("opening_chip_flow", 3 * exp(0.2) * 0.9, shipped_tdp_2025q4=3.0, shipment_growth_open=0.1, it_per_tdp=0.9, since_count=2.0),
    case("opening_chip_orders", 4 * exp(0.3), opening_chip_flow=4.0, delivery_growth_next=0.1, chip_lead_open=3.0),
    # two stages of a quarter and a half: the older holds what comes next, the younger e^0.15 of it
    case("opening_chip_pipeline", 4 * exp(0.1) * 1.5 * (1 + exp(0.15)), opening_chip_flow=4.0, delivery_growth_next=0.1, chip_lead_open=3.0, chip_pipeline_stages=2.0),
    case("opening_power_flow", 5.2, opening_chip_flow=4.0, pue=1.3),
    case("opening_shell_starts", 4 * exp(0.05 * 6), opening_chip_flow=4.0, shell_growth_skew=0.05, shell_lead_open=6.0),
    # inquiry 0.3 and half of a contract's 0.4 leave half of each lead; half is paid at the start, when the queue was larger
    case("opening_power_spend",
         5 * (0.5 * 1 * (1 + exp(0.04 * 0.5 * 14)) / 2 + 0.2 * 2 * (1 + exp(0.03 * 0.5 * 10)) / 2 + 0.1 * 1.5 * (1 + exp(0.03 * 0.5 * 6)) / 2 + 0.15 * 8 * (1 + exp(0.03 * 0.5 * 20)) / 2 + 0.05 * 3 * (1 + exp(0.03 * 0.5 * 8)) / 2),
         opening_power_flow=5.0, grid_growth_skew=0.04, site_growth_skew=0.03, inquiry_part=0.3, contract_part=0.4, **SHARES, **CAPEX, **LEADS),
    # 18 months a third late are 8 quarters, a tenth saved in haste: 7.2; from 6 on the way after three quarters
    case("shell_lead_q", 6 + 1.2 * (1 - exp(-0.5)), shell_lead_months=18.0, schedule_overrun=1 / 3, months_per_quarter=3.0, shell_lead_open=6.0, t=3.0, shell_haste=0.2, scarcity_prev=0.5),
    case("chip_lead_now_q", 3 + 2 * (1 - exp(-2)), chip_lead_q=5.0, chip_lead_open=3.0, t=6.0),
    case("shell_pace_q", 5.0, shell_lead_q=6.0, construction_pace=1.2, shell_pipeline_stages=4.0),
    case("shell_pace_q", 4.0, shell_lead_q=6.0, construction_pace=2.4, shell_pipeline_stages=4.0),
    case("chip_pace_q", 2.5, chip_lead_now_q=3.0, delivery_pace=1.2, chip_pipeline_stages=2.0),
    case("chip_pace_q", 2.0, chip_lead_now_q=3.0, delivery_pace=2.4, chip_pipeline_stages=2.0),
    case("shell_delivery_q", 7.5, shell_pace_q=6.0, purchase_share=0.8),
    case("chip_delivery_q", 5.0, chip_pace_q=4.0, purchase_share=0.8),
    # four stages of a lead of eight: half of each moves on in a quarter; orders enter the first only
    case("shell_pipeline", 10 - 5 + 3 + 4, shell_pipeline_prev=10.0, shell_pipeline_left_prev=6.0, shell_starts=4.0, shell_delivery_q=8.0, is_first=1.0, shell_pipeline_stages=4.0),
    case("shell_pipeline", 10 - 5 + 3, shell_pipeline_prev=10.0, shell_pipeline_left_prev=6.0, shell_starts=4.0, shell_delivery_q=8.0, is_first=0.0, shell_pipeline_stages=4.0),
    # the stage at place one has three of four stages ahead of it
    case("shell_pipeline", 4 * 8 / 4 * exp(0.05 * 8 * 0.75), opening=True, shell_pipeline_stages=4.0, opening_chip_flow=4.0, shell_lead_open=8.0, shell_growth_skew=0.05, position=1.0),
    case("chip_pipeline", 4 * exp(0.1) * 1.5 * exp(0.15), opening=True, chip_pipeline_stages=2.0, opening_chip_flow=4.0, chip_lead_open=3.0, delivery_growth_next=0.1, position=0.0),
    case("chip_pipeline", 4 * exp(0.1) * 1.5, opening=True, chip_pipeline_stages=2.0, opening_chip_flow=4.0, chip_lead_open=3.0, delivery_growth_next=0.1, position=1.0),
    case("shell_pipeline_due", 5.0, shell_pipeline__stage_4_prev=10.0, shell_delivery_q=8.0, shell_pipeline_stages=4.0),
    # 35 % a year at half use and a curve of two: a quarter of it a quarter; a fifth more as scarcity of 0.4 is answered by half
    case("chip_supply_cap", 8 * exp(log(1.35) / 4 * 0.25 * 1.2), chip_supply_cap_prev=8.0, chip_cap_growth=0.35, chip_pipeline_due=3.0, chip_orders_prev=4.0, chip_cap_curve=2.0, chip_cap_answers=0.5, scarcity_prev=0.4),
    case("chip_supply_cap", 8 * exp(log(1.35) / 4), chip_supply_cap_prev=8.0, chip_cap_growth=0.35, chip_pipeline_due=9.0, chip_orders_prev=4.0, chip_cap_curve=2.0, chip_cap_answers=0.5, scarcity_prev=0.0),
    case("chip_supply_cap", 4.8, opening=True, opening_chip_flow=4.0, chip_cap_headroom=1.2),
    case("it_cost_growth", 0.02 * exp(-0.1), it_cost_growth_prev=0.02, it_cost_fade=0.1),
    case("it_cost_trend", 30 * exp(0.02), it_cost_trend_prev=30.0, it_cost_growth=0.02),
    # 9.6 asked of 8 that are comfortable at a use of 0.8: log 1.5
    case("chip_tightness", 0.1 + 0.3 * (log(1.5) - 0.1), chip_tightness_prev=0.1, scarcity_memory=0.3, chip_orders_plan=9.55, least_order=0.05, chip_supply_cap_prev=8.0, chip_comfort=0.8, chip_slack_max=0.2, scarcity_max=0.7),
    case("chip_tightness", 0.1 + 0.3 * (-0.2 - 0.1), chip_tightness_prev=0.1, scarcity_memory=0.3, chip_orders_plan=1.0, least_order=0.05, chip_supply_cap_prev=8.0, chip_comfort=0.8, chip_slack_max=0.2, scarcity_max=0.7),
    case("chip_tightness", 0.1 + 0.3 * (0.7 - 0.1), chip_tightness_prev=0.1, scarcity_memory=0.3, chip_orders_plan=100.0, least_order=0.05, chip_supply_cap_prev=8.0, chip_comfort=0.8, chip_slack_max=0.2, scarcity_max=0.7),
    case("component_shock", 0.8 * 0.05 - 0.03, component_shock_prev=0.05, component_memory=0.8, component_sd=0.02, component_draw=-1.5),
    case("it_cost", 30 * exp(0.2 + 0.03), it_cost_trend=30.0, chip_premium=0.5, chip_tightness=0.4, component_shock=0.03),
    case("facility_cost", 14 * exp(0.01), facility_cost_prev=14.0, facility_inflation=0.01),
    case("shell_capacity_it_gw", 60 + 5 - 0.5, shell_capacity_it_gw_prev=60.0, shell_pipeline_due=5.0, estate_net_it_gw=-0.5),
    case("shell_capacity_it_gw", 52.0, opening=True, opening_fleet_it_gw=50.0, opening_shell_slack=2.0),
    case("opening_connected_gw", 52 * 1.3, opening_fleet_it_gw=50.0, opening_power_slack=2.0, pue=1.3),
    case("chips_at_hand", 2 + 4.0, dark_it_gw_prev=2.0, chip_pipeline_due=4.0),
    case("free_shells", 5 + 0.7, shell_capacity_it_gw=55.0, fleet_it_gw_prev=50.0, retired_it_gw=0.7),
    case("free_shells", 0.7, shell_capacity_it_gw=45.0, fleet_it_gw_prev=50.0, retired_it_gw=0.7),
    case("free_power", 60 - 50 + 0.7, connected_facility_gw=78.0, pue=1.3, fleet_it_gw_prev=50.0, retired_it_gw=0.7),
    case("free_power", 0.7, connected_facility_gw=52.0, pue=1.3, fleet_it_gw_prev=50.0, retired_it_gw=0.7),
    case("energised_it_gw", 3.0, chips_at_hand=3.0, free_shells=4.0, free_power=5.0),
    case("energised_it_gw", 2.0, chips_at_hand=3.0, free_shells=2.0, free_power=5.0),
    case("energised_it_gw", 1.0, chips_at_hand=3.0, free_shells=2.0, free_power=1.0),
    case("dark_it_gw", 2.0, chips_at_hand=6.0, energised_it_gw=4.0),
    # power binds at a tie with shells; what equals the chips binds nothing
    case("binds_power", 1.0, free_power=2.0, free_shells=2.0, chips_at_hand=3.0),
    case("binds_power", 0.0, free_power=2.1, free_shells=2.0, chips_at_hand=3.0),
    case("binds_power", 0.0, free_power=3.0, free_shells=4.0, chips_at_hand=3.0),
    case("binds_shells", 1.0, free_power=2.1, free_shells=2.0, chips_at_hand=3.0),
    case("binds_shells", 0.0, free_power=2.0, free_shells=2.0, chips_at_hand=3.0),
    case("binds_shells", 0.0, free_power=4.0, free_shells=3.0, chips_at_hand=3.0),
    case("binds_slots", 1.0, binds_power=0.0, binds_shells=0.0, orders_bind_slots=1.0),
    case("binds_slots", 0.0, binds_power=1.0, binds_shells=0.0, orders_bind_slots=1.0),
    case("binds_slots", 0.0, binds_power=0.0, binds_shells=1.0, orders_bind_slots=1.0),
    case("binds_slots", 0.0, binds_power=0.0, binds_shells=0.0, orders_bind_slots=0.0),
    case("binds_chips", 1.0, binds_power=0.0, binds_shells=0.0, orders_bind_supply=1.0),
    case("binds_chips", 0.0, binds_power=1.0, binds_shells=0.0, orders_bind_supply=1.0),
    case("binds_chips", 0.0, binds_power=0.0, binds_shells=1.0, orders_bind_supply=1.0),
    case("binds_chips", 0.0, binds_power=0.0, binds_shells=0.0, orders_bind_supply=0.0),
    case("binds_demand", 1.0, binds_power=0.0, binds_shells=0.0, orders_bind_plan=1.0),
    case("binds_demand", 0.0, binds_power=1.0, binds_shells=0.0, orders_bind_plan=1.0),
    case("binds_demand", 0.0, binds_power=0.0, binds_shells=1.0, orders_bind_plan=1.0),
    case("binds_demand", 0.0, binds_power=0.0, binds_shells=0.0, orders_bind_plan=0.0),
    case("chip_spend_usd_bn", 4 * 30.0, chip_pipeline_due=4.0, it_cost=30.0),
    case("chip_spend_usd_bn", 4 * 30.0, opening=True, opening_chip_flow=4.0, opening_it_cost=30.0),
    # halls are paid as they rise: 24 GW over 8 quarters at 14 bn
    case("shell_spend_usd_bn", 42.0, shell_pipeline_total_prev=24.0, shell_delivery_q=8.0, facility_cost=14.0),
    case("shell_spend_usd_bn", 42.0, opening=True, opening_facility_cost=14.0, shell_pipeline_total=24.0, shell_lead_open=8.0),
    case("planned_chips_usd_bn", 6 * 2 / 4 * 30.0, chip_pipeline__stage_2_prev=6.0, chip_pipeline_stages=2.0, chip_pace_q=4.0, it_cost=30.0),
    case("planned_shells_usd_bn", 24 / 6 * 14.0, shell_pipeline_total_prev=24.0, shell_pace_q=6.0, facility_cost=14.0),
    case("planned_ai_capex_usd_bn", 90 + 56 + 7.0, planned_chips_usd_bn=90.0, planned_shells_usd_bn=56.0, power_spend_usd_bn=7.0),
    case("world_ai_capex_usd_bn", 120 + 42 + 7.0, chip_spend_usd_bn=120.0, shell_spend_usd_bn=42.0, power_spend_usd_bn=7.0),
    case("world_ai_capex_usd_bn", 120 + 42 + 7.0, opening=True, chip_spend_usd_bn=120.0, shell_spend_usd_bn=42.0, power_spend_usd_bn=7.0),
    case("slot_scarcity", 0.2 + 0.25 * 0.8, slot_scarcity_prev=0.2, binds_power=1.0, binds_shells=0.0, slot_memory=0.25),
    case("slot_scarcity", 0.2 + 0.25 * 0.8, slot_scarcity_prev=0.2, binds_power=0.0, binds_shells=1.0, slot_memory=0.25),
    # fleet: two quarters' shipments after 2025Q4, less what is dark
    case("opening_newest_it_gw", 3 * (exp(0.1) + exp(0.2)) * 0.9 - 2, shipped_tdp_2025q4=3.0, shipment_growth_open=0.1, it_per_tdp=0.9, opening_dark_it_gw=2.0),
    # 4.5 M H100e in 3 GW of chips, 0.9 of IT a GW; chips grew by 0.15 and gigawatts by 0.1 for two quarters
    case("opening_density", 4.5 / 3 / 0.9 * exp(0.1), shipped_h100e_2025q4=4.5, shipped_tdp_2025q4=3.0, h100e_growth_2026h1=0.15, shipment_growth_open=0.1, it_per_tdp=0.9, since_count=2.0),
    case("opening_vintage_it_gw", 5.0, shipped_tdp=10.0, it_per_tdp=0.9, position=3.0, opening_newest_it_gw=5.0, newest_place=3.0),
    case("opening_vintage_it_gw", 9.0, shipped_tdp=10.0, it_per_tdp=0.9, position=2.0, opening_newest_it_gw=5.0, newest_place=3.0),
    case("opening_vintage_it_gw", 9.0, shipped_tdp=10.0, it_per_tdp=0.9, position=4.0, opening_newest_it_gw=5.0, newest_place=3.0),
    # half way between 2.0 now and 4.32 / 3 / 0.9 = 1.6 then
    case("opening_vintage_mh100e", 5 * 1.8, shipped_h100e=12.0, position=3.0, newest_place=3.0, opening_newest_it_gw=5.0, opening_density=2.0, shipped_h100e_2025q4=4.32, shipped_tdp_2025q4=3.0, it_per_tdp=0.9),
    case("opening_vintage_mh100e", 12.0, shipped_h100e=12.0, position=2.0, newest_place=3.0, opening_newest_it_gw=5.0, opening_density=2.0, shipped_h100e_2025q4=4.32, shipped_tdp_2025q4=3.0, it_per_tdp=0.9),
    case("opening_vintage_mh100e", 12.0, shipped_h100e=12.0, position=4.0, newest_place=3.0, opening_newest_it_gw=5.0, opening_density=2.0, shipped_h100e_2025q4=4.32, shipped_tdp_2025q4=3.0, it_per_tdp=0.9),
    case("opening_retired_it_gw", 50 * 0.04 / 4, opening_fleet_it_gw=50.0, failure_rate=0.04),
    case("density_growth_open", log(1.4) / 4, h100e_per_watt_growth=1.4),
    case("density_growth", 0.08 * exp(-0.05), density_growth_prev=0.08, density_fade=0.05),
    case("density", 2 * exp(0.08), density_prev=2.0, density_growth=0.08),
    case("opex_trend", 1.5 * exp(0.01), opex_trend_prev=1.5, facility_inflation=0.01),
    case("opex_per_gw", 1.5 * (0.6 + 0.4 * 1.2), opex_trend=1.5, energy_part=0.4, power_price_factor_prev=1.2),
    case("opening_opex_per_gw", 1.4, opex_per_gw_year=1.4),
    # a vintage takes what is energised from its first to its last quarter
    case("vintage_active", 1.0, t=3.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_active", 1.0, t=6.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_active", 0.0, t=2.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_active", 0.0, t=7.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_age_q", 5.5, t=10.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_age_q", 0.0, t=4.0, vintage_first=3.0, vintage_last=6.0),
    case("vintage_density", 1.8, vintage_mh100e_prev=9.0, vintage_it_gw_prev=5.0, density=3.0),
    case("vintage_density", 3.0, vintage_mh100e_prev=0.0, vintage_it_gw_prev=0.0, density=3.0),
    # 1.8 M H100e a GW at 0.5 dollars, 0.9 x 0.7 of 8,766 hours
    case("vintage_marginal_revenue", 0.5 * 1.8 * 0.63 * 8.766, spot_price_prev=0.5, vintage_density=1.8, availability=0.9, utilisation_prev=0.7),
    # new chips do 2 M more a GW: rent 2 x 2 x 0.63 x 8.766; they cost 30 x (0.12 + 0.28) a year; counts as far as slots are scarce
    case("vintage_refresh_gain", (4 * 0.63 * 8.766 - 12) / 12 * 0.5, contract_price_prev=2.0, density=4.0, vintage_density=2.0, availability=0.9, utilisation_prev=0.7, it_cost=30.0, hurdle_rate_prev=0.12, it_economic_depreciation=0.28, slot_scarcity_prev=0.5),
    case("vintage_refresh_gain", 0.5, contract_price_prev=9.0, density=4.0, vintage_density=2.0, availability=0.9, utilisation_prev=0.7, it_cost=30.0, hurdle_rate_prev=0.12, it_economic_depreciation=0.28, slot_scarcity_prev=0.5),
    case("vintage_refresh_gain", 0.0, contract_price_prev=1.0, density=4.0, vintage_density=2.0, availability=0.9, utilisation_prev=0.7, it_cost=30.0, hurdle_rate_prev=0.12, it_economic_depreciation=0.28, slot_scarcity_prev=0.5),
    # a hundredth fails; 0.25 is worn out, or earns less than it costs to run; 0.1 x 0.5 is refreshed unless the vintage is still bought
    case("vintage_retire_share", 0.01 + 0.05, vintage_marginal_revenue=2.0, opex_per_gw=1.5, vintage_age_q=20.0, physical_life_q=24.0, retire_rate=0.25, failure_rate=0.04, vintage_refresh_gain=0.5, refresh_rate_max=0.1, vintage_active=0.0),
    case("vintage_retire_share", 0.01 + 0.25, vintage_marginal_revenue=2.0, opex_per_gw=1.5, vintage_age_q=25.0, physical_life_q=24.0, retire_rate=0.25, failure_rate=0.04, vintage_refresh_gain=0.5, refresh_rate_max=0.1, vintage_active=1.0),
    case("vintage_retire_share", 0.01 + 0.25, vintage_marginal_revenue=1.0, opex_per_gw=1.5, vintage_age_q=20.0, physical_life_q=24.0, retire_rate=0.25, failure_rate=0.04, vintage_refresh_gain=0.5, refresh_rate_max=0.1, vintage_active=1.0),
    case("vintage_retire_share", 0.01, vintage_marginal_revenue=1.5, opex_per_gw=1.5, vintage_age_q=24.0, physical_life_q=24.0, retire_rate=0.25, failure_rate=0.04, vintage_refresh_gain=0.5, refresh_rate_max=0.1, vintage_active=1.0),
    case("vintage_retire_share", 1.0, vintage_marginal_revenue=1.0, opex_per_gw=1.5, vintage_age_q=20.0, physical_life_q=24.0, retire_rate=1.25, failure_rate=0.04, vintage_refresh_gain=0.5, refresh_rate_max=0.1, vintage_active=1.0),
    case("vintage_retired_it_gw", 0.3, vintage_it_gw_prev=5.0, vintage_retire_share=0.06),
    case("vintage_retired_it_gw", 0.05, opening=True, opening_vintage_it_gw=5.0, failure_rate=0.04),
    case("vintage_it_gw", 5 + 4 - 0.3, vintage_it_gw_prev=5.0, vintage_retired_it_gw=0.3, vintage_active=1.0, energised_it_gw=4.0),
    case("vintage_it_gw", 5 - 0.3, vintage_it_gw_prev=5.0, vintage_retired_it_gw=0.3, vintage_active=0.0, energised_it_gw=4.0),
    case("vintage_mh100e", 9 * 0.94 + 4 * 3, vintage_mh100e_prev=9.0, vintage_retire_share=0.06, vintage_active=1.0, energised_it_gw=4.0, density=3.0),
    case("vintage_mh100e", 9 * 0.94, vintage_mh100e_prev=9.0, vintage_retire_share=0.06, vintage_active=0.0, energised_it_gw=4.0, density=3.0),
    case("fleet_facility_gw", 65.0, fleet_it_gw=50.0, pue=1.3),
    case("fleet_facility_gw", 65.0, opening=True, fleet_it_gw=50.0, pue=1.3),
]

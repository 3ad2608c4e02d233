"""Power: each equation with the answer worked out beside it. What is the same on five routes is called on one."""

from math import exp, log

from cases import case

SHARES = {"grid_request_share": 0.5, "gas_request_share": 0.2, "engines_request_share": 0.05, "nuclear_request_share": 0.15, "renewables_request_share": 0.1}
CAPEX = {"grid_capex": 1.0, "gas_capex": 2.0, "engines_capex": 1.5, "nuclear_capex": 8.0, "renewables_capex": 3.0}
STAGES = {"grid_building_gw": 20.0, "built_share": 0.8, "grid_contracted_gw": 30.0, "signed_share": 0.2, "grid_inquiry_gw": 100.0}

CASES = [
    # a quarter of 0.2 a year, faded by e^-0.3 at quarter three
    case("site_mw", 100 * exp(0.05 * exp(-0.3)), site_mw_prev=100.0, site_growth=0.2, site_fade=0.1, t=3.0),
    case("region_lead_weighted", 60 * 0.2, region_lead=60.0, region_share=0.2),
    # PJM waits half as long again as the mean and is avoided: e^-0.25; a moratorium from quarter four closes it
    case("region_pull", 0.2 * exp(-0.25), region_share=0.2, lead_aversion=0.5, region_lead=60.0, region_lead_mean=40.0, t=3.0, moratorium_quarter=4.0),
    case("region_pull", 0.0, region_share=0.2, lead_aversion=0.5, region_lead=60.0, region_lead_mean=40.0, t=4.0, moratorium_quarter=4.0),
    case("region_pull", 0.2 * exp(-0.25), region_share=0.2, lead_aversion=0.5, region_lead=60.0, region_lead_mean=40.0, t=4.0, moratorium_quarter=0.0),
    # a wait that doubled, to the power of 0.5
    case("grid_wait", 2**0.5, grid_lead_q=28.0, grid_lead_open=14.0, route_switch=0.5),
    # 60 months are 20 quarters: 6 more than the opening's 14, of which 1 - e^-0.5 is seen after four of eight quarters; sites have doubled
    case("grid_lead_q", (14 + 6 * (1 - exp(-0.5))) * 2**0.3, grid_lead_open=14.0, grid_lead_months=60.0, months_per_quarter=3.0, t=4.0, queue_reach_q=8.0, site_lead_elasticity=0.3, site_mw=200.0, site_mw_open=100.0),
    case("grid_lead_q", 14.0, opening=True, grid_lead_open=14.0),
    # a third of 18 quarters where the grid is half as slow again
    case("grid_inquiry_q", 9.0, inquiry_part=1 / 3, region_lead=60.0, region_lead_mean=40.0, grid_lead_q=18.0),
    # what inquiry (0.3) and contract (0.3) leave; half of it saves a fifth by bending
    case("grid_building_q", 0.4 * 1.5 * 20 * 0.9, inquiry_part=0.3, contract_part=0.3, region_lead=60.0, region_lead_mean=40.0, grid_lead_q=20.0, flexible_share=0.5, flexible_saving=0.2),
    # the other half of requests grows by the wait
    case("grid_requests", 10 * 0.5 / (0.5 + 0.5 * 1.6), power_requests=10.0, grid_wait=1.6, **SHARES),
    case("gas_requests", 10 * 0.2 * 1.6 / (0.5 + 0.5 * 1.6), power_requests=10.0, grid_wait=1.6, **SHARES),
    # a fifth leaves the desk; a quarter of 4 GW comes here
    case("grid_inquiry_gw", 50 * 0.8 + 4 * 0.25, grid_inquiry_gw_prev=50.0, grid_inquiry_q=5.0, grid_requests=4.0, region_pull=0.2, region_pulls=0.8),
    # 3 GW a quarter, 0.6 on the grid, a fifth here, of which 0.2 x 0.75 gets built, five quarters of it; asked for when the queue was smaller: e^0.05 for 7 + 3 quarters and half of 5 later
    case("grid_inquiry_gw", 3 * 0.6 * 0.2 / (0.2 * 0.75) * 5 * exp(0.05 * (7 + 3 + 2.5)), opening=True, opening_power_flow=3.0, grid_flow_share=0.6, region_share=0.2, signed_share=0.2, built_share=0.75, grid_inquiry_q=5.0,
         grid_growth_skew=0.05, grid_building_q=7.0, grid_contract_q=3.0),
    case("renewables_inquiry_gw", 50 * 0.8 + 4 * 0.25, renewables_inquiry_gw_prev=50.0, renewables_inquiry_q=5.0, renewables_requests=4.0, region_pull=0.2, region_pulls=0.8),
    case("grid_signed", 50 / 5 * 0.2, grid_inquiry_gw_prev=50.0, grid_inquiry_q=5.0, signed_share=0.2),
    case("grid_ready", 12 / 4, grid_contracted_gw_prev=12.0, grid_contract_q=4.0),
    # 6 GW of crews for 10 GW of which 0.8 is built; no fewer than none wait
    case("grid_start_share", 0.75, grid_ceiling_prev=6.0, grid_ready_all=10.0, built_share=0.8),
    case("grid_start_share", 1.0, grid_ceiling_prev=9.0, grid_ready_all=10.0, built_share=0.8),
    case("grid_start_share", 1.0, grid_ceiling_prev=9.0, grid_ready_all=0.0, built_share=0.8),
    case("grid_contracted_gw", 12 + 2 - 3 * 0.5, grid_contracted_gw_prev=12.0, grid_signed=2.0, grid_ready=3.0, grid_start_share=0.5),
    case("grid_contracted_gw", 3 * 0.6 * 0.2 / 0.75 * 3 * exp(0.05 * (7 + 1.5)), opening=True, opening_power_flow=3.0, grid_flow_share=0.6, region_share=0.2, built_share=0.75, grid_contract_q=3.0, grid_growth_skew=0.05, grid_building_q=7.0),
    case("grid_started", 3 * 0.5 * 0.8, grid_ready=3.0, grid_start_share=0.5, built_share=0.8),
    # crews grow by 0.4 a year where they are fully used, half of it at half use
    case("grid_ceiling", 6 * 1.05, grid_ceiling_prev=6.0, ceiling_growth_max=0.4, grid_started_all=3.0),
    case("grid_ceiling", 5.0, opening=True, grid_ceiling_open=20.0),
    case("grid_due_by", 20 / 8, grid_building_gw_prev=20.0, grid_building_q=8.0),
    case("grid_building_gw", 20 + 1.2 - 2.5, grid_building_gw_prev=20.0, grid_started=1.2, grid_due_by=2.5),
    case("grid_building_gw", 3 * 0.6 * 0.2 * 7 * exp(0.05 * 3.5), opening=True, opening_power_flow=3.0, grid_flow_share=0.6, region_share=0.2, grid_building_q=7.0, grid_growth_skew=0.05),
    # of 30 under contract 0.8 is built, of 100 asked for 0.2 x 0.8
    case("grid_expected_gw", 20 + 24 + 16, **STAGES),
    # waits of 8, 8 + 4 and 8 + 4 + 6 against a horizon of 12 quarters
    case("grid_in_time_gw", 20 * (1 - exp(-12 / 8)) + 24 * (1 - exp(-12 / 12)) + 16 * (1 - exp(-12 / 18)), power_horizon_q=12.0, grid_building_q=8.0, grid_contract_q=4.0, grid_inquiry_q=6.0, **STAGES),
    case("gas_inquiry_q", 0.3 * 10, inquiry_part=0.3, gas_lead_q=10.0),
    case("gas_building_q", 0.5 * 10, inquiry_part=0.3, contract_part=0.2, gas_lead_q=10.0),
    case("power_routes_due", 1 + 2 + 3 + 4 + 5.5, grid_due=1.0, gas_due=2.0, engines_due=3.0, nuclear_due=4.0, renewables_due=5.5),
    # 0.8 is met in a quarter; a delay of two quarters in quarters 5 to 7: 0.8 / (1 + 1.6)
    case("power_met_share", 0.8 / 2.6, slippage_met_share=0.8, t=5.0, imposed_delay_quarter=5.0, imposed_delay_q=2.0, imposed_delay_lasts_q=3.0),
    case("power_met_share", 0.8, slippage_met_share=0.8, t=4.0, imposed_delay_quarter=5.0, imposed_delay_q=2.0, imposed_delay_lasts_q=3.0),
    case("power_met_share", 0.8, slippage_met_share=0.8, t=8.0, imposed_delay_quarter=5.0, imposed_delay_q=2.0, imposed_delay_lasts_q=3.0),
    case("power_met_share", 0.8, slippage_met_share=0.8, t=1.0, imposed_delay_quarter=0.0, imposed_delay_q=2.0, imposed_delay_lasts_q=3.0),
    case("power_met", 0.8 * (2 + 3), power_backlog_gw_prev=2.0, power_routes_due=3.0, power_met_share=0.8),
    case("own_generation_share", 0.3, gas_due=1.0, engines_due=0.5, power_routes_due=5.0),
    case("own_generation_share", 0.0, gas_due=0.0, engines_due=0.0, power_routes_due=0.0),
    case("power_backlog_gw", 2 + 3 - 4, power_backlog_gw_prev=2.0, power_routes_due=3.0, power_met=4.0),
    # what keeps a backlog steady when 0.8 of it is met a quarter
    case("power_backlog_gw", 3 * 0.2 / 0.8, opening=True, slippage_met_share=0.8, opening_power_flow=3.0),
    case("connected_facility_gw", 70 + 4 - 0.5 * 1.3, connected_facility_gw_prev=70.0, power_met=4.0, estate_net_it_gw=-0.5, pue=1.3),
    case("power_committed_gw", 70 + 2 + 30, connected_facility_gw=70.0, power_backlog_gw=2.0, power_expected_gw=30.0),
    case("power_committed_gw", 70 + 0.75 + 30, opening=True, power_expected_gw=30.0, opening_connected_gw=70.0, slippage_met_share=0.8, opening_power_flow=3.0),
    # of 4 GW met a third falls due here, a fifth of the general halls' power is here, and a fifth of what is given back
    case("region_connected_gw", 14 + 4 / 3 + 0.65 * 0.2 - 1.3 * 14 / 70, halls_repurposed_it_gw=1.0, connected_facility_gw_prev=70.0, region_connected_gw_prev=14.0, region_due=1.0, power_routes_due=3.0, power_met=4.0, estate_drawn_it_gw=0.5, pue=1.3, region_share=0.2),
    case("region_connected_gw", 14 + 0.65 * 0.2, halls_repurposed_it_gw=0.0, connected_facility_gw_prev=70.0, region_connected_gw_prev=14.0, region_due=0.0, power_routes_due=0.0, power_met=4.0, estate_drawn_it_gw=0.5, pue=1.3, region_share=0.2),
    case("region_connected_gw", 70 * 0.2, opening=True, opening_connected_gw=70.0, region_share=0.2),
    case("power_tightness", 0.1 + 0.25 * (log(1.3) - 0.1), power_tightness_prev=0.1, tightness_memory=0.25, now_wanted_it_gw=70.0, pue=1.3, connected_facility_gw_prev=70.0, scarcity_max=0.7),
    case("power_tightness", 0.1 + 0.25 * 0.6, power_tightness_prev=0.1, tightness_memory=0.25, now_wanted_it_gw=700.0, pue=1.3, connected_facility_gw_prev=70.0, scarcity_max=0.7),
    case("power_tightness", 0.075, power_tightness_prev=0.1, tightness_memory=0.25, now_wanted_it_gw=7.0, pue=1.3, connected_facility_gw_prev=70.0, scarcity_max=0.7),
    case("power_price_factor", exp(0.06), power_price_response=0.3, power_tightness=0.2),
    # begun 1 + 4 + 0.75 + 1.6 + 1.2 = 8.55, finished 2 + 2 + 0.15 + 0.8 + 0.9 = 5.85; 0.6 is paid at the start
    case("power_spend_usd_bn", 0.6 * 8.55 + 0.4 * 5.85, grid_due=2.0, gas_due=1.0, engines_due=0.1, nuclear_due=0.1, renewables_due=0.3, grid_started_all=1.0, gas_started_all=2.0, engines_started_all=0.5,
         nuclear_started_all=0.2, renewables_started_all=0.4, paid_at_start=0.6, **CAPEX),
    # 70 connected, 65 in use: 5 GW pay a fifth of 0.4 bn a year
    case("take_or_pay_usd_bn", 5 * 0.2 * 0.4 / 4, connected_facility_gw_prev=70.0, fleet_it_gw_prev=50.0, pue=1.3, take_or_pay_share=0.2, wires_cost=0.4),
    case("take_or_pay_usd_bn", 0.0, connected_facility_gw_prev=60.0, fleet_it_gw_prev=50.0, pue=1.3, take_or_pay_share=0.2, wires_cost=0.4),
]

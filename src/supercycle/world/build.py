"""Build: shells, power and chips meet; what is paid for and cannot be switched on is dark stock.

energised additions = min(chips at hand, free shells, free power); the least of the three is the binding constraint of the
quarter. Chip supply is capped by packaging and memory. Chips are paid on delivery, shells evenly over their lead.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, mean, minimum, positive, power, where, within
from supercycle.world.fleet import shipped
from supercycle.world.frame import START, Block, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("build", "Build", "Chips, shells and power meet in energised capacity.", mechanism="judged: the least of chips, shells and power is energised; that nothing substitutes between them within a quarter is a simplification")

measured(block, "shipped_tdp_2025q4", "Chip power shipped in 2025Q4", "GW_tdp/q",
         shipped("ai_chips_cumulative_tdp", "2025-09-30", "2025-12-31"), "chip TDP shipped in the quarter",
         "cumulative chip counts, differenced and added up over makers")
judged(block, "shipment_growth_open", "Growth of chip power shipped in 2026H1", "1/q", 0.10, 0.08, 0.13, "triangular",
       "log growth a quarter of TDP shipped after 2025Q4",
       "H100e shipped grow about 15 % a quarter (Epoch, last four quarters 2.26x a year less density); 2026Q1 rows are partial")
judged(block, "it_per_tdp", "IT power per chip TDP", "GW_it/GW_tdp", 1.7, 1.55, 1.85, "triangular",
       "server, network and storage power on top of the chip", "12.4 GW TDP against 19-25 GW AI IT power at end-2025: 1.5-2.0")
judged(block, "opening_dark_it_gw", "Chips in transit or waiting for power", "GW_it", 2.0, 1.0, 3.0, "triangular",
       "shipped but not energised at the opening", "one to three gigawatts in transit or dark (shipped against energised)")
judged(block, "delivery_growth_next", "Growth of chip deliveries in 2026H2", "1/q", 0.14, 0.10, 0.18, "triangular",
       "log growth a quarter of deliveries already on order", "set from the companies' 2026 guidance; the bridge is in docs")
judged(block, "chip_lead_q", "Lead time of chips", "q", 3.0, 2.0, 4.0, "uniform", "order to delivery",
       "allocations two to four quarters ahead")
sourced(block, "shell_lead_months", "shell_build_months", "Construction time of a shell", "month", "triangular")
sourced(block, "schedule_overrun", "schedule_overrun_mean", "Average delay over planned duration", "1", "triangular")
judged(block, "chip_cap_headroom", "Chip supply over deliveries at the opening", "1", 1.18, 1.05, 1.35, "triangular",
       "packaging and memory capacity over deliveries in 2026Q2",
       "CoWoS 80 k (2025) to 125 k (2026) wafers a month is +60 % in a year against deliveries +50-60 %")
sourced(block, "chip_cap_growth", "cowos_growth", "Growth of packaging capacity in a year", "1", "lognormal")
judged(block, "chip_cap_curve", "How growth of packaging falls when lines are not full", "1", 4.0, 2.0, 6.0, "triangular",
       "exponent of use", "lines at four fifths of capacity are not added to: 0.8 to the fourth is 0.4")
judged(block, "chip_cap_answers", "Extra growth of packaging per unit of scarcity", "1", 1.0, 0.0, 3.0, "triangular",
       "factor on growth", "60 % a year was announced in 2023-25 and shipments grew faster; memory is a second bottleneck")
judged(block, "chip_premium", "Price of chips per log of orders over comfortable supply", "1", 0.5, 0.25, 0.75, "triangular",
       "log of cost of IT per log of tightness: the supply curve, the maker's margin gives first both ways",
       "component prices put at 25 bn of one 2026 guide of 190 (0.15 in logs) while orders exceed comfortable supply by 0.2 to 0.4: 0.38 to 0.75")
judged(block, "component_sd", "Shock to component prices", "1", 0.04, 0.02, 0.06, "triangular", "standard deviation of the quarterly shock to cost of IT, logs",
       "memory is about a fifth of a server's cost and its contract price doubled in 2025-26 and halved in 2018-19 and 2022-23: 0.14 over a year")
judged(block, "component_memory", "Memory of component prices", "1", 0.85, 0.75, 0.92, "triangular", "part left after a quarter", "memory cycles last three to four years")
block.draw("component_draw", "normal", "news of component prices")
judged(block, "chip_comfort", "Use of chip capacity at which its price is the trend", "1", 0.9, 0.8, 1.0, "triangular", "orders over the ceiling of supply", "lines are planned for nine tenths")
judged(block, "chip_slack_max", "Largest slack that lowers the price of chips", "1", 0.7, 0.5, 0.9, "fixed", "log", "below half use a maker's gross margin of 0.75 has given what it can before cost")
judged(block, "opening_it_cost", "Cost of IT per gigawatt in 2026Q2", "USD_bn/GW_it", 27.5, 25.0, 30.0, "triangular",
       "servers and network per IT gigawatt delivered", "38 bn per GW (Epoch/GovAI, GB200) less facility; 42 for the newest")
judged(block, "it_cost_growth_open", "Growth of IT cost per gigawatt", "1/q", 0.075, 0.05, 0.10, "triangular",
       "log growth a quarter of IT cost per gigawatt at the opening",
       "38 to 47 bn a generation (GB200 to Vera Rubin) within a year, and component prices that companies put at 25 bn of one 2026 guide")
judged(block, "it_cost_fade", "Fade of IT cost growth", "1/q", 0.15, 0.10, 0.25, "lognormal",
       "rate at which cost growth fades", "half-life of about five quarters: one generation step and a memory cycle; the 80-100 bn remark for later generations is the upper tail")
sourced(block, "opening_facility_cost", "shell_mep_cost_per_mw", "Cost of shell, power and cooling per gigawatt", "USD_bn/GW_it",
        "triangular", default=11.2, low=9.3, high=14.0,
        reason="11.7 m per MW is US construction without land; world mix a little lower, 18 is the top of one sample")
judged(block, "facility_inflation", "Growth of facility cost", "1/q", 0.0075, 0.0, 0.015, "triangular",
       "log growth a quarter of facility cost", "three per cent a year; transformers and labour rose faster, then ease")
judged(block, "shell_growth_skew", "Growth of shells inside the opening pipeline", "1/q", 0.035, 0.01, 0.06, "triangular",
       "rate at which shells under construction grow towards the front", "campus snapshots grow 2-5 % a quarter to 2027; additions of tracked campuses 0.058 a quarter from 2026 to 2028 if dates hold")


block.span("since_count", "2025Q4", START, "from the last chip count to the opening")


@block.initial("GW_it/q", label="Chips delivered in 2026Q2")
def opening_chip_flow(shipped_tdp_2025q4, shipment_growth_open, it_per_tdp, since_count):
    """Shipments of 2025Q4 grown two quarters, in IT gigawatts."""
    return shipped_tdp_2025q4 * exp(shipment_growth_open * since_count) * it_per_tdp


@block.initial("GW_it/q", label="Chips ordered in 2026Q2")
def opening_chip_orders(opening_chip_flow, delivery_growth_next, chip_lead_open):
    """Deliveries grown over the lead: Little's law with growth."""
    return opening_chip_flow * exp(delivery_growth_next * chip_lead_open)


judged(block, "chip_lead_open", "Central lead of chips, for the opening pipeline", "q", 3.0, 3.0, 3.0, "fixed", "order to delivery", "the centre of chip_lead_q: what is on order at the opening does not move with the lead lever")
judged(block, "shell_lead_open", "Central lead of shells, for the opening pipeline", "q", 8.0, 8.0, 8.0, "fixed", "start to completion", "18 months and a third late: what is under construction at the opening does not move with the lead lever")


@block.initial("GW_it", label="Chips on order at the opening")
def opening_chip_pipeline(opening_chip_flow, delivery_growth_next, chip_lead_open, one_quarter, chip_pipeline_stages):
    """Content of the two stages of the opening chip pipeline."""
    first = opening_chip_flow * exp(delivery_growth_next * one_quarter) * chip_lead_open / chip_pipeline_stages
    return first * (1 + exp(delivery_growth_next * chip_lead_open / chip_pipeline_stages))


@block.initial("GW_facility/q", label="Power connected in 2026Q2")
def opening_power_flow(opening_chip_flow, pue):
    """Power met at the opening equals the chips energised."""
    return opening_chip_flow * pue


@block.initial("GW_it/q", label="Shells started in 2026Q2")
def opening_shell_starts(opening_chip_flow, shell_growth_skew, shell_lead_open):
    """Completions grown over the lead."""
    return opening_chip_flow * exp(shell_growth_skew * shell_lead_open)


@block.initial("USD_bn/q", label="Spending on power in 2026Q2")
def opening_power_spend(opening_power_flow, grid_flow_share, gas_flow_share, engines_flow_share, nuclear_flow_share, renewables_flow_share, grid_capex, gas_capex,
                        engines_capex, nuclear_capex, renewables_capex, grid_growth_skew, site_growth_skew, grid_lead_open, gas_lead_open, engines_lead_open,
                        nuclear_lead_open, renewables_lead_open, inquiry_part, contract_part, one_quarter):
    """Half of what is connected and half of what is begun, which the growth inside the queue makes larger, at each route's cost."""
    ahead = (1 - inquiry_part - mean(0, contract_part)) * one_quarter
    grid = grid_flow_share * grid_capex * mean(1, exp(grid_growth_skew * ahead * grid_lead_open))
    sites = (gas_flow_share * gas_capex * mean(1, exp(site_growth_skew * ahead * gas_lead_open))
             + engines_flow_share * engines_capex * mean(1, exp(site_growth_skew * ahead * engines_lead_open))
             + nuclear_flow_share * nuclear_capex * mean(1, exp(site_growth_skew * ahead * nuclear_lead_open))
             + renewables_flow_share * renewables_capex * mean(1, exp(site_growth_skew * ahead * renewables_lead_open)))
    return opening_power_flow * (grid + sites)


@block.equation("q", opening="shell_lead_open", label="Lead time of shells with overrun")
def shell_lead_q(shell_lead_months, schedule_overrun, months_per_quarter, shell_lead_open, t, shell_haste, scarcity_prev):
    """Planned months and the usual overrun, hurried when slots are scarce; the opening pipeline drains at its own lead, later starts at the sampled one."""
    sampled = shell_lead_months * (1 + schedule_overrun) / months_per_quarter * (1 - shell_haste * scarcity_prev)
    return shell_lead_open + (sampled - shell_lead_open) * (1 - exp(-t / shell_lead_open))


@block.equation("q", opening="chip_lead_open", label="Lead time of chips in force")
def chip_lead_now_q(chip_lead_q, chip_lead_open, t):
    """The opening pipeline drains at its own lead, later orders at the sampled one."""
    return chip_lead_open + (chip_lead_q - chip_lead_open) * (1 - exp(-t / chip_lead_open))


@block.equation("q", opening="shell_lead_open", label="Lead time of shells at the quarter's pace")
def shell_pace_q(shell_lead_q, construction_pace, shell_pipeline_stages, one_quarter):
    """The lead over the pace, which builders do not foresee; no stage passes on more than it holds."""
    return maximum(shell_lead_q / construction_pace, shell_pipeline_stages * one_quarter)


@block.equation("q", opening="chip_lead_open", label="Lead time of chips at the quarter's pace")
def chip_pace_q(chip_lead_now_q, delivery_pace, chip_pipeline_stages, one_quarter):
    """The lead over the pace, which buyers do not foresee; no stage passes on more than it holds."""
    return maximum(chip_lead_now_q / delivery_pace, chip_pipeline_stages * one_quarter)


@block.equation("q", opening="shell_lead_open", label="Time to completion of shells, what cannot be paid included")
def shell_delivery_q(shell_pace_q, purchase_share):
    """What cannot be paid for is taken later: the outflow of the pipeline falls at once by that share, its content stays."""
    return shell_pace_q / purchase_share


@block.equation("q", opening="chip_lead_open", label="Time to delivery of chips, what cannot be paid included")
def chip_delivery_q(chip_pace_q, purchase_share):
    """What cannot be paid for is taken later: the outflow of the pipeline falls at once by that share, its content stays."""
    return chip_pace_q / purchase_share


block.pipeline("shell_pipeline", inflow="shell_starts", lead="shell_delivery_q", unit="GW_it", flow_unit="GW_it/q", stages=4,
               meaning="shells under construction",
               opening=lambda shell_pipeline_stages, opening_chip_flow, shell_lead_open, shell_growth_skew, position: (
        opening_chip_flow * shell_lead_open / shell_pipeline_stages * exp(shell_growth_skew * shell_lead_open * (shell_pipeline_stages - position) / shell_pipeline_stages)))
block.pipeline("chip_pipeline", inflow="chip_orders", lead="chip_delivery_q", unit="GW_it", flow_unit="GW_it/q", stages=2,
               meaning="chips on order",
               opening=lambda chip_pipeline_stages, chip_lead_open, opening_chip_flow, delivery_growth_next, position, one_quarter: (
        opening_chip_flow * exp(delivery_growth_next * one_quarter) * chip_lead_open / chip_pipeline_stages * exp(delivery_growth_next * chip_lead_open * (1 - position) / chip_pipeline_stages)))


@block.equation("GW_it/q", opening=lambda opening_chip_flow, chip_cap_headroom: opening_chip_flow * chip_cap_headroom, label="Ceiling of chip supply")
def chip_supply_cap(chip_supply_cap_prev, chip_cap_growth, one_year, one_quarter, chip_pipeline_due, chip_orders_prev, chip_cap_curve, chip_cap_answers, scarcity_prev):
    """Packaging and memory capacity grows as it is used, faster when orders are refused: nobody adds to lines that stand idle."""
    used = power(within(maximum(chip_orders_prev, chip_pipeline_due) / chip_supply_cap_prev, 0, 1), chip_cap_curve)
    return chip_supply_cap_prev * exp(log(1 + chip_cap_growth) / one_year * used * (1 + chip_cap_answers * scarcity_prev) * one_quarter)


@block.equation("1/q", opening="it_cost_growth_open")
def it_cost_growth(it_cost_growth_prev, it_cost_fade, one_quarter):
    """Growth of IT cost per gigawatt, fading."""
    return it_cost_growth_prev * exp(-it_cost_fade * one_quarter)


@block.equation("USD_bn/GW_it", opening="opening_it_cost", label="Cost of IT per gigawatt, trend")
def it_cost_trend(it_cost_trend_prev, it_cost_growth, one_quarter):
    """Servers and network of the generation delivered now, at comfortable supply."""
    return it_cost_trend_prev * exp(it_cost_growth * one_quarter)


@block.equation("1", opening=zero("1"), label="Tightness of chip supply, log", report=True)
def chip_tightness(chip_tightness_prev, scarcity_memory, chip_orders_plan, least_order, chip_supply_cap_prev, chip_comfort, chip_slack_max, scarcity_max):
    """Orders wished over comfortable supply as it is today (lines that will come later make no chips now), smoothed; bounded below where the margin is gone and above where buyers stop asking."""
    now = log((chip_orders_plan + least_order) / (chip_supply_cap_prev * chip_comfort))
    return chip_tightness_prev + scarcity_memory * (within(now, -chip_slack_max, scarcity_max) - chip_tightness_prev)


@block.equation("1", opening=zero("1"), label="Cycle of component prices, log")
def component_shock(component_shock_prev, component_memory, component_sd, component_draw):
    """AR(1): memory and other parts have cycles that AI does not set alone."""
    return component_memory * component_shock_prev + component_sd * component_draw


@block.equation("USD_bn/GW_it", opening="opening_it_cost", label="Cost of IT per gigawatt", report=True)
def it_cost(it_cost_trend, chip_premium, chip_tightness, component_shock):
    """The trend times the premium of scarcity, or the discount of slack: price answers orders over capacity; components have a cycle of their own."""
    return it_cost_trend * exp(chip_premium * chip_tightness + component_shock)


@block.equation("USD_bn/GW_it", opening="opening_facility_cost", label="Cost of facility per gigawatt")
def facility_cost(facility_cost_prev, facility_inflation, one_quarter):
    """Shell, electrical and cooling plant per IT gigawatt."""
    return facility_cost_prev * exp(facility_inflation * one_quarter)


@block.equation("GW_it", opening=lambda opening_fleet_it_gw, opening_shell_slack: opening_fleet_it_gw + opening_shell_slack, label="Shell capacity")
def shell_capacity_it_gw(shell_capacity_it_gw_prev, shell_pipeline_due, estate_net_it_gw, one_quarter):
    """Finished shells, general halls drawn into AI, less empty ones given back to ordinary cloud."""
    return shell_capacity_it_gw_prev + (shell_pipeline_due + estate_net_it_gw) * one_quarter


judged(block, "opening_shell_slack", "Finished shells without chips", "GW_it", 0.6, 0.2, 1.2, "triangular",
       "free shell capacity at the opening", "vacancy in primary markets is 1.6-1.9 %")
judged(block, "opening_power_slack", "Connected power without chips", "GW_it", 0.4, 0.1, 0.9, "triangular",
       "free connected power at the opening", "power is the scarcest input: less than two per cent of the fleet")


@block.initial("GW_facility", label="Connected facility power at the opening")
def opening_connected_gw(opening_fleet_it_gw, opening_power_slack, pue):
    """The energised fleet and a small slack, at the facility's meter."""
    return (opening_fleet_it_gw + opening_power_slack) * pue


@block.equation("GW_it/q", label="Chips at hand")
def chips_at_hand(dark_it_gw_prev, chip_pipeline_due, one_quarter):
    """Dark stock and deliveries (dark chips lose value, not gigawatts: see block 11)."""
    return dark_it_gw_prev / one_quarter + chip_pipeline_due


@block.equation("GW_it/q", label="Free shells")
def free_shells(shell_capacity_it_gw, fleet_it_gw_prev, retired_it_gw, one_quarter):
    """Finished shells not in use, and those that retirement frees."""
    return positive(shell_capacity_it_gw - fleet_it_gw_prev) / one_quarter + retired_it_gw


@block.equation("GW_it/q", label="Free power")
def free_power(connected_facility_gw, pue, fleet_it_gw_prev, retired_it_gw, one_quarter):
    """Connected power not in use, and that which retirement frees."""
    return positive(connected_facility_gw / pue - fleet_it_gw_prev) / one_quarter + retired_it_gw


@block.equation("GW_it/q", opening="opening_chip_flow", label="Additions energised", report=True)
def energised_it_gw(chips_at_hand, free_shells, free_power):
    """The least of chips, shells and power."""
    return minimum(chips_at_hand, minimum(free_shells, free_power))


@block.equation("GW_it", opening="opening_dark_it_gw", label="Dark stock", report=True)
def dark_it_gw(chips_at_hand, energised_it_gw, one_quarter):
    """Chips paid for and not energised."""
    return (chips_at_hand - energised_it_gw) * one_quarter


@block.equation("1", label="Power binds", report=True)
def binds_power(free_power, free_shells, chips_at_hand):
    """One when power is the least of the three."""
    return where((free_power <= free_shells) & (free_power < chips_at_hand), 1, 0)


@block.equation("1", label="Shells bind", report=True)
def binds_shells(free_power, free_shells, chips_at_hand):
    """One when shells are the least of the three."""
    return where((free_shells < free_power) & (free_shells < chips_at_hand), 1, 0)


@block.equation("1", label="Slots that buyers foresaw bind", report=True)
def binds_slots(binds_power, binds_shells, orders_bind_slots):
    """One when chips at hand are the least of the three and orders are set by slots: no chips are bought for halls that will not be there."""
    return (1 - binds_power - binds_shells) * orders_bind_slots


@block.equation("1", label="Chip supply binds", report=True)
def binds_chips(binds_power, binds_shells, orders_bind_supply):
    """One when chips at hand are the least of the three and orders are set by the ceiling of supply."""
    return (1 - binds_power - binds_shells) * orders_bind_supply


@block.equation("1", label="Demand binds", report=True)
def binds_demand(binds_power, binds_shells, orders_bind_plan):
    """One when chips at hand are the least of the three and orders are set by plans: builders did not want more, or could not fund it."""
    return (1 - binds_power - binds_shells) * orders_bind_plan


@block.equation("USD_bn/q", opening=lambda opening_chip_flow, opening_it_cost: opening_chip_flow * opening_it_cost, label="Capex: chips, servers, network", report=True)
def chip_spend_usd_bn(chip_pipeline_due, it_cost):
    """Chips are paid on delivery."""
    return chip_pipeline_due * it_cost


@block.equation("USD_bn/q", opening=lambda opening_facility_cost, shell_pipeline_total, shell_lead_open: (
        shell_pipeline_total / shell_lead_open * opening_facility_cost),
                label="Capex: shells, electrical and cooling plant", report=True)
def shell_spend_usd_bn(shell_pipeline_total_prev, shell_delivery_q, facility_cost):
    """Shells are paid evenly over the time they take."""
    return shell_pipeline_total_prev / shell_delivery_q * facility_cost


# what falls due, before asking who can pay

@block.equation("USD_bn/q", label="Chips falling due")
def planned_chips_usd_bn(chip_pipeline__stage_2_prev, chip_pipeline_stages, chip_pace_q, it_cost):
    """The last stage of the pipeline at its lead."""
    return chip_pipeline__stage_2_prev * chip_pipeline_stages / chip_pace_q * it_cost


@block.equation("USD_bn/q", label="Shells falling due")
def planned_shells_usd_bn(shell_pipeline_total_prev, shell_pace_q, facility_cost):
    """Paid evenly over their lead."""
    return shell_pipeline_total_prev / shell_pace_q * facility_cost


@block.equation("USD_bn/q", label="AI capex falling due")
def planned_ai_capex_usd_bn(planned_chips_usd_bn, planned_shells_usd_bn, power_spend_usd_bn):
    """Chips, shells and power, whoever pays."""
    return planned_chips_usd_bn + planned_shells_usd_bn + power_spend_usd_bn


@block.equation("USD_bn/q", opening=lambda power_spend_usd_bn, chip_spend_usd_bn, shell_spend_usd_bn: chip_spend_usd_bn + shell_spend_usd_bn + power_spend_usd_bn,
                past=lambda world_ai_capex_usd_bn, capex_growth_past, ago: world_ai_capex_usd_bn * (1 - capex_growth_past * ago),
                label="World AI capex",
                report=True)
def world_ai_capex_usd_bn(chip_spend_usd_bn, shell_spend_usd_bn, power_spend_usd_bn):
    """All AI capital spending, whoever pays."""
    return chip_spend_usd_bn + shell_spend_usd_bn + power_spend_usd_bn


judged(block, "slot_memory", "Weight of the newest quarter in the scarcity of slots", "1", 0.5, 0.3, 0.8, "fixed", "share", "operators look back over about two quarters when they decide what to replace")


@block.equation("1", opening=zero("1"), label="Scarcity of power or shells, smoothed")
def slot_scarcity(slot_scarcity_prev, binds_power, binds_shells, slot_memory):
    """Share of recent quarters in which a slot, not a chip, was short."""
    return slot_scarcity_prev + slot_memory * (binds_power + binds_shells - slot_scarcity_prev)

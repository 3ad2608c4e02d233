"""Placing: the three order books serve the plan until slots, supply, power or money refuse; each says which rule set it.

chips: orders move towards min(plan, slots), under the cap of supply; what is refused is carried as a backlog of orders that decays. The gap
between wished and placed is the scarcity that prices and hastens: chips carry a premium (the maker's margin gives first), halls are
hurried, and general-purpose halls are drawn into AI while there are any.
"""

from __future__ import annotations

from supercycle.equations.functions import log, minimum, positive, power, where, within
from supercycle.world.frame import Block, judged, zero

__all__ = ["block"]

block = Block("placing", "Placing orders", "Order books of chips, shells and power: what is placed, and which rule set it.", mechanism="judged: an order is the least of what is wanted, what has a place and what can be made; refused orders press on prices and are given up in time")

judged(block, "power_fill_q", "Quarters over which a power gap is requested", "q", 8.0, 5.0, 12.0, "uniform",
       "speed of closing the gap between wanted and contracted power", "requests are filed and signed over one to three years")
judged(block, "shell_fill_q", "Quarters over which a shell gap is started", "q", 5.0, 3.5, 7.0, "uniform",
       "speed of closing the gap of shells", "campus phases are released two to five quarters apart")
judged(block, "chip_fill_q", "Quarters over which a slot gap is ordered", "q", 4.0, 2.0, 6.0, "uniform",
       "speed at which free slots are filled with orders", "allocations are set a year ahead")
judged(block, "order_adjustment", "Share of the gap to the wanted order flow closed in a quarter", "1", 0.6, 0.45, 0.75, "triangular",
       "speed at which the flow of orders moves", "adjustment costs (S'' 2.5-5.8 in aggregate models) and contracts: the five doubled "
       "quarterly capex within a year, which takes the fast end")
judged(block, "slot_slack_q", "Chips bought ahead of their hall", "q", 1.3, 0.3, 2.3, "triangular", "quarters of halls falling due that are ordered for besides those within the lead",
       "one to three gigawatts of chips stand in transit or dark against four a quarter")
judged(block, "refusal_life_q", "Life of a refused order", "q", 4.0, 2.0, 6.0, "triangular", "quarters until what was refused is placed elsewhere or given up", "allocations are yearly")
judged(block, "scarcity_memory", "Speed at which scarcity is seen", "1", 0.33, 0.2, 0.5, "triangular", "weight of the newest quarter", "two to four quarters of negotiation")
judged(block, "scarcity_max", "Largest scarcity that counts", "1", 0.7, 0.5, 0.9, "fixed", "log of wished over placed", "twofold: beyond it buyers do not ask")
judged(block, "shell_haste", "Construction time that money can save", "1", 0.2, 0.1, 0.3, "triangular", "part of the lead per unit of scarcity",
       "xAI built in four months what takes eighteen; most sites cannot: a fifth at the most")
judged(block, "books_scale", "How far shells and power follow the plan over the wish", "1", 0.3, 0.0, 0.6, "triangular", "exponent", "one gives a hump of shells in a prototype; boards let land run ahead only in part")
judged(block, "estate_it_gw_open", "General-purpose halls that AI can draw", "GW_it", 3.0, 1.0, 6.0, "triangular", "at the opening; nearly all of the cloud's halls in 2022, little in 2026",
       "clouds run 25-30 GW IT of ordinary servers; vacancy is under two per cent and refits of halls with low density are few")
judged(block, "estate_draw", "Speed at which general halls are drawn into AI", "1/q", 0.12, 0.06, 0.2, "triangular", "part of what is left that a quarter of full scarcity takes", "a hall is emptied and refitted in one to two years")
judged(block, "estate_draw_at", "Scarcity at which drawing is full", "1", 0.2, 0.1, 0.3, "fixed", "log", "a fifth more orders than slots is a shortage everybody acts on")
judged(block, "refusal_carry", "Decay of refused orders over the pace at which they are placed", "1", 1.25, 1.0, 1.5, "fixed", "ratio", "what is carried decays a quarter faster than it is placed: some is given up")


@block.equation("GW_it/q", opening="opening_chip_orders", label="Chip orders that plans ask for", report=True)
def chip_orders_plan(plan_usd_bn, shell_spend_usd_bn_prev, power_spend_usd_bn_prev, it_cost_at_delivery, refused_gw_prev, refusal_life_q):
    """What the plan leaves after construction, at the price at delivery, and part of what was refused before."""
    return positive(plan_usd_bn - shell_spend_usd_bn_prev - power_spend_usd_bn_prev) / it_cost_at_delivery + refused_gw_prev / refusal_life_q


@block.equation("GW_it/q", label="Chip orders that supply can deliver", report=True)
def chip_orders_cap(chip_supply_cap, chip_supply_cap_prev, chip_lead_now_q, one_quarter):
    """The ceiling of supply at delivery: today's grown over the lead at the pace at which it grows now."""
    return chip_supply_cap * power(chip_supply_cap / chip_supply_cap_prev, chip_lead_now_q / one_quarter)


@block.equation("GW_it/q", label="Chip orders that slots allow", report=True)
def chip_orders_slots(shell_pipeline_due, power_routes_due, pue, retired_it_gw_prev, shell_capacity_it_gw_prev, connected_facility_gw_prev, power_backlog_gw_prev,
                      fleet_it_gw_prev, dark_it_gw_prev, chip_pipeline_total_prev, chip_lead_now_q, chip_fill_q, slot_slack_q, estate_drawn_it_gw, halls_open_prev):
    """Slots falling due (scheduled dates, slippage not foreseen) plus the free slots and some bought ahead, filled over several quarters."""
    due = minimum(shell_pipeline_due, power_routes_due / pue) + retired_it_gw_prev + estate_drawn_it_gw
    slots = minimum(shell_capacity_it_gw_prev, (connected_facility_gw_prev + power_backlog_gw_prev) / pue)
    free = slots + due * (chip_lead_now_q + slot_slack_q) - fleet_it_gw_prev - dark_it_gw_prev - chip_pipeline_total_prev
    return positive(due + free / chip_fill_q) * halls_open_prev


@block.equation("GW_it/q", opening="opening_chip_orders", label="Chips ordered", report=True)
def chip_orders(chip_orders_plan, chip_orders_slots, chip_orders_cap, funded_share_prev, chip_orders_prev, order_adjustment):
    """Moves towards the smaller of plans and slots, times the share that last quarter's funding could carry; supply caps it."""
    wanted = minimum(chip_orders_plan, chip_orders_slots) * funded_share_prev
    return minimum(chip_orders_prev + order_adjustment * (wanted - chip_orders_prev), chip_orders_cap)


@block.equation("1", label="Chip supply set the orders", report=True)
def orders_bind_supply(chip_orders_plan, chip_orders_slots, chip_orders_cap, funded_share_prev, chip_orders_prev, order_adjustment):
    """One when the cap is the argmin of the rule of orders."""
    return where(chip_orders_cap < chip_orders_prev + order_adjustment * (minimum(chip_orders_plan, chip_orders_slots) * funded_share_prev - chip_orders_prev), 1, 0)


@block.equation("1", label="Slots set the orders", report=True)
def orders_bind_slots(chip_orders_plan, chip_orders_slots, orders_bind_supply):
    """One when slots are below plans and supply is not the limit."""
    return where(chip_orders_slots < chip_orders_plan, 1 - orders_bind_supply, 0)


@block.equation("1", label="Plans set the orders", report=True)
def orders_bind_plan(orders_bind_supply, orders_bind_slots):
    """One when neither slots nor supply do."""
    return 1 - orders_bind_supply - orders_bind_slots


@block.equation("GW_it", opening=zero("GW_it"), label="Orders refused and not given up")
def refused_gw(refused_gw_prev, refusal_life_q, refusal_carry, chip_orders_plan, chip_orders, one_quarter):
    """What was wished and not placed; it is placed or given up over its life."""
    return refused_gw_prev * (1 - refusal_carry * one_quarter / refusal_life_q) + positive(chip_orders_plan - chip_orders) * one_quarter




@block.equation("1", opening=zero("1"), label="Scarcity: orders wished over placed", report=True)
def scarcity(scarcity_prev, scarcity_memory, chip_orders_plan, chip_orders, scarcity_max, least_order):
    """Log of wished over placed, smoothed; between none and a doubling, beyond which buyers do not ask."""
    return scarcity_prev + scarcity_memory * (within(log((chip_orders_plan + least_order) / (chip_orders + least_order)), 0, scarcity_max) - scarcity_prev)


judged(block, "least_order", "An order flow too small to count", "GW_it/q", 0.05, 0.01, 0.1, "fixed", "floor", "a floor, so that a log can be taken of none")


@block.equation("GW_it/q", label="General halls drawn into AI")
def estate_drawn_it_gw(estate_it_gw_prev, estate_draw, scarcity_prev, estate_draw_at):
    """A part of what is left, all of it when scarcity is full."""
    return estate_it_gw_prev * estate_draw * within(scarcity_prev / estate_draw_at, 0, 1)


judged(block, "repurpose_rate", "Speed at which empty AI halls turn to ordinary cloud", "1/q", 0.1, 0.05, 0.2, "triangular", "part of the empty halls with power that a quarter without scarcity takes",
       "the way back of estate_draw: cabling and cooling are changed in one to two years, most owners wait first")
judged(block, "ordinary_need_it_gw", "Ordinary cloud's need of new halls", "GW_it/q", 0.5, 0.25, 0.8, "triangular", "most that can be taken in a quarter",
       "clouds run 25-30 GW IT of ordinary servers that grow by six to ten per cent a year")
judged(block, "repurpose_value", "Use of an AI hall for ordinary servers over a new one", "1", 0.6, 0.4, 0.8, "triangular", "share of a facility's cost that is saved",
       "liquid cooling and dense power are of no use to ordinary racks: shell and grid connection are half to two thirds of the cost")
judged(block, "repurpose_saving_max", "Most of ordinary capex that halls can replace", "1", 0.4, 0.3, 0.5, "fixed", "share of capex that is not AI", "the rest is servers, logistics, offices")


@block.equation("GW_it", label="Empty AI halls with power")
def halls_empty_it_gw(shell_capacity_it_gw_prev, connected_facility_gw_prev, pue, fleet_it_gw_prev, dark_it_gw_prev, chip_pipeline_total_prev):
    """Halls and wires for which no chip runs, waits or is on order."""
    return positive(minimum(shell_capacity_it_gw_prev, connected_facility_gw_prev / pue) - fleet_it_gw_prev - dark_it_gw_prev - chip_pipeline_total_prev)


@block.equation("GW_it/q", opening=zero("GW_it/q"), label="AI halls turned to ordinary cloud", report=True)
def halls_repurposed_it_gw(halls_empty_it_gw, repurpose_rate, scarcity_prev, estate_draw_at, ordinary_need_it_gw):
    """A part of what stands empty, none while slots are scarce, at most what ordinary cloud needs."""
    return minimum(halls_empty_it_gw * repurpose_rate * (1 - within(scarcity_prev / estate_draw_at, 0, 1)), ordinary_need_it_gw)


@block.equation("GW_it/q", label="General halls drawn into AI, less AI halls given back")
def estate_net_it_gw(estate_drawn_it_gw, halls_repurposed_it_gw):
    """What AI's halls and connections gain from the general ones."""
    return estate_drawn_it_gw - halls_repurposed_it_gw


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Ordinary halls the five need not build", report=True)
def halls_saved_usd_bn(halls_repurposed_it_gw, facility_cost, repurpose_value, hyperscaler_share):
    """The five's part at the cost of a new hall; what other owners earn with theirs is not modelled."""
    return halls_repurposed_it_gw * facility_cost * repurpose_value * hyperscaler_share


@block.equation("GW_it", opening="estate_it_gw_open", label="General halls left that AI can draw", report=True)
def estate_it_gw(estate_it_gw_prev, estate_net_it_gw, one_quarter):
    """A finite stock; halls that AI gave back can be drawn again."""
    return estate_it_gw_prev - estate_net_it_gw * one_quarter


# shells and power

@block.equation("1", label="Plan over wish, as far as land and power follow it")
def plan_lead(plan_usd_bn, plan_wish_usd_bn, books_scale, plan_ratio_max, race_effort_usd_bn, race_new_capacity, world_ai_capex_usd_bn_prev):
    """The ratio to a power below one, within a factor both ways: land does not follow a plan that nobody could serve; the race's part of the wish is on top."""
    race = 1 + race_effort_usd_bn * race_new_capacity / world_ai_capex_usd_bn_prev
    return power(within(plan_usd_bn / plan_wish_usd_bn, 1 / plan_ratio_max, plan_ratio_max), books_scale) * race


judged(block, "plan_ratio_max", "Largest ratio of plan to wish that land and power follow", "1", 2.5, 1.5, 4.0, "fixed", "ratio", "utilities ask for deposits: requests beyond a few times the need are not accepted")


@block.equation("GW_it/q", label="Shells that plans ask for")
def shell_starts_plan(shell_wanted_it_gw, shell_ahead_it_gw, shell_capacity_it_gw_prev, shell_pipeline_total_prev, shell_fill_q, plan_lead, one_quarter):
    """Growth at the horizon, and the gap over the fill time."""
    have = shell_capacity_it_gw_prev + shell_pipeline_total_prev
    return positive(shell_ahead_it_gw + (shell_wanted_it_gw - have - shell_ahead_it_gw * one_quarter) / shell_fill_q) * plan_lead


@block.equation("GW_it/q", label="Shells that power allows")
def shell_starts_power(power_committed_gw_prev, pue, shell_capacity_it_gw_prev, shell_pipeline_total_prev, shell_fill_q):
    """Power connected or under contract that no shell stands or rises for, over the fill time."""
    return positive(power_committed_gw_prev / pue - shell_capacity_it_gw_prev - shell_pipeline_total_prev) / shell_fill_q


@block.equation("GW_it/q", opening="opening_shell_starts", label="Shells started", report=True)
def shell_starts(shell_starts_plan, shell_starts_power, funded_share_prev, shell_starts_prev, order_adjustment):
    """Moves towards the smaller of what plans ask for and what power allows, as far as funded; shells have no use without power."""
    return shell_starts_prev + order_adjustment * (minimum(shell_starts_plan, shell_starts_power) * funded_share_prev - shell_starts_prev)


@block.equation("1", label="Power sets the shells started", report=True)
def starts_bind_power(shell_starts_plan, shell_starts_power):
    """One when power under contract is the argmin of the rule of shells."""
    return where(shell_starts_power < shell_starts_plan, 1, 0)


@block.equation("GW_facility/q", opening="opening_power_flow", label="Power wanted under contract in the quarter")
def power_firm_wanted(power_wanted_it_gw, power_ahead_it_gw, pue, connected_facility_gw_prev, power_backlog_gw_prev, power_in_time_gw_prev, power_fill_q, funded_share_prev, plan_lead, one_quarter):
    """Growth at the horizon, and the gap over the fill time between wanted power and what is connected, late or expected within the horizon."""
    ahead = power_ahead_it_gw * pue
    have = connected_facility_gw_prev + power_backlog_gw_prev + power_in_time_gw_prev
    return positive(ahead + (power_wanted_it_gw * pue - have - ahead * one_quarter) / power_fill_q) * plan_lead * funded_share_prev


@block.equation("GW_facility/q", opening=lambda opening_power_flow, signed_share, built_share: opening_power_flow / (signed_share * built_share), label="Power inquiries", report=True)
def power_requests(power_firm_wanted, signed_share, built_share, power_requests_prev, order_adjustment, requests_open):
    """Moves towards what is wanted under contract over the part of inquiries that is ever built: planners know the attrition and file more; a moratorium closes the desk."""
    return power_requests_prev + order_adjustment * (power_firm_wanted / (signed_share * built_share) * requests_open - power_requests_prev)

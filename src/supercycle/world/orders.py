"""Orders: three books (power, shells, chips), each at its own horizon, under a return condition.

Desired compute is the stock at which the expected rental price equals the user cost of the generation bought:
p* = [c_IT (r + d_IT) + c_shell (r + d_shell) + opex] / (H100e per GW x hours x availability x target utilisation),
H*(L) = exp(G(L)) sum_k D_k (p*(L) / p_k)^(e_k) / (u* a), G(L) = g (1 - exp(-fade L)) / fade, where captive use pays the new contract
price and the rest the book: each class is moved from the price it pays now. The race lowers r. What last quarter
could not fund is not ordered.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, minimum, positive, power, within
from supercycle.world.frame import Block, judged

__all__ = ["block"]

block = Block("orders", "Orders", "Desired capacity by user cost, filled through three order books.", mechanism="judged: capacity is ordered where expected rent equals user cost (Jorgenson 1963, American Economic Review 53), in books by lead time; how builders split them is not observed")

judged(block, "target_utilisation", "Utilisation planned for", "1", 0.75, 0.70, 0.80, "triangular",
       "share of available compute a planner wants in use", "fleets run 0.70-0.85; a debt-financed fleet breaks even near 0.70")
judged(block, "availability", "Share of the fleet that is available", "1", 0.92, 0.88, 0.95, "triangular",
       "energised compute less failures, repair and set-up", "Llama 3 training: 0.90+ effective time; clouds sell 0.90-0.95")
judged(block, "it_economic_depreciation", "Economic depreciation of chips", "1/year", 0.17, 0.13, 0.28, "lognormal",
       "yearly charge beyond interest that recovers a chip, expected price decline included",
       "capital recovery less 10 %: 0.164 at five years, 0.30 at three (Epoch TCO uses five)")
judged(block, "facility_depreciation", "Economic depreciation of shell and power", "1/year", 0.036, 0.03, 0.05, "triangular",
       "yearly charge beyond interest that recovers the facility", "capital recovery less 10 % at fourteen years is 0.036")
judged(block, "price_ratio_bound", "Bound on the price response of a plan", "1", 3.0, 2.0, 4.0, "fixed",
       "planners do not extrapolate demand beyond a threefold price change", "the observed range of rental prices is 2.5x")
judged(block, "power_horizon_q", "Planning horizon of power requests", "q", 16.0, 10.0, 20.0, "uniform",
       "quarters ahead for which power is requested", "two to five years by route (leases and turbine slots)")
judged(block, "power_fill_q", "Quarters over which a power gap is requested", "q", 8.0, 5.0, 12.0, "uniform",
       "speed of closing the gap between wanted and contracted power", "requests are filed and signed over one to three years")
judged(block, "shell_fill_q", "Quarters over which a shell gap is started", "q", 5.0, 3.5, 7.0, "uniform",
       "speed of closing the gap of shells", "campus phases are released two to five quarters apart")
judged(block, "chip_fill_q", "Quarters over which a slot gap is ordered", "q", 4.0, 2.0, 6.0, "uniform",
       "speed at which free slots are filled with orders", "allocations are set a year ahead")
judged(block, "chip_gap_q", "Quarters over which a chip gap is ordered", "q", 3.0, 2.5, 4.0, "triangular",
       "speed at which missing compute is ordered", "allocations are set a year ahead; with the adjustment of flows below, faster rings")
judged(block, "order_adjustment", "Share of the gap to the wanted order flow closed in a quarter", "1", 0.6, 0.45, 0.75, "triangular",
       "speed at which the flow of orders moves", "adjustment costs (S'' 2.5-5.8 in aggregate models) and contracts: the five doubled "
       "quarterly capex within a year, which takes the fast end")
judged(block, "fleet_renewal_q", "Planned renewal of the fleet", "q", 20.0, 14.0, 26.0, "uniform",
       "life planners assume when they look ahead", "books of 5-6 years, frontier view 3-4")


@block.equation("USD_bn/GW_it/year", label="User cost of the chips and facility bought now")
def user_cost(it_cost, facility_cost, hurdle_rate_prev, race_hurdle_cut, it_economic_depreciation, facility_depreciation,
              opex_per_gw):
    """Yearly cost of a gigawatt: chips and facility at the hurdle net of the race, plus depreciation and operations."""
    r = hurdle_rate_prev - race_hurdle_cut
    return it_cost * (r + it_economic_depreciation) + facility_cost * (r + facility_depreciation) + opex_per_gw


@block.equation("USD/H100e/h", opening="opening_breakeven_price", label="Break-even rental price of new chips", report=True)
def breakeven_price(user_cost, density, availability, target_utilisation, hours_per_year, usd_m_per_usd_bn):
    """p*: the rental price at which the generation bought now earns the hurdle."""
    return user_cost * usd_m_per_usd_bn / (density * hours_per_year * availability * target_utilisation)


@block.initial("USD/H100e/h", label="Break-even price at the opening")
def opening_breakeven_price(opening_it_cost, opening_facility_cost, opening_opex_per_gw, hurdle_base, it_economic_depreciation,
                            facility_depreciation, opening_density, availability, target_utilisation, hours_per_year,
                            usd_m_per_usd_bn):
    """p* from opening costs and density, before the race."""
    cost = (opening_it_cost * (hurdle_base + it_economic_depreciation)
            + opening_facility_cost * (hurdle_base + facility_depreciation) + opening_opex_per_gw)
    return cost * usd_m_per_usd_bn / (opening_density * hours_per_year * availability * target_utilisation)


def _book(name: str, horizon: str, label: str) -> None:
    """Desired IT gigawatts at a horizon: the same three equations for each order book."""
    from supercycle.equations.spec import from_text

    def declare(suffix: str, unit: str, expression: str, meaning: str, opening: str | None = None) -> None:
        made = from_text(f"{name}_{suffix}", expression)
        made.__doc__ = meaning
        block.equation(unit, opening=opening, label=meaning)(made)

    declare("density", "MH100e/GW_it", f"density * exp(density_growth * (1 - exp(-density_fade * {horizon})) / density_fade)",
            f"Expected H100e per GW at the horizon of {label}")
    declare("breakeven", "USD/H100e/h", f"breakeven_price * density / {name}_density"
            f" * exp(it_cost_growth * (1 - exp(-it_cost_fade * {horizon})) / it_cost_fade)",
            f"Expected break-even price at the horizon of {label}")
    declare("wanted_mh100e", "MH100e",
            f"exp(expected_growth * (1 - exp(-expectation_fade * {horizon})) / expectation_fade) / (availability * target_utilisation)"
            f" * (captive_mh100e_prev * power(within({name}_breakeven / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound),"
            f" captive_elasticity) + (inference_mh100e_prev + training_mh100e_prev)"
            f" * power(within({name}_breakeven / book_price_prev, 1 / price_ratio_bound, price_ratio_bound), demand_elasticity_prev))",
            f"Desired compute at the horizon of {label}")
    declare("wanted_it_gw", "GW_it",
            f"positive(fleet_it_gw_prev * exp(-{horizon} / fleet_renewal_q)"
            f" + ({name}_wanted_mh100e - fleet_mh100e_prev * exp(-{horizon} / fleet_renewal_q)) / {name}_density)",
            f"Desired IT gigawatts at the horizon of {label}")


_book("power", "power_horizon_q", "power requests")
_book("shell", "shell_horizon_q", "shell starts")
_book("chip", "chip_horizon_q", "chip orders")


@block.equation("q", label="Horizon of chip orders")
def chip_horizon_q(chip_lead_now_q, one_quarter):
    """Lead time plus the quarter in which the order is placed."""
    return chip_lead_now_q + one_quarter


@block.equation("q", label="Horizon of shell starts")
def shell_horizon_q(shell_lead_q, one_quarter):
    """Lead time plus the quarter in which the shell is started."""
    return shell_lead_q + one_quarter


@block.equation("GW_facility/q", opening="opening_power_flow", label="Power requested", report=True)
def power_requests(power_wanted_it_gw, pue, power_committed_gw_prev, power_fill_q, funded_share_prev, power_requests_prev, order_adjustment, requests_open):
    """Moves towards the gap between wanted and committed power over the fill time; nothing is wanted when power is ample."""
    wanted = positive(power_wanted_it_gw * pue - power_committed_gw_prev) / power_fill_q * funded_share_prev * requests_open
    return power_requests_prev + order_adjustment * (wanted - power_requests_prev)


@block.equation("GW_it/q", opening="opening_shell_starts", label="Shells started", report=True)
def shell_starts(shell_wanted_it_gw, shell_capacity_it_gw_prev, shell_pipeline_total_prev, shell_fill_q, funded_share_prev,
                 power_committed_gw_prev, pue, shell_starts_prev, order_adjustment):
    """Moves towards the smaller of the demand gap and the power gap over the fill time; shells have no use without power."""
    have = shell_capacity_it_gw_prev + shell_pipeline_total_prev
    demand_gap = positive(shell_wanted_it_gw - have)
    power_gap = positive(power_committed_gw_prev / pue - have)
    wanted = minimum(demand_gap, power_gap) / shell_fill_q * funded_share_prev
    return shell_starts_prev + order_adjustment * (wanted - shell_starts_prev)


@block.equation("GW_it/q", label="Chip orders that demand asks for")
def chip_orders_demand(chip_wanted_it_gw, fleet_it_gw_prev, chip_pipeline_total_prev, dark_it_gw_prev, retired_it_gw_prev,
                       chip_lead_now_q, chip_gap_q):
    """Replacement of what retires, and what will be missing at delivery, ordered over a few quarters: the stock rule that counts
    what is on order and what leaves before it arrives.
    """
    have = fleet_it_gw_prev + chip_pipeline_total_prev + dark_it_gw_prev - retired_it_gw_prev * chip_lead_now_q
    return positive(retired_it_gw_prev + (chip_wanted_it_gw - have) / chip_gap_q)


@block.equation("GW_it/q", label="Chip orders that slots allow")
def chip_orders_slots(shell_pipeline_due, power_routes_due, pue, retired_it_gw_prev, shell_capacity_it_gw_prev,
                      connected_facility_gw_prev, power_backlog_gw_prev, fleet_it_gw_prev, dark_it_gw_prev,
                      chip_pipeline_total_prev, chip_lead_now_q, chip_fill_q):
    """Slots falling due (scheduled dates, slippage not foreseen) plus the free slots, filled over several quarters."""
    due = minimum(shell_pipeline_due, power_routes_due / pue) + retired_it_gw_prev
    slots = minimum(shell_capacity_it_gw_prev, (connected_facility_gw_prev + power_backlog_gw_prev) / pue)
    free = slots + due * chip_lead_now_q - fleet_it_gw_prev - dark_it_gw_prev - chip_pipeline_total_prev
    return positive(due + free / chip_fill_q)


@block.equation("GW_it/q", opening="opening_chip_orders", label="Chips ordered", report=True)
def chip_orders(chip_orders_demand, chip_orders_slots, chip_supply_cap, funded_share_prev, chip_orders_prev, order_adjustment):
    """Moves towards the smaller of demand and slots, times the share that last quarter's funding could carry; supply caps it."""
    wanted = minimum(chip_orders_demand, chip_orders_slots) * funded_share_prev
    return minimum(chip_orders_prev + order_adjustment * (wanted - chip_orders_prev), chip_supply_cap)


@block.equation("GW_it", label="Over-investment by the race", report=True)
def race_overinvestment_it_gw(chip_wanted_it_gw, chip_wanted_mh100e, chip_density, user_cost, race_hurdle_cut, it_cost,
                              facility_cost, demand_elasticity_prev):
    """Desired gigawatts with the race less those without it, expectations held."""
    without = user_cost + race_hurdle_cut * (it_cost + facility_cost)
    return chip_wanted_mh100e * (1 - power(without / user_cost, demand_elasticity_prev)) / chip_density


@block.initial("1", label="Growth over the chip lead that the opening orders imply")
def opening_growth_over_lead(opening_chip_orders, opening_chip_pipeline, opening_dark_it_gw, opening_fleet_it_gw,
                             opening_fleet_mh100e, opening_density, density_growth_open, density_fade, it_cost_growth_open,
                             it_cost_fade, chip_lead_open, fleet_renewal_q, one_quarter, opening_breakeven_price,
                             opening_contract_price, opening_book_price, opening_elasticity, captive_elasticity,
                             opening_desired_mh100e, opening_captive_mh100e, availability, target_utilisation,
                             price_ratio_bound, chip_gap_q, opening_retired_it_gw):
    """G(L) that makes the first demand for chip orders equal the opening order flow."""
    horizon = chip_lead_open + one_quarter
    have = opening_fleet_it_gw + opening_chip_pipeline + opening_dark_it_gw - opening_retired_it_gw * chip_lead_open
    wanted_gw = have + (opening_chip_orders - opening_retired_it_gw) * chip_gap_q
    kept = exp(-horizon / fleet_renewal_q)
    density_then = opening_density * exp(density_growth_open * (1 - exp(-density_fade * horizon)) / density_fade)
    wanted = (wanted_gw - opening_fleet_it_gw * kept) * density_then + opening_fleet_mh100e * kept
    breakeven_then = (opening_breakeven_price * opening_density / density_then
                      * exp(it_cost_growth_open * (1 - exp(-it_cost_fade * horizon)) / it_cost_fade))
    low = 1 / price_ratio_bound
    high = price_ratio_bound
    captive = opening_captive_mh100e * power(within(breakeven_then / opening_contract_price, low, high), captive_elasticity)
    paid = (opening_desired_mh100e - opening_captive_mh100e) * power(within(breakeven_then / opening_book_price, low, high), opening_elasticity)
    return log(wanted * availability * target_utilisation / (captive + paid))

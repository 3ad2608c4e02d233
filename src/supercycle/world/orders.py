"""Orders: what planners want, at the horizon of each book: chips, shells, power.

Desired compute is the stock at which the expected rental price equals the user cost of the generation bought:
p* = [c_IT (r + d_IT) + c_shell (r + d_shell) + opex] / (H100e per GW x hours x availability x target utilisation),
H*(h) = exp(G(h)) sum_k D_k (p*(h) / p_k)^(e_k) / (u* a), G(h) = log(1 + c g h) / c, where captive use pays the new contract
price and the rest the book: each class is moved from the price it pays now. In gigawatts the old fleet leaves at the rate planners
see today: W(h) = B(h) [F exp(-h rho) + (H*(h) - C exp(-h rho)) / density(h)], with B what planners have learned from their errors.
Each book is fed forward: it orders the growth its own wish shows at its horizon besides the gap of today.
"""

from __future__ import annotations

from typing import Any

from supercycle.equations.functions import exp, log, maximum, positive, power, where, within
from supercycle.world.frame import Block, judged, zero

__all__ = ["BOOKS", "CHECKS", "block"]

block = Block("orders", "Orders", "Desired capacity by user cost, plans by firm, and three order books that serve them.", mechanism="judged: capacity is ordered where expected rent equals user cost (Jorgenson 1963, American Economic Review 53), in books by lead time; planners' learning is adaptive, measured in gigawatts")

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
judged(block, "learning_speed", "Speed at which planners correct their own errors", "1", 0.2, 0.1, 0.35, "triangular",
       "share of the gap between a known forecast error and the correction in force closed in a quarter",
       "one to five years of errors of one sign are seen before a method is changed; 0.05 and 0.4 change little in a prototype")
judged(block, "check_9", "Horizon of the forecasts that shells are planned on", "q", 9.0, 9.0, 9.0, "fixed", "quarters", "the central lead, for the planners' own record of errors")
judged(block, "check_16", "Horizon of the forecasts that power are planned on", "q", 16.0, 16.0, 16.0, "fixed", "quarters", "the central lead, for the planners' own record of errors")
BOOKS = {"power": "power_horizon_q", "shell": "shell_horizon_q", "chip": "chip_horizon_q"}
CHECKS = (9, 16)


@block.equation("USD_bn/GW_it/year", label="User cost of the chips and facility bought now")
def user_cost(it_cost, facility_cost, hurdle_rate_prev, it_economic_depreciation, facility_depreciation, opex_per_gw):
    """Yearly cost of a gigawatt: chips and facility at the hurdle, plus depreciation and operations."""
    return (it_cost * (hurdle_rate_prev + it_economic_depreciation) + facility_cost * (hurdle_rate_prev + facility_depreciation)
            + opex_per_gw)


@block.equation("USD/H100e/h", opening="opening_breakeven_price", label="Break-even rental price of new chips", report=True)
def breakeven_price(user_cost, density, availability, target_utilisation, hours_per_year, usd_m_per_usd_bn):
    """p*: the rental price at which the generation bought now earns the hurdle."""
    return user_cost * usd_m_per_usd_bn / (density * hours_per_year * availability * target_utilisation)


@block.initial("USD/H100e/h", label="Break-even price at the opening")
def opening_breakeven_price(opening_it_cost, opening_facility_cost, opening_opex_per_gw, hurdle_base, it_economic_depreciation,
                            facility_depreciation, opening_density, availability, target_utilisation, hours_per_year,
                            usd_m_per_usd_bn):
    """p* from opening costs and density."""
    cost = (opening_it_cost * (hurdle_base + it_economic_depreciation)
            + opening_facility_cost * (hurdle_base + facility_depreciation) + opening_opex_per_gw)
    return cost * usd_m_per_usd_bn / (opening_density * hours_per_year * availability * target_utilisation)


@block.equation("1/q", opening=lambda failure_rate, year_per_quarter: failure_rate * year_per_quarter, label="Renewal that planners see")
def renewal_rate(retired_it_gw_prev, fleet_it_gw_prev):
    """What left the fleet last quarter over the fleet: planners expect the retirement they see, not a fixed life."""
    return retired_it_gw_prev / fleet_it_gw_prev


def book_density(density, density_growth, density_fade, horizon):
    """Today's density, grown at a rate that fades."""
    return density * exp(density_growth * (1 - exp(-density_fade * horizon)) / density_fade)


def book_breakeven(breakeven_price, density, ahead_density, it_cost_growth, it_cost_fade, horizon):
    """Today's break-even at the density and cost expected then."""
    return breakeven_price * density / ahead_density * exp(it_cost_growth * (1 - exp(-it_cost_fade * horizon)) / it_cost_fade)


def book_wanted_mh100e(expectation_curve, expected_growth, horizon, availability, target_utilisation, captive_mh100e_prev, breakeven, contract_price_prev,
                       price_ratio_bound, captive_elasticity, inference_mh100e_prev, training_mh100e_prev, book_price_prev, demand_elasticity_prev):
    """Demand grown as expected, at the break-even price then."""
    grown = exp(log(1 + expectation_curve * expected_growth * horizon) / expectation_curve) / (availability * target_utilisation)
    captive = captive_mh100e_prev * power(within(breakeven / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound), captive_elasticity)
    paid = power(within(breakeven / book_price_prev, 1 / price_ratio_bound, price_ratio_bound), demand_elasticity_prev)
    return grown * (captive + (inference_mh100e_prev + training_mh100e_prev) * paid)


def book_wanted_it_gw(fleet_it_gw_prev, horizon, renewal_rate, wanted_mh100e, fleet_mh100e_prev, ahead_density, least_wish):
    """What is left of the fleet then, and what the compute still missing takes; never less than a part of the fleet."""
    left = exp(-horizon * renewal_rate)
    return maximum(fleet_it_gw_prev * left + (wanted_mh100e - fleet_mh100e_prev * left) / ahead_density, fleet_it_gw_prev / least_wish)


def corrected_it_gw(bias, fleet_it_gw_prev, horizon, renewal_rate, wanted_mh100e, fleet_mh100e_prev, ahead_density, least_wish):
    """The same, corrected by what planners have learned of their errors."""
    left = exp(-horizon * renewal_rate)
    return exp(bias) * maximum(fleet_it_gw_prev * left + (wanted_mh100e - fleet_mh100e_prev * left) / ahead_density, fleet_it_gw_prev / least_wish)


def corrected_in_part_it_gw(bias, chip_horizon_q, check_9, fleet_it_gw_prev, horizon, renewal_rate, wanted_mh100e, fleet_mh100e_prev, ahead_density,
                            least_wish):
    """The same with the correction of a longer horizon, in proportion."""
    left = exp(-horizon * renewal_rate)
    wanted = maximum(fleet_it_gw_prev * left + (wanted_mh100e - fleet_mh100e_prev * left) / ahead_density, fleet_it_gw_prev / least_wish)
    return exp(bias * chip_horizon_q / check_9) * wanted


def next_horizon(horizon, one_quarter):
    """A quarter further on."""
    return horizon + one_quarter


def _book(name: str, horizon: str, label: str, wanted: Any = book_wanted_it_gw, bias: str = "") -> None:
    """Desired IT gigawatts at a horizon: the same equations for each order book and for each record of forecasts."""
    names = {"ahead_density": f"{name}_density", "breakeven": f"{name}_breakeven", "horizon": horizon, "wanted_mh100e": f"{name}_wanted_mh100e"}

    def declare(suffix: str, unit: str, function: Any, meaning: str, reads: tuple[str, ...], more: dict[str, str] | None = None) -> None:
        block.equation(unit, name=f"{name}_{suffix}", label=meaning, meaning=meaning, reads={k: names[k] for k in reads} | (more or {}))(function)

    declare("density", "MH100e/GW_it", book_density, f"Expected H100e per GW at the horizon of {label}", ("horizon",))
    declare("breakeven", "USD/H100e/h", book_breakeven, f"Expected break-even price at the horizon of {label}", ("ahead_density", "horizon"))
    declare("wanted_mh100e", "MH100e", book_wanted_mh100e, f"Desired compute at the horizon of {label}", ("horizon", "breakeven"))
    declare("wanted_it_gw", "GW_it", wanted, f"Desired IT gigawatts at the horizon of {label}", ("horizon", "wanted_mh100e", "ahead_density"),
            {"bias": bias} if bias else {})


judged(block, "least_wish", "Fleet over the least that planners want", "1", 10.0, 5.0, 20.0, "fixed", "ratio", "planners never want less than a tenth of the fleet they have")
for _check in CHECKS:
    _book(f"check_{_check}", f"check_{_check}", f"forecasts of {_check} quarters")
for _name, _label, _next, _wanted, _bias in (
        ("power", "power requests", "power, a quarter on", corrected_it_gw, "planner_bias_16"),
        ("shell", "shell starts", "shells, a quarter on", corrected_it_gw, "planner_bias_9"),
        ("chip", "chip orders", "chips, a quarter on", corrected_in_part_it_gw, "planner_bias_9")):
    block.equation("q", name=f"{_name}_next_horizon_q", reads={"horizon": BOOKS[_name]}, meaning=f"Horizon of {_next}")(next_horizon)
    _book(_name, BOOKS[_name], _label, _wanted, _bias)
    _book(f"{_name}_next", f"{_name}_next_horizon_q", _next, _wanted, _bias)


@block.equation("GW_it", label="Gigawatts wanted now, by the same rule at no horizon")
def now_wanted_it_gw(fleet_it_gw_prev, fleet_mh100e_prev, captive_mh100e_prev, inference_mh100e_prev, training_mh100e_prev, availability, target_utilisation, density,
                     least_wish, breakeven_price, contract_price_prev, book_price_prev, captive_elasticity, demand_elasticity_prev, price_ratio_bound):
    """The rule of the books at no horizon, at today's break-even: what a forecast is measured against."""
    captive = captive_mh100e_prev * power(within(breakeven_price / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound), captive_elasticity)
    paid = (inference_mh100e_prev + training_mh100e_prev) * power(within(breakeven_price / book_price_prev, 1 / price_ratio_bound, price_ratio_bound), demand_elasticity_prev)
    use = (captive + paid) / (availability * target_utilisation)
    return maximum(fleet_it_gw_prev + (use - fleet_mh100e_prev) / density, fleet_it_gw_prev / least_wish)


def forecast(wanted):
    """What is wanted at the horizon, as it was said."""
    return wanted


def miss(t, check, now_wanted_it_gw, forecast_then):
    """The log of what came over what was forecast; none before the first forecast falls due."""
    return where(t > check, log(now_wanted_it_gw / forecast_then), 0)


def learned(bias_prev, learning_speed, miss_prev):
    """The correction moves to the errors seen."""
    return bias_prev + learning_speed * (miss_prev - bias_prev)


def error_left(t, check, miss, bias_then):
    """What the correction of that time had left."""
    return where(t > check, miss - bias_then, 0)


def _learning(quarters: int) -> None:
    """The error of the forecasts at one horizon when their quarter has come, and the correction learned from it."""
    name, bias, check, missed = f"forecast_{quarters}_it_gw", f"planner_bias_{quarters}", f"check_{quarters}", f"planner_miss_{quarters}"

    def declare(name: str, unit: str, function: Any, meaning: str, reads: dict[str, str], *, opening: Any = None, past: Any = None, report: bool = False) -> None:
        block.equation(unit, opening=opening, past=past, name=name, reads=reads, label=meaning, meaning=meaning, report=report)(function)

    declare(name, "GW_it", forecast, f"Forecast at {quarters} quarters, before correction", {"wanted": f"check_{quarters}_wanted_it_gw"},
            opening="opening_fleet_it_gw", past=lambda opening_fleet_it_gw: opening_fleet_it_gw)
    declare(missed, "1", miss, f"What came over what was forecast {quarters} quarters ago, in logs and in gigawatts, before correction",
            {"check": check, "forecast_then": f"{name}_prev{quarters}"}, opening=zero("1"))
    declare(bias, "1", learned, f"Correction that planners have learned at {quarters} quarters", {"bias": bias, "miss": missed}, opening=zero("1"), past=lambda: 0)
    declare(f"planner_error_{quarters}", "1", error_left, f"Forecast error at {quarters} quarters, correction included: positive is too low",
            {"check": check, "miss": missed, "bias_then": f"{bias}_prev{quarters}"}, report=True)


for _check in CHECKS:
    _learning(_check)


@block.equation("q", label="Horizon of chip orders")
def chip_horizon_q(chip_lead_now_q, one_quarter):
    """Lead time plus the quarter in which the order is placed."""
    return chip_lead_now_q + one_quarter


@block.equation("q", label="Horizon of shell starts")
def shell_horizon_q(shell_lead_q, one_quarter):
    """Lead time plus the quarter in which the shell is started."""
    return shell_lead_q + one_quarter


def growth_ahead(further, now, one_quarter):
    """What a quarter more adds to the wish: the feed-forward."""
    return positive(further - now) / one_quarter


for _name in BOOKS:
    block.equation("GW_it/q", name=f"{_name}_ahead_it_gw", label=f"Growth of wanted {_name} at its horizon",
                   meaning=f"Growth of the wish for {_name} at its own horizon, gigawatts a quarter: the feed-forward",
                   reads={"further": f"{_name}_next_wanted_it_gw", "now": f"{_name}_wanted_it_gw"})(growth_ahead)


@block.equation("GW_it/q", label="Chip orders that the wish asks for")
def chip_orders_demand(chip_wanted_it_gw, chip_ahead_it_gw, fleet_it_gw_prev, chip_pipeline_total_prev, dark_it_gw_prev, retired_it_gw_prev,
                       chip_lead_now_q, chip_gap_q, one_quarter):
    """Replacement, growth at the horizon, and what will be missing at delivery spread over a few quarters: the stock rule that
    counts what is on order and what leaves before it arrives.
    """
    have = fleet_it_gw_prev + chip_pipeline_total_prev + dark_it_gw_prev - retired_it_gw_prev * chip_lead_now_q
    return positive(retired_it_gw_prev + chip_ahead_it_gw + (chip_wanted_it_gw - have - chip_ahead_it_gw * one_quarter) / chip_gap_q)


judged(block, "chip_gap_q", "Quarters over which a chip gap is ordered", "q", 8.0, 6.0, 11.0, "triangular",
       "speed at which missing compute is wished for", "two years: a stock rule against a lead of three quarters and yearly plans rings below six (tests/laws/test_world_steady_state.py)")

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

from supercycle.equations.functions import maximum, positive, power, within
from supercycle.equations.spec import from_text
from supercycle.world.frame import Block, judged

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
judged(block, "learning_speed", "Speed at which planners correct their own errors", "1", 0.3, 0.15, 0.4, "triangular",
       "share of the gap between a known forecast error and the correction in force closed in a quarter",
       "one to five years of errors of one sign are seen before a method is changed; 0.05 and 0.4 change little in a prototype")
block.constant("check_9", 9.0, "q", "horizon of the forecasts that shells are planned on, for the planners' own record")
block.constant("check_16", 16.0, "q", "horizon of the forecasts that power is planned on, for the planners' own record")
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


@block.equation("1/q", opening="failure_rate * year_per_quarter", label="Renewal that planners see")
def renewal_rate(retired_it_gw_prev, fleet_it_gw_prev):
    """What left the fleet last quarter over the fleet: planners expect the retirement they see, not a fixed life."""
    return retired_it_gw_prev / fleet_it_gw_prev


def _book(name: str, horizon: str, label: str, bias: str) -> None:
    """Desired IT gigawatts at a horizon: the same equations for each order book and for each record of forecasts."""

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
            f"exp(log(1 + expectation_curve * expected_growth * {horizon}) / expectation_curve) / (availability * target_utilisation)"
            f" * (captive_mh100e_prev * power(within({name}_breakeven / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound),"
            f" captive_elasticity) + (inference_mh100e_prev + training_mh100e_prev)"
            f" * power(within({name}_breakeven / book_price_prev, 1 / price_ratio_bound, price_ratio_bound), demand_elasticity_prev))",
            f"Desired compute at the horizon of {label}")
    declare("wanted_it_gw", "GW_it",
            f"{bias}maximum(fleet_it_gw_prev * exp(-{horizon} * renewal_rate)"
            f" + ({name}_wanted_mh100e - fleet_mh100e_prev * exp(-{horizon} * renewal_rate)) / {name}_density,"
            f" fleet_it_gw_prev / least_wish)",
            f"Desired IT gigawatts at the horizon of {label}")


block.constant("least_wish", 10.0, "1", "planners never want less than a tenth of the fleet they have")
for _check in CHECKS:
    _book(f"check_{_check}", f"check_{_check}", f"forecasts of {_check} quarters", "")
for _name, _horizon, _label, _bias in (
        ("power", BOOKS["power"], "power requests", "16"), ("power_next", f"({BOOKS['power']} + one_quarter)", "power, a quarter on", "16"),
        ("shell", BOOKS["shell"], "shell starts", "9"), ("shell_next", f"({BOOKS['shell']} + one_quarter)", "shells, a quarter on", "9"),
        ("chip", BOOKS["chip"], "chip orders", "9"), ("chip_next", f"({BOOKS['chip']} + one_quarter)", "chips, a quarter on", "9")):
    _scale = f" * {BOOKS['chip']} / check_9" if _bias == "9" and _name.startswith("chip") else ""
    _book(_name, _horizon, _label, f"exp(planner_bias_{_bias}{_scale}) * ")


@block.equation("GW_it", label="Gigawatts wanted now, by the same rule at no horizon")
def now_wanted_it_gw(fleet_it_gw_prev, fleet_mh100e_prev, captive_mh100e_prev, inference_mh100e_prev, training_mh100e_prev, availability, target_utilisation, density,
                     least_wish, breakeven_price, contract_price_prev, book_price_prev, captive_elasticity, demand_elasticity_prev, price_ratio_bound):
    """The rule of the books at no horizon, at today's break-even: what a forecast is measured against."""
    captive = captive_mh100e_prev * power(within(breakeven_price / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound), captive_elasticity)
    paid = (inference_mh100e_prev + training_mh100e_prev) * power(within(breakeven_price / book_price_prev, 1 / price_ratio_bound, price_ratio_bound), demand_elasticity_prev)
    use = (captive + paid) / (availability * target_utilisation)
    return maximum(fleet_it_gw_prev + (use - fleet_mh100e_prev) / density, fleet_it_gw_prev / least_wish)


def _learning(quarters: int) -> None:
    """The error of the forecasts at one horizon when their quarter has come, and the correction learned from it."""

    def declare(name: str, unit: str, expression: str, meaning: str, opening: str | None, *, past: Any = None, report: bool = False) -> None:
        made = from_text(name, expression)
        made.__doc__ = meaning
        block.equation(unit, opening=opening, past=past, label=meaning, report=report)(made)

    forecast, bias = f"forecast_{quarters}_it_gw", f"planner_bias_{quarters}"
    declare(forecast, "GW_it", f"check_{quarters}_wanted_it_gw", f"Forecast at {quarters} quarters, before correction", "opening_fleet_it_gw",
            past=lambda opening_fleet_it_gw: opening_fleet_it_gw)
    declare(f"planner_miss_{quarters}", "1", f"where(t > check_{quarters}, log(now_wanted_it_gw / {forecast}_prev{quarters}), 0)",
            f"What came over what was forecast {quarters} quarters ago, in logs and in gigawatts, before correction", "zero")
    declare(bias, "1", f"{bias}_prev + learning_speed * (planner_miss_{quarters}_prev - {bias}_prev)", f"Correction that planners have learned at {quarters} quarters", "zero",
            past=lambda zero: zero)
    declare(f"planner_error_{quarters}", "1", f"where(t > check_{quarters}, planner_miss_{quarters} - {bias}_prev{quarters}, 0)",
            f"Forecast error at {quarters} quarters, correction included: positive is too low", None, report=True)


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


def _growth_ahead(book: str) -> None:
    made = from_text(f"{book}_ahead_it_gw", f"positive({book}_next_wanted_it_gw - {book}_wanted_it_gw) / one_quarter")
    made.__doc__ = f"Growth of the wish for {book} at its own horizon, gigawatts a quarter: the feed-forward"
    block.equation("GW_it/q", label=f"Growth of wanted {book} at its horizon")(made)


for _name in BOOKS:
    _growth_ahead(_name)


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

"""Shocks: what no equation explains, as noise inside the world, so that the bands of a run are wide enough to hold a past.

Growth is uncertain in runs: an AR(1) state multiplies the growth of AI spending per adopter, another is added to the growth of every
capex budget. Quarters are uncertain one by one: deliveries slip or come early (what slips comes later), new prices scatter. Scales are
estimated on the series' own history by skill/noise.py, again at every past opening on what was known then. With ``shock_switch`` at
zero, as with all scales at zero, the paths are those of the mechanism alone.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, sqrt
from supercycle.world.frame import FIRM, Block, judged, measured, zero

__all__ = ["block"]

block = Block("shocks", "Shocks", "Noise of growth, budgets, deliveries and prices.", mechanism="judged: AR(1) errors of growth and scatter of single quarters; their scales are estimated, with priors set beforehand, on figures known at each opening (skill/noise.py)")

measured(block, "demand_shock_sd", "Shock to growth of AI spending, over that growth", "1", 0.123, "standard deviation of a quarter's news, as a part of the growth of spending per adopter",
         "figures run_rate_revenue_epoch, OpenAI and Anthropic (skill/noise.py): error of growth over mean growth, times labs' part of AI revenue",
         low=0.089, high=0.39, distribution="triangular", evidence="published")
measured(block, "demand_shock_memory", "Memory of shocks to growth of AI spending", "1", 0.92, "part left after a quarter",
         "figures run_rate_revenue_epoch (skill/noise.py); growth of the run rates halved and doubled again over years", low=0.805, high=0.95,
         distribution="triangular", evidence="published")
measured(block, "capex_shock_sd", "Shock to growth of all capex budgets", "1", 0.047, "standard deviation of a quarter's news, log growth a quarter",
         "figures capex_cash of the five, sum, since 2019 (skill/noise.py)", low=0.03, high=0.077, distribution="triangular", evidence="published")
measured(block, "capex_shock_memory", "Memory of shocks to growth of capex budgets", "1", 0.84, "part left after a quarter",
         "figures capex_cash of the five, sum, since 2019 (skill/noise.py)", low=0.69, high=0.95, distribution="triangular", evidence="published")
measured(block, "delivery_sd", "Scatter of a quarter's deliveries", "1", 0.077, "standard deviation of log deliveries about their schedule; what is late comes later",
         "figures nvidia_data_center_revenue (skill/noise.py): scatter of quarters about the trend", low=0.02, high=0.148, distribution="triangular",
         evidence="published")
_OF_FIVE = "figures capex_cash, the firm's part of the five's sum since 2019 (skill/noise.py)"
_BUDGETS = ((0.027, 0.051, 0.098), (0.018, 0.039, 0.08), (0.018, 0.033, 0.062), (0.031, 0.062, 0.113), (0.043, 0.092, 0.178))
_TIMINGS = ((0.082, 0.118, 0.169), (0.086, 0.121, 0.167), (0.044, 0.063, 0.093), (0.06, 0.097, 0.152), (0.123, 0.185, 0.269))
_CORES = ((0.021, 0.043, 0.082), (0.019, 0.038, 0.078), (0.035, 0.066, 0.116), (0.024, 0.052, 0.102), (0.032, 0.062, 0.128))
for _firm, _budget, _timing, _core in zip(FIRM.members, _BUDGETS, _TIMINGS, _CORES, strict=True):
    measured(block, f"firm_budget_sd:{_firm}", f"Shock to growth of the firm's own budgets, {_firm}", "1", _budget[1],
             "standard deviation of a quarter's news beside the common one, log growth a quarter", _OF_FIVE, low=_budget[0], high=_budget[2],
             distribution="triangular", evidence="published")
    measured(block, f"core_timing_sd:{_firm}", f"Scatter of a quarter of other capex, {_firm}", "1", _timing[1],
             "standard deviation of log capex about its trend", _OF_FIVE, low=_timing[0], high=_timing[2], distribution="triangular", evidence="published")
    judged(block, f"core_timing_open:{_firm}", f"How far the opening quarter's other capex lies from its trend, {_firm}", "1", 0.0, -1.645, 1.645, "normal",
           "standard deviations of a quarter's scatter", "the quarter that opens the run is one quarter: it scatters about its trend as all others do")
    judged(block, f"firm_budget_open:{_firm}", f"Where the shock to the firm's budgets stands at the opening, {_firm}", "1", 0.0, -1.645, 1.645, "normal",
           "standard deviations of its stationary distribution", "an opening sees plans and spending, not how far their growth has left its course: drawn from where such a shock is at any time")
    measured(block, f"core_shock_sd:{_firm}", f"Shock to growth of the firm's core cash flow, {_firm}", "1", _core[1],
             "standard deviation of a quarter's news, log growth a quarter", "figures operating_cash_flow since 2019, seasons taken out (skill/noise.py)", low=_core[0], high=_core[2],
             distribution="triangular", evidence="published")
    judged(block, f"core_shock_open:{_firm}", f"Where the shock to core cash flow stands at the opening, {_firm}", "1", 0.0, -1.645, 1.645, "normal",
           "standard deviations of its stationary distribution", "an opening sees last year's growth, not how far it has left its course: drawn from where such a shock is at any time")
block.family("core_shock_sd", FIRM)
block.family("core_shock_open", FIRM)
block.family("firm_budget_open", FIRM)
block.family("firm_budget_sd", FIRM)
block.family("core_timing_sd", FIRM)
block.family("core_timing_open", FIRM)
measured(block, "core_shock_memory", "Memory of shocks to growth of core cash flow", "1", 0.822, "part left after a quarter",
         "figures operating_cash_flow of the five, sum, since 2019, seasons taken out (skill/noise.py)", low=0.661, high=0.95, distribution="triangular", evidence="published")
judged(block, "capex_shock_open", "Where the shock to budgets stands at the opening", "1", 0.0, -1.645, 1.645, "normal", "standard deviations of its stationary distribution",
       "an opening sees plans and spending, not how far their growth has left its course: drawn from where such a shock is at any time")
judged(block, "price_shock_sd", "Scatter of the spot price of compute", "1", 0.05, 0.02, 0.1, "triangular", "standard deviation of a quarter's news, logs",
       "indices of H100 hours moved by 5 to 15 % a month in 2025-26 in one direction at a time, and differ by a tenth among providers on one day")
judged(block, "core_capex_pull", "Pull of other capex to its share of core profit", "1", 0.15, 0.08, 0.25, "triangular", "part of the log gap closed in a quarter",
       "the five's capex over revenue came back within two to three years of its peaks of 2012, 2018 and 2022: 0.15 leaves a fifth after ten quarters")
judged(block, "core_cash_pull", "Pull of core cash flow to its trend", "1", 0.12, 0.05, 0.2, "triangular", "part of the log gap closed in a quarter",
       "cash flow over revenue of Meta and Amazon fell by a third in 2022 and was back within two years; Microsoft's rise since 2016 took five to fade")
judged(block, "shock_switch", "Shocks on", "1", 1.0, 0.0, 1.0, "switch", "1: shocks as estimated; 0: the mechanism alone", "scenario switch: what is noise and what is mechanism")
block.draw("demand_draw", "normal", "news of AI spending")
block.draw("capex_draw", "normal", "news of all capex budgets")
block.draw("firm_budget_draw", "normal", "news of a firm's budgets", FIRM)
block.draw("delivery_draw", "normal", "timing of chip deliveries")
block.draw("shell_draw", "normal", "timing of construction")
block.draw("spot_draw", "normal", "news of the spot price")
block.draw("core_shock_draw", "normal", "news of a firm's core cash flow", FIRM)
block.draw("core_timing_draw", "normal", "timing of a firm's other payments", FIRM)


@block.equation("1", opening=zero("1"), label="Shock to growth of AI spending, over that growth", report=True)
def demand_shock(demand_shock_prev, demand_shock_memory, demand_shock_sd, demand_draw, shock_switch):
    """AR(1): fads and breakthroughs last for quarters; relative to growth, so that a market that has stopped growing has no such news."""
    return demand_shock_memory * demand_shock_prev + shock_switch * demand_shock_sd * demand_draw


@block.equation("1", opening=lambda capex_shock_open, capex_shock_sd, capex_shock_memory, shock_switch: (
        shock_switch * capex_shock_open * capex_shock_sd / sqrt(1 - capex_shock_memory * capex_shock_memory)),
                label="Shock to growth of capex budgets", report=True)
def capex_shock(capex_shock_prev, capex_shock_memory, capex_shock_sd, capex_draw, shock_switch):
    """AR(1): boards raise and cut together, for quarters at a time; it opens anywhere it may be."""
    return capex_shock_memory * capex_shock_prev + shock_switch * capex_shock_sd * capex_draw


judged(block, "conviction_fade", "Fade of what budgets' shocks have moved", "1/q", 0.08, 0.03, 0.15, "triangular", "part lost in a quarter",
       "the scales are estimated on levels that such shocks move for good; what compute earns pulls plans back besides, so only a slow fade is added, half of it in two years")


@block.equation("1", opening=zero("1"), label="What budgets' shocks have moved the wish by, log", report=True)
def budget_conviction(budget_conviction_prev, conviction_fade, capex_shock, one_quarter):
    """Shocks add up: what boards believe beyond the equations they go on believing, so that plans are not pulled back within the year by a wish that never heard of it."""
    return budget_conviction_prev * (1 - conviction_fade * one_quarter) + capex_shock


@block.equation("1", axis=FIRM, opening=lambda firm_budget_open, firm_budget_sd, capex_shock_memory, shock_switch: (
        shock_switch * firm_budget_open * firm_budget_sd / sqrt(1 - capex_shock_memory * capex_shock_memory)),
                label="Shock to growth of the firm's own budgets")
def firm_budget_shock(firm_budget_shock_prev, capex_shock_memory, firm_budget_sd, firm_budget_draw, shock_switch):
    """AR(1): one firm escalates or retreats against the others."""
    return capex_shock_memory * firm_budget_shock_prev + shock_switch * firm_budget_sd * firm_budget_draw


@block.equation("1", axis=FIRM, opening=zero("1"), label="What the firm's own shocks have moved its budgets by, log")
def firm_budget_log(firm_budget_log_prev, core_capex_pull, firm_budget_shock):
    """Adds up and is pulled back: no firm leaves the others for good because of news of its own."""
    return firm_budget_log_prev * (1 - core_capex_pull) + firm_budget_shock


@block.equation("1", axis=FIRM, opening=lambda core_timing_open, core_timing_sd, shock_switch: -shock_switch * core_timing_open * core_timing_sd,
                label="Other capex over its share of core profit, log")
def core_capex_log(core_capex_log_prev, core_capex_pull, capex_shock, firm_budget_shock):
    """Budgets' shocks add up; the share of core profit pulls back."""
    return core_capex_log_prev * (1 - core_capex_pull) + capex_shock + firm_budget_shock


@block.equation("1", axis=FIRM, opening=lambda core_shock_open, core_shock_sd, core_shock_memory, shock_switch: (
        shock_switch * core_shock_open * core_shock_sd / sqrt(1 - core_shock_memory * core_shock_memory)),
                label="Shock to growth of the firm's core cash flow")
def core_shock(core_shock_prev, core_shock_memory, core_shock_sd, core_shock_draw, shock_switch):
    """AR(1): advertising, shops and clouds grow above or below their course for quarters at a time."""
    return core_shock_memory * core_shock_prev + shock_switch * core_shock_sd * core_shock_draw


@block.equation("1", axis=FIRM, opening=zero("1"), label="Core cash flow over its trend, log", report=True)
def core_level_log(core_level_log_prev, core_cash_pull, core_shock):
    """Growth missed adds up; margins and rivals pull it back."""
    return core_level_log_prev * (1 - core_cash_pull) + core_shock


@block.equation("1", label="Pace of deliveries in the quarter")
def delivery_pace(delivery_sd, delivery_draw, shock_switch):
    """Above one: more of what is on order comes this quarter."""
    return exp(shock_switch * delivery_sd * delivery_draw)


@block.equation("1", label="Pace of construction in the quarter")
def construction_pace(delivery_sd, shell_draw, shock_switch):
    """The same scatter, drawn apart."""
    return exp(shock_switch * delivery_sd * shell_draw)


@block.equation("1", axis=FIRM, opening=zero("1"), label="Other capex of a quarter over its budget, log")
def core_timing_log(core_timing_sd, core_timing_draw, shock_switch):
    """Payments of a firm come in lumps."""
    return shock_switch * core_timing_sd * core_timing_draw


@block.equation("1", label="News of the spot price, log")
def spot_news(price_shock_sd, spot_draw, shock_switch):
    """Nobody's plan."""
    return shock_switch * price_shock_sd * spot_draw

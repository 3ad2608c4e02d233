"""Valuation: equity as discounted expected AI profits; run-up and disappointment raise the hazard of a crash.

ln V = ln(profit) + g / fade - duration x (hurdle - base). The hazard follows published frequencies (industries that
doubled against the market in two years crashed in 53 % of cases within two years; +50 % in 20 %), plus disappointment
(revenue growth short of what was expected) and funding shortfall. A crash raises the hurdle, closes equity for labs and cuts
captive budgets; it fades with a half-life. A dated, sized crash can be imposed.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, minimum, positive, power, where, within
from supercycle.world.frame import Block, judged, sourced

__all__ = ["block"]

block = Block("valuation", "Valuation", "Equity value, run-up, disappointment and the hazard of a crash.")

sourced(block, "crash_after_doubling", "crash_prob_after_100pct", "Crash within two years after +100 %", "1", "triangular")
judged(block, "runup_power", "Curvature of the hazard in the run-up", "1", 2.0, 1.5, 2.5, "triangular", "exponent",
       "20 %, 53 % and 80 % after +50, +100 and +150 % give 2.0-2.2 in logs of the price")
judged(block, "runup_open", "Run-up at the opening", "1", 0.4, 0.2, 0.6, "triangular", "log excess of AI equity over its two-year mean",
       "AI leaders +50 % against the market over two years; index levels may not be redistributed, so a judgement")
judged(block, "runup_memory", "Memory of the run-up", "1", 0.125, 0.1, 0.17, "triangular", "weight of the newest quarter", "two years")
judged(block, "disappointment_hazard", "Hazard from disappointment", "1", 0.3, 0.1, 0.6, "triangular",
       "quarterly hazard per unit of yearly log growth missed", "missing expected growth by a third of a log point a year adds a tenth a quarter")
judged(block, "shortfall_hazard", "Hazard from funding shortfall", "1", 0.2, 0.05, 0.4, "triangular", "quarterly hazard per unit of unfunded plans",
       "a fifth of plans unfunded adds four per cent a quarter")
judged(block, "revenue_memory", "Memory of expected revenue growth", "1", 0.25, 0.15, 0.4, "triangular", "weight of the newest quarter", "plans are revised within one to two years")
judged(block, "hazard_cap", "Largest hazard a quarter", "1", 0.35, 0.2, 0.5, "fixed", "bound", "82 % a year")
judged(block, "bust_fade_q", "Half-life of a bust", "q", 5.0, 3.0, 8.0, "triangular", "quarters until premium and closure halve", "2001-03 and 2008-10")
judged(block, "market_return", "Return of the market", "1/q", 0.02, 0.015, 0.025, "triangular", "log return a quarter", "run-ups are measured against the market; eight per cent a year")
judged(block, "crash_size", "Fall of AI equity in a crash", "1", 0.5, 0.35, 0.75, "triangular", "share of value lost at once", "published crashes are defined as -40 % or worse; 2000-02 lost 78 %")
sourced(block, "equity_duration", "ai_equity_duration", "Price fall per point of discount rate", "year", "lognormal")
judged(block, "imposed_crash_quarter", "Quarter of an imposed crash", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_crash_size", "Size of an imposed crash", "1", 0.9, 0.1, 0.95, "switch", "share of value lost in an imposed crash", "scenario switch: the documents name -90 %")
judged(block, "imposed_crash_lasts_q", "Quarters over which an imposed crash falls", "q", 4.0, 1.0, 8.0, "switch", "quarters", "scenario switch: the documents say twelve months")
judged(block, "crash_switch", "Crashes arise inside the model", "1", 1.0, 0.0, 1.0, "switch", "one if the hazard is live", "scenario switch")
block.draw("crash_draw", "uniform", "arrival of a crash")
block.constant("half", 0.5, "1", "a half")
block.constant("eight_quarters", 8.0, "q", "two years")


@block.equation("1/q", opening="opening_revenue_growth", label="Growth of AI revenue, realised")
def revenue_growth(ai_revenue_run_rate, ai_revenue_run_rate_prev, one_quarter):
    """Log growth of the run rate."""
    return log(ai_revenue_run_rate / ai_revenue_run_rate_prev) / one_quarter


@block.equation("1/q", opening="opening_revenue_growth", label="Growth of AI revenue, expected")
def revenue_growth_expected(revenue_growth_expected_prev, revenue_growth_prev, revenue_memory):
    """What plans are built on: a slow mean of what was seen."""
    return revenue_growth_expected_prev + revenue_memory * (revenue_growth_prev - revenue_growth_expected_prev)


@block.equation("1/year", label="Disappointment", report=True)
def disappointment(revenue_growth_expected, revenue_growth, year_per_quarter, disappointment_normal):
    """Expected less realised growth a year, beyond the slowing that everybody knows will come."""
    return positive((revenue_growth_expected - revenue_growth) / year_per_quarter - disappointment_normal)


judged(block, "disappointment_normal", "Slowing that is expected", "1/year", 0.3, 0.2, 0.4, "triangular", "log growth a year",
       "growth of 1.0 a year is expected to fade by about a quarter to a third a year")


@block.equation("1", opening="log_value_open", label="Log of AI equity value against the market")
def equity_log(ai_gross_profit_usd_bn, opening_gross_profit, revenue_growth_expected, expectation_fade, equity_duration, hurdle_rate_prev, hurdle_base,
               profit_floor, premium_part, market_return, t):
    """Profit, growth still to come, and the discount rate, relative to the opening profit and to the market's return."""
    profit = log(maximum(ai_gross_profit_usd_bn / opening_gross_profit, 1 / profit_floor))
    return profit - market_return * t + revenue_growth_expected / expectation_fade - equity_duration * (hurdle_rate_prev - hurdle_base) * premium_part


@block.initial("USD_bn/q")
def opening_gross_profit(ai_gross_profit_usd_bn):
    """AI gross profit at the opening."""
    return ai_gross_profit_usd_bn


@block.initial("1")
def log_value_open(opening_revenue_growth, expectation_fade):
    """Growth still to come at the opening."""
    return opening_revenue_growth / expectation_fade


@block.equation("1", opening="log_value_open - runup_open", label="Two-year mean of log value")
def equity_log_mean(equity_log_mean_prev, equity_log, runup_memory):
    """Exponential mean."""
    return equity_log_mean_prev + runup_memory * (equity_log - equity_log_mean_prev)


@block.equation("1", label="Run-up of AI equity", report=True)
def runup(equity_log, equity_log_mean):
    """Log value over its two-year mean."""
    return positive(equity_log - equity_log_mean)


@block.equation("1", label="Hazard of a crash a quarter", report=True)
def crash_hazard(runup, crash_after_doubling, runup_power, disappointment, disappointment_hazard, funded_share_prev, shortfall_hazard, hazard_cap,
                 one_quarter, eight_quarters, year_once, bust_state_prev, crash_switch):
    """Published odds of the run-up, disappointment, shortfall; none while a bust lasts."""
    doubled = 1 - power(1 - crash_after_doubling, one_quarter / eight_quarters)
    total = (doubled * power(runup / log(2), runup_power) + disappointment_hazard * disappointment * year_once
             + shortfall_hazard * (1 - funded_share_prev))
    return within(total, 0, hazard_cap) * (1 - bust_state_prev) * crash_switch


@block.equation("1", label="An imposed crash is under way")
def crash_imposed(t, imposed_crash_quarter, imposed_crash_lasts_q):
    """From its quarter for as long as it lasts."""
    return where((imposed_crash_quarter > 0) & (t >= imposed_crash_quarter) & (t < imposed_crash_quarter + imposed_crash_lasts_q), 1, 0)


@block.equation("1", label="A crash this quarter", report=True)
def crash(crash_draw, crash_hazard, crash_imposed):
    """Drawn or imposed."""
    return where((crash_draw < crash_hazard) | (crash_imposed > 0), 1, 0)


@block.equation("1", label="Share of value lost in a crash in the quarter")
def crash_severity(crash_size, crash_imposed, imposed_crash_size, imposed_crash_lasts_q, one_quarter):
    """All of a drawn crash at once; equal log steps of an imposed one over the quarters for which it lasts."""
    return where(crash_imposed > 0, 1 - power(1 - imposed_crash_size, one_quarter / imposed_crash_lasts_q), crash_size)


@block.equation("1", opening="zero", label="State of the bust", report=True)
def bust_state(bust_state_prev, crash, crash_size, crash_imposed, imposed_crash_size, one_quarter, bust_fade_q, half):
    """Severity at the crash (twice the whole loss of value, at most one), fading with its half-life."""
    severity = minimum(2 * where(crash_imposed > 0, imposed_crash_size, crash_size), 1)
    return maximum(bust_state_prev * power(half, one_quarter / bust_fade_q), crash * severity)


@block.equation("1", opening="zero", label="Value lost in crashes and not regained")
def crash_depth(crash_depth_prev, crash, crash_severity, half, one_quarter, bust_fade_q):
    """Each crash takes its share of what is left; regained at the pace at which a bust fades."""
    return 1 - (1 - crash_depth_prev * where(crash > 0, 1, power(half, one_quarter / bust_fade_q))) * (1 - crash * crash_severity)


@block.equation("1", opening="one", label="AI equity value, opening = 1", report=True)
def ai_equity_index(equity_log, log_value_open, market_return, t, crash_depth):
    """The part of share values that rests on AI profits: expected profits, discounted, less what a crash has taken."""
    return exp(equity_log - log_value_open + market_return * t) * (1 - crash_depth)


@block.equation("1", opening="zero", label="A bust has happened", report=True)
def busted(busted_prev, crash):
    """One from the first crash on."""
    return maximum(busted_prev, crash)


@block.equation("1", opening="zero", label="Drag of lost wealth on core cash flow")
def wealth_drag(wealth_drag_prev, bust_state, wealth_drag_max, spread_memory):
    """Advertisers and customers spend a little less while a bust lasts."""
    return wealth_drag_prev + spread_memory * (wealth_drag_max * bust_state - wealth_drag_prev)


judged(block, "wealth_drag_max", "Largest drag", "1", 0.06, 0.02, 0.12, "triangular", "share of core cash flow", "advertising fell 5-12 % in 2001 and 2009")
block.constant("profit_floor", 1000.0, "1", "floor of profit is a thousandth of the opening (logs are taken)")
judged(block, "premium_part", "Part of hurdle changes that equity discounts", "1", 0.3, 0.15, 0.5, "triangular", "share",
       "a bust premium is expected to fade: about a third of it is permanent at equity's duration")

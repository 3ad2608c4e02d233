"""Valuation: what AI profits are worth, what the mood adds, and when it breaks.

A price contains the growth it assumes: value moves with growth that differs from what was expected, and success as expected is no
run-up. The mood feeds on past returns and fades. The hazard is charged once per episode of run-up: of industries that rose by 50,
100 and 150 % against the market in two years 20, 53 and 80 % crashed within the next two (published odds, spread over the
episode); it is raised by growth that was missed and lowered by revenue that catches up with capex. A fall of the AI part's own price by two fifths is a bust
too, whoever drew it. A crash raises the hurdle, closes equity for labs and cuts captive budgets; it fades with a half-life.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, halved, log, maximum, minimum, positive, power, where, within
from supercycle.world.frame import Block, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("valuation", "Valuation", "Equity value, mood, episodes of run-up, and the hazard of a crash.", mechanism="judged: a price of fading growth, a mood that feeds on run-ups, and published odds of a crash; that the odds carry over is assumed")

sourced(block, "crash_after_doubling", "crash_prob_after_100pct", "Crash within two years after +100 %", "1", "triangular")
judged(block, "runup_slope", "Log odds of a crash per log of run-up", "1", 5.4, 4.5, 6.3, "triangular", "slope",
       "20, 53 and 80 % after +50, +100 and +150 % (Greenwood, Shleifer and You 2019): 5.2 below the doubling, 5.7 above")
judged(block, "hazard_base", "Hazard of a crash without a run-up", "1", 0.0077, 0.005, 0.0125, "triangular", "a quarter",
       "a drawdown of 40 % within two years of a lognormal industry: 3.4, 6.3 and 12 % at a volatility of 20, 22 and 25 % a year; the published odds carried down to no run-up give 5.4 %")
judged(block, "shortfall_slope", "Log hazard per unit of yearly growth missed", "1", 2.0, 1.0, 4.0, "triangular", "slope", "missing a third of a log point of growth a year doubles the odds: no estimate, 2000-01 and 2022 in mind")
judged(block, "cash_slope", "Log hazard per log of revenue over capex, against a year ago", "1", 0.8, 0.4, 1.2, "triangular", "slope", "booms that earned their capex broke less often; no estimate")
judged(block, "price_fade", "Fade of growth that the price contains", "1/q", 0.165, 0.13, 0.2, "triangular", "rate at which the market expects growth to slow",
       "growth is expected to halve in about a year: labs' plans (350 and 195 bn in 2030) grow 1.6 log points in four years from 1.0 a year now, most of it early; with planners' own fade the price would be disappointed on the median path in every year")
judged(block, "runup_open", "Run-up at the opening", "1", 0.4, 0.2, 0.6, "triangular", "log excess of AI equity over its two-year mean",
       "AI leaders +50 % against the market over two years; index levels may not be redistributed, so a judgement")
judged(block, "runup_memory", "Memory of the run-up", "1", 0.125, 0.1, 0.17, "triangular", "weight of the newest quarter", "two years")
judged(block, "revenue_memory", "Memory of expected revenue growth", "1", 0.25, 0.15, 0.4, "triangular", "weight of the newest quarter", "plans are revised within one to two years")
judged(block, "mood_sd", "News of the mood", "1", 0.08, 0.06, 0.1, "triangular", "log points a quarter", "16 % a year against the market: the volatility of technology shares relative to the index")
judged(block, "mood_half_life_q", "Half-life of the mood", "q", 8.0, 5.0, 12.0, "triangular", "quarters", "valuation ratios revert over years: half of a gap in about two")
judged(block, "mood_feed", "Mood fed by a run-up", "1", 0.04, 0.02, 0.08, "triangular", "log points a quarter per log point of run-up", "extrapolation of returns over one to two years, fund flows of 1998-2000")
judged(block, "peak_memory", "Forgetting of a peak", "1", 0.0625, 0.04, 0.125, "fixed", "share of the gap a quarter", "near a hard window of two years; published drawdowns are measured within two")
judged(block, "bust_fall", "Fall of the AI price that is a bust", "1", 0.4, 0.35, 0.5, "fixed", "share lost from the peak", "published crashes are defined as -40 % within two years")
judged(block, "bust_fade_q", "Half-life of a bust", "q", 5.0, 3.0, 8.0, "triangular", "quarters until premium and closure halve", "2001-03 and 2008-10")
judged(block, "market_return", "Return of the market", "1/q", 0.02, 0.015, 0.025, "triangular", "log return a quarter", "run-ups are measured against the market; eight per cent a year")
judged(block, "crash_size", "Fall of AI equity in a crash", "1", 0.5, 0.35, 0.75, "triangular", "share of value lost at once", "published crashes are defined as -40 % or worse; 2000-02 lost 78 %")
sourced(block, "equity_duration", "ai_equity_duration", "Price fall per point of discount rate", "year", "lognormal")
judged(block, "imposed_crash_quarter", "Quarter of an imposed crash", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_crash_size", "Size of an imposed crash", "1", 0.9, 0.1, 0.95, "switch", "share of value lost in an imposed crash", "scenario switch: the documents name -90 %")
judged(block, "imposed_crash_lasts_q", "Quarters over which an imposed crash falls", "q", 4.0, 1.0, 8.0, "switch", "quarters", "scenario switch: the documents say twelve months")
judged(block, "crash_switch", "Crashes arise inside the model", "1", 1.0, 0.0, 1.0, "switch", "one if the hazard is live", "scenario switch")
judged(block, "ai_equity_part", "Part of AI shares' value which rests on AI profits", "1", 0.35, 0.2, 0.5, "triangular", "share",
       "the leaders doubled against the market since 2022 while their core profits grew by half")
judged(block, "wealth_drag_max", "Largest drag", "1", 0.06, 0.02, 0.12, "triangular", "share of core cash flow", "advertising fell 5-12 % in 2001 and 2009")
judged(block, "premium_part", "Part of hurdle changes that equity discounts", "1", 0.3, 0.15, 0.5, "triangular", "share",
       "a bust premium is expected to fade: about a third of it is permanent at equity's duration")
judged(block, "bust_per_loss", "State of the bust per share of value lost", "1", 2.0, 1.5, 3.0, "fixed", "ratio", "a loss of half the value of AI shares (dot-com: 78 % of the Nasdaq) is taken for a full bust")
block.draw("crash_draw", "uniform", "arrival of a crash")
block.draw("mood_draw", "normal", "news of the mood")
block.span("eight_quarters", "2026Q2", "2028Q2", "two years: the window of the published odds")
judged(block, "episode_opens", "Price over its two-year mean at which an episode begins", "1", 1.5, 1.3, 2.0, "fixed", "ratio", "half above the mean: the smallest run-up for which Greenwood, Shleifer and You 2019, Bubbles for Fama print odds")
judged(block, "episode_ends", "Price over its mean at which an episode is over", "1", 1.2, 1.0, 1.4, "fixed", "ratio", "after the window of the study, a price within a fifth of its mean is no run-up")
measured(block, "doubling", "Run-up whose odds are published best", "1", 2.0, "price over the price two years before", "Greenwood, Shleifer and You 2019, Bubbles for Fama: industries that rose by 100 %", evidence="published")
judged(block, "runup_most_counted", "Run-up beyond which the odds rise no more", "1", 1.0, 0.9, 1.2, "fixed", "log ratio", "nothing was published beyond a rise of 170 %")
judged(block, "hazard_bound", "Most by which growth and cash move the odds", "1", 2.0, 1.0, 3.0, "fixed", "log points", "seven times either way: two to three standard deviations of the slopes at the largest surprises seen")


# what the price contains

@block.equation("1/q", opening="opening_revenue_growth", label="Growth of AI revenue, realised")
def revenue_growth(ai_revenue_run_rate, ai_revenue_run_rate_prev, one_quarter):
    """Log growth of the run rate."""
    return log(ai_revenue_run_rate / ai_revenue_run_rate_prev) / one_quarter


@block.equation("1/q", opening="opening_revenue_growth", label="Growth of AI revenue that the price contains")
def revenue_growth_expected(revenue_growth_expected_prev, revenue_growth_prev, revenue_memory, price_fade, one_quarter):
    """A slow mean of what was seen, which fades as everybody assumes."""
    mean = revenue_growth_expected_prev + revenue_memory * (revenue_growth_prev - revenue_growth_expected_prev)
    return mean * exp(-price_fade * one_quarter)


@block.equation("1", opening=zero("1"), label="Surprises in AI revenue, accumulated in the price")
def value_news(value_news_prev, revenue_growth, revenue_growth_expected, revenue_memory, price_fade, one_quarter):
    """A surprise counts in the level and, as far as it moves the expectation, in all growth to come."""
    return value_news_prev + (revenue_growth - revenue_growth_expected) * one_quarter * (1 + revenue_memory / (price_fade * one_quarter))


@block.equation("1", opening=zero("1"), label="Log of AI equity value against the market, without the mood")
def equity_log(value_news, contagion_log, equity_duration, premium_part, hurdle_rate_prev, hurdle_base, risk_free_now_prev, risk_free_norm, rate_imposed, risk_free_now,
               risk_free_rate, rate_reversion, year_per_quarter):
    """Surprises; what went with failed labs; the risk-free rate (what a scenario adds for good at the whole duration, the market's own swings and policy's cuts over the time they last);
    and the part of the hurdle's other moves that is expected to stay.
    """
    premium = hurdle_rate_prev - hurdle_base - (risk_free_now_prev - risk_free_norm)
    swings = (risk_free_now - rate_imposed - risk_free_rate) * minimum(equity_duration, year_per_quarter / rate_reversion)
    return value_news + contagion_log - equity_duration * (rate_imposed + premium * premium_part) - swings


@block.equation("1", opening=zero("1"), label="Mispricing of AI equity", report=True)
def mispricing(mispricing_prev, mood_half_life_q, one_quarter, mood_feed, runup_prev, crash_prev, mood_sd, mood_draw):
    """Feeds on the run-up and fades; a crash ends it."""
    kept = (mispricing_prev * halved(one_quarter / mood_half_life_q) + mood_feed * runup_prev) * (1 - crash_prev)
    return kept + mood_sd * mood_draw


@block.equation("1", opening=zero("1"), label="Log price of the industry against the market")
def industry_price(equity_log, mispricing, ai_equity_part):
    """Published odds are for industries: their core is not worth more because AI is."""
    return log(1 - ai_equity_part + ai_equity_part * exp(equity_log)) + mispricing


@block.equation("1", label="Two-year mean of the industry's log price", opening=lambda runup_open: -runup_open)
def industry_price_mean(industry_price_mean_prev, industry_price, runup_memory):
    """Exponential mean."""
    return industry_price_mean_prev + runup_memory * (industry_price - industry_price_mean_prev)


@block.equation("1", opening="runup_open", label="Run-up of AI equity", report=True)
def runup(industry_price, industry_price_mean):
    """Log price over its two-year mean."""
    return positive(industry_price - industry_price_mean)


# episodes and the hazard

@block.equation("1", opening=zero("1"), label="Quarters since an episode of run-up began")
def episode_age(episode_age_prev, runup, crash_prev, eight_quarters, episode_opens, episode_ends, one_quarter):
    """Zero outside; ends with a crash, or after two years once the run-up is gone."""
    over = (crash_prev > 0) | ((episode_age_prev * one_quarter >= eight_quarters) & (runup < log(episode_ends)))
    going = where(over, 0, episode_age_prev + 1)
    return where(episode_age_prev > 0, going, where(runup >= log(episode_opens), 1, 0))


@block.equation("1", opening=zero("1"), label="Largest run-up of the episode")
def runup_most(runup_most_prev, runup, episode_age):
    """Zero outside an episode."""
    return where(episode_age > 0, maximum(runup_most_prev, runup), 0)


@block.equation("1", label="Odds of a crash in the episode", report=True, source="Greenwood, Shleifer and You 2019, Bubbles for Fama, Journal of Financial Economics 131")
def episode_odds(runup_most, crash_after_doubling, runup_slope, doubling, runup_most_counted):
    """Logistic in the largest run-up, through the published odds of a doubling."""
    at_doubling = log(crash_after_doubling / (1 - crash_after_doubling))
    return 1 / (1 + exp(-(at_doubling + runup_slope * (minimum(runup_most, runup_most_counted) - log(doubling)))))


@block.equation("1", opening=zero("1"), label="Growth missed over a year", report=True)
def growth_missed(growth_missed_prev, revenue_growth_expected, revenue_growth, one_quarter, one_year):
    """Expected less realised log growth, a mean over a year, times a year."""
    return growth_missed_prev + ((revenue_growth_expected - revenue_growth) * one_year - growth_missed_prev) * one_quarter / one_year


@block.equation("1", label="Log of AI revenue over AI capex", opening=lambda opening_ai_revenue, year_per_quarter, world_ai_capex_usd_bn: log(
                opening_ai_revenue * year_per_quarter / world_ai_capex_usd_bn))
def earned_log(ai_revenue_usd_bn, world_ai_capex_usd_bn):
    """How far the boom earns what it spends."""
    return log(ai_revenue_usd_bn / world_ai_capex_usd_bn)


@block.equation("1", opening="earned_log", label="The same, a mean over a year")
def earned_log_mean(earned_log_mean_prev, earned_log_prev, one_quarter, one_year):
    """Exponential mean."""
    return earned_log_mean_prev + (earned_log_prev - earned_log_mean_prev) * one_quarter / one_year


@block.equation("1", label="Hazard of a crash a quarter", report=True)
def crash_hazard(hazard_base, episode_odds, episode_age, eight_quarters, one_quarter, growth_missed, shortfall_slope, earned_log, earned_log_mean, cash_slope,
                 hazard_bound, bust_state_prev, crash_switch):
    """The larger of the base rate and the episode's odds spread over two years, moved by growth missed and by cash earned; less while a
    bust lasts. An episode is charged once: after two years only the base rate is left.
    """
    inside = where((episode_age > 0) & (episode_age * one_quarter <= eight_quarters), 1 - power(1 - episode_odds, one_quarter / eight_quarters), 0)
    moved = exp(within(shortfall_slope * growth_missed - cash_slope * (earned_log - earned_log_mean), -hazard_bound, hazard_bound))
    return within(maximum(hazard_base, inside) * moved * (1 - bust_state_prev) * crash_switch, 0, 1)


# the crash

@block.equation("1", opening=zero("1"), label="Log price of AI equity against the market")
def ai_price(equity_log, mispricing):
    """The AI part alone, before what a crash takes."""
    return equity_log + mispricing


@block.equation("1", opening=zero("1"), label="Peak of the AI price")
def ai_price_peak(ai_price_peak_prev, ai_price, crash_prev, peak_memory):
    """Slowly forgotten; a crash starts a new one."""
    return where(crash_prev > 0, ai_price, maximum(ai_price, ai_price_peak_prev - peak_memory * (ai_price_peak_prev - ai_price)))


@block.equation("1", label="AI equity has fallen by two fifths", report=True)
def price_broke(ai_price, ai_price_peak, bust_fall, crash_switch):
    """A bust by missed growth, dearer money and mood: no second fall is added."""
    return where(ai_price <= ai_price_peak + log(1 - bust_fall), crash_switch, 0)


@block.equation("1", label="An imposed crash is under way")
def crash_imposed(t, imposed_crash_quarter, imposed_crash_lasts_q):
    """From its quarter for as long as it lasts."""
    return where((imposed_crash_quarter > 0) & (t >= imposed_crash_quarter) & (t < imposed_crash_quarter + imposed_crash_lasts_q), 1, 0)


@block.equation("1", label="A crash is drawn this quarter", report=True)
def crash_drawn(crash_draw, crash_hazard):
    """By its hazard."""
    return where(crash_draw < crash_hazard, 1, 0)


@block.equation("1", opening=zero("1"), label="A crash this quarter", report=True)
def crash(crash_drawn, crash_imposed, price_broke):
    """Drawn, imposed or fallen."""
    return maximum(maximum(crash_drawn, crash_imposed), price_broke)


@block.equation("1", label="Share of value lost in a crash in the quarter")
def crash_severity(crash_size, crash_drawn, crash_imposed, imposed_crash_size, imposed_crash_lasts_q, one_quarter):
    """All of a drawn crash at once; equal log steps of an imposed one over the quarters for which it lasts; none of a fall, which is in
    the price already.
    """
    return where(crash_imposed > 0, 1 - power(1 - imposed_crash_size, one_quarter / imposed_crash_lasts_q), crash_size * crash_drawn)


@block.equation("1", opening=zero("1"), label="State of the bust", report=True)
def bust_state(bust_state_prev, crash, crash_drawn, crash_size, crash_imposed, imposed_crash_size, ai_price, ai_price_peak, one_quarter, bust_fade_q, bust_per_loss):
    """Severity at the crash (twice the whole loss of value, at most one), fading with its half-life."""
    fallen = where(crash_drawn > 0, crash_size, 1 - exp(ai_price - ai_price_peak))
    severity = minimum(bust_per_loss * where(crash_imposed > 0, imposed_crash_size, fallen), 1)
    return maximum(bust_state_prev * halved(one_quarter / bust_fade_q), crash * severity)


@block.equation("1", opening=zero("1"), label="Value lost in crashes and not regained")
def crash_depth(crash_depth_prev, crash_severity, one_quarter, bust_fade_q):
    """Each crash takes its share of what is left; regained at the pace at which a bust fades."""
    return 1 - (1 - crash_depth_prev * where(crash_severity > 0, 1, halved(one_quarter / bust_fade_q))) * (1 - crash_severity)


@block.equation("1", opening="one", label="AI equity value, opening = 1", report=True)
def ai_equity_index(ai_price, market_return, t, crash_depth):
    """The part of share values that rests on AI profits: surprises, rates and mood on the market's return, less what a crash has taken."""
    return exp(ai_price + market_return * t) * (1 - crash_depth)


@block.equation("1", opening="one", label="Highest AI equity value, slowly forgotten")
def ai_equity_peak(ai_equity_peak_prev, ai_equity_index, peak_memory):
    """What holders compare with."""
    return maximum(ai_equity_index, ai_equity_peak_prev - peak_memory * (ai_equity_peak_prev - ai_equity_index))


@block.equation("1", opening=zero("1"), label="A bust has happened", report=True)
def busted(busted_prev, crash):
    """One from the first crash on."""
    return maximum(busted_prev, crash)


@block.equation("1", opening=zero("1"), label="Drag of lost wealth on core cash flow")
def wealth_drag(wealth_drag_prev, bust_state, wealth_drag_max, spread_memory):
    """Advertisers and customers spend a little less while a bust lasts."""
    return wealth_drag_prev + spread_memory * (wealth_drag_max * bust_state - wealth_drag_prev)

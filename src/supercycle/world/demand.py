"""Demand: users x intensity x price for consumers and enterprises, and captive use by the owners themselves.

Adoption is a Bass curve; spending per adopter grows and saturates under a ceiling (wage bill x exposure x share for
enterprises, users x revenue per user for consumers). The elasticity of spending to the service price tends to -1 near the
ceiling: e = -1 + (e_long + 1) x headroom. Compute needed follows from spending over price and efficiency. Captive compute
(ranking, search, own research, sovereign) is the owners' core gross profit times a budget share; it has no cash revenue.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, mean, positive, power, share, within
from supercycle.world.frame import FIRM, START, Block, figure, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("demand", "Demand", "End-customer spending, the compute it needs, and captive use.", mechanism="judged: adoption under ceilings with an elasticity that falls towards one; the forms are standard, their limits for AI are not known")

_OUTSIDE_CHINA = "World ex China, end-customer, de-duplicated"
measured(block, "opening_ai_revenue", "End-customer AI revenue, run rate of June 2026", "USD_bn/year",
         figure("genai_run_rate_total", _OUTSIDE_CHINA, "2026-06"), "generative-AI revenue outside China, layers eliminated")
measured(block, "opening_ai_revenue_ttm", "End-customer AI revenue, twelve months to June 2026", "USD_bn",
         figure("genai_revenue_total_ttm", _OUTSIDE_CHINA, "2025-07 to 2026-06"), "recognised over twelve months")
judged(block, "opening_revenue_growth", "Growth of AI revenue at the opening", "1/q", 0.32, 0.2, 0.48, "triangular",
       "log growth a quarter of the run rate", "0.25 is the mean of the twelve months to June (110 over them, 175 at the end); since then the labs, 46 % of it, went from about 80 "
       "in June to 105 in mid-August, 0.5 a quarter, and the clouds' part grows near 0.15: 0.32 together")
judged(block, "consumer_share_open", "Consumer share of AI revenue", "1", 0.27, 0.2, 0.35, "triangular",
       "consumers' part of the opening run rate", "OpenAI consumer about 60 % of its sales, Anthropic a fifth, others mostly enterprise")
judged(block, "users_open", "Active users of assistants at the opening", "user_bn", 1.25, 1.05, 1.5, "triangular",
       "weekly users, world", "ChatGPT 1.0 bn weekly in July 2026, 1.2 in September; Gemini 0.95 bn monthly overlaps")
sourced(block, "bass_p_consumer", "bass_p_consumer", "Innovation coefficient, consumers", "1/year", "lognormal")
sourced(block, "bass_q_consumer", "bass_q_consumer", "Imitation coefficient, consumers", "1/year", "lognormal")
sourced(block, "consumer_saturation", "consumer_saturation", "Users at saturation", "user_bn", "triangular", low=1.6,
        reason="1.5 bn would be below users already reached in the upper range of the opening")
judged(block, "arpu_ceiling", "Consumer revenue per user at maturity", "USD/user/year", 110.0, 55.0, 230.0, "lognormal",
       "subscriptions and advertising per active user", "2025: 19 USD per weekly user of ChatGPT; Meta earns about 55, Google above 80 "
       "from advertising; a paying minority adds as much again")
judged(block, "enterprise_adoption_open", "Share of firms paying at the opening", "1", 0.45, 0.35, 0.55, "triangular",
       "spending-weighted adoption", "US: 54-56 % of firms pay (card data), 20 % use it (Census); the world is behind")
sourced(block, "bass_q_enterprise", "bass_q_enterprise", "Imitation coefficient, enterprises", "1/year", "lognormal")
sourced(block, "enterprise_saturation", "enterprise_saturation", "Share of firms paying at saturation", "1", "triangular")
sourced(block, "wage_bill", "wage_bill_world_knowledge", "World wage bill of knowledge work", "USD_bn/year", "triangular", scale=1e3)
sourced(block, "task_exposure", "task_exposure_llm_plus_tools", "Share of tasks exposed", "1", "triangular")
sourced(block, "spend_share", "spend_share_of_exposed_wage", "AI spending over the exposed wage bill at maturity", "1", "lognormal")
judged(block, "wage_growth", "Growth of the wage bill", "1/q", 0.01, 0.005, 0.014, "triangular", "nominal log growth a quarter",
       "four per cent a year, world nominal GDP growth net of population shifts")
judged(block, "intensity_fade", "Fade of intensity growth", "1/q", 0.055, 0.035, 0.09, "lognormal",
       "rate at which the growth of spending per adopter fades besides saturation", "half-life of two to five years: users grew 1.2-1.6x "
       "in the last year while spending multiplied 3-7x, slowing from 10x; tuned from 0.07 (said in docs)")
sourced(block, "elasticity_long_run", "price_elasticity_compute_long_run", "Long-run elasticity of compute demand", "1", "normal")
judged(block, "inference_cost_share_open", "Compute cost over AI revenue at the opening", "1", 0.5, 0.42, 0.6, "triangular",
       "inference compute, free users included, over end-customer revenue",
       "lab gross margins of 33-60 %; labs' compute about 72 and other clouds' 48 of 175 bn, of which training about 32")
judged(block, "serving_scale", "Scale economies of serving", "1", 0.07, 0.0, 0.15, "triangular",
       "log fall of compute cost over revenue per log of revenue",
       "free use and waste shrink as revenue grows: gross margins 33-40 % (2025), plans of 63-77 % (2026-28) at six to ten times the sales; "
       "history supports half of it")
measured(block, "core_revenue_open", "Revenue of the five hyperscalers in 2026Q2", "USD_bn/q",
         sum((figure("revenue", firm, START) for firm in FIRM.members[1:]), start=figure("revenue", FIRM.members[0], START)),
         "all revenue, quarter", "sum of the five")
judged(block, "core_gross_margin", "Core gross margin of the five", "1", 0.55, 0.5, 0.6, "triangular", "core gross profit over revenue",
       "weighted from reported gross margins, Amazon near 0.5, software and advertising 0.6-0.8")
judged(block, "core_growth_open", "Growth of core revenue without more captive compute", "1/q", 0.028, 0.02, 0.036, "triangular", "log growth a quarter at the opening",
       "revenue of the five rose 15-17 % in the year to 2026Q2, AI and its uplift included")
judged(block, "core_growth_fade", "Fade of core growth", "1/q", 0.03, 0.015, 0.05, "triangular", "rate at which core growth fades",
       "half-life of about six years towards nominal GDP")
judged(block, "captive_elasticity", "Elasticity of captive use to the compute price", "1", -1.1, -1.4, -0.8, "triangular",
       "response of owners' use to the marginal contract price", "budgets are set in money: near -1")
judged(block, "takeoff_share_max", "Most of exposed wages that self-improving AI can be paid", "1", 0.3, 0.15, 0.5, "triangular",
       "share of the exposed wage bill", "labour's suppliers of tools have never kept more than a third of what they replaced")
judged(block, "bust_spend_cut", "Growth of AI spending lost in a bust", "1", 0.5, 0.2, 0.8, "triangular", "share of the growth of spending per adopter at a full bust",
       "IT spending growth fell from +10 to -5 % in 2001-02; budgets for new tools are the first to stop growing")
judged(block, "ceiling_truncation", "Least ceiling over the opening run rate", "1", 2.5, 2.0, 3.0, "fixed",
       "draws with an enterprise ceiling below this multiple of today's enterprise run rate are refused",
       "the two labs' own plans are three times today's sales")


@block.equation("user_bn", opening="users_open", label="Users of assistants", report=True)
def users(users_prev, bass_p_consumer, bass_q_consumer, consumer_saturation, year_per_quarter, one_quarter):
    """Bass adoption: innovators and imitators among those left; no one leaves."""
    left = positive(consumer_saturation - users_prev)
    return users_prev + (bass_p_consumer + bass_q_consumer * users_prev / consumer_saturation) * left * year_per_quarter * one_quarter


@block.equation("1", opening="enterprise_adoption_open", label="Firms paying for AI", report=True)
def enterprise_adoption(enterprise_adoption_prev, bass_q_enterprise, enterprise_saturation, year_per_quarter, one_quarter):
    """Bass adoption by imitation; no one leaves."""
    left = positive(enterprise_saturation - enterprise_adoption_prev)
    return enterprise_adoption_prev + (bass_q_enterprise * enterprise_adoption_prev / enterprise_saturation * left
                                       * year_per_quarter * one_quarter)


@block.equation("USD_bn/year", opening="opening_enterprise_ceiling", label="Ceiling of enterprise spending")
def enterprise_ceiling(enterprise_ceiling_prev, wage_growth, one_quarter, takeoff_regime, takeoff_growth_boost, network_regime,
                       network_regime_prev, network_prize_factor, wage_bill, task_exposure, takeoff_share_max, t):
    """Wage bill x exposure x share, with wage growth; regimes raise it, self-improvement up to a share of exposed wages."""
    room = positive(1 - enterprise_ceiling_prev / (wage_bill * exp(wage_growth * t) * task_exposure * takeoff_share_max))
    lock_in = (1 + network_regime * (network_prize_factor - 1)) / (1 + network_regime_prev * (network_prize_factor - 1))
    return enterprise_ceiling_prev * lock_in * exp((wage_growth + takeoff_regime * takeoff_growth_boost * room) * one_quarter)


@block.initial("USD_bn/year")
def opening_enterprise_ceiling(wage_bill, task_exposure, spend_share):
    """The product, never a single factor, is the ceiling."""
    return wage_bill * task_exposure * spend_share


@block.equation("USD_bn/year", opening=lambda arpu_ceiling, consumer_saturation: arpu_ceiling * consumer_saturation, label="Ceiling of consumer spending")
def consumer_ceiling(consumer_ceiling_prev, wage_growth, one_quarter):
    """Users at saturation x revenue per user, with income growth."""
    return consumer_ceiling_prev * exp(wage_growth * one_quarter)


@block.equation("1", opening="opening_headroom", label="Headroom under the ceilings")
def headroom(ai_revenue_run_rate_prev, enterprise_ceiling, consumer_ceiling):
    """What is left of the two ceilings."""
    return within(1 - ai_revenue_run_rate_prev / (enterprise_ceiling + consumer_ceiling), 0, 1)


@block.initial("1")
def opening_headroom(opening_ai_revenue, opening_enterprise_ceiling, arpu_ceiling, consumer_saturation):
    """Headroom at the opening."""
    return within(1 - opening_ai_revenue / (opening_enterprise_ceiling + arpu_ceiling * consumer_saturation), 0, 1)


@block.initial("1")
def opening_elasticity(elasticity_long_run, opening_headroom):
    """Elasticity at the opening."""
    return -1 + (elasticity_long_run + 1) * opening_headroom


@block.equation("1", opening="opening_elasticity", label="Elasticity of demand", report=True)
def demand_elasticity(elasticity_long_run, headroom):
    """Tends to -1 as revenue nears its ceiling: spending can no longer grow with a lower price."""
    return -1 + (elasticity_long_run + 1) * headroom


@block.equation("1/q", opening=zero("1/q"), label="Effect of the service price on spending")
def price_effect(demand_elasticity, service_price_log, service_price_log_prev, one_quarter):
    """(1 + e) times the log change of the service price."""
    return (1 + demand_elasticity) * (service_price_log - service_price_log_prev) / one_quarter


@block.initial("1/q")
def enterprise_intensity_open(opening_revenue_growth, bass_q_enterprise, enterprise_adoption_open, enterprise_saturation,
                              year_per_quarter, opening_elasticity, algorithmic_growth_open, opening_ai_revenue,
                              consumer_share_open, opening_enterprise_ceiling):
    """Growth of spending per firm that, with adoption and falling prices, gives the observed growth."""
    adoption = bass_q_enterprise * positive(1 - enterprise_adoption_open / enterprise_saturation) * year_per_quarter
    prices = -(1 + opening_elasticity) * algorithmic_growth_open
    room = positive(1 - opening_ai_revenue * (1 - consumer_share_open) / opening_enterprise_ceiling)
    return share(positive(opening_revenue_growth - adoption - prices), room, 0)


@block.initial("1/q")
def consumer_intensity_open(opening_revenue_growth, bass_p_consumer, bass_q_consumer, users_open, consumer_saturation,
                            year_per_quarter, opening_elasticity, algorithmic_growth_open, opening_ai_revenue,
                            consumer_share_open, arpu_ceiling):
    """Growth of revenue per user that, with adoption and falling prices, gives the observed growth."""
    adoption = (bass_p_consumer * consumer_saturation / users_open + bass_q_consumer) * positive(1 - users_open / consumer_saturation)
    prices = -(1 + opening_elasticity) * algorithmic_growth_open
    room = positive(1 - opening_ai_revenue * consumer_share_open / (arpu_ceiling * consumer_saturation))
    return share(positive(opening_revenue_growth - adoption * year_per_quarter - prices), room, 0)


@block.equation("USD_bn/year", opening=lambda opening_ai_revenue, consumer_share_open: opening_ai_revenue * (1 - consumer_share_open), label="Enterprise AI revenue, run rate", report=True)
def enterprise_revenue(enterprise_revenue_prev, enterprise_adoption, enterprise_adoption_prev, enterprise_intensity_open,
                       intensity_fade, t, enterprise_ceiling, price_effect, one_quarter, takeoff_regime, takeoff_growth_boost,
                       revenue_lost_log, bust_state_prev, bust_spend_cut, demand_shock):
    """Adoption x intensity x price, under the ceiling; the growth of intensity has its news."""
    room = 1 - enterprise_revenue_prev / enterprise_ceiling
    intensity = (enterprise_intensity_open * exp(-intensity_fade * t) * (1 + demand_shock) + takeoff_regime * takeoff_growth_boost) * room
    intensity = intensity * (1 - bust_spend_cut * bust_state_prev)
    growth = log(enterprise_adoption / enterprise_adoption_prev) + (intensity + price_effect * positive(room)) * one_quarter
    return enterprise_revenue_prev * exp(growth - revenue_lost_log)


@block.equation("USD_bn/year", opening=lambda opening_ai_revenue, consumer_share_open: opening_ai_revenue * consumer_share_open, label="Consumer AI revenue, run rate", report=True)
def consumer_revenue(consumer_revenue_prev, users, users_prev, consumer_intensity_open, intensity_fade, t, consumer_ceiling,
                     price_effect, one_quarter, revenue_lost_log, bust_state_prev, bust_spend_cut, demand_shock):
    """Users x revenue per user x price, under the ceiling; the growth of intensity has its news."""
    room = 1 - consumer_revenue_prev / consumer_ceiling
    growth = (log(users / users_prev) * positive(room)
              + (consumer_intensity_open * exp(-intensity_fade * t) * (1 + demand_shock) * room * (1 - bust_spend_cut * bust_state_prev) + price_effect * positive(room)) * one_quarter)
    return consumer_revenue_prev * exp(growth - revenue_lost_log)


@block.equation("USD_bn/year", opening="opening_ai_revenue", label="AI revenue, run rate", report=True)
def ai_revenue_run_rate(enterprise_revenue, consumer_revenue):
    """End-customer revenue, layers eliminated, at the end of the quarter."""
    return enterprise_revenue + consumer_revenue


@block.equation("USD_bn/q", opening=lambda opening_ai_revenue, year_per_quarter: opening_ai_revenue * year_per_quarter, label="AI revenue, recognised", report=True)
def ai_revenue_usd_bn(ai_revenue_run_rate, ai_revenue_run_rate_prev, year_per_quarter):
    """What is recognised in the quarter: the mean run rate."""
    return mean(ai_revenue_run_rate, ai_revenue_run_rate_prev) * year_per_quarter


@block.initial("MH100e", label="Compute behind end-customer revenue at the opening")
def opening_inference_mh100e(opening_ai_revenue, inference_cost_share_open, opening_book_price, hours_per_year, usd_m_per_usd_bn):
    """Compute cost over the contract price."""
    return opening_ai_revenue * inference_cost_share_open * usd_m_per_usd_bn / (opening_book_price * hours_per_year)


@block.equation("1", opening="inference_cost_share_open", label="Compute cost over AI revenue at unchanged prices")
def inference_cost_share(inference_cost_share_open, ai_revenue_run_rate, opening_ai_revenue, serving_scale):
    """Free use and serving waste shrink with scale."""
    return inference_cost_share_open * power(ai_revenue_run_rate / opening_ai_revenue, -serving_scale)


@block.equation("MH100e", opening="opening_inference_mh100e", label="Compute that customers ask for")
def inference_wanted_mh100e(opening_inference_mh100e, ai_revenue_run_rate, opening_ai_revenue, service_price_log, efficiency_log,
                     inference_cost_share, inference_cost_share_open):
    """Spending over (service price x efficiency): a jump frees compute until prices and demand have followed."""
    return opening_inference_mh100e * ai_revenue_run_rate / opening_ai_revenue * exp(-service_price_log - efficiency_log) \
        * inference_cost_share / inference_cost_share_open


@block.equation("MH100e", opening="opening_inference_mh100e", label="Compute behind end-customer revenue", report=True)
def inference_mh100e(inference_wanted_mh100e, lab_unserved_prev):
    """What customers ask for, less what labs could not pay to serve last quarter: free users go first, and nobody buys compute that nobody pays for."""
    return inference_wanted_mh100e * (1 - lab_unserved_prev)


@block.initial("MH100e", label="Compute desired at the opening")
def opening_desired_mh100e(opening_fleet_mh100e, availability, opening_utilisation):
    """What is in use."""
    return opening_fleet_mh100e * availability * opening_utilisation


@block.initial("MH100e", label="Captive compute at the opening")
def opening_captive_mh100e(opening_desired_mh100e, opening_inference_mh100e, opening_training_mh100e):
    """The residual: used compute less what labs and clouds sell; must be positive (joint truncation)."""
    return opening_desired_mh100e - opening_inference_mh100e - opening_training_mh100e


@block.equation("USD_bn/q", opening=lambda core_revenue_open, core_gross_margin: core_revenue_open * core_gross_margin, label="Core gross profit of the five, trend")
def core_trend_usd_bn(core_trend_usd_bn_prev, core_growth_open, core_growth_fade, wage_growth, t, one_quarter):
    """Grows at a rate that fades towards nominal income growth."""
    growth = wage_growth + (core_growth_open - wage_growth) * exp(-core_growth_fade * t)
    return core_trend_usd_bn_prev * exp(growth * one_quarter)


@block.equation("USD_bn/q", opening="core_trend_usd_bn", label="Core gross profit of the five")
def core_gross_profit(core_trend_usd_bn, core_cyclicality, output_loss_felt_prev):
    """The trend less what a recession takes: it comes back with output."""
    return core_trend_usd_bn * exp(-core_cyclicality * output_loss_felt_prev)


@block.equation("MH100e", opening="opening_desired_mh100e", label="Compute desired", report=True)
def desired_compute_mh100e(inference_mh100e, training_mh100e, captive_mh100e):
    """Inference for customers, training by labs, captive use."""
    return inference_mh100e + training_mh100e + captive_mh100e


@block.equation("1", opening="opening_external_share", label="Share of compute in use that earns external cash", report=True)
def external_share(inference_mh100e, training_mh100e, desired_compute_mh100e):
    """Inference and labs' training over all use; the rest is captive at an imputed transfer price."""
    return share(inference_mh100e + training_mh100e, desired_compute_mh100e, 0)


@block.initial("1")
def opening_external_share(opening_inference_mh100e, opening_training_mh100e, opening_desired_mh100e):
    """External share at the opening."""
    return (opening_inference_mh100e + opening_training_mh100e) / opening_desired_mh100e

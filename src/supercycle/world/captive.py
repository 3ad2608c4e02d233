"""Captive: owners' own use of compute has a payoff; nothing is drawn.

Ranking, search and advertising: an owner f buys compute K until its marginal value equals its price, e R m / K = c, so K* = e R m / c, with e the
elasticity of core revenue to compute, R core revenue, m contribution and c between its user cost and what it would fetch outside. Labs inside a parent are a second,
option-like use: they keep pace with the research of the labs outside, within a budget of the parents' gross profit. The rest (China, states, enterprises,
and what no source explains) is one judged stock that follows the same rule, with the elasticity that explains its growth at the opening. Adjustment is costly:
growth moves to what the rule asks for with inertia. Captive compute has no cash revenue; what it adds to core revenue is attributed, and earned.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, minimum, positive, power, share, within
from supercycle.world.frame import FIRM, Block, by_firm, judged, zero

__all__ = ["block"]

block = Block("captive", "Captive use", "Owners' own use of compute, with a payoff.", mechanism="judged: an owner uses compute until its marginal value equals its cost, with a constant elasticity; one event and growth ceilings speak to the elasticity")

_OWN = "figures labs: operational chips of end-2025 (Epoch owners and users) grown two quarters at 0.197, times availability and utilisation (0.736)"
by_firm(block, "captive_core_open", "Compute in the firm's core business at the opening", "MH100e", (0.37, 0.81, 0.37, 0.89, 0.015), "compute in use for ranking, search, advertising, own tools",
        _OWN, evidence="judgement", reason="Meta 0.82 M (19-67 % of its chips) and Alphabet 0.74 M at end-2025; Microsoft and Amazon do not split own from sold: half of Alphabet's", spread=0.3)
by_firm(block, "captive_elasticity_core", "Elasticity of core revenue to captive compute", "1", (0.015, 0.02, 0.015, 0.04, 0.005), "e in K* = e R m / c",
        "figures labs: Meta doubled the chips of its ads model for clicks +3.5 and conversions +1 %, e = 0.014-0.050; break-even today 0.052 (Meta), 0.022 (Alphabet)", evidence="judgement",
        reason="lognormal with median 0.04 and 90 % of 0.015-0.12 for Meta, half of it for Alphabet; the common factor below carries the width", spread=0.0)
judged(block, "captive_payoff", "Payoff of captive compute over the central estimate", "1", 1.0, 0.375, 3.0, "lognormal", "common factor on all elasticities",
       "0.015 to 0.12 around 0.04 for Meta: one event and two ceilings from growth over chip growth; common across owners and quarters")
judged(block, "captive_contribution", "Contribution of core revenue", "1", 0.8, 0.7, 0.9, "triangular", "cash left of a dollar of uplift", "advertising and search at the margin; judgement of the page")
by_firm(block, "core_part_ai", "Part of revenue that captive compute can lift", "1", (0.6, 0.83, 0.5, 0.98, 0.5), "core revenue over all revenue", "", evidence="judgement",
        reason="Alphabet less Cloud 0.83, Meta's Family of Apps 0.98; advertising, software and shops of the others", spread=0.0)
judged(block, "in_house_open", "Compute of labs inside Google and Meta at the opening", "MH100e", 2.8, 1.9, 3.9, "triangular", "DeepMind and Meta Superintelligence Labs, in use",
       "1.58 (1.01-2.55) and 1.00 (0.61-1.64) M chips at end-2025, grown two quarters, times 0.736; 0.6 of DeepMind's lies in Cloud's half and is counted here only")
judged(block, "in_house_budget_max", "Most that parents spend on labs inside", "1", 0.1, 0.06, 0.16, "triangular", "compute at contract price over core gross profit of the five",
       "about 0.05 today; R&D over gross profit is 0.15-0.44, of which frontier labs can be a third")
judged(block, "captive_speed", "Speed at which owners close the gap to the payoff", "1/q", 0.25, 0.15, 0.4, "triangular", "log growth a quarter per log gap", "budgets of owners are yearly: gaps close over four quarters once there is capacity")
judged(block, "in_house_growth_open", "Growth of compute of labs inside parents at the opening", "1/q", 0.3, 0.2, 0.36, "triangular", "log growth a quarter", "3.8 and 4.0 times in 2025, 0.33-0.35 a quarter (figures labs: lab_compute_growth)")
judged(block, "captive_inertia", "Speed at which growth of captive use changes", "1", 0.35, 0.2, 0.5, "triangular", "part of the gap in growth closed a quarter",
       "adjustment costs on changes of investment: half-life of two quarters")
judged(block, "captive_growth_open", "Growth of captive compute at the opening", "1/q", 0.2, 0.15, 0.24, "triangular",
       "log growth a quarter", "the fleet grew 2.2x a year with rising prices, so captive use grew about as fast")
judged(block, "captive_fall_max", "Fastest fall of captive use", "1/q", 0.05, 0.03, 0.08, "triangular", "log fall a quarter", "own chips are paid for: use falls as they retire or are lent to others")
judged(block, "captive_bust_cut", "Growth of captive use lost in a bust", "1/q", 0.06, 0.02, 0.1, "triangular", "log growth a quarter at a full bust", "IT budgets fell 10-30 % in 2001-03 and 2009")
judged(block, "option_value_share", "Value of labs inside and of other captive use over its price", "1", 0.7, 0.2, 1.2, "triangular", "attributed value over contract price",
       "nobody reports one; at one the use would just be worth renting out, research of 2023-25 was written off in full and parents go on")


@block.initial("MH100e", label="Captive use that no source explains, at the opening")
def other_captive_open(opening_captive_mh100e, captive_core_sum_open, in_house_open):
    """The residual use less what sources explain: China, states, enterprises and error, in one judged stock."""
    return positive(opening_captive_mh100e - captive_core_sum_open - in_house_open)


@block.initial("MH100e", axis=FIRM)
def captive_core_given(captive_core_open):
    """Core use by firm."""
    return captive_core_open


block.total("captive_core_sum_open", of="captive_core_given", unit="MH100e", meaning="core use of the five at the opening", opening=True)


judged(block, "captive_opportunity", "Weight of what compute would fetch outside in its price to the owner", "1", 0.5, 0.2, 0.8, "triangular", "exponent of the contract price, the rest user cost",
       "an owner who builds for itself pays user cost, one who could let instead gives up the contract price; most do both")


@block.equation("USD_m/MH100e/q", opening=lambda hours_per_quarter, opening_contract_price, opening_breakeven_price, captive_opportunity: (
        opening_contract_price * power(opening_breakeven_price / opening_contract_price, 1 - captive_opportunity) * hours_per_quarter),
                label="What a quarter of compute costs its owner")
def captive_price(contract_price_prev, breakeven_price_prev, captive_opportunity, price_ratio_bound, hours_per_quarter):
    """Between the contract price and user cost (bounded as plans are), by weight."""
    cost = within(breakeven_price_prev / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound)
    return contract_price_prev * power(cost, 1 - captive_opportunity) * hours_per_quarter


@block.equation("USD_bn/q", axis=FIRM, opening=lambda revenue_open, core_part_ai: revenue_open * core_part_ai, label="Core revenue that captive compute lifts")
def firm_lifted_revenue_usd_bn(revenue_open, core_part_ai, core_gross_profit, core_revenue_open, core_gross_margin):
    """Grows with core gross profit."""
    return revenue_open * core_part_ai * core_gross_profit / (core_revenue_open * core_gross_margin)


@block.equation("USD_bn/q", axis=FIRM, label="Captive compute that pays, in money", report=True)
def firm_captive_pays_usd_bn(captive_elasticity_core, captive_payoff, firm_lifted_revenue_usd_bn, captive_contribution):
    """c K* = e R m: the bill at which marginal value equals cost; with a constant elasticity it is a share of revenue, whatever the price."""
    return captive_elasticity_core * captive_payoff * firm_lifted_revenue_usd_bn * captive_contribution


@block.equation("1/q", axis=FIRM, opening="captive_growth_open", label="Growth of the firm's captive bill")
def firm_captive_growth(firm_captive_growth_prev, captive_inertia, captive_speed, firm_captive_pays_usd_bn, firm_captive_bill_usd_bn_prev, captive_fall_max, captive_bust_cut,
                        bust_state_prev, expectation_cap):
    """Moves with inertia to what closes the gap to the payoff; no faster down than chips leave, no faster up than anybody plans."""
    asked = within(captive_speed * log(firm_captive_pays_usd_bn / firm_captive_bill_usd_bn_prev) - captive_bust_cut * bust_state_prev, -captive_fall_max, expectation_cap)
    return firm_captive_growth_prev + captive_inertia * (asked - firm_captive_growth_prev)


@block.equation("USD_bn/q", axis=FIRM, opening=lambda usd_bn_per_usd_m, captive_core_open, captive_price: captive_core_open * captive_price * usd_bn_per_usd_m, label="The firm's captive bill in its core business", report=True)
def firm_captive_bill_usd_bn(firm_captive_bill_usd_bn_prev, firm_captive_growth, one_quarter):
    """Last quarter's, grown: budgets are set in money."""
    return firm_captive_bill_usd_bn_prev * exp(firm_captive_growth * one_quarter)


@block.equation("MH100e", axis=FIRM, opening="captive_core_open", label="Captive compute in the firm's core business", report=True)
def firm_captive_mh100e(firm_captive_bill_usd_bn, captive_price, usd_m_per_usd_bn):
    """What the bill buys at cost."""
    return firm_captive_bill_usd_bn * usd_m_per_usd_bn / captive_price


block.total("core_captive_mh100e", of="firm_captive_mh100e", unit="MH100e", meaning="captive compute in core businesses of the five", label="Captive compute: core businesses", report=True, opening=True)


@block.equation("1/q", opening="in_house_growth_open", label="Growth of the bill of labs inside parents")
def in_house_growth(in_house_growth_prev, captive_inertia, captive_speed, in_house_bill_usd_bn_prev, opening_in_house_bill_usd_bn, training_usd_bn_prev, opening_training_spend,
                    year_per_quarter, in_house_budget_max, core_gross_profit, captive_fall_max, captive_bust_cut, bust_state_prev, expectation_cap):
    """Keeps pace with the research spending of the labs outside, within the budget cap: an option is paid for as long as rivals pay for it."""
    pace = opening_in_house_bill_usd_bn * training_usd_bn_prev / (opening_training_spend * year_per_quarter)
    asked = within(captive_speed * log(minimum(pace, in_house_budget_max * core_gross_profit) / in_house_bill_usd_bn_prev) - captive_bust_cut * bust_state_prev,
                   -captive_fall_max, expectation_cap)
    return in_house_growth_prev + captive_inertia * (asked - in_house_growth_prev)


@block.equation("USD_bn/q", opening=lambda usd_bn_per_usd_m, in_house_open, captive_price: in_house_open * captive_price * usd_bn_per_usd_m, label="Bill of labs inside parents", report=True)
def in_house_bill_usd_bn(in_house_bill_usd_bn_prev, in_house_growth, one_quarter):
    """Last quarter's, grown."""
    return in_house_bill_usd_bn_prev * exp(in_house_growth * one_quarter)


@block.initial("USD_bn/q")
def opening_in_house_bill_usd_bn(in_house_bill_usd_bn):
    """The same at the opening."""
    return in_house_bill_usd_bn


@block.equation("MH100e", opening="in_house_open", label="Captive compute: labs inside parents", report=True)
def in_house_mh100e(in_house_bill_usd_bn, captive_price, usd_m_per_usd_bn):
    """What the bill buys at cost."""
    return in_house_bill_usd_bn * usd_m_per_usd_bn / captive_price


@block.initial("MH100e")
def opening_in_house_mh100e(in_house_open):
    """Labs inside parents at the opening."""
    return in_house_open


@block.equation("1/q", opening="captive_growth_open", label="Growth of the bill of other captive use")
def other_captive_growth(other_captive_growth_prev, captive_inertia, captive_speed, other_captive_bill_usd_bn_prev, opening_other_bill_usd_bn, core_gross_profit, core_revenue_open,
                         core_gross_margin, captive_payoff, captive_growth_open, captive_fall_max, captive_bust_cut, bust_state_prev, expectation_cap, least_bill):
    """The payoff rule with the elasticity that makes the growth of the opening the rule's own: from there the bill follows revenue."""
    pays = opening_other_bill_usd_bn * exp(captive_growth_open / captive_speed) * captive_payoff * core_gross_profit / (core_revenue_open * core_gross_margin)
    asked = within(captive_speed * log(pays / (other_captive_bill_usd_bn_prev + least_bill)) - captive_bust_cut * bust_state_prev, -captive_fall_max, expectation_cap)
    return other_captive_growth_prev + captive_inertia * (asked - other_captive_growth_prev)


@block.equation("USD_bn/q", opening=lambda usd_bn_per_usd_m, other_captive_open, captive_price: other_captive_open * captive_price * usd_bn_per_usd_m, label="Bill of other captive use", report=True)
def other_captive_bill_usd_bn(other_captive_bill_usd_bn_prev, other_captive_growth, one_quarter):
    """Last quarter's, grown."""
    return other_captive_bill_usd_bn_prev * exp(other_captive_growth * one_quarter)


@block.initial("USD_bn/q")
def opening_other_bill_usd_bn(other_captive_bill_usd_bn, least_bill):
    """The same at the opening, above nothing: what sources explain may be all of it."""
    return other_captive_bill_usd_bn + least_bill


judged(block, "least_bill", "A bill too small to count", "USD_bn/q", 0.001, 0.0001, 0.01, "fixed", "floor", "a floor, so that a ratio can be taken of none")


@block.equation("MH100e", opening="other_captive_open", label="Captive compute: others and unexplained", report=True)
def other_captive_mh100e(other_captive_bill_usd_bn, captive_price, usd_m_per_usd_bn):
    """What the bill buys at cost."""
    return other_captive_bill_usd_bn * usd_m_per_usd_bn / captive_price


@block.equation("MH100e", opening=lambda opening_captive_mh100e: maximum(opening_captive_mh100e, 0), label="Captive compute", report=True)
def captive_mh100e(core_captive_mh100e, in_house_mh100e, other_captive_mh100e):
    """Core businesses, labs inside parents, others."""
    return core_captive_mh100e + in_house_mh100e + other_captive_mh100e


@block.equation("1", opening=lambda core_gross_profit, usd_bn_per_usd_m, captive_mh100e, captive_price: (
        captive_mh100e * captive_price * usd_bn_per_usd_m / core_gross_profit), label="Captive use at contract prices over core gross profit", report=True)
def captive_share(captive_mh100e, captive_price, usd_bn_per_usd_m, core_gross_profit):
    """A reading: what owners give up by using the compute themselves."""
    return captive_mh100e * captive_price * usd_bn_per_usd_m / core_gross_profit


# what it adds

@block.equation("1", axis=FIRM, opening=zero("1"), label="Uplift of core revenue since the opening, log", report=True)
def firm_uplift_log(captive_elasticity_core, captive_payoff, firm_captive_mh100e, captive_core_open):
    """e log(K / K at the opening)."""
    return captive_elasticity_core * captive_payoff * log(firm_captive_mh100e / captive_core_open)


@block.equation("USD_bn/q", axis=FIRM, label="Cash that more captive compute brings the firm", report=True)
def firm_uplift_usd_bn(firm_lifted_revenue_usd_bn, firm_uplift_log, captive_contribution):
    """Contribution of the revenue that is there because compute has grown since the opening."""
    return firm_lifted_revenue_usd_bn * (exp(firm_uplift_log) - 1) * captive_contribution


block.total("core_attributed_usd_bn", of="firm_captive_pays_usd_bn", unit="USD_bn/q", meaning="value attributed to captive compute in core businesses")


@block.equation("1", label="Attributed value of captive use over its price", report=True)
def captive_value_ratio(core_attributed_usd_bn, in_house_mh100e, other_captive_mh100e, option_value_share, captive_price, usd_bn_per_usd_m, captive_mh100e):
    """Uplift of core revenue and the judged value of the rest, over all captive use at contract prices."""
    rest = (in_house_mh100e + other_captive_mh100e) * option_value_share * captive_price * usd_bn_per_usd_m
    return share(core_attributed_usd_bn + rest, captive_mh100e * captive_price * usd_bn_per_usd_m, 0)

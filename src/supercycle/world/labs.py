"""Labs: one by one. Cash of each (shares of revenue are the contest's); rounds by growth and mood; failure of the one whose cash is gone.

Company: revenue less serving, training, other costs and take-or-pay on firm commitments not used, plus rounds. A round is a share of value,
value is run rate times a multiple of growth, and no round closes in a bust or for a lab that has stopped growing: size alone raises nothing.
A lab that has been short of cash for two quarters while no round closed fails, once; labs inside a parent (Google, Meta, xAI in SpaceX) and the many small
ones do not: their losses are their parents'. Google's and Meta's labs have no cash of their own here: their revenue is the parent's and their
compute is captive use (demand).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, minimum, positive, power, share, where, within
from supercycle.figures.network import edges
from supercycle.world.contest import LAB, by_lab
from supercycle.world.frame import Block, figure, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("labs", "Labs", "Shares, cash, rounds and failure of the AI labs, one by one.", mechanism="judged: a lab spends what it can raise and earn, and fails when it cannot pay; rules of conduct are read from three firms' disclosures")

by_lab(block, "lab_alone", "Nobody stands behind the lab", "1", (1.0, 1.0, 0.0, 0.0, 0.0, 0.0), "one for a lab that can fail",
        "xAI belongs to SpaceX, whose shares are listed; the small ones are many and backed by states and parents")
judged(block, "opening_training_spend", "Labs' training and research compute", "USD_bn/year", 32.0, 24.0, 42.0, "triangular",
       "compute bought for training at the opening", "labs' compute about 72 bn a year, inference about 40 of it (56 %)")
by_lab(block, "lab_rd_part_open", "Part of the labs' training and research compute", "1", (0.56, 0.28, 0.12, 0.0, 0.0, 0.04), "over the labs that sell for themselves",
        "research compute of 2025: OpenAI 8.3 bn (25 to 32 planned for 2026), Anthropic about 4, xAI's chips at owning cost")
sourced(block, "training_cost_growth", "training_run_cost_growth", "Growth of the cost of frontier training in a year", "1", "lognormal")
judged(block, "training_growth_fade", "Fade of training cost growth", "1/q", 0.1, 0.06, 0.18, "lognormal", "rate at which wanted growth fades",
       "half-life of seven quarters: OpenAI plans 25-32, 65 and 121 bn for 2026-28, the others far less; 2.4x a year beats any revenue within four years")
judged(block, "imposed_generation_ratio", "Cost of a generation over the last, imposed", "1", 1.0, 1.0, 12.0, "switch", "factor a year that does not fade; one for none",
       "scenario switch: an illustration of ten times a generation")
judged(block, "lab_other_cost_open", "Labs' other costs over revenue at the opening", "1", 0.32, 0.25, 0.42, "triangular", "staff, sales, data over revenue",
       "all costs over revenue 1.5-2.8 now, compute the larger part; R&D staff 29-49 % of model development")
judged(block, "lab_scale", "Scale economies of labs' other costs", "1", 0.14, 0.05, 0.25, "triangular",
       "log fall of other costs over revenue per log of revenue", "mature software and platforms spend 20-35 % besides cost of sales, at "
       "ten times the labs' revenue")
by_lab(block, "lab_serving_weight", "Cost of serving over the mean", "1", (1.35, 0.72, 1.3, 1.0, 1.0, 1.2), "inference cost over revenue, relative",
        "OpenAI's gross margin 0.39 (44 % of its inference serves users who pay nothing), Anthropic's inference margin about 0.70")
judged(block, "opening_lab_cash", "Labs' cash at the opening", "USD_bn", 150.0, 110.0, 190.0, "triangular", "cash and committed equity",
       "OpenAI 73 (June 2026), Anthropic 65 bn round (May 2026) and 20 bn at end-2025 less burn, others and undrawn tranches")
by_lab(block, "lab_cash_part_open", "Part of the labs' cash", "1", (0.49, 0.42, 0.06, 0.0, 0.0, 0.03), "at the opening", "OpenAI 73 of 150; Anthropic's rounds less burn; xAI within its parent")
judged(block, "training_release", "Committed compute that can be dropped in a quarter", "1/q", 0.08, 0.04, 0.15, "triangular", "run-off of commitments",
       "518 bn over about ten years, 80 % non-cancellable (one lab)")
judged(block, "lab_reserve_q", "Cash reserve in quarters of costs", "q", 1.0, 0.5, 2.0, "triangular", "cash a lab keeps",
       "boards keep two to four quarters of burn, which is less than a quarter or two of costs")
sourced(block, "lab_runway_q", "lab_failure_runway", "Quarters over which spare cash is spent", "q", "uniform")
judged(block, "lab_value_multiple", "Value over run rate of a lab that does not grow", "1", 6.0, 3.0, 9.0, "triangular", "valuation over run rate", "mature software sells for five to eight times sales")
judged(block, "lab_value_growth", "Value over run rate per log of yearly growth", "year", 20.0, 10.0, 30.0, "triangular", "added multiple", "852 over 25 and 965 over 47 at growth near 1.2 to 2 a year: 21-34 times")
judged(block, "lab_raise_cap", "Largest equity raise a quarter over value", "1/q", 0.025, 0.015, 0.04, "triangular", "dilution labs accept",
       "rounds of 10-15 % a year")
judged(block, "lab_parent_most", "Most that a parent or state bears of a lab's research", "USD_bn/q", 10.0, 5.0, 20.0, "triangular", "a quarter", "xAI's capital spending was 7.7 bn in 2026Q1 and is carried by SpaceX")
judged(block, "lab_round_growth", "Growth below which no round closes", "1/year", 0.1, 0.0, 0.25, "triangular", "log growth a year of the lab's revenue", "late rounds of slow growers did not close in 2022-23; debt and sale of parts take over")
judged(block, "lab_growth_memory", "Memory of a lab's growth", "1", 0.35, 0.2, 0.5, "triangular", "weight of the newest quarter", "investors look at the last two to four quarters")
judged(block, "lab_firm_share", "Part of commitments that is take-or-pay", "1", 0.8, 0.6, 0.9, "triangular", "share owed whether used or not", "one prospectus: 80 % of 518 bn is non-cancellable")
judged(block, "lab_commitment_ramp_q", "Quarters until contracted capacity is delivered", "q", 12.0, 8.0, 18.0, "triangular", "time constant", "nothing is owed before halls stand: Oracle's 300 bn starts in 2027, ten-year contracts ramp over three to five years")
judged(block, "lab_short_quarters", "Quarters of want before a lab fails", "q", 2.0, 1.0, 3.0, "fixed", "quarters short of cash without a round", "payrolls and suppliers wait a quarter or two")
judged(block, "lab_unpaid_part", "Part of what a lab owes whose want is visible", "1", 0.02, 0.01, 0.05, "fixed", "unpaid over owed", "suppliers notice two per cent")
judged(block, "lab_concentration", "Largest lab's share", "1", 0.45, 0.35, 0.55, "triangular", "of the labs' contracts with neoclouds' customers",
       "OpenAI is 45 % of one provider's backlog and half of labs' revenue")
judged(block, "lab_recapture", "Customers that move on after a failure", "1", 0.7, 0.5, 0.9, "triangular", "share of a failed lab's sales kept by rivals",
       "only 11 % of teams switch by themselves, but all can within weeks: multi-homing is common")
judged(block, "imposed_lab_failure_quarter", "Quarter in which the largest lab fails", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch; the lab is OpenAI, the largest buyer of the deal graph")


def _promised(lab: str) -> float:
    """A lab's promises to buy compute that are committed, USD bn."""
    return sum(e.amount_usd_bn or 0.0 for e in edges() if e.giver == lab and e.claim == "commitment" and e.status == "committed")


_ALL = sum(_promised(lab) for lab in LAB.members)
for _lab in LAB.members:
    measured(block, f"lab_commitment_part:{_lab}", f"Part of the labs' commitments, {_lab}", "1", _promised(_lab) / _ALL, "of compute signed by labs", "sum of disclosed amounts, figures network",
             evidence="published")
block.family("lab_commitment_part", LAB)
for _i, _lab in enumerate(LAB.members):
    measured(block, f"lab_is_largest:{_lab}", f"The lab of an imposed failure, {_lab}", "1", 1.0 if _i == 0 else 0.0, "one for the largest buyer", "figures network, committed amounts")
block.family("lab_is_largest", LAB)


# failure

@block.equation("q", axis=LAB, opening=zero("q"), label="Quarters in which the lab could not pay what it owes")
def lab_short_q(lab_short_q_prev, lab_unpaid_usd_bn_prev, lab_owed_usd_bn_prev, lab_unpaid_part, lab_alone, one_quarter):
    """Counts while a lab that nobody stands behind leaves a visible part of what it owes unpaid; starts again when it pays."""
    return where((lab_unpaid_usd_bn_prev > lab_unpaid_part * lab_owed_usd_bn_prev) & (lab_alone > 0), lab_short_q_prev + one_quarter, 0 * one_quarter)




@block.equation("1", axis=LAB, opening=zero("1"), label="The lab has failed", report=True)
def lab_failed(lab_failed_prev, lab_short_q, lab_short_quarters, lab_is_largest, t, imposed_lab_failure_quarter):
    """One from the quarter on in which it has been short for as long as anybody waits, or in which its failure is imposed."""
    imposed = (imposed_lab_failure_quarter > 0) & (t >= imposed_lab_failure_quarter) & (lab_is_largest > 0)
    return where((lab_short_q >= lab_short_quarters) | imposed, 1, lab_failed_prev)


@block.equation("1", axis=LAB, opening=zero("1"))
def lab_newly_failed_part(lab_failed, lab_failed_prev, lab_own_part_prev):
    """Part of AI revenue of a lab that fails this quarter."""
    return (lab_failed - lab_failed_prev) * lab_own_part_prev


block.total("lab_newly_failed", of="lab_newly_failed_part", unit="1", meaning="part of AI revenue of labs that fail this quarter")


@block.equation("1", opening=zero("1"), label="Share of labs that has failed", report=True)
def lab_failed_share(lab_failed_share_prev, lab_newly_failed, lab_share_prev):
    """Of the labs that sell for themselves, by revenue when they fail."""
    return lab_failed_share_prev + (1 - lab_failed_share_prev) * within(share(lab_newly_failed, lab_share_prev, 0), 0, 1)


@block.equation("1", label="Log of spending lost to failures")
def revenue_lost_log(lab_newly_failed, lab_recapture):
    """The part of failed labs' sales that nobody takes over."""
    return -log(1 - lab_newly_failed * (1 - lab_recapture))


# the company

@block.equation("USD_bn/q", axis=LAB, opening=lambda year_per_quarter, lab_own_part, opening_ai_revenue: lab_own_part * opening_ai_revenue * year_per_quarter, label="Revenue of the lab", report=True)
def lab_sales_usd_bn(lab_own_part, ai_revenue_usd_bn):
    """Its part of what is recognised in the quarter."""
    return lab_own_part * ai_revenue_usd_bn


block.total("lab_revenue_usd_bn", of="lab_sales_usd_bn", unit="USD_bn/q", meaning="labs' revenue", label="Labs' revenue", report=True, opening=True)


@block.initial("1", axis=LAB)
def lab_serving_weighted(lab_serving_weight, lab_weight_open, lab_weights_open):
    """Relative cost of serving by part of sales."""
    return lab_serving_weight * lab_weight_open / lab_weights_open


block.total("lab_serving_mean", of="lab_serving_weighted", unit="1", meaning="mean relative cost of serving at the opening", opening=True)


@block.equation("USD_bn/q", axis=LAB, opening=lambda year_per_quarter, inference_cost_share_open, opening_ai_revenue, lab_serving_mean, lab_own_part, lab_serving_weight: (
        lab_own_part * lab_serving_weight / lab_serving_mean * opening_ai_revenue * inference_cost_share_open * year_per_quarter))
def lab_serving_due_usd_bn(lab_own_part, lab_serving_weight, lab_serving_mean, inference_wanted_mh100e, book_price_prev, hours_per_quarter, usd_bn_per_usd_m):
    """Its part of the compute behind end-customer revenue, at contract prices and its own cost of serving."""
    return lab_own_part * lab_serving_weight / lab_serving_mean * inference_wanted_mh100e * book_price_prev * hours_per_quarter * usd_bn_per_usd_m


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Money the lab can spend in the quarter")
def lab_means_usd_bn(lab_cash_by_usd_bn_prev, lab_sales_usd_bn, lab_round_usd_bn, one_quarter):
    """Cash, sales and the round: no lab spends more, so none lives on an overdraft without a name."""
    return positive(lab_cash_by_usd_bn_prev / one_quarter + lab_sales_usd_bn + lab_round_usd_bn)


@block.equation("USD_bn/q", axis=LAB, opening="lab_serving_due_usd_bn", label="Serving cost of the lab")
def lab_serving_usd_bn(lab_serving_due_usd_bn, lab_means_usd_bn):
    """What serving asks for, within its means: free users go first."""
    return minimum(lab_serving_due_usd_bn, lab_means_usd_bn)


block.total("lab_inference_usd_bn", of="lab_serving_usd_bn", unit="USD_bn/q", meaning="labs' inference cost", label="Labs' inference cost", opening=True)


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"))
def lab_unserved_usd_bn(lab_serving_due_usd_bn, lab_serving_usd_bn):
    """What serving asks for and the lab cannot pay."""
    return lab_serving_due_usd_bn - lab_serving_usd_bn


block.total("labs_unserved_usd_bn", of="lab_unserved_usd_bn", unit="USD_bn/q", meaning="serving that labs cannot pay", opening=True)


@block.equation("1", opening=zero("1"), label="Compute for customers that labs cannot pay for")
def lab_unserved(labs_unserved_usd_bn, inference_wanted_mh100e, book_price_prev, hours_per_quarter, usd_bn_per_usd_m):
    """Over what all customers ask for, at contract prices: those users are turned away in the next quarter."""
    return within(share(labs_unserved_usd_bn, inference_wanted_mh100e * book_price_prev * hours_per_quarter * usd_bn_per_usd_m, 0), 0, 1)


@block.equation("1", opening="lab_other_cost_open", label="Labs' other costs over revenue")
def lab_other_cost_share(lab_other_cost_open, ai_revenue_run_rate, opening_ai_revenue, lab_scale):
    """Staff and sales grow less than revenue."""
    return lab_other_cost_open * power(ai_revenue_run_rate / opening_ai_revenue, -lab_scale)


@block.equation("USD_bn/q", axis=LAB, opening=lambda lab_sales_usd_bn, lab_other_cost_open: lab_sales_usd_bn * lab_other_cost_open)
def lab_overhead_usd_bn(lab_sales_usd_bn, lab_other_cost_share, lab_means_usd_bn, lab_serving_usd_bn):
    """Staff, sales and data, within what serving leaves."""
    return minimum(lab_sales_usd_bn * lab_other_cost_share, lab_means_usd_bn - lab_serving_usd_bn)


block.total("lab_other_usd_bn", of="lab_overhead_usd_bn", unit="USD_bn/q", meaning="labs' other costs", label="Labs' other costs", opening=True)


@block.initial("MH100e", label="Training compute at the opening")
def opening_training_mh100e(opening_training_spend, opening_book_price, hours_per_year, usd_m_per_usd_bn):
    """Spend over the contract price."""
    return opening_training_spend * usd_m_per_usd_bn / (opening_book_price * hours_per_year)


@block.equation("USD_bn/q", axis=LAB, opening=lambda lab_rd_part_open, opening_training_spend, year_per_quarter: (
        opening_training_spend * year_per_quarter * lab_rd_part_open), label="Training the lab wants")
def lab_rd_wanted_usd_bn(lab_rd_wanted_usd_bn_prev, training_cost_growth, training_growth_fade, imposed_generation_ratio, t, one_year, one_quarter, lab_failed):
    """Cost of staying at the frontier: its growth fades, unless a ratio a generation is imposed; failed labs want nothing."""
    growth = where(imposed_generation_ratio > 1, log(imposed_generation_ratio), log(training_cost_growth) * exp(-training_growth_fade * t))
    return lab_rd_wanted_usd_bn_prev * exp(growth / one_year * one_quarter) * (1 - lab_failed)


block.total("training_wanted", of="lab_rd_wanted_usd_bn", unit="USD_bn/q", meaning="training labs want", label="Training labs want", opening=True)


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Training the lab can pay for")
def lab_rd_affordable_usd_bn(lab_sales_usd_bn, lab_serving_usd_bn, lab_overhead_usd_bn, lab_cash_by_usd_bn_prev, lab_cost_by_usd_bn_prev, lab_reserve_q, lab_runway_q):
    """Gross profit after other costs, and cash above the reserve spread over the runway."""
    earned = lab_sales_usd_bn - lab_serving_usd_bn - lab_overhead_usd_bn
    return positive(earned + (lab_cash_by_usd_bn_prev - lab_reserve_q * lab_cost_by_usd_bn_prev) / lab_runway_q)


@block.equation("USD_bn/q", axis=LAB, opening=lambda lab_rd_part_open, opening_training_spend, year_per_quarter: (
        opening_training_spend * year_per_quarter * lab_rd_part_open), label="Training spend of the lab", report=True)
def lab_rd_usd_bn(lab_rd_wanted_usd_bn, lab_rd_affordable_usd_bn, lab_rd_usd_bn_prev, training_release, lab_failed, one_quarter, lab_means_usd_bn,
                  lab_serving_usd_bn, lab_overhead_usd_bn, lab_alone, lab_parent_most):
    """The smaller of wanted and affordable (a parent pays what is wanted up to what it bears), not below what is committed, and never beyond its means."""
    committed = lab_rd_usd_bn_prev * (1 - training_release * one_quarter) * (1 - lab_failed)
    asked = where(lab_alone > 0, maximum(minimum(lab_rd_wanted_usd_bn, lab_rd_affordable_usd_bn), minimum(committed, lab_rd_wanted_usd_bn)), minimum(lab_rd_wanted_usd_bn, lab_parent_most))
    return minimum(asked, positive(lab_means_usd_bn - lab_serving_usd_bn - lab_overhead_usd_bn))


block.total("training_usd_bn", of="lab_rd_usd_bn", unit="USD_bn/q", meaning="labs' training spend", label="Labs' training spend", report=True, opening=True)


@block.equation("1", opening="one", label="Share of wanted training that is funded", report=True)
def training_funded(training_usd_bn, training_wanted):
    """One when labs can pay for the frontier."""
    return within(share(training_usd_bn, training_wanted, 1), 0, 1)


block.constant("one", 1.0, "1", "all of it")


@block.equation("MH100e", opening="opening_training_mh100e", label="Training compute", report=True)
def training_mh100e(training_usd_bn, book_price_prev, hours_per_quarter, usd_m_per_usd_bn):
    """What the budgets buy at contract prices."""
    return training_usd_bn * usd_m_per_usd_bn / (book_price_prev * hours_per_quarter)


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Owed on firm commitments not used")
def lab_shortfall_due_usd_bn(commitments_due, lab_commitment_ramp_q, t, lab_commitment_part, lab_firm_share, lab_serving_usd_bn, lab_rd_usd_bn, lab_failed):
    """Take-or-pay on what falls due beyond what is used, as far as the capacity has been delivered; a failed lab owes nobody."""
    delivered = 1 - exp(-t / lab_commitment_ramp_q)
    return positive(delivered * commitments_due * lab_commitment_part * lab_firm_share - lab_serving_usd_bn - lab_rd_usd_bn) * (1 - lab_failed)


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Paid on firm commitments not used", report=True)
def lab_topup_usd_bn(lab_shortfall_due_usd_bn, lab_serving_usd_bn, lab_rd_usd_bn, lab_overhead_usd_bn, lab_means_usd_bn):
    """As far as means go."""
    return minimum(lab_shortfall_due_usd_bn, positive(lab_means_usd_bn - lab_serving_usd_bn - lab_rd_usd_bn - lab_overhead_usd_bn))


@block.equation("USD_bn/q", axis=LAB, opening="lab_cost_by_usd_bn", label="What the lab owes in the quarter")
def lab_owed_usd_bn(lab_serving_due_usd_bn, lab_sales_usd_bn, lab_other_cost_share, lab_rd_usd_bn_prev, training_release, one_quarter, lab_shortfall_due_usd_bn, lab_failed):
    """Serving, staff, training that is contracted, and commitments not used."""
    return lab_serving_due_usd_bn + lab_sales_usd_bn * lab_other_cost_share + lab_rd_usd_bn_prev * (1 - training_release * one_quarter) * (1 - lab_failed) + lab_shortfall_due_usd_bn


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="What the lab owes and cannot pay", report=True)
def lab_unpaid_usd_bn(lab_owed_usd_bn, lab_cost_by_usd_bn):
    """Owed less paid."""
    return positive(lab_owed_usd_bn - lab_cost_by_usd_bn)


block.total("lab_topups_usd_bn", of="lab_topup_usd_bn", unit="USD_bn/q", meaning="take-or-pay of labs", label="Labs' payments on commitments not used", report=True, opening=True)


@block.equation("USD_bn/q", axis=LAB, opening=lambda lab_rd_usd_bn, lab_serving_usd_bn, lab_overhead_usd_bn: lab_serving_usd_bn + lab_overhead_usd_bn + lab_rd_usd_bn, label="Costs of the lab")
def lab_cost_by_usd_bn(lab_serving_usd_bn, lab_overhead_usd_bn, lab_rd_usd_bn, lab_topup_usd_bn):
    """Serving, training, everything else, and commitments not used."""
    return lab_serving_usd_bn + lab_overhead_usd_bn + lab_rd_usd_bn + lab_topup_usd_bn


block.total("lab_costs_usd_bn", of="lab_cost_by_usd_bn", unit="USD_bn/q", meaning="labs' costs", label="Labs' costs", opening=True)


@block.equation("USD_bn/q", axis=LAB, label="Profit of the lab, company view", report=True)
def lab_profit_by_usd_bn(lab_sales_usd_bn, lab_cost_by_usd_bn):
    """Running generations less the next one and everything else."""
    return lab_sales_usd_bn - lab_cost_by_usd_bn


block.total("lab_profit_usd_bn", of="lab_profit_by_usd_bn", unit="USD_bn/q", meaning="labs' profit, company view", label="Labs' profit, company view", report=True)


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Firm commitments that the lab does not pay", report=True)
def lab_arrears_usd_bn(lab_shortfall_due_usd_bn, lab_topup_usd_bn, lab_alone):
    """Owed on contracts and not paid, of labs that nobody stands behind."""
    return positive(lab_shortfall_due_usd_bn - lab_topup_usd_bn) * lab_alone


block.total("labs_arrears_usd_bn", of="lab_arrears_usd_bn", unit="USD_bn/q", meaning="firm commitments that labs do not pay", opening=True)


@block.equation("1", opening=zero("1"), label="Part of labs' contracts that is not paid", report=True)
def lab_arrears_share(labs_arrears_usd_bn, lab_compute_usd_bn):
    """Over what they pay for compute and what they do not."""
    return share(labs_arrears_usd_bn, lab_compute_usd_bn + labs_arrears_usd_bn, 0)


# rounds and cash


@block.equation("1", axis=LAB, opening=lambda lab_sales_usd_bn, lab_serving_due_usd_bn: positive(share(lab_sales_usd_bn - lab_serving_due_usd_bn, lab_sales_usd_bn, 0)), label="Gross margin of the lab, as investors see it", report=True)
def lab_margin_seen(lab_margin_seen_prev, lab_growth_memory, lab_sales_usd_bn, lab_serving_due_usd_bn):
    """A slow mean of sales less what serving asks for, over sales; none below zero."""
    return lab_margin_seen_prev + lab_growth_memory * (positive(share(lab_sales_usd_bn - lab_serving_due_usd_bn, lab_sales_usd_bn, 0)) - lab_margin_seen_prev)


@block.initial("1", axis=LAB)
def lab_margin_open(lab_margin_seen):
    """The same at the opening, at which the multiple of sales was paid."""
    return lab_margin_seen

@block.equation("1/q", axis=LAB, opening=lambda opening_revenue_growth, lab_momentum_open: opening_revenue_growth + lab_momentum_open, label="Growth of the lab, as investors see it")
def lab_growth_seen(lab_growth_seen_prev, lab_growth_memory, lab_sales_usd_bn, lab_sales_usd_bn_prev, one_quarter, least_sales):
    """A slow mean of the growth of sales."""
    now = log((lab_sales_usd_bn + least_sales) / (lab_sales_usd_bn_prev + least_sales)) / one_quarter
    return lab_growth_seen_prev + lab_growth_memory * (now - lab_growth_seen_prev)


judged(block, "least_sales", "Sales too small to count", "USD_bn/q", 0.01, 0.001, 0.1, "fixed", "floor", "a floor, so that a growth can be taken of none")


@block.equation("USD_bn", axis=LAB, opening=lambda lab_value_multiple, year_once, lab_sales_usd_bn, year_per_quarter: (
        lab_sales_usd_bn / year_per_quarter * year_once * lab_value_multiple), label="Value of the lab", report=True)
def lab_value_usd_bn(lab_sales_usd_bn_prev, year_per_quarter, lab_value_multiple, lab_value_growth, lab_growth_seen_prev, lab_failed, year_once, lab_margin_seen_prev, lab_margin_open):
    """Run rate times a multiple that rises with growth, as far as sales still leave the gross profit for which it was paid."""
    earning = within(share(lab_margin_seen_prev, lab_margin_open, 0), 0, 1)
    return lab_sales_usd_bn_prev / year_per_quarter * year_once * (lab_value_multiple + lab_value_growth * positive(lab_growth_seen_prev) / year_per_quarter) * (1 - lab_failed) * earning


@block.equation("USD_bn/q", axis=LAB, opening=zero("USD_bn/q"), label="Round of the lab", report=True)
def lab_round_usd_bn(lab_cost_by_usd_bn_prev, lab_sales_usd_bn_prev, lab_rd_wanted_usd_bn, lab_rd_usd_bn_prev, lab_cash_by_usd_bn_prev, lab_reserve_q, lab_runway_q,
                     lab_value_usd_bn, lab_raise_cap, lab_growth_seen_prev, lab_round_growth, year_per_quarter, bust_state_prev, lab_alone, lab_sells, one_quarter, lab_failed,
                     lab_parent_most):
    """Tops cash up to the reserve plus a runway of burn (counted to no more than today's costs: nobody raises what it could not spend), within accepted dilution, while growth and mood allow; a parent pays what is missing."""
    wished = where(lab_alone > 0, lab_rd_wanted_usd_bn, minimum(lab_rd_wanted_usd_bn, lab_parent_most))
    burn = within(lab_cost_by_usd_bn_prev + wished - lab_rd_usd_bn_prev - lab_sales_usd_bn_prev, 0, lab_cost_by_usd_bn_prev)
    short = positive(lab_reserve_q * lab_cost_by_usd_bn_prev + burn * lab_runway_q - lab_cash_by_usd_bn_prev) / one_quarter
    window = where(lab_growth_seen_prev / year_per_quarter > lab_round_growth, 1, 0) * (1 - bust_state_prev)
    return where(lab_alone > 0, minimum(short, lab_value_usd_bn * lab_raise_cap) * window, short * lab_sells) * (1 - lab_failed)


block.total("lab_equity_raised_usd_bn", of="lab_round_usd_bn", unit="USD_bn/q", meaning="equity raised by labs", label="Equity raised by labs", report=True, opening=True)
block.constant("year_once", 1.0, "year", "one year")


@block.equation("USD_bn/q", axis=LAB)
def lab_paid_out_usd_bn(lab_cash_by_usd_bn_prev, lab_cost_by_usd_bn_prev, lab_reserve_q, lab_runway_q, lab_means_usd_bn, lab_cost_by_usd_bn):
    """Cash beyond the reserve and a runway of all costs goes to the owners over a runway: no pile grows without bound."""
    return minimum(positive(lab_cash_by_usd_bn_prev - (lab_reserve_q + lab_runway_q) * lab_cost_by_usd_bn_prev) / lab_runway_q, positive(lab_means_usd_bn - lab_cost_by_usd_bn))


block.total("lab_payout_usd_bn", of="lab_paid_out_usd_bn", unit="USD_bn/q", meaning="payouts of labs", label="Labs' payouts")


@block.equation("USD_bn", axis=LAB, opening=lambda lab_cash_parts_open, opening_lab_cash, lab_cash_part_open: opening_lab_cash * lab_cash_part_open / lab_cash_parts_open, label="Cash of the lab", report=True)
def lab_cash_by_usd_bn(lab_cash_by_usd_bn_prev, lab_sales_usd_bn, lab_cost_by_usd_bn, lab_round_usd_bn, lab_paid_out_usd_bn, one_quarter):
    """Its own statement: sales less costs, plus rounds, less payouts."""
    return lab_cash_by_usd_bn_prev + (lab_sales_usd_bn - lab_cost_by_usd_bn + lab_round_usd_bn - lab_paid_out_usd_bn) * one_quarter


@block.initial("1", axis=LAB)
def lab_cash_part_given(lab_cash_part_open):
    """The parts as given."""
    return lab_cash_part_open


block.total("lab_cash_parts_open", of="lab_cash_part_given", unit="1", meaning="sum of the parts of cash", opening=True)
block.total("lab_cash", of="lab_cash_by_usd_bn", unit="USD_bn", meaning="labs' cash, tied to the ledger", label="Labs' cash", report=True, opening=True)


# the venture view

judged(block, "research_year_ago", "Training spend a year before the opening, over the opening's", "1", 0.5, 0.3, 0.7, "fixed", "ratio", "labs report research compute of about twice the year before")


@block.equation("USD_bn/q", axis=LAB, opening=lambda lab_rd_usd_bn, research_year_ago: lab_rd_usd_bn * research_year_ago, label="Training spend of the lab a year ago, smoothed")
def lab_rd_year_ago_usd_bn(lab_rd_year_ago_usd_bn_prev, lab_rd_usd_bn_prev, one_quarter, one_year):
    """What the generation now earning cost to train."""
    return lab_rd_year_ago_usd_bn_prev + (lab_rd_usd_bn_prev - lab_rd_year_ago_usd_bn_prev) * one_quarter / one_year


block.total("training_year_ago", of="lab_rd_year_ago_usd_bn", unit="USD_bn/q", meaning="training spend a year ago, smoothed", opening=True)


@block.equation("1", axis=LAB, label="Return of the lab, venture view", report=True)
def lab_venture_return(lab_sales_usd_bn, lab_serving_usd_bn, lab_rd_year_ago_usd_bn):
    """Gross profit of running generations over what they cost to train: above one, each generation pays for itself."""
    return share(lab_sales_usd_bn - lab_serving_usd_bn, lab_rd_year_ago_usd_bn, 0)


@block.equation("1", label="Labs' return, venture view", report=True)
def venture_return(lab_revenue_usd_bn, lab_inference_usd_bn, training_year_ago):
    """The same for all labs that sell for themselves."""
    return share(lab_revenue_usd_bn - lab_inference_usd_bn, training_year_ago, 0)


measured(block, "openai_run_rate", "OpenAI run rate, 13 August 2026", "USD_bn/year",
         figure("run_rate_revenue_epoch", "OpenAI", "2026-08-13"), "annualised revenue, net of Microsoft's share; information, not "
         "in the equations", evidence="published")
measured(block, "anthropic_run_rate", "Anthropic run rate, 31 July 2026", "USD_bn/year",
         figure("run_rate_revenue_epoch", "Anthropic", "2026-07-31"), "annualised revenue, gross of cloud partners' share; "
         "information, not in the equations", evidence="published")
measured(block, "openai_recognised", "OpenAI revenue recognised in 2026Q1", "USD_bn/q", figure("revenue", "OpenAI", "2026Q1"),
         "latest recognised quarter; information", evidence="published")
measured(block, "anthropic_recognised", "Anthropic revenue recognised in 2026Q2", "USD_bn/q", figure("revenue", "Anthropic", "2026Q2"),
         "latest recognised quarter; information", evidence="published")

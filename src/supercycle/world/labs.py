"""Labs: model generations as ventures, and the company that pays for the next one.

Company: revenue less inference, training and other costs; cash is topped up by equity while markets are open. Venture: the
gross profit a generation earns over its commercial life against what it cost to train a year earlier. Training is bought
out of funded budgets (gross profit and cash above a reserve), never out of a trend. A lab whose cash is gone when equity is
closed fails: its training stops and part of its customers' spending is lost in the same quarter.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, maximum, minimum, positive, power, share, where, within
from supercycle.world.frame import Block, figure, judged, measured, sourced

__all__ = ["block"]

block = Block("labs", "Labs", "Revenue, inference, training and cash of the AI labs.", mechanism="judged: a lab trains out of funded budgets and raises equity while it can; rules of conduct are read from three firms' disclosures")

judged(block, "lab_share_open", "Labs' share of end-customer AI revenue", "1", 0.457, 0.43, 0.47, "triangular",
       "labs' direct sales over all end-customer revenue, on one date",
       "75-82 of 175 bn: labs' 105 bn run rate is August, gross and net mixed; 175 is June")
judged(block, "opening_training_spend", "Labs' training and research compute", "USD_bn/year", 32.0, 24.0, 42.0, "triangular",
       "compute bought for training at the opening", "labs' compute about 72 bn a year, inference about 40 of it (56 %)")
sourced(block, "training_cost_growth", "training_run_cost_growth", "Growth of the cost of frontier training in a year", "1", "lognormal")
judged(block, "training_growth_fade", "Fade of training cost growth", "1/q", 0.12, 0.07, 0.2, "lognormal", "rate at which wanted growth fades",
       "half-life of six quarters: 2.4x a year beats any revenue within four years")
judged(block, "lab_other_cost_open", "Labs' other costs over revenue at the opening", "1", 0.32, 0.25, 0.42, "triangular", "staff, sales, data over revenue",
       "all costs over revenue 1.5-2.8 now, compute the larger part; R&D staff 29-49 % of model development")
judged(block, "lab_scale", "Scale economies of labs' other costs", "1", 0.14, 0.05, 0.25, "triangular",
       "log fall of other costs over revenue per log of revenue", "mature software and platforms spend 20-35 % besides cost of sales, at "
       "ten times the labs' revenue")
judged(block, "opening_lab_cash", "Labs' cash at the opening", "USD_bn", 150.0, 110.0, 190.0, "triangular", "cash and committed equity",
       "OpenAI 122 bn round (Apr 2026), Anthropic 65 bn (May 2026) and 20 bn at end-2025, less burn and undrawn tranches")
judged(block, "training_release", "Committed compute that can be dropped in a quarter", "1/q", 0.08, 0.04, 0.15, "triangular", "run-off of commitments",
       "518 bn over about ten years, 80 % non-cancellable (one lab)")
judged(block, "lab_reserve_q", "Cash reserve in quarters of costs", "q", 1.0, 0.5, 2.0, "triangular", "cash a lab keeps",
       "boards keep two to four quarters of burn, which is less than a quarter or two of costs")
sourced(block, "lab_runway_q", "lab_failure_runway", "Quarters over which spare cash is spent", "q", "uniform")
judged(block, "lab_value_multiple", "Labs' equity value over run-rate revenue", "1", 17.0, 10.0, 25.0, "triangular",
       "valuation over run rate", "852 bn over 25-30 (early 2026), 965 over 47-65 (mid 2026)")
judged(block, "lab_raise_cap", "Largest equity raise a quarter over value", "1/q", 0.025, 0.015, 0.04, "triangular", "dilution labs accept",
       "rounds of 10-15 % a year")
judged(block, "lab_concentration", "Largest lab's share", "1", 0.45, 0.35, 0.55, "triangular", "share that fails at once",
       "OpenAI is 45 % of one provider's backlog and half of labs' revenue")
judged(block, "lab_recapture", "Customers that move on after a failure", "1", 0.7, 0.5, 0.9, "triangular", "share of a failed lab's sales kept by rivals",
       "only 11 % of teams switch by themselves, but all can within weeks: multi-homing is common")
judged(block, "lab_erosion", "Loss of share when training is not funded", "1/q", 0.05, 0.0, 0.1, "triangular",
       "labs' share of revenue lost a quarter when nothing is spent on training", "a level is matched by open weights in 3.5 months and "
       "sells for 4-14")


judged(block, "imposed_lab_failure_quarter", "Quarter in which the largest lab fails", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch")


@block.initial("MH100e", label="Training compute at the opening")
def opening_training_mh100e(opening_training_spend, opening_book_price, hours_per_year, usd_m_per_usd_bn):
    """Spend over the contract price."""
    return opening_training_spend * usd_m_per_usd_bn / (opening_book_price * hours_per_year)


@block.equation("1", opening="zero", label="Share of labs that has failed", report=True)
def lab_failed_share(lab_failed_share_prev, lab_cash_prev, lab_costs_usd_bn_prev, bust_state_prev, lab_concentration, one_quarter, t,
                     imposed_lab_failure_quarter):
    """The largest lab fails when cash is below a half of one quarter's costs while equity is closed, or when it is imposed; once."""
    imposed = (imposed_lab_failure_quarter > 0) & (t >= imposed_lab_failure_quarter)
    gone = ((lab_cash_prev < lab_costs_usd_bn_prev * one_quarter / 2) & (bust_state_prev > 1 / 2)) | imposed
    return where(gone & (lab_failed_share_prev < lab_concentration), lab_concentration, lab_failed_share_prev)


@block.equation("1", label="Log of spending lost to failures")
def revenue_lost_log(lab_failed_share, lab_failed_share_prev, lab_share_prev, lab_recapture):
    """The part of failed labs' sales that nobody takes over."""
    return -log(1 - (lab_failed_share - lab_failed_share_prev) * lab_share_prev * (1 - lab_recapture))


@block.equation("1", opening="lab_share_open", label="Labs' share of AI revenue", report=True)
def lab_share(lab_share_prev, lab_failed_share, lab_failed_share_prev, lab_erosion, training_funded_prev, one_quarter):
    """Constant while training is funded; erodes when it is not; falls with failures."""
    kept = 1 - (lab_failed_share - lab_failed_share_prev)
    return lab_share_prev * kept * (1 - lab_erosion * one_quarter * (1 - training_funded_prev))


@block.equation("USD_bn/q", opening="lab_share_open * opening_ai_revenue * year_per_quarter", label="Labs' revenue", report=True)
def lab_revenue_usd_bn(lab_share, ai_revenue_usd_bn):
    """Recognised in the quarter."""
    return lab_share * ai_revenue_usd_bn


@block.equation("USD_bn/q", opening="lab_share_open * opening_ai_revenue * inference_cost_share_open * year_per_quarter",
                label="Labs' inference cost")
def lab_inference_usd_bn(lab_share, inference_mh100e, book_price_prev, hours_per_quarter, usd_bn_per_usd_m):
    """Labs' part of the compute behind end-customer revenue, at contract prices."""
    return lab_share * inference_mh100e * book_price_prev * hours_per_quarter * usd_bn_per_usd_m


@block.equation("USD_bn/q", opening="opening_training_spend * year_per_quarter", label="Training labs want")
def training_wanted(training_wanted_prev, training_cost_growth, training_growth_fade, t, one_year, one_quarter, lab_failed_share,
                    lab_failed_share_prev):
    """Cost of staying at the frontier: its growth fades; failed labs want nothing."""
    growth = log(training_cost_growth) / one_year * exp(-training_growth_fade * t) * one_quarter
    return training_wanted_prev * exp(growth) * (1 - (lab_failed_share - lab_failed_share_prev))


@block.equation("USD_bn/q", label="Training labs can pay for")
def training_affordable(lab_revenue_usd_bn, lab_inference_usd_bn, lab_other_cost_share, lab_cash_prev, lab_costs_usd_bn_prev,
                        lab_reserve_q, lab_runway_q):
    """Gross profit after other costs, and cash above the reserve spread over the runway."""
    earned = lab_revenue_usd_bn * (1 - lab_other_cost_share) - lab_inference_usd_bn
    return positive(earned + (lab_cash_prev - lab_reserve_q * lab_costs_usd_bn_prev) / lab_runway_q)


@block.equation("USD_bn/q", opening="opening_training_spend * year_per_quarter", label="Labs' training spend", report=True)
def training_usd_bn(training_wanted, training_affordable, training_usd_bn_prev, training_release, lab_failed_share, lab_failed_share_prev,
                    one_quarter):
    """The smaller of wanted and affordable, but not below what is committed: contracts run off slowly, a failed lab's at once."""
    committed = training_usd_bn_prev * (1 - training_release * one_quarter) * (1 - (lab_failed_share - lab_failed_share_prev))
    return maximum(minimum(training_wanted, training_affordable), minimum(committed, training_wanted))


@block.equation("1", opening="one", label="Share of wanted training that is funded", report=True)
def training_funded(training_usd_bn, training_wanted):
    """One when labs can pay for the frontier."""
    return within(share(training_usd_bn, training_wanted, 1), 0, 1)


block.constant("one", 1.0, "1", "all of it")


@block.equation("MH100e", opening="opening_training_mh100e", label="Training compute", report=True)
def training_mh100e(training_usd_bn, book_price_prev, hours_per_quarter, usd_m_per_usd_bn):
    """What the budget buys at contract prices."""
    return training_usd_bn * usd_m_per_usd_bn / (book_price_prev * hours_per_quarter)


@block.equation("USD_bn/q", opening="lab_revenue_usd_bn * lab_other_cost_open + lab_inference_usd_bn + training_usd_bn", label="Labs' costs")
def lab_costs_usd_bn(lab_revenue_usd_bn, lab_other_cost_share, lab_inference_usd_bn, training_usd_bn):
    """Inference, training and everything else."""
    return lab_revenue_usd_bn * lab_other_cost_share + lab_inference_usd_bn + training_usd_bn


@block.equation("1", opening="lab_other_cost_open", label="Labs' other costs over revenue")
def lab_other_cost_share(lab_other_cost_open, ai_revenue_run_rate, opening_ai_revenue, lab_scale):
    """Staff and sales grow less than revenue."""
    return lab_other_cost_open * power(ai_revenue_run_rate / opening_ai_revenue, -lab_scale)


@block.equation("USD_bn/q", label="Labs' other costs")
def lab_other_usd_bn(lab_revenue_usd_bn, lab_other_cost_share):
    """Staff, sales and data."""
    return lab_revenue_usd_bn * lab_other_cost_share


@block.equation("USD_bn/q", label="Labs' profit, company view", report=True)
def lab_profit_usd_bn(lab_revenue_usd_bn, lab_costs_usd_bn):
    """Running generations less the next one and everything else."""
    return lab_revenue_usd_bn - lab_costs_usd_bn


@block.equation("USD_bn/q", opening="opening_training_spend * year_per_quarter / 2", label="Training spend a year ago, smoothed")
def training_year_ago(training_year_ago_prev, training_usd_bn_prev, one_quarter, one_year):
    """What the generation now earning cost to train."""
    return training_year_ago_prev + (training_usd_bn_prev - training_year_ago_prev) * one_quarter / one_year


@block.equation("1", label="Labs' return, venture view", report=True)
def venture_return(lab_revenue_usd_bn, lab_inference_usd_bn, training_year_ago):
    """Gross profit of running generations over what they cost to train: above one, each generation pays for itself."""
    return share(lab_revenue_usd_bn - lab_inference_usd_bn, training_year_ago, 0)


@block.equation("USD_bn/q", opening="zero_flow", label="Equity raised by labs", report=True)
def lab_equity_raised_usd_bn(lab_costs_usd_bn, lab_revenue_usd_bn, lab_cash_prev, lab_reserve_q, lab_runway_q, lab_value_multiple,
                             ai_revenue_run_rate, lab_share, lab_raise_cap, bust_state, one_quarter, training_wanted, training_usd_bn,
                             year_once):
    """Tops cash up to the reserve plus the wanted training of a runway, within accepted dilution; closed in a bust."""
    burn = lab_costs_usd_bn + training_wanted - training_usd_bn - lab_revenue_usd_bn
    target = lab_reserve_q * lab_costs_usd_bn + positive(burn) * lab_runway_q
    value = lab_value_multiple * ai_revenue_run_rate * lab_share * year_once
    return minimum(positive(target - lab_cash_prev) / one_quarter, value * lab_raise_cap) * (1 - bust_state)


block.constant("zero_flow", 0.0, "USD_bn/q", "no flow")
block.constant("year_once", 1.0, "year", "one year")


@block.equation("USD_bn/q", label="Labs' payouts")
def lab_payout_usd_bn(lab_cash_prev, lab_costs_usd_bn_prev, lab_reserve_q, lab_runway_q):
    """Cash beyond the reserve and a runway of all costs goes to the owners over a runway: no pile grows without bound."""
    return positive(lab_cash_prev - (lab_reserve_q + lab_runway_q) * lab_costs_usd_bn_prev) / lab_runway_q


@block.equation("USD_bn", opening="opening_lab_cash", label="Labs' cash", report=True)
def lab_cash(lab_cash_prev, lab_revenue_usd_bn, lab_costs_usd_bn, lab_equity_raised_usd_bn, lab_payout_usd_bn, one_quarter):
    """Found from the labs' own statement; tied to the ledger."""
    return lab_cash_prev + (lab_revenue_usd_bn - lab_costs_usd_bn + lab_equity_raised_usd_bn - lab_payout_usd_bn) * one_quarter


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

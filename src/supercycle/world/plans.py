"""Plans: each hyperscaler's capex plan for the coming four quarters is a state that is revised every quarter.

revision = shock (AR(1)) + momentum + news of AI revenue and of signed backlog + price over break-even + utilisation + rivals' revisions
- hurdle - own leverage - fall of AI shares + pull of the wish. Guidance drift is the revenue response seen from the guidance side: it is not added
again. The wish (what the stock rule asks for in money, and the race's effort on top) is an anchor, so that a plan cannot run away from
what compute earns. Plans of everybody else move with those of the five.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, log, positive, share, within
from supercycle.world.frame import FIRM, Block, by_firm, judged, zero

__all__ = ["block"]

block = Block("plans", "Plans", "Capex plans by firm, revised every quarter, and who buys.", mechanism="judged: plans are revised by small steps towards what pays, with news and herding; estimated where guidance vintages allow (bench/plan_revisions.py)")

_PLANS = ("figures plans, guidance of July 2026 less 2026H1 as reported, and consensus for the first half of 2027: Amazon 220 (cash), Alphabet 195-205, "
          "Meta 130-145 less 3.4 of lease principal, Microsoft 175 with finance leases (0.68 to 1.0 of it cash, 0.85 taken), Oracle up to 95 to May 2027")
by_firm(block, "plan_open", "Cash capex planned for the coming four quarters", "USD_bn/year", (172.0, 248.0, 250.0, 176.0, 95.0),
        "2026Q3 to 2027Q2", _PLANS, evidence="judgement", reason="second half of guidance for 2026, raised four per cent for the first half of 2027, in which consensus "
        "(920 to 1,100 bn for the year) lies a tenth to a quarter above the second half of 2026; a plan moved by a tenth between vintages of 2025-26", spread=0.1)
judged(block, "plan_to_revenue", "Response of plans to growth of AI revenue", "1", 0.6, 0.35, 0.8, "triangular",
       "log revision per unit of log growth of revenue beyond the normal one",
       "log growth of the five's capex over log growth of labs' run rates to 2026Q2: 0.33-0.37 (all capex) and 0.47-0.78 (AI part) from three starts; upper bounds, other "
       "causes are in them; also the back-test in sample prefers 0.6-0.8")
judged(block, "plan_normal_growth", "Growth of revenue that needs no larger plan", "1/q", 0.05, 0.03, 0.08, "triangular", "log growth a quarter",
       "compute per dollar of chips improves by five to eight per cent a quarter less price rises: revenue growing so is served by constant spending")
judged(block, "plan_to_backlog", "Response of plans to growth of signed backlog", "1", 0.1, 0.0, 0.25, "triangular", "log revision per unit of log growth",
       "guidance revisions on same-quarter growth of RPO, nine points: 0.14 +/- 0.11 (bench/plan_revisions.py); a yearly panel has the wrong sign: kept small")
judged(block, "plan_to_price", "Response of plans to price over break-even", "1", 0.05, 0.0, 0.15, "triangular", "log revision a quarter per log of contract price over break-even",
       "above 0.15 the back-test is worse: openings of 2022 and 2024 lie below break-even and plans rose")
judged(block, "plan_to_use", "Response of plans to utilisation", "1", 0.1, 0.0, 0.25, "triangular", "log revision a quarter per unit of utilisation above target",
       "all five say demand exceeds supply when they raise; no series of utilisation exists")
judged(block, "plan_to_rivals", "Response of plans to rivals' revisions", "1", 0.2, 0.0, 0.4, "triangular", "part of the gap to the mean revision of the five, last quarter",
       "guidance is raised in the same two weeks; four of five have raised together since 2024")
judged(block, "plan_momentum", "Momentum of a firm's own revision", "1", 0.15, 0.0, 0.3, "triangular", "part of the last revision that is repeated",
       "revisions inside a year have an autocorrelation of 0.48 over 20 pairs, most of them Meta's (bench/plan_revisions.py); the memory of shocks carries the larger part")
judged(block, "plan_to_hurdle", "Response of plans to the required return", "year", 0.5, 0.2, 1.0, "triangular", "log revision a quarter per point (1.0) of hurdle above the base",
       "besides the wish, which contains the user cost: boards cut when money gets dear; judged")
judged(block, "plan_to_leverage", "Response of plans to leverage over the cap", "1/year", 0.03, 0.0, 0.08, "triangular", "log revision a quarter per turn of debt over cash flow beyond what raters accept",
       "Oracle kept raising at three turns; Meta and Amazon cut in 2022 without debt: small")
judged(block, "plan_to_shares", "Response of plans to a fall of AI shares", "1", 0.15, 0.05, 0.3, "triangular", "log cut per unit of log fall of AI equity in the quarter",
       "Meta cut its 2023 plan by a tenth in the two quarters after its shares had fallen by two thirds")
judged(block, "plan_wish_weight", "Pull of the wish on plans", "1", 0.2, 0.08, 0.4, "triangular", "part of the log gap between wish and plan closed in a quarter",
       "budgets are set yearly: a gap is closed over four to six quarters")
judged(block, "plan_bound", "Largest gap that a revision answers to", "1", 0.6, 0.4, 0.8, "fixed", "log gap", "no board moves on more than a doubling at once")
judged(block, "plan_revision_max", "Largest revision in a quarter", "1", 0.4, 0.3, 0.5, "fixed", "log change", "Oracle's 25 to 35 in one step, 0.34, is the largest on file")
judged(block, "plan_shock_memory", "Memory of shocks to plans", "1", 0.7, 0.5, 0.85, "triangular", "part left after a quarter",
       "cuts and raises of guidance come in runs of two to four vintages")
judged(block, "plan_shock_sd", "Shock to all plans", "1", 0.03, 0.02, 0.045, "triangular", "standard deviation of the common quarterly shock, logs",
       "revisions per vintage: -0.03 a step to 2023 and +0.04 since; scatter of a step 0.106 over all firms, of which the response to news and the firm's own shock are most")
by_firm(block, "firm_plan_sd", "Shock to the firm's plan", "1", (0.04, 0.04, 0.04, 0.05, 0.12), "standard deviation of the firm's own quarterly shock, logs", "",
        evidence="judgement", reason="scatter of guidance revisions by firm (bench/plan_revisions.py: Meta 0.064, Oracle 0.164, shrunk 0.074 and 0.122; the others have too few steps), the common part taken out; Oracle raised 25 to 55.7 within a year", spread=0.2)
by_firm(block, "firm_timing_sd", "Scatter of a quarter's capex", "1", (0.1, 0.09, 0.09, 0.11, 0.22), "standard deviation of log capex about its five-quarter mean",
        "companies' cash-flow statements, figures companies:capex_cash since 2015: 0.11, 0.11, 0.10, 0.11, 0.18 in all, 0.09, 0.08, 0.08, 0.11, 0.22 over the last twelve",
        evidence="published", spread=0.25)
block.draw("plan_draw", "normal", "news for all plans")
block.draw("firm_plan_draw", "normal", "news for a firm's plan", FIRM)
block.draw("firm_timing_draw", "normal", "timing of a firm's payments", FIRM)


# what everybody's wish is in money

@block.equation("USD_bn/GW_it", opening="opening_it_cost", label="Cost of chips at delivery, as buyers expect it")
def it_cost_at_delivery(it_cost_prev, it_cost_growth_prev, chip_lead_now_q):
    """Today's price grown over the lead."""
    return it_cost_prev * exp(it_cost_growth_prev * chip_lead_now_q)


@block.equation("USD_bn/q", opening="world_ai_capex_usd_bn", label="What the wish costs, the race on top", report=True)
def plan_wish_usd_bn(chip_orders_demand, it_cost_at_delivery, shell_spend_usd_bn_prev, power_spend_usd_bn_prev, race_effort_usd_bn, race_new_capacity):
    """Chips that the stock rule asks for at their price at delivery, construction under way, and the race's part that is new capacity."""
    return chip_orders_demand * it_cost_at_delivery + shell_spend_usd_bn_prev + power_spend_usd_bn_prev + race_effort_usd_bn * race_new_capacity


judged(block, "backlog_cover_years", "Signed backlog over a year of compute sold outside", "1", 6.0, 4.0, 8.0, "triangular", "years of today's external compute bill that are signed",
       "RPO of Microsoft 678, Oracle 638-664, Alphabet 519 bn, labs' part about half, over labs' and enterprises' compute near 120 bn a year")
judged(block, "backlog_sign_q", "Quarters in which backlog follows sales", "q", 3.0, 2.0, 5.0, "triangular", "time to sign", "contracts of 2025-26 followed the jump of run rates by two to four quarters")


judged(block, "backlog_of_labs", "Part of suppliers' backlog that labs signed", "1", 0.5, 0.4, 0.6, "fixed", "share", "about half of the backlog of the four largest clouds is OpenAI's and Anthropic's")


@block.equation("USD_bn", opening=lambda year_once, backlog_cover_years, opening_training_spend, opening_ai_revenue, inference_cost_share_open: (
        (opening_ai_revenue * inference_cost_share_open + opening_training_spend) * backlog_cover_years * year_once),
                label="Signed backlog of compute suppliers", report=True)
def backlog_usd_bn(backlog_usd_bn_prev, backlog_cover_years, external_bill_usd_bn_prev, revenue_growth_expected_prev, opening_revenue_growth, one_year, backlog_sign_q,
                   one_quarter, lab_failed_share, lab_failed_share_prev, year_once, year_per_quarter, backlog_of_labs):
    """Moves to the years of external compute that buyers sign for, raised by growth expected beyond the opening's; what a failed lab had signed leaves at once."""
    signed = backlog_cover_years * year_once * external_bill_usd_bn_prev / year_per_quarter * exp((revenue_growth_expected_prev - opening_revenue_growth) * one_year)
    cancelled = backlog_usd_bn_prev * (lab_failed_share - lab_failed_share_prev) * backlog_of_labs
    return backlog_usd_bn_prev + (signed - backlog_usd_bn_prev) * one_quarter / backlog_sign_q - cancelled


@block.equation("USD_bn/q", opening=lambda year_per_quarter, opening_training_spend, opening_ai_revenue, inference_cost_share_open: (
        (opening_ai_revenue * inference_cost_share_open + opening_training_spend) * year_per_quarter), label="Compute bought from outside")
def external_bill_usd_bn(inference_mh100e, training_mh100e, book_price, hours_per_quarter, usd_bn_per_usd_m):
    """Labs' and enterprises' compute at contract prices."""
    return (inference_mh100e + training_mh100e) * book_price * hours_per_quarter * usd_bn_per_usd_m


@block.equation("1/q", opening="opening_revenue_growth", label="Growth of signed backlog")
def backlog_growth(backlog_usd_bn, backlog_usd_bn_prev, one_quarter):
    """Log growth a quarter."""
    return log(backlog_usd_bn / backlog_usd_bn_prev) / one_quarter


# the plan of a firm

@block.equation("1", axis=FIRM, opening=zero("1"), label="Shock to the firm's plan")
def firm_plan_shock(firm_plan_shock_prev, plan_shock_memory, plan_shock_sd, plan_draw, firm_plan_sd, firm_plan_draw):
    """AR(1): news for everybody and for the firm."""
    return plan_shock_memory * firm_plan_shock_prev + plan_shock_sd * plan_draw + firm_plan_sd * firm_plan_draw


@block.equation("1", label="Revision that all firms share")
def common_revision(plan_to_revenue, revenue_growth_prev, plan_normal_growth, plan_to_backlog, backlog_growth_prev, plan_to_price, contract_price_prev, breakeven_price_prev,
                    price_ratio_bound, plan_to_use, utilisation_prev, target_utilisation, plan_to_hurdle, hurdle_rate_prev, hurdle_base, plan_to_shares, ai_equity_fall_prev,
                    plan_wish_weight, plan_wish_usd_bn_prev, plan_usd_bn_prev, plan_bound, one_quarter, capex_shock,
                    budget_conviction_prev):
    """News of revenue and backlog beyond the normal growth, returns, use, the price of money, shares, the pull of the wish (bounded: no board answers to more), and the shock to all budgets."""
    news = (plan_to_revenue * (revenue_growth_prev - plan_normal_growth) + plan_to_backlog * (backlog_growth_prev - plan_normal_growth)) * one_quarter
    returns = -plan_to_price * log(within(breakeven_price_prev / contract_price_prev, 1 / price_ratio_bound, price_ratio_bound)) + plan_to_use * (utilisation_prev - target_utilisation)
    money = plan_to_hurdle * (hurdle_rate_prev - hurdle_base) + plan_to_shares * ai_equity_fall_prev
    return capex_shock + news + returns - money + plan_wish_weight * within(log(plan_wish_usd_bn_prev / plan_usd_bn_prev) + budget_conviction_prev, -plan_bound, plan_bound)


@block.equation("1", opening=zero("1"), label="Fall of AI shares in the quarter, log")
def ai_equity_fall(ai_equity_index, ai_equity_index_prev):
    """Zero when shares rise."""
    return positive(log(ai_equity_index_prev / ai_equity_index))


@block.equation("1", axis=FIRM, opening=zero("1"), label="Revision of the firm's plan", report=True)
def firm_plan_revision(common_revision, firm_plan_shock, plan_momentum, firm_plan_revision_prev, plan_to_rivals, rivals_revision_prev, plan_to_leverage, firm_bonds_usd_bn_prev,
                       firm_ocf_usd_bn_prev, year_per_quarter, leverage_cap, plan_revision_max, firm_budget_log,
                       firm_budget_log_prev):
    """Log change of the plan in the quarter, within the largest seen."""
    herd = plan_to_rivals * (rivals_revision_prev - firm_plan_revision_prev)
    leverage = share(firm_bonds_usd_bn_prev, firm_ocf_usd_bn_prev, 0) * year_per_quarter
    own = firm_plan_shock + firm_budget_log - firm_budget_log_prev + plan_momentum * firm_plan_revision_prev - plan_to_leverage * positive(leverage - leverage_cap)
    return within(common_revision + own + herd, -plan_revision_max, plan_revision_max)


@block.equation("1", opening=zero("1"), label="Mean revision of the five, by plan")
def rivals_revision(five_plan_usd_bn, five_plan_usd_bn_prev):
    """Log change of the sum of plans."""
    return log(five_plan_usd_bn / five_plan_usd_bn_prev)


@block.equation("USD_bn/q", axis=FIRM, opening=lambda nonai_capex_open, plan_open, year_per_quarter: positive(plan_open * year_per_quarter - nonai_capex_open), label="AI capex the firm plans, mean of the coming four quarters", report=True)
def firm_plan_usd_bn(firm_plan_usd_bn_prev, firm_plan_revision):
    """Last quarter's plan, revised."""
    return firm_plan_usd_bn_prev * exp(firm_plan_revision)


block.total("five_plan_usd_bn", of="firm_plan_usd_bn", unit="USD_bn/q", meaning="AI capex planned by the five", label="AI capex planned by the five", report=True, opening=True)


@block.equation("USD_bn/q", opening=lambda five_plan_usd_bn, hyperscaler_share: five_plan_usd_bn / hyperscaler_share, label="AI capex planned by everybody", report=True)
def plan_usd_bn(five_plan_usd_bn, hyperscaler_share_prev):
    """Others build in step: the five's plans over their share of the build."""
    return five_plan_usd_bn / hyperscaler_share_prev


# who buys

@block.equation("1", axis=FIRM, opening=lambda firm_plan_usd_bn, five_plan_usd_bn: firm_plan_usd_bn / five_plan_usd_bn, label="The firm's part of what the five build, before timing")
def firm_plan_weight(firm_plan_weight_prev, firm_plan_usd_bn, five_plan_usd_bn, chip_lead_now_q, one_quarter):
    """Opens at the firm's part of plans (what is delivered next was ordered under them) and follows it over the lead of chips: a firm can retreat, escalate, overtake."""
    return firm_plan_weight_prev + (firm_plan_usd_bn / five_plan_usd_bn - firm_plan_weight_prev) * one_quarter / chip_lead_now_q


@block.equation("1", axis=FIRM, opening="firm_build_weight")
def firm_timed_weight(firm_plan_weight, firm_timing_sd, firm_timing_draw):
    """With the scatter of quarters."""
    return firm_plan_weight * exp(firm_timing_sd * firm_timing_draw)


block.total("firm_timed_weights", of="firm_timed_weight", unit="1", meaning="sum of timed weights")


@block.equation("1", axis=FIRM, opening="firm_build_weight", label="The firm's part of what the five build in the quarter", report=True)
def firm_order_weight(firm_timed_weight, firm_timed_weights):
    """Timed weights, normalised."""
    return firm_timed_weight / firm_timed_weights


@block.equation("1", axis=FIRM, opening="firm_build_weight", label="The firm's part of the five's AI capacity", report=True)
def firm_capacity_weight(firm_capacity_weight_prev, firm_order_weight, energised_it_gw, fleet_it_gw_prev, one_quarter):
    """Moves with what is added over what there is: revenue, operations and rents follow it."""
    added = energised_it_gw * one_quarter
    return firm_capacity_weight_prev + (firm_order_weight - firm_capacity_weight_prev) * share(added, added + fleet_it_gw_prev, 0)

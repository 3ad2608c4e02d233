"""Macro: what the boom adds to GDP, gross and net of imports; what a bust costs, by channel.

Reallocation: when AI capex falls, the labour and capital it used come back into use with a half-life. Crunch: when lenders
lose, they lend less to everybody else. The larger loss names the bust. The multiplier applies to spending net of imports;
lending uses the capital multiplier only (sampling the excess bond premium as well would count the crunch twice).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, halved, positive, share
from supercycle.world.frame import Block, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("macro", "Macro", "GDP contribution and output loss by channel.", mechanism="judged: channels of a bust at the multipliers of past ones; they are added, not solved together")

measured(block, "us_gdp_open", "US nominal GDP at the opening", "USD_bn/q", 7900.0, "quarterly, at 31.6 tn a year",
         "IMF 30.62 tn in 2025 grown two quarters, figures macro:gdp_nominal_imf", low=7750.0, high=8000.0, distribution="triangular",
         evidence="published")
judged(block, "gdp_growth", "Nominal growth of US GDP", "1/q", 0.011, 0.008, 0.014, "triangular", "log growth a quarter", "4.5 % a year")
judged(block, "us_share_build", "US share of the AI build", "1", 0.70, 0.6, 0.78, "triangular", "share of world AI capex", "70-75 % of the five's capex is in the US")
sourced(block, "import_share", "import_share_ai_investment", "Imported share of AI investment", "1", "triangular")
sourced(block, "investment_multiplier", "investment_multiplier", "Output per dollar of domestic investment", "1", "normal")
sourced(block, "reallocation_half_life", "reallocation_half_life", "Half-life of idle resources", "q", "lognormal")
sourced(block, "lending_multiplier", "lending_per_dollar_capital", "Lending lost per dollar of lenders' capital lost", "1", "lognormal")
judged(block, "credit_output", "Output per dollar of lending", "1/year", 0.3, 0.15, 0.5, "triangular", "yearly output lost per dollar of lending lost",
       "credit to GDP of 1.5 and partial substitution by other lenders")
judged(block, "credit_hole_q", "Half-life of lost lending", "q", 6.0, 4.0, 10.0, "triangular", "quarters", "capital is rebuilt over one to three years")


@block.equation("USD_bn/q", opening="us_gdp_open", label="US GDP, nominal trend")
def us_gdp(us_gdp_prev, gdp_growth, one_quarter):
    """Trend only: the model's effects are reported apart."""
    return us_gdp_prev * exp(gdp_growth * one_quarter)


judged(block, "capex_growth_past", "Growth of AI capex before the opening", "1/q", 0.12, 0.1, 0.15, "triangular", "fall per quarter going back",
       "five-firm cash capex was 97 bn in 2025Q2 and 181.5 in 2026Q2")


@block.equation("1", label="Contribution to US growth, gross", report=True)
def gdp_contribution_gross(world_ai_capex_usd_bn, world_ai_capex_usd_bn_prev4, us_share_build, us_gdp):
    """Change of AI capex on a year ago over GDP."""
    return (world_ai_capex_usd_bn - world_ai_capex_usd_bn_prev4) * us_share_build / us_gdp


@block.equation("1", label="Contribution to US growth, net of imports", report=True)
def gdp_contribution_net(gdp_contribution_gross, import_share):
    """What is made at home."""
    return gdp_contribution_gross * (1 - import_share)


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Idle resources")
def idle_usd_bn(idle_usd_bn_prev, reallocation_half_life, one_quarter, world_ai_capex_usd_bn_prev, world_ai_capex_usd_bn,
                us_share_build, import_share, investment_multiplier):
    """Falls of capex leave resources idle; they return with a half-life; renewed growth takes them back first."""
    fall = (world_ai_capex_usd_bn_prev - world_ai_capex_usd_bn) * us_share_build * (1 - import_share) * investment_multiplier
    return positive(idle_usd_bn_prev * halved(one_quarter / reallocation_half_life) + fall)


@block.equation("USD_bn", opening=zero("USD_bn"), label="Lending lost")
def credit_hole_usd_bn(credit_hole_usd_bn_prev, one_quarter, credit_hole_q, bank_loss_usd_bn, pc_loss_usd_bn, insurer_pension_loss_usd_bn,
                       fund_loss_usd_bn, abs_loss_usd_bn, lending_multiplier, pc_redeemed_usd_bn):
    """Lenders' losses times the multiplier, and what private credit must pay back; rebuilt with a half-life."""
    losses = bank_loss_usd_bn + pc_loss_usd_bn + insurer_pension_loss_usd_bn + fund_loss_usd_bn + abs_loss_usd_bn
    return (credit_hole_usd_bn_prev * halved(one_quarter / credit_hole_q)
            + (lending_multiplier * losses + pc_redeemed_usd_bn) * one_quarter)


judged(block, "pc_redeemable_usd_bn", "Private credit that investors can redeem", "USD_bn", 420.0, 300.0, 600.0, "triangular", "assets of semi-liquid funds",
       "a third of US direct lending of 1.34 tn sits in redeemable vehicles")
judged(block, "pc_gate", "Redemptions paid a quarter at a full bust", "1/q", 0.05, 0.04, 0.06, "triangular", "share of assets", "the cap of non-traded funds is 5 % a quarter; "
       "requests were filled to 38-53 % in 2026H1")


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Private credit redeemed", report=True)
def pc_redeemed_usd_bn(pc_redeemable_usd_bn, pc_gate, bust_state_prev):
    """Investors run to the gate while a bust lasts; the funds lend that much less to everybody."""
    return pc_redeemable_usd_bn * pc_gate * bust_state_prev


@block.equation("1", label="Output loss by reallocation", report=True)
def output_loss_reallocation(idle_usd_bn, us_gdp):
    """Idle resources over GDP."""
    return idle_usd_bn / us_gdp


@block.equation("1", label="Output loss by credit crunch", report=True)
def output_loss_crunch(credit_hole_usd_bn, credit_output, year_per_quarter, us_gdp):
    """Lost lending times output per dollar, over GDP."""
    return credit_hole_usd_bn * credit_output * year_per_quarter / us_gdp


judged(block, "core_cyclicality", "Fall of core gross profit per point of output lost", "1", 1.0, 0.0, 2.0, "triangular", "elasticity to output lost by both channels, a quarter later",
       "US advertising fell by about a tenth in 2009 while nominal output fell some six points below trend (near 2); retail and subscriptions move with output (near 1); "
       "taking share hid it (Amazon and Alphabet grew in 2009: 0); lost share wealth is counted apart (wealth_drag_max)")


@block.equation("1", opening=zero("1"), label="Output lost by reallocation and crunch", report=True)
def output_loss_felt(output_loss_reallocation, output_loss_crunch):
    """What customers and advertisers of the core business lack; lost wealth works through wealth_drag."""
    return output_loss_reallocation + output_loss_crunch


@block.equation("USD_bn", opening=zero("USD_bn"), label="Output lost to idle resources since the first bust", report=True)
def bust_loss_reallocation_usd_bn(bust_loss_reallocation_usd_bn_prev, idle_usd_bn, busted, one_quarter):
    """Adds up while a bust has happened."""
    return bust_loss_reallocation_usd_bn_prev + idle_usd_bn * busted * one_quarter


@block.equation("USD_bn", opening=zero("USD_bn"), label="Output lost to the credit crunch since the first bust", report=True)
def bust_loss_crunch_usd_bn(bust_loss_crunch_usd_bn_prev, credit_hole_usd_bn, credit_output, year_per_quarter, busted, one_quarter):
    """Adds up while a bust has happened."""
    return bust_loss_crunch_usd_bn_prev + credit_hole_usd_bn * credit_output * year_per_quarter * busted * one_quarter


@block.equation("1", label="Crunch share of the output loss", report=True)
def crunch_share(bust_loss_crunch_usd_bn, bust_loss_reallocation_usd_bn):
    """Of what both channels have cost since the first bust: above a half it is a credit crunch; zero before any bust."""
    return share(bust_loss_crunch_usd_bn, bust_loss_crunch_usd_bn + bust_loss_reallocation_usd_bn, 0)


# wealth

judged(block, "ai_equity_open", "Market value of AI shares at the opening", "USD_bn", 27000.0, 22000.0, 30000.0, "triangular", "listed AI-linked companies",
       "JPM: a fall of a tenth is 2.7 tn, 44 % of the S&P 500")
sourced(block, "wealth_spending", "wealth_effect_mpc", "Spending per dollar of share wealth", "1/year", "normal")


@block.equation("USD_bn", opening=zero("USD_bn"), label="Share wealth lost in crashes", report=True)
def wealth_lost_usd_bn(ai_equity_open, ai_equity_part, ai_equity_peak, ai_equity_index, busted):
    """Fall of the AI part of share values from its peak, once a bust has happened."""
    return ai_equity_open * ai_equity_part * (ai_equity_peak - ai_equity_index) * busted


@block.equation("1", label="Output loss by lost wealth", report=True)
def output_loss_wealth(wealth_lost_usd_bn, wealth_spending, year_per_quarter, us_gdp):
    """Consumption given up, over GDP; part of neither channel below, since every bust has it."""
    return wealth_lost_usd_bn * wealth_spending * year_per_quarter / us_gdp


# required revenue, four readings

sourced(block, "capital_recovery_it_share", "construction_split_critical_capacity", "Chips in the capital recovery reading", "1", "triangular",
        default=0.65, low=0.6, high=0.75, reason="the published reading uses 65 % IT at five years and 35 % facility at fourteen")
judged(block, "recovery_it_life", "Life of IT in capital recovery", "year", 5.0, 3.0, 6.0, "fixed", "years", "the published reading")
judged(block, "recovery_facility_life", "Life of facility in capital recovery", "year", 14.0, 10.0, 20.0, "fixed", "years", "the published reading")
judged(block, "claimed_return", "Return in the required-revenue readings", "1/year", 0.10, 0.05, 0.15, "fixed", "yearly return", "the published 10 %")
judged(block, "installed_capital_open", "AI capital spent before the opening", "USD_bn", 900.0, 750.0, 1050.0, "triangular", "cumulative AI capex since 2023",
       "30 GW IT shipped at 25-38 bn per GW")


@block.equation("USD_bn", opening="installed_capital_open", label="AI capital spent, cumulative", report=True)
def cumulative_capex_usd_bn(cumulative_capex_usd_bn_prev, world_ai_capex_usd_bn, one_quarter):
    """All AI capex so far."""
    return cumulative_capex_usd_bn_prev + world_ai_capex_usd_bn * one_quarter


@block.equation("USD_bn/year", label="Required revenue: perpetuity", report=True)
def required_perpetuity(cumulative_capex_usd_bn, claimed_return):
    """Return on all capital spent, for ever: no capital comes back (the reading behind 650 bn for 5 tn is 13 %)."""
    return cumulative_capex_usd_bn * claimed_return


@block.equation("USD_bn/year", label="Required revenue: capital recovery", report=True)
def required_recovery(cumulative_capex_usd_bn, capital_recovery_it_share, claimed_return, recovery_it_life, recovery_facility_life):
    """Annuities with separate lives: r / (1 - exp(-r L)) of each part, before operating cost."""
    it = claimed_return / (1 - exp(-claimed_return * recovery_it_life))
    facility = claimed_return / (1 - exp(-claimed_return * recovery_facility_life))
    return cumulative_capex_usd_bn * (capital_recovery_it_share * it + (1 - capital_recovery_it_share) * facility)


measured(block, "datacentre_over_chips", "Cost of a data centre over its chips", "1", 2.0, "ratio", "Cahn, AI's 600 bn question (Sequoia 2024): chips are half of the cost", evidence="published")
measured(block, "end_user_margin", "Gross margin of the end user of compute", "1", 0.5, "share", "Cahn, AI's 600 bn question (Sequoia 2024)", evidence="published")


@block.equation("USD_bn/year", label="Required revenue: Sequoia's steps", report=True, source="Cahn, AI's 600 bn question, Sequoia 2024")
def required_sequoia(chip_spend_usd_bn, year_per_quarter, datacentre_over_chips, end_user_margin):
    """Yearly chips x 2 for the data centre, / (1 - 0.5) for the end user's margin: four times chip spending."""
    return chip_spend_usd_bn / year_per_quarter * datacentre_over_chips / (1 - end_user_margin)


@block.equation("USD_bn/year", label="Required revenue: simulated user cost, customers' part", report=True)
def required_user_cost(required_whole_fleet, external_share):
    """What end customers would have to pay for the part of the fleet that works for them: user cost of the external share over the compute share of revenue."""
    return required_whole_fleet * external_share


@block.equation("USD_bn/year", label="Required revenue: simulated user cost of the whole fleet", report=True)
def required_whole_fleet(user_cost, fleet_it_gw, inference_cost_share_open):
    """The same with owners' own use charged to end customers, too: a reading, not what they use."""
    return user_cost * fleet_it_gw / inference_cost_share_open

"""Funding: each borrower for itself; channels in order, each with a price and a capacity.

Uses are capex, payouts and repayments. A hyperscaler pays from operating cash flow and spare cash, then bonds up to its
leverage and the index's room, then a bank line (named overdraft) that marks what could not be funded and cuts the next
orders; neoclouds and lease-back vehicles are in lenders.py. One firm's cash flow never pays another's capex.
"""

from __future__ import annotations

from supercycle.equations.functions import minimum, positive, share, within
from supercycle.world.frame import FIRM, Block, by_firm, judged, measured, sourced

__all__ = ["block"]

block = Block("funding", "Funding of the firms", "Cash flow, bonds and bank lines of the hyperscalers.", mechanism="judged: channels in the order in which firms use them, each with a price and a limit; limits are rating agencies' words and past peaks")


by_firm(block, "bonds_open", "Bonds and notes outstanding at the opening", "USD_bn", (42.0, 95.0, 105.0, 75.0, 125.0),
        "long-term debt after 2026H1 issues", "Alphabet 80.3 at 2026Q1, Oracle 124 total obligations, others 2024 filings plus reported issues "
        "(figures companies:debt_long_term_carrying, debt_total, bond_issue)", evidence="judgement",
        reason="mid-2026 balances are not on file for all five; issues since the last filing added", spread=0.15)
by_firm(block, "cash_open", "Cash and securities at the opening", "USD_bn", (90.0, 115.0, 100.0, 55.0, 20.0), "liquid assets", "",
        evidence="judgement", reason="balance sheets of 2025 less 2026H1 deficits; not in the figures", spread=0.15)
by_firm(block, "leverage_cap", "Debt accepted over yearly cash flow", "year", (1.3, 1.3, 1.4, 1.3, 3.8), "bonds over operating cash flow before "
        "interest", "", evidence="judgement", reason="A to AA hyperscalers below 1.25-2x EBITDA; Oracle is already near 3x and BBB", spread=0.25)
sourced(block, "payout_ratio", "payout_ratio", "Dividends and buybacks over operating cash flow", "1", "triangular")
judged(block, "spare_cash_use", "Spare cash used a quarter", "1/q", 0.10, 0.05, 0.2, "triangular", "part of cash above the minimum spent",
       "cash of the five fell slowly while bonds were issued")
judged(block, "min_cash_share", "Minimum cash over opening cash", "1", 0.6, 0.4, 0.8, "triangular", "cash a firm keeps", "rating agencies and treasurers want liquidity")
judged(block, "bond_maturity_q", "Mean life of bonds", "q", 44.0, 32.0, 60.0, "triangular", "quarters", "new issues of 5 to 40 years, mean near eleven")
judged(block, "issue_speed_q", "Quarters to use free debt capacity", "q", 3.0, 2.0, 5.0, "triangular", "fastest use of room", "issues of 25-58 bn a quarter "
       "were placed by single names")
judged(block, "risk_free_rate", "Risk-free rate", "1/year", 0.045, 0.035, 0.055, "triangular", "long treasury", "ten-year yield 4.47 % in June 2026, figures macro:fred_DGS10")
judged(block, "ig_spread_open", "Spread of AI investment-grade bonds", "1/year", 0.0085, 0.006, 0.011, "triangular", "over treasuries",
       "index near 75 bp, AI names 10-50 bp wider after large issues")
sourced(block, "ig_spread_slope", "ig_spread_per_100bn", "Spread per 100 bn of yearly supply", "1/year", "lognormal", scale=1e-4)
judged(block, "ig_supply_open", "AI bond supply the market is used to", "USD_bn/q", 70.0, 50.0, 90.0, "triangular", "quarterly issuance priced in",
       "140-300 bn a year forecast for the five; 2026H1 ran at the top of it")
judged(block, "hurdle_base", "Required return on new capacity", "1/year", 0.10, 0.085, 0.12, "triangular", "weighted cost of capital asked for at the opening",
       "10 % in every published calculation; corporate hurdles 9-12 %")
judged(block, "hurdle_pass_through", "Pass-through of spreads to the hurdle", "1", 1.0, 0.5, 1.5, "triangular", "points of hurdle per point of spread", "treasurers price at the margin")
judged(block, "bust_hurdle", "Rise of the hurdle in a bust", "1/year", 0.06, 0.03, 0.1, "triangular", "points at a full bust", "equity premium +2 in 2009, BBB spreads 5 points in the severe scenario")
judged(block, "index_open_ai", "AI debt in the US investment-grade index", "USD_bn", 1400.0, 1300.0, 1500.0, "triangular", "75 companies, utilities and chips included",
       "1.2 tn (14 %) in October 2025, 1.4 tn (15.4 %) in 2026")
judged(block, "index_stock", "US investment-grade index", "USD_bn", 9100.0, 8700.0, 9500.0, "triangular", "market value", "1.4 tn is 15.4 %")
judged(block, "index_growth", "Growth of the rest of the index", "1/q", 0.01, 0.006, 0.014, "triangular", "log growth a quarter", "four per cent a year")
judged(block, "index_cap", "Share of the index mandates take", "1", 0.23, 0.2, 0.3, "triangular", "AI share at which issuance stops", "JPM 20 % by 2030; issuer caps 2-3 %, banks 12 % of the index")
judged(block, "index_band", "Band over which issuance is squeezed", "1", 0.04, 0.03, 0.06, "fixed", "points of index share", "concessions rise before a cap binds")


# prices

@block.equation("1", label="Bond supply beyond what the market is used to")
def ig_spread_supply(firm_bond_issue_usd_bn_all_prev, ig_supply_open, year_per_quarter, hundred_bn_per_year):
    """In hundreds of billions a year."""
    return positive(firm_bond_issue_usd_bn_all_prev - ig_supply_open) / year_per_quarter / hundred_bn_per_year


@block.equation("1/year", opening="ig_spread_open", label="Spread of AI investment-grade bonds", report=True)
def ig_spread(ig_spread_prev, ig_spread_open, ig_spread_slope, ig_spread_supply, bust_state_prev, bust_spread, spread_memory):
    """Supply above what the market is used to widens it, with a memory of a few quarters; a bust jumps it."""
    target = ig_spread_open + ig_spread_slope * ig_spread_supply + bust_spread * bust_state_prev
    return ig_spread_prev + spread_memory * (target - ig_spread_prev)


measured(block, "hundred_bn_per_year", "Supply to which the slope of spreads refers", "USD_bn/year", 100.0, "100 bn a year", "the unit in which ig_spread_slope is stated", evidence="published")
judged(block, "bust_spread", "Widening of spreads in a bust", "1/year", 0.02, 0.01, 0.035, "triangular", "points at a full bust", "Baa-Aaa jumps 0.8-1.7, BBB to 5 points in the severe scenario")
judged(block, "spread_memory", "Speed of spreads", "1", 0.3, 0.2, 0.4, "triangular", "share of the gap closed a quarter", "half-life of two to three quarters")


@block.initial("1/year")
def bond_coupon_open(risk_free_rate, ig_spread_open):
    """Cost of the opening stock, at market for simplicity."""
    return risk_free_rate + ig_spread_open


@block.equation("1/year", opening="hurdle_base", label="Required return on new capacity", report=True)
def hurdle_rate(hurdle_base, hurdle_pass_through, ig_spread, ig_spread_open, hurdle_hy_weight, hy_widening, bust_hurdle, bust_state, risk_free_now, risk_free_norm):
    """The base, the move of the risk-free rate, spreads of investment grade and (by its weight) high yield passed through, a bust's premium."""
    spreads = ig_spread - ig_spread_open + hurdle_hy_weight * hy_widening
    return hurdle_base + (risk_free_now - risk_free_norm) + hurdle_pass_through * spreads + bust_hurdle * bust_state


# hyperscalers, each for itself

@block.equation("USD_bn/q", axis=FIRM, opening=lambda year_per_quarter, firm_bonds_usd_bn, bond_coupon_open: firm_bonds_usd_bn * bond_coupon_open * year_per_quarter, label="Interest of the firm")
def firm_interest_usd_bn(firm_bonds_usd_bn_prev, firm_revolver_interest_usd_bn, firm_coupon_prev, year_per_quarter):
    """Bonds at the mean coupon of what is outstanding, bank line at its price."""
    return firm_bonds_usd_bn_prev * firm_coupon_prev * year_per_quarter + firm_revolver_interest_usd_bn


@block.equation("1/year", axis=FIRM, opening="bond_coupon_open", label="Mean coupon of the firm's bonds")
def firm_coupon(firm_coupon_prev, risk_free_now, firm_spread, firm_bond_issue_usd_bn, firm_bonds_usd_bn, one_quarter):
    """Moves to the issuer's own cost by the part of its bonds that is new."""
    new = within(share(firm_bond_issue_usd_bn * one_quarter, firm_bonds_usd_bn, 0), 0, 1)
    return firm_coupon_prev + (risk_free_now + firm_spread - firm_coupon_prev) * new


@block.equation("USD_bn/q", axis=FIRM, label="Interest to bond investors")
def firm_bond_interest_usd_bn(firm_interest_usd_bn, firm_revolver_interest_usd_bn):
    """What does not go to banks."""
    return firm_interest_usd_bn - firm_revolver_interest_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Interest to banks")
def firm_revolver_interest_usd_bn(firm_revolver_usd_bn_prev, risk_free_now, line_spread, year_per_quarter):
    """On the bank line."""
    return firm_revolver_usd_bn_prev * (risk_free_now + line_spread) * year_per_quarter


judged(block, "payout_floor", "Payouts that a short firm keeps", "1", 0.4, 0.25, 0.6, "triangular", "share of the planned", "buybacks stop first; dividends are about two fifths of payouts of Microsoft, Alphabet and Meta")
by_firm(block, "payout_factor", "Firm's payout ratio over the five's", "1", (1.2, 1.6, 0.0, 1.0, 0.8), "ratio", "", evidence="judgement",
        reason="Amazon pays nothing; Alphabet and Microsoft a third of cash flow and more, Meta stopped buying back in 2026, Oracle pays a dividend of 1.4 bn a quarter", spread=0.0)
judged(block, "line_quarters", "Bank line and commercial paper over a quarter's cash flow", "q", 0.5, 0.3, 0.8, "triangular", "quarters of operating cash flow",
       "Alphabet's paper programme 25 bn (none used), Amazon's delayed-draw loan 17.5 bn beside its own (figures borrowers): tens, not hundreds")


@block.equation("USD_bn/q", axis=FIRM, label="Cash profit of the firm after interest and, at most, tax")
def firm_sure_ocf_usd_bn(firm_core_ocf_usd_bn, firm_ai_margin_usd_bn, firm_interest_usd_bn, firm_tax_pool_usd_bn_prev, tax_pool_rate, statutory_tax_rate,
                         firm_tax_losses_usd_bn_prev, one_quarter):
    """What is sure before it is known how many chips are bought: operating cash flow with no chip of this quarter expensed."""
    earned = firm_core_ocf_usd_bn + firm_ai_margin_usd_bn - firm_interest_usd_bn
    taxed = positive(earned - firm_tax_pool_usd_bn_prev * tax_pool_rate - firm_tax_losses_usd_bn_prev / one_quarter)
    return earned - statutory_tax_rate * taxed


@block.equation("USD_bn/q", axis=FIRM, label="AI purchases falling due at the firm")
def firm_planned_ai_usd_bn(planned_chips_usd_bn, planned_shells_usd_bn, hyperscaler_share, firm_order_weight):
    """Chips and shells that can be taken later; power cannot."""
    return (planned_chips_usd_bn + planned_shells_usd_bn) * hyperscaler_share * firm_order_weight


@block.equation("USD_bn/q", axis=FIRM, label="What the firm must pay in the quarter")
def firm_must_pay_usd_bn(firm_nonai_capex_usd_bn, power_spend_usd_bn, hyperscaler_share, firm_order_weight, firm_bond_repay_usd_bn):
    """Capex that is not AI, power under contract, bonds falling due."""
    return firm_nonai_capex_usd_bn + power_spend_usd_bn * hyperscaler_share * firm_order_weight + firm_bond_repay_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Payouts", report=True)
def firm_payout_usd_bn(firm_sure_ocf_usd_bn, payout_ratio, payout_factor, payout_floor, firm_bond_capacity_usd_bn, firm_must_pay_usd_bn, firm_planned_ai_usd_bn):
    """Dividends and buybacks: a share of cash flow, cut down to the floor before purchases are."""
    planned = payout_ratio * payout_factor * positive(firm_sure_ocf_usd_bn)
    left = firm_sure_ocf_usd_bn + firm_bond_capacity_usd_bn - firm_must_pay_usd_bn - firm_planned_ai_usd_bn
    return within(left, payout_floor * planned, planned)


@block.equation("USD_bn/q", axis=FIRM, label="Room in the bank line and commercial paper")
def firm_line_room_usd_bn(firm_sure_ocf_usd_bn, line_quarters, firm_revolver_usd_bn_prev, one_quarter):
    """The limit less what is drawn."""
    return positive(line_quarters * positive(firm_sure_ocf_usd_bn) - firm_revolver_usd_bn_prev) / one_quarter


@block.equation("USD_bn/q", axis=FIRM, label="Cash the firm can use at once")
def firm_free_cash_usd_bn(hyperscalers_deposits_usd_bn_prev, cash_open, min_cash_share, one_quarter):
    """Cash above the minimum."""
    return positive(hyperscalers_deposits_usd_bn_prev - cash_open * min_cash_share) / one_quarter


@block.equation("1", axis=FIRM, opening="one", label="Part of its AI purchases that the firm can pay", report=True)
def firm_paid_share(firm_sure_ocf_usd_bn, firm_bond_capacity_usd_bn, firm_line_room_usd_bn, firm_free_cash_usd_bn, firm_must_pay_usd_bn, firm_payout_usd_bn,
                    firm_planned_ai_usd_bn):
    """Cash flow, bonds, line and free cash less what must be paid, over what falls due: the rest is taken later, so that no account goes
    below zero.
    """
    purse = (firm_sure_ocf_usd_bn + firm_bond_capacity_usd_bn + firm_line_room_usd_bn + firm_free_cash_usd_bn - firm_must_pay_usd_bn
             - firm_payout_usd_bn)
    return within(share(purse, firm_planned_ai_usd_bn, 1), 0, 1)


@block.equation("1", axis=FIRM)
def firm_paid_weighted(firm_paid_share, firm_order_weight):
    """By its part of the build."""
    return firm_paid_share * firm_order_weight


block.total("five_paid_share", of="firm_paid_weighted", unit="1", meaning="part of the five's AI purchases that is paid for")


@block.equation("1", opening="one", label="Part of what falls due that is paid for", report=True)
def purchase_share(five_paid_share, hyperscaler_share, neocloud_build_now, spv_build_share, other_build_share, export_open, least_purchase):
    """All builders; what is not paid for is taken later. Builders outside the model always pay, and a hundredth is always taken."""
    return within(five_paid_share * hyperscaler_share + neocloud_build_now + spv_build_share + other_build_share * export_open, least_purchase, 1)


judged(block, "least_purchase", "Smallest part paid for", "1", 0.01, 0.001, 0.05, "fixed", "floor of a divisor", "a floor, so that lead times can be divided by the part paid for; never reached on sampled paths")


@block.equation("USD_bn/q", axis=FIRM, opening="firm_bond_issue_open", label="Funding need")
def firm_need_usd_bn(firm_capex_usd_bn, firm_payout_usd_bn, firm_bond_repay_usd_bn, firm_ocf_usd_bn, hyperscalers_deposits_usd_bn_prev,
                     cash_open, min_cash_share, spare_cash_use):
    """Uses less cash flow and the spare cash used; negative when there is a surplus."""
    spare = positive(hyperscalers_deposits_usd_bn_prev - cash_open * min_cash_share) * spare_cash_use
    return firm_capex_usd_bn + firm_payout_usd_bn + firm_bond_repay_usd_bn - firm_ocf_usd_bn - spare


judged(block, "bond_squeeze", "Free leverage that bond markets refuse in a full bust", "1", 0.5, 0.3, 0.8, "fixed", "share", "high-grade issuance by technology firms fell by about half in 2001-02 and in 2008H2")


@block.equation("USD_bn/q", axis=FIRM, label="Bond capacity")
def firm_bond_capacity_usd_bn(leverage_cap, firm_sure_ocf_usd_bn, firm_interest_usd_bn, year_per_quarter, firm_bonds_usd_bn_prev,
                              issue_speed_q, firm_bond_repay_usd_bn, index_room, bust_state_prev, credit_open, bond_squeeze):
    """Refinancing, plus free leverage used over a few quarters, squeezed by the index and halved by a bust; none in a stop."""
    room = positive(leverage_cap * positive(firm_sure_ocf_usd_bn + firm_interest_usd_bn) / year_per_quarter - firm_bonds_usd_bn_prev)
    return (firm_bond_repay_usd_bn + room / issue_speed_q * index_room * (1 - bond_squeeze * bust_state_prev)) * credit_open


@block.equation("USD_bn/q", axis=FIRM, opening="firm_bond_issue_open", label="Bonds issued")
def firm_bond_issue_usd_bn(firm_need_usd_bn, firm_bond_capacity_usd_bn):
    """Need, within capacity."""
    return within(firm_need_usd_bn, 0, firm_bond_capacity_usd_bn)


@block.initial("USD_bn/q", axis=FIRM)
def firm_bond_issue_open(ig_supply_open, firm_build_weight):
    """Supply the market is used to, by weight."""
    return ig_supply_open * firm_build_weight


@block.equation("USD_bn/q", axis=FIRM, label="Drawn from the bank line", report=True)
def firm_draw_usd_bn(firm_need_usd_bn, firm_bond_issue_usd_bn, firm_line_room_usd_bn, firm_free_cash_usd_bn):
    """What bonds cannot fund, within the line; then cash down to its minimum. Beyond both (when obligations alone exceed everything) banks
    lend in distress: a named overdraft rather than a negative account.
    """
    left = positive(firm_need_usd_bn - firm_bond_issue_usd_bn)
    return minimum(left, firm_line_room_usd_bn) + positive(left - firm_line_room_usd_bn - firm_free_cash_usd_bn)


@block.equation("USD_bn/q", axis=FIRM, label="Bank line repaid")
def firm_revolver_repay_usd_bn(firm_need_usd_bn, firm_revolver_usd_bn_prev, firm_revolver_loss_usd_bn, one_quarter):
    """Surpluses repay the line first, at most what is left of it after write-offs."""
    return within(-firm_need_usd_bn, 0, firm_revolver_usd_bn_prev / one_quarter - firm_revolver_loss_usd_bn)


@block.equation("USD_bn/q", axis=FIRM, label="Surplus paid out")
def firm_surplus_usd_bn(firm_need_usd_bn, firm_revolver_repay_usd_bn, hyperscalers_deposits_usd_bn_prev, cash_open, one_quarter):
    """A surplus beyond opening cash goes to shareholders: no pile grows without bound."""
    left = positive(-firm_need_usd_bn - firm_revolver_repay_usd_bn)
    return minimum(left, positive(hyperscalers_deposits_usd_bn_prev / one_quarter + left - cash_open / one_quarter))


@block.equation("1", axis=FIRM, opening="one", label="Share of the firm's plan that was funded", report=True)
def firm_funded_share(firm_need_usd_bn, firm_bond_issue_usd_bn, firm_planned_ai_usd_bn, firm_paid_share, firm_capex_usd_bn):
    """One less what bonds and cash flow could not carry (line, emergency cash, purchases put off) over the capex planned."""
    put_off = firm_planned_ai_usd_bn * (1 - firm_paid_share)
    return within(1 - share(positive(firm_need_usd_bn - firm_bond_issue_usd_bn) + put_off, firm_capex_usd_bn + put_off, 0), 0, 1)


@block.equation("USD_bn/q", axis=FIRM)
def firm_funded_weighted(firm_funded_share, firm_capex_usd_bn):
    """Capex that was funded."""
    return firm_funded_share * firm_capex_usd_bn


block.total("firm_funded_capex", of="firm_funded_weighted", unit="USD_bn/q", meaning="funded capex of the five")


@block.equation("USD_bn", axis=FIRM, opening="cash_open", label="Cash of the firm, from its own statement")
def firm_cash_usd_bn(firm_cash_usd_bn_prev, firm_ocf_usd_bn, firm_capex_usd_bn, firm_payout_usd_bn, firm_surplus_usd_bn, firm_bond_issue_usd_bn,
                     firm_bond_repay_usd_bn, firm_draw_usd_bn, firm_revolver_repay_usd_bn, one_quarter):
    """Operating cash flow less investment and payouts, plus net borrowing; tied to the ledger."""
    financing = firm_bond_issue_usd_bn - firm_bond_repay_usd_bn + firm_draw_usd_bn - firm_revolver_repay_usd_bn
    return firm_cash_usd_bn_prev + (firm_ocf_usd_bn - firm_capex_usd_bn - firm_payout_usd_bn - firm_surplus_usd_bn + financing) * one_quarter


@block.equation("1", opening=lambda index_open_ai, index_stock: index_open_ai / index_stock, label="AI share of the investment-grade index", report=True)
def ai_index_share(index_open_ai, index_stock, index_growth, t, firm_bonds_usd_bn_all_prev, bonds_open_total, one_quarter):
    """Opening AI names grow with the index; the five's net new bonds come on top."""
    grown = (1 + index_growth * t)
    new = firm_bonds_usd_bn_all_prev - bonds_open_total
    return (index_open_ai * grown + new) / (index_stock * grown + new)


@block.initial("USD_bn", axis=FIRM)
def firm_bonds_open(bonds_open):
    """Bonds of the firm at the opening."""
    return bonds_open


block.total("bonds_open_total", of="firm_bonds_open", unit="USD_bn", meaning="bonds of the five at the opening", opening=True)


@block.equation("1", label="Room in the index")
def index_room(ai_index_share, index_cap, index_band):
    """One far below the cap, zero at it."""
    return within((index_cap - ai_index_share) / index_band, 0, 1)


# the outcome that feeds back to orders

judged(block, "tenants_build", "What vehicles cannot place and tenants build themselves", "1", 0.5, 0.25, 0.75, "fixed", "share", "tenants took over about half of the projects whose developers lost their lenders; no series exists")


@block.equation("1", opening="one", label="Share of plans that was funded", report=True)
def funded_share(firm_funded_capex, five_firm_capex_usd_bn, neocloud_build_share, neocloud_build_now, spv_build_wanted, credit_open, other_build_share, export_open, tenants_build):
    """Capex-weighted share of the five, neoclouds by what they can build, vehicles by half of what cannot be placed, others in full."""
    five = within(share(firm_funded_capex, five_firm_capex_usd_bn, 1), 0, 1)
    return (five * (1 - neocloud_build_share - spv_build_wanted - other_build_share) + neocloud_build_now
            + spv_build_wanted * (credit_open + tenants_build * (1 - credit_open)) + other_build_share * export_open)


@block.equation("USD_bn", opening="ai_debt_open", label="All AI debt", report=True)
def ai_debt_usd_bn(firm_bonds_usd_bn_all, firm_revolver_usd_bn_all, neocloud_pc_loans_usd_bn, neocloud_bonds_usd_bn, neocloud_vendor_loans_usd_bn,
                   spv_debt_usd_bn):
    """Bonds and bank lines of the five, neoclouds and vehicles: the look-through stock."""
    return (firm_bonds_usd_bn_all + firm_revolver_usd_bn_all + neocloud_pc_loans_usd_bn + neocloud_bonds_usd_bn
            + neocloud_vendor_loans_usd_bn + spv_debt_usd_bn)


@block.equation("USD_bn", opening=lambda ai_debt_open, index_open_ai, bonds_open_total: ai_debt_open + index_open_ai - bonds_open_total, label="All AI debt, wide perimeter", report=True,
                mechanism="judged: the bonds of other AI-linked issuers grow with the index, whatever the build does")
def ai_debt_wide_usd_bn(ai_debt_usd_bn, index_open_ai, bonds_open_total, index_growth, t):
    """Ours, and all bonds of the other AI-linked names of the investment-grade index (utilities, chip makers, telecoms, equipment), which grow with it."""
    return ai_debt_usd_bn + (index_open_ai - bonds_open_total) * (1 + index_growth * t)


@block.initial("USD_bn")
def ai_debt_open(bonds_open_total, neocloud_debt_open, spv_debt_open):
    """All AI debt at the opening."""
    return bonds_open_total + neocloud_debt_open + spv_debt_open


@block.equation("USD_bn", opening=lambda neocloud_debt_open, neocloud_pc_share, spv_mix, spv_debt_open, spv_pc_share: (
        neocloud_debt_open * neocloud_pc_share + spv_debt_open * spv_pc_share / spv_mix), label="Private credit in AI", report=True)
def private_credit_ai_usd_bn(neocloud_pc_loans_usd_bn, spv_pc_loans_usd_bn):
    """Loans of private credit to neoclouds and vehicles."""
    return neocloud_pc_loans_usd_bn + spv_pc_loans_usd_bn


# the stack by channel, for reading

@block.equation("USD_bn", label="Investment-grade bonds of the five", report=True)
def ig_bonds_usd_bn(firm_bonds_usd_bn_all):
    """Bonds of the hyperscalers."""
    return firm_bonds_usd_bn_all


@block.equation("USD_bn", label="Bank loans", report=True)
def bank_loans_usd_bn(firm_revolver_usd_bn_all, spv_bank_loans_usd_bn):
    """Bank lines of the five and bank loans of vehicles."""
    return firm_revolver_usd_bn_all + spv_bank_loans_usd_bn


@block.equation("USD_bn", label="Lease-back notes", report=True)
def spv_notes_out_usd_bn(spv_notes_usd_bn):
    """Notes of vehicles."""
    return spv_notes_usd_bn


@block.equation("USD_bn", label="ABS and CMBS", report=True)
def abs_cmbs_usd_bn(spv_abs_usd_bn):
    """Securitised debt of vehicles."""
    return spv_abs_usd_bn


@block.equation("USD_bn", label="High-yield bonds", report=True)
def high_yield_usd_bn(neocloud_bonds_usd_bn):
    """Bonds of neoclouds."""
    return neocloud_bonds_usd_bn


@block.equation("USD_bn", label="Vendor loans", report=True)
def vendor_loans_usd_bn(neocloud_vendor_loans_usd_bn):
    """Chip makers' credit."""
    return neocloud_vendor_loans_usd_bn

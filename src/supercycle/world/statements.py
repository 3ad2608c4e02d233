"""Statements: profit and loss, balance sheet and cash flow of the firms, neoclouds, vehicles and labs, tied every quarter.

The profit and loss starts from revenue, the balance sheet is rolled forward from it, and equity is found twice: from profits and
payments to owners, and as assets less liabilities. The difference is a residual of the books. Opening equity is the difference of
the opening assets and debts that the model knows; assets outside it (goodwill, investments, the estate from before AI) are one line.
"""

from __future__ import annotations

from supercycle.equations.functions import positive, share
from supercycle.world.frame import FIRM, Block, by_firm, judged, zero

__all__ = ["block"]

block = Block("statements", "Statements", "Profit and loss, balance sheet and cash flow of firms, neoclouds, vehicles and labs.", mechanism="judged: accounting rules; book lives and shares of what the model does not see are set from the firms' reports")

by_firm(block, "other_assets_open", "Other net assets at the opening", "USD_bn", (220.0, 245.0, 275.0, 110.0, 58.0),
        "property, goodwill and investments outside AI, less other liabilities", "", evidence="judgement",
        reason="set so that equity opens near 420, 470, 450, 235 and 28 (reports of 2025 carried forward by profit less payouts); not in the figures, "
        "and only its changes matter to a result", spread=0.2)
judged(block, "core_noncash_share", "Core depreciation over core cash flow", "1", 0.22, 0.15, 0.3, "triangular", "non-AI depreciation and other non-cash items",
       "depreciation of the pre-AI estate of the five, 35-45 bn a quarter")
judged(block, "neocloud_book_life", "Book life of neoclouds' assets", "year", 8.0, 6.0, 10.0, "triangular", "chips and facility together",
       "servers six years and shells twenty to twenty-five, by cost")
judged(block, "spv_book_life", "Book life of vehicles' assets", "year", 20.0, 14.0, 27.0, "triangular", "mostly shells and power; tenants bring many of the chips",
       "Hyperion: notes amortise over 24 years of a campus whose servers are the tenant's")


# the five: profit and loss

@block.equation("USD_bn/q", axis=FIRM, label="Earnings before interest, tax and depreciation", report=True)
def firm_ebitda_usd_bn(firm_core_ocf_usd_bn, firm_ai_margin_usd_bn):
    """Cash profit of the core and of AI."""
    return firm_core_ocf_usd_bn + firm_ai_margin_usd_bn


@block.equation("USD_bn/q", axis=FIRM, opening=lambda core_ocf_open, firm_ai_margin_usd_bn: core_ocf_open + firm_ai_margin_usd_bn,
                label="Earnings before interest, tax and depreciation, mean of about a year")
def firm_ebitda_year_usd_bn(firm_ebitda_year_usd_bn_prev, firm_ebitda_usd_bn, one_quarter, one_year):
    """Quarters scatter; raters look at a year."""
    return firm_ebitda_year_usd_bn_prev + (firm_ebitda_usd_bn - firm_ebitda_year_usd_bn_prev) * one_quarter / one_year


@block.equation("USD_bn/q", axis=FIRM, label="Cash costs of the firm")
def firm_costs_usd_bn(firm_revenue_usd_bn, firm_ebitda_usd_bn):
    """Revenue less cash profit."""
    return firm_revenue_usd_bn - firm_ebitda_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Depreciation and other non-cash items of the core")
def firm_core_noncash_usd_bn(firm_core_ocf_usd_bn, core_noncash_share):
    """The estate from before AI."""
    return firm_core_ocf_usd_bn * core_noncash_share


@block.equation("USD_bn/q", axis=FIRM, label="Operating profit", report=True)
def firm_ebit_usd_bn(firm_revenue_usd_bn, firm_costs_usd_bn, firm_core_noncash_usd_bn, firm_depreciation_usd_bn, firm_impairment_usd_bn):
    """Revenue less cash costs, depreciation and impairment."""
    return firm_revenue_usd_bn - firm_costs_usd_bn - firm_core_noncash_usd_bn - firm_depreciation_usd_bn - firm_impairment_usd_bn


@block.equation("USD_bn/q", axis=FIRM, label="Book tax")
def firm_book_tax_usd_bn(firm_ebit_usd_bn, firm_interest_usd_bn, statutory_tax_rate):
    """Rate on profit before tax; a loss earns no credit. Tax put off by expensing is owed later: it is no income."""
    return statutory_tax_rate * positive(firm_ebit_usd_bn - firm_interest_usd_bn)


@block.equation("USD_bn/q", axis=FIRM, label="Net income", report=True)
def firm_net_income_usd_bn(firm_ebit_usd_bn, firm_interest_usd_bn, firm_book_tax_usd_bn):
    """Operating profit less interest and book tax."""
    return firm_ebit_usd_bn - firm_interest_usd_bn - firm_book_tax_usd_bn


# the five: balance sheet

@block.equation("USD_bn", axis=FIRM, opening="other_assets_open", label="Other net assets of the firm")
def firm_other_assets_usd_bn(firm_other_assets_usd_bn_prev, firm_nonai_capex_usd_bn, firm_core_noncash_usd_bn, one_quarter):
    """Capex that is not AI, less the core's non-cash charges."""
    return firm_other_assets_usd_bn_prev + (firm_nonai_capex_usd_bn - firm_core_noncash_usd_bn) * one_quarter


@block.equation("USD_bn", axis=FIRM, opening=zero("USD_bn"), label="Tax put off since the opening")
def firm_deferred_tax_usd_bn(firm_deferred_tax_usd_bn_prev, firm_book_tax_usd_bn, firm_tax_usd_bn, one_quarter):
    """Book tax less cash tax: rises while chips are expensed, turns when capex stops."""
    return firm_deferred_tax_usd_bn_prev + (firm_book_tax_usd_bn - firm_tax_usd_bn) * one_quarter


@block.initial("USD_bn", axis=FIRM)
def firm_book_open(firm_book_usd_bn):
    """AI assets at the opening."""
    return firm_book_usd_bn


@block.equation("USD_bn", axis=FIRM, opening=lambda bonds_open, other_assets_open, cash_open, firm_book_open: cash_open + firm_book_open + other_assets_open - bonds_open, label="Equity of the firm", report=True)
def firm_equity_usd_bn(firm_equity_usd_bn_prev, firm_net_income_usd_bn, firm_payout_usd_bn, firm_surplus_usd_bn, firm_bond_loss_usd_bn,
                       firm_revolver_loss_usd_bn, one_quarter):
    """Profit less payouts; debt written off is a gain."""
    gain = firm_bond_loss_usd_bn + firm_revolver_loss_usd_bn
    return firm_equity_usd_bn_prev + (firm_net_income_usd_bn - firm_payout_usd_bn - firm_surplus_usd_bn + gain) * one_quarter


@block.equation("1", axis=FIRM, label="Statements of the firm do not tie by")
def firm_statement_gap(firm_cash_usd_bn, firm_book_usd_bn, firm_other_assets_usd_bn, firm_bonds_usd_bn, firm_revolver_usd_bn,
                       firm_deferred_tax_usd_bn, firm_equity_usd_bn):
    """Assets less liabilities less equity, over the sum of the assets: zero."""
    assets = firm_cash_usd_bn + firm_book_usd_bn + firm_other_assets_usd_bn
    owed = firm_bonds_usd_bn + firm_revolver_usd_bn + firm_deferred_tax_usd_bn + firm_equity_usd_bn
    return (assets - owed) / (firm_cash_usd_bn + firm_book_usd_bn + firm_bonds_usd_bn)


# neoclouds and vehicles

@block.initial("USD_bn")
def neocloud_assets_open(neocloud_debt_open, neocloud_equity_share):
    """Debt over its share of cost."""
    return neocloud_debt_open / (1 - neocloud_equity_share)


@block.initial("USD_bn")
def spv_assets_open(spv_debt_open, spv_loan_to_cost):
    """Debt over loan to cost."""
    return spv_debt_open / spv_loan_to_cost


# one template for both classes of borrowers; no tax: losses and depreciation shield them

def straight_line(assets_prev, book_life, year_once, one_year, book_young_share):
    """Straight line on gross: net over life times the net-to-gross share."""
    return assets_prev / (book_life / year_once * one_year * book_young_share)


def book_assets(assets_prev, chips, facility, depreciation, one_quarter):
    """What was bought is added, depreciation taken off."""
    return assets_prev + (chips + facility - depreciation) * one_quarter


for _name, _title in (("neocloud", "neoclouds"), ("spv", "lease-back vehicles")):
    block.equation("USD_bn/q", name=f"{_name}_depreciation_usd_bn", label=f"Book depreciation, {_title}", meaning=f"Book depreciation, {_title}",
                   reads={"assets": f"{_name}_assets_usd_bn", "book_life": f"{_name}_book_life"})(straight_line)
    block.equation("USD_bn", name=f"{_name}_assets_usd_bn", opening="assets_open", label=f"Book value of assets, {_title}",
                   meaning=f"Book value of assets, {_title}",
                   reads={"assets": f"{_name}_assets_usd_bn", "assets_open": f"{_name}_assets_open", "chips": f"{_name}_chips_usd_bn",
                          "facility": f"{_name}_facility_usd_bn", "depreciation": f"{_name}_depreciation_usd_bn"})(book_assets)


@block.equation("USD_bn/q", label="Profit, neoclouds", report=True)
def neocloud_profit_usd_bn(neocloud_revenue_usd_bn, neocloud_opex_usd_bn, neocloud_depreciation_usd_bn, neocloud_pc_interest_usd_bn,
                           neocloud_bond_interest_usd_bn, neocloud_vendor_interest_usd_bn):
    """Revenue less operations, depreciation and interest on every kind of debt."""
    return (neocloud_revenue_usd_bn - neocloud_opex_usd_bn - neocloud_depreciation_usd_bn - neocloud_pc_interest_usd_bn
            - neocloud_bond_interest_usd_bn - neocloud_vendor_interest_usd_bn)


@block.equation("USD_bn", label="Book equity, neoclouds",
                opening=lambda neocloud_assets_open, neoclouds_cash_open, neocloud_debt_open: (
                    neocloud_assets_open + neoclouds_cash_open - neocloud_debt_open))
def neocloud_equity_book_usd_bn(neocloud_equity_book_usd_bn_prev, neocloud_profit_usd_bn, neocloud_equity_usd_bn, neocloud_auction_usd_bn, neocloud_pc_loss_usd_bn,
                                neocloud_bond_loss_usd_bn, neocloud_vendor_loss_usd_bn, one_quarter):
    """Profit, owners' money (buyers of halls included), and the debt that lenders wrote off."""
    return neocloud_equity_book_usd_bn_prev + (neocloud_profit_usd_bn + neocloud_equity_usd_bn + neocloud_auction_usd_bn + neocloud_pc_loss_usd_bn
                                               + neocloud_bond_loss_usd_bn + neocloud_vendor_loss_usd_bn) * one_quarter


@block.equation("1", label="Statements do not tie by, neoclouds")
def neocloud_statement_gap(neocloud_assets_usd_bn, neoclouds_cash_open, neocloud_pc_loans_usd_bn, neocloud_bonds_usd_bn,
                           neocloud_vendor_loans_usd_bn, neocloud_equity_book_usd_bn):
    """Assets and cash less debts less equity, over assets and cash: zero."""
    owed = neocloud_pc_loans_usd_bn + neocloud_bonds_usd_bn + neocloud_vendor_loans_usd_bn + neocloud_equity_book_usd_bn
    return (neocloud_assets_usd_bn + neoclouds_cash_open - owed) / (neocloud_assets_usd_bn + neoclouds_cash_open)


@block.equation("USD_bn/q", label="Profit, lease-back vehicles", report=True)
def spv_profit_usd_bn(spv_rent_usd_bn, spv_depreciation_usd_bn, spv_note_interest_usd_bn, spv_abs_interest_usd_bn, spv_pc_interest_usd_bn,
                      spv_bank_interest_usd_bn):
    """Rent less depreciation and interest on every kind of debt; the tenant operates."""
    return (spv_rent_usd_bn - spv_depreciation_usd_bn - spv_note_interest_usd_bn - spv_abs_interest_usd_bn - spv_pc_interest_usd_bn
            - spv_bank_interest_usd_bn)


@block.equation("USD_bn", label="Book equity, lease-back vehicles",
                opening=lambda spv_assets_open, spvs_cash_open, spv_debt_open: spv_assets_open + spvs_cash_open - spv_debt_open)
def spv_equity_book_usd_bn(spv_equity_book_usd_bn_prev, spv_profit_usd_bn, spv_equity_usd_bn, spv_note_loss_usd_bn, spv_abs_loss_usd_bn,
                           spv_pc_loss_usd_bn, spv_bank_loss_usd_bn, one_quarter):
    """Profit, owners' money, and the debt that lenders wrote off."""
    return spv_equity_book_usd_bn_prev + (spv_profit_usd_bn + spv_equity_usd_bn + spv_note_loss_usd_bn + spv_abs_loss_usd_bn
                                          + spv_pc_loss_usd_bn + spv_bank_loss_usd_bn) * one_quarter


@block.equation("1", label="Statements do not tie by, lease-back vehicles")
def spv_statement_gap(spv_assets_usd_bn, spvs_cash_open, spv_notes_usd_bn, spv_abs_usd_bn, spv_pc_loans_usd_bn, spv_bank_loans_usd_bn,
                      spv_equity_book_usd_bn):
    """Assets and cash less debts less equity, over assets and cash: zero."""
    owed = spv_notes_usd_bn + spv_abs_usd_bn + spv_pc_loans_usd_bn + spv_bank_loans_usd_bn + spv_equity_book_usd_bn
    return (spv_assets_usd_bn + spvs_cash_open - owed) / (spv_assets_usd_bn + spvs_cash_open)


block.residual("neocloud_statement_gap")
block.residual("spv_statement_gap")
block.residual("firm_statement_gap")


# labs: all spending is expense, so the balance sheet is cash against what owners put in and what was lost since

@block.equation("USD_bn", opening=zero("USD_bn"), label="Labs' profits and payouts since the opening, accumulated")
def lab_retained_usd_bn(lab_retained_usd_bn_prev, lab_profit_usd_bn, lab_payout_usd_bn, one_quarter):
    """Losses accumulate; payouts reduce it."""
    return lab_retained_usd_bn_prev + (lab_profit_usd_bn - lab_payout_usd_bn) * one_quarter


@block.equation("USD_bn", opening="opening_lab_cash", label="Labs' paid-in capital since the opening")
def lab_paid_in_usd_bn(lab_paid_in_usd_bn_prev, lab_equity_raised_usd_bn, one_quarter):
    """Cash at the opening and everything raised since; a failure writes down the owners' claim, not what they paid."""
    return lab_paid_in_usd_bn_prev + lab_equity_raised_usd_bn * one_quarter


@block.equation("1", label="Statements of labs do not tie by")
def lab_statement_gap(lab_cash, lab_paid_in_usd_bn, lab_retained_usd_bn):
    """Cash less paid-in capital less what was earned, over paid-in capital: zero."""
    return (lab_cash - lab_paid_in_usd_bn - lab_retained_usd_bn) / lab_paid_in_usd_bn


block.residual("lab_statement_gap")


# margin ladder of AI at the five, as shares of their AI revenue from outside

@block.equation("USD_bn/q", axis=FIRM)
def firm_ai_revenue_usd_bn(lab_to_firm_usd_bn, firm_app_revenue_usd_bn):
    """Compute sold to labs and AI sold to end customers."""
    return lab_to_firm_usd_bn + firm_app_revenue_usd_bn


for _flow, _meaning in (("firm_ai_revenue_usd_bn", "AI revenue of the five from outside"), ("firm_ai_margin_usd_bn", "cash margin on it"),
                        ("firm_depreciation_usd_bn", "AI depreciation of the five"), ("firm_interest_usd_bn", "interest of the five")):
    block.total(f"{_flow}_five", of=_flow, unit="USD_bn/q", meaning=_meaning)


@block.equation("1", label="AI margin of the five after cash costs and rents", report=True)
def ladder_cash(firm_ai_margin_usd_bn_five, firm_ai_revenue_usd_bn_five):
    """What is left of a dollar of AI revenue after power, staff, sales and rent."""
    return share(firm_ai_margin_usd_bn_five, firm_ai_revenue_usd_bn_five, 0)


@block.equation("1", label="AI margin of the five after depreciation", report=True)
def ladder_depreciation(firm_ai_margin_usd_bn_five, firm_depreciation_usd_bn_five, firm_ai_revenue_usd_bn_five):
    """And after book depreciation of all AI assets, those for own use included."""
    return share(firm_ai_margin_usd_bn_five - firm_depreciation_usd_bn_five, firm_ai_revenue_usd_bn_five, 0)


@block.equation("1", label="AI margin of the five after interest", report=True)
def ladder_interest(firm_ai_margin_usd_bn_five, firm_depreciation_usd_bn_five, firm_interest_usd_bn_five, firm_ai_revenue_usd_bn_five):
    """And after interest on all debt of the five."""
    return share(firm_ai_margin_usd_bn_five - firm_depreciation_usd_bn_five - firm_interest_usd_bn_five, firm_ai_revenue_usd_bn_five, 0)


@block.equation("1", label="AI margin of the five after tax", report=True)
def ladder_tax(ladder_interest, statutory_tax_rate):
    """And after tax; a loss lowers the tax of the rest of the firm."""
    return ladder_interest * (1 - statutory_tax_rate)


# leverage, three readings, over yearly cash flow before interest

@block.equation("year", axis=FIRM, label="Leverage, reported", report=True)
def firm_leverage(firm_bonds_usd_bn, firm_revolver_usd_bn, firm_ebitda_year_usd_bn, year_per_quarter):
    """Bonds and bank lines over cash profit."""
    return share(firm_bonds_usd_bn + firm_revolver_usd_bn, firm_ebitda_year_usd_bn, 0) * year_per_quarter


@block.equation("year", axis=FIRM, label="Leverage, looking through vehicles", report=True)
def firm_leverage_look_through(firm_bonds_usd_bn, firm_revolver_usd_bn, spv_debt_usd_bn, firm_lease_weight, firm_ebitda_year_usd_bn, firm_spv_rent_usd_bn,
                               year_per_quarter):
    """With the debt of the vehicles it has signed with (by its leases), rent added back."""
    return share(firm_bonds_usd_bn + firm_revolver_usd_bn + spv_debt_usd_bn * firm_lease_weight, firm_ebitda_year_usd_bn + firm_spv_rent_usd_bn, 0) \
        * year_per_quarter


@block.equation("year", axis=FIRM, label="Leverage, with leases signed and not begun", report=True)
def firm_leverage_contracted(firm_bonds_usd_bn, firm_revolver_usd_bn, spv_debt_usd_bn, firm_lease_weight, lease_pipeline_total, lease_multiple,
                             firm_ebitda_year_usd_bn, firm_spv_rent_usd_bn, year_per_quarter):
    """With the capital behind leases that have not begun, too: the reading of an agency that counts commitments."""
    debt = firm_bonds_usd_bn + firm_revolver_usd_bn + (spv_debt_usd_bn + lease_pipeline_total / lease_multiple) * firm_lease_weight
    return share(debt, firm_ebitda_year_usd_bn + firm_spv_rent_usd_bn, 0) * year_per_quarter

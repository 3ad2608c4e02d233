"""Books: every flow posted once, every claim in one stock, the redundant equation checked and not used.

Intermediaries pay through what they earn; households and everybody else (end users, government, abroad) are one residual
sector. Bond funds, insurers and private credit lend out of saving; banks lend by creating deposits.
"""

from __future__ import annotations

from supercycle.equations.ledger import Ledger
from supercycle.world.frame import FIRM, Block, judged, zero

block = Block("books", "Books", "Balance sheets and flows of all sectors.", mechanism="judged: flows between sectors follow from contracts; who receives the rest is the simplest assignment")
judged(block, "bank_deposits_open", "Deposits of the economy at the opening", "USD_bn", 60000.0, 60000.0, 60000.0, "fixed",
       "bank liabilities to everybody", "world broad money in the countries concerned; only changes matter in the model")

judged(block, "rest_of_economy_deposits_open", "Deposits of everybody else at the opening", "USD_bn", 59200.0, 59200.0, 59200.0, "fixed",
       "households, end users, government and abroad", "the deposits of the economy less those of the sectors named here, to the nearest 100 bn; "
       "what the two judgements do not agree on is reported as the opening imbalance of the books")
_BALANCE = "payroll and suppliers of a few weeks; what the sector earns passes through, so the level moves nothing else"
for _sector, _balance in (("neoclouds", 8.0), ("spvs", 5.0), ("chip_makers", 80.0), ("builders", 30.0), ("bond_investors", 100.0),
                          ("private_credit", 20.0), ("equity_holders", 10.0)):
    judged(block, f"{_sector}_cash_open", f"Working balance of {_sector.replace('_', ' ')}", "USD_bn", _balance, _balance, _balance, "fixed",
           "deposits at the opening", _BALANCE)


# what passes through

@block.equation("USD_bn/q")
def other_chips_usd_bn(chip_spend_usd_bn, firm_chips_usd_bn_all, neocloud_chips_usd_bn, spv_chips_usd_bn):
    """Chips bought by sovereign, Chinese and corporate builders: what the others do not take."""
    return chip_spend_usd_bn - firm_chips_usd_bn_all - neocloud_chips_usd_bn - spv_chips_usd_bn


@block.equation("USD_bn/q")
def other_facility_usd_bn(shell_spend_usd_bn, power_spend_usd_bn, firm_facility_usd_bn_all, neocloud_facility_usd_bn, spv_facility_usd_bn):
    """Their shells and power, and the power that failed and unfunded builders had contracted: whoever takes the site pays it."""
    return shell_spend_usd_bn + power_spend_usd_bn - firm_facility_usd_bn_all - neocloud_facility_usd_bn - spv_facility_usd_bn


@block.equation("USD_bn/q")
def chip_makers_payout_usd_bn(chip_spend_usd_bn, neocloud_vendor_interest_usd_bn, neocloud_vendor_repay_usd_bn, neocloud_vendor_lend_usd_bn):
    """Suppliers, wages, taxes and dividends: sales and interest less net vendor lending."""
    return chip_spend_usd_bn + neocloud_vendor_interest_usd_bn + neocloud_vendor_repay_usd_bn - neocloud_vendor_lend_usd_bn


@block.equation("USD_bn/q")
def builders_payout_usd_bn(shell_spend_usd_bn, power_spend_usd_bn):
    """Everything builders and equipment makers earn goes on to suppliers and workers."""
    return shell_spend_usd_bn + power_spend_usd_bn


@block.equation("USD_bn/q")
def bond_income_usd_bn(firm_bond_interest_usd_bn_all, neocloud_bond_interest_usd_bn, spv_note_interest_usd_bn, spv_abs_interest_usd_bn):
    """Interest passed on to savers."""
    return firm_bond_interest_usd_bn_all + neocloud_bond_interest_usd_bn + spv_note_interest_usd_bn + spv_abs_interest_usd_bn


@block.equation("USD_bn/q")
def bond_saving_usd_bn(firm_bond_issue_usd_bn_all, neocloud_bond_issue_usd_bn, spv_note_issue_usd_bn, spv_abs_issue_usd_bn, firm_bond_repay_usd_bn_all,
                       neocloud_bond_repay_usd_bn, spv_note_repay_usd_bn, spv_abs_repay_usd_bn):
    """Net saving that bond investors lend (negative: redemptions)."""
    lent = firm_bond_issue_usd_bn_all + neocloud_bond_issue_usd_bn + spv_note_issue_usd_bn + spv_abs_issue_usd_bn
    return lent - firm_bond_repay_usd_bn_all - neocloud_bond_repay_usd_bn - spv_note_repay_usd_bn - spv_abs_repay_usd_bn


@block.equation("USD_bn/q")
def pc_income_usd_bn(neocloud_pc_interest_usd_bn, spv_pc_interest_usd_bn):
    """Interest passed on to investors."""
    return neocloud_pc_interest_usd_bn + spv_pc_interest_usd_bn


@block.equation("USD_bn/q")
def pc_saving_usd_bn(neocloud_pc_lend_usd_bn, spv_pc_lend_usd_bn, neocloud_pc_repay_usd_bn, spv_pc_repay_usd_bn):
    """Net calls on investors."""
    return neocloud_pc_lend_usd_bn + spv_pc_lend_usd_bn - neocloud_pc_repay_usd_bn - spv_pc_repay_usd_bn


@block.equation("USD_bn/q")
def bank_payout_usd_bn(firm_revolver_interest_usd_bn_all, spv_bank_interest_usd_bn):
    """Interest paid on to depositors, staff and owners."""
    return firm_revolver_interest_usd_bn_all + spv_bank_interest_usd_bn


@block.equation("USD_bn/q")
def equity_income_usd_bn(firm_payout_usd_bn_all, firm_surplus_usd_bn_all, lab_payout_usd_bn, lab_equity_raised_usd_bn, neocloud_equity_usd_bn, neocloud_auction_usd_bn,
                         spv_equity_usd_bn):
    """Payouts received less money put in (negative: savings called)."""
    return (firm_payout_usd_bn_all + firm_surplus_usd_bn_all + lab_payout_usd_bn - lab_equity_raised_usd_bn - neocloud_equity_usd_bn
            - neocloud_auction_usd_bn - spv_equity_usd_bn)


@block.equation("USD_bn", opening=lambda bank_deposits_open: 0 - bank_deposits_open, label="Banks' net deposit position, from their own statement")
def banks_position_usd_bn(banks_position_usd_bn_prev, firm_draw_usd_bn_all, firm_revolver_repay_usd_bn_all, spv_bank_lend_usd_bn,
                          spv_bank_repay_usd_bn, one_quarter):
    """Lending creates deposits, repayment destroys them; interest is paid through."""
    return banks_position_usd_bn_prev - (firm_draw_usd_bn_all - firm_revolver_repay_usd_bn_all + spv_bank_lend_usd_bn
                                         - spv_bank_repay_usd_bn) * one_quarter


def working_balance(balance_prev):
    """A sector that pays through keeps its working balance."""
    return balance_prev


PASS_THROUGH = ("neoclouds", "spvs", "chip_makers", "builders", "bond_investors", "private_credit", "equity_holders")
for _sector in PASS_THROUGH:
    block.equation("USD_bn", opening="open_balance", name=f"{_sector}_cash_usd_bn", mechanism="identity: what is earned is passed on",
                   reads={"balance": f"{_sector}_cash_usd_bn", "open_balance": f"{_sector}_cash_open"})(working_balance)

ledger = Ledger(block)
ledger.sector("rest_of_economy", "rest of the economy", opening="rest_of_economy_deposits_open")
ledger.sector("labs", "AI labs", opening="opening_lab_cash")
ledger.sector("hyperscalers", "hyperscalers", axis=FIRM, opening="cash_open")
ledger.sector("neoclouds", "neoclouds", opening="neoclouds_cash_open")
ledger.sector("spvs", "lease-back vehicles", opening="spvs_cash_open")
ledger.sector("chip_makers", "chip and equipment makers", opening="chip_makers_cash_open")
ledger.sector("builders", "construction and power", opening="builders_cash_open")
ledger.sector("banks", "banks", opening=lambda bank_deposits_open: 0 - bank_deposits_open)
ledger.sector("bond_investors", "bond and ABS funds, insurers and pensions", opening="bond_investors_cash_open")
ledger.sector("private_credit", "private credit", opening="private_credit_cash_open")
ledger.sector("equity_holders", "equity holders", opening="equity_holders_cash_open")

ledger.claim("firm_bonds_usd_bn", instrument="investment-grade bonds", holder="bond_investors", issuer="hyperscalers",
             opening="bonds_open", meaning="bonds of the hyperscalers")
ledger.claim("firm_revolver_usd_bn", instrument="bank loans", holder="banks", issuer="hyperscalers", opening=zero("USD_bn"),
             meaning="bank lines of the hyperscalers")
ledger.claim("neocloud_pc_loans_usd_bn", instrument="private-credit loans", holder="private_credit", issuer="neoclouds",
             opening=lambda neocloud_debt_open, neocloud_pc_share: neocloud_debt_open * neocloud_pc_share, meaning="private credit to neoclouds")
ledger.claim("neocloud_bonds_usd_bn", instrument="high-yield bonds", holder="bond_investors", issuer="neoclouds",
             opening=lambda neocloud_debt_open, neocloud_vendor_share, neocloud_pc_share: (
        neocloud_debt_open * (1 - neocloud_pc_share - neocloud_vendor_share)), meaning="bonds of neoclouds")
ledger.claim("neocloud_vendor_loans_usd_bn", instrument="vendor loans", holder="chip_makers", issuer="neoclouds",
             opening=lambda neocloud_debt_open, neocloud_vendor_share: neocloud_debt_open * neocloud_vendor_share, meaning="vendor credit to neoclouds")
ledger.claim("spv_notes_usd_bn", instrument="SPV notes", holder="bond_investors", issuer="spvs",
             opening=lambda spv_mix, spv_debt_open, spv_note_share: spv_debt_open * spv_note_share / spv_mix, meaning="notes of lease-back vehicles")
ledger.claim("spv_abs_usd_bn", instrument="ABS and CMBS", holder="bond_investors", issuer="spvs", opening=lambda spv_mix, spv_debt_open, spv_abs_share: spv_debt_open * spv_abs_share / spv_mix,
             meaning="ABS and CMBS of vehicles")
ledger.claim("spv_pc_loans_usd_bn", instrument="private-credit loans", holder="private_credit", issuer="spvs",
             opening=lambda spv_mix, spv_debt_open, spv_pc_share: spv_debt_open * spv_pc_share / spv_mix, meaning="private credit to vehicles")
ledger.claim("spv_bank_loans_usd_bn", instrument="bank loans", holder="banks", issuer="spvs",
             opening=lambda spv_mix, spv_debt_open, spv_bank_share: spv_debt_open * spv_bank_share / spv_mix, meaning="bank loans to vehicles")
ledger.claim("lab_equity_usd_bn", instrument="equity", holder="equity_holders", issuer="labs", opening="opening_lab_cash",
             meaning="capital paid into labs and still held in cash at the opening, and raised since")

_R, _H = "rest_of_economy", "hyperscalers"
for _flow, _payer, _payee, _label in (
        ("lab_revenue_usd_bn", _R, "labs", "sales of labs to end customers"),
        ("firm_app_revenue_usd_bn", _R, _H, "AI sales of hyperscalers to end customers"),
        ("firm_core_ocf_usd_bn", _R, _H, "core cash flow of hyperscalers"),
        ("lab_to_firm_usd_bn", "labs", _H, "compute bought by labs"),
        ("lab_to_neocloud_usd_bn", "labs", "neoclouds", "compute bought by labs"),
        ("lab_other_usd_bn", "labs", _R, "labs' staff, sales and data"),
        ("lab_payout_usd_bn", "labs", "equity_holders", "payouts of labs"),
        ("firm_app_cost_usd_bn", _H, _R, "costs of AI sales"),
        ("firm_opex_usd_bn", _H, _R, "power and operations"),
        ("firm_tax_usd_bn", _H, _R, "taxes"),
        ("firm_neocloud_rent_usd_bn", _H, "neoclouds", "compute rented by hyperscalers"),
        ("firm_spv_rent_usd_bn", _H, "spvs", "leases"),
        ("firm_chips_usd_bn", _H, "chip_makers", "capex: chips"),
        ("firm_facility_usd_bn", _H, "builders", "capex: shells and power"),
        ("firm_nonai_capex_usd_bn", _H, _R, "capex: other"),
        ("firm_bond_interest_usd_bn", _H, "bond_investors", "interest on bonds"),
        ("firm_revolver_interest_usd_bn", _H, "banks", "interest on bank lines"),
        ("firm_payout_usd_bn", _H, "equity_holders", "dividends and buybacks"),
        ("firm_surplus_usd_bn", _H, "equity_holders", "surplus paid out"),
        ("neocloud_chips_usd_bn", "neoclouds", "chip_makers", "capex: chips"),
        ("neocloud_facility_usd_bn", "neoclouds", "builders", "capex: shells and power"),
        ("neocloud_opex_usd_bn", "neoclouds", _R, "power and operations"),
        ("neocloud_pc_interest_usd_bn", "neoclouds", "private_credit", "interest on private credit"),
        ("neocloud_bond_interest_usd_bn", "neoclouds", "bond_investors", "interest on bonds"),
        ("neocloud_vendor_interest_usd_bn", "neoclouds", "chip_makers", "interest on vendor credit"),
        ("neocloud_equity_usd_bn", "equity_holders", "neoclouds", "owners' money"),
        ("neocloud_auction_usd_bn", "equity_holders", "neoclouds", "halls of failed borrowers bought"),
        ("spv_chips_usd_bn", "spvs", "chip_makers", "capex: chips"),
        ("spv_facility_usd_bn", "spvs", "builders", "capex: shells and power"),
        ("spv_note_interest_usd_bn", "spvs", "bond_investors", "interest on notes"),
        ("spv_abs_interest_usd_bn", "spvs", "bond_investors", "interest on ABS"),
        ("spv_pc_interest_usd_bn", "spvs", "private_credit", "interest on private credit"),
        ("spv_bank_interest_usd_bn", "spvs", "banks", "interest on bank loans"),
        ("spv_equity_usd_bn", "equity_holders", "spvs", "owners' money"),
        ("other_chips_usd_bn", _R, "chip_makers", "capex: chips"),
        ("other_facility_usd_bn", _R, "builders", "capex: shells and power"),
        ("chip_makers_payout_usd_bn", "chip_makers", _R, "suppliers, wages, taxes, dividends"),
        ("builders_payout_usd_bn", "builders", _R, "suppliers, wages, taxes, dividends"),
        ("bond_income_usd_bn", "bond_investors", _R, "interest passed on"),
        ("bond_saving_usd_bn", _R, "bond_investors", "net saving"),
        ("pc_income_usd_bn", "private_credit", _R, "interest passed on"),
        ("pc_saving_usd_bn", _R, "private_credit", "net calls"),
        ("bank_payout_usd_bn", "banks", _R, "interest passed on"),
        ("equity_income_usd_bn", "equity_holders", _R, "dividends passed on, net of money put in")):
    ledger.pay(_flow, payer=_payer, payee=_payee, label=_label)
for _claim, _lend, _repay, _loss in (
        ("firm_bonds_usd_bn", "firm_bond_issue_usd_bn", "firm_bond_repay_usd_bn", "firm_bond_loss_usd_bn"),
        ("firm_revolver_usd_bn", "firm_draw_usd_bn", "firm_revolver_repay_usd_bn", "firm_revolver_loss_usd_bn"),
        ("neocloud_pc_loans_usd_bn", "neocloud_pc_lend_usd_bn", "neocloud_pc_repay_usd_bn", "neocloud_pc_loss_usd_bn"),
        ("neocloud_bonds_usd_bn", "neocloud_bond_issue_usd_bn", "neocloud_bond_repay_usd_bn", "neocloud_bond_loss_usd_bn"),
        ("neocloud_vendor_loans_usd_bn", "neocloud_vendor_lend_usd_bn", "neocloud_vendor_repay_usd_bn", "neocloud_vendor_loss_usd_bn"),
        ("spv_notes_usd_bn", "spv_note_issue_usd_bn", "spv_note_repay_usd_bn", "spv_note_loss_usd_bn"),
        ("spv_abs_usd_bn", "spv_abs_issue_usd_bn", "spv_abs_repay_usd_bn", "spv_abs_loss_usd_bn"),
        ("spv_pc_loans_usd_bn", "spv_pc_lend_usd_bn", "spv_pc_repay_usd_bn", "spv_pc_loss_usd_bn"),
        ("spv_bank_loans_usd_bn", "spv_bank_lend_usd_bn", "spv_bank_repay_usd_bn", "spv_bank_loss_usd_bn")):
    ledger.lend(_lend, claim=_claim, label="new lending")
    ledger.repay(_repay, claim=_claim, label="repayment")
    ledger.write_off(_loss, claim=_claim, label="written off")
ledger.lend("lab_equity_raised_usd_bn", claim="lab_equity_usd_bn", label="equity raised")
ledger.write_off("lab_equity_loss_usd_bn", claim="lab_equity_usd_bn", label="written off")
ledger.check("labs", "lab_cash")
ledger.check("hyperscalers", "firm_cash_usd_bn")
ledger.check("banks", "banks_position_usd_bn")
for _sector in PASS_THROUGH:
    ledger.check(_sector, f"{_sector}_cash_usd_bn")
__all__ = ["ledger"]

"""Credit: weak cover leads to default, chips are sold into a falling market, losses land on holders.

A borrower defaults at a hazard that rises as cash flow falls short of debt service. Recovery falls with the resale price of
chips, with the volume sold and in a bust. Losses are written off the claims (a revaluation, no cash) and counted by final
holder; lenders' losses shrink their capacity (block 12) and credit to everybody else (block 15).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive, power, share, where, within
from supercycle.world.frame import FIRM, Block, judged, measured, sourced, zero

__all__ = ["block"]

block = Block("credit", "Credit", "Defaults, recoveries and losses by final holder.", mechanism="judged: default by cover and recovery by resale price, as rating agencies report for other collateral; AI collateral has no history")

sourced(block, "default_5y_b", "default_5y_B", "Five-year default rate of a B borrower", "1", "triangular")
sourced(block, "default_5y_bbb", "default_5y_BBB", "Five-year default rate of a BBB borrower", "1", "triangular")
sourced(block, "default_5y_a", "default_5y_A", "Five-year default rate of an A borrower", "1", "triangular")
sourced(block, "recovery_loans", "recovery_first_lien_loans", "Recovery of secured loans", "1", "triangular")
sourced(block, "recovery_bonds", "recovery_bonds", "Recovery of bonds", "1", "triangular")
sourced(block, "recovery_projects", "project_finance_recovery", "Recovery of project loans", "1", "triangular")
sourced(block, "fire_sale_discount", "fire_sale_out_of_sector", "Discount when chips leave the sector", "1", "triangular",
        default=0.67, low=0.4, high=0.8, reason="the row is sale price over replacement cost, a third (0.2-0.6); the discount is one less it. Forced "
        "sales of mining hardware in 2022 cleared at half of the index")
sourced(block, "chip_price_impact", "chip_price_impact", "Fall of resale price per tenth of the fleet offered", "1", "lognormal")
measured(block, "tenth", "Sale to which the price impact refers", "1", 0.1, "a tenth of the fleet", "the unit of the prior chip_price_impact", evidence="published")
judged(block, "cover_sensitivity", "Fall of default with cover", "1", 4.0, 2.0, 6.0, "triangular", "exponent of cover in the share of weak borrowers",
       "covers of a class spread by 30-60 % (log): a logistic exponent of 1.7 over that spread")
sourced(block, "resale_decay", "resale_decay_rate", "Fall of resale value of a chip", "1/year", "normal")
sourced(block, "dark_value_loss", "dark_chip_storage_depreciation", "Value lost a quarter by dark chips", "1/q", "triangular")
sourced(block, "bank_share_bonds", "bank_share_corporate_bonds", "Banks' share of corporate bonds", "1", "triangular")
sourced(block, "insurer_share_bonds", "insurer_share_corporate_bonds", "Insurers' share of corporate bonds", "1", "triangular")
sourced(block, "pension_share_bonds", "pension_share_corporate_bonds", "Pensions' share of corporate bonds", "1", "triangular")
sourced(block, "foreign_share_bonds", "foreign_share_corporate_bonds", "Foreign share of corporate bonds", "1", "triangular")
block.span("five_years", "2026Q2", "2031Q2", "the horizon of the default rates")
judged(block, "renewal_contest", "Weight of a bust on vehicles, over that of weak cover", "1", 0.5, 0.25, 0.75, "fixed", "share", "leases bind through a bust; about half of the rents come up for renewal within the default horizon")


@block.equation("1/q", label="Vehicles' default rate")
def spv_default(default_5y_bbb, five_years, one_quarter, bust_state_prev, cover_sensitivity, tenant_risk, renewal_contest):
    """A BBB lease, scaled by its tenants' spreads over their opening's (tenants fail first, then halls); in a bust renewals are contested."""
    base = (1 - power(1 - default_5y_bbb, one_quarter / five_years)) / one_quarter
    return within(base * tenant_risk * exp(cover_sensitivity * renewal_contest * bust_state_prev), 0 / one_quarter, 1 / one_quarter)


@block.equation("1", axis=FIRM, label="Tenant's spread over its opening, by its part of the rents")
def tenant_risk_weighted(firm_spread_prev, ig_spread_open, issuer_factor, firm_lease_weight):
    """Risk-neutral odds move with the spread; the base rate is the real-world one."""
    return firm_spread_prev / (ig_spread_open * issuer_factor) * firm_lease_weight


block.total("tenant_risk", of="tenant_risk_weighted", unit="1", meaning="spreads of vehicles' tenants over their opening's", label="Risk of vehicles' tenants", report=True)


@block.equation("1/q", axis=FIRM, label="Hyperscalers' default rate")
def firm_default(default_5y_a, five_years, one_quarter, firm_funded_share_prev, cover_sensitivity, firm_spread_prev, ig_spread_open):
    """An A borrower's rate times its spread over the sector's opening; higher when the firm could not fund its plan."""
    base = (1 - power(1 - default_5y_a, one_quarter / five_years)) / one_quarter
    return within(base * firm_spread_prev / ig_spread_open * exp(cover_sensitivity * (1 - firm_funded_share_prev)), 0 / one_quarter, 1 / one_quarter)


@block.equation("q", opening="collateral_age_open", label="Age of neoclouds' chips")
def collateral_age_q(collateral_age_q_prev, neocloud_chips_usd_bn, neocloud_facility_usd_bn, neocloud_assets_usd_bn_prev, one_quarter):
    """A quarter older, less what is new."""
    new = share((neocloud_chips_usd_bn + neocloud_facility_usd_bn) * one_quarter, neocloud_assets_usd_bn_prev, 0)
    return (collateral_age_q_prev + one_quarter) * (1 - within(new, 0, 1))


@block.equation("USD/H100e/h", opening="opening_contract_price", label="Rental price that lenders planned with")
def lender_price(lender_price_prev, contract_price_prev, lender_price_decline, year_per_quarter, one_quarter, lender_memory_q):
    """What the loans outstanding were sized on: run down at the planned pace, renewed at today's price as loans are renewed."""
    run_down = lender_price_prev * exp(-lender_price_decline * year_per_quarter * one_quarter)
    return run_down + (contract_price_prev - run_down) * one_quarter / lender_memory_q


@block.equation("1", label="Share of the fleet that a scenario sells")
def sale_imposed(t, imposed_sale_quarter, imposed_sale_share, one_quarter):
    """In one quarter; zero without a scenario."""
    return where((imposed_sale_quarter > 0) & (t >= imposed_sale_quarter) & (t < imposed_sale_quarter + one_quarter), imposed_sale_share, 0)


@block.equation("1", opening=zero("1"), label="Chips offered for sale, share of the fleet", report=True)
def chips_offered(chips_offered_prev, neocloud_default, neocloud_fleet_share_prev, sale_imposed, one_quarter, hall_sale_q):
    """What defaults and a scenario put up for sale, until it is sold."""
    return chips_offered_prev * (1 - within(one_quarter / hall_sale_q, 0, 1)) + neocloud_default * one_quarter * neocloud_fleet_share_prev + sale_imposed


@block.equation("1", opening="one", label="Resale value against plan", report=True)
def resale_index(contract_price, lender_price, resale_decay, lender_decay, collateral_age_q, year_per_quarter, fire_sale_discount, bust_state_prev,
                 chip_price_impact, chips_offered, tenth):
    """Rental price over the one planned with, and ageing faster or slower than planned; less with every tenth of the fleet on offer, and
    by the discount outside the sector in a bust. At most what was planned: a surplus is the borrower's.
    """
    aged = exp(-(resale_decay - lender_decay) * collateral_age_q * year_per_quarter)
    market = within(contract_price / lender_price * aged, 0, 1)
    return market * exp(-chip_price_impact * chips_offered / tenth) * (1 - fire_sale_discount * bust_state_prev)


judged(block, "lender_decay", "Fall of resale value that lenders plan with", "1/year", 0.40, 0.35, 0.45, "triangular", "log a year",
       "loans amortise over four to five years: the residual guide's 0.43 less the part that contracts repay (reading of the same guide by lenders)")
judged(block, "lender_price_decline", "Fall of rental prices that lenders plan with", "1/year", 0.16, 0.10, 0.22, "triangular", "log a year", "user cost falls by 10-18 % a year in published readings, break-even by 16-20 % in the world; lenders take the middle")
judged(block, "lender_memory_q", "Quarters over which lenders' plans are renewed", "q", 8.0, 6.0, 12.0, "triangular", "mean time", "half the life of the debt: new loans are sized on today's price")
judged(block, "collateral_age_open", "Age of neoclouds' chips at the opening", "q", 4.0, 3.0, 6.0, "triangular", "mean age", "most of CoreWeave's 30.6 bn of equipment was bought in the two years before")
judged(block, "imposed_sale_quarter", "Quarter of a forced sale of chips", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2", "scenario switch")
judged(block, "imposed_sale_share", "Share of the fleet that is sold", "1", 0.1, 0.0, 0.4, "switch", "share", "scenario switch")


@block.equation("1", label="Loss given default, neocloud loans")
def neocloud_lgd(recovery_loans, resale_index):
    """Secured recovery scaled by resale value."""
    return 1 - recovery_loans * resale_index


@block.equation("1", label="Loss given default, neocloud bonds")
def neocloud_bond_lgd(recovery_bonds, resale_index):
    """Unsecured recovery scaled by resale value."""
    return 1 - recovery_bonds * resale_index


@block.equation("USD_bn/q", label="Private credit written off, neoclouds")
def neocloud_pc_loss_usd_bn(neocloud_pc_loans_usd_bn_prev, neocloud_npl_share_prev, neocloud_default, neocloud_lgd):
    """Defaulted share of what still paid times loss."""
    return neocloud_pc_loans_usd_bn_prev * (1 - neocloud_npl_share_prev) * neocloud_default * neocloud_lgd


@block.equation("USD_bn/q", label="Bonds written off, neoclouds")
def neocloud_bond_loss_usd_bn(neocloud_bonds_usd_bn_prev, neocloud_npl_share_prev, neocloud_default, neocloud_bond_lgd):
    """Defaulted share of what still paid times loss, unsecured."""
    return neocloud_bonds_usd_bn_prev * (1 - neocloud_npl_share_prev) * neocloud_default * neocloud_bond_lgd


@block.equation("USD_bn/q", label="Vendor credit written off")
def neocloud_vendor_loss_usd_bn(neocloud_vendor_loans_usd_bn_prev, neocloud_npl_share_prev, neocloud_default, neocloud_lgd):
    """Defaulted share of what still paid times loss."""
    return neocloud_vendor_loans_usd_bn_prev * (1 - neocloud_npl_share_prev) * neocloud_default * neocloud_lgd


@block.equation("USD_bn/q", label="Debt of neoclouds written off", report=True)
def neocloud_loss_usd_bn(neocloud_pc_loss_usd_bn, neocloud_bond_loss_usd_bn, neocloud_vendor_loss_usd_bn):
    """All three kinds."""
    return neocloud_pc_loss_usd_bn + neocloud_bond_loss_usd_bn + neocloud_vendor_loss_usd_bn


@block.equation("USD_bn", opening=zero("USD_bn"), label="Claims on failed neoclouds, at what they will fetch", report=True)
def neocloud_npl_usd_bn(neocloud_npl_usd_bn_prev, neocloud_auction_usd_bn, neocloud_debt_usd_bn_prev, neocloud_npl_share_prev, neocloud_default, neocloud_loss_usd_bn,
                        one_quarter):
    """Debt of the newly failed less what is written off, until the halls are sold."""
    failed = neocloud_debt_usd_bn_prev * (1 - neocloud_npl_share_prev) * neocloud_default - neocloud_loss_usd_bn
    return neocloud_npl_usd_bn_prev + (failed - neocloud_auction_usd_bn) * one_quarter


def vehicle_loss(claim_prev, spv_default, recovery_projects, resale_index):
    """What is owed by failed vehicles and not recovered at today's resale prices."""
    return claim_prev * spv_default * (1 - recovery_projects * resale_index)


for _kind, _stem, _label in (("notes", "note", "Vehicles' notes"), ("abs", "abs", "ABS and CMBS"), ("pc_loans", "pc", "Vehicles' private loans"),
                             ("bank_loans", "bank", "Vehicles' bank loans")):
    block.equation("USD_bn/q", name=f"spv_{_stem}_loss_usd_bn", reads={"claim": f"spv_{_kind}_usd_bn"}, label=f"{_label}: written off",
                   meaning=f"{_label}: written off")(vehicle_loss)


@block.equation("USD_bn/q", axis=FIRM, label="Bonds of the firm written off")
def firm_bond_loss_usd_bn(firm_bonds_usd_bn_prev, firm_default, recovery_bonds):
    """Expected loss of an A borrower: small."""
    return firm_bonds_usd_bn_prev * firm_default * (1 - recovery_bonds)


@block.equation("USD_bn/q", axis=FIRM, label="Bank line of the firm written off")
def firm_revolver_loss_usd_bn(firm_revolver_usd_bn_prev, firm_default, recovery_loans):
    """Senior bank claims."""
    return firm_revolver_usd_bn_prev * firm_default * (1 - recovery_loans)


@block.equation("USD_bn/q", label="Lab equity written off")
def lab_equity_loss_usd_bn(lab_equity_usd_bn_prev, lab_failed_share, lab_failed_share_prev, one_quarter):
    """Paid-in capital of a lab that fails."""
    return lab_equity_usd_bn_prev * (lab_failed_share - lab_failed_share_prev) / one_quarter


# losses by final holder

@block.equation("USD_bn/q", label="Losses on bonds and notes")
def bond_loss_usd_bn(firm_bond_loss_usd_bn_all, neocloud_bond_loss_usd_bn, spv_note_loss_usd_bn):
    """Everything bond investors write off besides ABS."""
    return firm_bond_loss_usd_bn_all + neocloud_bond_loss_usd_bn + spv_note_loss_usd_bn


@block.equation("USD_bn/q", label="Losses of ABS and CMBS holders", report=True)
def abs_loss_usd_bn(spv_abs_loss_usd_bn):
    """Securitised debt of vehicles."""
    return spv_abs_loss_usd_bn


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Losses of private credit", report=True)
def pc_loss_usd_bn(neocloud_pc_loss_usd_bn, spv_pc_loss_usd_bn):
    """Loans of private credit written off."""
    return neocloud_pc_loss_usd_bn + spv_pc_loss_usd_bn


@block.equation("USD_bn/q", label="Losses of banks", report=True)
def bank_loss_usd_bn(firm_revolver_loss_usd_bn_all, spv_bank_loss_usd_bn, bond_loss_usd_bn, bank_share_bonds):
    """Loans, and the banks' share of bonds."""
    return firm_revolver_loss_usd_bn_all + spv_bank_loss_usd_bn + bond_loss_usd_bn * bank_share_bonds


@block.equation("USD_bn/q", label="Losses of insurers and pensions", report=True)
def insurer_pension_loss_usd_bn(bond_loss_usd_bn, insurer_share_bonds, pension_share_bonds):
    """Their share of bonds."""
    return bond_loss_usd_bn * (insurer_share_bonds + pension_share_bonds)


@block.equation("USD_bn/q", label="Losses of foreign holders", report=True)
def foreign_loss_usd_bn(bond_loss_usd_bn, foreign_share_bonds):
    """Their share of bonds."""
    return bond_loss_usd_bn * foreign_share_bonds


@block.equation("USD_bn/q", label="Losses of funds and other holders", report=True)
def fund_loss_usd_bn(bond_loss_usd_bn, bank_share_bonds, insurer_share_bonds, pension_share_bonds, foreign_share_bonds):
    """What the named holders do not hold."""
    return bond_loss_usd_bn * (1 - bank_share_bonds - insurer_share_bonds - pension_share_bonds - foreign_share_bonds)


@block.equation("USD_bn/q", label="Losses of vendors", report=True)
def vendor_loss_usd_bn(neocloud_vendor_loss_usd_bn):
    """Chip makers' credit."""
    return neocloud_vendor_loss_usd_bn


@block.equation("USD_bn/q", label="Losses of equity", report=True)
def equity_loss_usd_bn(lab_equity_loss_usd_bn):
    """Paid-in capital of failed labs."""
    return lab_equity_loss_usd_bn


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Credit losses", report=True)
def credit_loss_usd_bn(bond_loss_usd_bn, abs_loss_usd_bn, pc_loss_usd_bn, firm_revolver_loss_usd_bn_all, spv_bank_loss_usd_bn,
                       neocloud_vendor_loss_usd_bn):
    """All debt written off, added up by instrument."""
    return (bond_loss_usd_bn + abs_loss_usd_bn + pc_loss_usd_bn + firm_revolver_loss_usd_bn_all + spv_bank_loss_usd_bn
            + neocloud_vendor_loss_usd_bn)


@block.equation("1", label="Losses by holder do not add up to losses by instrument by")
def loss_gap(credit_loss_usd_bn, bank_loss_usd_bn, insurer_pension_loss_usd_bn, foreign_loss_usd_bn, fund_loss_usd_bn, abs_loss_usd_bn,
             pc_loss_usd_bn, vendor_loss_usd_bn):
    """The waterfall to final holders: banks, insurers and pensions, foreign holders, funds, ABS holders, private credit, vendors; zero."""
    held = (bank_loss_usd_bn + insurer_pension_loss_usd_bn + foreign_loss_usd_bn + fund_loss_usd_bn + abs_loss_usd_bn + pc_loss_usd_bn
            + vendor_loss_usd_bn)
    return share(credit_loss_usd_bn - held, credit_loss_usd_bn, 0)


block.residual("loss_gap")


# impairment of chips

@block.equation("1", opening=zero("1"), label="Share of AI book value impaired")
def impaired_share(retired_it_gw, fleet_it_gw_prev, failure_rate, year_per_quarter, one_quarter, dark_it_gw_prev, dark_value_loss, resale_index,
                   write_down_share):
    """Early retirement and the loss of dark chips, over the fleet; part of it is still on the books."""
    early = positive(retired_it_gw * one_quarter - fleet_it_gw_prev * failure_rate * year_per_quarter * one_quarter)
    dark = dark_it_gw_prev * dark_value_loss * one_quarter
    return within(share((early * write_down_share + dark) * (1 + (1 - resale_index)), fleet_it_gw_prev, 0), 0, 1)


judged(block, "write_down_share", "Book value left in chips that leave", "1", 0.3, 0.15, 0.45, "triangular", "net over gross of retired chips",
       "chips that leave at four to five years of a six-year life have a fifth to a third left")


@block.equation("USD_bn/q", label="Write-offs of AI assets", report=True)
def write_off_usd_bn(firm_impairment_usd_bn_total, hyperscaler_share):
    """Hyperscalers' impairment scaled to all builders."""
    return share(firm_impairment_usd_bn_total, hyperscaler_share, 0)


block.total("firm_impairment_usd_bn_total", of="firm_impairment_usd_bn", unit="USD_bn/q", meaning="impairment of the five")


@block.equation("GW_it", label="Stranded capacity", report=True)
def stranded_it_gw(dark_it_gw, fleet_it_gw, pressure, target_utilisation):
    """Dark stock, and energised capacity beyond what target utilisation needs."""
    return dark_it_gw + fleet_it_gw * positive(1 - pressure / target_utilisation)

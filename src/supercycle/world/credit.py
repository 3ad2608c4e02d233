"""Credit: weak cover leads to default, chips are sold into a falling market, losses land on holders.

A borrower defaults at a hazard that rises as cash flow falls short of debt service. Recovery falls with the resale price of
chips, with the volume sold and in a bust. Losses are written off the claims (a revaluation, no cash) and counted by final
holder; lenders' losses shrink their capacity (block 12) and credit to everybody else (block 15).
"""

from __future__ import annotations

from supercycle.equations.functions import exp, positive, power, share, where, within
from supercycle.world.frame import FIRM, Block, judged, sourced

__all__ = ["block"]

block = Block("credit", "Credit", "Defaults, recoveries and losses by final holder.")

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
block.constant("tenth", 0.1, "1", "a tenth of the fleet")
judged(block, "cover_sensitivity", "Fall of default with cover", "1", 4.0, 2.0, 6.0, "triangular", "exponent of cover in the share of weak borrowers",
       "covers of a class spread by 30-60 % (log): a logistic exponent of 1.7 over that spread")
judged(block, "cover_target", "Cover of the class at which the rating's hazard holds", "1", 1.4, 1.2, 1.6, "triangular", "cash flow over debt service that is not rolled",
       "loans are sized at 1.15-1.4 on contracted cash; the class earns more on what is not contracted")
judged(block, "imposed_neocloud_quarter", "Quarter in which neoclouds fail at once", "q", 0.0, 0.0, 38.0, "switch", "0 for none, else quarters from 2026Q2",
       "scenario switch")
judged(block, "imposed_neocloud_share", "Share of neoclouds' debt that fails then", "1", 0.4, 0.05, 1.0, "switch", "share of debt",
       "scenario switch: the largest owes about two fifths of the class's debt")
judged(block, "default_cap", "Largest default share a quarter", "1", 0.15, 0.1, 0.2, "fixed", "share of a class that can default in a quarter",
       "the worst year of speculative grade is 11-13 %; one class of assets may do three times as badly")
sourced(block, "resale_decay", "resale_decay_rate", "Fall of resale value of a chip", "1/year", "normal")
sourced(block, "dark_value_loss", "dark_chip_storage_depreciation", "Value lost a quarter by dark chips", "1/q", "triangular")
sourced(block, "bank_share_bonds", "bank_share_corporate_bonds", "Banks' share of corporate bonds", "1", "triangular")
sourced(block, "insurer_share_bonds", "insurer_share_corporate_bonds", "Insurers' share of corporate bonds", "1", "triangular")
sourced(block, "pension_share_bonds", "pension_share_corporate_bonds", "Pensions' share of corporate bonds", "1", "triangular")
sourced(block, "foreign_share_bonds", "foreign_share_corporate_bonds", "Foreign share of corporate bonds", "1", "triangular")
block.constant("five_years", 20.0, "q", "quarters in five years")


@block.equation("1", opening="cover_target", label="Neoclouds' cash flow over debt service", report=True)
def neocloud_cover(neocloud_revenue_usd_bn, neocloud_opex_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn):
    """Revenue less operations over interest and the debt falling due that nobody rolls over."""
    return share(neocloud_revenue_usd_bn - neocloud_opex_usd_bn, neocloud_service_usd_bn - neocloud_rolled_usd_bn, 1)


@block.equation("1/q", label="Neoclouds' default rate", report=True)
def neocloud_default(default_5y_b, neocloud_cover_prev, cover_sensitivity, cover_target, five_years, default_cap, one_quarter, t,
                     imposed_neocloud_quarter, imposed_neocloud_share):
    """A B borrower's hazard times the share of weak borrowers, 1 / (1 + cover^k), over that share at the usual cover. Cover above
    the usual makes no better credit: owners take the surplus out and new borrowers come in at full leverage.
    """
    base = 1 - power(1 - default_5y_b, one_quarter / five_years)
    cover = within(neocloud_cover_prev, 0, cover_target)
    weak = (1 + power(cover_target, cover_sensitivity)) / (1 + power(cover, cover_sensitivity))
    imposed = (imposed_neocloud_quarter > 0) & (t >= imposed_neocloud_quarter) & (t < imposed_neocloud_quarter + one_quarter)
    return where(imposed, imposed_neocloud_share, within(base * weak, 0, default_cap)) / one_quarter


@block.equation("1/q", label="Vehicles' default rate")
def spv_default(default_5y_bbb, five_years, one_quarter, bust_state_prev, cover_sensitivity):
    """A BBB lease; in a bust tenants contest renewals and guarantees."""
    return (1 - power(1 - default_5y_bbb, one_quarter / five_years)) / one_quarter * exp(cover_sensitivity / 2 * bust_state_prev)


@block.equation("1/q", axis=FIRM, label="Hyperscalers' default rate")
def firm_default(default_5y_a, five_years, one_quarter, firm_funded_share_prev, cover_sensitivity):
    """An A borrower; higher when the firm could not fund its plan."""
    return (1 - power(1 - default_5y_a, one_quarter / five_years)) / one_quarter * exp(cover_sensitivity * (1 - firm_funded_share_prev))


@block.equation("1", opening="one", label="Resale value against plan")
def resale_index(contract_price, opening_contract_price, resale_decay, year_per_quarter, t, fire_sale_discount, bust_state_prev,
                 chip_price_impact, neocloud_default, neocloud_build_share, one_quarter, tenth):
    """Rental price over what lenders planned for, at most one; falls with the fleet share that defaults put up for sale, and by the
    out-of-sector discount in a bust.
    """
    offered = neocloud_default * one_quarter * neocloud_build_share / tenth
    planned = exp(-resale_decay * year_per_quarter * t)
    market = within(contract_price / opening_contract_price / planned, 0, 1)
    return market * exp(-chip_price_impact * offered) * (1 - fire_sale_discount * bust_state_prev)


@block.equation("1", label="Loss given default, neocloud loans")
def neocloud_lgd(recovery_loans, resale_index):
    """Secured recovery scaled by resale value."""
    return 1 - recovery_loans * resale_index


@block.equation("USD_bn/q", label="Private credit written off, neoclouds")
def neocloud_pc_loss_usd_bn(neocloud_pc_loans_usd_bn_prev, neocloud_default, neocloud_lgd):
    """Defaulted share times loss."""
    return neocloud_pc_loans_usd_bn_prev * neocloud_default * neocloud_lgd


@block.equation("USD_bn/q", label="Bonds written off, neoclouds")
def neocloud_bond_loss_usd_bn(neocloud_bonds_usd_bn_prev, neocloud_default, recovery_bonds, resale_index):
    """Defaulted share times loss, unsecured."""
    return neocloud_bonds_usd_bn_prev * neocloud_default * (1 - recovery_bonds * resale_index)


@block.equation("USD_bn/q", label="Vendor credit written off")
def neocloud_vendor_loss_usd_bn(neocloud_vendor_loans_usd_bn_prev, neocloud_default, neocloud_lgd):
    """Defaulted share times loss."""
    return neocloud_vendor_loans_usd_bn_prev * neocloud_default * neocloud_lgd


def _spv_loss(kind: str, stem: str, label: str) -> None:
    """Write-off of one kind of vehicle debt."""
    from supercycle.equations.spec import from_text

    made = from_text(f"spv_{stem}_loss_usd_bn", f"spv_{kind}_usd_bn_prev * spv_default * (1 - recovery_projects * resale_index)")
    made.__doc__ = f"{label}: written off"
    block.equation("USD_bn/q", label=f"{label}: written off")(made)


for _kind, _stem, _label in (("notes", "note", "Vehicles' notes"), ("abs", "abs", "ABS and CMBS"), ("pc_loans", "pc", "Vehicles' private loans"),
                             ("bank_loans", "bank", "Vehicles' bank loans")):
    _spv_loss(_kind, _stem, _label)


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


@block.equation("USD_bn/q", opening="zero_flow", label="Losses of private credit", report=True)
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


@block.equation("USD_bn/q", opening="zero_flow", label="Credit losses", report=True)
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

@block.equation("1", opening="zero", label="Share of AI book value impaired")
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

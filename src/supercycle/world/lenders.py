"""Lenders to neoclouds and vehicles: private credit, high yield, vendors, notes, ABS, bank loans.

Neoclouds borrow from private credit (within its dry powder), bond funds and vendors; owners cover the rest, and money beyond
their usual share marks a shortfall. Lease-back vehicles build on signed leases whose rent is debt service times cover.
"""

from __future__ import annotations

from supercycle.equations.functions import exp, minimum, positive, share, within
from supercycle.world.frame import Block, judged, sourced, zero

__all__ = ["block"]

block = Block("lenders", "Lenders", "Credit to neoclouds and lease-back vehicles, and what lenders can lend.", mechanism="judged: each lender gives its part within what it has; parts are those of deals disclosed so far")


judged(block, "pc_spread", "Spread of private credit", "1/year", 0.045, 0.035, 0.06, "triangular", "over risk-free", "direct lending 450-600 bp; GPU loans 400-900")
judged(block, "spv_spread", "Spread of lease-back notes", "1/year", 0.022, 0.016, 0.03, "triangular", "over treasuries", "Beignet notes 225 bp, 6.58 %")
judged(block, "neocloud_debt_open", "Neoclouds' debt at the opening", "USD_bn", 58.0, 45.0, 75.0, "triangular", "loans, bonds and vendor credit", "CoreWeave 25 bn at 2026Q1 and rising; others together as much")
judged(block, "neocloud_equity_share", "Equity in neoclouds' funding", "1", 0.25, 0.15, 0.4, "triangular", "share of cost", "GPU loans at 60-85 % of cost")
judged(block, "neocloud_pc_share", "Private credit in neoclouds' debt", "1", 0.5, 0.4, 0.6, "triangular", "share of new and old debt", "delayed-draw loans of private lenders and banks")
judged(block, "neocloud_vendor_share", "Vendor credit in neoclouds' debt", "1", 0.1, 0.03, 0.18, "triangular", "share of new and old debt", "guarantees and credit of chip makers")
judged(block, "neocloud_life_q", "Mean life of neoclouds' debt", "q", 14.0, 10.0, 20.0, "triangular", "quarters",
       "CoreWeave's ladder of mid-2025: 28 % due within twelve months (figures borrowers, tier A), 27 % in 2026Q1; bonds of others run five years: 16-20 % a year of the class")
judged(block, "neocloud_other_cost_share", "Neoclouds' rents, staff and sales over revenue", "1", 0.28, 0.2, 0.36, "triangular", "besides power and operations",
       "adjusted cash profit of the largest is about 60 % of revenue; power and operations take a tenth")
judged(block, "neocloud_roll_share", "Neoclouds' debt that is rolled over", "1", 0.5, 0.4, 0.65, "triangular", "share of what falls due, in open markets",
       "delayed-draw loans amortise out of contracts, bonds and converts are refinanced: about half of the debt each")
judged(block, "spv_debt_open", "Lease-back and project debt at the opening", "USD_bn", 225.0, 185.0, 270.0, "triangular", "notes, loans and ABS of vehicles",
       "vehicles above 120 at end-2025 and two quarters of 0.08 of the build since; ABS and CMBS 49 to May 2025 and 27 in 2025")
judged(block, "spv_loan_to_cost", "Debt over cost of vehicles", "1", 0.87, 0.8, 0.92, "triangular", "loan to cost", "JPM: above 85 %; Beignet 27.3 of 30")
judged(block, "spv_note_share", "Notes in vehicles' debt", "1", 0.38, 0.3, 0.46, "triangular", "placed with bond funds and insurers", "Beignet, El Paso")
judged(block, "spv_abs_share", "ABS and CMBS in vehicles' debt", "1", 0.32, 0.25, 0.4, "triangular", "securitised", "49 bn issued to May 2025 and 27 in 2025; 30-40 a year forecast")
judged(block, "spv_bank_share", "Bank loans in vehicles' debt", "1", 0.1, 0.05, 0.15, "triangular", "weight; the four weights are normalised", "construction loans before placement")
judged(block, "spv_pc_share", "Private credit in vehicles' debt", "1", 0.2, 0.12, 0.28, "triangular", "private loans", "Blue Owl and other private lenders lead most large vehicles; a quarter of 800 bn by 2028 in one forecast")
judged(block, "spv_life_q", "Mean life of vehicles' debt", "q", 56.0, 44.0, 72.0, "triangular", "quarters", "notes to 2049 that amortise, loans of five to seven years refinanced")
judged(block, "spv_cover", "Rent over debt service", "1", 1.15, 1.05, 1.3, "triangular", "coverage in leases", "investment-grade lease-backs 1.1-1.3")
judged(block, "pc_ai_share", "AI's share of private-credit inflows", "1", 0.4, 0.25, 0.55, "triangular", "share of fund-raising", "data centres were a third to a half of new large private deals")
sourced(block, "pc_fundraising", "private_credit_fundraising", "Closed-end private credit raised", "USD_bn/year", "lognormal")
judged(block, "pc_leverage", "Private credit's leverage", "1", 1.6, 1.3, 2.0, "triangular", "assets over equity", "BDCs 1.0-1.25x debt to equity, funds less; bank lines 300 bn")
judged(block, "pc_powder_open", "Dry powder for AI at the opening", "USD_bn", 120.0, 80.0, 170.0, "triangular", "uncalled money that can go to AI", "466 bn of dry powder, a quarter of it for infrastructure and asset-based lending")


# neoclouds

@block.equation("USD_bn/q", label="Neoclouds' chips")
def neocloud_chips_usd_bn(planned_chips_usd_bn, neocloud_build_now):
    """Their part of chip deliveries, as far as it is paid for."""
    return planned_chips_usd_bn * neocloud_build_now


@block.equation("USD_bn/q", label="Neoclouds' shells and power")
def neocloud_facility_usd_bn(planned_shells_usd_bn, power_spend_usd_bn, neocloud_build_now):
    """Their part of construction, as far as it is paid for."""
    return (planned_shells_usd_bn + power_spend_usd_bn) * neocloud_build_now


@block.equation("USD_bn", opening="neocloud_debt_open", label="Debt of neoclouds", report=True)
def neocloud_debt_usd_bn(neocloud_pc_loans_usd_bn, neocloud_bonds_usd_bn, neocloud_vendor_loans_usd_bn):
    """Loans, bonds and vendor credit, claims on failed borrowers included."""
    return neocloud_pc_loans_usd_bn + neocloud_bonds_usd_bn + neocloud_vendor_loans_usd_bn


@block.equation("1", opening=zero("1"), label="Part of neoclouds' debt that is owed by failed borrowers", report=True)
def neocloud_npl_share(neocloud_npl_usd_bn, neocloud_debt_usd_bn):
    """Written down to what its collateral will fetch; it earns nothing until the halls are sold."""
    return within(share(neocloud_npl_usd_bn, neocloud_debt_usd_bn, 0), 0, 1)


@block.equation("1", label="Part of neoclouds' debt that pays")
def neocloud_performing(neocloud_npl_share_prev):
    """Not owed by failed borrowers."""
    return 1 - neocloud_npl_share_prev


@block.equation("1", label="Part of what is owed that is paid")
def neocloud_paying(neocloud_paid_share, neocloud_default, one_quarter):
    """Those who fail in the quarter pay nothing; the others what they and their owners can."""
    return neocloud_paid_share * (1 - neocloud_default * one_quarter)


def interest_owed(claim_prev, neocloud_performing, risk_free_now, spread, year_per_quarter):
    """The part of the claim that pays, at today's rate and the claim's spread."""
    return claim_prev * neocloud_performing * (risk_free_now + spread) * year_per_quarter


def interest_paid(interest, neocloud_paying):
    """Of what is owed, what borrowers and their owners can pay."""
    return interest * neocloud_paying


def falling_due(old_prev, ages, neocloud_life_q, neocloud_performing):
    """The oldest stage of living borrowers' debt."""
    return old_prev * ages / neocloud_life_q * neocloud_performing


def repaid(due, neocloud_paying, claim_prev, neocloud_npl_share_prev, hall_sale_q, neocloud_sweep_rate):
    """What falls due and is paid, what sold halls bring, and what lenders sweep."""
    return due * neocloud_paying + claim_prev * (neocloud_npl_share_prev / hall_sale_q + neocloud_sweep_rate)


def shed(loss, claim_prev, neocloud_npl_share_prev, hall_sale_q, neocloud_sweep_rate):
    """What leaves a claim at all its ages alike: written off, paid out of sold halls, swept."""
    return loss + claim_prev * (neocloud_npl_share_prev / hall_sale_q + neocloud_sweep_rate)


def _neocloud_claim(stem: str, claim: str, spread: str, label: str) -> None:
    """Interest that is owed and paid, what falls due and is paid, of one kind of neoclouds' debt."""
    names = {"claim": claim, "old": f"{claim}_old", "spread": spread, "interest": f"neocloud_{stem}_interest_due", "due": f"neocloud_{stem}_due_usd_bn",
             "loss": f"neocloud_{stem}_loss_usd_bn"}
    for suffix, function, read, meaning in (
            ("interest_due", interest_owed, ("claim", "spread"), "interest owed"), ("interest_usd_bn", interest_paid, ("interest",), "interest paid"),
            ("due_usd_bn", falling_due, ("old",), "falling due"), ("repay_usd_bn", repaid, ("due", "claim"), "repaid, out of sold halls and swept cash too"),
            ("shed_usd_bn", shed, ("loss", "claim"), "leaving all its ages alike")):
        block.equation("USD_bn/q", name=f"neocloud_{stem}_{suffix}", reads={k: names[k] for k in read}, label=f"{label}: {meaning}",
                       meaning=f"{label}: {meaning}", report=suffix == "repay_usd_bn")(function)


_neocloud_claim("pc", "neocloud_pc_loans_usd_bn", "pc_spread_paid", "Private credit of neoclouds")
_neocloud_claim("bond", "neocloud_bonds_usd_bn", "hy_spread_paid", "Bonds of neoclouds")
_neocloud_claim("vendor", "neocloud_vendor_loans_usd_bn", "pc_spread_paid", "Vendor credit of neoclouds")


@block.equation("USD_bn/q", label="Neoclouds' debt falling due")
def neocloud_due_usd_bn(neocloud_pc_due_usd_bn, neocloud_bond_due_usd_bn, neocloud_vendor_due_usd_bn):
    """Loans, bonds and vendor credit of living borrowers."""
    return neocloud_pc_due_usd_bn + neocloud_bond_due_usd_bn + neocloud_vendor_due_usd_bn


judged(block, "refinance_squeeze", "Refinancing that fails in a full bust", "1", 0.7, 0.4, 0.95, "triangular", "share of what is rolled over in calm markets",
       "high yield priced 95 bn in the year from September 2008 (Prospect News) after about 140 a year in 2006-07, two thirds less in calendar 2008 and nine tenths less in the worst quarter; "
       "sound borrowers' loans are extended by their lenders meanwhile. New loans for building stay shut: lenders protect what is out before they lend more")


@block.equation("USD_bn/q", label="Neoclouds' debt that lenders roll over")
def neocloud_rolled_usd_bn(neocloud_due_usd_bn, neocloud_roll_share, bust_state_prev, refinance_squeeze, credit_open, neocloud_sound_prev, neocloud_sound_open):
    """A share of what falls due, for sound borrowers; less in a bust, none in a stop: the rest must come out of cash flow or from the owners."""
    return neocloud_due_usd_bn * neocloud_roll_share * (1 - refinance_squeeze * bust_state_prev) * credit_open * within(neocloud_sound_prev / neocloud_sound_open, 0, 1)


@block.equation("USD_bn/q", opening=zero("USD_bn/q"), label="Neoclouds' debt service")
def neocloud_service_usd_bn(neocloud_pc_interest_due, neocloud_bond_interest_due, neocloud_vendor_interest_due, neocloud_due_usd_bn):
    """Interest and what falls due, rolled over or not."""
    return neocloud_pc_interest_due + neocloud_bond_interest_due + neocloud_vendor_interest_due + neocloud_due_usd_bn


judged(block, "sweep_share", "Surplus that lenders can sweep", "1", 0.95, 0.75, 1.0, "triangular", "share of cash after debt service where planned cover is at the covenant",
       "cash sweeps of 50-100 % in project and delayed-draw loans, all of it once a test is broken: CoreWeave's repay out of contract cash; ABS trap cash below a cover of 2.0 (figures borrowers)")


@block.equation("1", label="Cover at the price that lenders plan with", report=True, mechanism="judged: the lower of new contracts and break-even, where entry takes prices, run down over the time in which plans are renewed")
def plan_cover(neocloud_revenue_usd_bn, neocloud_opex_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn, plan_margin):
    """Revenue at the price at which contracts will be renewed, less operations, over debt service not rolled over."""
    return share(neocloud_revenue_usd_bn * plan_margin - neocloud_opex_usd_bn, neocloud_service_usd_bn - neocloud_rolled_usd_bn, 1)


@block.equation("USD_bn/q", label="Cash of neoclouds that lenders sweep", report=True, mechanism="judged: covenants of project loans: none at the target cover, all that is allowed where planned cover is at the covenant")
def neocloud_sweep_usd_bn(neocloud_hole_usd_bn, sweep_share, plan_cover, cover_target, covenant_cover, neocloud_performing):
    """Surplus after debt service goes to repayment while planned cover is thin: debt is run down before prices are."""
    thin = within((cover_target - plan_cover) / (cover_target - covenant_cover), 0, 1)
    return positive(-neocloud_hole_usd_bn) * sweep_share * thin * neocloud_performing


@block.equation("1/q", label="Debt of neoclouds swept in the quarter")
def neocloud_sweep_rate(neocloud_sweep_usd_bn, neocloud_debt_usd_bn_prev, neocloud_npl_share_prev, hall_sale_q, neocloud_default, one_quarter):
    """Over all of it, at most what failures and sold halls leave."""
    left = positive(1 - one_quarter * (neocloud_npl_share_prev / hall_sale_q + neocloud_default))
    return within(share(neocloud_sweep_usd_bn * one_quarter, neocloud_debt_usd_bn_prev, 0), 0, left) / one_quarter


@block.equation("USD_bn/q", label="Loans against surplus cover")
def neocloud_relever_usd_bn(neocloud_revenue_usd_bn, neocloud_opex_usd_bn, cover_target, risk_free_now, pc_spread_now_prev, year_per_quarter, neocloud_roll_share,
                            neocloud_life_q, neocloud_debt_usd_bn_prev, relever_q, bust_state_prev, credit_open, plan_margin):
    """Owners borrow up to what the cash flow, at the price that lenders plan with, carries at the target cover; not in a bust or a stop."""
    service = (risk_free_now + pc_spread_now_prev) * year_per_quarter + (1 - neocloud_roll_share) / neocloud_life_q
    room = (neocloud_revenue_usd_bn * plan_margin - neocloud_opex_usd_bn) / cover_target / service - neocloud_debt_usd_bn_prev
    return positive(room) / relever_q * (1 - bust_state_prev) * credit_open


@block.equation("1", label="Planned over present price in lenders' sums")
def plan_margin(contract_price_prev, breakeven_price_prev, neocloud_price_prev, lender_price_decline, lender_memory_q, year_per_quarter):
    """The lower of new contracts and break-even over the price in the contracts, run down over the time in which plans are renewed: one price for what is swept and
    for what is lent against surplus cover.
    """
    return minimum(minimum(contract_price_prev, breakeven_price_prev) / neocloud_price_prev, 1) * exp(-lender_price_decline * lender_memory_q * year_per_quarter)


@block.equation("USD_bn/q", label="Neoclouds' need")
def neocloud_need_usd_bn(neocloud_chips_usd_bn, neocloud_facility_usd_bn, neocloud_opex_usd_bn, neocloud_revenue_usd_bn, neocloud_pc_interest_usd_bn,
                         neocloud_bond_interest_usd_bn, neocloud_vendor_interest_usd_bn, neocloud_pc_repay_usd_bn, neocloud_bond_repay_usd_bn,
                         neocloud_vendor_repay_usd_bn, neocloud_auction_usd_bn):
    """What is built, run and paid to lenders less revenue and what buyers of halls bring; negative is a surplus for the owners."""
    lenders = (neocloud_pc_interest_usd_bn + neocloud_bond_interest_usd_bn + neocloud_vendor_interest_usd_bn + neocloud_pc_repay_usd_bn
               + neocloud_bond_repay_usd_bn + neocloud_vendor_repay_usd_bn)
    return neocloud_chips_usd_bn + neocloud_facility_usd_bn + neocloud_opex_usd_bn + lenders - neocloud_revenue_usd_bn - neocloud_auction_usd_bn


@block.equation("USD_bn/q", label="Paid by the buyers of failed borrowers' halls", report=True)
def neocloud_auction_usd_bn(neocloud_npl_usd_bn_prev, hall_sale_q):
    """The price that lenders had expected, over the time a sale takes."""
    return neocloud_npl_usd_bn_prev / hall_sale_q


@block.equation("USD_bn/q", label="Loans for what neoclouds build")
def neocloud_build_loans_usd_bn(neocloud_chips_usd_bn, neocloud_facility_usd_bn, neocloud_equity_share, neocloud_given):
    """Loan to cost on what is bought, per unit of what lenders give at all."""
    return share((neocloud_chips_usd_bn + neocloud_facility_usd_bn) * (1 - neocloud_equity_share), neocloud_given, 0)


@block.equation("USD_bn/q", label="Loans that do not build")
def neocloud_refinance_usd_bn(neocloud_rolled_usd_bn, neocloud_relever_usd_bn):
    """Rolled over, and taken out against surplus cover."""
    return neocloud_rolled_usd_bn + neocloud_relever_usd_bn


@block.equation("USD_bn/q", label="Private credit lent to neoclouds", report=True)
def neocloud_pc_lend_usd_bn(neocloud_build_loans_usd_bn, neocloud_refinance_usd_bn, neocloud_pc_share, neocloud_pc_given):
    """Its part of both, within its capacity."""
    return (neocloud_build_loans_usd_bn * neocloud_pc_given + neocloud_refinance_usd_bn) * neocloud_pc_share


@block.equation("USD_bn/q", label="Bonds issued by neoclouds")
def neocloud_bond_issue_usd_bn(neocloud_build_loans_usd_bn, neocloud_refinance_usd_bn, neocloud_pc_share, neocloud_vendor_share, bust_state_prev, credit_open):
    """High-yield bonds, shut in a bust."""
    return (neocloud_build_loans_usd_bn * (1 - bust_state_prev) * credit_open + neocloud_refinance_usd_bn) * (1 - neocloud_pc_share - neocloud_vendor_share)


@block.equation("USD_bn/q", label="Vendor credit to neoclouds")
def neocloud_vendor_lend_usd_bn(neocloud_build_loans_usd_bn, neocloud_refinance_usd_bn, neocloud_vendor_share, credit_open):
    """Their part of the loans, shut in a stop."""
    return (neocloud_build_loans_usd_bn * credit_open + neocloud_refinance_usd_bn) * neocloud_vendor_share


@block.equation("USD_bn/q", label="Owners' money into (or out of) neoclouds")
def neocloud_equity_usd_bn(neocloud_need_usd_bn, neocloud_pc_lend_usd_bn, neocloud_bond_issue_usd_bn, neocloud_vendor_lend_usd_bn):
    """What debt does not cover; surpluses are paid out. Plans and debt service are cut before it can exceed what owners have."""
    return neocloud_need_usd_bn - neocloud_pc_lend_usd_bn - neocloud_bond_issue_usd_bn - neocloud_vendor_lend_usd_bn


judged(block, "inflow_squeeze", "Inflows of private credit that stay away in a full bust", "1", 0.5, 0.3, 0.8, "fixed", "share", "closed-end fund-raising fell by about half from 2007 to 2009")


@block.equation("USD_bn", opening="pc_powder_open", label="Private credit's dry powder for AI", report=True)
def pc_powder_usd_bn(pc_powder_usd_bn_prev, pc_fundraising, pc_ai_share, pc_leverage, year_per_quarter, neocloud_pc_lend_usd_bn,
                     spv_pc_lend_usd_bn, neocloud_pc_repay_usd_bn, spv_pc_repay_usd_bn, pc_loss_usd_bn_prev, bust_state_prev, one_quarter,
                     pc_powder_open, pc_powder_cap, inflow_squeeze):
    """Inflows (halved in a bust, drying up as powder lies unused) and repayments less lending and losses; never below zero."""
    inflow = pc_fundraising * pc_ai_share * pc_leverage * year_per_quarter * (1 - inflow_squeeze * bust_state_prev)
    inflow = inflow * positive(1 - pc_powder_usd_bn_prev / (pc_powder_open * pc_powder_cap))
    net = (inflow + neocloud_pc_repay_usd_bn + spv_pc_repay_usd_bn - neocloud_pc_lend_usd_bn - spv_pc_lend_usd_bn
           - pc_leverage * pc_loss_usd_bn_prev)
    return positive(pc_powder_usd_bn_prev + net * one_quarter)


@block.equation("USD_bn/q", label="Private credit's capacity a quarter")
def pc_capacity_usd_bn(pc_powder_usd_bn_prev, pc_draw_q, credit_open):
    """Powder is deployed over a year and more."""
    return pc_powder_usd_bn_prev / pc_draw_q * credit_open


judged(block, "pc_powder_cap", "Most dry powder over the opening", "1", 2.5, 1.5, 4.0, "triangular", "factor", "investors stop committing to funds that cannot deploy")
judged(block, "pc_draw_q", "Quarters to deploy dry powder", "q", 6.0, 4.0, 9.0, "triangular", "deployment period", "funds invest over one to three years")


# lease-back vehicles

@block.initial("USD_bn/q", label="Rent of vehicles at the opening")
def spv_rent_open(spv_debt_open, risk_free_rate, spv_spread, year_per_quarter, spv_life_q, spv_cover, debt_growth_past, ages):
    """Debt service times cover; of a growing debt the old third is small."""
    grown = 1 + debt_growth_past * spv_life_q / ages
    due = ages / spv_life_q / (grown * grown + grown + 1)
    return spv_debt_open * ((risk_free_rate + spv_spread) * year_per_quarter + due) * spv_cover


@block.equation("USD_bn", opening="spv_debt_open", label="Debt of lease-back vehicles", report=True)
def spv_debt_usd_bn(spv_notes_usd_bn, spv_abs_usd_bn, spv_pc_loans_usd_bn, spv_bank_loans_usd_bn):
    """Notes, ABS, private loans, bank loans."""
    return spv_notes_usd_bn + spv_abs_usd_bn + spv_pc_loans_usd_bn + spv_bank_loans_usd_bn


@block.equation("USD_bn/q", label="Rent paid to vehicles")
def spv_rent_usd_bn(spv_debt_usd_bn_prev, risk_free_now, spv_spread_paid, year_per_quarter, spv_cover, spv_note_repay_usd_bn,
                    spv_abs_repay_usd_bn, spv_pc_repay_usd_bn, spv_bank_repay_usd_bn):
    """Debt service times cover, whatever the use."""
    due = spv_note_repay_usd_bn + spv_abs_repay_usd_bn + spv_pc_repay_usd_bn + spv_bank_repay_usd_bn
    return (spv_debt_usd_bn_prev * (risk_free_now + spv_spread_paid) * year_per_quarter + due) * spv_cover


@block.equation("USD_bn/q", label="Vehicles' chips")
def spv_chips_usd_bn(planned_chips_usd_bn, spv_build_share):
    """Their part of chip deliveries."""
    return planned_chips_usd_bn * spv_build_share


@block.equation("USD_bn/q", label="Vehicles' shells and power")
def spv_facility_usd_bn(planned_shells_usd_bn, power_spend_usd_bn, spv_build_share):
    """Their part of construction."""
    return (planned_shells_usd_bn + power_spend_usd_bn) * spv_build_share


@block.initial("1", label="Sum of the weights of vehicles' debt")
def spv_mix(spv_note_share, spv_abs_share, spv_pc_share, spv_bank_share):
    """Weights are normalised by it, so that the four kinds of debt add up on every draw."""
    return spv_note_share + spv_abs_share + spv_pc_share + spv_bank_share


@block.equation("USD_bn/q", label="New debt of vehicles")
def spv_borrow_usd_bn(spv_chips_usd_bn, spv_facility_usd_bn, spv_loan_to_cost):
    """Loan to cost of what is built."""
    return (spv_chips_usd_bn + spv_facility_usd_bn) * spv_loan_to_cost


@block.equation("USD_bn/q", label="Notes issued by vehicles")
def spv_note_issue_usd_bn(spv_borrow_usd_bn, spv_note_share, spv_mix):
    """Placed with bond funds and insurers."""
    return spv_borrow_usd_bn * spv_note_share / spv_mix


@block.equation("USD_bn/q", label="ABS and CMBS issued", report=True)
def spv_abs_issue_usd_bn(spv_borrow_usd_bn, spv_abs_share, spv_mix):
    """Securitised."""
    return spv_borrow_usd_bn * spv_abs_share / spv_mix


@block.equation("USD_bn/q", label="Private credit lent to vehicles")
def spv_pc_lend_usd_bn(spv_borrow_usd_bn, spv_pc_share, spv_mix, pc_capacity_usd_bn, neocloud_pc_lend_usd_bn):
    """Their part, within what private credit has left."""
    return minimum(spv_borrow_usd_bn * spv_pc_share / spv_mix, positive(pc_capacity_usd_bn - neocloud_pc_lend_usd_bn))


@block.equation("USD_bn/q", label="Bank loans to vehicles")
def spv_bank_lend_usd_bn(spv_borrow_usd_bn, spv_note_issue_usd_bn, spv_abs_issue_usd_bn, spv_pc_lend_usd_bn):
    """Banks carry the rest."""
    return spv_borrow_usd_bn - spv_note_issue_usd_bn - spv_abs_issue_usd_bn - spv_pc_lend_usd_bn


def vehicle_interest(claim_prev, risk_free_now, spv_spread_paid, year_per_quarter):
    """Today's rate and the spread that vehicles pay, on what was owed."""
    return claim_prev * (risk_free_now + spv_spread_paid) * year_per_quarter


for _kind, _stem, _label in (("notes", "note", "Vehicles' notes"), ("abs", "abs", "ABS and CMBS"), ("pc_loans", "pc", "Vehicles' private loans"),
                             ("bank_loans", "bank", "Vehicles' bank loans")):
    block.equation("USD_bn/q", name=f"spv_{_stem}_interest_usd_bn", reads={"claim": f"spv_{_kind}_usd_bn"}, label=f"{_label}: interest",
                   meaning=f"{_label}: interest")(vehicle_interest)


@block.equation("USD_bn/q", label="Owners' money into (or out of) vehicles")
def spv_equity_usd_bn(spv_chips_usd_bn, spv_facility_usd_bn, spv_borrow_usd_bn, spv_rent_usd_bn, spv_note_repay_usd_bn, spv_abs_repay_usd_bn,
                      spv_pc_repay_usd_bn, spv_bank_repay_usd_bn, spv_note_interest_usd_bn, spv_abs_interest_usd_bn,
                      spv_pc_interest_usd_bn, spv_bank_interest_usd_bn):
    """What is built and serviced less rent and new debt; the cover is paid out."""
    service = (spv_note_repay_usd_bn + spv_abs_repay_usd_bn + spv_pc_repay_usd_bn + spv_bank_repay_usd_bn + spv_note_interest_usd_bn
               + spv_abs_interest_usd_bn + spv_pc_interest_usd_bn + spv_bank_interest_usd_bn)
    return spv_chips_usd_bn + spv_facility_usd_bn + service - spv_borrow_usd_bn - spv_rent_usd_bn

"""Contagion: who cannot pay whom in the quarter, and what a failure does to everybody's share price.

Clearing is Eisenberg and Noe's: each node pays the smaller of what it owes and what it has, pro rata. The payments of this world have
no cycle (labs pay firms and neoclouds, firms pay vehicles and lenders, vehicles and neoclouds pay lenders), so one pass in that order
is the exact solution. The second loss is almost all in share prices: the failed lab's holders lose their stakes, its suppliers the
margin of contracts, and the AI part of the market falls by both, which narrows owners' purses and loosens cures.
"""

from __future__ import annotations

from supercycle.equations.functions import log, minimum, share, within
from supercycle.world.frame import FIRM, Block, judged, zero

__all__ = ["block"]

block = Block("contagion", "Contagion", "Clearing of payments and the round through share prices.")

judged(block, "lab_listed_part", "Part of labs that listed firms own", "1", 0.5, 0.35, 0.65, "triangular", "share of the stakes",
       "of OpenAI Microsoft holds 27 %, SoftBank 13, Amazon and NVIDIA together near a tenth; Amazon and Alphabet hold about a third of Anthropic (figures network)")
judged(block, "contract_margin", "Margin in labs' contracts", "1", 0.3, 0.2, 0.4, "triangular", "share of what is signed", "Oracle's own statements: 30-40 % gross over the life of its AI contracts, less at the start")
judged(block, "marked_down_most", "Largest part of AI share values marked down at once", "1", 0.9, 0.8, 0.95, "fixed", "bound", "a tenth is always left: logs are taken")
judged(block, "contract_replaced", "Lost contracts that others replace", "1", 0.5, 0.3, 0.7, "triangular", "share of the margin", "halls are let again, at the day's price and after a time without rent")


# clearing, in the order of payments

@block.equation("USD_bn/q", axis=FIRM, label="What the firm owes in the quarter", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def firm_owed_usd_bn(firm_spv_rent_usd_bn, firm_interest_usd_bn, firm_bond_repay_usd_bn):
    """Rents to vehicles, interest, bonds falling due."""
    return firm_spv_rent_usd_bn + firm_interest_usd_bn + firm_bond_repay_usd_bn


@block.equation("1", axis=FIRM, label="Part of what it owes that the firm can pay", report=True, source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def firm_clears_share(firm_owed_usd_bn, firm_sure_ocf_usd_bn, firm_spv_rent_usd_bn, firm_interest_usd_bn, firm_bond_capacity_usd_bn, firm_line_room_usd_bn,
                      firm_free_cash_usd_bn):
    """The smaller of what it owes and what it has: cash flow before rents and interest (labs' payments in it), bonds it can still place,
    its line and its free cash.
    """
    has = (firm_sure_ocf_usd_bn + firm_spv_rent_usd_bn + firm_interest_usd_bn + firm_bond_capacity_usd_bn + firm_line_room_usd_bn
           + firm_free_cash_usd_bn)
    return within(share(has, firm_owed_usd_bn, 1), 0, 1)


@block.equation("USD_bn/q", axis=FIRM, label="Paid by the firm in clearing", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def firm_clears_usd_bn(firm_owed_usd_bn, firm_clears_share):
    """Pro rata to all it owes."""
    return firm_owed_usd_bn * firm_clears_share


@block.equation("USD_bn/q", axis=FIRM, label="Rent that reaches vehicles in clearing", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def firm_rent_clears_usd_bn(firm_spv_rent_usd_bn, firm_clears_share):
    """Pro rata."""
    return firm_spv_rent_usd_bn * firm_clears_share


block.total("rent_clears_usd_bn", of="firm_rent_clears_usd_bn", unit="USD_bn/q", meaning="rent that reaches vehicles in clearing")
block.total("firms_owe_usd_bn", of="firm_owed_usd_bn", unit="USD_bn/q", meaning="what the five owe in the quarter")
block.total("firms_clear_usd_bn", of="firm_clears_usd_bn", unit="USD_bn/q", meaning="paid by the five in clearing")


@block.equation("USD_bn/q", label="What vehicles owe in the quarter", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def spv_owed_usd_bn(spv_rent_usd_bn, spv_cover):
    """Debt service: rent over its cover."""
    return spv_rent_usd_bn / spv_cover


@block.equation("USD_bn/q", label="Paid by vehicles in clearing", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def spv_clears_usd_bn(spv_owed_usd_bn, rent_clears_usd_bn):
    """The smaller of what they owe and the rent that reached them."""
    return minimum(spv_owed_usd_bn, rent_clears_usd_bn)


@block.equation("USD_bn/q", label="Paid by neoclouds in clearing", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def neocloud_clears_usd_bn(neocloud_service_usd_bn, neocloud_rolled_usd_bn, neocloud_paying):
    """Debt service that is not rolled over, as far as the living pay."""
    return (neocloud_service_usd_bn - neocloud_rolled_usd_bn) * neocloud_paying


@block.equation("USD_bn/q", label="Owed and not paid in clearing", report=True, source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def clearing_unpaid_usd_bn(firms_owe_usd_bn, firms_clear_usd_bn, spv_owed_usd_bn, spv_clears_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn,
                           neocloud_clears_usd_bn):
    """By the five, vehicles and neoclouds."""
    return (firms_owe_usd_bn - firms_clear_usd_bn + spv_owed_usd_bn - spv_clears_usd_bn + neocloud_service_usd_bn - neocloud_rolled_usd_bn
            - neocloud_clears_usd_bn)


@block.equation("USD_bn/q", label="Received by lenders in clearing", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def lenders_receive_usd_bn(firms_clear_usd_bn, rent_clears_usd_bn, spv_clears_usd_bn, neocloud_clears_usd_bn):
    """From the five besides rents, from vehicles and from neoclouds."""
    return firms_clear_usd_bn - rent_clears_usd_bn + spv_clears_usd_bn + neocloud_clears_usd_bn


@block.equation("1", label="Payments received in clearing do not equal payments made by", source="Eisenberg and Noe, Systemic Risk in Financial Systems, Management Science 2001")
def clearing_gap(firms_owe_usd_bn, spv_owed_usd_bn, neocloud_service_usd_bn, neocloud_rolled_usd_bn, clearing_unpaid_usd_bn, lenders_receive_usd_bn, rent_clears_usd_bn):
    """All that is owed less what is unpaid, less what lenders and vehicles receive, over what is owed: zero."""
    owed = firms_owe_usd_bn + spv_owed_usd_bn + neocloud_service_usd_bn - neocloud_rolled_usd_bn
    return share(owed - clearing_unpaid_usd_bn - lenders_receive_usd_bn - rent_clears_usd_bn, owed, 0)


block.residual("clearing_gap")


# the round through share prices

@block.equation("USD_bn", label="Value of a failed lab that listed firms owned", report=True, mechanism="judged: marks in share prices are value lost over value")
def stake_lost_usd_bn(lab_value_multiple, ai_revenue_run_rate_prev, lab_share_prev, year_once, lab_failed_share, lab_failed_share_prev, lab_listed_part,
                      lab_recapture):
    """Its part of labs' value before the failure, less what rivals, held by the same kind of owners, take over."""
    failed = (lab_failed_share - lab_failed_share_prev) / (1 - lab_failed_share_prev)
    return lab_value_multiple * ai_revenue_run_rate_prev * lab_share_prev * year_once * failed * lab_listed_part * (1 - lab_recapture)


@block.equation("USD_bn", label="Margin of a failed lab's contracts", report=True, mechanism="judged: marks in share prices are value lost over value")
def contracts_lost_usd_bn(commitments_total_prev, lab_failed_share, lab_failed_share_prev, contract_margin, contract_replaced):
    """What suppliers would have earned on what it had signed, less what others replace."""
    failed = (lab_failed_share - lab_failed_share_prev) / (1 - lab_failed_share_prev)
    return commitments_total_prev * failed * contract_margin * (1 - contract_replaced)


@block.equation("1", label="Part of AI share values marked down in the quarter", report=True, mechanism="judged: marks in share prices are value lost over value")
def marked_down(stake_lost_usd_bn, contracts_lost_usd_bn, ai_equity_open, ai_equity_part, ai_equity_index_prev, marked_down_most):
    """Both losses over the AI part of share values."""
    return within(share(stake_lost_usd_bn + contracts_lost_usd_bn, ai_equity_open * ai_equity_part * ai_equity_index_prev, 0), 0, marked_down_most)


@block.equation("1", opening=zero("1"), label="Log of AI share values lost to failures", mechanism="judged: marks in share prices are value lost over value")
def contagion_log(contagion_log_prev, marked_down):
    """Accumulated: what is gone with a lab does not come back, what others take over is counted already."""
    return contagion_log_prev + log(1 - marked_down)


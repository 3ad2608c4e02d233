"""Losses: one table of who loses, in all: shareholders by firm and final owner, creditors by borrower, labs' investors, ratepayers,
the treasury. Written-off claims by instrument and by holder are in the credit block; here they are also by borrower, and all three add
up. Wealth lost is the fall of AI share values from their peak, split by whose shares they are and who owns those.
"""

from __future__ import annotations

from supercycle.equations.functions import share, total
from supercycle.equations.spec import Axis
from supercycle.world.frame import Block, judged

__all__ = ["LISTED", "OWNER", "block"]

block = Block("losses", "Losses", "Who loses: shareholders, creditors, labs' investors, ratepayers, treasury.")

LISTED = Axis("listed", ("Microsoft", "Alphabet", "Amazon", "Meta", "Oracle", "chip makers", "neoclouds", "others"))
OWNER = Axis("owner", ("households", "funds and pensions", "abroad"))

_WEIGHTS = {  # part of the AI value of listed shares, with who knows it best: market values x how much of each rests on AI (judged)
    "Microsoft": 0.13, "Alphabet": 0.13, "Amazon": 0.09, "Meta": 0.07, "Oracle": 0.03, "chip makers": 0.42, "neoclouds": 0.01, "others": 0.12}
_INSIDERS = {"Microsoft": 0.01, "Alphabet": 0.06, "Amazon": 0.09, "Meta": 0.13, "Oracle": 0.41, "chip makers": 0.04, "neoclouds": 0.25, "others": 0.05}
_OWNERS = {"households": 0.38, "funds and pensions": 0.43, "abroad": 0.19}
for _firm in LISTED.members:
    judged(block, f"listed_weight:{_firm}", f"Part of AI share values, {_firm}", "1", _WEIGHTS[_firm], 0.8 * _WEIGHTS[_firm], 1.2 * _WEIGHTS[_firm], "triangular",
           "weight; normalised", "market values of mid-2026 times the part that rests on AI: chip makers almost all, hyperscalers a third, the rest little (figures companies, and judged)")
    judged(block, f"insider_share:{_firm}", f"Shares held by insiders, {_firm}", "1", _INSIDERS[_firm], 0.8 * _INSIDERS[_firm], 1.2 * _INSIDERS[_firm], "triangular",
           "share of the firm's shares", "proxy statements as remembered: founders of Oracle 41 %, Meta 13, Amazon 9, Alphabet 6, NVIDIA 4; no row on file")
block.family("listed_weight", LISTED)
block.family("insider_share", LISTED)
for _owner in OWNER.members:
    judged(block, f"owner_weight:{_owner}", f"Shares held outside insiders, {_owner}", "1", _OWNERS[_owner], 0.9 * _OWNERS[_owner], 1.1 * _OWNERS[_owner], "triangular",
           "weight; normalised", "US corporate equities by holder, Z.1 as remembered: households directly 38 %, funds and pensions 43, abroad 19; no row on file")
block.family("owner_weight", OWNER)


# shareholders

@block.equation("USD_bn", axis=LISTED, label="Share wealth lost, by whose shares", report=True, mechanism="judged: one fall for all AI shares, by weight")
def wealth_lost_by_firm_usd_bn(wealth_lost_usd_bn, listed_weight):
    """The fall of AI share values by the firm's part in it."""
    return wealth_lost_usd_bn * listed_weight / total(listed_weight)


@block.equation("USD_bn", axis=LISTED, label="Share wealth of insiders lost, by whose shares", mechanism="identity: insiders hold their part")
def insiders_lost_by_firm_usd_bn(wealth_lost_by_firm_usd_bn, insider_share):
    """Insiders' part of each firm."""
    return wealth_lost_by_firm_usd_bn * insider_share


block.total("insiders_lost_usd_bn", of="insiders_lost_by_firm_usd_bn", unit="USD_bn", meaning="share wealth that insiders lost", label="Share wealth lost, insiders", report=True)


@block.equation("USD_bn", axis=OWNER, label="Share wealth lost outside insiders, by owner", report=True, mechanism="judged: held as all US shares are")
def owner_lost_usd_bn(wealth_lost_usd_bn, insiders_lost_usd_bn, owner_weight):
    """What insiders do not hold."""
    return (wealth_lost_usd_bn - insiders_lost_usd_bn) * owner_weight / total(owner_weight)


block.total("owners_lost_usd_bn", of="owner_lost_usd_bn", unit="USD_bn", meaning="share wealth lost outside insiders")
block.total("firms_lost_usd_bn", of="wealth_lost_by_firm_usd_bn", unit="USD_bn", meaning="share wealth lost, all firms")


@block.equation("1", label="Share wealth lost by owner and by firm does not add up to the fall of share values by",
                mechanism="identity: two sums of one fall")
def wealth_gap(owners_lost_usd_bn, insiders_lost_usd_bn, firms_lost_usd_bn, ai_equity_open, ai_equity_part, ai_equity_peak, ai_equity_index, busted):
    """Both sums against the fall from the peak itself, over the value at the peak: zero."""
    fall = ai_equity_open * ai_equity_part * (ai_equity_peak - ai_equity_index) * busted
    by_owner = owners_lost_usd_bn + insiders_lost_usd_bn
    return ((fall - by_owner) + (fall - firms_lost_usd_bn)) / (ai_equity_open * ai_equity_part * ai_equity_peak)


block.residual("wealth_gap")


# creditors, by borrower

@block.equation("USD_bn/q", label="Debt of the five written off", report=True, mechanism="identity: bonds and bank lines")
def five_loss_usd_bn(firm_bond_loss_usd_bn_all, firm_revolver_loss_usd_bn_all):
    """Bonds and bank lines."""
    return firm_bond_loss_usd_bn_all + firm_revolver_loss_usd_bn_all


@block.equation("USD_bn/q", label="Debt of vehicles written off", report=True, mechanism="identity: notes, ABS, private and bank loans")
def spv_loss_usd_bn(spv_note_loss_usd_bn, spv_abs_loss_usd_bn, spv_pc_loss_usd_bn, spv_bank_loss_usd_bn):
    """Notes, ABS, private and bank loans."""
    return spv_note_loss_usd_bn + spv_abs_loss_usd_bn + spv_pc_loss_usd_bn + spv_bank_loss_usd_bn


@block.equation("1", label="Losses by borrower do not add up to losses by instrument by", mechanism="identity: one table, two ways to add")
def borrower_loss_gap(five_loss_usd_bn, neocloud_loss_usd_bn, spv_loss_usd_bn, credit_loss_usd_bn):
    """Over the losses: zero."""
    return share(five_loss_usd_bn + neocloud_loss_usd_bn + spv_loss_usd_bn - credit_loss_usd_bn, credit_loss_usd_bn, 0)


block.residual("borrower_loss_gap")


# ratepayers and the treasury

@block.equation("USD_bn/q", label="Unused wires that other ratepayers carry", report=True, mechanism="identity: the part that take-or-pay does not bill")
def ratepayer_loss_usd_bn(take_or_pay_usd_bn, take_or_pay_share):
    """The minimum bill covers its share of the wires' cost; the rest is in everybody's tariff."""
    return share(take_or_pay_usd_bn * (1 - take_or_pay_share), take_or_pay_share, 0)


@block.equation("USD_bn/q", label="Tax not paid because losses are deducted", report=True, mechanism="identity: the tax rate on deductible losses")
def treasury_loss_usd_bn(statutory_tax_rate, bank_loss_usd_bn, insurer_pension_loss_usd_bn, vendor_loss_usd_bn, firm_impairment_usd_bn_total, backstop_usd_bn):
    """Of banks, insurers, vendors and the five; and what a backstop pays. A part of their losses, not one more."""
    deducted = bank_loss_usd_bn + insurer_pension_loss_usd_bn + vendor_loss_usd_bn + firm_impairment_usd_bn_total
    return statutory_tax_rate * deducted + backstop_usd_bn

"""Maturities: every debt ages through three stages of its life, so a lending boom falls due as a wall.

A claim of mean life L is young, then middle-aged, then old; each stage passes on 3 / L of its content a quarter and only the
old fall due. Losses fall on all ages alike. The young are what is left of the claim, so the stages always add up to it.
"""

from __future__ import annotations

from supercycle.equations.functions import positive, share
from supercycle.equations.spec import Axis
from supercycle.world.frame import FIRM, Block, judged

__all__ = ["block"]

block = Block("maturities", "Maturities", "Debts age through three stages and fall due as walls.", mechanism="judged: three stages make a wall out of a boom; the number of stages is a choice")

AGE = Axis("age", ("young", "middle-aged", "old"))
block.count("ages", AGE, "stages of a debt's life")
judged(block, "debt_growth_past", "Growth of AI debt before the opening", "1/q", 0.08, 0.05, 0.12, "triangular", "log growth a quarter",
       "AI-related issuance doubled in 2025 and again in 2026H1; the bonds of the five grew by half in a year")


def falling_due(old_prev, ages, life):
    """The oldest stage passes on its share."""
    return old_prev * ages / life


def middle_aged(middle_prev, claim_prev, old_prev, loss, ages, life, one_quarter):
    """What was middle-aged and what the young pass on, less what it passes on itself, as far as it is not lost (what fails may leave no young)."""
    kept = 1 - share(loss * one_quarter, claim_prev, 0)
    young = positive(claim_prev - old_prev - middle_prev)
    return (middle_prev + (young - middle_prev) * ages / life * one_quarter) * kept


def oldest(old_prev, middle_prev, claim_prev, loss, ages, life, one_quarter):
    """What was old and what the middle-aged pass on, less what falls due, as far as it is not lost."""
    kept = 1 - share(loss * one_quarter, claim_prev, 0)
    return (old_prev + (middle_prev - old_prev) * ages / life * one_quarter) * kept


def middle_open(claim, debt_growth_past, life, ages):
    """The part of a debt that grew steadily that is in its middle stage."""
    grown = 1 + debt_growth_past * life / ages
    return claim * grown / (grown * grown + grown + 1)


def oldest_open(claim, debt_growth_past, life, ages):
    """The part of it that is in its last stage."""
    grown = 1 + debt_growth_past * life / ages
    return claim / (grown * grown + grown + 1)


def _ladder(claim: str, stem: str, life: str, label: str, axis: Axis | None = None, *, repay: bool = True) -> None:
    """Middle-aged and old parts of one claim, and (unless its borrower pays by another rule) what is repaid of it."""
    old = {"old": f"{claim}_old", "life": life}
    names = old | {"claim": claim, "middle": f"{claim}_middle", "loss": f"{stem}_{'loss' if repay else 'shed'}_usd_bn"}
    if repay:
        block.equation("USD_bn/q", axis=axis, name=f"{stem}_repay_usd_bn", reads=old, label=f"{label} falling due",
                       meaning=f"{label} falling due", report=True)(falling_due)
    block.equation("USD_bn", axis=axis, opening=middle_open, name=f"{claim}_middle", reads=names, label=f"{label}, middle-aged",
                   meaning=f"{label}, middle-aged")(middle_aged)
    block.equation("USD_bn", axis=axis, opening=oldest_open, name=f"{claim}_old", reads=names, label=f"{label}, next to fall due",
                   meaning=f"{label}, next to fall due")(oldest)


_ladder("firm_bonds_usd_bn", "firm_bond", "bond_maturity_q", "Bonds of the firm", FIRM)
_ladder("neocloud_pc_loans_usd_bn", "neocloud_pc", "neocloud_life_q", "Private credit of neoclouds", repay=False)
_ladder("neocloud_bonds_usd_bn", "neocloud_bond", "neocloud_life_q", "Bonds of neoclouds", repay=False)
_ladder("neocloud_vendor_loans_usd_bn", "neocloud_vendor", "neocloud_life_q", "Vendor credit of neoclouds", repay=False)
_ladder("spv_notes_usd_bn", "spv_note", "spv_life_q", "Vehicles' notes")
_ladder("spv_abs_usd_bn", "spv_abs", "spv_life_q", "ABS and CMBS")
_ladder("spv_pc_loans_usd_bn", "spv_pc", "spv_life_q", "Vehicles' private loans")
_ladder("spv_bank_loans_usd_bn", "spv_bank", "spv_life_q", "Vehicles' bank loans")
block.total("firm_bonds_old", of="firm_bonds_usd_bn_old", unit="USD_bn", meaning="bonds of the five next to fall due", opening=True)


@block.equation("USD_bn/q", label="AI debt falling due", report=True)
def maturing_usd_bn(firm_bond_repay_usd_bn_all, neocloud_pc_repay_usd_bn, neocloud_bond_repay_usd_bn, neocloud_vendor_repay_usd_bn,
                    spv_note_repay_usd_bn, spv_abs_repay_usd_bn, spv_pc_repay_usd_bn, spv_bank_repay_usd_bn):
    """What must be repaid or refinanced in the quarter, all borrowers: the wall."""
    return (firm_bond_repay_usd_bn_all + neocloud_pc_repay_usd_bn + neocloud_bond_repay_usd_bn + neocloud_vendor_repay_usd_bn
            + spv_note_repay_usd_bn + spv_abs_repay_usd_bn + spv_pc_repay_usd_bn + spv_bank_repay_usd_bn)


# the wall by channel, where a channel has several borrowers (the others report what falls due themselves)

@block.equation("USD_bn/q", label="Investment-grade bonds falling due", report=True)
def ig_maturing_usd_bn(firm_bond_repay_usd_bn_all):
    """Of the five."""
    return firm_bond_repay_usd_bn_all


@block.equation("USD_bn/q", label="Private credit falling due", report=True)
def pc_maturing_usd_bn(neocloud_pc_repay_usd_bn, spv_pc_repay_usd_bn):
    """Of neoclouds and vehicles."""
    return neocloud_pc_repay_usd_bn + spv_pc_repay_usd_bn

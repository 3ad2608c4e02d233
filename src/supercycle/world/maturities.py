"""Maturities: every debt ages through three stages of its life, so a lending boom falls due as a wall.

A claim of mean life L is young, then middle-aged, then old; each stage passes on 3 / L of its content a quarter and only the
old fall due. Losses fall on all ages alike. The young are what is left of the claim, so the stages always add up to it.
"""

from __future__ import annotations

from supercycle.equations.spec import Axis, from_text
from supercycle.world.frame import FIRM, Block, judged

__all__ = ["block"]

block = Block("maturities", "Maturities", "Debts age through three stages and fall due as walls.")

block.constant("ages", 3.0, "1", "stages of a debt's life")
judged(block, "debt_growth_past", "Growth of AI debt before the opening", "1/q", 0.08, 0.05, 0.12, "triangular", "log growth a quarter",
       "AI-related issuance doubled in 2025 and again in 2026H1; the bonds of the five grew by half in a year")


def _ladder(claim: str, stem: str, life: str, label: str, axis: Axis | None = None, *, repay: bool = True) -> None:
    """Middle-aged and old parts of one claim, and (unless its borrower pays by another rule) what is repaid of it."""
    old, middle, loss = f"{claim}_old", f"{claim}_middle", f"{stem}_loss_usd_bn"
    grown = f"(1 + debt_growth_past * {life} / ages)"
    weights = f"({grown} * {grown} + {grown} + 1)"

    def declare(name: str, unit: str, expression: str, meaning: str, opening: str | None) -> None:
        made = from_text(name, expression)
        made.__doc__ = meaning
        block.equation(unit, axis=axis, opening=opening, label=meaning)(made)

    kept = f"(1 - share({loss} * one_quarter, {claim}_prev, 0))"
    if repay:
        declare(f"{stem}_repay_usd_bn", "USD_bn/q", f"{old}_prev * ages / {life}", f"{label} falling due", None)
    declare(middle, "USD_bn",
            f"{middle}_prev * {kept} + ({claim}_prev - {old}_prev - 2 * {middle}_prev) * ages / {life} * one_quarter",
            f"{label}, middle-aged", f"{claim} * {grown} / {weights}")
    declare(old, "USD_bn", f"{old}_prev * {kept} + ({middle}_prev - {old}_prev) * ages / {life} * one_quarter",
            f"{label}, next to fall due", f"{claim} / {weights}")


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

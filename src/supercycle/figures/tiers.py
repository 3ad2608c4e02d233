"""Tiers: how a source ranks. The letter is a column of every table; nothing here reads titles or notes.

A: the company's filing or release, the agency's or regulator's own text; B: a research data set, or one made from
filings; derived: arithmetic on rows of these tables; C: named press; D: aggregators, blogs, digests, memory.
A derived row stands where its weakest input stands (``inputs_tier``). Calibrate on A, B and derived from A and B.
"""

from __future__ import annotations

__all__ = ["CALIBRATABLE", "TIERS", "rank", "standing"]

TIERS: tuple[str, ...] = ("A", "B", "derived", "C", "D")
CALIBRATABLE: frozenset[str] = frozenset({"A", "B", "derived"})


def rank(tier: str) -> int:
    """Place of a tier, best first: A 0, B 1, derived 2, C 3, D 4."""
    return TIERS.index(tier)


def standing(tier: str, inputs_tier: str) -> str:
    """The tier a row counts as: its own, and for arithmetic on C or D rows theirs.

    >>> standing("A", ""), standing("derived", "B"), standing("derived", "D")
    ('A', 'derived', 'D')
    """
    return inputs_tier if tier == "derived" and inputs_tier in ("C", "D") else tier

"""Evidence: what kind of knowledge a number rests on; a computed number takes the weakest of its inputs."""

from __future__ import annotations

from collections.abc import Iterable

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.tiers import TIERS, rank

__all__ = ["EVIDENCE", "evidence_of", "weakest_evidence", "weakest_tier"]

EVIDENCE: tuple[str, ...] = ("measured", "published", "judgement")
_OF_TIER = {"A": "measured", "B": "measured", "derived": "measured", "C": "published", "D": "published"}


def evidence_of(tier: str) -> str:
    """Evidence class of a row that names none: A, B and derived are measured, C and D published.

    >>> evidence_of("A"), evidence_of("D")
    ('measured', 'published')
    """
    if tier not in _OF_TIER:
        raise UnknownNameError("tier", tier, TIERS)
    return _OF_TIER[tier]


def weakest_evidence(classes: Iterable[str]) -> str:
    """The weakest class among inputs (measured < published < judgement); FigureError when there is no input.

    >>> weakest_evidence(["measured", "judgement", "published"])
    'judgement'
    """
    found = list(classes)
    for name in found:
        if name not in EVIDENCE:
            raise UnknownNameError("evidence class", name, EVIDENCE)
    if not found:
        raise FigureError("no inputs", expected="at least one evidence class", got="none")
    return max(found, key=EVIDENCE.index)


def weakest_tier(tiers: Iterable[str]) -> str:
    """Tier of a computed number: ``derived`` while every input may be calibrated on, else the worst input's.

    >>> weakest_tier(["A", "B"]), weakest_tier(["A", "D"])
    ('derived', 'D')
    """
    found = list(tiers)
    if not found:
        raise FigureError("no inputs", expected="at least one tier", got="none")
    return max([*found, "derived"], key=rank)

"""How hard to think, between dialects that say it as a word, a level or a number of tokens: one table.

Providers publish no equivalence. The budgets are a judgement between the two published tables of other gateways
(512 to 128,000 and 128 to 16,384 tokens from the least to the most), and each word survives a way there and back.
"""

from __future__ import annotations

from typing import Final

__all__ = ["BUDGETS", "LADDER", "budget_of", "effort_of", "rung"]

LADDER: Final = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
BUDGETS: Final = {
    "none": 0,
    "minimal": 1024,  # the least that messages accept
    "low": 2048,
    "medium": 8192,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 65_536,
}


def budget_of(effort: str) -> int:
    """The thinking tokens a word stands for. KeyError for one that is not on the ladder."""
    return BUDGETS[effort]


def effort_of(budget: int) -> str:
    """The word nearest below a number of thinking tokens, and at least the least that thinks.

    >>> effort_of(31_999), effort_of(1), effort_of(0)
    ('high', 'minimal', 'none')
    """
    if budget <= 0:
        return "none"
    return next((word for word in reversed(LADDER) if 0 < BUDGETS[word] <= budget), "minimal")


def rung(effort: str, known: tuple[str, ...]) -> str:
    """The rung of a shorter ladder that is nearest, upwards where two are as near.

    >>> rung("xhigh", ("low", "medium", "high")), rung("minimal", ("low", "medium", "high"))
    ('high', 'low')
    """
    at = LADDER.index(effort)
    return min(known, key=lambda word: (abs(LADDER.index(word) - at), -LADDER.index(word)))

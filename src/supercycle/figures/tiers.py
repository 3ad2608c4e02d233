"""Tiers: how a source ranks, and the one rule for tables that carry no tier column (macro, buyers).

A = company, agency or regulator; B = research data set; derived = arithmetic on A/B rows; C = named press;
D = the rest. Where a title names two sources ("Utility Dive: EIA STEO", "CBRE via ChannelVision") the page that
was *read* decides, so an agency quoted by a digest is D and an agency quoted by a named paper is C. A row of
these tables that says it is from memory is D whatever its title. Calibrate on A, B and derived only.
"""

from __future__ import annotations

import re
from functools import lru_cache

from supercycle.core.errors import FigureError

__all__ = ["CALIBRATABLE", "TIERS", "is_guess", "rank", "tier_of"]

TIERS: tuple[str, ...] = ("A", "B", "derived", "C", "D")
CALIBRATABLE: frozenset[str] = frozenset({"A", "B", "derived"})

# How a title begins decides; each was checked against every title of macro.csv and buyers.csv.
_DERIVED_FROM_PRESS = ("derived from Next Platform", "derived: (3*5.395")  # ranks with its inputs
_DERIVED = ("Derived", "derived")
_PRESS = (
    "1902 Encyclopedia",
    "American Heritage", "BNEF CCGT cost (TechCrunch", "Barrons", "Blackwood's Magazine",
    "BusinessWeek", "CNBC", "Channel Partners", "CoStar:", "DCD", "Data Centre Magazine",
    "Energy Connect", "FT ", "Hart Energy", "Investing.com", "Justin Fox, Bloomberg", "Moody's via",
    "Motley Fool", "NGI on", "Next Platform via", "POWER:", "RCR Tech:", "RCR Wireless:", "RTO Insider",
    "Recharge", "Rocky Mountain News", "The Economist", "The Investment News / Fortune",
    "The Next Platform", "Utility Dive", "WSJ", "pv magazine",
)  # fmt: skip
_COMPANY_OR_AGENCY = (
    "Berkeley Lab release", "Census: ", "EIA Electric Power Monthly", "FEDS Notes: ", "LBNL Queued Up",
    "Lenovo Press ", "Llama 3 paper", "Mayhew, Commons return", "Meta 10-K ", "company filings",
)  # fmt: skip
_DATA_SET = (
    "Altman and ", "CBRE H", "CBRE NA Data", "Cottier et al", "Epoch AI",
    "Epoch training-cost-trends repo", "Epoch training-cost-trends,", "Epoch: LLM inference",
    "Epoch: Trends in GPU", "Epoch: compute trend", "FRED ", "Goldman Sachs: AI to drive",
    "Gundlach et al", "Haynes and Boone monitor", "InferenceX ", "McKinsey: ", "PyPSA ",
    "Python package arch ", "The Price of Intelligence (arXiv", "Uptime In", "Vague: ",
    "World Bank via datasets/", "aiconfigurator-core ", "arXiv ", "compute-screener ", "datasets/",
    "genai-prices ", "gpueconomy cloud GPU", "silybench-data ", "statsmodels macrodata",
)  # fmt: skip
# Read in a post, thread, wiki, digest, copy or translation; a repository holding agency data is not that.
_SECOND_HAND = re.compile(
    r".*\b(via(?! (repo|datasets/))|copy|mirror|post\)?$|thread|quoted|wiki|summary|notes|translation"
    r"|guide)\b",
    re.IGNORECASE,
)


# Rows that say themselves that they are guesses are never treated as measured.
_GUESS = re.compile(r"\b(judge?ment|remembered|from memory|id date|compute estimate|guess)\b", re.IGNORECASE)


@lru_cache(maxsize=8192)
def is_guess(note: str) -> bool:
    """True when a row's own note says judgement, remembered, from memory, id date or guess."""
    return _GUESS.search(note) is not None


def tier_of(printed: str, source_title: str, note: str = "", where: str = "") -> str:
    """Tier printed in the row, or the rule above when the table has none; FigureError for an unknown letter.

    >>> tier_of("A", ""), tier_of("", "Census: AI use by businesses"), tier_of("", "CBRE via ChannelVision")
    ('A', 'A', 'D')
    """
    if printed and printed not in TIERS:
        raise FigureError(
            "tier not known", expected=" or ".join(TIERS), got=repr(printed), where=where or None
        )
    if printed:
        return printed
    return "D" if is_guess(note) else _tier_of_title(source_title)


@lru_cache(maxsize=2048)
def _tier_of_title(source_title: str) -> str:
    if source_title.startswith(_DERIVED_FROM_PRESS):
        return "C"
    if source_title.startswith(_DERIVED):
        return "derived"
    if source_title.startswith(_PRESS):
        return "C"
    if source_title.startswith(_COMPANY_OR_AGENCY):
        return "A"
    if _SECOND_HAND.match(source_title):
        return "D"
    return "B" if source_title.startswith(_DATA_SET) else "D"


def rank(tier: str) -> int:
    """Place of a tier, best first: A 0, B 1, derived 2, C 3, D 4."""
    return TIERS.index(tier)

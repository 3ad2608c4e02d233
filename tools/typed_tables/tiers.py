"""Tier of a row by how its source title begins, for raw tables without a tier (macro, buyers); read once.

A = company, agency or regulator; B = research data set; derived = arithmetic on A/B rows; C = named press;
D = the rest. Where a title names two sources ("Utility Dive: EIA STEO", "CBRE via ChannelVision") the page that
was *read* decides, so an agency quoted by a digest is D and an agency quoted by a named paper is C. A row of
these tables that says it is from memory is D whatever its title. Calibrate on A, B and derived only.
"""

from __future__ import annotations

import re
from functools import lru_cache

from supercycle.core.errors import FigureError
from supercycle.figures.tiers import TIERS

__all__ = ["evidence_of", "inputs_tier_of", "is_guess", "tier_of"]

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


_INPUTS = re.compile(r"inputs tier ([^;]*)|inputs (unverified)")
_LETTER = re.compile(r"\b[ABCD]\b")
# Data sets and filings of tier A or B; a derived row of a newer table that names none of them stands at D.
_GOOD_INPUTS = re.compile(
    r"Epoch|ConceptStocks|companies\.csv|demand\.csv|macro\.csv|labs\.csv|SEC |10-[KQ]|FRED|aiconfigurator|InferenceX"
    r"|gpurentalprices|genai-prices|rows above|config|EIA "
)
_NOT_READ = re.compile(
    r"filing itself not read|as copied in|\bsummary\b|\bcopy\b|research note|via ", re.IGNORECASE
)
_LOST = "address not kept"


def cleaned_tier(tier: str, source_title: str, source_url: str, note: str) -> str:
    """The tier by the rules for all tables: a lost address is D, an A whose filing was not itself read is B."""
    text = f"{source_title} {source_url} {note}"
    if _LOST in text and tier != "derived":
        return "D"
    return "B" if tier == "A" and _NOT_READ.search(f"{source_title} {note}") else tier


def inputs_tier_of(tier: str, source_title: str, source_url: str, note: str, *, unsaid: str) -> str:
    """Weakest tier of a derived row's inputs, "" for others; ``unsaid`` where the row names no tier.

    >>> inputs_tier_of("derived", "x", "", "sum; inputs tier C guide, A outturn", unsaid="D")
    'C'
    """
    if tier != "derived":
        return ""
    if _LOST in f"{source_title} {source_url}":
        return "D"
    said = _INPUTS.search(note)
    if said:
        letters = _LETTER.findall(said[1] or "D")
        if letters:
            return max(letters)
    return "B" if _GOOD_INPUTS.search(f"{source_title} {source_url}") else unsaid


def evidence_of(tier: str, inputs_tier: str, note: str) -> str:
    """measured for A, B and arithmetic on them, published for C and D, judgement where the note says guess."""
    if is_guess(note):
        return "judgement"
    return "published" if (inputs_tier or tier) in ("C", "D") else "measured"

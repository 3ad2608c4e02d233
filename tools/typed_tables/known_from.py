"""What could have been known, and when: the date before which a back-test may not see a figure.

``published`` is when the page that was read appeared, often years after the fact. ``known_from`` is

- for reported flows and stocks of tiers A, B and derived: the filing date where the row gives it, else the
  period's end + 45 days (a quarter or shorter) or + 90 days (longer); a row published sooner than that was
  known when it was published;
- for everything else (press, aggregators, forecasts, guidance, and what companies say outside filings: run
  rates, users, tokens): ``published``, at the *end* of a month or year when no day is printed, and the day
  the tables were closed when nothing is printed.

Series rebuilt later (Epoch chip counts, campus timelines, ratings applied to old prices) are
``reconstructed``: they carry the date their period could have been known, and back-tests score them apart.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from supercycle.core.quarters import Quarter
from supercycle.figures.fiscal import FISCAL_YEAR_END_MONTH, fiscal_quarter_end
from supercycle.figures.known_from import published_by
from supercycle.figures.periods import Period
from supercycle.figures.tiers import CALIBRATABLE

__all__ = ["is_outlook", "is_statement", "known_from", "reported_end", "vintage_of"]

_LAG_QUARTER = timedelta(days=45)  # figures rule: 10-Q within 40-45 days of the quarter's end
_LAG_YEAR = timedelta(days=90)  # figures rule: 10-K within 60-90 days of the year's end
_SHORT_KINDS = frozenset({"day", "week", "month", "quarter"})

_OUTLOOK = re.compile(
    r"forecast|guidance|expected|planned|_plan\b|plan_|_needed|target|_need\b|realistic"
    r"|outlook|order_rate|ceiling"
)
# Said in posts, calls and interviews, often long after the period; no filing calendar applies.
_STATEMENT = re.compile(
    r"run_rate|_epoch$|_times_(two|four)$|revenue_h1|active_users|paying_|paid_s|subscribers|_wau|tokens_per_(day|minute)"
)
_FILED = re.compile(r"\bfiled (?:on )?(\d{4}-\d\d-\d\d)")
_ENDED = re.compile(
    r"(?:period \d{4}-\d\d-\d\d to|fiscal year \d{4}-\d\d-\d\d to|ended|balance at|^at) (\d{4}-\d\d-\d\d)"
)
_RECONSTRUCTED = re.compile(
    r"Epoch AI (chip counts|data centers,|ai-chip-counts)"
    r"|Derived: Epoch snapshots|Derived here from Epoch chip|recomputed from |llmledger|LiteLLM history"
)


def is_outlook(series: str) -> bool:
    """True for a statement about the future or a target; such rows are known when published, never by lag."""
    return _OUTLOOK.search(series) is not None


def is_statement(series: str) -> bool:
    """True for what companies say outside filings (run rates, users, tokens a day); known when published."""
    return _STATEMENT.search(series) is not None


def vintage_of(source_title: str, note: str = "") -> str:
    """``reconstructed`` for series rebuilt after the fact, else ``as published``."""
    rebuilt = _RECONSTRUCTED.match(source_title) or "reconstructed" in note
    return "reconstructed" if rebuilt else "as published"


def reported_end(period: Period, entity: str, note: str) -> date | None:
    """The period's true last day: the one the note prints, else the company's fiscal quarter, else the
    calendar's.

    >>> from supercycle.figures.periods import parse_period
    >>> reported_end(parse_period("2026Q2"), "Oracle", "")
    datetime.date(2026, 5, 31)
    """
    if period.kind in ("quarter", "fiscal_year", "year"):
        match = _ENDED.search(note)
        if match:
            return date.fromisoformat(match[1])
        if period.kind == "quarter" and entity in FISCAL_YEAR_END_MONTH and period.end is not None:
            return fiscal_quarter_end(entity, str(Quarter.of(period.end)))
    return period.end


def known_from(
    series: str,
    entity: str,
    period: Period,
    tier: str,
    published: str,
    note: str,
    closed: date,
    where: str = "",
) -> date:
    """First day a figure may be used in a back-test, by the rule at the top of this file.

    >>> from supercycle.figures.periods import parse_period
    >>> known_from("revenue", "Meta", parse_period("2025Q4"), "B", "2026-08-22", "")
    datetime.date(2026, 2, 14)
    >>> known_from("capex_guidance", "Meta", parse_period("2026FY"), "A", "2026-07-29", "")
    datetime.date(2026, 7, 29)
    """
    appeared = min(published_by(published, where), closed)
    end = reported_end(period, entity, note)
    if (
        tier not in CALIBRATABLE
        or end is None
        or is_outlook(series)
        or is_statement(series)
        or appeared < end
    ):
        return appeared
    filed = _FILED.search(note)
    if filed:
        return date.fromisoformat(filed[1])
    lag = _LAG_QUARTER if period.kind in _SHORT_KINDS else _LAG_YEAR
    if published:
        return min(end + lag, appeared)
    return min(end + lag, closed) if end < closed else closed

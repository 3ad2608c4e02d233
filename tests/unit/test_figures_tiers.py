"""Tiers, evidence and the date from which a figure was known."""

from __future__ import annotations

from datetime import date

import pytest
from typed_tables.known_from import known_from, vintage_of
from typed_tables.tiers import evidence_of, tier_of

from supercycle.core.errors import FigureError, UnknownNameError
from supercycle.figures.evidence import weakest_evidence, weakest_tier
from supercycle.figures.known_from import CLOSED, published_by
from supercycle.figures.periods import parse_period
from supercycle.figures.series import rivals
from supercycle.figures.tiers import CALIBRATABLE, standing


@pytest.mark.parametrize(
    ("title", "tier"),
    [
        ("company filings", "A"),
        ("EIA Electric Power Monthly table 5.6.A", "A"),
        ("FEDS Notes: private credit growth, accessible data", "A"),
        ("Epoch AI data centers, snapshot of 23 May 2026 (CC BY)", "B"),
        ("FRED DGS10 monthly avg via repo", "B"),
        ("Derived here from Epoch chip data", "derived"),
        ("derived from Next Platform", "C"),
        ("Utility Dive: EIA STEO", "C"),
        ("CBRE via ChannelVision", "D"),
        ("Epoch training-cost-trends citing SemiAnalysis AI server cost analysis", "D"),
        ("a page nobody listed", "D"),
    ],
)
def test_the_rule_for_tables_without_a_tier_column(title: str, tier: str) -> None:
    assert tier_of("", title) == tier


def test_a_row_from_memory_is_never_calibrated_on() -> None:
    assert tier_of("", "company filings", "38-43%: FROM MEMORY") == "D"
    assert rivals("mfu", "Llama 3 405B BF16 training low", "2024-07")[0].tier == "D"
    point = ("cheapest_price_at_arena_1200", "first-party or big cloud", "2023Q1")
    (remembered,) = rivals(*point)
    assert (remembered.tier, remembered.evidence, remembered.calibratable) == ("derived", "judgement", False)
    assert rivals(*point, tiers=CALIBRATABLE) == ()


@pytest.mark.parametrize(
    ("tier", "inputs", "counts_as"),
    [("A", "", "A"), ("C", "", "C"), ("derived", "A", "derived"), ("derived", "B", "derived"), ("derived", "C", "C"),
     ("derived", "D", "D")],
)  # fmt: skip
def test_arithmetic_counts_as_its_weakest_input(tier: str, inputs: str, counts_as: str) -> None:
    assert standing(tier, inputs) == counts_as


def test_evidence_degrades_to_the_weakest() -> None:
    assert weakest_evidence(["measured", "published"]) == "published"
    assert weakest_tier(["A", "A"]) == "derived"
    assert weakest_tier(["A", "C", "B"]) == "C"
    assert evidence_of("A", "", "judgement from two prints") == "judgement"
    assert evidence_of("derived", "D", "") == "published"
    with pytest.raises(FigureError, match="no inputs"):
        weakest_evidence([])
    with pytest.raises(UnknownNameError, match="did you mean 'measured'"):
        weakest_evidence(["measure"])


@pytest.mark.parametrize(
    ("series", "entity", "period", "tier", "published", "note", "known"),
    [
        # reported flow, no filing date: quarter + 45 days, fiscal year + 90
        ("revenue", "Meta", "2025Q4", "B", "2026-08-22", "", "2026-02-14"),
        ("revenue", "Meta", "2025FY", "A", "2026-08-22", "", "2026-03-31"),
        # the note's own last day counts (52/53-week quarters), and Oracle's quarter ends in May
        (
            "capex_cash",
            "NVIDIA",
            "2026Q1",
            "B",
            "2026-08-22",
            "fiscal quarter ended 2026-04-26",
            "2026-06-10",
        ),
        ("capex_cash", "Oracle", "2026Q2", "B", "2026-08-22", "", "2026-07-15"),
        # a filing read on the day it appeared was known that day; a filing date in the note wins
        ("capex_cash", "Microsoft", "2025Q3", "A", "2025-10-29", "as reported (quarter)", "2025-10-29"),
        ("capex_cash", "Meta", "2025Q3", "A", "2026-10-29", "10-Q filed 2025-10-31", "2025-10-31"),
        # press and aggregators: published, a month at its end; nothing printed: the day the tables closed
        ("revenue", "xAI", "2025Q3", "C", "2026-01", "", "2026-01-31"),
        ("revenue", "xAI", "2025Q3", "D", "2026", "", CLOSED.isoformat()),
        ("rental_index", "H100", "2025-06", "D", "", "", CLOSED.isoformat()),
        # forecasts, guidance and statements outside filings: published, whatever the tier
        ("capex_guidance", "Amazon", "2026FY", "A", "2026-07-30", "", "2026-07-30"),
        ("run_rate_revenue_epoch", "Anthropic", "2024-01-01", "B", "2025-09-26", "", "2025-09-26"),
    ],
)
def test_known_from(
    series: str, entity: str, period: str, tier: str, published: str, note: str, known: str
) -> None:
    found = known_from(series, entity, parse_period(period, entity), tier, published, note, CLOSED)
    assert found == date.fromisoformat(known)


def test_published_is_read_at_its_latest() -> None:
    assert published_by("2026-05/06") == date(2026, 6, 30)
    assert published_by("2025Q3") == date(2025, 9, 30)
    assert published_by("2025-2026") == CLOSED


def test_reconstructed_series_say_so() -> None:
    assert vintage_of("Epoch AI chip counts repo (commit d1b1bc3)") == "reconstructed"
    assert vintage_of("SEC 10-Q 0001652044") == "as published"

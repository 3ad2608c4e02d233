"""What a chart of an output shows besides the run: its history from filings, and what others have forecast.

Only the same quantity stands on the same axis. Where the figures on file count something else (all data centres
instead of AI, facility power instead of IT) nothing is drawn, and the chart says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from supercycle.core.quarters import Quarter
from supercycle.figures.known_from import CLOSED
from supercycle.figures.load import Figure, figures
from supercycle.skill.known import Known
from supercycle.skill.series import history

__all__ = ["beside"]

FROM = "2021Q1"  # of history: five years beside ten of the future


@dataclass(frozen=True)
class Past:
    """A series of ``skill.series`` in the output's unit; ``whole`` is false where it is a part of the output."""

    series: str
    label: str
    whole: bool
    source: str


@dataclass(frozen=True)
class Forecast:
    """Rows of the figures that forecast the output for a year; ``share`` of a row's value is the axis's."""

    series: str
    entity: str
    share: float
    said: str


PASTS = {
    "five_firm_capex_usd_bn": Past("capex", "filed", True, "the five firms' cash-flow statements"),
    "ai_revenue_run_rate": Past(
        "labs", "OpenAI and Anthropic alone", False,
        "run rates of OpenAI and Anthropic, between statements on a log line",
    ),
}  # fmt: skip
FORECASTS = {
    "five_firm_capex_usd_bn": Forecast(
        "capex_forecast_third_party", "Big five (AMZN MSFT GOOGL META ORCL)", 0.25, "a quarter of a year's forecast"
    ),
    "ai_revenue_run_rate": Forecast("genai_revenue_forecast", "World, MS", 1.0, "a year's revenue of generative AI"),
    "required_user_cost": Forecast("ai_revenue_needed", "World, Bain", 1.0, "a year's revenue that is needed"),
}  # fmt: skip
NONE = {
    "fleet_it_gw": "No history and no dots: forecasts on file are of all data centres or of facility power, "
    "counts are of chips shipped; none is of AI's IT power.",
}  # fmt: skip


def beside(key: str, first: str) -> dict[str, Any]:
    """``past``, ``dots`` and a ``note`` for the chart of an output whose run begins in quarter ``first``.

    >>> found = beside("five_firm_capex_usd_bn", "2026Q3")
    >>> found["past"]["quarters"][-1], sorted({dot["at"] for dot in found["dots"]})
    ('2026Q2', ['2026', '2027'])
    >>> beside("utilisation", "2026Q3")
    {}
    """
    found: dict[str, Any] = {}
    notes: list[str] = [NONE[key]] if key in NONE else []
    past, told = PASTS.get(key), FORECASTS.get(key)
    if past is not None:
        known = {
            quarter: value for quarter, value in _history(past.series).items() if FROM <= quarter < first
        }
        quarters = _quarters(min(known), first)
        found["past"] = {
            "label": past.label, "whole": past.whole, "quarters": quarters, "values": [known.get(q) for q in quarters],
        }  # fmt: skip
        notes.append(f"Black: {past.source}.")
    if told is not None:
        found["dots"] = [
            {"at": row.period.printed[:4], "label": row.source_title, "value": told.share * float(row.value or 0),
             "id": row.id}
            for row in _forecasts(told.series, told.entity) if row.period.printed[:4] >= first[:4]
        ]  # fmt: skip
        makers = "; ".join(dict.fromkeys(str(dot["label"]) for dot in found["dots"]))
        notes.append(f"Dots: {told.said}, at the middle of the year ({makers}).")
    return {**found, "note": " ".join(notes)} if notes else {}


def _quarters(start: str, end: str) -> list[str]:
    """Every quarter from ``start`` up to, not with, ``end``: a gap in the figures is a gap on the axis."""
    made: list[str] = []
    quarter = Quarter.parse(start)
    while str(quarter) < end:
        made.append(str(quarter))
        quarter += 1
    return made


@cache
def _history(series: str) -> Mapping[str, float]:
    return history(series, Known(CLOSED))


@cache
def _forecasts(series: str, entity: str) -> tuple[Figure, ...]:
    return tuple(
        row for row in figures() if row.series == series and row.entity == entity and row.value is not None
    )

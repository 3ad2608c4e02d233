"""FRED: observations with their vintages, by the user's own key.

Every observation comes with the span of days on which it was FRED's reading (``realtime_start`` to
``realtime_end``), so a revision is one reading more, known from the day it appeared. Source:
https://fred.stlouisfed.org/docs/api/fred/.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from supercycle.core.errors import EnvironmentProblem, UsageError
from supercycle.core.quarters import Quarter
from supercycle.figures.refresh.fetch import Client
from supercycle.figures.refresh.reading import Reading
from supercycle.figures.refresh.vocabularies import FredSeries

__all__ = ["FRED_URL", "fetch_series", "fred_key", "readings_of"]

FRED_URL = "https://api.stlouisfed.org"
_FROM = "2015-01-01"
_FIRST, _LAST = "1776-07-04", "9999-12-31"  # FRED's own words for "every vintage"
_MISSING = "."


def fred_key(said: str | None = None) -> str:
    """The user's key from the environment; UsageError without one."""
    key = (said or os.environ.get("FRED_API_KEY") or "").strip()
    if not key.isalnum():
        raise UsageError(
            "FRED asks for a key",
            expected="FRED_API_KEY in the environment",
            got="nothing" if not key else "not a key",
            hint="A free one: https://fred.stlouisfed.org/docs/api/api_key.html",
        )
    return key


def fetch_series(
    client: Client, series: FredSeries, key: str, *, base: str = FRED_URL, fetched: str
) -> list[Reading]:
    """Every vintage of a series since 2015; EnvironmentProblem for an answer that is no list of observations."""
    asked = {
        "series_id": series.id, "api_key": key, "file_type": "json", "realtime_start": _FIRST,
        "realtime_end": _LAST, "observation_start": _FROM, "limit": "100000",
    }  # fmt: skip
    found, _ = client.json(f"{base}/fred/series/observations?{urlencode(asked)}", check=_is_observations)
    return readings_of(found, series, fetched)


def readings_of(document: Mapping[str, Any], series: FredSeries, fetched: str) -> list[Reading]:
    """Observations as readings; a missing one (".") is left out, an unreadable one quarantined."""
    out: list[Reading] = []
    for row in document["observations"]:
        if row.get("value") == _MISSING:
            continue
        reading = Reading(
            series=series.series, entity=series.entity, period=str(row.get("date")), value=None, unit=series.unit,
            tier="A", source_title=f"FRED {series.id}", source_url=f"https://fred.stlouisfed.org/series/{series.id}",
            published=str(row.get("realtime_start")), note=f"vintage of {row.get('realtime_start')}", source="fred",
            concept=series.id, fetched=fetched,
        )  # fmt: skip
        try:
            day = date.fromisoformat(row["date"])
            value, appeared = float(row["value"]), date.fromisoformat(row["realtime_start"]).isoformat()
        except (KeyError, ValueError, TypeError) as error:
            out.append(reading.quarantined(f"an observation cannot be read: {error}"))
            continue
        made = replace(reading, period=_period(day, series.frequency), value=value, published=appeared)
        out.append(made)
    return out


def _period(day: date, frequency: str) -> str:
    """FRED dates a period by its first day."""
    if frequency == "d":
        return day.isoformat()
    if frequency == "m":
        return f"{day:%Y-%m}"
    return str(Quarter.of(day)) if frequency == "q" else f"{day:%Y}"


def _is_observations(document: Any) -> None:
    """ValueError unless a document is FRED's list of observations."""
    said = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    if not isinstance(said.get("observations"), list):
        raise ValueError(f"no observations: {said.get('error_message') or 'another shape'}")
    if int(said.get("count") or 0) > len(said["observations"]):
        raise EnvironmentProblem(
            "FRED sent a part of the series", expected=said.get("count"), got=len(said["observations"])
        )

"""Scoring forecasts on record: CRPS of quantiles, Brier score of events, coverage; a quarter without a figure waits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from supercycle.core.errors import InputError
from supercycle.skill.forecast_targets import EVENTS
from supercycle.skill.forecasts import answers, list_records, read, target_named

__all__ = ["brier", "crps_quantiles", "score", "score_folder"]

_STEPS = 2000  # points on which the pinball loss is integrated; the error is below a thousandth of the spread


def crps_quantiles(levels: Sequence[float], values: Sequence[float], actual: float) -> float:
    """CRPS of the distribution that runs straight between quantiles and stays flat outside them.

    ``2 * integral over u of (actual - Q(u)) * (u - [actual < Q(u)])``, in the unit of the values. A single
    value has its absolute error. Source: Laio and Tamea, Hydrol. Earth Syst. Sci. 11 (2007), eq. 11.

    >>> round(crps_quantiles([0.5], [3.0], 5.0), 6), round(crps_quantiles([0.0, 1.0], [0.0, 1.0], 0.5), 4)
    (2.0, 0.0833)
    """
    if len(levels) != len(values) or not levels or list(levels) != sorted(levels):
        raise InputError(
            "levels and values do not fit",
            expected="as many, levels rising",
            got=f"{len(levels)}, {len(values)}",
        )
    if list(values) != sorted(values):
        raise InputError("quantiles cross", expected="values that rise with the level", got=str(list(values)))
    total = 0.0
    for step in range(_STEPS):
        u = (step + 0.5) / _STEPS
        q = _quantile(levels, values, u)
        total += (actual - q) * (u - (1.0 if actual < q else 0.0))
    return 2.0 * total / _STEPS


def _quantile(levels: Sequence[float], values: Sequence[float], u: float) -> float:
    place = bisect_left(levels, u)
    if place == 0 or place == len(levels):
        return values[min(place, len(levels) - 1)]
    low, high = levels[place - 1], levels[place]
    return values[place - 1] + (values[place] - values[place - 1]) * (u - low) / (high - low)


def brier(probability: float, happened: bool) -> float:
    """Squared error of a probability: 0 is perfect, 0.25 is what a coin gets.

    >>> brier(0.75, True), brier(0.5, False)
    (0.0625, 0.25)
    """
    if not 0.0 <= probability <= 1.0:
        raise InputError("a probability lies between 0 and 1", got=probability)
    return (probability - (1.0 if happened else 0.0)) ** 2


def score(content: Mapping[str, Any], said: Mapping[str, bool] | None = None) -> dict[str, Any]:
    """Score one record against the figures there are now; what has no figure yet is counted as waiting.

    ``said`` answers the events that no figure can resolve.
    """
    rows: list[dict[str, Any]] = []
    waiting = 0
    for target in content["targets"]:
        actual = target_named(target["target"]).figure(target["quarter"])
        if actual is None:
            waiting += 1
            continue
        levels, values = target["levels"], target["values"]
        median = _quantile(levels, values, 0.5)
        rows.append(
            {
                "id": target["id"], "unit": target["unit"], "actual": actual, "median": median,
                "q05": _quantile(levels, values, 0.05), "q95": _quantile(levels, values, 0.95),
                "crps": crps_quantiles(levels, values, actual), "error": median - actual,
                "inside_50": _quantile(levels, values, 0.25) <= actual <= _quantile(levels, values, 0.75),
                "inside_90": _quantile(levels, values, 0.05) <= actual <= _quantile(levels, values, 0.95),
            }
        )  # fmt: skip
    resolvable = {event.id: event for event in EVENTS}
    events: list[dict[str, Any]] = []
    for event in content["events"]:
        happened = (said or {}).get(event["id"])
        if happened is None and event["id"] in resolvable:
            happened = resolvable[event["id"]].happened()
        events.append(
            {
                "id": event["id"], "question": event["question"], "probability": event["probability"],
                "happened": happened, "brier": None if happened is None else brier(event["probability"], happened),
            }
        )  # fmt: skip
    scored = [row["brier"] for row in events if row["brier"] is not None]
    return {
        "made": content["made"],
        "title": content["title"],
        "sha256": content["sha256"],
        "scored": len(rows),
        "waiting": waiting,
        "crps": sum(row["crps"] for row in rows) / len(rows) if rows else None,
        "coverage_50": sum(row["inside_50"] for row in rows) / len(rows) if rows else None,
        "coverage_90": sum(row["inside_90"] for row in rows) / len(rows) if rows else None,
        "brier": sum(scored) / len(scored) if scored else None,
        "targets": rows,
        "events": events,
    }


def score_folder(folder: Path, said: Sequence[str] = ()) -> dict[str, Any]:
    """Score every record of a folder. Errors: InputError for the first file that was changed."""
    told = answers(said, [event.id for event in EVENTS])
    names = [row["file"] for row in list_records(folder)]
    if not names:
        raise InputError(
            "no forecast on record", expected="a .json file", got="none", where=str(folder),
            hint="Try: supercycle forecast record",
        )  # fmt: skip
    found = [{"file": name, **score(read(folder / name), told)} for name in names]
    return {"folder": str(folder), "count": len(found), "forecasts": found}

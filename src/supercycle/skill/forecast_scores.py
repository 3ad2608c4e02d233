"""Scoring forecasts on record: CRPS of quantiles on logs, Brier score of events, coverage, for everyone on record.

Only what was published after a record was made counts. A quarter without a figure waits.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from supercycle.core.errors import InputError
from supercycle.skill.forecast_events import EVENTS, answers, closed
from supercycle.skill.forecast_targets import target_named
from supercycle.skill.forecasts import list_records, read

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


def score(
    content: Mapping[str, Any], said: Mapping[str, bool] | None = None, on: date | None = None
) -> dict[str, Any]:
    """Score one record against the figures there are now, on logs; what has no figure yet is counted as waiting.

    A figure that was known on the day of the record, or before it, is refused and named: it was no forecast. ``said``
    answers the events that no figure can resolve; "no" before a question has closed is refused. ``on`` is today.
    Errors: InputError for such an answer, UnknownNameError for a target this version does not know.
    """
    rows: list[dict[str, Any]] = []
    refused: list[dict[str, str]] = []
    waiting = 0
    made = datetime.fromisoformat(str(content["made"])).date()
    for target in content["targets"]:
        named = target_named(target["target"])
        reading, actual = named.reading(target["quarter"]), named.figure(target["quarter"])
        if reading is None or actual is None:
            waiting += 1
        elif reading.known_from <= made:
            refused.append(
                {
                    "id": target["id"],
                    "why": f"known on {reading.known_from.isoformat()}, the record is of {made.isoformat()}",
                }
            )
        elif actual <= 0.0:
            refused.append({"id": target["id"], "why": f"{actual:g} {target['unit']} has no log"})
        else:
            rows.append(_row(target, actual, reading.known_from))
    events = [_event(event, said or {}, on or datetime.now(UTC).date()) for event in content["events"]]
    briers = [row["brier"] for row in events if row["brier"] is not None]
    base = [row["brier_base_rate"] for row in events if row["brier_base_rate"] is not None]
    return {
        "made": content["made"],
        "title": content["title"],
        "sha256": content["sha256"],
        "scored": len(rows),
        "waiting": waiting,
        "refused": refused,
        "crps": _means(rows),
        "coverage_50": sum(row["inside_50"] for row in rows) / len(rows) if rows else None,
        "coverage_90": sum(row["inside_90"] for row in rows) / len(rows) if rows else None,
        "brier": sum(briers) / len(briers) if briers else None,
        "brier_base_rate": sum(base) / len(base) if base else None,
        "targets": rows,
        "events": events,
    }


def _row(target: Mapping[str, Any], actual: float, known: date) -> dict[str, Any]:
    levels, log = target["levels"], math.log(actual)
    values = target["log_values"]["published"]

    def at(level: float) -> float:
        return _quantile(levels, values, level)

    return {
        "id": target["id"], "unit": target["unit"], "actual": actual, "known_from": known.isoformat(),
        "median": math.exp(at(0.5)), "q05": math.exp(at(0.05)), "q95": math.exp(at(0.95)),
        "crps": {who: crps_quantiles(levels, told, log) for who, told in target["log_values"].items()},
        "log_error": at(0.5) - log,
        "inside_50": at(0.25) <= log <= at(0.75), "inside_90": at(0.05) <= log <= at(0.95),
    }  # fmt: skip


def _means(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Mean CRPS of every forecaster that spoke on all scored targets: the same targets for each."""
    shared: set[str] = set(rows[0]["crps"]) if rows else set()
    for row in rows:
        shared &= set(row["crps"])
    return {who: sum(row["crps"][who] for row in rows) / len(rows) for who in sorted(shared)}


def _event(event: Mapping[str, Any], said: Mapping[str, bool], on: date) -> dict[str, Any]:
    happened = said.get(event["id"])
    if happened is not None:
        closed(event, happened, on)
    else:
        known = next((one for one in EVENTS if one.id == event["id"]), None)
        happened = None if known is None else known.happened()
    rate = event["base_rate"]
    return {
        "id": event["id"], "question": event["question"], "closes": event["closes"], "rule": event["rule"],
        "probability": event["probability"], "happened": happened,
        "brier": None if happened is None else brier(event["probability"], happened),
        "brier_base_rate": None if happened is None or rate is None else brier(rate, happened),
    }  # fmt: skip


def score_folder(folder: Path, said: Sequence[str] = (), on: date | None = None) -> dict[str, Any]:
    """Score every record of a folder. Errors: InputError for the first file that was changed, or a broken chain."""
    told = answers(said, [event.id for event in EVENTS])
    rows = list_records(folder)
    if not rows:
        raise InputError(
            "no forecast on record", expected="a .json file", got="none", where=str(folder),
            hint="Try: supercycle forecast record",
        )  # fmt: skip
    for row in rows:
        if row["sha256"] is not None and row["state"] != "intact":
            raise InputError(
                row["state"], expected="every record after the one it builds on", where=row["file"]
            )
    found = [{"file": row["file"], **score(read(folder / row["file"]), told, on)} for row in rows]
    return {"folder": str(folder), "count": len(found), "forecasts": found}

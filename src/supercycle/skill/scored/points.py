"""Points of a back-test: one series from one start at one of four fixed horizons, scored for everyone alike.

A point exists where the outcome is on file and positive and some figure of the series was known at the start. Horizons
are 1, 2, 4 and 8 quarters: few enough that one start does not count a dozen times. Everything a forecaster uses at a
start was known by the start's day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supercycle.core.quarters import Quarter
from supercycle.skill.known import Known, day_of
from supercycle.skill.origins import OPENED, ORIGINS
from supercycle.skill.scored.members import MODEL, PUBLISHED, RULES, Told, pool, rules
from supercycle.skill.series import KINDS, kind_of, outcome

__all__ = ["HORIZONS", "Point", "points_of", "points_of_rules", "unscored"]

HORIZONS = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Point:
    """One scored forecast: CRPS on logs by forecaster, and where the outcome lay in the published one."""

    series: str
    start: str
    horizon: int
    quarter: str
    outcome: float
    crps: Mapping[str, float]
    pit: float
    inside_50: bool
    inside_90: bool
    pit_model: float
    inside_90_model: bool
    median: float
    scored: str

    def to_dict(self) -> dict[str, Any]:
        """The point ready for JSON."""
        return {
            "series": self.series, "start": self.start, "horizon": self.horizon, "quarter": self.quarter,
            "outcome": self.outcome, "median": self.median, "pit": self.pit, "inside_50": self.inside_50,
            "inside_90": self.inside_90, "pit_model": self.pit_model, "inside_90_model": self.inside_90_model,
            "crps": dict(self.crps),
        }  # fmt: skip


def points_of(told: Told) -> list[Point]:
    """The points of one series from one start, scored for the published forecast and all others."""
    return _points(told.name, told.start, told.quarters, told.by, PUBLISHED)


def points_of_rules(name: str, start: str, variant: str) -> list[Point]:
    """The same for the rules alone, from a start at which the world is not opened; the rules' pool is what counts."""
    known = Known(day_of(start), reconstructed=variant == "reconstructed")
    found = rules(name, known, start, max(HORIZONS))
    if not found:
        return []
    quarters = tuple(str(Quarter.parse(start) + h) for h in range(1, max(HORIZONS) + 1))
    return _points(name, start, quarters, pool(None, found, max(HORIZONS)), RULES)


def _points(
    name: str, start: str, quarters: Sequence[str], by: Mapping[str, Sequence[Any]], main: str
) -> list[Point]:
    truth = (
        outcome(name, start) if RULES in by else {}
    )  # no figure known: the model's opening is a judgement, too
    found: list[Point] = []
    for horizon in HORIZONS:
        if horizon > len(quarters) or truth.get(quarters[horizon - 1], 0.0) <= 0.0:
            continue
        actual = truth[quarters[horizon - 1]]
        log, place = math.log(actual), horizon - 1
        chosen = by[main][place]
        model = by.get(MODEL, by[main])[place]
        found.append(
            Point(
                name, start, horizon, quarters[place], actual,
                {who: mixtures[place].crps(log) for who, mixtures in by.items()},
                chosen.below(log), chosen.inside(log, 0.5), chosen.inside(log, 0.9),
                model.below(log), model.inside(log, 0.9), math.exp(chosen.quantile(0.5)), main,
            )
        )  # fmt: skip
    return found


def unscored(names: Sequence[str], points: Sequence[Point]) -> list[dict[str, str]]:
    """Which starts and series have no point, and why."""
    rows: list[dict[str, str]] = []
    first = f"{ORIGINS[0]} to {ORIGINS[ORIGINS.index(OPENED[0]) - 1]}"
    rows.append(
        {
            "starts": first, "series": "all, from the model",
            "why": "no figure of AI was on file: no chip maker's quarter before 2022Q2, no run rate of a lab before "
            "2023, no chip count before 2022; rules alone are scored there",
        }
    )  # fmt: skip
    have = {(point.series, point.start) for point in points}
    for name in names:
        missing = [start for start in OPENED if (name, start) not in have]
        if not missing:
            continue
        kind, _, firm = name.partition(":")
        whole = outcome(name, OPENED[0])
        if not whole:
            why = f"no series {KINDS.get(kind, kind)} on file for {firm or name}"
        elif kind_of(name) == "debt":
            why = f"only the balances of {', '.join(whole)} are on file; before the first, no figure to start from"
        else:
            why = "no figure known at the start, or no outcome on file at the horizons scored"
        rows.append({"starts": ", ".join(missing), "series": name, "why": why})
    return rows

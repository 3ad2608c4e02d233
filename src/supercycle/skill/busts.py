"""Does the model call crashes that did not come? The share of paths with a bust from past openings, scored.

No crash of 40 % came between the three openings and 2026Q2, so the Brier score of a start is the square of its share.
Three overlapping windows without an event choose nothing: any rule that charges the odds once an episode scores well,
and one that never crashes would score best. Beside it stands a reference of five per cent a year.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from supercycle.core.quarters import Quarter
from supercycle.engine.run import simulate
from supercycle.skill.known import LAST
from supercycle.skill.past import scenario_at, world_at
from supercycle.skill.series import STARTS

__all__ = ["past_busts", "recorded_busts"]

RECORD = Path(__file__).parent / "tables" / "past_busts.csv"
REFERENCE = 0.05  # a year


def past_busts(
    *, paths: int = 4000, seed: int = 1, variant: str = "published", until: str = "2026Q2"
) -> dict[str, Any]:
    """Share of paths with a bust from each past opening to ``until``, its Brier score, and the reference's."""
    rows: list[dict[str, Any]] = []
    for start in STARTS:
        world, _ = world_at(start, variant)
        run = simulate(
            world, scenario_at(start, variant), paths=paths, seed=seed, until=until, outputs=["busted"]
        )
        share = float(run.value("busted")[-1, run.ok].mean())
        years = (Quarter.parse(until) - Quarter.parse(start)) / 4.0
        reference = 1.0 - (1.0 - REFERENCE) ** years
        rows.append(
            {"start": start, "until": until, "share": share, "brier": share**2, "reference": reference}
        )
    return {
        "rows": rows,
        "brier": sum(row["brier"] for row in rows) / len(rows),
        "reference_brier": sum(row["reference"] ** 2 for row in rows) / len(rows),
        "last": LAST,
    }


@cache
def recorded_busts() -> tuple[dict[str, Any], ...]:
    """``past_busts``' rows as they were found with 4,000 paths; a test runs them again. Errors: those of reading."""
    with RECORD.open(encoding="utf-8", newline="") as file:
        return tuple(
            {
                **row,
                "share": float(row["share"]),
                "brier": float(row["brier"]),
                "reference": float(row["reference"]),
            }
            for row in csv.DictReader(file)
        )

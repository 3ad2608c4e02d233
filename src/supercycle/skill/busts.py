"""Does the model call crashes that did not come? The share of paths with a bust from past openings, scored.

No crash of 40 % came between any of the thirteen openings and 2026Q2, so the Brier score of a start is the square of
its share. Overlapping windows without an event choose nothing: any rule that charges the odds once an episode scores
well, and one that never crashes would score best. Beside it stand a reference of five per cent a year, and forty past
manias of which 21 broke within two years of a doubling, scored with the model's own odds after one.

    python -m supercycle.skill.busts        makes the record again (about half a minute)
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any

from supercycle.core.quarters import Quarter
from supercycle.engine.run import simulate
from supercycle.skill.known import LAST
from supercycle.skill.origins import OPENED
from supercycle.skill.past import scenario_at, world_at
from supercycle.skill.scored.events import after_a_doubling, manias

__all__ = ["past_busts", "past_manias", "recorded_busts", "recorded_manias"]

RECORD = Path(__file__).parent / "tables" / "past_busts.csv"
REFERENCE = 0.05  # a year
MANIAS = "forty manias"
COLUMNS = ("start", "until", "share", "brier", "reference")
DOUBLING_PATHS = 8000  # one path in thirty doubles, and the odds need hundreds


def past_busts(
    *, paths: int = 4000, seed: int = 1, variant: str = "published", until: str = "2026Q2"
) -> dict[str, Any]:
    """Share of paths with a bust from each past opening to ``until``, its Brier score, and the reference's."""
    rows: list[dict[str, Any]] = []
    for start in OPENED:
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


def past_manias(*, paths: int = DOUBLING_PATHS, seed: int = 1) -> dict[str, Any]:
    """The model's odds of a crash within two years of a doubling, and their Brier score over forty past manias.

    ``reference`` is the Brier score of five per cent a year.
    """
    odds, _ = after_a_doubling(paths=paths, seed=seed)
    scores = manias(odds)
    return {
        "start": MANIAS, "until": "two years", "share": odds, "brier": scores["brier"],
        "reference": scores["brier_reference"],
    }  # fmt: skip


@cache
def _record() -> tuple[dict[str, Any], ...]:
    with RECORD.open(encoding="utf-8", newline="") as file:
        return tuple(
            {**row, **{key: float(row[key]) for key in ("share", "brier", "reference")}}
            for row in csv.DictReader(file)
        )


def recorded_busts() -> tuple[dict[str, Any], ...]:
    """``past_busts``' rows as they were found with 4,000 paths; a test runs them again. Errors: those of reading."""
    return tuple(row for row in _record() if row["start"] != MANIAS)


def recorded_manias() -> dict[str, Any]:
    """``past_manias`` as it was found with 8,000 paths. Errors: those of reading."""
    return next(row for row in _record() if row["start"] == MANIAS)


def main() -> int:
    """Write the record."""
    with RECORD.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in (*past_busts()["rows"], past_manias()):
            numbers = (f"{row[key]:.6g}" for key in COLUMNS[2:])
            writer.writerow([row["start"], row["until"], *numbers])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

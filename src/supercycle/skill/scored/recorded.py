"""The back-test's scores by horizon as they were last made, to stand beside a forecast: which one to use for when.

``docs/skill_pages.py`` writes the table with the page. It names the model it was made with; scores of another model are
said to be that.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from supercycle.core.errors import InputError

__all__ = ["COLUMNS", "FILE", "advice", "keep", "past_scores"]

FILE = Path(__file__).parents[1] / "tables" / "past_scores.csv"
COLUMNS = ("ahead", "points", "coverage_50", "coverage_90", "published", "model", "rules", "model_hash")


def keep(result: Mapping[str, Any], file: Path = FILE) -> None:
    """Write a back-test's scores by horizon, as the table has them."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out, lineterminator="\n")
        rows.writerow(COLUMNS)
        for ahead, row in result["by_horizon"].items():
            crps = row["crps"]
            numbers = (
                row["coverage_50"],
                row["coverage_90"],
                crps["published"],
                crps["model"],
                crps["pool of rules"],
            )
            rows.writerow([ahead, row["points"], *(f"{v:.4f}" for v in numbers), result["model_hash"]])


@cache
def past_scores(file: Path = FILE) -> tuple[dict[str, Any], ...]:
    """The rows, nearest horizon first. Errors: InputError for a table that is none.

    >>> [row["ahead"] for row in past_scores()]
    [1, 2, 4, 8]
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise InputError("not a table of past scores", expected=", ".join(COLUMNS), where=file.name)
        return tuple(
            {
                "ahead": int(row["ahead"]),
                "points": int(row["points"]),
                **{key: float(row[key]) for key in COLUMNS[2:7]},
                "model_hash": row["model_hash"],
            }
            for row in rows
        )


def advice(rows: Sequence[Mapping[str, Any]], model_hash: str) -> str:
    """Which forecast to use for the next quarter and which for 2030, with what each scored.

    >>> row = {"ahead": 1, "published": 0.15, "model": 0.16, "rules": 0.18, "coverage_90": 0.93, "model_hash": "a"}
    >>> said = advice([row, {**row, "ahead": 8, "published": 0.42, "model": 0.38, "rules": 0.6}], "a")
    >>> said.startswith("For the next quarters use the published forecast") and "another model" not in said
    True
    """
    near, far = rows[0], rows[-1]
    said = (
        f"For the next quarters use the published forecast, half model and half rules: its error (CRPS on logs) was "
        f"{near['published']:.2f} at {near['ahead']} quarter ahead, where the model alone had {near['model']:.2f} and "
        f"the pool of rules {near['rules']:.2f}; its 90 % band held {100 * near['coverage_90']:.0f} %. Eight quarters "
        f"ahead they had {far['published']:.2f}, {far['model']:.2f} and {far['rules']:.2f}. For 2030 there is the "
        "model alone: no forecast that far has been scored, and no rule knows of power, money or customers."
    )
    if near["model_hash"] != model_hash:
        said += " These scores are of another model's back-test (supercycle backtest makes them again)."
    return said

"""``supercycle update``: what the newest figures change."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["update"]


def update(
    *,
    file: Annotated[
        Path | None,
        Parameter(
            help="A CSV of new figures (the columns of figures refresh file); without it, tables and store."
        ),
    ] = None,
    as_of: Annotated[
        str | None, Parameter(help="A past day, 2026-09-30: what was known then, and nothing later.")
    ] = None,
    particles: Annotated[
        int, Parameter(converter=whole(256, 100_000), help="How many particles, 256 or more.")
    ] = 4096,
    seed: Annotated[
        int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
    ] = 1,
    prior: Annotated[
        str, Parameter(help="judged or posterior: what the particles are drawn from first.")
    ] = "judged",
    json: Annotated[bool, Parameter(negative=(), help="Print one JSON object.")] = False,
) -> int:
    """Learn from figures published since the opening: surprises, parameters moved, the headline before and after."""
    from supercycle.skill.nowcast.update import update as learnt

    with progress_bar() as progress:
        found = learnt(file=file, as_of=as_of, particles=particles, seed=seed, prior=prior, told=progress)
    if json:
        print_json(found)
    else:
        _show(found)
    return 0


def _show(found: dict[str, Any]) -> None:
    from supercycle.cli.render import number, records

    for sentence in (*found["sentences"], found["beside_run"]):
        print(sentence)
    if not found["readings"]:
        return

    def band(row: dict[str, float]) -> str:
        return f"{number(row['q50'])} ({number(row['q05'])} to {number(row['q95'])})"

    def side(row: dict[str, Any], key: str) -> str:
        return band(row[key]) if isinstance(row[key], dict) else f"{100 * row[key]:.0f} %"

    rows = [
        {
            "figure": row["id"], "published": row["known_from"], "unit": row["unit"], "was": number(row["value"]),
            "expected (5 to 95 %)": f"{number(row['expected'])} ({number(row['q05'])} to {number(row['q95'])})",
            "surprise, sd": f"{row['surprise_sd']:+.1f}", "inside": row["inside_90"],
        }
        for row in found["readings"]
    ]  # fmt: skip
    records(rows, f"from the opening of {found['opening']}, by {found['as_of']}")
    rows = [
        {
            "headline": row["label"],
            "unit": row["unit"],
            "before": side(row, "before"),
            "after": side(row, "after"),
        }
        for row in found["headline"]
    ]
    records(rows, "the headline")
    if found["moved"]:
        rows = [
            {
                "parameter": row["id"], "unit": row["unit"], "before": band(row["before"]),
                "after": band(row["after"]), "shift, sd": f"{row['shift_sd']:+.2f}",
            }
            for row in found["moved"]
        ]  # fmt: skip
        records(rows, "parameters moved")
    if found["news"]:
        rows = [
            {
                "news": row["meaning"], "of": row["entity"] or "all", "quarter": row["quarter"],
                "mean, sd": f"{row['mean_sd']:+.2f}",
            }
            for row in found["news"]
        ]  # fmt: skip
        records(rows, "news of the quarter")

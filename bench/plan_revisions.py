# ruff: noqa: E501
"""What revises a capex plan: guidance vintages by firm and year, their drift, scatter and run, shrunk to the mean of the firms.

Run: ``python bench/plan_revisions.py``. Reads figures plans (guidance low and high by vintage). Prints, for every firm with three
steps or more, the mean and scatter of log revisions inside a year, their autocorrelation, the scatter shrunk to the mean of all, and
first guide to outturn where both are on file. What the plan block's judgements rest on is in their reasons.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from itertools import pairwise
from math import log

import numpy as np

from supercycle.figures.load import table_text


def main() -> None:
    """Print the table."""
    guides: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    outturn: dict[tuple[str, str], float] = {}
    for row in csv.DictReader(table_text("plans").splitlines()):
        if row["series"] in ("capex_guidance_low", "capex_guidance_high"):
            guides[(row["entity"], row["period"], row["published"])][row["series"][-4:].strip("_")] = float(
                row["value"]
            )
        if row["series"] == "capex_outturn_company_definition":
            outturn[(row["entity"], row["period"])] = float(row["value"])
    years: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for (firm, year, day), ends in guides.items():
        years[(firm, year)].append((day, sum(ends.values()) / len(ends)))
    steps: dict[str, list[float]] = defaultdict(list)
    pairs: list[tuple[float, float]] = []
    for (firm, _), vintages in years.items():
        mids = [v for _, v in sorted(vintages)]
        made = [log(b / a) for a, b in pairwise(mids)]
        steps[firm] += made
        pairs += list(pairwise(made))
    everything = np.array([x for made in steps.values() for x in made])
    print(f"all: {len(everything)} steps, mean {everything.mean():+.3f}, scatter {everything.std():.3f}")
    if len(pairs) > 2:
        a, b = np.array(pairs).T
        print(
            f"run of revisions inside a year: autocorrelation {np.corrcoef(a, b)[0, 1]:+.2f} over {len(pairs)} pairs"
        )
    for firm, made in sorted(steps.items()):
        if len(made) >= 3:
            weight = len(made) / (len(made) + 8.0)  # as if eight steps of the common scatter had been seen
            shrunk = weight * np.std(made) + (1.0 - weight) * everything.std()
            print(
                f"{firm:24s} {len(made):3d} steps, mean {np.mean(made):+.3f}, scatter {np.std(made):.3f}, shrunk {shrunk:.3f}"
            )
    for (firm, year), vintages in sorted(years.items()):
        if (firm, year) in outturn:
            first = sorted(vintages)[0][1]
            print(
                f"{firm:12s} {year}: first guide {first:.1f}, outturn {outturn[firm, year]:.1f}, log {log(outturn[firm, year] / first):+.3f}"
            )


if __name__ == "__main__":
    main()

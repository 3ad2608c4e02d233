"""Simulation-based calibration of the fit on the world itself: many synthetic pasts, each fitted.

    python bench/skill.py [--repetitions 120] [--particles 1024]

Watches a dozen structural parameters and some of the openings, and writes bench/RESULTS-skill.md with the counts of
their ranks by eighth. Part of ``make soak``: it takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from supercycle.skill.discrepancy import unknowns as discrepancy_unknowns
from supercycle.skill.sbc import BINS, power, ranks, uniformity
from supercycle.skill.series import NAMES
from supercycle.skill.windows import past

TABLE = Path(__file__).parent / "RESULTS-skill.md"
WATCHED = (
    "elasticity_long_run", "expectation_curve", "expectation_gain", "diagnostic_theta", "shell_lead_months",
    "shell_fill_q", "h100e_per_watt_growth", "it_economic_depreciation", "price_response", "algorithmic_progress",
    "intensity_fade", "order_adjustment",
)  # fmt: skip
OPENINGS = ("opening_revenue_growth", "delivery_growth_next", "captive_growth_open", "opening_it_cost")
LEAST = 0.001  # a probability below this on any of them, or below 0.01 over all, fails


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--repetitions", type=int, default=120)
    asked.add_argument("--particles", type=int, default=1024)
    asked.add_argument("--last-moves", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    data = past()
    names = [(id, data.structural.index(id)) for id in WATCHED if id in data.structural]
    last = len(data.structural) + sum(len(ids) for ids in data.openings[:-1])
    last += data.base.plan.draw_count * sum(data.quarters[:-1])
    names += [
        (f"{id}, 2024Q4", last + data.openings[-1].index(id)) for id in OPENINGS if id in data.openings[-1]
    ]
    scales = data.unknowns - discrepancy_unknowns(len(NAMES))
    names += [(f"discrepancy, {name}", scales + i) for i, name in enumerate(("memory", "level", "growth"))]
    begun = time.process_time()
    found = ranks(
        data, [place for _, place in names], given.repetitions, particles=given.particles, moves=6,
        last_moves=given.last_moves, seed=given.seed,
        told=lambda stage, done, all: print(f"\r{done}/{all}", end="", file=sys.stderr),
    )  # fmt: skip
    seconds = time.process_time() - begun
    rows = [(name, uniformity(found[row])) for row, (name, _) in enumerate(names)]
    every = uniformity(found.reshape(-1))
    seen = ", ".join(
        f"{100 * power(given.repetitions, **wrong):.0f} % of the time {said}"
        for said, wrong in (
            ("a posterior half as wide as it should be", {"width": 0.5}),
            ("one 0.7 times as wide", {"width": 0.7}),
            ("a mean wrong by one standard deviation", {"shift": 1.0}),
            ("by half of one", {"shift": 0.5}),
            ("nothing wrong", {}),
        )
    )
    worst = min(row["probability"] for _, row in rows)
    lines = [
        "# Measured: does the fit find what is known?",
        "",
        f"Written by `python bench/skill.py`: {given.repetitions} synthetic pasts drawn from the prior",
        f"with the likelihood's noise, each fitted with {given.particles} particles over {data.unknowns} unknowns",
        f"(seed {given.seed}, {given.last_moves} last moves, {seconds:.0f} s of processor time).",
        "Ranks of the true value among 63 draws of its posterior, counted by eighth: equal counts are right.",
        f"Expected {given.repetitions / BINS:.1f} an eighth. Smallest probability {worst:.3g} of {len(rows)}",
        f"(an honest fit goes below {1 - 0.95 ** (1 / len(rows)):.3g} in one trial of twenty).",
        "",
        f"What this would see, of one unknown at a probability below 0.01: {seen}.",
        "",
        "| unknown | counts by eighth | chi-square (7) | probability |",
        "|---|---|--:|--:|",
        *(
            f"| {n} | {' '.join(map(str, r['counts']))} | {r['chi_square']:.1f} | {r['probability']:.3f} |"
            for n, r in rows
        ),
        f"| all together (not independent) | {' '.join(map(str, every['counts']))} | {every['chi_square']:.1f} | |",
        "",
    ]
    TABLE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return int(worst < LEAST or not np.isfinite(worst))


if __name__ == "__main__":
    raise SystemExit(main())

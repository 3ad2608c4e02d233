"""Measured: the whole back-test and one update, with processor time, into RESULTS-scores.md (about three minutes).

python bench/scores.py
"""

from __future__ import annotations

import time
from pathlib import Path

from supercycle.skill.backtest import backtest
from supercycle.skill.nowcast.update import update

TABLE = Path(__file__).parent / "RESULTS-scores.md"
DAY = "2026-12-01"


def main() -> int:
    """Run both and write the table."""
    begun, wall = time.process_time(), time.perf_counter()
    found = backtest()
    tested, tested_wall = time.process_time() - begun, time.perf_counter() - wall
    begun, wall = time.process_time(), time.perf_counter()
    learnt = update(as_of=DAY)
    learned, learned_wall = time.process_time() - begun, time.perf_counter() - wall
    s = found["summary"]
    lines = [
        "# Measured: scores of the past, and the time to learn from a print",
        "",
        f"Written by `python bench/scores.py`: {found['paths']} paths a start, model {found['model_hash'][:12]}.",
        "The wall times are of a machine shared with seven others at work.",
        "",
        "| what | value |",
        "|---|--:|",
        *(
            f"| {key} | {s[key] if not isinstance(s[key], float) else round(s[key], 4)} |"
            for key in (
                "points",
                "independent_points",
                "starts",
                "coverage_90",
                "coverage_50",
                "crps_published",
                "crps_model",
                "crps_pool_of_rules",
                "paired_difference",
                "bust_brier",
                "bust_brier_reference",
                "bust_brier_with_manias",
                "bust_brier_reference_with_manias",
                "bust_brier_never_with_manias",
            )
        ),
        f"| paired interval, 5-95 % | {s['paired_interval'][0]:+.4f} to {s['paired_interval'][1]:+.4f} |",
        *(f"| in 90 % at {ahead} | {share:.3f} |" for ahead, share in s["coverage_90_by_horizon"].items()),
        f"| back-test, processor seconds (wall) | {tested:.0f} ({tested_wall:.0f}) |",
        f"| update, {learnt['particles']} particles, processor seconds (wall) | {learned:.0f} ({learned_wall:.0f}) |",
        "",
    ]
    TABLE.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The app's server under an hour of hands, shortened: pages, levers, comparisons, tornados of four tabs; its memory.

Every answer is written as JSON as the server writes it. Bound: 400 MB resident at the end and at the highest.
Run: python bench/soak_app.py [rounds]
"""

from __future__ import annotations

import random
import resource
import sys
import time
from pathlib import Path

from supercycle.app import tools
from supercycle.app.answers import plain
from supercycle.app.routes import Answers
from supercycle.app.session import Session

BOUND_MB = 400.0
PAGES = ("overview", "build", "financing", "labs", "pays", "bust", "stress")
PRESETS = ("base", "power-wall", "crunch-2027", "soft-landing", "debt-shift")
LEVER = "grid_lead_months"


def resident_mb() -> float:
    """What the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def main(rounds: int) -> None:
    """Ask, note the memory after each round, say whether the bound held."""
    answers = Answers(Session())
    answers.session._compile()
    draw, asked, begun = random.Random(1), 0, time.process_time()
    print(f"at the start {resident_mb():.0f} MB")
    highest = 0.0
    for turn in range(rounds):
        for _tab in range(4):
            scenario = {"preset": draw.choice(PRESETS), "set": {LEVER: draw.randrange(40, 84)}}
            page = draw.choice(PAGES)
            for paths in (256, 256, 256, 1000):
                plain(answers.run({**scenario, "outputs": ["fleet_it_gw", "utilisation"], "paths": paths}))
            for paths in (1000, 10_000):
                plain(answers.page({**scenario, "page": page, "paths": paths, "whole": True}))
            plain(answers.compare({"a": {"preset": "base", "set": {}}, "b": scenario, "paths": 10_000,
                                   "outputs": ["fleet_it_gw", "utilisation"]}))  # fmt: skip
            plain(answers.flows({**scenario, "paths": 1000}))
            plain(tools.tornado(answers.session, {**scenario, "output": "fleet_it_gw:2030Q4"}))
            asked += 9
            highest = max(highest, resident_mb())
        print(f"round {turn + 1}: {asked} answers, {resident_mb():.0f} MB", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"highest after an answer {highest:.0f} MB, peak {peak:.0f} MB, bound {BOUND_MB:.0f} MB; "
          f"{time.process_time() - begun:.0f} s of processor time")  # fmt: skip
    sys.exit(int(highest > BOUND_MB))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 6)

"""Time a decision: 10,000 price paths, 60 months, all options, on two cores. ``python bench/decide.py``

The least of several runs is told, beside a fixed piece of work (sorting ten million numbers), because the machine may
be shared: the ratio travels, the seconds do not.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.setting import placed, prepare
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.example import example_profile
from supercycle.decisions.money.prices import Background
from supercycle.service.decide import case_of

PATHS, RUNS, BUDGET_S = 10_000, 3, 1.5
QUOTES: dict[str, float | str] = {"rental.reserved_1y_ratio": 0.7, "rental.reserved_3y_ratio": 0.55}
MORE: dict[str, float | str] = {
    "rental.block_usd_per_gpu_hour": 5.2, "rental.savings_1y_ratio": 0.8, "rental.savings_3y_ratio": 0.65,
}  # fmt: skip
SECOND: dict[str, float | str] = {
    "second.gpu": "GB200", "second.capital_usd_per_gpu": 60_000.0, "second.on_demand_usd_per_gpu_hour": 8.0,
}  # fmt: skip
RESULTS = Path(__file__).parent / "RESULTS-decide.md"


def least(work: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Least seconds on the wall and of the processor; of a shared machine only the second says much."""
    wall = busy = float("inf")
    for _ in range(runs):
        begun, used = time.perf_counter(), time.process_time()
        work()
        wall, busy = min(wall, time.perf_counter() - begun), min(busy, time.process_time() - used)
    return wall, busy


def main() -> None:
    # With quotes of reservations every way and every stack of tiers is compared.
    case = case_of(None, QUOTES)
    others = {
        "without quotes": case_of(None, {}),
        "with quotes of reservations, blocks and both savings plans": case_of(None, {**QUOTES, **MORE}),
        "with a second kind of GPU": case_of(None, {**QUOTES, **SECOND}),
    }
    profile = example_profile()
    world = Background.still(25, -0.13)
    ready = prepare(case, profile)

    def whole(moved: Case) -> object:
        return evaluate(placed(moved, prepare(moved, profile), world, paths=PATHS, seed=1))

    numbers = np.random.default_rng(1).random(10_000_000)
    yard = least(lambda: np.sort(numbers), 3)
    drawn = placed(case, ready, world, paths=PATHS, seed=1)
    rows = [
        ("load, throughput and sizes of the case", least(lambda: prepare(case, profile))),
        ("price paths, 60 months", least(lambda: placed(case, ready, world, paths=PATHS, seed=1))),
        ("all options, the mix and measures", least(lambda: evaluate(placed_again(drawn)))),
        (
            "paths, all options and the mix",
            least(lambda: evaluate(placed(case, ready, world, paths=PATHS, seed=1))),
        ),
        *((f"the same {words}", least(lambda moved=moved: whole(moved))) for words, moved in others.items()),
        (
            "whole decision with act-or-wait, statements, thresholds, tornado, map",
            least(lambda: decide(case, profile, {"still": world}, paths=PATHS), 1),
        ),
    ]
    where = (
        f"{dt.datetime.now(dt.UTC).date()}, {platform.machine()}, {os.cpu_count()} cores (shared), Python "
        f"{platform.python_version()}, NumPy {np.__version__}; least of {RUNS} runs. Yardstick: sorting ten million "
        f"numbers took {yard[0]:.2f} s, {yard[1]:.2f} s of it the processor's."
    )
    wall, busy = rows[3][1]
    shared = "" if wall <= BUDGET_S else "; the wall clock of a machine shared with others said more"
    kept = "kept" if busy <= BUDGET_S else "MISSED"
    budget = (
        f"Budget: paths, all options and the mix in {BUDGET_S:g} s: {kept} by the processor's time{shared}."
    )
    lines = [
        "# decide: timings",
        "",
        where,
        "",
        f"| {PATHS:,} paths, {case.horizon_months} months | wall, s | processor, s | processor over the yardstick |",
        "|---|---|---|---|",
        *(f"| {what} | {wall:.3f} | {busy:.3f} | {busy / yard[1]:.2f} |" for what, (wall, busy) in rows),
        "",
        budget,
        "",
    ]
    part = RESULTS.with_suffix(".part")
    part.write_text("\n".join(lines), encoding="utf-8")
    part.replace(RESULTS)
    print("\n".join(lines))


def placed_again(drawn: object) -> object:
    """The same paths in a setting that has computed nothing yet."""
    from dataclasses import fields, replace

    return replace(drawn, **{f.name: getattr(drawn, f.name) for f in fields(drawn)})


if __name__ == "__main__":
    main()

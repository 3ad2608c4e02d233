"""Make the tables of docs/base-case.md again: medians of 10,000 paths beside the published ranges.

Run by hand after a change of the model (`python docs/base_case.py`); the prose is the author's to check.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np

from supercycle import service
from supercycle.equations import emit_numpy
from supercycle.figures.series import total
from supercycle.service.the_world import subject

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "base-case.md"
PATHS = 10_000


def on_paths(result: service.Result, row: dict[str, str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A row in its measure, by path."""
    run, year, key = result.run, row["year"], row["output"]
    if row["measure"] == "vintage":
        name, vintage = key.split(":")
        entities = next(d.entities for d in run.subject.derived if d.name == name)
        found = run.derived[name][list(entities).index(vintage)][run.ok]
        return found[np.isfinite(found)]
    values, quarters = run.value(key)[:, run.ok], list(run.quarters)
    if row["measure"] == "end":
        return values[quarters.index(f"{year}Q4")]
    inside = values[[i for i, q in enumerate(quarters) if q.startswith(year)]]
    if row["measure"] == "mean":
        return inside.mean(axis=0)
    past = 0.0
    if year == "2026":
        registry = run.subject.model.registry
        firms = [id.partition(":")[2] for id in registry if id.startswith("nonai_capex_open:")]
        past = total("capex_cash", firms, "2026Q1", "2026Q2", unit="USD_bn")
        if key != "five_firm_capex_usd_bn":
            past = (
                past - 2 * sum(registry[f"nonai_capex_open:{firm}"].default for firm in firms)
            ) / opening_share()
    return inside.sum(axis=0) + past


def median(result: service.Result, row: dict[str, str]) -> float:
    """The median in a row's measure, see tests/golden/test_world_ranges.py."""
    return float(np.median(on_paths(result, row)))


def mark(result: service.Result, row: dict[str, str]) -> str:
    """Where the median lies: inside, outside, or outside by no more than two of its own sampling errors."""
    paths = on_paths(result, row)
    found, low, high = float(np.median(paths)), float(row["low"]), float(row["high"])
    error = 1.2533 * float(paths.std()) / len(paths) ** 0.5  # of a median, for a bell; sqrt(pi / 2)
    beyond = max(low - found, found - high)
    return "" if beyond <= 0.0 else "at the bound" if beyond <= 2.0 * error else "**outside**"


def opening_share() -> float:
    """Hyperscalers' share of the AI build at the opening, every parameter at its default."""
    plan = subject().plan
    params = np.array([[plan.model.registry[id].default] for id in plan.model.registry])
    return float(emit_numpy.opening(plan, params)[plan.slot("hyperscaler_share_open"), 0])


def shown(value: float) -> str:
    """A number in three digits.

    >>> shown(843.9), shown(0.6803), shown(1208.0)
    ('844', '0.68', '1,208')
    """
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"


def table() -> str:
    """The ranges as a markdown table."""
    base, calm = (service.run(name, paths=PATHS, seed=1) for name in ("base", "no-bust"))
    rows = csv.DictReader(
        (ROOT / "tests" / "golden" / "published_ranges.csv").read_text(encoding="utf-8").splitlines()
    )
    lines = ["| output | year | base | no bust | range | | range rests on |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        found = median(base, row)
        lines.append(
            f"| `{row['output']}` | {row['year']} | {shown(found)} | {shown(median(calm, row))} "
            f"| {row['low']} to {row['high']} | {mark(base, row)} | {row['rests_on']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    from made_with import stamped

    text = PAGE.read_text(encoding="utf-8")
    made = re.sub(r"\| output \| year \|.*?\n\n", lambda _: table() + "\n\n", text, flags=re.DOTALL)
    PAGE.write_text(stamped(made), encoding="utf-8")
    print(f"wrote {PAGE}")

"""The base case against published ranges and guidance: what lies outside is explained in docs/base-case.md."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from functools import cache
from pathlib import Path

import numpy as np

from supercycle import service
from supercycle.figures.series import latest, quarterly

HERE = Path(__file__).resolve()
PAGE = (HERE.parents[2] / "docs" / "base-case.md").read_text(encoding="utf-8")
_spec = importlib.util.spec_from_file_location("base_case", HERE.parents[2] / "docs" / "base_case.py")
assert _spec is not None
assert _spec.loader is not None
PAGE_MAKER = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(PAGE_MAKER)
BOUNDS = "bb97fe6d225e8f5dfaa7879cd41de6b9efa1985feed73b577d322d0a7a50f6f4"
MOST = 4
NEAR = 0.02
WITH_GUIDANCE = ("Microsoft", "Alphabet", "Amazon", "Meta")


@cache
def base() -> service.Result:
    return service.run("base", paths=1000, seed=1, kernel="numpy")


def rows() -> list[dict[str, str]]:
    """The published ranges."""
    return list(
        csv.DictReader((HERE.parent / "published_ranges.csv").read_text(encoding="utf-8").splitlines())
    )


def outside(near: float) -> list[str]:
    """Rows whose median on 1,000 paths lies outside by more than ``near`` of the larger bound."""
    found: list[str] = []
    for row in rows():
        median, low, high = PAGE_MAKER.median(base(), row), float(row["low"]), float(row["high"])
        slack = near * max(abs(low), abs(high))
        if not low - slack <= median <= high + slack:
            found.append(f"{row['output']} {row['year']} = {median:.4g}")
    return found


def test_the_bounds_are_those_that_were_published_first() -> None:
    """A bound changes with a newly cited source only, and this line with it; which output a row asks is not in it."""
    bounds = "\n".join(",".join((r["year"], r["low"], r["high"], r["measure"])) for r in rows())
    assert hashlib.sha256(bounds.encode()).hexdigest() == BOUNDS


def test_at_most_four_rows_lie_outside_the_published_ranges() -> None:
    """On the page's 10,000 paths by its marks, which are of today's model (tests/docs); here on 1,000 paths as well."""
    table = PAGE.split("## Published ranges")[1].split("\n## ")[0]
    marked = [line for line in table.splitlines() if "**outside**" in line]
    assert len(marked) <= MOST, marked
    # a median of 1,000 paths moves by a per cent or two: a row that close to its bound is counted by the page
    assert len(outside(NEAR)) <= MOST, outside(NEAR)


def test_what_lies_outside_the_published_ranges_is_explained() -> None:
    explained = PAGE.split("## Outside, and why")[1].split("\n## ")[0]
    for line in outside(NEAR):
        output, year = line.split(" ")[:2]
        assert f"`{output}`" in explained, f"{line}: not explained"
        after = explained.split(f"`{output}`")[1][:40]
        assert ":" in output or year in after, line


def test_capex_of_2026_agrees_with_guidance_after_the_bridge_to_cash() -> None:
    """Microsoft guides including finance leases, Meta including lease principal; cash is what the model has."""
    microsoft = quarterly("capex_cash", "Microsoft")
    leased = quarterly("capex_incl_finance_leases", "Microsoft")
    ratio = sum(microsoft[q].value for q in leased) / sum(row.value for row in leased.values())
    principal = 4 * list(quarterly("finance_lease_principal_payments", "Meta").values())[-1].value
    guided = {firm: latest("capex_guidance", firm).value for firm in WITH_GUIDANCE}
    bridged = guided["Amazon"] + guided["Alphabet"] + guided["Meta"] - principal + guided["Microsoft"] * ratio
    run = base().run
    modelled = 0.0
    for firm in WITH_GUIDANCE:
        cash = quarterly("capex_cash", firm)
        reported = sum(row.value for quarter, row in cash.items() if str(quarter) in ("2026Q1", "2026Q2"))
        modelled += reported + float(
            np.median(run.value(f"firm_capex_usd_bn:{firm}")[:2, run.ok].sum(axis=0))
        )
    assert abs(modelled / bridged - 1.0) <= 0.05, f"modelled {modelled:.0f}, bridged guidance {bridged:.0f}"

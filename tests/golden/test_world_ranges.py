"""The base case against published ranges and guidance: what lies outside is explained in docs/base-case.md."""

from __future__ import annotations

import csv
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
WITH_GUIDANCE = ("Microsoft", "Alphabet", "Amazon", "Meta")


@cache
def base() -> service.Result:
    return service.run("base", paths=1000, seed=1, kernel="numpy")


def test_what_lies_outside_the_published_ranges_is_explained() -> None:
    rows = list(
        csv.DictReader((HERE.parent / "published_ranges.csv").read_text(encoding="utf-8").splitlines())
    )
    explained = PAGE.split("## Outside, and why")[1].split("\n## ")[0]
    near = 0.03  # a median of 1,000 paths moves by a few per cent: a row this close to a bound may fall on either side
    for row in rows:
        found, low, high = PAGE_MAKER.median(base(), row), float(row["low"]), float(row["high"])
        slack = near * max(abs(low), abs(high))
        if not low - slack <= found <= high + slack:
            assert f"`{row['output']}`" in explained, f"{row['output']} = {found:.4g}: not explained"
            after = explained.split(f"`{row['output']}`")[1][:40]
            assert row["measure"] == "vintage" or row["year"] in after, f"{row['output']} {row['year']}"


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

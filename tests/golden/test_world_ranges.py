"""The base case against published ranges and guidance: what lies outside is explained in docs/base-case.md."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np

from supercycle import service
from supercycle.figures.series import latest, quarterly, total

HERE = Path(__file__).resolve()
PAGE = (HERE.parents[2] / "docs" / "base-case.md").read_text(encoding="utf-8")
OPENING_SHARE = 0.69  # hyperscalers' part of the AI build at the defaults, see docs/base-case.md
WITH_GUIDANCE = ("Microsoft", "Alphabet", "Amazon", "Meta")


@cache
def base() -> service.Result:
    return service.run("base", paths=1000, seed=1, kernel="numpy")


def median(row: dict[str, str]) -> float:
    """The base case's median in the measure of a row: year end, year total, mean of quarters, or vintage."""
    run, year, key = base().run, row["year"], row["output"]
    if row["measure"] == "vintage":
        name, vintage = key.split(":")
        entities = next(d.entities for d in run.subject.derived if d.name == name)
        return float(np.nanmedian(run.derived[name][list(entities).index(vintage)][run.ok]))
    values, quarters = run.value(key)[:, run.ok], list(run.quarters)
    if row["measure"] == "end":
        return float(np.median(values[quarters.index(f"{year}Q4")]))
    inside = values[[i for i, q in enumerate(quarters) if q.startswith(year)]]
    if row["measure"] == "mean":
        return float(np.median(inside.mean(axis=0)))
    return float(np.median(inside.sum(axis=0))) + (first_half(key) if year == "2026" else 0.0)


def first_half(key: str) -> float:
    """2026H1: reported for the five; for the world, their AI part at the model's opening share of the build."""
    registry = base().run.subject.model.registry
    firms = [id.partition(":")[2] for id in registry if id.startswith("nonai_capex_open:")]
    five = total("capex_cash", firms, "2026Q1", "2026Q2", unit="USD_bn")
    if key == "five_firm_capex_usd_bn":
        return five
    other = sum(registry[f"nonai_capex_open:{firm}"].default for firm in firms)
    return (five - 2 * other) / OPENING_SHARE


def test_what_lies_outside_the_published_ranges_is_explained() -> None:
    rows = list(
        csv.DictReader((HERE.parent / "published_ranges.csv").read_text(encoding="utf-8").splitlines())
    )
    explained = PAGE.split("## Outside, and why")[1].split("\n## ")[0]
    near = 0.03  # a median of 1,000 paths moves by a few per cent: a row this close to a bound may fall on either side
    for row in rows:
        found, low, high = median(row), float(row["low"]), float(row["high"])
        slack = near * max(abs(low), abs(high))
        named = f"`{row['output']}` {row['year']}" in explained or (
            f"`{row['output']}`" in explained
            and f" {row['year']}" in explained.split(f"`{row['output']}`")[1][:40]
        )
        if not low - slack <= found <= high + slack:
            assert named or row["output"].endswith(row["year"]), (
                f"{row['output']} {row['year']} = {found:.4g}: not explained"
            )


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

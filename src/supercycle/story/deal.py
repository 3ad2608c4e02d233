"""A deal's report: its answer in a sentence, its first numbers, its sections, and how to run it again."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

from supercycle.service.deal import DealResult
from supercycle.story.deal_charts import deal_sections

__all__ = ["deal_report_data", "headline"]

MONEY = {"USD": ("USD", 1.0), "USD_m": ("USD bn", 1e-3), "USD_bn": ("USD bn", 1.0)}


def deal_report_data(found: DealResult) -> dict[str, Any]:
    """Everything the one-file report shows; the page is the world report's."""
    body = found.body
    many = found.many or found.run
    tranches = len(body["tranches"])
    return {
        "schema": body["schema"],
        "headline": headline(body),
        "manifest": {
            **({"paths": body["manifest"]["paths"]} if found.many else {}), "seed": body["manifest"]["seed"],
            "command": body["manifest"]["command"], "versions": body["manifest"]["versions"],
        },
        "books": {
            "residual_max": max(found.run.residual, many.residual),
            "checked": many.paths * len(body["periods"]) * (1 + tranches),
        },
        "outputs": {},
        "report": {
            "title": body["title"] or body["name"],
            "subtitle": f"{body['case']} · {body['periods'][0]} to {body['periods'][-1]} · {body['money']}",
            "created": _today(),
            "headline_parts": _parts(body),
            "sections": deal_sections(found),
            "reproduce": {"cli": body["manifest"]["command"], "python": body["manifest"]["python"]},
            "notes": _notes(body),
        },
    }  # fmt: skip


def headline(body: Mapping[str, Any]) -> str:
    """The deal in one or two sentences, from its own result."""
    unit, scale = MONEY[body["money"]]
    said: list[str] = []
    for name, one in body["tranches"].items():
        life = f", average life {one['wal_years']:.1f} years" if one["wal_years"] is not None else ""
        rate = f" at {100 * one['irr']:.2f} % a year" if one["irr"] is not None else ""
        lost = one["loss_share"]
        end = f"{100 * lost:.1f} % is lost" if lost > 1e-9 else "repaid in full"
        if body["end_state"] == "accelerated" and lost <= 1e-9:
            end += ", out of a forced sale"
        said.append(f"{name.replace('_', ' ')}: {unit} {scale * one['drawn']:,.3g}{rate}{life}, {end}")
    rests = " ".join(body["rests_on"].split()).rstrip(".")
    text = f"Rests on: {rests}. " if rests else ""
    text += "; ".join(said) + "."
    if body["non_renewal"]:
        case = body["non_renewal"][0]
        losses = _losses(case["holders"])
        bare = _losses(case.get("holders_without_guarantor", {}))
        text += f" If the tenant leaves after {case['years']:g} years, {losses}"
        text += f"; if the guarantor does not pay, {bare}." if bare else "."
    return text[:1].upper() + text[1:]


def _losses(holders: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} lose {100 * one['share']:.1f} %"
        for name, one in holders.items()
        if one["share"] is not None and name != "equity_holders"
    )


def _today() -> str:
    """Today, or the day SOURCE_DATE_EPOCH names, so that a report can be made again byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.date().isoformat()


def _parts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """First-screen numbers."""
    parts: list[dict[str, Any]] = []
    money, start = body["money"], body["construction"]
    parts.append({"label": "Sources = uses until operations", "value": start["total_sources"], "unit": money,
                  "note": f"by {start['until']}"})  # fmt: skip
    for name, one in body["tranches"].items():
        level = body["level_payment"][name]
        note = f"{name.replace('_', ' ')}, average life"
        parts.append({"label": note, "value": f"{one['wal_years']:.1f}" if one["wal_years"] is not None else None,
                      "unit": "year", "note": ""})  # fmt: skip
        if level:
            parts.append({"label": f"{name.replace('_', ' ')}, level debt service", "value": level["service_a_year"],
                          "unit": f"{money}/year", "note": "if repaid in equal payments"})  # fmt: skip
    for test in body["tests"].values():
        known = [v for v in test["values"] if v is not None]
        if known:
            worst = max(known) if test["measure"] == "ltv" else min(known)
            parts.append({"label": f"Worst {test['measure'].upper()}", "value": f"{worst:.2f}x", "unit": "",
                          "note": f"trap {test['trap']:g}x" if test["trap"] else ""})  # fmt: skip
            break
    price = body["break_even"]["price"]["paid_on_time"]
    if price["level"] is not None:
        parts.append({"label": "Break-even rent or price", "value": price["level"], "unit": "share",
                      "note": "of what is written; below it the deal defaults"})  # fmt: skip
    for one in body["guarantees"]:
        if one["share_of_debt"] is not None:
            parts.append({"label": f"Debt open when {one['name']} ends", "value": one["share_of_debt"],
                          "unit": "share", "note": one["until"]})  # fmt: skip
    lessee = body["lessee"]
    if lessee and "without_guarantee" in lessee:
        label = lessee["without_guarantee"]["us_gaap"]
        other = lessee["with_guarantee"]["us_gaap"]
        parts.append({"label": "Lease under US GAAP", "value": label, "unit": "",
                      "note": f"{other} if the whole guarantee counts"})  # fmt: skip
    spread = body["distribution"]
    if spread:
        for name, one in spread["tranches"].items():
            parts.append({"label": f"Expected loss, {name.replace('_', ' ')}", "value": one["loss_mean"],
                          "unit": "share", "note": f"99th percentile {100 * one['loss_q99']:.1f} %"})  # fmt: skip
    return parts


def _notes(body: Mapping[str, Any]) -> list[str]:
    notes = [
        "Books: sources - uses = change of all accounts in every period of every path; every tranche rolls forward.",
        *body["notes"],
    ]
    if body["world"]:
        world = body["world"]
        notes.append(
            f"World: {world['kind']} {world['name']}, {world['paths']:,} paths; {world['rule']}. Of "
            f"{world['periods']} periods {world['periods_before']} lie wholly before the world's quarters and "
            f"{world['periods_after']} after them."
        )
    return notes

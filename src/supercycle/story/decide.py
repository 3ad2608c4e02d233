"""A decision's report: the answer, what it stands on, when to act, and what would change it; the page is the
world's.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from typing import Any

from supercycle.story.decide_charts import decide_sections

__all__ = ["decide_report_data"]

Body = Mapping[str, Any]


def decide_report_data(body: Body, again: Mapping[str, str]) -> dict[str, Any]:
    """Everything the one-file report shows, from a decision's record."""
    case = body["case"]
    return {
        "schema": body["schema"],
        "headline": body["headline"],
        "manifest": {"paths": case["paths"], "start": case["start"], "command": again["cli"]},
        "outputs": {},
        "report": {
            "title": f"Own, lease, reserve or call an API: {body['title']}",
            "subtitle": f"{case['horizon_months']} months from {case['start']} · world {case['background']} · "
            f"{case['paths']:,} price paths",
            "created": _today(),
            "headline_parts": _parts(body),
            **_certainty(body),
            "sections": decide_sections(body),
            "assumptions": _assumptions(body),
            "reproduce": dict(again),
            "notes": list(body["notes"]),
        },
    }


def _today() -> str:
    """Today, or the day SOURCE_DATE_EPOCH names, so that a report can be made again byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.date().isoformat()


def _certainty(body: Body) -> dict[str, Any]:
    """What carries the spread of the saving, as far as the inputs' ranges say; what the user stated is left out."""
    found = body["evidence"]
    if found is None:
        return {}
    lines = {line["path"]: line for line in body["assumptions"]}
    first, second = [one["label"] for one in body["ranking"] if one["name"] != "mix"][:2]
    judgements = [
        {
            "parameter": path,
            "label": lines[path]["meaning"],
            "share_of_variance": share,
            "evidence": lines[path]["evidence"],
            "output": f"saving of {first} over {second}",
        }
        for path, share in sorted(found["inputs"].items(), key=lambda one: -one[1])
        if lines[path]["evidence"] != "given" and share > 0
    ]
    shares = {kind: found["shares"].get(kind, 0.0) for kind in ("measured", "published", "judgement")}
    return {"judgements": judgements, "evidence_share": shares}


def _beside(body: Body) -> str:
    """What else the plan holds, beside the GPUs that are bought for the model."""
    plan, pair, two = body["plan"], body["routed"], body["two_kinds"]
    small = plan.get("owned GPUs, small model", 0.0) if pair else 0.0
    more = f"and {small:.0f} {pair['small_gpu']} for {pair['small_model']}; " if small else ""
    second = (
        plan.get("owned GPUs, second kind", 0.0) if two else 0.0
    )  # of all on it, the first tile says how many
    more += f"and {second:.0f} {two['second_gpu']}; " if second else ""
    holds = any(plan[key] for key in ("owned GPUs", "reserved GPUs, three years", "reserved GPUs, one year"))
    return f"{more}{'the rest' if holds or more else 'all of it'}: {plan['top']}"


def _amount(best: Mapping[str, Any]) -> dict[str, Any]:
    """The cost of an option with its range, in millions, or in dollars where a million is too large a unit."""
    mean, low, high = (best[key] for key in ("mean", "p10", "p90"))
    if abs(mean) >= 1e5:
        return {
            "value": mean / 1e6,
            "unit": "USD_m",
            "note": f"after tax, {low / 1e6:.1f} to {high / 1e6:.1f}",
        }
    return {"value": f"{mean:,.0f}", "unit": "USD", "note": f"after tax, {low:,.0f} to {high:,.0f}"}


def _parts(body: Body) -> list[dict[str, Any]]:
    best, plan = body["ranking"][0], body["plan"]
    waits, even = body["act_or_wait"], body["break_even"]
    parts = [
        {
            "label": "Buy now",
            "value": f"{plan['owned GPUs']:.0f}",
            "unit": body["throughput"]["gpu"],
            "note": _beside(body),
        },
        {
            "label": f"Recommended: {best['label']}",
            **_amount(best),
        },
        {
            "label": "Cost per million tokens",
            "value": f"{best['levelised_usd_per_mtok']:.3g}",
            "unit": "USD/Mtok",
            "note": f"{best['levelised_p10']:.2g} to {best['levelised_p90']:.2g}",
        },
        {"label": "It is the cheapest on", "value": best["best_share"], "unit": "share", "note": "of paths"},
    ]
    if even is not None:
        parts.append(
            {
                "label": "Use of the GPUs you would own",
                "value": even["measured_use"],
                "unit": "share",
                "note": "measured load over capacity",
            }
        )
    for rival in even["rivals"] if even is not None else ():
        use = rival["break_even_use"]
        parts.append(
            {
                "label": f"Break-even use against {rival['rival']}",
                "value": use if use is not None and use <= 1 else "never",
                "unit": "share" if use is not None and use <= 1 else "",
                "note": "at today's prices",
            }
        )
    if waits is not None:
        parts.append(
            {
                "label": "Act or wait",
                "value": {"act now": "now", "wait": "wait", "do not buy": "no"}[waits["verdict"]],
                "unit": "",
                "note": f"{waits['verdict']}: {waits['buying']}",
            }
        )
    return parts


def _assumptions(body: Body) -> list[dict[str, Any]]:
    return [
        {
            "id": line["path"],
            "label": line["meaning"],
            "block": line["path"].partition(".")[0],
            "unit": line["unit"],
            "default": line["value"],
            "value": line["value"],
            "low": line["low"],
            "high": line["high"],
            "evidence": "judgement" if line["evidence"] in ("judgement", "given") else line["evidence"],
            "source": line["source"] + (" STALE" if line["stale"] else ""),
            "reason": line["source"],
        }
        for line in body["assumptions"]
        if isinstance(line["value"], float) and line["low"] is not None and line["high"] is not None
    ]

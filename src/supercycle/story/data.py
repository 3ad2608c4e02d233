"""The report's data: a result dict with first-screen numbers, judgements, sections, assumptions, reproduction."""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from supercycle.skill.past_bands import shown_model, told_of
from supercycle.skill.scored.recorded import advice, past_scores
from supercycle.story.bust import bust_data, bust_section
from supercycle.story.charts import Body
from supercycle.story.record import with_record
from supercycle.story.sections import sections

__all__ = ["report_data"]

KEY_OUTPUTS = {
    "fleet_it_gw": "AI power energised, 2030",
    "five_firm_capex_usd_bn": "Five-firm capex, 2030",
    "ai_revenue_run_rate": "AI revenue, 2030",
    "vintage_irr_external:2027": "Return of 2027 chips, outside cash",
    "vintage_irr_imputed:2027": "Return of 2027 chips with captive use",
}
SHOWN_DRIVERS = 4


def report_data(body: Body, result: Any) -> dict[str, Any]:
    """Everything the one-file report shows, from ``Result.to_dict()`` and the ``Result`` itself."""
    judgements, evidence = _drivers(result)
    return {
        **body,
        "report": {
            "title": "The AI capital cycle",
            "subtitle": _subtitle(body),
            "created": _today(),
            "headline_parts": _parts(body),
            "judgements": judgements,
            "evidence_share": evidence,
            "sections": with_record(_with_bust(sections(body), result.run), shown_model(result)),
            "assumptions": _assumptions(result),
            "reproduce": {"cli": body["manifest"]["command"], "python": _python(body)},
            "notes": [
                "Numbers are quantiles over simulated paths, not a forecast; bands hold half and nine tenths of them.",
                told_of(shown_model(result)),
                _books(body),
                advice(past_scores(), shown_model(result)),
                "Judgements carry most of the variance; the list on the first screen says which.",
            ],
        },
    }


def _with_bust(made: list[dict[str, Any]], run: Any) -> list[dict[str, Any]]:
    """The sections, with who loses in a bust before the losses over time."""
    found = bust_data(run)
    if found is None:
        return made
    at = next((i for i, one in enumerate(made) if one["id"] == "losses"), len(made))
    return [*made[:at], bust_section(found), *made[at:]]


def _books(body: Body) -> str:
    books = body["books"]
    return (
        f"Books close on every path and quarter: largest residual {books['residual_max']:.1e} of gross flows over "
        f"{books['checked']:,} checks. Closed books say nothing about prices."
    )


def _today() -> str:
    """Today, or the day SOURCE_DATE_EPOCH names, so that a report can be made again byte for byte."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = dt.datetime.fromtimestamp(int(epoch), dt.UTC) if epoch else dt.datetime.now(dt.UTC)
    return moment.date().isoformat()


def _subtitle(body: Body) -> str:
    manifest = body["manifest"]
    preset = manifest["scenario"].get("title") or manifest["scenario"].get("preset") or "scenario"
    return f"{preset} · {manifest['paths']:,} paths to {manifest['until']} · seed {manifest['seed']}"


def _parts(body: Body) -> list[dict[str, Any]]:
    """First-screen numbers at 2030, with their range in the note."""
    parts: list[dict[str, Any]] = []
    for key, label, scale, unit in (
        ("fleet_it_gw", "AI power energised, IT", 1.0, "GW"),
        ("five_firm_capex_usd_bn", "Five-firm capex, a year", 4.0, "USD_bn/year"),
        ("ai_revenue_run_rate", "AI revenue, run rate", 1.0, "USD_bn/year"),
        ("required_user_cost", "Revenue that would carry the fleet", 1.0, "USD_bn/year"),
        ("ai_debt_usd_bn", "AI debt outstanding", 1.0, "USD_bn"),
    ):
        out = body["outputs"].get(key)
        if not out:
            continue
        i = max((j for j, q in enumerate(out["quarters"]) if q <= "2030Q4"), default=-1)
        low, high = scale * out["q05"][i], scale * out["q95"][i]
        parts.append(
            {
                "label": label,
                "value": scale * out["q50"][i],
                "unit": unit,
                "note": f"{out['quarters'][i]}, {low:,.0f} to {high:,.0f}",
            }
        )
    for name, label in (
        ("vintage_irr_external", "Return of 2027 chips, outside cash"),
        ("vintage_irr_imputed", "Return of 2027 chips with captive use"),
    ):
        out = body.get("derived", {}).get(name)
        if out and "2027" in out["entities"]:
            j = out["entities"].index("2027")
            if out["q50"][j] is not None:
                parts.append(
                    {
                        "label": label,
                        "value": out["q50"][j],
                        "unit": "share",
                        "note": f"{_percent(out['q05'][j])} to {_percent(out['q95'][j])}",
                    }
                )
    busted = body["outputs"].get("busted")
    if busted:
        parts.append(
            {
                "label": "Paths with a bust",
                "value": busted["mean"][-1],
                "unit": "share",
                "note": f"by {busted['quarters'][-1]}",
            }
        )
    return parts


def _percent(share: float) -> str:
    """As the front end writes it: a true minus, no space.

    >>> _percent(-0.07), _percent(0.18), _percent(-0.001)
    ('\u22127%', '18%', '0%')
    """
    text = f"{abs(100 * share):.0f}%"
    return f"\u2212{text}" if share < 0 and text != "0%" else text


def _drivers(result: Any) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """The largest drivers of each key output, and the evidence behind its variance, averaged over the outputs."""
    from supercycle.engine.drivers import FEWEST_PATHS, drivers

    run = result.run
    keys = [key for key in KEY_OUTPUTS if key in run.outputs or key.partition(":")[0] in run.derived]
    if not keys or int(run.ok.sum()) < FEWEST_PATHS:
        return [], {}
    found = drivers(run, keys, "2030Q4" if "2030Q4" in run.quarters else run.quarters[-1])
    evidence = {
        kind: sum(one.evidence.get(kind, 0.0) for one in found.values()) / len(found)
        for kind in ("measured", "published", "judgement")
    }
    evidence["unexplained"] = sum(one.unexplained for one in found.values()) / len(found)
    rows = [
        {
            "parameter": share.parameter,
            "label": share.label,
            "share_of_variance": share.share,
            "evidence": share.evidence,
            "output": KEY_OUTPUTS[key],
        }
        for key, one in found.items()
        for share in one.shares[:SHOWN_DRIVERS]
    ]
    return rows, evidence


def _assumptions(result: Any) -> list[dict[str, Any]]:
    """Every parameter with range, evidence and source; ``value`` is the setting, or the default sampled around."""
    run = result.run
    rows: list[dict[str, Any]] = []
    for id, param in run.subject.model.registry.items():
        shown = run.scenario.param(run.subject.model.registry, id)
        rows.append(
            {
                "id": id,
                "label": param.label,
                "block": param.block,
                "unit": param.unit,
                "default": param.default,
                "low": shown.low,
                "high": shown.high,
                "value": run.scenario.set.get(id, shown.default),
                "evidence": param.evidence,
                "source": param.source,
                "reason": param.reason,
            }
        )
    return rows


def _python(body: Body) -> str:
    """The same run from Python."""
    manifest = body["manifest"]
    scenario = manifest["scenario"]
    settings = f", set={scenario['set']!r}" if scenario.get("set") else ""
    return (
        f"import supercycle\nresult = supercycle.run({scenario.get('preset', 'base')!r}{settings}, "
        f"paths={manifest['paths']}, seed={manifest['seed']}, until={manifest['until']!r})\nprint(result.headline)"
    )

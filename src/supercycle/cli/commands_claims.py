"""``supercycle claims``: famous statements, recomputed."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.render import print_json

__all__ = ["claims"]


def claims(
    id: Annotated[str | None, Parameter(help="One claim; without it, all of them.")] = None,
    /,
    *,
    set: Annotated[
        list[str] | None,
        Parameter(
            name="--set", consume_multiple=False, negative=(), help="input=value[unit], may be repeated."
        ),
    ] = None,
    run: Annotated[bool, Parameter(negative=(), help="Also simulate the claim on the world.")] = False,
    preset: Annotated[str, Parameter(help="The scenario to simulate it in.")] = "base",
    paths: Annotated[int, Parameter(converter=whole(1, MOST_PATHS), help="How many paths.")] = 1000,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Seed of the draws.")] = 1,
    json: Annotated[bool, Parameter(negative=(), help="Print one JSON object.")] = False,
) -> int:
    """List every claim with its verdict, or show one: inputs, formula, value, and what it would take to hold."""
    from supercycle.claims.records import describe, list_claims
    from supercycle.core.errors import UsageError

    if id is None and run:
        raise UsageError("--run needs a claim", hint="Try: supercycle claims required_revenue --run")
    if id is None and set:
        raise UsageError(
            "--set needs a claim", hint="Try: supercycle claims required_revenue --set return_share=0.13"
        )
    if id is None:
        found = list_claims()
        if json:
            print_json(found)
        else:
            _all(found)
        return 0
    one = describe(id, set or ())
    if run:
        from supercycle.claims.scenario import simulated

        one["simulated"] = simulated(one["id"], preset, paths, seed)
        one["three"] = {
            "published": one["published"],
            "recomputed": one["ours"],
            "model": {key: one["simulated"]["quantiles"][key] for key in ("q05", "q50", "q95")},
        }
        if one["bridge"]:
            from supercycle.claims.bridge import bridge, model_steps, steps_table

            one["bridge"] = steps_table((*bridge(), *model_steps(preset, paths, seed)))
    if json:
        print_json(one)
    else:
        _one(one)
    return 0


def _all(found: dict[str, Any]) -> None:
    from supercycle.cli.render import number, records

    rows = [
        {
            "claim": row["id"],
            "who": row["who"],
            "printed": row["printed"] or number(row["published"]),
            "unit": row["unit"],
            "ours": number(row["ours"]),
            "verdict": row["verdict"],
        }
        for row in found["claims"]
    ]
    told = ", ".join(f"{count} {name}" for name, count in found["verdicts"].items())
    records(rows, f"{found['count']} claims: {told}")


def _one(found: dict[str, Any]) -> None:
    from supercycle.cli.render import facts, number, records

    skipped = ("inputs", "what_it_takes", "readings", "changed", "simulated", "id", "three", "bridge", "span")
    records([], found["id"])
    facts({key: value for key, value in found.items() if key not in skipped})
    shown = ("name", "value", "unit", "evidence", "figure", "source")
    if found["inputs"]:
        records([{key: item[key] for key in shown} for item in found["inputs"]], "inputs")
    readings = [
        {
            "reading": r["label"],
            "value": number(r["value"]),
            "unit": r["unit"],
            "inputs": ", ".join(f"{item['name']} {number(item['value'])}" for item in r["inputs"]),
        }
        for r in found["readings"]
    ]
    if readings:
        records(readings, "other readings")
    if found["what_it_takes"]:
        facts(
            {"to hold, one input alone": [{"input": change["sentence"]} for change in found["what_it_takes"]]}
        )
    for r in found["readings"]:
        if r["what_it_takes"]:
            facts({f"read as {r['label']}": [{"input": change["sentence"]} for change in r["what_it_takes"]]})
    if found["changed"]:
        changed = found["changed"]
        told = ", ".join(f"{name} = {value:g}" for name, value in changed["set"].items())
        facts({"with": told, "value": number(changed["value"]), "holds": changed["holds"]})
    if found["bridge"]:
        steps = [
            {
                "reading": row["label"],
                "USD bn a year": number(row["value"]),
                "adds": number(row["adds"]),
                "5-95 %": "" if row["low"] is None else f"{number(row['low'])} to {number(row['high'])}",
                "what it says": row["why"],
            }
            for row in found["bridge"]
        ]
        records(steps, "from one reading to the next")
    if "three" in found:
        model = found["three"]["model"]
        facts(
            {
                "published": found["printed"] or number(found["published"]),
                "recomputed from its inputs": number(found["ours"]),
                "the model's own, 5-50-95 %": " / ".join(number(model[key]) for key in ("q05", "q50", "q95")),
            }
        )
    if "simulated" in found:
        facts({"on the world": found["simulated"]})

"""The charts of a decision's report: the answer, break-even and mix, when to act, other worlds, and thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["decide_sections"]

Body = Mapping[str, Any]
_SOURCE = "supercycle decide"


def decide_sections(body: Body) -> list[dict[str, Any]]:
    """All sections that have something to draw."""
    made = [
        {
            "id": "question",
            "title": "The question",
            "lead": f"{body['load']['words']}. {body['quality']['words']}",
            "charts": _question(body),
        },
        {
            "id": "answer",
            "title": "The answer",
            "lead": "All options serve the same load at the same promise, on the same paths "
            "of prices, after tax, at one discount rate.",
            "charts": _answer(body),
        },
        {
            "id": "even",
            "title": "Break-even and the plan",
            "lead": "Owning pays when the hours are used. Prices here are today's; the "
            "ranking above adds what load and prices do next.",
            "charts": _even(body),
        },
        {
            "id": "wait",
            "title": "Act or wait",
            "lead": "The right to buy once, at the start of a year. The rule is fitted on half of the paths and "
            "valued on the other half; where acting now is worth more there, that is the answer.",
            "charts": _wait(body),
        },
        {
            "id": "worlds",
            "title": "Other worlds",
            "lead": " ".join(w["because"] for w in body["worlds"][1:]),
            "charts": _worlds(body),
        },
        {
            "id": "change",
            "title": "What would change the answer",
            "lead": "Of the single ways: a mixture is made of them and would hide which one wins.",
            "charts": _change(body),
        },
        {
            "id": "books",
            "title": "Statements of the cheapest",
            "lead": "Means over paths; the balance closes to the cent.",
            "charts": _books(body),
        },
    ]
    return [section for section in made if section["charts"]]


def _table(
    id: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], note: str = "", unit: str = ""
) -> dict[str, Any]:
    return {
        "id": id,
        "title": title,
        "kind": "table",
        "unit": unit,
        "columns": list(columns),
        "rows": [list(r) for r in rows],
        "source": _SOURCE,
        "note": note,
    }


# Further tiers of a plan, in plain words, where it has them; a second fleet serves the small model.
_MORE = {
    "GPUs that blocks reach to": "GPUs that capacity blocks reach to, on the days that need them",
    "GPUs under a savings plan": "GPUs to sign a savings plan for",
    "owned GPUs, small model": "GPUs to buy now for the small model",
    "reserved GPUs, three years, small model": "GPUs to reserve for three years for the small model",
    "reserved GPUs, one year, small model": "GPUs to reserve for one year for the small model",
    "seats": "seats to buy",
}


def _question(body: Body) -> list[dict[str, Any]]:
    """What was asked: the load, the models, the promise, the machine, the counts."""
    load, rate, plan = body["load"], body["throughput"], body["plan"]
    rows = [
        ["source of the load", load["source"]],
        ["tokens a month, million", round(load["mtok_per_month"])],
        ["requests a month", round(load["requests_per_month"])],
        ["busiest hour over the mean", round(load["peak_over_mean"], 2)],
        ["models in use", ", ".join(one["model"] for one in load["models"])],
        ["bill at the API today, USD a month", round(load["api_usd_per_month"])],
        ["open-weights model", f"{rate['model']} at {rate['precision']}"],
        ["GPU", rate["gpu"]],
        ["promise", rate["promise"]],
        ["output tokens/s of a GPU at the promise", f"{rate['output_tok_s_gpu']:,.0f} ({rate['method']})"],
        ["GPUs of a replica", rate["gpus_per_replica"]],
        ["GPUs busy on average, today", round(rate["busy_gpus"], 2)],
        ["GPUs needed in the busiest hour, today", round(rate["gpus_at_the_peak"])],
        ["GPUs to buy now", round(plan["owned GPUs"])],
        ["GPUs to reserve now", round(plan["reserved GPUs, three years"] + plan["reserved GPUs, one year"])],
        *([label, round(plan[key])] for key, label in _MORE.items() if plan.get(key)),
        ["the rest", plan["top"]],
    ]
    return [_table("question", "What was asked", ["asked", "value"], rows)]


def _answer(body: Body) -> list[dict[str, Any]]:
    ranking = body["ranking"]
    return [
        {
            "id": "ranking",
            "title": "Levelised cost, after tax",
            "kind": "bars",
            "unit": "USD/Mtok",
            "x": [one["label"] for one in ranking],
            "series": [
                {"key": None, "label": "mean", "values": [one["levelised_usd_per_mtok"] for one in ranking]}
            ],
            "source": _SOURCE,
            "note": "A constant price per million tokens, prompts with caches and answers, that would cost the same.",
        },
        _table(
            "options",
            "The options",
            [
                "option",
                "mean USD m",
                "P10",
                "P50",
                "P90",
                "mean of the worst 5 %",
                "USD per 1,000 accepted answers",
                "peak cash USD m",
                "cheapest on",
                "kg CO2 per Mtok",
                "recommended",
            ],
            [
                [
                    one["label"],
                    *(round(one[k] / 1e6, 3) for k in ("mean", "p10", "p50", "p90", "cvar")),
                    round(one["usd_per_1000_accepted"], 4),
                    round(one["peak_cash"] / 1e6, 3),
                    f"{100 * one['best_share']:.0f} %",
                    "not disclosed" if one["kg_co2_per_mtok"] is None else round(one["kg_co2_per_mtok"], 4),
                    f"no: {one['barred']}" if one["barred"] else "yes",
                ]
                for one in ranking
            ],
            "Present value after tax of what each costs; peak cash is the most spent above the API by any month.",
        ),
        _fan(body, "rent_usd_per_gpu_hour", "Rent of a GPU-hour", "USD/GPU/h"),
        _fan(body, "api_usd_per_mtok", "Price of the API in use", "USD/Mtok"),
    ]


def _fan(body: Body, name: str, title: str, unit: str) -> dict[str, Any]:
    levels = body["forward"][name]
    months = [str(month) for month in range(len(levels[0]))]
    return {
        "id": name,
        "title": title,
        "kind": "fan",
        "unit": unit,
        "x": months,
        "source": _SOURCE,
        "series": [
            {
                "key": None,
                "label": title,
                "values": dict(zip(("q05", "q25", "q50", "q75", "q95"), levels, strict=True)),
            }
        ],
        "note": "By month from today.",
    }


def _even(body: Body) -> list[dict[str, Any]]:
    even, plan = body["break_even"], body["plan"]
    if even is None:
        return []
    uses = [f"{100 * point['use']:.0f} %" for point in even["curve"]]
    lines = [
        {
            "key": None,
            "label": "own, in colocation",
            "values": [point["usd_per_mtok"] for point in even["curve"]],
        }
    ]
    lines += [
        {"key": None, "label": rival["rival"], "values": [rival["usd_per_mtok"]] * len(uses)}
        for rival in even["rivals"]
    ]
    curve = plan["load_duration_gpus"]
    return [
        {
            "id": "even",
            "title": "Cost per Mtok by use of your own GPUs; today's load would use "
            f"{100 * even['measured_use']:.0f} % of {even['gpus']:.0f}",
            "kind": "lines",
            "unit": "USD/Mtok",
            "x": uses,
            "series": lines,
            "source": _SOURCE,
            "scale": "log",
            "note": "Before tax, at today's prices, with the staff of the ranking. Where the curve is below a line, "
            "owning is cheaper.",
        },
        {
            "id": "duration",
            "title": "GPUs needed, by share of hours",
            "kind": "lines",
            "unit": "GPU",
            "x": [f"{k} %" for k in range(len(curve))],
            "series": [{"key": None, "label": "needed in more hours than", "values": curve}],
            "lines": [{"label": "owned now", "value": plan["owned GPUs"]}],
            "source": _SOURCE,
            "note": f"In whole replicas, today. Above what is owned or reserved: {plan['top']}.",
        },
        _table(
            "plan",
            f"The plan: {plan['words']}",
            ["year", "GPUs owned or reserved, mean over paths"],
            [[one["year"], round(one["owned_or_reserved_gpus"], 1)] for one in plan["by_year"]],
            "Each height is planned again at every year's start for the load of that path.",
        ),
    ]


def _wait(body: Body) -> list[dict[str, Any]]:
    waits = body["act_or_wait"]
    if waits is None:
        return []
    values = [
        ("acting now", waits["act_now"]),
        ("best rule, lower bound", waits["rule"]),
        ("upper bound", waits["upper_bound"]),
    ]
    return [
        _table(
            "bounds",
            "Gain over the flexible arrangement",
            ["rule", "USD", "standard error"],
            [[name, round(v["value"]), round(v["standard_error"])] for name, v in values],
            f"Regret against perfect foresight: {waits['regret_usd']:,.0f} USD. Never acts on "
            f"{100 * waits['never_share']:.0f} % of paths.",
        ),
        _table(
            "boundary",
            "When to act",
            ["start of year", "acts on", "rent that decides", "median rent", "status"],
            [
                [
                    b["year"] + 1,
                    f"{100 * b['acting_share']:.0f} %",
                    b["rent_usd_per_gpu_hour"],
                    round(b["rent_median"], 3),
                    b["status"],
                ]
                for b in waits["boundary"]
            ],
        ),
    ]


def _worlds(body: Body) -> list[dict[str, Any]]:
    labels = [
        one["label"]
        for one in body["ranking"]
        if all(any(o["label"] == one["label"] for o in world["ranking"]) for world in body["worlds"])
    ]
    series = [
        {
            "key": None,
            "label": world["name"],
            "values": [
                next(o["mean"] for o in world["ranking"] if o["label"] == label) / 1e6 for label in labels
            ],
        }
        for world in body["worlds"]
    ]
    return (
        [
            {
                "id": "worlds",
                "title": "Mean cost after tax by world",
                "kind": "bars",
                "unit": "USD_m",
                "x": labels,
                "series": series,
                "source": _SOURCE,
                "note": "The same load, inputs and draws.",
            }
        ]
        if len(series) > 1
        else []
    )


def _change(body: Body) -> list[dict[str, Any]]:
    charts: list[dict[str, Any]] = []
    if body["flips"]:
        charts.append(
            _table(
                "flips",
                "Thresholds, solved and put back",
                ["lever", "unit", "today", "flips at", "to", "status"],
                [
                    [f["lever"], f["unit"], f["now"], f["flips_at"], f["to"], f["status"]]
                    for f in body["flips"]
                ],
            )
        )
    if body["tornado"]:
        bars = body["tornado"][:10]
        charts.append(
            {
                "id": "tornado",
                "title": "Saving of the cheapest over the next, at each input's ends",
                "kind": "bars",
                "unit": "USD_m",
                "x": [b["lever"] for b in bars],
                "source": _SOURCE,
                "note": "",
                "series": [
                    {"key": None, "label": end, "values": [b[f"saving_at_{end}_usd"] / 1e6 for b in bars]}
                    for end in ("low", "high")
                ],
            }
        )
    if body["map"]:
        grid = body["map"]
        charts.append(
            _table(
                "map",
                f"Cheapest by {grid['down']} (down) and {grid['across']} (across), times today's",
                [grid["down"], *(f"{x:.2g}" for x in grid["columns"])],
                [[f"{y:.2g}", *row] for y, row in zip(grid["rows"], grid["best"], strict=True)],
            )
        )
    return charts


def _books(body: Body) -> list[dict[str, Any]]:
    made = body["statements"][body["ranking"][0]["name"]]
    years = len(next(iter(made["profit"].values())))
    columns = ["USD", *(f"year {y + 1}" for y in range(years))]
    return [
        _table(name, title, columns, [[row, *values] for row, values in made[name].items()])
        for name, title in (
            ("profit", "Profit and loss"),
            ("cash", "Cash"),
            ("balance", "Balance sheet"),
            ("kpis", "Key figures"),
        )
    ]

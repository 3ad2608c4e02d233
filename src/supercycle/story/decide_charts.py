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
            "id": "answer",
            "title": "The answer",
            "lead": "All options serve the same load at the same promise, on the same paths "
            "of prices, after tax, at one discount rate.",
            "charts": _answer(body),
        },
        {
            "id": "even",
            "title": "Break-even and mix",
            "lead": "Owning pays when the hours are used. Prices here are today's; the "
            "ranking above adds what load and prices do next.",
            "charts": _even(body),
        },
        {
            "id": "wait",
            "title": "Act or wait",
            "lead": "The right to buy once, later; the rule is fitted on half of the paths and "
            "valued on the other half.",
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
            "lead": "Of the single ways; the mix is made of them.",
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
                "CVaR",
                "peak cash USD m",
                "cheapest on",
                "kg CO2 per Mtok",
            ],
            [
                [
                    one["label"],
                    *(round(one[k] / 1e6, 3) for k in ("mean", "p10", "p50", "p90", "cvar", "peak_cash")),
                    f"{100 * one['best_share']:.0f} %",
                    "not disclosed" if one["kg_co2_per_mtok"] is None else round(one["kg_co2_per_mtok"], 4),
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
    even, mix = body["break_even"], body["mix"]
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
    curve = mix["load_duration_gpus"]
    return [
        {
            "id": "even",
            "title": f"Cost per Mtok by use of one's own GPUs; measured use is {100 * even['measured_use']:.0f} %",
            "kind": "lines",
            "unit": "USD/Mtok",
            "x": uses,
            "series": lines,
            "source": _SOURCE,
            "scale": "log",
            "note": "Before tax, today's prices, staff in proportion. Where the curve is below a line, "
            "owning is cheaper.",
        },
        {
            "id": "duration",
            "title": "GPUs needed, by share of hours",
            "kind": "lines",
            "unit": "GPU",
            "x": [f"{k} %" for k in range(len(curve))],
            "series": [{"key": None, "label": "needed in more hours than", "values": curve}],
            "lines": [{"label": "owned in the mix", "value": mix["owned_gpus"]}],
            "source": _SOURCE,
            "note": f"Above the owned base: {mix['reserved'] or 'nothing'} reserved, the top at {mix['top']}.",
        },
        _table(
            "tiers",
            "Cost of each tier over the horizon",
            ["tier", "USD per GPU-hour held", "USD per GPU-hour used", "in the mix"],
            [
                [t["name"], round(t["fixed"], 3), round(t["variable"], 3), t["name"] not in mix["dropped"]]
                for t in mix["tiers"]
            ],
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
    labels = [one["label"] for one in body["ranking"]]
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

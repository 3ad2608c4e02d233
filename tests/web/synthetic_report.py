"""A made-up result, used only in tests of the report page. No number here says anything about the world.

Every chart kind appears, with 38 quarters from 2026Q3 to 2035Q4, gaps (null), references, negative values, a
switch changed from its default, long labels and text that would break a careless page.
"""

from __future__ import annotations

import math
from typing import Any

START_YEAR, START_QUARTER, LENGTH = 2026, 3, 38
LEVELS = {"q05": -1.645, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q95": 1.645}
GAP = (20, 21)  # the quarters without a value in "spread"

BLOCKS = ["orders", "power", "build", "fleet", "demand", "market", "labs", "funding", "credit", "macro"]

__all__ = ["GAP", "LENGTH", "extremes", "quarters", "synthetic"]


def quarters() -> list[str]:
    """The labels 2026Q3 to 2035Q4."""
    first = START_YEAR * 4 + START_QUARTER - 1
    return [f"{q // 4}Q{q % 4 + 1}" for q in range(first, first + LENGTH)]


def _paths(
    level: float, growth: float, width: float, wobble: float = 0.06, shift: float = 0.0
) -> dict[str, list[float]]:
    """Log-normal quantiles round a wavy trend; `width` is the standard deviation after 38 quarters."""
    out: dict[str, list[float]] = {}
    for name, z in LEVELS.items():
        out[name] = [
            round(
                level
                * math.exp(
                    growth * t / 4
                    + wobble * math.sin(t / 4.1 + shift)
                    + z * width * math.sqrt((t + 1) / LENGTH)
                ),
                6,
            )
            for t in range(LENGTH)
        ]
    return out


def _output(
    label: str, unit: str, block: str, meaning: str, values: dict[str, list[Any]], entity: str | None = None
) -> dict[str, Any]:
    return {
        "label": label,
        "unit": unit,
        "block": block,
        "meaning": meaning,
        "entity": entity,
        "quarters": quarters(),
        **values,
    }


def _outputs() -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    out["capex"] = _output(
        "AI capital spending",
        "USD_bn/q",
        "orders",
        "Spending on AI data centres",
        _paths(182, 0.07, 0.42, 0.22),
    )
    out["revenue"] = _output(
        "AI revenue from end customers", "USD_bn/q", "income", "Eliminated", _paths(38, 0.27, 0.5)
    )
    out["it_gw"] = _output(
        "Energised IT power", "GW_it", "build", "IT power in use", _paths(31, 0.17, 0.3, 0.03)
    )
    out["dark_gw"] = _output(
        "Dark stock", "GW_it", "build", "Chips waiting for power", _paths(2.6, 0.05, 0.7, 0.5)
    )
    out["utilisation"] = _output(
        "Utilisation",
        "share",
        "market",
        "Demand over supply",
        {k: [min(0.99, v) for v in vs] for k, vs in _paths(0.71, -0.008, 0.12, 0.08).items()},
    )
    out["price"] = _output(
        "API price at fixed capability", "USD/Mtok", "market", "Falls", _paths(2.4, -0.62, 0.9, 0.12)
    )
    out["cash"] = _output(
        "Free cash flow",
        "USD_bn/q",
        "income",
        "After capex",
        {
            k: [round(v - 95 + 2.1 * t, 4) for t, v in enumerate(vs)]
            for k, vs in _paths(60, 0.05, 0.4, 0.4).items()
        },
    )
    spread: dict[str, list[Any]] = {k: list(v) for k, v in _paths(0.0135, 0.06, 0.5, 0.3).items()}
    for values in spread.values():
        for gap in GAP:
            values[gap] = None
    out["spread"] = _output("Credit spread on AI bonds", "share/year", "funding", "Over Treasuries", spread)
    firms = {"Microsoft": 38, "Alphabet": 44, "Amazon": 52, "Meta": 33, "Oracle": 13, "Neoclouds": 19}
    for i, (firm, level) in enumerate(firms.items()):
        out[f"capex_by_firm:{firm}"] = _output(
            f"Capital spending, {firm}",
            "USD_bn/q",
            "orders",
            "",
            _paths(level, 0.05 + 0.01 * i, 0.45, 0.2, i),
            firm,
        )
    channels = {
        "Operating cash flow": (120, 0.02),
        "Investment-grade bonds": (34, 0.08),
        "SPV lease-backs": (17, 0.13),
        "Private credit": (15, 0.12),
        "ABS and CMBS": (6, 0.16),
        "Vendor finance": (7, -0.05),
        "Equity": (9, 0.01),
    }
    for i, (channel, (level, growth)) in enumerate(channels.items()):
        out[f"funding:{channel}"] = _output(
            channel, "USD_bn/q", "funding", "", _paths(level, growth, 0.4, 0.15, i), channel
        )
    for i, (name, level) in enumerate(
        {"Power": 52, "Chips": 24, "Shells": 12, "Funding": 6, "Demand": 9}.items()
    ):
        out[f"binding:{name}"] = _output(
            name, "share", "build", "", _paths(level / 100, -0.1 + 0.07 * i, 0.2, 0.3, i), name
        )
    return out


def _charts() -> list[dict[str, Any]]:
    source = "Synthetic data made for a test of this page; see https://example.org/a-page for nothing at all."
    firms = ["Microsoft", "Alphabet", "Amazon", "Meta", "Oracle", "Neoclouds"]
    years = [str(y) for y in range(2023, 2034)]
    irr = [0.21, 0.18, 0.13, 0.09, 0.07, 0.06, 0.075, 0.09, 0.1, 0.105, None]

    def around(width: float) -> list[float | None]:
        return [None if v is None else round(v + width * (1 + 0.08 * i), 5) for i, v in enumerate(irr)]

    return [
        {
            "id": "capex",
            "section": "build",
            "title": "Capital spending slows before revenue catches up",
            "kind": "fan",
            "unit": "USD_bn/q",
            "format": "usd",
            "series": [{"key": "capex", "label": "AI capital spending"}],
            "source": source,
            "lines": [{"label": "Spending in 2026Q2", "value": 178}],
        },
        {
            "id": "power",
            "section": "build",
            "title": "Energised IT power",
            "kind": "fan",
            "unit": "GW_it",
            "format": "number",
            "series": [{"key": "it_gw", "label": "Energised IT power"}],
            "source": source,
            "note": "IT power, not facility power.",
        },
        {
            "id": "binding",
            "section": "build",
            "title": "Power binds first, funding last",
            "kind": "share",
            "unit": "share",
            "format": "percent",
            "source": source,
            "series": [
                {"key": f"binding:{n}", "label": n} for n in ("Power", "Chips", "Shells", "Funding", "Demand")
            ],
        },
        {
            "id": "firms",
            "section": "build",
            "title": "Who spends",
            "kind": "fans",
            "unit": "USD_bn/q",
            "format": "usd",
            "source": source,
            "series": [{"key": f"capex_by_firm:{f}", "label": f} for f in firms],
        },
        {
            "id": "funding",
            "section": "money",
            "title": "Debt replaces cash flow as the marginal dollar",
            "kind": "stack",
            "unit": "USD_bn/q",
            "format": "usd",
            "source": source,
            "series": [
                {"key": f"funding:{c}", "label": c}
                for c in (
                    "Operating cash flow",
                    "Investment-grade bonds",
                    "SPV lease-backs",
                    "Private credit",
                    "ABS and CMBS",
                    "Vendor finance",
                    "Equity",
                )
            ],
        },
        {
            "id": "spread",
            "section": "money",
            "title": "Credit spread on AI bonds",
            "kind": "fan",
            "unit": "share/year",
            "format": "percent",
            "series": [{"key": "spread", "label": "Spread"}],
            "source": source,
            "note": "Two quarters have no trades in any path: a gap.",
        },
        {
            "id": "cash",
            "section": "money",
            "title": "Free cash flow after AI capital spending",
            "kind": "fan",
            "unit": "USD_bn/q",
            "format": "usd",
            "series": [{"key": "cash", "label": "Free cash flow"}],
            "source": source,
        },
        {
            "id": "gap",
            "section": "pay",
            "title": "Revenue against capital spending",
            "kind": "lines",
            "unit": "USD_bn/q",
            "format": "usd",
            "source": source,
            "series": [{"key": "capex", "label": "Capital spending"}, {"key": "revenue", "label": "Revenue"}],
        },
        {
            "id": "firm-lines",
            "section": "pay",
            "title": "Capital spending by firm",
            "kind": "lines",
            "unit": "USD_bn/q",
            "format": "usd",
            "source": source,
            "series": [{"key": f"capex_by_firm:{f}", "label": f} for f in firms],
            "bands": [{"label": "Cloud build-out, 2015 to 2019", "low": 8, "high": 15}],
        },
        {
            "id": "vintage",
            "section": "pay",
            "title": "Return on each build vintage",
            "kind": "vintage",
            "unit": "share/year",
            "format": "percent",
            "x": years,
            "source": source,
            "lines": [{"label": "Cost of capital", "value": 0.085}],
            "series": [
                {
                    "key": None,
                    "label": "Realised IRR",
                    "values": {
                        "q05": around(-0.11),
                        "q25": around(-0.045),
                        "q50": irr,
                        "q75": around(0.04),
                        "q95": around(0.1),
                    },
                }
            ],
        },
        {
            "id": "price",
            "section": "pay",
            "title": "API price at fixed capability",
            "kind": "fan",
            "unit": "USD/Mtok",
            "format": "usd",
            "scale": "log",
            "series": [{"key": "price", "label": "Price"}],
            "source": source,
        },
        {
            "id": "losses",
            "section": "pay",
            "title": "Where losses land in the worst tenth of paths",
            "kind": "bars",
            "unit": "USD_bn",
            "format": "usd",
            "x": [
                "Equity holders",
                "Private credit",
                "Bond and ABS funds",
                "Banks",
                "Insurers and pensions",
                "Vendors",
            ],
            "source": source,
            "series": [{"key": None, "label": "Losses", "values": [412.5, 131.2, 96.04, 41, 38.7, None]}],
        },
        {
            "id": "grouped",
            "section": "pay",
            "title": "Losses with and without the crunch",
            "kind": "bars",
            "unit": "USD_bn",
            "format": "usd",
            "x": ["Equity holders", "Private credit", "Banks"],
            "source": source,
            "series": [
                {"key": None, "label": "Base", "values": [212.5, 71.2, 21]},
                {"key": None, "label": "Crunch", "values": [412.5, 131.2, -14]},
            ],
        },
        {
            "id": "claims",
            "section": "pay",
            "title": "Famous claims, run",
            "kind": "table",
            "unit": "1",
            "source": source,
            "columns": ["Claim", "Says", "Model, median", "Chance it holds", "Verdict"],
            "rows": [
                ["JP Morgan: revenue needed for a 10 % return", "$650 bn a year", 583.2, "41 %", "plausible"],
                ["Sequoia: the revenue gap", "$600 bn", 421.75, "28 %", "high"],
                [
                    "A <script>alert('x')</script> peak in 2027, then a fall of 90 %",
                    "2027",
                    None,
                    "3 %",
                    "tail",
                ],
            ],
        },
    ]


def _assumptions() -> list[dict[str, Any]]:
    kinds = ["measured", "published", "judgement"]
    rows: list[dict[str, Any]] = []
    for i in range(60):
        kind = kinds[(i * 7) % 3]
        unit = ["share", "USD_bn", "GW_gen/year", "q", "1", "USD/H100e/h"][i % 6]
        middle = [0.35, 420.0, 6.5, 5.0, 1.3, 2.1][i % 6] * (1 + 0.01 * i)
        rows.append(
            {
                "id": f"{BLOCKS[i % 10]}_parameter_{i:02d}",
                "label": f"{BLOCKS[i % 10].capitalize()} assumption {i:02d}",
                "block": BLOCKS[i % 10],
                "unit": unit,
                "default": middle,
                "low": middle * 0.5,
                "high": middle * 1.6,
                "value": middle * 1.2 if i == 10 else middle,
                "evidence": kind,
                "source": ""
                if kind == "judgement"
                else f"Some agency, Annual report {2020 + i % 6}, https://example.org/report/{i}?a=1&b=<2>",
                "reason": "No one has measured this; the range spans the two cases on record."
                if kind == "judgement"
                else "",
            }
        )
    return rows


def synthetic() -> dict[str, Any]:
    """Result and report data as the page reads them; a new object at every call."""
    charts = _charts()
    sections = [
        {
            "id": "build",
            "title": "What is built",
            "lead": "Orders meet power, chips and shells; the scarcest sets the pace.",
        },
        {
            "id": "money",
            "title": "Who pays for it",
            "lead": "Cash flow first, then debt. What cannot be funded is not built.",
        },
        {
            "id": "pay",
            "title": "Does it pay",
            "lead": "Each vintage is judged by what it earned, not by what it cost.",
        },
    ]
    for section in sections:
        section["charts"] = [
            {k: v for k, v in c.items() if k != "section"} for c in charts if c["section"] == section["id"]
        ]
    return {
        "schema": "supercycle.result/1",
        "headline": (
            "In this made-up case AI capital spending grows to $353 bn a quarter by the end of 2035, "
            "revenue overtakes it in 2031, and one path in five ends in a bust."
        ),
        "manifest": {
            "model_hash": "5f2c9ab17e3d4c60",
            "scenario": {"preset": "base", "set": {"market_parameter_10": 1.56}},
            "seed": 7,
            "paths": 10000,
            "start": "2026Q2",
            "until": "2035Q4",
            "kernel": "numba-scalar",
            "versions": {"supercycle": "0.1.0", "numpy": "2.4.1", "numba": "0.68.0"},
            "processor": "x86_64, 2 cores",
            "command": "supercycle run --preset base --paths 10000 --seed 7",
            "python": "3.11.7",
        },
        "books": {"residual_max": 3.1e-13, "checked": 24320000},
        "status_counts": {"ok": 9988, "numeric_failure": 12},
        "timings_s": {"run": 0.21, "quantiles": 0.03},
        "outputs": _outputs(),
        "report": {
            "title": "The AI capital cycle to 2035",
            "subtitle": "Synthetic example, used only to test this page",
            "created": "21 November 2026",
            "headline_parts": [
                {
                    "label": "Capital spending, 2027, median",
                    "value": 812.4,
                    "unit": "USD_bn/year",
                    "note": "640 to 990 in nine of ten paths",
                },
                {
                    "label": "Energised IT power, end of 2030",
                    "value": 66.21,
                    "unit": "GW_it",
                    "note": "52 to 84",
                },
                {
                    "label": "Chance of a bust by 2030",
                    "value": 0.213,
                    "unit": "share",
                    "note": "investment fall of 40 % in a year",
                },
                {
                    "label": "Return on the 2027 vintage",
                    "value": 0.0712,
                    "unit": "share/year",
                    "note": "cost of capital 8.5 %",
                },
                {
                    "label": "Quarter in which revenue overtakes spending",
                    "value": "2031Q2",
                    "unit": "",
                    "note": "median path",
                },
            ],
            "judgements": [
                {
                    "parameter": f"{BLOCKS[i]}_parameter_{i:02d}",
                    "label": label,
                    "share_of_variance": share,
                    "evidence": kind,
                    "output": output,
                }
                for output, rows in {
                    "capex": [
                        ("Growth of spend per adopter", 0.31, "judgement"),
                        ("Power connection ceiling", 0.18, "published"),
                        ("Winner-takes share of the platform prize", 0.12, "judgement"),
                        ("Algorithmic efficiency", 0.09, "published"),
                        ("Bond index capacity", 0.05, "measured"),
                        ("Chip price decline", 0.03, "measured"),
                    ],
                    "revenue": [
                        ("Growth of spend per adopter", 0.44, "judgement"),
                        ("Enterprise adoption speed", 0.16, "published"),
                        ("Wage-bill ceiling", 0.11, "judgement"),
                        ("Price elasticity of tokens", 0.08, "published"),
                    ],
                }.items()
                for i, (label, share, kind) in enumerate(rows)
            ],
            "evidence_share": {"measured": 0.14, "published": 0.35, "judgement": 0.51},
            "sections": sections,
            "assumptions": _assumptions(),
            "reproduce": {
                "cli": "supercycle run --preset base --paths 10000 --seed 7 --set market_parameter_10=1.56",
                "python": (
                    "import supercycle\n\n"
                    'result = supercycle.run(preset="base", paths=10_000, seed=7)\nprint(result.headline)'
                ),
            },
            "notes": ["Synthetic data made for a test. Nothing here is a forecast."],
        },
    }


def extremes() -> dict[str, Any]:
    """A report of hard cases: nothing, one value, zeros, huge and tiny, all negative, many long names."""
    data = synthetic()
    labels = quarters()
    long = "A channel of finance whose name is far too long for any margin"

    def literal(*values: list[float | None], names: list[str] | None = None) -> list[dict[str, Any]]:
        return [
            {"key": None, "label": names[i] if names else f"Series {i + 1}", "values": v}
            for i, v in enumerate(values)
        ]

    def chart(name: str, kind: str, unit: str, series: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {"id": f"x-{name}", "title": f"Hard case: {name}", "kind": kind, "unit": unit, "x": labels} | {
            "series": series,
            "source": "none",
            **more,
        }

    flat: list[float | None] = [0.0] * LENGTH
    one: list[float | None] = [None] * 12 + [4.2] + [None] * (LENGTH - 13)
    close = [[100 + 0.01 * i + 0.001 * t for t in range(LENGTH)] for i in range(12)]
    scattered: list[float | None] = [None if t % 2 else float(t) for t in range(LENGTH)]
    huge = {k: [v * 1e9 for v in vs] for k, vs in _paths(3.1, 0.3, 0.5).items()}
    tiny = {k: [v * 1e-7 for v in vs] for k, vs in _paths(3.1, 0.3, 0.5).items()}
    wide = _paths(1, 0.2, 3.5)
    mirror = dict(zip(LEVELS, reversed(LEVELS), strict=True))
    sunk = {mirror[k]: [-v for v in vs] for k, vs in _paths(40, 0.1, 0.4).items()}
    charts = [
        chart("zeros", "lines", "GW_it", literal(flat, flat, names=["None built", "None sold"])),
        chart("one value", "fan", "GW_it", literal(one)),
        chart("every second value", "lines", "USD_bn/q", literal(scattered), format="usd"),
        chart(
            "twelve equal lines",
            "lines",
            "USD_bn/q",
            literal(*close, names=[f"{long} {i}" for i in range(12)]),
        ),
        chart("huge", "fan", "USD", [{"key": None, "label": "Huge", "values": huge}], format="usd"),
        chart("tiny", "fan", "USD/tok", [{"key": None, "label": "Tiny", "values": tiny}], format="usd"),
        chart(
            "wide on a log axis",
            "fan",
            "USD/Mtok",
            [{"key": None, "label": "w", "values": wide}],
            scale="log",
        ),
        chart(
            "all negative", "fan", "USD_bn/q", [{"key": None, "label": "Sunk", "values": sunk}], format="usd"
        ),
        chart(
            "stack of thin layers",
            "stack",
            "USD_bn/q",
            literal(*[[0.01 + i for _ in labels] for i in range(9)]),
        ),
        chart("stack with minus", "stack", "USD_bn/q", literal([5.0] * LENGTH, [-3.0] * LENGTH, scattered)),
        chart("share of nothing", "share", "share", literal(flat, flat), format="percent"),
        chart(
            "intervals each quarter", "vintage", "share/year", [{"key": None, "label": "IRR", "values": sunk}]
        ),
        chart(
            "unequal panels",
            "fans",
            "USD",
            [{"key": None, "label": long, "values": huge}, {"key": None, "label": "b", "values": tiny}],
        ),
        chart("nothing", "lines", "1", literal([None] * LENGTH)),
        {
            **chart("long bars", "bars", "USD_bn", literal([1e-3, 5e5, -2e5, None, 0.0])),
            "x": [long, long + " again", "Short", "Unknown", "Zero"],
        },
        {
            **chart("references", "lines", "1", literal(scattered)),
            "bands": [{"label": long, "low": 3, "high": 6}, {"label": "Other band", "low": 6, "high": 9}],
            "lines": [{"label": "At ten", "value": 10}, {"label": "At ten and a bit", "value": 10.4}],
        },
        {
            "id": "x-table",
            "title": "Hard case: wide table",
            "kind": "table",
            "unit": "1",
            "columns": [f"Column {i}" for i in range(14)],
            "rows": [[long if i == 0 else 1234567.891 * i for i in range(14)]],
        },
    ]
    data["report"]["title"] = (
        "An_unbreakable_title_" + "of_many_words_" * 3 + "and the rest of it, which is long as well"
    )
    data["report"]["sections"] = [{"id": "hard", "title": "Hard cases", "lead": "", "charts": charts}]
    data["books"] = {"residual_max": 0.02, "checked": 3}
    data["status_counts"] = {"ok": 1, "books_error": 9}
    return data

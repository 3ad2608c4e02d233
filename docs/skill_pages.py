"""Make the generated parts of docs/backtest.md and docs/calibration.md, and the pictures, again.

    supercycle backtest --json > backtest.json
    supercycle calibrate --base --save --json > calibration.json
    supercycle update --as-of 2026-12-01 --json > update.json
    python docs/skill_pages.py --backtest backtest.json --calibration calibration.json --update update.json

Without a back-test it runs one; without a calibration that page is left alone. By hand after a change of the model;
the prose is the author's to check.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from html import escape
from pathlib import Path
from typing import Any

from backtest_tables import PARTS, update

from supercycle.skill.backtest import SHOWN, backtest
from supercycle.skill.scored.recorded import keep

HERE = Path(__file__).resolve().parent
WIDTH, HEIGHT, TOP, BOTTOM, LEFT, GAP = 900, 330, 62, 34, 58, 16
INK, GREY, BAND, CORE, LINE, RIVAL = "#1a1a1a", "#777777", "#cfe3f5", "#8fbce6", "#1f5f9e", "#c75b12"


def picture(cases: list[dict[str, Any]]) -> str:
    """One series from its starts, side by side: what was known, what was said, what came; a log axis."""
    panels = cases
    values = [v for c in panels for v in (*c["history"].values(), *c["outcome"]) if v]
    values += [v for c in panels for key in ("q05", "q95") for v in c["prediction"][key]]
    low, high = math.log10(min(values)), math.log10(max(values))
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    wide = (WIDTH - LEFT - 10 - GAP * (len(panels) - 1)) / len(panels)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(value)) / (high - low)

    first = panels[0]
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{escape(first["title"])}: predictions from past starts against the outcome" '
            'font-family="system-ui, sans-serif" font-size="12">'
        ),
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        (
            f'<text x="{LEFT}" y="18" font-size="15" font-weight="600" fill="{INK}">'
            f"{escape(first['title'])}, {escape(first['unit'])} (log)</text>"
        ),
        *legend(),
    ]
    for tick in ticks(low, high):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" stroke="#e4e4e4"/>'
        )
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end" fill="{GREY}">{tick:g}</text>'
        )
    for i, case in enumerate(panels):
        parts += panel(case, LEFT + i * (wide + GAP), wide, y)
    return "\n".join([*parts, "</svg>", ""])


def legend() -> list[str]:
    """What the marks mean, in one row."""
    marks = [
        (f'<rect x="{{x}}" y="29" width="22" height="11" fill="{BAND}"/>', "90 % band"),
        (f'<rect x="{{x}}" y="29" width="22" height="11" fill="{CORE}"/>', "50 %"),
        (f'<line x1="{{x}}" x2="{{r}}" y1="34" y2="34" stroke="{LINE}" stroke-width="2"/>', "median"),
        (
            f'<line x1="{{x}}" x2="{{r}}" y1="34" y2="34" stroke="{RIVAL}" stroke-width="1.6" stroke-dasharray="5 3"/>',
            "pool of rules, median",
        ),
        (f'<circle cx="{{m}}" cy="34" r="3" fill="{GREY}"/>', "known at the start"),
        (f'<circle cx="{{m}}" cy="34" r="3.2" fill="{INK}"/>', "what came"),
    ]
    parts, x = [], float(LEFT)
    for mark, words in marks:
        parts.append(mark.format(x=x, r=x + 22, m=x + 11))
        parts.append(f'<text x="{x + 28:.0f}" y="38" fill="{INK}">{words}</text>')
        x += 28 + 7.0 * len(words) + 18
    return parts


def panel(case: dict[str, Any], left: float, wide: float, y: Any) -> list[str]:
    """One start."""
    quarters = case["quarters"]
    past = [q for q in case["history"] if case["history"][q] > 0][-8:]
    begin, end = place(past[0]) if past else place(case["start"]) - 1, place(quarters[-1])

    def x(quarter: str) -> float:
        return left + wide * (place(quarter) - begin + 0.5) / (end - begin + 1)

    parts = []
    for lower, upper, fill in (("q05", "q95", BAND), ("q25", "q75", CORE)):
        up = [f"{x(q):.1f},{y(v):.1f}" for q, v in zip(quarters, case["prediction"][upper], strict=True)]
        down = [f"{x(q):.1f},{y(v):.1f}" for q, v in zip(quarters, case["prediction"][lower], strict=True)]
        parts.append(f'<polygon points="{" ".join([*up, *down[::-1]])}" fill="{fill}"/>')
    middle = " ".join(
        f"{x(q):.1f},{y(v):.1f}" for q, v in zip(quarters, case["prediction"]["q50"], strict=True)
    )
    parts.append(f'<polyline points="{middle}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    if case["rules"]:
        low, high = y_range(y)
        points = [
            f"{x(q):.1f},{y(v):.1f}"
            for q, v in zip(quarters, case["rules"]["q50"], strict=True)
            if low <= y(v) <= high
        ]
        parts.append(
            f'<polyline points="{" ".join(points)}" fill="none" stroke="{RIVAL}" stroke-width="1.6" '
            'stroke-dasharray="5 3"/>'
        )
    parts += [
        f'<circle cx="{x(q):.1f}" cy="{y(case["history"][q]):.1f}" r="2.4" fill="{GREY}"/>' for q in past
    ]
    parts += [
        f'<circle cx="{x(q):.1f}" cy="{y(v):.1f}" r="3" fill="{INK}"/>'
        for q, v in zip(quarters, case["outcome"], strict=True)
        if v
    ]
    edge = left + wide * (place(case["start"]) - begin + 1) / (end - begin + 1)
    parts.append(
        f'<line x1="{edge:.1f}" x2="{edge:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{GREY}" '
        'stroke-dasharray="2 3"/>'
    )
    parts.append(f'<text x="{left + 4:.1f}" y="{TOP - 6}" fill="{INK}">from {case["start"]}</text>')
    for quarter in (past[0] if past else case["start"], quarters[-1]):
        anchor = "start" if quarter != quarters[-1] else "end"
        at = left + 2 if anchor == "start" else left + wide
        parts.append(
            f'<text x="{at:.1f}" y="{HEIGHT - 12}" text-anchor="{anchor}" fill="{GREY}">{quarter}</text>'
        )
    return parts


def y_range(y: Any) -> tuple[float, float]:
    """The drawing's vertical limits."""
    return float(TOP), float(HEIGHT - BOTTOM)


def place(quarter: str) -> int:
    """A quarter's number."""
    return 4 * int(quarter[:4]) + int(quarter[5])


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between two powers of ten."""
    every = [m * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    inside = [v for v in every if low <= math.log10(v) <= high]
    return inside if len(inside) <= 8 else [v for v in inside if f"{v:e}"[0] == "1"] or inside[::2]


def moved(fit: dict[str, Any]) -> str:
    """Parameters the data moved."""
    lines = [
        "| parameter | unit | prior median (5-95 %) | posterior | sd ratio | overlap | KL, nats |",
        "|---|---|---|---|--:|--:|--:|",
    ]

    def told(found: dict[str, float]) -> str:
        return f"{found['q50']:.3g} ({found['q05']:.3g} to {found['q95']:.3g})"

    for row in fit["posterior"]["moved"]:
        lines.append(
            f"| `{row['id']}` | {row['unit']} | {told(row['prior'])} | {told(row['posterior'])} "
            f"| {row['sd_ratio']:.2f} | {row['overlap']:.2f} | {row['divergence']:.3f} |"
        )
    return "\n".join(lines)


def run_of(fit: dict[str, Any]) -> str:
    """The run in numbers."""
    m = fit["posterior"]["manifest"]
    pairs = "; ".join(f"`{a}` and `{b}` {size:+.2f}" for a, b, size in fit["posterior"]["pairs"]) or "none"
    powers = ", ".join(f"{p:.2f}" for p in m["powers"])
    sizes = ", ".join(f"{e:,.0f}" for e in m["effective"][1:])
    return "\n".join(
        [
            f"{m['particles']:,} particles over {m['unknowns']} unknowns ({m['structural']} structural),",
            f"{m['figures']} figures in {len(m['blocks'])} blocks, seed {m['seed']}; {m['short_paths']:,} short paths.",
            f"The power of the likelihood rose through {powers}; the effective sample before each resampling was",
            f"{sizes}; {m['distinct']:,} particles are distinct at the end and moves are accepted",
            f"at {m['acceptance']:.2f}.",
            f"A parameter the data leave alone shows a KL of {m['noise']:.4f} nats; one counts as moved above 0.02 and",
            "above eight times that.",
            f"Rank correlations added: {pairs}.",
        ]
    )


def missed(fit: dict[str, Any]) -> str:
    """The scales of what the mechanism misses, by series."""
    found = fit["posterior"]["manifest"]["discrepancy"]

    def told(points: dict[str, float]) -> str:
        return f"{points['q50']:.3f} ({points['q05']:.3f} to {points['q95']:.3f})"

    lines = ["| series | walk k, a quarter | error of growth w, a quarter |", "|---|---|---|"]
    lines += [
        f"| {name} | {told(of['level'])} | {told(of['growth'])} |" for name, of in found["series"].items()
    ]
    return "\n".join([*lines, "", f"Memory phi {told(found['memory'])}."])


def fits(fit: dict[str, Any]) -> str:
    """Fit of the windows under prior, cloud and reduced form."""
    lines = [
        "| structural parameters from | mean log likelihood | "
        + " | ".join(f"{n}: bias, in 90 %" for n in fit["fit"]["prior"]["series"])
        + " |"
    ]
    lines.append("|---|--:|" + "---|" * len(fit["fit"]["prior"]["series"]))
    for name, found in fit["fit"].items():
        cells = [f"{v['bias']:+.2f}, {100 * v['coverage_90']:.0f} %" for v in found["series"].values()]
        lines.append(f"| {name} | {found['log_likelihood_mean']:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def still(fit: dict[str, Any]) -> str:
    """The rest, by name."""
    rest = [row["id"] for row in fit["parameters"] if not row["moved"]]
    return f"{len(rest)} parameters: " + ", ".join(f"`{id}`" for id in sorted(rest)) + "."


def shown(value: float) -> str:
    """A number in three digits.

    >>> shown(1118.0), shown(58.97), shown(0.6701)
    ('1,118', '59', '0.67')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def under(fit: dict[str, Any]) -> str:
    """The base case under the registry's priors and under the posterior."""
    lines = ["| output | year | judged priors | posterior |", "|---|---|--:|--:|"]
    for row in fit["base"]["rows"]:
        found = [row[key] for key in ("judged", "posterior")]
        cells = [f"{shown(f['q50'])} ({shown(f['q05'])} to {shown(f['q95'])})" for f in found]
        lines.append(f"| `{row['output']}` | {row['year']} | {cells[0]} | {cells[1]} |")
    for name, sentence in fit["base"]["headlines"].items():
        lines += ["", f"*{name.capitalize()}*: {sentence}"]
    shares = [f"{100 * fit['base']['rejection_rate'][key]:.0f} %" for key in ("judged", "posterior")]
    lines += ["", f"Draws refused by the opening of 2026Q2: {shares[0]} and {shares[1]}."]
    return "\n".join(lines)


def refresh(page: Path, made: dict[str, str]) -> None:
    """Put generated parts between their markers."""
    text = page.read_text(encoding="utf-8")
    for mark, part in made.items():
        pattern = rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)"
        if not re.search(pattern, text, re.DOTALL):
            raise SystemExit(f"{page.name} has no marker {mark}")
        text = re.sub(pattern, lambda m, part=part: f"{m[1]}{part}\n{m[2]}", text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")


def main() -> None:
    """Read what is given, run what is not, write pages and pictures."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--backtest", type=Path)
    asked.add_argument("--calibration", type=Path)
    asked.add_argument("--update", type=Path)
    given = asked.parse_args()
    result = json.loads(given.backtest.read_text("utf-8")) if given.backtest else backtest()
    for name in SHOWN:
        cases = [case for case in result["cases"] if case["series"] == name]
        stem = name.partition(":")[0]
        (HERE / "img" / f"backtest-{stem}.svg").write_text(picture(cases), encoding="utf-8")
    keep(result)
    refresh(HERE / "backtest.md", {mark: make(result) for mark, make in PARTS.items()})
    if given.update:
        refresh(HERE / "backtest.md", {"update": update(json.loads(given.update.read_text("utf-8")))})
    if given.calibration:
        fit = json.loads(given.calibration.read_text("utf-8"))
        parts = {"run": run_of, "moved": moved, "missed": missed, "fit": fits, "still": still}
        if "base" in fit:
            parts["base"] = under
        refresh(HERE / "calibration.md", {mark: make(fit) for mark, make in parts.items()})


if __name__ == "__main__":
    main()

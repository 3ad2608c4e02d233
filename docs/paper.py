"""The method as a paper: ``python docs/paper.py [FILE]`` (``make paper``) writes a PDF, by default paper.pdf.

Mechanisms, equations, parameters with their sources and the numbers of the base case are read from the package as it
stands, so the paper cannot say other than the code does. Equations of one template are set once. The record of past
forecasts is the stored one.
"""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from blocks import left_out, mechanisms
from paper_math import equation, quoted

import supercycle
from supercycle.core.params import Param
from supercycle.equations.variable import Variable
from supercycle.service.the_world import subject
from supercycle.skill.past_bands import recorded_bands

HERE = Path(__file__).resolve().parent
PATHS = 4000
# What the base case says, in the order of the chain from the grid to the token, with the quarter that is read.
HEADLINES = (
    ("five_firm_capex_usd_bn", "2027Q4"),
    ("world_ai_capex_usd_bn", "2028Q4"),
    ("fleet_it_gw", "2030Q4"),
    ("contract_price", "2030Q4"),
    ("ai_revenue_run_rate", "2030Q4"),
    ("ai_debt_usd_bn", "2030Q4"),
    ("ai_index_share", "2030Q4"),
)
ABSTRACT = """
Trillions of dollars are being spent on AI infrastructure ahead of the revenue that would pay for it. supercycle is a
stock-flow consistent simulation of that cycle: power and its queues, capital spending and its plans, chips and data
centres, the price of compute, laboratories and their customers, the debt that fills the gap, and the ways in which a
boom ends. Every number opens into its equation, inputs, source and grade of evidence. It has {blocks} blocks,
{variables} variables written in {forms} forms, and {parameters} parameters. Of the parameters {judged} are judgements
with a range and a reason; {sourced} rest on figures or publications. The bands of a plain run were too narrow in the
past, and this paper says by how much.
"""
MECHANICS = """
Time runs in quarters from an opening that reproduces reported figures to the end of 2035. A path draws every uncertain
parameter from its range, and chance events as they come. Paths whose opening contradicts the reported figures are
refused and drawn again. Within a quarter the blocks are computed in one fixed order without iteration: what a block
needs from a later one it takes from the quarter before. Every payment has a payer and a payee and is posted once; on
every path and in every quarter the books of all sectors close to rounding, or the run stops.
"""
BANDS = """
A band is a statement about simulated paths: between its ends lie nine tenths of them. It becomes a statement about the
world only as far as the record below supports it. Two scenarios are compared on the same random numbers, so that the
difference is the scenario and not chance.
"""
RECORD = """
The model was opened at past quarters with only the figures known then, and its bands were compared with what came. A
band named 90 % should hold nine outcomes in ten.
"""
BLOCKS = """
The blocks in the order of a step. A name is the one that the code and the command explain use; a subscript t-1 is the
quarter before, m-1 the member before on an axis. Sums run over the members of an axis (firms, laboratories, routes,
vintages). Openings and the accounting identities of the ledger are left to the pages of the documentation.
"""
SOURCED = """
The parameters that rest on figures or publications. The judgements are listed, each with its reason, on the pages of
the blocks.
"""
TITLE = """
#align(center)[
  #text(size: 17pt, weight: "bold")[supercycle] \\
  #text(size: 11pt)[An open model of the AI capital cycle, from the grid to the token: the method]
]
"""
PICTURE = """
#figure(image("img/backtest-capex.svg", width: 90%), caption: [Capital spending of five firms, predicted from past
openings with what was known then, against the outcome])
"""
STYLE = """
#set document(title: "supercycle: an open model of the AI capital cycle")
#set page(paper: "a4", margin: (x: 24mm, y: 26mm), numbering: "1")
#set text(size: 9.5pt, lang: "en")
#set par(justify: true, leading: 0.62em, spacing: 0.9em)
#set heading(numbering: "1.1")
#show heading.where(level: 1): set block(above: 1.6em, below: 0.9em)
#show figure.caption: set text(size: 8.5pt)
#show table.cell: set par(justify: false)
#set table(stroke: (x, y) => (top: if y <= 1 { 0.5pt } else { 0.2pt + luma(80%) }), inset: (x: 4pt, y: 3pt))
#show table: set text(size: 8pt)
#let v(name) = math.upright(text(font: ("DejaVu Sans Mono",), size: 0.8em, name))
#let eq(meaning, unit, body) = block(breakable: true, above: 0.75em, below: 0.3em, {
  text(size: 8.5pt, fill: luma(30%), [#meaning #if unit != "1" [(#unit)]])
  set par(justify: false, leading: 0.5em)
  set text(size: 8.5pt, top-edge: "bounds", bottom-edge: "bounds")
  block(inset: (left: 1em), above: 0.4em, body)
})
"""


def text(words: str) -> str:
    """Plain words as Typst content."""
    return f"#{quoted(' '.join(words.split()).replace('``', ''))}"


def spelled(unit: str) -> str:
    """A unit as people write it.

    >>> spelled("USD_bn/q"), spelled("GW_it"), spelled("1")
    ('USD bn a quarter', 'GW of IT', 'share')
    """
    if unit == "1":
        return "share"
    named = unit.replace("_bn", " bn").replace("_m", " m").replace("GW_it", "GW of IT")
    return named.replace("/q", " a quarter").replace("/year", " a year")


def table(columns: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table; every cell is plain words."""
    cells = [f"[{text(cell)}]" for row in rows for cell in row]
    top = ", ".join(f"[*{text(cell)}*]" for cell in head)
    return f"#table(columns: {columns}, table.header({top}), {', '.join(cells)})"


def equations(written: list[Variable]) -> list[str]:
    """Every equation of a block once: those made by one template stand under their first name."""
    by_place: dict[tuple[str, int], list[Variable]] = {}
    for one in written:
        if one.source_text:
            by_place.setdefault((one.file, one.line), []).append(one)
    out: list[str] = []
    for first, *others in by_place.values():
        more = f" The same form: {len(others)} more, among them {others[0].name}." if others else ""
        lines = [f"$display({line})$" for line in equation(first.source_text, first.name)]
        meaning = " ".join((first.meaning or first.label or first.name).split()).rstrip(".") + "."
        out.append(f"#eq({quoted(meaning + more)}, {quoted(first.unit)}, [{' #linebreak() '.join(lines)}])")
    return out


def blocks() -> list[str]:
    """A section a block: mechanism, what it leaves out, equations."""
    model = subject().model
    told, gaps = mechanisms(), left_out()
    out: list[str] = []
    for name in model.blocks:
        written = [one for one in model.variables.values() if one.block == name]
        out += [
            f"== {text(model.blocks[name].title)}",
            *(text(part) for words in told[name] for part in words.split("\n\n")),
            f"_Left out._ {text(gaps[name])}.",
            *equations(written),
        ]
    return out


def base_case() -> str:
    """Medians and bands of a run made for this paper."""
    run = supercycle.run(paths=PATHS, seed=1)
    rows: list[tuple[str, ...]] = []
    for name, quarter in HEADLINES:
        one = run[name]
        at = one["quarters"].index(quarter)
        low, mid, high = (f"{one[key][at]:,.4g}" for key in ("q05", "q50", "q95"))
        rows.append((one["label"], spelled(one["unit"]), quarter, mid, f"{low} to {high}"))
    made = table(
        "(3fr, 1fr, auto, auto, auto)", ("what", "unit", "quarter", "median", "5 to 95 % of paths"), rows
    )
    return f"{made}\n\n{text(run.headline)}"


def record() -> str:
    """How often past bands of a plain run held, as stored."""
    rows = [
        (
            {"all": "all horizons", "1": "1 quarter"}.get(horizon, f"{horizon} quarters"),
            f"{row['points']}",
            f"{100 * row['inside_50']:.0f} %",
            f"{100 * row['inside_90']:.0f} %",
        )
        for (series, horizon), row in recorded_bands().items()
        if series == "all"
    ]
    return table(
        "(auto, auto, auto, auto)", ("ahead", "points", "inside the 50 % band", "inside the 90 % band"), rows
    )


def parameters() -> tuple[Counter[str], str]:
    """How many parameters rest on what, and those that rest on figures or publications with their sources."""
    found: list[Param] = list(subject().model.registry.values())
    counts = Counter(one.evidence for one in found)
    rows = [
        (
            one.id.replace("_", "_\u200b"),
            f"{one.default:g}",
            f"{one.low:g} to {one.high:g}",
            one.unit,
            one.source,
        )
        for one in found
        if one.evidence != "judgement"
    ]
    return counts, table(
        "(2.2fr, 1fr, 1.6fr, 1fr, 5fr)", ("parameter", "value", "range", "unit", "source"), rows
    )


def paper() -> str:
    """The whole paper in Typst."""
    model = subject().model
    counts, sourced = parameters()
    facts: dict[str, Any] = {
        "blocks": len(model.blocks),
        "forms": len({(one.file, one.line) for one in model.variables.values() if one.source_text}),
        "variables": len(model.variables),
        "parameters": len(model.registry),
        "judged": counts["judgement"],
        "sourced": len(model.registry) - counts["judgement"],
    }
    version = f"Version {supercycle.__version__}, model {subject().model_hash[:12]}"
    parts = [
        STYLE,
        TITLE,
        f"#align(center)[{text(version)}]",
        f"*Abstract.* {text(ABSTRACT.format(**facts))}",
        "= How the model works",
        text(MECHANICS),
        text(BANDS),
        "= What it says now",
        text(f"The base case on {PATHS:,} paths with seed 1, run when this paper was made."),
        base_case(),
        "= How far its bands held",
        text(RECORD),
        record(),
        PICTURE,
        "= The blocks",
        text(BLOCKS),
        *blocks(),
        "= Parameters with sources",
        text(SOURCED),
        sourced,
    ]
    return "\n\n".join(parts) + "\n"


def main(file: Path) -> None:
    """Write the paper; the Typst source is compiled in the folder of the pages, so that pictures are found."""
    import typst  # in the lock of the documentation, not of the tests

    day = datetime.datetime.now(tz=datetime.UTC)
    pdf: bytes = typst.compile(paper().encode(), root=str(HERE), timestamp=int(day.timestamp()))
    file.write_bytes(pdf)
    print(f"written: {file} ({len(pdf) // 1024} kB)")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "paper.pdf"))

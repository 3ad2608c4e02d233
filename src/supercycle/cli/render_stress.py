"""What a person sees of a stress, a reverse stress and a sensitivity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from supercycle.cli.console import plain_console, plain_table, table_row
from supercycle.cli.render import number

__all__ = ["moves_table", "reverse_lines", "sensitivity_table", "shocks_table", "stress_tables"]

Record = Mapping[str, Any]
SHORT = {
    "world_ai_capex_usd_bn:sum": "capex, sum",
    "fleet_it_gw:2030Q4": "GW IT 2030",
    "contract_price:2030Q4": "price 2030",
    "write_off_usd_bn:sum": "write-offs",
    "credit_loss_usd_bn:sum": "credit loss",
}
MOVES = 25  # lines of a first look


def shocks_table(shocks: Sequence[Record]) -> None:
    """The shocks, one a line."""
    table = plain_table("shock", "title", "story", "date and size")
    for shock in shocks:
        table_row(
            table, shock["name"], shock["title"], shock["story"], "can be moved" if shock["dated"] else ""
        )
    plain_console().print(table)


def stress_tables(body: Record) -> None:
    """A line per shock; a single shock in full."""
    console = plain_console()
    shocks = cast("list[Record]", body["shocks"])
    manifest = body["manifest"]
    name = body["scenario"]["preset"]
    if len(shocks) == 1:
        _whole(shocks[0], name)
    else:
        shown = [text for text in SHORT if text in shocks[0]["readings"]]
        table = plain_table("shock", right=("bust", *(SHORT[t] for t in shown)))
        for shock in shocks:
            told: list[str] = []
            for text in shown:
                change = shock["readings"][text]["difference"]
                low, mid, high = (number(change[level]) for level in ("q05", "q50", "q95"))
                told.append(f"{mid}\n{low} to {high}")
            bust = shock["bust"]
            table_row(
                table, shock["name"], f"{_percent(bust['before'])}\nto {_percent(bust['after'])}", *told
            )
        console.print(
            f"Change against {name}: median of paired differences, 5 to 95 % below",
            style="bold",
            markup=False,
        )
        console.print(table)
    redrawn = {shock["name"]: shock["redrawn"] for shock in shocks if shock["redrawn"]}
    books = f"books close to {body['books']['residual_max']:.1e}"
    lines = [f"{shocks[0]['pairs']} pairs of {manifest['paths']} paths, seed {manifest['seed']}, {books}"]
    for redrawn_name, count in redrawn.items():
        lines.append(
            f"{redrawn_name}: {count} pairs have different parameters, the opening refused one side's draw"
        )
    lines.append(f"again: {manifest['command']}")
    for line in lines:
        console.print(line, style="dim", markup=False)


def _whole(shock: Record, base: str) -> None:
    console = plain_console()
    console.print(f"{shock['name']}: {shock['title']}", style="bold", markup=False)
    table = plain_table("output", "unit", "when", right=(base, "shocked", "change", "5 % to 95 %"))
    rows = [*shock["readings"].items(), *((f"loss of {h}", i) for h, i in shock["losses_by_holder"].items())]
    for text, found in cast("list[tuple[str, Record]]", rows):
        if text == "busted:last":
            continue
        change = found["difference"]
        band = f"{number(change['q05'])} to {number(change['q95'])}"
        sides = (number(found[side]["q50"]) for side in ("before", "after"))
        table_row(table, found["label"], found["unit"], found["when"], *sides, number(change["q50"]), band)
    console.print(table)
    bust = shock["bust"]
    console.print(
        f"A bust on {_percent(bust['before'])} of paths without it, {_percent(bust['after'])} with it "
        f"({_percent(bust['only_with'])} only with, {_percent(bust['only_without'])} only without)",
        style="bold", markup=False,
    )  # fmt: skip


def reverse_lines(body: Record) -> None:
    """The answer as sentences."""
    console = plain_console()
    lever, output, answer = body["lever"], body["output"], body["answer"]
    unit = lever["unit"]
    said = f"{output['statistic']} of {output['label']} ({output['reading']})"
    value, reached = number(answer["value"]), number(answer["statistic"])
    if body["found"] and answer["move"] == 0:
        first = f"{said} is at {number(body['target'])} {output['unit']} without any move."
    elif body["found"]:
        first = (
            f"{lever['label']} from {number(body['start']['value'])} to {value} {unit} brings {said} "
            f"from {number(body['start']['statistic'])} to {reached} {output['unit']}."
        )
    else:
        first = (
            f"Nothing in {number(lever['low'])} to {number(lever['high'])} {unit} of {lever['label']} brings {said} "
            f"to {number(body['target'])}; {value} comes nearest, with {reached} {output['unit']}."
        )
    console.print(first, style="bold", markup=False)
    lines = [
        f"that is {100 * answer['share_of_range']:.1f} % of the lever's range",
        f"one step short ({number(answer['step'])} {unit}) gives {number(answer['one_step_short'])}"
        if answer["one_step_short"] is not None
        else "",
        "run again and confirmed" if body["verified"] else "NOT confirmed when run again",
        "" if body["monotone"] else "the response turns within the range: other values reach it too, or leave it",
        f"{body['redrawn']} of {body['paths']} paths have different draws at the answer: the opening refused "
        "one side's" if body["redrawn"] else "",
        "the scenario samples this parameter; here it has one value on every path"
        if lever["sampled_in_scenario"]
        else "",
    ]  # fmt: skip
    for line in filter(None, lines):
        console.print(line, style="dim", markup=False)


def sensitivity_table(body: Record, top: int) -> None:
    """The heaviest parameters with the method's numbers, and the evidence behind all of them."""
    console = plain_console()
    columns: dict[str, tuple[str, ...]] = {
        "drivers": ("share", "correlation"),
        "odds": ("low_fifth", "high_fifth", "share", "z"),
        "tornado": ("low", "high", "at_low_q50", "at_high_q50", "swing_mean", "swing_q05", "swing_q95"),
        "morris": ("mu_star", "standard_error", "mu", "sigma"),
        "sobol": ("total", "total_q05", "total_q95", "first"),
    }
    shown = columns[body["method"]]
    if body["method"] == "tornado" and _flat(body):  # the median of an event is 0 or 1 and does not move
        shown = ("low", "high", "at_low_mean", "at_high_mean", "swing_mean")
    table = plain_table("parameter", "evidence", right=tuple(c.replace("_", " ") for c in shown))
    for row in cast("list[Record]", body["rows"])[:top]:
        name = f"{row['label']} ({row['parameter']})"
        table_row(table, name, row["evidence"], *(number(row[c]) for c in shown))
    output = body["output"]
    console.print(f"{output['label']}, {output['when']} ({output['unit']}), {body['method']}", style="bold",
                  markup=False)  # fmt: skip
    if body["rows"]:
        console.print(table)
    else:
        console.print("no parameter is distinguishable from chance", markup=False)
    if "frequency" in body:
        share, tested = _percent(body["frequency"]), body["tested"]
        console.print(
            f"it happens on {share} of {body['used']:,} paths; {tested} parameters looked at", markup=False
        )
    parts = ", ".join(f"{kind} {_percent(share)}" for kind, share in body["evidence"].items())
    console.print(f"evidence: {parts}", markup=False)
    more = f"{max(0, len(body['rows']) - top)} more in --json; {body['evaluations']:,} evaluations"
    for line in (body["note"], more):
        console.print(line, style="dim", markup=False)


def _flat(body: Record) -> bool:
    rows = cast("list[Record]", body["rows"])
    return all(not row[key] for row in rows for key in ("at_low_q50", "at_high_q50"))


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def moves_table(body: Record) -> None:
    """The outputs that move between two scenarios, members left to JSON."""
    console = plain_console()
    moves = [move for move in cast("list[Record]", body["moves"]) if move["entity"] is None]
    table = plain_table("output", "unit", "quarter", right=("A", "B", "B - A", "5 % to 95 %", "size"))
    for move in moves[:MOVES]:
        change = move["difference"]
        band = f"{number(change['q05'])} to {number(change['q95'])}"
        sides = number(move["a"]), number(move["b"]), number(change["q50"])
        table_row(table, move["label"], move["unit"], move["quarter"], *sides, band, number(move["size"]))
    console.print(
        f"{len(body['moves'])} of {body['outputs']} outputs move, each where it moves most; "
        f"medians of {body['pairs']} pairs",
        style="bold", markup=False,
    )  # fmt: skip
    console.print(table)
    console.print(
        "size: mean difference in standard deviations over paths; the rest with --json", style="dim",
        markup=False,
    )  # fmt: skip

"""What a person sees, tables and plain text, and what a program sees, one JSON object."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from supercycle.cli.console import plain_console as _console
from supercycle.cli.console import plain_table as _table
from supercycle.cli.console import table_row as _row

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "MAIN_OUTPUTS",
    "compare_tables",
    "diff_table",
    "explanation",
    "facts",
    "number",
    "preset_table",
    "presets_table",
    "print_json",
    "records",
    "run_tables",
    "series_table",
    "sparkline",
    "verify_table",
]

Record = Mapping[str, Any]
# What a first look needs, from the grid to the economy; everything else with --all.
ROWS_SHOWN = 12
MAIN_OUTPUTS = (
    "world_ai_capex_usd_bn",
    "five_firm_capex_usd_bn",
    "energised_it_gw",
    "fleet_it_gw",
    "fleet_facility_gw",
    "dark_it_gw",
    "fleet_mh100e",
    "utilisation",
    "contract_price",
    "ai_revenue_run_rate",
    "required_user_cost",
    "external_share",
    "hurdle_rate",
    "ai_debt_usd_bn",
    "credit_loss_usd_bn",
    "write_off_usd_bn",
    "gdp_contribution_net",
    "busted",
)


def print_json(content: Mapping[str, Any]) -> None:
    """Print one JSON object; a number that is not finite becomes null."""
    import orjson

    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY).decode() + "\n")


def number(value: float | None) -> str:
    """A number in about four digits, for reading.

    >>> number(1234567.0), number(12.3456), number(0.0125), number(0.0), number(None), number(1e300)
    ('1,234,567', '12.35', '0.0125', '0', '-', '1.00e+300')
    """
    if value is None or not math.isfinite(value):
        return "-"
    size = abs(value)
    if size >= 1e15:
        return f"{value:.2e}"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}" if size >= 1e-4 or value == 0 else f"{value:.2e}"


def sparkline(values: Sequence[float | None], cells: int = 10) -> str:
    """The course of a series in a few blocks, its least value lowest; a flat series is a line of lows.

    >>> sparkline([0, 1, 2, 3, 4, 5, 6, 7], cells=8), sparkline([1.0, None], cells=2)
    ('▁▂▃▄▅▆▇█', '▁ ')
    """
    finite = [v for v in values if v is not None and math.isfinite(v)]
    if not finite:
        return ""
    low, span = min(finite), max(finite) - min(finite)
    places = [round(i * (len(values) - 1) / max(cells - 1, 1)) for i in range(min(cells, len(values)))]
    blocks = "▁▂▃▄▅▆▇█"
    return "".join(
        " "
        if v is None or not math.isfinite(v)
        else blocks[round((len(blocks) - 1) * (v - low) / span) if span else 0]
        for v in (values[i] for i in places)
    )


def run_tables(
    body: Record,
    out: Path | None,
    report: Path | None,
    xlsx: Path | None = None,
    *,
    everything: bool = False,
    ids: bool = False,
    record: str = "",
) -> None:
    """The main outputs (or all) at a few quarters, how the run stands, and last, where the eye is, the headline.

    ``record`` says what such bands held in the past.
    """
    console = _console()
    outputs: Mapping[str, Record] = body["outputs"]
    whole = [key for key in outputs if ":" not in key]
    chosen = whole if everything else [key for key in MAIN_OUTPUTS if key in whole] or whole or list(outputs)
    main = {key: outputs[key] for key in chosen}  # what is not shown is not computed
    shown = _quarters(next(iter(main.values()))["quarters"])
    names = ("output", "id", "unit") if ids else ("output", "unit")
    table = _table(*names, "course", right=(*(quarter for _, quarter in shown), "5 % to 95 % at the end"))
    for key, found in main.items():
        medians = [number(found["q50"][place]) for place, _ in shown]
        band = f"{number(found['q05'][-1])} to {number(found['q95'][-1])}"
        who = (found["label"], key, found["unit"]) if ids else (found["label"], found["unit"])
        _row(table, *who, sparkline(found["q50"]), *medians, band)
    console.print(table)
    _derived_table(console, body["derived"])
    manifest, counts = body["manifest"], body["status_counts"]
    failed = ", ".join(f"{count} {name}" for name, count in counts.items() if count and name != "ok")
    books = body["books"]
    lines = [
        f"medians of {counts['ok']} of {manifest['paths']} paths"
        + (f" ({failed}, left out)" if failed else ""),
        f"books close to {books['residual_max']:.1e} of gross flows ({books['checked']:,} checks)",
        f"{100 * manifest['rejection_rate']:.1f} % of draws contradicted the opening and were drawn again",
        *(
            f"{one['label']} on {one['paths']:,} of {one['of']:,} paths"
            for one in body.get("events", {}).values()
        ),
        _identity(body),
        f"again: {manifest['command']}",
    ]
    more, members = len(whole) - len(main), len(outputs) - max(len(whole), len(main))
    lines += (
        [f"{more} more outputs with --all; ids with --ids; explain takes a label or an id"] if more else []
    )
    lines += [f"{members} more by firm, route or vintage in --json and --out"] if members else []
    lines = [record, *lines] if record else lines
    lines += [f"result written to {out}"] if out is not None else []
    lines += [f"report written to {report}"] if report is not None else []
    lines += [f"workbook written to {xlsx}"] if xlsx is not None else []
    for line in lines:
        console.print(line, style="dim", markup=False)
    console.print()
    console.print(body["headline"], style="bold", markup=False)


def _identity(body: Record) -> str:
    manifest = body["manifest"]
    seconds = sum(body["timings_s"].values())
    model = manifest["model_hash"][:12]
    return f"kernel {manifest['kernel']}, seed {manifest['seed']}, {seconds:.2f} s, model {model}"


def _derived_table(console: Console, derived: Mapping[str, Record]) -> None:
    for found in derived.values():
        table = _table(found["label"], right=("5 %", "median", "95 %", "paths that have one"))
        for i, entity in enumerate(found["entities"]):
            values = (number(found[level][i]) for level in ("q05", "q50", "q95"))
            _row(table, f"{entity} ({found['unit']})", *values, f"{100 * found['defined'][i]:.0f} %")
        console.print(table)


def compare_tables(body: Record, *, everything: bool = False) -> None:
    """Both sides' medians and the paired difference at the end."""
    console = _console()
    a, b = (body[side]["manifest"]["scenario"]["preset"] for side in ("a", "b"))
    outputs: Mapping[str, Record] = body["outputs"]
    last = next(iter(outputs.values()))["quarters"][-1]
    table = _table("output", "unit", right=(f"A {a}", f"B {b}", "B - A", "5 % to 95 %"))
    whole = {key: found for key, found in outputs.items() if found["entity"] is None}
    main = whole if everything else {key: whole[key] for key in MAIN_OUTPUTS if key in whole} or whole
    for found in main.values():
        change = found["difference"]
        band = f"{number(change['q05'][-1])} to {number(change['q95'][-1])}"
        sides = (number(found[side]["q50"][-1]) for side in ("a", "b"))
        _row(table, found["label"], found["unit"], *sides, number(change["q50"][-1]), band)
    console.print(f"Medians in {last}, paired on {body['pairs']} paths", style="bold", markup=False)
    console.print(table)
    if all(
        found["difference"][level][-1] in (0.0, None) for found in whole.values() for level in ("q05", "q95")
    ):
        console.print(f"A and B do not differ in {last}: every paired difference is zero", style="bold")
    if body["variance_reduction"] is not None:
        console.print(
            f"pairing cuts the variance of a difference {number(body['variance_reduction'])}-fold (median)",
            style="dim", markup=False,
        )  # fmt: skip
    if body["redrawn"]:
        console.print(
            f"{body['redrawn']} pairs have different parameters: one side's draw contradicted the opening",
            style="dim", markup=False,
        )  # fmt: skip


def diff_table(body: Record) -> None:
    """Where two scenarios' assumptions differ."""
    console = _console()
    a, b = (body[side]["title"] or body[side]["preset"] for side in ("a", "b"))
    table = _table("parameter", "unit", f"A {a}", f"B {b}")
    for found in cast("list[Record]", body["differences"]):
        _row(
            table,
            f"{found['label']} ({found['parameter']})",
            found["unit"],
            _prior(found["a"]),
            _prior(found["b"]),
        )
    if body["differences"]:
        console.print(table)
    console.print(f"{len(body['differences'])} parameters differ, {body['same']} are the same", markup=False)


def explanation(found: Record, *, everything: bool = False) -> None:
    """A name's facts, its equation as written, and its inputs as a table."""
    apart = ("inputs", "opening_inputs", "parameters", "rests_on")
    facts({k: v for k, v in found.items() if k not in apart})
    for key in ("inputs", "opening_inputs", "parameters"):
        if found.get(key):
            table = _table(key.replace("_", " "), "kind", "unit", "meaning", "evidence")
            for item in cast("list[Record]", found[key]):
                name = item.get("argument") or item.get("name") or item.get("id")
                _row(
                    table, name, item.get("kind"), item.get("unit"), item.get("meaning"), item.get("evidence")
                )
            _console().print(table)
    if found.get("rests_on"):
        foundations_table(found["rests_on"], everything=everything)


def foundations_table(found: Record, *, everything: bool = False) -> None:
    """What a number rests on: rows by tier with the ids that ``figures cite`` takes, priors and judgements."""
    console = _console()
    rows = [(tier, row) for tier, of_tier in found["by_tier"].items() for row in of_tier]
    counts = ", ".join(f"{len(of_tier)} of tier {tier}" for tier, of_tier in found["by_tier"].items())
    judged, ranges = len(found["judgements"]), len(found["priors"])
    head = f"rests on {len(rows)} rows of figures" + (f" ({counts})" if counts else "")
    console.print(f"{head}, {ranges} published ranges, {judged} judgements", style="bold", markup=False)
    shown = rows if everything else rows[:ROWS_SHOWN]
    if shown:
        table = _table("tier", "figure", "period", "unit", "cite", right=("value",))
        for tier, row in shown:
            what = f"{row['series']}, {row['entity']}"
            _row(table, tier, what, row["period"], row["unit"], row["id"], number(row["value"]))
        console.print(table)
    if len(rows) > len(shown):
        console.print(f"{len(rows) - len(shown)} more rows with --all", style="dim", markup=False)
    if everything:
        for kind, text in (("priors", "source"), ("judgements", "reason"), ("uncited", "source")):
            if found[kind]:
                table = _table(kind, text)
                for one in cast("list[Record]", found[kind]):
                    _row(table, one["id"], one[text])
                console.print(table)


def presets_table(presets: Iterable[Record]) -> None:
    """The presets, one a line."""
    table = _table("preset", "title", "story", right=("settings",))
    for preset in presets:
        _row(table, preset["name"], preset["title"], preset["story"], str(len(preset["set"])))
    _console().print(table)


def preset_table(preset: Record) -> None:
    """One scenario's story and settings."""
    console = _console()
    console.print(f"{preset['name']}: {preset['title']}", style="bold", markup=False)
    for line in (preset["story"], *(f"asks: {question}" for question in preset["answers"])):
        if line:
            console.print(line, markup=False)
    for move in cast("list[Record]", preset["moves"]):
        size = f"{number(move['from'])} to {number(move['to'])} {move['unit']}"
        console.print(f"moves: {move['label']}, {move['when']}: {move['by']} by {size}", markup=False)
    if preset["until"]:
        console.print(f"until {preset['until']}", markup=False)
    table = _table("parameter", "unit", right=("base", "here"))
    for found in cast("list[Record]", preset["set"]):
        label = f"{found['label']} ({found['parameter']})"
        _row(table, label, found["unit"], number(found["default"]), _prior(found))
    if preset["set"]:
        console.print(table)


def series_table(found: Record) -> None:
    """A series by entity and quarter."""
    table = _table("entity", "quarter", "unit", "tier", "evidence", "how", right=("value",))
    for entity in cast("list[Record]", found["entities"]):
        for quarter, reading in entity["quarters"].items():
            facts_ = (reading["unit"], reading["tier"], reading["evidence"], reading["how"])
            _row(table, entity["entity"], quarter, *facts_, number(reading["value"]))
        if not entity["quarters"]:
            for point in cast("list[Record]", entity["points"]):
                best = point["chosen"]
                value = best.get("value")
                told = number(value) if isinstance(value, int | float) else str(best.get("text", "-"))
                facts_ = (best.get("unit"), best.get("tier"), best.get("evidence"), "as printed")
                _row(table, entity["entity"], point["period"], *facts_, told)
    console = _console()
    console.print(
        f"{found['series']} ({'a flow' if found['flow'] else 'a level'})", style="bold", markup=False
    )
    console.print(table)


def verify_table(found: Record) -> None:
    """The tables and what is wrong with them."""
    records(
        [{k: t.get(k) for k in ("table", "rows", "checksum_ok", "sha256")} for t in found["tables"]],
        f"{found['rows']} rows, {len(found['notes'])} kept as notes, {len(found['conflicts'])} conflicts",
    )
    console = _console()
    for problem in found["problems"]:
        console.print(f"problem: {problem}", markup=False)
    console.print("all tables are as they were committed" if found["ok"] else "not ok", markup=False)


def records(rows: Sequence[Record], title: str) -> None:
    """Any list of like records as a table."""
    console = _console()
    console.print(title, style="bold", markup=False)
    if rows:
        table = _table(*(key.replace("_", " ") for key in rows[0]))
        for row in rows:
            _row(table, *(_short(value) for value in row.values()))
        console.print(table)


def facts(found: Record, indent: int = 0) -> None:
    """Any nested record as indented lines."""
    console = _console()
    for line in _lines(found, indent):
        console.print(line, markup=False, soft_wrap=True)


def _lines(found: Record, indent: int) -> Iterable[str]:
    space = "  " * indent
    for key, value in found.items():
        name = f"{space}{str(key).replace('_', ' ')}:"
        if value is None or value == "" or (isinstance(value, list | dict | tuple) and not value):
            continue
        if isinstance(value, Mapping):
            yield name
            yield from _lines(cast("Record", value), indent + 1)
        elif isinstance(value, list | tuple) and any(
            isinstance(v, Mapping) for v in cast("list[Any]", value)
        ):
            yield name
            for item in cast("list[Record]", value):
                first, *rest = _lines(item, indent + 2)
                yield f"{space}  - {first.strip()}"
                yield from rest
        elif isinstance(value, str) and "\n" in value:
            yield name
            yield from (f"{space}  {line}" for line in value.splitlines())
        else:
            yield f"{name} {_short(value)}"


def _short(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_short(v)}" for k, v in cast("Record", value).items())
    if isinstance(value, list | tuple):
        return ", ".join(_short(v) for v in cast("list[Any]", value)) or "-"
    return str(value)


def _prior(found: Record) -> str:
    if not found["sampled"]:
        return number(found["value"])
    return f"{number(found['default'])} ({number(found['low'])} to {number(found['high'])})"


def _quarters(quarters: Sequence[str]) -> list[tuple[int, str]]:
    """Up to five quarters to show: the first, the last and year ends between, evenly spread."""
    ends = [i for i, quarter in enumerate(quarters) if quarter.endswith("Q4")][:-1]
    spread = [ends[round(part * (len(ends) - 1))] for part in (0.15, 0.5, 0.8)] if ends else []
    return [(i, quarters[i]) for i in sorted({0, *spread, len(quarters) - 1})]

"""``supercycle discover``: what the bad paths of a scenario have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from supercycle.cli.commands_stress import Kernel, Preset, Seed, Settings, Until
from supercycle.cli.console import plain_console, plain_table, table_row
from supercycle.cli.numbers import MOST_PATHS, real, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import number, print_json

__all__ = ["discover"]


def discover(
    output: Annotated[str, Parameter(help="OUTPUT[:MEMBER][:QUARTER, sum, max, min or last].")] = "busted",
    /,
    *,
    worst: Annotated[
        Literal["low", "high"] | None,
        Parameter(help="Which end of an output is bad; an event (0 or 1) is bad where it is 1."),
    ] = None,
    share: Annotated[
        float,
        Parameter(converter=real, help="The share of paths that is bad, for an output that is no event."),
    ] = 0.05,
    coverage: Annotated[
        float, Parameter(converter=real, help="How much of the bad paths the conditions must cover.")
    ] = 0.5,
    most: Annotated[int, Parameter(converter=whole(1, 20), help="At most this many edges of ranges.")] = 4,
    paths: Annotated[
        int | None,
        Parameter(converter=whole(1, MOST_PATHS), help="How many paths; 8000 unless given, half held out."),
    ] = None,
    preset: Preset = "base",
    set: Settings = (),
    seed: Seed = 1,
    until: Until = None,
    kernel: Kernel = "auto",
    json: Annotated[bool, Parameter(negative=(), help="Print one JSON object.")] = False,
) -> int:
    """Find the ranges of a few parameters that bad paths share, and judge them on paths held out."""
    from supercycle.service.discover import discover as service

    with progress_bar() as progress:
        found = service(
            output, worst=worst, share=share, coverage=coverage, most=most, preset=preset, set=set, paths=paths,
            seed=seed, until=until, kernel=kernel, progress=progress,
        )  # fmt: skip
    if json:
        print_json(found)
    else:
        _print(found)
    return 0


def _print(body: dict[str, Any]) -> None:
    console = plain_console()
    console.print(f"Bad: {body['bad']}, {body['output']['when']}", style="bold", markup=False)
    if not body["better_than_chance"]:
        console.print("No box better than chance on the paths held out.", markup=False)
        return
    table = plain_table("condition", "unit", "evidence", right=("from", "to", "chance"))
    for one in body["conditions"]:
        ends = ("" if one[end] is None else number(one[end]) for end in ("from", "to"))
        name = f"{one['label']} ({one['parameter']})"
        table_row(table, name, one["unit"], one["evidence"], *ends, f"{one['chance']:.0e}")
    console.print(table)
    table = plain_table("paths", right=("base", "inside", "density", "coverage", "lift"))
    for key, name in (("found_on", "found on"), ("held_out", "held out")):
        box = body[key]
        shares = (f"{100 * box[k]:.0f} %" for k in ("base", "density", "coverage"))
        base, density, coverage = shares
        table_row(
            table,
            f"{name} {box['paths']:,}",
            base,
            f"{box['inside']:,}",
            density,
            coverage,
            f"{box['lift']:.2f}",
        )
    console.print(table)
    console.print(body["note"], style="dim", markup=False)

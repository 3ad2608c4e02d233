"""``supercycle diff``, ``explain``, ``presets`` and ``doctor``: what can be read without a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.render import print_json

__all__ = ["diff", "doctor", "explain", "merge", "presets", "reproduce"]

OTHER_PROCESSOR = 1e-9  # of an output's scale: what another kind of processor may differ by

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]


def diff(
    a: Annotated[str, Parameter(help="A preset, a .yaml file or a result folder.")],
    b: Annotated[str, Parameter(help="What it is compared with.")],
    /,
    *,
    paths: Annotated[
        int,
        Parameter(
            converter=whole(0, MOST_PATHS), help="Run both on so many paths, and say which outputs move."
        ),
    ] = 0,
    seed: Annotated[int, Parameter(converter=whole(0, MOST_SEED), help="Random seed of those runs.")] = 1,
    kernel: Annotated[
        Literal["auto", "machine", "numpy"], Parameter(help="Which kernel computes them.")
    ] = "auto",
    json: Json = False,
) -> int:
    """Print the assumptions on which two scenarios differ and, with paths, the outputs that move by it."""
    from supercycle import service
    from supercycle.cli.progress import progress_bar

    with progress_bar() as progress:
        found = service.diff(a, b, paths=paths, seed=seed, kernel=kernel, progress=progress)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import diff_table
        from supercycle.cli.render_stress import moves_table

        diff_table(found)
        if paths:
            moves_table(found)
    return 0


def reproduce(
    folder: Annotated[str, Parameter(help="A result folder, as run --out made it.")],
    /,
    *,
    json: Json = False,
) -> int:
    """Run a stored result again and compare: equal to the bit, or by how much it differs, and where."""
    from supercycle import service
    from supercycle.core.errors import ModelError

    found = service.reproduce(folder)
    if json:
        print_json(found)
    elif found["equal"]:
        print(f"equal bit for bit: {found['outputs']} outputs on {found['paths']:,} paths")
    else:
        away = found["largest_difference"]
        size = (
            "some paths have numbers on one side only"
            if away is None
            else f"by up to {away:.1e} of its scale"
        )
        print(f"differs: {found['output']} {size}; processor then {found['processor']['then']}")
        print(f"processor here {found['processor']['here']}")
    allowed = not found["same_processor"] and (found["largest_difference"] or 0.0) <= OTHER_PROCESSOR
    return 0 if found["equal"] or allowed else ModelError.exit_code


def merge(
    out: Annotated[Path, Parameter(help="Where the whole run goes, a folder that is not there yet.")],
    /,
    *shards: Annotated[str, Parameter(help="Result folders of run --first, in any order.")],
    json: Json = False,
) -> int:
    """Put the shards of one run together: the folder that one machine would have written, bit for bit."""
    from supercycle import service

    result = service.merge(shards, out)
    if json:
        print_json({"folder": str(out), "shards": len(shards), "paths": result.run.paths})
    else:
        print(f"{out}: {result.run.paths:,} paths of {len(shards)} shards")
        print(result.headline)
    return 0


def explain(
    name: Annotated[str, Parameter(help="An output (or any variable) or a parameter.")],
    /,
    *,
    all: Annotated[
        bool, Parameter(negative=(), help="Show every row, range and judgement it rests on.")
    ] = False,
    json: Json = False,
) -> int:
    """Print an output's equation, inputs and source, or a parameter's range, evidence and use."""
    from supercycle import service

    found = service.explain(name)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import explanation

        explanation(found, everything=all)
    return 0


def presets(
    action: Annotated[Literal["list", "show"], Parameter(help="List all, or show one.")] = "list",
    name: Annotated[
        str | None, Parameter(help="The preset to show; a .yaml file or a result folder too.")
    ] = None,
    /,
    *,
    json: Json = False,
) -> int:
    """List the scenarios that are shipped, or show what one of them sets."""
    from supercycle import service
    from supercycle.core.errors import UsageError

    if (action == "show") != (name is not None):
        raise UsageError("a preset's name belongs to show", expected="presets list, or presets show NAME")
    if name is None:
        listed = service.presets()
        if json:
            print_json({"schema": "supercycle.presets/1", "presets": listed})
        else:
            from supercycle.cli.render import presets_table

            presets_table(listed)
        return 0
    found = service.preset(name)
    if json:
        print_json({"schema": "supercycle.preset/1", **found})
    else:
        from supercycle.cli.render import preset_table

        preset_table(found)
    return 0


def doctor(*, json: Json = False) -> int:
    """Check this installation: versions, compiled kernels, folders, tables, model."""
    from supercycle import service
    from supercycle.core.errors import EnvironmentProblem

    found = service.doctor()
    if json:
        print_json(found)
    else:
        from supercycle.cli.render import facts

        facts(found)
    return 0 if found["ok"] else EnvironmentProblem.exit_code

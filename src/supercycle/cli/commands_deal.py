"""``supercycle deal``: run, check and size a financing that is written in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["check", "examples", "new", "run", "schema", "size", "upgrade"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
File = Annotated[str, Parameter(help="A deal's .yaml file, or the name of an example.")]
Settings = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set", negative=(), allow_leading_hyphen=False,
        help="path=value, as in facilities.notes.rate=7%; repeat for more.",
    ),
]  # fmt: skip
Agency = Literal["all", "us_gaap", "ifrs", "look_through", "sp", "moodys"]


def run(
    file: File,
    /,
    *,
    world: Annotated[str | None, Parameter(help="A result folder of supercycle run --out.")] = None,
    preset: Annotated[str | None, Parameter(help="A scenario of the world to run the deal on.")] = None,
    paths: Annotated[
        int | None, Parameter(help="How many paths; 1 without a world, 1000 with --preset.")
    ] = None,
    seed: Annotated[
        int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
    ] = 1,
    set: Settings = (),
    agency: Annotated[Agency, Parameter(help="Whose reading of the lessee's debt is shown.")] = "all",
    price: Annotated[
        tuple[float, ...],
        Parameter(negative=(), help="Percent of what is drawn at which yields are given; repeat for more."),
    ] = (100.0,),
    json: Json = False,
    report: Annotated[Path | None, Parameter(help="Write a report, one HTML file.")] = None,
    xlsx: Annotated[Path | None, Parameter(help="Write a workbook with live formulas.")] = None,
) -> int:
    """Run a deal: every period's cash, cover, what each holder gets and loses, and the lessee's side."""
    from supercycle.cli.commands_run import check_writable
    from supercycle.service.deal import deal

    for place, option in ((report, "--report"), (xlsx, "--xlsx")):
        if place is not None:
            check_writable(place, option)
    with progress_bar() as progress:
        found = deal(file, set=set, world=world, preset=preset, paths=paths, seed=seed, progress=progress,
                     prices=price)  # fmt: skip
    if report is not None:
        from supercycle.report import write
        from supercycle.story.deal import deal_report_data

        write(deal_report_data(found), report)
    if xlsx is not None:
        found.write_xlsx(xlsx)
    if json:
        print_json(found.to_dict())
        return 0
    from supercycle.cli.render_deal import deal_tables

    deal_tables(found.to_dict(), agency=agency)
    for place, word in ((report, "report"), (xlsx, "workbook")):
        if place is not None:
            print(f"{word} written to {place}")
    return 0


def check(file: File, /, *, set: Settings = (), json: Json = False) -> int:
    """Read a deal and lay it on its calendar, without running it."""
    from supercycle.service.deal import check as checked

    said = checked(file, set=set)
    if json:
        print_json(said)
    else:
        from supercycle.cli.render import facts

        facts(said)
    return 0


def size(file: File, /, *, set: Settings = (), json: Json = False) -> int:
    """Each facility's size, the limits of a sculpted one and which binds, and its planned service."""
    from supercycle.service.deal import size as sized

    found = sized(file, set=set)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render_deal import size_tables

        size_tables(found["facilities"])
    return 0


def upgrade(
    file: File,
    /,
    *,
    to: Annotated[Path | None, Parameter(help="Where to write it; without it, in place.")] = None,
) -> int:
    """Rewrite a deal of the first schema, supercycle.deal/1, and say what changed; comments and order stay."""
    from supercycle.service.deal_files import upgrade_file

    place, told = upgrade_file(Path(file), to)
    for line in told:
        print(f"- {line}")
    print(f"written to {place}")
    return 0


def new(
    kind: Annotated[str, Parameter(help="The kind: the name of an example, as in supercycle deal examples.")],
    file: Annotated[Path, Parameter(help="The file to write; it must not exist.")],
    /,
) -> int:
    """Write a commented deal file of a kind, to be changed."""
    from supercycle.service.deal_files import new_file

    print(f"written to {new_file(kind, file)}; next: supercycle deal run {file}")
    return 0


def schema() -> int:
    """Print the JSON Schema of a deal file."""
    from supercycle.service.deal_files import schema as of_files

    print_json(of_files())
    return 0


def examples(*, json: Json = False) -> int:
    """List the deals that are shipped."""
    from supercycle.service.deal import examples_listed

    listed = examples_listed()
    if json:
        print_json({"schema": "supercycle.deals/1", "deals": listed})
    else:
        from supercycle.cli.render import records

        records(listed, f"{len(listed)} deals; supercycle deal run NAME")
    return 0

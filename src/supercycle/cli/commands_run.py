"""``supercycle run`` and ``supercycle compare``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import MAIN_OUTPUTS, print_json

if TYPE_CHECKING:
    from supercycle.service.result import Result

__all__ = ["compare", "run", "sweep"]

Kernel = Literal["auto", "machine", "numpy"]
Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
All = Annotated[bool, Parameter(negative=(), help="Show every output, not only the main ones.")]
Settings = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set", negative=(), allow_leading_hyphen=False,
        help="A parameter's value on every path, id=value[unit]; repeat for more.",
    ),
]  # fmt: skip
Paths = Annotated[
    int | None, Parameter(converter=whole(1, MOST_PATHS), help="How many paths; 1000 unless given.")
]
Seed = Annotated[
    int | None,
    Parameter(converter=whole(0, MOST_SEED), help="Random seed, 1 unless given; it fixes every number."),
]
Anyway = Annotated[
    bool, Parameter(negative=(), help="Show a stored result that another model made; every output says so.")
]
Beyond = Annotated[
    bool,
    Parameter(negative=(), help="Let --set leave the range that the evidence covers; every output says so."),
]
Until = Annotated[str | None, Parameter(help="Last quarter; the scenario's, else 2035Q4.")]
KernelOption = Annotated[
    Kernel, Parameter(help="Which kernel computes; auto is machine (compiled code), numpy the reference.")
]


def run(
    *,
    preset: Annotated[str, Parameter(help="A preset, a .yaml file or a result folder.")] = "base",
    set: Settings = (),
    paths: Paths = None,
    seed: Seed = None,
    until: Until = None,
    kernel: KernelOption = "auto",
    prior: Annotated[
        str | None,
        Parameter(
            help="judged (the registry's priors) or posterior (fitted to the past; refused when the model has changed)."
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        Parameter(
            help="A day: figures published later are withheld from the opening; the newest known otherwise."
        ),
    ] = None,
    beyond: Beyond = False,
    outputs: Annotated[
        str | None,
        Parameter(help="Only these outputs: ids with commas between, a name with members means all of them."),
    ] = None,
    first: Annotated[
        int | None,
        Parameter(
            converter=whole(0, MOST_SEED),
            help="Number of the first path, 0 unless given: pieces of one run, put together by merge.",
        ),
    ] = None,
    anyway: Anyway = False,
    all: All = False,
    ids: Annotated[bool, Parameter(negative=(), help="Show each output's id beside its label.")] = False,
    quiet: Annotated[bool, Parameter(negative=(), help="Print the headline alone.")] = False,
    json: Json = False,
    csv: Annotated[Path | None, Parameter(help="Write every output's quantiles, a .csv file.")] = None,
    out: Annotated[Path | None, Parameter(help="Write a result folder (manifest.json, values.npy).")] = None,
    report: Annotated[Path | None, Parameter(help="Write a report, one HTML file.")] = None,
    xlsx: Annotated[
        Path | None, Parameter(help="Write a workbook: quantiles, assumptions, manifest.")
    ] = None,
) -> int:
    """Simulate a scenario and print what matters."""
    from contextlib import ExitStack

    from supercycle import service
    from supercycle.service import folders

    wanted = None if outputs is None else [name.strip() for name in outputs.split(",")]
    # A table shows few of the outputs: the others are not even recorded. A file or --json has them all.
    few = not (all or json or out or report or xlsx or csv)
    with ExitStack() as stack:
        # Both places are tried before the work, and hold nothing half-written after it.
        folder = stack.enter_context(folders.reserve(out)) if out is not None else None
        for file, option in ((report, "--report"), (xlsx, "--xlsx"), (csv, "--csv")):
            if file is not None:
                check_writable(file, option)
        with progress_bar() as progress:
            result = service.run(
                preset,
                set=set,
                paths=paths,
                seed=seed,
                until=until,
                kernel=kernel,
                prior=prior,
                as_of=as_of,
                beyond=beyond,
                outputs=wanted,
                hold=[*MAIN_OUTPUTS, *service.EVENTS] if few else None,
                first=first,
                anyway=anyway,
                progress=progress,
            )
        body = result.view() if few else result.to_dict()
        if report is not None:
            write_report(result, body, report)
        if xlsx is not None:
            from supercycle.service import workbook

            workbook.write(result, xlsx)
        if csv is not None:
            from supercycle.cli.render_sweep import write_csv

            write_csv(body, csv)
        if folder is not None:
            folders.write(result, folder)
    if json:
        print_json(body)
    elif quiet:
        print(result.headline)
    else:
        from supercycle.cli.render import run_tables
        from supercycle.skill.both_priors import told_beside
        from supercycle.skill.nowcast.words import not_in_a_run
        from supercycle.skill.past_bands import shown_model, told_of

        model = shown_model(result)
        record = f"{told_of(model)} {told_beside(model, 'five_firm_capex_usd_bn')}".strip()
        record = f"{record} {not_in_a_run(result.run.subject.start)}".strip()
        run_tables(body, out, report, xlsx, everything=all, ids=ids, record=record)
    return 0


def compare(
    a: Annotated[str, Parameter(help="A preset, a .yaml file or a result folder.")],
    b: Annotated[str, Parameter(help="What it is compared with.")],
    /,
    *,
    set: Settings = (),
    paths: Paths = None,
    seed: Seed = None,
    until: Until = None,
    kernel: KernelOption = "auto",
    beyond: Beyond = False,
    anyway: Anyway = False,
    all: All = False,
    json: Json = False,
) -> int:
    """Run two scenarios on the same random numbers and print the differences B - A, path by path."""
    from supercycle import service

    with progress_bar() as progress:
        found = service.compare(
            a,
            b,
            set=set,
            paths=paths,
            seed=seed,
            until=until,
            kernel=kernel,
            beyond=beyond,
            anyway=anyway,
            progress=progress,
        )
    body = found.to_dict()
    if json:
        print_json(body)
    else:
        from supercycle.cli.render import compare_tables

        compare_tables(body, everything=all)
    return 0


ENDINGS = {"--report": (".html", ".htm"), "--xlsx": (".xlsx",), "--csv": (".csv",)}


def sweep(
    file: Annotated[Path, Parameter(help="A sweep: base, paths, seed, outputs, and a grid or latin ranges.")],
    /,
    *,
    cluster: Annotated[
        str | None, Parameter(help="Address of a Dask scheduler, or local for one on this machine.")
    ] = None,
    csv: Annotated[Path | None, Parameter(help="Write the table, a .csv file.")] = None,
    json: Json = False,
) -> int:
    """Run many scenarios on the same random numbers into one table."""
    from supercycle.service.sweep import sweep as swept

    if csv is not None:
        check_writable(csv, "--csv")
    with progress_bar() as progress:
        found = swept(file, cluster=cluster, progress=progress)
    if csv is not None:
        from supercycle.cli.render_sweep import write_rows

        write_rows(found["rows"], csv)
    if json:
        print_json(found)
    elif csv is None:
        from supercycle.cli.render_sweep import sweep_table

        sweep_table(found)
    return 0


def check_writable(file: Path, option: str) -> None:
    """Refuse a file's place or a wrong ending before the run, not after it."""
    import tempfile

    from supercycle.core.errors import EnvironmentProblem, UsageError

    if file.is_dir():
        raise EnvironmentProblem(f"cannot write {file}: it is a folder", where=option)
    if file.suffix.lower() not in ENDINGS[option]:
        raise UsageError(
            f"{option} writes another kind of file",
            expected=f"a name that ends in {ENDINGS[option][0]}",
            got=file,
        )
    try:
        with tempfile.TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise EnvironmentProblem(f"cannot write {file} ({error.strerror})", where=option) from None


def write_report(result: Result, body: dict[str, object], report: Path) -> None:
    """Tell the story of a result in one HTML file, with the live model in it."""
    from supercycle.app.live_report import write_live
    from supercycle.story import report_data

    write_live(report_data(body, result), result.run, report)

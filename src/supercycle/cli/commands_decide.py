"""``supercycle decide``: own, lease, reserve or call an API, at the load one really has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from supercycle.cli import examples
from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["app", "buy", "init", "prices", "run", "throughput"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
File = Annotated[str | None, Parameter(help="A decision file; without it, the template's inputs.")]
Settings = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set",
        negative=(),
        allow_leading_hyphen=False,
        help="section.name=value, as in workload.growth_per_year=0.5; repeat for more.",
    ),
]
Preset = Annotated[
    str, Parameter(help="The world in the background: a preset, a .yaml file or a result folder.")
]

app = App(
    name="decide",
    help="Own, lease, reserve or call an API, at the load you really have.",
    help_format="plaintext",
    help_epilogue=examples("supercycle decide init", "supercycle decide run decision.yaml"),
)


@app.command(
    help_epilogue=examples(
        "supercycle decide run --usage example",
        "supercycle decide run decision.yaml --preset crunch-2027 --report decision.html --xlsx decision.xlsx",
        "supercycle decide run decision.yaml --usage demand.parquet --set api.deflator=constant_quality --json",
        "supercycle decide run decision.yaml --usage openai-usage.csv --shape '9-18 mon-fri Europe/Zurich'",
        "supercycle decide run --gateway http://127.0.0.1:4001 --quick",
    )
)
def run(
    file: File = None,
    /,
    *,
    usage: Annotated[
        str | None,
        Parameter(
            help="A load: a metered profile (.parquet, .csv, .json), a provider's usage export (.csv), or the word "
            "example for the synthetic one."
        ),
    ] = None,
    shape: Annotated[
        str,
        Parameter(
            help="How a day looks where the usage counts days: flat, or '9-18 mon-fri Europe/Zurich x1.3'."
        ),
    ] = "",
    gateway: Annotated[
        str | None,
        Parameter(help="A running gateway's admin address; SUPERCYCLE_GATEWAY_KEY is an admin key."),
    ] = None,
    preset: Preset = "base",
    worlds: Annotated[
        tuple[str, ...],
        Parameter(name="--world", negative=(), help="A preset to compare with; repeat, or say all."),
    ] = ("base", "crunch-2027", "efficiency-shock"),
    set: Settings = (),
    paths: Annotated[int, Parameter(converter=whole(1, MOST_PATHS), help="How many price paths.")] = 10_000,
    seed: Annotated[
        int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
    ] = 1,
    quick: Annotated[bool, Parameter(negative=(), help="Leave out thresholds, tornado and map.")] = False,
    json: Json = False,
    report: Annotated[Path | None, Parameter(help="Write a report, one HTML file.")] = None,
    xlsx: Annotated[Path | None, Parameter(help="Write a workbook with live formulas.")] = None,
    csv: Annotated[
        Path | None, Parameter(help="Write ranking, statements and assumptions, one value a line.")
    ] = None,
) -> int:
    """Rank the options after tax, with their spread, when to act, and what would change the answer."""
    from supercycle.cli.commands_run import check_writable
    from supercycle.service.decide import decide

    for place, option in ((report, "--report"), (xlsx, "--xlsx"), (csv, "--csv")):
        if place is not None:
            check_writable(place, option)
    with progress_bar() as progress:
        found = decide(
            file,
            usage=usage,
            gateway=gateway,
            shape=shape,
            preset=preset,
            scenarios=worlds,
            set=set,
            paths=paths,
            seed=seed,
            changes=not quick,
            told=progress,
        )
    body = found.to_dict()
    if report is not None:
        from supercycle.report import write
        from supercycle.story.decide import decide_report_data

        write(decide_report_data(body, _again(file, usage, shape, preset, worlds, set, paths, seed)), report)
    if xlsx is not None:
        from supercycle.service.decide_workbook import write as write_book

        write_book(body, xlsx)
    if csv is not None:
        from supercycle.service.decide_csv import write as write_csv

        write_csv(body, csv)
    if json:
        print_json(body)
    else:
        from supercycle.cli.render_decide import decision_tables

        decision_tables(body)
        for place, what in ((report, "report"), (xlsx, "workbook"), (csv, "values")):
            if place is not None:
                print(f"{what}: {place}")
    return 0


def _again(
    file: str | None,
    usage: str | None,
    shape: str,
    preset: str,
    worlds: tuple[str, ...],
    set: tuple[str, ...],
    paths: int,
    seed: int,
) -> dict[str, str]:
    """The same decision on the command line and in Python."""
    import shlex

    words = [
        "supercycle",
        "decide",
        "run",
        *([file] if file else []),
        *(["--usage", usage] if usage else []),
        *(["--shape", shape] if shape else []),
    ]
    words += [
        "--preset",
        preset,
        *(w for one in worlds for w in ("--world", one)),
        *(w for one in set for w in ("--set", one)),
    ]
    words += ["--paths", str(paths), "--seed", str(seed)]
    python = (
        f"import supercycle\nfound = supercycle.decide({file!r}, "
        f"usage={usage!r}, shape={shape!r}, "
        f"preset={preset!r}, scenarios={worlds!r}, set={set!r}, paths={paths}, seed={seed})\nprint(found.headline)"
    )
    return {"cli": shlex.join(words), "python": python}


@app.command(
    help_epilogue=examples(
        "supercycle decide buy decision.yaml",
        "supercycle decide buy decision.yaml --gpu H200 --gpu B200 --model gpt-oss-120b --model glm-5 --json",
    )
)
def buy(
    file: Annotated[str, Parameter(help="A decision file.")],
    /,
    *,
    usage: Annotated[str | None, Parameter(help="A load, as for run.")] = None,
    shape: Annotated[str, Parameter(help="How a day looks where the usage counts days.")] = "",
    gpus: Annotated[
        tuple[str, ...],
        Parameter(name="--gpu", negative=(), help="A GPU to compare; repeat. All without it."),
    ] = (),
    models: Annotated[
        tuple[str, ...],
        Parameter(name="--model", negative=(), help="An open model; repeat. The file's without it."),
    ] = (),
    precisions: Annotated[
        tuple[Literal["bf16", "fp8", "fp4"], ...],
        Parameter(
            name="--precision", negative=(), help="A precision; repeat. All that a GPU has without it."
        ),
    ] = (),
    preset: Preset = "base",
    set: Settings = (),
    paths: Annotated[int, Parameter(help="How many price paths.")] = 64,
    seed: Annotated[int, Parameter(help="Random seed.")] = 1,
    json: Json = False,
) -> int:
    """What to buy: every GPU, model and precision that keeps promise and quality, ranked by after-tax cost."""
    from dataclasses import asdict

    from supercycle.service.decide import buy as shop

    with progress_bar() as progress:
        found = shop(
            file, usage=usage, shape=shape, gpus=gpus, models=models, precisions=precisions, preset=preset, set=set,
            paths=paths, seed=seed, told=progress,
        )  # fmt: skip
    body: dict[str, Any] = {
        "schema": "supercycle.decide-buy/1", "headline": found.headline, "api_usd": found.api_mean,
        "ranked": [asdict(one) for one in found.ranked],
        "left_out": [{"candidate": name, "because": why} for name, why in found.left_out],
    }  # fmt: skip
    if json:
        print_json(body)
    else:
        from supercycle.cli.render_decide import shopping_table

        shopping_table(body)
    return 0


@app.command(help_epilogue=examples("supercycle decide init", "supercycle decide init my-decision.yaml"))
def init(
    file: Annotated[Path, Parameter(help="Where to write it.")] = Path("decision.yaml"),
    /,
    *,
    json: Json = False,
) -> int:
    """Write a commented decision file that runs as it is."""
    from supercycle.service.decide import init as write

    place = write(file)
    if json:
        print_json({"schema": "supercycle.decide-init/1", "file": str(place)})
    else:
        print(f"wrote {place}; next: supercycle decide run {place}")
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle decide throughput --model llama-3.1-70b --gpu H100 --slo 30,2",
        "supercycle decide throughput --model gpt-oss-120b --gpu B200 --slo 30,2 --precision fp4 --isl 2000 "
        "--osl 400 --json",
    )
)
def throughput(
    *,
    model: Annotated[str, Parameter(help="An open-weights model.")],
    gpu: Annotated[str, Parameter(help="H100, H200, B200 or MI300X.")],
    slo: Annotated[
        str, Parameter(help="Output tokens/s per user and seconds to the first token (95 %), as in 30,2.")
    ],
    isl: Annotated[float, Parameter(help="Prompt tokens that no cache holds.")] = 1024,
    osl: Annotated[float, Parameter(help="Answer tokens.")] = 1024,
    precision: Annotated[Literal["bf16", "fp8", "fp4"], Parameter(help="Precision of the weights.")] = "fp8",
    method: Annotated[
        Literal["best", "table", "roofline"], Parameter(help="Where the number comes from.")
    ] = "best",
    json: Json = False,
) -> int:
    """Tokens a second from one GPU at an SLA: from measurements, else a fitted roofline, with its error."""
    from dataclasses import asdict

    from supercycle.core.errors import UsageError
    from supercycle.service.decide import throughput as of

    try:
        speed, first = (float(part) for part in slo.split(","))
    except ValueError:
        raise UsageError("bad --slo", expected="tokens/s per user and seconds, as in 30,2", got=slo) from None
    found = of(
        model,
        gpu,
        tokens_per_s_user=speed,
        ttft_p95_s=first,
        isl=isl,
        osl=osl,
        precision=precision,
        method=method,
    )
    body: dict[str, Any] = {
        "schema": "supercycle.decide-throughput/1",
        "model": model,
        "gpu": gpu,
        **asdict(found),
    }
    if json:
        print_json(body)
    else:
        from supercycle.cli.render_decide import throughput_table

        throughput_table(body)
    return 0


@app.command(
    help_epilogue=examples("supercycle decide prices", "supercycle decide prices --preset crunch-2027 --json")
)
def prices(
    file: File = None,
    /,
    *,
    preset: Preset = "base",
    set: Settings = (),
    paths: int = 2000,
    seed: int = 1,
    json: Json = False,
) -> int:
    """Forward curves of rent, API and hardware in a world, and the price tables behind them."""
    from supercycle.service.decide import forward_curves

    with progress_bar():
        body = forward_curves(file, preset=preset, set=set, paths=paths, seed=seed)
    if json:
        print_json(body)
    else:
        from supercycle.cli.render_decide import price_tables

        price_tables(body)
    return 0

"""``supercycle stress``, ``stress list``, ``stress reverse`` and ``sensitivity``."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from supercycle.cli import examples
from supercycle.cli.numbers import MOST_PATHS, MOST_SEED, real, whole
from supercycle.cli.progress import progress_bar
from supercycle.cli.render import print_json

__all__ = ["app", "list_shocks", "node_failure", "regret", "reverse", "sensitivity", "stress"]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
Preset = Annotated[str, Parameter(help="The scenario: a preset, a .yaml file or a result folder.")]
Settings = Annotated[
    tuple[str, ...],
    Parameter(
        name="--set", negative=(), allow_leading_hyphen=False,
        help="A parameter's value on every path of the scenario, id=value[unit]; repeat for more.",
    ),
]  # fmt: skip
Paths = Annotated[int, Parameter(converter=whole(1, MOST_PATHS), help="How many paths.")]
Seed = Annotated[
    int, Parameter(converter=whole(0, MOST_SEED), help="Random seed: equal seeds give equal numbers.")
]
Until = Annotated[str | None, Parameter(help="Last quarter; the scenario's, else 2035Q4.")]
Kernel = Annotated[
    Literal["auto", "machine", "numpy"],
    Parameter(help="Which kernel computes; auto is machine (compiled code), numpy the reference."),
]

app = App(
    name="stress",
    help="Hit a scenario with named shocks on the same paths; find the smallest move that does harm.",
    help_format="plaintext",
    help_epilogue=examples(
        "supercycle stress",
        "supercycle stress valuation-fall@2028Q1:0.6 demand-miss --paths 4000",
        "supercycle stress list",
        "supercycle stress reverse --help",
    ),
    result_action="return_value",
)


@app.default
def stress(
    *shocks: Annotated[
        str, Parameter(help="NAME[@QUARTER][:SIZE] or a .yaml file; none means every shock, each alone.")
    ],
    preset: Preset = "base",
    set: Settings = (),
    paths: Paths = 1000,
    seed: Seed = 1,
    until: Until = None,
    kernel: Kernel = "auto",
    json: Json = False,
) -> int:
    """Run each shock, and all of them together, on the same paths as the scenario."""
    from supercycle.service import stress as service

    with progress_bar() as progress:
        found = service.stress(
            shocks, preset=preset, set=set, paths=paths, seed=seed, until=until, kernel=kernel,
            progress=progress,
        )  # fmt: skip
    if json:
        print_json(found)
    else:
        from supercycle.cli.render_stress import stress_tables

        stress_tables(found)
    return 0


@app.command(name="list", help_epilogue=examples("supercycle stress list --json"))
def list_shocks(*, json: Json = False) -> int:
    """List the shocks that come with the model."""
    from supercycle.service import stress as service

    found = service.shocks()
    if json:
        print_json({"schema": "supercycle.shocks/1", "shocks": found})
    else:
        from supercycle.cli.render_stress import shocks_table

        shocks_table(found)
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle stress reverse --lever spend_share --output ai_revenue_run_rate:2030Q4 --target 1200",
        "supercycle stress reverse --lever price_war --output busted --target 0.6 --statistic mean",
    )
)
def reverse(
    *,
    lever: Annotated[str, Parameter(help="The parameter that is moved.")],
    output: Annotated[str, Parameter(help="OUTPUT[:MEMBER][:QUARTER, sum, max, min or last].")],
    target: Annotated[
        float,
        Parameter(
            converter=real, help="The value to reach, in the output's unit.", allow_leading_hyphen=True
        ),
    ],
    statistic: Annotated[
        Literal["q05", "q25", "q50", "q75", "q95", "mean"],
        Parameter(help="Of the output over paths; the mean of busted is the probability of a bust."),
    ] = "q50",
    preset: Preset = "base",
    set: Settings = (),
    paths: Paths = 1000,
    seed: Seed = 1,
    until: Until = None,
    kernel: Kernel = "auto",
    json: Json = False,
) -> int:
    """Find the smallest move of one parameter that brings a statistic to a target, and verify it by a run."""
    from supercycle.service import stress as service

    with progress_bar() as progress:
        found = service.reverse(
            lever, output, target, statistic=statistic, preset=preset, set=set, paths=paths, seed=seed,
            until=until, kernel=kernel, progress=progress,
        )  # fmt: skip
    if json:
        print_json(found)
    else:
        from supercycle.cli.render_stress import reverse_lines

        reverse_lines(found)
    return 0


@app.command(
    name="node",
    help_epilogue=examples(
        "supercycle stress node OpenAI",
        "supercycle stress node CoreWeave --quarter 2028Q1 --json",
        "supercycle stress node          (lists the deal graph)",
    ),
)
def node_failure(
    name: Annotated[str | None, Parameter(help="A company of the deal graph; none lists them.")] = None,
    /,
    *,
    quarter: Annotated[str, Parameter(help="When it fails.")] = "2027Q3",
    preset: Preset = "base",
    set: Settings = (),
    paths: Paths = 1000,
    seed: Seed = 1,
    kernel: Kernel = "auto",
    json: Json = False,
) -> int:
    """Let one named company fail: who loses what, by the deal graph, and what the world makes of it."""
    from supercycle.cli.render_network import graph_table, node_tables
    from supercycle.service import network as service

    if name is None:
        found = service.graph()
        print_json(found) if json else graph_table(found)
        return 0
    with progress_bar() as progress:
        found = service.node_failure(
            name, quarter=quarter, preset=preset, set=set, paths=paths, seed=seed, kernel=kernel,
            progress=progress,
        )  # fmt: skip
    print_json(found) if json else node_tables(found)
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle stress regret Meta", "supercycle stress regret Oracle --paths 200 --json"
    )
)
def regret(
    firm: Annotated[str, Parameter(help="One of the five: Microsoft, Alphabet, Amazon, Meta, Oracle.")],
    /,
    *,
    paths: Paths = 1000,
    seed: Seed = 1,
    kernel: Kernel = "auto",
    json: Json = False,
) -> int:
    """Try half, once and twice a firm's AI plan against rivals' plans at half, once and twice: what each pays."""
    from supercycle.cli.render_regret import regret_tables
    from supercycle.service import regret as service

    with progress_bar() as progress:
        found = service.regret(firm, paths=paths, seed=seed, kernel=kernel, progress=progress)
    print_json(found) if json else regret_tables(found)
    return 0


def sensitivity(
    output: Annotated[str, Parameter(help="OUTPUT[:MEMBER][:QUARTER, sum, max, min or last].")],
    /,
    *,
    quarter: Annotated[
        str | None, Parameter(help="The quarter looked at; the last one unless given.")
    ] = None,
    method: Annotated[
        Literal["auto", "drivers", "odds", "tornado", "morris", "sobol"],
        Parameter(help="How shares are found; auto is odds for an event (0 or 1), else drivers."),
    ] = "auto",
    paths: Annotated[
        int | None, Parameter(help="Paths, trajectories (morris) or rows (sobol); each method has its own.")
    ] = None,
    top: Annotated[
        int, Parameter(converter=whole(1, 10_000), help="How many parameters to show; JSON has all.")
    ] = 15,
    preset: Preset = "base",
    set: Settings = (),
    seed: Seed = 1,
    until: Until = None,
    kernel: Kernel = "auto",
    json: Json = False,
) -> int:
    """Print which parameters carry an output, and how much of it is measured, published and judged."""
    from supercycle.service import sensitivity as service

    with progress_bar() as progress:
        found = service.sensitivity(
            output, quarter=quarter, method=method, paths=paths, preset=preset, set=set, seed=seed,
            until=until, kernel=kernel, progress=progress,
        )  # fmt: skip
    if json:
        print_json(found)
    else:
        from supercycle.cli.render_stress import sensitivity_table

        sensitivity_table(found, top)
    return 0

"""The command ``supercycle``: words in, tables or JSON out, one line and an exit code when something is
wrong.

Exit codes: 0 ok, 2 usage, 3 bad input or file, 4 model or books, 5 environment, 130 interrupted. Commands
are loaded when they are called, so that ``supercycle --help`` stays quick.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from cyclopts import App, CycloptsError

from supercycle import __version__
from supercycle.core.errors import EnvironmentProblem, SupercycleError, UsageError

__all__ = ["COMMANDS", "DEALS", "FIGURES", "build", "examples", "main"]

HELP = "An open, sourced, stress-testable model of the AI capital cycle, from the grid to the token."

# Name, where it is, what it does, and how it is called.
COMMANDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "run": (
        "supercycle.cli.commands_run:run",
        "Simulate a scenario and print what matters.",
        (
            "supercycle run",
            "supercycle run --preset power-wall --paths 10000 --report wall.html",
            "supercycle run --set grid_lead_months=60month --out results/late-grid",
            "supercycle run --preset my-scenario.yaml --seed 7 --json",
            "supercycle run --set grid_lead_months=8years --beyond --quiet",
            "supercycle run --csv base.csv --ids",
        ),
    ),
    "reproduce": (
        "supercycle.cli.commands_read:reproduce",
        "Run a result folder's manifest again and compare it with what is stored, bit by bit.",
        ("supercycle reproduce results/late-grid", "supercycle reproduce results/late-grid --json"),
    ),
    "merge": (
        "supercycle.cli.commands_read:merge",
        "Put shards of one run, made with run --first on any machines, together to the bit.",
        ("supercycle merge results/whole results/shard-0 results/shard-1",),
    ),
    "compare": (
        "supercycle.cli.commands_run:compare",
        "Run two scenarios on the same random numbers and print the differences B - A.",
        (
            "supercycle compare base power-wall",
            "supercycle compare base my-scenario.yaml --paths 10000 --json",
        ),
    ),
    "diff": (
        "supercycle.cli.commands_read:diff",
        "Print the assumptions on which two scenarios differ, and the outputs that move by it.",
        (
            "supercycle diff base power-wall",
            "supercycle diff base power-wall --paths 1000",
            "supercycle diff base results/late-grid --json",
        ),
    ),
    "stress": (
        "supercycle.cli.commands_stress:app",
        "Hit a scenario with named shocks on the same paths; find the smallest move that does harm.",
        (),
    ),
    "discover": (
        "supercycle.cli.commands_discover:discover",
        "Find the conditions that bad paths share, and judge them on paths held out.",
        (
            "supercycle discover busted",
            "supercycle discover busted:2028Q4 --preset crunch-2027",
            "supercycle discover credit_loss_usd_bn:sum --worst high --share 0.1 --json",
        ),
    ),
    "sensitivity": (
        "supercycle.cli.commands_stress:sensitivity",
        "Print which parameters carry an output, and the evidence behind them.",
        (
            "supercycle sensitivity ai_revenue_run_rate --quarter 2030Q4",
            "supercycle sensitivity credit_loss_usd_bn:sum --method tornado",
            "supercycle sensitivity busted --method sobol --paths 2048 --json",
        ),
    ),
    "sweep": (
        "supercycle.cli.commands_run:sweep",
        "Run many scenarios on the same random numbers, a grid or a Latin hypercube, into one table.",
        (
            "supercycle sweep my-sweep.yaml --csv sweep.csv",
            "supercycle sweep my-sweep.yaml --cluster local --json",
        ),
    ),
    "explain": (
        "supercycle.cli.commands_read:explain",
        "Print an output's equation, inputs and source, or a parameter's range and evidence.",
        ("supercycle explain world_ai_capex_usd_bn", "supercycle explain grid_lead_months --json"),
    ),
    "claims": (
        "supercycle.cli.commands_claims:claims",
        "List famous statements with a verdict, or show one and what it would take to hold.",
        (
            "supercycle claims",
            "supercycle claims required_revenue",
            "supercycle claims required_revenue --set=return_share=13percent --json",
            "supercycle claims capex_total_low --run --preset power-wall",
        ),
    ),
    "manias": (
        "supercycle.cli.commands_history:manias",
        "Run the world's unwind and credit equations on past booms: what they get right, what they miss.",
        ("supercycle manias", "supercycle manias telecom", "supercycle manias shale --json"),
    ),
    "forecast": (
        "supercycle.cli.commands_history:app",
        "Put forecasts on record, dated and hashed, and score them when the figures arrive.",
        (),
    ),
    "backtest": (
        "supercycle.cli.commands_skill:backtest",
        "Open the world at past dates with figures known then and score it against simple rivals.",
        (
            "supercycle backtest",
            "supercycle backtest --start 2024Q4 --series capex --json",
            "supercycle backtest --start 2023Q4 --opening",
        ),
    ),
    "update": (
        "supercycle.cli.commands_update:update",
        "Learn from figures published since the opening and say what they change.",
        (
            "supercycle update",
            "supercycle update --file prints.csv --json",
            "supercycle update --as-of 2024-08-15",
        ),
    ),
    "calibrate": (
        "supercycle.cli.commands_skill:calibrate",
        "Fit the structural parameters to the past and say which of them the data moved.",
        ("supercycle calibrate --stored", "supercycle calibrate --base", "supercycle calibrate --json"),
    ),
    "presets": (
        "supercycle.cli.commands_read:presets",
        "List the scenarios that are shipped, or show what one of them sets.",
        (
            "supercycle presets",
            "supercycle presets show power-wall",
            "supercycle presets show my-scenario.yaml --json",
        ),
    ),
    "decide": (
        "supercycle.cli.commands_decide:app",
        "Own, lease, reserve or call an API, at the load you really have.",
        (),
    ),
    "gateway": (
        "supercycle.cli.commands_gateway:app",
        "One API for every model, budgets that hold, and a ledger that is right.",
        (),
    ),
    "app": (
        "supercycle.cli.commands_app:app",
        "The model under your hand, in the browser; this machine only.",
        ("supercycle app", "supercycle app --no-browser --port 0"),
    ),
    "publish": (
        "supercycle.cli.commands_app:publish",
        "The model itself as one HTML file: it runs in any browser, from disk, with no server.",
        ("supercycle publish model.html", "supercycle publish site/ --scenario mine.yaml"),
    ),
    "mcp": (
        "supercycle.cli.commands_agent:mcp",
        "The model as tools for an assistant (Model Context Protocol), over standard input and output.",
        ("supercycle mcp",),
    ),
    "completion": (
        "supercycle.cli.commands_shell:completion",
        "Print the script that lets bash, zsh or fish finish commands and options.",
        (
            "supercycle completion bash",
            "supercycle completion fish",
        ),
    ),
    "doctor": (
        "supercycle.cli.commands_read:doctor",
        "Check this installation: versions, compiled kernels, folders, tables, model.",
        ("supercycle doctor", "supercycle doctor --json"),
    ),
}
FIGURES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "list": (
        "supercycle.cli.commands_figures:list_series",
        "List every series with its span and the quality of its sources.",
        ("supercycle figures list", "supercycle figures list --match capex --json"),
    ),
    "find": (
        "supercycle.cli.commands_figures:find",
        "Find figures by plain words, with the newest reading of each.",
        ('supercycle figures find "capital expenditure oracle"', "supercycle figures find rent H100 --json"),
    ),
    "inputs": (
        "supercycle.cli.commands_figures:inputs",
        "List inputs of the opening that a day did not know, or that a newer print has overtaken.",
        ("supercycle figures inputs", "supercycle figures inputs --as-of 2026-09-01 --json"),
    ),
    "show": (
        "supercycle.cli.commands_figures:show",
        "Show a series quarter by quarter: the readings that were chosen.",
        ("supercycle figures show capex_cash --entity Meta",),
    ),
    "cite": (
        "supercycle.cli.commands_figures:cite",
        "Cite a figure: source, tier, dates and the readings that disagree with it.",
        ("supercycle figures cite required_revenue",),
    ),
    "verify": (
        "supercycle.cli.commands_figures:verify",
        "Read every table again and check it against its rules and its checksum.",
        ("supercycle figures verify",),
    ),
    "coverage": (
        "supercycle.cli.commands_figures:coverage",
        "Say how far each series reaches, how good its sources are and what is missing.",
        ("supercycle figures coverage",),
    ),
    "refresh": (
        "supercycle.cli.commands_figures:refresh",
        "Fetch figures from their source into the user's store; only sec and fred use the network.",
        (
            "supercycle figures refresh sec --agent me@example.org",
            "supercycle figures refresh prices",
            "supercycle figures refresh file mine.csv",
        ),
    ),
    "diff": (
        "supercycle.cli.commands_figures:diff",
        "Show which figures moved between two states, what they feed, and which outputs change.",
        (
            "supercycle figures diff",
            "supercycle figures diff package latest",
            "supercycle figures diff 2024-12-31 latest",
        ),
    ),
    "stale": (
        "supercycle.cli.commands_figures:stale",
        "List series whose next publication was expected by now.",
        ("supercycle figures stale --match capex",),
    ),
    "export": (
        "supercycle.cli.commands_figures:export",
        "Write the refreshed readings to a .csv, .json or .parquet file.",
        ("supercycle figures export readings.csv --as-of 2024-12-31",),
    ),
}
DEALS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "run": (
        "supercycle.cli.commands_deal:run",
        "Run a deal: every period's cash, cover, what each holder gets and loses, and the lessee's side.",
        (
            "supercycle deal run hyperion",
            "supercycle deal run hyperion --paths 1000 --report hyperion.html",
            "supercycle deal run gpu_merchant --preset base --xlsx merchant.xlsx",
            "supercycle deal run hyperion --agency moodys --json",
        ),
    ),
    "check": (
        "supercycle.cli.commands_deal:check",
        "Read a deal and lay it on its calendar, without running it.",
        ("supercycle deal check my-deal.yaml",),
    ),
    "size": (
        "supercycle.cli.commands_deal:size",
        "Each facility's size, its limits and which binds, and its planned service.",
        ("supercycle deal size hyperion",),
    ),
    "upgrade": (
        "supercycle.cli.commands_deal:upgrade",
        "Rewrite a deal of the first schema, supercycle.deal/1, and say what changed.",
        ("supercycle deal upgrade my-deal.yaml",),
    ),
    "new": (
        "supercycle.cli.commands_deal:new",
        "Write a commented deal file of a kind, to be changed.",
        ("supercycle deal new bank_construction my-deal.yaml",),
    ),
    "schema": (
        "supercycle.cli.commands_deal:schema",
        "Print the JSON Schema of a deal file.",
        ("supercycle deal schema",),
    ),
    "examples": (
        "supercycle.cli.commands_deal:examples",
        "List the deals that are shipped.",
        ("supercycle deal examples",),
    ),
}
INTERRUPTED = 130


def build() -> App:
    """The command line, with every command registered by name and none of them loaded."""
    app = App(
        name="supercycle",
        help=HELP,
        help_format="plaintext",
        help_epilogue=examples(
            "supercycle run", "supercycle compare base power-wall", "supercycle run --help"
        ),
        version=__version__,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    figures = App(
        name="figures",
        help="The sourced figures the model stands on.",
        help_format="plaintext",
        help_epilogue=examples(
            "supercycle figures list --match capex", "supercycle figures cite required_revenue"
        ),
    )
    deal = App(
        name="deal",
        help="The financings of the build-out, each written in one file.",
        help_format="plaintext",
        help_epilogue=examples("supercycle deal examples", "supercycle deal run hyperion"),
    )
    for parent, commands in ((app, COMMANDS), (figures, FIGURES), (deal, DEALS)):
        for name, (place, summary, calls) in commands.items():
            # A group of commands is an app of its own, with its own examples.
            ends = {} if place.endswith(":app") else {"help_epilogue": examples(*calls)}
            parent.command(place, name=name, help=summary, **ends)
    app.command(figures)
    app.command(deal)
    return app


def examples(*calls: str) -> str:
    """The last lines of a help page."""
    return "\n".join(("Examples:", *(f"  {call}" for call in calls)))


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    tokens = list(sys.argv[1:] if words is None else words)
    sys.exit(_guarded(tokens))


def _guarded(tokens: list[str]) -> int:
    """The exit code of a command; every error becomes one line on stderr, never a traceback."""
    try:
        code = _called(tokens)
        sys.stdout.flush()
        return code
    except SupercycleError as error:
        return _told(error, error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("error: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        if error.filename is None:
            _drop_output()
        return _told(_of_the_machine(error), EnvironmentProblem.exit_code)
    except Exception as error:
        if sys.stdout is None or sys.stdout.closed or sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison]
            _drop_output()
            problem = EnvironmentProblem("standard output is closed", hint="Send it to a file or a pipe.")
            return _told(problem, EnvironmentProblem.exit_code)
        return _told(
            SupercycleError(
                f"unexpected {type(error).__name__}: {error}",
                hint="This is a defect: set SUPERCYCLE_DEBUG=1 to see where.",
            ),
            SupercycleError.exit_code,
        )


def _called(tokens: list[str]) -> int:
    from supercycle.cli.pager import paged

    app: Any = build()
    try:
        with paged(tokens):
            code = app(tokens or ["--help"], exit_on_error=False, print_error=False)
    except CycloptsError as error:
        command = f" {tokens[0]}" if tokens and tokens[0] in (*COMMANDS, "figures", "deal") else ""
        said = " ".join(str(error).split())
        raise UsageError(said, hint=f"Try: supercycle{command} --help") from error
    return code if isinstance(code, int) else 0


def _told(error: SupercycleError, code: int) -> int:
    if os.environ.get("SUPERCYCLE_DEBUG"):
        import traceback

        traceback.print_exc()
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"error: {error}\n")
    return code


def _drop_output() -> None:
    """What is still buffered for an output that cannot take it must not raise again at exit."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _of_the_machine(error: OSError) -> EnvironmentProblem:
    """A full disk, a closed output, a folder that is not readable: what the machine refused, in its own words."""
    place = error.filename if error.filename is not None else "the output"
    return EnvironmentProblem(f"cannot read or write {place} ({error.strerror or error})")

"""``supercycle gateway`` and its commands: start it, check it, keys, budgets, and what leaves the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from supercycle.cli import examples
from supercycle.cli.numbers import whole
from supercycle.cli.progress import counting
from supercycle.cli.render import print_json

__all__ = [
    "app",
    "budgets",
    "check",
    "export",
    "import_litellm",
    "keys",
    "prices",
    "profile",
    "reconcile",
    "replay",
    "start",
]

Json = Annotated[bool, Parameter(negative=(), help="Print one JSON object.")]
ConfigFile = Annotated[
    Path | None,
    Parameter(name="--config", help="gateway.yaml; without one, the ledger of the start without one."),
]
Since = Annotated[
    str | None, Parameter(help="First day, 2026-11-01; the first of this month if nothing is said.")
]
Until = Annotated[str | None, Parameter(help="Last day, included; today if nothing is said.")]
Month = Annotated[str | None, Parameter(help="A whole month, 2026-10, instead of first and last day.")]
Out = Annotated[Path | None, Parameter(name=("--out", "-o"), help="File to write; none prints it.")]

app = App(
    name="gateway",
    help="One API for every model, budgets that hold, and a ledger that is right.",
    help_format="plaintext",
    help_epilogue=examples(
        "supercycle gateway",
        "supercycle gateway --config gateway.yaml",
        "supercycle gateway check --config gateway.yaml",
        "supercycle gateway keys add ann --project search",
        "supercycle gateway budgets set key:KEY 25 --period month",
        "supercycle gateway replay --policy price --month 2026-10",
    ),
    result_action="return_value",
)


@app.default
def start(
    *,
    config: Annotated[
        Path | None, Parameter(help="gateway.yaml; none starts a mock provider on loopback.")
    ] = None,
    listen: Annotated[str | None, Parameter(help="host:port for clients, instead of the file's.")] = None,
    admin: Annotated[str | None, Parameter(help="host:port for dashboard and admin API.")] = None,
    json: Json = False,
) -> int:
    """Start the gateway; without a configuration, with a mock provider, a new key and a curl line that works."""
    import sys

    from supercycle.service.gateway import start as work

    def ready(found: dict[str, Any]) -> None:
        if json:
            print_json(found)
        else:
            _banner(found, config is None)
        sys.stdout.flush()

    work.start(config, listen=listen, admin=admin, on_ready=ready)
    return 0


app.command(start, name="start", help_epilogue=examples("supercycle gateway start --config gateway.yaml"))


@app.command(help_epilogue=examples("supercycle gateway check --config gateway.yaml"))
def check(*, config: ConfigFile = None, json: Json = False) -> int:
    """Read the configuration, look for prices and keys, and check the ledger's books and its hash chain."""
    from supercycle.service.gateway.ledger import check_all

    found = check_all(config)
    if json:
        print_json(found)
    else:
        from supercycle.cli.render_gateway import checks

        checks(found)
    return int(found["exit_code"])


@app.command(
    help_epilogue=examples(
        "supercycle gateway keys",
        "supercycle gateway keys add ann --project search --org acme --rpm 60",
        "supercycle gateway keys rotate 1f2e3d4c5b6a --grace 48",
        "supercycle gateway keys revoke 1f2e3d4c5b6a",
        "supercycle gateway keys upstream openai < openai-key.txt",
    )
)
def keys(
    action: Annotated[
        Literal["list", "add", "rotate", "revoke", "upstream"], Parameter(help="What to do.")
    ] = "list",
    name: Annotated[
        str | None,
        Parameter(help="Name of a new key, id of one to rotate or revoke, provider of an upstream key."),
    ] = None,
    /,
    *,
    project: Annotated[str | None, Parameter(help="The project it belongs to.")] = None,
    org: Annotated[str | None, Parameter(help="The organisation it belongs to.")] = None,
    model: Annotated[
        tuple[str, ...], Parameter(negative=(), help="A model it may ask for; repeat for more.")
    ] = (),
    rpm: Annotated[
        int | None, Parameter(converter=whole(1, 1_000_000_000), help="Requests a minute, at most.")
    ] = None,
    tpm: Annotated[
        int | None, Parameter(converter=whole(1, 1_000_000_000), help="Tokens a minute, at most.")
    ] = None,
    concurrency: Annotated[
        int | None, Parameter(converter=whole(1, 1_000_000_000), help="Requests at once, at most.")
    ] = None,
    admin: Annotated[
        bool, Parameter(negative=(), help="It may also use the admin API and the dashboard.")
    ] = False,
    lossy: Annotated[
        Literal["refuse", "allow"],
        Parameter(
            help="What a provider has no words for: refused by name, or dropped and listed in a header."
        ),
    ] = "refuse",
    days: Annotated[float | None, Parameter(help="It expires after so many days.")] = None,
    grace: Annotated[float, Parameter(help="Hours the old secret goes on after a rotation.")] = 24.0,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """List, add, rotate and revoke the keys of clients; store a provider's key (from standard input), encrypted."""
    from supercycle.service.gateway import ledger as work

    if action == "list":
        return _shown(work.list_keys(config), json, "keys")
    if not name:
        from supercycle.core.errors import UsageError

        raise UsageError(f"keys {action} needs a name", hint="Try: supercycle gateway keys --help")
    if action == "add":
        scopes = ("call", *(("admin",) if admin else ()), *(("lossy",) if lossy == "allow" else ()))
        limits = {"rpm": rpm, "tpm": tpm, "concurrency": concurrency, "days": days}
        found = work.add_key(config, name, project=project, org=org, scopes=scopes, models=model, **limits)
        return _shown(found, json, "new_key")
    if action == "rotate":
        return _shown(work.rotate_key(config, name, grace), json, "new_key")
    if action == "revoke":
        return _shown(work.revoke_key(config, name), json, "done")
    return _shown(work.store_upstream(config, name, lambda: _secret(name)), json, "done")


@app.command(
    help_epilogue=examples(
        "supercycle gateway budgets",
        "supercycle gateway budgets set project:search 100 --period month --alert 0.5 --alert 0.9",
        "supercycle gateway budgets remove project:search --period month",
    )
)
def budgets(
    action: Annotated[Literal["list", "set", "remove"], Parameter(help="What to do.")] = "list",
    account: Annotated[str | None, Parameter(help="key:ID, project:NAME, org:NAME or provider:NAME.")] = None,
    usd: Annotated[str | None, Parameter(help="The limit in USD.")] = None,
    /,
    *,
    period: Annotated[Literal["day", "month", "total"], Parameter(help="What the limit is for.")] = "month",
    alert: Annotated[
        tuple[float, ...],
        Parameter(negative=(), help="A share of the limit that raises an alert; repeat for more."),
    ] = (0.5, 0.8, 1.0),
    burn: Annotated[
        float | None, Parameter(help="Alert when the last hour spent this many times the even pace.")
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """List, set and remove the limits of keys, projects, organisations and providers."""
    from supercycle.service.gateway import ledger as work

    if action == "list":
        return _shown(work.list_budgets(config), json, "budgets")
    if not account or (action == "set" and usd is None):
        from supercycle.core.errors import UsageError

        needs = "an account and an amount in USD" if action == "set" else "an account"
        raise UsageError(f"budgets {action} needs {needs}", hint="Try: supercycle gateway budgets --help")
    if action == "set":
        return _shown(work.set_budget(config, account, str(usd), period, alert, burn), json, "done")
    return _shown(work.remove_budget(config, account, period), json, "done")


@app.command(
    name="import-litellm",
    help_epilogue=examples("supercycle gateway import-litellm config.yaml --out gateway.yaml"),
)
def import_litellm(
    file: Annotated[Path, Parameter(help="A LiteLLM config.yaml.")], /, *, out: Out = None, json: Json = False
) -> int:
    """Turn a LiteLLM configuration into ours; what does not carry over is told line by line."""
    import sys

    from supercycle.service.gateway import start as work

    found = work.import_litellm(file)
    if out is not None:
        _write(out, found.text)
    if json:
        print_json({"config": found.text, "notes": found.notes, "written": str(out) if out else None})
        return 0
    if out is None:
        sys.stdout.write(found.text)
    for note in found.notes:
        sys.stderr.write(f"{note}\n")
    if out is not None:
        sys.stderr.write(f"{out} is written; next: supercycle gateway check --config {out}\n")
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle gateway export --month 2026-10 --out ledger.csv",
        "supercycle gateway export --since 2026-11-01 --out ledger.parquet",
    )
)
def export(
    *,
    since: Since = None,
    until: Until = None,
    month: Month = None,
    out: Out = None,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Write the ledger as CSV or Parquet, a row per charge, in columns named as in the FOCUS specification."""
    from supercycle.service.gateway import ledger as work

    with counting("Reading the ledger") as tell:
        found = work.export(config, work.period(since, until, month), out, tell)
    if json and out is not None:
        print_json(found)
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle gateway profile --out demand.json",
        "supercycle gateway profile --month 2026-10 --out demand.parquet",
    )
)
def profile(
    *,
    since: Since = None,
    until: Until = None,
    month: Month = None,
    out: Out = None,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Write the metered demand by hour and model, for the own, lease or API decision: .json, .csv or .parquet."""
    from supercycle.service.gateway import ledger as work

    with counting("Metering") as tell:
        found = work.profile(config, work.period(since, until, month), out, tell)
    if json and out is not None:
        print_json(found)
    return 0


@app.command(
    help_epilogue=examples(
        "supercycle gateway reconcile invoice.csv --provider openai",
        "supercycle gateway reconcile invoice.csv --provider openai --apply",
    )
)
def reconcile(
    invoice: Annotated[
        Path, Parameter(help="CSV with day or month, model, cost in USD, perhaps request_id.")
    ],
    /,
    *,
    provider: Annotated[str, Parameter(help="Whose invoice it is.")],
    apply: Annotated[
        bool, Parameter(negative=(), help="Post the corrections; without it they are only shown.")
    ] = False,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Compare a provider's invoice with the ledger, and post the difference as corrections."""
    from supercycle.service.gateway import ledger as work

    return _shown(work.reconcile(config, invoice, provider, apply=apply), json, "reconciled")


@app.command(
    help_epilogue=examples(
        "supercycle gateway replay --policy price --month 2026-10",
        "supercycle gateway replay --policy only:groq --since 2026-11-01",
        "supercycle gateway replay --policy as-it-was --own rack.yaml --month 2026-10",
    )
)
def replay(
    policy: Annotated[
        str, Parameter(help="as-it-was, price, latency, throughput, only:PROVIDER or PROVIDER/MODEL.")
    ] = "price",
    *,
    own: Annotated[
        Path | None, Parameter(help="Own GPUs as YAML: gpus, weighted_per_gpu_hour, models, hardware.")
    ] = None,
    since: Since = None,
    until: Until = None,
    month: Month = None,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Say what a past period would have cost under another routing policy, or with your own GPUs."""
    from supercycle.service.gateway import ledger as work

    with counting("Deciding again") as tell:
        found = work.replay(config, policy, own, work.period(since, until, month), tell)
    return _shown(found, json, "replayed")


@app.command(
    help_epilogue=examples(
        "supercycle gateway prices",
        "supercycle gateway prices show openai/gpt-5",
        "supercycle gateway prices list anthropic",
        "supercycle gateway prices differences",
        "supercycle gateway prices refresh",
    )
)
def prices(
    action: Annotated[
        Literal["list", "show", "differences", "refresh"], Parameter(help="What to do.")
    ] = "list",
    name: Annotated[str | None, Parameter(help="A provider to list, or provider/model to show.")] = None,
    /,
    *,
    at: Annotated[str | None, Parameter(help="A day or time in UTC; now if nothing is said.")] = None,
    out: Annotated[
        Path | None, Parameter(help="Folder for refreshed tables; the gateway's data folder if not said.")
    ] = None,
    config: ConfigFile = None,
    json: Json = False,
) -> int:
    """Show the price book, where its sources differ, or compile it anew from the installed price package."""
    from supercycle.service.gateway import prices as work

    if action == "refresh":
        return _shown(work.refresh(out), json, "done")
    if action == "differences":
        return _shown(work.differences(), json, "differences")
    if action == "show":
        return _shown(work.show(config, name, at), json, "price")
    return _shown(work.listed(config, name, at), json, "prices")


def _shown(found: Mapping[str, Any], json: bool, table: str) -> int:
    if json:
        print_json(found)
    else:
        from supercycle.cli import render_gateway

        getattr(render_gateway, table)(found)
    return 0


def _banner(found: Mapping[str, Any], quick: bool) -> None:
    import sys

    lines = [
        f"API        {found['api']}",
        f"Dashboard  {found['dashboard']}",
        f"Ledger     {found['ledger']}",
    ]
    if quick:
        lines += [
            f"Key        {found['key']}  (shown once)",
            "",
            "No provider is configured: a built-in mock answers, and nothing is billed. Try it:",
            "",
            str(found["try"]),
        ]
    sys.stdout.write("\n".join([*lines, "", "Ctrl-C stops it.", ""]))


def _secret(provider: str) -> str:
    """A provider's key from standard input, so that it is in no history of commands."""
    import getpass
    import sys

    return getpass.getpass(f"Key of {provider}: ") if sys.stdin.isatty() else sys.stdin.readline()


def _write(out: Path, text: str) -> None:
    from supercycle.core.errors import EnvironmentProblem

    part = out.with_name(f".{out.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(out)
    except OSError as error:
        raise EnvironmentProblem("cannot write", where=out, got=error.strerror) from None

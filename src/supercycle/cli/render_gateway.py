"""The gateway's results as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from supercycle.cli.console import plain_console, plain_table, table_row

__all__ = [
    "budgets",
    "checks",
    "differences",
    "done",
    "keys",
    "new_key",
    "price",
    "prices",
    "reconciled",
    "replayed",
]

Found = Mapping[str, Any]


def _say(*lines: str) -> None:
    console = plain_console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def done(found: Found) -> None:
    """One sentence."""
    _say(str(found["done"]))


def checks(found: Found) -> None:
    """What was looked at, and what is wrong."""
    for row in found["checks"]:
        _say(f"{'wrong' if row['wrong'] else 'ok   '}  {row['check']}: {row['told']}")
        _say(*(f"         {line}" for line in row["wrong"]))


def keys(found: Found) -> None:
    """The keys of clients; of a secret only how it begins."""
    if not found["keys"]:
        _say("No keys yet: supercycle gateway keys add NAME")
        return
    table = plain_table("id", "name", "begins", "project", "organisation", "models", "may", "since", "state")
    for row in found["keys"]:
        limits = [f"{row[name]} {name}" for name in ("rpm", "tpm", "concurrency") if row[name]]
        table_row(
            table, row["key_id"], row["name"], row["hint"], _bare(row["project"]), _bare(row["org"]),
            ", ".join(row["models"]) or "any", ", ".join([*row["scopes"], *limits]), _day(row["created_us"]),
            f"revoked {_day(row['revoked_us'])}" if row["revoked_us"] else "active",
        )  # fmt: skip
    plain_console().print(table)


def new_key(found: Found) -> None:
    """The secret, this once."""
    _say(f"{found['secret']}", f"key {found['key_id']} ({found['name']}); it is shown only now")


def budgets(found: Found) -> None:
    """Limits and what is left of them."""
    if not found["budgets"]:
        _say("No budgets yet: supercycle gateway budgets set key:ID 25 --period month")
        return
    table = plain_table("account", "per", right=("limit, USD", "spent", "reserved", "held", "alerts"))
    for row in found["budgets"]:
        marks = ", ".join(f"{a['mark']:g} ({a['kind']})" for a in row["alerts"])
        table_row(
            table,
            row["account"],
            row["period"],
            row["limit_usd"],
            row["spent_usd"],
            row["reserved_usd"],
            row["held_usd"],
            marks,
        )
    plain_console().print(table)
    for row in found["budgets"]:
        if row["closed_why"]:
            _say(
                f"{row['account']} ({row['period']}) is CLOSED: {row['closed_why']}. Set it again to open it."
            )


def reconciled(found: Found) -> None:
    """Invoice beside ledger."""
    table = plain_table(
        "period", "model", right=("calls", "invoice, USD", "ledger, USD", "difference", "corrections")
    )
    for row in found["groups"]:
        table_row(
            table, row["period"], row["model"], row["attempts"], row["invoice_usd"], row["ledger_usd"],
            row["difference_usd"], row["corrections"] or row["note"],
        )  # fmt: skip
    plain_console().print(table)
    posted = f"{found['posted_usd']} USD posted as corrections."
    _say(posted if found["applied"] else "Nothing is posted: --apply posts the corrections.")


def replayed(found: Found) -> None:
    """What it cost, what it would have cost."""
    table = plain_table("model", right=("cost, USD", f"under {found['policy']}, USD"))
    for name, row in found["by_model"].items():
        table_row(table, name, row["actual_usd"], row["replayed_usd"])
    if found["own_fixed_usd"] != "0":
        table_row(table, "own GPUs, every hour", "", found["own_fixed_usd"])
    table_row(table, "all", found["actual_usd"], found["replayed_usd"])
    plain_console().print(table)
    _say(
        f"{found['requests']} calls, {found['moved']} would have gone elsewhere; saved {found['saved_usd']} USD."
    )
    if found["own_fixed_usd"] != "0":
        _say(f"Own GPUs would have served {100 * found['own_share']:.1f} % of the work.")
    _say(*(f"{count} calls left as they were: {reason}" for reason, count in found["not_comparable"].items()))
    _say("Same tokens assumed: another model may say more or less.")


def prices(found: Found) -> None:
    """The providers of the book, or the models of one."""
    if "providers" in found:
        table = plain_table("provider", right=("models",))
        for row in found["providers"]:
            table_row(table, row["provider"], row["models"])
    else:
        table = plain_table("model", right=("context", "input, USD/Mtok", "cached", "output", "rows"))
        for row in found["models"]:
            table_row(
                table, row["model"], row["context"], row["input"], row["cached"], row["output"], row["rows"]
            )
    plain_console().print(table)


def price(found: Found) -> None:
    """Every row of a model, with who says so."""
    _say(f"{found['provider']}/{found['model']} in USD per million tokens, or per thousand calls")
    _say(f"* holds at {found['at']}")
    for row in found["rows"]:
        span = f"{row['from'] or 'start not known'} to {row['until'] or 'further notice'}"
        hours = f", {row['hours_utc']} UTC" if row["hours_utc"] else ""
        _say("", f"{'*' if row['holds'] else ' '} {row['tier']}, {span}{hours}: {row['status']}")
        for kind, steps in row["usd_per_mtok"].items():
            text = ", ".join(f"{usd}{f' above {over:,} tokens' if over else ''}" for over, usd in steps)
            _say(f"    {kind:16} {text}")
        agrees = f"; agrees: {'; '.join(row['agrees'])}" if row["agrees"] else ""
        _say(f"    source: {row['source']}{agrees}")


def differences(found: Found) -> None:
    """Where the sources differ, and what was decided."""
    table = plain_table("model", "from", f"{found['package']}", "figures", "kept", "because")
    for row in found["differences"]:
        table_row(
            table, f"{row['provider']}/{row['model']}", row["from"], " / ".join(row["package_usd"]),
            " / ".join(row["figures_usd"]), row["kept"], row["reason"],
        )  # fmt: skip
    plain_console().print(table)


def _bare(account: str | None) -> str:
    return account.partition(":")[2] if account else ""


def _day(at_us: int) -> str:
    return f"{datetime.fromtimestamp(at_us / 1e6, UTC):%Y-%m-%d}"

"""What may be done with a gateway's ledger: keys, budgets, checks, exports, invoices, replays; plain results."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from supercycle.core.errors import (
    EnvironmentProblem,
    InputError,
    UnknownNameError,
    UsageError,
)
from supercycle.gateway.config.config import Config, data_folder, mock_config, read_config
from supercycle.gateway.ledger.accounts import told_account
from supercycle.gateway.prices.money import pico, usd_text
from supercycle.gateway.prices.pricebook import PriceBook

if TYPE_CHECKING:
    from supercycle.gateway.ledger.ledger import Ledger

__all__ = [
    "add_key", "book_of", "check_all", "export", "list_budgets", "list_keys", "period", "profile", "reconcile",
    "remove_budget", "replay", "revoke_key", "set_budget", "settings", "store_upstream",
]  # fmt: skip

Json = dict[str, Any]
Period = tuple[int, int]
Counted = Callable[[int], None] | None
T = TypeVar("T")
_BOOKS = 4  # exit code of books that do not close


class _NoLedger(EnvironmentProblem):
    """Nothing was ever booked under this configuration."""


def settings(config: Path | None) -> Config:
    """The configuration of a file, or that of no file."""
    return mock_config() if config is None else read_config(config)


def book_of(config: Config) -> PriceBook:
    """The price book: shipped, refreshed, and with the prices that the configuration gives by hand."""
    return config.book()


def period(since: str | None, until: str | None, month: str | None) -> Period:
    """First and last day as microseconds; the end is that of the last day."""
    today = datetime.now(UTC).date()
    if month is not None:
        if since or until:
            raise UsageError("--month", expected="alone, or --since and --until", got="both")
        first = _day(f"{month}-01", "--month", "2026-10")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    else:
        first = _day(since, "--since") if since else today.replace(day=1)
        last = _day(until, "--until") if until else max(today, first)
    if last < first:
        raise UsageError("period", expected="a last day after the first", got=f"{first} to {last}")
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    return int(start.timestamp()) * 1_000_000, int(end.timestamp()) * 1_000_000


def check_all(config: Path | None) -> Json:
    """Configuration, prices, keys, books and hash chain; each with what is wrong."""
    chosen = settings(config)
    book = book_of(chosen)
    found: list[Json] = [{"check": "configuration", "wrong": [], "told": chosen.source}]
    unpriced: list[str] = []
    for entry in chosen.models.values():
        for target in entry.targets:
            model = book.find(target.provider.prices, target.model)
            if model is None or model.rates(datetime.now(UTC)) is None:
                unpriced.append(f"{entry.name}: {target.id} has no price: budgeted keys will be refused")
    found.append({"check": "prices", "wrong": unpriced, "told": f"{len(chosen.models)} models"})
    lacking = [
        f"{name}: {provider.key} is not set in the environment"
        for name, provider in chosen.providers.items()
        if provider.key.startswith("$") and not os.environ.get(provider.key[1:])
    ]
    keys: Json = {"check": "provider keys", "wrong": lacking, "told": f"{len(chosen.providers)} providers"}
    found.append(keys)
    try:
        unstored, wrong, (bad_links, heads), attempts = _with(chosen, lambda ledger: _books(ledger, chosen))
        lacking += unstored
        found.append({"check": "books", "wrong": wrong, "told": f"{attempts} attempts", "books": True})
        chain = "; ".join(heads) or "empty"
        found.append({"check": "hash chain", "wrong": bad_links, "told": chain, "books": True})
    except _NoLedger as error:
        found.append({"check": "ledger", "wrong": [], "told": str(error)})
    except EnvironmentProblem as error:
        found.append({"check": "ledger", "wrong": [str(error)], "told": "cannot be read"})
    broken = [row for row in found if row["wrong"]]
    code = _BOOKS if any(row.get("books") for row in broken) else InputError.exit_code if broken else 0
    return {"checks": found, "exit_code": code}


async def _books(
    ledger: Ledger, config: Config
) -> tuple[list[str], list[str], tuple[list[str], list[str]], int]:
    from supercycle.gateway.ledger.chain import verify_chain
    from supercycle.gateway.ledger.invariants import check as check_books

    unstored = [
        f"{name}: no key is stored: supercycle gateway keys upstream {name}"
        for name, provider in config.providers.items()
        if provider.key == "stored" and await ledger.secret(name) is None
    ]
    rows = await ledger.store.fetch("SELECT COUNT(*) AS n FROM attempt")
    return (
        unstored,
        list(await check_books(ledger.store)),
        await verify_chain(ledger.store),
        int(rows[0]["n"]),
    )


def list_keys(config: Path | None) -> Json:
    """Every key of a client, without its secret."""
    return {"keys": _with(settings(config), lambda ledger: ledger.keys.listed())}


def add_key(config: Path | None, name: str, **fields: Any) -> Json:
    """A new key, whose secret is in the result and nowhere else."""
    key_id, secret = _with(settings(config), lambda ledger: ledger.keys.issue(name, **fields), new=True)
    return {"key_id": key_id, "name": name, "secret": secret}


def rotate_key(config: Path | None, key_id: str, grace_hours: float) -> Json:
    """A new secret for a key; the old one goes on for the hours of grace."""
    secret = _with(settings(config), lambda ledger: ledger.keys.rotate(key_id, grace_hours))
    return {"key_id": key_id, "name": f"the old secret ends in {grace_hours:g} hours", "secret": secret}


def revoke_key(config: Path | None, key_id: str) -> Json:
    """End a key; a running gateway refuses it within a second."""
    _with(settings(config), lambda ledger: ledger.keys.revoke(key_id))
    return {"done": f"key {key_id} is revoked"}


def store_upstream(config: Path | None, provider: str, told: Callable[[], str]) -> Json:
    """Keep a provider's key; ``told`` is asked for it once the provider is known."""
    chosen = settings(config)
    if provider not in chosen.providers:
        raise UnknownNameError("provider", provider, chosen.providers)
    secret = told().strip()
    if not secret:
        raise InputError("key", expected="the provider's key on standard input", got="nothing")
    _with(chosen, lambda ledger: ledger.put_secret(provider, secret), new=True)
    return {"done": f"the key of {provider} is stored, encrypted; say key: stored in the configuration"}


def list_budgets(config: Path | None) -> Json:
    """Every limit with what is spent, reserved and of that held in its current window, and why it is closed."""
    rows = _with(settings(config), lambda ledger: ledger.budgets())
    for row in rows:
        for name, column in (
            ("limit_usd", "limit_pico"),
            ("spent_usd", "spent"),
            ("reserved_usd", "reserved"),
            ("held_usd", "held"),
        ):
            row[name] = usd_text(int(row.pop(column)))
    return {"budgets": rows}


def set_budget(
    config: Path | None, account: str, usd: str, window: str, shares: Sequence[float], burn: float | None
) -> Json:
    """Limit an account."""
    limit = pico(usd, where="budget")
    chosen = settings(config)

    async def work(ledger: Ledger) -> str:
        note = told_account(account, await ledger.keys.listed(), chosen.providers)
        await ledger.set_budget(account, limit, window, shares, burn)
        return note

    note = _with(chosen, work, new=True)
    every = "in total" if window == "total" else f"a {window}"
    return {"done": f"{account} may spend {usd_text(limit)} USD {every}{f'; {note}' if note else ''}"}


def remove_budget(config: Path | None, account: str, window: str) -> Json:
    """Lift a limit."""
    _with(settings(config), lambda ledger: ledger.remove_budget(account, window))
    return {"done": f"{account} has no limit a {window} any more"}


def export(config: Path | None, span: Period, out: Path | None, tell: Counted = None) -> Json:
    """The ledger to a file, or as CSV to standard output."""
    import sys

    from supercycle.gateway.reports.export import export_ledger

    rows = _with(settings(config), lambda ledger: export_ledger(ledger.reads, out or sys.stdout, *span, tell))
    return {"rows": rows, "file": str(out) if out else None}


def profile(config: Path | None, span: Period, out: Path | None, tell: Counted = None) -> Json:
    """The demand profile to a file, or as JSON to standard output."""
    import sys

    from supercycle.gateway.reports.metering import demand_profile

    suffix = out.suffix if out is not None else ".json"
    if suffix not in (".json", ".csv", ".parquet"):
        raise InputError("file of a demand profile", expected=".json, .csv or .parquet", got=str(out))
    chosen = settings(config)
    names = {name: provider.prices for name, provider in chosen.providers.items()}
    found = _with(chosen, lambda ledger: demand_profile(ledger, *span, tell, names))
    if out is None:
        sys.stdout.write(found.to_json())
        return {}
    part = out.with_name(f".{out.name}.part")
    try:
        if suffix == ".parquet":
            found.to_frame().write_parquet(part)
        else:
            part.write_text(found.to_json() if suffix == ".json" else found.to_csv(), encoding="utf-8")
        part.replace(out)
    except OSError as error:
        raise EnvironmentProblem("cannot write the profile", where=out, got=error.strerror) from None
    missing = sum(hour.missing for hour in found.hours)
    return {"rows": len(found.hours), "missing_hours": missing, "file": str(out)}


def reconcile(config: Path | None, invoice: Path, provider: str, *, apply: bool) -> Json:
    """An invoice beside the ledger; with ``apply`` the corrections are posted."""
    from supercycle.gateway.reports.reconcile import Group, apply_corrections, compare, read_invoice

    try:
        text = invoice.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot read the invoice", where=invoice, got=error) from None
    lines = read_invoice(text, invoice.name)
    chosen = settings(config)
    known = chosen.providers.get(provider)

    async def work(ledger: Ledger) -> tuple[tuple[Group, ...], int]:
        groups = await compare(ledger, provider, lines, book_of(chosen), known.prices if known else provider)
        return groups, await apply_corrections(ledger, groups, f"invoice {invoice.name}") if apply else 0

    groups, posted = _with(chosen, work)
    rows = [
        {
            "period": group.period,
            "model": group.model,
            "attempts": group.attempts,
            "invoice_usd": usd_text(group.invoiced_pico),
            "ledger_usd": usd_text(group.booked_pico),
            "difference_usd": usd_text(group.difference_pico),
            "corrections": len(group.corrections),
            "note": group.note,
        }
        for group in groups
    ]
    return {"provider": provider, "applied": apply, "posted_usd": usd_text(posted), "groups": rows}


def replay(config: Path | None, policy: str, own: Path | None, span: Period, tell: Counted = None) -> Json:
    """Another policy, or own GPUs, on the decisions of a past period."""
    from supercycle.gateway.reports.own_rack import read_rack
    from supercycle.gateway.reports.replay import replay as again

    chosen = settings(config)
    rack = read_rack(own) if own is not None else None
    book = book_of(chosen)
    found = _with(
        chosen, lambda ledger: again(ledger, book, *span, policy, config=chosen, own=rack, progress=tell)
    )
    return {
        "policy": found.policy,
        "requests": found.requests,
        "moved": found.moved,
        "actual_usd": usd_text(found.actual_pico),
        "replayed_usd": usd_text(found.replayed_pico),
        "saved_usd": usd_text(found.saved_pico),
        "failed_attempts_usd": usd_text(found.attempts_pico),
        "own_fixed_usd": usd_text(found.fixed_pico),
        "own_share": found.own_share,
        "not_comparable": found.not_comparable,
        "by_model": {
            name: {"actual_usd": usd_text(pair[0]), "replayed_usd": usd_text(pair[1])}
            for name, pair in sorted(found.by_model.items())
        },
        "by_target": dict(sorted(found.by_target.items(), key=lambda item: -item[1])),
    }


def _with(config: Config, work: Callable[[Ledger], Coroutine[Any, Any, T]], *, new: bool = False) -> T:
    """Some work on the ledger of a configuration; ``new`` makes one when there is none yet."""

    async def run() -> T:
        async with _opened(config, new=new) as ledger:
            return await work(ledger)

    return asyncio.run(run())


@asynccontextmanager
async def _opened(config: Config, *, new: bool) -> AsyncGenerator[Ledger]:
    from supercycle.gateway.ledger.ledger import open_ledger

    postgres = config.store.startswith(("postgresql://", "postgres://"))
    if not postgres and not new and not (Path(config.store) / "ledger.sqlite").exists():
        raise _NoLedger(
            "no ledger yet", where=config.store, hint="Start the gateway once: supercycle gateway"
        )
    folder = data_folder() if postgres else None
    ledger = await open_ledger(config.store, server=False, folder=folder, price=book_of(config).price)
    try:
        yield ledger
    finally:
        await ledger.close()


def _day(text: str, name: str, shape: str = "2026-11-21") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(name, expected=f"a day such as {shape}", got=repr(text)) from None

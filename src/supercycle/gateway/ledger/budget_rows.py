"""Setting, lifting and showing budgets: the balance of a new one starts from what the ledger already holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from supercycle.core.errors import UnknownNameError
from supercycle.gateway.ledger.budgets import PERIODS, Budget, period_bounds
from supercycle.gateway.ledger.entries import now_us
from supercycle.gateway.ledger.store import Record, Statement, Store, Sums

__all__ = ["budget_status", "removal", "setting"]


def setting(budget: Budget, sums: Sums) -> list[Statement]:
    """The statements that put a budget in place, to be run while nothing is booked."""
    account, period = budget.account, budget.period
    money = sums.columns("limit_pico")
    found: list[Statement] = [
        ("DELETE FROM budget WHERE account = $1 AND period = $2", (account, period)),
        ("DELETE FROM balance WHERE account = $1 AND period = $2", (account, period)),
        (
            (f"INSERT INTO budget (account, period, shares, burn, created_us, {money})"
            f" VALUES ($1, $2, $3, $4, $5, {', '.join(f'${i + 6}' for i in range(2 if sums.split else 1))})"),
            (
                account, period, orjson.dumps(budget.shares).decode(), budget.burn, budget.created_us,
                *sums.values(budget.limit_pico),
            ),
        ),
    ]  # fmt: skip
    window = (account, period, period_bounds(period, budget.created_us)[0])
    for key in (window, *budget.hours_at(budget.created_us)):
        found += _opening(key, sums)
    return found


def _opening(key: tuple[str, str, int], sums: Sums) -> list[Statement]:
    """A balance from the rollup (spent) and the open attempts (reserved); an hour only counts what was spent."""
    account, period, start = key
    level, _, name = account.partition(":")
    ours = {
        "key": "key_id = $1",
        "project": "key_id IN (SELECT key_id FROM virtual_key WHERE project = $1)",
        "org": "key_id IN (SELECT key_id FROM virtual_key WHERE org = $1)",
        "provider": "provider = $1",
    }[level]
    who = name if level in ("key", "provider") else account
    upto = period_bounds(period, start)[1]
    spent = sums.columns("spent").split(", ")
    held = ["reserve_pico / 1000000000", "reserve_pico % 1000000000"] if sums.split else ["reserve_pico"]
    selected = [
        f"(SELECT COALESCE(SUM({column}), 0) FROM rollup WHERE {ours} AND hour_us >= $2 AND hour_us < $3)"
        for column in spent
    ]
    selected += [
        f"(SELECT COALESCE(SUM(a.{part}), 0) FROM open_attempt w"
        " JOIN attempt a ON a.request_id = w.request_id AND a.n = w.n"
        " JOIN request r ON r.request_id = w.request_id"
        f" WHERE {ours} AND a.begun_us >= $2 AND a.begun_us < $3)"
        f" + (SELECT COALESCE(SUM(h.{part.replace('reserve_pico', 'pico')}), 0) FROM hold h"
        " JOIN attempt a ON a.request_id = h.request_id AND a.n = h.n"
        " JOIN request r ON r.request_id = h.request_id"
        f" WHERE {ours} AND a.begun_us >= $2 AND a.begun_us < $3)"
        if period != "hour"
        else "0"
        for part in held
    ]
    return [
        ("DELETE FROM balance WHERE account = $1 AND period = $2 AND start_us = $3", key),
        (
            (
                f"INSERT INTO balance (account, period, start_us, {sums.columns('spent', 'reserved')})"
                f" SELECT $4, $5, CAST($2 AS BIGINT), {', '.join(selected)}"
            ),
            (who, start, upto, account, period),
        ),
    ]


def removal(account: str, period: str, known: Sequence[str]) -> list[Statement]:
    """The statements that lift a budget. Raises UnknownNameError when there is none."""
    if f"{account} {period}" not in known:
        raise UnknownNameError("budget", f"{account} {period}", known)
    return [
        (f"DELETE FROM {table} WHERE account = $1 AND period = $2", (account, period))
        for table in ("budget", "balance")
    ]


async def budget_status(store: Store) -> list[Record]:
    """account, period, limit_pico, spent, reserved, start_us, end_us, shares, burn; and the alerts of the window."""
    now = now_us()
    starts = {period: period_bounds(period, now) for period in PERIODS}
    rows = await store.fetch("SELECT * FROM budget ORDER BY account, period")
    held: dict[Any, Record] = {}
    alerts: dict[Any, list[Record]] = {}
    for period, (start, _) in starts.items():
        for row in await store.fetch(
            "SELECT * FROM balance WHERE period = $1 AND start_us = $2", period, start
        ):
            held[row["account"], period] = row
        for row in await store.fetch(
            "SELECT * FROM alert WHERE period = $1 AND start_us = $2 ORDER BY at_us", period, start
        ):
            alerts.setdefault((row["account"], period), []).append(row)
    holds = await _held(store, rows, starts)
    for row in rows:
        which = (row["account"], row["period"])
        row["start_us"], row["end_us"] = starts[row["period"]]
        row["spent"] = held[which]["spent"] if which in held else 0
        row["reserved"] = held[which]["reserved"] if which in held else 0
        row["held"] = holds.get(which, 0)
        row["shares"] = orjson.loads(row["shares"])
        row["alerts"] = [
            {"kind": a["kind"], "mark": a["mark_milli"] / 1000, "at_us": a["at_us"], "spent": a["spent"]}
            for a in alerts.get(which, [])
        ]
    return rows


async def _held(
    store: Store, rows: Sequence[Record], starts: Mapping[str, tuple[int, int]]
) -> dict[Any, int]:
    """What of each budget's reserved sum is held for calls whose cost is not known (crashes, missing prices)."""
    held: dict[Any, int] = {}
    for row in rows:
        start, end = starts[row["period"]]
        (total,) = await store.fetch(
            f"SELECT {store.sums.of('h.pico', 'total')} FROM attempt_account t"
            " JOIN hold h ON h.request_id = t.request_id AND h.n = t.n"
            " WHERE t.account = $1 AND t.begun_us >= $2 AND t.begun_us < $3",
            row["account"], start, end,
        )  # fmt: skip
        held[row["account"], row["period"]] = total["total"] or 0
    return held

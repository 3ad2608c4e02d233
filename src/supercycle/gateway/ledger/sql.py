"""The SQL of booking, the same text for both databases but for how sums of money are held."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from supercycle.gateway.ledger.budgets import Budget
from supercycle.gateway.ledger.entries import Attempt
from supercycle.gateway.ledger.rows import CHAINED, ROLLUP_SUMS, ROLLUPS, Booked, Earlier
from supercycle.gateway.ledger.store import Sums
from supercycle.gateway.prices.pricebook import Price

__all__ = ["BookingSql", "booked_from", "budget_from", "earlier_from", "price_row", "question_marks"]


def question_marks(sql: str) -> str:
    """``$1`` as SQLite has it.

    >>> question_marks("SELECT $1, $12")
    'SELECT ?1, ?12'
    """
    return re.sub(r"\$(\d+)", r"?\1", sql)


def _marks(count: int, first: int = 1) -> str:
    return ", ".join(f"${i}" for i in range(first, first + count))


class BookingSql:
    """Statements with ``$1`` placeholders. ``outcome`` and ``booked`` still want their ``which``: one key or many."""

    outcome = "SELECT request_id, n, state, COALESCE(cost_pico, 0) FROM outcome WHERE {which}"
    booked = """
        SELECT a.request_id, a.n, r.key_id, r.model, a.provider, a.upstream_model, a.reserve_pico, r.project, r.org,
            a.begun_us, r.tags, o.state, w.sent_us,
            (SELECT COALESCE(SUM(pico), 0) FROM posting p
                WHERE p.request_id = a.request_id AND p.n = a.n AND p.kind IN ('charge', 'adjust')),
            (SELECT COALESCE(MAX(seq), 0) + 1 FROM posting p
                WHERE p.request_id = a.request_id AND p.n = a.n AND p.kind = 'adjust'),
            (SELECT COUNT(*) FROM usage u WHERE u.request_id = a.request_id AND u.n = a.n), w.progress_pico,
            (SELECT COALESCE(SUM(pico), 0) FROM hold h WHERE h.request_id = a.request_id AND h.n = a.n)
        FROM attempt a JOIN request r ON r.request_id = a.request_id
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
        LEFT JOIN open_attempt w ON w.request_id = a.request_id AND w.n = a.n
        WHERE {which}"""
    earlier = """
        SELECT r.request_id, r.fingerprint, a.n, o.state, o.http_status,
            (SELECT COALESCE(SUM(pico), 0) FROM posting p
                WHERE p.request_id = r.request_id AND p.kind IN ('charge', 'adjust'))
        FROM request r
        LEFT JOIN attempt a ON a.request_id = r.request_id
            AND a.n = (SELECT MAX(n) FROM attempt x WHERE x.request_id = r.request_id)
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
        WHERE r.key_id = $1 AND r.idempotency_key = $2"""
    heads = """
        SELECT b.run_id, b.seq, b.hash FROM run r JOIN block b ON b.run_id = r.run_id
            AND b.seq = (SELECT MAX(seq) FROM block x WHERE x.run_id = r.run_id)"""
    run = f"INSERT INTO run VALUES ({_marks(4)})"
    block = f"INSERT INTO block VALUES ({_marks(6)})"
    opened = f"INSERT INTO open_attempt (request_id, n, run_id, progress_pico) VALUES ({_marks(4)})"
    progress = "UPDATE open_attempt SET progress_pico = $1 WHERE request_id = $2 AND n = $3"
    budget_closed = """
        UPDATE budget SET closed_us = $1, closed_why = $2
        WHERE account = $3 AND period = $4 AND closed_us IS NULL"""
    sent = "UPDATE open_attempt SET sent_us = $1 WHERE request_id = $2 AND n = $3"
    closed = "DELETE FROM open_attempt WHERE request_id = $1 AND n = $2"
    price = f"INSERT INTO price VALUES ({_marks(13)}) ON CONFLICT DO NOTHING"

    def __init__(self, money_sums: Sums) -> None:
        each = 2 if money_sums.split else 1
        money = money_sums.columns
        self.chained = {
            table: f"INSERT INTO {table} ({', '.join(columns)}, block) VALUES ({_marks(len(columns) + 1)})"
            for table, columns in CHAINED.items()
        }
        self.budgets = (
            f"SELECT account, period, shares, burn, created_us, {money('limit_pico')}, closed_why FROM budget"
        )
        self.balance = (
            f"SELECT {money('spent', 'reserved')} FROM balance"
            " WHERE account = $1 AND period = $2 AND start_us = $3"
        )
        self.put_balance = (
            f"INSERT INTO balance (account, period, start_us, {money('spent', 'reserved')})"
            f" VALUES ({_marks(3 + 2 * each)}) ON CONFLICT (account, period, start_us) DO UPDATE SET "
            + _set(money("spent", "reserved"))
        )
        sums = ", ".join((*ROLLUP_SUMS, money("spent")))
        self.rollups = {
            table: f"INSERT INTO {table} ({column}, model, key_id, provider, {sums})"
            f" VALUES ({_marks(4 + len(ROLLUP_SUMS) + each)})"
            f" ON CONFLICT ({column}, model, key_id, provider) DO UPDATE SET {_add(table, sums)}"
            for table, (column, _) in ROLLUPS.items()
        }
        spent = money("spent")
        self.rollup_tag = (
            f"INSERT INTO rollup_tag (hour_us, tag, requests, {spent}) VALUES ({_marks(3 + each)})"
            f" ON CONFLICT (hour_us, tag) DO UPDATE SET {_add('rollup_tag', 'requests, ' + spent)}"
        )
        excess = money("excess")
        self.rollup_market = (
            f"INSERT INTO rollup_market (hour_us, key_id, reason, calls, {excess}) VALUES ({_marks(4 + each)})"
            f" ON CONFLICT (hour_us, key_id, reason) DO UPDATE SET {_add('rollup_market', 'calls, ' + excess)}"
        )
        self.alert = (
            f"INSERT INTO alert (account, period, start_us, kind, mark_milli, at_us, {money('spent', 'limit_pico')})"
            f" VALUES ({_marks(6 + 2 * each)}) ON CONFLICT DO NOTHING"
        )


def _set(columns: str) -> str:
    return ", ".join(f"{c} = excluded.{c}" for c in columns.split(", "))


def _add(table: str, columns: str) -> str:
    return ", ".join(f"{c} = {table}.{c} + excluded.{c}" for c in columns.split(", "))


def booked_from(row: Sequence[Any]) -> Booked:
    """A row of `BookingSql.booked`."""
    request_id, n, key_id, model, provider, upstream_model, reserve, project, org, begun, tags = row[:11]
    accounts = tuple(a for a in (f"key:{key_id}", project, org, f"provider:{provider}") if a is not None)
    attempt = Attempt(
        request_id, n, key_id, model, provider, upstream_model, reserve, accounts, begun, orjson.loads(tags)
    )
    state, sent_us, net, next_seq, used, progress, held = row[11:]
    return Booked(attempt, state, sent_us is not None, int(net), next_seq, used > 0, progress, int(held))


def earlier_from(row: Sequence[Any]) -> Earlier:
    """A row of `BookingSql.earlier`; a request without an attempt was answered at once."""
    request_id, fingerprint, n, state, status, cost = row
    if n is None:
        return Earlier(request_id, fingerprint, "settled", 200, 0)
    return Earlier(request_id, fingerprint, state, status, int(cost))


def budget_from(row: Sequence[Any], limit_pico: int) -> Budget:
    """A row of `BookingSql.budgets`, its limit put together."""
    account, period, shares, burn, created_us = row[:5]
    return Budget(account, period, limit_pico, tuple(orjson.loads(shares)), burn, created_us, row[-1])


def price_row(price: Price) -> tuple[str | None, ...]:
    """A row of the price book as the ledger keeps it; rates are ``{kind: [[above prompt tokens, pico per unit]]}``."""
    return (
        price.price_id, price.provider, price.model, price.tier, price.region,
        price.starts.isoformat() if price.starts else None,
        price.ends.isoformat() if price.ends else None,
        orjson.dumps(price.minutes).decode() if price.minutes else None,
        orjson.dumps({kind: list(steps) for kind, steps in price.rates.items()}).decode(),
        price.status, price.seen.isoformat() if price.seen else None, price.source,
        orjson.dumps(price.agrees).decode(),
    )  # fmt: skip

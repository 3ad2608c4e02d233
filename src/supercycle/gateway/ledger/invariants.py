"""What must hold in every ledger at every moment, as SQL that anyone can run.

Each rule selects the attempts that break it. Sums over many rows (balances, rollups) are compared here, because each
database adds them up in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from supercycle.gateway.ledger.budgets import DAY_US, HOUR_US, PERIODS, period_bounds
from supercycle.gateway.ledger.store import Record, Store

__all__ = ["RULES", "check"]

_SHOWN = 3  # attempts named per rule that is broken

RULES: Mapping[str, str] = {
    "an attempt is either under way or over": """
        SELECT a.request_id, a.n FROM attempt a
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
        LEFT JOIN open_attempt w ON w.request_id = a.request_id AND w.n = a.n
        WHERE (o.request_id IS NULL) = (w.request_id IS NULL)""",
    "what an attempt reserved is posted as it was asked": """
        SELECT a.request_id, a.n FROM attempt a
        LEFT JOIN posting p ON p.request_id = a.request_id AND p.n = a.n AND p.kind = 'reserve'
        WHERE (a.reserve_pico IS NULL) <> (p.pico IS NULL) OR a.reserve_pico <> p.pico""",
    "a reserve is released once, in full, when its attempt is over, and not before": """
        SELECT a.request_id, a.n FROM attempt a
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
        LEFT JOIN posting p ON p.request_id = a.request_id AND p.n = a.n AND p.kind = 'release'
        WHERE (o.request_id IS NOT NULL AND a.reserve_pico IS NOT NULL) <> (p.pico IS NOT NULL)
            OR p.pico <> -a.reserve_pico""",
    "the charge posted is the cost of the outcome": """
        SELECT a.request_id, a.n FROM attempt a
        LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
        LEFT JOIN posting p ON p.request_id = a.request_id AND p.n = a.n AND p.kind = 'charge'
        WHERE COALESCE(o.cost_pico, 0) <> COALESCE(p.pico, 0)""",
    "a charge is the sum of its usage lines": """
        SELECT o.request_id, o.n FROM outcome o
        WHERE o.state IN ('settled', 'estimated') AND o.note IS NULL AND o.cost_pico <>
            (SELECT COALESCE(SUM(u.pico), 0) FROM usage u WHERE u.request_id = o.request_id AND u.n = o.n)""",
    "a usage line costs count x rate": """
        SELECT request_id, n FROM usage WHERE pico <> count * rate_pico OR (pico IS NULL) <> (rate_pico IS NULL)""",
    "what is not known is held: charge and hold are the reserve together; a void attempt costs nothing": """
        SELECT o.request_id, o.n FROM outcome o JOIN attempt a ON a.request_id = o.request_id AND a.n = o.n
        LEFT JOIN hold h ON h.request_id = o.request_id AND h.n = o.n AND h.seq = 0
        WHERE (o.state = 'orphaned' AND COALESCE(o.cost_pico + COALESCE(h.pico, 0), -1) <> COALESCE(a.reserve_pico, -1))
            OR (o.state = 'estimated' AND o.note IS NOT NULL AND o.cost_pico IS NOT NULL
                AND o.cost_pico + COALESCE(h.pico, 0) <> a.reserve_pico)
            OR (o.state = 'void' AND COALESCE(o.cost_pico, -1) <> 0)""",
    "a hold is lifted whole, and only after it was made": """
        SELECT l.request_id, l.n FROM hold l
        LEFT JOIN hold h ON h.request_id = l.request_id AND h.n = l.n AND h.seq = 0
        WHERE l.seq = 1 AND COALESCE(h.pico, 0) <> -l.pico""",
    "what has no price says so": """
        SELECT o.request_id, o.n FROM outcome o WHERE o.note IS NULL AND o.cost_pico IS NULL
        UNION SELECT o.request_id, o.n FROM outcome o JOIN usage u ON u.request_id = o.request_id AND u.n = o.n
        WHERE o.note IS NOT NULL AND o.state = 'settled' AND o.cost_pico IS NOT NULL AND u.pico IS NOT NULL""",
    "every rate used is named by a row of the price book": """
        SELECT u.request_id, u.n FROM usage u LEFT JOIN price p ON p.price_id = u.price_id
        WHERE u.rate_pico IS NOT NULL AND p.price_id IS NULL""",
}


async def check(store: Store) -> list[str]:
    """Every rule that does not hold, in words, with some of the attempts that break it; none when all hold."""
    wrong: list[str] = []
    for meaning, sql in RULES.items():
        rows = await store.fetch(f"{sql} LIMIT {_SHOWN + 1}")
        if rows:
            named = ", ".join(f"{row['request_id']}/{row['n']}" for row in rows[:_SHOWN])
            wrong.append(f"broken: {meaning}: {named}{' and more' if len(rows) > _SHOWN else ''}")
    wrong += await _rates(store)
    wrong += await _balances(store)
    wrong += await _rollups(store)
    return wrong


async def _rates(store: Store) -> list[str]:
    """Each rate stands in the row of the price book that the usage line names."""
    rows = await store.fetch(
        "SELECT DISTINCT u.price_id, u.rate_pico, p.rates FROM usage u JOIN price p ON p.price_id = u.price_id"
    )
    return [
        f"broken: rates are those of the price book: {row['rate_pico']} is not in {row['price_id']}"
        for row in rows
        if row["rate_pico"]
        not in {step[1] for steps in orjson.loads(row["rates"]).values() for step in steps}
    ]


async def _balances(store: Store) -> list[str]:
    """The balance of every budget's window is the sum of the postings of the attempts that began in it."""
    created = {
        (row["account"], row["period"]): row["created_us"]
        for row in await store.fetch("SELECT * FROM budget")
    }
    sums = store.sums
    wrong: list[str] = []
    for row in await store.fetch("SELECT * FROM balance ORDER BY account, period, start_us"):
        account, period, start = row["account"], row["period"], row["start_us"]
        if period not in PERIODS or start < period_bounds(period, created[account, period])[0]:
            continue
        end = period_bounds(period, start)[1]
        found: dict[str, Any] = {}
        for name, kinds in (("spent", "('charge', 'adjust')"), ("reserved", "('reserve', 'release')")):
            (total,) = await store.fetch(
                f"SELECT {sums.of('p.pico', 'total')} FROM attempt_account t"
                " JOIN posting p ON p.request_id = t.request_id AND p.n = t.n"
                f" WHERE t.account = $1 AND t.begun_us >= $2 AND t.begun_us < $3 AND p.kind IN {kinds}",
                account, start, end,
            )  # fmt: skip
            found[name] = total["total"] or 0
        (total,) = await store.fetch(
            f"SELECT {sums.of('h.pico', 'total')} FROM attempt_account t"
            " JOIN hold h ON h.request_id = t.request_id AND h.n = t.n"
            " WHERE t.account = $1 AND t.begun_us >= $2 AND t.begun_us < $3",
            account, start, end,
        )  # fmt: skip
        found["reserved"] += total["total"] or 0
        for name, total in found.items():
            if total != row[name]:
                wrong.append(
                    f"broken: a balance is the sum of its postings: {account} {period} {name} is {row[name]},"
                    f" the postings say {total}"
                )
    return wrong


async def _rollups(store: Store) -> list[str]:
    """The rollups hold what the outcomes and postings add up to, hour by hour."""
    sums = store.sums
    hour = f"a.begun_us - a.begun_us % {HOUR_US}"
    names = ("hour_us", "model", "key_id", "provider")
    group = f"GROUP BY {hour}, r.model, r.key_id, a.provider"
    what = f"SELECT {hour} AS hour_us, r.model, r.key_id, a.provider,"
    joined = "FROM attempt a JOIN request r ON r.request_id = a.request_id"
    paid = "x.kind IN ('charge', 'adjust')"
    same = "ON x.request_id = a.request_id AND x.n = a.n"
    added: dict[tuple[Any, ...], Record] = {}
    for sql in (
        f"{what} COUNT(*) AS attempts, SUM(x.final) AS requests {joined} JOIN outcome x {same} {group}",
        f"{what} {sums.of('x.pico', 'spent')} {joined} JOIN posting x {same} AND {paid} {group}",
    ):
        for row in await store.fetch(sql):
            added.setdefault(tuple(row.pop(name) for name in names), {}).update(row)
    wrong: list[str] = []
    rows = await store.fetch("SELECT * FROM rollup WHERE attempts > 0")
    for row in rows:
        found = added.pop(tuple(row[name] for name in names), {})
        for name in ("attempts", "requests", "spent"):
            if found.get(name, 0) != row[name]:
                wrong.append(
                    f"broken: a rollup is the sum of its rows: {row['model']} {row['key_id']} {name} is {row[name]},"
                    f" the rows say {found.get(name, 0)}"
                )
    wrong += [f"broken: every hour has its rollup: {key} is missing" for key in added]
    days: dict[tuple[Any, ...], int] = {}
    for row in rows:
        day = (row["hour_us"] - row["hour_us"] % DAY_US, row["model"], row["key_id"], row["provider"])
        days[day] = days.get(day, 0) + row["spent"]
    days_stated = {
        (row["day_us"], row["model"], row["key_id"], row["provider"]): row["spent"]
        for row in await store.fetch("SELECT * FROM rollup_day WHERE attempts > 0")
    }
    wrong += [
        f"broken: a day is the sum of its hours: {key}: {days_stated.get(key)}, the hours say {days.get(key)}"
        for key in sorted(days_stated.keys() | days.keys())
        if days_stated.get(key) != days.get(key)
    ]
    return wrong

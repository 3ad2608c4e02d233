"""Reading the ledger: totals, rollups, requests, and every attempt of a period.

Totals come from the rollups, which the writer keeps in the transaction of the bookings themselves; so they are the
ledger's at every moment, and cost the same at a thousand rows and a million. Rollups hold whole hours: bounds that lie
within an hour take the hour in which they begin.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import orjson

from supercycle.gateway.ledger.budgets import DAY_US, HOUR_US
from supercycle.gateway.ledger.rows import ROLLUP_SUMS
from supercycle.gateway.ledger.store import Record, Store

__all__ = ["Reads"]

Dimension = Literal["model", "key_id", "provider", "hour_us"]

_ATTEMPT = """
    SELECT a.request_id, a.n, a.begun_us, r.received_us, r.key_id, r.project, r.org, r.route, r.model, a.provider,
        a.upstream_model, r.tags, r.decision, a.reserve_pico,
        COALESCE(o.state, CASE WHEN w.sent_us IS NULL THEN 'open' ELSE 'sent' END) AS state,
        o.at_us, o.cost_pico AS charged_pico, o.note, o.tier, o.http_status, o.ttft_ms, o.duration_ms,
        (SELECT SUM(p.pico) FROM posting p
            WHERE p.request_id = a.request_id AND p.n = a.n AND p.kind = 'adjust') AS adjusted,
        u.kind, u.count, u.rate_pico, u.price_id, u.pico
    FROM attempt a JOIN request r ON r.request_id = a.request_id
    LEFT JOIN outcome o ON o.request_id = a.request_id AND o.n = a.n
    LEFT JOIN open_attempt w ON w.request_id = a.request_id AND w.n = a.n
    LEFT JOIN usage u ON u.request_id = a.request_id AND u.n = a.n
    """
_USAGE = ("kind", "count", "rate_pico", "price_id", "pico")


class Reads:
    """Questions to a ledger; every answer is a dict or a list of them, money in whole pico-USD."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sums = ", ".join(f"SUM({name}) AS {name}" for name in ROLLUP_SUMS)
        self._spent = store.sums.over("spent", "spent")

    async def totals(self, since_us: int, until_us: int) -> Record:
        """What was spent and used by attempts begun in the hours of [since, until)."""
        (row,) = await self._store.fetch(
            f"SELECT {self._sums}, {self._spent} FROM {self._held(since_us, until_us)}"
        )
        return {name: value or 0 for name, value in row.items()}

    async def rollup(self, since_us: int, until_us: int, *by: Dimension) -> list[Record]:
        """The same by hour, model, key or provider, in that order; without ``by`` every row as it is kept."""
        if not by:
            return await self._store.fetch(
                "SELECT * FROM rollup WHERE hour_us >= $1 AND hour_us < $2 ORDER BY hour_us, model, key_id, provider",
                _hour(since_us), until_us,
            )  # fmt: skip
        names = ", ".join(by)
        held = self._held(since_us, until_us, hours="hour_us" in by)
        return await self._store.fetch(
            f"SELECT {names}, {self._sums}, {self._spent} FROM {held} GROUP BY {names} ORDER BY {names}"
        )

    async def series(
        self, since_us: int, until_us: int, step_us: int, *by: Literal["model", "key_id", "provider"]
    ) -> list[Record]:
        """The same by step of a chart (``place``: 0 begins at since), and by model, key or provider within it.

        Steps of whole days from a midnight (UTC) read the days' sums, others the hours'.
        """
        days = since_us % DAY_US == 0 and step_us % DAY_US == 0
        table, column = ("rollup_day", "day_us") if days else ("rollup", "hour_us")
        names, places = ", ".join(("place", *by)), ", ".join(("1", *by))
        return await self._store.fetch(
            f"SELECT ({column} - $1) / $2 AS {names}, {self._sums}, {self._spent} FROM {table}"
            f" WHERE {column} >= $1 AND {column} < $3 GROUP BY {places} ORDER BY {places}",
            since_us, step_us, until_us,
        )  # fmt: skip

    def _held(self, since_us: int, until_us: int, *, hours: bool = False) -> str:
        """The rollup rows of a period, as a table: whole days as days, what is left as hours."""
        since = _hour(since_us)
        first, last = -(-since // DAY_US) * DAY_US, until_us // DAY_US * DAY_US
        if hours or first >= last:
            return f"(SELECT * FROM rollup WHERE hour_us >= {since:d} AND hour_us < {until_us:d}) h"
        return (
            f"(SELECT * FROM rollup_day WHERE day_us >= {first:d} AND day_us < {last:d} UNION ALL"
            f" SELECT * FROM rollup WHERE hour_us >= {since:d} AND hour_us < {first:d} UNION ALL"
            f" SELECT * FROM rollup WHERE hour_us >= {last:d} AND hour_us < {until_us:d}) d"
        )

    async def tags(self, since_us: int, until_us: int) -> list[Record]:
        """Spending by tag (``name=value``), most first; a request with two tags counts under both."""
        rows = await self._store.fetch(
            f"SELECT tag, SUM(requests) AS requests, {self._spent} FROM rollup_tag"
            " WHERE hour_us >= $1 AND hour_us < $2 GROUP BY tag",
            _hour(since_us), until_us,
        )  # fmt: skip
        return sorted(rows, key=lambda row: (-row["spent"], row["tag"]))

    async def in_flight(self) -> Record:
        """How many attempts are under way, and what they reserve."""
        reserved = self._store.sums.of("a.reserve_pico", "reserved")
        (row,) = await self._store.fetch(
            f"SELECT COUNT(*) AS attempts, {reserved} FROM open_attempt w"
            " JOIN attempt a ON a.request_id = w.request_id AND a.n = w.n"
        )
        return {name: value or 0 for name, value in row.items()}

    async def requests(
        self,
        limit: int = 50,
        before: str | None = None,
        *,
        key_id: str | None = None,
        model: str | None = None,
        state: str | None = None,
    ) -> list[Record]:
        """The newest requests with their attempts; ``before`` is the last request id of the page above.

        ``state`` keeps requests with an attempt in that state.
        """
        wanted: list[str] = []
        args: list[str | int] = []
        for clause, value in (
            ("request_id < ${}", before),
            ("key_id = ${}", key_id),
            ("model = ${}", model),
            (
                "EXISTS (SELECT 1 FROM attempt_state s WHERE s.request_id = request.request_id AND s.state = ${})",
                state,
            ),
        ):
            if value is not None:
                args.append(value)
                wanted.append(clause.format(len(args)))
        where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
        args.append(limit)
        rows = await self._store.fetch(
            "SELECT request_id, received_us, key_id, project, org, route, model, idempotency_key, tags, decision"
            f" FROM request {where} ORDER BY request_id DESC LIMIT ${len(args)}",
            *args,
        )
        if not rows:
            return []
        marks = ", ".join(f"${i + 1}" for i in range(len(rows)))
        sql = f"{_ATTEMPT} WHERE a.request_id IN ({marks}) ORDER BY a.request_id, a.n"
        found: dict[str, list[Record]] = {}
        for attempt in _gathered(await self._store.fetch(sql, *(row["request_id"] for row in rows))):
            found.setdefault(attempt["request_id"], []).append(attempt)
        for row in rows:
            row["tags"] = orjson.loads(row["tags"])
            row["attempts"] = found.get(row["request_id"], [])
        return rows

    async def request(self, request_id: str) -> Record | None:
        """One request with its attempts and every posting."""
        rows = await self._store.fetch("SELECT * FROM request WHERE request_id = $1", request_id)
        if not rows:
            return None
        sql = f"{_ATTEMPT} WHERE a.request_id = $1 ORDER BY a.n, u.kind"
        rows[0]["tags"] = orjson.loads(rows[0]["tags"])
        rows[0]["attempts"] = _gathered(await self._store.fetch(sql, request_id))
        rows[0]["postings"] = await self._store.fetch(
            "SELECT n, kind, seq, pico, at_us, source FROM posting WHERE request_id = $1 ORDER BY n, at_us, kind, seq",
            request_id,
        )
        return rows[0]

    async def attempts(self, since_us: int, until_us: int) -> AsyncIterator[Record]:
        """Every attempt begun in [since, until), in order of time, with request, outcome and usage lines.

        ``cost_pico`` is the charge with its corrections, which ``adjusted_pico`` has apart; None while it is under
        way and when it has no price.
        """
        sql = (
            f"{_ATTEMPT} WHERE a.begun_us >= $1 AND a.begun_us < $2"
            " ORDER BY a.begun_us, a.request_id, a.n, u.kind"
        )
        held: list[Record] = []
        async with self._store.reading() as read:
            async for row in read(sql, since_us, until_us):
                if held and (row["request_id"], row["n"]) != (held[0]["request_id"], held[0]["n"]):
                    yield _gathered(held)[0]
                    held = []
                held.append(row)
        if held:
            yield _gathered(held)[0]


def _hour(at_us: int) -> int:
    return at_us - at_us % HOUR_US


def _gathered(rows: list[Record]) -> list[Record]:
    """Rows of attempt x usage as one record per attempt, its usage lines in a list."""
    found: dict[tuple[str, int], Record] = {}
    for row in rows:
        line = {name: row.pop(name) for name in _USAGE}
        key = (row["request_id"], row["n"])
        if key not in found:
            adjusted, charged = row.pop("adjusted"), row.pop("charged_pico")
            row["adjusted_pico"] = int(adjusted or 0)
            row["cost_pico"] = (
                None if charged is None and adjusted is None else (charged or 0) + int(adjusted or 0)
            )
            row["tags"] = orjson.loads(row["tags"])
            found[key] = {**row, "usage": []}
        if line["kind"] is not None:
            found[key]["usage"].append(line)
    return list(found.values())

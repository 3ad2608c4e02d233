"""The order of targets by a decision's record: a pure function, so that it can be replayed.

    score = cost + value_of_second x seconds x (1 + load) + p / (1 - p) x (retry + waiting)

in USD, with p the recent share of failures. ``sort: price`` counts the cost alone.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["order_of", "score_of"]


def score_of(row: Mapping[str, Any], policy: Mapping[str, Any]) -> float:
    """What serving a call here is expected to cost in all, in USD.

    One second at 0.001 USD, one failure in five at 0.01 USD and that second again:
    0.02 + 0.001 + 0.25 x (0.01 + 0.001)

    >>> row = {"cost_usd": 0.02, "seconds": 1.0, "load": 0.0, "failure_share": 0.2}
    >>> round(score_of(row, {"value_of_second_usd": 0.001, "retry_usd": 0.01}), 5)
    0.02375
    """
    waiting = policy["value_of_second_usd"] * row["seconds"] * (1 + row["load"])
    failing = min(row["failure_share"], 0.99)
    return (row["cost_usd"] or 0.0) + waiting + failing / (1 - failing) * (policy["retry_usd"] + waiting)


def order_of(record: Mapping[str, Any]) -> list[str]:
    """Targets best first.

    Those that asked for time come after the others, and those without a price after those with one. Ties go to the
    target with less to do. A chain keeps the order of the file, weights put the drawn one first, and what is asked to
    find out (``explored``) comes before the best.

    >>> row = {"seconds": 1.0, "ttft_s": 0.1, "load": 0.0, "failure_share": 0.01, "out": None, "output_tokens": 10}
    >>> record = {"policy": {"value_of_second_usd": 0.001, "retry_usd": 0.0}, "sort": None, "order": (),
    ...           "candidates": [{**row, "target": "a/m", "cost_usd": 0.02},
    ...                          {**row, "target": "b/m", "cost_usd": 0.01}]}
    >>> order_of(record), order_of({**record, "strategy": "chain"}), order_of({**record, "explored": "a/m"})
    (['b/m', 'a/m'], ['a/m', 'b/m'], ['a/m', 'b/m'])
    """
    policy = record["policy"]
    sort = record.get("sort")
    listed = {name: rank for rank, name in enumerate(record.get("order") or ())}

    def key(row: Mapping[str, Any]) -> tuple[float, ...]:
        total, priced = score_of(row, policy), row["cost_usd"] is not None
        if sort == "price":
            total = row["cost_usd"] or 0.0
        elif sort == "latency":
            total, priced = row["ttft_s"], True
        elif sort == "throughput":
            total, priced = row["seconds"] / max(row.get("output_tokens", 1), 1), True
        rank = listed.get(row["target"].split("/")[0], len(listed))
        return (rank, float(row.get("resting", False)), 0.0 if priced else 1.0, total, row["load"])

    rows = [row for row in record["candidates"] if not row["out"]]
    strategy = record.get("strategy", "cheapest")
    if strategy == "chain" and not sort and not listed:
        return [row["target"] for row in sorted(rows, key=lambda row: float(row.get("resting", False)))]
    ordered = [row["target"] for row in sorted(rows, key=key)]
    first = record.get("explored")
    if strategy in ("weights", "split") and not sort and not listed:
        first = _drawn([row for row in rows if not row.get("resting")] or rows, record.get("draw", 0.0))
    if first in ordered:
        ordered.remove(first)
        ordered.insert(0, first)
    return ordered


def _drawn(rows: list[Mapping[str, Any]], draw: float) -> str | None:
    """The target whose share of the weights holds the drawn number.

    >>> rows = [{"target": "a", "weight": 95.0}, {"target": "b", "weight": 5.0}]
    >>> _drawn(rows, 0.949), _drawn(rows, 0.951)
    ('a', 'b')
    """
    total = sum(row.get("weight", 1.0) for row in rows)
    reached = 0.0
    for row in rows:
        reached += row.get("weight", 1.0)
        if draw * total < reached:
            return row["target"]
    return rows[-1]["target"] if rows else None

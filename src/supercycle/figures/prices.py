"""Dated list prices of models, typed: the seed of the price book (the book itself is not here).

Arena ratings and OpenRouter data are CC BY and carry their attribution in ``source_title``. A row whose
date or price is remembered, or whose date was read from a model id, is judgement and never measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from supercycle.core.errors import FigureError
from supercycle.figures.claims import number
from supercycle.figures.load import read_rows, table_text

__all__ = ["ModelPrice", "model_prices", "parse_model_prices"]

_RATING = re.compile(r"(\d+(?:\.\d+)?) \((.*); snapshot (\d{4}-\d\d-\d\d)\)")
_UNSURE = re.compile(r"remembered|id date")


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """One list price: USD per million tokens, valid ``price_from`` .. ``price_to`` (None: still open)."""

    line: int
    provider: str
    model: str
    release_date: date
    input_usd_per_mtok: float
    output_usd_per_mtok: float
    price_from: date
    price_to: date | None
    arena_rating: float | None
    arena_name: str
    arena_snapshot: date | None
    note: str
    source_title: str
    source_url: str
    evidence: str
    evidence_printed: str


def _day(row: dict[str, str], column: str, where: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise FigureError(
            f"{column} is not a day", expected="2026-10-20", got=repr(row[column]), where=where
        ) from None


def parse_model_prices(text: str) -> tuple[ModelPrice, ...]:
    """Read models.csv; refuses a negative price, an unreadable day or rating, an interval that ends early."""
    out: list[ModelPrice] = []
    for line, row in read_rows("models", text):
        where = f"models.csv:{line}"
        rating = _RATING.fullmatch(row["arena_rating"])
        if row["arena_rating"] and rating is None:
            raise FigureError(
                "arena rating",
                expected="1445.4 (name; snapshot 2026-10-20)",
                got=row["arena_rating"],
                where=where,
            )
        prices = [number(row, column, where) for column in ("input_usd_per_mtok", "output_usd_per_mtok")]
        if min(prices) < 0:
            raise FigureError(
                "negative price", expected="0 or more USD per Mtok", got=min(prices), where=where
            )
        start = _day(row, "price_from", where)
        end = _day(row, "price_to", where) if row["price_to"] else None
        if end is not None and end < start:
            raise FigureError("price ends before it starts", expected=f"after {start}", got=end, where=where)
        out.append(
            ModelPrice(
                line=line,
                provider=row["provider"],
                model=row["model"],
                release_date=_day(row, "release_date", where),
                input_usd_per_mtok=prices[0],
                output_usd_per_mtok=prices[1],
                price_from=start,
                price_to=end,
                arena_rating=float(rating[1]) if rating else None,
                arena_name=rating[2] if rating else "",
                arena_snapshot=date.fromisoformat(rating[3]) if rating else None,
                note=row["params_or_notes"],
                source_title=row["source_title"],
                source_url=row["source_url"],
                evidence="judgement" if _UNSURE.search(row["evidence"]) else "published",
                evidence_printed=row["evidence"],
            )
        )
    return tuple(out)


@cache
def model_prices() -> tuple[ModelPrice, ...]:
    """Every dated list price of the table.

    >>> min(price.input_usd_per_mtok for price in model_prices()) >= 0
    True
    """
    return parse_model_prices(table_text("models"))

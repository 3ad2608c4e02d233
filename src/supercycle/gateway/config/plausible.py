"""What a person types by mistake and a machine would believe: prices of another unit, counts in thousands, two prices.

A price by hand is in USD per million tokens. Per thousand tokens it is a thousandth, per token a millionth of that, and
everything booked, reserved and routed would be wrong by that factor without a word. So a price far from what the book
has for the same model, or from all prices there are, is refused until the row says ``confirmed: true``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.gateway.config.yaml_lines import Item
from supercycle.gateway.prices.pricebook import PRICED, Price, PriceBook, price_entry

__all__ = ["checked_prices", "context_tokens", "tokens"]

_TIERS: Final = ("standard", "flex", "priority", "batch", "scale", "fast")  # what calls and answers can say
_CONFIRMED: Final = "confirmed"
# Judgements. A mistaken unit is a factor of 1,000 or more; hosts of one model differ by less than 20 in the catalogue.
_APART: Final = 50
# USD per million tokens. The shipped tables go from 0.003 (a small reranker) to 600 (o1-pro's output).
_LEAST, _MOST = 0.001, 10_000
# Nobody serves a model with less: 8, 32, 128, 200 and 400 are how people write thousands.
_FEWEST: Final = 512


def tokens(item: Item, name: str, least: int = 1) -> int | None:
    """A count of tokens, None when it is not said. Raises InputError below ``least``."""
    found = item.item(name)
    if found is None:
        return None
    count = found.as_(int, name)
    if count < least:
        raise InputError(
            name, where=found.where, expected=f"{least} tokens or more", got=count,
            hint="A thousand tokens is 1000, not 1 or 1k" if least > 1 else None,
        )  # fmt: skip
    return count


def context_tokens(item: Item) -> int | None:
    """``context_tokens``: what a reserve never exceeds, so one typed in thousands would make budgets leak."""
    return tokens(item, "context_tokens", _FEWEST)


def checked_prices(
    price: Item, provider: str, model: str, book: PriceBook
) -> list[tuple[dict[str, Any], str]]:
    """The rows of a ``price`` with their lines. Raises InputError for one that is wrong, doubtful or said twice."""
    rows = price.each() if isinstance(price.value, list) else [price]  # pyright: ignore[reportUnknownMemberType]
    found: list[tuple[dict[str, Any], str]] = []
    slots: dict[tuple[object, ...], str] = {}
    for row in rows:
        confirmed = row.take(_CONFIRMED, bool, False)
        entry: dict[str, Any] = {
            k: v for k, v in row.plain(lambda leaf: leaf.text).items() if k != _CONFIRMED
        }
        try:
            read = price_entry(provider, model, entry, {})
        except InputError as error:
            raise InputError(str(error), where=row.where) from None
        if read.tier not in _TIERS:
            raise UnknownNameError("tier", read.tier, _TIERS, where=row.where)
        if not read.rates:
            raise InputError(
                "a price without a kind", where=row.where, expected=f"one of {', '.join(PRICED)}"
            )
        slot = (read.tier, read.region, read.starts, read.ends, read.minutes)
        if slot in slots:
            raise InputError(
                f"two prices of {provider}/{model} in the tier {read.tier} hold at the same time",
                where=row.where, got=f"the other at {slots[slot]}",
            )  # fmt: skip
        slots[slot] = row.where
        if not confirmed:
            _plausible(read, row, provider, model, book)
        found.append((entry, row.where))
    return found


def _plausible(read: Price, row: Item, provider: str, model: str, book: PriceBook) -> None:
    known = book.find(provider, model)
    rates = known.rates(datetime.now(UTC), read.tier) or known.rates(datetime.now(UTC)) if known else None
    for kind in ("input", "output"):
        for _, pico in read.rates.get(kind, ()):
            given = pico / 10**6  # pico-USD a token: USD per million
            if given and not _LEAST <= given <= _MOST:
                raise _doubtful(row, kind, given, f"{_LEAST} to {_MOST:,} USD per million tokens")
        listed = rates[kind].at(0) / 10**6 if rates and kind in rates else 0
        given = read.rates[kind][0][1] / 10**6 if kind in read.rates else 0
        if listed and given and not listed / _APART <= given <= listed * _APART:
            raise _doubtful(
                row, kind, given, f"about the {listed:g} USD per million tokens of the price book"
            )


def _doubtful(row: Item, kind: str, given: float, expected: str) -> InputError:
    return InputError(
        f"price of {kind}", where=row.where, expected=expected, got=f"{given:g}",
        hint="Prices are in USD per million tokens; if this one is meant, say confirmed: true beside it",
    )  # fmt: skip

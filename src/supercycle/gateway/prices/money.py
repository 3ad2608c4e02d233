"""Money is a whole number of pico-USD (1e-12 USD), so that sums have no rounding and order does not matter.

One pico-USD a token is 1e-6 USD per million tokens, finer than any published price; so a price per token is a
whole number too, and a charge is count x rate, exactly.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from supercycle.core.errors import InputError

__all__ = ["MAX_POSTING", "PICO", "pico", "rate_per_token", "usd", "usd_text"]

PICO = 10**12
MAX_POSTING = 2**63 - 1  # what one posting may hold: 9.2 million USD; sums are wider (see the stores)
_MTOK = 10**6


def pico(amount_usd: str | int | Decimal, *, where: object = None) -> int:
    """An amount in USD as pico-USD: amount x 10^12, refused unless that is a whole number.

    Floats are not taken: 0.1 is not one tenth.

    >>> pico("2.50")
    2500000000000
    >>> pico("0.0000000000001")
    Traceback (most recent call last):
    ...
    supercycle.core.errors.InputError: amount finer than a pico-USD: expected at most 12 decimals, ...
    """
    try:
        value = Decimal(amount_usd) * PICO
    except InvalidOperation:
        raise InputError(
            "amount of money", expected="USD such as 2.50", got=repr(amount_usd), where=where
        ) from None
    if not value.is_finite():
        raise InputError("amount of money", expected="a finite amount", got=repr(amount_usd), where=where)
    if value != value.to_integral_value():
        raise InputError(
            "amount finer than a pico-USD", expected="at most 12 decimals", got=str(amount_usd), where=where
        )
    return int(value)


def rate_per_token(usd_per_mtok: str | int | Decimal, *, where: object = None) -> int:
    """A price in USD per million tokens as pico-USD per token: price x 10^12 / 10^6, exactly.

    >>> rate_per_token("2.50")
    2500000
    """
    whole, rest = divmod(pico(usd_per_mtok, where=where), _MTOK)
    if rest:
        raise InputError(
            "price finer than a pico-USD per token",
            expected="at most 6 decimals of USD per million tokens",
            got=str(usd_per_mtok),
            where=where,
        )
    return whole


def usd(amount_pico: int) -> Decimal:
    """Pico-USD as an exact decimal number of USD.

    >>> usd(2_500_000_000_001)
    Decimal('2.500000000001')
    """
    return Decimal(amount_pico).scaleb(-12)


def usd_text(amount_pico: int, decimals: int | None = None) -> str:
    """Pico-USD as text in USD: exact without trailing zeros, or rounded half-even to ``decimals`` for display.

    >>> usd_text(1_230_000_000), usd_text(0), usd_text(1_999_999_999_999, 2)
    ('0.00123', '0', '2.00')
    """
    value = usd(amount_pico)
    if decimals is not None:
        return f"{value:.{decimals}f}"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""Units of figures: a unit of the core grammar, or a *word* that converts to nothing and says so.

Plain gigawatts are a word (``GW_unstated``): IT load, facility, chip power and generation differ, and most sources do
not say which they mean. ``basis``, beside the unit, keeps what changes the meaning ("2005 prices", "of GDP"); rows of
different basis are never converted into each other.
"""

from __future__ import annotations

from functools import lru_cache

from supercycle.core.errors import FigureError, UnitError, nearest

__all__ = ["WORDS", "checked", "convert", "convertible"]

# Units that cannot be converted to anything else.
WORDS: frozenset[str] = frozenset(
    {
        "text", "event", "date", "calendar_year", "index", "count", "count_k", "count_m", "coefficient",
        "elasticity", "exponent", "sign", "FLOP", "EUR", "EUR_bn", "GBP", "GBP_m", "GBP_bn",
        "GBP/year", "GBP_m/year", "EUR_m/MW_unstated", "GW_unstated", "MW_unstated",
        "USD_bn/GW_unstated", "USD_m/MW_unstated", "USD_m/MW_unstated/year", "USD/MW_unstated", "mile",
        "mile_m", "Gbps", "PB/month", "GB/s", "EH/s", "USD/GB", "USD/bbl", "Mbbl/day", "USD/(TH/s)",
        "USD/year/USD", "CNY_m", "EUR/kWh", "GB", "KiB/tok", "MYR/kW/month", "MYR/kWh", "TB/s", "TFLOP/s",
        "USD/equity_share", "count_bn", "notch", "point", "rating", "second",
    }
)  # fmt: skip


@lru_cache(maxsize=4096)
def checked(unit: str, where: str = "") -> str:
    """The unit itself; FigureError when it is neither of the core grammar nor a word.

    >>> checked("USD_bn/year"), checked("GW_unstated")
    ('USD_bn/year', 'GW_unstated')
    """
    if unit in WORDS:
        return unit
    from supercycle.core.units import parse_unit

    try:
        parse_unit(unit)
    except UnitError as problem:
        near = nearest(unit, WORDS)
        raise FigureError(
            "unit not known", expected="a unit of core.units or a word of figures/units.py", got=repr(unit),
            where=where or None, hint=f"Nearest word: {near[0]}." if near else str(problem),
        ) from None  # fmt: skip
    return unit


def convertible(unit: str) -> bool:
    """False for a word; True for a unit the core grammar reads."""
    return unit not in WORDS


def convert(value: float, unit: str, to: str) -> float:
    """Turn a value in ``unit`` into ``to`` (``value * factor``); UnitError for words and unlike dimensions.

    >>> convert(8562.0, "MW_tdp", "GW_tdp")
    8.562
    """
    if unit == to:
        return value
    for name in (unit, to):
        if name in WORDS:
            raise UnitError("not a unit that converts", expected="a unit of the core grammar", got=repr(name))
    from supercycle.core.units import factor, parse_unit

    return value * factor(parse_unit(unit), parse_unit(to))

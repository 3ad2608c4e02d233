"""Scalars as documents write them: 1270, 1_270, 6.581 %, 225 bp, 1.30x; with the range of each kind of number.

A slip of a percent sign or of a decimal comma multiplies a number by a hundred or a thousand, so what could be one is
refused: every comma, a bare number that is too large for its kind, a percentage of money.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from supercycle.core.errors import InputError

__all__ = ["ABOVE", "UNITS", "Unit", "read_scalar"]

ABOVE = "above_100_percent"
_SCALAR = re.compile(r"([-+]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?\d+)?)\s*(%|bp|x|)")
_SCALES = {"": 1.0, "%": 1e-2, "bp": 1e-4, "x": 1.0}


@dataclass(frozen=True, slots=True)
class Unit:
    """What a kind of number may be: ``bare`` is the largest without a sign, ``named`` without being asked for."""

    word: str
    low: float
    high: float
    bare: float = math.inf
    named: float = math.inf
    signs: tuple[str, ...] = ("",)


LIKELY_BP = 25  # judgement: a bare 50 is basis points far more often than half of the sum
# Judgement: the ranges are wide enough for every document in docs/deals.md's sources, narrow enough for a slip of 100.
PERCENT = ("", "%", "bp")
UNITS: dict[str, Unit] = {
    "money": Unit("a sum of money", 0.0, 1e15),
    "rate": Unit("a rate a year", 0.0, 10.0, bare=0.30, named=1.0, signs=PERCENT),
    "base_rate": Unit("a base rate a year", -0.05, 10.0, bare=0.30, named=1.0, signs=PERCENT),
    "growth": Unit("growth a year", -0.5, 10.0, bare=0.30, named=1.0, signs=PERCENT),
    "fee": Unit("a fee", 0.0, 1.0, bare=0.10, signs=PERCENT),
    "volatility": Unit("a yearly volatility", 0.0, 10.0, bare=1.0, named=1.0, signs=PERCENT),
    "share": Unit("a share", 0.0, 1.0, bare=1.0, signs=PERCENT),
    "ratio": Unit("a ratio", 0.0, 3.0, bare=3.0, signs=PERCENT),
    "cover": Unit("a cover", 0.0, 20.0, signs=("", "x")),
    "level": Unit("a level", 0.0, 20.0, signs=("", "x", "%", "bp")),
    "correlation": Unit("a correlation", -1.0, 1.0, bare=1.0, signs=PERCENT),
    "years": Unit("years", 0.0, 200.0),
    "count": Unit("a count", 0.0, 1e9),
    "price": Unit("a price", 0.0, 1e6),
    "": Unit("a number", -1e15, 1e15, signs=("", "%", "bp", "x")),
}


def read_scalar(text: object, where: str, unit: str = "", *, above: bool = False) -> float:
    """A finite number from YAML within the range of its unit; anything else is refused with its line.

    ``above`` says that the file asks for a rate above 100 % by name.

    >>> read_scalar("6.5 %", "deal.yaml:3"), read_scalar("25 bp", "deal.yaml:3"), read_scalar("1.30x", "deal.yaml:3")
    (0.065, 0.0025, 1.3)
    """
    kind = UNITS[unit]
    if isinstance(text, int | float) and not isinstance(text, bool) and math.isfinite(text):
        value, sign = float(text), ""
    else:
        if isinstance(text, str) and "," in text:
            plain = text.replace(",", "")
            raise InputError(
                "a comma inside a number", expected=f"{text.replace(',', '.')} or {plain.replace(' ', '')}",
                got=repr(text), where=where,
                hint="A comma is a decimal sign to some and separates thousands to others: write 6.581 % or 1_270.",
            )  # fmt: skip
        found = _SCALAR.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise InputError("not a number", expected="12, 6.5 %, 225 bp, 1.30x", got=repr(text), where=where)
        sign = found[2]
        value = round(float(found[1].replace("_", "")) * _SCALES[sign], 15)
    shown = repr(text)
    if sign not in kind.signs:
        raise InputError(f"{kind.word} has no {sign!r}", expected="a plain number", got=shown, where=where)
    if not math.isfinite(value) or value < kind.low:
        raise InputError(
            f"{kind.word} is too small", expected=f"{kind.low:g} or more", got=shown, where=where
        )
    if sign == "" and abs(value) > kind.bare:
        raise InputError(
            f"{kind.word} without its sign",
            expected=f"{value:g} bp"
            if value >= LIKELY_BP and "bp" in kind.signs
            else f"{value:g} % or {value / 100:g}",
            got=f"{shown}, which is {value:.0%}",
            where=where,
        )  # fmt: skip
    if value > kind.named and not above:
        raise InputError(
            f"{kind.word} above 100 %", expected="100 % or less", got=shown, where=where,
            hint=f"If it is meant: {{value: {text}, {ABOVE}: true}}.",
        )  # fmt: skip
    if value > kind.high:
        raise InputError(
            f"{kind.word} is too large", expected=f"{kind.high:g} or less", got=shown, where=where
        )
    return value

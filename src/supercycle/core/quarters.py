"""Calendar quarters: read, counted and spelled as ``2026Q3``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import overload

from supercycle.core.errors import InputError

__all__ = ["Quarter"]

_STRICT = re.compile(r"(\d{4})Q([1-4])")
_LOOSE = (
    re.compile(r"(\d{4})\s*[-/ ]?\s*Q?\s*([1-4])", re.I),
    re.compile(r"Q?([1-4])\s*[-/ ]\s*(\d{4})", re.I),
)


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A calendar quarter; quarters are ordered, and their difference is a number of quarters.

    >>> start = Quarter.parse("2026Q3")
    >>> str(start + 2), Quarter.parse("2027Q1") - start, str(start - 3)
    ('2027Q1', 2, '2025Q4')

    Errors: InputError for a quarter outside 1..4 or a year outside 1..9999.
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 4 and 1 <= self.year <= 9999):
            raise InputError(
                "no such quarter",
                expected="year 1 to 9999, quarter 1 to 4",
                got=f"year {self.year}, quarter {self.number}",
            )

    @classmethod
    def parse(cls, text: str, *, where: object = None) -> Quarter:
        """Read ``2026Q3``; no other spelling is accepted, so that quarters in files sort and compare as text.

        Errors: InputError at ``where``, with the spelling that was probably meant.
        """
        match = _STRICT.fullmatch(text.strip())
        if match:
            return cls(int(match[1]), int(match[2]))
        raise InputError(
            "cannot read a quarter",
            expected="the form 2026Q3",
            got=repr(text),
            where=where,
            hint=_meant(text),
        )

    @classmethod
    def of(cls, day: date) -> Quarter:
        """The quarter a day falls in.

        >>> str(Quarter.of(date(2026, 3, 31)))
        '2026Q1'
        """
        return cls(day.year, (day.month - 1) // 3 + 1)

    @classmethod
    def from_ordinal(cls, ordinal: int) -> Quarter:
        """The inverse of ``ordinal``."""
        return cls(ordinal // 4, ordinal % 4 + 1)

    @property
    def ordinal(self) -> int:
        """Quarters since year 0: one apart for neighbours, so it can index an array."""
        return 4 * self.year + self.number - 1

    @property
    def last_day(self) -> date:
        """The day on which its balance sheet is drawn.

        >>> Quarter(2026, 2).last_day.isoformat()
        '2026-06-30'
        """
        return date(self.year, 3 * self.number, 31 if self.number in (1, 4) else 30)

    def until(self, last: Quarter) -> list[Quarter]:
        """Every quarter from this one to ``last``, both included; empty when ``last`` is earlier.

        >>> [str(q) for q in Quarter(2026, 3).until(Quarter(2027, 1))]
        ['2026Q3', '2026Q4', '2027Q1']
        """
        return [Quarter.from_ordinal(i) for i in range(self.ordinal, last.ordinal + 1)]

    def __add__(self, quarters: int) -> Quarter:
        return Quarter.from_ordinal(self.ordinal + quarters)

    @overload
    def __sub__(self, other: Quarter) -> int: ...
    @overload
    def __sub__(self, other: int) -> Quarter: ...
    def __sub__(self, other: Quarter | int) -> Quarter | int:
        if isinstance(other, Quarter):
            return self.ordinal - other.ordinal
        return self + -other

    def __str__(self) -> str:
        return f"{self.year:04d}Q{self.number}"


def _meant(text: str) -> str | None:
    first, second = (pattern.fullmatch(text.strip()) for pattern in _LOOSE)
    if first:
        return f"Did you mean {first[1]}Q{first[2]}?"
    if second:
        return f"Did you mean {second[2]}Q{second[1]}?"
    return None

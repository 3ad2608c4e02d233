"""How a day's work lies in its hours: the shape that a person states when the meter counted days or months only.

A daily total says nothing of its busiest hour, and the busiest hour is what servers are bought for. So a shape is
stated, never assumed: ``flat``, or hours, days and zone such as ``9-18 mon-fri Europe/Zurich x1.3``, where x is the
busiest working hour over the mean working hour.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from supercycle.core.errors import InputError

__all__ = ["Shape", "parse_shape"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d{1,2})(?::00)?-(\d{1,2})(?::00)?")
_RANGE = re.compile(r"([a-z]{3})-([a-z]{3})")
_EXAMPLE = "flat, or hours, days and zone such as '9-18 mon-fri Europe/Zurich x1.3'"
# judgement: the busiest hour of an office day over its mean hour, between a flat window (1.0) and call centres (1.6)
BUSY_HOUR = 1.3


@dataclass(frozen=True, slots=True)
class Shape:
    """Working hours ``first`` to ``last`` of ``days`` (Monday is 0) in ``zone``; ``busy`` is the peak over the mean."""

    text: str
    first: int
    last: int
    days: frozenset[int]
    zone: tzinfo
    busy: float

    def works(self, moment: datetime) -> bool:
        """Whether the local day of a moment is a working day."""
        return moment.astimezone(self.zone).weekday() in self.days

    def weight(self, moment: datetime, *, any_day: bool = False) -> float:
        """Relative traffic of the hour that begins at a moment; the mean over working hours is 1.

        ``1 + (busy - 1) cos(2 pi (hour - middle) / hours)`` inside the working hours, 0 outside them.

        >>> shape = parse_shape("9-17 mon-fri UTC x1.5")
        >>> monday = [shape.weight(datetime(2026, 11, 2, hour, tzinfo=UTC)) for hour in range(24)]
        >>> round(sum(monday), 9), monday[8], shape.weight(datetime(2026, 11, 7, 12, tzinfo=UTC))
        (8.0, 0.0, 0.0)
        """
        local = moment.astimezone(self.zone)
        length = (self.last - self.first) % 24 or 24
        into = (local.hour - self.first) % 24
        began = (local.weekday() - (1 if local.hour < self.first and self.last <= self.first else 0)) % 7
        if into >= length or not (any_day or began in self.days):
            return 0.0
        return 1 + (self.busy - 1) * math.cos(2 * math.pi * (into + 0.5 - length / 2) / length)


def parse_shape(text: str, where: object = "") -> Shape:
    """A shape from its words, in any order. Errors: InputError for a word that is none of hours, days, zone or x.

    >>> parse_shape("flat").last, sorted(parse_shape("22-6 sat-mon UTC").days)
    (24, [0, 5, 6])
    """
    place = str(where) or None
    first, last, days, zone, busy = 0, 24, frozenset(range(7)), UTC, 0.0
    words = text.split()
    if not words:
        raise InputError("shape", expected=_EXAMPLE, got="nothing", where=place)
    said_hours = False
    for word in words:
        low = word.lower()
        if low in ("flat", "all", "24h"):
            continue
        if match := _HOURS.fullmatch(low):
            first, last = int(match[1]), int(match[2])
            said_hours = True
            if not (first < 24 and last <= 24 and first != last):
                raise InputError("hours of the shape", expected="0-24, such as 9-18", got=word, where=place)
        elif low in _DAYS or (_RANGE.fullmatch(low) and set(low.split("-")) <= set(_DAYS)):
            begin, _, end = low.partition("-")
            a, b = _DAYS.index(begin), _DAYS.index(end or begin)
            days = frozenset((a + n) % 7 for n in range((b - a) % 7 + 1))
        elif re.fullmatch(r"x\d+(\.\d+)?", low):
            busy = float(low[1:])
            if not 1 <= busy <= 2:
                raise InputError("busiest hour over the mean", expected="x1 to x2", got=word, where=place)
        else:
            zone = _zone(word, place)
    return Shape(text, first, last, days, zone, busy or (BUSY_HOUR if said_hours else 1.0))


def _zone(word: str, where: str | None) -> tzinfo:
    if word.upper() in ("UTC", "Z"):
        return UTC
    try:
        return ZoneInfo(word)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("shape", expected=_EXAMPLE, got=word, where=where) from None

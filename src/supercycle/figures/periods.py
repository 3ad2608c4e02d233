"""Periods: every spelling the tables use, read into dates once, here.

A period that names no date ("peak", "within 4 years", an empty cell) is kept as kind ``note`` with its
printed text; it is never guessed. ``2026FY`` depends on the company and is resolved by the fiscal calendar.
"""

from __future__ import annotations

import calendar as _calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from supercycle.figures.fiscal import FISCAL_YEAR_END_MONTH, fiscal_year_dates

__all__ = ["Period", "parse_period"]

_MONTHS = {name: number for number, name in enumerate(_calendar.month_abbr) if name}
# "2008 (peak)", "offered 2025-02", "2020-2023 guided years": a date with words that change what it is about
_WORDED = re.compile(r"(offered) (\S+)()|()(\d[\w-]*)( \([^)]*\)| guided years| if sustained)")
_QUALIFIERS = ("average", "per year", "high", "low", "late", "mid", "autumn", "peak", "record week", "9M")


@dataclass(frozen=True, slots=True)
class Period:
    """A dated span: ``start`` and ``end`` are inclusive days, None where the source leaves that side open.

    ``kind`` is one of day, week, month, quarter, half, year, fiscal_year, delivery_year, decade, range, open,
    year_to_date, note. ``qualifier`` keeps words that change the meaning ("average", "low", "about").
    """

    kind: str
    start: date | None
    end: date | None
    printed: str
    qualifier: str = ""

    @property
    def dated(self) -> bool:
        """True when at least one side is a date."""
        return self.kind != "note"

    @property
    def key(self) -> str:
        """Equal for rows about the same point (2026FY and 2026CY of a calendar-year firm)."""
        if not self.dated:
            return f"note:{self.printed}"
        return f"{self.start or ''}..{self.end or ''}{':' + self.qualifier if self.qualifier else ''}"


def _month_end(year: int, month: int) -> date:
    return date(year, month, _calendar.monthrange(year, month)[1])


# One pattern for the spellings that stand alone; the group that matched last names the kind.
_ALONE = re.compile(
    r"(?P<y>\d{4})(?:-(?P<m>\d\d)-(?P<d>\d\d)(?:(?P<day>)|(?P<week> week))|-(?P<month>\d\d)|[- ]?Q(?P<quarter>[1-4])"
    r"|-?H(?P<half>[12])|(?P<fiscal>FY)|(?:CY)?(?P<year>)|(?P<decade>s)|/(?P<delivery>\d\d))|FY(?P<fiscal_first>\d{4})"
)


def _simple(text: str, entity: str) -> Period | None:
    """Spellings that stand alone: a day, month, quarter, half, year, fiscal year, decade, delivery year."""
    found = _ALONE.fullmatch(text)
    if found is None:
        return None
    kind = found.lastgroup
    if kind == "fiscal_first":
        return Period("fiscal_year", *fiscal_year_dates(entity, int(found[kind])), text)
    year = int(found["y"])
    if kind == "quarter":
        number = int(found[kind])
        return Period("quarter", date(year, 3 * number - 2, 1), _month_end(year, 3 * number), text)
    if kind == "day":
        day = date(year, int(found["m"]), int(found["d"]))
        return Period("day", day, day, text)
    if kind == "week":
        day = date(year, int(found["m"]), int(found["d"]))
        return Period("week", day - timedelta(days=6), day, text)
    if kind == "month":
        month = int(found[kind])
        return (
            Period("month", date(year, month, 1), _month_end(year, month), text) if 1 <= month <= 12 else None
        )
    if kind == "half":
        half = int(found[kind])
        return Period("half", date(year, 6 * half - 5, 1), _month_end(year, 6 * half), text)
    if kind == "fiscal":
        return Period("fiscal_year", *fiscal_year_dates(entity, year), text)
    if kind == "decade":
        return Period("decade", date(year, 1, 1), date(year + 9, 12, 31), text)
    if kind == "delivery":  # PJM delivery years run from June to May: 2026/27; 2026/05 is no such year
        if int(found[kind]) != (year + 1) % 100:
            return None
        return Period("delivery_year", date(year, 6, 1), date(year + 1, 5, 31), text)
    return Period("year", date(year, 1, 1), date(year, 12, 31), text)


def _between(text: str, first: str, last: str, entity: str) -> Period | None:
    start, end = _simple(first, entity), _simple(last, entity)
    if start is None or end is None or start.start is None or end.end is None or end.end < start.start:
        return None
    return Period("range", start.start, end.end, text)


def _open_end(text: str, match: re.Match[str], entity: str) -> Period | None:
    inner = _simple(match[1], entity)
    return Period("open", None, inner.end, text) if inner else None


def _open_start(text: str, match: re.Match[str], entity: str) -> Period | None:
    inner = _simple(match[1], entity)
    return Period("open", inner.start, None, text) if inner else None


def _before(text: str, match: re.Match[str], entity: str) -> Period | None:
    return Period("open", None, date(int(match[1]) - 1, 12, 31), text)


def _after(text: str, match: re.Match[str], entity: str) -> Period | None:
    return Period("open", date(int(match[1]) + 1, 1, 1), None, text)


def _months_pair(text: str, match: re.Match[str], entity: str) -> Period | None:
    return _between(text, match[1] + match[2], match[1] + match[3], entity)


def _range(text: str, match: re.Match[str], entity: str) -> Period | None:
    return _between(text, match[1], match[2], entity)


def _short_years(text: str, match: re.Match[str], entity: str) -> Period | None:
    return _between(text, match[1], match[1][:2] + match[2], entity)


def _quarter_run(text: str, match: re.Match[str], entity: str) -> Period | None:
    return _between(text, f"{match[1]}Q{match[2]}", f"{match[1]}Q{match[3]}", entity)


def _month_run(text: str, match: re.Match[str], entity: str) -> Period | None:
    first, last = _MONTHS[match[2]] if match[2] else 1, _MONTHS[match[3]]
    year = int(match[1])
    return Period("range", date(year, first, 1), _month_end(year, last), text)


def _months_back(text: str, match: re.Match[str], entity: str) -> Period | None:
    months = int(match[1]) * (12 if match[2] == "years" else 1)
    end = date(int(match[3]), 12, 31)
    index = end.year * 12 + 12 - months
    return Period("range", date(index // 12, index % 12 + 1, 1), end, text)


def _nine_months(text: str, match: re.Match[str], entity: str) -> Period | None:
    start, _ = fiscal_year_dates(entity, int(match[1]))
    index = start.year * 12 + start.month - 1 + 8
    return Period("range", start, _month_end(index // 12, index % 12 + 1), text)


def _year_to_date(text: str, match: re.Match[str], entity: str) -> Period | None:
    return Period("year_to_date", date(int(match[1]), 1, 1), None, text)


_Rule = Callable[[str, "re.Match[str]", str], "Period | None"]
_MONTH = "(" + "|".join(_MONTHS) + ")"
# First match wins; each line is one spelling seen in the tables.
_RULES: tuple[tuple[re.Pattern[str], _Rule], ...] = (
    (re.compile(r"(?:to|by|until) (\d{4})"), _open_end),
    (re.compile(r"post-(\d{4})"), _after),
    (re.compile(r"before (\d{4})"), _before),
    (re.compile(r"from (\S+)"), _open_start),
    (re.compile(r"(\d{4})\+"), _open_start),
    (re.compile(r"(\d{4}) and after"), _open_start),
    (re.compile(r"(?:FY)?(\d{4}) 9M"), _nine_months),
    (re.compile(r"(\d{4}-)(\d\d)/(\d\d)"), _months_pair),
    (re.compile(r"(\d{4}/\d\d)-(\d{4}/\d\d)"), _range),
    (re.compile(r"CY(\d{4})-(\d{4})"), _range),
    (re.compile(r"early (\d{4}) to late (\d{4})"), _range),
    (re.compile(r"(\d{4})[- ]?Q([1-4])[-/]Q([1-4])"), _quarter_run),
    (re.compile(rf"(\d{{4}}) {_MONTH}-{_MONTH}"), _month_run),
    (re.compile(rf"(\d{{4}}) YTD(?: ()){_MONTH}"), _month_run),
    (re.compile(rf"(\d{{4}})()? to (?:mid-)?{_MONTH}"), _month_run),
    (re.compile(r"(\d{4}) YTD(?: autumn)?"), _year_to_date),
    (re.compile(r"(\d+) (years|months) to (\d{4})"), _months_back),
    (re.compile(r"(\S+) to (\S+)"), _range),
    (re.compile(r"(\d{4}) and (\d{4})"), _range),
    (re.compile(r"(\d{4})-(\d\d)"), _short_years),
    (re.compile(r"(\d{4}(?:-\d\d|H[12]|Q[1-4])?)-(\d{4}(?:-\d\d|Q[1-4]|H[12])?)"), _range),
)


@lru_cache(maxsize=4096)
def _parse(printed: str, fiscal_entity: str) -> Period:
    text, qualifier = printed.strip(), ""
    alone = _simple(text, fiscal_entity)
    if alone is not None:
        return alone if text == printed else Period(alone.kind, alone.start, alone.end, printed)
    about = re.fullmatch(r"(?:about |c)(\d{4})", text)
    if about:
        text, qualifier = about[1], "about"
    worded = _WORDED.fullmatch(text)
    if worded:
        text, qualifier = worded[2] or worded[5], (worded[1] or worded[6]).strip("() ")
    for word in _QUALIFIERS:
        if text.endswith(f" {word}") and "YTD" not in text and word != "9M":
            text, qualifier = text[: -len(word) - 1], word
            break
    period = _simple(text, fiscal_entity)
    if period is None:
        for pattern, rule in _RULES:
            match = pattern.fullmatch(text)
            if match:
                period = rule(text, match, fiscal_entity)
                break
    if period is None:
        return Period("note", None, None, printed)
    return Period(period.kind, period.start, period.end, printed, qualifier)


def parse_period(printed: str, entity: str = "") -> Period:
    """Read a printed period; ``entity`` decides what a fiscal year is. Undated text gives kind ``note``.

    >>> parse_period("2026FY", "Oracle").end, parse_period("2026FY", "Meta").end
    (datetime.date(2026, 5, 31), datetime.date(2026, 12, 31))
    >>> parse_period("2025-Q1").key == parse_period("2025Q1").key
    True
    >>> parse_period("within 4 years").kind
    'note'
    """
    return _parse(printed, entity if entity in FISCAL_YEAR_END_MONTH else "")

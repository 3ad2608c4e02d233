"""Cells of a provider's export: moments, amounts, units of meters, and how long a row stands for.

Whatever could be read in two ways is refused: a comma that may be a decimal sign, half a token, a unit that is not
named, one date that may be a day's or a month's, rows six hours apart.
"""

from __future__ import annotations

import calendar
import csv
import itertools
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from supercycle.core.errors import InputError

__all__ = [
    "amount", "copies_of", "count", "granularity", "moment", "plausible", "row_spans", "table", "tokens_of_unit",
]  # fmt: skip

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_NO_CELLS: list[str] = []
# Judgement: a prompt and its answer have four tokens or more; the longest context sold has two million.
_FEWEST_TOKENS, _MOST_TOKENS = 4.0, 2.1e6
_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_PLAIN_DAY = r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}"
_UNIT = re.compile(r"(?:PER)?(\d+)?(K|THOUSAND|M|MILLION)?(?:TOKENS?)?")
_SCALE = {"": 1.0, "K": 1e3, "THOUSAND": 1e3, "M": 1e6, "MILLION": 1e6}


def moment(text: str, where: str) -> datetime:
    """A day or an hour in UTC; without a zone it is taken as UTC.

    >>> moment("11/02/2026", "x.csv:2").day, moment("2026-11-02T00:00:00+01:00", "x.csv:2").hour
    (2, 23)
    """
    try:
        if text.isdigit() and len(text) in (10, 13):
            return datetime.fromtimestamp(int(text) / (1 if len(text) == 10 else 1000), UTC)
        if re.fullmatch(r"\d{4}-\d{2}", text):
            return datetime.fromisoformat(f"{text}-01").replace(tzinfo=UTC)
        if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):  # Azure writes months first
            month, day, year = (int(part) for part in text.split("/"))
            return datetime(year, month, day, tzinfo=UTC)
        read = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            "a day or an hour", expected="2026-11-02, 11/02/2026 (month first) or 2026-11-02T13:00:00Z", got=text,
            where=where,
        ) from None  # fmt: skip
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def amount(row: Mapping[str, str], names: Sequence[str], where: str) -> float | None:
    """The number in the first of some columns that is filled; None where all are empty or absent.

    Commas separate thousands only where they stand in groups of three with nothing else to read them by.

    >>> amount({"quantity": "1,234,567.5"}, ("quantity",), "x.csv:2")
    1234567.5
    """
    name = next((n for n in names if row.get(n)), None)
    if name is None:
        return None
    text = row[name]
    if "," in text and not (_GROUPED.fullmatch(text) and (text.count(",") > 1 or "." in text)):
        raise InputError(
            f"a comma in {name}", expected="1234.5, or 1,234,567.5", got=text, where=where,
            hint="A comma is a decimal sign to some and separates thousands to others: export numbers without it.",
        )  # fmt: skip
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        raise InputError(name, expected="a number", got=text, where=where) from None
    if not abs(value) < 1e18:
        raise InputError(name, expected="a finite number", got=text, where=where)
    return value


def count(row: Mapping[str, str], names: Sequence[str], where: str) -> float | None:
    """A number of tokens or requests, which come whole."""
    value = amount(row, names, where)
    if value is not None and value != round(value):
        raise InputError(
            next(n for n in names if row.get(n)), expected="a whole number", got=f"{value:g}", where=where,
            hint="Is the column in thousands or millions of tokens? Write tokens.",
        )  # fmt: skip
    return value


def tokens_of_unit(text: str, where: str) -> float:
    """Tokens in one unit of a meter.

    >>> [tokens_of_unit(unit, "x.csv:2") for unit in ("1K tokens", "1M", "Tokens", "1K/Month")]
    [1000.0, 1000000.0, 1.0, 1000.0]
    """
    said = re.sub(r"[\s_-]", "", text.upper()).removesuffix("/MONTH").removesuffix("/HOUR")
    found = _UNIT.fullmatch(said)
    if found is None or not (found[2] or "TOKEN" in said):
        raise InputError(
            "unit of a meter", expected="1K tokens, 1M tokens or tokens", got=text or "none", where=where
        )
    return float(found[1] or 1) * _SCALE[found[2] or ""]


def granularity(moments: Sequence[datetime], texts: Sequence[str] = ()) -> str:
    """``hour``, ``day`` or ``month``: what one row of the table stands for.

    Days are rows at least 23 hours apart (24 but for a change of clocks); months all begin on a first of a month.

    >>> granularity([datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)])
    'day'
    >>> granularity([datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)])
    'day'
    """
    seen = sorted(set(moments))
    if texts and all(re.fullmatch(r"\d{4}-\d{2}", t) for t in texts):
        return "month"
    if len(seen) < 2:
        return "day" if texts and all(re.fullmatch(_PLAIN_DAY, t) for t in texts) else "hour"
    if min(b - a for a, b in itertools.pairwise(seen)) < _DAY - _HOUR:
        return "hour"
    return "month" if all(one.day == 1 for one in seen) else "day"


def row_spans(
    begins: Sequence[datetime], texts: Sequence[str], ends: Sequence[datetime] | None, where: str
) -> tuple[list[datetime], str]:
    """When each row ends, and what rows stand for: by their ends where the export has them, else by their distance.

    Errors: InputError for a length that is no hour, day or month, and for one date that may be either.
    """
    if ends is not None:
        lengths = {round((end - begin) / _HOUR) for begin, end in zip(begins, ends, strict=True)}
        if lengths <= {0, 1}:
            return [begin + _HOUR for begin in begins], "hour"
        if lengths <= {23, 24, 25}:
            return [begin + _DAY for begin in begins], "day"
        if all(24 * 28 - 1 <= hours <= 24 * 31 + 1 for hours in lengths):
            return list(ends), "month"
        raise InputError(
            "length of a row", expected="an hour, a day or a month", got=f"{min(lengths)} to {max(lengths)} hours",
            where=where, hint="Export the usage by hour or by day.",
        )  # fmt: skip
    width = granularity(begins, texts)
    seen = sorted(set(begins))
    gaps = [b - a for a, b in itertools.pairwise(seen)]
    if width == "hour" and len(seen) > 2 and min(gaps) > _HOUR:
        raise InputError(
            "length of a row", expected="hours or days", got=f"rows {min(gaps) / _HOUR:g} hours apart or more",
            where=where, hint="Export the usage by hour or by day; an hour without traffic is a row of zeros.",
        )  # fmt: skip
    if width == "day" and len(seen) > 2 and min(gaps) > 1.1 * _DAY:
        raise InputError(
            "length of a row", expected="hours, days or months", got=f"rows {min(gaps).days} days apart or more",
            where=where, hint="Export the usage by day. Dates with slashes are read month first.",
        )  # fmt: skip
    if width == "day" and len(seen) == 1 and seen[0].day == 1:
        raise InputError(
            "one date, the first of a month", expected="a total of the day or of the month",
            got=texts[0] if texts else "", where=where,
            hint=f"Write {seen[0]:%Y-%m} for a month's total, or export more days.",
        )  # fmt: skip
    if width != "month":
        return [one + (_DAY if width == "day" else _HOUR) for one in begins], width
    return [one + timedelta(days=calendar.monthrange(one.year, one.month)[1]) for one in begins], width


def table(text: str, where: str) -> tuple[list[str], list[tuple[str, dict[str, str]]]]:
    """The header in lower case, and where each row stands with its cells by column. Empty
    rows are left out.
    """
    reader = csv.reader(text.splitlines())
    head = [cell.strip().lstrip("\ufeff").lower() for cell in next(reader, _NO_CELLS)]
    rows: list[tuple[str, dict[str, str]]] = []
    for line, cells in enumerate(reader, 2):
        if any(cell.strip() for cell in cells):
            if len(cells) != len(head):
                raise InputError(
                    "cells of a row", expected=len(head), got=len(cells), where=f"{where}:{line}"
                )
            rows.append((f"{where}:{line}", {n: c.strip() for n, c in zip(head, cells, strict=True)}))
    return head, rows


def copies_of(rows: Sequence[tuple[str, dict[str, str]]], width: str, where: str, notes: list[str]) -> None:
    """A file put together from two that overlap holds rows twice: refused where rows are totals, else said."""
    seen: dict[tuple[str, ...], str] = {}
    copies: list[tuple[str, str]] = []
    for place, row in rows:
        key = tuple(row.values())
        if key in seen:
            copies.append((seen[key], place))
        seen.setdefault(key, place)
    if not copies:
        return
    if width != "hour":
        raise InputError(
            f"a {width}'s row twice", expected="each row once", got=f"the same cells at {copies[0][0]}",
            where=copies[0][1], hint="Did two exports that overlap get into one file?",
        )  # fmt: skip
    notes.append(f"{len(copies)} rows are copies of another row, first at {copies[0][1]}: they are counted.")


def plausible(tokens: float, requests: float | None, where: str) -> None:
    """Tokens of a mean request between a few words and the longest prompt sold: a slip of a unit is a thousand."""
    if requests and not _FEWEST_TOKENS <= tokens / requests <= _MOST_TOKENS:
        raise InputError(
            "tokens of a mean request", expected=f"{_FEWEST_TOKENS:g} to {_MOST_TOKENS:,.0f}",
            got=f"{tokens / requests:.3g}", where=where, hint="Is a column in thousands or millions of tokens?",
        )  # fmt: skip

"""From what a filer printed to calendar quarters: year-to-date amounts are differenced, as they were known.

Filings are read in the order they were filed. A fiscal year is the set of durations that begin on its first day; its
k-th quarter is the amount of k quarters less the amount of k - 1, each as last printed. A quarter is told again
when a later filing changes it (a restatement), with that filing's date: nothing told before is replaced.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from supercycle.figures.fiscal import calendar_quarter

__all__ = ["Fact", "Quarterly", "decumulate", "quarter_label", "quarters_long"]

_QUARTER_DAYS = 365.25 / 4
_SLACK_DAYS = 12  # a 53-week year's long quarter has 98 days, seven more than a common one
_SAME_START_DAYS = 6  # 52/53-week filers print the first day of a year within days of itself
_TOLERANCE = 0.005  # a printed quarter and a differenced one that agree to half a per cent are one number
_YEAR_DAYS = 350  # a fiscal year's last quarter begins before it
_ROUNDING = 1.5e6  # in the filing's currency: filers print millions


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of one concept in one filing; ``start`` None for a balance."""

    start: date | None
    end: date
    value: float
    accession: str
    form: str
    filed: date


_Known = dict[date, dict[int, list[Fact]]]  # first day -> quarters long -> the amounts, as they were filed


@dataclass(frozen=True, slots=True)
class Quarterly:
    """A quarter as it was known from ``filed`` on: printed or differenced; ``reason`` when it is refused."""

    start: date
    end: date
    value: float
    how: str
    filed: date
    accession: str
    form: str
    reason: str = ""


def quarters_long(start: date, end: date) -> int | None:
    """How many quarters a duration spans: 1 to 4, or None for any other.

    >>> quarters_long(date(2026, 1, 1), date(2026, 3, 31)), quarters_long(date(2025, 1, 27), date(2025, 10, 26))
    (1, 3)
    >>> quarters_long(date(2026, 1, 1), date(2026, 1, 31)) is None
    True
    """
    days = (end - start).days + 1
    k = round(days / _QUARTER_DAYS)
    return k if 1 <= k <= 4 and abs(days - k * _QUARTER_DAYS) <= _SLACK_DAYS else None


def quarter_label(end: date) -> str:
    """Calendar quarter of a fiscal quarter; an end in the first week of a month belongs to the month before.

    >>> quarter_label(date(2026, 5, 31)), quarter_label(date(2026, 4, 26)), quarter_label(date(2026, 8, 1))
    ('2026Q2', '2026Q1', '2026Q2')
    """
    return calendar_quarter(end - timedelta(days=7) if end.day <= 7 else end)


def decumulate(facts: Iterable[Fact]) -> list[Quarterly]:
    """Every quarter as it became known, oldest filing first.

    Durations that are not one to four quarters are left out. A printed quarter that does not agree with the
    difference of the year to date is told with a reason and not used; the difference is used unless the print
    equals the year to date, and neither where they just differ.

    >>> q = [Fact(date(2025, 1, 1), date(2025, e, d), v, "a", "10-Q", date(2025, e + 1, 20))
    ...      for e, d, v in ((3, 31, 10.0e9), (6, 30, 25.0e9), (9, 30, 45.0e9))]
    >>> [row.value / 1e9 for row in decumulate(q)]
    [10.0, 15.0, 20.0]
    """
    ordered = sorted(facts, key=lambda fact: (fact.filed, fact.accession))
    known: _Known = {}
    told: dict[tuple[date, date, str], Quarterly] = {}
    out: list[Quarterly] = []
    position = 0
    while position < len(ordered):
        filing = (ordered[position].filed, ordered[position].accession)
        touched: set[date] = set()
        while position < len(ordered) and (ordered[position].filed, ordered[position].accession) == filing:
            fact = ordered[position]
            position += 1
            k = None if fact.start is None else quarters_long(fact.start, fact.end)
            if fact.start is None or k is None:
                continue
            start = _snapped(fact.start, known)
            known.setdefault(start, {}).setdefault(k, []).append(fact)
            touched.add(start)
        last = ordered[position - 1]
        for year in sorted(_years_of(touched, known)):
            for row in _year(year, known, last):
                key = (row.start, row.end, row.reason)
                before = told.get(key)
                # A quarter that was printed and is differenced later differs by the rounding of three prints.
                slack = 0.5 if before is None or before.how == row.how else _ROUNDING
                if before is None or abs(before.value - row.value) > slack:
                    told[key] = row
                    out.append(row)
    return out


def _snapped(start: date, known: _Known) -> date:
    """The first day under which a duration is kept: 52/53-week filers print it within days of itself."""
    if start in known:
        return start
    return next((other for other in known if abs((other - start).days) <= _SAME_START_DAYS), start)


def _years_of(touched: set[date], known: _Known) -> set[date]:
    """First days of the fiscal years a filing touches: where its durations begin, and the years that hold them."""
    years = {start for start, by in known.items() if max(by) >= 2}
    holding = {
        year
        for year in years
        for start in touched
        if 0 <= (start - year).days < 3 * _QUARTER_DAYS + _SLACK_DAYS
    }
    # A first quarter begins no longer duration until the second is filed.
    alone = {start for start in touched if not any(0 <= (start - year).days < _YEAR_DAYS for year in years)}
    return holding | alone


def _year(year: date, known: _Known, last: Fact) -> list[Quarterly]:
    """The quarters of the fiscal year that begins on ``year``, from what is known now."""
    amounts = known[year]
    rows: list[Quarterly] = []
    if 1 in amounts:
        first = amounts[1][-1]
        rows.append(_row(first, year, first.value, "printed", last))
    for k in range(2, 5):
        whole = amounts[k][-1] if k in amounts else None
        printed = _printed(year, k, known)
        # The shorter amount as it stood when the longer one was filed: after a restatement of one of them, the
        # difference of an old amount and a new one is neither.
        before = None
        if whole is not None:
            before = next((f for f in reversed(amounts.get(k - 1, [])) if f.filed <= whole.filed), None)
        if whole is None or before is None:
            if printed is not None and printed.start is not None:
                rows.append(_row(printed, printed.start, printed.value, "printed", last))
            continue
        start, value = before.end + timedelta(days=1), whole.value - before.value
        how = f"{k} quarters less {k - 1}"
        if printed is None or printed.filed < min(whole.filed, before.filed):
            rows.append(_row(whole, start, value, how, last))
        elif _agree(printed.value, value):
            rows.append(_row(printed, start, printed.value, "printed", last))
        elif _agree(printed.value, whole.value):
            reason = f"a year-to-date amount ({k} quarters) stands as a quarter"
            rows.append(_row(printed, start, printed.value, "printed", last, reason))
            rows.append(_row(whole, start, value, how, last))
        else:
            reason = f"the printed quarter disagrees with the difference of the year to date ({value:.0f})"
            rows.append(_row(printed, start, printed.value, "printed", last, reason))
    return rows


def _printed(year: date, k: int, known: _Known) -> Fact | None:
    """The k-th quarter as the filer printed it, if it did."""
    expected = year + timedelta(days=round((k - 1) * _QUARTER_DAYS))
    for start, by in known.items():
        if 1 in by and abs((start - expected).days) <= _SLACK_DAYS:
            return by[1][-1]
    return None


def _agree(a: float, b: float) -> bool:
    return abs(a - b) <= max(_TOLERANCE * max(abs(a), abs(b)), _ROUNDING)


def _row(fact: Fact, start: date, value: float, how: str, last: Fact, reason: str = "") -> Quarterly:
    """A quarter, known from the filing that completed or changed it."""
    return Quarterly(start, fact.end, value, how, last.filed, last.accession, last.form, reason)

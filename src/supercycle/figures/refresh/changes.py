"""What differs between two states of the figures: points that moved, parameters they feed, series that are stale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from supercycle.core.errors import UnitError, UnknownNameError
from supercycle.core.quarters import Quarter as CalendarQuarter
from supercycle.figures.as_known import NOT_A_SUM, Input, moved_value
from supercycle.figures.load import Figure
from supercycle.figures.priors import priors
from supercycle.figures.refresh.view import View, preference
from supercycle.figures.units import convert

__all__ = ["fed", "moved", "staleness"]

_SAME = 1e-9
_GRACE = timedelta(days=7)  # a filing that is a week late is not missing yet
_LAGS = (timedelta(days=0), timedelta(days=200))
_CADENCE = {"quarter": 91, "fiscal_year": 365, "year": 365, "half": 183, "month": 30, "week": 7}
_FEWEST = 3  # readings from which a rhythm is read


def moved(old: View, new: View) -> list[dict[str, Any]]:
    """Points whose chosen value is another one, new or gone; ordered by series, entity and period."""
    out: list[dict[str, Any]] = []
    before, after = _chosen(old), _chosen(new)
    for point in sorted(set(before) | set(after)):
        a, b = before.get(point), after.get(point)
        if a is not None and b is not None and a.id == b.id:
            continue
        if a is not None and b is not None and _same(a, b):
            continue
        out.append(
            {
                "series": point[0], "entity": point[1], "period": (b or a or _none()).period.printed,
                "change": "new" if a is None else "gone" if b is None else "moved",
                "old": None if a is None else a.value, "new": None if b is None else b.value,
                "unit": (b or a or _none()).unit, "relative": _relative(a, b),
                "source": (b or a or _none()).source_title, "known_from": (b or a or _none()).known_from.isoformat(),
            }
        )  # fmt: skip
    return out


def _none() -> Figure:
    raise AssertionError("a point without a row")


def _chosen(view: View) -> dict[tuple[str, str, str], Figure]:
    out: dict[tuple[str, str, str], Figure] = {}
    for row in view.rows:
        if row.is_note:
            continue
        key = row.key
        if key not in out or preference(row) < preference(out[key]):
            out[key] = row
    return out


def _same(a: Figure, b: Figure) -> bool:
    change = _relative(a, b)
    return change is not None and abs(change) <= _SAME


def _relative(a: Figure | None, b: Figure | None) -> float | None:
    """b over a, less one; None where they do not compare."""
    if a is None or b is None or not a.value or b.value is None:
        return None
    try:
        return convert(b.value, b.unit, a.unit) / a.value - 1.0
    except UnitError:
        return None


def fed(old: View, new: View, inputs: Iterable[Input]) -> list[dict[str, Any]]:
    """Parameters of the world whose rows read differently in two states, by the road of evidence: each names its rows.

    ``inputs`` are the parameters with the ids of their rows (``service.as_known.opening_inputs``). ``old`` and
    ``new`` are
    the parameter's value by each state; None, with the reason in ``why``, where it is computed from several rows
    otherwise than by their sum or mean, or a state lacks one.
    """
    out: list[dict[str, Any]] = []
    by_id = {row.id: row for row in old.rows} | {row.id: row for row in new.rows}
    for item in inputs:
        rows = [by_id[id] for id in item.rows if id in by_id]
        if not rows or len(rows) < sum(id not in priors() for id in item.rows):
            continue
        before, after = [_reading(old, row) for row in rows], [_reading(new, row) for row in rows]
        if all(a is not None and b is not None and _same(a, b) for a, b in zip(before, after, strict=True)):
            continue
        a, b = (
            moved_value(item, rows, [r for r in side if r is not None]) if None not in side else None
            for side in (before, after)
        )
        out.append(
            {
                "parameter": item.id, "series": rows[0].series, "old": a, "new": b,
                "relative": None if not a or b is None else b / a - 1.0,
                "why": "" if a is not None and b is not None else NOT_A_SUM,
            }
        )  # fmt: skip
    return out


def _reading(view: View, row: Figure) -> Figure | None:
    """The chosen reading of the row's point in a state of the figures."""
    try:
        found = view.readings(row.series, row.entity)
    except UnknownNameError:
        return None
    return next((r for r in found if r.value is not None and r.key[2] == row.key[2]), None)


def staleness(view: View, today: date, pattern: str = "") -> list[dict[str, Any]]:
    """Every series and entity with the last period, when the next is expected, and whether that day has passed.

    The rhythm is the usual distance between period ends, the lag the usual days from a period's end to its publication.
    A series with fewer than three dated readings, or of statements about the future, has no expectation.
    """
    out: list[dict[str, Any]] = []
    for series, entity in view.pairs:
        if pattern and not re.search(re.escape(pattern), series):
            continue
        rows = [
            row
            for row in view.readings(series, entity)
            if row.value is not None and row.period.end is not None
        ]
        if not rows:
            continue
        last = max(row.period.end for row in rows if row.period.end is not None)
        rhythm, lag = _rhythm(rows), _lag(rows)
        expected = None if rhythm is None else _next(last, rhythm) + lag + _GRACE
        out.append(
            {
                "series": series, "entity": entity, "last": last.isoformat(),
                "every_days": None if rhythm is None else rhythm, "lag_days": lag.days,
                "expected": None if expected is None else expected.isoformat(),
                "stale": expected is not None and today > expected,
                "days_late": max((today - expected).days, 0) if expected is not None else None,
            }
        )  # fmt: skip
    return out


def _rhythm(rows: Iterable[Figure]) -> int | None:
    kinds = [row.period.kind for row in rows]
    usual = max(set(kinds), key=kinds.count)
    ends = sorted({row.period.end for row in rows if row.period.end is not None and row.period.kind == usual})
    if len(ends) < _FEWEST:
        return None
    gaps = [(b - a).days for a, b in pairwise(ends)]
    found = int(median(gaps[-8:]))
    return _CADENCE[usual] if usual in _CADENCE and abs(found - _CADENCE[usual]) <= 5 else max(found, 1)


def _next(last: date, rhythm: int) -> date:
    """The end of the next period: a quarter by the calendar, anything else by days."""
    if rhythm == _CADENCE["quarter"] and last == CalendarQuarter.of(last).last_day:
        return (CalendarQuarter.of(last) + 1).last_day
    return last + timedelta(days=rhythm)


def _lag(rows: Iterable[Figure]) -> timedelta:
    """The usual days from a period's end to its publication, between none and 200."""
    days = [
        (row.known_from - row.period.end)
        for row in rows
        if row.period.end is not None and _LAGS[0] <= row.known_from - row.period.end <= _LAGS[1]
    ]
    return timedelta(days=int(median(d.days for d in days))) if days else timedelta(days=45)

"""The inputs of an opening as they were known on a day: which hold, which would read otherwise, which nobody knew.

An opening parameter names the rows it was read from. On an earlier day a row may not have been published yet; then the
best reading of the same point that was is taken in its place. A parameter of one row moves in proportion to its row
(the
road from a row to a parameter is a unit or a factor); one of several rows is not guessed at: it is named. A point of
which
nothing was known is named as well. An
input is *stale* when it is the newest that is used of its series and a newer period was known on the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from supercycle.core.errors import UnknownNameError
from supercycle.figures.load import rows_of
from supercycle.figures.priors import priors
from supercycle.figures.row import Figure
from supercycle.figures.series import readings, rivals

__all__ = ["AsKnown", "Changed", "Input", "Stale", "Unknown", "inputs_as_known", "moved_value"]


NOT_A_SUM = "computed from several rows otherwise than by their sum or mean, of which another reads now"
# What may lie between a sum of rows and a parameter: powers of ten of a unit, quarters of a year.
_UNITS = tuple(factor * 10.0**power for factor in (1.0, 4.0, 0.25) for power in (-9, -6, -3, 0, 3, 6, 9))
_EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class Input:
    """A parameter of an opening: its value and the ids of the rows it was read from."""

    id: str
    value: float
    unit: str
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """An input that reads otherwise on the day, and the row it would have been read from."""

    id: str
    value: float
    then: float
    unit: str
    row: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """An input that cannot be had on the day: ``known_from`` is the day of its latest row, ``why`` says what is
    missing.
    """

    id: str
    known_from: date
    why: str


@dataclass(frozen=True, slots=True)
class Stale:
    """An input of which a newer period was known on the day."""

    id: str
    period: str
    newest: str
    row: str


@dataclass(frozen=True, slots=True)
class AsKnown:
    """The inputs of an opening on a day."""

    day: date
    held: tuple[str, ...]
    changed: tuple[Changed, ...]
    unknown: tuple[Unknown, ...]
    stale: tuple[Stale, ...]
    newest: date = field(default=date.min)


def inputs_as_known(inputs: Iterable[Input], day: date) -> AsKnown:
    """Sort the inputs by what was known on a day; inputs without dated rows (judgements, priors) are left out.

    Errors: UnknownNameError for a row id that no table has.
    """
    held: list[str] = []
    changed: list[Changed] = []
    unknown: list[Unknown] = []
    used: list[tuple[str, Figure]] = []
    newest = date.min
    for item in inputs:
        rows = [_row(id) for id in item.rows if id not in priors()]  # a prior of parameters.csv has no day
        if not rows:
            continue
        best = [_known(row, day) for row in rows]
        pairs = list(zip(rows, best, strict=True))
        newest = max(newest, *(row.known_from for row in rows))
        missing = [row for row, then in pairs if then is None]
        moved = [(row, then) for row, then in pairs if then is not None and then.id != row.id]
        last = max(row.known_from for row in rows)
        if missing:
            names = "; ".join(f"{row.series}, {row.entity}, {row.period.printed}" for row in missing)
            unknown.append(Unknown(item.id, last, f"no reading of {names} was known"))
        elif not moved:
            held.append(item.id)
        else:
            then = moved_value(item, rows, [row for row in best if row is not None])
            if then is None:
                names = "; ".join(row.id for row, _ in moved)
                unknown.append(Unknown(item.id, last, f"{NOT_A_SUM}: {names}"))
            else:
                changed.append(Changed(item.id, item.value, then, item.unit, moved[0][1].id))
        used += [(item.id, row) for row in rows]
    return AsKnown(day, tuple(held), tuple(changed), tuple(unknown), _stale(used, day), newest)


def moved_value(item: Input, rows: Sequence[Figure], others: Sequence[Figure]) -> float | None:
    """The parameter with other readings in the place of its rows; None where the road from the rows is not known.

    One row: in proportion (a unit or a factor lies between). Several: only where the parameter is their sum or mean, up
    to a power of ten or a factor of four (units, quarters), which its own value shows; then it moves with the sum.
    """
    before, after = [row.value for row in rows], [row.value for row in others]
    if any((a.unit, a.basis) != (rows[0].unit, rows[0].basis) for a in (*rows, *others)) or not all(
        value is not None for value in (*before, *after)
    ):
        return None
    was, now = sum(v for v in before if v is not None), sum(v for v in after if v is not None)
    if not was:
        return None
    if len(rows) > 1:
        weight = item.value / was
        known = (unit * count for unit in _UNITS for count in (1.0, 1.0 / len(rows)))
        if not any(abs(weight / one - 1.0) < _EXACT for one in known):
            return None
    return item.value * now / was


def _row(id: str) -> Figure:
    parts = id.split(":")
    found = next((row for row in rows_of(parts[1]) if row.id == id), None) if len(parts) > 1 else None
    if found is None:
        raise UnknownNameError("figure", id, [row.id for row in rows_of(parts[1])] if len(parts) > 1 else [])
    return found


def _known(row: Figure, day: date) -> Figure | None:
    """The row while it was known, else the best reading of its point that was; None where there is none."""
    if row.known_from <= day:
        return row
    found = [r for r in rivals(row.series, row.entity, row.period.printed, as_of=day) if r.value is not None]
    return found[0] if found else None


def _stale(used: list[tuple[str, Figure]], day: date) -> tuple[Stale, ...]:
    """Of each series and entity the newest row that is used, where a newer period was known: older rows are history."""
    last: dict[tuple[str, str], date] = {}
    for _, row in used:
        if row.period.end is not None:
            key = (row.series, row.entity)
            last[key] = max(last.get(key, date.min), row.period.end)
    found: list[Stale] = []
    for id, row in used:
        later = _later(row, day) if row.period.end == last.get((row.series, row.entity)) else None
        if later is not None:
            found.append(Stale(id, row.period.printed, later.period.printed, later.id))
    return tuple(found)


def _later(row: Figure, day: date) -> Figure | None:
    """The newest reading of the same series, entity, kind of period and basis known on the day, if it is of a later
    one.
    """
    if row.period.end is None or row.kind in ("guidance", "forecast", "term", "note"):
        return None
    later = [
        other
        for other in readings(row.series, row.entity)
        if other.known_from <= day
        and other.value is not None
        and other.period.end is not None
        and other.period.end > row.period.end
        and (other.period.kind, other.basis) == (row.period.kind, row.basis)
    ]
    return max(later, key=lambda other: (other.period.end or date.min, other.known_from), default=None)

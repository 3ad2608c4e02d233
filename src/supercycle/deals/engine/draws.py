"""When a facility is drawn, as shares of its commitment, and what stays undrawn while it can still be drawn."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.daycounts import year_fraction
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Facility

__all__ = ["Event", "draw_shape", "share_before", "undrawn_years"]

Floats = NDArray[np.float64]
Event = tuple[float, float, int]  # (years from closing, share of the commitment, period)


def draw_shape(
    facility: Facility, periods: Periods, values: Values
) -> tuple[Floats, Floats, tuple[Event, ...]]:
    """Draws, their years to the period's end, and the dated draws, all as shares of the commitment.

    Draws on dates must not exceed the commitment (InputError).
    """
    moved = facility.accrual == "adjusted"
    if facility.on_demand:
        return np.zeros(periods.count), np.zeros(periods.count), ()
    if facility.draws is None:
        unit = np.zeros(periods.count)
        unit[0] = 1.0
        return unit, unit * periods.fractions(facility.day_count, moved=moved), ((0.0, 1.0, 0),)
    drawn, years = facility.draws.dated(periods, values, facility.day_count, moved=moved)
    if drawn.ndim == 2 or (drawn < 0).any():
        raise InputError("draws are sums, the same on every path, none negative", where=facility.draws.where)
    total = float(drawn.sum())
    if facility.amount and total > facility.amount * (1 + 1e-9) and not facility.amortisation.sized:
        raise InputError(
            "more is drawn than committed", expected=f"{facility.amount:g} or less", got=f"{total:g}",
            where=facility.where,
        )  # fmt: skip
    if total <= 0:
        raise InputError("nothing is drawn", got=f"{total:g}", where=facility.draws.where)
    # A debt that is sized takes the shape of its draws; another draws what is written.
    whole = total if facility.amortisation.sized else (facility.amount or total)
    dated = facility.draws.kind != "world"
    events = [
        (periods.when(d), x / whole, periods.index(d) or 0) for d, x in facility.draws.events(periods)
    ] if dated else [(float(periods.begins[t]), float(x) / whole, t) for t, x in enumerate(drawn) if x]  # fmt: skip
    for date, _ in facility.draws.events(periods) if dated else []:
        if facility.available_until and date > facility.available_until:
            raise InputError(
                "a draw after the last day of drawing", expected=f"by {facility.available_until}", got=date,
                where=facility.draws.where,
            )  # fmt: skip
    return drawn / whole, years / whole, tuple(events)


def share_before(start: datetime.date, end: datetime.date, last: datetime.date) -> float:
    """The share of a period's days up to a date.

    >>> day = datetime.date
    >>> share_before(day(2026, 1, 1), day(2026, 1, 11), day(2026, 1, 6))
    0.5
    """
    return min(max((last - start).days / (end - start).days, 0.0), 1.0)


def undrawn_years(facility: Facility, periods: Periods, events: Sequence[Event]) -> Floats:
    """The share not drawn times the years it was not, by period: what an undrawn fee runs on.

    It runs from the closing to the last day of drawing: as written, else the last draw. Days are counted as interest's.
    """
    found = np.zeros(periods.count)
    if facility.draws is None:
        return found
    dated = (
        sorted((d, x) for d, x in facility.draws.events(periods)) if facility.draws.kind != "world" else []
    )
    total = sum(x for _, x in dated)
    scale = total if facility.amortisation.sized else (facility.amount or total)
    last = facility.available_until or (dated[-1][0] if dated else periods.starts[0])
    last = min(last, facility.maturity)
    moved = facility.accrual == "adjusted"
    edges = periods.moved if moved else periods.edges
    for t in range(periods.count):
        start, end = edges[t], min(edges[t + 1], last)
        marks = [start, *(d for d, _ in dated if start < d < end), end]
        for a, b in itertools.pairwise(marks):
            if b <= a:
                continue
            open_share = 1 - sum(x for d, x in dated if d <= a) / scale
            whole = (a, b) == (edges[t], edges[t + 1])
            if whole or facility.day_count == "ACT/ACT ICMA":
                part = (
                    periods.fractions(facility.day_count, moved=moved)[t]
                    * (b - a).days
                    / (edges[t + 1] - edges[t]).days
                )
            else:
                part = year_fraction(a, b, facility.day_count)
            found[t] += max(open_share, 0.0) * part
    return found

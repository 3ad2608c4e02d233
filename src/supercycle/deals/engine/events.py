"""The dated movements into and out of the construction account: draws, spend, fees and the filling of reserves.

What owners add is dated by the event at which the account lacks it. Events do not differ by path but in the sums of
spend.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.amortise import Plan

__all__ = ["Event", "event_times", "events_of"]

Floats = NDArray[np.float64]


@dataclass(slots=True)
class Event:
    """What happens on one day: ``time`` in years from closing, ``rest`` the share of the period that is left."""

    time: float
    rest: float
    date: datetime.date
    spend: Floats = field(default_factory=lambda: np.zeros(1))
    draws: dict[str, float] = field(default_factory=dict[str, float])
    reserves: list[str] = field(default_factory=list[str])
    closing: bool = False


def events_of(
    deal: Deal, periods: Periods, plans: Sequence[Plan], values: Values
) -> list[list[tuple[int, Event]]]:
    """By period its events in the order of their dates, each with its row among all."""
    by_period: list[dict[float, Event]] = [{} for _ in range(periods.count)]

    def at(period: int, time: float) -> Event:
        left = 1 - (time - float(periods.begins[period])) / float(periods.years[period])
        return by_period[period].setdefault(round(time, 9), Event(time, left, periods.day(time)))

    at(0, 0.0).closing = True
    for asset in deal.assets:
        number = asset.spend
        if number.kind == "world" or number.by_path:
            for t, amount in enumerate(number.flow(periods, values)):
                if np.any(amount):
                    event = at(t, float(periods.begins[t]))
                    event.spend = event.spend + amount
            continue
        for date, amount in number.events(periods):
            event = at(periods.index(date) or 0, periods.when(date))
            event.spend = event.spend + amount
    for plan in plans:
        for time, share, period in plan.draw_events:
            if plan.amount * share:
                event = at(period, time)
                event.draws[plan.facility.name] = (
                    event.draws.get(plan.facility.name, 0.0) + plan.amount * share
                )
    for reserve in deal.reserves:
        if reserve.funded == "closing":
            at(0, 0.0).reserves.append(reserve.name)
        elif reserve.funded == "completion":
            first = _completion(deal, periods)
            if first < periods.count:
                at(first, float(periods.begins[first])).reserves.append(reserve.name)
    found, row = list[list[tuple[int, Event]]](), 0
    for events in by_period:
        ordered = [events[time] for time in sorted(events)]
        found.append([(row + k, event) for k, event in enumerate(ordered)])
        row += len(ordered)
    return found


def event_times(events: list[list[tuple[int, Event]]]) -> tuple[Floats, NDArray[np.int64]]:
    """(years from closing of every event, its period)."""
    times = [event.time for period in events for _, event in period]
    return np.array(times), np.array([t for t, period in enumerate(events) for _ in period], np.int64)


def _completion(deal: Deal, periods: Periods) -> int:
    """The first period in which a contract runs."""
    starts = min(c.start for c in deal.contracts)
    return next((t for t, e in enumerate(periods.ends) if e > starts), periods.count)

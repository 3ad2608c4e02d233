"""A number in a deal: a scalar, a dated curve, a ramp, dated amounts, or a reference to the world.

::

    rate: 6.581 %                                  # a scalar; %, bp are read
    rent: {value: 2460, source: "...", tier: C}    # any number may carry source, tier, judgement, note
    rent: {curve: {2029-01-01: 2460, 2033-01-01: 2700}}        # a level, each held until the next; 0 before
    rent: {ramp: {from: 2029-01-01, to: 2031-01-01, start: 0, end: 2460}}   # straight between two dates
    draws: {amounts: {2026-01-01: 500, 2026-04-01: 700}}       # flows on dates
    draws: {spread: {total: 27300, from: 2025-10-01, to: 2029-01-01}}       # equal flows, one a period
    price: $world.contract_price                   # values are supplied with the run
    rent: {value: 100, moves_with: $world.gpu_hour_price}      # any form, times the world's value over its first
    cost: {curve: {2029-01-01: 2}, times: $world.index:Name}   # any form, times the world's value
    cap: $deal.facilities.notes.amount             # what is written there (resolved by ``read``)
"""

from __future__ import annotations

import bisect
import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.paths import times
from supercycle.deals.calendar.periods import Periods

__all__ = ["FACTORS", "NUMBER_KINDS", "Number", "Values", "read_scalar"]

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
FACTORS = ("times", "moves_with")
NUMBER_KINDS = ("value", "curve", "ramp", "amounts", "spread")
_SCALAR = re.compile(r"([-+]?[0-9][0-9_,]*\.?[0-9]*(?:[eE][-+]?\d+)?)\s*(%|bp|)")
_SCALES = {"": 1.0, "%": 1e-2, "bp": 1e-4}


def read_scalar(text: object, where: str) -> float:
    """A finite number from YAML: 12, "6.581 %", "225 bp"; anything else is refused with its line.

    >>> read_scalar("6.5 %", "deal.yaml:3"), read_scalar("25 bp", "deal.yaml:3")
    (0.065, 0.0025)
    """
    if isinstance(text, int | float) and not isinstance(text, bool) and np.isfinite(text):
        return float(text)
    found = _SCALAR.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise InputError("not a number", expected="12, 6.5 %, 225 bp", got=repr(text), where=where)
    return round(float(found[1].replace(",", "").replace("_", "")) * _SCALES[found[2]], 15)


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a deal as written, with where it was written and what it stands on."""

    kind: str
    value: float = 0.0
    points: tuple[tuple[datetime.date, float], ...] = ()
    world: str = ""
    times: str = ""
    moves_with: str = ""
    where: str = ""
    source: str = ""
    tier: str = ""
    judgement: str = ""

    def level(self, periods: Periods, values: Values) -> Floats:
        """The level at each period's start: [period] or, from the world, [period, path]."""
        return self._scaled(self._level(periods, values), periods, values)

    @property
    def by_path(self) -> bool:
        """Whether the world has a part in it, so that it may differ by path."""
        return bool(self.world or self.times or self.moves_with)

    def _scaled(self, plain: Floats, periods: Periods, values: Values) -> Floats:
        """The product with the world's values, where the number has such a factor."""
        for name, first in ((self.times, False), (self.moves_with, True)):
            if not name:
                continue
            found = _supplied(self, name, periods, values)
            if first:
                if (found[0] == 0).any():
                    raise InputError(f"$world.{name} begins at 0, nothing moves with it", where=self.where)
                found = found / found[0]
            plain = times(plain, found)
        return plain

    def _level(self, periods: Periods, values: Values) -> Floats:
        start = periods.starts
        if self.kind == "value":
            return np.full(periods.count, self.value)
        if self.kind == "world":
            return _supplied(self, self.world, periods, values)
        if self.kind == "curve":
            dates, held = [d for d, _ in self.points], [0.0, *(v for _, v in self.points)]
            return np.array([held[bisect.bisect_right(dates, s)] for s in start])
        if self.kind == "ramp":
            (first, low), (last, high) = self.points
            days = np.array([s.toordinal() for s in start], np.float64)
            return np.interp(days, [first.toordinal(), last.toordinal()], [low, high])
        raise InputError(
            f"{self.kind} is a flow, a level is wanted", expected="value, curve or ramp", where=self.where
        )

    def flow(self, periods: Periods, values: Values) -> Floats:
        """The money that falls into each period: amounts on their dates, a spread in equal parts."""
        return self.dated(periods, values)[0]

    def dated(self, periods: Periods, values: Values, basis: str = "30/360") -> tuple[Floats, Floats]:
        """The flow of each period, and the flow times the years from its date to the period's end."""
        if self.kind == "world":
            found = self._scaled(_supplied(self, self.world, periods, values), periods, values)
            return found, times(found, periods.fractions(basis))
        total, weighted = np.zeros(periods.count), np.zeros(periods.count)
        for date, amount in self._on_dates(periods):
            at = periods.index(date)
            if at is None:
                raise InputError(
                    "an amount falls outside the calendar",
                    expected=f"a date from {periods.starts[0]} to before {periods.ends[-1]}",
                    got=date,
                    where=self.where,
                )
            total[at] += amount
            weighted[at] += amount * periods.rest_of_period(date, basis)
        return self._scaled(total, periods, values), self._scaled(weighted, periods, values)

    def _on_dates(self, periods: Periods) -> list[tuple[datetime.date, float]]:
        if self.kind == "amounts":
            return list(self.points)
        if self.kind == "spread":
            (first, total), (last, _) = self.points
            dates = [s for s in periods.starts if first <= s < last]
            if not dates:
                raise InputError("no period begins in the spread", got=f"{first} to {last}", where=self.where)
            return [(d, total / len(dates)) for d in dates]
        if self.kind == "value":
            return [(periods.starts[0], self.value)]
        raise InputError(
            f"{self.kind} is a level, a flow is wanted", expected="amounts, spread or a sum", where=self.where
        )


def _supplied(number: Number, name: str, periods: Periods, values: Values) -> Floats:
    if name not in values:
        raise InputError(
            f"no values for $world.{name}",
            expected="values supplied with the run",
            where=number.where,
            hint="Give --world RESULT or --preset NAME, or values={name: array[period, path]} in Python.",
        )
    found = np.asarray(values[name], np.float64)
    if found.shape[0] != periods.count or found.ndim > 2 or not np.isfinite(found).all():
        raise InputError(
            f"bad values for $world.{name}",
            expected=f"finite numbers [{periods.count} periods, path]",
            got=f"shape {found.shape}",
            where=number.where,
        )
    return found

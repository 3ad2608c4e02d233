"""Conditions as they stand on a payment date, on every path: of steps, and of numbers that are one of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.cases import Stated, branches, first_of
from supercycle.deals.document.conditions import Condition, read_condition
from supercycle.deals.document.numbers import Number
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.arithmetic import Arithmetic

__all__ = ["Choice", "Conditions"]

Floats = NDArray[np.float64]


class Conditions:
    """What holds now; the waterfall sets ``locked``, ``default`` and ``broken`` after each date's tests."""

    def __init__(
        self, deal: Deal, periods: Periods, ards: dict[str, int], completion: int, zero: Any, do: Arithmetic
    ) -> None:
        self._tests = tuple(t.name for t in deal.tests if t.trap)
        self._read: dict[tuple[str, ...], list[Condition]] = {}
        self._ends, self._ards, self._completion, self._do = periods.ends, ards, completion, do
        self._starts = periods.starts
        self._one = zero + 1
        self.locked: Any = 0.0
        self.default: Any = 0.0
        self.broken: dict[str, Any] = dict.fromkeys(self._tests, 0.0)

    def mask(self, texts: tuple[str, ...], t: int, *, by_days: bool = False) -> Any:
        """1 where all conditions hold on payment date ``t``; a plain float where paths do not differ.

        ``by_days`` asks for the period that ends on it: from a date on is then what begins on the date.
        """
        said = self._read.get(texts)
        if said is None:
            said = [read_condition(text, self._tests, tuple(self._ards), "") for text in texts]
            self._read[texts] = said
        held: Any = 1.0
        for one in said:
            now = self._now(one, t, by_days)
            held = held * (1 - now if one.negated else now)
        return held

    def _now(self, one: Condition, t: int, by_days: bool) -> Any:
        if one.kind == "ard":
            return float(t > self._ards[one.name])
        if one.kind == "date":
            assert one.date is not None
            return float((self._starts if by_days else self._ends)[t] >= one.date)
        if one.kind == "completed":
            return float(t >= self._completion)
        if one.kind == "broken":
            broken = self.broken[one.name]
            if type(broken) is float:
                return float(broken >= one.times)
            return self._do.pick(broken >= one.times, self._one, 0 * self._one)
        return self.locked if one.kind == "locked" else self.default


class Choice:
    """A number by period, of which conditions of the run choose one; without any it is its rows alone."""

    def __init__(
        self,
        base: list[Any],
        found: dict[tuple[str, ...], list[Any]],
        conditions: Conditions,
        *,
        by_days: bool,
    ) -> None:
        self._base, self._found, self._conditions = base, list(found.items()), conditions
        self._by_days = by_days
        self.waits = bool(found)

    @classmethod
    def of(
        cls, number: float | Number, rows: Callable[[Number], list[Any]], conditions: Conditions, count: int, *,
        by_days: bool = False,
    ) -> Choice:  # fmt: skip
        """The choice of a number of the file; a scalar is the same in every period."""
        if isinstance(number, Stated):
            number = number.number
        elif not isinstance(number, Number):
            return cls([float(number)] * count, {}, conditions, by_days=by_days)
        base, found = branches(number)
        return cls(rows(base), {k: rows(n) for k, n in found.items()}, conditions, by_days=by_days)

    def now(self, t: int) -> Any:
        """Its value in, or on the payment date of, period ``t``."""
        if not self.waits:
            return self._base[t]
        return first_of(
            lambda texts: self._conditions.mask(texts, t, by_days=self._by_days), self._base[t],
            [(texts, rows[t]) for texts, rows in self._found],
        )  # fmt: skip

"""What the file's numbers become by period, as sums of inputs times weights that the calendar fixes.

A curve, a ramp, dated amounts and a rent that grows in steps are all linear in the numbers written, so a weight is what
the engine gives for a number that is 1 at one point and 0 at the others.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Number, Values
from supercycle.service.deal_model.cells import NIL, Cell, Inputs, num

__all__ = ["Points", "grown", "means", "on_dates"]

Floats = NDArray[np.float64]
SMALL = 1e-13


class Points:
    """A number's own inputs, and the same number with 1 at each of them in turn."""

    def __init__(self, inputs: Inputs, path: str, number: Number) -> None:
        self.cells: list[Cell] = []
        self.units: list[Number] = []
        where = number.where
        if number.kind == "value":
            self.cells.append(inputs.add(path, number.value, where))
            self.units.append(dataclasses.replace(number, value=1.0))
        elif number.kind == "world":
            self.cells.append(num(1.0))
            self.units.append(number)
        elif number.kind == "spread":
            (first, amount), (last, _) = number.points
            self.cells.append(inputs.add(f"{path}.spread.total", amount, where))
            self.units.append(dataclasses.replace(number, points=((first, 1.0), (last, 1.0))))
        else:
            words = ("start", "end") if number.kind == "ramp" else [str(d) for d, _ in number.points]
            for k, ((_, value), word) in enumerate(zip(number.points, words, strict=True)):
                self.cells.append(inputs.add(f"{path}.{number.kind}.{word}", value, where))
                ones = tuple((d, float(j == k)) for j, (d, _) in enumerate(number.points))
                self.units.append(dataclasses.replace(number, points=ones))

    def rows(self, weigh: Callable[[Number], Any]) -> list[Cell]:
        """By period the sum of inputs times weights."""
        weights = [one(weigh(unit)) for unit in self.units]
        return [
            sum((c * float(w[t]) for c, w in zip(self.cells, weights, strict=True) if abs(w[t]) > SMALL), NIL)
            for t in range(len(weights[0]))
        ]


def one(rows: Any) -> Floats:
    """The single path of rows by period."""
    found = np.asarray(rows, np.float64)
    return found if found.ndim == 1 else found[:, 0]


def means(inputs: Inputs, path: str, number: Number, periods: Periods, values: Values) -> list[Cell]:
    """The level of each period, weighted by days."""
    return Points(inputs, path, number).rows(lambda unit: unit.mean(periods, values))


def on_dates(inputs: Inputs, path: str, number: Number, periods: Periods, values: Values) -> list[Cell]:
    """The level on each payment date."""
    return Points(inputs, path, number).rows(lambda unit: unit.on_dates(periods, values))


def grown(points: Points, growth: Cell, bring: Callable[[Number, float], Any]) -> list[Cell]:
    """Sums that grow in yearly steps: at growth 0 and 1 the engine tells how many steps each part has taken.

    A period's sum is (1 + g)^k (first + (1 + g) second); at 0 it is first + second, at 1 it is 2^k (first + 2 second).
    """
    total: list[Cell] = []
    for cell, unit in zip(points.cells, points.units, strict=True):
        flat, doubled = one(bring(unit, 0.0)), one(bring(unit, 1.0))
        if not total:
            total = [NIL] * len(flat)
        for t, (plain, twice) in enumerate(zip(flat, doubled, strict=True)):
            if abs(plain) <= SMALL:
                continue
            steps = math.floor(math.log2(twice / plain) + 1e-9)
            second = twice / 2.0**steps - plain
            first = plain - second
            second = 0.0 if abs(second) < 1e-9 * abs(plain) else second
            base = growth + 1.0
            part = (
                (base**steps) * first
                if not second
                else (base**steps) * first + (base ** (steps + 1)) * second
            )
            total[t] = total[t] + cell * part
    return total

"""Expressions that are a spreadsheet formula and its value at once, and sheets of them.

Every operator builds the text of the formula and computes the number beside it, so that a reader without a calculator
sees the value, and the model can be compared with the engine before anybody opens it.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supercycle.core.errors import ModelError

__all__ = ["Cell", "Grid", "Inputs", "high", "low", "num", "pick", "total"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A formula's text without the leading = and its value."""

    text: str
    value: float

    def __add__(self, other: Cell | float) -> Cell:
        b = num(other)
        if _nil(b):
            return self
        return b if _nil(self) else Cell(f"({self.text}+{b.text})", self.value + b.value)

    def __sub__(self, other: Cell | float) -> Cell:
        b = num(other)
        return self if _nil(b) else Cell(f"({self.text}-{b.text})", self.value - b.value)

    def __mul__(self, other: Cell | float) -> Cell:
        b = num(other)
        if _nil(self) or _nil(b):
            return NIL
        if b.text == "1":
            return self
        return b if self.text == "1" else Cell(f"({self.text}*{b.text})", self.value * b.value)

    def __truediv__(self, other: Cell | float) -> Cell:
        b = num(other)
        return Cell(f"({self.text}/{b.text})", self.value / b.value if b.value else 0.0)

    def __pow__(self, other: float) -> Cell:
        return num(1.0) if not other else Cell(f"({self.text}^{other:g})", self.value**other)

    def above(self, other: Cell | float) -> Cell:
        """1 where it is larger."""
        b = num(other)
        return Cell(f"({self.text}>{b.text})*1", float(self.value > b.value))

    def least(self, other: Cell | float) -> Cell:
        """1 where it is as large or larger."""
        b = num(other)
        return Cell(f"({self.text}>={b.text})*1", float(self.value >= b.value))


def num(value: Cell | float) -> Cell:
    """A plain number as an expression.

    >>> (num(2.0) * 3.0 + 1.0).text, (num(2.0) * 3.0 + 1.0).value
    ('((2*3)+1)', 7.0)
    """
    return value if isinstance(value, Cell) else Cell(repr(float(value)).removesuffix(".0"), float(value))


NIL = num(0.0)


def _nil(cell: Cell) -> bool:
    return cell.text in ("0", "-0")


def low(a: Cell, b: Cell | float) -> Cell:
    """The smaller."""
    b = num(b)
    return NIL if (_nil(a) and b.value >= 0) else Cell(f"MIN({a.text},{b.text})", min(a.value, b.value))


def high(a: Cell, b: Cell | float) -> Cell:
    """The larger."""
    b = num(b)
    return Cell(f"MAX({a.text},{b.text})", max(a.value, b.value))


def pick(condition: Cell, yes: Cell | float, no: Cell | float) -> Cell:
    """yes where the condition is 1."""
    y, n = num(yes), num(no)
    return Cell(f"IF({condition.text}>0,{y.text},{n.text})", y.value if condition.value > 0 else n.value)


def total(cells: Sequence[Cell]) -> Cell:
    """The sum."""
    found = NIL
    for cell in cells:
        found = found + cell
    return found


class Inputs:
    """One sheet on which every number of the file that runs stands once, with its path and where it was written."""

    HEAD = ("input", "value", "path in the file (--set)", "as written in the file")

    def __init__(self, page: Any) -> None:
        self._page, self._row = page, 1
        self.paths: dict[str, str] = {}
        for k, word in enumerate(self.HEAD):
            page.put(0, k, word, bold=True)

    def add(self, path: str, value: float, where: str, *, label: str = "") -> Cell:
        """A number as an input cell."""
        self._page.put(self._row, 0, label or path.replace(".", " ").replace("_", " "))
        self._page.put(self._row, 1, float(value))
        self._page.put(self._row, 2, path)
        self._page.put(self._row, 3, where)
        self._row += 1
        place = f"$B${self._row}"
        self.paths[path] = place.replace("$", "")
        return Cell(f"Inputs!{place}", float(value))


class Grid:
    """A sheet with a row a period (or an event) and a column a variable."""

    def __init__(self, page: Any, rows: int) -> None:
        self._page, self.rows = page, rows
        self._columns: dict[str, int] = {}
        self._known: dict[tuple[str, int], Cell] = {}

    def set(self, name: str, t: int, cell: Cell | float | str | datetime.date) -> Cell:
        """Write an expression, a number, a date or a text; returns the reference to it."""
        from xlsxwriter.utility import xl_col_to_name

        if isinstance(cell, Cell) and (name, t) in self._known and self._known[name, t].text in cell.text:
            raise ModelError(
                "a column of the workbook would refer to itself", got=f"{name} in period {t + 1}"
            )
        if name not in self._columns:
            self._columns[name] = len(self._columns)
            self._page.put(0, self._columns[name], name, bold=True)
        column = self._columns[name]
        if isinstance(cell, str):
            self._page.put(t + 1, column, cell)
            return Cell("0", 0.0)
        if isinstance(cell, datetime.date):
            self._page.day(t + 1, column, cell)
            value: Cell = num(float(cell.toordinal() - EPOCH))
        elif isinstance(cell, Cell):
            value = cell
            if _plain(value.text):
                self._page.put(t + 1, column, value.value)
            else:
                self._page.formula(t + 1, column, value.text, value.value)
        else:
            value = num(float(cell))
            self._page.put(t + 1, column, value.value)
        place = f"{self._page.name}!${xl_col_to_name(column)}${t + 2}"
        found = NIL if _nil(value) else Cell(place, value.value)
        self._known[name, t] = found
        return found

    def get(self, name: str, t: int) -> Cell:
        """The reference to what was written; nothing before the first row."""
        return self._known.get((name, t), NIL)

    def values(self, name: str) -> list[float]:
        """The values of a column."""
        return [self.get(name, t).value for t in range(self.rows)]

    def range(self, name: str) -> str:
        """The whole column as a range."""
        from xlsxwriter.utility import xl_col_to_name

        letter = xl_col_to_name(self._columns[name])
        return f"{self._page.name}!${letter}$2:${letter}${self.rows + 1}"


EPOCH = datetime.date(1899, 12, 30).toordinal()  # day 0 of a spreadsheet


def _plain(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

"""What a run records, each series with its side of the books; sources and uses are read off these sides.

The check lists no series by name: every source, use and cash account that the deal has is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError

__all__ = ["TOLERANCE", "Books", "BooksCheck", "check_books"]

Floats = NDArray[np.float64]
TOLERANCE = 1e-9  # of the largest sum that moved or was held on the path
SMALLEST = 1e-300  # below any sum, so that nothing over nothing is no gap
Rows = slice | list[int]


@dataclass(slots=True)
class Books:
    """Names and sides of the recorded series: source, use, cash (an account), or info."""

    sides: dict[str, str] = field(default_factory=dict[str, str])
    tranches: list[str] = field(default_factory=list[str])

    def index(self) -> dict[str, int]:
        """The row of each series."""
        return {name: k for k, name in enumerate(self.sides)}

    def rows(self, side: str) -> Rows:
        """The rows of a side."""
        return _together([k for k, found in enumerate(self.sides.values()) if found == side])

    def tranche_rows(self, what: str) -> Rows:
        """The rows of one series of every tranche."""
        row = self.index()
        return _together([row[f"{name}.{what}"] for name in self.tranches])


class BooksCheck:
    """Two identities, checked on blocks of periods as they are recorded, [series, period, path].

    sources - uses = change of all cash accounts; and for each tranche
    closing balance = opening + drawn + interest added - principal paid.
    """

    def __init__(self, books: Books) -> None:
        self._sides = [books.rows(side) for side in ("source", "use", "cash")]
        self._roll = [books.tranche_rows(w) for w in ("balance", "drawn", "added", "principal")]
        self._held: Any = 0.0
        self._balance: Any = 0.0
        # By path: the largest gap and the largest sum; a sum as large sets the rounding of every period after it.
        self._cash: tuple[Any, Any] = (0.0, SMALLEST)
        self._debt: tuple[Any, Any] = (0.0, SMALLEST)

    def take(self, block: Floats) -> None:
        """The next periods."""
        into, out, held = (block[rows].sum(axis=0) for rows in self._sides)
        gap = into - out - held
        gap[1:] += held[:-1]
        gap[0] += self._held
        self._held = held[-1]
        self._cash = _larger(self._cash, gap, into + held)
        if not block[self._roll[0]].size:
            return
        balance, drawn, added, paid = (block[rows] for rows in self._roll)
        gap = balance - drawn - added + paid
        gap[:, 1:] -= balance[:, :-1]
        gap[:, 0] -= self._balance
        self._balance = balance[:, -1]
        self._debt = _larger(self._debt, gap.swapaxes(0, 1), (np.abs(balance) + drawn + paid).swapaxes(0, 1))

    def residual(self) -> float:
        """The largest gap over the largest sum of its path; raises BooksError above 1e-9."""
        worst = 0.0
        for what, (gap, scale) in (("sources and uses", self._cash), ("balances of tranches", self._debt)):
            relative = np.atleast_1d(gap / scale)
            worst = max(worst, float(relative.max()))
            if not worst <= TOLERANCE:
                raise BooksError(
                    f"{what} do not agree",
                    expected=f"within {TOLERANCE:g}",
                    got=f"{worst:.2e} on path {int(np.argmax(relative) % relative.shape[-1])}",
                )
        return worst


def check_books(books: Books, series: Floats) -> float:
    """The largest relative gap of the two identities over all periods and paths; raises BooksError above 1e-9."""
    check = BooksCheck(books)
    check.take(series)
    return check.residual()


def _larger(before: tuple[Any, Any], gap: Floats, scale: Floats) -> tuple[Any, Any]:
    return (
        np.maximum(before[0], np.abs(gap).max(axis=0)),
        np.maximum(before[1], scale.max(axis=0)),
    )


def _together(rows: list[int]) -> Rows:
    """Rows that follow each other as a slice, which copies nothing."""
    if rows and rows == list(range(rows[0], rows[-1] + 1)):
        return slice(rows[0], rows[-1] + 1)
    return rows

"""What a run records, each series with its side of the books; sources and uses are read off these sides.

The check lists no series by name: every source, use and cash account that the deal has is in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError

__all__ = ["TOLERANCE", "Books", "check_books"]

Floats = NDArray[np.float64]
TOLERANCE = 1e-9  # of the money that moved in the period and was held at its start


@dataclass(slots=True)
class Books:
    """Names and sides of the recorded series: source, use, cash (an account), or info."""

    sides: dict[str, str] = field(default_factory=dict[str, str])
    tranches: list[str] = field(default_factory=list[str])

    def index(self) -> dict[str, int]:
        """The row of each series."""
        return {name: k for k, name in enumerate(self.sides)}


def check_books(books: Books, series: Floats) -> float:
    """The largest relative gap of two identities, by period and path; raises BooksError above 1e-9.

    sources - uses = change of all cash accounts; and for each tranche
    closing balance = opening + drawn + interest added - principal paid.
    """
    row = books.index()
    into, out, held = np.zeros(series.shape[1:]), np.zeros(series.shape[1:]), np.zeros(series.shape[1:])
    for name, side in books.sides.items():
        if side == "source":
            into += series[row[name]]
        elif side == "use":
            out += series[row[name]]
        elif side == "cash":
            held += series[row[name]]
    gap = into - out
    gap -= held
    gap[1:] += held[:-1]
    into += held + 1e-300
    worst = _worst(gap, into, "sources and uses")
    for name in books.tranches:
        close, drawn, added, paid = (
            series[row[f"{name}.{k}"]] for k in ("balance", "drawn", "added", "principal")
        )
        gap = close - drawn - added + paid
        gap[1:] -= close[:-1]
        worst = max(worst, _worst(gap, np.abs(close) + drawn + paid + 1e-300, f"balance of {name}"))
    return worst


def _worst(gap: Floats, scale: Floats, what: str) -> float:
    # A sum as large as the deal's largest sets the rounding of every period after it.
    relative = np.abs(gap) / np.maximum(scale, scale.max(axis=0, keepdims=True))
    worst = float(relative.max(initial=0.0))
    if not worst <= TOLERANCE:
        period, path = np.unravel_index(int(np.argmax(relative)), relative.shape)
        raise BooksError(
            f"{what} do not agree",
            expected=f"within {TOLERANCE:g}",
            got=f"{worst:.2e} in period {int(period)} on path {int(path)}",
        )
    return worst

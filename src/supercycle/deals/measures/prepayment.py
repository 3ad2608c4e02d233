"""What prepaying a loan costs: make-whole of public notes and of private placements, yield maintenance.

Each is a price for a date, of payments still to come; times are in years from that date.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from supercycle.core.errors import InputError

__all__ = ["make_whole", "private_make_whole", "yield_maintenance"]

Floats = NDArray[np.float64]


def make_whole(
    payments: ArrayLike, times: ArrayLike, treasury: float, spread: float, *, par: float, accrued: float = 0.0
) -> float:
    """max(par, PV of the payments to the par-call date at Treasury + spread, semi-annual), accrued paid beside it.

    The payments are those still to come, the principal at the par-call date among them; interest that has accrued is
    in the first of them, so it is taken out of the worth and added back. Limit: at the note's own yield the worth is
    par. Source: the make-whole clause of US public notes (semi-annual, 30/360).

    >>> round(make_whole([3.5, 103.5], [0.5, 1.0], 0.05, 0.0, par=100.0), 6)  # 3.5 / 1.025 + 103.5 / 1.025^2
    101.927424
    """
    return max(par, _worth(payments, times, treasury + spread) - accrued) + accrued


def private_make_whole(
    payments: ArrayLike, times: ArrayLike, treasury: float, spread: float, *, principal: float
) -> float:
    """The amount above principal: max(0, PV - principal). Source: the Model Form of note purchase agreements.

    >>> private_make_whole([3.5, 103.5], [0.5, 1.0], 0.09, 0.0, principal=100.0)
    0.0
    """
    return max(0.0, _worth(payments, times, treasury + spread) - principal)


def yield_maintenance(
    prepaid: float, note_rate: float, treasury: float, times: ArrayLike, balances: ArrayLike
) -> float:
    """PV of the interest that the lender loses: (note rate - Treasury)+ on the prepaid sum's balance each month.

    ``balances`` are the shares of the prepaid sum outstanding in each month up to ``times``; the Treasury yield is made
    monthly, 12 ((1 + y / 2)^(1/6) - 1). Limit: 0 where the Treasury yields as much as the note. Source: CMBS loans.

    >>> yield_maintenance(100.0, 0.05, 0.06, [1 / 12], [1.0])
    0.0
    """
    when, left = np.asarray(times, np.float64), np.asarray(balances, np.float64)
    if when.shape != left.shape:
        raise InputError("times do not fit balances", expected=when.shape, got=left.shape)
    monthly = (1 + treasury / 2) ** (1 / 6) - 1
    lost = max(note_rate - 12 * monthly, 0.0) / 12 * prepaid * left
    return float(lost @ (1 + monthly) ** (-12 * when))


def _worth(payments: ArrayLike, times: ArrayLike, rate: float) -> float:
    paid, when = np.asarray(payments, np.float64), np.asarray(times, np.float64)
    if paid.shape != when.shape or (when < 0).any():
        raise InputError("payments and their times to come", expected=paid.shape, got=when.shape)
    return float(paid @ (1 + rate / 2) ** (-2 * when))

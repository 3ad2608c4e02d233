"""The base rate that is shipped, ``sofr``: fixings by month, then forwards built from Treasury yields. No market quote.

No official forward curve of SOFR is public. Forwards here are those of the par yields of US Treasuries (monthly
averages of September 2026) less a judged swap spread, constant between the yields' terms. Who has a quote writes it as
a curve in the deal.
"""

from __future__ import annotations

import datetime
import functools

import numpy as np

from supercycle.core.errors import UnknownNameError
from supercycle.core.roots import halved
from supercycle.deals.calendar.daycounts import add_months
from supercycle.deals.document.numbers import Number

__all__ = ["SHIPPED", "forwards", "shipped_curve"]

Date = datetime.date
SHIPPED = ("sofr",)
LABEL = "not a market quote: SOFR by month to August 2026, then Treasury yields of September 2026 less 30 bp"
# Monthly means of the New York Fed's SOFR, in percent. Source: FRED series SOFR via a public repository (tier D).
FIXINGS = {
    "2025-10": 4.201, "2025-11": 3.978, "2025-12": 3.800, "2026-01": 3.657, "2026-02": 3.667, "2026-03": 3.650,
    "2026-04": 3.642, "2026-05": 3.586, "2026-06": 3.628, "2026-07": 3.619, "2026-08": 3.650,
}  # fmt: skip
# Par yields in percent by term in months. Source: FRED DGS3MO, DGS2, DGS10, DGS30, averages of September 2026 (tier D).
PAR_YIELDS = {3: 4.09, 24: 4.65, 120: 4.99, 360: 5.37}
AS_OF = Date(2026, 9, 1)
# Judgement: swaps on SOFR have lain some 20 to 80 bp below Treasuries of their term; one spread for all terms.
SWAP_SPREAD = 0.30
BILL_MONTHS = 3  # the shortest yield is of a bill, without coupons


@functools.cache
def forwards() -> tuple[tuple[int, float], ...]:
    """(months, continuous forward rate up to them) such that every yield less the spread prices its bond at par.

    >>> [months for months, _ in forwards()]
    [3, 24, 120, 360]
    """
    found: list[tuple[int, float]] = []
    for months, percent in PAR_YIELDS.items():
        rate = (percent - SWAP_SPREAD) / 100

        def off_par(forward: float, months: int = months, rate: float = rate) -> float:
            segments = [*found, (months, forward)]
            if months == BILL_MONTHS:
                return discount(segments, months) * (1 + rate * months / 12) - 1
            coupons = sum(discount(segments, m) for m in range(6, months + 1, 6))
            return rate / 2 * coupons + discount(segments, months) - 1

        found.append((months, halved(off_par, -0.5, 0.5)))
    return tuple(found)


def discount(segments: list[tuple[int, float]], months: int) -> float:
    """exp(-sum of forward x time) up to ``months``.

    >>> round(discount([(12, 0.05)], 12), 6)
    0.951229
    """
    total, before = 0.0, 0
    for end, forward in segments:
        total += forward * max(min(end, months) - before, 0) / 12
        before = end
    return float(np.exp(-total))


@functools.cache
def shipped_curve(name: str) -> Number:
    """The curve of overnight rates (ACT/360) by that name."""
    if name not in SHIPPED:
        raise UnknownNameError("base rate", name, SHIPPED)
    points = [(Date.fromisoformat(f"{month}-01"), percent / 100) for month, percent in FIXINGS.items()]
    begins = [0, *(months for months, _ in forwards())]
    for months, (_, forward) in zip(begins, forwards(), strict=False):
        points.append((add_months(AS_OF, months), float(np.expm1(forward / 365) * 360)))
    return Number("curve", points=tuple(points), source=LABEL, tier="D")

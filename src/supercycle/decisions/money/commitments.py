"""What quotes of one and of three years say about the years between: the forward price of a commitment."""

from __future__ import annotations

from supercycle.core.errors import InputError

__all__ = ["forward_price"]


def forward_price(one_year: float, three_years: float, rate: float) -> float:
    """The constant price of years two and three at which signing for one year and then for two costs as much as
    signing for three.

    ``(q3 A(36) - q1 A(12)) / (A(36) - A(12))`` with A(n) the value today of 1 a month for n months, in arrears at
    ``rate`` a year. Limits: equal quotes give that quote; a three-year price far below the one-year price gives a
    negative forward, which is refused: the two are not of one provider and day.
    Errors: InputError for quotes that are not positive, a negative rate, or a negative forward.
    Source: the bootstrap of a zero curve, Hull, Options, Futures and Other Derivatives, chapter 4.

    >>> round(forward_price(3.0, 2.0, 0.0), 9)
    1.5
    """
    if not (one_year > 0 and three_years > 0 and rate >= 0):
        raise InputError("quotes", expected="prices above 0", got=f"{one_year:g}, {three_years:g}, {rate:g}")
    month = (1 + rate) ** (-1 / 12)
    first, all_ = (sum(month**n for n in range(1, count + 1)) for count in (12, 36))
    found = (three_years * all_ - one_year * first) / (all_ - first)
    if found < 0:
        raise InputError(
            "quotes of one and three years contradict each other",
            expected=f"a three-year price of at least {one_year * first / all_:.3g}",
            got=three_years,
            hint="Give the prices of one provider on one day.",
        )
    return found

"""Known numbers: from textbooks and standards, or by arithmetic written out."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from supercycle.core.returns import duration, irr, price_at_yield, xirr, yield_at_price
from supercycle.deals.calendar.daycounts import year_fraction
from supercycle.deals.engine.amortise import annuity_shares
from supercycle.deals.measures.lessee import classify, lease_books

D = datetime.date


def test_xirr_of_the_spreadsheet_manual() -> None:
    """The example of Microsoft's help page for XIRR: 37.34 %."""
    days = [D(2008, 1, 1), D(2008, 3, 1), D(2008, 10, 30), D(2009, 2, 15), D(2009, 4, 1)]
    found = xirr([-10000.0, 2750, 4250, 3250, 2750], days)
    assert found.rate[0] == pytest.approx(0.373362535, abs=1e-7)


def test_two_rates_of_the_textbook_mine_are_both_told() -> None:
    """Brealey, Myers, Allen: strip mining, -60, then 12 nine times, then -15: -44.0 % and 11.6 %."""
    found = irr([-60.0] + [12.0] * 9 + [-15.0])
    assert found.words() == ["multiple"]
    assert found.roots[0] == pytest.approx([-0.44, 0.116], abs=6e-4)
    assert np.isnan(found.rate[0])


def test_a_large_amount_and_a_double_root_are_no_trouble() -> None:
    assert irr([-1e18, 1.1e18]).rate[0] == pytest.approx(0.1, rel=1e-9)
    assert irr([1.0, -2.4, 1.44]).roots[0] == pytest.approx([0.2], abs=1e-6)
    assert irr([1.0, -2.0, 2.0]).words() == ["none"]
    assert irr([1.0, 2.0]).words() == ["no_sign_change"]


def test_street_price_yield_and_duration() -> None:
    """Fabozzi's example: 9 % semi-annual coupon, 5 years, yield 9 % at par: Macaulay 4.13, modified 3.95 years."""
    times = np.arange(1, 11) / 2
    flows = np.full(10, 4.5) + np.where(np.arange(10) == 9, 100, 0)
    assert price_at_yield(flows, 0.09, times)[0] == pytest.approx(100)
    assert yield_at_price(flows, 100.0, times).rate[0] == pytest.approx(0.09)
    macaulay, modified = duration(flows, 0.09, times)
    assert (round(macaulay[0], 2), round(modified[0], 2)) == (4.13, 3.96)


@pytest.mark.parametrize(
    ("basis", "start", "end", "years"),
    [
        # The November 1999 memorandum of ISDA on ACT/ACT: 61/365 + 121/366.
        ("ACT/ACT ISDA", D(2003, 11, 1), D(2004, 5, 1), 61 / 365 + 121 / 366),
        ("ACT/365F", D(2003, 11, 1), D(2004, 5, 1), 182 / 365),
        ("ACT/360", D(2003, 11, 1), D(2004, 5, 1), 182 / 360),
        ("30/360", D(2007, 1, 31), D(2007, 3, 31), 60 / 360),
        ("30/360", D(2007, 1, 15), D(2007, 1, 31), 16 / 360),
        ("30E/360", D(2007, 1, 15), D(2007, 1, 31), 15 / 360),
        ("30E/360", D(2007, 2, 28), D(2007, 8, 31), 182 / 360),
    ],
)  # fmt: skip
def test_day_counts(basis: str, start: datetime.date, end: datetime.date, years: float) -> None:
    assert year_fraction(start, end, basis) == pytest.approx(years, rel=1e-14)


def test_what_outlives_the_guarantee_of_hyperion_under_level_payments() -> None:
    """27.3bn at 6.581 % over 20 years: 2.49bn a year; after 16 years 31 % of the debt is left."""
    balance, rate, left = 27.3, 0.06581, []
    for share in annuity_shares(np.full(20, rate), np.ones(20)):
        balance *= 1 - share
        left.append(balance / 27.3)
    assert left[15] == pytest.approx((1 - 1.06581**-4) / (1 - 1.06581**-20), rel=1e-12)
    assert round(100 * left[15]) == 31
    assert left[-1] == pytest.approx(0, abs=1e-15)


def test_lease_liability_closes_and_costs_are_the_payments() -> None:
    """Three payments of 100 at 10 %: 100 (1/1.1 + 1/1.21 + 1/1.331) = 248.685."""
    for standard in ("operating", "finance"):
        books = lease_books([100.0, 100.0, 100.0], 0.10, 1, standard=standard)
        assert books.liability == pytest.approx([248.685199 * 1.1 - 100, 100 / 1.1, 0], abs=1e-6)
        assert books.cost.sum() == pytest.approx(300)
        assert books.asset[-1] == pytest.approx(0, abs=1e-9)
    assert books.cost[0] > books.cost[-1]  # the finance lease costs more at first


def test_each_criterion_makes_a_finance_lease() -> None:
    plain = {"term_years": 4.0, "life_years": 25.0, "present_value": 40.0, "fair_value": 100.0}
    assert classify(**plain).us_gaap == "operating"
    for change in ({"title": True}, {"purchase": True}, {"specialised": True}, {"term_years": 18.75},
                   {"present_value": 90.0}):  # fmt: skip
        assert classify(**{**plain, **change}).us_gaap == "finance"  # pyright: ignore[reportArgumentType]

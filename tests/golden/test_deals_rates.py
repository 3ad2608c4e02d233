"""Floating rates and prepayment prices against sums written out, and the shipped curve against its own bonds."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from supercycle.deals.calendar.business import is_business_day
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.curves import PAR_YIELDS, SWAP_SPREAD, discount, forwards, shipped_curve
from supercycle.deals.document.numbers import Floating, Number
from supercycle.deals.measures.prepayment import make_whole, private_make_whole, yield_maintenance

D = datetime.date
DAY = datetime.timedelta(days=1)
STEPS = ((D(2026, 1, 1), 0.04), (D(2026, 2, 17), 0.035), (D(2026, 3, 20), 0.0425))


def floating(reset: str, **limits: float) -> Floating:
    return Floating(Number("curve", points=STEPS), Number("value", 0.0225), reset, **limits)


def test_daily_rates_are_fixings_of_business_days_held_over_weekends() -> None:
    periods = Periods(D(2026, 1, 1), 1, 3)
    rates, at, growth, day = [], 0.04, 1.0, D(2026, 1, 1)
    while day < D(2026, 4, 1):
        open_day = is_business_day(day, ["sifma"])
        at = [r for d, r in STEPS if d <= day][-1] if open_day or not rates else at
        rates.append(at)
        day += DAY
    day, k = D(2026, 1, 1), 0
    while k < len(rates):
        held = 1
        while k + held < len(rates) and not is_business_day(day + held * DAY, ["sifma"]):
            held += 1
        growth *= 1 + rates[k] * held / 360
        day, k = day + held * DAY, k + held
    simple = floating("daily_simple").mean(periods, {}, "")[0]
    assert simple == pytest.approx(np.mean(rates) + 0.0225, rel=1e-12)
    compounded = floating("daily_compounded").mean(periods, {}, "")[0]
    assert compounded == pytest.approx((growth - 1) * 360 / 90 + 0.0225, rel=1e-12)
    assert compounded > simple
    assert floating("term").mean(periods, {}, "")[0] == pytest.approx(0.04 + 0.0225)


def test_floors_are_under_the_base_and_caps_over_the_whole() -> None:
    periods = Periods(D(2026, 1, 1), 1, 3)
    assert floating("term", floor=0.045).mean(periods, {}, "")[0] == pytest.approx(0.045 + 0.0225)
    assert floating("term", cap=0.06).mean(periods, {}, "")[0] == pytest.approx(0.06)
    floored = floating("daily_simple", floor=0.04).mean(periods, {}, "")[0]
    days = (D(2026, 4, 1) - D(2026, 3, 20)).days
    assert floored == pytest.approx(0.04 + 0.0025 * days / 90 + 0.0225)


def test_the_shipped_curve_prices_its_own_bonds_at_par() -> None:
    segments = list(forwards())
    for months, percent in PAR_YIELDS.items():
        rate = (percent - SWAP_SPREAD) / 100
        if months < 6:
            assert discount(segments, months) * (1 + rate * months / 12) == pytest.approx(1, abs=1e-10)
            continue
        worth = sum(rate / 2 * discount(segments, m) for m in range(6, months + 1, 6)) + discount(
            segments, months
        )
        assert worth == pytest.approx(1, abs=1e-10)
    assert "not a market quote" in shipped_curve("sofr").source


def test_prepayment_prices_by_hand() -> None:
    """A 7 % note, a year and a half to its par call, Treasury 4.5 % + 50 bp: 3.5 and 103.5 at 2.5 % a half-year."""
    worth = 3.5 / 1.025 + 3.5 / 1.025**2 + 103.5 / 1.025**3
    assert make_whole([3.5, 3.5, 103.5], [0.5, 1.0, 1.5], 0.045, 0.005, par=100) == pytest.approx(worth)
    assert make_whole([3.5, 103.5], [0.5, 1.0], 0.10, 0.0, par=100) == 100  # never below par
    assert private_make_whole(
        [3.5, 3.5, 103.5], [0.5, 1.0, 1.5], 0.045, 0.005, principal=100
    ) == pytest.approx(worth - 100)
    monthly = 1.02 ** (1 / 6) - 1  # a Treasury of 4 %
    lost = [(0.06 - 12 * monthly) / 12 * 50 / (1 + monthly) ** k for k in range(1, 25)]
    found = yield_maintenance(50, 0.06, 0.04, np.arange(1, 25) / 12, np.ones(24))
    assert found == pytest.approx(sum(lost))

"""Published results of finance and queueing, recomputed: expected values are arithmetic or the source's own
numbers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy_financial
import pytest

from supercycle.core.ownership import capital_recovery_factor
from supercycle.decisions.capacity.headroom import (
    carried,
    erlang_c,
    halfin_whitt,
    spares,
)
from supercycle.decisions.choice.real_options import margrabe, mcdonald_siegel
from supercycle.decisions.money.leasing import Lease, break_even_rent, net_advantage_to_leasing
from supercycle.decisions.money.tax import MACRS_5, after_tax_npv, taxes_with_losses


def test_macrs_is_double_declining_balance_with_half_a_first_year() -> None:
    """IRS Publication 946: 200 % declining balance, half-year convention, switch to straight line when larger."""
    left, expected = 1.0, []
    for year in range(6):
        remaining = 5 - year + (0.5 if year else 0.0)  # years of life left at the start of the year
        share = 0.5 if year == 0 else 1.0
        rate = max(2 / 5 * left, left / remaining if remaining >= 1 else left)
        expected.append(rate * share if year < 5 else left)
        left -= expected[-1]
    assert pytest.approx(expected, abs=5e-5) == MACRS_5


def test_npv_with_macrs_and_with_bonus_by_hand() -> None:
    """100 now, 40 a year before tax for 5 years, sold for 10; tax 25 %, 10 %."""
    d = [1.1**-n for n in range(1, 6)]
    dep = [20.0, 32.0, 19.2, 11.52, 11.52]
    basis = 100 - sum(dep)  # 5.76 is deducted from the sale
    macrs = (
        -100 + sum((40 * 0.75 + 0.25 * dep[n]) * d[n] for n in range(5)) + (10 - 0.25 * (10 - basis)) * d[4]
    )
    bonus = -100 + sum(30 * f for f in d) + 25 * d[0] + 7.5 * d[4]
    cash = np.full(5, 40.0)
    terms = {"tax_rate": 0.25, "discount_rate": 0.10, "salvage": 10.0}
    assert after_tax_npv(100.0, cash, rule="macrs", **terms) == pytest.approx(macrs, abs=1e-9)
    assert after_tax_npv(100.0, cash, rule="bonus", **terms) == pytest.approx(bonus, abs=1e-9)
    assert bonus > macrs  # the same deductions, sooner


def test_npv_agrees_with_another_library_and_its_limits() -> None:
    cash = np.array([30.0, 45.0, 60.0])
    untaxed = after_tax_npv(100.0, cash, tax_rate=0.0, discount_rate=0.08, rule="macrs", salvage=5.0)
    assert untaxed == pytest.approx(numpy_financial.npv(0.08, [-100.0, 30.0, 45.0, 65.0]), abs=1e-9)
    rules = [
        after_tax_npv(100.0, cash, tax_rate=0.0, discount_rate=0.08, rule=r)
        for r in ("bonus", "macrs", "straight_line")
    ]
    assert rules == pytest.approx([rules[0]] * 3, abs=1e-9)
    assert after_tax_npv(100.0, np.zeros(1), tax_rate=0.25, discount_rate=0.1, rule="bonus") == pytest.approx(
        -100 * (1 - 0.25 / 1.1)
    )


def test_capital_recovery_factor_is_the_payment_of_a_loan() -> None:
    assert capital_recovery_factor(0.1, 5) == pytest.approx(-numpy_financial.pmt(0.1, 5, 1.0), rel=1e-12)
    assert capital_recovery_factor(1e-12, 5) == pytest.approx(0.2, rel=1e-9)


def test_losses_are_carried_with_the_limit_of_80_percent() -> None:
    """26 U.S.C. 172: 100 deducted against 60 of income leaves 40; next year 40 of 60 is within 80 % of 60 = 48."""
    saved = taxes_with_losses(np.array([[100.0], [0.0]]), 0.25, 60.0)
    assert saved.ravel() == pytest.approx([15.0, 10.0])
    capped = taxes_with_losses(np.array([[200.0], [0.0], [0.0]]), 0.25, 60.0)
    assert capped.ravel() == pytest.approx([15.0, 0.25 * 48, 0.25 * 48])
    assert taxes_with_losses(np.array([[100.0]]), 0.25, 0.0).ravel() == pytest.approx([0.0])


def test_the_lease_of_greymare_bus_lines_costs_700_dollars() -> None:
    """Brealey, Myers and Allen, Principles of Corporate Finance, chapter 'Leasing': a bus of 100,000; eight rents
    of 16,900 in advance; tax 35 %, five-year MACRS, debt at 10 %: the lease's net value is -0.70 thousand, so the
    bus is bought.
    """
    lease = Lease(100.0, (16.9,) * 8, residual=0.0)
    terms = {"tax_rate": 0.35, "debt_rate": 0.10, "residual_rate": 0.10, "rule": "macrs"}
    assert net_advantage_to_leasing(lease, **terms) == pytest.approx(-0.70, abs=0.005)
    rent = break_even_rent(lease, **terms)
    assert rent < 16.9  # cheaper rent would make them equal
    assert net_advantage_to_leasing(Lease(100.0, (rent,) * 8, 0.0), **terms) == pytest.approx(0.0, abs=1e-9)


def test_leasing_and_borrowing_are_equal_without_tax() -> None:
    """Limit: rents whose value at the debt rate is the price, and no residual."""
    rent = 100.0 / sum(1.08**-k for k in range(4))
    found = net_advantage_to_leasing(
        Lease(100.0, (rent,) * 4, 0.0), tax_rate=0.0, debt_rate=0.08, residual_rate=0.2, rule="macrs"
    )
    assert found == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(("servers", "load"), [(2, 1.0), (5, 3.0), (10, 8.0), (20, 18.0)])
def test_erlang_c_is_its_series(servers: int, load: float) -> None:
    """The defining series, with factorials; 10 servers at 8 erlangs wait with 0.409 (Cooper, table of C(s, a))."""
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    total = sum(load**k / math.factorial(k) for k in range(servers)) + last
    assert erlang_c(servers, load) == pytest.approx(last / total, rel=1e-12)
    if (servers, load) == (10, 8.0):
        assert erlang_c(servers, load) == pytest.approx(0.409, abs=5e-4)


def test_erlang_c_at_its_ends() -> None:
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert erlang_c(7, 0.0) == 0.0
    assert erlang_c(3, 3.0) == 1.0


def test_square_root_staffing_is_the_limit_of_erlang_c() -> None:
    """Halfin and Whitt 1981: with n = a + beta sqrt(a), the chance of waiting tends to 1 / (1 + beta Phi / phi)."""
    for beta in (0.5, 1.0, 2.0):
        load = 10_000.0
        exact = erlang_c(round(load + beta * math.sqrt(load)), load)
        assert exact == pytest.approx(halfin_whitt(beta), rel=0.03)
    assert halfin_whitt(0.0) == 1.0
    # Both sides of the place where the limit stands in for the series carry the same to 1 %.
    exact, limit = carried(np.array([150.0, 151.0]), 0.0, 0.1)
    assert limit / 151 == pytest.approx(exact / 150, rel=0.01)


def test_what_slots_carry_is_where_erlang_c_meets_the_share() -> None:
    """Put back: at the load found the chance of waiting is the share, in the series of Erlang."""
    slots = np.array([1.0, 2.0, 7.0, 60.0])
    for n, load in zip(slots, carried(slots, 0.0, 0.05), strict=True):
        assert erlang_c(int(n), float(load)) == pytest.approx(0.05, rel=1e-6)
    assert carried(np.array([1.0]), 0.0, 0.05)[0] == pytest.approx(0.05)  # one server: the chance is its load


def test_spares_by_the_binomial() -> None:
    """Ten servers, 1 % down: none fails with 0.99 ** 10; two or more of twelve with the rest of three terms."""
    assert 0.99**10 < 0.99 <= 0.99**11 + 11 * 0.01 * 0.99**10
    assert spares(10, 0.01, 0.99) == 1
    three = 0.99**12 + 12 * 0.01 * 0.99**11 + 66 * 0.01**2 * 0.99**10
    assert three >= 0.999
    assert spares(10, 0.01, 0.999) == 2
    # many units: the normal law's 3.09 deviations above the mean 1,010 down of 101,000
    assert spares(100_000, 0.01, 0.999) == pytest.approx(1010 + 3.09 * math.sqrt(1010 * 0.99), abs=5)


@pytest.mark.parametrize(("sd", "printed"), [(0.2, 2.0), (0.4, 3.73)])
def test_the_trigger_of_mcdonald_and_siegel(sd: float, printed: float) -> None:
    """Dixit and Pindyck, Investment under Uncertainty, 1994, chapter 5: r = payout = 0.04; 2 at sd 0.2, 3.73 at
    0.4.
    """
    beta = 0.5 + math.sqrt(0.25 + 2 * 0.04 / sd**2)
    found = mcdonald_siegel(1.0, 1.0, discount_rate=0.04, payout=0.04, sd=sd)
    assert found.ratio == pytest.approx(beta / (beta - 1), rel=1e-12)
    assert found.ratio == pytest.approx(printed, abs=0.005)


def test_the_trigger_solves_its_equation_with_value_matching_and_smooth_pasting() -> None:
    r, g, payout, sd = 0.07, 0.15, 0.12, 0.3
    found = mcdonald_siegel(1.0, 1.0, discount_rate=r, payout=payout, sd=sd, deflation=g)
    beta = found.beta
    assert 0.5 * sd**2 * beta * (beta - 1) + (r + g - payout) * beta - (r + g) == pytest.approx(
        0.0, abs=1e-12
    )
    level = (found.ratio - 1) / found.ratio**beta
    assert beta * level * found.ratio ** (beta - 1) == pytest.approx(
        1.0
    )  # slope of the option meets slope of the payoff


def test_without_uncertainty_waiting_ends_when_the_saving_meets_the_fall_in_cost() -> None:
    """Limit sd = 0: benefit V e^((r - payout) t), cost e^(-g t); the best time maximises e^(-rt)(benefit - cost)."""
    r, g, payout = 0.10, 0.20, 0.25
    times = np.linspace(0, 10, 100_001)
    value = 0.9 * np.exp(-payout * times) - np.exp(-(r + g) * times)
    best = times[int(np.argmax(value))]
    at_best = 0.9 * math.exp((r - payout + g) * best)
    assert mcdonald_siegel(
        0.9, 1.0, discount_rate=r, payout=payout, sd=0.0, deflation=g
    ).ratio == pytest.approx(at_best, rel=1e-3)
    assert math.isinf(mcdonald_siegel(1.0, 1.0, discount_rate=0.05, payout=0.0, sd=0.2).ratio)


def test_margrabe_is_black_scholes_against_cash() -> None:
    """Hull, Options, Futures and Other Derivatives: S = K = 100, r = 5 %, sd 20 %, one year: a call of 10.4506."""
    call = margrabe(100.0, 100.0 * math.exp(-0.05), years=1.0, sd_first=0.2, sd_second=0.0, correlation=0.0)
    assert call == pytest.approx(10.4506, abs=5e-5)


def test_margrabe_is_homogeneous_and_has_its_limit() -> None:
    terms = {"years": 2.0, "sd_first": 0.3, "sd_second": 0.2, "correlation": 0.5}
    assert margrabe(220.0, 200.0, **terms) == pytest.approx(2 * margrabe(110.0, 100.0, **terms), rel=1e-12)
    parity = margrabe(110.0, 100.0, **terms) - margrabe(
        100.0, 110.0, years=2.0, sd_first=0.2, sd_second=0.3, correlation=0.5
    )
    assert parity == pytest.approx(10.0, abs=1e-9)
    assert margrabe(110.0, 100.0, years=0.0, sd_first=0.3, sd_second=0.2, correlation=0.5) == 10.0

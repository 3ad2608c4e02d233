"""Floating legs and swaps against QuantLib, and swaps against loans at a fixed rate, sums by hand and refinancing."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import numpy as np
import pytest
import QuantLib as Ql  # pyright: ignore[reportMissingTypeStubs]

from supercycle.core.errors import InputError
from supercycle.deals.calendar.business import is_business_day
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.curves import shipped_curve
from supercycle.deals.document.numbers import Floating, Number
from supercycle.deals.document.read import read_deal
from supercycle.deals.run import run

D = datetime.date
ql: Any = Ql
SOFR = shipped_curve("sofr")
CENTRE = ("sifma",)


def date(day: D) -> Any:
    return ql.Date(day.day, day.month, day.year)


def calendar_of_the_market(first: D, last: D) -> Any:
    """QuantLib's calendar with exactly the days that are business days here (they are compared elsewhere)."""
    found = ql.BespokeCalendar("sifma")
    found.addWeekend(ql.Saturday)
    found.addWeekend(ql.Sunday)
    day = first
    while day <= last:
        if day.weekday() < 5 and not is_business_day(day, CENTRE):
            found.addHoliday(date(day))
        day += datetime.timedelta(days=1)
    return found


def level(day: D) -> float:
    return [rate for start, rate in SOFR.points if start <= day][-1]


@pytest.mark.parametrize("lookback", [0, 2, 5])
def test_daily_compounded_and_simple_are_quantlibs(lookback: int) -> None:
    """Eight quarters in arrears with a lookback and no observation shift, each fixing known."""
    start, stop = D(2026, 1, 15), D(2028, 1, 15)
    periods = Periods(start, 8, 3)
    calendar = calendar_of_the_market(D(2025, 12, 1), stop)
    index = ql.OvernightIndex(
        "sofr", 0, ql.USDCurrency(), calendar, ql.Actual360(), ql.YieldTermStructureHandle()
    )
    index.clearFixings()
    ql.Settings.instance().evaluationDate = date(D(2028, 6, 1))
    day = D(2025, 12, 1)
    while day < stop:
        if is_business_day(day, CENTRE):
            index.addFixing(date(day), level(day))
        day += datetime.timedelta(days=1)
    kinds = {"daily_compounded": ql.RateAveraging.Compound}
    if not lookback:  # QuantLib has no simple average with one
        kinds["daily_simple"] = ql.RateAveraging.Simple
    for reset, averaging in kinds.items():
        ours = Floating(SOFR, Number("value", 0.0), reset, overnight=True, lookback=lookback).mean(
            periods, {}, ""
        )
        for t, (a, b) in enumerate(zip(periods.starts, periods.ends, strict=True)):
            coupon = ql.OvernightIndexedCoupon(
                date(b), 1.0, date(a), date(b), index, 1.0, 0.0, ql.Date(), ql.Date(), ql.Actual360(), False, averaging,
                lookback, 0, False,
            )  # fmt: skip
            assert ours[t] == pytest.approx(coupon.rate(), abs=2e-7), (reset, t)
    index.clearFixings()


def curve() -> Any:
    """QuantLib's discount curve of the shipped one: overnight rates compounded over business days."""
    start, stop = D(2026, 10, 1), D(2036, 10, 1)
    dates, factors, day = [date(start)], [1.0], start
    while day < stop:
        held = 1
        while not is_business_day(day + datetime.timedelta(days=held), CENTRE):
            held += 1
        factors.append(factors[-1] / (1 + level(day) * held / 360))
        day += datetime.timedelta(days=held)
        dates.append(date(day))
    return ql.DiscountCurve(dates, factors, ql.Actual360())


LOAN = """schema: supercycle.deal/2
name: swapped
money: USD_m
calendar: {start: 2026-10-01, periods: 40, months: 3}
assets: [{name: works, spend: {amounts: {2026-10-01: 140}}, value: 150}]
contracts: [{name: rent, kind: lease, asset: works, start: 2026-10-01, term_years: 10, rent: 60}]
facilities:
  - {name: loan, kind: term, amount: 100, rate: RATE, day_count: ACT/360, maturity: 2036-10-01,
     amortisation: {type: RULE}}
enforcement: {cost: 10 %}
SWAPSwaterfall:
  - {do: pay, what: interest, of: loan}
PAY  - {do: pay, what: principal, of: loan}
  - {do: distribute}
"""
PAY = "  - {do: pay, what: settlement, of: hedge}\n"


def loan(
    swap: str = "", rate: str = "{base: sofr, reset: term, margin: 225 bp}", rule: str = "level_principal"
) -> str:
    text = LOAN.replace("RATE", rate).replace("RULE", rule)
    text = text.replace("SWAPS", f"swaps: [{{name: hedge, of: loan, {swap}}}]\n" if swap else "")
    return text.replace("PAY", PAY if swap else "")


def test_a_swap_on_a_falling_notional_is_worth_what_quantlib_says() -> None:
    """At the end of every quarter, and its rate at par; the notional steps down to nothing."""
    steps = {D(2026 + k, 10, 1): 100.0 - 10 * k for k in range(10)}
    notional = ", ".join(f"{d}: {v}" for d, v in steps.items())
    found = run(read_deal(loan(f"notional: {{curve: {{{notional}}}}}, fixed: 4.1 %")))
    par = run(read_deal(loan(f"notional: {{curve: {{{notional}}}}}, charge: 10 bp"))).prepared.swaps[0].fixed
    periods = found.prepared.periods
    built = curve()
    handle = ql.YieldTermStructureHandle(built)
    ql.Settings.instance().evaluationDate = date(D(2026, 10, 1))
    index = ql.IborIndex("term", ql.Period(3, ql.Months), 0, ql.USDCurrency(), ql.NullCalendar(), ql.Unadjusted, False,
                         ql.Actual360(), handle)  # fmt: skip
    schedule = ql.Schedule([date(d) for d in periods.edges])
    levels = [[v for d, v in steps.items() if d <= s][-1] for s in periods.starts]
    fixed = ql.FixedRateLeg(schedule, ql.Actual360(), levels, [0.041])
    floating = ql.IborLeg(levels, schedule, index, ql.Actual360())
    floats = [ql.as_floating_rate_coupon(c) for c in floating]
    for t, coupon in enumerate(floats):
        rate = found.prepared.plans[0].rate[t] - 0.0225
        # A quarter may begin on a Saturday or Sunday, when a fixing is held; QuantLib reads its curve between them.
        forward = built.forwardRate(
            coupon.accrualStartDate(), coupon.accrualEndDate(), ql.Actual360(), ql.Simple
        )
        assert rate == pytest.approx(forward.rate(), abs=2e-6)
    swap = ql.Swap(fixed, floating)
    swap.setPricingEngine(ql.DiscountingSwapEngine(handle))
    assert found["hedge.worth"].shape[0] == 40
    settled = found["hedge.settled"][:, 0]
    worth = sum(x * built.discount(date(e)) for x, e in zip(settled, periods.ends, strict=True))
    assert worth == pytest.approx(swap.NPV(), abs=1e-4)
    annuity = swap.legBPS(0) / -1e-4
    assert par - 0.0010 == pytest.approx(0.041 + swap.NPV() / annuity, abs=2e-7)
    for t in (3, 7, 19, 35):
        ahead = sum(
            x * built.discount(date(e)) / built.discount(date(periods.ends[t]))
            for x, e in list(zip(settled, periods.ends, strict=True))[t + 1 :]
        )
        assert found["hedge.worth"][t, 0] == pytest.approx(ahead, abs=2e-5)


@pytest.mark.parametrize("rule", ["level_principal", "level_payment", "bullet", "sculpted, dscr: 1.4"])
def test_a_loan_swapped_in_full_is_a_loan_at_the_fixed_rate(rule: str) -> None:
    text = loan("share: 100 %, fixed: 4.3 %", rule=rule)
    plain = loan(rate="6.55 %", rule=rule)
    swapped, fixed = run(read_deal(text)), run(read_deal(plain))
    assert np.allclose(swapped["loan.balance"], fixed["loan.balance"], atol=1e-9)
    assert np.allclose(swapped["equity_out"], fixed["equity_out"], atol=1e-9)
    assert np.allclose(swapped["service"], fixed["service"], atol=1e-9)
    both = swapped["loan.interest"] + swapped["hedge.paid"] - swapped["hedge.received"]
    assert np.allclose(both, fixed["loan.interest"], atol=1e-9)


def test_the_net_of_a_date_by_hand() -> None:
    """A quarter at 4 %, then 3 %: 95 % of 100 against 3.5 %, ACT/360 of 92 and 90 days."""
    rate = "{base: {curve: {2026-10-01: 4 %, 2027-01-01: 3 %}}, reset: term, margin: 2 %}"
    text = loan("share: 95 %, fixed: 3.5 %", rate=rate, rule="bullet")
    found = run(read_deal(text))
    assert found["hedge.received"][0, 0] == pytest.approx(95 * 0.005 * 92 / 360)
    assert found["hedge.paid"][1, 0] == pytest.approx(95 * 0.005 * 90 / 360)
    assert found["service"][0, 0] == pytest.approx(100 * 0.06 * 92 / 360 - 95 * 0.005 * 92 / 360)
    # Thirty-eight quarters of 0.5 % on 95 to come, discounted at 3 %.
    ends = found.prepared.periods.ends
    days = [(b - a).days for a, b in itertools.pairwise(ends[1:])]
    worth, growth = 0.0, 1.0
    for n in days:
        growth *= 1 + 0.03 * n / 360
        worth -= 95 * 0.005 * n / 360 / growth
    assert found["hedge.worth"][1, 0] == pytest.approx(worth, rel=1e-12)


def taken(fixed: str) -> str:
    text = loan(f"share: 90 %, fixed: {fixed}").replace("enforcement: {cost: 10 %}\n", "")
    bond = """  - {name: bond, kind: refinancing, amount: 200, rate: 6 %, maturity: 2036-10-01, upfront_fee: 1 %,
     takes_out: {of: loan, on: 2029-10-01}, amortisation: {type: level_payment}}
"""
    pays = "  - {do: pay, what: interest, of: bond}\n  - {do: pay, what: principal, of: bond}\n"
    return text.replace("swaps:", f"{bond}swaps:").replace(
        "  - {do: distribute}", f"{pays}  - {{do: distribute}}"
    )


@pytest.mark.parametrize("fixed", ["5 %", "3 %"])
def test_a_swap_ends_at_its_worth_when_its_loan_is_refinanced(fixed: str) -> None:
    """A cost is lent with the new debt and paid that day; a gain is cash. Nothing is settled afterwards."""
    found = run(read_deal(taken(fixed)))
    at = 11
    alone = run(read_deal(loan(f"share: 90 %, fixed: {fixed}").replace("enforcement: {cost: 10 %}\n", "")))
    worth = alone["hedge.worth"][at, 0]
    assert found["hedge.ended"][at, 0] == pytest.approx(worth, rel=1e-9)
    owed = alone["loan.balance"][at, 0]
    cost = max(-worth, 0.0)
    # What the loan still owes on the date, its scheduled principal of the date among it, and the cost; 1 % fee.
    assert found["bond.drawn"][at, 0] == pytest.approx((owed + 100 / 40 + cost) / 0.99, rel=1e-9)
    net = found["hedge.received"] - found["hedge.paid"]
    assert net[at, 0] == pytest.approx(alone["hedge.settled"][at, 0] + worth, rel=1e-9)
    assert np.abs(net[at + 1 :]).max() == 0
    assert found["hedge.worth"][at, 0] == 0


def test_a_swap_that_is_against_lenders_is_paid_from_a_sale() -> None:
    text = loan("share: 100 %, fixed: 6 %", rule="bullet").replace(
        "rent: 60", "rent: {curve: {2026-10-01: 60, 2028-10-01: 0}}"
    )
    found = run(read_deal(text))
    at = int(np.flatnonzero(found["sale"][:, 0])[0])
    assert found["hedge.ended"][at, 0] < 0
    assert found["hedge.paid"][at, 0] > -found["hedge.ended"][at, 0] - 1e-9
    assert found["hedge.unpaid"][at:, 0].max() <= 1e-9
    assert np.abs(found["hedge.settled"][at + 1 :]).max() == 0


class Sheet:
    """A sheet that keeps nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    def put(self, row: int, column: int, value: Any, *, bold: bool = False) -> None: ...

    def day(self, row: int, column: int, value: Any) -> None: ...

    def formula(self, row: int, column: int, text: str, value: Any) -> None: ...


POOR = "rent: {curve: {2026-10-01: 60, 2028-10-01: 0}}"


@pytest.mark.parametrize(
    "text",
    [
        loan("share: 100 %, fixed: 6 %", rule="bullet").replace("rent: 60", POOR),
        loan("share: 80 %, fixed: 4.3 %", rule="level_payment"),
        loan("share: 80 %, fixed: 4.3 %", rule="sculpted, dscr: 1.4"),
        loan("share: 60 %, fixed: 5 %").replace("2036-10-01,\n", "2036-10-01, interest_months: 6,\n"),
        taken("5 %"),
        taken("3 %"),
    ],
)
def test_the_workbooks_formulas_are_the_engine_with_a_swap(text: str) -> None:
    """Settled, ended in a sale and with a refinancing: every series of the live model is the engine's."""
    from supercycle.service.deal_model.model import write_model

    found = write_model({k: Sheet(k) for k in ("Inputs", "Model", "Build", "Check")}, run(read_deal(text)))
    assert found["live"]
    assert found["worst"] <= 1e-12


@pytest.mark.parametrize(
    ("swap", "message"),
    [
        ("fixed: 4 %", "a share or a notional"),
        ("share: 50 %, notional: 3, fixed: 4 %", "a share or a notional"),
        ("share: 50 %, fixed: 4 %, charge: 5 bp", "'fixed' is the whole rate"),
        ("share: 50 %, fixed: 400", "without its sign"),
        ("share: 50 %, fixed: 4 %, until: 2031-11-01", "not on a payment date"),
        ("share: 50 %, fixed: 4 %, until: 2037-10-01", "dates out of order"),
        ("share: 50 %, fixed: 4 %, floored: true", "has no floor"),
        ("notional: {curve: {2027-01-01: 50}}, fixed: 4 %", "no notional on the first day"),
        ("notional: {curve: {2026-10-01: 50, 2027-02-01: 20}}, fixed: 4 %", "not on a payment date"),
        ("notional: {ramp: {from: 2026-10-01, to: 2028-10-01, start: 9, end: 1}}, fixed: 4 %", "steps on dates"),
    ],
)  # fmt: skip
def test_swaps_that_would_not_run_are_refused_with_their_line(swap: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        read_deal(loan(swap), origin="s.yaml")
    assert str(told.value).startswith("s.yaml:")


def test_a_rate_at_par_is_refused_where_it_would_run_in_a_circle() -> None:
    with pytest.raises(InputError, match="depends on the hedged rate"):
        read_deal(loan("share: 50 %", rule="level_payment"))

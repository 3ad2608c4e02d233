"""The calendar against QuantLib: schedules with stubs, month ends and business days, and every day count on them."""

from __future__ import annotations

import datetime
import itertools
import warnings
from typing import Any

import numpy as np
import pytest

from supercycle.deals.calendar.business import adjusted, is_business_day, later_business_day
from supercycle.deals.calendar.daycounts import add_months, is_month_end
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Schedule

D = datetime.date
CALENDARS = 500


@pytest.fixture(scope="module")
def ql() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip("QuantLib", exc_type=ImportError)


def theirs(ql: Any, date: datetime.date) -> Any:
    return ql.Date(date.day, date.month, date.year)


def ours(date: Any) -> datetime.date:
    return D(date.year(), date.month(), date.dayOfMonth())


def drawn(draw: np.random.Generator) -> Schedule:
    """A calendar with or without a first stub, a last stub, month ends and business days."""
    start = D(2024, 1, 1) + datetime.timedelta(days=int(draw.integers(0, 700)))
    months = int(draw.choice([1, 3, 6, 12]))
    first = None
    if draw.random() < 0.5:
        first = start + datetime.timedelta(days=int(draw.integers(10, 55 * months)))
        if first > add_months(start, 2 * months):
            first = None
    anchor = first or start
    month_ends = bool(draw.random() < 0.7) if is_month_end(anchor) else None
    until = add_months(anchor, months * int(draw.integers(2, 12)), end_of_month=bool(month_ends))
    stub = ""
    if draw.random() < 0.4:
        until += datetime.timedelta(days=int(draw.integers(5, 25)))
        stub = str(draw.choice(["short", "long"]))
    rule = str(draw.choice(["none", "following", "modified_following", "preceding"]))
    return Schedule(start=start, months=months, first=first, until=until, stub=stub, end_of_month=month_ends,
                    business_days=rule, centres=() if rule == "none" else ("target",))  # fmt: skip


def test_five_hundred_calendars_are_those_of_quantlib(ql: Any) -> None:
    draw = np.random.default_rng(20)
    rules = {"none": ql.Unadjusted, "following": ql.Following, "modified_following": ql.ModifiedFollowing,
             "preceding": ql.Preceding}  # fmt: skip
    counts = {
        "30/360": ql.Thirty360(ql.Thirty360.BondBasis), "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
        "ACT/360": ql.Actual360(), "ACT/365F": ql.Actual365Fixed(),
        "ACT/ACT ISDA": ql.ActualActual(ql.ActualActual.ISDA),
    }  # fmt: skip
    seen = {"first": 0, "last": 0, "month ends": 0, "moved": 0}
    for _ in range(CALENDARS):
        calendar = drawn(draw)
        laid, month_ends = calendar.lay(), bool(calendar.end_of_month)
        # QuantLib makes a short last stub; a long one has the last whole date taken out.
        anchor = calendar.first or calendar.start
        made = ql.MakeSchedule(
            theirs(ql, anchor), theirs(ql, calendar.until), ql.Period(calendar.months, ql.Months), forwards=True,
            calendar=ql.NullCalendar(), convention=ql.Unadjusted, terminalDateConvention=ql.Unadjusted,
            endOfMonth=month_ends,
        )  # fmt: skip
        wanted = [ours(d) for d in made]
        if calendar.stub == "long" and laid.last is not None and len(wanted) > 2:
            del wanted[-2]
        if calendar.first is not None:
            wanted.insert(0, calendar.start)
        assert list(laid.edges) == wanted, calendar
        centre = ql.TARGET()
        moved = [ours(centre.adjust(theirs(ql, d), rules[calendar.business_days])) for d in wanted[1:]]
        assert list(laid.moved[1:]) == moved, calendar
        for basis, counter in counts.items():
            if basis == "30/360" and month_ends:
                continue  # on month ends ours is 30E/360 ISDA, tested below
            pairs = itertools.pairwise(wanted)
            fractions = [counter.yearFraction(theirs(ql, a), theirs(ql, b)) for a, b in pairs]
            assert laid.fractions(basis) == pytest.approx(fractions, abs=1e-15), (calendar, basis)
        seen["first"] += calendar.first is not None
        seen["last"] += laid.last is not None
        seen["month ends"] += month_ends
        seen["moved"] += list(laid.moved[1:]) != wanted[1:]
    assert min(seen.values()) > 5, seen


def test_stubs_of_act_act_icma_are_those_of_quantlib(ql: Any) -> None:
    """A short and a long first stub, a short and a long last one, by the reference periods of the schedule."""
    for calendar in (
        Schedule(start=D(2025, 11, 10), first=D(2026, 2, 15), until=D(2028, 8, 15), months=6),
        Schedule(start=D(2025, 6, 10), first=D(2026, 2, 15), until=D(2028, 8, 15), months=6),
        Schedule(start=D(2026, 2, 15), until=D(2028, 5, 1), months=6, stub="short"),
        Schedule(start=D(2026, 2, 15), until=D(2028, 10, 1), months=6, stub="long"),
    ):
        laid = calendar.lay()
        dates = [theirs(ql, d) for d in laid.edges]
        flags = [not ((t == 0 and laid.first is not None) or (t == laid.count - 1 and laid.last is not None))
                 for t in range(laid.count)]  # fmt: skip
        schedule = ql.Schedule(dates, ql.NullCalendar(), ql.Unadjusted, ql.Unadjusted, ql.Period(6, ql.Months),
                               ql.DateGeneration.Forward, False, flags)  # fmt: skip
        counter = ql.ActualActual(ql.ActualActual.ISMA, schedule)
        wanted = [counter.yearFraction(a, b) for a, b in itertools.pairwise(dates)]
        assert laid.fractions("ACT/ACT ICMA") == pytest.approx(wanted, abs=1e-12)


def test_coupons_on_month_ends_are_equal() -> None:
    """30/360 from 31 August, twice a year: 3.000 each time, not 2.967 and 3.050."""
    laid = Periods(D(2026, 8, 31), 6, 6, end_of_month=True)
    assert [str(e) for e in laid.ends[:3]] == ["2027-02-28", "2027-08-31", "2028-02-29"]
    assert (laid.fractions("30/360") == 0.5).all()
    assert [str(e) for e in Periods(D(2026, 2, 28), 2, 6).ends] == ["2026-08-28", "2027-02-28"]


# Where ours and QuantLib's calendars differ from 2024 to 2055: nowhere. A difference would be listed with its reason.
DIFFERENCES = {
    "new_york": set[datetime.date](),
    "target": set[datetime.date](),
    "london": set[datetime.date](),
    "sifma": set[datetime.date](),
}


@pytest.mark.parametrize("centre", list(DIFFERENCES))
def test_business_days_are_those_of_quantlib_but_for_a_list(ql: Any, centre: str) -> None:
    calendar = {
        "new_york": ql.UnitedStates(ql.UnitedStates.FederalReserve), "target": ql.TARGET(),
        "london": ql.UnitedKingdom(ql.UnitedKingdom.Settlement),
        "sifma": ql.UnitedStates(ql.UnitedStates.GovernmentBond),
    }[centre]  # fmt: skip
    differing = set[datetime.date]()
    for ordinal in range(D(2024, 1, 1).toordinal(), D(2056, 1, 1).toordinal()):
        date = D.fromordinal(ordinal)
        if calendar.isBusinessDay(theirs(ql, date)) != is_business_day(date, [centre]):
            differing.add(date)
    assert differing == DIFFERENCES[centre]


def test_a_lag_counts_business_days() -> None:
    """From Good Friday 2027: the payment moves to Tuesday after Easter, two days later is Thursday."""
    assert adjusted(D(2027, 3, 26), "following", ["target"]) == D(2027, 3, 30)
    assert later_business_day(D(2027, 3, 30), 2, ["target"]) == D(2027, 4, 1)
    laid = Periods(D(2026, 9, 26), 1, 6, rule="following", centres=("target",), lag=2)
    assert laid.pays == (D(2027, 4, 1),)

"""The same numbers from libraries others trust: QuantLib, NREL PySAM, numpy-financial, pyxirr, ifrs16kit.

They are test dependencies alone and each test is skipped where its library has no wheel.
"""

from __future__ import annotations

import datetime
import warnings
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from supercycle.core.returns import duration, irr, npv, xirr, yield_at_price
from supercycle.deals.calendar.daycounts import DAY_COUNTS, year_fraction
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.amortise import annuity_shares
from supercycle.deals.measures.lessee import lease_books
from supercycle.deals.run import run

D = datetime.date
LOAN = """schema: supercycle.deal/2
name: loan
money: USD_m
calendar: {start: 2026-01-15, periods: 20, months: 6}
contracts:
  - {name: rent, kind: lease, start: 2026-01-15, term_years: 10, rent: 1000}
facilities:
  - {name: loan, kind: term, amount: 100, rate: 6.5 %, maturity: 2036-01-15, amortisation: {type: RULE}}
waterfall:
  - {do: pay, what: interest, of: loan}
  - {do: pay, what: principal, of: loan}
  - {do: distribute}
"""


def oracle(name: str) -> Any:
    """Import a library; the deprecations of its own generated bindings are not ours to fail on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pytest.importorskip(name, exc_type=ImportError)


@pytest.mark.parametrize("basis", list(DAY_COUNTS))
def test_day_counts_are_those_of_quantlib(basis: str) -> None:
    ql = oracle("QuantLib")
    counter = {
        "30/360": ql.Thirty360(ql.Thirty360.BondBasis),
        "30E/360": ql.Thirty360(ql.Thirty360.EurobondBasis),
        "30E/360 ISDA": ql.Thirty360(ql.Thirty360.German),
        "ACT/360": ql.Actual360(),
        "ACT/365F": ql.Actual365Fixed(),
        "ACT/ACT ISDA": ql.ActualActual(ql.ActualActual.ISDA),
        "ACT/ACT ICMA": ql.ActualActual(ql.ActualActual.ISMA),
    }[basis]
    draw = np.random.default_rng(5)
    first = D(2019, 12, 20).toordinal()
    for _ in range(400):
        start = D.fromordinal(first + int(draw.integers(0, 2500)))
        end = D.fromordinal(start.toordinal() + int(draw.integers(1, 1500)))
        a, b = (ql.Date(x.day, x.month, x.year) for x in (start, end))
        if basis == "ACT/ACT ICMA":  # a whole coupon period of six months
            b = a + ql.Period(6, ql.Months)
            end = D(b.year(), b.month(), b.dayOfMonth())
            wanted, found = (
                counter.yearFraction(a, b, a, b),
                year_fraction(start, end, basis, periods_per_year=2),
            )
        else:
            wanted, found = counter.yearFraction(a, b), year_fraction(start, end, basis)
        assert found == pytest.approx(wanted, abs=1e-14), (start, end)


@pytest.mark.parametrize("rule", ["level_payment", "level_principal", "bullet"])
def test_an_amortising_loan_is_quantlibs_bond(rule: str) -> None:
    """Cash flows, clean price to yield, Macaulay and modified duration of a semi-annual amortising bond."""
    ql = oracle("QuantLib")
    start, end = ql.Date(15, 1, 2026), ql.Date(15, 1, 2036)
    ql.Settings.instance().evaluationDate = start
    schedule = ql.Schedule(start, end, ql.Period(6, ql.Months), ql.NullCalendar(), ql.Unadjusted, ql.Unadjusted,
                           ql.DateGeneration.Forward, False)  # fmt: skip
    rate, day_count = 0.065, ql.Thirty360(ql.Thirty360.BondBasis)
    notionals = {
        "level_payment": ql.sinkingNotionals(ql.Period(10, ql.Years), ql.Semiannual, rate, 100.0),
        "level_principal": [100.0 - 5 * k for k in range(20)],
        "bullet": [100.0] * 20,
    }[rule]
    bond = ql.AmortizingFixedRateBond(0, list(notionals)[:20], schedule, [rate], day_count)
    wanted: dict[D, float] = {}
    for flow in bond.cashflows():
        at = flow.date()
        day = D(at.year(), at.month(), at.dayOfMonth())
        wanted[day] = wanted.get(day, 0.0) + flow.amount()
    found = run(read_deal(LOAN.replace("RULE", rule)))
    paid = (found["loan.interest"] + found["loan.principal"])[:, 0]
    ends = found.prepared.periods.ends
    assert dict(zip(ends, paid, strict=True)) == pytest.approx(wanted, rel=1e-9)
    times = found.prepared.periods.times
    for price in (92.0, 100.0, 109.0):
        quoted = ql.BondPrice(price, ql.BondPrice.Clean)
        street = bond.bondYield(quoted, day_count, ql.Compounded, ql.Semiannual, start, 1e-13, 500)
        ours = yield_at_price(paid, price, times)
        assert ours.rate[0] == pytest.approx(street, abs=1e-9)
        at = ql.InterestRate(street, day_count, ql.Compounded, ql.Semiannual)
        macaulay, modified = duration(paid, street, times)
        assert macaulay[0] == pytest.approx(
            ql.BondFunctions.duration(bond, at, ql.Duration.Macaulay), rel=1e-9
        )
        assert modified[0] == pytest.approx(
            ql.BondFunctions.duration(bond, at, ql.Duration.Modified), rel=1e-9
        )


@pytest.mark.parametrize(("dscr", "rate", "tenor"), [(1.3, 7.0, 18), (1.6, 4.5, 12), (1.15, 9.25, 20)])
def test_sculpted_debt_is_that_of_nrel_sam(dscr: float, rate: float, tenor: int) -> None:
    """SAM's single-owner model sizes debt on its own cash; the shipped solar deal on the same cash owes the same."""
    model = oracle("PySAM.Singleowner").default("CustomGenerationProfileSingleOwner")
    model.SystemOutput.gen = [20_000.0] * 8760
    model.SystemOutput.system_pre_curtailment_kwac = [20_000.0] * 8760
    terms = model.FinancialParameters
    terms.debt_option, terms.dscr, terms.term_int_rate, terms.term_tenor = 1, dscr, rate, tenor
    model.execute()
    sam = model.Outputs
    cash = np.asarray(sam.cf_cash_for_ds)[1 : tenor + 1] / 1e6
    curve = ", ".join(f"{2026 + k}-01-01: {v!r}" for k, v in enumerate(cash.tolist()))
    text = (files("supercycle.deals") / "examples" / "solar_sculpted.yaml").read_text(encoding="utf-8")
    laid = {
        "contracts.ppa.rent": f"{{curve: {{{curve}}}}}", "contracts.ppa.escalator": "0", "contracts.ppa.opex": "0",
        "contracts.merchant.rent": "0", "facilities.term_loan.rate": f"{rate} %",
        "facilities.term_loan.maturity": f"{2026 + tenor}-01-01",
        "facilities.term_loan.amortisation.streams": f"[{{contract: ppa, dscr: {dscr}}}]",
        "facilities.term_loan.amortisation.gearing": "0",
    }  # fmt: skip
    found = run(read_deal(text, settings=laid))
    assert found.prepared.plans[0].amount == pytest.approx(sam.size_of_debt / 1e6, rel=1e-9)
    balance = np.asarray(sam.cf_debt_balance)[1 : tenor + 1] / 1e6
    assert found["term_loan.balance"][:tenor, 0] == pytest.approx(balance, abs=1e-6)
    service = np.asarray(sam.cf_debt_payment_total)[1 : tenor + 1] / 1e6
    assert found["service"][:tenor, 0] == pytest.approx(service, rel=1e-8)
    assert found["test.cover"][:tenor, 0] == pytest.approx(dscr, rel=1e-8)


def test_annuities_and_values_are_those_of_numpy_financial() -> None:
    npf = oracle("numpy_financial")
    for rate, count in ((0.01, 8), (0.05, 30), (0.2, 5)):
        shares = annuity_shares(np.full(count, rate), np.ones(count))
        balance = 100.0
        for k in range(count):
            assert shares[k] * balance == pytest.approx(-float(npf.ppmt(rate, k + 1, count, 100.0)), rel=1e-9)
            assert rate * balance == pytest.approx(-float(npf.ipmt(rate, k + 1, count, 100.0)), rel=1e-9)
            balance *= 1 - shares[k]
    draw = np.random.default_rng(3)
    for _ in range(200):
        flows = draw.normal(1, 1, 12)
        flows[0] = -8
        assert npv(flows, 0.07, np.arange(12))[0] == pytest.approx(float(npf.npv(0.07, flows)), rel=1e-9)
        ours = irr(flows)
        if ours.words() == ["unique"]:
            assert ours.rate[0] == pytest.approx(float(npf.irr(flows)), rel=1e-6, abs=1e-9)


def test_dated_rates_are_those_of_pyxirr() -> None:
    pyxirr = oracle("pyxirr")
    draw = np.random.default_rng(4)
    compared = 0
    for _ in range(200):
        days = sorted(D(2025, 1, 1) + datetime.timedelta(int(k)) for k in draw.integers(0, 3000, 10))
        flows = draw.normal(1, 1, 10)
        flows[0] = -4
        ours, theirs = xirr(flows, days), pyxirr.xirr(days, flows)
        if ours.words() == ["unique"] and theirs is not None:
            compared += 1
            assert ours.rate[0] == pytest.approx(theirs, rel=1e-7, abs=1e-9)
    assert compared > 100


def test_amounts_in_trillions_have_the_rate_they_have_in_units() -> None:
    """pyxirr finds no rate for many streams once the amounts are large; ours does not depend on the unit."""
    pyxirr = oracle("pyxirr")
    draw = np.random.default_rng(0)
    lost = 0
    for _ in range(300):
        flows = draw.normal(0.3, 1, int(draw.integers(3, 25)))
        flows[0] = -draw.uniform(1, 8)
        small, large = irr(flows), irr(flows * 1e12)
        assert small.words() == large.words()
        assert np.allclose(small.roots, large.roots, rtol=1e-9, atol=1e-12, equal_nan=True)
        if small.words() == ["unique"]:
            lost += pyxirr.irr(flows * 1e12) is None
    assert lost > 20


def test_a_second_rate_is_told_where_pyxirr_gives_one() -> None:
    pyxirr = oracle("pyxirr")
    flows = [-100.0, 230.0, -132.0]
    found = irr(flows)
    assert found.words() == ["multiple"]
    assert found.roots[0] == pytest.approx([0.1, 0.2])
    assert pyxirr.irr(flows) == pytest.approx(found.roots[0][1])  # one of the two, and no word of the other


@pytest.mark.parametrize(
    ("years", "freq", "rate"), [(2, 12, 0.06), (10, 4, 0.05), (20, 2, 0.0658), (4, 1, 0.0)]
)
def test_lessees_books_are_those_of_ifrs16kit(years: int, freq: int, rate: float) -> None:
    kit = oracle("ifrs16kit")
    given = kit.LeaseInputs(term_years=years, freq=freq, payment=650.0, is_advance=False, ibr_annual=rate, idc=0.0,
                            useful_life_months=1200)  # fmt: skip
    wanted = kit.cross_check(given)
    books = lease_books(np.full(years * freq, 650.0), rate, freq, standard="finance")
    assert books.liability[0] + 650 - books.interest[0] == pytest.approx(wanted["liability"], rel=1e-12)
    assert books.interest.sum() == pytest.approx(wanted["total_interest"], rel=1e-9, abs=1e-9)
    assert books.depreciation.sum() == pytest.approx(wanted["total_depreciation"], rel=1e-9)
    assert books.cost.sum() == pytest.approx(wanted["total_payments"], rel=1e-12)

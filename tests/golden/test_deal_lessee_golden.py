# ruff: noqa: E501  (deals on one line, to be read as the file writes them)
"""The lessee's side and the yardsticks of a deal against arithmetic written out."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.lessee import classify
from supercycle.deals.measures.lessee_side import (
    classified,
    fixed_payments,
    lease_of,
    lessee_side,
    present_value,
)
from supercycle.deals.measures.leverage import READINGS, additions, leverage
from supercycle.deals.measures.roic import returns_on_capital
from supercycle.deals.run import Run, run
from supercycle.service.deal import deal

# One-year periods: a lease of 2 years from 2028 with two options of 2 years, rent 100, signed in 2026, debt 300.
TEXT = """schema: supercycle.deal/2
name: small
money: USD_m
calendar: {start: 2026-01-01, periods: 10, months: 12}
assets:
  - {name: hall, spend: {amounts: {2026-01-01: 400}}, value: {value: 350}}
contracts:
  - {name: lease, kind: lease, asset: hall, start: 2028-01-01, term_years: 2, option_years: 2, options: 2, rent: 100, pay_months: 12}
facilities:
  - {name: notes, kind: term, amount: 300, rate: 5 %, maturity: 2034-01-01, pik_until: 2028-01-01,
     amortisation: {type: level_payment, from: 2028-01-01}}
guarantees:
  - {name: rvg, giver: tenant, contract: lease, asset: hall, until: 2032-01-01, threshold: 400, cap: 250}
enforcement: {cost: 10 %}
waterfall:
  - {do: pay, what: interest, of: notes, from: construction}
  - {do: pay, what: principal, of: notes}
  - {do: distribute}
accounting:
  contract: lease
  life_years: 10
  fair_value: 400
  borrowing_rate: 10 %
  guarantee_maximum: 250
  benefit: 120
  tax_rate: 25 %
  company: {name: tenant, debt: 1000, ebitda: 500, finance_leases: 50, operating_leases: 200, uncommenced_leases: 300}
"""
PV_2 = 100 / 1.1 + 100 / 1.21  # two payments of 100 at 10 %: 173.55


@pytest.fixture(scope="module")
def small() -> Run:
    return run(read_deal(TEXT))


def test_the_liability_and_the_criteria(small: Run) -> None:
    found = lessee_side(small.prepared.deal)
    assert found["liability_at_start"] == pytest.approx(PV_2)
    without, counted = found["without_guarantee"], found["with_guarantee"]
    assert without["value_share"] == pytest.approx(PV_2 / 400)  # 43 %, below 90 %
    assert counted["value_share"] == pytest.approx((PV_2 + 250 / 1.21) / 400)  # 95 %
    assert (without["us_gaap"], counted["us_gaap"]) == ("operating", "finance")
    assert counted["met"] == ["present value"]
    assert without["ifrs"] == counted["ifrs"] == "right of use"
    assert without["tests"]["term"] == {"measured": 0.2, "level": 0.75, "met": False}
    for name, cost in (("us_gaap_operating", [100, 100]),
                       ("ifrs_and_us_gaap_finance", [PV_2 / 2 + 0.1 * PV_2, PV_2 / 2 + 10 / 1.1])):  # fmt: skip
        years = found[name]
        assert [y["cost"] for y in years] == pytest.approx(cost)
        assert sum(y["payments"] for y in years) == pytest.approx(200)
        assert [y["liability"] for y in years] == pytest.approx([100 / 1.1, 0], abs=1e-9)
        assert years[1]["liability_before"] == years[0]["liability"]
        assert years[0]["cost"] - years[0]["interest"] == pytest.approx(years[0]["depreciation"])


def test_a_lease_of_a_year_is_exempt_and_all_options_make_it_finance(small: Run) -> None:
    assert classify(term_years=1, life_years=10, present_value=1, fair_value=9).ifrs == "short-term exemption"
    assert (
        classify(term_years=1, life_years=10, present_value=1, fair_value=9, purchase=True).ifrs
        == "right of use"
    )
    lease = lease_of(small.prepared.deal)
    label, worth = classified(lease, 6, with_guarantee=False)
    assert worth == pytest.approx(100 * (1 - 1.1**-6) / 0.1)  # 435.5, above 90 % of 400
    assert (label.us_gaap, label.met) == ("finance", ("present value",))  # 6 of 10 years is below 75 %


def test_what_each_reading_adds(small: Run) -> None:
    """Payment dates 2027 to 2036: signed for two years, then three terms of two years, each recognised as it begins."""
    added = additions(small)
    term = [PV_2, 100 / 1.1]  # at its start and after the first payment
    owed = [0, *term, *term, *term, 0, 0, 0]  # ends of 2027-01, 2028-01 (begins), ...
    assert added["ifrs"] == pytest.approx(owed)
    assert added["sp"] == pytest.approx(owed)
    assert added["us_gaap"] == pytest.approx(np.zeros(10))  # operating: apart from debt
    assert added["look_through"] == pytest.approx(small["notes.balance"][:, 0])
    guaranteed = [250 / 1.1**3, 250 / 1.21, 250 / 1.1, 250 / 1.21, 250 / 1.1, 250 / 1.21]  # until 2032-01-01
    signed = [PV_2 / 1.1]
    expected = np.array(owed) + np.array([*signed, *[0] * 9]) + np.array([*guaranteed, *[0] * 4])
    assert added["moodys"] == pytest.approx(expected)
    # Classified with the guarantee it is a finance lease, and US GAAP debt too.
    assert additions(small, with_guarantee=True)["us_gaap"] == pytest.approx(owed)


def test_labels_are_computed_and_leverage_is_debt_over_ebitda(small: Run) -> None:
    readings = leverage(small)["readings"]
    labels = {name: (one["while_built"], one["in_operation"]) for name, one in readings.items()}
    assert labels == {
        "us_gaap": ("left out", "left out"), "ifrs": ("left out", "counted"),
        "look_through": ("counted", "counted"), "sp": ("left out", "counted"), "moodys": ("counted", "counted"),
    }  # fmt: skip
    before = {name: one["debt_over_ebitda_before"] for name, one in readings.items()}
    assert before == pytest.approx({
        "us_gaap": 1050 / 500, "ifrs": 1250 / 500, "look_through": 1050 / 500, "sp": 1250 / 500, "moodys": 1550 / 500,
    })  # fmt: skip
    assert readings["ifrs"]["debt_over_ebitda_at_largest"] == pytest.approx((1250 + PV_2) / 500)
    assert set(readings) == set(READINGS)
    # No rent, no guarantee, no vehicle debt: every label turns, so none of them was typed.
    bare = dataclasses.replace(small.prepared.deal.accounting, guarantee_maximum=0.0)  # pyright: ignore[reportArgumentType]
    free = run(dataclasses.replace(read_deal(TEXT.replace("rent: 100", "rent: 0")), accounting=bare))
    assert leverage(free)["readings"]["moodys"]["in_operation"] == "left out"


def test_a_lapse_ends_the_liability() -> None:
    early = run(read_deal(TEXT, settings={"contracts.lease.renewed": "0"}))
    owed = additions(early)["ifrs"]
    assert owed[:4] == pytest.approx([0, PV_2, 100 / 1.1, 0])
    assert not owed[3:].any()


def test_return_on_capital_in_three_views(small: Run) -> None:
    found = returns_on_capital(small.prepared.deal)["views"]
    owned = found["owned"]  # 400 over 10 years: 40 a year; (120 - 40) x 75 % = 60 on 380, then 340
    assert owned["roic"] == pytest.approx([60 / 380, 60 / 340])
    short = found["short_lease"]
    profit, capital = (120 - PV_2 / 2) * 0.75, [PV_2 * 0.75, PV_2 * 0.25]
    assert short["roic"] == pytest.approx([profit / c for c in capital])
    pv_6 = 100 * (1 - 1.1**-6) / 0.1
    whole = found["all_options"]
    assert whole["roic"][0] == pytest.approx((120 - pv_6 / 6) * 0.75 / (pv_6 * 11 / 12))
    assert whole["us_gaap"] == "finance"
    silent = dataclasses.replace(small.prepared.deal.accounting, benefit=0.0)  # pyright: ignore[reportArgumentType]
    unknown = returns_on_capital(dataclasses.replace(small.prepared.deal, accounting=silent))
    assert unknown["views"] is None
    assert "benefit" in unknown["status"]


def test_rent_that_follows_the_world_is_no_fixed_payment() -> None:
    text = TEXT.replace("rent: 100", "rent: $world.rent")
    with pytest.raises(InputError, match="no fixed payment"):
        fixed_payments(lease_of(read_deal(text)), 2)
    with pytest.raises(InputError, match="no block accounting"):
        lease_of(read_deal(TEXT[: TEXT.index("accounting:")]))


def test_present_value_is_the_annuity_formula() -> None:
    assert present_value((0.0, np.full(240, 1.0)), 0.07) == pytest.approx(
        (1 - 1.07**-20) / (1.07 ** (1 / 12) - 1)
    )


@pytest.fixture(scope="module")
def hyperion() -> dict[str, Any]:
    return deal("examples/hyperion.yaml").to_dict()


def test_hyperion_gives_what_an_analyst_asks_first(hyperion: dict[str, Any]) -> None:
    """27,300 at 6.581 % paid twice a year: the main numbers by hand."""
    h, v = 0.06581 / 2, 1 / (1 + 0.06581 / 2)
    assert hyperion["total_sources"] == pytest.approx(hyperion["total_uses"], rel=1e-12)
    start = hyperion["construction"]
    assert start["total_sources"] == pytest.approx(start["total_uses"], rel=1e-12)
    # Raised at once: seven half-years of interest on 27,300. What is not spent earns 4 %: 27,300 less 27,000 / 7 at each
    # half-year's start, plus income and less interest so far, which owners complete once the account is empty.
    assert start["uses"]["notes.interest"] == pytest.approx(7 * 27300 * h)
    account, earned = 27300.0, 0.0
    for k in range(7):
        income = account * 0.02 if k else 0.0
        account -= 27000 / 7
        account, earned = max(account + income - 27300 * h, 0.0), earned + income
    assert start["sources"]["cash_interest"] == pytest.approx(earned, rel=0.02)
    assert start["sources"]["equity_in"] == pytest.approx(
        27000 + 7 * 27300 * h - 27300 - start["sources"]["cash_interest"]
    )
    level = hyperion["level_payment"]["notes"]
    assert level["service_a_year"] == pytest.approx(2 * 27300 * h / (1 - v**40))  # 2,474
    assert level["share_when_guarantee_ends"]["rvg"] == pytest.approx((1 - v**8) / (1 - v**40))  # 31 %
    notes = hyperion["tranches"]["notes"]
    assert notes["yield_at_price"]["100"]["yield"] == pytest.approx(0.06581, abs=1e-12)
    # Sculpted on rent that grows 3 %: what is left when the guarantee ends is worth the service still to come.
    rent = [2940 * 0.8 / 2 * 1.03 ** (k // 2) for k in range(40)]
    worth = sum(r * v ** (k + 1) for k, r in enumerate(rent))
    cover = worth / 27300
    left = sum(r * v ** (k + 1) for k, r in enumerate(rent[32:])) / cover
    assert hyperion["guarantees"][0]["debt_when_it_ends"] == pytest.approx(left)
    assert hyperion["break_even"]["price"]["paid_on_time"]["level"] == pytest.approx(1 / cover, rel=1e-6)
    balance, years = 27300.0, 0.0
    for k, r in enumerate(rent):
        paid = r / cover - balance * h
        balance, years = balance - paid, years + paid * (3.5 + (k + 1) / 2)
    assert notes["wal_years"] == pytest.approx(years / 27300)


def test_hyperion_under_both_standards_and_if_the_tenant_leaves_at_year_4(hyperion: dict[str, Any]) -> None:
    h, i = 0.06581 / 2, 1.05**0.5 - 1
    rent = [1470 * 1.03**k for k in range(4) for _ in range(2)]
    worth = sum(r / (1 + i) ** (k + 1) for k, r in enumerate(rent))
    lessee = hyperion["lessee"]
    assert lessee["payments_total"] == pytest.approx(12300, rel=1e-4)  # the commitment as reported
    assert lessee["liability_at_start"] == pytest.approx(worth)
    assert lessee["with_guarantee"]["value_share"] == pytest.approx((worth + 28000 / 1.05**4) / 27000)
    labels = {
        word: (lessee[word]["us_gaap"], lessee[word]["ifrs"])
        for word in ("without_guarantee", "with_guarantee")
    }
    assert labels == {
        "without_guarantee": ("operating", "right of use"),
        "with_guarantee": ("finance", "right of use"),
    }
    case = hyperion["non_renewal"][0]
    assert (case["years"], case["ends"]) == (4.0, "2033-05-01")
    # Lenders sell on the day on which the lease ends: 95 % of 21,000, and the guarantee's 27,300 - 21,000.
    assert case["sale"] == pytest.approx(0.95 * 21000)
    assert case["guarantee"] == pytest.approx(27300 - 21000)
    received = [0.8 * 1470 * 1.03 ** (k // 2) for k in range(40)]
    cover = sum(r / (1 + h) ** (k + 1) for k, r in enumerate(received)) / 27300
    balance = 27300.0
    for r in received[:8]:
        balance = balance * (1 + h) - r / cover
    assert case["debt_before_sale"] == pytest.approx(balance)
    assert case["holders"]["bond_investors"]["loss"] == pytest.approx(0, abs=1e-6)
    assert balance < case["sale"] + case["guarantee"]
    bare = case["holders_without_guarantor"]["bond_investors"]["loss"]
    surplus = received[7] * (
        1 - 1 / cover
    )  # the last rent beyond service is the lenders' on the day of the sale
    assert bare == pytest.approx(balance - case["sale"] - surplus)
    assert [c["years"] for c in hyperion["non_renewal"]] == [4, 8, 12, 16]

# ruff: noqa: E501  (deals on one line, to be read as the file writes them)
"""What a document says, taken as it says it: dates, terms, commitments, fees and units, each with the right value.

Each test is a case in which an earlier version gave a wrong number without a word.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.core.returns import irr
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.measures.lessee_side import lessee_side
from supercycle.deals.measures.report import result
from supercycle.deals.run import Run, run

D = datetime.date
BASE = """schema: supercycle.deal/2
name: base
money: USD_m
calendar: {CALENDAR}
assets:
  - {name: plant, spend: {SPEND}, value: VALUE}
contracts:
  - {name: lease, kind: lease, asset: plant, start: START, TERM, rent: RENT}
facilities:
  - {name: loan, kind: term, LOAN}
MOREwaterfall:
  - {do: pay, what: interest, of: loan, from: construction}
  - {do: pay, what: principal, of: loan}
STEPS  - {do: distribute}
"""
GIVEN = {
    "CALENDAR": "start: 2026-01-01, periods: 40, months: 3", "SPEND": "amounts: {2026-01-01: 1000}", "VALUE": "0",
    "START": "2026-01-01", "TERM": "term_years: 10", "RENT": "120", "MORE": "", "STEPS": "",
    "LOAN": "amount: 700, rate: 7 %, maturity: 2034-01-01, amortisation: {type: level_payment}",
}  # fmt: skip
YEARLY = "start: 2026-01-01, periods: 10, months: 12"


def text(**words: str) -> str:
    found = BASE
    for word, value in (GIVEN | words).items():
        found = found.replace(word, value)
    return found


def ran(values: Any = None, **words: str) -> Run:
    return run(read_deal(text(**words), origin="d.yaml"), values)


def refused(message: str, **words: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        ran(**words)
    assert str(told.value).startswith("d.yaml:")


# -- dates ----------------------------------------------------------------------------------------------------------


def test_principal_on_a_payment_date_is_paid_on_it() -> None:
    dates = {f"{year}-01-01": 20 for year in range(2027, 2032)}
    loan = "amount: 100, rate: 7 %, maturity: 2031-01-01, amortisation: {type: schedule, payments: {amounts: {PAID}}}"
    paid = ", ".join(f"{date}: {x}" for date, x in dates.items())
    found = ran(CALENDAR=YEARLY, LOAN=loan.replace("PAID", paid))
    assert found["loan.principal"][:6, 0].tolist() == [20, 20, 20, 20, 20, 0]
    refused("principal of 'loan' is not on a payment date: expected 2027-01-01 or 2028-01-01, got 2027-06-30",
            CALENDAR=YEARLY, LOAN=loan.replace("PAID", "2027-06-30: 20"))  # fmt: skip
    target = "amount: 100, rate: 7 %, maturity: 2031-01-01, amortisation: {type: target_balance, target: {curve: {2026-01-01: 100, 2028-01-01: 60}}}"
    assert ran(CALENDAR=YEARLY, LOAN=target)["loan.balance"][:5, 0].tolist() == [100, 60, 60, 60, 0]
    refused("the schedule repays more than is lent: expected 100 or less, got 120",
            CALENDAR=YEARLY, LOAN=loan.replace("PAID", "2027-01-01: 120"))  # fmt: skip


def test_owners_money_is_dated_when_it_is_paid() -> None:
    """100 on 31 December 2026, 60 at the end of 2027 and of 2028: a day more than a year and two years."""
    tiny = "amount: 1, rate: 0 %, maturity: 2036-01-01, amortisation: {type: bullet}"
    found = ran(CALENDAR=YEARLY, SPEND="amounts: {2026-12-31: 101}", START="2027-01-01", TERM="term_years: 2", RENT="60",
                LOAN=tiny)  # fmt: skip
    day = 1 / 365
    flows, when = found.flows("equity")
    put = flows[:, 0] < 0
    assert when[put] == pytest.approx([1 - day])
    wanted = irr([-100.0, 60.0, 60.0], [0.0, 1 + day, 2 + day]).rate[0]
    assert found.rate_of_return("equity").rate[0] == pytest.approx(wanted, abs=2e-4)
    assert wanted == pytest.approx(0.1302, abs=1e-3)


def test_interest_that_owners_pay_while_it_is_built_is_dated_on_payment_dates() -> None:
    found = ran(
        START="2027-01-01", LOAN="amount: 700, rate: 8 %, maturity: 2034-01-01, amortisation: {type: bullet}"
    )
    flows, when = found.flows("equity")
    paid = {round(float(t), 6): -float(x) for t, x in zip(when, flows[:, 0], strict=True) if x < 0}
    # 300 of spend at closing, 14 of interest on each of four payment dates.
    assert paid == pytest.approx({0.0: 300, 0.25: 14, 0.5: 14, 0.75: 14, 1.0: 14})


def test_a_curve_counts_by_days() -> None:
    """120 a year from 15 February: 45 of the first quarter's 90 days are without rent."""
    found = ran(RENT="{curve: {2026-02-15: 120}}")
    assert found["revenue"][0, 0] == pytest.approx(30 * 45 / 90)
    gap = ran(RENT="{curve: {2026-01-01: 120, 2026-02-15: 0, 2026-03-30: 120}}")
    assert gap["revenue"][0, 0] == pytest.approx(30 * (45 + 2) / 90)
    for months, periods in ((3, 40), (12, 10)):
        ramp = ran(RENT="{ramp: {from: 2026-01-01, to: 2036-01-01, start: 0, end: 120}}",
                   CALENDAR=f"start: 2026-01-01, periods: {periods}, months: {months}")  # fmt: skip
        assert ramp["revenue"].sum() == pytest.approx(600, rel=2e-3)  # years of 365 and 366 days
    step = ran(LOAN="amount: 700, rate: {curve: {2026-01-01: 4 %, 2026-01-02: 8 %}}, maturity: 2034-01-01, "
               "amortisation: {type: bullet}")  # fmt: skip
    assert step["loan.interest"][0, 0] == pytest.approx(700 * (0.04 * 1 + 0.08 * 89) / 90 / 4)


def test_terms_and_maturities_are_taken_as_written_or_refused() -> None:
    refused(
        "term_years is not whole months: expected 118 or 119 months, or ends: a date, got 9.9 years",
        TERM="term_years: 9.9",
    )
    assert ran(TERM="ends: 2035-11-24")["revenue"].sum() == pytest.approx(120 * 9.75 + 30 * 54 / 92)
    early = ran(START="2025-12-17", TERM="ends: 2027-01-01")
    assert early["revenue"].sum() == pytest.approx(120)  # the days before the closing are the seller's
    middle = ran(START="2026-02-15", TERM="term_years: 1")
    assert middle["revenue"][:5, 0] == pytest.approx([15, 30, 30, 30, 30 * 45 / 90])
    refused(r"the maturity of 'loan' is not on a payment date: expected 2033-10-01 or 2034-01-01, got 2033-10-02",
            LOAN=GIVEN["LOAN"].replace("2034-01-01", "2033-10-02"))  # fmt: skip


def test_rent_in_advance_and_in_arrears_fall_on_their_own_dates() -> None:
    """A yearly rent of 120 from 1 March: in advance on 1 March, in arrears a year later, ten days late on the 11th."""

    def revenue(words: str) -> dict[str, float]:
        found = ran(START="2026-03-01", TERM=f"term_years: 2, pay_months: 12, {words}")
        ends = found.prepared.periods.ends
        return {str(ends[t]): float(x) for t, x in enumerate(found["revenue"][:, 0]) if x}

    assert revenue("pay: advance") == pytest.approx({"2026-04-01": 120, "2027-04-01": 120})
    assert revenue("pay: arrears") == pytest.approx({"2027-04-01": 120, "2028-04-01": 120})
    assert revenue("pay: arrears, pay_days: 40") == pytest.approx({"2027-07-01": 120, "2028-07-01": 120})
    found = ran(START="2026-03-01", TERM="term_years: 2, pay_months: 12, pay: advance")
    assert found.prepared.cash.accrued[:2] == pytest.approx([120 * 31 / 365, 120 * 91 / 365])


def test_interest_and_principal_have_dates_of_their_own() -> None:
    """A note that pays interest in June and December and principal in December, on a monthly calendar."""
    found = ran(CALENDAR="start: 2025-12-15, periods: 48, months: 1", START="2025-12-15", RENT="5000",
                LOAN="amount: 300, rate: 6 %, maturity: 2028-12-15, interest_months: 6, principal_months: 12, "
                "amortisation: {type: level_principal}")  # fmt: skip
    ends = found.prepared.periods.ends
    interest = {str(ends[t]): float(x) for t, x in enumerate(found["loan.interest"][:, 0]) if x}
    principal = {str(ends[t]): float(x) for t, x in enumerate(found["loan.principal"][:, 0]) if x}
    assert principal == pytest.approx({"2026-12-15": 100, "2027-12-15": 100, "2028-12-15": 100})
    assert interest == pytest.approx({"2026-06-15": 9, "2026-12-15": 9, "2027-06-15": 6, "2027-12-15": 6,
                                      "2028-06-15": 3, "2028-12-15": 3})  # fmt: skip
    rate = found.rate_of_return("loan").rate[0]
    assert 2 * ((1 + rate) ** 0.5 - 1) == pytest.approx(0.06, abs=1e-9)


def test_level_payments_on_dates_of_their_own_are_level() -> None:
    found = ran(CALENDAR="start: 2025-12-15, periods: 48, months: 1", START="2025-12-15", RENT="5000",
                LOAN="amount: 300, rate: 6 %, maturity: 2028-12-15, interest_months: 6, amortisation: {type: level_payment}")  # fmt: skip
    paid = (found["loan.interest"] + found["loan.principal"])[:, 0]
    assert paid[paid > 0] == pytest.approx([300 * 0.03 / (1 - 1.03**-6)] * 6)


def test_a_lender_does_not_know_later_rates() -> None:
    """A level payment at 5 % that steps to 9 %: 12.950 on 100 over ten years until the step."""
    loan = "amount: 100, rate: {curve: {2026-01-01: 5 %, 2031-01-01: 9 %}}, maturity: 2036-01-01, amortisation: {type: level_payment}"
    found = ran(CALENDAR=YEARLY, LOAN=loan)
    first = 100 * 0.05 / (1 - 1.05**-10)
    assert first == pytest.approx(12.950, abs=1e-3)
    assert found["service"][:5, 0] == pytest.approx([first] * 5)
    left = first * (1 - 1.05**-5) / 0.05
    assert found["service"][5:10, 0] == pytest.approx([left * 0.09 / (1 - 1.09**-5)] * 5)


def test_impossible_dates_are_told_with_their_line() -> None:
    refused("d.yaml:8: no such date: expected a day of the calendar, got 2026-02-30", START="2026-02-30")
    refused("bad date in deal.calendar.start: expected a year from 1950 to 2200, got 9998-01-01",
            CALENDAR="start: 9998-01-01, periods: 40, months: 3")  # fmt: skip
    refused("is the last day of its month", CALENDAR="start: 2026-02-28, periods: 20, months: 6")
    refused("until is not a whole period .* expected stub: short or long",
            CALENDAR="start: 2026-01-01, until: 2034-02-15, months: 3")  # fmt: skip


def test_the_lease_label_depends_on_the_lease_alone() -> None:
    """Ten years at 12.05 a year, 6 %, value 100: in arrears operating, in advance finance, on any debt calendar."""
    book = """accounting: {contract: lease, life_years: 30, fair_value: 100, borrowing_rate: 6 %}
"""

    def share(months: int, words: str) -> tuple[float, str]:
        deal = read_deal(text(CALENDAR=f"start: 2026-01-01, periods: {120 // months}, months: {months}", RENT="12.05",
                              TERM=f"term_years: 10, {words}", MORE=book))  # fmt: skip
        found = lessee_side(deal)["without_guarantee"]
        return found["value_share"], found["us_gaap"]

    factor = (1 - 1.06**-10) / 0.06
    for words, wanted, label in (("pay_months: 12", 12.05 * factor / 100, "operating"),
                                 ("pay_months: 12, pay: advance", 12.05 * factor * 1.06 / 100, "finance")):  # fmt: skip
        for months in (1, 3, 6, 12):
            assert share(months, words) == (pytest.approx(wanted, rel=1e-9), label)
    assert len({share(months, "pay_months: 1") for months in (1, 3, 6, 12)}) == 1


# -- sums, rates and fees -------------------------------------------------------------------------------------------

SIZED = "AMOUNTrate: 7 %, maturity: 2034-01-01, amortisation: {type: sculpted, dscr: 1.3}"


def test_a_commitment_caps_what_a_cover_sizes() -> None:
    free = ran(RENT="400", LOAN=SIZED.replace("AMOUNT", ""))
    assert free.prepared.plans[0].amount == pytest.approx(400 / 1.3 / 4 * (1 - 1.0175**-32) / 0.0175)
    capped = ran(RENT="400", LOAN=SIZED.replace("AMOUNT", "amount: 700, "))
    plan = capped.prepared.plans[0]
    assert (plan.amount, plan.sizing.binding if plan.sizing else "") == (700, "commitment")
    assert np.ptp(capped["service"][:32]) == pytest.approx(0, abs=1e-9)
    assert f"lends {free.prepared.plans[0].amount:,.1f} on assets that cost 1,000.0" in " ".join(
        result(free)["warnings"]
    )  # more than everything costs: said, not hidden
    assert not result(capped)["warnings"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"LOAN": "amount: 700, rate: '6,581 %', maturity: 2034-01-01, amortisation: {type: bullet}"},
         "a comma inside a number: expected 6.581 % or 6581%"),
        ({"RENT": "'1,270'"}, "a comma inside a number: expected 1.270 or 1270"),
        ({"LOAN": "amount: 700, rate: 7, maturity: 2034-01-01, amortisation: {type: bullet}"},
         "a rate a year without its sign: expected 7 % or 0.07, got 7, which is 700%"),
        ({"LOAN": "amount: 700, rate: 700 %, maturity: 2034-01-01, amortisation: {type: bullet}"},
         "a rate a year above 100 %.*above_100_percent: true"),
        ({"LOAN": "amount: 700, rate: 7 %, upfront_fee: 2, maturity: 2034-01-01, amortisation: {type: bullet}"},
         "a fee without its sign: expected 2 % or 0.02"),
        ({"LOAN": "amount: 700, rate: 7 %, upfront_fee: 50, maturity: 2034-01-01, amortisation: {type: bullet}"},
         "a fee without its sign: expected 50 bp"),
        ({"LOAN": "amount: 7e300, rate: 7 %, maturity: 2034-01-01, amortisation: {type: bullet}"}, "a sum of money is too large"),
        ({"LOAN": "amount: 700, rate: -7 %, maturity: 2034-01-01, amortisation: {type: bullet}"}, "a rate a year is too small"),
        ({"TERM": "term_years: 10, escalator: 3"}, "growth a year without its sign: expected 3 % or 0.03"),
        ({"VALUE": "1, volatility: 15"}, "a yearly volatility without its sign"),
        ({"RENT": "-120"}, "a sum of money is too small"),
        ({"RENT": "120 %"}, "a sum of money has no '%'"),
        ({"VALUE": "-3"}, "a sum of money is too small"),
        ({"SPEND": "amounts: {2026-01-01: -1000}"}, "a sum of money is too small"),
        ({"MORE": "tests:\n  - {name: t, measure: ltv, trap: 110, cure: 1}\n"}, "a level is too large"),
        ({"MORE": "tests:\n  - {name: t, measure: ltv, trap: 11, cure: 1}\n"}, "a level of ltv out of range"),
        ({"MORE": "tests:\n  - {name: t, measure: dscr, trap: 130 bp, cure: 1}\n"}, "a level of dscr out of range"),
        ({"LOAN": "amount: 700, rate: {curve: {2027-01-01: 7 %}}, maturity: 2034-01-01, amortisation: {type: bullet}"},
         "the rate has no level before 2027-01-01"),
    ],
)  # fmt: skip
def test_slips_of_a_sign_are_refused(words: dict[str, str], message: str) -> None:
    refused(message, **words)


def test_a_rate_above_100_percent_may_be_asked_for_by_name() -> None:
    loan = "amount: 1, rate: {value: 150 %, above_100_percent: true}, maturity: 2034-01-01, amortisation: {type: bullet}"
    assert ran(LOAN=loan)["loan.interest"][0, 0] == pytest.approx(1.5 / 4)


DRAWN = ("amount: 700, rate: 6 %, day_count: ACT/360, undrawn_fee: 50 bp, draws: {amounts: {2026-02-15: 200, 2026-05-20: 150}}, "
         "available_until: UNTIL, maturity: 2031-01-01, amortisation: {type: bullet}")  # fmt: skip


def test_the_undrawn_fee_is_on_the_average_daily_undrawn_amount_and_ends_with_availability() -> None:
    """In the manner of a DDTL: 50 bp, ACT/360, to the cent; 700 committed, 350 never drawn, available to 30 September."""
    found = ran(LOAN=DRAWN.replace("UNTIL", "2026-09-30"), START="2026-01-01", RENT="400")
    fee = [(700 * 45 + 500 * 45), (500 * 49 + 350 * 42), 350 * 91, 0]
    fees = [0.005 / 360 * x for x in fee]
    interest = [0.06 / 360 * x for x in (200 * 45, 200 * 91 + 150 * 42, 350 * 92, 350 * 92)]
    cents = [round(1e8 * (a + b)) / 1e8 for a, b in zip(fees, interest, strict=True)]
    assert found["loan.interest"][:4, 0] == pytest.approx(cents, abs=1e-8)
    refused("a draw after the last day of drawing", LOAN=DRAWN.replace("UNTIL", "2026-04-01"))


def test_costs_that_are_not_paid_are_a_state() -> None:
    found = ran(RENT="100", LOAN="amount: 1, rate: 5 %, maturity: 2034-01-01, amortisation: {type: bullet}",
                TERM="term_years: 10, opex: {curve: {2026-01-01: 10, 2030-01-01: 200}}")  # fmt: skip
    assert {STATES[int(s)] for s in found["state"][:16, 0]} == {"performing"}
    assert STATES[int(found["state"][17, 0])] in ("costs_unpaid", "default")
    quiet = ran(RENT="100", LOAN="amount: 1, rate: 0 %, maturity: 2036-01-01, amortisation: {type: bullet}",
                TERM="term_years: 10, opex: {curve: {2026-01-01: 10, 2030-01-01: 200}}")  # fmt: skip
    assert STATES[int(quiet["state"][20, 0])] == "costs_unpaid"


# -- reserves, traps, sales -----------------------------------------------------------------------------------------

BUILT = {
    "CALENDAR": "start: 2026-01-01, periods: 24, months: 3", "START": "2027-01-01", "RENT": "200",
    "SPEND": "amounts: {2026-10-01: 1000}",
    "LOAN": "amount: 700, rate: 7 %, maturity: 2032-01-01, draws: {amounts: {2026-10-01: 700}}, "
    "amortisation: {type: level_payment, from: 2027-01-01}",
    "STEPS": "  - {do: fund, of: dsra}\n  - {do: release, of: dsra}\n",
}  # fmt: skip


@pytest.mark.parametrize("funded", ["closing", "completion"])
def test_a_reserve_is_filled_for_operations_and_kept_before_the_first_draw(funded: str) -> None:
    more = f"reserves:\n  - {{name: dsra, months: 6, funded: {funded}}}\n"
    found = ran(**BUILT, MORE=more)
    service = 700 * 0.0175 / (1 - 1.0175**-20)  # level from the first quarter of operations
    first = 0 if funded == "closing" else 4
    assert found["account.dsra"][first:20, 0] == pytest.approx([2 * service] * (20 - first))
    assert found["equity_out"][:4].sum() == 0
    assert found["account.dsra"][:first].sum() == 0


def test_a_reserve_follows_what_was_prepaid() -> None:
    more = "reserves:\n  - {name: dsra, months: 3, funded: closing}\n"
    steps = "  - {do: sweep, of: loan, share: 50 %}\n  - {do: fund, of: dsra}\n  - {do: release, of: dsra}\n"
    steps = "  - {do: fund, of: dsra}\n  - {do: sweep, of: loan, share: 50 %}\n  - {do: release, of: dsra}\n"
    found = ran(RENT="300", MORE=more, STEPS=steps)
    plan, balance = found.prepared.plans[0], found["loan.balance"][:, 0]
    planned = np.append(plan.service[1:], 0.0)
    ahead = planned[:20] * np.minimum(balance[:20] / plan.schedule[:20], 1)
    assert balance[10] < 0.8 * plan.schedule[10]
    assert found["account.dsra"][:20, 0] == pytest.approx(ahead)


def test_trapped_cash_pays_what_falls_due() -> None:
    """Cash of ten years is trapped; on maturity it is the lender's without a word in 'from'."""
    more = "reserves:\n  - {name: held, kind: trap}\ntests:\n  - {name: t, measure: dscr, trap: 3, cure: 1}\n"
    steps = "  - {do: trap, of: held}\n  - {do: release, of: held}\n"
    loan = "amount: 700, rate: 7 %, maturity: 2034-01-01, amortisation: {type: bullet}"
    found = ran(LOAN=loan, MORE=more, STEPS=steps)
    held = 8 * (120 - 49)
    assert found["account.held"][30, 0] == pytest.approx(held * 31 / 32)
    assert found["loan.balance"][31, 0] == pytest.approx(700 - held)
    assert found["account.held"][31:].max() == 0


def test_a_cover_looks_at_operations_alone() -> None:
    more = "tests:\n  - {name: t, measure: dscr, window: 4}\n  - {name: ahead, measure: dscr, window: 4, side: forward}\n"
    found = ran(**(BUILT | {"STEPS": ""}), MORE=more)
    service = 700 * 0.0175 / (1 - 1.0175**-20)
    assert np.isnan(found["test.t"][:7, 0]).all()  # four quarters of operation end with the eighth
    assert found["test.t"][7:20, 0] == pytest.approx([50 / service] * 13)
    assert found["test.ahead"][4:23, 0] == pytest.approx(
        [50 / service] * 19
    )  # to the last payment, and no cash after it


TWO = """schema: supercycle.deal/2
name: two
money: USD_m
calendar: {start: 2026-01-01, periods: 16, months: 3}
assets:
  - {name: big, spend: {amounts: {2026-01-01: 500}}, value: 500}
  - {name: small, spend: {amounts: {2026-01-01: 10}}, value: 10}
contracts:
  - {name: main, kind: lease, asset: big, start: 2026-01-01, term_years: 4, rent: 60}
  - {name: side, kind: lease, asset: small, start: 2026-01-01, term_years: 1, option_years: 1, options: 3, renewed: 0,
     rent: 1RELET}
facilities:
  - {name: loan, kind: term, amount: 300, rate: 6 %, maturity: 2030-01-01, amortisation: {type: bullet}}
enforcement: {cost: 10 %}
waterfall:
  - {do: pay, what: interest, of: loan}
  - {do: pay, what: principal, of: loan}
  - {do: distribute}
"""


def test_one_small_lease_that_ends_sells_its_own_asset_alone() -> None:
    found = run(read_deal(TWO.replace("RELET", "")))
    assert found["sale"][:, 0].tolist() == [
        0,
        0,
        0,
        pytest.approx(9),
        *[0] * 11,
        pytest.approx(450),
    ]  # the balloon sells the rest
    assert found["loan.balance"][3, 0] == pytest.approx(300 - 9)
    assert found["revenue"][:, 0] == pytest.approx([15.25] * 4 + [15] * 12)
    assert found["state"][:15].max() == 0


def test_an_asset_may_be_let_again_in_place_of_sold() -> None:
    relet = ", opex: 0.4, relet: {empty_months: 6, rent: 2, growth: 10 %, cost: 0.7}"
    found = run(read_deal(TWO.replace("RELET", relet)))
    assert not found["sale"][:15].any()
    assert found["revenue"][:, 0] - 15 == pytest.approx(
        [0.25] * 4 + [0] * 2 + [0.5] * 4 + [0.55] * 4 + [0.605] * 2
    )
    assert found["opex"][:, 0] == pytest.approx(
        [0.1] * 5 + [0.8] + [0.1] * 10
    )  # the cost of letting as it is let


# -- steps with conditions ------------------------------------------------------------------------------------------


def test_a_sweep_may_wait_for_a_lock_and_a_dividend_for_completion() -> None:
    more = (
        "reserves:\n  - {name: held, kind: trap}\ntests:\n  - {name: t, measure: dscr, trap: 1.2, cure: 1}\n"
    )
    steps = "  - {do: sweep, of: loan, when: locked}\n  - {do: trap, of: held}\n  - {do: release, of: held}\n"
    loan = "amount: 700, rate: 7 %, maturity: 2034-01-01, amortisation: {type: bullet}"
    rent = "{curve: {2026-01-01: 120, 2028-01-01: 50, 2029-01-01: 120}}"
    found = ran(LOAN=loan, MORE=more, STEPS=steps, RENT=rent)
    principal = found["loan.principal"][:12, 0]
    assert principal[:8].tolist() == [0] * 8
    assert principal[8] == pytest.approx(12.5 - 12.25)  # the first quarter of a cover of 50 / 49
    assert found["equity_out"][8:12].sum() == 0
    late = ran(
        LOAN=loan,
        MORE=more,
        STEPS=steps.replace("when: locked", "when: [broken t for 3, not default]"),
        RENT=rent,
    )
    assert late["loan.principal"][8:10].sum() == 0
    assert late["loan.principal"][10, 0] > 0
    dated = ran(LOAN=loan, STEPS="  - {do: sweep, of: loan, share: 10 %, when: from 2027-01-01}\n")
    assert (dated["loan.principal"][:, 0] > 0).tolist()[:4] == [False, False, False, True]
    refused("unknown condition.*got lockd", STEPS="  - {do: sweep, of: loan, when: lockd}\n")
    refused(
        "unknown test with a trap level 'tt'.*'t'",
        LOAN=loan,
        MORE=more,
        STEPS=steps.replace("locked", "broken tt"),
    )


# -- refinancing ----------------------------------------------------------------------------------------------------

NEW = """  - {name: new, kind: refinancing, amount: AMOUNT, rate: 6 %, maturity: 2036-01-01, upfront_fee: 2 %,
     takes_out: {of: loan, on: 2031-01-01LIMITS}, amortisation: {type: level_payment}}
"""
BALLOON = "amount: 500, rate: 7 %, maturity: 2031-01-01, amortisation: {type: bullet}"
SERVE = "  - {do: pay, what: interest, of: new}\n  - {do: pay, what: principal, of: new}\n"


def refinanced(amount: str, limits: str, values: Any = None, **words: str) -> Run:
    whole = text(CALENDAR=YEARLY, LOAN=BALLOON, STEPS=SERVE, VALUE="800", **words)
    whole = whole.replace(
        "waterfall:", NEW.replace("AMOUNT", amount).replace("LIMITS", limits) + "waterfall:"
    )
    return run(read_deal(whole), values)


@pytest.mark.parametrize(
    ("amount", "limits", "lends"),
    [
        ("900", "", 500 / 0.98),  # more than is needed: the old balance and the fee that is lent
        ("300", "", 300),
        ("900", ", dscr: 2", 120 / 2 * (1 - 1.06**-5) / 0.06),
        ("900", ", dscr: 1.05", 120 / 1.05 * (1 - 1.06**-5) / 0.06),
        ("900", ", ltv: 40 %", 320),
        ("900", ", debt_yield: 30 %", 120 / 0.3),
        ("900", ", dscr: 2, ltv: 40 %, debt_yield: 50 %", 120 / 0.5),
    ],
)  # fmt: skip
def test_a_refinancing_lends_the_least_of_its_limits_and_is_put_back(
    amount: str, limits: str, lends: float
) -> None:
    found = refinanced(amount, limits)
    assert found["new.drawn"][4, 0] == pytest.approx(lends)
    assert found["new.drawn"].sum() == found["new.drawn"][4, 0]
    assert found["new.fees"][4, 0] == pytest.approx(0.02 * lends)
    repaid = 0.98 * lends + 120 - 35  # the new money, and the year's cash after interest
    assert found["loan.balance"][4, 0] == pytest.approx(max(500 - repaid, 0), abs=1e-6)
    if limits == ", dscr: 1.05":  # put back: its service is covered as asked on every date
        assert found["service"][5:10, 0] == pytest.approx([120 / 1.05] * 5)
    assert (STATES[int(found["state"][4, 0])] == "performing") == (repaid >= 500)


def test_an_ard_is_repaid_by_odds() -> None:
    words = {"MORE": "", "RENT": "300"}
    whole = text(CALENDAR=YEARLY, LOAN="amount: 500, rate: 7 %, maturity: 2035-01-01, amortisation: {type: ard, date: 2031-01-01}",
                 STEPS=SERVE + "  - {do: sweep, of: loan}\n", VALUE="800", **words)  # fmt: skip
    new = NEW.replace("AMOUNT", "900").replace("LIMITS", ", probability: 70 %")
    deal = read_deal(whole.replace("waterfall:", new + "waterfall:"))
    found = run(deal, paths=4000)
    repaid = found["loan.balance"][4] < 1e-6
    assert repaid.mean() == pytest.approx(0.7, abs=4 * np.sqrt(0.21 / 4000))
    swept = found["loan.principal"][5, ~repaid]
    assert swept == pytest.approx(np.full(len(swept), 300 - 35))
    assert run(deal)["loan.balance"][4, 0] == 0  # one path: the market is open


# -- construction ---------------------------------------------------------------------------------------------------

FUNDED = """schema: supercycle.deal/2
name: built
money: USD_m
calendar: {start: 2026-01-01, periods: 44, months: 3}
assets:
  - {name: plant, spend: {amounts: {2026-01-01: 200, 2026-05-16: 300, 2026-10-01: 400}}}
contracts:
  - {name: lease, kind: lease, asset: plant, start: 2027-01-01, term_years: 10, rent: 240}
facilities:
  - {name: loan, kind: term, AMOUNTrate: 8 %, upfront_fee: 2 %, maturity: 2036-01-01,
     amortisation: {type: level_payment, from: 2027-01-01}}
RESERVESfunding: {facility: loan, order: ORDER, gearing: 70 %, interest: WHO}
waterfall:
  - {do: pay, what: interest, of: loan, from: construction}
  - {do: pay, what: principal, of: loan}
STEPS  - {do: distribute}
"""


def built(order: str, who: str = "debt", amount: str = "", reserve: bool = False) -> Run:
    whole = FUNDED.replace("ORDER", order).replace("WHO", who).replace("AMOUNT", amount)
    whole = whole.replace(
        "RESERVES", "reserves:\n  - {name: dsra, months: 6, funded: completion}\n" if reserve else ""
    )
    return run(
        read_deal(
            whole.replace(
                "STEPS", "  - {do: fund, of: dsra}\n  - {do: release, of: dsra}\n" if reserve else ""
            )
        )
    )


def test_the_circle_of_interest_while_building_is_a_direct_solve() -> None:
    """Pro rata: balances, interest and debt as one system of linear equations, solved by elimination."""
    g, fee, r = 0.7, 0.02, 0.02
    # Unknown: interest of four quarters and the debt. Draws are 70 % of each use; 300 falls on half of the second quarter.
    spend, half = [200.0, 300.0, 0.0, 400.0], [1.0, 0.5, 0.0, 1.0]
    left, right = np.eye(5), np.zeros(5)
    for q in range(4):
        for before in range(q):
            right[q] += r * g * spend[before]
            left[q, before] -= r * g
        right[q] += r * g * spend[q] * half[q]
        left[q, 4] -= r * g * fee  # the fee at closing
    right[4] = g * sum(spend)
    left[4, :4], left[4, 4] = -g, 1 - g * fee
    wanted = np.linalg.solve(left, right)
    found = built("pro_rata")
    plan = found.prepared.plans[0]
    assert plan.amount == pytest.approx(wanted[4], rel=1e-12)
    assert found["loan.interest"][:4, 0] == pytest.approx(wanted[:4], rel=1e-12)
    assert found["loan.balance"][3, 0] == pytest.approx(wanted[4], rel=1e-12)
    assert plan.funded is not None
    assert abs(plan.funded.residual) < 1e-9
    table = result(found)["construction"]
    assert table["sources"]["equity_in"] == pytest.approx(0.3 * table["total_uses"])


@pytest.mark.parametrize("order", ["pro_rata", "equity_first", "debt_first"])
@pytest.mark.parametrize("who", ["debt", "owners"])
@pytest.mark.parametrize("reserve", [False, True])
def test_a_funding_rule_pays_its_share_in_its_order(order: str, who: str, reserve: bool) -> None:
    found = built(order, who, reserve=reserve)
    last = 5 if reserve else 4
    put, lent = found["equity_in"][:last, 0], found["loan.drawn"][:last, 0]
    uses = found["spend"][:4].sum() + found["loan.fees"].sum() + found["loan.interest"][:4].sum()
    uses += found["reserved"].sum()
    assert put.sum() + lent.sum() == pytest.approx(uses)
    assert lent.sum() == pytest.approx(
        0.7 * (uses - (0 if who == "debt" else found["loan.interest"][:4].sum()))
    )
    if reserve:
        service = found.prepared.plans[0].service
        assert found["reserved"][4, 0] == pytest.approx(service[4] + service[5])
    if who == "debt" and order == "equity_first":
        assert lent[0] == 0  # the first spend is the owners'
        assert put[2:].sum() == pytest.approx(0, abs=1e-9)
    if who == "debt" and order == "debt_first":
        assert put[:2].sum() == pytest.approx(0, abs=1e-9)


def test_a_commitment_bounds_what_a_funding_rule_lends() -> None:
    found = built("pro_rata", amount="amount: 400, ")
    assert found["loan.drawn"].sum() == pytest.approx(400)
    assert found["loan.balance"][3, 0] == pytest.approx(400)


def test_the_stress_table_cuts_cash_and_value_and_names_the_break_even() -> None:
    """Rent 120 on level service of 700 at 7 % over eight years, value 1,000."""
    found = result(ran(VALUE="1000"))["stress_table"]
    service = 4 * 700 * 0.0175 / (1 - 1.0175**-32)
    by_case = {row["case"]: row for row in found["rows"]}
    left = 700 * 1.0175**4 - service / 4 * (1.0175**4 - 1) / 0.0175  # after the first year
    assert by_case["as written"]["least_dscr"] == pytest.approx(120 / service)
    assert by_case["KBRA, hard"]["least_dscr"] == pytest.approx(0.8 * 120 / service)
    assert by_case["KBRA, hard"]["ltv"] == pytest.approx(left / 610)
    assert by_case["KBRA, mild"]["debt_yield"] == pytest.approx(0.81 * 120 / left)
    assert found["cash_cut_at_dscr_1"] == pytest.approx(1 - service / 120)
    assert found["value_cut_at_ltv_1"] == pytest.approx(1 - left / 1000)


def test_stress_cases_run_through_the_waterfall_and_each_has_a_source_or_is_judgement() -> None:
    from supercycle.deals.measures.stress_table import stress_cases, stress_losses
    from supercycle.service.deal_files import read_file

    for case in stress_cases()[1:]:
        assert bool(case.source) != bool(case.judgement)
        assert bool(case.source) == bool(case.tier)
    found = run(read_file("coreweave_ddtl")[0])
    rows = {row["case"]: row for row in stress_losses(found)}
    hard = rows["churn and re-letting"]
    assert hard["lenders_loss"] > 0
    # Put back: the cut before a loss loses nothing, a little more does.
    from supercycle.deals.measures import stress_table

    cut = rows["as written"]["cash_cut_before_loss"]
    both = stress_table._cut(found, np.array([cut, cut + 1e-4]), 0.0)  # pyright: ignore[reportPrivateUsage]
    lost = both["ddtl.balance"][-1]
    assert lost[0] <= 1e-6 < lost[1]
    assert rows["vacancy"]["cash_cut_before_loss"] <= cut


def test_a_break_even_price_puts_the_paths_cash_before_the_refinancing() -> None:
    """The level put back as a file of its own: no default on it, and one a little below it."""
    from supercycle.deals.measures.breakeven import break_even
    from supercycle.service.deal_files import read_file

    deal, _ = read_file("terawulf")
    level = break_even(run(deal).prepared)["price"]["paid_on_time"]["level"]
    for times, fails in ((level + 1e-6, False), (level - 1e-3, True)):
        laid = {f"contracts.hosting.rent.ramp.{k}": f"{v * times}" for k, v in (("start", 150), ("end", 205))}
        again = run(read_file("terawulf", laid)[0])
        assert bool(again["state"].max() >= 3) == fails, times


def test_covers_without_a_test() -> None:
    """100 of cash against level service: the same cover each year, LLCR equal to it, PLCR above."""
    found = result(ran(VALUE="1000"))["covers"]
    service = result(ran(VALUE="1000"))["level_payment"]["loan"]["service_a_year"]
    assert found["least_dscr"] == pytest.approx(120 / service)
    assert found["mean_dscr"] == pytest.approx(120 / service)
    assert found["plcr"] >= found["llcr"] > 0

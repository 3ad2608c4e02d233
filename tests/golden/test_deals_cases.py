# ruff: noqa: E501  (deals on one line, to be read as the file writes them)
"""A number that is the first of a list whose conditions hold: hand values, on one path and on many, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import SupercycleError
from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.report import result
from supercycle.deals.run import Run, prepare, run
from supercycle.service.deal_model.model import not_live

BASE = """schema: supercycle.deal/2
name: base
money: USD_m
calendar: {start: 2026-01-01, periods: 24, months: 3}
cash_rate: HELD
assets: [{name: plant, spend: 800, value: VALUE}]
contracts:
  - {name: lease, kind: lease, asset: plant, start: START, term_years: 6, rent: RENT, opex: OPEX}
facilities:
  - {name: loan, kind: term, amount: 700, rate: RATE, maturity: 2032-01-01, LATEamortisation: {type: bullet}}
reserves:
  - {name: held, kind: trap}
  - {name: kept, target: TARGET}
tests:
  - {name: cover, measure: dscr, trap: TRAP}
waterfall:
  - {do: pay, what: interest, of: loan, from: [construction, held]}
  - {do: pay, what: principal, of: loan}
  - {do: fund, of: kept}
  - {do: sweep, of: loan, share: SHARE}
  - {do: trap, of: held}
  - {do: release, of: kept}
  - {do: release, of: held}
  - {do: distribute}
"""
GIVEN = {
    "START": "2026-01-01", "RENT": "100", "OPEX": "0", "RATE": "8 %", "TARGET": "0", "TRAP": "1.1", "SHARE": "0",
    "LATE": "", "HELD": "0", "VALUE": "0",
}  # fmt: skip
LOW = "{curve: {2026-01-01: 100, 2027-01-01: 58, 2028-01-01: 100}}"  # a cover of 58 / 56 in 2027


def text(**words: str) -> str:
    found = BASE
    for word, value in (GIVEN | words).items():
        found = found.replace(word, value)
    return found


def ran(**words: str) -> Run:
    return run(read_deal(text(**words), origin="d.yaml"))


def interest(rate: str, **words: str) -> Any:
    return ran(RATE=rate, **words)["loan.interest"][:, 0]


def test_dates_in_a_list_count_by_days_as_a_curve_does() -> None:
    curve = interest("{curve: {2026-01-01: 7 %, 2026-08-15: 8 %}}")
    assert interest("[{value: 8 %, when: from 2026-08-15}, 7 %]") == pytest.approx(curve)
    assert interest("[{value: 7 %, when: before 2026-08-15}, 8 %]") == pytest.approx(curve)
    assert curve[2] == pytest.approx(700 * (0.07 * 45 + 0.08 * 47) / 92 / 4)
    rent = ran(
        RENT="[{value: 120, when: before 2026-02-15}, {ramp: {from: 2026-01-01, to: 2032-01-01, start: 60, end: 60}}]"
    )
    assert rent["revenue"][0, 0] == pytest.approx(30 * 45 / 90 + 15 * 45 / 90)


def test_completion_and_an_ard_are_known_beforehand() -> None:
    """Interest of 5 % while it is built (to July 2026) and 8 % after; a step of 2 % after an ARD in January 2030."""
    assert interest("[{value: 8 %, when: completed}, 5 %]", START="2026-07-01")[:4] == pytest.approx(
        [8.75, 8.75, 14, 14]
    )
    ard = text(RATE="[{value: 10 %, when: after ard of loan}, 8 %]", RENT="200").replace(
        "{type: bullet}", "{type: ard, date: 2030-01-01}"
    )
    found = run(read_deal(ard))
    assert found["loan.interest"][15:16, 0] == pytest.approx([14])  # paid on the ARD itself
    left = found["loan.balance"][15, 0]
    assert found["loan.interest"][16, 0] == pytest.approx(left * 0.10 / 4)
    running = ran(OPEX="[{value: 4, when: not completed}, {value: 8, when: from 2027-01-01}, 6]")["opex"][
        :, 0
    ]
    assert running[[0, 3, 4]] == pytest.approx([1.5, 1.5, 2])


@pytest.mark.parametrize("form", ["[{value: 8.2 %, when: broken cover for 2}, 8 %]",
                                  "{base: {curve: {2026-01-01: 5 %}}, reset: term, margin: [{value: 3.2 %, when: broken cover for 2}, 3 %]}"])  # fmt: skip
def test_a_rate_steps_up_while_a_test_stays_broken(form: str) -> None:
    """58 of rent on 56 of interest is a cover of 1.036 on the dates of 2027; the second of them raises the next interest."""
    assert interest(form, RENT=LOW)[3:10] == pytest.approx([14, 14, 14, 14.35, 14.35, 14.35, 14])


def test_where_no_condition_holds_the_last_number_counts_though_another_was_planned() -> None:
    """What is planned is the deal that is not locked, at 8 %; while it is locked 7.9 % are paid."""
    found = ran(RATE="[{value: 8 %, when: not locked}, 7.9 %]", RENT=LOW)
    assert found["loan.interest"][3:10, 0] == pytest.approx([14, 14, 13.825, 13.825, 13.825, 13.825, 14])
    assert found.prepared.plans[0].service[5] == pytest.approx(14)


def test_levels_targets_shares_and_interest_on_cash_wait_for_conditions() -> None:
    lift = ran(
        RENT="{curve: {2026-01-01: 100, 2027-01-01: 58, 2028-01-01: 70}}",
        TRAP="[{value: 1.3, when: locked}, 1.1]",
    )
    assert lift["account.held"][8:12, 0] == pytest.approx(
        [5.5, 9, 12.5, 16], abs=1e-9
    )  # 1.25 does not lift it
    assert ran(RENT="{curve: {2026-01-01: 100, 2027-01-01: 58, 2028-01-01: 70}}")["account.held"][8, 0] == 0
    target = ran(TARGET="[{value: 30, when: broken cover}, 10]", RENT=LOW)["account.kept"][:, 0]
    assert target[[0, 3]] == pytest.approx([10, 10])
    assert target[5] == pytest.approx(10.5)  # 0.5 a date is all the cash there is
    swept = ran(SHARE="[{value: 50 %, when: locked}, 0]", RENT=LOW)["loan.principal"][:, 0]
    assert swept[:4].tolist() == [0] * 4
    assert swept[4] == pytest.approx(0.25)  # half of 14.5 - 14
    held = ran(HELD="[{value: 4 %, when: locked}, 0]", RENT=LOW)
    assert held["cash_interest"][5, 0] == pytest.approx(0.5 * 0.01)
    assert held["cash_interest"][:5].sum() == 0


def test_late_interest_bears_its_rate_in_default_alone() -> None:
    low = "{curve: {2026-01-01: 100, 2027-01-01: 40, 2027-07-01: 100}}"
    plain, raised = (
        ran(RENT=low, LATE=f"late_rate: {x}, ") for x in ("0", "[{value: 12 %, when: default}, 0]")
    )
    more = raised["loan.interest"].sum() - plain["loan.interest"].sum()
    assert more == pytest.approx((4 + 8.12) * 0.03)  # 4 late for a quarter, then 8 and its interest


def test_paths_choose_for_themselves() -> None:
    """One path in trouble beside two that are not: each is the deal run alone."""
    words = {"RATE": "[{value: 11 %, when: broken cover for 2}, {value: 7 %, when: [not locked, from 2028-04-01]}, 8 %]",
             "TARGET": "[{value: 30, when: broken cover}, 10]", "SHARE": "[{value: 50 %, when: locked}, 0]",
             "TRAP": "[{value: 1.3, when: locked}, 1.1]", "RENT": "$world.rent"}  # fmt: skip
    deal = read_deal(text(**words))
    rents = np.stack(
        [
            np.full(24, 100.0),
            np.r_[np.full(4, 100.0), np.full(4, 58.0), np.full(16, 100.0)],
            np.full(24, 61.0),
        ],
        1,
    )
    wide = run(deal, {"rent": rents})
    for k in range(3):
        one = run(deal, {"rent": rents[:, k]})
        for name in one.books.sides:
            assert np.allclose(one[name][:, 0], wide[name][:, k], equal_nan=True, atol=1e-9), (name, k)
    assert (wide["loan.interest"][6] == wide["loan.interest"][6, 0]).tolist() == [True, False, False]


def test_what_is_planned_stands_on_none_of_them_and_the_answer_says_what_they_are() -> None:
    deal = read_deal(
        text(
            RATE="[{value: 11 %, when: broken cover}, 8 %]", TRAP="[{value: 1.2, when: from 2028-01-01}, 1.1]"
        )
    )
    ready = prepare(deal)
    assert ready.plans[0].service[0] == pytest.approx(14)
    told = result(run(deal))["tests"]["cover"]
    assert told["trap"] == 1.1
    assert told["trap_levels"] == [{"level": 1.2, "when": ["from 2028-01-01"]}, {"level": 1.1, "when": []}]
    assert not_live(ready) == "a number is one of several under conditions"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"RATE": "[8 %]"}, "d.yaml:10: a list of numbers has two or more"),
        ({"RATE": "[{value: 9 %, when: locked}, {value: 8 %, when: default}]"}, "each number of a list but the last says when"),
        ({"RATE": "[9 %, 8 %]"}, "each number of a list but the last says when"),
        ({"RATE": "{value: 9 %, when: locked}"}, "'when' belongs to one of a list of numbers"),
        ({"RATE": "[{value: 9 %, when: lockd}, 8 %]"}, "unknown condition.*got lockd"),
        ({"RATE": "[{value: 9 %, when: broken covr}, 8 %]"}, "unknown test with a trap level 'covr'.*'cover'"),
        ({"RATE": "[{value: 9 %, when: after ard of loan}, 8 %]"}, "unknown facility with an ard 'loan'"),
        ({"RATE": "[{value: 9, when: locked}, 8 %]"}, "a rate a year without its sign"),
        ({"RATE": "[{value: 9 %, when: locked}, {value: 8 %, when: locked}, 7 %]"}, "two numbers of a list have the same conditions"),
        ({"RATE": "[{value: 9 %, when: from 2026-02-30}, 8 %]"}, "no such date"),
        ({"RATE": "[{value: 9 %, when: locked, wen: x}, 8 %]"}, "unknown key of a number 'wen'"),
        ({"RATE": "[{value: 9 %, when: locked}, {curve: {2027-01-01: 8 %}}]"}, "the rate has no level before 2027-01-01"),
        ({"RATE": "{base: [{value: 5 %, when: locked}, 4 %], reset: term, margin: 1 %}"}, "a base rate is one curve"),
        ({"RATE": "[[8 %, 7 %], 6 %]"}, "each number of a list but the last says when"),
        ({"RENT": "[{value: 90, when: locked}, 100]"}, "settled before the deal runs, so that it cannot wait for a test"),
        ({"VALUE": "[{value: 90, when: default}, 100]"}, "settled before the deal runs"),
        ({"OPEX": "[{amounts: {2026-01-01: 9}, when: completed}, 8]"}, "amounts have dates of their own"),
        ({"TRAP": "[{value: 1.2, when: locked}, 0]"}, "a level of dscr out of range"),
        ({"TRAP": "[{curve: {2026-01-01: 1.2}, when: locked}, 1.1]"}, "a plain number is wanted here"),
        ({"LATE": "upfront_fee: [{value: 1 %, when: locked}, 0], "}, "this number is one for the whole deal"),
    ],
)  # fmt: skip
def test_lists_that_would_not_run_are_refused_with_their_line(words: dict[str, str], message: str) -> None:
    with pytest.raises(SupercycleError, match=message) as told:
        ran(**words)
    assert str(told.value).startswith("d.yaml:")

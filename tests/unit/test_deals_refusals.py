"""What a deal file may not say, each refused in one line with the place: names, sizes, dates, circles, idle keys."""

from __future__ import annotations

import pytest

from supercycle.core.errors import InputError
from supercycle.deals.document.read import read_deal
from supercycle.deals.run import prepare

DEAL = """schema: supercycle.deal/2
name: full
money: USD_m
calendar: {start: 2026-01-01, periods: 12}
assets:
  - {name: hall, value: 100, volatility: 20 %, spend: {amounts: {2026-01-01: 90}}}
contracts:
  - {name: rent, kind: lease, start: 2026-01-01, term_years: 2, asset: hall, rent: 100, payer: tenant}
facilities:
  - name: loan
    kind: term
    amount: 100
    rate: 8 %
    maturity: 2028-01-01
    amortisation: {type: level_payment}
  - name: line
    kind: revolver
    amount: 20
    rate: 8 %
    maturity: 2028-01-01
    amortisation: {type: bullet}
  - name: pref
    kind: preferred_equity
    amount: 10
    rate: 12 %
    maturity: 2028-01-01
    amortisation: {type: bullet}
reserves:
  - {name: held, kind: trap}
  - {name: dsra, months: 6}
tests:
  - {name: cover, measure: dscr, trap: 1.2, cure: 1}
parties:
  - {name: tenant, default_probability: 2 %, correlation: 0.4, asset: hall}
guarantees:
  - {name: back, kind: backstop, giver: vendor, contract: rent, until: 2027-01-01, cap: 10}
enforcement: {cost: 10 %}
waterfall:
  - {do: pay, what: interest, of: loan, from: [held, line]}
  - {do: pay, what: principal, of: loan, from: held}
  - {do: pay, what: interest, of: line}
  - {do: pay, what: principal, of: line}
  - {do: fund, of: dsra}
  - {do: trap, of: held}
  - {do: release, of: held}
  - {do: pay, what: interest, of: pref}
  - {do: pay, what: principal, of: pref}
  - {do: distribute}
"""


def test_the_deal_below_is_read_and_laid_on_its_calendar() -> None:
    assert prepare(read_deal(DEAL)).paths == 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # unknown keys and names, with the nearest
        ("payer: tenant", "payor: tenant", r"d\.yaml:8: unknown key of .*'payor'.*payer"),
        ("payer: tenant", "payer: tenent", r"d\.yaml:8: unknown party 'tenent'.*tenant"),
        ("kind: revolver", "kind: revolving", r"d\.yaml:17: .*'revolving'.*revolver"),
        ("kind: backstop", "kind: vendor_backstop", r"d\.yaml:36: .*'vendor_backstop'.*backstop"),
        ("measure: dscr", "measure: dsrc", r"d\.yaml:32: .*'dsrc'.*dscr"),
        ("asset: hall, rent", "asset: hell, rent", r"d\.yaml:8: unknown asset 'hell'.*hall"),
        # a waterfall that pays what does not exist
        ("of: dsra}\n  - {do: trap", "of: drsa}\n  - {do: trap", r"d\.yaml:43: unknown account 'drsa'.*dsra"),
        ("from: [held, line]", "from: [held, lime]", r"d\.yaml:39: unknown account 'lime'.*line"),
        ("principal, of: loan", "principal, of: lone", r"d\.yaml:40: unknown facility 'lone'.*loan"),
        ("  - {do: pay, what: principal, of: pref}\n", "", r"d\.yaml:22: the waterfall never pays the principal"),
        # circular references
        ("    rate: 8 %\n    maturity: 2028-01-01\n    amortisation: {type: level",
         "    rate: $deal.facilities.line.rate\n    maturity: 2028-01-01\n    amortisation: {type: level", None),
        ("    amount: 100", "    amount: $deal.facilities.loan.amount", r"d\.yaml:12: circular reference"),
        ("    amount: 100", "    amount: $deal.facilities.lin.amount", r"d\.yaml:12: unknown block 'lin'.*line"),
        ("    amount: 100", "    amount: $deal.facilities", r"d\.yaml:12: a reference leads to a number"),
        ("of: line}\n  - {do: pay, what: p", "of: line, from: line}\n  - {do: pay, what: p",
         r"d\.yaml:41: circular reference: a revolver pays itself"),
        ("enforcement: {cost: 10 %}", "enforcement: &e {cost: *e}", r"d\.yaml:37: not a number"),
        # negative sizes
        ("    amount: 100", "    amount: -100", r"d\.yaml:12: a sum of money is too small"),
        ("cap: 10}", "cap: -10}", r"d\.yaml:36: a sum of money is too small"),
        ("volatility: 20 %", "volatility: -20 %", r"d\.yaml:6: a yearly volatility is too small"),
        ("correlation: 0.4", "correlation: 1.4", r"d\.yaml:34: a correlation without its sign"),
        # dates out of order
        ("    maturity: 2028-01-01", "    maturity: 2025-01-01", r"d\.yaml:14: maturity before closing"),
        ("until: 2027-01-01", "until: 2025-01-01", r"d\.yaml:36: dates out of order"),
        ("kind: revolver", "kind: revolver\n    available_until: 2029-01-01", r"d\.yaml:18: dates out of order"),
        ("trap: 1.2,", "trap: 1.2, from: 2027-01-01, until: 2026-07-01,", r"d\.yaml:32: dates out of order"),
        ("value: 100,", "value: {ramp: {from: 2027-01-01, to: 2026-01-01, start: 1, end: 2}},",
         r"d\.yaml:6: dates out of order"),
        ("months: 6}", "months: 2}", r"d\.yaml:30: a reserve covers whole periods: expected a multiple of 3"),
        # missing cure, levels, cover
        (", measure: dscr", "", r"d\.yaml:32: .*lacks 'measure'"),
        # keys that would do nothing
        ("kind: revolver", "kind: revolver\n    advance: 0.5", r"d\.yaml:18: 'advance' does nothing in a revolver"),
        ("{type: bullet}\n  - name: pref", "{type: level_payment}\n  - name: pref",
         r"d\.yaml:21: a revolver is not repaid by level_payment"),
        ("cap: 10}", "cap: 10, asset: hall}", r"d\.yaml:36: 'asset' does nothing in this backstop"),
        ("contract: rent, until", "until", r"d\.yaml:36: guarantee 'back' lacks 'contract'"),
        ("term_years: 2, ", "term_years: 2, renewal_probability: 0.5, ", r"d\.yaml:8: renewal_probability is for"),
        ("payer: tenant", "", r"d\.yaml:34: party 'tenant' is neither payer nor giver"),
        ("volatility: 20 %, ", "", r"d\.yaml:34: the value of 'hall' has no volatility"),
        ("from: [held, line]", "from: held", r"d\.yaml:16: no pay step draws on 'line'"),
        # order of the waterfall
        ("  - {do: fund, of: dsra}\n  - {do: trap, of: held}\n", "  - {do: trap, of: held}\n  - {do: fund, of: dsra}\n",
         r"d\.yaml:44: pay and fund come before trap"),
        ("  - {do: trap, of: held}\n  - {do: release, of: held}\n  - {do: pay, what: interest, of: pref}\n",
         "  - {do: pay, what: interest, of: pref}\n  - {do: trap, of: held}\n  - {do: release, of: held}\n",
         r"d\.yaml:44: preferred equity is paid after the trap"),
        ("name: dsra,", "name: loan,", r"d\.yaml:30: 'loan' names two things"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(old: str, new: str, message: str | None) -> None:
    assert old in DEAL
    text = DEAL.replace(old, new, 1)
    if message is None:
        assert read_deal(text).facilities[0].rate.value == 0.08
        return
    with pytest.raises(InputError, match=message) as told:
        read_deal(text, origin="d.yaml")
    assert "\n" not in str(told.value)


def test_two_references_in_a_circle_are_told_with_their_chain() -> None:
    text = DEAL.replace("amount: 100", "amount: $deal.facilities.line.amount")
    text = text.replace("    amount: 20", "    amount: $deal.facilities.loan.amount")
    with pytest.raises(InputError, match=r"circular reference.*line\.amount -> .*loan\.amount -> "):
        read_deal(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("default_probability: 2 %", "default_probability: 1.2", r"a share without its sign"),
        ("    maturity: 2028-01-01", "    maturity: 2031-01-01", r"the maturity of 'loan' after the calendar ends"),
        ("amortisation: {type: level_payment}", "amortisation: {type: level_payment, from: 2028-06-01}",
         r"repayment starts after maturity"),
        ("kind: term\n", "kind: term\n    draws: {amounts: {2026-01-01: 60, 2026-04-01: 60}}\n", r"more is drawn"),
        ("kind: term\n", "kind: term\n    draws: {amounts: {2036-01-01: 60}}\n", r"outside the calendar"),
        ("payer: tenant", "payer: tenant, paid_share: 1.5", r"a share without its sign"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_calendar_is_told(old: str, new: str, message: str) -> None:
    assert old in DEAL
    with pytest.raises(InputError, match=message):
        prepare(read_deal(DEAL.replace(old, new, 1)), paths=3)

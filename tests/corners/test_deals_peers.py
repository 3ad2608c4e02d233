"""Failures that other engines are known for, each told or avoided here."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.core.errors import BooksError
from supercycle.deals.document.read import read_deal
from supercycle.deals.engine.ledger import Books, check_books
from supercycle.deals.engine.waterfall import STATES
from supercycle.deals.run import Run, run

DEAL = """schema: supercycle.deal/2
name: small
money: USD_m
calendar: {start: 2026-01-01, periods: 8, months: 12}
assets:
  - {name: hall, value: VALUE}
contracts:
  - {name: rent, kind: lease, start: 2026-01-01, term_years: 2, option_years: 6, options: 1, asset: hall,
     rent: $world.rent}
facilities:
  - {name: loan, kind: term, amount: 100, rate: 10 %, maturity: 2031-01-01, amortisation: {type: RULE}}
reserves:
  - {name: held, kind: trap}
tests:
  - {name: cover, measure: dscr, trap: 1.2, cure: 1}
waterfall:
  - {do: pay, what: interest, of: loan, from: held}
  - {do: pay, what: principal, of: loan, from: held}
  - {do: trap, of: held}
  - {do: release, of: held}
  - {do: distribute}
"""
GUARANTEE = """guarantees:
  - {name: rvg, giver: tenant, contract: rent, asset: hall, until: 2028-06-01, threshold: 90, cap: 50}
enforcement: {cost: 10 %}
"""


def ran(rule: str, rent: list[float], value: str = "0") -> Run:
    text = DEAL.replace("RULE", rule).replace("VALUE", value)
    return run(read_deal(text), {"rent": np.resize(rent, 8)})


def test_level_payment_is_level_and_level_principal_is_not_called_so() -> None:
    level, straight = ran("level_payment", [200]), ran("level_principal", [200])
    assert np.ptp(level["service"][:5]) == pytest.approx(0, abs=1e-9)
    assert level["service"][0, 0] == pytest.approx(100 * 0.1 / (1 - 1.1**-5))
    assert np.ptp(straight["loan.principal"][:5]) == pytest.approx(0, abs=1e-9)
    assert straight["service"][0, 0] - straight["service"][4, 0] == pytest.approx(8)


def test_a_bullet_left_unpaid_at_maturity_is_an_event() -> None:
    found = ran("bullet", [12])
    assert found.state_counts()["matured_unpaid"] == 1
    assert STATES[int(found["state"][4, 0])] == "matured_unpaid"
    assert found["loan.balance"][-1, 0] > 0
    assert found.loss("loan")[0] == pytest.approx(found["loan.balance"][-1, 0] / 100)


def test_debt_capacity_is_never_negative() -> None:
    text = DEAL.replace("RULE", "sculpted, dscr: 1.3, cfads: $world.poor").replace("amount: 100, ", "")
    found = run(read_deal(text.replace("VALUE", "0")), {"rent": np.full(8, 10.0), "poor": np.full(8, -50.0)})
    assert found.prepared.plans[0].amount == 0
    assert found["loan.drawn"].sum() == 0


def test_trapped_cash_is_released_when_the_debt_is_repaid() -> None:
    found = ran("level_payment", [27])  # cover of 1.02: trapped until the last payment
    assert found["account.held"][3, 0] > 0
    assert found["equity_out"][:4].sum() == 0  # the proceeds of the loan are held too
    assert found["account.held"][5:].max() == 0


def test_the_books_see_a_source_nobody_listed() -> None:
    books = Books({"windfall": "source", "cost": "use", "bank": "cash"})
    series = np.array([[[5.0]], [[2.0]], [[3.0]]])
    assert check_books(books, series) == 0
    with pytest.raises(BooksError, match="sources and uses"):
        check_books(Books({**books.sides, "forgotten": "source"}), np.concatenate([series, [[[1.0]]]]))


def test_cash_before_debt_is_counted_once_and_without_reserves() -> None:
    found = ran("level_payment", [40])
    assert found["cfads"].sum() == pytest.approx(found["revenue"].sum() - found["opex"].sum())
    assert found["test.cover"][0, 0] == pytest.approx(40 / found["service"][0, 0])
    assert np.isnan(found["test.cover"][-1, 0])  # no service: not measured


@pytest.mark.parametrize("renewed", [0, 1])
def test_the_guarantee_is_called_once_within_cap_and_term(renewed: int) -> None:
    paid = []
    for value in (20.0, 60.0, 85.0, 120.0):
        text = DEAL.replace("RULE", "level_payment").replace("VALUE", str(value)) + GUARANTEE
        text = text.replace("options: 1,", f"options: 1, renewed: {renewed},")
        found = run(read_deal(text), {"rent": np.full(8, 40.0)})
        paid.append(float(found["guarantee"].sum()))
    assert paid == ([50.0, 30.0, 5.0, 0.0] if renewed == 0 else [0.0] * 4)
    late = DEAL.replace("RULE", "level_payment").replace("VALUE", "20") + GUARANTEE.replace(
        "2028-06", "2027-06"
    )
    late = late.replace("options: 1,", "options: 1, renewed: 0,")
    assert run(read_deal(late), {"rent": np.full(8, 40.0)})["guarantee"].sum() == 0

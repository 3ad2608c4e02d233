# ruff: noqa: E501  (deals on one line, to be read as the file writes them)
"""What a reader of the printed tables would take from them: covers by year, a lease that ends, a price: right values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from supercycle.core.errors import InputError
from supercycle.deals.document.read import read_deal
from supercycle.deals.measures.lapse import non_renewal
from supercycle.deals.measures.report import result
from supercycle.deals.run import Run, run
from supercycle.service.deal import deal

BASE = """schema: supercycle.deal/2
name: base
money: USD_m
calendar: {start: 2026-01-01, periods: PERIODS, months: 3}
assets:
  - {name: plant, spend: {amounts: {2026-01-01: 1000}}, value: VALUE}
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
    "PERIODS": "40", "VALUE": "0", "START": "2026-01-01", "TERM": "term_years: 10", "RENT": "120", "MORE": "",
    "STEPS": "", "LOAN": "amount: 700, rate: 7 %, maturity: 2034-01-01, amortisation: {type: bullet}",
}  # fmt: skip


def ran(values: Any = None, **words: str) -> Run:
    text = BASE
    for word, value in (GIVEN | words).items():
        text = text.replace(word, value)
    return run(read_deal(text, origin="d.yaml"), values)


def test_a_year_of_building_has_no_cover_and_a_mixed_year_that_of_its_operations() -> None:
    """Operations from July 2027: three of that year's payment dates are of building, January's is 2028's first."""
    found = result(ran(START="2027-07-01", TERM="term_years: 8"))
    cash, earned = ({y["year"]: y["dscr"] for y in found[k]} for k in ("years", "years_earned"))
    assert cash[2026] is cash[2027 - 1] is None
    assert earned[2026] is None
    # Rent of 30 and interest of 12.25 on each date: the interest of the months of building is no part of it.
    assert cash[2027] == pytest.approx(30 / 12.25)
    assert earned[2027] == pytest.approx(30 / 12.25)
    assert found["years"][1]["senior_service"] == pytest.approx(4 * 12.25)  # it is shown, and not divided by


TAKEOUT = """  - {name: new, kind: refinancing, amount: 900, rate: 6 %, maturity: 2036-01-01,
     takes_out: {of: loan, on: 2034-01-01LIMIT}, amortisation: {type: bullet}}
"""
SERVE = "  - {do: pay, what: interest, of: new}\n  - {do: pay, what: principal, of: new}\n"


@pytest.mark.parametrize("paths", [1, 3])
def test_principal_that_new_debt_repays_is_no_service(paths: int) -> None:
    """A bullet of 700 refinanced on its maturity: the date's service is its interest; half of it lent, half is due."""
    test = "tests:\n  - {name: cover, measure: dscr}\n"
    rent = {"x": np.full((40, paths), 120.0)} if paths > 1 else {"x": np.full(40, 120.0)}
    for limit, due in (("", 12.25), (", ltv: 50 %", 12.25 + 300)):
        found = ran(
            rent, RENT="$world.x", VALUE="800", MORE=TAKEOUT.replace("LIMIT", limit) + test, STEPS=SERVE
        )
        assert found["service"][31] == pytest.approx(due)
        assert found["test.cover"][31] == pytest.approx(30 / due)
    assert found["new.drawn"].sum(axis=0) == pytest.approx(400)


def test_an_asset_worth_nothing_is_sold_for_nothing_on_its_date() -> None:
    more = {"TERM": "term_years: 4, option_years: 4, options: 1", "MORE": "enforcement: {cost: 10 %}\n"}
    whole = BASE
    for word, value in (GIVEN | more).items():
        whole = whole.replace(word, value)
    case = non_renewal(read_deal(whole), {})[0]
    assert (case["value"], case["sale"]) == (0.0, 0.0)
    assert case["debt_before_sale"] == pytest.approx(700)
    two = whole.replace("value: 0}", "value: 500}\n  - {name: shed, value: 90}").replace(
        "facilities:",
        "  - {name: side, kind: lease, asset: shed, start: 2026-01-01, term_years: 10, rent: 9}\nfacilities:",
    )
    case = non_renewal(read_deal(two), {})[0]
    assert (case["value"], case["sale"]) == (
        pytest.approx(500),
        pytest.approx(450),
    )  # its own, not the pool's


def test_yields_are_given_at_the_prices_that_are_asked() -> None:
    found = deal("hyperion", prices=(98.0, 100.0)).to_dict()
    yields = found["tranches"]["notes"]["yield_at_price"]
    assert list(yields) == ["98", "100"]
    assert yields["100"]["yield"] == pytest.approx(0.06581, abs=1e-4)
    assert yields["98"]["yield"] > yields["100"]["yield"]
    assert "--price 98 --price 100" in found["manifest"]["command"]
    with pytest.raises(InputError, match="--price: bad price"):
        deal("hyperion", prices=(0.0,))

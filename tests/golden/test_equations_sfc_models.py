"""Godley and Lavoie's LP (capital gains), BMW (bank money, interest within the period) and REG (two regions).

They come out as printed and as derived by hand; their books close and their kernels agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from supercycle.equations import emit_numpy
from supercycle.equations.dimensions import check
from supercycle.equations.examples import bmw_model, lp_model, reg_model
from supercycle.equations.graph import plan
from supercycle.equations.ledger import Ledger
from supercycle.equations.machine import store
from supercycle.equations.matrices import balance_sheet, transactions_flow

LONG = 2000  # periods, by when every model stands still to 1e-9


def run(
    make: Callable[[], tuple[Any, Ledger]], quarters: int = LONG, **changed: float
) -> tuple[dict[str, np.ndarray], float]:
    model, _ = make()
    check(model)
    ready = plan(model)
    changes = {k.replace("__", ":"): v for k, v in changed.items()}
    assert set(changes) <= set(model.registry)
    params = np.array([[changes.get(k, model.registry[k].default)] for k in model.registry])
    out, residual = emit_numpy.simulate(
        ready, params, np.zeros((0, quarters, 1)), np.arange(ready.slot_count)
    )
    return {key: out[i, :, 0] for i, key in enumerate(ready.slot_names)}, float(residual[0])


# LP


def lp_by_hand(price: float, rate: float) -> dict[str, float]:
    """The stationary state of examples/lp.py, as its docstring derives it."""
    bills = 0.44196 + 1.1 * rate - 1.0 / price - 0.03
    bonds = 0.3997 - 1.0 * rate + 1.1 / price - 0.03
    k = (1 - 0.1938) / 0.1938
    wealth = k * 20 / (1 - k * (rate * bills + bonds / price))
    return {
        "wealth": wealth,
        "disposable_income": wealth,
        "household_bills": bills * wealth,
        "bonds": bonds * wealth,
        "money": (1 - bills - bonds) * wealth,
        "income": wealth + 20,
    }


def test_lp_stands_where_the_book_opens_and_where_arithmetic_puts_it() -> None:
    found, residual = run(lp_model)
    assert residual < 1e-11
    for name, value in lp_by_hand(20.0, 0.03).items():
        assert found[name][-1] == pytest.approx(value, rel=1e-9), name
    # The book's opening values (chapter 5), which stand about one in 1,000 off the exact state.
    printed = {
        "wealth": 95.803,
        "household_bills": 37.839,
        "bonds": 1.892 * 20,
        "money": 20.125,
        "central_bank_bills": 20.125,
    }
    for name, value in printed.items():
        assert found[name][-1] == pytest.approx(value, rel=1.5e-3), name


def test_lp_a_higher_yield_first_makes_households_poorer_and_then_richer() -> None:
    """The chapter's experiment: bills at 4 %, bonds at 15 (6.67 %). On the day, bond holders lose a quarter of their
    bonds' value, in wealth and in no cash; in the end interest makes income and wealth higher.
    """
    dates = {"bond_prices": {"2000Q1": 20.0, "2100Q1": 15.0}, "bill_rates": {"2000Q1": 0.03, "2100Q1": 0.04}}
    found, residual = run(lambda: lp_model(**dates), quarters=1000)
    day = 400  # 2100Q1
    assert residual < 1e-11
    assert found["bond_price"][day - 1 : day + 1].tolist() == [20.0, 15.0]
    loss = found["bonds"][day - 1] * (15.0 / 20.0 - 1.0)
    assert found["capital_gain"][day] == pytest.approx(loss, rel=1e-12)
    saved = found["disposable_income"][day] - found["consumption"][day]
    assert found["wealth"][day] - found["wealth"][day - 1] == pytest.approx(loss + saved, rel=1e-12)
    assert saved == pytest.approx(0.0, abs=1e-9)
    for name, value in lp_by_hand(15.0, 0.04).items():
        assert found[name][-1] == pytest.approx(value, rel=1e-9), name
    assert found["wealth"][-1] > found["wealth"][day - 1] > found["wealth"][day]


def test_lp_the_gain_is_a_revaluation_in_the_matrices() -> None:
    dates = {"2000Q1": 20.0, "2001Q1": 15.0}
    model, books = lp_model(dates)
    ready = plan(model)
    found, _ = run(lambda: lp_model(dates), quarters=8)
    now, before = ({k: v[q] for k, v in found.items()} for q in (4, 3))
    flows, apart = transactions_flow(ready, books, now, before)
    gain = now["capital_gain"]
    assert gain < 0
    assert apart.cell("Capital gains", "households") == pytest.approx(gain)
    assert apart.cell("Capital gains", "the government") == pytest.approx(-gain)
    assert "Capital gains" not in flows.rows
    for table in (flows, apart, balance_sheet(ready, books, now)):
        assert max(map(abs, table.row_sums())) < 1e-10


# BMW


def test_bmw_stands_where_the_book_says() -> None:
    found, residual = run(bmw_model)
    assert residual < 1e-11
    income = 25 / ((1 - 0.75) * (1 - 0.1 * 1.0) - 0.1 * 1.0)
    assert income == pytest.approx(200.0, rel=1e-12)
    expected = {
        "income": income, "capital": income, "loans": income, "deposits": income, "consumption": 0.9 * income,
        "disposable_income": 0.9 * income, "investment": 0.1 * income, "wages": 0.9 * income - 0.04 * income,
    }  # fmt: skip
    for name, value in expected.items():
        assert found[name][-1] == pytest.approx(value, rel=1e-9), name


def test_bmw_thrift_is_a_paradox() -> None:
    """Chapter 7: a higher propensity to save lowers income, and the loans with which firms carry capital."""
    found, _ = run(bmw_model, consumed_income=0.74)
    income = 25 / ((1 - 0.74) * 0.9 - 0.1)
    assert found["income"][-1] == pytest.approx(income, rel=1e-9)
    assert found["loans"][-1] == pytest.approx(income, rel=1e-9)
    assert income < 200


def test_bmw_income_interest_and_consumption_agree_within_every_period() -> None:
    found, _ = run(bmw_model, quarters=40)
    c, m = found["consumption"], found["deposits"]
    np.testing.assert_allclose(c[1:], 25 + 0.75 * found["disposable_income"][1:] + 0.1 * m[:-1], rtol=1e-12)
    np.testing.assert_allclose(found["capital"], found["loans"], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found["deposits"], found["loans"], rtol=1e-11, atol=1e-11)


# REG


def reg_by_hand(imports: tuple[float, float]) -> dict[str, float]:
    """Stationary: YD = V (both regions' propensities), bills three quarters of it; two budgets, solved together.

    Income of a region is YD - interest + taxes = YD / (1 - tax) - interest, and also YD + G + exports - imports.
    """
    held, rate, tax = 0.75, 0.025, 0.2
    a = 1 / (1 - tax) - rate * held  # income over YD
    north, south = imports
    matrix = np.array([[a * (1 + north) - 1, -south * a], [-north * a, a * (1 + south) - 1]])
    after_tax = np.linalg.solve(matrix, [20.0, 20.0])
    out = {}
    for region, yd in zip(("North", "South"), after_tax, strict=True):
        out |= {
            f"wealth:{region}": yd, f"bills:{region}": held * yd, f"income:{region}": a * yd,
        }  # fmt: skip
    return out


def test_reg_stands_where_the_book_opens() -> None:
    found, residual = run(reg_model)
    assert residual < 1e-11
    for name, value in reg_by_hand((0.18781, 0.18781)).items():
        assert found[name][-1] == pytest.approx(value, rel=1e-9), name
    # Both regions are model PC: wealth 80 / (1 - 4 * 0.025 * 0.75) = 86.486, three quarters in bills (printed 64.865).
    assert found["wealth:North"][-1] == pytest.approx(80 / 0.925, rel=1e-9)
    assert round(found["bills:South"][-1], 3) == 64.865
    assert found["trade_balance:North"][-1] == pytest.approx(0.0, abs=1e-9)


def test_reg_a_region_that_imports_more_grows_poorer_and_the_government_pays_for_it() -> None:
    """Chapter 6's experiment: the South's propensity to import rises from 0.18781 to 0.20781."""
    found, residual = run(reg_model, import_share__South=0.20781)
    assert residual < 1e-11
    for name, value in reg_by_hand((0.18781, 0.20781)).items():
        assert found[name][-1] == pytest.approx(value, rel=1e-9), name
    assert found["income:South"][-1] < 106.486 < found["income:North"][-1]
    south = found["trade_balance:South"][-1]
    deficit = (found["spending:South"] + found["interest:South"] - found["taxes:South"])[-1]
    assert south < 0
    assert deficit == pytest.approx(-south, rel=1e-9)  # twin deficits: nobody else lends


@pytest.mark.parametrize("make", [lp_model, bmw_model, reg_model])
def test_kernels_agree(make: Callable[[], tuple[Any, Ledger]]) -> None:
    model, _ = make()
    ready = plan(model)
    params = np.array([[model.registry[k].default] * 11 for k in model.registry])
    draws, record = np.zeros((0, 60, 11)), np.arange(ready.slot_count)
    expected, _ = emit_numpy.simulate(ready, params, draws, record)
    got, residual = store.compiled(ready).kernel(params, draws, record)
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11)
    assert residual.max() < 1e-11

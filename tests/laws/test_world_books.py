"""The books of the world: who owes whom, that it adds up, and that no sector's money runs away or out."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from supercycle.equations.ledger import NO_CASH
from supercycle.equations.matrices import balance_sheet, transactions_flow
from supercycle.world.books import ledger

sys.path.append(str(Path(__file__).resolve().parents[1]))
runs = importlib.import_module("world_runs")

PATHS = 512
PASS_THROUGH = (
    "neoclouds",
    "spvs",
    "chip_makers",
    "builders",
    "bond_investors",
    "private_credit",
    "equity_holders",
)


@pytest.fixture(scope="module")
def many() -> runs.Result:
    return runs.sampled_paths(PATHS)


def deposits(result: runs.Result, sector: str) -> np.ndarray:
    """[member, quarter, path]."""
    return result.all(ledger.deposits_name(sector))


def test_books_close_on_every_path(many: runs.Result) -> None:
    assert np.isfinite(many.residual).all()
    assert many.residual.max() <= 1e-9


def test_deposits_of_all_sectors_sum_to_what_they_opened_with(many: runs.Result) -> None:
    """Found again from the stocks, not from the model's own residual; the opening's own disagreement is an output."""
    total = sum(deposits(many, sector).sum(axis=0) for sector in ledger.sectors)
    imbalance = many["books_opening_imbalance_usd_bn"]
    assert np.abs(total - imbalance).max() <= 1e-9 * many["books_gross_flows_usd_bn"][1:].min()
    assert (imbalance == imbalance[0]).all()
    assert runs.world().model.variables["books_opening_imbalance_usd_bn"].reported
    assert np.abs(imbalance).max() < 0.005 * 60000  # half a per cent of all deposits


def test_every_flow_is_posted_once_and_every_claim_has_one_holder_and_one_issuer() -> None:
    flows = [e.flow for e in ledger.entries]
    assert len(flows) == len(set(flows))
    posted = {e.claim for e in ledger.entries if e.claim}
    assert posted == set(ledger.claims), "a claim nobody lends on, or a loan that makes no claim"
    for claim in ledger.claims.values():
        assert claim.holder != claim.issuer
        assert claim.name in runs.world().model.variables, (
            "one stock: the holder's asset is the issuer's liability"
        )
    checked = {sector for sector, _ in ledger.checks}
    assert checked == set(ledger.sectors) - {ledger.residual_sector}, (
        "a sector without an independent statement"
    )


def test_vehicles_owe_what_their_lenders_hold(many: runs.Result) -> None:
    """The debt that their own block adds up is the sum of the claims on them in the books."""
    owed = sum(many[c.name] for c in ledger.claims.values() if c.issuer == "spvs")
    assert np.allclose(owed, many["spv_debt_usd_bn"], rtol=1e-12)
    held = {c.holder for c in ledger.claims.values() if c.issuer == "spvs"}
    assert held == {"bond_investors", "private_credit", "banks"}


def test_all_debt_is_the_sum_of_claims(many: runs.Result) -> None:
    parts = [many.all(c.name).sum(axis=0) for c in ledger.claims.values() if c.instrument != "equity"]
    assert np.allclose(sum(parts), many["ai_debt_usd_bn"], rtol=1e-12)


def test_rows_of_the_flow_matrix_sum_to_zero(many: runs.Result) -> None:
    """Each flow leaves one sector and reaches another: every row of numbers is zero, and every sector's column is what
    its deposits changed by.
    """
    quarter, path = 7, 0
    change = dict.fromkeys(ledger.sectors, 0.0)
    for entry in ledger.entries:
        if entry.kind in NO_CASH:
            continue
        amount = float(many.all(entry.flow).sum(axis=0)[quarter, path])
        change[entry.payer] -= amount
        change[entry.payee] += amount
    gross = many["books_gross_flows_usd_bn"][quarter, path]
    assert abs(sum(change.values())) <= 1e-12 * gross
    for sector, expected in change.items():
        stock = deposits(many, sector).sum(axis=0)[:, path]
        assert stock[quarter] - stock[quarter - 1] == pytest.approx(expected, abs=1e-10 * gross), sector


@pytest.mark.parametrize("quarter", [1, 12, 38])
def test_rows_and_columns_of_the_matrices_sum_to_zero(many: runs.Result, quarter: int) -> None:
    """Transactions: rows and columns; balance sheet (deposits: to the opening imbalance) and revaluations: rows."""
    plan = runs.world().plan
    values, before = (
        {k: float(x) for k, x in zip(plan.slot_names, many.out[:, q, 3], strict=True)}
        for q in (quarter, quarter - 1)
    )
    flows, apart = transactions_flow(plan, ledger, values, before)
    sheet = balance_sheet(plan, ledger, values)
    gross = values["books_gross_flows_usd_bn"]
    assert max(map(abs, (*flows.row_sums(), *flows.column_sums()))) <= 1e-10 * gross
    assert max(map(abs, apart.row_sums())) <= 1e-10 * gross
    first, *others = sheet.row_sums()
    assert first == pytest.approx(values["books_opening_imbalance_usd_bn"], abs=1e-9 * 60000)
    assert max(map(abs, others)) <= 1e-10 * abs(values["banks_deposits_usd_bn"])
    assert gross > 500.0


def test_no_deposit_is_below_zero(many: runs.Result) -> None:
    """No sector lives on an overdraft that has no name; banks' deposits are what they owe to everybody else."""
    for sector in ledger.sectors:
        lowest = deposits(many, sector).min()
        if sector == "banks":
            assert deposits(many, sector).max() < 0.0
        else:
            assert lowest >= -1e-9, f"{sector}: {lowest}"


@pytest.mark.parametrize("sector", PASS_THROUGH)
def test_sectors_that_pay_through_keep_their_balance(many: runs.Result, sector: str) -> None:
    stock = deposits(many, sector)
    assert np.abs(stock - stock[:, :1]).max() <= 1e-9 * stock.max() + 1e-9


def test_cash_of_the_five_does_not_run_away(many: runs.Result) -> None:
    """A surplus beyond opening cash is paid out, a deficit is borrowed: cash stays between a fifth of the
    opening and it.
    """
    stock = deposits(many, "hyperscalers")
    start = stock[:, :1]
    assert (stock <= start * (1 + 1e-9)).all()
    assert (stock >= 0.2 * start).all()


def test_the_rest_of_the_economy_does_not_run_away(many: runs.Result) -> None:
    """Nine of ten paths end within 5 % of the opening: income closes (a prototype lost 13.9 tn)."""
    stock = deposits(many, "rest_of_economy")[0]
    change = np.abs(stock[-1] / stock[0] - 1.0)
    assert np.quantile(change, 0.9) < 0.05
    assert np.median(change) < 0.01


def test_labs_do_not_pile_up_cash(many: runs.Result) -> None:
    """What each holds at the end is at most reserve and runway of costs, and the profit of the quarters it takes to pay
    the rest out; and never less than nothing.
    """
    slots, params = runs.world().plan.param_slots, runs.sampled(PATHS).params
    reserve, runway = params[slots["lab_reserve_q"]], params[slots["lab_runway_q"]]
    costs, profits = many.all("lab_cost_by_usd_bn"), many.all("lab_profit_by_usd_bn")
    cash, still = many.all("lab_cash_by_usd_bn"), many.all("lab_failed")[:, -1] == 0.0
    most = (reserve + runway) * costs[:, -16:].max(axis=1) + runway * np.maximum(profits[:, -16:], 0.0).max(
        axis=1
    )
    assert (cash[:, -1] <= np.maximum(most, cash[:, 0]))[still].all()
    assert (cash >= -1e-9).all()
    assert np.median(many["lab_cash"][-1] / many["lab_costs_usd_bn"][-1]) < 6.0


def test_no_claim_is_below_zero(many: runs.Result) -> None:
    """Nobody repays, or writes off, more than is owed."""
    for claim in ledger.claims.values():
        assert many.all(claim.name).min() >= -1e-9, claim.name

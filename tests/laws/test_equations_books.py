"""Books close for any parameters, and say so when they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.core.errors import ModelError, UnknownNameError
from supercycle.equations import emit_numpy
from supercycle.equations.examples import pc_model, sim_model
from supercycle.equations.graph import Plan, plan
from supercycle.equations.ledger import Ledger
from supercycle.equations.matrices import balance_sheet, structure, transactions_flow
from supercycle.equations.spec import Axis, Model

FIRM = Axis("firm", ("Alpha", "Beta"))


def with_debt(*, forget: str = "", check: bool = True) -> tuple[Model, Ledger]:
    """Two firms that borrow, repay, pay interest in kind, default and invest; ``forget`` leaves a flow unposted."""
    model = Model("debt")
    block = model.block("firms", "Firms", "Two firms.")
    for name, high in (("issue", 9.0), ("repaid_share", 0.2), ("lost_share", 0.1), ("spend", 9.0)):
        unit = "USD_bn/q" if high > 1 else "1/q"
        block.param(name, name, unit, high / 2, 0.0, high, "uniform", name, reason="toy")
    block.param("start", "start", "USD_bn", 5.0, 0.0, 9.0, "uniform", "opening stock", reason="toy")

    def opening(start):
        return start

    def owed(start):
        return 0 - start - start - start  # what the two firms and the funds hold

    @block.equation("USD_bn/q", axis=FIRM)
    def borrowed(issue, position):
        return issue * (1 + position)

    @block.equation("USD_bn/q", axis=FIRM)
    def repaid(debt_prev, repaid_share):
        return debt_prev * repaid_share

    @block.equation("USD_bn/q", axis=FIRM)
    def in_kind(debt_prev, repaid_share):
        return 0.5 * debt_prev * repaid_share

    @block.equation("USD_bn/q", axis=FIRM)
    def defaulted(debt_prev, lost_share):
        return debt_prev * lost_share

    @block.equation("USD_bn/q", axis=FIRM)
    def invested(spend, is_first):
        return spend * (1 + is_first)

    @block.equation("USD_bn", axis=FIRM, opening=opening)
    def own_cash(own_cash_prev, borrowed, repaid, invested, one_quarter):
        return own_cash_prev + (borrowed - repaid - invested) * one_quarter

    books = Ledger(model.block("books", "Books", "Who pays whom."))
    books.sector("firms", "Firms", axis=FIRM, opening=opening)
    books.sector("funds", "Funds", opening=opening)
    books.sector("rest_of_economy", "Rest of the economy", opening=owed)
    books.claim("debt", instrument="Bonds", holder="funds", issuer="firms", opening=opening, meaning="bonds")
    books.lend("borrowed", claim="debt", label="Issues")
    books.repay("repaid", claim="debt", label="Repayments")
    books.accrue("in_kind", claim="debt", label="Interest in kind")
    books.write_off("defaulted", claim="debt", label="Defaults")
    books.pay("invested", payer="firms", payee="rest_of_economy", label="Capex")
    books.entries = [e for e in books.entries if e.flow != forget]
    if check:
        books.check("firms", "own_cash")
    books.finish()
    return model, books


def random_run(ready: Plan, seed: int, quarters: int = 30) -> tuple[np.ndarray, np.ndarray]:
    registry = ready.model.registry
    u = np.random.default_rng(seed).uniform(size=(len(ready.param_slots), 5))
    low = np.array([registry[k].low for k in registry])[:, None]
    high = np.array([registry[k].high for k in registry])[:, None]
    draws = np.zeros((0, quarters, 5))
    return emit_numpy.simulate(ready, low + (high - low) * u, draws, np.arange(ready.slot_count))


@settings(max_examples=8)
@given(st.sampled_from([sim_model, pc_model, with_debt]), st.integers(0, 2**31))
def test_books_close_and_both_matrices_sum_to_zero(make, seed):
    model, books = make()
    ready = plan(model)
    out, residual = random_run(ready, seed)
    assert residual.max() < 1e-9
    for path, quarter in ((0, 1), (1, 17), (4, 30)):
        now, before = (
            {k: out[i, q, path] for i, k in enumerate(ready.slot_names)} for q in (quarter, quarter - 1)
        )
        sheet = balance_sheet(ready, books, now)
        flows, revaluations = transactions_flow(ready, books, now, before)
        size = max(1.0, *(abs(x) for row in (*sheet.cells, *flows.cells) for x in row))
        for table in (sheet, flows, revaluations):
            assert max(map(abs, table.row_sums()), default=0.0) < 1e-9 * size
        assert max(map(abs, flows.column_sums())) < 1e-9 * size
        # What a sector's net worth gained is what it saved plus its revaluations.
        earlier = balance_sheet(ready, books, before).column_sums()
        lent = [
            sum(
                c
                for label, row in zip(flows.rows, flows.cells, strict=True)
                if label != "Change in deposits" and not _financial(books, label)
                for c in [row[i]]
            )
            for i in range(len(flows.columns))
        ]
        gained = [b - a for a, b in zip(earlier, sheet.column_sums(), strict=True)]
        for got, saved, changed in zip(gained, lent, revaluations.column_sums(), strict=True):
            assert got == pytest.approx(saved + changed, abs=1e-9 * size)


def _financial(books: Ledger, label: str) -> bool:
    return any(e.label == label and e.kind in ("lend", "repay") for e in books.entries)


@pytest.mark.parametrize("forgotten", ["borrowed", "repaid", "invested"])
def test_a_flow_posted_once_too_few_shows_in_the_residual(forgotten):
    model, _ = with_debt(forget=forgotten)
    _, residual = random_run(plan(model), 1)
    assert residual.min() > 1e-3


def test_the_tie_out_is_what_sees_it():
    model, _ = with_debt(forget="invested", check=False)
    assert random_run(plan(model), 1)[1].max() < 1e-9


def test_a_stock_tampered_with_shows_in_the_redundant_equation():
    model, _ = with_debt(check=False)
    broken = model.variables["funds_deposits_usd_bn"]
    model.variables["funds_deposits_usd_bn"] = replace(
        broken, function=lambda *values: broken.function(*values) + 0.01
    )
    assert random_run(plan(model), 1)[1].min() > 1e-6


def test_revaluations_move_no_cash():
    model, books = with_debt()
    ready = plan(model)
    out, _ = random_run(ready, 2)
    now, before = ({k: out[i, q, 0] for i, k in enumerate(ready.slot_names)} for q in (4, 3))
    flows, apart = transactions_flow(ready, books, now, before)
    assert set(apart.rows) == {"Interest in kind", "Defaults"}
    assert not set(apart.rows) & set(flows.rows)
    lost = now["defaulted:Alpha"] + now["defaulted:Beta"]
    assert apart.cell("Defaults", "Funds") == pytest.approx(-lost)
    assert apart.cell("Defaults", "Firms") == pytest.approx(lost)
    assert "| Defaults |" in apart.markdown()


def test_structure_shows_signs():
    _, books = with_debt()
    tables = structure(books)
    assert tables["Balance sheet"][1]["Bonds"] == ("-", "+", "")
    assert tables["Transactions"][1]["Capex"] == ("-", "", "+")
    assert tables["Revaluations"][1]["Defaults"] == ("+", "-", "")


def test_postings_name_known_sectors_and_flows():
    model, books = with_debt()
    with pytest.raises(UnknownNameError, match="funds"):
        books.pay("invested", payer="found", payee="firms", label="x")
    with pytest.raises(UnknownNameError, match="debt"):
        books.lend("borrowed", claim="dept", label="x")
    with pytest.raises(ModelError, match="may not have an axis"):
        books.claim("odd", instrument="x", holder="firms", issuer="funds", opening=lambda: 0.0, meaning="x")
    with pytest.raises(UnknownNameError, match="recorded value"):
        balance_sheet(plan(model), books, {})

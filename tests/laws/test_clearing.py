"""Clearing: limited liability, priority of debt, and every payment received is one that was made, on random graphs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supercycle.engine.clearing import clear
from supercycle.service.cascade import cascade, dues, largest

NODES = "ABCDEF"
amounts = st.floats(0.0, 100.0)
graphs = st.dictionaries(
    st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda p: p[0] != p[1]),
    amounts,
    min_size=1,
)
cash = st.fixed_dictionaries({node: st.floats(0.5, 50.0) for node in NODES})


@settings(max_examples=150)
@given(graphs, cash, st.sampled_from(NODES))
def test_nobody_pays_more_than_is_owed_or_there(owed: dict, means: dict, failed: str) -> None:
    found = clear(owed, means, {failed: 0.0})
    for node in NODES:
        due = sum(v for (a, _), v in owed.items() if a == node)
        paid = sum(v for (a, _), v in found.payments.items() if a == node)
        got = sum(v for (_, b), v in found.payments.items() if b == node)
        assert paid <= due + 1e-9
        assert paid <= means[node] + got + 1e-6
        if node != failed:  # pays all it owes, or all it has: debt before owners
            assert paid == pytest.approx(min(due, means[node] + got), abs=1e-6)
    assert sum(found.payments.values()) == pytest.approx(
        sum(due * found.pays_share[payer] for (payer, _), due in owed.items()), abs=1e-9
    )


@given(graphs, cash)
def test_more_cash_never_lowers_a_payment(owed: dict, means: dict) -> None:
    poor, rich = clear(owed, means, {}), clear(owed, {n: c + 10.0 for n, c in means.items()}, {})
    assert all(rich.payments[pair] >= poor.payments[pair] - 1e-6 for pair in owed)


def test_a_chain_is_exact_after_one_pass() -> None:
    """A owes B 10 and pays 3; B has 1 of its own and owes C 6, so it pays 4; C owes D 5 and has none: it pays 4."""
    owed = {("A", "B"): 10.0, ("B", "C"): 6.0, ("C", "D"): 5.0}
    found = clear(owed, {"B": 1.0, "C": 0.0}, {"A": 0.3})
    assert [found.payments[pair] for pair in owed] == pytest.approx([3.0, 3.0 + 1.0, 3.0 + 1.0])
    assert found.sweeps == 2  # the second finds nothing to move


def test_the_ten_largest_failures_close_and_most_of_the_second_loss_is_a_mark() -> None:
    rows = largest(10)
    assert len(rows) == 10
    for row in rows:
        assert abs(row["gap_usd_bn"]) <= 1e-9
        assert row["second_usd_bn"] >= 0.0
        assert row["sweeps"] <= 4
    openai = next(row for row in rows if row["node"] == "OpenAI")
    # 300 bn of Oracle, 250 of Microsoft and 38 of Amazon over five years, 22.4 of CoreWeave, 10 of Cerebras.
    assert openai["dues_usd_bn"] == pytest.approx((300 + 250 + 38 + 22.4 + 10) / 5, rel=1e-9)
    assert openai["marked_all_usd_bn"] > 10 * openai["second_usd_bn"]
    assert openai["marked_usd_bn"]["Microsoft"] == pytest.approx(0.27 * 852 + 250 * 0.3 * 0.5)


def test_a_node_that_pays_in_full_leaves_nothing_unpaid() -> None:
    assert cascade("OpenAI", pays=1.0)["second_usd_bn"] == pytest.approx(0.0, abs=1e-9)


def test_rents_reach_the_vehicles_whose_lenders_the_table_names() -> None:
    rent = {payee: due for (payer, payee), due in dues().items() if payer == "Oracle"}
    assert rent["Vantage Texas/Wisconsin SPVs"] == pytest.approx(38 * 0.09 * 1.15)

"""A path whose stocks leave its flows behind is a status of its own, though its books close."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import supercycle
from supercycle.core.errors import ModelError
from supercycle.engine.derivations import where_finite
from supercycle.engine.run import EXPLODED, simulate
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.ledger import Ledger
from supercycle.equations.spec import Model
from supercycle.equations.variable import zero


def pyramid(interest: tuple[float, float]) -> Subject:
    """A firm that borrows ten a quarter and all its interest, for ever."""
    model = Model("pyramid")
    block = model.block("firm", "Firm", "Borrows what it owes.")
    low, high = interest
    block.param("rate", "Interest", "1/q", low, low, high, "uniform", "a quarter", reason="a toy")
    block.param("spend", "Spending", "USD_bn/q", 10.0, 10.0, 10.0, "fixed", "a quarter", reason="a toy")

    @block.equation("USD_bn/q")
    def interest_paid(debt_prev, rate):
        return debt_prev * rate

    @block.equation("USD_bn/q")
    def spent(spend):
        return spend

    @block.equation("USD_bn/q", report=True)
    def borrowed(interest_paid, spent):
        return interest_paid + spent

    books = Ledger(model.block("books", "Books", "Who pays whom."), residual_sector="savers")
    books.sector("savers", "savers", opening=zero("USD_bn"))
    books.sector("firm", "the firm", opening=zero("USD_bn"))
    books.claim(
        "debt", instrument="Loans", holder="savers", issuer="firm", opening=zero("USD_bn"), meaning="debt"
    )
    books.lend("borrowed", claim="debt", label="Lending")
    books.pay("interest_paid", payer="firm", payee="savers", label="Interest")
    books.pay("spent", payer="firm", payee="savers", label="Purchases")
    books.finish()
    return Subject(model=model, start="2026Q2", presets=Path())


def test_an_exploding_path_is_no_success_and_its_neighbours_are_unharmed() -> None:
    # debt after 38 quarters at rate r is 10 ((1 + r)^38 - 1) / r; first flows are 20 (lent and spent)
    run = simulate(pyramid((0.0, 1.0)), Scenario("base"), paths=64, seed=1)
    rate = run.params[list(run.subject.model.registry).index("rate")]
    debt = 10 * ((1 + rate) ** 38 - 1) / rate
    exploded = debt / 20 > EXPLODED
    assert 0 < exploded.sum() < 64
    assert run.status_counts == {
        "ok": 64 - exploded.sum(),
        "non_finite": 0,
        "rejected": 0,
        "exploded": exploded.sum(),
    }
    assert (run.ok == ~exploded).all()
    assert run.residual_max < 1e-9  # the books of the exploding paths close as well


def test_a_world_in_which_every_path_explodes_is_refused() -> None:
    with pytest.raises(ModelError, match=r"64 exploded"):
        simulate(pyramid((0.9, 1.0)), Scenario("base"), paths=64, seed=1)


def test_a_path_that_grows_with_its_flows_is_a_success() -> None:
    run = simulate(pyramid((0.01, 0.05)), Scenario("base"), paths=64, seed=1)
    assert run.status_counts["ok"] == 64


def test_a_path_without_numbers_does_not_spoil_what_is_derived_from_the_others() -> None:
    """Roots refuse what is not finite: one such path must not end the run. A rate of the others stays their own."""

    def rate(values: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
        assert np.isfinite(values["cash"]).all()
        return values["cash"].sum(axis=0)[None]

    output = SimpleNamespace(name="rate", entities=("all",), inputs=("cash",), compute=rate)
    cash = np.arange(12.0).reshape(3, 4)
    expected = cash.sum(axis=0)
    cash[1, 2] = np.nan
    found = where_finite(output, {"cash": cash}, {})
    assert np.isnan(found[0, 2])
    assert np.array_equal(found[0, [0, 1, 3]], expected[[0, 1, 3]])
    assert np.isnan(where_finite(output, {"cash": np.full((3, 4), np.inf)}, {})).all()


def test_a_setting_that_most_draws_contradict_runs_and_says_so() -> None:
    """Rejected draws may run away; their returns are nobody's."""
    result = supercycle.run(set={"spend_share": 0.013}, paths=2000)
    assert result.run.status_counts["rejected"] > 0
    assert all(np.isfinite(result["vintage_irr_external"]["q50"]))

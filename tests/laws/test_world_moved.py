"""Parameters that move nothing are found, those that do are told apart; plans tried add up to what they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.run import simulate
from supercycle.engine.scenario import Scenario
from supercycle.service import moved as service
from supercycle.service.regret import FACTORS, payoff, plans_times, regret
from supercycle.service.the_world import subject
from supercycle.world.frame import FIRM

# One of each kind: a prior, a family's member, a feedback that is thin, the size of an event, a policy, a fixed scale.
SAMPLE = (
    "elasticity_long_run",
    "plan_open:Meta",
    "core_cyclicality",
    "training_offer_rate",
    "imposed_stop_size",
    "policy_cut_size",
    "cure_share",
    "repurpose_rate",
)


def test_a_sample_of_parameters_is_felt() -> None:
    found = {one.parameter: one for one in service.moved(SAMPLE, paths=256)}
    assert [id for id in SAMPLE if found[id].kind == "none"] == []
    assert all(one.errors >= service.ERRORS and one.pairs > 200 for one in found.values())


def test_a_parameter_that_moves_nothing_is_called_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The size of a stop that never comes: the events that would switch it on are taken away."""
    monkeypatch.setattr(service, "EVENTS", ())
    monkeypatch.setattr(service, "LEVERS", ())
    (one,) = service.moved(["imposed_stop_size"], paths=64)
    assert (one.kind, one.errors, one.moved) == ("none", 0.0, 0.0)


def test_plans_scale_their_ai_part_only() -> None:
    registry = subject().model.registry
    for firm in FIRM.members:
        other = 4.0 * registry[f"nonai_capex_open:{firm}"].default
        once, twice = (plans_times({firm: k})[f"plan_open:{firm}"] for k in (1.0, 2.0))
        assert once == pytest.approx(registry[f"plan_open:{firm}"].default, rel=1e-12)
        assert twice - other == pytest.approx(2.0 * (once - other), rel=1e-12)
    with pytest.raises(InputError, match="above zero"):
        plans_times({"Meta": 0.0})
    with pytest.raises(UnknownNameError, match="Meta"):
        regret("Metta", paths=32)


def test_payoffs_are_the_sum_of_their_parts_and_the_best_plan_has_no_regret() -> None:
    from supercycle.service.regret import _outputs  # pyright: ignore[reportPrivateUsage]

    settings = plans_times({firm: 1.0 for firm in FIRM.members})
    run = simulate(subject(), Scenario("r", set=settings), paths=64, seed=1, outputs=_outputs("Oracle"))
    parts = payoff(run, "Oracle")
    after = parts["left_usd_bn"] - parts["capex_usd_bn"]
    assert np.allclose(
        parts["payoff_usd_bn"], parts["margin_usd_bn"] + parts["uplift_usd_bn"] + after, rtol=1e-12
    )
    assert np.allclose(parts["payoff_by_capacity_usd_bn"], parts["rent_usd_bn"] + after, rtol=1e-12)
    body = regret("Oracle", paths=64)
    for row in body["rows"]:
        shares = [plan["capacity_share"]["q50"] for plan in row["plans"]]
        assert shares == sorted(shares)  # a larger plan is a larger part of the five
        for reading in ("contracts", "capacity"):
            assert sum(row[reading]["best_on"]) == pytest.approx(1.0)
            assert row[reading]["under_usd_bn"]["q05"] >= 0.0 <= row[reading]["over_usd_bn"]["q05"]
            assert row[reading]["best_on"][0] < 1.0 or row[reading]["under_usd_bn"]["q95"] == 0.0
    assert len(body["rows"]) == len(FACTORS)

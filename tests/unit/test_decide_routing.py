"""Easy work on a small model: the limits of the shares, the split of the load, one staff, and what is refused."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from supercycle.core.errors import InputError
from supercycle.decisions.choice.decision import decide
from supercycle.decisions.choice.evaluate import evaluate
from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.record import record
from supercycle.decisions.choice.routing import routes
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.money.costs import joined, people

sys.path.append(str(Path(__file__).resolve().parents[1]))
cases = importlib.import_module("decide_cases")


def place(paths: int = 4, **given: float | str) -> Setting:
    routing: dict[str, float | str] = {
        "routing__easy_share": 0.6,
        "routing__pass_rate": 0.9,
        "routing__model": "gpt-oss-20b",
        "routing__gpu": "L40S",
        "routing__precision": "fp8",
        "routing__capital_usd_per_gpu": 12_000.0,
        "routing__on_demand_usd_per_gpu_hour": 1.0,
    }
    case = cases.case(**{**routing, **given})
    return cases.placed(case, paths=paths)


def test_the_load_is_split_and_what_fails_comes_back() -> None:
    here = place()
    found = routes(here)
    assert found is not None
    hard, small, easy, passed = found
    whole = here.load.mtok_per_month
    assert small.load.mtok_per_month == pytest.approx(0.6 * whole)
    assert hard.load.mtok_per_month == pytest.approx((1 - 0.6 * 0.9) * whole)
    assert small.load.mtok_per_month + hard.load.mtok_per_month - easy * (
        1 - passed
    ) * whole == pytest.approx(whole)
    assert small.ready.part.name == "L40S"
    assert hard.ready.part.name == "B200"
    # One world: the same demand and the same noise of rents on every path.
    assert (small.frame.paths.demand == here.frame.paths.demand).all()
    assert small.case.number("model.rework_share") == 0.0


def test_two_fleets_cost_their_sum_less_the_staff_counted_twice() -> None:
    here = place(people__usd_per_engineer_year=0.0)
    pair = evaluate(here).routed
    assert pair is not None
    apart = plan_costs(pair.hard, pair.plan).npv + plan_costs(pair.small, pair.small_plan).npv
    assert pair.costs.npv == pytest.approx(apart)
    checked = place(people__usd_per_engineer_year=0.0, routing__check_usd_per_1000_requests=0.5)
    dearer = evaluate(checked).routed
    assert dearer is not None
    asked = here.load.requests_per_month * 0.6 * 0.5 / 1000
    first = here.frame.paths.demand[:12].sum(axis=0) * asked
    assert dearer.costs.parts["checking answers"][0] == pytest.approx(first)


def test_routing_never_takes_a_way_and_easy_work_that_never_passes_does_not_pay() -> None:
    without, with_ = evaluate(place(routing__easy_share=0.0)), evaluate(place())
    assert without.routed is None
    assert {m.name: m.mean for m in without.ranking} == {
        m.name: m.mean for m in with_.ranking if m.name != "routed"
    }
    never = evaluate(place(routing__pass_rate=0.0))
    assert never.of("routed").mean > never.best.mean
    better = [evaluate(place(routing__pass_rate=p)).of("routed").mean for p in (0.3, 0.6, 1.0)]
    assert better == sorted(better, reverse=True)


def test_a_model_that_the_gate_bars_keeps_its_hard_work_at_the_api() -> None:
    found = evaluate(place(model__quality_gap=900.0, model__accepted_quality_gap=0.0))
    assert found.routed is not None
    assert found.routed.plan.way == "api"
    assert not found.of("routed").barred
    answer = decide(found.place.case, cases.profile(), {"calm": cases.STILL}, paths=4, changes=False)
    said = record(answer)
    assert said["routed"]["small_model"] == "gpt-oss-20b"
    if answer.found.best.name == "routed":
        assert "small model" in answer.headline


@pytest.mark.parametrize("left_out", ["pass_rate", "model"])
def test_a_share_without_its_pass_rate_or_model_is_refused(left_out: str) -> None:
    given = {"routing__easy_share": 0.5, "routing__pass_rate": 0.9, "routing__model": "gpt-oss-20b"}
    del given[f"routing__{left_out}"]
    with pytest.raises(InputError, match=f"no routing.{left_out}"):
        evaluate(cases.placed(cases.case(**given), paths=2))


def test_engineers_are_those_of_all_gpus_together_and_bills_are_the_sum_of_their_parts() -> None:
    here = place(paths=2)
    found = routes(here)
    assert found is not None
    hard, small, *_ = found
    one, other = plan_costs(hard, Plan("on_demand")), plan_costs(small, Plan("on_demand"))
    both = joined(hard.frame, "routed", one, other, {}, ", small model")
    assert one.staffed is not None
    assert other.staffed is not None
    together = people(hard.frame, one.staffed + other.staffed, "rented_engineers")
    assert both.parts["people"] == pytest.approx(hard.frame.by_year(together))
    assert sum(both.parts.values()) == pytest.approx(hard.frame.by_year(both.monthly))
    least = here.case.number("people.rented_engineers") * here.case.number("people.usd_per_engineer_year")
    assert (one.npv + other.npv - both.npv).min() >= 0  # never more staff than apart
    assert (one.parts["people"] + other.parts["people"] - both.parts["people"]).max() <= least * (1 + 1e-9)

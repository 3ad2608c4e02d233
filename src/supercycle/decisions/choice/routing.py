"""Two models and two kinds of GPU in one plan: easy work is tried on a small model, what fails joins the hard work.

With easy share e and pass rate p the small fleet serves e of the load in every hour, and everything else serves
1 - e p of it: the hard part and the easy answers that failed. Both are the user's to state; nobody's benchmark says
how much of a product's work is easy. Each fleet has its own plan, found by the same engine on the same draws; bills are
added, engineers look after all GPUs together, and tax is taken once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from supercycle.core.errors import InputError
from supercycle.decisions.choice.gate import Gate
from supercycle.decisions.choice.plan import Plan, plan_costs
from supercycle.decisions.choice.risk import score
from supercycle.decisions.choice.search import COMPARED, SEARCHED, cheapest, refined, space
from supercycle.decisions.choice.setting import Setting, scaled
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.variant import case_for
from supercycle.decisions.money.costs import Costs, joined

__all__ = ["ROUTED", "Routed", "few_plans", "routed", "routes"]

ROUTED = "routed"
_SMALL = ", small model"


@dataclass(frozen=True)
class Routed:
    """Two fleets and what they hold: ``hard`` serves all that the small model does not finish."""

    hard: Setting
    small: Setting
    plan: Plan
    small_plan: Plan
    costs: Costs
    easy_share: float
    pass_rate: float


def routes(place: Setting) -> tuple[Setting, Setting, float, float] | None:
    """The settings of the hard and of the easy work with both shares; None where nothing is routed.

    Errors: InputError for a share without its pass rate and model, for a measurement that belongs to the other model,
    or for a small model that no GPU serves within the promise.
    """
    case = place.case
    easy, passed = (case.optional(f"routing.{name}") for name in ("easy_share", "pass_rate"))
    small = case.optional_word("routing.model")
    stated = {"easy_share": easy, "pass_rate": passed, "model": small}
    missing = [f"routing.{name}" for name, value in stated.items() if value is None]
    if easy is None or passed is None or small is None:
        if len(missing) == len(stated):
            return None
        raise InputError(
            "routing", expected="easy_share, pass_rate and model together", got=f"no {' and no '.join(missing)}",
            hint="Try a week of your own work on the small model and count what passes.",
        )  # fmt: skip
    if easy == 0:
        return None
    little = _small_case(case, small)
    hard = scaled(place, case, 1 - easy * passed)
    return hard, scaled(place, little, easy), easy, passed


def _small_case(case: Case, model: str) -> Case:
    """The case of the small fleet. Its failures are served with the hard work, so none of it is rework here."""
    part = case.optional_word("routing.gpu") or case.word("hardware.gpu")
    precision = case.optional_word("routing.precision") or case.word("model.precision")
    prices = {
        f"{section}.{name}": usd
        for section, name in (("rental", "on_demand_usd_per_gpu_hour"), ("hardware", "capital_usd_per_gpu"))
        if (usd := case.optional(f"routing.{name}")) is not None
    }
    found = case_for(case, part, model, precision, "routing", prices)
    return found.with_value("model.rework_share", 0.0)


def routed(place: Setting, gate: Gate) -> Routed | None:
    """The cheapest pair of plans; None where nothing is routed.

    Staff ties the two together, so the best few of each kind (any, hosting, not hosting) are tried in all pairs.
    Where the quality gate bars the open model the hard work stays at the API in use: the pass rate is the small
    model's gate.
    """
    settings = routes(place)
    if settings is None:
        return None
    hard, small, easy, passed = settings
    few, few_small = hard.take(SEARCHED), small.take(SEARCHED)
    plans = [Plan("api")] if gate.reason else few_plans(few)
    # Work that the API in use does is not tried on the small model: the API may only serve its peaks.
    others = [plan for plan in few_plans(few_small) if plan.hosts or plan.top != "api"]
    if not others:
        raise InputError(
            "no way to serve the small model", expected="a host or a GPU", got=small.ready.unhosted or "none"
        )
    costs = {plan: plan_costs(few, plan) for plan in plans}
    small_costs = {plan: plan_costs(few_small, plan) for plan in others}
    pairs = sorted(
        (score(place.case, _together(few, one, other, easy).npv), plan, little)
        for plan, one in costs.items()
        for little, other in small_costs.items()
    )
    found = [
        (plan, little, _together(hard, plan_costs(hard, plan), plan_costs(small, little), easy))
        for _, plan, little in pairs[:COMPARED]
    ]
    plan, little, best = min(found, key=lambda one: score(place.case, one[2].npv))
    return Routed(hard, small, plan, little, best, easy, passed)


def few_plans(few: Setting) -> list[Plan]:
    """The best plans of a fleet: of all, of those that host, of those that do not."""
    every = space(few)
    kinds: tuple[Iterable[Plan], ...] = (
        every, [p for p in every if p.hosts], [p for p in every if not p.hosts],
    )  # fmt: skip
    best = [plan for kind in kinds for plan in cheapest(few, kind, count=COMPARED)]
    return list(dict.fromkeys([*best, *(refined(few, plan) for plan in best[:1])]))


def _together(hard: Setting, one: Costs, other: Costs, easy: float) -> Costs:
    frame = hard.frame
    checked = easy * frame.case.number("routing.check_usd_per_1000_requests") / 1000
    # The frame of the hard work counts what is left of the load; checks are of the easy part of all of it.
    asked = hard.whole_requests * frame.paths.demand
    return joined(frame, ROUTED, one, other, {"checking answers": checked * asked}, _SMALL)

"""Two kinds of GPU for one model in one plan: racks of 72 for the base of the load, say, and servers of eight above.

The load is cut hour by hour at a share of its busiest hour: below the cut it goes to one kind, above it to the other,

    below_h = load_h min(1, cut / busy_h)        above_h = load_h - below_h

so the two parts add up to the load in every hour, and the cut grows with the load of the path. Each part has its own
fleet, sized by the same engine and planned by the same search on the same draws: owned, reserved, hired, and an API
above. Bills are added, engineers look after all GPUs together, and tax is taken once. Two pools do not share a queue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.choice.plan import API, Plan, plan_costs
from supercycle.decisions.choice.risk import score
from supercycle.decisions.choice.routing import few_plans
from supercycle.decisions.choice.search import COMPARED, SEARCHED
from supercycle.decisions.choice.setting import Setting, placed, prepared
from supercycle.decisions.inputs.case import Case
from supercycle.decisions.inputs.variant import case_for
from supercycle.decisions.inputs.workload import Load
from supercycle.decisions.money.costs import Costs, joined

__all__ = ["CUTS", "KINDS", "MARK", "Kinds", "cut", "kinds", "parts_of"]

Floats = NDArray[np.float64]
KINDS = "two_kinds"
MARK = ", second kind"
CUTS = (0.25, 0.5, 0.75)  # of the busiest hour, as the heights of a plan


@dataclass(frozen=True)
class Kinds:
    """Two fleets: ``first`` on the decision's GPU, ``second`` on the other kind; ``below`` names which has the base.

    ``cut`` is the share of the busiest hour below which the base lies. A cut of 1 has all on the second kind, and
    no first.
    """

    first: Setting | None
    second: Setting
    plan: Plan
    second_plan: Plan
    costs: Costs
    cut: float
    below: str

    @property
    def label(self) -> str:
        """The way in a few words."""
        second = self.second.ready.part.name
        return f"all on {second}" if self.first is None else f"{self.first.ready.part.name} and {second}"


def cut(load: Load, share: float) -> tuple[Load, Load]:
    """A load below and above a share of its busiest hour, by what each hour costs to serve (its output tokens and
    prompts together, in hours' tokens). Requests go with the output, so that answers are as long in both parts.

    Limits: the parts add up to the load in every hour; a share of 1 leaves nothing above. Errors: InputError for a
    share outside 0 to 1, both excluded.
    """
    if not 0 < share < 1:
        raise InputError("cut of the load", expected="above 0 and below 1", got=share)
    size = load.uncached + load.cached + load.output
    low = np.minimum(1.0, share * float(size.max()) / np.where(size > 0, size, np.inf))
    low[size <= 0] = 1.0
    return _part(load, low), _part(load, 1 - low)


def _part(load: Load, share: Floats) -> Load:
    output = load.output * share
    return replace(
        load,
        uncached=load.uncached * share,
        cached=load.cached * share,
        output=output,
        api_usd=load.api_usd * share,
        requests=load.requests * float(output.sum()) / float(load.output.sum()),
    )


def second_case(case: Case) -> Case | None:
    """The case on the second kind of GPU; None where none is stated. Errors: InputError for the same kind twice, and
    for a price without its GPU.
    """
    part = case.optional_word("second.gpu")
    stated = {
        name: case.optional(f"second.{name}")
        for name in ("on_demand_usd_per_gpu_hour", "capital_usd_per_gpu")
    }
    if part is None:
        odd = [f"second.{name}" for name, value in stated.items() if value is not None]
        if odd:
            raise InputError("second kind of GPU", expected="second.gpu", got=f"{odd[0]} alone")
        return None
    sections = {"on_demand_usd_per_gpu_hour": "rental", "capital_usd_per_gpu": "hardware"}
    prices = {f"{sections[name]}.{name}": usd for name, usd in stated.items() if usd is not None}
    precision = case.optional_word("second.precision") or case.word("model.precision")
    found = case_for(case, part, case.word("model.open_weights"), precision, "second", prices)
    if found.part.name == case.part.name:
        raise InputError("second.gpu", expected=f"another kind than {case.part.name}", got=part)
    return found


def parts_of(place: Setting, other: Case) -> list[tuple[float, str, Setting, Setting]]:
    """Every way to give the two kinds their parts: cut, the kind below, the setting of the first and of the second."""
    case = place.case
    found: list[tuple[float, str, Setting, Setting]] = []
    for share in CUTS:
        low, high = cut(place.load, share)
        if not float(high.output.sum()) > 0:
            continue  # a flat load has nothing above
        for below, mine, theirs in (("first", low, high), ("second", high, low)):
            found.append((share, below, _placed(place, case, mine), _placed(place, other, theirs)))
    return found


def _placed(place: Setting, case: Case, load: Load) -> Setting:
    made = placed(
        case, prepared(case, load), place.background, paths=place.frame.paths.paths, seed=place.seed
    )
    return replace(made, whole_requests=place.whole_requests)


def kinds(place: Setting) -> Kinds | None:
    """The cheapest pair of fleets that both run GPUs, or one on the second kind alone; None where none is stated.

    Staff ties the two together, so the best few of each kind (any, hosting, not hosting) are tried in all pairs.
    Errors: InputError for a second kind that cannot keep the promise.
    """
    other = second_case(place.case)
    if other is None or place.ready.unhosted:
        return None
    case = place.case
    found: list[tuple[float, Kinds]] = []
    whole = _placed(place, other, place.load)
    if whole.ready.unhosted:
        raise InputError(
            "second kind of GPU", expected="one that keeps the promise", got=whole.ready.unhosted
        )
    tries: list[tuple[float, str, Setting | None, Setting]] = [
        (1.0, "second", None, whole),
        *parts_of(place, other),
    ]
    for share, below, first, second in tries:
        for plan, plan_2, costs in _pairs(
            None if first is None else first.take(SEARCHED), second.take(SEARCHED)
        ):
            found.append((score(case, costs.npv), Kinds(first, second, plan, plan_2, costs, share, below)))
    best = [
        replace(one, costs=_costs(one.first, one.second, one.plan, one.second_plan))
        for _, one in sorted(found, key=lambda pair: pair[0])[:COMPARED]
    ]
    return min(best, key=lambda one: score(case, one.costs.npv))


def _pairs(first: Setting | None, second: Setting) -> list[tuple[Plan, Plan, Costs]]:
    """Pairs of good plans that host, with their costs together."""
    theirs = [plan for plan in few_plans(second) if plan.hosts]
    mine = [Plan(API)] if first is None else [plan for plan in few_plans(first) if plan.hosts]
    return [(one, two, _costs(first, second, one, two)) for one in mine for two in theirs]


def _costs(first: Setting | None, second: Setting, plan: Plan, second_plan: Plan) -> Costs:
    two = plan_costs(second, second_plan, KINDS)
    return two if first is None else joined(first.frame, KINDS, plan_costs(first, plan), two, {}, MARK)

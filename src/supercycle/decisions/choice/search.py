"""The cheapest plan of a set, found by trying every one: so no plan of the set can be cheaper.

The set is small because heights move in steps of a quarter of the busiest hour's need (an eighth where servers alone
are committed to). All plans are compared on the same paths by the same cost function; the best few are compared again
on all paths. Above four servers the steps are then halved around the best plan.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from supercycle.decisions.choice.plan import API, HOST, RENT, SPOT, Plan, plan_costs
from supercycle.decisions.choice.risk import score
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.inputs.case import Case

__all__ = ["COMPARED", "SEARCHED", "cheapest", "refined", "screened", "space", "tops_of"]

SEARCHED = 128  # paths on which every plan of the set is compared
COMPARED = 3  # plans that are compared again on all paths
_SCREENED = 16  # paths on which a set of more than so many plans is screened first
_MANY = 400
_STEPS = 4
_STEPS_OWN = 8  # servers alone: fewer plans, and room for finer steps
_FINEST = 1 / 64
_LARGE = 4  # servers at the planned peak above which a quarter of it skips some


def tops_of(case: Case, *, hosted: bool) -> tuple[str, ...]:
    """What may serve above the capacity: the API in use, a host that lists the model, rent, spot with a quote."""
    spot = case.optional("rental.spot_usd_per_gpu_hour") is not None
    return (API, *((HOST,) if hosted else ()), RENT, *((SPOT,) if spot else ()))


def free_tiers(case: Case) -> tuple[str, ...]:
    """The tiers that a case may hold, from the bottom: one's own servers, and what somebody has quoted."""
    quoted = {
        "three_years": case.reserved_ratio(3) is not None,
        "one_year": case.reserved_ratio(1) is not None,
        "blocks": case.optional("rental.block_usd_per_gpu_hour") is not None,
        "savings": any(_savings_terms(case)),
    }
    return ("own", *(name for name, there in quoted.items() if there))


def _savings_terms(case: Case) -> list[int]:
    return [years for years in (1, 3) if case.optional(f"rental.savings_{years}y_ratio") is not None]


def stacked(plan: Plan, heights: Sequence[float], free: Sequence[str]) -> Plan:
    """The plan with its free tiers at non-decreasing heights; a tier that nobody quoted is as high as the one below.

    >>> stacked(Plan("api"), (0.25, 0.5, 1.0), ("own", "one_year", "savings")).savings
    1.0
    """
    at: dict[str, float] = dict(zip(free, heights, strict=True))
    three = at.get("three_years", at["own"])
    one = at.get("one_year", three)
    blocks = at.get("blocks", 0.0)
    savings = at.get("savings", 0.0)
    return replace(
        plan,
        own=at["own"],
        three_years=three,
        one_year=one,
        blocks=blocks if blocks > one else 0.0,
        savings=savings if savings > max(one, blocks) else 0.0,
        site=plan.site and at["own"] > 0,
    )


def heights_of(plan: Plan, free: Sequence[str]) -> list[float]:
    """How high each free tier reaches."""
    blocks = max(plan.one_year, plan.blocks)
    reach = {
        "own": plan.own,
        "three_years": plan.three_years,
        "one_year": plan.one_year,
        "blocks": blocks,
        "savings": max(blocks, plan.savings),
    }
    return [reach[name] for name in free]


def space(place: Setting) -> list[Plan]:
    """Every plan of the set: tops, sizes of replica, and non-decreasing heights; one's own site where any is owned."""
    case = place.case
    tops = tops_of(case, hosted=place.ready.open_price is not None)
    if place.ready.unhosted:
        return [Plan(top) for top in tops if top in (API, HOST)]
    free = free_tiers(case)
    grid = [k / _STEPS for k in range(_STEPS + 1)]
    stacks = list(itertools.combinations_with_replacement(grid, len(free)))
    # Servers alone in finer steps, whatever else is quoted: a quote more never takes a plan out of the set.
    stacks += [(k / _STEPS_OWN,) * len(free) for k in range(1, _STEPS_OWN, 2)]
    terms = _savings_terms(case) or [1]
    found = [
        stacked(Plan(top, machine=machine, site=site, savings_years=term), heights, free)
        for machine in range(len(place.machines))
        for top in tops
        for heights in stacks
        for site in ((False, True) if heights[0] > 0 else (False,))
        for term in terms
        if heights[-1] > 0 or machine == 0 or top in (RENT, SPOT)  # an API needs no replica
    ]
    return list(dict.fromkeys(p if p.savings else replace(p, savings_years=1) for p in found))


def cheapest(place: Setting, plans: Iterable[Plan], *, count: int = 1) -> list[Plan]:
    """The cheapest plans of some, the best first, by score on the setting's paths; of equals the simplest."""
    case = place.case
    scored = [(score(case, plan_costs(place, plan).npv), _simplicity(plan), plan) for plan in plans]
    scored.sort(key=lambda one: (one[0], one[1]))
    return [plan for *_, plan in scored[:count]]


def screened(place: Setting, plans: Sequence[Plan]) -> Sequence[Plan]:
    """Of a large set the eighth that is cheapest on a few paths; a small set as it is."""
    if len(plans) <= _MANY or place.frame.paths.paths <= _SCREENED:
        return plans
    return cheapest(place.take(_SCREENED), plans, count=len(plans) // 8)


def _simplicity(plan: Plan) -> tuple[int, Plan]:
    """A single way before a mixture that costs the same."""
    return int(plan.way == "mix"), plan


def refined(place: Setting, best: Plan) -> Plan:
    """Halve the steps around the best plan until no move of one height helps; small fleets are left as they are."""
    machine = place.machines[best.machine]
    peak = float(machine.lumps(np.array([machine.mean_busy * machine.shape.peak * place.growth[0]]))[0])
    if peak <= _LARGE or best.reach == 0:
        return best
    case, step = place.case, 1 / 8
    value = score(case, plan_costs(place, best).npv)
    while step >= _FINEST:
        moved = True
        while moved:
            moved = False
            for plan in _neighbours(best, step, case):
                other = score(case, plan_costs(place, plan).npv)
                if other < value * (1 - 1e-9):
                    best, value, moved = plan, other, True
        step /= 2
    return best


def _neighbours(plan: Plan, step: float, case: Case) -> list[Plan]:
    """Plans with the heights of some tiers in a row moved up or down by a step."""
    free = free_tiers(case)
    now = heights_of(plan, free)
    found: list[Plan] = []
    for low, high in itertools.combinations(range(len(free) + 1), 2):
        for sign in (1, -1):
            moved = [h + sign * step if low <= n < high else h for n, h in enumerate(now)]
            if all(a <= b for a, b in itertools.pairwise([0.0, *moved, 1.0])):
                found.append(stacked(plan, moved, free))
    return [p for p in found if p.site == plan.site]

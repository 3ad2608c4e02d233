"""The cheapest plan of a set, found by trying every one: so no plan of the set can be cheaper.

The set is small because heights move in steps of a quarter of the busiest hour's need (an eighth where nothing can be
reserved). All plans are compared on the same paths by the same cost function; the best few are compared again on all
paths. Above eight servers the steps are then halved around the best plan.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from supercycle.decisions.choice.plan import API, HOST, RENT, SPOT, Plan, plan_costs
from supercycle.decisions.choice.risk import score
from supercycle.decisions.choice.setting import Setting
from supercycle.decisions.inputs.case import Case

__all__ = ["COMPARED", "SEARCHED", "cheapest", "refined", "space", "tops_of"]

SEARCHED = 128  # paths on which every plan of the set is compared
COMPARED = 3  # plans that are compared again on all paths
_STEPS = 4
_STEPS_OWN = 8  # where nothing is reserved there are fewer plans, and room for finer steps
_FINEST = 1 / 64
_LARGE = 8  # servers at the peak above which heights are refined


def tops_of(case: Case, *, hosted: bool) -> tuple[str, ...]:
    """What may serve above the capacity: the API in use, a host that lists the model, rent, spot with a quote."""
    spot = case.optional("rental.spot_usd_per_gpu_hour") is not None
    return (API, *((HOST,) if hosted else ()), RENT, *((SPOT,) if spot else ()))


def space(place: Setting) -> list[Plan]:
    """Every plan of the set: tops, sizes of replica, and non-decreasing heights; one's own site where any is owned."""
    case = place.case
    tops = tops_of(case, hosted=place.ready.open_price is not None)
    if place.ready.unhosted:
        return [Plan(top) for top in tops if top in (API, HOST)]
    long, short = (case.reserved_ratio(n) is not None for n in (3, 1))
    steps = _STEPS if long or short else _STEPS_OWN
    grid = [k / steps for k in range(steps + 1)]
    heights = [
        (own, three, one)
        for own, three, one in itertools.combinations_with_replacement(grid, 3)
        if (long or three == own) and (short or one == three)
    ]
    return [
        Plan(top, own, three, one, machine, site)
        for machine in range(len(place.machines))
        for top in tops
        for own, three, one in heights
        for site in ((False, True) if own > 0 else (False,))
        if one > 0 or machine == 0 or top in (RENT, SPOT)  # an API needs no replica
    ]


def cheapest(place: Setting, plans: Iterable[Plan], *, count: int = 1) -> list[Plan]:
    """The cheapest plans of some, the best first, by score on the setting's paths; of equals the simplest."""
    case = place.case
    scored = [(score(case, plan_costs(place, plan).npv), _simplicity(plan), plan) for plan in plans]
    scored.sort(key=lambda one: (one[0], one[1]))
    return [plan for *_, plan in scored[:count]]


def _simplicity(plan: Plan) -> tuple[int, Plan]:
    """A single way before a mixture that costs the same."""
    return int(plan.way == "mix"), plan


def refined(place: Setting, best: Plan) -> Plan:
    """Halve the steps around the best plan until no move of one height helps; small fleets are left as they are."""
    machine = place.machines[best.machine]
    peak = float(machine.lumps(np.array([machine.mean_busy * machine.shape.peak * place.growth[0]]))[0])
    if peak <= _LARGE or best.one_year == 0:
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


def _neighbours(plan: Plan, step: float, case: Case) -> Sequence[Plan]:
    long, short = (case.reserved_ratio(n) is not None for n in (3, 1))
    moves: list[Callable[[float], Plan]] = [
        lambda d: replace(plan, own=plan.own + d),
        lambda d: replace(plan, three_years=plan.three_years + d),
        lambda d: replace(plan, one_year=plan.one_year + d),
        lambda d: replace(plan, own=plan.own + d, three_years=plan.three_years + d),
        lambda d: replace(plan, three_years=plan.three_years + d, one_year=plan.one_year + d),
        lambda d: replace(
            plan, own=plan.own + d, three_years=plan.three_years + d, one_year=plan.one_year + d
        ),
    ]
    found = [move(sign * step) for move in moves for sign in (1, -1)]
    return [
        p
        for p in found
        if 0 <= p.own <= p.three_years <= p.one_year <= 1
        and (long or p.three_years == p.own)
        and (short or p.one_year == p.three_years)
        and p.site <= (p.own > 0)
    ]

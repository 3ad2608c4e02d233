"""How much of each tier: screening curves on the load-duration curve, the newsvendor, and a search in whole servers.

A tier costs f per unit of capacity and hour, used or not, and v per unit and hour used. Stacked from the bottom, with
f1 > f2 > f3 and v1 < v2 < v3, a unit at height q serves the hours with load above q; it belongs to the tier that is
cheapest for that many hours:

    P(D > q1) = (f1 - f2) / (v2 - v1)        P(D > q2) = (f2 - f3) / (v3 - v2)

Source: Phillips, Jenkins, Pritchett and Rybicki, A mathematical model for determining generating plant mix, 1969;
Stoft, Power System Economics, 2002, chapter 2-3. Risk: Rockafellar and Uryasev, Optimization of Conditional
Value-at-Risk, Journal of Risk 2(3), 2000.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["Stack", "Tier", "cvar", "lumpy_stack", "newsvendor", "screening_stack", "stack_cost"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tier:
    """A way to serve: ``fixed`` USD per unit of capacity and hour, ``variable`` USD per unit and hour used."""

    name: str
    fixed: float
    variable: float

    def __post_init__(self) -> None:
        if not (self.fixed >= 0 and self.variable >= 0):
            raise InputError(
                f"tier {self.name}", expected="0 USD or more", got=f"{self.fixed:g}, {self.variable:g}"
            )


@dataclass(frozen=True, slots=True)
class Stack:
    """The mix: tiers from the bottom, the capacity of each, and those that no load makes cheapest."""

    tiers: tuple[Tier, ...]
    capacities: tuple[float, ...]
    dropped: tuple[str, ...]
    cost_per_hour: float


def cvar(costs: Floats, level: float = 0.95) -> float:
    """The mean of the worst ``1 - level`` of costs; a cut share of a path counts in part.

    Limits: level 0 gives the mean; a level near 1 gives the maximum. Errors: InputError for a level outside [0, 1).

    >>> cvar(np.array([1.0, 2.0, 3.0, 4.0]), 0.5), cvar(np.array([1.0, 2.0, 3.0, 4.0]), 0.0)
    (3.5, 2.5)
    """
    if not 0 <= level < 1:
        raise InputError("level of CVaR", expected="0 to below 1", got=level)
    ordered = np.sort(costs)[::-1]
    tail = (1 - level) * len(ordered)
    whole = int(tail + 1e-9)
    total = float(ordered[:whole].sum())
    if whole < len(ordered) and tail - whole > 1e-9:
        total += (tail - whole) * float(ordered[whole])
    return total / tail


def newsvendor(loads: Floats, fixed: float, variable: float, overflow: float) -> float:
    """The capacity of one tier under an overflow price: the load with ``P(D > q) = fixed / (overflow - variable)``.

    Limits: a critical share of 1 or more gives no capacity; free capacity gives the peak.
    Errors: InputError without loads.
    Source: Arrow, Harris and Marschak, Optimal inventory policy, Econometrica 19(3), 1951.

    >>> newsvendor(np.arange(1.0, 11.0), fixed=1.0, variable=0.0, overflow=2.0)
    5.0
    """
    if len(loads) == 0:
        raise InputError("no loads", expected="one hour or more")
    if overflow <= variable:
        return 0.0
    return _exceeded(np.sort(loads), fixed / (overflow - variable))


def _exceeded(ordered: Floats, share: float) -> float:
    """The least load q with P(D > q) <= share; 0 when the share is 1 or more."""
    if share >= 1:
        return 0.0
    n = len(ordered)
    # k of n loads may lie above q; the rounding guard keeps an exact share on its step.
    above = int(np.floor(share * n + 1e-9))
    return float(ordered[n - 1 - above]) if above < n else 0.0


def screening_stack(loads: Floats, tiers: Sequence[Tier]) -> Stack:
    """The cheapest stack for the hourly ``loads``: dominated tiers dropped, heights from the screening shares.

    The dearest-to-run tier takes the rest, so it should have no fixed cost (on-demand, an API); if it has, it is
    sized to the peak. Limits: one tier serves all; equal loads use one tier.
    Errors: InputError without loads or tiers, or for negative loads.

    >>> own, rent = Tier("own", 2.0, 0.0), Tier("rent", 0.0, 4.0)
    >>> stack = screening_stack(np.array([1.0, 1.0, 3.0, 3.0]), [rent, own])
    >>> stack.capacities, stack.cost_per_hour
    ((1.0, 2.0), 6.0)
    """
    if len(loads) == 0 or not tiers:
        raise InputError("a mix needs loads and tiers", got=f"{len(loads)} loads, {len(tiers)} tiers")
    if float(loads.min()) < 0:
        raise InputError("a negative load", expected="0 or more", got=float(loads.min()))
    kept = _envelope(tiers)
    ordered = np.sort(loads)
    heights = [
        _exceeded(ordered, (low.fixed - high.fixed) / (high.variable - low.variable))
        for low, high in itertools.pairwise(kept)
    ]
    heights.append(float(ordered[-1]))
    capacities = tuple(np.diff(np.maximum.accumulate([0.0, *heights])).tolist())
    dropped = tuple(t.name for t in tiers if t not in kept)
    return Stack(tuple(kept), capacities, dropped, stack_cost(loads, kept, capacities))


def _envelope(tiers: Sequence[Tier]) -> list[Tier]:
    """Tiers that are cheapest for some share of hours, from base (low variable cost) to peak."""
    chain: list[Tier] = []
    for tier in sorted(tiers, key=lambda t: (t.variable, t.fixed)):
        if chain and tier.fixed >= chain[-1].fixed:
            continue  # dearer to hold and to run
        while len(chain) >= 2:
            low, middle = chain[-2], chain[-1]
            # The middle one is nowhere cheapest when the others cross below it.
            first = (low.fixed - middle.fixed) * (tier.variable - middle.variable)
            second = (middle.fixed - tier.fixed) * (middle.variable - low.variable)
            if first > second:
                break
            chain.pop()
        chain.append(tier)
    # Serving every hour is the most any tier is used; beyond it, a tier below is never reached.
    while len(chain) >= 2 and chain[0].fixed + chain[0].variable >= chain[1].fixed + chain[1].variable:
        chain.pop(0)
    return chain


def stack_cost(loads: Floats, tiers: Sequence[Tier], capacities: Sequence[float]) -> float:
    """Mean cost per hour of a stack; load above it is served by the last tier at its variable cost."""
    total, base = 0.0, 0.0
    for n, (tier, capacity) in enumerate(zip(tiers, capacities, strict=True)):
        last = n == len(tiers) - 1
        used = np.maximum(loads - base, 0.0) if last else np.clip(loads - base, 0.0, capacity)
        total += tier.fixed * capacity + tier.variable * float(used.mean())
        base += capacity
    return total


def lumpy_stack(
    scenarios: Floats,
    tiers: Sequence[Tier],
    lump: float,
    *,
    setup: float = 0.0,
    risk_weight: float = 0.0,
    level: float = 0.95,
) -> tuple[tuple[float, ...], float]:
    """Capacities of two tiers (the first in whole lumps) that minimise ``(1 - w) mean + w CVaR`` over ``scenarios``.

    ``scenarios`` are loads [scenario, hour]. Every number of lumps up to the peak is tried and the second tier
    takes the rest at its variable cost, which is the stochastic programme solved whole: it is small. Limits: a
    lump that tends to 0 gives the newsvendor; risk weight 0 is the mean. ``setup`` is what having any of the first
    tier costs an hour: people on call; a large one leaves it out.
    Errors: InputError unless there are two tiers and the lump is positive.

    >>> loads = np.array([[4.0, 10.0], [6.0, 12.0]])
    >>> lumpy_stack(loads, [Tier("own", 1.0, 0.0), Tier("rent", 0.0, 3.0)], 8.0)[0]
    (8.0, 4.0)
    """
    if len(tiers) != 2 or not lump > 0:
        raise InputError(
            "a lumpy mix", expected="two tiers and a lump above 0", got=f"{len(tiers)}, {lump:g}"
        )
    base, peak = tiers
    best: tuple[float, float] = (np.inf, 0.0)
    for n in range(int(np.ceil(float(scenarios.max()) / lump)) + 1):
        capacity = n * lump
        over = np.maximum(scenarios - capacity, 0.0).mean(axis=1)
        used = np.minimum(scenarios, capacity).mean(axis=1)
        costs = setup * (n > 0) + base.fixed * capacity + base.variable * used + peak.variable * over
        score = (1 - risk_weight) * float(costs.mean()) + risk_weight * cvar(costs, level)
        if score < best[0] - 1e-12:
            best = (score, capacity)
    return (best[1], max(float(scenarios.max()) - best[1], 0.0)), best[0]

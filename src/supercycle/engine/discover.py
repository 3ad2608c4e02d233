"""Scenario discovery: which ranges of which parameters the bad paths have in common.

Screening first: among hundreds of parameters some look telling by luck, and a box grown over all of them is spread
thin. A parameter is a candidate when the bad paths among its fifths differ more than chance lets one parameter in
all of them do (chi-square with four degrees of freedom, whose tail is exp(-x/2) (1 + x/2)).

Then patient rule induction. From a box that holds every path, each step peels the twentieth part of the paths
inside that are lowest or highest in one candidate, the one whose removal leaves the largest share of bad paths,
until few paths are left. Of all boxes on the way the densest one counts that still covers the asked share of the
bad paths; conditions that chance explains are dropped from it, then the least telling ones until few enough are
left.

    coverage = bad paths inside / all bad paths
    density  = bad paths inside / paths inside
    base     = all bad paths / all paths
    lift     = density / base

A box is found on one half of the paths and judged on the other, which it has never seen: it is better than chance
only when the other half's density is above its base rate beyond what one draw in a hundred reaches (exact
binomial).

Limits: a parameter that works only together with another is screened out when it shows nothing alone; a box has
straight sides, so a condition on a ratio of two parameters shows as two ranges; what the draws of single quarters
decide is in no box, and holds the density below one.

Source: J. H. Friedman and N. I. Fisher, "Bump hunting in high-dimensional data", Statistics and Computing 9, 1999;
B. P. Bryant and R. J. Lempert, "Thinking inside the box", Technological Forecasting and Social Change 77, 2010
(coverage and density; the binomial test of each condition).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError

__all__ = ["FEWEST_BAD", "Box", "Condition", "Found", "binomial_tail", "discover"]

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

FIFTHS = 5
PEEL = 0.05  # of the paths inside, taken off at a step; Friedman and Fisher advise 0.05 to 0.1
SMALLEST = 0.05  # of the paths of a half: smaller boxes are anecdotes
FEWEST_BAD = 40  # bad paths in all: 20 a half, so that a share of them is known to a tenth or so
CHANCE_OF_CONDITION = 0.05  # a condition stays when chance explains it less often
CHANCE_OF_BOX = 0.01  # and a box counts when the unseen half's density is less often reached by chance


@dataclass(frozen=True, slots=True)
class Condition:
    """One parameter's range inside the box; a side that is not limited is infinite. ``chance``: see the module."""

    parameter: str
    low: float
    high: float
    chance: float = math.nan


@dataclass(slots=True, eq=False)
class _Edge:
    """One side of the box: the parameter's row, which side, where."""

    row: int
    is_low: bool
    value: float
    chance: float = 0.0


@dataclass(frozen=True, slots=True)
class Box:
    """What a box holds of some paths."""

    paths: int
    bad: int
    inside: int
    bad_inside: int

    @property
    def base(self) -> float:
        """Share of bad paths among all."""
        return self.bad / self.paths if self.paths else math.nan

    @property
    def coverage(self) -> float:
        """Share of the bad paths that lie inside."""
        return self.bad_inside / self.bad if self.bad else math.nan

    @property
    def density(self) -> float:
        """Share of bad paths among those inside."""
        return self.bad_inside / self.inside if self.inside else math.nan

    @property
    def chance(self) -> float:
        """How often as many bad paths as are inside would be there if being inside meant nothing."""
        return binomial_tail(self.bad_inside, self.inside, self.base)


@dataclass(frozen=True, slots=True)
class Found:
    """The conditions, the most telling first, and the box on the paths it was found on and on those held out."""

    conditions: tuple[Condition, ...]
    found_on: Box
    held_out: Box

    @property
    def is_better_than_chance(self) -> bool:
        """Whether the held-out half, too, is denser than its base rate beyond chance."""
        return bool(self.conditions) and self.held_out.chance < CHANCE_OF_BOX


def binomial_tail(successes: int, trials: int, share: float) -> float:
    """P(X >= successes) of a binomial, summed exactly in logarithms.

    >>> round(binomial_tail(2, 2, 0.5), 12), binomial_tail(0, 5, 0.3), binomial_tail(3, 2, 0.5)
    (0.25, 1.0, 0.0)
    """
    if successes <= 0:
        return 1.0
    if successes > trials or share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    k = range(successes, trials + 1)
    whole = math.lgamma(trials + 1)
    logs = [
        whole
        - math.lgamma(i + 1)
        - math.lgamma(trials - i + 1)
        + i * math.log(share)
        + (trials - i) * math.log1p(-share)
        for i in k
    ]
    top = max(logs)
    return min(1.0, math.exp(top) * sum(math.exp(one - top) for one in logs))


def discover(
    names: Sequence[str], params: Floats, bad: Truths, *, coverage: float = 0.5, most: int = 4
) -> Found:
    """The box of ``params`` [parameter, path] that the ``bad`` [path] paths share.

    Even paths find the box, odd ones judge it. Limit cases: parameters without spread are left out; no condition that
    chance does not explain gives a box of all paths, without conditions. Errors: InputError for fewer than 40 bad or 40
    other paths, and for a coverage or number of conditions that makes no sense.
    """
    if not 0 < coverage <= 1:
        raise InputError("coverage", expected="a share above 0 and at most 1", got=coverage)
    if not 1 <= most <= len(names):
        raise InputError("most", expected=f"1 to {len(names)} conditions", got=most)
    count = int(bad.sum())
    if min(count, len(bad) - count) < FEWEST_BAD:
        raise InputError(
            "too few paths on one side to find what they share",
            expected=f"{FEWEST_BAD} bad paths and {FEWEST_BAD} others",
            got=f"{count} bad of {len(bad)}",
            hint="Ask for more paths, or for a larger share.",
        )
    half = np.arange(len(bad)) % 2 == 0
    moves = _candidates(params[:, half], bad[half])
    x, y = params[moves], bad[half]
    low, high = _densest(x[:, half], y, coverage)
    edges = _telling(x[:, half], y, low, high, most)
    inside = _within(x, edges)
    conditions = _conditions([names[row] for row in moves], edges)
    return Found(conditions, _box(y, inside[half]), _box(bad[~half], inside[~half]))


def _candidates(x: Floats, y: Truths) -> list[int]:
    """Parameters among whose fifths the bad paths differ more than chance lets one of all the parameters do."""
    moves = [row for row in range(len(x)) if np.ptp(x[row]) > 0]
    n, base = len(y), float(y.mean())
    found: list[int] = []
    for row in moves:
        rank = np.empty(n, dtype=int)
        rank[np.argsort(x[row], kind="stable")] = np.arange(n)
        fifth = rank * FIFTHS // n
        size = np.bincount(fifth, minlength=FIFTHS)
        hits = np.bincount(fifth, weights=y, minlength=FIFTHS)
        chi = float(((hits - size * base) ** 2 / (size * base * (1 - base))).sum())
        if math.exp(-chi / 2) * (1 + chi / 2) * len(moves) < 1:
            found.append(row)
    return found


def _box(bad: Truths, inside: Truths) -> Box:
    return Box(len(bad), int(bad.sum()), int(inside.sum()), int((bad & inside).sum()))


def _densest(x: Floats, y: Truths, coverage: float) -> tuple[Floats, Floats]:
    """Peel, and of all boxes on the way the densest that still covers enough."""
    rows, paths = x.shape
    low, high = np.full(rows, -np.inf), np.full(rows, np.inf)
    best, best_density = (low.copy(), high.copy()), float(y.mean())
    total = int(y.sum())
    inside = np.arange(paths, dtype=np.int64)
    while len(inside) > SMALLEST * paths:
        step = _peel(x[:, inside], y[inside])
        if step is None:
            break
        row, is_low, edge = step
        if is_low:
            low[row] = edge
        else:
            high[row] = edge
        inside = inside[(x[row, inside] >= low[row]) & (x[row, inside] <= high[row])]
        hit = int(y[inside].sum())
        if hit < coverage * total or len(inside) < SMALLEST * paths:
            break
        if hit / len(inside) > best_density:
            best, best_density = (low.copy(), high.copy()), hit / len(inside)
    return best


def _peel(x: Floats, y: Truths) -> tuple[int, bool, float] | None:
    """The parameter, its side and the new edge whose peel leaves the largest share of bad paths; None when none can."""
    n = x.shape[1]
    k = max(1, int(PEEL * n))
    if n <= 2 * k or not len(x):
        return None
    order = np.argsort(x, axis=1, kind="stable")
    ranked, hits = np.take_along_axis(x, order, axis=1), y[order]
    found: tuple[float, int, bool, float] | None = None
    for is_low in (True, False):
        # The first value that stays: equal values stay or go together, whatever the order of the paths.
        edge = ranked[:, k] if is_low else ranked[:, n - 1 - k]
        stays = ranked >= edge[:, None] if is_low else ranked <= edge[:, None]
        left = stays.sum(axis=1)
        share = np.where(left < n, (hits & stays).sum(axis=1) / left, -1.0)
        row = int(share.argmax())
        if share[row] >= 0 and (found is None or share[row] > found[0]):
            found = float(share[row]), row, is_low, float(edge[row])
    return None if found is None else found[1:]


def _telling(x: Floats, y: Truths, low: Floats, high: Floats, most: int) -> list[_Edge]:
    """The edges of the box that chance does not explain, at most ``most``.

    An edge is judged against the box without it: how often would as many bad paths be among those it keeps?
    """
    edges = [_Edge(row, True, low[row]) for row in range(len(x)) if np.isfinite(low[row])]
    edges += [_Edge(row, False, high[row]) for row in range(len(x)) if np.isfinite(high[row])]
    while edges:
        for edge in edges:
            without = _within(x, [other for other in edges if other is not edge])
            within = without & _within(x, [edge])
            base = _box(y, without).density
            edge.chance = binomial_tail(int((y & within).sum()), int(within.sum()), base)
        worst = max(edges, key=lambda edge: edge.chance)
        if worst.chance <= CHANCE_OF_CONDITION and len(edges) <= most:
            break
        edges.remove(worst)
    return edges


def _within(x: Floats, edges: Sequence[_Edge]) -> Truths:
    inside = np.ones(x.shape[1], dtype=bool)
    for edge in edges:
        inside &= x[edge.row] >= edge.value if edge.is_low else x[edge.row] <= edge.value
    return inside


def _conditions(names: Sequence[str], edges: Sequence[_Edge]) -> tuple[Condition, ...]:
    """One condition a parameter, from its one edge or its two; the most telling first."""
    made: dict[str, Condition] = {}
    for edge in edges:
        old = made.get(names[edge.row], Condition(names[edge.row], -math.inf, math.inf, 1.0))
        made[names[edge.row]] = Condition(
            old.parameter,
            float(edge.value) if edge.is_low else old.low,
            old.high if edge.is_low else float(edge.value),
            min(old.chance, edge.chance),
        )
    return tuple(sorted(made.values(), key=lambda one: (one.chance, one.parameter)))

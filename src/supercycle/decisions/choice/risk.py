"""How a spread of costs becomes one number: the mean, and the mean of the worst."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.inputs.case import Case

__all__ = ["cvar", "score"]

Floats = NDArray[np.float64]


def cvar(costs: Floats, level: float = 0.95) -> float:
    """The mean of the worst ``1 - level`` of costs; a cut share of a path counts in part.

    Limits: level 0 gives the mean; a level near 1 gives the maximum. Errors: InputError for a level outside [0, 1).
    Source: Rockafellar and Uryasev, Optimization of Conditional Value-at-Risk, Journal of Risk 2(3), 2000.

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


def score(case: Case, costs: Floats) -> float:
    """``(1 - w) mean + w CVaR`` of a cost on the paths. Limit: w of 0 is the mean."""
    weight = case.number("risk.weight")
    mean = float(costs.mean())
    return mean if weight == 0 else (1 - weight) * mean + weight * cvar(costs, case.number("risk.level"))

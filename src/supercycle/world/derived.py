"""Outputs found from whole paths: the realised return of each vintage, in two readings, every root substituted back.

The quarterly rate r solves sum_t cash_t / (1 + r)^t = 0 over the vintage's quarters, with the value left at the horizon as a
last receipt; reported a year, (1 + r)^4 - 1. A vintage whose cash has no sign change has no return: NaN, shown as null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from supercycle.core.returns import irr

__all__ = ["DERIVED", "DerivedOutput", "internal_rate"]

Floats = NDArray[np.float64]
BUILT = ("2026H2", "2027", "2028", "2029", "2030", "2031", "2032", "2033")  # later ones have earned too little by 2035
LOWEST, HIGHEST = -0.6, 1.5  # quarterly rates between which a root is sought


@dataclass(frozen=True, slots=True)
class DerivedOutput:
    """An output with one value per entity and path."""

    name: str
    unit: str
    label: str
    meaning: str
    entities: tuple[str, ...]
    inputs: tuple[str, ...]
    compute: Callable[[Mapping[str, Floats], Mapping[str, Floats]], Floats]


def internal_rate(cash: Floats) -> Floats:
    """The quarterly internal rate of return of each path of ``cash`` [quarter, path]; NaN where there is none.

    The one rate at which the present value is zero (core/returns.py finds every root and substitutes it back), if it is the
    only one, lies between -60 and +150 % a quarter, and money goes in before it comes out.

    >>> float(np.round(internal_rate(np.array([[-100.0], [60.0], [60.0]]))[0], 6))
    0.130662
    """
    rate = irr(cash).rate
    first = np.argmax(cash != 0.0, axis=0)
    invested = np.take_along_axis(cash, first[None, :], axis=0)[0] < 0.0
    return np.where(invested & (rate > LOWEST) & (rate < HIGHEST), rate, np.nan)


def _returns(cash_name: str, values: Mapping[str, Floats], params: Mapping[str, Floats]) -> Floats:
    rows: list[Floats] = []
    for vintage in BUILT:
        cash = values[f"{cash_name}:{vintage}"]
        first = round(float(params[f"vintage_first:{vintage}"][0])) - 1
        if first >= len(cash) - 1:
            rows.append(np.full(cash.shape[1], np.nan))
            continue
        flows = cash[first:].copy()
        flows[-1] += values[f"vintage_left_usd_bn:{vintage}"][-1]
        rows.append((1.0 + internal_rate(flows)) ** 4 - 1.0)
    return np.array(rows)


def _inputs(cash_name: str) -> tuple[str, ...]:
    return tuple(f"{name}:{v}" for v in BUILT for name in (cash_name, "vintage_left_usd_bn"))


DERIVED = [
    DerivedOutput("vintage_irr", "1/year", "Realised return by build vintage", "Internal rate of return of chips and facility on cash from outside and the value attributed to captive use", BUILT,
                  _inputs("vintage_cash_usd_bn"), partial(_returns, "vintage_cash_usd_bn")),
    DerivedOutput("vintage_irr_external", "1/year", "Realised return by build vintage, external cash",
                  "Internal rate of return of chips and facility on cash from outside", BUILT, _inputs("vintage_external_usd_bn"),
                  partial(_returns, "vintage_external_usd_bn")),
    DerivedOutput("vintage_irr_imputed", "1/year", "Realised return by build vintage, with captive use",
                  "The same with the owners' own use at the contract price", BUILT, _inputs("vintage_imputed_usd_bn"),
                  partial(_returns, "vintage_imputed_usd_bn")),
]

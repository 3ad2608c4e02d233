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

    Newton on the present value in the rate, kept inside a bracket that is halved when a step leaves it; the answer is
    substituted back (|value| <= 1e-9 of the absolute flows) or the path is NaN.

    >>> float(np.round(internal_rate(np.array([[-100.0], [60.0], [60.0]]))[0], 6))
    0.130662
    """
    scale = np.abs(cash).sum(axis=0)
    low, high = np.full(cash.shape[1], LOWEST), np.full(cash.shape[1], HIGHEST)
    at_low, at_high = _value(cash, low)[0], _value(cash, high)[0]
    bracketed = (at_low > 0.0) & (at_high < 0.0)
    rate = np.full(cash.shape[1], 0.03)
    done = np.zeros(cash.shape[1], dtype=bool)
    for _ in range(60):
        value, slope = _value(cash, rate)
        done = np.abs(value) <= 1e-12 * scale
        if (done | ~bracketed).all():
            break
        low, high = np.where(value > 0.0, rate, low), np.where(value > 0.0, high, rate)
        with np.errstate(all="ignore"):
            step = rate - value / slope
        inside = np.isfinite(step) & (step > low) & (step < high)
        rate = np.where(done, rate, np.where(inside, step, 0.5 * (low + high)))
    solved = bracketed & (np.abs(_value(cash, rate)[0]) <= 1e-9 * scale)
    return np.where(solved, rate, np.nan)


def _value(cash: Floats, rate: Floats) -> tuple[Floats, Floats]:
    """Present value and its derivative in the rate, by Horner's scheme in the discount factor."""
    factor = 1.0 / (1.0 + rate)
    value, slope = np.zeros_like(rate), np.zeros_like(rate)
    for row in cash[::-1]:
        slope = slope * factor + value
        value = value * factor + row
    return value, -slope * factor * factor


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
    DerivedOutput("vintage_irr_external", "1/year", "Realised return by build vintage, external cash",
                  "Internal rate of return of chips and facility on cash from outside", BUILT, _inputs("vintage_external_usd_bn"),
                  partial(_returns, "vintage_external_usd_bn")),
    DerivedOutput("vintage_irr_imputed", "1/year", "Realised return by build vintage, with captive use",
                  "The same with the owners' own use at the contract price", BUILT, _inputs("vintage_imputed_usd_bn"),
                  partial(_returns, "vintage_imputed_usd_bn")),
]

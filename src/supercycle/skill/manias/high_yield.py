"""The high-yield cycle: defaults follow issuance with a lag of three years, as a tentative rule.

``default_t = a + b ln(par_{t-3} / par_{t-5})``, fitted on 1990-97 and run forward to 1998-2003 on the par
outstanding three years before each year. It is a hypothesis about seasoning, not an equation of the world;
beside it stands what block 13 says about the height of a peak.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from supercycle.figures.priors import prior
from supercycle.skill.manias.past import annual, fit_line

__all__ = ["LAGS", "high_yield", "issuance_rule"]

_WHO = "US and Canada straight HY bonds, Altman"
LAGS = (1, 2, 3, 4)
_FIT_ENDS, _LAST = 1997, 2003
_RULE_LAG = 3


def issuance_rule(
    par: dict[int, float], rate: dict[int, float], lag: int, first: int
) -> tuple[dict[int, float], float, float]:
    """Predicted rates 1998-2003 of the rule fitted from ``first`` to 1997, its slope and its level.

    A rate of the prediction window never enters the fit; par of up to ``year - lag`` does enter a prediction.
    """
    growth = {
        year: float(np.log(par[year - lag] / par[year - lag - 2]))
        for year in range(min(rate), _LAST + 1)
        if year - lag - 2 in par
    }
    known = {year: value for year, value in rate.items() if first <= year <= _FIT_ENDS}
    level, slope = fit_line(growth, known)
    return {year: level + slope * growth[year] for year in range(_FIT_ENDS + 1, _LAST + 1)}, slope, level


def _rmse(predicted: dict[int, float], actual: dict[int, float]) -> float:
    return float(np.sqrt(np.mean([(predicted[year] - actual[year]) ** 2 for year in predicted])))


def high_yield() -> dict[str, Any]:
    """The episode as one record: the rule at lag three beside the other lags, the other fit window and two rivals."""
    par, _ = annual("hy_par_outstanding", _WHO)
    rate, _ = annual("hy_default_rate_par", _WHO)
    lost, _ = annual("hy_defaulted_par", _WHO)
    rate = {year: value for year, value in rate.items() if year <= _LAST}
    variants = [
        {"lag": lag, "first": first, "rmse": _rmse(found[0], rate), "slope": found[1]}
        for first in (1990, 1986)
        for lag in LAGS
        for found in [issuance_rule(par, rate, lag, first)]
    ]
    predicted, slope, level = issuance_rule(par, rate, _RULE_LAG, 1990)
    years = sorted(predicted)
    mean = float(np.mean([rate[year] for year in range(1990, _FIT_ENDS + 1)]))
    rivals = {
        "mean of 1990-97": _rmse(dict.fromkeys(years, mean), rate),
        "the year before": _rmse({year: rate[year - 1] for year in years}, rate),
    }
    best = max(years, key=lambda year: predicted[year])
    worst = max(years, key=lambda year: rate[year])
    burst = 100.0 * sum(lost[year] for year in range(1999, 2004)) / par[1999]  # par is printed for mid-year
    peak = prior("spec_grade_default_peak")
    shortfall = predicted[worst] / rate[worst]
    other = next(v for v in variants if v["lag"] == _RULE_LAG and v["first"] == 1986)
    return {
        "episode": "high-yield",
        "title": "US high yield, 1986-2003",
        "kind": "tentative rule",
        "fit_window": f"1990-{_FIT_ENDS}",
        "predicted": f"{_FIT_ENDS + 1}-{_LAST}",
        "world_equations": [],
        "rule": {"lag_years": _RULE_LAG, "level": level, "slope": slope},
        "years": years,
        "predicted_rate": [predicted[year] for year in years],
        "actual_rate": [rate[year] for year in years],
        "rmse": {"rule": _rmse(predicted, rate), **rivals},
        "variants": variants,
        "defaults_1999_2003_over_par": burst,
        "world_peak_prior": {"low": 100 * peak.low, "central": 100 * peak.central, "high": 100 * peak.high},
        "checks": [],
        "statement": [
            (
                f"Timing: the rule peaks in {best}, defaults peaked in {worst}; height: "
                f"{predicted[worst]:.1f} % against {rate[worst]:.1f} %, "
                f"{100 * shortfall:.0f} % of it."
            ),
            (
                f"RMSE {_rmse(predicted, rate):.1f} points, against {rivals['mean of 1990-97']:.1f} for the "
                "mean and "
                f"{rivals['the year before']:.1f} for the year before's rate."
            ),
            f"Fitted from 1986 the gain is gone: RMSE {other['rmse']:.1f}.",
            f"Defaults of 1999-2003 were {burst:.0f} % of the par of mid-1999.",
            (
                f"The world's prior of a peak, {100 * peak.low:.0f} to {100 * peak.high:.0f} % a year, holds "
                f"the {rate[worst]:.1f} % of {worst}; "
                "that year was known when the prior was set."
            ),
        ],
        "cautions": [
            "The lag of three was picked from four on the whole sample: this is no clean test.",
            (
                "Fourteen years, one cycle and a half; the sector's share of the market must add the missing "
                "half."
            ),
            "The rule is tentative and is not in the world.",
        ],
    }

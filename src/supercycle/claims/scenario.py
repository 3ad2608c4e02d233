"""Forecast claims on the world: what the simulated paths say about them.

The probabilities are the model's, under a preset and its priors; they are shown beside a claim and never
enter its verdict. Spans begin with the first simulated quarter, so a total "2026-2030" leaves out what was
spent before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from supercycle.core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["SCENARIOS", "Scenario", "simulated"]

_CAPEX = "world_ai_capex_usd_bn"


@dataclass(frozen=True, slots=True)
class Scenario:
    """``how`` reduces an output's quarters up to ``last`` to one number a path: their sum ("sum"), the sum of
    the last four ("year"), the last ("last"), or the year of the first quarter that is not zero ("first").
    The event is ``low <= number * scale < high``.
    """

    output: str
    how: str
    last: str
    scale: float
    unit: str
    low: float
    high: float
    question: str


def _at_least(output: str, how: str, value: float, unit: str, question: str, scale: float = 1.0) -> Scenario:
    return Scenario(output, how, "2030Q4", scale, unit, value, float("inf"), question)


_CRASH = Scenario(
    "crash", "first", "2035Q4", 1.0, "year", 2027.5, 2028.0,
    "Does the first crash of AI equity fall in the second half of 2027?",
)  # fmt: skip

SCENARIOS: dict[str, Scenario] = {
    "capex_total_low": _at_least(
        _CAPEX, "sum", 5000, "USD_bn", "Does world AI capex to 2030 reach 5 trillion?"
    ),
    "capex_total_high": _at_least(
        _CAPEX, "sum", 7000, "USD_bn", "Does world AI capex to 2030 reach 7 trillion?"
    ),
    "funding_2030": _at_least(
        _CAPEX, "year", 1400, "USD_bn/year", "Is world AI capex of 2030 above 1.4 trillion?"
    ),
    "ig_index_share": _at_least(
        "ai_index_share",
        "last",
        20,
        "percent",
        "Is AI a fifth of the investment-grade index at the end of 2030?",
        100,
    ),
    "required_revenue": _at_least(
        "ai_revenue_run_rate",
        "last",
        650,
        "USD_bn/year",
        "Does AI revenue run at 650 a year at the end of 2030?",
    ),
    "mckinsey_accelerated": _at_least(
        _CAPEX, "sum", 7.9, "USD_tn", "Does AI capex to 2030 reach 7.9 trillion?", 1e-3
    ),
    "mckinsey_constrained": Scenario(
        _CAPEX, "sum", "2030Q4", 1e-3, "USD_tn", 0.0, 3.7, "Does AI capex to 2030 stay below 3.7 trillion?"
    ),
    "capacity_2030_base": _at_least(
        "connected_facility_gw",
        "last",
        122,
        "GW",
        "Is the facility power connected by the end of 2030 above 122 GW?",
    ),
    "capex_annual_approach": Scenario(
        "five_firm_capex_usd_bn",
        "year",
        "2027Q4",
        1.0,
        "USD_bn/year",
        600,
        float("inf"),
        "Is the five firms' capex of 2027 above 600?",
    ),
    "capex_2026": Scenario(
        "five_firm_capex_usd_bn",
        "last",
        "2026Q4",
        4.0,
        "USD_bn/year",
        650,
        float("inf"),
        "Does the five firms' capex of 2026Q4 run above 650 a year?",
    ),
    "bubble_peak_start": _CRASH,
    "bubble_peak_end": _CRASH,
}


def simulated(name: str, preset: str = "base", paths: int = 1000, seed: int = 1) -> dict[str, Any]:
    """Run the preset and read the claim's event off its paths; failed paths are counted and left out.

    ``quantiles`` are over the paths that have the number (a crash may never come: ``defined`` is their share);
    ``probability`` is the share of all paths on which the event happens.

    Raises InputError when the claim has no scenario.
    """
    if name not in SCENARIOS:
        raise InputError(
            f"{name} has no scenario", expected="a claim that can be simulated", got=name,
            hint=f"These can: {', '.join(SCENARIOS)}.",
        )  # fmt: skip
    import numpy as np

    from supercycle import service

    asked = SCENARIOS[name]
    run = service.run(preset, paths=paths, seed=seed, until=asked.last, outputs=[asked.output]).run
    values = asked.scale * _reduced(run.value(asked.output)[:, run.ok], asked.how, run.quarters)
    known = values[np.isfinite(values)]
    levels = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
    return {
        "question": asked.question,
        "preset": preset,
        "paths": paths,
        "seed": seed,
        "span": f"{run.quarters[0]} to {asked.last}",
        "output": asked.output,
        "reduced": asked.how,
        "unit": asked.unit,
        "quantiles": {
            key: float(np.quantile(known, level)) if len(known) else None for key, level in levels.items()
        },
        "defined": len(known) / max(1, len(values)),
        "probability": float(np.mean((values >= asked.low) & (values < asked.high))),
        "failed_paths": paths - int(run.ok.sum()),
    }


def _reduced(values: NDArray[np.float64], how: str, quarters: tuple[str, ...]) -> NDArray[np.float64]:
    """[quarter, path] to [path]; NaN where a first quarter never comes."""
    import numpy as np

    if how == "sum":
        return values.sum(axis=0)
    if how == "year":
        return values[-4:].sum(axis=0)
    if how == "last":
        return values[-1]
    years = np.array([int(name[:4]) + (int(name[5]) - 1) / 4 for name in quarters])
    happened = values > 0
    return np.where(happened.any(axis=0), years[happened.argmax(axis=0)], np.nan)

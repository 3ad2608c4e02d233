"""What refreshed figures change in the answer: the same paths with the opening parameters the figures give.

Only parameters that are read from a figure move (their ``rows`` say from which). Each is shifted by the relative
change of its figures, so that a rounding in the registry is no news; everything judged stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from supercycle.core.errors import InputError
from supercycle.core.params import Param

__all__ = ["OUTPUTS", "outputs_moved"]

OUTPUTS = (
    "five_firm_capex_usd_bn", "world_ai_capex_usd_bn", "fleet_it_gw", "ai_revenue_run_rate", "contract_price",
    "utilisation", "ai_debt_usd_bn", "credit_loss_usd_bn", "funded_share", "busted",
)  # fmt: skip
_NAME = "refreshed figures"
Progress = Callable[[str, int, int], None]


def outputs_moved(
    changes: Sequence[Mapping[str, Any]],
    *,
    paths: int = 1000,
    seed: int = 1,
    until: str = "2030Q4",
    kernel: str = "auto",
    progress: Progress | None = None,
) -> list[dict[str, Any]]:
    """Paired differences of the main outputs, at the first quarter and at the last.

    ``changes`` are rows of ``figures.refresh.changes.fed``; those without a new value cannot be run and are left to the
    list that names them. With none there is nothing to run and the answer is empty.
    Errors: InputError for a change that makes a parameter not a number.
    """
    changes = [row for row in changes if row["old"] is not None and row["new"] is not None]
    if not changes:
        return []
    from supercycle.engine.compare import compare
    from supercycle.engine.prior import Prior
    from supercycle.engine.run import simulate
    from supercycle.engine.scenario import Scenario
    from supercycle.service.the_world import subject

    base = subject()
    registry = base.model.registry
    params = {str(row["parameter"]): _shifted(registry[str(row["parameter"])], row) for row in changes}
    world = replace(base, derived=(), headline=None, priors={_NAME: Prior(_NAME, params=params)})
    runs = [
        simulate(
            world, scenario, paths=paths, seed=seed, until=until, kernel=kernel, outputs=OUTPUTS, progress=progress,
        )
        for scenario in (Scenario("figures before"), Scenario("figures after", prior=_NAME))
    ]  # fmt: skip
    found = compare(*runs)
    out: list[dict[str, Any]] = []
    for key in runs[0].outputs:
        difference = found.difference(key)
        for place in (0, len(runs[0].quarters) - 1):
            out.append(
                {
                    "output": key, "unit": base.model.variables[key].unit, "quarter": runs[0].quarters[place],
                    "difference_mean": float(difference.mean[place]),
                    "q05": float(difference.quantiles[0, place]), "q50": float(difference.quantiles[2, place]),
                    "q95": float(difference.quantiles[-1, place]),
                    "before_mean": float(runs[0].value(key)[place][runs[0].ok].mean()),
                }
            )  # fmt: skip
    return out


def _shifted(param: Param, row: Mapping[str, Any]) -> Param:
    old, new = float(row["old"]), float(row["new"])
    if old <= 0.0 or new <= 0.0:
        raise InputError(
            f"{param.id} cannot be moved by its figures", expected="positive figures", got=f"{old:g}, {new:g}"
        )
    factor = new / old
    return replace(
        param, default=param.default * factor, low=param.low * factor, high=param.high * factor,
        source=f"{param.source}; refreshed figures",
    )  # fmt: skip

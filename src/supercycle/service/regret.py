"""Regret: what one firm's plan pays at half, once and twice its size, against rivals' plans at half, once and twice.

An experiment on the same paths, not an equilibrium: the opening plan of the firm, and those of the other four, are
multiplied; what follows (revisions, prices, shares of AI revenue) comes out of the equations. The payoff is cash at the
required return, at the opening: what AI earns less AI capex, and the firm's part of what the fleet is worth at the end.
Regret of a plan is what the best of the three would have paid more, against the same rivals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.scenario import Scenario
from supercycle.service.arguments import whole_argument
from supercycle.service.the_world import subject
from supercycle.world.frame import FIRM

__all__ = ["FACTORS", "payoff", "plans_times", "regret"]

SCHEMA = "supercycle.regret/1"
FACTORS = (0.5, 1.0, 2.0)
QUARTERS_A_YEAR = 4.0
READINGS = {"contracts": "payoff_usd_bn", "capacity": "payoff_by_capacity_usd_bn"}
FEWEST = 30  # pairs without which nothing is said
NOTE = (
    "An experiment with plans, not an equilibrium: rivals answer only by the revisions that the model has. Labs stay "
    "where they signed in the first reading; every unit in use earns the contract price in the second. A lead in "
    "models that capacity may bring is in neither."
)

Floats = NDArray[np.float64]


def plans_times(factors: Mapping[str, float]) -> dict[str, float]:
    """Opening plans with the AI part of each firm multiplied: ``4 n + k (p - 4 n)``, plan ``p`` a year, other
    capex ``n`` a quarter.

    >>> plans_times({"Meta": 1.0})["plan_open:Meta"] == subject().model.registry["plan_open:Meta"].default
    True
    """
    registry = subject().model.registry
    out: dict[str, float] = {}
    for firm, factor in factors.items():
        if firm not in FIRM.members:
            raise UnknownNameError("firm", firm, FIRM.members)
        if not factor > 0.0:
            raise InputError(f"the plan of {firm}", expected="a factor above zero", got=factor)
        other = QUARTERS_A_YEAR * registry[f"nonai_capex_open:{firm}"].default
        out[f"plan_open:{firm}"] = other + factor * (registry[f"plan_open:{firm}"].default - other)
    return out


def payoff(run: Run, firm: str) -> dict[str, Floats]:
    """Payoff of a firm by path in two readings, and its parts, USD bn of the opening quarter.

    ``payoff_usd_bn = margin + uplift - capex + left``: labs' compute stays where labs have signed, so new capacity
    earns other AI revenue only. ``payoff_by_capacity_usd_bn = rent - capex + left``: every unit of the firm's part of
    the fleet in use earns the contract price less operations, its own use included (the transfer price reading).
    ``left`` is its part of the fleet's value at the end.
    """
    now = np.exp(-np.cumsum(run.value("hurdle_rate"), axis=0) / QUARTERS_A_YEAR)

    def of(name: str) -> Floats:
        return run.value(f"{name}:{firm}")

    def worth(flow: Floats) -> Floats:
        return (flow * now).sum(axis=0)

    constants = run.subject.model.constants
    held = of("firm_capacity_weight") * (
        1.0 - run.value("neocloud_fleet_share") - run.value("other_build_share")
    )
    used = run.value("utilisation") * run.value("compute_supply_mh100e")
    rent = (
        held
        * used
        * run.value("contract_price")
        * constants["hours_per_quarter"].value
        * constants["usd_bn_per_usd_m"].value
    )
    left = sum(run.value(f"vintage_left_usd_bn:{v}")[-1] for v in _vintages()) * held[-1] * now[-1]
    parts = {
        "margin_usd_bn": worth(of("firm_ai_margin_usd_bn")),
        "uplift_usd_bn": worth(of("firm_uplift_usd_bn")),
        "rent_usd_bn": worth(rent - of("firm_opex_usd_bn")),
        "capex_usd_bn": worth(of("firm_capex_usd_bn") - of("firm_nonai_capex_usd_bn")),
        "left_usd_bn": left,
    }
    after = parts["left_usd_bn"] - parts["capex_usd_bn"]
    return {
        "payoff_usd_bn": parts["margin_usd_bn"] + parts["uplift_usd_bn"] + after,
        "payoff_by_capacity_usd_bn": parts["rent_usd_bn"] + after,
        **parts,
        "capacity_share": of("firm_capacity_weight")[-1],
    }


def regret(
    firm: str,
    *,
    paths: int | None = None,
    seed: int = 1,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Nine payoffs of one firm, and the regret of half and of twice against the best of the three, by what rivals do.

    Every cell is a run on the same paths; a path whose opening is refused in one of the nine is left out of all.
    ``under`` is the regret of having planned half, ``over`` of having planned twice: medians and 5-95 %, USD bn at the
    required return.
    Errors: UnknownNameError for a firm; InputError when too few paths fit all nine openings.
    """
    if firm not in FIRM.members:
        raise UnknownNameError("firm", firm, FIRM.members)
    count, world = whole_argument("paths", 1000 if paths is None else paths, 1, 10**6), subject()
    runs: dict[tuple[float, float], Run] = {}
    for place, (rivals, own) in enumerate((r, o) for r in FACTORS for o in FACTORS):
        if progress is not None:
            progress("Plans tried", place + 1, len(FACTORS) ** 2)
        settings = plans_times({name: own if name == firm else rivals for name in FIRM.members})
        runs[rivals, own] = simulate(
            world,
            Scenario("regret", set=settings),
            paths=count,
            seed=seed,
            kernel=kernel,
            outputs=_outputs(firm),
        )
    first = runs[1.0, 1.0]
    same = np.logical_and.reduce([one.ok & (one.refused == first.refused) for one in runs.values()])
    if same.sum() < FEWEST:
        raise InputError(
            "paths that fit all nine openings", expected=f"at least {FEWEST}", got=int(same.sum())
        )
    cells = {
        key: {name: values[same] for name, values in payoff(one, firm).items()} for key, one in runs.items()
    }
    rows = [
        {
            "rivals": rivals,
            "plans": [
                {"own": own, **{name: _band(values) for name, values in cells[rivals, own].items()}}
                for own in FACTORS
            ],
            **{
                reading: _regrets([cells[rivals, own][name] for own in FACTORS])
                for reading, name in READINGS.items()
            },
        }
        for rivals in FACTORS
    ]
    return {
        "schema": SCHEMA, "firm": firm, "rows": rows, "paths": count, "pairs": int(same.sum()), "seed": seed,
        "model_hash": world.model_hash, "note": NOTE,
    }  # fmt: skip


def _regrets(paid: Sequence[Floats]) -> dict[str, Any]:
    """What the best of the three plans would have paid more than half and than twice; how often each is best."""
    table = np.stack(paid)
    lost = table.max(axis=0) - table
    return {
        "under_usd_bn": _band(lost[0]), "over_usd_bn": _band(lost[-1]),
        "under_worse_on": float((lost[0] > lost[-1]).mean()),
        "best_on": [float((table.argmax(axis=0) == i).mean()) for i in range(len(paid))],
    }  # fmt: skip


def _vintages() -> tuple[str, ...]:
    return tuple(key.partition(":")[2] for key in subject().plan.keys("vintage_left_usd_bn"))


def _outputs(firm: str) -> list[str]:
    """What a payoff reads."""
    by_firm = (
        "firm_capex_usd_bn",
        "firm_nonai_capex_usd_bn",
        "firm_ai_margin_usd_bn",
        "firm_uplift_usd_bn",
        "firm_capacity_weight",
        "firm_opex_usd_bn",
    )
    market = (
        "hurdle_rate",
        "neocloud_fleet_share",
        "other_build_share",
        "utilisation",
        "compute_supply_mh100e",
        "contract_price",
    )
    left = [f"vintage_left_usd_bn:{v}" for v in _vintages()]
    return [*(f"{name}:{firm}" for name in by_firm), *market, *left]


def _band(values: Floats) -> dict[str, float]:
    low, mid, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {"q05": float(low), "q50": float(mid), "q95": float(high)}

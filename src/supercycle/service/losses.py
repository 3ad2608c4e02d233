"""Who loses: shareholders, creditors, labs' investors, ratepayers, the treasury; over all paths and with a bust.

Share wealth is the fall of AI share values from their peak, at its deepest quarter of each path; written-off debt,
unused wires and tax not paid are sums over the quarters. Means, because means add up: by firm, by owner, by borrower,
by instrument, by holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.stress import Settings
from supercycle.service.the_world import subject

__all__ = ["BORROWERS", "CREDITORS", "INSTRUMENTS", "loss_outputs", "losses", "losses_of"]

Floats = NDArray[np.float64]
SCHEMA = "supercycle.losses/1"
BORROWERS = {
    "the five": "five_loss_usd_bn",
    "neoclouds": "neocloud_loss_usd_bn",
    "vehicles": "spv_loss_usd_bn",
}
CREDITORS = {
    "banks": "bank_loss_usd_bn",
    "insurers and pensions": "insurer_pension_loss_usd_bn",
    "funds": "fund_loss_usd_bn",
    "ABS and CMBS holders": "abs_loss_usd_bn",
    "private credit": "pc_loss_usd_bn",
    "foreign": "foreign_loss_usd_bn",
    "vendors": "vendor_loss_usd_bn",
}
INSTRUMENTS = {
    "bonds and notes": "bond_loss_usd_bn",
    "ABS and CMBS": "abs_loss_usd_bn",
    "private loans": "pc_loss_usd_bn",
    "bank lines of the five": "firm_revolver_loss_usd_bn_all",
    "bank loans of vehicles": "spv_bank_loss_usd_bn",
    "vendor credit": "neocloud_vendor_loss_usd_bn",
}
OTHERS = {
    "labs' investors, paid in": "equity_loss_usd_bn",
    "ratepayers": "ratepayer_loss_usd_bn",
    "treasury (a part of the others' losses)": "treasury_loss_usd_bn",
}
STOCKS = {  # what is owed to a holder at most: its largest quarter on each path
    "all": "ai_debt_usd_bn",
    "ABS and CMBS holders": "abs_cmbs_usd_bn",
    "private credit": "private_credit_ai_usd_bn",
    "vendors": "vendor_loans_usd_bn",
}
ENDS = (0.05, 0.5, 0.95)
_FIRMS, _OWNERS, _INSIDERS = "wealth_lost_by_firm_usd_bn", "owner_lost_usd_bn", "insiders_lost_usd_bn"


def losses(
    *,
    preset: str = "base",
    set: Settings = (),
    paths: int = 1000,
    seed: int = 1,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The table of a scenario: ``all`` paths and those with a ``bust``, each with its parts and what they miss.

    Errors: those of the scenario and of the engine. Limit case: without a bust on any path, ``bust`` is None.
    """
    world = subject()
    scenario = resolve(preset, world.model.registry, world.presets)
    if set:
        named = cast("Mapping[str, float | str]", set) if isinstance(set, Mapping) else None
        given = (
            list(cast("Iterable[str]", set)) if named is None else [f"{id}={v}" for id, v in named.items()]
        )
        scenario = with_settings(scenario, given, world.model.registry)
    run = simulate(world, scenario, paths=paths, seed=seed, outputs=list(loss_outputs()), progress=progress)
    return losses_of(run)


def loss_outputs() -> tuple[str, ...]:
    """Every output the table reads; of these a run's own record may lack the instruments."""
    plan = subject().plan
    return tuple(
        dict.fromkeys(
            (
                *BORROWERS.values(),
                *CREDITORS.values(),
                *INSTRUMENTS.values(),
                *OTHERS.values(),
                *STOCKS.values(),
                *plan.keys(_FIRMS),
                *plan.keys(_OWNERS),
                _INSIDERS,
                "busted",
                "wealth_lost_usd_bn",
                "credit_loss_usd_bn",
            )
        )
    )


def losses_of(run: Run) -> dict[str, Any]:
    """The table of a run that holds ``loss_outputs``; the instruments are left out where it does not hold them.

    ``bust_by`` is the share of paths with a bust so far, by quarter.
    """
    busted = run.value("busted") > 0
    some = run.ok & busted[-1]
    return {
        "schema": SCHEMA,
        "scenario": run.scenario.name,
        "paths": int(run.ok.sum()),
        "bust_paths": int(some.sum()),
        "bust_share": float(busted[-1, run.ok].mean()),
        "bust_by": dict(zip(run.quarters, busted[:, run.ok].mean(axis=1).tolist(), strict=True)),
        "all": _table(run, run.ok),
        "bust": _table(run, some) if some.any() else None,
    }


def _table(run: Run, some: NDArray[np.bool_]) -> dict[str, Any]:
    wealth = run.value("wealth_lost_usd_bn")[:, some]
    deepest: NDArray[np.int64] = wealth.argmax(axis=0)
    column: NDArray[np.int64] = np.arange(wealth.shape[1], dtype=np.int64)

    def at_worst(key: str) -> float:
        values: Floats = run.value(key)[:, some]
        return float(values[deepest, column].mean())

    def added(key: str) -> float:
        return float(run.value(key)[:, some].sum(axis=0).mean())

    plan = run.subject.plan
    firms = {key.partition(":")[2]: at_worst(key) for key in plan.keys(_FIRMS)}
    owners = {key.partition(":")[2]: at_worst(key) for key in plan.keys(_OWNERS)} | {
        "insiders": at_worst(_INSIDERS)
    }
    groups = {
        name: {who: added(key) for who, key in group.items()}
        for name, group in (("borrower", BORROWERS), ("instrument", INSTRUMENTS), ("holder", CREDITORS))
        if set(group.values()) <= set(run.outputs)
    }
    worst: Floats = wealth[deepest, column]
    written_off: Floats = run.value("credit_loss_usd_bn")[:, some].sum(axis=0)
    fall, credit = at_worst("wealth_lost_usd_bn"), added("credit_loss_usd_bn")
    return {
        "share_wealth_usd_bn": {"all": fall, "ends": _ends(worst), "by_firm": firms, "by_owner": owners},
        "credit_usd_bn": {
            "all": credit,
            "ends": _ends(written_off),
            **{f"by_{name}": group for name, group in groups.items()},
        },
        "others_usd_bn": {who: added(key) for who, key in OTHERS.items()},
        "owed_at_most_usd_bn": {
            who: float(run.value(key)[:, some].max(axis=0).mean()) for who, key in STOCKS.items()
        },
        "misses_by_usd_bn": max(
            abs(sum(firms.values()) - fall),
            abs(sum(owners.values()) - fall),
            *(abs(sum(group.values()) - credit) for group in groups.values()),
        ),
    }


def _ends(values: Floats) -> list[float]:
    """5 %, median and 95 % of the paths."""
    return [float(one) for one in np.quantile(values, ENDS)]

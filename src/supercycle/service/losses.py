"""Who loses: shareholders, creditors, labs' investors, ratepayers, the treasury; over all paths and with a bust.

Share wealth is the fall of AI share values from their peak, at its deepest quarter of each path; written-off debt,
unused wires and tax not paid are sums over the quarters. Means, because means add up: by firm, by owner, by borrower,
by instrument, by holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.run import Progress, Run, simulate
from supercycle.engine.scenario import resolve, with_settings
from supercycle.service.stress import Settings
from supercycle.service.the_world import subject

__all__ = ["BORROWERS", "CREDITORS", "INSTRUMENTS", "losses"]

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
        given = [f"{id}={value}" for id, value in set.items()] if isinstance(set, Mapping) else list(set)
        scenario = with_settings(scenario, given, world.model.registry)
    keys = [*BORROWERS.values(), *CREDITORS.values(), *INSTRUMENTS.values(), *OTHERS.values()]
    keys += [
        *world.plan.keys(_FIRMS),
        *world.plan.keys(_OWNERS),
        _INSIDERS,
        "busted",
        "wealth_lost_usd_bn",
        "credit_loss_usd_bn",
    ]
    run = simulate(
        world, scenario, paths=paths, seed=seed, outputs=list(dict.fromkeys(keys)), progress=progress
    )
    busted = run.value("busted")[-1] > 0
    return {
        "schema": SCHEMA,
        "scenario": scenario.name,
        "paths": int(run.ok.sum()),
        "bust_share": float(busted[run.ok].mean()),
        "all": _table(run, run.ok),
        "bust": _table(run, run.ok & busted) if (run.ok & busted).any() else None,
    }


def _table(run: Run, some: NDArray[np.bool_]) -> dict[str, Any]:
    wealth = run.value("wealth_lost_usd_bn")[:, some]
    deepest, column = wealth.argmax(axis=0), np.arange(wealth.shape[1])

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
    }
    fall, credit = at_worst("wealth_lost_usd_bn"), added("credit_loss_usd_bn")
    return {
        "share_wealth_usd_bn": {"all": fall, "by_firm": firms, "by_owner": owners},
        "credit_usd_bn": {"all": credit, **{f"by_{name}": group for name, group in groups.items()}},
        "others_usd_bn": {who: added(key) for who, key in OTHERS.items()},
        "misses_by_usd_bn": max(
            abs(sum(firms.values()) - fall),
            abs(sum(owners.values()) - fall),
            *(abs(sum(group.values()) - credit) for group in groups.values()),
        ),
    }

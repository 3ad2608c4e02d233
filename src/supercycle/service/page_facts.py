"""What a page with the model in it must know besides the program: quarters, the ends of levers, every quantity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from supercycle.core.params import quantile
from supercycle.engine.horizon import steps
from supercycle.engine.run import UNTIL
from supercycle.engine.scenario import Scenario
from supercycle.engine.sensitivity import ENDS
from supercycle.service.the_world import subject

__all__ = ["ends_of", "quarters", "variables"]


def quarters() -> list[str]:
    """Every quarter of a run, to the last one."""
    return list(steps(subject().start, UNTIL))


def ends_of(scenario: Scenario, id: str) -> list[float]:
    """The 5 and 95 % points of a parameter, where a tornado moves it."""
    param = scenario.param(subject().model.registry, id)
    return [float(one) for one in quantile(param, np.array(ENDS))]


def variables() -> dict[str, Mapping[str, Any]]:
    """Every quantity: what it is, its equation and what it reads; who reads it follows from the others."""
    plan = subject().plan
    found: dict[str, Mapping[str, Any]] = {}
    for v in plan.written.variables.values():
        facts = {
            "label": v.label or v.name, "unit": v.unit, "meaning": v.meaning, "block": v.block, "kind": v.kind,
            "equation": v.source_text, "opening": "" if v.opening_text == v.source_text else v.opening_text,
            "source": v.source, "members": list(v.axis.members) if v.axis else [],
            "reads": list(dict.fromkeys(plan.references[a].name for a in (*v.args, *v.opening_args)
                                        if plan.references[a].kind in ("variable", "param", "family"))),
        }  # fmt: skip
        found[v.name] = {key: value for key, value in facts.items() if value not in ("", [])}
    return found

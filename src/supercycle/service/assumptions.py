"""Assumptions of one scenario or two: what is fixed, what is sampled and where they differ."""

from __future__ import annotations

from typing import Any

from supercycle.engine.reading import reading
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject

__all__ = ["SCHEMA", "assumption", "described", "diff"]

SCHEMA = "supercycle.diff/1"


def assumption(subject: Subject, scenario: Scenario, id: str) -> dict[str, Any]:
    """One parameter under a scenario: a value on every path, or a prior that is sampled."""
    param = scenario.param(subject.model.registry, id)
    if id in scenario.set:
        return {"sampled": False, "value": scenario.set[id]}
    if param.distribution in ("fixed", "switch"):
        return {"sampled": False, "value": param.default}
    prior = {
        "low": param.low,
        "default": param.default,
        "high": param.high,
        "distribution": param.distribution,
    }
    return {"sampled": True, **prior}


def diff(subject: Subject, a: Scenario, b: Scenario) -> dict[str, Any]:
    """The assumptions on which two scenarios differ, in registry order.

    Limit case: a scenario and itself differ nowhere. A parameter set to its default differs from one that is
    sampled around it.
    """
    differences: list[dict[str, Any]] = []
    for id, param in subject.model.registry.items():
        left, right = assumption(subject, a, id), assumption(subject, b, id)
        if left != right:
            facts = {"parameter": id, "label": param.label, "unit": param.unit, "block": param.block}
            differences.append({**facts, "a": left, "b": right})
    named = {side: {"preset": s.name, "title": s.title, "until": s.until} for side, s in (("a", a), ("b", b))}
    return {
        "schema": SCHEMA,
        **named,
        "same": len(subject.model.registry) - len(differences),
        "differences": differences,
    }


def described(subject: Subject, scenario: Scenario) -> dict[str, Any]:
    """A scenario with its story and every assumption it makes differently from the registry."""
    registry = subject.model.registry
    changed = [id for id in registry if id in scenario.set or id in scenario.ranges]
    return {
        "name": scenario.name,
        "title": scenario.title,
        "story": scenario.story,
        "answers": list(scenario.answers),
        "moves": [
            {
                "output": move.output,
                "label": (read := reading(subject, move.output)).label,
                "when": read.when,
                "unit": read.unit,
                "by": move.by,
                "from": move.low,
                "to": move.high,
            }
            for move in scenario.moves
        ],
        "until": scenario.until,
        "origin": scenario.origin,
        "set": [
            {
                "parameter": id,
                "label": registry[id].label,
                "unit": registry[id].unit,
                "default": registry[id].default,
                **assumption(subject, scenario, id),
            }
            for id in changed
        ],
    }

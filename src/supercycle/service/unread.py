"""Settings that would change nothing are refused: a reader who sets one expects an effect."""

from __future__ import annotations

from supercycle.core.errors import InputError
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject

__all__ = ["refuse_unread", "unread"]


def unread(world: Subject) -> frozenset[str]:
    """Parameters that no equation, opening or opening test of a world reads; other parts of the package may.

    >>> from supercycle.service.the_world import subject
    >>> "grid_lead_months" in unread(subject())
    False
    """
    model, read = world.model, set[str]()
    for plan in (world.plan, world.test_plan):
        for reference in plan.references.values():
            if reference.kind == "param":
                read.add(reference.name)
            elif reference.kind == "family":
                read |= {f"{reference.name}:{member}" for member in model.families[reference.name].members}
    return frozenset(model.registry) - read


def refuse_unread(world: Subject, scenario: Scenario) -> None:
    """Errors: InputError for a setting on top of the scenario that no equation reads."""
    idle = unread(world).intersection(scenario.added) if scenario.added else ()
    for id in sorted(idle):
        raise InputError(
            f"{id} is read by no equation of the model: setting it changes nothing",
            expected="a parameter that an equation reads",
            hint=f"supercycle explain {id} says what it stands for.",
        )

"""A run as it could have been made on a day: what was published later is withheld from the opening.

The opening stays at its quarter. Each of its parameters that was read from the figures is looked up again as it was
known
on the day; one that nobody knew then stops the run and is named. What reads otherwise becomes a setting, so that the
manifest holds it and ``reproduce`` runs the same.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from supercycle.core.errors import InputError
from supercycle.core.params import Registry
from supercycle.engine.scenario import Scenario, with_settings
from supercycle.figures.as_known import AsKnown, Input, inputs_as_known
from supercycle.service.the_world import subject

__all__ = ["inputs", "opening_as_known", "opening_inputs", "past_day", "scenario_as_known"]


def opening_inputs(registry: Registry | None = None) -> tuple[Input, ...]:
    """Every parameter of the opening that was read from rows, of the shipped world unless a registry is given."""
    registry = registry or subject().model.registry
    return tuple(Input(p.id, p.default, p.unit, p.rows) for p in (registry[id] for id in registry) if p.rows)


def opening_as_known(day: date, registry: Registry | None = None) -> AsKnown:
    """The opening's figures on a day, by parameter; ``registry`` is the shipped world's unless given."""
    return inputs_as_known(opening_inputs(registry), day)


def past_day(text: str) -> date:
    """The day of an ``as_of``: today or earlier, since nobody knows yet what a later day will have shown.

    Errors: InputError for text that is no day, and for a day to come.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError("not a day", expected="2026-09-30", got=repr(text), where="as_of") from None
    today = datetime.now(UTC).date()
    if day > today:
        raise InputError("a day to come", expected=f"{today} or earlier", got=text, where="as_of")
    return day


def inputs(as_of: str | None = None) -> dict[str, Any]:
    """The opening's inputs ready for JSON; ``as_of`` is a day, else everything in the tables counts as known.

    >>> found = inputs()
    >>> found["unknown"], found["changed"], found["held"] > 25
    ([], [], True)
    """
    found = opening_as_known(date.max if as_of is None else past_day(as_of))
    return {
        "as_of": as_of,
        "newest_row_known_from": found.newest.isoformat(),
        "held": len(found.held),
        "changed": [asdict(one) for one in found.changed],
        "unknown": [asdict(one) | {"known_from": one.known_from.isoformat()} for one in found.unknown],
        "stale": [asdict(one) for one in found.stale],
    }


def scenario_as_known(scenario: Scenario, as_of: str, registry: Registry) -> Scenario:
    """The scenario with what reads otherwise on the day as settings below its own.

    Errors: InputError for text that is no day, for a prior fitted to later figures, and when a parameter of the opening
    was not known on the day and the scenario does not set it.
    """
    if scenario.prior != "judged":
        raise InputError(
            "a prior fitted to the past knows later figures",
            expected="prior judged",
            got=scenario.prior,
            where="as_of",
        )
    found = opening_as_known(past_day(as_of), registry)
    unknown = [one for one in found.unknown if one.id not in scenario.set]
    if unknown:
        first = unknown[0]
        raise InputError(
            f"{len(unknown)} parameters of the opening were not known by {as_of}",
            expected=f"a day from {max(one.known_from for one in unknown)} on, or --set for each",
            got=f"{first.id}: {first.why}", where="as_of",
            hint=f"Not known: {', '.join(one.id for one in unknown[:8])}.",
        )  # fmt: skip
    moved = {one.id: one.then for one in found.changed if one.id not in scenario.set}
    return with_settings(scenario, moved, registry, beyond=True) if moved else scenario

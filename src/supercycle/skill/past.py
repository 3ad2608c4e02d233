"""The world at a past start, ready for the engine: same equations and kernel, the opening of that date as its prior."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from supercycle.engine.prior import Prior
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations.functions import maximum
from supercycle.service.the_world import built
from supercycle.skill.opening import Opening, opening_at

__all__ = ["possible", "scenario_at", "world_at", "world_with"]


@cache
def world_at(start: str, variant: str) -> tuple[Subject, Opening]:
    """The world opened at the end of a past quarter under the registry's structural priors, and its opening.

    The test that a draw must pass is the past's own, ``possible``; presets, readings of vintages and the headline
    belong to 2026 and are left out.
    """
    base = built()
    opening = opening_at(start, variant, base.model.registry)
    prior = opening.prior(base.model.registry)
    made = replace(base, start=start, accept=possible, derived=(), headline=None, priors={prior.name: prior})
    return made, opening


def world_with(start: str, variant: str, structural: Prior) -> Subject:
    """The same world with a fitted prior of the structural parameters and of shocks; the rest of the opening stays."""
    made, _ = world_at(start, variant)
    (opening,) = made.priors.values()
    tables = {id: values for id, values in structural.tables.items() if id not in opening.params}
    params = {**opening.params, **structural.params}
    both = replace(opening, params=params, levels=structural.levels, tables=tables, pairs=structural.pairs)
    return replace(made, priors={both.name: both})


def scenario_at(start: str, variant: str) -> Scenario:
    """The scenario that draws from the opening of a past quarter."""
    return Scenario(f"opening of {start}, {variant}", prior=f"{start} {variant}")


def possible(
    opening_captive_mh100e: Any,
    opening_desired_mh100e: Any,
    opening_ai_revenue: Any,
    consumer_share_open: Any,
    captive_elasticity: Any,
    repricing_rate: Any,
    opening_elasticity: Any,
    price_response: Any,
    opening_utilisation: Any,
    opening_enterprise_ceiling: Any,
    ceiling_truncation: Any,
    other_build_share: Any,
    opening_newest_it_gw: Any,
) -> Any:
    """Which draws can be the world of a past quarter.

    As in 2026, except that captive use may be anything from a fifth to nearly all (paid AI was small) and the
    ceiling must only exceed sales: other builders' share lies between nothing and a half (judged: the five, neoclouds
    and lease-back vehicles carried at least half of the build), compute in use is positive, and the price loop does
    not overshoot within a quarter.
    """
    captive = opening_captive_mh100e / opening_desired_mh100e
    external = opening_ai_revenue * (1.0 - consumer_share_open)
    response = captive * maximum(captive_elasticity, -captive_elasticity) + (
        1.0 - captive
    ) * repricing_rate * maximum(opening_elasticity, -opening_elasticity)
    gain = price_response * 10.0 * opening_utilisation * response
    ceiling = opening_enterprise_ceiling > ceiling_truncation * external
    shares = (captive > 0.2) & (captive < 0.99) & (other_build_share >= 0.0) & (other_build_share <= 0.5)
    return shares & ceiling & (gain <= 1.0) & (opening_newest_it_gw > 0.0)

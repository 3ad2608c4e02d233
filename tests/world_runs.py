"""Runs of the world for its tests: small, on the NumPy reference, with every output of every quarter at hand.

Parameters are arrays [parameter, path]; answers are read by slot key and have the shape [quarter, path], the opening
being quarter 0. ``calm`` draws (all but one) let no event happen: no crash, no jump, no regime.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.engine.sample import LANES, Sample, sample_draws, sample_params
from supercycle.engine.sample import accepted as fits_opening
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations import emit_numpy
from supercycle.equations.graph import Plan, plan
from supercycle.service.the_world import subject

__all__ = [
    "QUARTERS",
    "Result",
    "accepted",
    "calm",
    "changed",
    "defaults",
    "drawn",
    "run",
    "sampled",
    "sampled_paths",
    "variant",
    "world",
]

Function = Callable[..., Any]
Floats = NDArray[np.float64]

QUARTERS = 38  # 2026Q3 to 2035Q4
SEED = 20260630


@dataclass(frozen=True)
class Result:
    """What a run of every slot found, path by path."""

    plan: Plan
    out: Floats  # [slot, quarter, path]
    residual: Floats  # [path]

    def __getitem__(self, key: str) -> Floats:
        """One slot [quarter, path]."""
        return self.out[self.plan.slot(key)]

    def all(self, name: str) -> Floats:
        """All members of a variable [member, quarter, path]."""
        return self.out[[self.plan.slot(key) for key in self.plan.keys(name)]]


@cache
def world() -> Subject:
    """The world, as the product runs it."""
    return subject()


def defaults(paths: int = 1, **changes: float) -> Floats:
    """Every parameter at its default, some changed: [parameter, path]."""
    registry = world().model.registry
    params = np.repeat(np.array([registry[id].default for id in registry])[:, None], paths, axis=1)
    return changed(params, **changes)


def changed(params: Floats, changes: Mapping[str, object] | None = None, **named: object) -> Floats:
    """A copy with some parameters set, to a number or to one number per path; a family by its plain name."""
    copy, slots, families = params.copy(), world().plan.param_slots, world().model.families
    for id, value in {**(changes or {}), **named}.items():
        for one in [f"{id}:{m}" for m in families[id].members] if id in families else [id]:
            copy[slots[one]] = value
    return copy


def accepted(params: Floats) -> NDArray[np.bool_]:
    """Which of these parameters can be the world of 2026Q2, by the joint truncation of the opening."""
    return fits_opening(world(), params)


def calm(paths: int, quarters: int = QUARTERS) -> Floats:
    """Random numbers with which nothing random happens: [draw, quarter, path]."""
    plan, model = world().plan, world().model
    draws = np.full((plan.draw_count, quarters, paths), 1.0 - 1e-12)
    for (
        name,
        draw,
    ) in model.draws.items():  # news that is normal has its mean; events that are uniform do not come
        if draw.kind == "normal":
            first = plan.draw_slots[name]
            draws[first : first + (1 if draw.axis is None else len(draw.axis))] = 0.0
    return draws


def drawn(paths: int, quarters: int = QUARTERS) -> Floats:
    """The random numbers of the first paths of the tests' seed."""
    return sample_draws(world(), SEED, np.arange(paths, dtype=np.int64), quarters)


@cache
def sampled(paths: int) -> Sample:
    """Parameters of the first paths of the tests' seed, with how often each was refused."""
    count = -(-paths // LANES) * LANES
    found = sample_params(world(), Scenario("base"), SEED, np.arange(count, dtype=np.int64))
    return replace(found, params=found.params[:, :paths], refused=found.refused[:paths])


def run(
    params: Floats, draws: Floats | None = None, quarters: int = QUARTERS, plan: Plan | None = None
) -> Result:
    """Simulate every slot; calm unless draws are given; ``plan`` may be that of a changed copy of the world."""
    ready = plan or world().plan
    draws = calm(params.shape[1], quarters) if draws is None else draws
    return Result(ready, *emit_numpy.simulate(ready, params, draws, np.arange(ready.slot_count)))


@cache
def sampled_paths(paths: int) -> Result:
    """The base case on the first paths of the tests' seed, shocks and all."""
    return run(sampled(paths).params, drawn(paths))


def variant(**functions: Function) -> Plan:
    """The plan of a copy of the world in which some equations are other functions; the world itself is
    untouched.
    """
    model = copy(world().model)
    model.variables = dict(model.variables)
    for name, function in functions.items():
        old = model.variables[name]
        args = tuple(inspect.signature(function).parameters)
        if name.startswith("opening_") or old.kind == "initial":
            model.variables[name] = replace(old, opening=function, opening_args=args)
        else:
            model.variables[name] = replace(old, function=function, args=args)
    return plan(model)

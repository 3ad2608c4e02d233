"""Sampling: every number is a function of (seed, stream name, path), so nothing depends on chunks.

A path whose parameters contradict the opening data is refused as a whole and drawn again under the next
attempt's stream names (``param:<id>#1`` and so on). The accepted draw is still a function of seed and path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from supercycle.core.normal import normal_cdf
from supercycle.core.random import correlate, normal_matrix, normals, uniform_matrix, uniforms
from supercycle.engine.prior import drawn, pairs_of
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject
from supercycle.equations import emit_numpy

__all__ = ["ATTEMPTS", "LANES", "Sample", "accepted", "sample_draws", "sample_params"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]
Spread = Callable[[Callable[[Paths], NDArray[np.bool_]], Iterable[Paths]], Iterable[NDArray[np.bool_]]]

ATTEMPTS = 50
KEPT = 32  # pieces of prior draws kept in memory, 6 MB each for the world
SMALL, SMALL_PATHS = 8, 2048  # whole samples of so many paths kept in memory, 5 MB each for the world
LANES = 32  # every array handed to a kernel is a whole number of tiles wide


@dataclass(frozen=True, slots=True)
class Sample:
    """Parameters [parameter, path] and how many draws of each path were refused (``ATTEMPTS``: all)."""

    params: Floats
    refused: Paths


def sample_params(
    subject: Subject, scenario: Scenario, seed: int, paths: Paths, spread: Spread = map, piece: int = 2048
) -> Sample:
    """Draw the parameters of some paths: priors, copula, settings, then the opening test.

    Shapes: ``paths`` [path] holds path indices, a whole number of tiles; ``params`` of the answer is
    [parameter, path] in registry order. ``spread`` may be a pool's map. Limit cases: a fixed or set
    parameter is the same on every path and changes no other parameter's draw; with no opening test nothing
    is refused.
    """
    if len(paths) <= SMALL_PATHS and not scenario.ranges and _tested(subject).params.isdisjoint(scenario.set):
        base = _base_sample(subject, scenario.prior, seed, np.ascontiguousarray(paths).tobytes())
        return Sample(_settled(subject, scenario, base.params.copy()), base.refused.copy())
    return _sampled(subject, scenario, seed, paths, spread, piece)


@lru_cache(maxsize=SMALL)
def _base_sample(subject: Subject, prior: str, seed: int, paths: bytes) -> Sample:
    """A whole small sample: the same for every scenario that sets nothing the opening test rests on."""
    scenario, places = Scenario("base", prior=prior), np.frombuffer(paths, dtype=np.int64)
    return _sampled(subject, scenario, seed, places, map, len(places) or 1)


def _sampled(
    subject: Subject, scenario: Scenario, seed: int, paths: Paths, spread: Spread, piece: int
) -> Sample:
    params = np.empty((len(subject.model.registry), len(paths)))
    refused = np.zeros(len(paths), dtype=np.int64)
    waiting = np.arange(len(paths))
    for attempt in range(ATTEMPTS):
        # All refused paths of the run together: an attempt costs a call per parameter, however few are left.
        places = [waiting[start : start + piece] for start in range(0, len(waiting), piece)]

        def draw(place: Paths, attempt: int = attempt) -> NDArray[np.bool_]:
            # A whole number of tiles, some paths twice: sums round the same whoever is still waiting.
            wide = np.resize(place, -(-len(place) // LANES) * LANES)
            drawn = _attempt(subject, scenario, seed, paths[wide], attempt)
            params[:, place] = drawn[:, : len(place)]
            return accepted(subject, drawn)[: len(place)]

        fits = np.concatenate(list(spread(draw, places)))
        waiting = waiting[~fits]
        refused[waiting] = attempt + 1
        if len(waiting) == 0:
            break
    return Sample(params, refused)


def sample_draws(subject: Subject, seed: int, paths: Paths, quarters: int) -> Floats:
    """The model's random numbers [draw, quarter, path]; no parameter and no refused attempt changes them."""
    if len(paths) <= SMALL_PATHS:
        return _small_draws(subject, seed, np.ascontiguousarray(paths).tobytes(), quarters).copy()
    return _draws(subject, seed, paths, quarters)


@lru_cache(maxsize=KEPT)
def _small_draws(subject: Subject, seed: int, paths: bytes, quarters: int) -> Floats:
    return _draws(subject, seed, np.frombuffer(paths, dtype=np.int64), quarters)


def _draws(subject: Subject, seed: int, paths: Paths, quarters: int) -> Floats:
    plan = subject.plan
    draws = np.empty((plan.draw_count, quarters, len(paths)))
    for draw in plan.model.draws.values():
        start, members = plan.draw_slots[draw.name], len(draw.axis) if draw.axis else 1
        matrix = normal_matrix if draw.kind == "normal" else uniform_matrix
        for entity in range(members):
            draws[start + entity] = matrix(seed, f"draw:{draw.name}", paths, range(1, quarters + 1), entity)
    return draws


def _attempt(subject: Subject, scenario: Scenario, seed: int, paths: Paths, attempt: int) -> Floats:
    """One draw of all parameters; the settings come last, so that they shift no other draw."""
    if scenario.ranges:
        params = _prior(subject, scenario, seed, paths, attempt)
    else:
        params = _base_prior(subject, scenario.prior, seed, np.ascontiguousarray(paths).tobytes(), attempt)
    return _settled(subject, scenario, params.copy()) if scenario.set else params


def _settled(subject: Subject, scenario: Scenario, params: Floats) -> Floats:
    for id, value in scenario.set.items():
        params[subject.plan.param_slots[id]] = value
    return params


@lru_cache(maxsize=KEPT)
def _base_prior(subject: Subject, prior: str, seed: int, paths: bytes, attempt: int) -> Floats:
    """A prior without ranges: the same for every scenario, so a slider that moves does not draw it again."""
    made = _prior(subject, Scenario("base", prior=prior), seed, np.frombuffer(paths, dtype=np.int64), attempt)
    made.setflags(write=False)
    return made


def _prior(subject: Subject, scenario: Scenario, seed: int, paths: Paths, attempt: int) -> Floats:
    registry, prior = subject.model.registry, subject.prior(scenario.prior)
    wanted = pairs_of(tuple(subject.pairs), prior)
    suffix = f"#{attempt}" if attempt else ""
    tied = {id for a, b, _ in wanted for id in (a, b)}
    params = np.empty((len(registry), len(paths)))
    joint: dict[str, Floats] = {}
    for row, id in enumerate(registry):
        param = registry[id] if prior is None else prior.params.get(id, registry[id])
        if param.distribution in ("fixed", "switch"):
            params[row] = param.default
        elif id in tied:
            joint[id] = normals(seed, f"param:{id}{suffix}", paths)
        else:
            params[row] = drawn(scenario, prior, registry[id], uniforms(seed, f"param:{id}{suffix}", paths))
    pairs = [(a, b, size) for a, b, size in wanted if a in joint and b in joint]
    for id, z in correlate(joint, pairs).items():
        params[subject.plan.param_slots[id]] = drawn(scenario, prior, registry[id], normal_cdf(z))
    return params


def accepted(subject: Subject, params: Floats) -> NDArray[np.bool_]:
    """Whether each draw [parameter, path] agrees with the opening data, by the NumPy reference."""
    if subject.accept is None:
        return np.ones(int(params.shape[1]), dtype=np.bool_)
    plan, test = subject.test_plan, _tested(subject)
    with np.errstate(all="ignore"):
        state = emit_numpy.opening(plan, params, test.variables)
    return np.asarray(state[plan.slot(subject.test)] != 0.0)


@dataclass(frozen=True, slots=True)
class _Test:
    """What the opening test rests on: openings, itself included, and parameters."""

    variables: frozenset[str]
    params: frozenset[str]


@lru_cache(maxsize=KEPT)
def _tested(subject: Subject) -> _Test:
    """What the test rests on: a seventh of all openings in the world."""
    if subject.accept is None:
        return _Test(frozenset(), frozenset())
    variables = emit_numpy.rests_on(subject.test_plan, [subject.test])
    return _Test(variables, emit_numpy.params_of(subject.test_plan, variables))

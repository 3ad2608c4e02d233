"""Sensitivity of one reading to every sampled parameter, by tornado, elementary effects or Sobol shares.

tornado  each parameter at its 5 and its 95 % point on every path of the scenario, all else of the path as it was:
         quantiles of the paired difference from the path itself;
morris   elementary effects over the quantile cube (``morris.py``): mu*, mu, sigma;
sobol    first-order and total shares of variance over the quantile cube (``sobol.py``), with one more factor, the
         events: the random numbers of the quarters.

The tornado keeps the scenario's own paths, with their correlations; it does not ask again whether a moved path
would fit the opening. Morris and Sobol treat the parameters as independent (``cube.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, ModelError, UnknownNameError
from supercycle.core.params import EVIDENCE, quantile
from supercycle.engine.cube import Cube
from supercycle.engine.morris import morris
from supercycle.engine.quantiles import quantiles
from supercycle.engine.reading import Reading
from supercycle.engine.run import Progress
from supercycle.engine.sample import ATTEMPTS, LANES, sample_params
from supercycle.engine.scenario import Scenario
from supercycle.engine.sobol import sobol
from supercycle.engine.subject import Subject

__all__ = ["ENDS", "EVENTS", "METHODS", "NOTES", "Row", "Sensitivity", "sensitivity"]

Floats = NDArray[np.float64]

METHODS = ("tornado", "morris", "sobol")
EVENTS = "events"  # the one factor that is not a parameter
ENDS = (0.05, 0.95)
PAIRED = (0.05, 0.5, 0.95)
INDEPENDENT = (
    "Parameters are taken as independent: their correlations and the test against the opening do not apply."
)
NOTES = {
    "tornado": "Each parameter at its 5 and 95 % point on the scenario's own paths, all else of a path as it was. "
    "Correlated parameters are not moved along, and the test against the opening is not asked again.",
    "morris": "Effect of moving a parameter over the middle 90 % of its prior. " + INDEPENDENT,
    "sobol": "Shares of variance; totals add up to more than one by what interacts. " + INDEPENDENT,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter (or the events): ``weight`` ranks it, ``facts`` are the method's own numbers."""

    parameter: str
    label: str
    evidence: str
    block: str
    weight: float
    facts: dict[str, float]


@dataclass(frozen=True)
class Sensitivity:
    """Every factor, the heaviest first; ``evidence`` shares the weights out by kind and adds up to one."""

    method: str
    reading: Reading
    rows: tuple[Row, ...]
    evidence: dict[str, float]
    evaluations: int
    used: int
    residual_max: float
    until: str


def sensitivity(
    subject: Subject,
    scenario: Scenario,
    reading: Reading,
    method: str,
    *,
    paths: int,
    seed: int,
    until: str | None = None,
    kernel: str = "auto",
    progress: Progress | None = None,
) -> Sensitivity:
    """Which sampled parameters move a reading, and what evidence stands behind them.

    ``paths`` are paths (tornado), trajectories (Morris) or rows of the design (Sobol). The weight is the squared
    swing between the ends (tornado, of means over paths), mu* squared (Morris) or the total share (Sobol).

    Errors: UnknownNameError for a method, InputError when nothing is sampled or numbers are too few.
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, ("drivers", *METHODS))
    if paths < 2:
        raise InputError("too few paths", expected="2 or more", got=paths, where="paths")
    cube = Cube(subject, scenario, reading, seed=seed, until=until, kernel=kernel)
    if not cube.inputs:
        raise InputError("nothing is sampled under this scenario", expected="a parameter that is not set")

    def told(done: int, total: int) -> None:
        if progress is not None:
            progress("Parameters moved", done, total)

    by_method = {"tornado": _tornado, "morris": _morris, "sobol": _sobol}
    found, used = by_method[method](cube, paths, seed, told)
    rows = [_row(subject, id, weight, facts) for id, weight, facts in found]
    rows.sort(key=lambda row: -np.nan_to_num(row.weight, nan=-1.0))
    total = sum(max(row.weight, 0.0) for row in rows if np.isfinite(row.weight))
    evidence = {
        kind: sum(max(r.weight, 0.0) for r in rows if r.evidence == kind and np.isfinite(r.weight)) / total
        if total > 0
        else 0.0
        for kind in (*EVIDENCE, EVENTS)
    }
    return Sensitivity(
        method=method,
        reading=reading,
        rows=tuple(rows),
        evidence=evidence,
        evaluations=cube.evaluations,
        used=used,
        residual_max=cube.residual_max,
        until=cube.quarters[-1],
    )


Found = list[tuple[str, float, dict[str, float]]]
Told = Callable[[int, int], None]


def _row(subject: Subject, id: str, weight: float, facts: dict[str, float]) -> Row:
    if id == EVENTS:
        return Row(id, "Random events of the quarters", EVENTS, "", weight, facts)
    param = subject.model.registry[id]
    return Row(id, param.label, param.evidence, param.block, weight, facts)


def _tornado(cube: Cube, paths: int, seed: int, told: Told) -> tuple[Found, int]:
    """The scenario's own paths, one parameter at a time at either end."""
    index = np.arange(-(-paths // LANES) * LANES, dtype=np.int64)
    sample = sample_params(cube.subject, cube.scenario, seed, index)
    params, events = sample.params[:, :paths], cube.events(index)[:, :, :paths]
    base = cube.at(params, events)
    base[sample.refused[:paths] >= ATTEMPTS] = np.nan
    used = int(np.isfinite(base).sum())
    if used == 0:
        raise ModelError("no path has numbers", hint="Bring the settings closer to the base case.")
    found: Found = []
    for place, id in enumerate(cube.inputs):
        row = cube.subject.plan.param_slots[id]
        prior = cube.scenario.param(cube.subject.model.registry, id)
        kept, sides = params[row].copy(), list[Floats]()
        points = quantile(prior, np.array(ENDS))
        for value in points:
            params[row] = value
            sides.append(cube.at(params, events))
        params[row] = kept
        facts: dict[str, float] = {"low": float(points[0]), "high": float(points[1])}
        for side, values in zip(("at_low", "at_high", "swing"), (*sides, sides[1]), strict=True):
            change = values - (sides[0] if side == "swing" else base)
            known = change[np.isfinite(change)]
            facts[f"{side}_mean"] = float(known.mean()) if len(known) else float("nan")
            for level, number in zip(PAIRED, quantiles(change, PAIRED), strict=True):
                facts[f"{side}_q{round(100 * level):02d}"] = float(number)
        found.append((id, facts["swing_mean"] ** 2, facts))
        told(place + 1, len(cube.inputs))
    return found, used


def _morris(cube: Cube, paths: int, seed: int, told: Told) -> tuple[Found, int]:
    """Trajectories through the middle 90 % of every prior; one trajectory sees one set of events."""
    events = cube.events(np.arange(paths, dtype=np.int64))
    low, high = ENDS

    def f(u: Floats, trajectory: NDArray[np.int64]) -> Floats:
        return cube(low + (high - low) * u, events[:, :, trajectory])

    effects = morris(f, len(cube.inputs), paths, seed, told)
    found: Found = [
        (
            id,
            float(effects.mu_star[i]) ** 2,
            {
                "mu_star": float(effects.mu_star[i]),
                "mu": float(effects.mu[i]),
                "sigma": float(effects.sigma[i]),
                "standard_error": float(effects.standard_error[i]),
            },
        )
        for i, id in enumerate(cube.inputs)
    ]
    return found, paths


def _sobol(cube: Cube, paths: int, seed: int, told: Told) -> tuple[Found, int]:
    """Saltelli's design with the events as the last factor."""
    rows = np.arange(paths, dtype=np.int64)
    events = (cube.events(rows), cube.events(rows + paths))

    def f(u: Floats, sample: int) -> Floats:
        return cube(u, events[sample])

    rest = bool(events[0].shape[0])
    shares = sobol(f, len(cube.inputs), paths, seed, rest=rest, progress=told)
    names = [*cube.inputs, *([EVENTS] if rest else [])]
    found: Found = [
        (
            id,
            float(shares.total[i]),
            {
                "first": float(shares.first[i]),
                "first_q05": float(shares.first_band[0, i]),
                "first_q95": float(shares.first_band[1, i]),
                "total": float(shares.total[i]),
                "total_q05": float(shares.total_band[0, i]),
                "total_q95": float(shares.total_band[1, i]),
            },
        )
        for i, id in enumerate(names)
    ]
    return found, shares.rows

"""The model as a function on the unit cube: each sampled parameter at a quantile of its prior, one number out.

Priors are taken as independent here: neither the correlations of the priors nor the joint test against the opening
apply, because a design that moves one input at a time moves it away from both. What a method reports is therefore
about each parameter's own range.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import BooksError
from supercycle.engine.books import TOLERANCE
from supercycle.engine.horizon import steps
from supercycle.engine.kernels import kernel_of
from supercycle.engine.prior import drawn
from supercycle.engine.reading import Reading
from supercycle.engine.run import UNTIL
from supercycle.engine.sample import LANES, sample_draws
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject

__all__ = ["Cube", "sampled_parameters"]

Floats = NDArray[np.float64]
Paths = NDArray[np.int64]

PIECE = 1024  # points a thread takes at once


def sampled_parameters(subject: Subject, scenario: Scenario) -> list[str]:
    """The parameters that differ from path to path under a scenario, in registry order."""
    found: list[str] = []
    for id in subject.model.registry:
        param = scenario.param(subject.model.registry, id)
        drawn = param.distribution not in ("fixed", "switch") and param.low < param.high
        if drawn and id not in scenario.set:
            found.append(id)
    return found


class Cube:
    """One reading of a scenario as a function of quantiles [input, point] and events [draw, quarter, point]."""

    def __init__(
        self,
        subject: Subject,
        scenario: Scenario,
        reading: Reading,
        *,
        seed: int,
        until: str | None = None,
        kernel: str = "auto",
        inputs: Sequence[str] | None = None,
    ) -> None:
        self.subject, self.scenario, self.reading, self.seed = subject, scenario, reading, seed
        self.inputs = sampled_parameters(subject, scenario) if inputs is None else list(inputs)
        self.quarters = steps(
            subject.start, (scenario.until or UNTIL) if until is None else until, where="until"
        )
        self.evaluations = 0
        self.residual_max = 0.0
        self._keys = reading.slots(subject)
        self._record = np.array([subject.plan.slot(key) for key in self._keys], dtype=np.int64)
        self._kernel = kernel_of(subject, kernel)
        registry = subject.model.registry
        self._priors = [registry[id] for id in self.inputs]
        self._rows = [subject.plan.param_slots[id] for id in self.inputs]
        self._fixed = np.array([scenario.param(registry, id).default for id in registry])
        for id, value in scenario.set.items():
            self._fixed[subject.plan.param_slots[id]] = value

    def events(self, paths: Paths) -> Floats:
        """The random numbers of the quarters for some paths [draw, quarter, path]."""
        return sample_draws(self.subject, self.seed, paths, len(self.quarters))

    def params(self, u: Floats) -> Floats:
        """Parameters [parameter, point] at quantiles u [input, point]; all others at their default."""
        made = np.repeat(self._fixed[:, None], u.shape[1], axis=1)
        for row, prior, level in zip(self._rows, self._priors, u, strict=True):
            made[row] = drawn(self.scenario, self.subject.prior(self.scenario.prior), prior, level)
        return made

    def __call__(self, u: Floats, events: Floats) -> Floats:
        """The reading [point]; NaN on points without numbers."""
        return self.at(self.params(u), events)

    def at(self, params: Floats, events: Floats) -> Floats:
        """The reading [point] of whole parameter vectors. Errors: BooksError when the books do not close."""
        points = params.shape[1]
        found, residual = np.empty(points), np.empty(points)

        def work(start: int) -> None:
            here = np.arange(start, min(start + PIECE, points))
            wide = np.resize(here, -(-len(here) // LANES) * LANES)
            out, worst = self._kernel(
                np.ascontiguousarray(params[:, wide]), np.ascontiguousarray(events[:, :, wide]), self._record
            )
            values = {key: out[i, 1:, : len(here)] for i, key in enumerate(self._keys)}
            found[here] = self.reading.of(self.subject, values, params[:, here], self.quarters)
            residual[here] = worst[: len(here)]

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            list(pool.map(work, range(0, points, PIECE)))
        self.evaluations += points
        found[~np.isfinite(residual)] = np.nan
        worst = float(np.nanmax(residual, initial=0.0))
        self.residual_max = max(self.residual_max, worst)
        if worst > TOLERANCE:
            raise BooksError(
                "the books do not close at a point of the design",
                expected=f"a residual of at most {TOLERANCE:g}",
                got=f"{worst:.3g}",
            )
        return found

"""The world as a map from standard normals, particle by particle: parameters, then the news of every quarter.

A particle is one draw of everything a path rests on. With z its normals, parameters go through the copula and their
quantile functions, quarterly draws are normals or uniforms, and the kernel gives the path. A likelihood of figures can
then be tempered in (``skill/smc.py``): particles are reweighted, drawn again by weight, and moved by steps that leave
the prior alone, so that a print teaches parameters and tells lasting news from one quarter's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from supercycle.core.copula import correlate
from supercycle.core.normal import normal_cdf
from supercycle.core.params import Param
from supercycle.engine.kernels import kernel_of
from supercycle.engine.prior import Pair, drawn, pairs_of
from supercycle.engine.sample import LANES, accepted
from supercycle.engine.scenario import Scenario
from supercycle.engine.subject import Subject

__all__ = ["Particles"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Particles:
    """A world under a named prior, over so many quarters after its opening."""

    world: Subject
    prior: str
    quarters: int

    @cached_property
    def sampled(self) -> tuple[str, ...]:
        """Parameters that are drawn, in the order of their normals."""
        return tuple(id for id, param in self.params.items() if param.distribution not in ("fixed", "switch"))

    @cached_property
    def params(self) -> Mapping[str, Param]:
        """Every parameter under the prior."""
        found, registry = self.world.prior(self.prior), self.world.model.registry
        return {id: registry[id] if found is None else found.params.get(id, registry[id]) for id in registry}

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Rank correlations between sampled parameters."""
        found = pairs_of(tuple(self.world.pairs), self.world.prior(self.prior))
        return tuple(pair for pair in found if pair[0] in self.sampled and pair[1] in self.sampled)

    @property
    def unknowns(self) -> int:
        """How many standard normals make a particle."""
        return len(self.sampled) + self.world.plan.draw_count * self.quarters

    def levels(self, z: Floats) -> dict[str, Floats]:
        """Probabilities [particle] of every sampled parameter at normals [unknown, particle]."""
        free = dict(zip(self.sampled, z, strict=False))
        tied = {name for pair in self.pairs for name in pair[:2]}
        joint = correlate({id: free[id] for id in self.sampled if id in tied}, list(self.pairs))
        return {id: normal_cdf(joint[id] if id in joint else free[id]) for id in self.sampled}

    def values(self, z: Floats) -> Floats:
        """Parameters [parameter, particle]."""
        levels, prior = self.levels(z), self.world.prior(self.prior)
        scenario, registry = Scenario("base", prior=self.prior), self.world.model.registry
        out = np.empty((len(registry), z.shape[1]))
        for row, id in enumerate(registry):
            out[row] = (
                drawn(scenario, prior, registry[id], levels[id]) if id in levels else self.params[id].default
            )
        return out

    def draws(self, z: Floats, quarters: int) -> Floats:
        """News [draw, quarter, particle] of the first ``quarters``; quarters later in z are not touched."""
        plan = self.world.plan
        whole = z[len(self.sampled) :].reshape(self.quarters, plan.draw_count, z.shape[1])
        out = np.array(whole[:quarters].transpose(1, 0, 2), order="C")  # a copy: z is not to change
        for draw in plan.model.draws.values():
            if draw.kind == "uniform":
                first = plan.draw_slots[draw.name]
                rows = slice(first, first + (len(draw.axis) if draw.axis else 1))
                out[rows] = normal_cdf(out[rows])
        return out

    def paths(
        self, z: Floats, keys: Sequence[str], quarters: int | None = None
    ) -> tuple[dict[str, Floats], Floats, Bools]:
        """Outputs [quarter, particle], parameters [parameter, particle], and which are possible and finite."""
        size, steps = z.shape[1], quarters or self.quarters
        wide = -(-size // LANES) * LANES
        params, draws = self.values(z), self.draws(z, steps)
        fine = accepted(self.world, params)
        padded = np.concatenate([params, np.repeat(params[:, :1], wide - size, axis=1)], axis=1)
        news = np.concatenate([draws, np.repeat(draws[:, :, :1], wide - size, axis=2)], axis=2)
        record = np.array([self.world.plan.slot(key) for key in keys], dtype=np.int64)
        out, residual = kernel_of(self.world)(padded, np.ascontiguousarray(news), record)
        fine = fine & np.isfinite(residual[:size])
        values = {key: out[i, 1:, :size] for i, key in enumerate(keys)}
        return values, params, fine

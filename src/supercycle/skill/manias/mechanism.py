"""The world's own equations and priors, callable on the past: a mechanism is used here as it stands there.

An equation of the world is a plain function whose argument names are what it reads. :class:`Mechanism` looks
it up by name, hands it the state that the episode supplies, and fills the rest from the world's constants and
from draws of the world's priors. Nothing of an episode's outcome enters a prior here; where a prior was set
with an episode in view, the episode says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.core.params import quantile
from supercycle.core.random import uniforms
from supercycle.world.world import world_model

__all__ = ["PATHS", "SEED", "Floats", "Mechanism"]

Floats = NDArray[np.float64]
PATHS = 4000
SEED = 1


@dataclass
class Mechanism:
    """World equations on ``paths`` draws of the world's priors; shape of every value: ``[path]`` or a number.

    ``fixed`` replaces a parameter by a number or an array, for readings that state a value.

    >>> Mechanism(3).call("positive_part", x=1.0)
    Traceback (most recent call last):
    ...
    supercycle.core.errors.ModelError: the world has no equation 'positive_part'. Manias run the world's own
    """

    paths: int = PATHS
    seed: int = SEED
    fixed: Mapping[str, float | Floats] = field(default_factory=dict[str, "float | Floats"])
    _drawn: dict[str, Floats] = field(default_factory=dict[str, Floats], repr=False)

    def param(self, id: str) -> Floats:
        """Draws of a world parameter, the same for every equation that reads it; shape ``[path]``."""
        if id not in self._drawn:
            if id in self.fixed:
                self._drawn[id] = np.broadcast_to(np.asarray(self.fixed[id], dtype=float), (self.paths,))
            else:
                param = world_model().registry[id]
                u = uniforms(self.seed, id, np.arange(self.paths))
                fixed = param.distribution in ("fixed", "switch")
                self._drawn[id] = np.full(self.paths, param.default) if fixed else quantile(param, u)
        return self._drawn[id]

    def constant(self, name: str) -> float:
        """A constant of the world."""
        return world_model().constants[name].value

    def call(self, name: str, **state: float | Floats) -> Floats:
        """A world equation by name; arguments come from ``state``, then constants, then priors.

        Errors: ModelError when the world has no such equation, or when it reads something the episode does
        not supply and that is neither a constant nor a parameter.
        """
        model = world_model()
        variable = model.variables.get(name)
        if variable is None:
            raise ModelError(f"the world has no equation {name!r}", hint="Manias run the world's own")
        values: dict[str, float | Floats] = {}
        for argument in variable.args:
            if argument in state:
                values[argument] = state[argument]
            elif argument in model.constants:
                values[argument] = model.constants[argument].value
            elif argument in model.registry:
                values[argument] = self.param(argument)
            else:
                raise ModelError(
                    f"{name} reads {argument}, which the episode does not supply",
                    expected=f"one of {', '.join(variable.args)} as state",
                    got=", ".join(state) or "nothing",
                )
        # By the names the model reads: a template's own argument names are its business.
        return np.asarray(model.equation(name)(**values), dtype=float)

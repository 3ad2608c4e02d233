"""Outputs found from whole paths, and the parameters they may read; each is computed when it is read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import ModelError
from supercycle.engine.simulation import Simulation
from supercycle.engine.subject import Derived
from supercycle.engine.values import Values

__all__ = ["Derivations", "Params", "derived_of"]

Floats = NDArray[np.float64]


class Params(Mapping[str, Floats]):
    """Parameters by id [path], each drawn when it is read."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._known: dict[str, Floats] = {}

    def __getitem__(self, id: str) -> Floats:
        if id not in self._known:
            self._known[id] = self._simulation.params([id])[0]
        return self._known[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._simulation.subject.model.registry)

    def __len__(self) -> int:
        return len(self._simulation.subject.model.registry)


class Derivations(Mapping[str, Floats]):
    """Derived outputs [entity, path] from whole paths, found when read; failed paths are left out later."""

    def __init__(
        self,
        derived: Sequence[Derived],
        stored: Sequence[str],
        values: Values,
        simulation: Simulation,
        timings: dict[str, float],
    ) -> None:
        self._derived = {output.name: output for output in derived}
        self._stored, self._values, self._simulation, self._timings = stored, values, simulation, timings
        self._found: dict[str, Floats] = {}

    def __getitem__(self, name: str) -> Floats:
        if name not in self._found:
            begun = time.perf_counter()
            self._found[name] = self._compute(self._derived[name])
            self._timings["derive"] = self._timings.get("derive", 0.0) + time.perf_counter() - begun
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._derived)

    def __len__(self) -> int:
        return len(self._derived)

    def _compute(self, output: Derived) -> Floats:
        places = [self._stored.index(key) for key in output.inputs]
        self._values.hold(places)
        inputs = {key: self._values[place] for key, place in zip(output.inputs, places, strict=True)}
        return derived_of(output, inputs, self._simulation)


def derived_of(output: Derived, values: Mapping[str, Floats], simulation: Simulation) -> Floats:
    """A derived output [entity, path] from values by key [quarter, path] and the simulation's parameters.

    Errors: ModelError when it has another shape.
    """
    inputs = {key: values[key] for key in output.inputs}
    with np.errstate(all="ignore"):
        computed = np.asarray(output.compute(inputs, Params(simulation)), dtype=np.float64)
    expected = (len(output.entities), simulation.count)
    if computed.shape != expected:
        raise ModelError(
            f"derived output {output.name} has the wrong shape",
            expected=str(expected),
            got=str(computed.shape),
        )
    return computed

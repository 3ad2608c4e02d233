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

__all__ = ["Derivations", "Params", "derived_of", "where_finite"]

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


def where_finite(output: Derived, values: Mapping[str, Floats], params: Mapping[str, Floats]) -> Floats:
    """A derived output [entity, path]; NaN on paths where an input is not finite, which cannot spoil the others.

    A path that ran away is a status of its own (``Run.status``); roots and rates refuse numbers that are none, so its
    inputs are those of another path while the others are computed.
    """
    inputs = {key: values[key] for key in output.inputs}
    finite = np.logical_and.reduce([np.isfinite(series).all(axis=0) for series in inputs.values()])
    if not finite.any():
        return np.full((len(output.entities), len(finite)), np.nan)
    failed = ~finite
    if failed.any():
        stand_in = int(finite.argmax())
        inputs = {key: np.where(failed, series[:, [stand_in]], series) for key, series in inputs.items()}
    with np.errstate(all="ignore"):
        computed = np.array(output.compute(inputs, params), dtype=np.float64)
    if computed.shape[-1] == len(finite):
        computed[..., failed] = np.nan
    return computed


def derived_of(output: Derived, values: Mapping[str, Floats], simulation: Simulation) -> Floats:
    """A derived output [entity, path] from values by key [quarter, path] and the simulation's parameters.

    Errors: ModelError when it has another shape.
    """
    computed = where_finite(output, values, Params(simulation))
    expected = (len(output.entities), simulation.count)
    if computed.shape != expected:
        raise ModelError(
            f"derived output {output.name} has the wrong shape",
            expected=str(expected),
            got=str(computed.shape),
        )
    return computed

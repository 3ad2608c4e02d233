"""A stored result as a run: its numbers come from the folder and nothing is simulated.

Only the parameters of its paths, which are not stored, are drawn again when somebody asks what drives an output.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from supercycle.engine.kernels import choose
from supercycle.engine.run import Run
from supercycle.engine.scenario import scenario_from_manifest
from supercycle.engine.simulation import Simulation
from supercycle.engine.store import Stored, changes
from supercycle.engine.subject import Subject
from supercycle.engine.values import Values

__all__ = ["restored"]


class _Later:
    """The simulation that the run came from, made only when its parameters are asked for."""

    def __init__(self, subject: Subject, stored: Stored, scenario: Any) -> None:
        self._subject, self._stored, self._scenario = subject, stored, scenario
        self.refused = stored.refused
        self.first = int(stored.manifest["first"])
        self.count = len(stored.status)

    @cached_property
    def _made(self) -> Simulation:
        manifest = self._stored.manifest
        chosen = choose(self._subject, str(manifest["kernel"]))
        return Simulation(
            self._subject, self._scenario, int(manifest["seed"]), self.first, self.count, len(self._stored.quarters),
            chosen,
        )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


def restored(stored: Stored, subject: Subject) -> Run:
    """The run in a folder. Errors: those of ``scenario_from_manifest`` for parameters this model does not have."""
    manifest = stored.manifest
    where = str(stored.folder / "manifest.json")
    scenario = scenario_from_manifest(manifest, where, subject.model.registry)
    values = Values(lambda places: stored.values[list(places)], stored.values.shape)
    differ = changes(manifest, subject)
    note = (
        f"{stored.folder} was made by another model ({'; '.join(differ)})"
        if differ
        else f"read from {stored.folder}"
    )
    return Run(
        subject=subject,
        scenario=scenario,
        seed=int(manifest["seed"]),
        kernel=str(manifest["kernel"]),
        outputs=stored.outputs,
        quarters=stored.quarters,
        values=values,
        derived=stored.derived,
        simulation=cast("Simulation", _Later(subject, stored, scenario)),
        status=stored.status,
        residual_max=float(manifest["books"]["residual_max"]),
        checked=int(manifest["books"]["checked"]),
        timings_s={"prepare": 0.0, "sample": 0.0, "simulate": 0.0, "derive": 0.0},
        note=note,
    )

"""A run as a user sees it: a headline, quantiles over paths, a manifest, the origin of the variance."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine import store
from supercycle.engine.drivers import FEWEST_PATHS, Attribution, Drivers
from supercycle.engine.quantiles import LEVELS, quantiles
from supercycle.engine.run import Run, simulate
from supercycle.engine.scenario import Scenario
from supercycle.engine.sketch import Sketch
from supercycle.service.manifest import manifest
from supercycle.service.on_demand import OnDemand

__all__ = ["SCHEMA", "Result", "level_names", "listed"]

Floats = NDArray[np.float64]

SCHEMA = "supercycle.result/1"

# What fails inside the model: output, how it is told, and why it happens.
EVENTS = {
    "busted": (
        "an equity bust",
        "run-up, disappointment or unfunded plans raise the hazard until a draw meets it",
    ),
    "lab_failed_share": (
        "the largest lab fails",
        "its cash is below half a quarter's costs while a bust has closed equity; training is cut before that",
    ),
}


def level_names() -> list[str]:
    """The keys of the quantiles in a result.

    >>> level_names()
    ['q05', 'q25', 'q50', 'q75', 'q95']
    """
    return [f"q{round(100 * level):02d}" for level in LEVELS]


def listed(values: Floats) -> list[float | None]:
    """Numbers for JSON, which has no NaN: null instead.

    >>> listed(np.array([1.0, np.nan]))
    [1.0, None]
    """
    return [value if math.isfinite(value) else None for value in values.tolist()]


class Result:
    """The answer of ``supercycle.run``.

    ``result["capex_usd_bn"]`` gives one output's quarters, mean and quantiles; ``result.value(key)`` its
    paths [quarter, path]; ``to_dict()`` everything, as ``supercycle run --json`` prints it.
    """

    def __init__(self, run: Run, manifest: Mapping[str, Any] | None = None) -> None:
        self.run = run
        self._stored = manifest

    def __repr__(self) -> str:
        return f"<Result of {self.manifest['command']}: {self.headline}>"

    def _repr_html_(self) -> str:
        """The sentence and a small table, for a notebook's cell; the whole report is ``supercycle.app.notebook``'s."""
        from supercycle.service.cell import cell

        return cell(self)

    def __getitem__(self, key: str) -> dict[str, Any]:
        if key in self.run.outputs:
            return self.outputs[key]
        if key in self.derived:
            return self.derived[key]
        raise UnknownNameError("output", str(key), self.keys())

    def keys(self) -> tuple[str, ...]:
        """Names of the outputs, then of the derived ones: what ``result[...]`` takes."""
        return (*self.run.outputs, *self.derived)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as what was asked, with the model's hash: the process that reads it runs the same paths again.

        A run gives the same bits every time on one kind of processor, and its recipe is some hundred bytes.
        """
        run = self.run
        recipe = {
            "paths": run.paths,
            "seed": run.seed,
            "until": run.quarters[-1],
            "kernel": run.kernel,
            "outputs": run.outputs,
            "first": run.first,
        }
        return _revived, (run.subject.model_hash, run.scenario, recipe)

    def frame(
        self, outputs: Sequence[str] | None = None, library: Literal["polars", "pandas"] = "polars"
    ) -> Any:
        """Mean and quantiles as a data frame, one row an output and quarter (service/labelled.py)."""
        from supercycle.service.labelled import frame

        return frame(self, outputs, library)

    def paths(self, output: str, library: Literal["polars", "pandas"] = "polars") -> Any:
        """Every path of one output as a data frame: a column ``quarter``, then one a path."""
        from supercycle.service.labelled import paths_frame

        return paths_frame(self, output, library)

    def dataset(self, outputs: Sequence[str] | None = None) -> Any:
        """Every path as an xarray Dataset, labelled by path, quarter and member, with units as attributes."""
        from supercycle.service.labelled import dataset

        return dataset(self, outputs)

    def plot(self, output: str, *, ax: Any = None) -> Any:
        """A fan chart of one output with matplotlib; returns the axes."""
        from supercycle.service.labelled import plot

        return plot(self, output, ax=ax)

    def explain(self, name: str) -> dict[str, Any]:
        """What a name means, what it is made of and which rows it rests on."""
        from supercycle.service.explanation import explain

        return explain(self.run.subject, name)

    def value(self, key: str) -> Floats:
        """One output's paths [quarter, path]; failed paths are those where ``run.ok`` is False."""
        return self.run.value(key)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What was run; of a stored result, what its folder says."""
        return manifest(self.run) if self._stored is None else dict(self._stored)

    @cached_property
    def outputs(self) -> Mapping[str, dict[str, Any]]:
        """Every output's label, unit, quarters, mean and quantiles, each found when it is read."""
        return OnDemand(self.run.outputs, self._output)

    def _output(self, key: str) -> dict[str, Any]:
        run, (name, _, entity) = self.run, key.partition(":")
        variable = run.subject.model.variables[name]
        begun = time.perf_counter()
        sketch = run.sketches.get(key)
        summary = _summary(run.value(key), run.ok) if sketch is None else _counted(sketch)
        found = {
            "label": variable.label or variable.meaning or name,
            "unit": variable.unit,
            "block": variable.block,
            "meaning": variable.meaning,
            "entity": entity or None,
            "quarters": list(run.quarters),
            **summary,
        }
        self._took("quantiles", begun)
        return found

    @cached_property
    def derived(self) -> Mapping[str, dict[str, Any]]:
        """Outputs found from whole paths: per entity, not per quarter; ``defined`` is the share of paths."""
        known = {
            output.name: output for output in self.run.subject.derived if output.name in self.run.derived
        }

        def found(name: str) -> dict[str, Any]:
            output, values = known[name], self.run.derived[name]
            return {
                "label": output.label,
                "unit": output.unit,
                "meaning": output.meaning,
                "entities": list(output.entities),
                "defined": np.isfinite(values[:, self.run.ok]).mean(axis=1).tolist(),
                **_summary(values, self.run.ok),
            }

        return OnDemand(tuple(known), found)

    def _took(self, what: str, begun: float) -> None:
        timings = self.run.timings_s
        timings[what] = timings.get(what, 0.0) + time.perf_counter() - begun

    @cached_property
    def events(self) -> dict[str, dict[str, Any]]:
        """Failures inside the model, which are results and not errors: on how many paths, and why they happen."""
        run, found = self.run, dict[str, dict[str, Any]]()
        for output, (label, why) in EVENTS.items():
            if output in run.outputs:
                sketch = run.sketches.get(output)
                paths = (
                    int(np.count_nonzero(run.value(output)[-1, run.ok] > 0.0))
                    if sketch is None
                    else int(sketch.above_zero()[-1])
                )
                found[output] = {"label": label, "paths": paths, "of": int(run.ok.sum()), "why": why}
        return found

    @cached_property
    def headline(self) -> str:
        """The answer in one sentence."""
        say = self.run.subject.headline
        said = say(self._body) if say is not None else ""
        return " ".join(part for part in (said, self.beyond, self.warning) if part)

    @property
    def warning(self) -> str:
        """One sentence when another model made this result; empty otherwise."""
        if self._stored is None or self._stored["model_hash"] == self.run.subject.model_hash:
            return ""
        return f"Made by another model ({self._stored['model_hash'][:12]}), shown as it was stored."

    @cached_property
    def beyond(self) -> str:
        """Which settings lie outside the range of their evidence, as a sentence; empty when none does."""
        scenario, registry = self.run.scenario, self.run.subject.model.registry
        settings = [
            f"{id} = {scenario.set[id]:g} {registry[id].unit} (evidence: {registry[id].range})"
            for id in scenario.beyond
        ]
        return f"Beyond the range of the evidence: {'; '.join(settings)}." if settings else ""

    @cached_property
    def _attribution(self) -> Attribution:
        return Attribution(self.run)

    @cached_property
    def drivers(self) -> Mapping[str, Drivers]:
        """What carries each output's variance at the last quarter, each found when it is read.

        Empty below 100 paths with numbers.
        """
        if int(self.run.ok.sum()) < FEWEST_PATHS:
            return {}

        def found(key: str) -> Drivers:
            begun = time.perf_counter()
            answer = self._attribution.drivers([key])[key]
            self._took("drivers", begun)
            return answer

        return OnDemand(self.run.outputs, found)

    @cached_property
    def evidence(self) -> Mapping[str, dict[str, float]]:
        """Each output's shares of variance by kind of evidence; the rest is shocks and interactions."""

        def found(key: str) -> dict[str, float]:
            one = self.drivers[key]
            return {**one.evidence, "unexplained": one.unexplained}

        return OnDemand(tuple(self.drivers), found)

    def view(self) -> dict[str, Any]:
        """The result like ``to_dict``, in which outputs, derived ones and evidence are found when they are read."""
        return {**self._body, "headline": self.headline, "timings_s": self.run.timings_s}

    def to_dict(self) -> dict[str, Any]:
        """The whole result, ready for JSON; equal for equal seeds apart from ``timings_s``."""
        body: dict[str, Any] = {**self._body, "headline": self.headline}
        for key in ("evidence", "outputs", "derived"):
            body[key] = dict(body[key])
        return {**body, "timings_s": dict(self.run.timings_s)}

    def save(self, folder: str | Path) -> Path:
        """Write the result folder (manifest.json, values.npy); it appears whole or not at all."""
        target = Path(folder)
        with store.reserve(target) as temporary:
            store.write(self.run, self.manifest, temporary)
        return target

    @cached_property
    def _body(self) -> dict[str, Any]:
        run = self.run
        return {
            "schema": SCHEMA,
            "headline": "",
            "manifest": self.manifest,
            "books": {"residual_max": run.residual_max, "checked": run.checked},
            "status_counts": run.status_counts,
            "events": self.events,
            "timings_s": {},
            "evidence": self.evidence,
            "outputs": self.outputs,
            "derived": self.derived,
        }


def _revived(model_hash: str, scenario: Scenario, recipe: dict[str, Any]) -> Result:
    from supercycle.service.the_world import subject

    world = subject()
    if world.model_hash != model_hash:
        raise InputError(
            "this result was made with another model",
            expected=f"model {model_hash[:12]}",
            got=world.model_hash[:12],
            hint="A result of a model of one's own is kept with result.save(folder).",
        )
    return Result(simulate(world, scenario, **recipe))


def _counted(sketch: Sketch) -> Mapping[str, list[float | None]]:
    """Mean and quantiles from a sketch, each within 0.1 % of itself."""
    levels = zip(level_names(), sketch.quantiles(LEVELS), strict=True)
    return {"mean": listed(sketch.mean()), **{name: listed(row) for name, row in levels}}


def _summary(values: Floats, ok: NDArray[np.bool_]) -> Mapping[str, list[float | None]]:
    """Mean and quantiles along the last axis over the paths that are ok and have a value."""
    kept = values if bool(ok.all()) else values[..., ok]
    finite = np.isfinite(kept)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(finite, kept, 0.0).sum(axis=-1) / finite.sum(axis=-1)
    found = {"mean": listed(mean)}
    for name, row in zip(level_names(), quantiles(kept), strict=True):
        found[name] = listed(row)
    return found

"""One number per path out of a run: an output at a quarter, or its sum, largest or smallest over the quarters.

Written as text, ``OUTPUT[:MEMBER][:WHEN]``, where WHEN is a quarter, ``last`` (the default), ``sum``, ``max`` or
``min``: ``busted``, ``fleet_it_gw:2030Q4``, ``credit_loss_usd_bn:sum``, ``firm_capex_usd_bn:Meta:max``. A derived
output has one value per member and no quarter: ``vintage_irr_external:2027``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.engine.derivations import where_finite
from supercycle.engine.quantiles import quantiles
from supercycle.engine.run import Run
from supercycle.engine.subject import Subject

__all__ = ["STATISTICS", "Reading", "read", "reading", "statistic"]

Floats = NDArray[np.float64]

STATISTICS = ("q05", "q25", "q50", "q75", "q95", "mean")
_REDUCED = ("last", "sum", "max", "min")
_QUARTER = re.compile(r"\d{4}Q[1-4]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: ``output`` is a slot key, or ``name:member`` of a derived output."""

    output: str
    when: str
    label: str
    unit: str
    derived: str = ""  # the derived output's name

    @property
    def text(self) -> str:
        """As ``reading`` reads it back."""
        return self.output if self.derived else f"{self.output}:{self.when}"

    def slots(self, subject: Subject) -> tuple[str, ...]:
        """The slot keys a run has to keep for it."""
        if not self.derived:
            return (self.output,)
        return tuple(next(d.inputs for d in subject.derived if d.name == self.derived))

    def of(
        self, subject: Subject, values: Mapping[str, Floats], params: Floats, quarters: Sequence[str]
    ) -> Floats:
        """The number [path] from slots [quarter, path] and parameters [parameter, path] in registry order.

        Errors: InputError when the quarter is not among those simulated.
        """
        if self.derived:
            found = next(d for d in subject.derived if d.name == self.derived)
            by_id = dict(zip(subject.model.registry, params, strict=True))
            computed = where_finite(found, values, by_id)
            return computed[list(found.entities).index(self.output.partition(":")[2])]
        series = values[self.output]
        if self.when == "sum":
            return series.sum(axis=0)
        if self.when in ("max", "min"):
            return series.max(axis=0) if self.when == "max" else series.min(axis=0)
        if self.when == "last":
            return series[-1]
        if self.when not in quarters:
            raise InputError(
                f"{self.output} has no value in {self.when}",
                expected=f"a quarter from {quarters[0]} to {quarters[-1]}",
                got=self.when,
            )
        return series[list(quarters).index(self.when)]


def reading(subject: Subject, text: str) -> Reading:
    """Read ``OUTPUT[:MEMBER][:WHEN]``.

    Errors: UnknownNameError with the nearest for an output the model does not have, InputError when a derived
    output is asked for at a quarter.
    """
    stem, _, tail = text.rpartition(":")
    timed = bool(stem) and (tail in _REDUCED or _QUARTER.fullmatch(tail) is not None)
    output, when = (stem, tail) if timed else (text, "last")
    for found in subject.derived:
        if output == found.name or (output.startswith(f"{found.name}:") and timed):
            raise InputError(
                f"{found.name} has a value per member and no quarter",
                expected=f"{found.name}:{found.entities[-1]}, say",
                got=text,
            )
        for entity in found.entities:
            if text == f"{found.name}:{entity}":
                return Reading(text, "whole run", f"{found.label}, {entity}", found.unit, found.name)
    if output not in subject.plan.slot_names:
        derived = [f"{d.name}:{e}" for d in subject.derived for e in d.entities]
        raise UnknownNameError("output", output, [*subject.plan.slot_names, *derived])
    name, _, member = output.partition(":")
    variable = subject.model.variables[name]
    label = (variable.label or variable.meaning or name) + (f", {member}" if member else "")
    return Reading(output, when, label, _unit(variable.unit, when))


def _unit(unit: str, when: str) -> str:
    """A step is a quarter, so a sum of quarterly flows is in the flow's numerator."""
    if when != "sum":
        return unit
    return unit.removesuffix("/q") if unit.endswith("/q") else f"{unit}, added over quarters"


def read(found: Reading, run: Run) -> Floats:
    """The number [path] of a run that kept its slots; failed paths are in it and left out by the reader."""
    if found.derived:
        entities = next(d.entities for d in run.subject.derived if d.name == found.derived)
        return run.derived[found.derived][list(entities).index(found.output.partition(":")[2])]
    return found.of(run.subject, {found.output: run.value(found.output)}, run.params, run.quarters)


def statistic(values: Floats, name: str) -> float:
    """A quantile or the mean over paths; values that are not numbers are left out, none at all gives NaN.

    >>> statistic(np.array([3.0, 1.0, 2.0, np.nan]), "q50"), statistic(np.array([1.0, 2.0]), "mean")
    (2.0, 1.5)
    """
    if name not in STATISTICS:
        raise UnknownNameError("statistic", name, STATISTICS)
    known = values[np.isfinite(values)]
    if name == "mean":
        return float(known.mean()) if len(known) else float("nan")
    return float(quantiles(known, (int(name[1:]) / 100,))[0])

"""What a claim is here: who said what, the inputs it rests on, the arithmetic, and how a verdict follows.

The verdict is computed, never typed. It depends on the claim's ``basis`` and on whether our value agrees with
the printed one within half a unit of its last printed digit:

========== ==================================================== ========================== ====================
basis      our value is computed from                           agrees                     does not agree
========== ==================================================== ========================== ====================
inputs     the claim's own stated inputs                        reproduced                 not reproducible
data       sourced figures that say the same thing              reproduced                 contradicted by data
assertion  no stated inputs: the nearest independent figures    not reproducible           not reproducible
forecast   no stated inputs, and the date has not come          forecast: not testable yet
========== ==================================================== ========================== ====================

"Reproduced" becomes "reproduced under a stated reading" when the claim is silent on something we had to read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from supercycle.core.errors import InputError, UnknownNameError

__all__ = [
    "BASES",
    "CONTRADICTED",
    "FORECAST",
    "NOT_REPRODUCIBLE",
    "READING",
    "REPRODUCED",
    "VERDICTS",
    "Entry",
    "Formula",
    "Input",
    "Reading",
    "agrees",
    "verdict",
]

Formula = Callable[..., float]

REPRODUCED = "reproduced"
READING = "reproduced under a stated reading"
NOT_REPRODUCIBLE = "not reproducible"
CONTRADICTED = "contradicted by data"
FORECAST = "forecast: not testable yet"
VERDICTS = (REPRODUCED, READING, NOT_REPRODUCIBLE, CONTRADICTED, FORECAST)
BASES = ("inputs", "data", "assertion", "forecast")
_ROUNDING = 1e-9  # a value on the edge of the rounding interval is inside, whatever its last bit


@dataclass(frozen=True, slots=True)
class Input:
    """One input: ``value`` in ``unit``, solved for within ``low`` .. ``high``.

    ``evidence`` is measured, published or judgement; ``source`` says where the number stands (or why it was
    judged), ``figure`` is the id under which ``supercycle figures cite`` shows it.
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    evidence: str
    source: str
    figure: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Another way to read the claim, shown beside it: a formula on its own inputs."""

    label: str
    formula: Formula
    inputs: tuple[Input, ...]
    unit: str

    def values(self, settings: Mapping[str, float] | None = None) -> dict[str, float]:
        """Inputs by name, with those of ``settings`` that this reading has on top."""
        chosen = settings or {}
        return {item.name: chosen.get(item.name, item.value) for item in self.inputs}

    def value(self, settings: Mapping[str, float] | None = None) -> float:
        """The reading's value at its inputs, with ``settings`` on top."""
        return self.formula(**self.values(settings))


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim. ``digit`` is the size of the last printed digit; ``relation`` is "=", ">=" (more than) or
    "<="; ``reading`` says what the claim leaves open and how it was read; ``why`` explains the verdict.
    """

    id: str
    topic: str
    statement: str
    who: str
    when: str
    document: str
    published: float
    unit: str
    digit: float
    basis: str
    why: str
    inputs: tuple[Input, ...] = ()
    formula: Formula | None = None
    relation: str = "="
    reading: str = ""
    readings: tuple[Reading, ...] = field(default=())

    @property
    def settable(self) -> dict[str, Input]:
        """Every input by name, the formula's own before those that only other readings have."""
        found = {item.name: item for item in self.inputs}
        for reading in self.readings:
            for item in reading.inputs:
                found.setdefault(item.name, item)
        return found

    def values(self, settings: Mapping[str, float] | None = None) -> dict[str, float]:
        """The formula's inputs by name, with ``settings`` on top; refuses an unknown name and a value outside
        the range. A setting of another reading's input is checked here and used there.

        >>> from supercycle.claims.catalogue import entry
        >>> entry("required_revenue").values({"return_share": 0.12})["return_share"]
        0.12
        """
        known, chosen = self.settable, settings or {}
        for name, value in chosen.items():
            if name not in known:
                raise UnknownNameError(f"input of {self.id}", name, known)
            low, high = known[name].low, known[name].high
            if not low <= value <= high:
                raise InputError(
                    f"{name} of {self.id} is out of its range",
                    expected=f"{low:g} to {high:g} {known[name].unit}",
                    got=f"{value:g}",
                )
        return {item.name: chosen.get(item.name, item.value) for item in self.inputs}

    def value(self, settings: Mapping[str, float] | None = None) -> float | None:
        """Our value; None when the claim has no formula and no figure comes near it."""
        values = self.values(settings)
        return None if self.formula is None else self.formula(**values)


def agrees(published: float, digit: float, relation: str, ours: float) -> bool:
    """True when ``ours`` rounds to the published value, or lies on the side the claim names.

    >>> agrees(8.5, 0.1, "=", 8.54), agrees(8.5, 0.1, "=", 8.56), agrees(700, 100, ">=", 705.5)
    (True, False, True)
    """
    if not math.isfinite(ours):
        return False
    slack = 0.5 * digit * (1 + _ROUNDING)
    above, below = ours >= published - slack, ours <= published + slack
    if relation == ">=":
        return ours >= published
    return ours <= published if relation == "<=" else above and below


def verdict(entry: Entry, settings: Mapping[str, float] | None = None) -> str:
    """The verdict that follows from basis, value and reading (the table at the top of this file)."""
    if entry.basis not in BASES:
        raise InputError(f"basis of {entry.id}", expected=" or ".join(BASES), got=entry.basis)
    if entry.basis == "forecast":
        return FORECAST
    ours = entry.value(settings)
    if entry.basis == "assertion" or ours is None:
        return NOT_REPRODUCIBLE
    if agrees(entry.published, entry.digit, entry.relation, ours):
        return READING if entry.reading else REPRODUCED
    return CONTRADICTED if entry.basis == "data" else NOT_REPRODUCIBLE

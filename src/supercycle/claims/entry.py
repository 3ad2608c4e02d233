"""What a claim is here: who said what, the inputs it rests on, the arithmetic, and how a verdict follows.

The verdict is computed, never typed. It depends on the claim's ``basis`` and on whether our value agrees with
the printed one as it was printed: within half a unit of its last digit, about it ("~": 5 %), above or below
it, just under it ("nearly": 10 %), or inside the printed range:

=========== =================================================== ================================ =======================
basis       our value is computed from                          agrees                           does not agree
=========== =================================================== ================================ =======================
inputs      the claim's own stated inputs                       adds up                          does not add up
data        independent figures that say the same thing         agrees with data                 contradicted by data
attribution the print of the author it is attributed to         as attributed                    misquoted
vintage     the figure as it stood when the claim was made      right when said, revised since   contradicted by data
assertion   no stated inputs: the nearest independent figures   not reproducible                 not reproducible
forecast    no stated inputs, and the date has not come         forecast: not testable yet
=========== =================================================== ================================ =======================

"Adds up" is about the claim's own words, "agrees with data" about the world: the first says nothing of the second.
Both become "... under a stated reading" when the claim is silent on something we had to read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from supercycle.core.errors import InputError, UnknownNameError

__all__ = [
    "ADDS_UP",
    "ADDS_UP_READING",
    "AGREES",
    "AGREES_READING",
    "ATTRIBUTED",
    "BASES",
    "CONTRADICTED",
    "DOES_NOT_ADD_UP",
    "FORECAST",
    "MISQUOTED",
    "NOT_REPRODUCIBLE",
    "REVISED",
    "VERDICTS",
    "Entry",
    "Formula",
    "Input",
    "Reading",
    "agrees",
    "verdict",
]

Formula = Callable[..., float]

ADDS_UP, ADDS_UP_READING = "adds up", "adds up under a stated reading"
AGREES, AGREES_READING = "agrees with data", "agrees with data under a stated reading"
ATTRIBUTED, REVISED = "as attributed", "right when said, revised since"
DOES_NOT_ADD_UP, MISQUOTED = "does not add up", "misquoted"
CONTRADICTED = "contradicted by data"
NOT_REPRODUCIBLE = "not reproducible"
FORECAST = "forecast: not testable yet"
VERDICTS = (
    AGREES, AGREES_READING, ATTRIBUTED, REVISED, ADDS_UP, ADDS_UP_READING, DOES_NOT_ADD_UP, MISQUOTED, CONTRADICTED,
    NOT_REPRODUCIBLE, FORECAST,
)  # fmt: skip
BASES = ("inputs", "data", "attribution", "vintage", "assertion", "forecast")
_ROUNDING = 1e-9  # a value on the edge of the rounding interval is inside, whatever its last bit
ABOUT = 0.05  # judgement: "~" and "roughly" are read as within five per cent
NEARLY = 0.10  # judgement: "nearly" and "almost" are read as at most ten per cent short
# basis -> verdict when it agrees, the same under a stated reading, and when it does not
_OUTCOMES = {
    "inputs": (ADDS_UP, ADDS_UP_READING, DOES_NOT_ADD_UP),
    "data": (AGREES, AGREES_READING, CONTRADICTED),
    "attribution": (ATTRIBUTED, ATTRIBUTED, MISQUOTED),
    "vintage": (REVISED, REVISED, CONTRADICTED),
    "assertion": (NOT_REPRODUCIBLE, NOT_REPRODUCIBLE, NOT_REPRODUCIBLE),
}


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
    """One claim. ``digit`` is the size of the last printed digit; ``relation`` is "=", "~" (about), ">=" (more
    than), "<=", "nearly" or "range" (then ``span`` holds its ends); ``printed`` is the number as said; ``reading``
    says what the claim leaves open and how it was read; ``why`` explains the verdict.
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
    printed: str = ""
    span: tuple[float, float] | None = None

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


def agrees(
    published: float, digit: float, relation: str, ours: float, span: tuple[float, float] | None = None
) -> bool:
    """True when ``ours`` is what was printed, as it was printed.

    >>> agrees(8.5, 0.1, "=", 8.54), agrees(8.5, 0.1, "=", 8.56), agrees(700, 100, ">=", 705.5)
    (True, False, True)
    >>> agrees(134, 1, "~", 134.9), agrees(3, 1, "nearly", 2.75), agrees(3, 1, "range", 3.6, (3, 4))
    (True, True, True)
    """
    if not math.isfinite(ours):
        return False
    slack = 0.5 * digit * (1 + _ROUNDING)
    if relation == ">=":
        return ours >= published
    if relation == "<=":
        return ours <= published
    if relation == "nearly":
        return published * (1 - NEARLY) <= ours <= published
    if relation == "range":
        low, high = span if span is not None else (published, published)
        return low - slack <= ours <= high + slack
    if relation == "~":
        slack = max(slack, ABOUT * abs(published) * (1 + _ROUNDING))
    return published - slack <= ours <= published + slack


def verdict(entry: Entry, settings: Mapping[str, float] | None = None) -> str:
    """The verdict that follows from basis, value and reading (the table at the top of this file)."""
    if entry.basis not in BASES:
        raise InputError(f"basis of {entry.id}", expected=" or ".join(BASES), got=entry.basis)
    if entry.basis == "forecast":
        return FORECAST
    ours = entry.value(settings)
    if ours is None:
        return NOT_REPRODUCIBLE
    plain, read, otherwise = _OUTCOMES[entry.basis]
    if not agrees(entry.published, entry.digit, entry.relation, ours, entry.span):
        return otherwise
    return read if entry.reading else plain

"""The world's opening at a past date, from figures known then; each parameter with the rows or the judgement behind it.

The equations' clock counts quarters from the opening, so vintages and pipelines keep their places; what changes is
the value of parameters that are moments of 2026. Each gets one of four bases:

- ``figure``: read from rows known on the day;
- ``rule``: computed from such rows by a rule its reason states (a trailing growth and a range around it);
- ``scaled``: the parameter of 2026 in proportion to the flow of chips then, or another stated proportion;
- ``judgement``: ``tables/openings.csv``, low, central, high and a reason; wide where nothing was on file.

Everything else (elasticities, lags, lead times, saturations) is structural and keeps its prior. Those priors were
written in 2026: the back-test is free of later figures, not of later understanding of the mechanisms.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.params import Param, Registry
from supercycle.engine.prior import Prior
from supercycle.skill import moments
from supercycle.skill.chips import chips_then
from supercycle.skill.known import VARIANTS, Known, day_of
from supercycle.skill.origins import FOLLOWS, OPENED, judged_at
from supercycle.skill.series import history

__all__ = ["Draft", "Entry", "Opening", "opening_at"]

Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter of an opening, and where it comes from; ``rows`` are ids of figures."""

    id: str
    low: float
    central: float
    high: float
    distribution: str
    basis: str
    reason: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Opening:
    """All parameters in which one start, under one variant, differs from the opening at 2026Q2."""

    start: str
    variant: str
    day: str
    entries: tuple[Entry, ...]

    def prior(self, registry: Registry) -> Prior:
        """The registry's priors with the opening's in place of those of 2026Q2.

        Errors: UnknownNameError when the model no longer has a parameter the opening sets.
        """
        params: dict[str, Param] = {}
        for entry in self.entries:
            if entry.id not in registry:
                raise UnknownNameError("parameter", entry.id, list(registry), where=f"opening {self.start}")
            params[entry.id] = replace(
                registry[entry.id],
                low=entry.low,
                default=entry.central,
                high=entry.high,
                distribution="fixed" if entry.low == entry.high else entry.distribution,
                evidence="measured" if entry.basis == "figure" else "judgement",
                source="; ".join(entry.rows) or "judgement",
                reason=entry.reason,
            )
        return Prior(f"{self.start} {self.variant}", params=params)

    def to_dict(self) -> dict[str, Any]:
        """What was known, parameter by parameter, ready for JSON."""
        rows = [asdict(entry) for entry in self.entries]
        return {"start": self.start, "variant": self.variant, "known_by": self.day, "parameters": rows}


@dataclass
class Draft:
    """Collects entries; ``add`` attributes to each the rows read since the last one."""

    start: str
    variant: str
    known: Known
    registry: Registry
    entries: dict[str, Entry] = field(default_factory=dict[str, Entry])

    def add(
        self, id: str, values: Three | float, basis: str, reason: str, distribution: str = "triangular",
        rows: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """One parameter: a number, or low, central and high; the rows read since the last one, else ``rows``."""
        low, central, high = (values, values, values) if isinstance(values, int | float) else values
        if not (math.isfinite(low) and math.isfinite(high) and low <= central <= high):
            raise InputError(f"bad opening of {id} at {self.start}", got=f"{low:g}, {central:g}, {high:g}")
        self.entries[id] = Entry(
            id, low, central, high, distribution, basis, reason, self.known.rows() or rows
        )

    @property
    def judged(self) -> str:
        """The end of a year whose judgements this start takes."""
        return judged_at(self.start)

    def carried(self, id: str, values: Three, reason: str) -> tuple[Three, str]:
        """A judgement of the last year's end brought to the start: an amount in proportion to what it follows.

        Where the figure it follows was not known on both days it stays as it was, and the reason says so.
        """
        if self.judged == self.start:
            return values, reason
        then = Known(day_of(self.judged), reconstructed=self.known.reconstructed)
        series = FOLLOWS.get(id)
        if series is None:
            return values, f"as judged for {self.judged}: {reason}"
        now, before = history(series, self.known), history(series, then)
        if not now or not before:
            return values, f"as judged for {self.judged}, no {series} on file then to carry it with: {reason}"
        factor = now[max(now)] / before[max(before)]
        low, central, high = (factor * value for value in values)
        return (low, central, high), f"judged for {self.judged}, times {factor:.2f} as {series}: {reason}"

    def middle(self, id: str) -> float:
        """The central value of an entry made before, else of the registry."""
        return self.entries[id].central if id in self.entries else self.registry[id].default


def opening_at(start: str, variant: str, registry: Registry) -> Opening:
    """The opening at the end of a quarter, from what was known 60 days later.

    ``variant``: "published" uses figures as they were published; "reconstructed" adds series that were rebuilt
    later for a period known then (chip counts).

    Errors: UnknownNameError for a start without judgements or another variant; FigureError when a figure is
    needed that was not known.
    """
    if start not in OPENED:
        raise UnknownNameError("start of a back-test", start, OPENED)
    if variant not in VARIANTS:
        raise UnknownNameError("variant of an opening", variant, VARIANTS)
    known = Known(day_of(start), reconstructed=variant == "reconstructed")
    draft = Draft(start, variant, known, registry)
    moments.judgements(draft)
    moments.statements(draft)
    chips = chips_then(start, variant, known)
    moments.fleet(draft, chips)
    moments.sites(draft, chips)
    moments.spending(draft, chips)
    moments.plans(draft)
    moments.captive(draft, chips)
    moments.demand(draft, chips)
    moments.markets(draft)
    moments.noise(draft)
    return Opening(start, variant, known.day.isoformat(), tuple(draft.entries.values()))

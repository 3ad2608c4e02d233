"""Which figures are new on a day: quarters after the opening that the tables, the store or a file hold by then.

On a day before the tables' own opening the world is opened at the last past quarter whose figures were due by then, and
everything published later is refused (``View`` as of the day; a file's row of a later day ends in an error).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from supercycle.core.errors import InputError
from supercycle.core.quarters import Quarter
from supercycle.engine.subject import Subject
from supercycle.figures.refresh.folder import store_folder
from supercycle.figures.refresh.hand_made import read_file
from supercycle.figures.refresh.reading import Reading
from supercycle.figures.refresh.store import Store
from supercycle.figures.refresh.view import View
from supercycle.figures.units import convert
from supercycle.service.the_world import subject
from supercycle.skill.forecast_targets import TARGETS, Target
from supercycle.skill.known import LAST, day_of
from supercycle.skill.origins import OPENED
from supercycle.skill.past import world_at

__all__ = ["News", "Opened", "news", "opened_on"]


@dataclass(frozen=True, slots=True)
class News:
    """One new figure, in the target's unit, and the day it was published."""

    target: Target
    quarter: str
    value: float
    known: date

    @property
    def id(self) -> str:
        """The name a record has for it."""
        return f"{self.target.id}@{self.quarter}"


@dataclass(frozen=True, eq=False)
class Opened:
    """The world a day starts from: its opening quarter, its prior's name, and what was known of each target then."""

    world: Subject
    start: str
    prior: str
    day: date
    view: View

    def history(self, target: Target) -> dict[str, float]:
        """Every quarter of a target known on the day."""
        found = self.view.quarters(target.series, target.entity)
        return {quarter: convert(one.value, one.unit, target.unit) for quarter, one in found.items()}


def opened_on(day: date, file: Path | None = None, prior: str = "judged") -> Opened:
    """The world as a day could open it. Errors: InputError for a day before any opening, or a later row in a file."""
    present = subject()
    added: Sequence[Reading] = (
        read_file(file, f"{day.isoformat()}T00:00:00+00:00") if file is not None else ()
    )
    for row in added:
        if date.fromisoformat(row.published[:10]) > day:
            raise InputError(
                f"{row.series}, {row.entity}, {row.period} was not known then",
                expected=f"published by {day.isoformat()}", got=f"published {row.published[:10]}",
                where=None if file is None else str(file),
                hint="A replay sees only what was known on its day.",
            )  # fmt: skip
    view = View(day.isoformat(), (*Store(store_folder()).readings(), *added), as_of=day)
    opening = str(Quarter.parse(present.start))
    if day >= _due(opening):
        return Opened(present, opening, prior, day, view)
    past = [start for start in OPENED if day_of(start) <= day]
    if not past:
        raise InputError(
            "no world was open on this day",
            expected=f"{day_of(OPENED[0]).isoformat()} or later",
            got=day.isoformat(),
        )
    world, _ = world_at(past[-1], "published")
    return Opened(world, past[-1], f"{past[-1]} published", day, view)


def _due(opening: str) -> date:
    """The day from which the present opening could be known: when the last scored quarter's figures were due."""
    return day_of(max(opening, LAST))


def news(opened: Opened) -> list[News]:
    """The figures of quarters after the opening known on the day, oldest first; those not positive are left out."""
    found: list[News] = []
    for target in TARGETS:
        for quarter, one in opened.view.quarters(target.series, target.entity).items():
            value = convert(one.value, one.unit, target.unit)
            if quarter > opened.start and value > 0.0:
                found.append(News(target, quarter, value, one.known_from))
    return sorted(found, key=lambda one: (one.quarter, one.known, one.id))

"""A number that is one of several, each under conditions: a list of which the first that holds counts.

::

    rate: [{value: 9 %, when: default}, {value: 7.5 %, when: after ard of notes}, 6.5 %]
    target: [{value: 40, when: broken cover for 2}, {curve: {2026-01-01: 10, 2030-01-01: 15}}]

Dates, completion and an ARD are known beforehand and count by days, as a curve does. ``locked``, ``default`` and
``broken`` are known as the deal runs: they are read for what accrues or is due next, as of the tests of the payment
date before; whatever is planned, sized or filled at closing stands on none of them holding.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.conditions import DATED, Condition, read_condition

if TYPE_CHECKING:
    from supercycle.deals.document.numbers import Number

__all__ = ["Case", "Stated", "branches", "chosen", "dates_of", "resolved"]

Floats = NDArray[np.float64]
Block = TypeVar("Block")


@dataclass(frozen=True, slots=True)
class Case:
    """One of the numbers, and when it counts; the last has no conditions."""

    number: Number
    texts: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()  # read once the whole deal is known

    @property
    def waits(self) -> bool:
        """Whether it depends on how the deal runs."""
        return any(c.kind not in DATED for c in self.conditions)


class Stated(float):
    """A scalar written as such a list: as a float the last of them, and the list itself."""

    number: Number

    @classmethod
    def of(cls, number: Number) -> Stated:
        """The last of the list, which holds where no condition does."""
        found = cls(number.cases[-1].number.value)
        found.number = number
        return found


def _holds(case: Case, points: Floats, sharp: bool) -> NDArray[np.bool_]:
    """Where a case holds if all is well: by days, or (``sharp``) on payment dates."""
    held = np.ones(points.shape, bool)
    for one in case.conditions:
        if one.kind not in DATED:
            now = np.zeros(points.shape, bool)
        else:
            day = one.date.toordinal() if one.date is not None else np.inf
            # A payment date belongs to what ends on it: it is after an ARD, or completed, from the next one on.
            now = points > day if sharp and one.kind != "date" else points >= day
        held &= ~now if one.negated else now
    return held


def chosen(cases: Sequence[Case], points: Floats, *, sharp: bool = False) -> list[NDArray[np.bool_]]:
    """For each case where it is the first that holds, on ordinals of any shape."""
    left = np.ones(points.shape, bool)
    found: list[NDArray[np.bool_]] = []
    for case in cases:
        mine = left & _holds(case, points, sharp)
        left &= ~mine
        found.append(mine)
    return found


def dates_of(cases: Sequence[Case]) -> list[datetime.date]:
    """The days on which another case may begin to hold."""
    return [c.date for case in cases for c in case.conditions if c.date is not None]


def branches(number: Number) -> tuple[Number, dict[tuple[str, ...], Number]]:
    """(the number where no condition of the run holds, by conditions in order the number where they do)."""
    floating = number.floating
    if floating is not None and floating.margin.cases:
        base, found = branches(floating.margin)
        return _with_margin(number, base), {k: _with_margin(number, m) for k, m in found.items()}
    if not any(case.waits for case in number.cases):
        return number, {}
    steady = [case for case in number.cases if not case.waits]
    found = dict[tuple[str, ...], "Number"]()
    for k, case in enumerate(number.cases):
        if case.waits:
            known = tuple(c for c in case.conditions if c.kind in DATED)
            before = [c for c in number.cases[:k] if not c.waits]
            after = [c for c in number.cases[k + 1 :] if not c.waits]
            own = (*before, dataclasses.replace(case, conditions=known), *after)
            found[case.texts] = dataclasses.replace(number, cases=own)
    return dataclasses.replace(number, cases=tuple(steady)), found


def _with_margin(number: Number, margin: Number) -> Number:
    assert number.floating is not None
    return dataclasses.replace(number, floating=dataclasses.replace(number.floating, margin=margin))


def resolved(
    block: Block, tests: tuple[str, ...], ards: dict[str, datetime.date], completion: datetime.date
) -> Block:
    """The block with the conditions of every list read, and the dates of an ARD and of completion put in."""

    def date(one: Condition) -> Condition:
        day = {"ard": ards.get(one.name), "completed": completion}.get(one.kind, one.date)
        return dataclasses.replace(one, date=day)

    def read(case: Case) -> Case:
        where = case.number.where
        found = tuple(date(read_condition(text, tests, tuple(ards), where)) for text in case.texts)
        return dataclasses.replace(case, number=walk(case.number), conditions=found)

    def walk(node: Any) -> Any:
        if isinstance(node, Stated):
            return Stated.of(walk(node.number))
        if isinstance(node, Case):
            return read(node)
        if isinstance(node, tuple):
            items = cast("tuple[Any, ...]", node)
            new = tuple(walk(item) for item in items)
            return new if any(a is not b for a, b in zip(items, new, strict=True)) else items
        if dataclasses.is_dataclass(node) and not isinstance(node, type):
            changed = {
                f.name: new
                for f in dataclasses.fields(node)
                if (new := walk(old := getattr(node, f.name))) is not old
            }
            return dataclasses.replace(cast(Any, node), **changed) if changed else node
        return node

    return cast(Block, walk(block))


def first_of(
    masks: Callable[[tuple[str, ...]], Any], base: Any, found: Sequence[tuple[tuple[str, ...], Any]]
) -> Any:
    """The value of the first branch whose mask is 1, else the base; masks are plain floats or arrays [path]."""
    value = base
    for texts, own in reversed(found):
        held = masks(texts)
        value = (own if held else value) if type(held) is float else held * own + (1 - held) * value
    return value

"""The conditions of waterfall steps as they stand on a payment date, on every path."""

from __future__ import annotations

from typing import Any

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.conditions import Condition, read_condition
from supercycle.deals.document.schema import Deal, Facility, Guarantee, Step
from supercycle.deals.engine.arithmetic import Arithmetic

__all__ = ["Conditions"]


class Conditions:
    """What holds now; the waterfall sets ``locked``, ``default`` and ``broken`` after each date's tests."""

    def __init__(
        self, deal: Deal, periods: Periods, ards: dict[str, int], completion: int, zero: Any, do: Arithmetic
    ) -> None:
        tests = tuple(t.name for t in deal.tests if t.trap)
        said = [(step, step.when) for step in deal.waterfall]
        said += [(f, f.pik_when) for f in deal.facilities] + [(g, g.when) for g in deal.guarantees]
        self._said: dict[int, list[Condition]] = {
            id(block): [read_condition(text, tests, tuple(ards), block.where) for text in texts]
            for block, texts in said
            if texts
        }
        self._ends, self._ards, self._completion, self._do = periods.ends, ards, completion, do
        self._one = zero + 1
        self.locked: Any = 0.0
        self.default: Any = 0.0
        self.broken: dict[str, Any] = dict.fromkeys(tests, 0.0)

    def mask(self, block: Step | Facility | Guarantee, t: int) -> Any:
        """1 where all of a block's conditions hold; a plain float where paths do not differ."""
        held: Any = 1.0
        for one in self._said[id(block)]:
            now = self._now(one, t)
            held = held * (1 - now if one.negated else now)
        return held

    def _now(self, one: Condition, t: int) -> Any:
        if one.kind == "ard":
            return float(t > self._ards[one.name])
        if one.kind == "date":
            assert one.date is not None
            return float(self._ends[t] >= one.date)
        if one.kind == "completed":
            return float(t >= self._completion)
        if one.kind == "broken":
            return self._do.pick(self.broken[one.name] >= one.times, self._one, 0 * self._one)
        return self.locked if one.kind == "locked" else self.default

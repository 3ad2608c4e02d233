"""Cover tests: what is measured on a payment date, and whether cash is trapped or the deal defaults."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Deal, Test
from supercycle.deals.engine.ahead import Ahead
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.sizing import value_ahead
from supercycle.deals.engine.tranche import PAID_OFF
from supercycle.deals.engine.when import Choice

__all__ = ["Covenants"]

Floats = NDArray[np.float64]
NAN, INFINITE = float("nan"), float("inf")


class Covenants:
    """The tests of a deal, with what they must remember from one payment date to the next."""

    def __init__(
        self, deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], ahead: Mapping[str, Ahead],
        choice: Callable[[float], Choice], do: Arithmetic,
    ) -> None:  # fmt: skip
        self._levels = [(choice(t.trap), choice(t.default)) for t in deal.tests]
        self._tests, self._periods, self._do, self._ahead = deal.tests, periods, do, ahead
        longest = max((t.window for t in deal.tests), default=1)
        self._service = {side: deque[Any](maxlen=longest) for side in ("senior", "total")}
        self._locked: list[Any] = [None for _ in deal.tests]
        self._passed: list[Any] = [0.0 for _ in deal.tests]
        self._broken: list[Any] = [0.0 for _ in deal.tests]
        self.below: dict[str, Any] = {t.name: 0.0 for t in deal.tests}  # dates in a row below the trap level
        self._tiny = {
            side: PAID_OFF * sum(p.amount for p in plans if _counts(p, side)) for side in ("senior", "total")
        }
        ends = periods.ends
        # A cover looks at operations alone: backward, once its window is full of them.
        full = [cash.completion + (t.window - 1 if _windowed(t) else 0) for t in deal.tests]
        self._on = [
            [not ((x.from_ and e < x.from_) or (x.until and e > x.until)) for e in ends] for x in deal.tests
        ]
        self._measured = [[t >= first for t in range(len(ends))] for first in full]
        # Cash does not depend on what is paid, so its sums over windows and its worth are reckoned once.
        self._above: list[Any] = [do.rows(self._cash(x, periods, cash, plans)) for x in deal.tests]

    def _cash(self, test: Test, periods: Periods, cash: Cash, plans: Sequence[Plan]) -> Floats:
        """What stands above the line of a ratio: cash of the window, or its worth to maturity or to the end."""
        cfads = cash.cfads
        if test.side == "forward":
            counted = [p.maturity for p in plans if _counts(p, test.debt)]
            cfads = cfads.copy()
            cfads[max(counted, default=0) + 1 :] = 0.0  # cash after the last maturity covers nothing
            total = np.zeros_like(cfads)
            for ahead in range(1, min(test.window, len(cfads)) + 1):
                total[:-ahead] += cfads[ahead:]
            return total
        if test.measure in ("dscr", "debt_yield"):
            total, years = cfads.copy(), periods.years.copy()
            for back in range(1, min(test.window, len(cfads))):
                total[back:] += cfads[:-back]
                years[back:] += periods.years[:-back]
            if test.measure == "dscr":
                return total
            return total / (years[:, None] if total.ndim == 2 else years)
        if test.measure in ("llcr", "plcr"):
            counted = [p for p in plans if _counts(p, test.debt)] or list(plans)
            first = counted[0]
            last = max(p.maturity for p in counted) if test.measure == "llcr" else len(cfads)
            growth = first.rate * (first.fraction[:, None] if first.rate.ndim == 2 else first.fraction)
            return value_ahead(cfads, growth, last)
        return np.zeros(periods.count)

    def judge(
        self, t: int, service: Mapping[str, Any], debt: Mapping[str, Any], value: Any, alive: Any
    ) -> tuple[Any, Any, list[Any]]:
        """Whether cash is trapped, whether a default level is broken beyond its cure, and each measure (nan: n/a).

        ``service`` and ``debt`` are by side, senior and total; ``alive`` is None while every path is.
        """
        do = self._do
        none = debt["total"] < 0
        trapped, failed, measures = none, none, list[Any]()
        for side, due in service.items():
            self._service[side].append(due)
        for k, test in enumerate(self._tests):
            measure: Any = NAN + 0 * debt["total"]
            if self._measured[k][t]:
                measure = self._measure(k, t, debt[test.debt], value)
            measures.append(measure if alive is None else do.pick(alive > 0, measure, NAN))
            if self._locked[k] is None:
                self._locked[k] = none
            if not self._on[k][t]:
                self._locked[k], self._broken[k] = none, 0.0
                self.below[test.name] = 0.0
                continue
            # What cannot be measured (nan) neither passes nor fails; comparisons with nan are false.
            over = test.measure == "ltv"
            if test.trap:
                level = self._levels[k][0].now(t)
                below = (measure > level) if over else (measure < level)
                fine = (measure <= level) if over else (measure >= level)
                if test.cure == 1:
                    lifted = fine
                else:
                    passed = self._passed[k]
                    self._passed[k] = do.pick(fine, passed + 1, do.pick(below, 0.0, passed))
                    lifted = fine & (self._passed[k] >= test.cure)
                self._locked[k] = below | (self._locked[k] & (lifted ^ True))
                count = do.pick(below, self.below[test.name] + 1, 0.0)
                self.below[test.name] = (
                    count if alive is None else count * alive
                )  # a deal that ended breaks nothing
                trapped = trapped | self._locked[k]
            if test.default:
                level = self._levels[k][1].now(t)
                worse = (measure > level) if over else (measure < level)
                self._broken[k] = do.pick(worse, self._broken[k] + 1, 0.0)
                failed = failed | (self._broken[k] > test.cure)
        return trapped, failed, measures

    def _measure(self, k: int, t: int, debt: Any, value: Any) -> Any:
        test = self._tests[k]
        tiny = self._tiny[test.debt]
        if test.measure == "dscr" and test.side == "forward":
            return self._ratio(self._above[k][t], self._ahead[test.name].now(t) + 0 * debt, tiny)
        if test.measure == "dscr":
            due = self._service[test.debt]
            below = due[-1]
            for back in range(2, min(test.window, len(due)) + 1):
                below = below + due[-back]
            return self._ratio(self._above[k][t], below, tiny)
        if test.measure == "ltv":
            return self._loan_to_value(debt, value, tiny)
        return self._ratio(self._above[k][t], debt, tiny)

    def _loan_to_value(self, debt: Any, value: Any, tiny: float) -> Any:
        """Debt / value; infinite where debt stands on nothing, n/a where there is none."""
        do, nothing = self._do, value <= 0
        found = do.pick(nothing, INFINITE, debt / do.pick(nothing, 1.0, value))
        return do.pick(debt <= tiny, NAN, found)

    def _ratio(self, above: Any, below: Any, tiny: float) -> Any:
        """Above / below, n/a (nan) where there is nothing below, or only what rounding left."""
        none = below <= tiny
        if not self._do.some(none):
            return above / below
        return self._do.pick(none, NAN, above / self._do.pick(none, 1.0, below))


def _windowed(test: Test) -> bool:
    return test.measure in ("dscr", "debt_yield") and test.side == "backward"


def _counts(plan: Plan, side: str) -> bool:
    return plan.facility.tested if side == "senior" else not plan.facility.preferred

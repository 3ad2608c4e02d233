"""Cover tests: what is measured on a payment date, and whether cash is trapped or the deal defaults."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic
from supercycle.deals.engine.cashflow import Cash
from supercycle.deals.engine.sizing import value_ahead
from supercycle.deals.engine.tranche import PAID_OFF

__all__ = ["Covenants"]

Floats = NDArray[np.float64]
NAN, INFINITE = float("nan"), float("inf")


class Covenants:
    """The tests of a deal, with what they must remember from one payment date to the next."""

    def __init__(
        self, deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], do: Arithmetic
    ) -> None:
        self._tests, self._periods, self._do = deal.tests, periods, do
        self._service: deque[Any] = deque(maxlen=max((t.window for t in deal.tests), default=1))
        self._locked: list[Any] = [None for _ in deal.tests]
        self._passed: list[Any] = [0.0 for _ in deal.tests]
        self._broken: list[Any] = [0.0 for _ in deal.tests]
        self._tiny = PAID_OFF * sum(p.amount for p in plans if p.facility.tested)
        ends = periods.ends
        self._on = [
            [not ((x.from_ and e < x.from_) or (x.until and e > x.until)) for e in ends] for x in deal.tests
        ]
        # Cash does not depend on what is paid, so its sums over windows and its worth are reckoned once.
        self._above: list[Any] = [do.rows(self._cash(x, periods, cash, plans)) for x in deal.tests]

    def _cash(self, test: Any, periods: Periods, cash: Cash, plans: Sequence[Plan]) -> Floats:
        """What stands above the line of a ratio: cash of the window, or its worth to maturity or to the end."""
        cfads = cash.cfads
        if test.measure in ("dscr", "debt_yield"):
            total = cfads.copy()
            for back in range(1, min(test.window, len(cfads))):
                total[back:] += cfads[:-back]
            if test.measure == "dscr":
                return total
            seen = np.minimum(np.arange(1, len(cfads) + 1), test.window)
            a_year = periods.per_year / seen
            return total * (a_year[:, None] if total.ndim == 2 else a_year)
        if test.measure in ("llcr", "plcr"):
            senior = [p for p in plans if p.facility.tested] or list(plans)
            first = senior[0]
            last = max(p.maturity for p in senior) if test.measure == "llcr" else len(cfads)
            growth = first.rate * (first.fraction[:, None] if first.rate.ndim == 2 else first.fraction)
            return value_ahead(cfads, growth, last)
        return np.zeros(periods.count)

    def judge(self, t: int, service: Any, debt: Any, value: Any, alive: Any) -> tuple[Any, Any, list[Any]]:
        """Whether cash is trapped, whether a default level is broken beyond its cure, and each measure (nan: n/a).

        ``service`` and ``debt`` are the senior debt's, ``alive`` None while every path is.
        """
        do = self._do
        none = debt < 0
        trapped, failed, measures = none, none, list[Any]()
        self._service.append(service)
        for k, test in enumerate(self._tests):
            measure = self._measure(k, t, debt, value)
            measures.append(measure if alive is None else do.pick(alive > 0, measure, NAN))
            if self._locked[k] is None:
                self._locked[k] = none
            if not self._on[k][t]:
                self._locked[k], self._broken[k] = none, 0.0
                continue
            # What cannot be measured (nan) neither passes nor fails; comparisons with nan are false.
            over = test.measure == "ltv"
            if test.trap:
                below = (measure > test.trap) if over else (measure < test.trap)
                fine = (measure <= test.trap) if over else (measure >= test.trap)
                if test.cure == 1:
                    lifted = fine
                else:
                    passed = self._passed[k]
                    self._passed[k] = do.pick(fine, passed + 1, do.pick(below, 0.0, passed))
                    lifted = fine & (self._passed[k] >= test.cure)
                self._locked[k] = below | (self._locked[k] & (lifted ^ True))
                trapped = trapped | self._locked[k]
            if test.default:
                worse = (measure > test.default) if over else (measure < test.default)
                self._broken[k] = do.pick(worse, self._broken[k] + 1, 0.0)
                failed = failed | (self._broken[k] > test.cure)
        return trapped, failed, measures

    def _measure(self, k: int, t: int, debt: Any, value: Any) -> Any:
        test = self._tests[k]
        if test.measure == "dscr":
            below = self._service[-1]
            for back in range(2, min(test.window, len(self._service)) + 1):
                below = below + self._service[-back]
            return self._ratio(self._above[k][t], below)
        if test.measure == "ltv":
            return self._loan_to_value(debt, value)
        return self._ratio(self._above[k][t], debt)

    def _loan_to_value(self, debt: Any, value: Any) -> Any:
        """Debt / value; infinite where debt stands on nothing, n/a where there is none."""
        do, nothing = self._do, value <= 0
        found = do.pick(nothing, INFINITE, debt / do.pick(nothing, 1.0, value))
        return do.pick(debt <= self._tiny, NAN, found)

    def _ratio(self, above: Any, below: Any) -> Any:
        """Above / below, n/a (nan) where there is nothing below, or only what rounding left."""
        none = below <= self._tiny
        if not self._do.some(none):
            return above / below
        return self._do.pick(none, NAN, above / self._do.pick(none, 1.0, below))

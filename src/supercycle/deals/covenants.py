"""Cover tests: what is measured on a payment date, and whether cash is trapped or the deal defaults."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.amortise import Plan
from supercycle.deals.arithmetic import Arithmetic
from supercycle.deals.cashflow import Cash
from supercycle.deals.periods import Periods
from supercycle.deals.schema import Deal

__all__ = ["Covenants", "present_value_ahead"]

Floats = NDArray[np.float64]
NAN = float("nan")


def present_value_ahead(cash: Floats, rates: Floats, maturity: int) -> Floats:
    """PV after each payment date of the cash to come up to maturity: V_t = (cash_t+1 + V_t+1) / (1 + r_t+1).

    >>> present_value_ahead(np.array([0.0, 110.0]), np.array([0.1, 0.1]), 1).round(9).tolist()
    [100.0, 0.0]
    """
    if cash.ndim != rates.ndim:
        cash, rates = (cash[:, None], rates) if cash.ndim == 1 else (cash, rates[:, None])
    worth = np.zeros(np.broadcast_shapes(cash.shape, rates.shape))
    for t in range(min(maturity, len(cash) - 1) - 1, -1, -1):
        worth[t] = (cash[t + 1] + worth[t + 1]) / (1 + rates[t + 1])
    return worth


class Covenants:
    """The tests of a deal, with what they must remember from one payment date to the next."""

    def __init__(
        self, deal: Deal, periods: Periods, cash: Cash, plans: Sequence[Plan], do: Arithmetic
    ) -> None:
        self._deal, self._periods, self._do = deal, periods, do
        self._cash: list[deque[Any]] = [deque(maxlen=t.window) for t in deal.tests]
        self._service: list[deque[Any]] = [deque(maxlen=t.window) for t in deal.tests]
        self._locked: list[Any] = [None for _ in deal.tests]
        self._passed: list[Any] = [0.0 for _ in deal.tests]
        self._broken: list[Any] = [0.0 for _ in deal.tests]
        self._worth: Any = None
        senior = [p for p in plans if p.facility.senior] or list(plans)
        if any(t.measure == "llcr" for t in deal.tests):
            first = senior[0]
            fraction = first.fraction[:, None] if first.rate.ndim == 2 else first.fraction
            last = max(p.maturity for p in senior)
            self._worth = do.rows(present_value_ahead(cash.cfads, first.rate * fraction, last))

    def judge(
        self, t: int, cfads: Any, service: Any, debt: Any, value: Any, alive: Any
    ) -> tuple[Any, Any, list[Any]]:
        """Whether cash is trapped, whether a default level is broken beyond its cure, and each measure (nan: n/a)."""
        do, end = self._do, self._periods.ends[t]
        none = debt < 0
        trapped, failed, measures = none, none, list[Any]()
        for k, test in enumerate(self._deal.tests):
            self._cash[k].append(cfads)
            self._service[k].append(service)
            measure = self._measure(k, t, debt, value)
            measures.append(do.pick(alive, measure, NAN))
            if self._locked[k] is None:
                self._locked[k] = none
            if (test.from_ and end < test.from_) or (test.until and end > test.until):
                self._locked[k], self._broken[k] = none, 0.0
                continue
            # What cannot be measured (nan) neither passes nor fails; comparisons with nan are false.
            over = test.measure == "ltv"
            if test.trap:
                below = (measure > test.trap) if over else (measure < test.trap)
                fine = (measure <= test.trap) if over else (measure >= test.trap)
                self._passed[k] = do.pick(fine, self._passed[k] + 1, do.pick(below, 0.0, self._passed[k]))
                lifted = fine & (self._passed[k] >= test.cure)
                self._locked[k] = below | (self._locked[k] & (lifted ^ True))
                trapped = trapped | self._locked[k]
            if test.default:
                worse = (measure > test.default) if over else (measure < test.default)
                self._broken[k] = do.pick(worse, self._broken[k] + 1, 0.0)
                failed = failed | (self._broken[k] > test.cure)
        return trapped, failed, measures

    def _measure(self, k: int, t: int, debt: Any, value: Any) -> Any:
        test = self._deal.tests[k]
        if test.measure == "dscr":
            return self._ratio(sum(self._cash[k]), sum(self._service[k]))
        if test.measure == "debt_yield":
            a_year = sum(self._cash[k]) * (self._periods.per_year / len(self._cash[k]))
            return self._ratio(a_year, debt)
        if test.measure == "ltv":
            return self._ratio(debt, value)
        return self._ratio(self._worth[t], debt)

    def _ratio(self, above: Any, below: Any) -> Any:
        """Above / below, n/a (nan) where there is nothing below."""
        some = below > 0
        return self._do.pick(some, above / self._do.pick(some, below, 1.0), NAN)

"""Debt service still to come, as planned and brought down to what is still owed: reserve targets, forward cover."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Number, Values
from supercycle.deals.document.schema import Deal, Reserve
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil
from supercycle.deals.engine.swaps import SwapPlan, SwapRun
from supercycle.deals.engine.tranche import Tranche
from supercycle.deals.engine.when import Choice

__all__ = ["Ahead", "Targets", "service_ahead"]

Floats = NDArray[np.float64]


def service_ahead(plan: Plan | SwapPlan, steps: int, begins: int) -> Floats:
    """Planned service of the ``steps`` periods after each payment date; before ``begins`` that of the first from then.

    >>> import types
    >>> service_ahead(types.SimpleNamespace(service=np.array([1.0, 2.0, 4.0, 8.0])), 1, 2).tolist()
    [4.0, 4.0, 8.0, 0.0]
    """
    count = len(plan.service)
    total = np.concatenate([np.zeros_like(plan.service[:1]), np.cumsum(plan.service, axis=0)])
    after = np.maximum(np.arange(1, count + 1), min(begins, count))
    return total[np.minimum(after + steps, count)] - total[after]


class Ahead:
    """Planned service to come of some tranches, times what is still owed of what was planned to be, and of swaps."""

    def __init__(
        self, tranches: Sequence[Tranche], swaps: Sequence[SwapRun], steps: int, begins: int, do: Arithmetic
    ) -> None:
        self._do = do
        self._swaps = [(x, do.rows(service_ahead(x.plan, steps, begins))) for x in swaps]
        self._parts = [
            (x, do.rows(service_ahead(x.plan, steps, begins)), do.rows(x.plan.schedule)) for x in tranches
        ]

    def now(self, t: int) -> Any:
        """The service to come after payment date ``t``, on each path."""
        total: Any = 0.0
        for tranche, ahead, planned in self._parts:
            service, plan = ahead[t], planned[t]
            if is_nil(service):
                continue
            total = total + service * self._share(tranche.balance, plan, tranche.tiny)
        for swap, ahead in self._swaps:
            if not is_nil(ahead[t]):
                total = total + ahead[t] * swap.live
        return total

    def _share(self, balance: Any, plan: Any, tiny: float) -> Any:
        do = self._do
        if type(plan) is float:
            return 1.0 if plan <= tiny else do.low(balance / plan, 1.0)
        some = plan > tiny
        return do.pick(some, do.low(balance / do.pick(some, plan, 1.0), 1.0), 1.0)


class Targets:
    """What each reserve should hold after a payment date: its level and the service of months to come."""

    def __init__(
        self, deal: Deal, periods: Periods, tranches: Mapping[str, Tranche], swaps: Sequence[SwapRun], values: Values,
        completion: int, do: Arithmetic,
    ) -> None:  # fmt: skip
        covered = [x for x in tranches.values() if x.plan.facility.tested and not x.plan.facility.on_demand]
        self._stated: dict[str, Number] = {}
        self._level: dict[str, Choice] = {}
        self._ahead: dict[str, Ahead] = {}
        self._opening: dict[str, float] = {}
        self.last: dict[str, Any] = {}
        for reserve in deal.reserves:
            if reserve.kind == "trap":
                continue
            self._stated[reserve.name] = reserve.target
            steps = reserve.months // periods.months
            if steps:
                self._ahead[reserve.name] = Ahead(covered, swaps, steps, completion, do)
            self._opening[reserve.name] = _opening(
                reserve, periods, values, [*covered, *swaps], steps, completion
            )

    def watch(self, choice: Callable[[float | Number], Choice]) -> None:
        """Targets are levels, of which conditions of the run may choose one."""
        self._level = {name: choice(number) for name, number in self._stated.items()}

    def now(self, name: str, t: int) -> Any:
        """The target on payment date ``t``, kept as the last one that was asked for; 0 for a trap account."""
        if name not in self._level:
            return 0.0
        target = self._level[name].now(t)
        if name in self._ahead:
            target = target + self._ahead[name].now(t)
        self.last[name] = target
        return target

    def opening(self, name: str) -> float:
        """What it is first filled with."""
        return self._opening[name]


def _opening(
    reserve: Reserve,
    periods: Periods,
    values: Values,
    covered: Sequence[Tranche | SwapRun],
    steps: int,
    completion: int,
) -> float:
    """The level on the day it is filled, and the service of the first months of operation (or after closing)."""
    if reserve.funded == "cash":
        return 0.0
    at = 0 if reserve.funded == "closing" else min(completion, periods.count - 1)
    if reserve.target.by_path:
        level = float(np.ravel(reserve.target.on_dates(periods, values)[at])[0])
    else:
        level = reserve.target.at(periods.starts[at])
    first = max(at, min(completion, periods.count))
    return level + sum(float(np.median(x.plan.service[first : first + steps].sum(axis=0))) for x in covered)

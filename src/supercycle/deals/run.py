"""Run a deal: plan it, run its periods on one path or many, check the books, measure what holders get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from supercycle.core.errors import InputError, UnknownNameError
from supercycle.core.returns import Irr, irr
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.numbers import Values
from supercycle.deals.document.schema import Deal
from supercycle.deals.engine.amortise import Plan, plan
from supercycle.deals.engine.arithmetic import ARRAYS, SCALARS
from supercycle.deals.engine.cashflow import Cash, collect
from supercycle.deals.engine.events import Event, event_times, events_of
from supercycle.deals.engine.guarantees import Calls
from supercycle.deals.engine.ledger import Books
from supercycle.deals.engine.parties import Chances, draw_chances, is_random
from supercycle.deals.engine.swaps import SwapPlan, plan_swaps
from supercycle.deals.engine.waterfall import STATES, books_of, run_paths

__all__ = ["Prepared", "Run", "prepare", "run"]

Floats = NDArray[np.float64]
CHUNK = 1024  # paths at a time: a chunk's accounts stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Prepared:
    """A deal on its calendar: all that does not depend on what is paid."""

    deal: Deal
    periods: Periods
    cash: Cash
    plans: tuple[Plan, ...]
    swaps: tuple[SwapPlan, ...]
    paths: int
    values: Values
    events: list[list[tuple[int, Event]]]


@dataclass(frozen=True, slots=True)
class Run:
    """Every period of every path: ``series`` is [name, period, path]; the books have been checked."""

    prepared: Prepared
    books: Books
    series: Floats
    put: Floats  # what owners paid on each dated event [event, path]
    residual: float

    def __getitem__(self, name: str) -> Floats:
        rows = self.books.index()
        if name not in rows:
            raise UnknownNameError("series", name, tuple(rows))
        return self.series[rows[name]]

    @property
    def paths(self) -> int:
        """How many paths were run."""
        return int(self.series.shape[2])

    def flows(self, holder: str) -> tuple[Floats, Floats]:
        """(flows, times) of a facility's lender or of "equity".

        Money put in counts on the day on which it is drawn or paid, money received when the payment date's cash moves.
        """
        ready, ends = self.prepared, self.prepared.periods.times
        if holder == "equity":
            when, period = event_times(ready.events)
            on_dates = self["equity_in"].copy()  # owners also complete interest, on payment dates
            np.subtract.at(on_dates, period, self.put)
            return np.concatenate([-self.put, -on_dates, self["equity_out"]]), np.concatenate(
                [when, ends, ends]
            )
        own = next((p for p in ready.plans if p.facility.name == holder), None)
        if own is None:
            known = ("equity", *(p.facility.name for p in ready.plans))
            raise UnknownNameError("holder", holder, known)
        got = self[f"{holder}.interest"] + self[f"{holder}.principal"]
        paid, when = self.drawn_on(own)
        fees = self[f"{holder}.fees"]
        if own.taken is None:
            paid[0] -= fees[0]
        else:
            paid[-len(fees) :] -= fees
        return np.concatenate([-paid, got]), np.concatenate([when, ends])

    def drawn_on(self, plan: Plan) -> tuple[Floats, Floats]:
        """(what is drawn on each day, its time): the closing, dated draws, and what is drawn on demand by period.

        A dated draw is made on the paths that go on, so it is told from the period's sum by the plan's own shares.
        """
        periods, drawn = self.prepared.periods, self[f"{plan.facility.name}.drawn"]
        times, rows = [0.0], [np.zeros(self.paths)]
        rest = drawn.copy()
        for time, share, period in plan.draw_events:
            planned = float(plan.draws[period])
            part = drawn[period] * (plan.amount * share / planned) if planned > 0 else 0 * drawn[period]
            if plan.facility.on_demand:
                part = 0 * drawn[period]
            times.append(time)
            rows.append(part)
            rest[period] -= part
        # A revolver is drawn on payment dates, a funding note at a period's opening.
        on_dates = plan.facility.kind in ("revolver", "refinancing") or plan.funded is not None
        later = periods.times if on_dates else periods.begins
        return np.concatenate([np.array(rows), rest]), np.concatenate([times, later])

    def rate_of_return(self, holder: str) -> Irr:
        """The holder's IRR by path, effective a year, with status."""
        return irr(*self.flows(holder))

    def loss(self, facility: str) -> Floats:
        """Principal and service unpaid at the end as a share of what was lent, by path; late payment is no loss."""
        lent = self[f"{facility}.drawn"].sum(axis=0) + self[f"{facility}.added"].sum(axis=0)
        left = self[f"{facility}.balance"][-1]
        return np.divide(left, lent, out=np.zeros_like(left), where=lent > 0)

    def state_counts(self) -> dict[str, int]:
        """On how many paths each state was the worst."""
        worst = self["state"].max(axis=0).astype(int)
        return {name: int((worst == k).sum()) for k, name in enumerate(STATES)}


def prepare(
    deal: Deal, values: Mapping[str, ArrayLike] | None = None, *, paths: int | None = None, seed: int = 1,
    draws: bool = True, sizing: Mapping[str, ArrayLike] | None = None,
) -> Prepared:  # fmt: skip
    """Lay a deal on its calendar; ``values`` gives each $world name an array [period] or [period, path].

    On one path parties live and assets have the value written. On many, those with a default probability, a
    volatility or a renewal probability are drawn (unless ``draws`` is off), each path by its own index; ``seed``
    names the set. Sculpted debt is shaped and sized on the values of ``sizing`` (one path), if given. Raises
    InputError with the deal's own line for numbers that do not fit the calendar.
    """
    given, case = _arrays(values), _arrays(sizing)
    widths = {v.shape[1] for v in given.values() if v.ndim == 2 and v.shape[1] != 1}
    if len(widths) > 1:
        raise InputError("world values differ in their number of paths", got=sorted(widths))
    count = widths.pop() if widths else (paths or 1)
    if count < 1 or (paths is not None and paths != count):
        raise InputError("paths do not fit the values", expected=count, got=paths)
    periods = deal.calendar.lay()
    drawn = draws and is_random(deal) and count > 1
    chances = draw_chances(deal, periods, given, count, seed) if drawn else Chances()
    cash = collect(deal, periods, given, chances)
    shape = cash if sizing is None else collect(deal, periods, case, Chances())
    plans = tuple(
        plan(deal, f, periods, cash, given, shape=shape, case=given if sizing is None else case)
        for f in deal.facilities
    )
    if cash.spend.ndim == 2 or any(p.draws.ndim == 2 for p in plans):
        raise InputError("spend and draws that differ by path are not built yet", where=deal.where)
    swaps = plan_swaps(deal, periods, plans, given)
    return Prepared(deal, periods, cash, plans, swaps, count, given, events_of(deal, periods, plans, given))


def _arrays(values: Mapping[str, ArrayLike] | None) -> dict[str, Any]:
    return {k: np.asarray(v, np.float64) for k, v in (values or {}).items()}


def run(
    deal: Deal | Prepared, values: Mapping[str, ArrayLike] | None = None, *, paths: int | None = None,
    seed: int = 1, draws: bool = True, sizing: Mapping[str, ArrayLike] | None = None,
) -> Run:  # fmt: skip
    """Run a deal and check its books (BooksError above 1e-9 of the money moved).

    ``paths`` says how many are drawn where the values do not (see ``prepare``).
    """
    if isinstance(deal, Prepared):
        ready = deal
    else:
        ready = prepare(deal, values, paths=paths, seed=seed, draws=draws, sizing=sizing)
    count = ready.paths
    books = books_of(ready.deal)
    table = np.zeros((ready.periods.count, len(books.sides), count))
    put = np.zeros((sum(len(p) for p in ready.events), count))
    residual = 0.0
    for at in range(0, count, CHUNK):
        part = slice(at, min(at + CHUNK, count))
        cash, plans, swaps, given = (
            (ready.cash, ready.plans, ready.swaps, ready.values) if count <= CHUNK else _columns(ready, part)
        )
        do = SCALARS if count == 1 else ARRAYS
        found = run_paths(
            ready.deal, ready.periods, cash, plans, swaps, given, table[:, :, part], put[:, part], do
        )
        residual = max(residual, found)
    return Run(ready, books, table.swapaxes(0, 1), put, residual)


def _columns(ready: Prepared, part: slice) -> tuple[Cash, tuple[Plan, ...], tuple[SwapPlan, ...], Values]:
    """The prepared arrays of some paths; what is the same on every path stays as it is."""
    import dataclasses

    def cut(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: cut(v) for k, v in cast(dict[str, Any], value).items()}
        if isinstance(value, Calls):
            return block(value)
        if (
            getattr(value, "ndim", 0) == 1
            and value.shape[0] == ready.paths
            and ready.paths != ready.periods.count
        ):
            return value[part]
        wide = getattr(value, "ndim", 0) == 2 and value.shape[1] > 1
        return value[:, part] if wide else value

    def block(whole: Any) -> Any:
        return dataclasses.replace(
            whole, **{f.name: cut(getattr(whole, f.name)) for f in dataclasses.fields(whole)}
        )

    swaps = tuple(block(s) for s in ready.swaps)
    return block(ready.cash), tuple(block(p) for p in ready.plans), swaps, cut(dict(ready.values))

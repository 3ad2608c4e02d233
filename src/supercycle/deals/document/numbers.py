"""A number in a deal: a scalar, a dated curve, a ramp, dated amounts, a floating rate, or a reference to the world.

::

    rate: 6.581 %                                  # a scalar; %, bp are read
    rent: {value: 2460, source: "...", tier: C}    # any number may carry source, tier, judgement, note
    rent: {curve: {2029-01-01: 2460, 2033-01-01: 2700}}        # a level, each held until the next; 0 before
    rent: {ramp: {from: 2029-01-01, to: 2031-01-01, start: 0, end: 2460}}   # straight between two dates
    draws: {amounts: {2026-01-01: 500, 2026-04-01: 700}}       # flows on dates
    draws: {spread: {total: 27300, from: 2025-10-01, to: 2029-01-01}}       # equal flows, one a period
    rate: {base: sofr, reset: term, margin: 225 bp, floor: 0 %, cap: 6 %}   # a floating rate (see ``floating``)
    price: $world.contract_price                   # values are supplied with the run
    rent: {value: 100, moves_with: $world.gpu_hour_price}      # any form, times the world's value over its first
    cost: {curve: {2029-01-01: 2}, times: $world.index:Name}   # any form, times the world's value
    cap: $deal.facilities.notes.amount             # what is written there (resolved by ``read``)
    rate: [{value: 9 %, when: default}, 7 %]       # the first of a list whose conditions hold (see ``cases``)

A rate, a rent or a price is a number a year and counts by days; a value, a target or a threshold is that of the
payment date; an amount is of its date.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.deals.calendar.business import is_business_day
from supercycle.deals.calendar.mesh import Mesh
from supercycle.deals.calendar.paths import plus, times
from supercycle.deals.calendar.periods import Periods
from supercycle.deals.document.cases import Case, chosen, dates_of

__all__ = ["FACTORS", "NUMBER_KINDS", "Floating", "Number", "Values"]

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
BASE_CENTRES = ("sifma",)  # SOFR is published on the market's business days
FACTORS = ("times", "moves_with")
NUMBER_KINDS = ("value", "curve", "ramp", "amounts", "spread", "base")  # "cases" is a list of them


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a deal as written, with where it was written and what it stands on."""

    kind: str
    value: float = 0.0
    points: tuple[tuple[datetime.date, float], ...] = ()
    world: str = ""
    times: str = ""
    moves_with: str = ""
    also: str = ""  # a factor that a stress lays over the number; no file writes it
    floating: Floating | None = None
    cases: tuple[Case, ...] = ()
    where: str = ""
    source: str = ""
    tier: str = ""
    judgement: str = ""

    @property
    def by_path(self) -> bool:
        """Whether the world has a part in it, so that it may differ by path."""
        inside = self.floating is not None and self.floating.base is not None and self.floating.base.by_path
        inside = inside or any(case.number.by_path for case in self.cases)
        return bool(self.world or self.times or self.moves_with or self.also) or inside

    @property
    def fixed(self) -> bool:
        """Whether it is one scalar for ever."""
        return self.kind == "value" and not self.by_path

    def cuts(self) -> list[datetime.date]:
        """The dates on which it may change, for a mesh."""
        if self.kind == "cases":
            return [*dates_of(self.cases), *(d for case in self.cases for d in case.number.cuts())]
        return [d for d, _ in self.points] if self.kind in ("curve", "ramp") else []

    def mean(self, periods: Periods, values: Values) -> Floats:
        """The level of each period, its mean weighted by days: [period] or, from the world, [period, path]."""
        if self.floating is not None:
            return self.floating.mean(periods, values, self.where)
        if self.kind == "value":
            plain = np.full(periods.count, self.value)
        elif self.kind == "world":
            plain = _supplied(self, self.world, periods, values)
        elif self.kind == "cases":
            mesh = Mesh(periods, self.cuts())
            plain = mesh.mean(self._cases_on_mesh(mesh, values))
        else:
            mesh = Mesh(periods, self.cuts())
            plain = mesh.mean(self._shape(mesh.points))
        return self._scaled(plain, periods, values)

    def on_dates(self, periods: Periods, values: Values) -> Floats:
        """The level on each payment date: what a value, a target or a threshold is then."""
        if self.kind == "world":
            return self._scaled(_supplied(self, self.world, periods, values), periods, values)
        days = periods.marks[1:, None].astype(np.float64)
        if self.kind == "cases":
            total = np.zeros(periods.count)
            for case, mine in zip(self.cases, chosen(self.cases, days[:, 0], sharp=True), strict=True):
                if mine.any():
                    total = plus(total, times(mine.astype(float), case.number.on_dates(periods, values)))
            return self._scaled(total, periods, values)
        return self._scaled(self._shape(days, sharp=True)[:, 0], periods, values)

    def at(self, date: datetime.date) -> float:
        """The level on one date, of a number that does not follow the world."""
        return float(self._shape(np.array([[float(date.toordinal())]]), sharp=True)[0, 0])

    def apart(self, periods: Periods, values: Values) -> tuple[Number, Floats | None]:
        """(the number without the world's part, that part by period): their product is the number on any mesh."""
        if not self.by_path or self.floating is not None:
            return self, None
        plain = Number("value", 1.0, where=self.where) if self.kind == "world" else self
        plain = dataclasses.replace(plain, times="", moves_with="", also="")
        part = _supplied(self, self.world, periods, values) if self.kind == "world" else None
        for name, first in self._factors():
            factor = self._factor(name, first, periods, values)
            part = factor if part is None else times(part, factor)
        return plain, part

    def on_mesh(self, mesh: Mesh, values: Values) -> Floats:
        """The level at each piece's start, middle and end: [piece, 3] or [piece, 3, path]."""
        if self.kind == "world":
            plain = _supplied(self, self.world, mesh.periods, values)[mesh.period]
            wide = np.repeat(plain[:, None], 3, axis=1)
        elif self.kind == "cases":
            wide = self._cases_on_mesh(mesh, values)
        else:
            wide = self._shape(mesh.points)
        for name, first in self._factors():
            factor = self._factor(name, first, mesh.periods, values)[mesh.period]
            if factor.ndim == 2:
                wide = (wide[:, :, None] if wide.ndim == 2 else wide) * factor[:, None, :]
            else:
                wide = wide * (factor[:, None] if wide.ndim == 2 else factor[:, None, None])
        return wide

    def _cases_on_mesh(self, mesh: Mesh, values: Values) -> Floats:
        """On each piece the level of the case that holds on its first day."""
        total: Floats = np.zeros(mesh.points.shape)
        for case, mine in zip(self.cases, chosen(self.cases, mesh.points[:, 0]), strict=True):
            if not mine.any():
                continue
            if case.number.floating is not None:
                own = case.number.mean(mesh.periods, values)[mesh.period]
                own = np.repeat(own[:, None], 3, axis=1)
            else:
                own = case.number.on_mesh(mesh, values)
            if own.ndim > total.ndim:
                total = np.broadcast_to(total[:, :, None], own.shape).copy()
            total[mine] = own[mine] if own.ndim == total.ndim else own[mine][:, :, None]
        return total

    def _factors(self) -> list[tuple[str, bool]]:
        named = ((self.times, False), (self.moves_with, True), (self.also, False))
        return [(name, first) for name, first in named if name]

    def _factor(self, name: str, first: bool, periods: Periods, values: Values) -> Floats:
        found = _supplied(self, name, periods, values)
        if not first:
            return found
        if (found[0] == 0).any():
            raise InputError(f"$world.{name} begins at 0, nothing moves with it", where=self.where)
        return found / found[0]

    def _scaled(self, plain: Floats, periods: Periods, values: Values) -> Floats:
        """The product with the world's values, where the number has such a factor."""
        for name, first in self._factors():
            plain = times(plain, self._factor(name, first, periods, values))
        return plain

    def _shape(self, points: Floats, *, sharp: bool = False) -> Floats:
        """The level at ordinals [piece, k]; on a mesh a piece keeps the step on which it starts up to its end."""
        if self.kind == "value":
            return np.full(points.shape, self.value)
        if self.kind == "curve":
            dates = [d.toordinal() for d, _ in self.points]
            held = np.array([0.0, *(v for _, v in self.points)])
            at = points if sharp else np.broadcast_to(points[:, :1], points.shape)
            return held[np.searchsorted(dates, at, side="right")]
        if self.kind == "cases":
            found = np.zeros(points.shape)
            start = points if sharp else np.broadcast_to(points[:, :1], points.shape)
            for case, mine in zip(self.cases, chosen(self.cases, start, sharp=sharp), strict=True):
                if mine.any():
                    found = np.where(mine, case.number._shape(points, sharp=sharp), found)
            return found
        if self.kind == "ramp":
            (first, low), (last, high) = self.points
            return np.interp(points, [first.toordinal(), last.toordinal()], [low, high])
        raise InputError(
            f"{self.kind} is a flow, a level is wanted", expected="value, curve or ramp", where=self.where
        )

    def dated(
        self, periods: Periods, values: Values, basis: str = "30/360", *, moved: bool = False
    ) -> tuple[Floats, Floats]:
        """The flow of each period, and the flow times the years from its date to the period's end."""
        if self.kind == "world":
            found = self._scaled(_supplied(self, self.world, periods, values), periods, values)
            return found, times(found, periods.fractions(basis, moved=moved))
        total, weighted = np.zeros(periods.count), np.zeros(periods.count)
        for date, amount in self.events(periods):
            at = periods.index(date)
            assert at is not None
            total[at] += amount
            weighted[at] += amount * periods.to_end_of_period(date, basis, moved=moved)
        return self._scaled(total, periods, values), self._scaled(weighted, periods, values)

    def flow(self, periods: Periods, values: Values) -> Floats:
        """The money that falls into each period: amounts on their dates, a spread in equal parts."""
        return self.dated(periods, values)[0]

    def payments(self, periods: Periods, values: Values, what: str) -> Floats:
        """Sums due on payment dates; a date that is none is refused."""
        if self.kind != "amounts":
            raise InputError(f"{what} is due on dates", expected="amounts", got=self.kind, where=self.where)
        total = np.zeros(periods.count)
        for date, amount in self.points:
            total[periods.paying(date, what, self.where)] += amount
        return self._scaled(total, periods, values)

    def events(self, periods: Periods) -> list[tuple[datetime.date, float]]:
        """(date, amount) of each flow within the calendar; one outside is refused."""
        if self.kind == "amounts":
            found = list(self.points)
        elif self.kind == "spread":
            (first, total), (last, _) = self.points
            for date in (first, last):
                if date not in periods.edges:
                    at = bisect.bisect_left(periods.edges, date)
                    near = [str(e) for e in periods.edges[max(at - 1, 0) : at + 1]]
                    raise InputError(
                        "a spread runs from period to period", expected=" or ".join(near), got=date,
                        where=self.where, hint="Or write the amounts on their dates.",
                    )  # fmt: skip
            dates = [s for s in periods.starts if first <= s < last]
            found = [(d, total / len(dates)) for d in dates]
        elif self.kind == "value":
            found = [(periods.starts[0], self.value)] if self.value else []
        else:
            raise InputError(
                f"{self.kind} is a level, a flow is wanted", expected="amounts, spread or a sum",
                where=self.where,
            )  # fmt: skip
        for date, _ in found:
            if periods.index(date) is None:
                raise InputError(
                    "an amount falls outside the calendar",
                    expected=f"a date from {periods.starts[0]} to before {periods.ends[-1]}",
                    got=date,
                    where=self.where,
                )
        return found


@dataclass(frozen=True, slots=True)
class Floating:
    """A floating rate: base + margin, the base floored, the whole capped.

    ``reset`` term: the base of a period's first day, known in advance; where the curve is of overnight rates
    (``overnight``), the rate of the period that they compound to. daily_simple: the mean of daily fixings.
    daily_compounded: fixings compounded over days (ACT/360). Both in arrears, each day's fixing that of ``lookback``
    business days before, weighted by the day itself (no observation shift). Floors apply to each fixing.
    """

    base: Number | None
    margin: Number
    reset: str
    floor: float | None = None
    cap: float | None = None
    overnight: bool = False
    lookback: int = 0

    def base_rate(self, periods: Periods, values: Values, where: str) -> Floats:
        """The floored base of each period: [period] or [period, path]."""
        base = self.base
        assert base is not None
        if base.by_path:
            if self.reset != "daily_simple":
                raise InputError(
                    "a base from the world is a mean of its period", expected="reset: daily_simple",
                    got=self.reset, where=where,
                )  # fmt: skip
            return self._floored(base.mean(periods, values))
        if self.reset == "term" and not self.overnight:
            starts = np.array([[float(s.toordinal())] for s in periods.starts])
            return self._floored(base._shape(starts, sharp=True)[:, 0])  # pyright: ignore[reportPrivateUsage]
        term = self.reset == "term"
        edges = np.array([d.toordinal() for d in periods.edges])
        fixed, daily = self._fixings(base, int(edges[0]), int(edges[-1]), where)
        daily = daily if term else self._floored(daily)
        first, counts = edges[:-1] - edges[0], np.diff(edges)
        if self.reset == "daily_simple":
            return np.add.reduceat(daily, first) / counts
        fixed[first] = True
        begins = np.flatnonzero(fixed)
        held = np.diff(np.append(begins, len(daily)))
        growth = np.zeros(len(daily))
        growth[begins] = np.log1p(daily[begins] * held / 360)
        compounded = np.expm1(np.add.reduceat(growth, first)) * 360 / counts
        return self._floored(compounded) if term else compounded

    def _fixings(self, base: Number, start: int, end: int, where: str) -> tuple[NDArray[np.bool_], Floats]:
        """(whether each day has a fixing, the fixing that it takes): a business day's holds until the next one.

        With a lookback it is that of so many business days before.
        """
        margin = 2 * self.lookback + 10 if self.lookback else 0  # weekends and holidays among them
        days: NDArray[np.int64] = np.arange(start - margin, end, dtype=np.int64)
        fixed = np.array([is_business_day(datetime.date.fromordinal(int(d)), BASE_CENTRES) for d in days])
        taken = np.maximum.accumulate(np.where(fixed, np.arange(len(days)), 0))
        if self.lookback:
            nth = np.cumsum(fixed) - 1
            taken = np.flatnonzero(fixed)[np.maximum(nth[taken] - self.lookback, 0)]
        source = days[taken[margin:]]
        if base.kind == "curve" and base.points[0][0].toordinal() > source[0]:
            raise InputError(
                "the base rate has no level when it is first looked back to",
                expected=f"a level on {datetime.date.fromordinal(int(source[0]))}", got=base.points[0][0],
                where=base.where or where,
            )  # fmt: skip
        level = base._shape(source[:, None].astype(float), sharp=True)[:, 0]  # pyright: ignore[reportPrivateUsage]
        return fixed[margin:].copy(), level

    def _floored(self, base: Floats) -> Floats:
        return base if self.floor is None else np.maximum(base, self.floor)

    def mean(self, periods: Periods, values: Values, where: str) -> Floats:
        """The rate of each period."""
        base, margin = self.base_rate(periods, values, where), self.margin.mean(periods, values)
        whole = base + (margin[:, None] if base.ndim == 2 and margin.ndim == 1 else margin)
        return whole if self.cap is None else np.minimum(whole, self.cap)


def _supplied(number: Number, name: str, periods: Periods, values: Values) -> Floats:
    if name not in values:
        raise InputError(
            f"no values for $world.{name}",
            expected="values supplied with the run",
            where=number.where,
            hint="Give --world RESULT or --preset NAME, or values={name: array[period, path]} in Python.",
        )
    found = np.asarray(values[name], np.float64)
    if found.shape[0] != periods.count or found.ndim > 2 or not np.isfinite(found).all():
        raise InputError(
            f"bad values for $world.{name}",
            expected=f"finite numbers [{periods.count} periods, path]",
            got=f"shape {found.shape}",
            where=number.where,
        )
    return found

"""What is owed to one lender, or to preferred owners, from one payment date to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from supercycle.deals.document.cases import Stated
from supercycle.deals.document.numbers import Number
from supercycle.deals.engine.amortise import Plan
from supercycle.deals.engine.arithmetic import Arithmetic, is_nil
from supercycle.deals.engine.when import Choice, Conditions

__all__ = ["PAID_OFF", "TRANCHE_SERIES", "Tranche"]

Floats = NDArray[np.float64]
PAID_OFF = 1e-9  # of the commitment: less is rounding, not debt
TRANCHE_SERIES = {"drawn": "source", "added": "info", "fees": "use", "interest": "use", "principal": "use",
                  "balance": "info", "due": "info", "unpaid": "info"}  # fmt: skip


class Tranche:
    """Balance and arrears of a facility on every path; a plain 0.0 stands for nothing on any path."""

    __slots__ = (
        "_added",
        "_available",
        "_can",
        "_ceiling",
        "_do",
        "_drawn",
        "_falls",
        "_fees",
        "_fraction",
        "_growth",
        "_interest",
        "_late",
        "_late_rate",
        "_paid",
        "_pays",
        "_pik",
        "_plain",
        "_principal",
        "_rates",
        "_rows",
        "_share",
        "_undrawn",
        "_years",
        "accrued",
        "balance",
        "draws",
        "due",
        "late_additional",
        "late_interest",
        "late_principal",
        "plan",
        "tiny",
    )  # fmt: skip

    def __init__(self, plan: Plan, rows: Mapping[str, int], do: Arithmetic) -> None:
        facility = plan.facility
        self.plan, self._do = plan, do
        self._rows = [rows[f"{facility.name}.{name}"] for name in TRANCHE_SERIES]
        self._growth, self._years = self._rated(plan.rate)
        self._share = do.rows(plan.share)
        self._rates: list[Choice] = []
        self._late: Choice | None = None
        self._paid, self._ceiling = do.rows(plan.paid), do.rows(plan.ceiling)
        self._undrawn, self._pik = plan.undrawn.tolist(), plan.pik.tolist()
        self._pays = plan.pays_interest.tolist()
        self._available, self._fraction = plan.available.tolist(), plan.fraction.tolist()
        # A revolver is drawn on payment dates, a funding note at a period's opening.
        whole = facility.kind == "revolver"
        self._can = [share >= 1 if whole else share > 0 for share in self._available]
        self._late_rate = facility.late_rate
        planned = plan.paid != 0
        bounded = np.isfinite(plan.ceiling) | (planned[:, None] if plan.ceiling.ndim == 2 else planned)
        self._plain = (~(bounded.any(axis=1) if bounded.ndim == 2 else bounded)).tolist()
        self.draws: list[float] = plan.draws.tolist()
        self.tiny = PAID_OFF * plan.amount
        self.balance: Any = 0.0
        self.accrued: Any = 0.0  # interest and fees that run but are not due before the next interest date
        self.late_interest: Any = 0.0
        self.late_additional: Any = 0.0  # interest that runs beside it after an ARD
        self.late_principal: Any = 0.0
        self.due: Any = 0.0
        self._falls: Any = 0.0  # the principal in it
        self._drawn = self._added = self._fees = self._interest = self._principal = 0.0

    def watch(self, conditions: Conditions, choice: Callable[[float | Number], Choice]) -> None:
        """Rates of which conditions of the run choose one."""
        facility = self.plan.facility
        if isinstance(facility.late_rate, Stated):
            self._late = choice(facility.late_rate)
        if self.plan.rates:
            found = {texts: self._rated(rate) for texts, rate in self.plan.rates.items()}
            base = found.pop(())
            self._rates = [
                Choice(base[k], {texts: rows[k] for texts, rows in found.items()}, conditions, by_days=True)
                for k in range(2)
            ]

    def _rated(self, rate: Floats) -> tuple[list[Any], list[Any]]:
        """(interest of each period on one unit owed throughout, on one unit drawn within it)."""
        plan, do, wide = self.plan, self._do, rate.ndim == 2
        return (
            do.rows(rate * (plan.fraction[:, None] if wide else plan.fraction)),
            do.rows(rate * (plan.draw_years[:, None] if wide else plan.draw_years)),
        )

    def draw(self, t: int, alive: Any) -> Any:
        """The draw on a date in the period; ``alive`` is None while every path is."""
        drawn: Any = self.draws[t]
        self._drawn = drawn if alive is None or not drawn else drawn * alive
        self._added = self._interest = self._principal = self._fees = 0.0
        return self._drawn

    def headroom(self, t: int) -> Any:
        """What may still be drawn on demand: below the commitment and below the borrowing base."""
        if not self._can[t]:
            return 0.0
        most = self.plan.amount if self._plain[t] else self._do.low(self.plan.amount, self._ceiling[t])
        return self._do.high(most - self.balance, 0.0)

    def draw_more(self, drawn: Any) -> None:
        """A draw on a payment date; it bears interest from then on."""
        self._drawn = self._drawn + drawn
        self.balance = self.balance + drawn

    def charge(self, fee: Any) -> None:
        """The fee at closing, paid from the construction account."""
        self._fees = fee

    def charge_more(self, fee: Any) -> None:
        """A fee that is lent with a draw."""
        self._fees = self._fees + fee

    def accrue(self, t: int, demanded: Any, weighted: Any, alive: Any, toggle: Any = None) -> None:
        """Interest and scheduled principal of the period, on the opening balance, draws and what is drawn at once.

        ``toggle`` is 1 where the interest of the date is added to the balance.
        ``weighted`` is what is drawn on demand times the share of the period from then on.
        """
        do, balance, growth, years = self._do, self.balance, self._growth[t], self._years[t]
        if self._rates:
            growth, years = (rate.now(t) for rate in self._rates)
        facility = self.plan.facility
        if facility.additional_rate and self.plan.ard is not None and t > self.plan.ard:
            self.late_additional = (
                self.late_additional + facility.additional_rate * self._fraction[t] * balance
            )
        idle = all(is_nil(x) for x in (balance, self._drawn, demanded, self.late_interest, self.accrued))
        if idle and not self.plan.facility.undrawn_fee:
            self.due = self._falls = 0.0
            return
        accrued = growth * balance
        if self.draws[t]:
            accrued = accrued + years
        if not is_nil(demanded):
            accrued = accrued + growth * weighted
        if self._late_rate or self._late is not None:
            late = self._late_rate if self._late is None else self._late.now(t)
            accrued = accrued + late * self._fraction[t] * self.late_interest
        fee: Any = self._undrawn[t]
        if self.plan.facility.on_demand and self.plan.facility.undrawn_fee and self._available[t]:
            # What is drawn within the period is undrawn until then.
            open_still = do.high(self.plan.amount - balance - weighted, 0.0)
            fee = self.plan.facility.undrawn_fee * self._fraction[t] * self._available[t] * open_still
        if alive is not None:
            accrued, fee = accrued * alive, fee * alive
        if not is_nil(self._drawn):
            balance = balance + self._drawn
        if not is_nil(demanded):
            balance, self._drawn = balance + demanded, self._drawn + demanded
        if not is_nil(self.accrued):
            accrued = accrued + self.accrued
        cost: Any
        if not self._pays[t]:
            self.accrued, cost = accrued if self._pik[t] else accrued + fee, fee if self._pik[t] else 0.0
        elif toggle is not None:
            more = accrued * toggle
            balance, self._added, self.accrued, cost = balance + more, more, 0.0, accrued - more + fee
        elif self._pik[t]:
            balance, self._added, self.accrued, cost = balance + accrued, accrued, 0.0, fee
        else:
            self.accrued, cost = 0.0, accrued if is_nil(fee) else accrued + fee
        self.balance = balance
        sound = balance if is_nil(self.late_principal) else balance - self.late_principal
        due = sound
        if t < self.plan.maturity:
            share = self._share[t]
            if self._plain[t]:
                due = 0.0 if is_nil(share) else share * sound
            else:
                due = do.high(share * sound + self._paid[t], sound - self._ceiling[t])
                due = do.low(do.high(due, 0.0), sound)
        self.due, self._falls = cost + due, due
        self.late_interest = cost if is_nil(self.late_interest) else self.late_interest + cost
        if not is_nil(due):
            self.late_principal = due if is_nil(self.late_principal) else self.late_principal + due

    def fall_due(self, where: Any) -> None:
        """Interest that runs falls due where the deal ends before its date."""
        if not is_nil(self.accrued):
            now = self.accrued * where
            self.accrued, self.late_interest = self.accrued - now, self.late_interest + now
            self.due = self.due + now

    def owed(self, what: str) -> Any:
        """What a pay step has to pay: this period's and what is late."""
        if what == "additional":
            return self.late_additional
        return self.late_interest if what == "interest" else self.late_principal

    def take(self, what: str, paid: Any) -> None:
        """Cash received for interest or scheduled principal."""
        if what == "additional":
            self._interest = self._interest + paid
            self.late_additional = self.late_additional - paid
        elif what == "interest":
            self._interest = paid if is_nil(self._interest) else self._interest + paid
            self.late_interest = self.late_interest - paid
        else:
            self._principal = paid if is_nil(self._principal) else self._principal + paid
            self.late_principal = self.late_principal - paid
            self.balance = self.balance - paid

    def prepay(self, paid: Any) -> None:
        """Principal beyond the schedule; it settles what is late first."""
        self._principal = self._principal + paid
        self.balance = self.balance - paid
        if not is_nil(self.late_principal):
            self.late_principal = self._do.high(self.late_principal - paid, 0.0)

    def refinance(self, paid: Any) -> None:
        """Principal that new debt repays; what of it falls due on the date is no service of the borrower's cash."""
        self.prepay(paid)
        if not is_nil(self._falls):
            left = self._do.low(self.late_principal, self._falls)
            self.due, self._falls = self.due - self._falls + left, left

    def call(self, where: Any) -> None:
        """All of it falls due where ``where`` is 1."""
        self.late_principal = self._do.pick(where > 0, self.balance, self.late_principal)

    def compound(self) -> None:
        """A return that was not paid is added to the balance."""
        self._added = self._added + self.late_interest
        self.balance = self.balance + self.late_interest
        self.late_interest = 0.0

    def close(self, line: Any) -> None:
        """Record the period: drawn, added, fees, interest, principal, balance, due, unpaid."""
        unpaid = self.late_interest + self.late_principal
        for row, value in zip(
            self._rows,
            (
                self._drawn,
                self._added,
                self._fees,
                self._interest,
                self._principal,
                self.balance,
                self.due,
                unpaid,
            ),
            strict=True,
        ):
            if type(value) is not float or value:  # is_nil, written out where it is asked most
                line[row] = value

"""Lease or borrow and buy: the net advantage to leasing.

A lease displaces debt, so its flows are discounted at the after-tax cost of that debt; the residual value, which the
lessee gives up, carries the asset's risk and its own rate. These two rates belong to this comparison and to no other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from supercycle.core.errors import InputError
from supercycle.decisions.money.tax import tax_schedule

__all__ = ["Lease", "break_even_rent", "lessor_return", "net_advantage_to_leasing"]


@dataclass(frozen=True, slots=True)
class Lease:
    """Yearly ``rents`` in advance for an asset of ``capital``, whose residual the lessor keeps."""

    capital: float
    rents: tuple[float, ...]
    residual: float


def net_advantage_to_leasing(
    lease: Lease,
    *,
    tax_rate: float,
    debt_rate: float,
    residual_rate: float,
    rule: str,
    tax_life_years: int = 5,
) -> float:
    """What leasing is worth over buying with the debt it displaces; positive favours the lease.

    ``capital - sum(rent_t (1 - tax) / (1 + rd) ** t, t = 0..n-1) - sum(tax dep_t / (1 + rd) ** t, t = 1..n)
    - (residual after tax) / (1 + rr) ** n`` with rd = debt rate (1 - tax).
    Limits: no tax and a rent whose present value at the debt rate is capital less residual gives 0.
    Errors: InputError without rents.
    Source: Myers, Dill and Bautista, Valuation of financial lease contracts, Journal of Finance 31(3), 1976.

    >>> lease = Lease(capital=210.0, rents=(110.0, 110.0), residual=0.0)
    >>> round(net_advantage_to_leasing(lease, tax_rate=0.0, debt_rate=0.10, residual_rate=0.10, rule="bonus"), 9)
    0.0
    """
    if not lease.rents:
        raise InputError("a lease without rents", expected="one rent a year")
    years = len(lease.rents)
    rate = debt_rate * (1 - tax_rate)
    at = np.arange(years, dtype=np.float64)
    rents = float(np.array(lease.rents) * (1 - tax_rate) @ (1 + rate) ** -at)
    deducted = _deducted(lease.capital, years, rule, tax_life_years)
    shields = float(tax_rate * deducted @ (1 + rate) ** -(at + 1))
    basis = lease.capital - float(deducted.sum())
    residual = lease.residual - tax_rate * (lease.residual - basis)
    return lease.capital - rents - shields - residual * (1 + residual_rate) ** -float(years)


def break_even_rent(
    lease: Lease,
    *,
    tax_rate: float,
    debt_rate: float,
    residual_rate: float,
    rule: str,
    tax_life_years: int = 5,
) -> float:
    """The level yearly rent at which leasing and buying are equal; put back, its advantage is 0."""
    years = len(lease.rents)

    def worth(rent: float) -> float:
        return net_advantage_to_leasing(
            Lease(lease.capital, (rent,) * years, lease.residual),
            tax_rate=tax_rate,
            debt_rate=debt_rate,
            residual_rate=residual_rate,
            rule=rule,
            tax_life_years=tax_life_years,
        )

    free = worth(0.0)  # linear in the rent
    return free / (free - worth(1.0))


def lessor_return(lease: Lease) -> float:
    """The return a year, before tax, of a lessor who pays the capital, gets rents in advance and keeps the residual.

    The rate at which ``capital = sum(rent_t / (1 + r) ** t, t = 0..n-1) + residual / (1 + r) ** n``. Limits: rents and
    residual that sum to the capital return 0; less is a loss.
    Errors: InputError for a first rent of the capital or more: nothing is lent then.

    >>> round(lessor_return(Lease(100.0, (60.0, 60.0), 0.0)), 9)
    0.5
    """
    if not lease.rents or not 0 < lease.rents[0] < lease.capital:
        raise InputError("a lessor's return", expected="rents below the capital", got=f"{lease.rents[:1]}")
    low, high = -0.999, 100.0
    for _ in range(200):
        middle = (low + high) / 2
        paid = sum(rent / (1 + middle) ** t for t, rent in enumerate(lease.rents))
        paid += lease.residual / (1 + middle) ** len(lease.rents)
        low, high = (middle, high) if paid > lease.capital else (low, middle)
    return (low + high) / 2


def _deducted(capital: float, years: int, rule: str, tax_life_years: int) -> NDArray[np.float64]:
    found = np.zeros(years)
    schedule = tax_schedule(rule, tax_life_years)[:years]
    found[: len(schedule)] = schedule
    return capital * found
